import tarfile
from pathlib import Path

import numpy as np
import pytest

from engine.api.errors import TrainingError
from engine.training.drafting_pictures import at_side, read_photos, whole, window
from tests.conftest import PictureFolder


def test_photos_come_from_a_folder_or_a_tar_file(
    picture_folder: PictureFolder, tmp_path: Path
) -> None:
    paths = picture_folder("photo", 3)
    archive = tmp_path / "photos.tar"
    with tarfile.open(archive, "w") as file:
        for path in paths:
            file.add(path, f"photos/{path.name}")
    from_folder = read_photos(paths[0].parent, [paths[1].name])
    from_tar = read_photos(archive, [paths[1].name])
    assert len(from_folder) == len(from_tar) == 2
    for one, other in zip(from_folder, from_tar, strict=True):
        assert np.array_equal(np.asarray(one), np.asarray(other))


def test_what_is_neither_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "photos.tar"
    broken.write_bytes(b"nothing of the kind")
    with pytest.raises(TrainingError, match="neither a folder nor a tar file"):
        read_photos(broken)
    empty = tmp_path / "empty.tar"
    tarfile.open(empty, "w").close()
    with pytest.raises(TrainingError, match="no picture to use"):
        read_photos(empty)


def test_cuts_have_the_size_that_is_asked_for(picture_folder: PictureFolder) -> None:
    (photo,) = read_photos(picture_folder("photo", 1, (90, 60))[0].parent)
    rng = np.random.default_rng(0)
    assert whole(photo, (64, 48), rng).shape == (3, 64, 48)
    assert window(photo, 32, 512, rng).shape == (3, 32, 32)
    # A square larger than the picture is all of its short side.
    assert window(photo, 320, 90, rng).shape == (3, 320, 320)


def test_styles_are_measured_at_sides_that_every_map_divides(
    picture_folder: PictureFolder,
) -> None:
    (photo,) = read_photos(picture_folder("photo", 1, (90, 61))[0].parent)
    assert at_side(photo, 128).shape == (1, 3, 80, 128)
    assert at_side(photo, 32).shape == (1, 3, 64, 64)
