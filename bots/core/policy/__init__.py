"""Settings of the whole bot, and who may use it."""
