"""Commands of effects: `stylebot express`."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from engine.command.cli import main
from engine.effects.registry import EFFECTS
from engine.painting.manifest import SAMPLE_PHOTO, SAMPLE_PHOTOS


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def pixels(path: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_each_effect_with_a_command_has_one_and_is_no_style():
    for spec in (effect.spec for effect in EFFECTS):
        assert (spec.id in main.commands) == bool(spec.command), spec.id
    assert "--expression" not in run("stylize", "--help").output
    assert "--expression" in run("express", "--help").output


def test_a_photo_gets_an_expression(tmp_path: Path):
    done = run("express", SAMPLE_PHOTO, "--expression", "serious", "-o", tmp_path / "out.png")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"{tmp_path / 'out.png'}\n"
    before, after = pixels(SAMPLE_PHOTO), pixels(tmp_path / "out.png")
    assert before.shape == after.shape
    changed = (before != after).any(axis=-1)
    assert 0 < changed.mean() < 0.05
    none = run("express", SAMPLE_PHOTO, "--strength", "0", "-o", tmp_path / "none.png")
    assert none.exit_code == 0, none.output
    assert (pixels(tmp_path / "none.png") == before).all()


def test_an_expression_is_taken_from_another_photo(tmp_path: Path):
    earnest, smiling = tmp_path / "earnest.png", tmp_path / "smiling.png"
    assert run("express", SAMPLE_PHOTO, "--expression", "serious", "-o", earnest).exit_code == 0
    done = run("express", earnest, "--from", SAMPLE_PHOTO, "-o", smiling)
    assert done.exit_code == 0, done.output
    assert (pixels(smiling) != pixels(earnest)).any()


@pytest.mark.parametrize("source", ["photo", "from"])
def test_a_photo_without_a_face_is_named_and_the_others_are_done(tmp_path: Path, source: str):
    cat = SAMPLE_PHOTOS[1]
    if source == "photo":
        done = run("express", cat, SAMPLE_PHOTO, "-o", tmp_path)
        assert done.stderr == f"stylebot: {cat}: No face was found in the picture.\n"
        assert [path.name for path in tmp_path.iterdir()] == [f"{SAMPLE_PHOTO.stem}.jpg"]
    else:
        done = run("express", SAMPLE_PHOTO, "--from", cat, "-o", tmp_path / "out.png")
        assert done.stderr == f"stylebot: {SAMPLE_PHOTO}: from: No face was found in the picture.\n"
        assert not (tmp_path / "out.png").exists()
    assert done.exit_code == 1


def test_clips_are_refused(tmp_path: Path):
    clip = tmp_path / "clip.gif"
    frames = [Image.effect_noise((64, 64), 80).convert("RGB") for _ in range(3)]
    frames[0].save(clip, save_all=True, append_images=frames[1:], duration=100)
    done = run("express", clip, "-o", tmp_path / "out.gif")
    assert done.exit_code == 2
    assert done.stderr == "stylebot: Expression is for single pictures, not for clips.\n"
