"""Sends results, statuses and hints."""
