"""What admins may do, whatever it looks like."""
