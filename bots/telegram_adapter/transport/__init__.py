"""Telegram itself: sending within its limits, receiving, finding what got lost."""
