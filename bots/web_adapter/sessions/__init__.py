"""Who a browser is: a visitor, or the admin."""
