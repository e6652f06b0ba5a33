"""Handlers of messages, buttons and inline queries."""
