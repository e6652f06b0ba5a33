"""What happens upon a command, a message, a button or a menu."""
