"""`stylebot analyse` as a user types it."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from engine.analyzers import registry
from engine.api.analyses import BarePart, Decency, Faces, Person, from_json
from engine.command.analyse_cli import in_words
from engine.command.cli import main
from engine.painting.manifest import SAMPLE_PHOTO, SAMPLE_PHOTOS

CAT = SAMPLE_PHOTOS[1]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["analyse", *map(str, arguments)])


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_faces_are_told_in_words_and_drawn(tmp_path: Path):
    out = tmp_path / "new" / "faces.png"
    result = run(SAMPLE_PHOTO, "--what", "faces", "-o", out)
    assert result.exit_code == 0, result.output
    first, second, where = result.stdout.splitlines()
    assert first == "1 face in a picture of 512 x 512 pixels."
    assert second.startswith("1: 9")
    assert where == str(out)
    changed = np.abs(pixels(out) - pixels(SAMPLE_PHOTO)).max(axis=2) > 0
    rows, columns = np.nonzero(changed)
    # The box, and nothing beside it.
    assert (columns.min(), rows.min()) == pytest.approx((178, 69), abs=5)
    assert (columns.max(), rows.max()) == pytest.approx((273, 178), abs=5)
    assert run(CAT, "--what", "faces").stdout == "No faces in a picture of 451 x 300 pixels.\n"


def test_people_are_told_in_words_and_masked(tmp_path: Path):
    out = tmp_path / "mask.png"
    result = run(SAMPLE_PHOTO, "--what", "person", "--out", out)
    assert "There are people: they cover 5" in result.stdout
    mask = pixels(out)
    assert mask.shape == (512, 512, 3)
    assert mask[120, 222].tolist() == [255, 255, 255]
    assert mask[100, 20].tolist() == [0, 0, 0]
    nobody = run(CAT, "--what", "person")
    assert nobody.stdout == "There is no person whose face can be seen.\n"


@pytest.mark.parametrize(("what", "kind"), [("faces", Faces), ("person", Person)])
def test_json_is_what_the_engine_would_answer(what: str, kind: type, tmp_path: Path):
    out = tmp_path / "x.jpg"
    result = run(SAMPLE_PHOTO, "--what", what, "--json", "-o", out)
    found = from_json(json.loads(result.stdout))
    assert isinstance(found, kind)
    assert (found.width, found.height) == (512, 512)
    assert result.stderr.strip() == str(out)


def test_bare_parts_are_named():
    assert run(CAT, "--what", "decency").stdout == "No bare body was found.\n"
    parts = (BarePart("buttocks_exposed", 0.71, (1, 2, 3, 4)),)
    assert list(in_words(Decency(9, 9, parts))) == ["buttocks exposed: certain to 71%."]


def test_bad_input_gets_a_sentence_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(SAMPLE_PHOTO.read_bytes()[:300])
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(SAMPLE_PHOTO.read_bytes())
    assert "'hats' is not one of" in run(SAMPLE_PHOTO, "--what", "hats").output
    for arguments, said in (
        ([broken, "--what", "faces"], "broken.jpg: The picture is incomplete"),
        ([copy, "--what", "faces", "-o", copy], "would be overwritten"),
        ([copy, "--what", "faces", "-o", tmp_path / "x.tiff"], "write .jpg, .png or .webp"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2
        assert said in result.output
    assert copy.read_bytes() == SAMPLE_PHOTO.read_bytes()
    monkeypatch.setattr(registry, "find_spec", lambda _: None)
    result = run(copy, "--what", "person")
    assert result.exit_code == 2
    assert 'pip install "stylebot[faces]"' in result.output
