"""Requests for people or what is around them: by word, by button, and where no one is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bots.core.effects import controls
from bots.core.errors import UnknownStyleNameError
from bots.core.jobs.workers import Workers
from bots.core.requests import versions
from bots.core.requests.queueing import accept
from bots.core.styles import seeding
from storage.values.recipes import Choice, Recipe
from tests.bots.core.conftest import ANN, PAINT, SEPIA, ClipEngine, Stage, value
from tests.placing import WHERE

pytestmark = pytest.mark.anyio

Play = Callable[[Callable[[Stage], Any]], None]
NO_ONE = "No person was found. Everything was painted."


async def placing(stage: Stage, engine: ClipEngine | None = None) -> None:
    """Let the stage's engine apply its effects to parts of a photo."""
    if engine:
        stage.engine = engine
        stage.services = replace(stage.services, engine=engine)
        stage.workers = Workers(stage.services, [stage.platform])
    stage.engine.specs = [replace(each, params=(*each.params, WHERE)) for each in (PAINT, SEPIA)]
    await seeding.seed(stage.services)


def places(recipe: Recipe) -> list[Any]:
    return [step.params["where"] for step in recipe.steps]


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("wave", "all"), ("wave background", "background"), ("person wave 70", "person"),
        ("wave everything", "all"), ("sepia, person", "person"), ("冲浪里 背景", "background"),
        ("星夜人物", "person"),
    ],
)  # fmt: skip
async def test_a_word_says_where(stage: Stage, words: str, where: str):
    await placing(stage)
    ticket = await accept(stage.services, stage.asked(words))
    await stage.work()
    (step,) = stage.engine.asked[0].steps
    assert step.params["where"] == value(ticket.job.wanted.recipe, "where") == where
    assert stage.platform.notes == {ticket.job.id: []}


@pytest.mark.parametrize(
    "words",
    [
        "scream person 60, wave background bold", "scream 60 person; background wave bold",
        "呐喊 60 人物\uff0c冲浪里 粗犷 背景", "呐喊人物 60、背景 冲浪里 粗犷",
    ],
)  # fmt: skip
async def test_two_styles_for_two_parts_are_two_steps(stage: Stage, words: str):
    await placing(stage)
    ids = await stage.ids()
    ticket = await accept(stage.services, stage.asked(words))
    first, second = ticket.job.wanted.recipe.steps
    assert first.styles == (Choice(ids["scream"]),)
    assert second.styles == (Choice(ids["great-wave"]),)
    assert (first.params["where"], second.params["where"]) == ("person", "background")
    assert (first.params["strength"], second.params["strength"]) == (0.6, 1.0)
    assert (first.params["brush"], second.params["brush"]) == ("normal", "bold")
    await stage.work()
    assert stage.platform.results[ticket.job.id] == [b"A as scream, then great-wave"]
    assert ticket.title == "The Scream + The Great Wave"
    # The buttons keep both: what divides them is not offered, and other values go to both.
    made = await versions.version(stage.services, ticket.job.id, ANN)
    offered = [c.id for c in controls.of_recipe(stage.services.effects, made.recipe, "en")]
    assert offered == ["strength", "keep_colours", "brush", "quality"]
    again = await versions.vary(stage.services, made, stage.asked(params={"strength": 0.4}))
    assert places(again.job.wanted.recipe) == ["person", "background"]
    assert [step.params["strength"] for step in again.job.wanted.recipe.steps] == [0.4, 0.4]


@pytest.mark.parametrize(
    ("words", "where"),
    [("scream person, wave person", "person"), ("scream, wave", "all"), ("person, wave", "person")],
)
async def test_a_comma_alone_divides_nothing(stage: Stage, words: str, where: str):
    await placing(stage)
    ticket = await accept(stage.services, stage.asked(words))
    assert places(ticket.job.wanted.recipe) == [where]


async def test_an_unknown_style_for_the_other_part_is_refused(stage: Stage):
    await placing(stage)
    with pytest.raises(UnknownStyleNameError):
        await accept(stage.services, stage.asked("scream person, xyzzy background"))
    assert await stage.work() == 0


async def test_where_no_one_is_the_person_is_told_and_offered_it_no_more(stage: Stage):
    await placing(stage)
    services, effects = stage.services, stage.services.effects
    whole = await accept(services, stage.asked("wave"))
    await stage.work()
    made = await versions.version(services, whole.job.id, ANN)
    drawn = controls.of_recipe(effects, made.recipe, "en", made.absent)
    assert made.absent == ()
    assert "where" in [control.id for control in drawn]
    stage.engine.absent = ("person",)
    whole = await accept(services, stage.asked("wave", "b"))
    asked = await accept(services, stage.asked("wave person", "b"))
    await stage.work()
    # All of it was wanted: there is nothing to say.
    assert stage.platform.notes[whole.job.id] == []
    assert stage.platform.notes[asked.job.id] == [NO_ONE]
    for ticket in (whole, asked):
        made = await versions.version(services, ticket.job.id, ANN)
        drawn = controls.of_recipe(effects, made.recipe, "en", made.absent)
        assert made.absent == ("person",)
        assert "where" not in [control.id for control in drawn]
        assert "brush" in [control.id for control in drawn]


async def test_a_clip_is_painted_whole_and_the_person_is_told(stage: Stage):
    await placing(stage, ClipEngine(finished=True))
    film = {"file": "a", "clip": "mp4", "seconds": 2.5, "bytes": 1000}
    words = "scream person, wave background"
    ticket = await accept(stage.services, replace(stage.asked(words), photos=(film,)))
    await stage.work()
    (step,) = stage.engine.asked[0].steps
    assert step.params["where"] == "all"
    assert stage.platform.results[ticket.job.id] == [b"A as scream"]
    assert stage.platform.notes[ticket.job.id] == [
        "People are not looked for in clips. All of it was painted."
    ]
