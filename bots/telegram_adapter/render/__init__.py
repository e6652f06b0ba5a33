"""Buttons and what they carry."""
