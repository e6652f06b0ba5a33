"""The effects: one file for each kind, one line of registration each in `registry`."""
