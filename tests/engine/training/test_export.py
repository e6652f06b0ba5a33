import json
from pathlib import Path

import pytest

from engine.errors import TrainingError
from engine.training.export import read_catalogue

ENTRY = {"slug": "sea", "titles": {"en": "Sea", "zh": "海"}, "artist": "A", "year": 1900}


def test_without_a_catalogue_titles_come_from_the_slugs():
    [entry] = read_catalogue(None, ["starry-night"])
    assert entry.titles == {"en": "Starry Night"}


def test_entries_come_in_the_order_of_the_styles(tmp_path: Path):
    path = tmp_path / "styles.json"
    path.write_text(json.dumps([ENTRY, ENTRY | {"slug": "air"}]))
    assert [entry.slug for entry in read_catalogue(path, ["air", "sea"])] == ["air", "sea"]


def test_a_style_without_entry_is_named(tmp_path: Path):
    path = tmp_path / "styles.json"
    path.write_text(json.dumps([ENTRY]))
    with pytest.raises(TrainingError, match="no entry for air"):
        read_catalogue(path, ["sea", "air"])


@pytest.mark.parametrize("text", ["{", '[{"slug": "sea"}]', "[1]"])
def test_a_broken_catalogue_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "styles.json"
    path.write_text(text)
    with pytest.raises(TrainingError, match="no catalogue"):
        read_catalogue(path, ["sea"])
