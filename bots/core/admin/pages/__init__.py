"""Types of pages and actions, for every surface."""
