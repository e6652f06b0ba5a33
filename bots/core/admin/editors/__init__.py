"""Views and actions, by what they are about."""
