"""Small pictures for pages."""
