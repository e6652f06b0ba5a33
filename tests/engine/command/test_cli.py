"""The command as a user types it, on the shipped checkpoint."""

import io
import json
import re
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import skimage.data
import torch
from click.testing import CliRunner, Result
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from engine.command.cli import main
from engine.command.opening import interruptions
from engine.effects.registry import FILTERS
from engine.media.files import read_code, read_picture, write_code
from engine.painting.catalogue import list_styles
from engine.painting.manifest import SAMPLE_PHOTO, SHIPPED_CHECKPOINT, read_manifest
from engine.painting.stylizer import Stylizer

SLUGS = [style.slug for style in list_styles(read_manifest(SHIPPED_CHECKPOINT), FILTERS)]


@pytest.fixture
def cat(tmp_path: Path) -> Path:
    """A small photo of a cat."""
    path = tmp_path / "cat.jpg"
    Image.fromarray(skimage.data.chelsea()).resize((150, 100)).save(path)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_a_photo_comes_back_painted_at_its_size(cat: Path, tmp_path: Path):
    out = tmp_path / "new" / "wave.png"
    result = run("stylize", cat, "-o", out, "--style", SLUGS[0])
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(out)
    assert pixels(out).shape == (100, 150, 3)
    assert np.abs(pixels(out) - pixels(cat)).mean() > 10


def test_several_photos_go_to_a_folder_under_their_names(cat: Path, tmp_path: Path):
    other = tmp_path / "scan.png"
    Image.fromarray(np.full((64, 64, 4), 128, dtype=np.uint8)).save(other)
    result = run("stylize", cat, other, "-o", tmp_path / "out", "--style", SLUGS[1])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["cat.jpg", "scan.png"]
    with Image.open(tmp_path / "out" / "scan.png") as image:
        assert image.getchannel("A").getextrema() == (128, 128)


def test_options_change_the_picture(cat: Path, tmp_path: Path):
    styles = f"{SLUGS[0]}:2,{SLUGS[1]}"
    variants: dict[str, list[object]] = {
        "plain": ["--style", SLUGS[0]],
        "blend": ["--style", styles],
        "half": ["--style", SLUGS[0], "--strength", "50"],
        "colours": ["--style", SLUGS[0], "--keep-colours"],
        "filter": ["--style", "comic"],
        "broad": ["--style", SLUGS[0], "--brush", "bold"],
        "image": ["--style-image", SAMPLE_PHOTO],
        "nothing": ["--style", SLUGS[0], "--strength", "0"],
    }
    painted = {}
    for name, options in variants.items():
        result = run("stylize", cat, "-o", tmp_path / f"{name}.png", *options)
        assert result.exit_code == 0, result.output
        painted[name] = pixels(tmp_path / f"{name}.png")
    assert (painted.pop("nothing") == pixels(cat)).all()
    names = list(painted)
    for index, name in enumerate(names):
        for other in names[index + 1 :]:
            assert (painted[name] != painted[other]).any(), (name, other)


def test_no_metadata_survives(tmp_path: Path):
    photo, out = tmp_path / "phone.jpg", tmp_path / "out.jpg"
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    Image.fromarray(skimage.data.chelsea()).save(photo, exif=exif, comment=b"a secret place")
    assert run("stylize", photo, "-o", out, "--style", SLUGS[0]).exit_code == 0
    assert b"secret" in photo.read_bytes()
    assert b"secret" not in out.read_bytes()


