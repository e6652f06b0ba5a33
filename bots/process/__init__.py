"""The process that runs the bots: start, settings to services, log, figures."""
