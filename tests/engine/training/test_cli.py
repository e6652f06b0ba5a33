"""The whole way, small: folders of pictures to a checkpoint that paints."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor

from engine.command.cli import main
from engine.media.images import Picture
from engine.painting.manifest import read_manifest
from engine.painting.stylizer import Stylizer
from engine.training.trainer import STATE_FILE


@pytest.fixture
def arguments(
    tmp_path: Path,
    vgg_weights: dict[str, Tensor],
    picture_folder: Callable[..., list[Path]],
) -> list[str]:
    weights = tmp_path / "vgg.safetensors"
    save_file(vgg_weights, weights)
    picture_folder("photos", 3)
    picture_folder("styles", 2)
    picture_folder("paintings", 2)
    options = {
        "photos": tmp_path / "photos",
        "styles": tmp_path / "styles",
        "paintings": tmp_path / "paintings",
        "out": tmp_path / "run",
        "perceptual-weights": weights,
        "batch": 1,
        "crop": 32,
        "style-side": 64,
        "threads": 1,
        "device": "cpu",
    }
    return ["train", *(f"--{name}={value}" for name, value in options.items())]


def test_trains_saves_resumes_and_exports(arguments: list[str], tmp_path: Path):
    runner = CliRunner()
    first = runner.invoke(main, [*arguments, "--steps=1"], catch_exceptions=False)
    assert first.exit_code == 0, first.output
    state = (tmp_path / "run" / STATE_FILE).read_bytes()

    again = runner.invoke(main, [*arguments, "--steps=2"], catch_exceptions=False)
    assert again.exit_code == 0, again.output
    assert (tmp_path / "run" / STATE_FILE).read_bytes() != state
    with Image.open(tmp_path / "run" / "samples-0000002.png") as sheet:
        assert sheet.size == (3 * 320, 3 * 320)

    folder = tmp_path / "run" / "checkpoint"
    manifest = read_manifest(folder)
    assert [style.slug for style in manifest.styles] == ["styles-0", "styles-1"]
    assert manifest.training.steps == 2
    assert {s.name: s.pictures for s in manifest.training.sources} == {
        "photos": 3,
        "styles": 2,
        "paintings": 2,
    }
    photo = Picture(np.full((40, 40, 3), 99, dtype=np.uint8), None)
    stylizer = Stylizer.load(folder, "cpu")
    painted = stylizer.repaint(photo, stylizer.style_code("styles-1"))
    assert painted.rgb.shape == photo.rgb.shape


def test_a_run_that_goes_on_from_a_checkpoint_counts_its_steps(
    arguments: list[str], tmp_path: Path
):
    runner = CliRunner()
    assert runner.invoke(main, [*arguments, "--steps=2"], catch_exceptions=False).exit_code == 0
    first = tmp_path / "run" / "checkpoint"
    further = [*arguments, f"--start-from={first}", f"--out={tmp_path / 'further'}", "--steps=1"]
    for _ in range(2):  # the second call resumes a run that has ended
        assert runner.invoke(main, further, catch_exceptions=False).exit_code == 0
        assert read_manifest(tmp_path / "further" / "checkpoint").training.steps == 3


def test_held_back_photos_are_looked_at_and_not_trained_on(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    hold_back = tmp_path / "held.txt"
    hold_back.write_text("photos-1.jpg\npaintings-0.jpg\n")
    command = [*arguments, "--steps=1", f"--hold-back={hold_back}"]
    assert CliRunner().invoke(main, command, catch_exceptions=False).exit_code == 0
    sources = read_manifest(tmp_path / "run" / "checkpoint").training.sources
    assert [source.pictures for source in sources] == [2, 2, 1]
    with Image.open(tmp_path / "run" / "samples-0000001.png") as sheet:
        assert sheet.size == (3 * 320, 320)


def test_a_missing_perceptual_network_is_one_sentence(arguments: list[str], tmp_path: Path):
    torch.save({}, tmp_path / "vgg.safetensors")
    result = CliRunner().invoke(main, [*arguments, "--steps=1"])
    assert result.exit_code == 2
    assert result.stderr.startswith("stylebot: The perceptual weights cannot be read from ")
    assert result.stderr.count("\n") == 1
