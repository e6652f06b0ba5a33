"""Masks cover people, follow their edges, and are empty where there are none."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from engine.analyzers.person import find_people
from engine.api.analyses import MASK_SIDE_PX, Person, from_json


def mask_of(found: Person) -> np.ndarray:
    with Image.open(io.BytesIO(found.mask)) as image:
        assert (image.format, image.mode) == ("PNG", "L")
        return np.asarray(image)


def test_a_person_is_covered_and_the_wall_is_not(astronaut: Image.Image):
    found = find_people(astronaut)
    mask = mask_of(found)
    assert found.present
    assert mask.shape == (512, 512)
    assert found.share == pytest.approx((mask / 255).mean(), abs=0.003)
    assert 0.4 < found.share < 0.65
    # The face, the suit; the wall to both sides, the shuttle, the flag.
    for x, y in ((222, 120), (180, 60), (160, 350), (260, 380)):
        assert mask[y, x] > 240, (x, y)
    for x, y in ((110, 60), (330, 60), (420, 60), (20, 100), (420, 220)):
        assert mask[y, x] < 15, (x, y)


def test_the_edge_is_where_the_hair_ends(astronaut: Image.Image):
    row = mask_of(find_people(astronaut))[70].astype(int)
    # In this row the wall ends and the hair begins at x = 155, and ends at x = 299.
    inside = np.flatnonzero(row > 127)
    assert abs(inside[0] - 155) <= 4
    assert abs(inside[-1] - 299) <= 4


def test_what_is_no_person_is_not_even_marked(without_people: list[Image.Image]):
    for photo in without_people:
        found = find_people(photo)
        assert not found.present
        assert found.share == 0
        assert not mask_of(found).any()


def test_what_stands_apart_from_people_is_no_person(
    head: Callable[[int], Image.Image], without_people: list[Image.Image]
):
    cat = without_people[0]
    scene = Image.new("RGB", (1100, 460), (230, 230, 235))
    scene.paste(head(180), (30, 40))
    scene.paste(cat.crop((60, 20, 400, 290)), (720, 100))
    mask = mask_of(find_people(scene))
    assert mask[:, :430].max() == 255
    assert (mask[:, 720:] > 127).mean() < 0.02


def test_a_small_person_in_a_large_picture_is_covered(astronaut: Image.Image):
    scene = Image.new("RGB", (2600, 1800), (150, 170, 160))
    scene.paste(astronaut.resize((400, 400)), (1800, 1300))
    found = find_people(scene)
    mask = mask_of(found)
    assert found.present
    assert max(mask.shape) == MASK_SIDE_PX
    scale = MASK_SIDE_PX / 2600
    face = round((1300 + 94) * scale), round((1800 + 174) * scale)
    assert mask[face] > 240
    assert not mask[:, : round(1700 * scale)].any()


@pytest.mark.parametrize("size", [(32, 32), (640, 32), (33, 660)])
def test_the_smallest_and_narrowest_pictures_have_an_answer(size: tuple[int, int]):
    found = find_people(Image.new("RGB", size, "white"))
    assert mask_of(found).shape == size[::-1]


def test_json_loses_nothing(astronaut: Image.Image):
    found = find_people(astronaut)
    assert from_json(found.as_json()) == found
