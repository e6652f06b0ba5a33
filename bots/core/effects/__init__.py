"""The engine's effects, and controls for their parameters."""
