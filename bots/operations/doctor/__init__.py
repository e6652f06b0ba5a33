"""`stylebot doctor`: finds problems before users do."""
