"""Filters as effects: strength, transparency, colours."""

import numpy as np
import pytest

from engine.effects.effect import PixelEffect, Sides
from engine.effects.registry import EFFECTS
from engine.media.filters import FILTERS
from engine.media.images import Picture

SIDES = Sides(64, 64)


def _picture(height: int, width: int) -> Picture:
    rng = np.random.default_rng(0)
    alpha = rng.integers(0, 256, (height, width), dtype=np.uint8)
    return Picture(rng.integers(0, 256, (height, width, 3), dtype=np.uint8), alpha)


def _filter(slug: str) -> PixelEffect:
    effect = EFFECTS.find(slug)
    assert isinstance(effect, PixelEffect)
    return effect


def test_every_filter_is_an_effect_of_its_name():
    known = {effect.spec.id for effect in EFFECTS if effect.spec.kind == "filter"}
    assert known == set(FILTERS)


@pytest.mark.parametrize("slug", FILTERS)
def test_a_filter_is_mixed_with_the_photo_by_strength(slug: str):
    effect, photo = _filter(slug), _picture(90, 200)
    full = effect.apply(photo, effect.spec.checked({}), SIDES)
    assert full.alpha is photo.alpha
    assert (full.rgb != photo.rgb).any()
    half = effect.apply(photo, effect.spec.checked({"strength": 0.5}), SIDES)
    middle = (full.rgb.astype(float) + photo.rgb) / 2
    assert np.abs(half.rgb - middle).max() <= 1
    none = effect.spec.checked({"strength": 0.0})
    assert effect.identity(none)
    assert np.array_equal(effect.apply(photo, none, SIDES).rgb, photo.rgb)


def test_a_filter_of_colours_is_exact_at_every_size():
    effect, photo = _filter("sepia"), _picture(90, 200)
    exact = FILTERS["sepia"].apply(photo.rgb)
    assert np.array_equal(effect.apply(photo, effect.spec.checked({}), SIDES).rgb, exact)
