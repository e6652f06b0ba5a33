from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from engine.api.errors import TrainingError
from engine.training.dataset import (
    Batch,
    Dataset,
    Mixture,
    find_pictures,
    fit,
    load_picture,
    random_crop,
    to_tensor,
)

PictureFolder = Callable[..., list[Path]]


@pytest.fixture
def dataset(picture_folder: PictureFolder) -> Callable[..., Dataset]:
    """Make a dataset of three photos, two styles and two paintings, all of other sizes."""
    photos = picture_folder("photo", 3)
    styles = picture_folder("style", 2, (40, 56))
    paintings = picture_folder("painting", 2, (90, 45))

    def make(seed: int = 1, *, with_paintings: bool = True, **mixture: float) -> Dataset:
        options: dict[str, Any] = {"batch": 4, "crop_px": 32, "style_side_px": 48} | mixture
        return Dataset(
            photos, styles, paintings if with_paintings else [], Mixture(**options), seed
        )

    return make


def equal(one: Batch, other: Batch) -> bool:
    return (
        torch.equal(one.photos, other.photos)
        and torch.equal(one.real, other.real)
        and one.styles == other.styles
        and len(one.references) == len(other.references)
        and all(map(torch.equal, one.references, other.references))
    )


def plain(folder: Path, name: str, colour: str) -> Path:
    folder.mkdir(exist_ok=True)
    Image.new("RGB", (40, 40), colour).save(folder / name)
    return folder / name


def test_pictures_are_found_in_a_stable_order(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "c.webp"):
        plain(tmp_path, name, "red")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "deeper").mkdir()
    plain(tmp_path / "deeper", "d.png", "red")
    assert [path.name for path in find_pictures(tmp_path)] == ["a.png", "b.JPG", "c.webp"]


def test_a_folder_named_like_a_picture_is_none(tmp_path: Path) -> None:
    picture = plain(tmp_path, "a.png", "red")
    (tmp_path / "b.png").mkdir()
    assert find_pictures(tmp_path) == [picture]


def test_held_back_pictures_are_never_shown(tmp_path: Path) -> None:
    for name, colour in (("a.png", "blue"), ("b.png", "red"), ("c.png", "blue")):
        plain(tmp_path / "photos", name, colour)
    style = plain(tmp_path, "style.png", "blue")
    photos = find_pictures(tmp_path / "photos", held_back=["b.png"])
    assert [path.name for path in photos] == ["a.png", "c.png"]

    dataset = Dataset(photos, [style], [], Mixture(batch=3, crop_px=32, style_side_px=40), 0)
    shown = torch.cat([dataset.batch(step).photos for step in range(10)])
    assert shown[:, 0].max() == 0
    assert shown[:, 2].min() == 1


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"nowhere is not a folder\.$"):
        find_pictures(tmp_path / "nowhere")


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(TrainingError, match=rf"{tmp_path.name} holds no picture to use\.$"):
        find_pictures(tmp_path)


def test_a_folder_whose_pictures_are_all_held_back_is_empty(tmp_path: Path) -> None:
    plain(tmp_path, "a.png", "red")
    with pytest.raises(TrainingError, match="holds no picture"):
        find_pictures(tmp_path, held_back=["a.png"])


@pytest.mark.parametrize("body", [b"", b"text", b"\xff\xd8\xff broken"])
def test_an_unreadable_picture_is_named(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.jpg"
    path.write_bytes(body)
    with pytest.raises(TrainingError, match=r"odd\.jpg: "):
        load_picture(path)


def test_a_vanished_picture_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"gone\.jpg"):
        load_picture(tmp_path / "gone.jpg")


def test_an_unreadable_photo_stops_the_batch(tmp_path: Path) -> None:
    style = plain(tmp_path, "style.png", "red")
    photo = tmp_path / "odd.jpg"
    photo.write_bytes(b"text")
    with pytest.raises(TrainingError, match=r"odd\.jpg: "):
        Dataset([photo], [style], [], Mixture(crop_px=32), 0).batch(0)


def test_to_tensor_by_hand() -> None:
    image = Image.new("RGB", (3, 2), (255, 0, 51))
    image.putpixel((2, 0), (0, 102, 0))
    tensor = to_tensor(image)
    assert tensor.shape == (3, 2, 3)
    assert tensor.dtype == torch.float32
    torch.testing.assert_close(tensor[:, 1, 2], torch.tensor([1.0, 0.0, 0.2]))
    torch.testing.assert_close(tensor[:, 0, 2], torch.tensor([0.0, 0.4, 0.0]))


@pytest.mark.parametrize(
    ("size", "side_px", "fitted"),
    [
        ((200, 100), 64, (64, 32)),
        ((100, 200), 300, (150, 300)),
        ((50, 50), 64, (64, 64)),
        ((400, 40), 64, (64, 32)),
    ],
)
def test_fit_gives_the_long_side(
    size: tuple[int, int], side_px: int, fitted: tuple[int, int]
) -> None:
    assert fit(Image.new("RGB", size), side_px).size == fitted


