import json
from pathlib import Path

import pytest

from engine.api.errors import TrainingError
from engine.training.export import read_catalogue, read_sources

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


def test_sources_are_read_or_counted(tmp_path: Path):
    path = tmp_path / "sources.json"
    path.write_text('[{"name": "mine", "pictures": 3, "licence": "CC0"}]')
    [source] = read_sources(path, {"photos": 9})
    assert (source.name, source.pictures, source.licence) == ("mine", 3, "CC0")
    [source] = read_sources(None, {"photos": 9})
    assert (source.name, source.pictures, source.licence) == ("photos", 9, "unspecified")
    path.write_text("[1]")
    with pytest.raises(TrainingError, match="no list of sources"):
        read_sources(path, {})
