"""`stylebot story` as a user types it."""

from pathlib import Path

import pytest

from engine.media.clips.clip import ClipLimits
from engine.media.clips.reading import read_clip
from tests.engine.command.test_cli import run
from tests.engine.media.clips.test_story import GREEN, RED, plain


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "red.png", tmp_path / "green.png"]
    for path, colour in zip(paths, (RED, GREEN), strict=True):
        path.write_bytes(plain(colour, (96, 96)))
    return paths


@pytest.mark.parametrize("remote", [False, True])
def test_photos_become_a_film_each_in_its_style(
    photos: list[Path], tmp_path: Path, engine_url: str, *, remote: bool
):
    out = tmp_path / "new" / "story.mp4"
    styles = ("--style", "black-and-white", "--style", "sepia")
    shown = ("--shape", "1:1", "--reveal", "wipe", "--seconds", 6, "--caption", "two")
    where = ("--engine", engine_url) if remote else ()
    result = run("story", *photos, "-o", out, *styles, *shown, *where)
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(out)
    film = read_clip(out.read_bytes(), tmp_path / "film", ClipLimits(max_fps=5))
    assert (film.width, film.height) == (720, 720)
    first, last = film.frames()[0][100, 100].astype(int), film.frames()[-1][100, 100].astype(int)
    assert abs(first - RED).max() < 12
    # Sepia: brown, so red above green above blue.
    assert last[0] > last[1] > last[2]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "story.gif", "--style", "sepia"], "written as .mp4"),
        (["-o", "story.mp4"], "Give one of --style"),
        (["-o", "story.mp4", *(["--style", "sepia"] * 3)], "one for each of the 2 photos"),
        (["-o", "story.mp4", "--style", "no-such"], "no-such"),
        (["-o", "story.mp4", "--style", "sepia", "--seconds", "5"], "6"),
        (["-o", "story.mp4", "--style", "sepia", "--caption", "\U000f0000"], "No font"),
        (["-o", "story.mp4", "--style", "sepia", "--caption", "a" * 121], "caption"),
    ],
)
def test_what_is_no_story_is_refused_and_nothing_written(
    photos: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    said: str,
):
    monkeypatch.chdir(tmp_path)
    result = run("story", *photos, *options)
    assert result.exit_code == 2
    assert said in result.output
    assert {path.suffix for path in tmp_path.iterdir()} == {".png"}


def test_more_than_ten_photos_are_too_many(photos: list[Path], tmp_path: Path):
    result = run("story", *(photos * 6), "-o", tmp_path / "story.mp4", "--style", "sepia")
    assert result.exit_code == 2
    assert "1 to 10 photos" in result.output
