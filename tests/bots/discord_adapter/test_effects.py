"""Effects that only the engine knows are chosen, changed and kept on Discord like any other."""

import asyncio
from dataclasses import replace

import pytest

from bots.core.styles import seeding
from bots.core.users import preferences
from bots.discord_adapter.command_sync import sync_commands
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.handlers import commands
from bots.discord_adapter.render.effect_params import MINUS
from engine.api.contract import Painted, Progress, RenderRequest, Report, Step
from tests.bots.core.conftest import INVERT, PAINT
from tests.bots.discord_adapter.conftest import (
    Stage,
    buttons,
    key,
    menu,
    menus,
    picture,
    said,
)
from tests.editing import EDIT
from tests.patching import PATCH
from tests.placing import WHERE

pytestmark = pytest.mark.anyio


async def with_invert(stage: Stage) -> None:
    """The engine can do one thing more, which it says when it is asked again."""
    stage.engine.specs.append(INVERT)
    await seeding.seed(stage.services)
    await stage.client.cache.renew()


async def test_an_effect_that_only_the_engine_knows_is_used_like_any_other(stage: Stage):
    await with_invert(stage)
    found = await stage.ann.autocomplete(stage.channel, "style", "style", "inv")
    assert found[0]["value"] == "invert"
    result = await stage.paint("invert", how="70 hot tint")
    assert said(result.response).splitlines()[0] == "**Invert** · 70 % · Hot tint"
    values = {"amount": 0.7, "grain": False, "tint": "hot"}
    assert stage.engine.asked[-1].steps == (Step("invert", values),)
    assert result.response is not None
    for label in (f"{MINUS} 20 %", "Film grain"):
        await stage.ann.click(result.response, label=label)
        await stage.work()
    assert said(result.response).splitlines()[0] == "**Invert** · Film grain · Hot tint"
    await stage.ann.click(result.response, label="Adjust")
    chosen = menu(result.response, "set")
    assert [o["label"] for o in chosen["options"]] == ["Tint: Cold tint", "Tint: Hot tint"]
    await stage.ann.select(result.response, ["cold"], custom_id=chosen["custom_id"])
    await stage.work()
    values = {"amount": 0.5, "grain": True, "tint": "cold"}
    assert stage.engine.asked[-1].steps == (Step("invert", values),)
    history = await stage.ann.slash(stage.channel, "history")
    assert "**Invert** · Film grain" in said(history.response)


async def test_its_values_and_those_of_what_paints_stand_in_the_settings(stage: Stage):
    await with_invert(stage)
    panel = await stage.ann.slash(stage.channel, "settings")
    assert panel.response is not None

    async def choose(name: str, value: str) -> None:
        assert panel.response is not None
        custom_id = menu(panel.response, name)["custom_id"]
        await stage.ann.select(panel.response, [value], custom_id=custom_id)

    names = [one["custom_id"] for one in menus(panel.response)]
    assert [n for n in names if "set-value" in n] == [
        "sb:set-value.brush",
        "sb:set-value.quality",
    ]
    await choose("set-value.brush", "bold")
    await choose("set-style", str((await stage.ids())["invert"]))
    await choose("set-value.tint", "hot")
    await stage.ann.click(panel.response, label="Film grain")
    assert buttons(panel.response)["Film grain"]["style"] == 1
    result = await stage.paint("")
    assert said(result.response).splitlines()[0] == "**Invert** · Film grain · Hot tint"
    result = await stage.paint("wave")
    assert said(result.response).splitlines()[0] == "**The Great Wave** · Bold"


async def test_suggestions_say_what_else_may_be_said(stage: Stage):
    found = await stage.ann.autocomplete(stage.channel, "style", "how", "70 ma")
    assert [one["value"] for one in found] == ["70 Masterwork"]
    found = await stage.ann.autocomplete(stage.channel, "style", "how", "bo")
    assert [one["value"] for one in found] == ["Bold"]


