"""Mentions, replies and direct messages with pictures."""

import discord
import pytest

from bots.core.users import preferences
from storage.values.people import ChatKey
from tests.bots.discord_adapter.conftest import (
    COLOURS,
    Stage,
    alike,
    buttons,
    colour_of,
    gallery,
    key,
    menu,
    picture,
    said,
)

pytestmark = pytest.mark.anyio


def mention(stage: Stage) -> str:
    assert stage.client.user is not None
    return f"<@{stage.client.user.id}>"


async def ask(stage: Stage, words: str, **more: object) -> discord.Message:
    files = [("photo.jpg", picture())]
    return await stage.ann.send(
        stage.channel,
        f"{mention(stage)} {words}",
        attachments=files,
        **more,  # type: ignore[arg-type]
    )


async def test_a_mention_with_a_picture_is_answered_by_one_message(stage: Stage):
    asked = await ask(stage, "scream 60")
    waiting = stage.channel.last_message
    assert "The Scream · you are next" in said(waiting)
    assert waiting is not None
    assert waiting.reference is not None
    assert waiting.reference.message_id == asked.id
    await stage.work()
    assert "**The Scream** · 60 %" in said(stage.channel.last_message)
    assert len(stage.channel.history()) == 2
    # Nobody is pinged by it.
    assert stage.channel.last_message is not None
    for request in stage.env.http_requests:
        if "/messages" in request.path and isinstance(request.json, dict):
            assert request.json["allowed_mentions"] == {"parse": []}
    (job,) = await stage.jobs(stage.ann)
    assert job.result is not None
    assert job.result["message"] == waiting.id
    # Its buttons are like any other's.
    await stage.ann.click(stage.channel.last_message, label="Keep colours")
    await stage.work()
    assert "Keep colours" in said(stage.channel.last_message)


async def test_a_reply_with_a_ping_takes_the_picture_of_what_it_answers(stage: Stage):
    await ask(stage, "scream")
    await stage.work()
    first = stage.channel.last_message
    assert first is not None
    await stage.ben.send(stage.channel, f"{mention(stage)} wave", reply_to=first)
    await stage.work()
    assert "**The Great Wave**" in said(stage.channel.last_message)
    assert alike(colour_of(stage.engine.asked[-1].image), COLOURS[b"scream"])


async def test_what_is_not_to_the_bot_is_not_read(stage: Stage):
    await stage.ann.send(stage.channel, "wave", attachments=[("photo.jpg", picture())])
    await stage.ann.send(stage.channel, "@everyone wave", attachments=[("p.jpg", picture())])
    assert await stage.work() == 0
    assert len(stage.channel.history()) == 2


async def test_a_mention_without_a_picture_gets_a_hint_unless_it_is_quiet(stage: Stage):
    await stage.ann.send(stage.channel, f"{mention(stage)} look at that")
    assert "I see no picture that I can read" in said(stage.channel.last_message)
    settings = await preferences.settle(
        stage.services, stage.here, key(stage.max), admin=True, quiet=True
    )
    stage.client.cache.note_chat(stage.here, settings)
    before = len(stage.channel.history())
    await stage.ann.send(stage.channel, f"{mention(stage)} wave")
    assert len(stage.channel.history()) == before + 1
    await ask(stage, "xyzzy")
    assert len(stage.channel.history()) == before + 2
    # And of a request nothing is said but its result.
    asked = await ask(stage, "scream")
    assert len(stage.channel.history()) == before + 3
    await stage.work()
    result = stage.channel.last_message
    assert "**The Scream**" in said(result)
    assert result is not None
    assert result.reference is not None
    assert result.reference.message_id == asked.id


async def test_a_crash_after_the_result_was_sent_gives_no_second_one(stage: Stage):
    settings = await preferences.settle(
        stage.services, stage.here, key(stage.max), admin=True, quiet=True
    )
    stage.client.cache.note_chat(stage.here, settings)
    await ask(stage, "scream")
    await stage.work()
    before = len(stage.channel.history())
    (job,) = await stage.jobs(stage.ann)
    # As if the worker had died before it could note that it was delivered.
    known = await stage.delivery.delivered(job)
    assert known is not None
    assert known["message"] == stage.channel.last_message.id  # type: ignore[union-attr]
    await stage.delivery.deliver(job, [await stage.engine.render(stage.engine.asked[-1])], [])
    assert len(stage.channel.history()) == before


async def test_a_direct_message_without_a_word_asks_for_the_style(stage: Stage):
    user = stage.ann.user
    channel = user.dm_channel
    files = stage.env.backend.store_attachments(channel.id, [("photo.jpg", picture())])
    await user.send_dm("", attachments=files)
    asked = channel.last_message
    assert "Which style?" in said(asked)
    # One sheet of the photo in all of them.
    assert len(gallery(asked)) == 1
    assert "Only I can see it" not in buttons(asked)
    assert asked is not None
    style = str((await stage.ids())["scream"])
    await user.select(asked, [style], custom_id=menu(asked, "choose")["custom_id"])
    await stage.work()
    # The question becomes the result.
    assert "**The Scream**" in said(channel.last_message)
    assert len(channel.history()) == 2
    (job,) = await stage.jobs(stage.ann)
    assert job.wanted.chat == ChatKey("discord", str(channel.id))
    await user.slash("help")


async def test_a_direct_message_that_names_a_style_is_painted_at_once(stage: Stage):
    user = stage.ann.user
    channel = user.dm_channel
    files = stage.env.backend.store_attachments(channel.id, [("photo.jpg", picture())])
    await user.send_dm("wave 40", attachments=files)
    await stage.work()
    assert "**The Great Wave** · 40 %" in said(channel.last_message)
    await user.send_dm("hello")
    assert "Hello! Send me a photo" in said(channel.last_message)


async def test_admins_only_means_admins_here_as_well(stage: Stage):
    settings = await preferences.settle(
        stage.services, stage.here, key(stage.max), admin=True, audience="admins"
    )
    stage.client.cache.note_chat(stage.here, settings)
    await ask(stage, "scream")
    assert "only admins can do that" in said(stage.channel.last_message)
    await stage.max.send(
        stage.channel, f"{mention(stage)} scream", attachments=[("p.jpg", picture())]
    )
    await stage.work()
    assert "**The Scream**" in said(stage.channel.last_message)


async def test_an_album_is_one_request_with_its_progress(stage: Stage):
    files = [(f"{n}.jpg", picture((80 * n, 0, 0))) for n in range(3)]
    files[1] = ("1.jpg", b"no picture")
    seen = []
    stage.engine.before = lambda: seen.append(said(stage.channel.last_message))
    await stage.ann.send(stage.channel, f"{mention(stage)} scream", attachments=files)
    await stage.work()
    assert "The Scream · 2 of 3" in seen[-1]
    assert len(gallery(stage.channel.last_message)) == 2
    assert "Photo 2 was skipped." in said(stage.channel.last_message)
