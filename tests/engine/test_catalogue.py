from pathlib import Path

import pytest

from engine.catalogue import filter_code, find_style, list_styles, open_filter
from engine.contract import FILTER, StyleCode
from engine.errors import StaleStyleError, UnknownStyleError
from engine.filters import FILTERS
from engine.manifest import SHIPPED_CHECKPOINT, read_manifest


def test_painted_styles_come_first_then_the_filters(tiny_checkpoint: Path):
    listed = list_styles(read_manifest(tiny_checkpoint))
    assert [style.slug for style in listed] == ["calm", "storm", *FILTERS]
    assert {style.kind for style in listed[2:]} == {"filter"}


def test_the_shipped_catalogue_has_no_slug_twice():
    slugs = [style.slug for style in list_styles(read_manifest(SHIPPED_CHECKPOINT))]
    assert len(set(slugs)) == len(slugs)


def test_a_style_is_found_and_a_mistyped_one_named(tiny_checkpoint: Path):
    manifest = read_manifest(tiny_checkpoint)
    assert find_style(manifest, "storm").titles["en"] == "Storm"
    assert find_style(manifest, "sepia").kind == "filter"
    with pytest.raises(UnknownStyleError, match="did you mean sepia"):
        find_style(manifest, "sepai")


def test_a_filters_code_opens_to_the_filter_and_a_painted_ones_does_not():
    assert open_filter(filter_code("comic")) is FILTERS["comic"]
    assert open_filter(StyleCode("another", b"comic")) is None


@pytest.mark.parametrize("name", [b"gone", b"\xff\xfe"])
def test_a_filter_that_is_no_more_is_stale(name: bytes):
    with pytest.raises(StaleStyleError, match="no longer"):
        open_filter(StyleCode(FILTER, name))
