"""Folding of names for comparison."""

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=10_000)
def folded(name: str) -> str:
    """A name for comparison: only letters and digits, in one case and without accents."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    return "".join(letter for letter in plain if letter.isalnum())
