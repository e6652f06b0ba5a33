"""The pages and actions for admins, on Discord."""
