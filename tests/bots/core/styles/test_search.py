"""Words to styles, on the names that are shipped and a person's own style."""
# ruff: noqa: RUF001 - some of them are Chinese and Russian

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.core.styles.search import exactly, find, suggestions
from engine.api.names import folded
from engine.effects.registry import FILTERS
from engine.painting.catalogue import called, list_styles
from engine.painting.manifest import SHIPPED_CHECKPOINT, read_manifest
from storage.values.people import UserKey
from storage.values.styles import Code, Style

MANIFEST = read_manifest(SHIPPED_CHECKPOINT)
OWN = Style(
    id=900, slug="own-1", kind="custom", titles={"en": "Grandma Quilt"}, artist="", year=None,
    tags=(), owner=UserKey("t", "1"), state="on", orphaned=False, place=9000, version=1,
    code=Code("c", b""),
)  # fmt: skip
ADDED = replace(OWN, id=901, slug="made-1", titles={"en": "Ink Wash", "zh": "水墨"}, owner=None)


def shipped() -> list[Style]:
    """The checkpoint's styles as the store has them."""
    found = []
    for place, record in enumerate(list_styles(MANIFEST, FILTERS)):
        names = called(MANIFEST, record)
        found.append(
            Style(
                id=place + 1, slug=record.slug, kind=record.kind, titles=record.titles,
                artist=record.artist, year=record.year, tags=names.tags, owner=None, state="on",
                orphaned=False, place=place, version=1, code=Code("c", b""),
                artists=names.artists, aliases=names.aliases, replaces=names.replaces,
            )
        )  # fmt: skip
    return found


STYLES = [*shipped(), ADDED, OWN]
BY_SLUG = {style.slug: style for style in STYLES}


def artist_of(text: str) -> str | None:
    found = find(text, STYLES).style
    return found.artist if found else None


@pytest.mark.parametrize("style", shipped(), ids=lambda style: style.slug)
def test_every_title_slug_and_artist_is_understood(style: Style):
    for name in (style.slug, *style.titles.values()):
        assert find(name, STYLES).style == style
        assert find(f"please paint my photo like {name}!", STYLES).style == style, name
        assert find(f"请把这张照片画成{name}的风格", STYLES).style == style, name
    for artist in filter(None, (style.artist, *style.artists.values())):
        surname = artist.replace("·", " ").split()[-1]
        for name in (artist, artist.upper(), surname, f"in the style of {artist}, thanks"):
            assert artist_of(name) == style.artist, name


@pytest.mark.parametrize(
    ("words", "artist"),
    [
        ("van gogh", "Vincent van Gogh"), ("Vangogh", "Vincent van Gogh"),
        ("梵高", "Vincent van Gogh"), ("凡高", "Vincent van Gogh"), ("ゴッホ", "Vincent van Gogh"),
        ("고흐", "Vincent van Gogh"), ("ван гог", "Vincent van Gogh"),
        ("paint this like van gogh", "Vincent van Gogh"), ("monet", "Claude Monet"),
        ("莫奈", "Claude Monet"), ("in the style of Monet please", "Claude Monet"),
        ("北斋", "Katsushika Hokusai"), ("cezanne", "Paul Cézanne"), ("munhc", None),
    ],
)  # fmt: skip
def test_artists_are_understood_in_any_language(words: str, artist: str | None):
    assert artist_of(words) == artist


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("星空", "starry-night"), ("画成星空", "starry-night"),
        ("The starry night", "starry-night"),
        ("stary night", "starry-night"), ("starry nigth", "starry-night"),
        ("grate wave", "great-wave"), ("hokusai wave", "great-wave"), ("尖叫", "scream"),
        ("b&w", "black-and-white"), ("黑白", "black-and-white"), ("cartoon", "comic"),
        ("sketch", "pencil-sketch"), ("素描", "pencil-sketch"), ("sunflower", "sunflowers"),
        ("monet poppies", "poppies"), ("van gogh's sunflowers", "sunflowers"),
        ("grandma", "own-1"), ("like grandma's quilt", "own-1"), ("ink wash", "made-1"),
        ("水墨", "made-1"), ("画成水墨画", "made-1"),
    ],
)  # fmt: skip
def test_usual_titles_parts_and_small_mistakes_are_understood(words: str, slug: str):
    assert find(words, STYLES).style == BY_SLUG[slug]


@pytest.mark.parametrize(
    ("words", "tag"),
    [("impressionist", "impressionism"), ("印象派", "impressionism"), ("蓝色", "blue")],
)
def test_a_tag_shows_the_styles_that_have_it_the_best_first(words: str, tag: str):
    found = find(words, STYLES)
    assert found.style is None
    assert list(found.close) == [style for style in STYLES if tag in style.tags]
    assert len(found.close) > 1


def test_of_what_fits_several_all_are_shown():
    assert {style.slug for style in find("portrait", STYLES).close} == {
        "mosaic-portrait", "self-portrait", "cubist",
    }  # fmt: skip
    assert {style.artist for style in find("paul", STYLES).close} == {
        "Paul Gauguin", "Paul Cézanne",
    }  # fmt: skip


@pytest.mark.parametrize(
    "words",
    ["", "hi", "hello!", "thanks", "my cat", "happy birthday", "look at this", "你好", "?!"],
)
def test_what_names_no_style_finds_none(words: str):
    found = find(words, STYLES)
    assert (found.style, found.close) == (None, ())


def test_other_words_are_told_apart_from_a_name():
    assert find("paint this like van gogh, please", STYLES).rest == ()
    assert find("monet poppies", STYLES).rest == ()
    assert find("my dog as klimt would", STYLES).rest == ("dog",)


def test_half_a_word_brings_suggestions():
    assert suggestions("starr", STYLES)[0].slug == "starry-night"
    assert suggestions("gogh", STYLES)[0].artist == "Vincent van Gogh"
    assert suggestions("梵", STYLES)[0].artist == "Vincent van Gogh"
    assert BY_SLUG["impression-sunrise"] in suggestions("impressio", STYLES)
    assert suggestions("", STYLES) == STYLES


def test_a_style_answers_to_the_slugs_it_stands_in_for():
    heir = replace(BY_SLUG["sunflowers"], replaces=("chrysanthemums",))
    others = [style for style in STYLES if style.slug != "sunflowers"]
    assert exactly("Chrysanthemums", [*others, heir]) == heir


@given(st.text(max_size=60))
def test_whatever_is_typed_is_searched(words: str):
    found = find(words, STYLES)
    assert found.style is None or found.style in STYLES
    assert folded(folded(words)) == folded(words)
