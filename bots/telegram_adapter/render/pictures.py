"""Pictures as Telegram shows them."""

import io
from typing import Final

from PIL import Image

# Telegram shows photos no larger.
_SHOWN_SIDE_PX: Final = 2560


def shown(image: bytes) -> bytes:
    """A picture the engine wrote, as a photo of the size that Telegram shows."""
    with Image.open(io.BytesIO(image)) as opened:
        small = opened.convert("RGB")
    small.thumbnail((_SHOWN_SIDE_PX, _SHOWN_SIDE_PX))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=92)
    return file.getvalue()
