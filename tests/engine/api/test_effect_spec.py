"""Params: what is taken, what is refused, and that specs survive the wire."""

import json
from typing import Any

import pytest

from engine.api.effect_spec import EffectSpec, Param
from engine.api.errors import InvalidOptionError, MissingInputError
from engine.effects.common import BRUSH, KEEP_COLOURS, STRENGTH
from engine.effects.registry import EFFECTS

SPEC = EffectSpec(
    "test", "painting", 1, {"en": "Test", "zh": "测试"},
    params=(
        Param("styles", "gallery", {"en": "Style", "zh": "风格"}), STRENGTH, KEEP_COLOURS, BRUSH,
        Param("where", "mask", {"en": "Where", "zh": "区域"}),
    ),
)  # fmt: skip
STYLES = [{"slug": "kiss"}]


def test_what_is_absent_has_its_default():
    assert SPEC.checked({"styles": STYLES, "strength": None}) == {
        "styles": [{"slug": "kiss", "weight": 1.0}], "strength": 1.0, "keep_colours": False,
        "brush": "normal", "where": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({}, "needs styles"),
        ({"styles": []}, "1 to 8"),
        ({"styles": "kiss"}, "1 to 8"),
        ({"styles": [{"slug": "kiss"}] * 9}, "1 to 8"),
        ({"styles": [{"weight": 1}]}, "needs a slug, a code or a picture"),
        ({"styles": [{"slug": 4}]}, "needs a slug, a code or a picture"),
        ({"styles": [{"slug": "kiss", "colour": "red"}]}, "must have styles such as"),
        ({"styles": [{"slug": "kiss", "weight": -1}]}, "0 or more"),
        ({"styles": [{"slug": "kiss", "weight": float("nan")}]}, "0 or more"),
        ({"styles": [{"slug": "kiss", "weight": "2"}]}, "must be a number"),
        ({"styles": STYLES, "strength": 1.1}, "strength must be between 0 and 1, not 1.1"),
        ({"styles": STYLES, "strength": float("nan")}, "strength must be between"),
        ({"styles": STYLES, "strength": True}, "strength must be a number"),
        ({"styles": STYLES, "strength": "1"}, "strength must be a number"),
        ({"styles": STYLES, "keep_colours": 1}, "keep_colours must be true or false"),
        ({"styles": STYLES, "brush": "huge"}, "brush must be one of fine, normal, bold"),
        ({"styles": STYLES, "where": ""}, "where must be the name of a picture"),
        ({"styles": STYLES, "size": 1}, "test has no param 'size'"),
    ],
)
def test_what_no_param_takes_is_refused_in_a_sentence(params: dict[str, Any], says: str):
    with pytest.raises(InvalidOptionError, match=says):
        SPEC.checked(params)


def test_specs_travel_as_json():
    for spec in (SPEC, *(effect.spec for effect in EFFECTS)):
        assert EffectSpec.from_json(json.loads(json.dumps(spec.as_json()))) == spec


def test_a_param_of_a_kind_that_is_not_known_yet_is_left_out():
    record = json.loads(json.dumps(SPEC.as_json()))
    record["params"][1]["kind"] = "curve"
    record["mood"] = "new"
    read = EffectSpec.from_json(record)
    assert [param.id for param in read.params] == ["styles", "keep_colours", "brush", "where"]


def test_what_is_required_is_missed():
    face = Param("face", "picture", {"en": "Face", "zh": "脸"}, required=True)
    spec = EffectSpec("test", "filter", 1, {"en": "Test", "zh": "测试"}, params=(face, STRENGTH))
    assert (spec.inputs, spec.lacking({}), spec.lacking({"face": "mine"})) == ((face,), face, None)
    assert spec.checked({"face": "mine"}) == {"face": "mine", "strength": 1.0}
    for params in ({}, {"face": None}):
        with pytest.raises(MissingInputError, match="test needs the picture face"):
            spec.checked(params)
    assert "face" not in spec.filled({})
    record = json.loads(json.dumps(spec.as_json()))
    assert EffectSpec.from_json(record) == spec
    # An older engine's has no such field.
    del record["params"][0]["required"]
    assert EffectSpec.from_json(record).lacking({}) is None
    assert SPEC.lacking({}) is None


def test_an_engine_that_lacks_an_option_says_so():
    spec = SPEC.without("brush", "bold")
    brush = spec.param("brush")
    assert brush
    assert [option.id for option in brush.options] == ["fine", "normal"]
    assert spec.param("strength") == SPEC.param("strength")


def test_a_command_and_what_a_picture_needs_are_sent_and_may_be_missing():
    face = Param("face", "picture", {"en": "Face", "zh": "脸"}, needs=("faces",))
    spec = EffectSpec(
        "test", "edit", 1, {"en": "Test", "zh": "测试"}, params=(face,), command="try"
    )
    record = json.loads(json.dumps(spec.as_json()))
    assert EffectSpec.from_json(record) == spec
    assert (spec.title("zh"), spec.title("fr")) == ("测试", "Test")
    # An older engine's has no such fields.
    del record["command"], record["params"][0]["needs"]
    older = EffectSpec.from_json(record)
    assert (older.command, older.params[0].needs) == ("", ())
