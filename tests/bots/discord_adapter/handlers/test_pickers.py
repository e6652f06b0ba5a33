"""First the picture, then the style."""

import discord
import pytest
import simcord

from bots.core.styles import custom_styles
from bots.core.users import preferences
from storage.values.recipes import Choice
from tests.bots.discord_adapter.conftest import (
    COLOURS,
    Stage,
    alike,
    answer_of,
    buttons,
    colour_of,
    gallery,
    key,
    menu,
    picture,
    said,
)

pytestmark = pytest.mark.anyio


async def sent(stage: Stage, *colours: tuple[int, int, int]) -> discord.Message:
    files = [(f"photo-{n}.jpg", picture(colour)) for n, colour in enumerate(colours)]
    return await stage.ben.send(stage.channel, "look", attachments=files)


async def choose(
    stage: Stage,
    asked: simcord.ResponseMessage | discord.Message | None,
    value: str,
    name: str = "choose",
) -> simcord.InteractionResult:
    assert asked is not None
    return await stage.ann.select(asked, [value], custom_id=menu(asked, name)["custom_id"])


async def test_who_has_no_usual_style_is_asked_with_pictures(stage: Stage):
    message = await sent(stage, (120, 120, 120))
    asked = await stage.ann.context_menu(stage.channel, "Stylize", message)
    assert asked.ephemeral
    titles = ["Starry Night", "The Great Wave", "The Scream", "Sepia"]
    (sheet,) = gallery(asked.response)
    assert sheet["description"] == "1 Starry Night, 2 The Great Wave, 3 The Scream, 4 Sepia"
    labels = [label for label in buttons(asked.response) if " · " in label]
    assert labels == [f"{n} · {title}" for n, title in enumerate(titles, start=1)]
    assert [o["label"] for o in menu(asked.response, "choose")["options"]] == titles
    assert await stage.work() == 0
    chosen = await choose(stage, asked.response, str((await stage.ids())["scream"]))
    await stage.work()
    # The result is for all, in a message of its own; the question is gone.
    assert not chosen.ephemeral
    assert "**The Scream**" in said(chosen.response)
    assert answer_of(asked) is None
    assert chosen.response is not None
    (file,) = chosen.response.attachments
    assert alike(colour_of(stage.file(file)), COLOURS[b"scream"])
    assert not (await preferences.preference(stage.services, key(stage.ann))).recipe.complete


async def test_the_choice_may_become_the_usual_one_and_stay_private(stage: Stage):
    message = await sent(stage, (120, 120, 120))
    asked = await stage.ann.context_menu(stage.channel, "Stylize", message)
    for label in ("Make it my default style", "Only I can see it"):
        assert asked.response is not None
        await stage.ann.click(asked.response, label=label)
        assert buttons(asked.response)[label]["style"] == 1
    ids = await stage.ids()
    await choose(stage, asked.response, str(ids["scream"]))
    await stage.work()
    # In place, for no one else sees that either.
    assert "**The Scream**" in said(asked.response)
    liked = stage.client.cache.preference(key(stage.ann)).recipe
    assert liked.styles == (Choice(ids["scream"]),)
    again = await stage.ann.context_menu(stage.channel, "Stylize", message)
    assert not again.ephemeral
    await stage.work()
    assert "**The Scream**" in said(again.response)


@pytest.mark.parametrize(("value", "count"), [("1", 1), ("all", 2)])
async def test_of_several_pictures_one_is_chosen_or_all(stage: Stage, value: str, count: int):
    message = await sent(stage, (250, 0, 0), (0, 0, 250))
    asked = await stage.ann.context_menu(stage.channel, "Stylize", message)
    assert "Which picture?" in said(asked.response)
    await choose(stage, asked.response, value, "pick")
    assert "Which style" in said(asked.response)
    before = len(stage.engine.asked)
    chosen = await choose(stage, asked.response, str((await stage.ids())["scream"]))
    await stage.work()
    assert len(gallery(chosen.response)) == count
    colours = [colour_of(request.image) for request in stage.engine.asked[before:]]
    assert len(colours) == count
    assert alike(colours[-1], (0, 0, 250))


async def test_a_choice_made_twice_is_made_once(stage: Stage):
    liked = await preferences.prefer(stage.services, key(stage.ann), private=True)
    stage.client.cache.note(key(stage.ann), liked)
    asked = await stage.ann.context_menu(stage.channel, "Stylize", await sent(stage, (9, 9, 9)))
    before = asked.response
    assert before is not None
    custom_id = menu(before, "choose")["custom_id"]
    stored = stage.env.backend.get_message(stage.channel.id, before.id)
    question = list(stored.components)
    ids = await stage.ids()
    await choose(stage, before, str(ids["scream"]))
    stored.components = question
    await stage.ann.select(before, [str(ids["great-wave"])], custom_id=custom_id)
    assert await stage.work() == 1
    assert "**The Scream**" in said(asked.response)


async def test_the_question_outlives_the_process_in_the_store_alone(stage: Stage):
    asked = await stage.ann.context_menu(stage.channel, "Stylize", await sent(stage, (9, 9, 9)))
    (job,) = await stage.jobs(stage.ann)
    assert job.state == "draft"
    assert asked.response is not None
    async with stage.services.database.writing() as transaction:
        await transaction.jobs.forget(key(stage.ann))
    gone = await choose(stage, asked.response, "1")
    told = gone.followups[0] if gone.followups else gone.response
    assert "no longer in your history" in said(told)


async def test_pages_of_a_sheet_are_turned(stage: Stage):
    for number in range(15):
        await custom_styles.add_own(stage.services, key(stage.ann), f"S{number:02}x", picture())
    asked = await stage.ann.context_menu(stage.channel, "Stylize", await sent(stage, (9, 9, 9)))
    assert asked.response is not None

    def shown() -> list[str]:
        return [label for label in buttons(asked.response) if " · " in label]

    assert shown()[3:5] == ["4 · Sepia", "5 · S00x"]
    await stage.ann.click(asked.response, label="▶")
    assert shown() == [f"{n + 1} · S{n + 4:02}x" for n in range(8)]
    await stage.ann.click(asked.response, label="▶")
    assert shown() == ["1 · S12x", "2 · S13x", "3 · S14x"]
    assert len(gallery(asked.response)) == 1
    await stage.ann.click(asked.response, label="◀")
    chosen = await stage.ann.click(asked.response, label="3 · S06x")
    await stage.work()
    assert "**S06x**" in said(chosen.response)


async def test_without_an_engine_the_names_are_asked_for(stage: Stage):
    stage.engine.away = True
    asked = await stage.ann.context_menu(stage.channel, "Stylize", await sent(stage, (9, 9, 9)))
    assert gallery(asked.response) == []
    assert len(menu(asked.response, "choose")["options"]) == 4
    assert "1 · Starry Night" in buttons(asked.response)


async def test_a_picture_that_cannot_be_read_is_said_before_a_style_is_chosen(stage: Stage):
    broken = await stage.ben.send(stage.channel, "x", attachments=[("a.jpg", b"no picture")])
    asked = await stage.ann.context_menu(stage.channel, "Stylize", broken)
    assert "damaged" in said(asked.response)
