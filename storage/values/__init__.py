"""Frozen value types that the store takes and returns, independent of the database."""
