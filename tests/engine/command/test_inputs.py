"""Options for pictures and masks, of an effect that only this command's registry has."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.media.clips.reading import read_clip
from engine.painting.manifest import SAMPLE_PHOTO
from tests.engine.media.clips.clip_files import panned, video
from tests.patching import BLUE, RED, flat, left_half, patching_engine

# The command as it is with the effect registered.
COMMAND = """
from engine.effects import registry
from tests.patching import PATCHING
registry.EFFECTS = PATCHING
registry.FILTERS = tuple(each.spec for each in PATCHING if each.spec.kind == "filter")
from engine.command.cli import main
main()
"""


@pytest.fixture(scope="module")
def engine_address() -> Iterator[str]:
    with patching_engine() as address:
        yield address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "photo.png": flat(RED), "face.png": flat(BLUE, (40, 50)), "mask.png": left_half(),
        "square.png": left_half((64, 64)), "tall.png": flat(RED, (64, 64)), "broken.png": b"\x89PN",
    }  # fmt: skip
    for name, body in files.items():
        (tmp_path / name).write_bytes(body)
    return tmp_path


def run(folder: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", COMMAND, *map(str, arguments)]
    root = str(Path(__file__).parents[3])
    return subprocess.run(  # noqa: S603 - our own code
        command, cwd=folder, env={"PYTHONPATH": root}, capture_output=True, text=True, check=False
    )


def pixels(path: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


PATCH = ("stylize", "photo.png", "--style", "patch", "-o", "out.png")


@pytest.mark.parametrize("way", ["local", "engine"])
def test_a_picture_and_a_mask_are_files(folder: Path, engine_address: str, way: str):
    there = ("--engine", engine_address) if way == "engine" else ()
    done = run(folder, *PATCH, "--face", "face.png", "--spot", "mask.png", *there)
    assert done.returncode == 0, done.stderr
    found = pixels(folder / "out.png")
    assert (found[:, :48] == BLUE).all()
    assert (found[:, 48:] == RED).all()
    half = run(folder, *PATCH, "--face", "face.png", "--amount", "50", *there)
    assert half.returncode == 0, half.stderr
    assert (pixels(folder / "out.png")[0, 0] == [110, 35, 125]).all()


@pytest.mark.parametrize("way", ["local", "engine"])
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "stylebot: patch needs the picture face.\n"),
        (("--spot", "mask.png"), "stylebot: patch needs the picture face.\n"),
        (("--face", "broken.png"), "stylebot: photo.png: face: This is no picture of a known"),
        (("--face", "gone.png"), "Error: Invalid value for '--face': File 'gone.png' does not"),
        (
            ("--face", "face.png", "--spot", "square.png"),
            "stylebot: photo.png: spot: The mask is 64 x 64 pixels and the photo 96 x 64; they",
        ),
    ],
)
def test_what_is_refused_is_said(
    folder: Path, engine_address: str, way: str, options: tuple[str, ...], sentence: str
):
    there = ("--engine", engine_address) if way == "engine" else ()
    done = run(folder, *PATCH, *options, *there)
    # What a photo is refused for may not be in another's way.
    assert done.returncode == (1 if "stylebot: photo.png" in sentence else 2)
    assert sentence in done.stderr
    assert not (folder / "out.png").exists()


def test_a_mask_fits_one_photo_and_not_another(folder: Path):
    options = ("--style", "patch", "-o", "out", "--face", "face.png", "--spot", "square.png")
    done = run(folder, "stylize", "photo.png", "tall.png", *options)
    assert done.returncode == 1
    assert done.stdout.split() == ["out/tall.png"]
    assert "photo.png: spot: The mask" in done.stderr


def test_help_and_list_show_them(folder: Path):
    told = " ".join(run(folder, "stylize", "--help").stdout.split())
    assert "--face FILE Second face: a picture; Patch, Patch on device must have it." in told
    assert "--spot FILE Spot: a mask." in told
    assert "Patch" in run(folder, "styles").stdout


def test_an_effect_without_them_ignores_them(folder: Path):
    options = ("--style", "sepia", "--face", "face.png", "-o", "out.png")
    assert run(folder, "stylize", "photo.png", *options).returncode == 0


def test_a_clip_has_one_mask_for_all_frames(folder: Path):
    (folder / "clip.mp4").write_bytes(video(panned(4)))
    clip = read_clip((folder / "clip.mp4").read_bytes(), folder / "source")
    (folder / "mask.png").write_bytes(left_half((clip.width, clip.height)))
    inputs = ("--face", "face.png", "--spot", "mask.png")
    done = run(folder, "stylize", "clip.mp4", "--style", "patch", "-o", "out.gif", *inputs)
    assert done.returncode == 0, done.stderr
    painted = read_clip((folder / "out.gif").read_bytes(), folder / "frames").frames()
    assert len(painted) == 4
    assert np.abs(painted[:, :, : clip.width // 2 - 4, :3].astype(int) - BLUE).max() < 40


STYLIZE = ("stylize", "astronaut.jpg", "--style", "sepia", "-o", "out.png")


@pytest.mark.parametrize("way", ["local", "engine"])
def test_a_part_of_a_photo_is_painted(folder: Path, engine_address: str, way: str):
    there = ("--engine", engine_address) if way == "engine" else ()
    shutil.copy(SAMPLE_PHOTO, folder / "astronaut.jpg")
    photo = pixels(folder / "astronaut.jpg").astype(int)
    done = run(folder, *STYLIZE, "--where", "background", *there)
    assert (done.returncode, done.stderr) == (0, "")
    found = pixels(folder / "out.png").astype(int)
    # The face is as it was; the wall and the flag are not.
    assert (found[100:150, 200:250] == photo[100:150, 200:250]).all()
    assert np.abs(found - photo)[:100, :100].mean() > 5
    (folder / "half.png").write_bytes(left_half((512, 512)))
    done = run(folder, *STYLIZE, "--mask", "half.png", *there)
    assert (done.returncode, done.stderr) == (0, "")
    found = pixels(folder / "out.png").astype(int)
    assert (found[:, 256:] == photo[:, 256:]).all()
    assert np.abs(found - photo)[:, :256].mean() > 5


@pytest.mark.parametrize("way", ["local", "engine"])
def test_where_no_one_is_it_is_said_and_all_of_it_painted(
    folder: Path, engine_address: str, way: str
):
    there = ("--engine", engine_address) if way == "engine" else ()
    options = ("--style", "sepia", "--where", "person", "-o", "out.png")
    done = run(folder, "stylize", "photo.png", *options, *there)
    assert done.returncode == 0
    assert "stylebot: photo.png: no person was found; all of it was painted.\n" in done.stderr
    assert done.stdout.strip() == "out.png"
    assert (pixels(folder / "out.png") != RED).any(axis=2).all()


def test_people_are_not_looked_for_in_a_clip(folder: Path):
    (folder / "clip.mp4").write_bytes(video(panned(3)))
    options = ("--style", "sepia", "--where", "person", "-o", "out.gif")
    done = run(folder, "stylize", "clip.mp4", *options)
    assert done.returncode == 2
    assert "People are looked for in single pictures, not in clips" in done.stderr
    assert not (folder / "out.gif").exists()
