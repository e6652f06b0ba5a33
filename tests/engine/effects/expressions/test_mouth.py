"""Mouths: their colours, and where they are painted."""

import numpy as np
import pytest

from engine.effects.expressions import mouth
from engine.media.full_size import Pixels

ACROSS = np.linspace(-30, 30, 11)
HEIGHT = 9 * (1 - (ACROSS / 30) ** 2)
UPPER = np.stack([60 + ACROSS, 40 - HEIGHT], axis=-1)
LOWER = np.stack([60 + ACROSS, 40 + HEIGHT], axis=-1)
OPENING = mouth.Opening(UPPER, LOWER, 180)
SKIN = (205, 150, 125)
LIGHT = mouth.Light(mouth.to_lab(np.array(SKIN)), mouth.to_lab(np.array((225, 220, 215))), 0.2)


@pytest.fixture
def skin() -> Pixels:
    return np.full((80, 120, 3), SKIN, np.uint8)


def test_colours_survive_oklab():
    colours = np.random.default_rng(1).integers(0, 256, (200, 3))
    assert np.allclose(mouth.from_lab(mouth.to_lab(colours)), colours, atol=0.01)
    assert np.allclose(mouth.to_lab(np.array([255, 255, 255])), (1, 0, 0), atol=1e-3)


def test_only_the_opening_is_painted(skin: Pixels):
    painted = mouth.paint(skin, OPENING, LIGHT, 1.0)
    changed = (painted != skin).any(axis=-1)
    assert changed[36:44, 50:70].all()
    x, y = np.meshgrid(np.arange(120) + 0.5 - 60, np.arange(80) + 0.5)
    reach = 9 * (1 - np.clip(np.abs(x) / 30, 0, 1) ** 2)
    assert not changed[np.abs(y - 40) > reach + 2].any()


def test_a_smile_shows_teeth_and_a_surprise_a_dark_mouth(skin: Pixels):
    smile, surprise = (mouth.paint(skin, OPENING, LIGHT, amount) for amount in (1.0, 0.0))
    light_smile, light_surprise = (
        mouth.to_lab(one[32:48, 50:70])[..., 0].mean() for one in (smile, surprise)
    )
    assert light_smile > light_surprise + 0.1
    assert mouth.to_lab(smile[35:38, 58:62])[..., 0].mean() > 0.7
    # Neither orange nor green.
    teeth = mouth.to_lab(smile[35:38, 58:62]).mean(axis=(0, 1))
    assert 0 <= teeth[1] < 0.03
    assert 0 <= teeth[2] < 0.05


def lending(colour: tuple[int, int, int], skin: tuple[int, int, int], scale: int = 1) -> mouth.Lent:
    pixels = np.full((80 // scale, 120 // scale, 3), skin, np.uint8)
    pixels[30 // scale : 50 // scale, 25 // scale : 95 // scale] = colour
    other = mouth.Opening(OPENING.upper / scale, OPENING.lower / scale, 180 / scale)
    white = mouth.to_lab(np.array((225, 220, 215)))
    return mouth.Lent(pixels, other, mouth.Light(mouth.to_lab(np.array(skin)), white, 0.2))


def test_borrowed_teeth_are_as_white_as_the_light_is(skin: Pixels):
    # Of a face in orange light.
    lent = lending((240, 190, 120), (230, 150, 80))
    borrowed = mouth.borrow(skin, OPENING, LIGHT, lent)
    assert borrowed is not None
    teeth = mouth.to_lab(borrowed[38:42, 55:65]).mean(axis=(0, 1))
    assert teeth[0] > LIGHT.skin[0]
    assert 0 <= teeth[1] <= 0.02
    assert 0 <= teeth[2] <= 0.036


def test_a_dark_or_a_blurred_mouth_is_not_borrowed(skin: Pixels):
    assert mouth.borrow(skin, OPENING, LIGHT, lending((60, 30, 30), SKIN)) is None
    assert mouth.borrow(skin, OPENING, LIGHT, lending((230, 225, 215), SKIN, scale=2)) is None


def test_light_is_measured_of_cheeks_and_eyes():
    pixels = np.full((100, 100, 3), SKIN, np.uint8)
    points = np.full((468, 2), 50.0)
    points[0], points[2] = (5, 5), (95, 95)
    light = mouth.light_of(pixels, points)
    assert np.allclose(light.skin, LIGHT.skin)
    assert np.allclose(light.white, LIGHT.skin)
    assert light.black == pytest.approx(float(LIGHT.skin[0]))
