"""Access to Discord: the connection, messages, files, the cache."""
