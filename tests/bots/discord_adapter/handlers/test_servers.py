"""What a server's admins choose, and that no one else does."""

import discord
import pytest
import simcord
from simcord import SetupError

from bots.core.users import preferences
from storage.values.people import ChatSettings
from tests.bots.discord_adapter.conftest import Stage, buttons, menu, picture, said

pytestmark = pytest.mark.anyio

ALLOWED = "srv-mark:0.allowed_styles"


async def settings(stage: Stage) -> ChatSettings:
    kept = await preferences.chat_settings(stage.services, stage.here)
    assert kept == stage.client.cache.chat(stage.here)
    return kept


async def press(stage: Stage, panel: simcord.InteractionResult, label: str) -> None:
    assert panel.response is not None
    found = [name for name in buttons(panel.response) if name.startswith(label)]
    await stage.max.click(panel.response, label=found[0])


async def choose(
    stage: Stage, panel: simcord.InteractionResult, name: str, *values: str
) -> simcord.InteractionResult:
    assert panel.response is not None
    custom_id = menu(panel.response, name)["custom_id"]
    return await stage.max.select(panel.response, list(values), custom_id=custom_id)


async def pick(
    stage: Stage, panel: simcord.InteractionResult, name: str, label: str
) -> simcord.InteractionResult:
    assert panel.response is not None
    options = menu(panel.response, f"srv-set:0.{name}")["options"]
    (word,) = [option["value"] for option in options if option["label"] == label]
    return await choose(stage, panel, f"srv-set:0.{name}", word)


async def test_who_manages_the_server_sets_everything(stage: Stage):
    ids = await stage.ids()
    panel = await stage.max.slash(stage.channel, "server")
    assert panel.ephemeral
    assert "Styles here: 4" in said(panel.response)
    await choose(stage, panel, ALLOWED, str(ids["scream"]), str(ids["sepia"]))
    await choose(stage, panel, "srv-set:0.style_id", str(ids["scream"]))
    assert "Styles here: 2" in said(panel.response)
    for label in ("For admins only", "Quiet", "Members' own styles", "Buttons for everyone"):
        await press(stage, panel, label)
    for name, label in (
        ("waiting_per_user", "Waiting per person: 2"),
        ("per_minute", "Per person and minute: 2"), ("language", "中文"),
    ):  # fmt: skip
        await pick(stage, panel, name, label)
    assert await settings(stage) == ChatSettings(
        allowed_styles=(ids["scream"], ids["sepia"]), style_id=ids["scream"], audience="admins",
        waiting_per_user=2, per_minute=2, language="zh", quiet=True, open_buttons=True,
        own_styles=False,
    )  # fmt: skip
    await press(stage, panel, "Allow all" if "Allow all" in buttons(panel.response) else "全部")
    assert (await settings(stage)).allowed_styles is None


async def test_all_styles_marked_are_no_choice(stage: Stage):
    panel = await stage.max.slash(stage.channel, "server")
    ids = await stage.ids()
    await choose(stage, panel, ALLOWED, str(ids["scream"]))
    await choose(stage, panel, ALLOWED, *map(str, ids.values()))
    assert (await settings(stage)).allowed_styles is None
    await choose(stage, panel, "srv-set:0.style_id", str(ids["scream"]))
    await choose(stage, panel, "srv-set:0.style_id", "0")
    assert (await settings(stage)).style_id is None


async def test_others_neither_see_the_command_nor_get_past_us_if_they_do(stage: Stage):
    with pytest.raises(SetupError, match="not visible"):
        await stage.ann.slash(stage.channel, "server")
    # Discord lets admins give the command to anyone; what may be set stays theirs.
    (command,) = [
        each for each in await stage.client.tree.fetch_commands() if each.name == "server"
    ]
    assert command.default_member_permissions == discord.Permissions(manage_guild=True)
    stage.guild.set_command_permissions(command.id, {stage.ann.user: True})
    result = await stage.ann.slash(stage.channel, "server")
    assert "only admins can do that" in said(result.response)


async def test_a_forged_press_of_someone_who_may_not_changes_nothing(stage: Stage):
    panel = await stage.max.slash(stage.channel, "server")
    assert panel.response is not None
    # The private panel is made visible, as a client of one's own could pretend it is.
    stored = stage.env.backend.get_message(stage.channel.id, panel.response.id)
    stored.flags &= ~64
    pressed = await stage.ann.click(panel.response, label="Quiet: results only")
    (told,) = pressed.followups
    assert told.ephemeral
    assert "only admins can do that" in said(told)
    assert (await settings(stage)).quiet is False
    chosen = await stage.ann.select(
        panel.response, ["2"], custom_id=menu(panel.response, "srv-set:0.language")["custom_id"]
    )
    assert "only admins can do that" in said(chosen.followups[0])
    assert (await settings(stage)).language is None


async def test_what_was_set_holds_for_members(stage: Stage):
    ids = await stage.ids()
    panel = await stage.max.slash(stage.channel, "server")
    await choose(stage, panel, ALLOWED, str(ids["scream"]))
    refused = await stage.ann.slash(
        stage.channel, "style", image=("p.jpg", picture()), style="wave", private=True
    )
    assert "“The Great Wave” is not available in this chat" in said(refused.response)
    painted = await stage.paint("")
    labels = [option["label"] for option in menu(painted.response, "style")["options"]]
    assert labels == ["The Scream"]
    await press(stage, panel, "For admins only")
    refused = await stage.ann.slash(
        stage.channel, "style", image=("p.jpg", picture()), style="scream", private=True
    )
    assert "only admins can do that" in said(refused.response)
