"""The bytes of a painted style's code: its vector, and the offsets of a refined one.

An encoder computes a vector, or training learns one for a named style. Refining adds offsets to the
vector's modulation. There are thousands of small offsets, and a code is part of URLs, which servers
and proxies commonly limit to 8 KB. So each offset is one byte, a multiple of a step that is stored
before them.
"""

from typing import Final

import numpy as np
import torch
from torch import Tensor

_LEVELS: Final = 127


def pack(vector: Tensor, offsets: Tensor | None = None) -> bytes:
    """Bytes of a style; only the vector if there are no offsets.

    Args:
        vector: (style_dim,), kept exactly.
        offsets: (modulation_dim,), rounded to 255 levels between minus and plus the largest
            absolute value.
    """
    head = vector.cpu().numpy().astype("<f4").tobytes()
    if offsets is None or not offsets.any():
        return head
    step = offsets.abs().max() / _LEVELS
    counts = (offsets / step).round().to(torch.int8)
    return head + step.cpu().numpy().astype("<f4").tobytes() + counts.cpu().numpy().tobytes()


def unpack(data: bytes, style_dim: int, modulation_dim: int) -> tuple[Tensor, Tensor]:
    """The reverse of `pack`: (style_dim,) and (modulation_dim,), float32.

    Raises:
        ValueError: the bytes are not a style of these sizes.
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
