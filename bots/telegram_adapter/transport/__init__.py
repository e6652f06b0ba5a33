"""Access to Telegram: rate limits, updates, recovery of lost answers."""
