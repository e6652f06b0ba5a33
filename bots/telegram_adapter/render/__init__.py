"""Buttons and their data."""
