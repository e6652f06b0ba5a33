"""A person's data: preferences, history, export and deletion."""
