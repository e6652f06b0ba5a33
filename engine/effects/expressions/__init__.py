"""Expressions of faces: a mean face, how it moves, what is painted in an opening mouth."""
