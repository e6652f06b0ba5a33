"""The routes for the admin."""
