"""The routes for visitors."""
