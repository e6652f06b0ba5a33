"""What the bots do, on whatever platform."""
