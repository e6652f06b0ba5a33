"""The studio: the bot in a browser, with no account."""
