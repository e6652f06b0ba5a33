"""What every use case needs."""
