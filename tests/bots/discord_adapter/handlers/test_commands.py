"""/style and its kin, as people type them."""

import asyncio
from dataclasses import replace
from typing import Any

import discord
import pytest

from bots.core.policy import control
from bots.core.styles import catalogue, custom_styles
from bots.core.users import preferences
from tests.bots.discord_adapter.conftest import (
    COLOURS,
    Stage,
    alike,
    answer_of,
    buttons,
    colour_of,
    gallery,
    key,
    menus,
    picture,
    said,
)

pytestmark = pytest.mark.anyio


async def test_a_photo_becomes_a_card_in_the_message_that_said_it_waits(stage: Stage):
    result = await stage.ann.slash(
        stage.channel, "style", image=("photo.jpg", picture()), style="wave", how="80"
    )
    assert result.acknowledged
    assert not result.ephemeral
    waiting = result.response
    assert said(waiting) == "The Great Wave · you are next"
    assert "Cancel" in buttons(waiting)
    assert await stage.work() == 1
    card = result.response
    assert card is not None
    assert waiting is not None
    assert card.id == waiting.id
    assert "**The Great Wave** · 80 %" in said(card)
    assert f"<@{stage.ann.id}>" in said(card)
    (shown,) = gallery(card)
    assert shown["description"] == "Picture painted in the style The Great Wave"
    assert not shown["spoiler"]
    (file,) = card.attachments
    painted = [0.8 * paint + 24 for paint in COLOURS[b"great-wave"]]
    assert alike(colour_of(stage.file(file)), painted)


@pytest.mark.parametrize(
    ("option", "preference", "private"),
    [(None, False, False), (None, True, True), (True, False, True), (False, True, False)],
)
async def test_who_sees_it_is_said_with_the_option_or_was_said_before(
    stage: Stage, *, option: bool | None, preference: bool, private: bool
):
    await preferences.prefer(stage.services, key(stage.ann), private=preference)
    await stage.client.cache.renew()
    options: dict[str, Any] = {} if option is None else {"private": option}
    result = await stage.paint(**options)
    assert result.ephemeral is private
    assert ("Share to channel" in buttons(result.response)) is private
    assert (f"<@{stage.ann.id}>" in said(result.response)) is not private


async def test_a_hidden_photo_gives_a_hidden_result(stage: Stage):
    result = await stage.ann.slash(
        stage.channel, "style", image=("SPOILER_photo.jpg", picture()), style="wave"
    )
    await stage.work()
    (shown,) = gallery(result.response)
    assert shown["spoiler"]
    assert result.response is not None
    assert result.response.attachments[0].filename.startswith("SPOILER_")


@pytest.mark.parametrize("private", [True, False])
async def test_what_cannot_be_is_said_to_the_person_alone(stage: Stage, *, private: bool):
    async with stage.services.database.writing() as transaction:
        await control.write(transaction, control.Control("draining", "Back at six."))
    photo = ("photo.jpg", picture())
    result = await stage.ann.slash(
        stage.channel, "style", image=photo, style="scream", private=private
    )
    if private:
        assert "Back at six." in said(result.response)
    else:
        # The public "thinking" is taken away first.
        assert answer_of(result) is None
        (told,) = result.followups
        assert ("Back at six." in said(told), told.ephemeral) == (True, True)
    assert await stage.work() == 0


async def test_a_file_larger_than_the_engine_takes_is_not_even_fetched(stage: Stage):
    large = ("photo.jpg", picture() + b"\0" * 20 * 1024 * 1024)
    result = await stage.ann.slash(stage.channel, "style", image=large, style="wave", private=True)
    assert "too large" in said(result.response)
    assert await stage.jobs(stage.ann) == []


async def test_a_photo_that_cannot_be_painted_is_told_in_its_message(stage: Stage):
    result = await stage.ann.slash(
        stage.channel, "style", image=("photo.jpg", b"no picture"), style="wave"
    )
    await stage.work()
    assert "damaged" in said(result.response)
    assert buttons(result.response) == {}


