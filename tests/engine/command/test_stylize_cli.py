"""`stylebot stylize` over many photos: what it takes, says and returns."""

import io
import json
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from click.testing import CliRunner, Result
from PIL import Image

from engine.command.cli import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two photos and, in a folder within it, a third of the same name."""
    monkeypatch.chdir(tmp_path)
    cat = Image.fromarray(skimage.data.chelsea()).resize((90, 60))
    for name in ("cat.jpg", "owl.png", "trip/cat.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cat.save(path)
    return tmp_path


def run(*arguments: object, sent: bytes | None = None) -> Result:
    command = ["stylize", *map(str, arguments), "--style", "sepia"]
    return CliRunner().invoke(main, command, input=sent)


def results(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_folder_is_painted_with_its_folders(folder: Path):
    assert run("photos", "-o", "out").exit_code == 0
    assert results(folder / "out") == ["cat.jpg", "owl.png"]
    assert run("photos", "-r", "-o", "all").exit_code == 0
    assert results(folder / "all") == ["cat.jpg", "owl.png", "trip/cat.jpg"]


def test_a_missing_photo_is_named_and_the_others_are_painted(folder: Path):
    result = run("gone.jpg", "photos/cat.jpg", "-o", "out")
    assert result.exit_code == 1
    assert result.stderr == "stylebot: gone.jpg: There is no such file.\n"
    assert result.stdout.split() == ["out/cat.jpg"]
    assert run("gone.jpg", "-o", "out.jpg").exit_code == 1


def test_photos_of_one_name_are_all_written(folder: Path):
    result = run("photos/cat.jpg", "photos/trip/cat.jpg", "-o", "out")
    assert result.exit_code == 0
    assert results(folder / "out") == ["cat-2.jpg", "cat.jpg"]


def test_results_are_called_as_wanted(folder: Path):
    result = run("photos", "-o", "out", "--name", "{number}-{name}-{style}")
    assert result.exit_code == 0
    assert results(folder / "out") == ["1-cat-sepia.jpg", "2-owl-sepia.png"]


def test_what_exists_is_replaced_only_with_force(folder: Path):
    assert run("photos/cat.jpg", "-o", "out").exit_code == 0
    before = (folder / "out/cat.jpg").read_bytes()
    (folder / "out/cat.jpg").write_bytes(b"mine")
    result = run("photos", "-o", "out")
    assert result.exit_code == 2
    assert "out/cat.jpg exists; --skip-existing leaves them" in result.stderr
    assert results(folder / "out") == ["cat.jpg"]
    result = run("photos", "-o", "out", "--skip-existing")
    assert (result.exit_code, result.stdout.split()) == (0, ["out/owl.png"])
    assert result.stderr == "stylebot: 1 left out, as they exist.\n"
    assert (folder / "out/cat.jpg").read_bytes() == b"mine"
    assert run("photos", "-o", "out", "--force").exit_code == 0
    assert run("photos/cat.jpg", "-o", "out/owl.png").exit_code == 0
    assert (folder / "out/cat.jpg").read_bytes() == before


def test_nothing_half_written_is_left(folder: Path):
    (folder / "photos/bad.jpg").write_bytes((folder / "photos/cat.jpg").read_bytes()[:700])
    assert run("photos", "-o", "out").exit_code == 1
    assert results(folder / "out") == ["cat.jpg", "owl.png"]


def test_programs_get_a_line_for_each_photo(folder: Path):
    (folder / "photos/bad.jpg").write_bytes(b"text")
    (folder / "out").mkdir()
    (folder / "out/owl.png").write_bytes(b"")
    result = run("photos", "gone.jpg", "-o", "out", "--json", "--skip-existing")
    assert (result.exit_code, result.stderr) == (1, "")
    records = {each["photo"]: each for each in map(json.loads, result.stdout.splitlines())}
    assert {name: each["status"] for name, each in records.items()} == {
        "gone.jpg": "failed",
        "photos/bad.jpg": "failed",
        "photos/cat.jpg": "painted",
        "photos/owl.png": "skipped",
    }
    assert records["photos/bad.jpg"]["code"] == "unsupported_image"
    assert records["photos/bad.jpg"]["message"].startswith("This is no picture")
    assert records["photos/cat.jpg"]["out"] == "out/cat.jpg"
    assert records["photos/cat.jpg"]["seconds"] >= 0


def test_quiet_says_nothing_but_errors(folder: Path):
    result = run("photos", "gone.jpg", "-o", "out", "--quiet", "--brush", "bold")
    assert result.stdout == ""
    assert result.stderr == "stylebot: gone.jpg: There is no such file.\n"


def test_options_that_do_nothing_are_named(folder: Path):
    result = run("photos", "-o", "out", "--brush", "bold", "--keep-colours")
    assert result.exit_code == 0
    assert result.stderr == "stylebot: --brush does nothing for sepia.\n"


def test_streams_are_read_and_written(folder: Path):
    sent = (folder / "photos/owl.png").read_bytes()
    result = run("-", "-o", "-", sent=sent)
    assert (result.exit_code, result.stderr) == (0, "")
    with Image.open(io.BytesIO(result.stdout_bytes)) as image:
        assert (image.format, image.size) == ("PNG", (90, 60))
    assert run("-", "photos/cat.jpg", "-o", "out", sent=sent).exit_code == 0
    assert results(folder / "out") == ["cat.jpg", "photo.png"]
    with Image.open(io.BytesIO(run("photos/cat.jpg", "-o", "-").stdout_bytes)) as image:
        assert image.format == "JPEG"


@pytest.mark.parametrize(
    ("arguments", "sent", "code", "sentence"),
    [
        (["-", "-o", "-"], b"text", 2, "stylebot: -: This is no picture"),
        (["photos", "-o", "-"], None, 2, "Standard output takes one picture"),
        (["photos/cat.jpg", "-o", "-", "--json"], None, 2, "name a file"),
        (["gone.jpg", "-o", "-"], None, 1, "stylebot: gone.jpg: There is no such file."),
    ],
)
@pytest.mark.usefixtures("folder")
def test_streams_that_cannot_be_used_are_refused(
    arguments: list[str], sent: bytes | None, code: int, sentence: str
):
    result = run(*arguments, sent=sent)
    assert result.exit_code == code
    assert sentence in result.stderr
    assert result.stdout_bytes == b""


def test_titles_and_blends_name_styles(folder: Path):
    painted = []
    for style in ("Impression, Sunrise+The Kiss", "kiss,impression-sunrise", "吻+日出·印象"):
        command = ["stylize", "photos/cat.jpg", "-o", "out.png", "--style", style]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
        with Image.open("out.png") as image:
            painted.append(np.asarray(image).astype(int))
    assert all(np.abs(each - painted[0]).max() <= 1 for each in painted[1:])


def test_a_terminal_shows_how_far_it_is(folder: Path):
    command = [str(Path(sys.executable).with_name("stylebot")), "stylize", "photos", "-r", "-o"]
    reading, writing = pty.openpty()
    termios.tcsetwinsize(writing, (24, 80))
    done = subprocess.run(  # noqa: S603 - ours
        [*command, "out", "--style", "sepia"], stdout=subprocess.PIPE, stderr=writing, check=True
    )
    os.close(writing)
    shown = os.read(reading, 100_000).decode()
    os.close(reading)
    assert len(done.stdout.splitlines()) == 3
    assert "3/3" in shown
    assert "photo/s" in shown
