"""Shared by all use cases."""
