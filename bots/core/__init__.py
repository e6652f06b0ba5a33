"""The bots' use cases, for all platforms."""
