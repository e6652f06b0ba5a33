"""Handlers of commands, messages, buttons and menus."""
