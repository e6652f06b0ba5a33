"""What admins decided for the whole bot, and who may use it."""
