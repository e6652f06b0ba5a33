"""Admins' use cases."""
