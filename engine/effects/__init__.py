"""What can be done to a picture: one file an effect, one line of registration in `registry`."""
