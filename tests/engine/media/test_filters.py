"""Known answers: colours whose result can be worked out by hand, pictures that must not move."""

import numpy as np
import pytest

from engine.media.filters import FILTERS, by_matrix, kuwahara, saturated
from engine.media.full_size import Pixels


def _flat(*colour: int) -> Pixels:
    return np.full((9, 11, 3), colour, dtype=np.uint8)


def _photo(height: int = 60, width: int = 90) -> Pixels:
    """Smooth colours with one hard vertical edge and a dark line."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    pixels = np.stack([255 * x / width, 255 * y / height, np.full_like(x, 120)], axis=2)
    pixels[:, width // 2 :] *= 0.4
    pixels[height // 2, 10:-10] = 10
    return pixels.astype(np.uint8)


def _of(slug: str, pixels: Pixels) -> Pixels:
    return FILTERS[slug].apply(pixels)


def test_the_ten_filters_people_ask_for_are_there():
    assert set(FILTERS) == {
        "black-and-white", "comic", "cool", "faded", "high-contrast",
        "oil-painting", "pencil-sketch", "sepia", "vintage", "warm",
    }  # fmt: skip


@pytest.mark.parametrize("slug", FILTERS)
def test_a_filter_keeps_shape_and_input_and_does_something(slug: str):
    photo = _photo()
    before = photo.copy()
    result = _of(slug, photo)
    assert result.shape == photo.shape
    assert result.dtype == np.uint8
    assert np.array_equal(photo, before)
    assert (result != photo).mean() > 0.3


@pytest.mark.parametrize("slug", [slug for slug in FILTERS if slug != "vintage"])
def test_a_flat_picture_stays_flat(slug: str):
    result = _of(slug, _flat(200, 120, 40))
    assert (result == result[0, 0]).all()


@pytest.mark.parametrize("slug", [s for s, f in FILTERS.items() if f.pointwise and s != "vintage"])
def test_a_pointwise_filter_does_not_look_at_neighbours(slug: str):
    photo = _photo()
    assert np.array_equal(_of(slug, photo)[7:20, 30:50], _of(slug, photo[7:20, 30:50].copy()))


@pytest.mark.parametrize(
    ("slug", "colour", "expected"),
    [
        # 0.393 x 100 + 0.769 x 150 + 0.189 x 50, and so on for the other rows.
        ("sepia", (100, 150, 50), (164, 146, 114)),
        ("sepia", (255, 255, 255), (255, 255, 239)),
        # smoothstep: 3 v^2 - 2 v^3 at v = 51 / 255 is 0.104.
        ("high-contrast", (51, 204, 0), (27, 228, 0)),
        ("high-contrast", (255, 0, 255), (255, 0, 255)),
        # Film weights give 0.36 x 100 + 0.54 x 150 + 0.10 x 50 = 122, hardly bent by the curve.
        ("black-and-white", (100, 150, 50), (121, 121, 121)),
        ("black-and-white", (255, 255, 255), (255, 255, 255)),
        # 0.14 and 0.93 of full scale.
        ("faded", (0, 0, 0), (36, 36, 36)),
        ("faded", (255, 255, 255), (237, 237, 237)),
        # Linear light of 128 is 0.2159; times 1.176, 0.976 and 0.722, and back.
        ("warm", (128, 128, 128), (138, 127, 110)),
        ("cool", (128, 128, 128), (119, 129, 146)),
        ("warm", (0, 0, 0), (0, 0, 0)),
    ],
)
def test_colours_come_out_as_calculated(
    slug: str, colour: tuple[int, int, int], expected: tuple[int, int, int]
):
    assert np.abs(_of(slug, _flat(*colour))[4, 5].astype(int) - expected).max() <= 1


def test_warm_and_cool_keep_the_luminance_of_a_grey():
    """The gains are illuminants of luminance 1, so light is coloured, not dimmed."""
    weights = np.array([0.2126, 0.7152, 0.0722])

    def luminance(pixels: Pixels) -> float:
        v = pixels[0, 0] / 255
        return float(np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4) @ weights)

    grey = _flat(110, 110, 110)
    for slug in ("warm", "cool"):
        assert luminance(_of(slug, grey)) == pytest.approx(luminance(grey), rel=0.03)


def test_vintage_darkens_the_corners_and_leaves_the_middle():
    result = _of("vintage", np.full((41, 61, 3), 180, dtype=np.uint8)).astype(int)
    middle, corner = result[20, 30], result[0, 0]
    assert (corner < 0.7 * middle).all()
    assert middle[0] > middle[2] + 30


def test_saturation_zero_is_grey_and_one_changes_nothing():
    photo = _photo()
    assert np.array_equal(by_matrix(photo, saturated(1.0)), photo)
    grey = by_matrix(photo, saturated(0.0))
    assert (np.ptp(grey, axis=2) == 0).all()


def test_kuwahara_calms_noise_and_keeps_an_edge():
    rng = np.random.default_rng(0)
    clean = np.full((40, 40, 3), 60, dtype=np.uint8)
    clean[:, 20:] = 190
    noisy = np.clip(clean + rng.normal(0, 8, clean.shape), 0, 255).astype(np.uint8)
    smooth = kuwahara(noisy, 4).astype(int)
    assert np.abs(smooth - clean).mean() < 0.6 * np.abs(noisy.astype(int) - clean).mean()
    assert (smooth[:, 20] - smooth[:, 19]).min() > 110


def test_kuwahara_takes_the_mean_of_the_calmest_square():
    """One bright pixel on black: squares without it are perfectly calm, so it vanishes."""
    pixels = np.zeros((15, 15, 3), dtype=np.uint8)
    pixels[7, 7] = 255
    smooth = kuwahara(pixels, 2)
    assert smooth[7, 7].max() > 0  # all four squares hold their own centre
    smooth[7, 7] = 0
    assert smooth.max() <= 28  # 255 / 9, where a square is shared by all


def test_a_sketch_is_white_paper_with_dark_lines_where_it_gets_darker():
    pixels = np.full((40, 40, 3), 220, dtype=np.uint8)
    pixels[20, 5:35] = 40
    sketch = _of("pencil-sketch", pixels)
    assert (np.ptp(sketch, axis=2) == 0).all()
    assert sketch[2, 2, 0] == 255
    assert sketch[20, 20, 0] < 60


def test_a_comic_has_few_tints():
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 40, axis=0).repeat(3, axis=2)
    tints = np.unique(_of("comic", ramp)[20, :, 0])
    assert len(tints) < 20
    assert {tints[0], tints[-1]} == {0, 255}


def test_results_are_deterministic():
    for slug in FILTERS:
        assert np.array_equal(_of(slug, _photo()), _of(slug, _photo()))
