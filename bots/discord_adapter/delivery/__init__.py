"""Sends results and statuses."""
