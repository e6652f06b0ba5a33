"""Controls are what specs say, whichever effects there are."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.core.effects import controls
from bots.core.effects.specs import Effects
from engine.api.effect_spec import EffectSpec, Option, Param
from engine.api.errors import InvalidOptionError
from storage.values.recipes import Choice, Recipe, Step
from tests.bots.core.conftest import INVERT, PAINT, SEPIA, SPECS
from tests.placing import WHERE

EFFECTS = Effects((*SPECS, INVERT))
SPAN = Param("span", "slider", {"en": "Span", "zh": "跨度"}, 4.0, low=2.0, high=12.0)


def painted(**values: Any) -> Recipe:
    return Recipe((Step("paint", {"styles": (Choice(1),)} | values),))


def test_there_is_a_control_for_each_parameter_but_the_gallery():
    drawn = controls.of(PAINT, {"strength": 0.6, "brush": "bold"}, "zh")
    assert [(c.id, c.kind, c.title, c.word, c.said) for c in drawn] == [
        ("strength", "slider", "强度", "60", "60 %"),
        ("keep_colours", "toggle", "保留原色", "0", "保留原色"),
        ("brush", "choice", "笔触", "bold", "粗犷"),
        ("quality", "choice", "画质", "fast", "快速"),
    ]
    strength, colours, brush, _ = drawn
    assert strength.less
    assert strength.more
    assert (strength.less.word, strength.more.word) == ("40", "80")
    assert [value.word for value in strength.values if value.chosen] == ["60"]
    assert [value.word for value in colours.values] == ["1"]
    assert [value.word for value in brush.values if value.chosen] == ["bold"]


@pytest.mark.parametrize(
    ("at", "less", "more"), [(1.0, "80", None), (0.9, "70", "100"), (0.2, "10", "40"),
                             (0.1, None, "30"), (0.0, None, "20")],
)  # fmt: skip
def test_a_slider_goes_on_to_its_ends(at: float, less: str | None, more: str | None):
    (strength, *_) = controls.of(PAINT, {"strength": at}, "en")
    assert (strength.less.word if strength.less else None) == less
    assert (strength.more.word if strength.more else None) == more


@given(st.integers(0, 100))
def test_percent_are_of_a_sliders_way(percent: int):
    value = controls.from_percent(SPAN, percent)
    assert SPAN.low <= value <= SPAN.high
    assert value == pytest.approx(2 + percent / 10)


@given(st.sampled_from([PAINT, SEPIA, INVERT]), st.data())
def test_every_value_a_control_offers_can_be_read(spec: Any, data: st.DataObject):
    control = data.draw(st.sampled_from(controls.of(spec, {}, "en")))
    for value in (*control.values, control.less, control.more):
        if value:
            read = controls.read([spec], control.id, value.word)
            assert spec.filled({control.id: read})[control.id] == read
            (again,) = [
                c for c in controls.of(spec, {control.id: read}, "en") if c.id == control.id
            ]
            assert again.word == value.word


@pytest.mark.parametrize(
    ("param", "word"),
    [("strength", "101"), ("strength", "-1"), ("strength", "x"), ("strength", "²"),
     ("keep_colours", "yes"), ("brush", "broad"), ("styles", "1"), ("nothing", "1"), ("", "")],
)  # fmt: skip
def test_what_is_no_value_is_refused_and_left_out_of_forms(param: str, word: str):
    with pytest.raises(InvalidOptionError):
        controls.read([PAINT], param, word)
    said = controls.read_all([PAINT], {param: word, "quality": "masterwork"})
    assert said == {"quality": "masterwork"}


def test_a_value_of_another_day_is_the_usual_one():
    drawn = controls.of(PAINT, {"strength": 7, "brush": "broad"}, "en")
    assert [control.word for control in drawn] == ["100", "0", "normal", "fast"]


def test_a_preference_has_controls_of_what_paints_and_of_the_usual_effect():
    liked = Recipe((Step("invert", {"brush": "bold", "tint": "hot"}),))
    drawn = {control.id: control.word for control in controls.of_preference(EFFECTS, liked, "en")}
    assert list(drawn) == [
        "strength", "keep_colours", "brush", "quality", "amount", "grain", "tint",
    ]  # fmt: skip
    assert (drawn["brush"], drawn["tint"]) == ("bold", "hot")
    assert len(controls.of_preference(EFFECTS, Recipe(), "en")) == 4
    assert controls.of_preference(Effects(), liked, "en") == []


def test_a_caption_says_what_is_not_usual():
    assert controls.changes(EFFECTS, painted(), "en") == []
    made = painted(strength=0.7, keep_colours=True, brush="bold", quality="fast")
    assert controls.changes(EFFECTS, made, "en") == ["70 %", "Keep colours", "Bold"]
    assert controls.changes(EFFECTS, made, "zh") == ["70 %", "保留原色", "粗犷"]
    assert controls.changes(Effects(), made, "en") == []


def test_what_is_slow_the_spec_says():
    assert controls.is_slow(EFFECTS, painted(quality="masterwork"))
    assert not controls.is_slow(EFFECTS, painted(quality="fast"))
    assert not controls.is_slow(EFFECTS, painted())
    assert not controls.is_slow(Effects(), painted(quality="masterwork"))


def test_what_finds_nothing_is_no_choice():
    spec = EffectSpec("tint", "filter", 1, {"en": "Tint"}, params=(WHERE,))
    (control,) = controls.of(spec, {"where": "person"}, "zh")
    assert [value.title for value in control.values] == ["全部", "人物", "背景"]
    assert controls.of(spec, {}, "zh", ["faces"])
    # One option is left.
    assert controls.of(spec, {"where": "person"}, "zh", ["person"]) == []
    wanting = replace(
        WHERE,
        options=(
            Option("gentle", {"en": "Gentle"}, wants=("faces",)),
            Option("free", {"en": "Free"}),
        ),
    )
    helped = replace(spec, params=(wanting,))
    assert controls.of(helped, {}, "en")
    assert controls.of(helped, {}, "en", ["faces"]) == []
    alone = spec.without("where", "person").without("where", "background")
    assert controls.of(alone, {}, "en") == []
    assert set(Effects((spec,)).placing) == {"where"}
    assert set(EFFECTS.placing) == set()
