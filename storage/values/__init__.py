"""What the store takes and gives: plain frozen values, with nothing of a database about them."""
