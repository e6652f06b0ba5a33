"""Converts pictures for Telegram."""

import io
from typing import Final

from PIL import Image

# Telegram shows photos no larger than this.
_SHOWN_SIDE_PX: Final = 2560


def shown(image: bytes) -> bytes:
    """A picture from the engine as a photo of the size that Telegram shows."""
    with Image.open(io.BytesIO(image)) as opened:
        small = opened.convert("RGB")
    small.thumbnail((_SHOWN_SIDE_PX, _SHOWN_SIDE_PX))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=92)
    return file.getvalue()
