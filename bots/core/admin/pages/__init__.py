"""What a page and an action are, on every surface."""
