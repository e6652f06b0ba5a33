"""From what was chosen to a recipe, and to what the engine is asked."""

import pytest

from bots.core.requests import drafts
from bots.core.requests.queueing import accept
from bots.core.requests.values import Question, Ticket
from bots.core.styles import catalogue, custom_styles, recipes, seeding
from bots.core.users import preferences
from engine.api.contract import Step as EngineStep
from engine.api.errors import InvalidOptionError
from storage.values.recipes import Choice, Recipe, Step
from tests.bots.core.conftest import ANN, INVERT, SEPIA, Stage, value

pytestmark = pytest.mark.anyio


async def test_a_filter_is_an_effect_and_a_style_is_painted(stage: Stage):
    await accept(stage.services, stage.asked("sepia 70"))
    await accept(stage.services, stage.asked("wave:2+scream bold"))
    await stage.work()
    sepia, blend = (request.steps for request in stage.engine.asked)
    assert sepia == (EngineStep("sepia", {"strength": 0.7, "keep_colours": False}),)
    assert blend[0].effect == "paint"
    assert [item["weight"] for item in blend[0].params["styles"]] == [2.0, 1.0]
    assert blend[0].params["brush"] == "bold"


async def test_a_filter_is_blended_with_nothing_and_the_photo_is_kept(stage: Stage):
    with pytest.raises(InvalidOptionError):
        await accept(stage.services, stage.asked("wave+sepia"))
    asked = await drafts.take(stage.services, stage.asked("wave+sepia"))
    assert isinstance(asked, Question)
    assert [style.slug for style in asked.styles[: asked.meant]] == ["great-wave", "sepia"]
    taken = await drafts.answer(stage.services, asked.job.id, stage.asked("sepia"))
    assert isinstance(taken, Ticket)


async def test_what_was_said_besides_a_style_that_is_not_known_holds_for_the_one_chosen(
    stage: Stage,
):
    services, ids = stage.services, await stage.ids()
    asked = await drafts.take(services, stage.asked("nonsense 70 bold"))
    assert isinstance(asked, Question)
    chosen = stage.asked(choices=(Choice(ids["scream"]),))
    recipe = (await drafts.choose(services, asked.job.id, chosen)).job.wanted.recipe
    assert (value(recipe, "strength"), value(recipe, "brush")) == (0.7, "bold")
    # A caption that is about something else says nothing of that.
    loose = await drafts.take(services, stage.asked("grandpa at 70"), loose=True)
    assert isinstance(loose, Question)
    chosen = stage.asked(choices=(Choice(ids["scream"]),))
    recipe = (await drafts.choose(services, loose.job.id, chosen)).job.wanted.recipe
    assert value(recipe, "strength") == 1.0


async def test_values_hold_for_every_effect_that_has_such_parameters(stage: Stage):
    services = stage.services
    stage.engine.specs.append(INVERT)
    await seeding.seed(services)
    ids = await stage.ids()
    await preferences.prefer_values(services, ANN, {"strength": 0.4, "brush": "bold"})
    await preferences.prefer_style(services, ANN, ids["invert"])
    await preferences.prefer_values(services, ANN, {"tint": "hot"})
    usual = (await accept(services, stage.asked())).job.wanted.recipe
    assert usual == Recipe((Step("invert", {"amount": 0.5, "grain": False, "tint": "hot"}),))
    painted = (await accept(services, stage.asked("wave"))).job.wanted.recipe
    assert (value(painted, "strength"), value(painted, "brush")) == (0.4, "bold")
    sepia = (await accept(services, stage.asked("sepia"))).job.wanted.recipe
    assert sepia.steps[0].params == {"strength": 0.4, "keep_colours": False}
    await preferences.prefer_style(services, ANN, None)
    liked = (await preferences.preference(services, ANN)).recipe
    assert not liked.complete
    assert (value(liked, "brush"), value(liked, "tint")) == ("bold", "hot")
    with pytest.raises(InvalidOptionError):
        await preferences.prefer_values(services, ANN, {"brush": "broad"})
    # What no effect has is not kept.
    await preferences.prefer_values(services, ANN, {"size": 3})
    assert (await preferences.preference(services, ANN)).recipe == liked


async def test_something_slow_is_painted_like_the_kept_picture_itself(stage: Stage):
    own = await custom_styles.add_own(stage.services, ANN, "Grandma", b"picture")
    await accept(stage.services, stage.asked("grandma+wave masterwork"))
    await accept(stage.services, stage.asked("grandma"))
    await stage.work()
    # What is slow is shown fast first.
    first, slow, fast = stage.engine.asked
    assert (first.priority, first.steps[0].params["quality"]) == ("interactive", "fast")
    name = f"style-{own.id}"
    assert slow.inputs == {name: b"picture"}
    mine, wave = slow.steps[0].params["styles"]
    assert (mine["picture"], "picture" in wave) == (name, False)
    assert (slow.priority, fast.priority, fast.inputs) == ("bulk", "interactive", {})
    assert "picture" not in fast.steps[0].params["styles"][0]


async def test_a_recipe_of_another_day_asks_for_what_the_effect_has_now(stage: Stage):
    old = Recipe((Step("sepia", {"strength": 0.5, "size": 3, "keep_colours": "much"}),))
    steps, _ = await recipes.steps_for_engine(stage.services, old)
    assert steps == (EngineStep("sepia", {"strength": 0.5, "keep_colours": False}),)
    # An effect that is no more is told by the engine.
    gone = Recipe((Step("gone", {"much": 1}),))
    steps, _ = await recipes.steps_for_engine(stage.services, gone)
    assert steps == (EngineStep("gone", {"much": 1}),)


async def test_a_value_changes_in_the_steps_that_have_it(stage: Stage):
    effects = stage.services.effects
    both = Recipe((Step("paint", {"styles": (Choice(1),), "strength": 1.0}), Step("sepia")))
    half = recipes.changed(effects, both, {"strength": 0.5, "brush": "bold", "size": 3})
    assert half.steps[0].params == {"styles": (Choice(1),), "strength": 0.5, "brush": "bold"}
    assert half.steps[1].params == {"strength": 0.5}
    styles = await catalogue.listed(stage.services)
    ids = await stage.ids()
    assert recipes.choices_in(both, styles) == (Choice(1), Choice(ids["sepia"]))
    assert recipes.titled(both, styles, "en") == "Starry Night + Sepia"
    assert recipes.fitting(SEPIA, {"strength": 9, "brush": "bold"}) == {
        "strength": 1.0, "keep_colours": False,
    }  # fmt: skip
