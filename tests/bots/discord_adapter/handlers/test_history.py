"""History, privacy, export and forgetting."""

import json

import pytest
import simcord

from bots.core.users import history, preferences
from tests.bots.discord_adapter.conftest import (
    Stage,
    buttons,
    key,
    menu,
    picture,
    said,
)

pytestmark = pytest.mark.anyio


async def opened(stage: Stage, number: int = 0) -> simcord.InteractionResult:
    """Ann's history, one entry of it chosen."""
    shown = await stage.ann.slash(stage.channel, "history")
    assert shown.ephemeral
    assert shown.response is not None
    entries = menu(shown.response, "entry")
    value = entries["options"][number]["value"]
    await stage.ann.select(shown.response, [value], custom_id=entries["custom_id"])
    return shown


async def test_the_last_results_are_shown_had_again_and_deleted(stage: Stage):
    first = await stage.paint("wave 70")
    await stage.paint("scream", private=True)
    shown = await stage.ann.slash(stage.channel, "history")
    lines = said(shown.response).splitlines()
    assert lines[0] == "## Your last results"
    assert lines[1].startswith("1. **The Scream** · <t:")
    assert lines[2].startswith("2. **The Great Wave** · 70 % · <t:")
    entry = await opened(stage, 1)
    link = buttons(entry.response)["Show"]["url"]
    assert first.response is not None
    assert link.endswith(f"/{stage.guild.id}/{stage.channel.id}/{first.response.id}")
    assert entry.response is not None
    again = await stage.ann.click(entry.response, label="Paint again")
    assert again.ephemeral
    await stage.work()
    assert "**The Great Wave** · 70 %" in said(again.response)
    await stage.ann.click(entry.response, label="Delete")
    assert "removed from your history" in said(entry.response)
    titles = [each.title for each in await history.page(stage.services, key(stage.ann))]
    assert titles == ["The Great Wave", "The Scream"]


async def test_a_private_result_has_no_place_to_show(stage: Stage):
    await stage.paint("scream", private=True)
    entry = await opened(stage)
    assert list(buttons(entry.response)) == ["Paint again", "Delete", "◀"]
    assert entry.response is not None
    await stage.ann.click(entry.response, label="◀")
    assert "## Your last results" in said(entry.response)


async def test_an_empty_history_says_so(stage: Stage):
    shown = await stage.ann.slash(stage.channel, "history")
    assert said(shown.response) == "## Your last results\nnone"


async def test_the_export_is_a_file_for_the_person_alone(stage: Stage):
    await preferences.prefer_values(stage.services, key(stage.ann), {"strength": 0.3})
    await stage.paint("wave")
    exported = await stage.ann.slash(stage.channel, "export")
    assert exported.ephemeral
    assert exported.response is not None
    (file,) = exported.response.attachments
    known = json.loads(stage.file(file))
    assert known["user"] == str(key(stage.ann))
    assert known["preference"]["recipe"][0]["params"]["strength"] == 0.3
    assert [entry["title"] for entry in known["history"]] == ["The Great Wave"]
    assert known["jobs"][0]["wanted"]["reply_target"]["channel"] == stage.channel.id
    assert "simcord_interaction" not in stage.file(file).decode()


async def test_who_wants_to_be_forgotten_is_asked_once_with_numbers(stage: Stage):
    services = stage.services
    liked = await preferences.prefer(services, key(stage.ann), private=True, language="zh")
    stage.client.cache.note(key(stage.ann), liked)
    await stage.paint("wave")
    shown = await stage.ann.slash(stage.channel, "privacy")
    assert "90" in said(shown.response)
    assert shown.response is not None
    asked = await stage.ann.click(shown.response, label="删除我的所有数据")
    assert "1 条记录、0 个自定义风格、1 个请求" in said(asked.response)
    assert len(await history.page(services, key(stage.ann))) == 1
    assert asked.response is not None
    yes = services.texts.say("discord-forget-yes", "zh")
    await stage.ann.click(asked.response, label=yes)
    assert "1 条记录、0 个自定义风格" in said(asked.response)
    assert await history.page(services, key(stage.ann)) == []
    # What was held in memory went along.
    assert not (await stage.paint("wave")).ephemeral


async def test_who_thinks_better_of_it_keeps_everything(stage: Stage):
    await stage.paint("wave")
    asked = await stage.ann.slash(stage.channel, "forget")
    assert asked.response is not None
    await stage.ann.click(asked.response, label="Keep")
    assert said(asked.response) == "Nothing was deleted."
    assert len(await history.page(stage.services, key(stage.ann))) == 1


async def test_what_waits_for_someone_forgotten_is_not_painted(stage: Stage):
    await stage.ann.slash(stage.channel, "style", image=("p.jpg", picture()), style="wave")
    asked = await stage.ann.slash(stage.channel, "forget")
    assert asked.response is not None
    await stage.ann.click(asked.response, label="Yes, delete")
    assert await stage.work() == 0
    assert stage.engine.asked == []
