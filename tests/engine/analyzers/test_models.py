"""Models are what their manifest says, or are not used."""

import json
import shutil
from pathlib import Path

import pytest

from engine.analyzers.models import SHIPPED_MODELS, load, read_models
from engine.api.errors import AnalysisModelError
from engine.painting.manifest import MANIFEST_FILE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED_MODELS, tmp_path / "models"))


def test_every_model_that_ships_is_loaded_as_described():
    records = read_models().models
    for name, record in records.items():
        assert load(name).input_px == record.input_px
    files = {path.name for path in SHIPPED_MODELS.glob("*.tflite")}
    assert files == {record.file for record in records.values()}


def test_licence_and_notice_ship_beside_them():
    assert "Apache License" in (SHIPPED_MODELS / "LICENSE").read_text(encoding="utf-8")
    assert "MediaPipe" in (SHIPPED_MODELS / "NOTICE").read_text(encoding="utf-8")


def test_another_file_is_refused(folder: Path):
    with (folder / "face_landmark.tflite").open("ab") as file:
        file.write(b"!")
    with pytest.raises(AnalysisModelError, match=r"face_landmark\.tflite .* sha256 differs"):
        load("mesh", folder)


def test_a_missing_file_is_named(folder: Path):
    (folder / "face_landmark.tflite").unlink()
    with pytest.raises(AnalysisModelError, match=r"missing: .*face_landmark\.tflite"):
        load("mesh", folder)


@pytest.mark.parametrize("file", ["../face.tflite", "/etc/passwd", "a/b.tflite"])
def test_a_manifest_names_files_of_its_folder_alone(folder: Path, file: str):
    path = folder / MANIFEST_FILE
    record = json.loads(path.read_text(encoding="utf-8"))
    record["models"]["mesh"]["file"] = file
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(AnalysisModelError, match="damaged"):
        load("mesh", folder)


def test_without_a_manifest_nothing_is_loaded(tmp_path: Path):
    with pytest.raises(AnalysisModelError, match="damaged"):
        load("mesh", tmp_path)


def test_loading_writes_nothing(capfd: pytest.CaptureFixture[str]):
    load("near_faces")
    assert capfd.readouterr() == ("", "")
