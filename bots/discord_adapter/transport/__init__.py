"""Discord itself: the connection, posting, files, the cache."""
