"""What travels between a bot and the engine; needs nothing but the standard library."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StyleCode:
    """A style as the engine understands it, to be kept and carried by those who do not.

    Attributes:
        checkpoint: Id of the checkpoint that made the code; only that one can paint with it.
        data: The style vector's bytes. Opaque: only the engine opens them.
    """

    checkpoint: str
    data: bytes
