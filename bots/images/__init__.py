"""What is done to pictures outside the engine."""
