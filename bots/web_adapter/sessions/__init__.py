"""Sessions of visitors and of the admin."""
