"""Which styles there are, how they are found, and the recipes made of them."""
