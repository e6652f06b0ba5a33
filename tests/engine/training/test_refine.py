from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.api.contract import StyleCode
from engine.api.errors import InvalidOptionError, StaleStyleError
from engine.media.images import Picture
from engine.painting.checkpoint import load_checkpoint
from engine.painting.perceptual import Vgg16
from engine.painting.stylizer import Stylizer
from engine.training import dataset, refine
from engine.training.dataset import load_picture, random_crop, to_picture
from engine.training.refine import Refiner

PictureFolder = Callable[..., list[Path]]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "PHOTO_SIDES_PX", (52, 88))
    monkeypatch.setattr(refine, "_CROP_SHARE", 3 / 4)


@pytest.fixture(scope="module")
def stylizer(tiny_checkpoint: Path) -> Stylizer:
    return Stylizer(load_checkpoint(tiny_checkpoint), "cpu", torch.float32)


@pytest.fixture
def pictures(picture_folder: PictureFolder) -> list[Picture]:
    return [to_picture(load_picture(path)) for path in picture_folder("any", 3)]


class Steps:
    """Cancels after so many steps, whatever the clock says."""

    def __init__(self, allowed: int) -> None:
        self.left = allowed

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_some_steps_lower_the_gram_error(
    stylizer: Stylizer, vgg: Vgg16, pictures: list[Picture]
) -> None:
    code = stylizer.extract_style(pictures[:1])
    before = {name: value.clone() for name, value in stylizer._generator.state_dict().items()}
    refiner = Refiner(stylizer, vgg, pictures[:1], pictures[1:], side_px=64)
    refined = refiner.refine(code, seconds=600, cancelled=Steps(15))
    assert refined.steps == 15
    assert refined.gram_after < 0.95 * refined.gram_before
    assert refined.code != code
    assert refined.code.checkpoint == code.checkpoint
    # The figures are those of the codes that are reported.
    again = refiner.refine(refined.code, seconds=0)
    assert again.gram_before == pytest.approx(refined.gram_after, rel=1e-4)
    # The networks are as they were.
    after = stylizer._generator.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_a_code_that_cannot_be_bettered_stays(
    stylizer: Stylizer, vgg: Vgg16, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refine, "_LEARNING_RATE", 1e6)
    code = stylizer.style_code("calm")
    refined = Refiner(stylizer, vgg, pictures[:1], pictures[1:], side_px=64).refine(
        code, cancelled=Steps(2)
    )
    assert refined.code == code
    assert refined.gram_after == refined.gram_before


def test_progress_runs_to_one_and_time_ends_it(
    stylizer: Stylizer, vgg: Vgg16, pictures: list[Picture]
) -> None:
    seen: list[float] = []
    Refiner(stylizer, vgg, pictures[:1], pictures[1:], side_px=64).refine(
        stylizer.style_code("calm"), seconds=2, report=lambda passed, loss: seen.append(passed)
    )
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_photos_are_shown_at_sizes_of_training(
    stylizer: Stylizer, vgg: Vgg16, pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    sides: list[int] = []

    def crop(image: Image.Image, side: int, px: int, rng: np.random.Generator) -> Image.Image:
        sides.append(side)
        return random_crop(image, side, px, rng)

    monkeypatch.setattr(dataset, "random_crop", crop)
    refiner = Refiner(stylizer, vgg, pictures[:1], pictures[1:], side_px=64)
    refiner.refine(stylizer.style_code("calm"), seconds=600, cancelled=Steps(8))
    assert len(set(sides)) > 4
    assert all(52 <= side <= 88 for side in sides)


def test_a_cancelled_search_takes_no_step(
    stylizer: Stylizer, vgg: Vgg16, pictures: list[Picture]
) -> None:
    code = stylizer.style_code("storm")
    refined = Refiner(stylizer, vgg, pictures[:1], pictures[1:], side_px=64).refine(
        code, cancelled=lambda: True
    )
    assert refined.steps == 0
    assert refined.code == code


def test_several_references_are_averaged(
    stylizer: Stylizer, vgg: Vgg16, pictures: list[Picture]
) -> None:
    one, other, both = (
        Refiner(stylizer, vgg, references, pictures[2:])._target
        for references in (pictures[:1], pictures[1:2], pictures[:2])
    )
    for layer, mean in both.items():
        torch.testing.assert_close(mean, (one[layer] + other[layer]) / 2)


def test_refining_needs_pictures_and_a_fresh_code(
    stylizer: Stylizer, vgg: Vgg16, pictures: list[Picture]
) -> None:
    for references, photos in (([], pictures), (pictures, [])):
        with pytest.raises(InvalidOptionError, match="needs a reference"):
            Refiner(stylizer, vgg, references, photos)
    with pytest.raises(StaleStyleError):
        Refiner(stylizer, vgg, pictures, pictures).refine(StyleCode("another", b""))
