"""What a process knows of the engine's effects."""

import json
from dataclasses import replace

import pytest

from bots.core.effects.specs import Effects, gallery_of, is_a_style, param_of, slider_of
from bots.core.styles import catalogue, seeding
from engine.api.effect_spec import EffectSpec
from engine.api.errors import EngineUnavailableError, InvalidOptionError
from tests.bots.core.conftest import INVERT, PAINT, SEPIA, SPECS, STRENGTH, STYLES, Stage
from tests.patching import PATCH

pytestmark = pytest.mark.anyio


def test_the_one_with_a_gallery_paints():
    effects = Effects((SEPIA, PAINT))
    assert effects.painting == PAINT
    assert (gallery_of(PAINT), gallery_of(SEPIA)) == ("styles", None)
    assert effects.get("sepia") == SEPIA
    assert effects.get("nothing") is None
    with pytest.raises(EngineUnavailableError):
        _ = Effects().painting


def test_what_makes_a_photo_of_a_photo_is_chosen_like_a_style():
    gallery = replace(INVERT, params=(*INVERT.params, STYLES))
    two = replace(INVERT, takes=("image", "image"))
    text = replace(INVERT, gives="text")
    # A picture or a mask beside the photo changes nothing of that.
    assert [is_a_style(one) for one in (INVERT, PATCH)] == [True, True]
    assert [is_a_style(one) for one in (PAINT, gallery, two, text)] == [False] * 4


def test_words_are_those_of_options_and_toggles_in_every_language():
    words = Effects((*SPECS, INVERT)).words
    assert words["masterwork"] == words["杰作"] == ("quality", "masterwork")
    assert words["keepcolours"] == words["保留原色"] == ("keep_colours", True)
    assert words["热调"] == ("tint", "hot")
    assert "strength" not in words
    assert (slider_of(INVERT), param_of(PAINT, "strength")) == (INVERT.params[0], STRENGTH)


def test_a_spec_comes_back_from_json_as_it_went():
    for spec in (*SPECS, INVERT, PATCH):
        record = json.loads(json.dumps(spec.as_json()))
        assert EffectSpec.from_json(record | {"of a newer engine": 1}) == spec


def test_a_spec_checks_what_is_said():
    assert SEPIA.checked({"strength": 0}) == {"strength": 0.0, "keep_colours": False}
    for wrong in ({"strength": 1.1}, {"strength": True}, {"keep_colours": 1}, {"brush": "bold"}):
        with pytest.raises(InvalidOptionError):
            SEPIA.checked(wrong)
    with pytest.raises(InvalidOptionError):
        PAINT.checked({"brush": "broad"})


async def test_an_effect_of_the_engine_is_listed_found_and_kept_in_the_store(stage: Stage):
    services = stage.services
    stage.engine.specs.append(INVERT)
    assert await seeding.seed(services) > 0
    found = {style.slug: style for style in await catalogue.listed(services)}
    assert (found["invert"].kind, found["invert"].title("zh")) == ("filter", "反相")
    assert found["invert"].tags == ("negative",)
    # Nothing has changed: nothing is written of the styles.
    assert await seeding.seed(services) == 0
    # Another process starts while the engine is away.
    other = replace(services, effects=Effects())
    stage.engine.away = True
    await seeding.recall(other)
    assert list(other.effects) == [*SPECS, INVERT]
    # The engine has it no longer: it cannot be chosen, and history may still name it.
    stage.engine.specs.remove(INVERT)
    await seeding.seed(services)
    assert "invert" not in [style.slug for style in await catalogue.listed(services)]