def test_one_bad_photo_does_not_cost_the_others(cat: Path, tmp_path: Path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(cat.read_bytes()[:500])
    result = run("stylize", broken, cat, "-o", tmp_path / "out", "--style", SLUGS[0])
    assert result.exit_code == 1
    assert result.stderr.startswith(f"stylebot: {broken}: ")
    assert result.stderr.count("\n") == 1
    assert (tmp_path / "out" / "cat.jpg").exists()
    assert not (tmp_path / "out" / "broken.jpg").exists()


def _png_header(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk


def _bad_pictures() -> dict[str, bytes]:
    whole = io.BytesIO()
    Image.fromarray(skimage.data.chelsea()).save(whole, "png")
    return {
        "a truncated PNG": whole.getvalue()[:5000],
        "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "a thread": _png_header(1, 20_000),
        "a wall": _png_header(30_000, 30_000),
        "nothing": b"",
        "text": b"hello",
    }


@pytest.mark.parametrize("name", _bad_pictures())
def test_bad_pictures_get_one_sentence(tmp_path: Path, name: str):
    photo = tmp_path / "photo.png"
    photo.write_bytes(_bad_pictures()[name])
    for options in (["--style", SLUGS[0]], ["--style-image", str(SAMPLE_PHOTO)]):
        result = run("stylize", photo, "-o", tmp_path / "out.png", *options)
        assert result.exit_code == 1
        assert result.stderr.startswith(f"stylebot: {photo}: ")
        assert result.stderr.count("\n") == 1
        assert not (tmp_path / "out.png").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--style", "nothing-like-it"], "There is no style 'nothing-like-it'"),
        (["--style", SLUGS[0] + ":much"], "'much' is no weight"),
        (["--style", SLUGS[0] + ":-1"], "'-1' is no weight"),
        (["--style", SLUGS[0] + ":nan"], "'nan' is no weight"),
        (["--style", SLUGS[0] + ":inf"], "'inf' is no weight"),
        (["--style", SLUGS[0] + ":0"], "Style weights must be 0 or more"),
        (["--style", ","], "Name a style, such as starry-night"),
        (["--style", "kiss+sepia"], "Only painted styles can be blended"),
        (["--style", "sepia,comic"], "Only painted styles can be blended"),
        (["--style", "sepai"], "There is no style 'sepai'; did you mean sepia"),
    ],
)
def test_bad_styles_get_one_sentence(cat: Path, tmp_path: Path, options: list[str], sentence: str):
    result = run("stylize", cat, "-o", tmp_path / "out.png", *options)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"stylebot: {sentence}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--style", SLUGS[0], "--style-image", str(SAMPLE_PHOTO)],
        ["--style", SLUGS[0], "--strength", "101"],
        ["--style", SLUGS[0], "--brush", "huge"],
        ["--style-image", "/no/such/file.png"],
        ["--style", SLUGS[0], "--skip-existing", "--force"],
        ["--style", SLUGS[0], "--name", "{place}"],
        ["--style", SLUGS[0], "--name", "{"],
    ],
)
def test_bad_usage_is_explained(cat: Path, tmp_path: Path, options: list[str]):
    result = run("stylize", cat, "-o", tmp_path / "out.png", *options)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert "Traceback" not in result.output


def test_outputs_never_replace_a_photo(cat: Path, tmp_path: Path):
    before = cat.read_bytes()
    twin = tmp_path / "twin" / "cat.jpg"
    twin.parent.mkdir()
    twin.write_bytes(before)
    for arguments, code, sentence in (
        ([cat, "-o", cat], 2, "would be overwritten"),
        ([cat, "-o", tmp_path], 2, "would be overwritten"),
        ([cat, twin, "-o", tmp_path / "out.jpg"], 2, "need a folder"),
        ([cat, "-o", tmp_path / "out.bmp"], 2, "write .jpg, .png or .webp"),
        ([cat, "-o", tmp_path / "out.gif"], 1, "write .jpg, .png or .webp"),
    ):
        result = run("stylize", *arguments, "--style", SLUGS[0])
        assert result.exit_code == code
        assert sentence in result.stderr
    assert cat.read_bytes() == before


def test_an_unwritable_place_is_named(cat: Path, tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    result = run("stylize", cat, "-o", tmp_path / "file" / "out.png", "--style", SLUGS[0])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"stylebot: {tmp_path / 'file'}")


def test_styles_are_listed_for_people_and_programs():
    lines = run("styles").stdout.splitlines()
    assert lines[0].split() == ["SLUG", "KIND", "TITLE", "ARTIST", "YEAR"]
    assert [line.split()[0] for line in lines[1:]] == SLUGS
    listed = json.loads(run("styles", "--json").stdout)
    assert [style["slug"] for style in listed] == SLUGS
    for style in listed:
        assert style.keys() == {"slug", "kind", "titles", "tags", "artist", "year"}


