import json
from pathlib import Path

import pytest
from PIL import Image

from engine.api.errors import CheckpointError, UnknownStyleError
from engine.painting.manifest import (
    MANIFEST_FILE,
    NAMES_FILE,
    SHIPPED_CHECKPOINT,
    read_manifest,
    sha256_of,
)


def test_the_shipped_checkpoint_is_what_its_manifest_says():
    manifest = read_manifest(SHIPPED_CHECKPOINT)
    assert sha256_of(SHIPPED_CHECKPOINT / manifest.weights) == manifest.weights_sha256
    for style in manifest.styles:
        assert sha256_of(SHIPPED_CHECKPOINT / style.preview) == style.preview_sha256


@pytest.mark.parametrize(
    "name", ["../secrets", "/etc/passwd", "a/../../b", "..", "c:\\x", "a\\..\\b", "a\0b"]
)
@pytest.mark.parametrize("field", ["weights", "preview"])
def test_files_of_other_folders_are_refused(tmp_path: Path, name: str, field: str):
    record = json.loads((SHIPPED_CHECKPOINT / MANIFEST_FILE).read_text(encoding="utf-8"))
    (record if field == "weights" else record["styles"][0])[field] = name
    (tmp_path / MANIFEST_FILE).write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(CheckpointError, match=field):
        read_manifest(tmp_path)


def test_the_shipped_bank_is_large_and_titled_in_both_languages():
    styles = read_manifest(SHIPPED_CHECKPOINT).styles
    assert len({style.slug for style in styles}) == len(styles) >= 24
    for style in styles:
        assert style.titles.keys() >= {"en", "zh"}
        assert all(style.titles.values())
        assert style.artist
        assert style.licence.startswith("public domain")


def test_the_shipped_checkpoint_stays_small():
    named = [path for path in SHIPPED_CHECKPOINT.rglob("*") if path.is_file()]
    # The weights and previews take 8 MB, the exemplars of masterworks the rest.
    assert sum(path.stat().st_size for path in named) <= 12 * 1000**2


def test_no_file_is_shipped_that_the_manifest_does_not_name():
    manifest = read_manifest(SHIPPED_CHECKPOINT)
    files = (MANIFEST_FILE, NAMES_FILE, manifest.weights)
    named = {
        *files,
        *(style.preview for style in manifest.styles),
        *(style.exemplar for style in manifest.styles),
    }
    found = {
        path.relative_to(SHIPPED_CHECKPOINT).as_posix()
        for path in SHIPPED_CHECKPOINT.rglob("*")
        if path.is_file()
    }
    assert found == named


def test_every_named_style_has_its_exemplar():
    for style in read_manifest(SHIPPED_CHECKPOINT).styles:
        assert sha256_of(SHIPPED_CHECKPOINT / style.exemplar) == style.exemplar_sha256
        with Image.open(SHIPPED_CHECKPOINT / style.exemplar) as picture:
            assert max(picture.size) == 512


def test_a_mistyped_slug_is_answered_with_close_ones(tiny_checkpoint: Path):
    manifest = read_manifest(tiny_checkpoint)
    assert manifest.index_of("storm") == 1
    with pytest.raises(UnknownStyleError, match="did you mean storm"):
        manifest.index_of("strom")
    with pytest.raises(UnknownStyleError, match="stylebot styles"):
        manifest.index_of("xyzzy")


def test_a_folder_without_manifest_is_no_checkpoint(tmp_path: Path):
    with pytest.raises(CheckpointError, match="no checkpoint in"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"format": 2}, "format"),
        ({"weights_sha256": "short"}, "weights_sha256"),
        ({"surprise": 1}, "surprise"),
        ({"styles": [{"slug": "Not A Slug"}]}, "styles.0"),
    ],
)
def test_a_wrong_field_is_named(
    tiny_checkpoint: Path, tmp_path: Path, change: dict[str, object], where: str
):
    record = json.loads((tiny_checkpoint / MANIFEST_FILE).read_bytes()) | change
    (tmp_path / MANIFEST_FILE).write_text(json.dumps(record))
    with pytest.raises(CheckpointError, match=where):
        read_manifest(tmp_path)


def test_broken_json_is_refused(tmp_path: Path):
    (tmp_path / MANIFEST_FILE).write_text("{")
    with pytest.raises(CheckpointError, match="the file"):
        read_manifest(tmp_path)
