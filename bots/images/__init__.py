"""Picture processing outside the engine."""
