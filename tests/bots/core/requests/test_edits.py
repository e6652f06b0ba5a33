"""Effects with a command of their own: before styles, off where admins want, said in results."""

from dataclasses import replace

import pytest

from bots.core.effects import controls
from bots.core.errors import OptedOutError, StyleDisabledError, StyleNotHereError
from bots.core.requests import drafts, versions
from bots.core.requests.queueing import accept
from bots.core.requests.values import Question, Version
from bots.core.styles import catalogue, seeding
from bots.core.users import chat_panel, preferences
from bots.core.users.chat_panel import Manager
from storage.values.jobs import Job
from storage.values.recipes import Choice, Recipe
from tests.bots.core.conftest import ANN, BEN, HERE, PAINT, SEPIA, Stage
from tests.editing import EDIT

pytestmark = pytest.mark.anyio


@pytest.fixture
async def edit(stage: Stage) -> int:
    """The id of the edit, which the stage's engine has."""
    stage.engine.specs = [PAINT, EDIT, SEPIA]
    await seeding.seed(stage.services)
    (found,) = await catalogue.edits(stage.services, ANN, HERE)
    return found.id


def effects(recipe: Recipe) -> list[str]:
    return [step.effect for step in recipe.steps]


async def varied(stage: Stage, job: Job, *ids: int, **params: float) -> Job:
    """Press a button under a result."""
    await stage.work()
    made = await versions.version(stage.services, job.id, ANN)
    assert isinstance(made, Version)
    asked = replace(stage.asked(), choices=tuple(map(Choice, ids)), params=params)
    return (await versions.vary(stage.services, made, asked)).job


async def test_it_is_named_with_its_values(stage: Stage, edit: int):
    ticket = await accept(stage.services, stage.asked("liven grave 80"))
    assert ticket.title == "Liveliness"
    (step,) = ticket.job.wanted.recipe.steps
    assert (step.effect, dict(step.params)) == ("liven", {"mood": "grave", "strength": 0.8})
    said = catalogue.said(stage.services, ticket.job.wanted.recipe, "en")
    assert said == ["Grave", "80 %", "edited"]
    assert catalogue.said(stage.services, ticket.job.wanted.recipe, "zh")[-1] == "已编辑"


async def test_under_a_painting_it_comes_before_and_is_taken_away_again(stage: Stage, edit: int):
    wave = (await stage.ids())["great-wave"]
    painted = (await accept(stage.services, stage.asked("wave 40"))).job
    both = await varied(stage, painted, edit)
    assert effects(both.wanted.recipe) == ["liven", "paint"]
    # It is as strong as it says, and the painting as it was.
    assert [step.params["strength"] for step in both.wanted.recipe.steps] == [0.6, 0.4]
    assert catalogue.said(stage.services, both.wanted.recipe, "en") == ["40 %", "edited"]
    await stage.work()
    assert stage.platform.results[both.id] == [b"A as liven, then great-wave"]
    # What both have is the painting's.
    drawn = controls.of_recipe(stage.services.effects, both.wanted.recipe, "en")
    assert [c.word for c in drawn if c.id == "strength"] == ["40"]
    assert next(c.id for c in drawn) == "mood"
    stronger = await varied(stage, both, strength=0.9)
    assert [step.params["strength"] for step in stronger.wanted.recipe.steps] == [0.6, 0.9]
    other = await varied(stage, stronger, (await stage.ids())["scream"])
    assert effects(other.wanted.recipe) == ["liven", "paint"]
    assert [c.style_id for c in other.wanted.recipe.styles] != [wave]
    without = await varied(stage, other, edit)
    assert effects(without.wanted.recipe) == ["paint"]


async def test_a_style_under_an_edit_paints_the_edited_photo(stage: Stage, edit: int):
    edited = (await accept(stage.services, stage.asked("liven grave"))).job
    painted = await varied(stage, edited, (await stage.ids())["sepia"])
    assert effects(painted.wanted.recipe) == ["liven", "sepia"]
    assert painted.wanted.recipe.steps[0].params["mood"] == "grave"
    same = await varied(stage, edited, edit)
    assert same.wanted.recipe == edited.wanted.recipe


async def test_it_is_not_among_the_styles_that_are_offered(stage: Stage, edit: int):
    ids = [style.id for style in await catalogue.listed(stage.services, ANN, HERE)]
    assert edit not in ids
    assert [style.id for style in await catalogue.edits(stage.services, ANN, HERE)] == [edit]
    question = await drafts.take(stage.services, stage.asked())
    assert isinstance(question, Question)
    assert edit not in [style.id for style in question.styles]
    chosen = replace(stage.asked(), choices=(Choice(edit),))
    ticket = await drafts.choose(stage.services, question.job.id, chosen)
    assert effects(ticket.job.wanted.recipe) == ["liven"]


async def test_admins_of_the_bot_can_disable_it(stage: Stage, edit: int):
    both = await varied(stage, (await accept(stage.services, stage.asked("wave"))).job, edit)
    await stage.work()
    async with stage.services.database.writing() as transaction:
        await transaction.styles.put_state(edit, "resting")
    with pytest.raises(StyleDisabledError):
        await accept(stage.services, stage.asked("liven"))
    assert await catalogue.edits(stage.services, ANN, HERE) == []
    # Nor is it kept under another style.
    with pytest.raises(StyleDisabledError):
        await varied(stage, both, (await stage.ids())["scream"])


async def test_admins_of_a_chat_can_turn_it_off(stage: Stage, edit: int):
    manager = Manager(stage.services, HERE, ANN, "en", admin=True)
    (styles,) = [s for s in await chat_panel.look(manager) if s.name == "allowed_styles"]
    assert str(edit) in [option.word for option in styles.options]
    others = [option.word for option in styles.options if option.word != str(edit)]
    await chat_panel.mark(manager, "allowed_styles", others)
    allowed = (await preferences.chat_settings(stage.services, HERE)).allowed_styles
    assert allowed is not None
    assert edit not in allowed
    with pytest.raises(StyleNotHereError):
        await accept(stage.services, stage.asked("liven"))
    assert await catalogue.edits(stage.services, ANN, HERE) == []
    # It is no default style.
    (default,) = [s for s in await chat_panel.look(manager) if s.name == "style_id"]
    assert str(edit) not in [option.word for option in default.options]


async def test_who_forbids_it_is_not_edited(stage: Stage, edit: int):
    await preferences.prefer(stage.services, BEN, repaintable=False)
    with pytest.raises(OptedOutError):
        await accept(stage.services, replace(stage.asked("liven"), author=BEN))
