"""The engine's effects and how their parameters are shown and read."""
