"""What people type without knowing any command, in a server and in direct messages."""

import discord
import pytest

from bots.core.users import preferences
from tests.bots.core.requests.test_animation import animation
from tests.bots.discord_adapter.conftest import (
    Stage,
    buttons,
    gallery,
    key,
    menu,
    picture,
    said,
)
from tests.bots.discord_adapter.handlers.test_messages import ask, mention

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "words",
    ["paint this like starry night", "stary night", "画成星夜", "make it the great wave pls"],
)
async def test_a_mention_in_free_words_is_understood(stage: Stage, words: str):
    await ask(stage, words)
    await stage.work()
    title = "The Great Wave" if "wave" in words else "Starry Night"
    assert f"**{title}**" in said(stage.channel.last_message)


async def test_a_command_without_a_style_asks_for_one(stage: Stage):
    photo = ("photo.jpg", picture())
    asked = await stage.ann.slash(stage.channel, "style", image=photo)
    assert asked.ephemeral
    assert "Which style?" in said(asked.response)
    (sheet,) = gallery(asked.response)
    assert sheet["media"]["url"].endswith("styles.jpg")
    assert await stage.work() == 0
    assert asked.response is not None
    chosen = await stage.ann.click(asked.response, label="3 · The Scream")
    await stage.work()
    # For all, as nothing else was said.
    assert not chosen.ephemeral
    assert "**The Scream**" in said(chosen.response)
    assert chosen.response is not None
    (file,) = chosen.response.attachments
    assert file.filename.startswith("the-scream-")
    # A person with a default style is not asked.
    liked = await preferences.prefer_style(
        stage.services, key(stage.ann), (await stage.ids())["sepia"]
    )
    stage.client.cache.note(key(stage.ann), liked)
    painted = await stage.ann.slash(stage.channel, "style", image=photo)
    await stage.work()
    assert "**Sepia**" in said(painted.response)
    again = await stage.ann.slash(stage.channel, "style", image=photo, style="xyzzy")
    assert next(iter(buttons(again.response))) in ("1 · The Scream", "1 · Sepia")


@pytest.mark.parametrize("private", [True, False])
async def test_what_is_not_understood_keeps_the_photo_and_asks(stage: Stage, *, private: bool):
    photo = ("photo.jpg", picture())
    asked = await stage.ann.slash(
        stage.channel, "style", image=photo, style="screm", private=private
    )
    # The question is for the person alone, even where others see the result.
    assert asked.ephemeral
    assert "There is no style “screm”. Did you mean The Scream" in said(asked.response)
    assert asked.response is not None
    chosen = await stage.ann.click(asked.response, label="1 · The Scream")
    await stage.work()
    shown = asked if private else chosen
    assert shown.ephemeral is private
    assert "**The Scream**" in said(shown.response)


async def test_a_mention_that_is_not_understood_asks_and_words_answer(stage: Stage):
    await ask(stage, "wave 150")
    asked = stage.channel.last_message
    assert "The number after a style must be from 0" in said(asked)
    assert next(iter(buttons(asked))) == "1 · The Great Wave"
    await stage.ben.send(stage.channel, f"{mention(stage)} scream")
    assert await stage.work() == 0
    await stage.ann.send(stage.channel, f"{mention(stage)} nonsense")
    assert "There is no style “nonsense”" in said(await fresh(stage, asked))
    await stage.ann.send(stage.channel, f"{mention(stage)} like the scream, 40%")
    await stage.work()
    assert "**The Scream** · 40 %" in said(await fresh(stage, asked))


async def fresh(stage: Stage, message: discord.Message | None) -> discord.Message:
    """A message as it is by now."""
    assert message is not None
    return next(one for one in stage.channel.history() if one.id == message.id)


async def test_in_direct_messages_words_and_numbers_answer_the_question(stage: Stage):
    user = stage.ann.user
    channel = user.dm_channel
    files = stage.env.backend.store_attachments(channel.id, [("photo.jpg", picture())])
    await user.send_dm("", attachments=files)
    asked = channel.last_message
    assert asked is not None
    assert list(buttons(asked))[:2] == ["1 · Starry Night", "2 · The Great Wave"]
    await user.send_dm("2")
    await stage.work()
    shown = next(message for message in channel.history() if message.id == asked.id)
    assert "**The Great Wave**" in said(shown)
    # What someone had is shown first, and is number one.
    files = stage.env.backend.store_attachments(channel.id, [("photo.jpg", picture())])
    await user.send_dm("", attachments=files)
    asked = channel.last_message
    assert asked is not None
    assert next(iter(buttons(asked))) == "1 · The Great Wave"
    await user.send_dm("画成呐喊")
    await stage.work()
    shown = next(message for message in channel.history() if message.id == asked.id)
    assert "**The Scream**" in said(shown)


async def test_a_style_may_be_named_before_its_photo(stage: Stage):
    user = stage.ann.user
    channel = user.dm_channel
    await user.send_dm("like the scream")
    assert "I will paint it as “The Scream”" in said(channel.last_message)
    files = stage.env.backend.store_attachments(channel.id, [("photo.jpg", picture())])
    await user.send_dm("", attachments=files)
    await stage.work()
    assert "**The Scream**" in said(channel.last_message)


@pytest.mark.parametrize(
    ("name", "kind", "answer"),
    [
        ("film.flv", "video/x-flv", "I cannot read that kind of video"),
        ("talk.ogg", "audio/ogg", "I cannot listen to audio"),
        ("paper.pdf", "application/pdf", "That file is not a picture"),
        ("", "https://a.example/x.jpg", "I cannot open links"),
        ("", "what are you?", "Send me a photo, and I will show it to you"),
        ("", "hi", "Hello! Send me a photo"),
    ],
)
async def test_what_is_no_photo_has_its_own_answer(stage: Stage, name: str, kind: str, answer: str):
    user = stage.ann.user
    channel = user.dm_channel
    files = stage.env.backend.store_attachments(channel.id, [(name, b"x")] if name else [])
    for file in files:
        file["content_type"] = kind
    await user.send_dm("" if name else kind, attachments=files)
    assert answer in said(channel.last_message)


async def test_a_gif_is_said_to_be_painted_by_its_first_frame(stage: Stage):
    result = await stage.ann.slash(
        stage.channel, "style", image=("a.gif", animation("GIF")), style="wave"
    )
    await stage.work()
    assert "I painted its first frame only" in said(result.response)


async def test_the_menu_lists_what_has_no_button(stage: Stage):
    photo = ("photo.jpg", picture())
    asked = await stage.ann.slash(stage.channel, "style", image=photo)
    assert len(menu(asked.response, "choose")["options"]) == 4