async def test_suggestions_are_from_memory_in_every_language(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    own = await custom_styles.add_own(stage.services, key(stage.ann), "Wavelet", picture())
    await stage.client.cache.renew_person(key(stage.ann))

    def fail(*args: object) -> None:
        raise AssertionError("a suggestion waits for nothing")

    async def suggest(typed: str, who: object = None) -> list[str]:
        actor = stage.ben if who else stage.ann
        found = await actor.autocomplete(stage.channel, "style", "style", typed)
        return [choice["value"] for choice in found]

    monkeypatch.setattr(stage.services.database, "reading", fail)
    monkeypatch.setattr(stage.services.database, "writing", fail)
    monkeypatch.setattr(stage.client, "later", lambda work: work.close())
    assert await suggest("wave") == [own.slug, "great-wave"]
    assert await suggest("冲浪") == ["great-wave"]
    assert await suggest("sc") == ["scream"]
    assert await suggest("nothing like it") == []
    assert len(await suggest("")) == 5
    # Of what others own nothing is seen.
    assert await suggest("wave", "ben") == ["great-wave"]
    monkeypatch.undo()


async def test_own_styles_are_suggested_from_the_second_letter_on(stage: Stage):
    own = await custom_styles.add_own(stage.services, key(stage.ann), "Wavelet", picture())
    await stage.ann.autocomplete(stage.channel, "style", "style", "w")
    found = await stage.ann.autocomplete(stage.channel, "style", "style", "wa")
    assert found[0] == {"name": "Wavelet", "value": own.slug, "name_localizations": None} or (
        found[0]["value"] == own.slug
    )
    painted = await stage.paint(own.slug)
    assert "**Wavelet**" in said(painted.response)


async def test_suggestions_keep_to_what_the_server_allows(stage: Stage):
    ids = await stage.ids()
    settings = await preferences.settle(
        stage.services, stage.here, key(stage.max), admin=True, allowed_styles=(ids["scream"],)
    )
    stage.client.cache.note_chat(stage.here, settings)
    found = await stage.ann.autocomplete(stage.channel, "style", "style", "")
    assert [choice["value"] for choice in found] == ["scream"]


async def test_at_most_so_many_are_suggested_as_discord_takes(stage: Stage):
    (style, *_) = await catalogue.listed(stage.services)
    many = [replace(style, id=1000 + number) for number in range(40)]
    stage.client.cache._styles = many
    found = await stage.ann.autocomplete(stage.channel, "style", "style", "")
    assert len(found) == 25


async def sent(stage: Stage, *files: tuple[str, bytes], content: str = "") -> discord.Message:
    return await stage.ben.send(stage.channel, content, attachments=files)


async def test_the_menu_paints_at_once_for_who_has_a_usual_style(stage: Stage):
    ids = await stage.ids()
    liked = await preferences.prefer_style(stage.services, key(stage.ann), ids["scream"])
    stage.client.cache.note(key(stage.ann), liked)
    message = await sent(stage, ("photo.png", picture()))
    result = await stage.ann.context_menu(stage.channel, "Stylize", message)
    assert not result.ephemeral
    await stage.work()
    assert "**The Scream**" in said(result.response)


async def test_the_menu_says_where_there_is_no_picture(stage: Stage):
    message = await sent(stage, ("readme.txt", b"words"), content="words")
    result = await stage.ann.context_menu(stage.channel, "Stylize", message)
    assert "That file is not a picture" in said(result.response)


async def test_help_and_an_empty_queue_are_said(stage: Stage):
    helped = await stage.ann.slash(stage.channel, "help")
    assert helped.ephemeral
    assert "/mystyles add" in said(helped.response)
    cancelled = await stage.ann.slash(stage.channel, "cancel")
    assert said(cancelled.response) == "You have nothing in the queue."


async def test_cancel_gives_up_all_that_waits_and_says_so_where_it_waited(stage: Stage):
    results = [
        await stage.ann.slash(stage.channel, "style", image=("photo.jpg", picture()), style="wave")
        for _ in range(2)
    ]
    assert "1 photo before yours" in said(results[1].response)
    cancelled = await stage.ann.slash(stage.channel, "cancel")
    assert said(cancelled.response) == "2 requests are cancelled."
    assert [said(result.response) for result in results] == ["Cancelled.", "Cancelled."]
    assert await stage.work() == 0


async def test_a_bot_that_is_about_to_stop_takes_nothing_new(stage: Stage):
    stage.client.stopping = True
    result = await stage.ann.slash(
        stage.channel, "style", image=("photo.jpg", picture()), style="wave"
    )
    assert result.ephemeral
    assert "stops for a moment" in said(result.response)
    assert await stage.jobs(stage.ann) == []


async def test_what_comes_after_three_seconds_leaves_no_trace(stage: Stage):
    stage.env.inject_error("POST", "/interactions/*/*/callback", status=404, code=10062)
    result = await stage.ann.slash(
        stage.channel, "style", image=("photo.jpg", picture()), style="wave"
    )
    assert not result.acknowledged
    assert await stage.jobs(stage.ann) == []
    # The library logs what the tree's handler was told; it is no fault.
    _ = stage.env.errors
    assert "**The Great Wave**" in said((await stage.paint()).response)


async def test_a_fault_is_said_and_logged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("bots.core.requests.choices.wanted_job", broken)
    result = await stage.ann.slash(
        stage.channel, "style", image=("photo.jpg", picture()), style="wave", private=True
    )
    assert "Something went wrong" in said(result.response)
    assert "unforeseen" in caplog.text


async def test_quiet_servers_hear_of_results_alone(stage: Stage):
    settings = await preferences.settle(
        stage.services, stage.here, key(stage.max), admin=True, quiet=True
    )
    stage.client.cache.note_chat(stage.here, settings)
    result = await stage.ann.slash(
        stage.channel, "style", image=("photo.jpg", picture()), style="wave"
    )
    assert result.response is not None
    assert result.response.components == []
    await stage.work()
    assert "**The Great Wave**" in said(result.response)


async def test_twenty_people_at_once_get_one_result_each(stage: Stage):
    crowd = [stage.guild.add_member(stage.env.create_user(f"guest{n}")) for n in range(20)]
    results = [
        await who.slash(
            stage.channel,
            "style",
            image=("photo.jpg", picture((n * 12, 0, 0))),
            style="scream 50",
        )
        for n, who in enumerate(crowd)
    ]
    await asyncio.gather(*(stage.work() for _ in range(4)))
    ids = set()
    for number, (who, result) in enumerate(zip(crowd, results, strict=True)):
        assert f"<@{who.id}>" in said(result.response)
        assert result.response is not None
        (file,) = result.response.attachments
        red = (number * 12 + COLOURS[b"scream"][0]) / 2
        assert abs(colour_of(stage.file(file))[0] - red) < 12
        ids.add(result.response.id)
    assert len(ids) == 20
    assert len(stage.engine.asked) == 20
    assert len(stage.channel.history()) == 20
    assert menus(results[0].response)
