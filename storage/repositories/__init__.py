"""One module per kind of stored data."""