def test_the_gallery_shows_every_style(cat: Path, tmp_path: Path):
    result = run("gallery", cat, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {f"{slug}.jpg" for slug in SLUGS} | {"contact-sheet.jpg"}
    assert str(tmp_path / "out" / "contact-sheet.jpg") in result.stdout


def test_refusing_a_picture_and_listing_styles_need_no_torch(tmp_path: Path):
    """Torch takes a second to import; nobody should wait for it to be told no."""
    photo = tmp_path / "photo.svg"
    photo.write_bytes(b"<svg/>")
    program = (
        "import sys\nfrom engine.command.cli import main\n"
        "try:\n    main(sys.argv[1:])\nfinally:\n    assert 'torch' not in sys.modules"
    )
    for arguments, code in (
        (["styles"], 0),
        (["stylize", str(photo), "-o", str(tmp_path / "o.png"), "--style", SLUGS[0]], 1),
    ):
        done = subprocess.run([sys.executable, "-c", program, *arguments], check=False)  # noqa: S603
        assert done.returncode == code


def test_bench_prints_a_table_and_json():
    listed = run("bench", "--rounds", "1", "--json", "--side", "64")
    assert listed.exit_code == 0, listed.output
    rows = json.loads(listed.stdout)
    assert {row["what"] for row in rows} >= {"stylebot", "johnson"}
    assert all(row["side"] == 64 and row["threads"] == 1 and row["ms"] > 0 for row in rows)


@pytest.fixture(scope="session")
def vgg_file(vgg_weights: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("perceptual") / "vgg16.safetensors"
    save_file(vgg_weights, path)
    return path


def test_a_style_is_refined_kept_and_painted_with(cat: Path, vgg_file: Path, tmp_path: Path):
    out = tmp_path / "own.style.json"
    result = run(
        "refine", "--style-image", SAMPLE_PHOTO, "-o", out, "--minutes", "0.1", "--photo", cat,
        "--perceptual-weights", vgg_file,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert str(out) in result.stdout
    figures = re.search(r"gram (\d\.\d+) before, (\d\.\d+) after (\d+) steps", result.stdout)
    assert figures is not None
    assert float(figures[2]) <= float(figures[1])
    painted = run("stylize", cat, "-o", tmp_path / "cat.png", "--style-code", out)
    assert painted.exit_code == 0, painted.output
    assert (pixels(tmp_path / "cat.png") != pixels(cat)).any()


def test_without_perceptual_weights_the_style_stays_as_it_was_read(tmp_path: Path):
    broken = tmp_path / "vgg16.safetensors"
    broken.write_bytes(b"nothing")
    out = tmp_path / "own.style.json"
    result = run("refine", "--style-image", SAMPLE_PHOTO, "-o", out, "--perceptual-weights", broken)
    assert result.exit_code == 2
    assert result.stderr.startswith("stylebot: The perceptual weights cannot be read")
    assert "as it was read" in result.stderr
    stylizer = Stylizer.load()
    assert read_code(out) == stylizer.extract_style([read_picture(SAMPLE_PHOTO)])


def test_a_file_that_is_no_style_is_refused(cat: Path, tmp_path: Path):
    result = run("stylize", cat, "-o", tmp_path / "x.png", "--style-code", cat)
    assert result.exit_code == 2
    assert "is no style that stylebot wrote" in result.stderr


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT as in a terminal: a shell's background jobs are started with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_the_first_interrupt_is_noted_and_the_second_one_raised():
    with interruptions() as interrupted:
        assert not interrupted()
        signal.raise_signal(signal.SIGINT)
        assert interrupted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_the_quality_bench_prints_a_row_a_style_and_means(
    vgg_file: Path,
    picture_folder: Callable[..., list[Path]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("engine.training.quality.SIDE_PX", 128)
    photos = picture_folder("photo", 2, (48, 40))
    paintings = picture_folder("painting", 2, (48, 40))
    named = tmp_path / "named"
    named.mkdir()
    (named / f"{SLUGS[0]}.jpg").write_bytes(photos[0].read_bytes())
    lpips = tmp_path / "lpips.safetensors"
    channels = (64, 128, 256, 512, 512)
    save_file({f"lin{i}.weight": torch.ones(1, c, 1, 1) for i, c in enumerate(channels)}, lpips)
    only = tmp_path / "only.txt"
    only.write_text(f"{photos[1].name}\n{paintings[0].name}\n")
    command = [
        "bench", "--quality", "--photos", photos[0].parent, "--styles", named,
        "--paintings", paintings[0].parent, "--only", only, "--lpips-weights", lpips,
        "--perceptual-weights", vgg_file,
    ]  # fmt: skip
    result = run(*command)
    assert result.exit_code == 0, result.output
    first, *rows = [line.split()[:3] for line in result.stdout.splitlines()]
    assert first == ["GROUP", "STYLE", "PICTURES"]
    # The photos and the styles themselves are scored, too: what a painting lies between.
    assert rows == [
        ["trained", SLUGS[0], "1"],
        ["zero-shot", "painting-0", "1"],
        *([group, name, "1"] for name in (SLUGS[0], "painting-0") for group in ("photo", "style")),
        ["trained", "mean", "1"],
        ["zero-shot", "mean", "1"],
        ["photo", "mean", "2"],
        ["style", "mean", "2"],
    ]
    listed = json.loads(run(*command, "--json").stdout)
    assert listed[0].keys() == {"group", "style", "pictures", "scores"}
    names = ["lpips", "selfsim", "remd", "deep", "tint", "gram"]
    assert all(list(row["scores"]) == names for row in listed)


def test_the_quality_bench_says_what_it_needs():
    result = run("bench", "--quality")
    assert result.exit_code == 2
    assert "--quality needs --photos" in result.stderr


def loaded(*arguments: object) -> set[str]:
    """Which heavy libraries a command has loaded by its end."""
    script = (
        "import sys\n"
        "from bots.cli import main\n"
        f"main({[str(argument) for argument in arguments]!r}, standalone_mode=False)\n"
        "print('loaded', *({'torch', 'numpy', 'PIL', 'aiohttp', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_a_command_loads_what_it_needs_and_no_more(cat: Path, tmp_path: Path):
    assert not loaded("styles")
    sepia = ("stylize", cat, "-o", tmp_path / "a.jpg", "--style", "sepia")
    assert "torch" not in loaded(*sepia)
    assert pixels(tmp_path / "a.jpg").shape == (100, 150, 3)


@pytest.mark.parametrize(
    "style",
    [SLUGS[0], f"{SLUGS[0]}:2+{SLUGS[1]}", "Sepia", "The Scream", "--style-image", "--style-code"],
)
def test_a_running_engine_paints_the_same(engine_url: str, cat: Path, tmp_path: Path, style: str):
    chosen: tuple[object, ...] = ("--style", style)
    if style == "--style-image":
        chosen = (style, SAMPLE_PHOTO)
    elif style == "--style-code":
        stylizer = Stylizer.load()
        chosen = (style, write_code(stylizer.style_code(SLUGS[2]), tmp_path / "kept.style.json"))
    there, here = tmp_path / "there.png", tmp_path / "here.png"
    options = ("--strength", "80", "--brush", "fine", *chosen)
    assert run("stylize", cat, "-o", there, *options, "--engine", engine_url).exit_code == 0
    assert run("stylize", cat, "-o", here, *options).exit_code == 0
    assert np.abs(pixels(there) - pixels(here)).mean() < 1


def test_a_running_engine_names_the_photo_it_cannot_use(engine_url: str, cat: Path, tmp_path: Path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(cat.read_bytes()[:200])
    options = ("-o", tmp_path / "out", "--style", "sepia", "--engine", engine_url)
    result = run("stylize", broken, cat, *options)
    assert result.exit_code == 1
    assert f"stylebot: {broken}: The picture is incomplete" in result.stderr
    assert (tmp_path / "out" / "cat.jpg").exists()


def test_an_engine_that_is_not_there_is_told(cat: Path, tmp_path: Path):
    options = ("--style", "sepia", "--engine", "http://127.0.0.1:9")
    result = run("stylize", cat, "-o", tmp_path / "a.jpg", *options)
    assert result.exit_code == 2
    assert result.stderr == "stylebot: The engine cannot be reached; try again in a moment.\n"
    options = ("--style", "no-such", "--engine", "http://127.0.0.1:9")
    assert run("stylize", cat, "-o", tmp_path / "a.jpg", *options).exit_code == 2
