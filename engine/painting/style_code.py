"""The bytes of a painted style's code: its vector, and the offsets of one that was refined.

A vector is what an encoder reads, and what training learns for a named style. Refining adds offsets
to what the vector sets in the generator. There are thousands of them, they are small, and a code
travels in URLs, of which servers and proxies commonly take 8 KB: so each is one byte, a multiple of
a step that goes before them.
"""

from typing import Final

import numpy as np
import torch
from torch import Tensor

_LEVELS: Final = 127


def pack(vector: Tensor, offsets: Tensor | None = None) -> bytes:
    """Bytes of a style; the vector alone where no offset is set.

    Args:
        vector: (style_dim,), kept exactly.
        offsets: (modulation_dim,), rounded to 255 levels from the largest one's negative to the
            largest.
    """
    head = vector.cpu().numpy().astype("<f4").tobytes()
    if offsets is None or not offsets.any():
        return head
    step = offsets.abs().max() / _LEVELS
    counts = (offsets / step).round().to(torch.int8)
    return head + step.cpu().numpy().astype("<f4").tobytes() + counts.cpu().numpy().tobytes()


def unpack(data: bytes, style_dim: int, modulation_dim: int) -> tuple[Tensor, Tensor]:
    """The other way round: (style_dim,) and (modulation_dim,), float32.

    Raises:
        ValueError: the bytes are no style of these sizes.
    """
    head = 4 * style_dim
    if len(data) not in (head, head + 4 + modulation_dim):
        raise ValueError(f"A style does not have {len(data)} bytes.")
    vector = torch.from_numpy(np.frombuffer(data, "<f4", style_dim).copy())
    if len(data) == head:
        return vector, torch.zeros(modulation_dim)
    step = np.frombuffer(data, "<f4", 1, head)
    counts = np.frombuffer(data, "i1", modulation_dim, head + 4)
    return vector, torch.from_numpy(counts * step)
