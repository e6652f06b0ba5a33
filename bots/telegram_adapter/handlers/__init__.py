"""What happens upon a message, a button or an inline query."""
