"""Pictures made to fit."""

import io

import pytest
from PIL import Image

from bots.discord_adapter.render.sizes import fitted
from tests.bots.discord_adapter.conftest import noise, picture


def size(file: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(file)) as opened:
        return opened.size


def test_what_fits_is_left_as_it_is():
    image = picture(side=300)
    made = fitted(image, 10**6)
    assert (made.image, made.suffix, made.lossy) == (image, "jpg", False)
    assert (made.width, made.height) == (300, 225)


def test_a_card_shows_no_more_than_a_screen_does():
    image = picture(side=3000)
    made = fitted(image, 10**7)
    assert size(made.image) == (2048, 1536)
    assert not made.lossy
    assert fitted(image, 10**7, None).image == image


@pytest.mark.parametrize("part", [2, 20, 200])
def test_the_smaller_the_limit_the_more_is_given_up(part: int):
    image = noise(600)
    limit = len(image) // part
    made = fitted(image, limit)
    assert len(made.image) <= limit
    assert made.lossy
    assert size(made.image) == (made.width, made.height)
    if part == 2:
        assert made.width == 600
    else:
        assert made.width < 600
    assert abs(made.width - made.height) <= 1


def test_no_limit_is_so_small_that_it_never_ends():
    made = fitted(noise(200), 10)
    assert max(made.width, made.height) <= 64


def test_a_picture_with_a_palette_is_one_as_well():
    file = io.BytesIO()
    Image.effect_noise((400, 300), 90).convert("P").save(file, "PNG")
    assert fitted(file.getvalue(), 5000).lossy
