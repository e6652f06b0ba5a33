"""Views and actions, by subject."""
