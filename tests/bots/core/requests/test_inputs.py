"""Requests for effects that take a picture or a mask beside the photo."""

from collections.abc import Callable
from typing import Any

import pytest

from bots.core.effects import controls
from bots.core.errors import NeedsInputError, SourceGoneError
from bots.core.requests import drafts, pictures, versions
from bots.core.requests.queueing import accept
from bots.core.requests.values import Question, Ticket
from bots.core.styles import catalogue, previews, recipes, seeding
from engine.api.contract import Step as EngineStep
from engine.api.errors import InvalidOptionError
from storage.values.recipes import Choice, Recipe, Step
from tests.bots.core.conftest import ANN, BEN, HERE, Stage, value
from tests.patching import PATCH

pytestmark = pytest.mark.anyio

Play = Callable[[Callable[[Stage], Any]], None]


async def with_patch(stage: Stage) -> int:
    """The effect's id as a style."""
    stage.engine.specs.append(PATCH)
    await seeding.seed(stage.services)
    return (await stage.ids())["patch"]


async def test_without_its_picture_the_request_is_refused_and_the_photo_kept(stage: Stage):
    services, style = stage.services, await with_patch(stage)
    with pytest.raises(NeedsInputError) as refused:
        await accept(services, stage.asked("patch"))
    assert refused.value.facts == {"title": "Patch", "what": "picture"}
    # Whether it was typed, or a caption: the question says why.
    asked: Ticket | Question | None = None
    for loose in (False, True):
        asked = await drafts.take(services, stage.asked("patch"), loose=loose)
        assert isinstance(asked, Question)
        assert isinstance(asked.why, NeedsInputError)
        assert style not in [each.id for each in asked.styles]
    assert await stage.work() == 0
    assert isinstance(asked, Question)
    pressed = stage.asked(choices=(Choice(style),))
    with pytest.raises(NeedsInputError):
        await drafts.choose(services, asked.job.id, pressed)
    # The draft is still there for another style.
    await drafts.choose(services, asked.job.id, stage.asked("wave"))
    assert await stage.work() == 1


async def test_it_is_listed_and_not_offered_where_a_photo_is_all_there_is(stage: Stage):
    services, style = stage.services, await with_patch(stage)
    assert style in [each.id for each in await catalogue.listed(services, ANN)]
    assert style not in [each.id for each in await catalogue.offered(services, ANN, HERE)]
    # With nothing to apply, a sample is the photo as it is.
    (patch,) = [each for each in await catalogue.listed(services) if each.id == style]
    assert await previews.sample(services, patch, b"cat") == b"cat as itself"


async def test_a_recipe_names_its_inputs_and_is_painted_again_with_them(stage: Stage):
    services, style = stage.services, await with_patch(stage)
    photo = await pictures.take(services, ANN, b"A")
    face = await pictures.take_input(services, ANN, photo, b"face")
    mask = await pictures.take_input(services, ANN, photo, b"mask")
    params = {"face": face, "spot": mask, "amount": 0.5}
    requested = stage.asked(choices=(Choice(style),), params=params)
    ticket = await accept(services, requested)
    assert ticket.job.wanted.recipe == Recipe((Step("patch", params),))
    await stage.work()
    (request,) = stage.engine.asked
    assert request.steps == (EngineStep("patch", params),)
    assert request.inputs == {face: b"face bare", mask: b"mask bare"}
    made = await versions.version(services, ticket.job.id, ANN)
    again = await versions.vary(services, made, stage.asked(params={"amount": 1.0}))
    assert value(again.job.wanted.recipe, "spot") == mask
    assert recipes.inputs_of(services.effects, made.recipe) == [face, mask]
    fields = controls.files_of([PATCH, PATCH], made.recipe.steps[0].params, "zh")
    assert [(each.id, each.mask, each.required, each.picture) for each in fields] == [
        ("face", False, True, face), ("spot", True, False, mask),
    ]  # fmt: skip
    assert fields[0].title == "第二张脸"
    assert [each.id for each in controls.of_recipe(services.effects, made.recipe, "en")] == [
        "amount"
    ]
    await pictures.remove(services, ANN, [photo])
    await stage.work()
    assert stage.platform.told[again.job.id] == services.texts.of_error(SourceGoneError(), "en")


async def test_someone_elses_input_is_not_used(stage: Stage):
    services, style = stage.services, await with_patch(stage)
    photo = await pictures.take(services, BEN, b"B")
    face = await pictures.take_input(services, BEN, photo, b"face")
    requested = stage.asked(choices=(Choice(style),), params={"face": face})
    ticket = await accept(services, requested)
    await stage.work()
    assert stage.engine.asked == []
    assert ticket.job.id in stage.platform.told


def test_no_button_or_form_field_names_an_input():
    for word in ("face", "0" * 40):
        with pytest.raises(InvalidOptionError):
            controls.read([PATCH], "face", word)
    assert controls.read_all([PATCH], {"face": "0" * 40, "amount": "50"}) == {"amount": 0.5}
