"""The bots: what they do, and how they speak to each platform."""
