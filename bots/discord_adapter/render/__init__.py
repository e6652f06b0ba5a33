"""Rendering of messages."""
