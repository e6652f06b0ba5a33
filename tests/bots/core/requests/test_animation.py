"""Files that move are told from those that do not, by files of each kind."""

import io

import pytest
from PIL import Image

from bots.core.requests.animation import moves

FRAMES = [Image.effect_noise((64, 48), 60 + 20 * n).convert("RGB") for n in range(3)]


def animation(kind: str) -> bytes:
    """A file of three frames."""
    file = io.BytesIO()
    FRAMES[0].save(file, kind, save_all=True, append_images=FRAMES[1:], duration=100)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_what_moves_is_noticed_and_what_does_not_is_not(kind: str):
    still = io.BytesIO()
    FRAMES[0].save(still, kind)
    assert moves(animation(kind))
    assert not moves(still.getvalue())


@pytest.mark.parametrize("file", [b"", b"GIF89a", b"RIFF", b"\xff\xd8\xff", b"no picture at all"])
def test_what_is_no_animation_does_not_move(file: bytes):
    assert not moves(file)
