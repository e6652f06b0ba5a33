"""What people type, and what it means."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.core.effects.specs import Effects
from bots.core.errors import BadNumberError, BotError, UnknownStyleNameError
from bots.core.styles.request_parser import ParsedRequest, parse, resolve, retired
from engine.api.names import folded
from storage.values.people import UserKey
from storage.values.recipes import Choice
from storage.values.styles import Code, Style
from tests.bots.core.conftest import INVERT, PAINT, SEPIA, SPECS


def style(number: int, slug: str, owner: UserKey | None = None, **titles: str) -> Style:
    return Style(
        id=number, slug=slug, kind="painted", titles=titles, artist="", year=None, tags=(),
        owner=owner, state="on", orphaned=False, place=number, version=1, code=Code("c", b""),
    )  # fmt: skip


STYLES = [
    style(1, "starry-night", en="Starry Night", zh="星夜"),
    style(2, "great-wave", en="The Great Wave", zh="神奈川冲浪里"),
    style(3, "kiss", en="The Kiss", zh="吻"),
    style(4, "moulin", en="Moulin de la Galette"),
    style(5, "moulin-rouge", en="Moulin Rouge"),
    style(6, "own-1", owner=UserKey("t", "1"), en="Grandma"),
]


@pytest.mark.parametrize(
    ("words", "names", "percent"),
    [
        ("", (), None),
        ("  wave ", (("wave", 1.0),), None),
        ("wave 70", (("wave", 1.0),), 70),
        ("wave 70 %", (("wave", 1.0),), 70),
        ("70", (), 70),
        ("70%", (), 70),
        ("starry night 0", (("starry night", 1.0),), 0),
        ("wave+scream", (("wave", 1.0), ("scream", 1.0)), None),
        ("wave:2 + scream : 1 100", (("wave", 2.0), ("scream : 1", 1.0)), 100),
        ("wave:0.5+kiss", (("wave", 0.5), ("kiss", 1.0)), None),
        ("+", (), None),
        ("星夜 \uff17\uff10", (("星夜", 1.0),), 70),
        ("style2", (("style2", 1.0),), None),
        ("40% wave", (("wave", 1.0),), 40),
        ("星夜50%", (("星夜", 1.0),), 50),
    ],
)
def test_words_are_read(words: str, names: tuple[tuple[str, float], ...], percent: int | None):
    assert parse(words) == ParsedRequest(names, percent)


@pytest.mark.parametrize("words", ["wave 101", "-1", "wave -5", "999999999999"])
def test_a_number_that_is_no_strength_is_told(words: str):
    with pytest.raises(BadNumberError):
        parse(words)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("starry-night", [1]),
        ("Starry Night", [1]),
        ("STARRYNIGHT", [1]),
        ("starry", [1]),
        ("星夜", [1]),
        ("wave", [2]),
        ("神奈川", [2]),
        ("the kiss", [3]),
        ("moulin", [4]),
        ("grandma", [6]),
        ("kiss+great wave", [3, 2]),
        ("graet wave", [2]),
        ("paint it like the kiss, please", [3]),
    ],
)
def test_names_are_found(words: str, ids: list[int]):
    assert [choice.style_id for choice in resolve(parse(words), STYLES, "en")] == ids


def test_weights_are_kept():
    assert resolve(parse("kiss:2+moulin:0.5"), STYLES, "en") == (Choice(3, 2.0), Choice(4, 0.5))


@pytest.mark.parametrize(
    ("name", "language", "close"),
    [
        ("stary nite", "en", "Starry Night"),
        ("graet vawe", "en", "The Great Wave"),
        ("graet vawe", "zh", "神奈川冲浪里"),
        ("qqqqqq", "en", "none"),
        ("!?", "en", "none"),
    ],
)
def test_who_misspells_is_shown_what_comes_close(name: str, language: str, close: str):
    with pytest.raises(UnknownStyleNameError) as caught:
        resolve(parse(name), STYLES, language)
    assert str(caught.value.facts["close"]).split(" / ")[0] == close
    assert caught.value.facts["name"] == name


def test_an_earlier_slug_is_known_as_one():
    heir = replace(STYLES[0], replaces=("night-cafe",))
    wish = parse("kiss+Night Cafe 50")
    assert [choice.style_id for choice in resolve(wish, [heir, *STYLES[1:]], "en")] == [3, 1]
    assert retired(wish, [heir]) == "Night Cafe"
    assert retired(parse("starry night"), [heir]) is None


def test_an_own_style_wins_over_a_later_one_of_the_same_name():
    later = style(9, "new", en="Grandma")
    (choice,) = resolve(parse("grandma"), [later, *STYLES], "en")
    assert choice.style_id == 6


def test_this_is_a_picture():
    assert parse("this").this
    assert parse("This 40").this
    assert not parse("wave").this


@pytest.mark.parametrize(
    ("words", "name", "percent", "said"),
    [
        ("kiss bold", "kiss", None, {"brush": "bold"}),
        ("kiss bold 70", "kiss", 70, {"brush": "bold"}),
        ("kiss 70 Bold", "kiss", 70, {"brush": "bold"}),
        ("bold kiss", "kiss", None, {"brush": "bold"}),
        ("kiss masterwork, keep colours", "kiss", None,
         {"quality": "masterwork", "keep_colours": True}),
        ("吻 杰作", "吻", None, {"quality": "masterwork"}),
        ("吻粗犷 70", "吻", 70, {"brush": "bold"}),
        ("保留原色 吻", "吻", None, {"keep_colours": True}),
        ("bold", "", None, {"brush": "bold"}),
        # What a style is called is a style.
        ("fine", "fine", None, {}),
        ("Bold Kiss", "Bold Kiss", None, {}),
        ("kiss fine", "kiss fine", None, {}),
    ],
)  # fmt: skip
def test_options_are_read_by_their_titles(
    words: str, name: str, percent: int | None, said: dict[str, Any]
):
    own = [style(7, "own-2", en="Fine"), *([style(8, "own-3", en=words)] if said == {} else [])]
    wish = parse(words, Effects(SPECS).words, [*STYLES, *own])
    assert [found for found, _ in wish.names] == ([name] if name else [])
    assert (wish.percent, wish.said) == (percent, said)


def test_what_was_said_is_for_the_effects_that_have_it():
    wish = parse("sepia bold 70", Effects(SPECS).words)
    assert wish.params(SEPIA) == {"strength": 0.7}
    assert wish.params(PAINT) == {"strength": 0.7, "brush": "bold"}
    assert wish.params(INVERT) == {"amount": 0.7}


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(words: str):
    try:
        wish = parse(words, Effects(SPECS).words, STYLES)
        resolve(wish, STYLES, "en")
    except BotError:
        return
    assert wish.percent is None or 0 <= wish.percent <= 100


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(name: str):
    assert folded(folded(name)) == folded(name)
