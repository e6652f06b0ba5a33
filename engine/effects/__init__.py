"""What can be done to a picture, as data."""
