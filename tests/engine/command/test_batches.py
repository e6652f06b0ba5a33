"""Which files are found, and what their results are called."""

from pathlib import Path

import click
import pytest

from engine.api.errors import InvalidOptionError
from engine.command.batches import Photo, find_photos, plan_targets, result_names


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of photos, with a folder in it, and with files that are none."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.jpg", "a.PNG", "notes.txt", ".hidden.jpg", "trip/c.heic", "trip/.b/d.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("named", "recursive", "found"),
    [
        (["photos"], False, ["photos/a.PNG", "photos/b.jpg"]),
        (["photos"], True, ["photos/a.PNG", "photos/b.jpg", "photos/trip/c.heic"]),
        (["photos/*.jpg"], False, ["photos/b.jpg"]),
        (["photos/**/*.heic"], False, ["photos/trip/c.heic"]),
        # As typed, and each once.
        (["photos/b.jpg", "photos", "-"], False, ["photos/b.jpg", "photos/a.PNG"]),
        # A file that is named is taken whatever it is called.
        (["photos/notes.txt"], False, ["photos/notes.txt"]),
    ],
)
def test_files_folders_and_patterns_are_found(
    named: list[str],
    recursive: bool,  # noqa: FBT001 - a case
    found: list[str],
):
    batch = find_photos(named, Path("out"), recursive=recursive)
    assert [photo.shown for photo in batch.photos] == found
    assert not batch.missing


@pytest.mark.usefixtures("folder")
def test_what_is_not_there_is_named():
    Path("empty").mkdir()
    batch = find_photos(
        ["gone.jpg", "empty", "*.gif", "photos/b.jpg"], Path("out"), recursive=False
    )
    assert [photo.shown for photo in batch.photos] == ["photos/b.jpg"]
    assert [name for name, _ in batch.missing] == ["gone.jpg", "empty", "*.gif"]
    assert "-r looks into" in batch.missing[1][1]


def test_results_within_the_folder_are_no_photos(folder: Path):
    out = folder / "photos" / "trip"
    found = find_photos(["photos"], out, recursive=True).photos
    assert [photo.shown for photo in found] == ["photos/a.PNG", "photos/b.jpg"]


def test_a_pattern_of_that_very_name_is_the_file(folder: Path):
    (folder / "cat[1].jpg").write_bytes(b"")
    (photo,) = find_photos(["cat[1].jpg"], Path("out"), recursive=False).photos
    assert photo.path == Path("cat[1].jpg")


def photos(*names: str) -> list[Photo]:
    return [Photo(Path(name), name, Path(name).parent) for name in names]


def test_names_follow_a_template():
    names = result_names(photos("a.jpg", "trip/b.v2.png"), "{style}/{number}-{name}", "kiss")
    assert names == [Path("kiss/1-a"), Path("trip/kiss/2-b.v2")]


@pytest.mark.parametrize("template", ["", "{", "{place}", "{}", "../{name}", "/{name}", "{0}"])
def test_a_template_that_cannot_be_used_is_refused(template: str):
    with pytest.raises(click.UsageError, match="--name"):
        result_names(photos("a.jpg"), template, "kiss")


def test_targets_keep_png_and_webp_and_turn_the_rest_into_jpeg(tmp_path: Path):
    named = [tmp_path / name for name in ("a.png", "b.HEIC", "c.webp", "d.jpeg", "e.mov")]
    targets = plan_targets(named, tmp_path / "out")
    assert [target.name for target in targets] == ["a.png", "b.jpg", "c.webp", "d.jpg", "e.mp4"]


def test_names_that_are_taken_get_a_number(tmp_path: Path):
    named = [tmp_path / name for name in ("a.jpg", "a.heic", "b/a.jpeg", "a-2.jpg")]
    targets = plan_targets(named, tmp_path / "out")
    assert [each.name for each in targets] == ["a.jpg", "a-2.jpg", "a-3.jpg", "a-2-2.jpg"]


def test_no_photo_is_overwritten(tmp_path: Path):
    with pytest.raises(InvalidOptionError, match="would be overwritten"):
        plan_targets([tmp_path / "a.jpg"], tmp_path)
