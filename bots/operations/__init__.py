"""Operators' tools: checks, backups, benchmarks."""
