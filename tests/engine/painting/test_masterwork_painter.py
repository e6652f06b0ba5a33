import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.api.errors import CheckpointError, InvalidOptionError, UnknownStyleError
from engine.media.files import read_picture
from engine.media.images import Picture
from engine.painting.manifest import SAMPLE_PHOTO
from engine.painting.masterwork import Manner
from engine.painting.masterwork_painter import MasterworkPainter

QUICK = Manner(effort=0.03)


@pytest.fixture(scope="module")
def painter(tiny_checkpoint: Path, perceptual_weights: Path) -> MasterworkPainter:
    return MasterworkPainter(tiny_checkpoint, "cpu", perceptual_weights, side_px=64)


def a_photo(height: int = 90, width: int = 130) -> Picture:
    values = np.random.default_rng(3).integers(0, 256, (height, width, 4), dtype=np.uint8)
    return Picture(values[..., :3].copy(), values[..., 3].copy())


def last(stages: Iterator[tuple[float, Picture | None]]) -> Picture:
    *_, (share, picture) = stages
    assert share == pytest.approx(1)
    assert picture is not None
    return picture


def test_a_photo_comes_back_at_its_size_with_its_transparency(painter: MasterworkPainter):
    photo = a_photo()
    painted = last(painter.repaint(photo, painter.exemplars({"calm": 1}), QUICK))
    assert painted.rgb.shape == photo.rgb.shape
    assert painted.alpha is not None
    assert photo.alpha is not None
    assert np.array_equal(painted.alpha, photo.alpha)
    assert not np.array_equal(painted.rgb, photo.rgb)


def test_it_paints_at_a_bounded_side(painter: MasterworkPainter):
    assert painter.fitted(a_photo(900, 1300).rgb).shape == (44, 64, 3)
    assert painter.fitted(a_photo(40, 50).rgb).shape == (40, 50, 3)


def test_styles_blend_with_pictures(painter: MasterworkPainter):
    reference = read_picture(SAMPLE_PHOTO).rgb
    found = painter.exemplars({"calm": 2, "storm": 0}, [(reference, 1)])
    assert [exemplar.weight for exemplar in found] == [2, 1]
    assert all(max(exemplar.picture.shape) == 64 for exemplar in found)


def test_strength_nothing_is_the_photo(painter: MasterworkPainter):
    photo = a_photo()
    assert last(painter.repaint(photo, [], Manner(strength=0))) is photo


def test_kept_colours_are_the_photos(painter: MasterworkPainter):
    grey = Picture(np.full((64, 64, 3), 90, dtype=np.uint8))
    exemplars = painter.exemplars({"storm": 1})
    painted = last(painter.repaint(grey, exemplars, QUICK, keep_colours=True)).rgb.astype(int)
    assert np.ptp(painted, axis=2).max() <= 1


def test_an_unknown_style_is_refused(painter: MasterworkPainter):
    with pytest.raises(UnknownStyleError, match="clam"):
        painter.exemplars({"clam": 1})


def test_nothing_to_paint_like_is_refused(painter: MasterworkPainter):
    with pytest.raises(InvalidOptionError, match="needs a named style or a style picture"):
        painter.exemplars({})


def test_another_exemplar_than_the_manifest_names_is_refused(
    tiny_checkpoint: Path, perceptual_weights: Path, tmp_path: Path
):
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    manifest = json.loads((tiny_checkpoint / "manifest.json").read_text())
    manifest["styles"][1]["exemplar"] = ""
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / manifest["styles"][0]["exemplar"]).write_bytes(SAMPLE_PHOTO.read_bytes())
    painter = MasterworkPainter(folder, "cpu", perceptual_weights, side_px=64)
    for slug in ("calm", "storm"):
        with pytest.raises(CheckpointError, match=slug):
            painter.exemplars({slug: 1})
