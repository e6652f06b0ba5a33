import subprocess
import sys

import pytest
from PIL import Image

from engine.analyzers import registry
from engine.analyzers.registry import ANALYZERS
from engine.api.errors import NotInstalledError, UnknownAnalysisError


def test_analyses_are_found_by_name():
    assert [each.what for each in ANALYZERS] == ["faces", "person", "decency"]
    assert ANALYZERS.available() == ("faces", "person", "decency")
    assert ANALYZERS.find("faces").extra == "faces"
    with pytest.raises(
        UnknownAnalysisError, match="no analysis 'hats'; there are: faces, person, decency"
    ):
        ANALYZERS.find("hats")


def test_one_that_is_not_installed_names_its_extra(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "find_spec", lambda _: None)
    assert ANALYZERS.available() == ()
    with pytest.raises(NotInstalledError, match=r'pip install "stylebot\[faces\]"'):
        ANALYZERS.run(["person"], Image.new("RGB", (40, 40)))
    with pytest.raises(NotInstalledError, match=r'pip install "stylebot\[safety\]"'):
        ANALYZERS.find("decency")


def test_several_are_run_on_one_picture_whose_faces_are_found_once(
    astronaut: Image.Image, monkeypatch: pytest.MonkeyPatch
):
    alone = ANALYZERS.run(["person"], astronaut)
    monkeypatch.setattr("engine.analyzers.person.find_faces", None)
    found = ANALYZERS.run(["person", "faces"], astronaut)
    assert found["person"] == alone["person"]
    assert {name: each.what for name, each in found.items()} == {
        "faces": "faces",
        "person": "person",
    }
    assert ANALYZERS.run([], astronaut) == {}


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("engine.analyzers.registry", "numpy"),
        ("engine.analyzers.person", "torch"),
        ("engine.analyzers.person", "ai_edge_litert"),
    ],
)
def test_what_is_heavy_is_loaded_when_it_is_used(module: str, unwanted: str):
    code = f"import sys, {module}; sys.exit({unwanted!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - our own code
    assert done.returncode == 0
