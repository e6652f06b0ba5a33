"""What is in a picture: faces, people. One file for each analyzer, and the registry."""
