import json
import shutil
from pathlib import Path

import pytest

from engine.api.errors import CheckpointError, UnknownStyleError
from engine.effects.registry import FILTERS
from engine.painting.catalogue import called, find_style, list_styles
from engine.painting.manifest import SHIPPED_CHECKPOINT, read_manifest


def test_painted_styles_come_first_then_the_filters(tiny_checkpoint: Path):
    listed = list_styles(read_manifest(tiny_checkpoint), FILTERS)
    assert [style.slug for style in listed] == ["calm", "storm", *(spec.id for spec in FILTERS)]
    assert {style.kind for style in listed[2:]} == {"filter"}


def test_the_shipped_catalogue_has_no_slug_twice():
    slugs = [style.slug for style in list_styles(read_manifest(SHIPPED_CHECKPOINT), FILTERS)]
    assert len(set(slugs)) == len(slugs)


def test_a_style_is_found_and_a_mistyped_one_named(tiny_checkpoint: Path):
    manifest = read_manifest(tiny_checkpoint)
    assert find_style(manifest, "storm", FILTERS).titles["en"] == "Storm"
    assert find_style(manifest, "sepia", FILTERS).kind == "filter"
    with pytest.raises(UnknownStyleError, match="did you mean sepia"):
        find_style(manifest, "sepai", FILTERS)


def test_names_say_what_is_best_and_what_stands_in_for_what(tiny_checkpoint: Path, tmp_path: Path):
    shutil.copy(tiny_checkpoint / "manifest.json", tmp_path)
    (tmp_path / "names.json").write_text(
        json.dumps(
            {
                "artists": [{"name": "Hokusai", "names": {"zh": "北斋"}, "aliases": ["Hokusay"]}],
                "styles": [
                    {"slug": "storm", "aliases": ["Sturm"], "replaces": ["hurricane", "sepia"]},
                    {"slug": "comic"},
                ],
                "tags": {"film": ["胶片"]},
            }
        )
    )
    manifest = read_manifest(tmp_path)
    listed = list_styles(manifest, FILTERS)
    assert [style.slug for style in listed][:3] == ["storm", "calm", "comic"]
    storm = listed[0].model_copy(update={"artist": "Hokusai"})
    names = called(manifest, storm)
    assert (names.artists, names.aliases) == ({"zh": "北斋"}, ("Sturm", "Hokusay"))
    sepia = find_style(manifest, "sepia", FILTERS)
    assert "胶片" in called(manifest, sepia).tags
    assert called(manifest, listed[1]).aliases == ()
    # What is gone is answered by what stands in for it; what is there, by itself.
    assert find_style(manifest, "hurricane", FILTERS).slug == "storm"
    assert sepia.slug == "sepia"


def test_names_that_cannot_be_read_are_told(tiny_checkpoint: Path, tmp_path: Path):
    shutil.copy(tiny_checkpoint / "manifest.json", tmp_path)
    (tmp_path / "names.json").write_text('{"styles": [{"slag": "storm"}]}')
    with pytest.raises(CheckpointError, match="is no list of names: styles"):
        read_manifest(tmp_path)


def test_every_shipped_style_has_names_and_every_artist_a_chinese_one():
    manifest = read_manifest(SHIPPED_CHECKPOINT)
    listed = list_styles(manifest, FILTERS)
    assert {entry.slug for entry in manifest.names.styles} == {style.slug for style in listed}
    for style in listed:
        names = called(manifest, style)
        assert names.aliases, style.slug
        assert not style.artist or names.artists["zh"], style.artist


# Every slug that was ever shipped: what people have typed once keeps being answered.
EVER_SHIPPED = """
    arearea composition-vii contrast-of-forms cubist earthly-delights fuji gold-leaf great-wave
    haystacks impression-sunrise jack-pine kiss lily-pond mosaic-portrait moulin moulin-rouge
    olive-trees pearl-earring pier-and-ocean pointillism poppies sainte-victoire scream
    self-portrait shipwreck starry-night sunflowers tarot udnie venus water-lilies wheat-field
    woman-with-a-hat yellow-red-blue
    black-and-white vintage sepia oil-painting pencil-sketch comic warm cool high-contrast faded
"""


@pytest.mark.parametrize("slug", EVER_SHIPPED.split())
def test_a_slug_that_was_ever_shipped_is_answered(slug: str):
    find_style(read_manifest(SHIPPED_CHECKPOINT), slug, FILTERS)
