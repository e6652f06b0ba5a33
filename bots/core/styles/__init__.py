"""The available styles, searching them, and recipes made from them."""
