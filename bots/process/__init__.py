"""The bot process: startup, services from settings, log and metrics."""
