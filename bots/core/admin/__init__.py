"""The admin's views, actions and use cases, for all surfaces."""
