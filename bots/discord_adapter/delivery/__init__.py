"""What goes out: results and statuses."""
