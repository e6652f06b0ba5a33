"""The bots' texts, in every language."""