async def test_slow_work_goes_behind_and_says_how_far_it_is(stage: Stage):
    begun, go, render = asyncio.Event(), asyncio.Event(), stage.engine.render

    async def slowly(
        request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        if report is None:
            # How it looks painted fast.
            return await render(request)
        report(Progress(0.42))
        begun.set()
        await go.wait()
        return await render(request, report, previews=previews)

    stage.engine.render = slowly  # type: ignore[method-assign]
    result = await stage.ann.slash(
        stage.channel, "style", image=("p.jpg", picture()), style="wave", how="masterwork"
    )
    working = asyncio.create_task(stage.work())
    await begun.wait()
    await Statuses(stage.client).update_all()
    assert said(result.response).startswith("The Great Wave · 42 %")
    go.set()
    await working
    assert said(result.response).splitlines()[0] == "**The Great Wave** · Masterwork"
    assert (stage.engine.asked[-1].priority, stage.engine.asked[-1].timeout_s) == ("bulk", 600)
    assert stage.services.shares == {}


async def test_an_effect_that_needs_a_picture_says_so_and_the_photo_is_kept(stage: Stage):
    stage.engine.specs.append(PATCH)
    await seeding.seed(stage.services)
    await stage.client.cache.renew()
    sentence = (
        "“Patch” needs a second picture beside the photo, which I cannot take here. "
        "Use the studio, or the command stylebot."
    )
    found = await stage.ann.autocomplete(stage.channel, "style", "style", "pat")
    assert found[0]["value"] == "patch"
    photo = ("p.jpg", picture())
    asked = await stage.ann.slash(stage.channel, "style", image=photo, style="patch")
    assert asked.ephemeral
    assert said(asked.response).startswith(sentence)
    assert asked.response is not None
    assert not [label for label in buttons(asked.response) if "Patch" in label]
    assert await stage.work() == 0
    chosen = await stage.ann.click(asked.response, label="1 · Starry Night")
    await stage.work()
    assert "**Starry Night**" in said(chosen.response)
    # As somebody's default, too.
    liked = await preferences.prefer_style(
        stage.services, key(stage.ann), (await stage.ids())["patch"]
    )
    stage.client.cache.note(key(stage.ann), liked)
    asked = await stage.ann.slash(stage.channel, "style", image=photo)
    assert said(asked.response).startswith(sentence)


async def with_places(stage: Stage) -> None:
    """The engine can paint people or their background."""
    stage.engine.specs[0] = replace(PAINT, params=(*PAINT.params, WHERE))
    await seeding.seed(stage.services)
    await stage.client.cache.renew()


async def test_people_and_their_background_are_painted_by_word_and_by_menu(stage: Stage):
    await with_places(stage)
    found = await stage.ann.autocomplete(stage.channel, "style", "how", "backg")
    assert [one["value"] for one in found] == ["Background"]
    result = await stage.paint("wave", how="background")
    assert said(result.response).splitlines()[0] == "**The Great Wave** · Background"
    assert result.response is not None
    await stage.ann.click(result.response, label="Adjust")
    (chosen,) = [
        one
        for one in menus(result.response)
        if "Where: Person" in [option["label"] for option in one["options"]]
    ]
    await stage.ann.select(result.response, ["person"], custom_id=chosen["custom_id"])
    await stage.work()
    assert said(result.response).splitlines()[0] == "**The Great Wave** · Person"
    assert stage.engine.asked[-1].steps[0].params["where"] == "person"


async def test_two_styles_are_for_two_parts(stage: Stage):
    await with_places(stage)
    result = await stage.paint("scream person, wave background")
    line = "**The Scream + The Great Wave** · Person · Background"
    assert said(result.response).splitlines()[0] == line
    places = [step.params["where"] for step in stage.engine.asked[-1].steps]
    assert places == ["person", "background"]


async def test_where_no_one_is_it_says_so_and_has_no_menu_for_it(stage: Stage):
    await with_places(stage)
    stage.engine.absent = ("person",)
    result = await stage.paint("wave", how="person")
    assert "No person was found. Everything was painted." in said(result.response)
    assert result.response is not None
    await stage.ann.click(result.response, label="Adjust")
    labels = [option["label"] for one in menus(result.response) for option in one["options"]]
    assert "Brush: Bold" in labels
    assert "Where: Person" not in labels


async def test_an_effect_with_a_command_has_buttons_beside_styles(stage: Stage):
    stage.engine.specs.append(EDIT)
    await seeding.seed(stage.services)
    await stage.client.cache.renew()
    result = await stage.paint("wave")
    assert result.response is not None
    assert "Liveliness" in buttons(result.response)
    shown = [o["label"] for o in menu(result.response, "style")["options"]]
    assert "Liveliness" not in shown
    await stage.ann.click(result.response, label="Liveliness")
    await stage.work()
    line = said(result.response).splitlines()[0]
    assert line == "**Liveliness + The Great Wave** · edited"
    assert [step.effect for step in stage.engine.asked[-1].steps] == ["liven", "paint"]
    assert buttons(result.response)["Liveliness"]["style"] == 1
    await stage.ann.click(result.response, label="Liveliness")
    await stage.work()
    assert said(result.response).splitlines()[0] == "**The Great Wave**"


async def test_an_effect_with_a_command_is_listed_by_discord(stage: Stage):
    stage.engine.specs.append(EDIT)
    await seeding.seed(stage.services)
    await stage.client.cache.renew()
    # At its next start the bot knows of it.
    stage.client.tree.clear_commands(guild=None)
    commands.add_commands(stage.client)
    assert await sync_commands(stage.client)
    found = await stage.ann.autocomplete(stage.channel, "liveliness", "how", "80 gr")
    assert [one["value"] for one in found] == ["80 Grave"]
    result = await stage.ann.slash(
        stage.channel, "liveliness", image=("photo.jpg", picture()), how="80 Grave"
    )
    await stage.work()
    line = said(result.response).splitlines()[0]
    assert line == "**Liveliness** · Grave · 80 % · edited"
    assert stage.engine.asked[-1].steps == (Step("liven", {"mood": "grave", "strength": 0.8}),)
    (command,) = [c for c in stage.client.tree.get_commands() if c.name == "liveliness"]
    translator = stage.client.tree.translator
    assert translator is not None
    told = await command.get_translated_payload(stage.client.tree, translator)
    assert told["description"] == "Liveliness"
    assert told["description_localizations"]["zh-CN"] == "神采"
