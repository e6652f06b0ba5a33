"""What is kept of a person: preferences, history, and how it is deleted."""