# 49 / (49 / 32) and 47 / (47 / 48) are no whole numbers in floating point.
@pytest.mark.parametrize("size", [(32, 32), (33, 500), (500, 34), (47, 200), (49, 900), (98, 999)])
@pytest.mark.parametrize("crop_px", [32, 48])
def test_crops_have_one_size_whatever_the_picture(size: tuple[int, int], crop_px: int) -> None:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        crop = random_crop(Image.new("RGB", size, (9, 8, 7)), 40, crop_px, rng)
        assert crop.size == (crop_px, crop_px)
        assert crop.getextrema() == ((9, 9), (8, 8), (7, 7))


def test_crops_are_windows_of_the_fitted_picture_mirrored_half_of_the_time() -> None:
    ramp = np.zeros((128, 128, 3), np.uint8)
    ramp[..., 0], ramp[..., 1] = np.arange(128), np.arange(128)[:, None]
    whole = Image.fromarray(ramp)
    mirrored = 0
    corners = set()
    for seed in range(20):
        crop = random_crop(whole, 256, 48, np.random.default_rng(seed))
        red, green = np.array(crop)[24, :, 0], np.array(crop)[:, 24, 1]
        # At 256 px the slope is a half; 24 pixels of the source are in the window.
        assert abs(int(green[40]) - int(green[8]) - 16) <= 1
        assert abs(abs(int(red[40]) - int(red[8])) - 16) <= 1
        mirrored += red[40] < red[8]
        corners.add((min(red), green[0]))
    assert 4 <= mirrored <= 16
    assert len(corners) > 10


def test_the_same_step_gives_the_same_batch(dataset: Callable[..., Dataset]) -> None:
    for step in (0, 7):
        assert equal(dataset().batch(step), dataset().batch(step))


def test_the_order_of_steps_does_not_matter(dataset: Callable[..., Dataset]) -> None:
    whole, resumed = dataset(), dataset()
    batches = [whole.batch(step) for step in range(4)]
    assert equal(resumed.batch(3), batches[3])
    assert equal(resumed.batch(1), batches[1])


def test_other_steps_and_seeds_give_other_batches(dataset: Callable[..., Dataset]) -> None:
    batches = [dataset().batch(0), dataset().batch(1), dataset(seed=2).batch(0)]
    assert not torch.equal(batches[0].photos, batches[1].photos)
    assert not torch.equal(batches[0].real, batches[1].real)
    assert not torch.equal(batches[0].photos, batches[2].photos)


def test_only_the_named_pictures_are_taken(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "c.png"):
        plain(tmp_path, name, "red")
    found = find_pictures(tmp_path, held_back=["a.png"], only=["a.png", "c.png", "x.png"])
    assert [path.name for path in found] == ["c.png"]


def test_a_batch_has_the_documented_shapes(dataset: Callable[..., Dataset]) -> None:
    data = dataset(paintings_share=0.5, identity_share=0.3)
    seen = set()
    for step in range(12):
        batch = data.batch(step)
        assert batch.photos.shape == (4, 3, 32, 32)
        assert batch.real.shape == (len(batch.styles), 3, 32, 32)
        assert len(batch.references) == batch.styles.count(-1)
        for reference in batch.references:
            assert reference.shape == (3, 32, 48)  # fitted to the style side, 90:45 but for 32 px
        for pictures in (batch.photos, batch.real, *batch.references):
            assert pictures.dtype == torch.float32
            assert 0 <= pictures.min() < pictures.max() <= 1
        seen |= set(batch.styles)
    assert seen == {-1, 0, 1}


@pytest.mark.parametrize(("share", "painted"), [(0.0, {4}), (0.5, {1, 2, 3, 4}), (1.0, {1})])
def test_identity_samples_leave_one_to_paint(
    share: float, painted: set[int], dataset: Callable[..., Dataset]
) -> None:
    data = dataset(identity_share=share, with_paintings=False)
    assert {len(data.batch(step).styles) for step in range(24)} == painted


@pytest.mark.parametrize(("share", "styles"), [(0.0, {0, 1}), (1.0, {-1})])
def test_paintings_take_their_share(
    share: float, styles: set[int], dataset: Callable[..., Dataset]
) -> None:
    data = dataset(paintings_share=share)
    assert {style for step in range(6) for style in data.batch(step).styles} == styles


def test_without_paintings_every_style_is_named(dataset: Callable[..., Dataset]) -> None:
    batches = [dataset(paintings_share=1.0, with_paintings=False).batch(n) for n in range(4)]
    assert all(min(batch.styles) >= 0 and not batch.references for batch in batches)


def test_the_discriminator_sees_the_style_of_each_sample(tmp_path: Path) -> None:
    photo = plain(tmp_path, "photo.png", "black")
    styles = [plain(tmp_path, "a.png", "red"), plain(tmp_path, "b.png", "lime")]
    painting = plain(tmp_path, "c.png", "blue")
    mixture = Mixture(batch=4, crop_px=32, style_side_px=40, paintings_share=0.4)
    data = Dataset([photo], styles, [painting], mixture, 0)
    seen = set()
    for step in range(6):
        batch = data.batch(step)
        for style, real in zip(batch.styles, batch.real, strict=True):
            colour = torch.eye(3)[style]  # -1, the painting, is the last of the three
            assert torch.equal(real, colour.view(3, 1, 1).expand(3, 32, 32))
            seen.add(style)
        for reference in batch.references:
            assert torch.equal(reference.amax((1, 2)), torch.tensor([0.0, 0.0, 1.0]))
    assert seen == {-1, 0, 1}
