"""`stylebot doctor`: what an operator should know before people do."""
