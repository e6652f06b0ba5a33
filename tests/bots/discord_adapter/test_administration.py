"""The bot in the hands of those who administer it, and in nobody else's."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest
import simcord
from simcord import SetupError

from bots.core.admin import registry as desk
from bots.core.admin.pages.pages import read_address
from bots.core.admin.use_cases import queue_admin as control_room
from bots.core.admin.use_cases import refining
from bots.core.admin.use_cases import rights as admins
from bots.core.admin.use_cases import styles as admin_styles
from bots.core.common import key_value
from bots.core.styles import catalogue
from bots.core.users import preferences
from bots.discord_adapter.command_sync import keep_in_sync, sync_admin_commands
from bots.discord_adapter.transport.cache import Cache
from engine.api.errors import CannotRefineError
from storage.values.audit import AuditEntry
from storage.values.people import UserKey
from tests.admin_world import chosen, furnish, newest, walked
from tests.bots.discord_adapter.conftest import (
    Stage,
    alike,
    buttons,
    colour_of,
    gallery,
    key,
    menu,
    menus,
    picture,
    said,
)

pytestmark = pytest.mark.anyio

Result = simcord.InteractionResult


async def titles(stage: Stage, typed: str) -> list[str]:
    """What is suggested to Ann."""
    choices = await stage.ann.autocomplete(stage.channel, "style", "style", typed)
    return [choice["name"] for choice in choices]


async def press(stage: Stage, who: simcord.MemberActor, panel: Result, label: str) -> Result:
    assert panel.response is not None
    return await who.click(panel.response, label=label)


async def press_twice(
    stage: Stage, who: simcord.MemberActor, panel: Result, label: str, after: str = ""
) -> None:
    """A button that is pressed a second time before it is seen to be gone."""
    assert panel.response is not None
    stored = stage.env.backend.get_message(stage.channel.id, panel.response.id)
    before = json.loads(json.dumps(stored.components))
    await press(stage, who, panel, label)
    assert after in said(panel.response)
    stored.components = before
    again = await press(stage, who, panel, label)
    assert again.followups == []


def options(panel: Result) -> list[dict[str, Any]]:
    """What can be chosen in the menu of a page."""
    (found,) = [m for m in menus(panel.response) if m["custom_id"] == "adm:pick"]
    return list(found["options"])


async def choose(who: simcord.MemberActor, panel: Result, value: str) -> Result:
    """Choose a line; its value is where it leads."""
    assert panel.response is not None
    assert value in [each["value"] for each in options(panel)]
    return await who.select(panel.response, [value], custom_id="adm:pick")


async def audit(stage: Stage, root: simcord.MemberActor) -> list[AuditEntry]:
    return await admins.audit(stage.services, key(root))


async def new_style(stage: Stage, root: simcord.MemberActor, name: str = "Ukiyo-e") -> Result:
    return await root.slash(
        stage.channel, "admin addstyle", name=name, picture=("p.jpg", picture((9, 9, 200))),
        second=("q.jpg", picture((9, 9, 100))),
    )  # fmt: skip


async def views(stage: Stage, root: simcord.MemberActor) -> list[admin_styles.StyleView]:
    return await admin_styles.listed(stage.services, key(root))


def everything(stage: Stage) -> list[Any]:
    """All messages there are."""
    channels = stage.env.backend.messages.values()
    return [message for channel in channels for message in channel.values()]


def words_of(message: Any) -> str:
    return json.dumps(message.components, ensure_ascii=False)


def shown(stage: Stage, words: str) -> bool:
    """Whether any message says so."""
    return any(words in words_of(message) for message in everything(stage))


def answered(result: Result) -> Any:
    return result.followups[0] if result.followups else result.response


async def forge_form(stage: Stage, custom_id: str, values: dict[str, str]) -> Any:
    """A form that Ann fills in though nobody showed it to her."""
    lines = [
        {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}}
        for name, value in values.items()
    ]
    data = {"custom_id": custom_id, "components": lines, "resolved": {}}
    return answered(await stage.ann._dispatch_interaction(5, stage.channel, data))


async def forge_button(stage: Stage, panel: Result, label: str, custom_id: str) -> Any:
    """A button of a message whose id Ann has changed."""
    assert panel.response is not None
    stored = stage.env.backend.get_message(stage.channel.id, panel.response.id)
    before = stored.components
    known = buttons(panel.response)[label]["custom_id"]
    stored.components = json.loads(json.dumps(before).replace(f'"{known}"', f'"{custom_id}"'))
    told = answered(await stage.ann.click(panel.response, custom_id=custom_id))
    stored.components = before
    return told


async def test_a_picture_becomes_a_style_that_everyone_finds_at_once(stage: Stage):
    root = await stage.admit()
    desk = await new_style(stage, root)
    assert desk.ephemeral
    assert "## Ukiyo-e" in said(desk.response)
    assert "✎ draft" in said(desk.response)
    assert len(gallery(desk.response)) == 3
    assert desk.response is not None
    assert all(
        alike(colour_of(stage.file(each)), (10, 200, 10)) for each in desk.response.attachments
    )
    assert await titles(stage, "uki") == []
    form = await press(stage, root, desk, "Rename")
    assert form.modal is not None
    names = [each["component"]["custom_id"] for each in form.modal["components"]]
    assert names == ["en", "zh"]
    # Nothing of it is kept in the process that showed it.
    assert stage.client._connection._view_store._modals == {}
    await root.submit_modal(form, {"en": "Floating World", "zh": "浮世绘"})
    form = await press(stage, root, desk, "Tags")
    await root.submit_modal(form, {"tags": "Sea、 print,sea"})
    assert "## Floating World / 浮世绘" in said(desk.response)
    assert "sea, print" in said(desk.response)
    # What it does is still to be seen.
    assert len(gallery(desk.response)) == 3
    await press(stage, root, desk, "Enable")
    assert "● enabled" in said(desk.response)
    assert await titles(stage, "float") == ["Floating World"]
    painted = await stage.paint("floating world")
    assert "**Floating World**" in said(painted.response)
    acts = [entry.act for entry in await audit(stage, root)]
    assert acts == ["style.enable", "style.tag", "style.rename", "style.add"]


async def test_what_cannot_be_a_style_is_said_and_a_draft_goes_again(stage: Stage):
    root = await stage.admit()
    for name, file, reason in (
        ("The Scream", picture(), "There is already a style “The Scream”"),
        ("Mine", b"no picture", "damaged"),
    ):
        told = await root.slash(stage.channel, "admin addstyle", name=name, picture=("p.jpg", file))
        assert reason in said(told.response)
    stage.engine.away = True
    told = await root.slash(stage.channel, "admin importstyle", file=("x.stylebot.json", b"{}"))
    assert "not a valid style file" in said(told.response)
    stage.engine.away = False
    desk = await new_style(stage, root)
    await press_twice(stage, root, desk, "Discard")
    assert "The draft is deleted." in said(desk.response)
    assert "Ukiyo" not in said(desk.response).partition("is deleted.")[2]


async def test_previews_that_fail_leave_the_draft(stage: Stage):
    root = await stage.admit()

    def away() -> None:
        stage.engine.away = True

    extract = stage.engine.extract_style

    async def extract_and_go(images: Any) -> Any:
        code = await extract(images)
        away()
        return code

    stage.engine.extract_style = extract_and_go  # type: ignore[method-assign]
    desk = await new_style(stage, root)
    assert "Painting is not available at the moment" in said(desk.response)
    assert gallery(desk.response) == []
    stage.engine.away = False
    await press(stage, root, desk, "Previews")
    assert len(gallery(desk.response)) == 3


async def test_a_style_rests_and_comes_back_and_is_retired(stage: Stage):
    root = await stage.admit()
    ids = await stage.ids()
    waiting = await stage.ann.slash(
        stage.channel, "style", image=("p.jpg", picture()), style="scream"
    )
    listed = await root.slash(stage.channel, "admin styles")
    assert "4 styles" in said(listed.response)
    await choose(root, listed, f"style/{ids['scream']}")
    await press(stage, root, listed, "Disable")
    refused = await stage.ann.slash(
        stage.channel, "style", image=("p.jpg", picture()), style="scream"
    )
    assert "“The Scream” is disabled at the moment." in said(refused.response)
    assert await titles(stage, "scream") == []
    assert await stage.work() == 1
    assert "**The Scream**" in said(waiting.response)
    history = await stage.ann.slash(stage.channel, "history")
    assert "**The Scream**" in said(history.response)
    await press(stage, root, listed, "Enable")
    await press(stage, root, listed, "Retire")
    assert "✕ retired" in said(listed.response)
    assert "painted once in seven days" in said(listed.response)
    await press(stage, root, listed, "Restore")
    assert await titles(stage, "scream") == ["The Scream"]
    # Pressed in a message of before, it is what it is.
    await press(stage, root, listed, "Disable")
    await press(stage, root, listed, "Retire")
    assert "✕ retired" in said(listed.response)


async def test_the_order_and_the_usual_style_are_set_and_a_second_press_changes_nothing(
    stage: Stage,
):
    root = await stage.admit()
    ids = await stage.ids()
    listed = await root.slash(stage.channel, "admin styles")
    await choose(root, listed, f"style/{ids['sepia']}")
    earlier = buttons(listed.response)["▲ Earlier"]["custom_id"]
    assert earlier.startswith(f"adm:style.move/{ids['sepia']}/2#")
    await press_twice(stage, root, listed, "▲ Earlier")
    assert list(await stage.ids()) == ["starry-night", "great-wave", "sepia", "scream"]
    await choose_again(stage, root, ids["sepia"], "⤒ First")
    assert next(iter(await stage.ids())) == "sepia"
    await choose_again(stage, root, ids["scream"], "Make it the default for everyone")
    painted = await stage.paint("")
    assert "**The Scream**" in said(painted.response)
    await choose_again(stage, root, ids["scream"], "Remove as default")
    # Now there is none, and it is asked for, in their order.
    asked = await stage.paint("")
    assert "Which style?" in said(asked.response)
    assert next(iter(buttons(asked.response))) == "1 · The Scream"


async def choose_again(stage: Stage, root: simcord.MemberActor, style_id: int, label: str) -> None:
    listed = await root.slash(stage.channel, "admin styles")
    await choose(root, listed, f"style/{style_id}")
    await press(stage, root, listed, label)


async def test_a_style_goes_out_as_a_file_and_comes_in_again(stage: Stage):
    root = await stage.admit()
    desk = await new_style(stage, root)
    exported = await press(stage, root, desk, "Export")
    assert exported.response is not None
    (attachment,) = exported.response.attachments
    file = stage.file(attachment)
    assert attachment.filename.endswith(".stylebot.json")
    taken = await root.slash(stage.channel, "admin importstyle", file=(attachment.filename, file))
    assert "already" in said(taken.response)
    await press(stage, root, desk, "Discard")
    back = await root.slash(stage.channel, "admin importstyle", file=(attachment.filename, file))
    assert "## Ukiyo-e" in said(back.response)
    assert len(gallery(back.response)) == 3


async def test_a_style_is_refined_in_the_background(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(refining, "TELL_EVERY_S", 0.01)
    root = await stage.admit()
    desk = await new_style(stage, root)
    refined = stage.engine.refine

    async def slowly(*args: Any, report: Any, **more: Any) -> Any:
        report(0.4)
        async with asyncio.timeout(10):
            while not shown(stage, "Refining “Ukiyo-e” · 40 %"):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)
        return await refined(*args, report=report, **more)

    stage.engine.refine = slowly  # type: ignore[assignment, method-assign]
    result = await press(stage, root, desk, "Refine")
    await asyncio.gather(*stage.client._tasks)
    assert "picture: 0.80 before, 0.40 now" in said(result.response)
    assert len(gallery(result.response)) == 3
    (style,) = [v.style for v in await views(stage, root) if v.style.state == "draft"]
    assert style.version == 2
    # Of a filter there is no picture.
    ids = await stage.ids()
    listed = await root.slash(stage.channel, "admin styles")
    await choose(root, listed, f"style/{ids['sepia']}")
    assert "Refine" not in buttons(listed.response)


async def test_a_refinement_that_comes_to_nothing_is_said_and_one_after_the_interaction_too(
    stage: Stage,
):
    root = await stage.admit()
    desk = await new_style(stage, root)
    refined = stage.engine.refine

    async def not_better(images: Any, code: Any, **more: Any) -> Any:
        return replace(await refined(images, code, **more), code=code, gram_after=0.8)

    stage.engine.refine = not_better  # type: ignore[method-assign]
    result = await press(stage, root, desk, "Refine")
    await asyncio.gather(*stage.client._tasks)
    assert "was not changed. Refining found nothing better" in said(result.response)

    async def broken(*args: Any, **more: Any) -> Any:
        raise CannotRefineError("It cannot.")

    stage.engine.refine = broken  # type: ignore[method-assign]
    result = await press(stage, root, desk, "Refine")
    await asyncio.gather(*stage.client._tasks)
    assert stage.services.texts.of_code("cannot_refine", "en") in said(result.response)

    async def long(*args: Any, **more: Any) -> Any:
        for record in stage.env.backend.interactions.values():
            record.expires_at = "2000-01-01T00:00:00+00:00"
        return await refined(*args, **more)

    stage.engine.refine = long  # type: ignore[method-assign]
    await press(stage, root, desk, "Refine")
    await asyncio.gather(*stage.client._tasks)
    # In a message to the admin, and nowhere else.
    (told,) = [m for m in everything(stage) if ", 0.40 now" in words_of(m)]
    assert told.channel_id not in (stage.channel.id, stage.guild.id)


@pytest.mark.parametrize("gate", ["pause", "drain"])
async def test_people_are_told_why_nothing_moves_and_keep_their_places(stage: Stage, gate: str):
    root = await stage.admit()
    waiting = [
        await who.slash(stage.channel, "style", image=("p.jpg", picture()), style="scream")
        for who in (stage.ann, stage.ben)
    ]
    room = await root.slash(stage.channel, "admin queue")
    assert "2 waiting, 0 in progress" in said(room.response)
    assert f"{stage.here} · 2" in said(room.response)
    await press(stage, root, room, "⏸ Pause" if gate == "pause" else "⏏ Drain")
    form = await press(stage, root, room, "⏸ Pause" if gate == "pause" else "⏏ Drain")
    await root.submit_modal(form, {"words": "back at 18:00"})
    assert "“back at 18:00”" in said(room.response)
    if gate == "pause":
        assert "back at 18:00 Your photo keeps its place, with 1 before" in said(
            waiting[1].response
        )
        assert await stage.work() == 0
        await press(stage, root, room, "▶ Open")
        assert "back at 18:00" not in said(waiting[1].response)
    else:
        refused = await stage.ann.slash(
            stage.channel, "style", image=("p.jpg", picture()), style="wave", private=True
        )
        assert "No new photos are accepted at the moment. back at 18:00" in said(refused.response)
    assert await stage.work() == 2
    for each in waiting:
        assert "**The Scream**" in said(each.response)


async def test_the_queue_is_told_by_commands_as_well(stage: Stage):
    root = await stage.admit()
    for command, words in (("pause", "⏸ Paused"), ("drain", "⏏ Draining"), ("open", "▶ Open")):
        options = {} if command == "open" else {"words": "soon"}
        room = await root.slash(stage.channel, f"admin {command}", **options)
        assert words in said(room.response)
    acts = [entry.act for entry in await audit(stage, root)]
    assert acts == ["queue.open", "queue.drain", "queue.pause"]


async def test_a_request_that_an_admin_gives_up_says_so(stage: Stage):
    root = await stage.admit()
    asked = [
        await stage.ann.slash(stage.channel, "style", image=("p.jpg", picture()), style="wave")
        for _ in range(2)
    ]
    first, second = sorted(job.id for job in await stage.jobs(stage.ann))
    # Even while nothing is painted.
    await root.slash(stage.channel, "admin pause")
    room = await root.slash(stage.channel, "admin queue")
    await choose(root, room, f"job.cancel/{first}")
    assert f"Request {first} is cancelled." in said(room.response)
    again = await root.slash(stage.channel, "admin cancel", job=first)
    assert "already done" in said(again.response)
    await root.slash(stage.channel, "admin cancel", job=second)
    assert await stage.work() == 2
    for each in asked:
        assert said(each.response) == "An admin cancelled your request."
        assert buttons(each.response) == {}


async def test_a_blocked_person_is_told_and_can_be_unblocked(stage: Stage):
    root = await stage.admit()
    asked = await stage.ann.slash(stage.channel, "style", image=("p.jpg", picture()), style="wave")
    told = await root.slash(
        stage.channel, "admin block", user=stage.ann.user, reason="sends too much"
    )
    assert "1 request was cancelled" in said(told.response)
    assert str(stage.ann.id) not in said(told.response)
    await stage.work()
    assert "You are blocked from using this bot." in said(asked.response)
    refused = await stage.ann.slash(
        stage.channel, "style", image=("p.jpg", picture()), style="wave", private=True
    )
    assert "You are blocked from using this bot." in said(refused.response)
    blocks = await root.slash(stage.channel, "admin blocks")
    assert "sends too much" in said(blocks.response)
    (one,) = options(blocks)
    name = one["value"].partition("/")[2]
    for whom, found in ((name[:4], False), (name, True)):
        told = await root.slash(stage.channel, "admin allow", whom=whom)
        assert ("Unblocked." in said(told.response)) is found
    await root.slash(stage.channel, "admin block", user=stage.ann.user)
    blocks = await root.slash(stage.channel, "admin blocks")
    await choose(root, blocks, one["value"])
    assert "Unblocked." in said(blocks.response)
    await stage.paint()
    for whom, answer in (
        (f"chat {stage.here}", "Blocked."),
        ("telegram:123", "Blocked."),
        (f"discord:{root.id}", "Admins of this bot cannot be blocked"),
        ("nobody", "Send a person or a chat"),
        ("", "Send a person or a chat"),
    ):
        told = await root.slash(stage.channel, "admin block", whom=whom)
        assert answer in said(told.response), whom
    refused = await stage.ben.slash(
        stage.channel, "style", image=("p.jpg", picture()), style="wave", private=True
    )
    assert "You are blocked from using this bot." in said(refused.response)
    told = await root.slash(stage.channel, "admin allow", whom=f"chat {stage.here}")
    assert "Unblocked." in said(told.response)
    told = await root.slash(stage.channel, "admin allow", user=stage.ben.user)
    assert "was not blocked" in said(told.response)


async def test_limits_are_changed_for_everyone_and_back(stage: Stage):
    root = await stage.admit()
    panel = await root.slash(stage.channel, "admin limits")
    assert "per\\_minute · 20" in said(panel.response)
    form = await choose(root, panel, "limits.put/per_minute")
    await root.submit_modal(form, {"value": "1"})
    assert "per\\_minute · 1 (20)" in said(panel.response)
    await stage.paint()
    refused = await stage.ann.slash(
        stage.channel, "style", image=("p.jpg", picture()), style="wave", private=True
    )
    assert "at most 1 photos per minute" in said(refused.response)
    for wrong in ("many", "0"):
        form = await choose(root, panel, "limits.put/per_minute")
        told = await root.submit_modal(form, {"value": wrong})
        assert "a number from 1 to 1,000" in said(told.followups[0])
    form = await choose(root, panel, "limits.put/per_minute")
    await root.submit_modal(form, {"value": ""})
    assert "per\\_minute · 20" in said(panel.response)
    panel = await root.slash(stage.channel, "admin limits", name="album", value=3)
    assert "album · 3 (10)" in said(panel.response)
    panel = await root.slash(stage.channel, "admin limits", name="album")
    assert "album · 10" in said(panel.response)


async def test_numbers_and_the_log_are_to_be_read(stage: Stage):
    root = await stage.admit()
    await stage.paint("scream")
    stats = await root.slash(stage.channel, "admin stats", hours=1)
    assert "1 h: 1 photos for 1 people in 1 chats" in said(stats.response)
    assert "**The Scream** · 1" in said(stats.response)
    await press(stage, root, stats, "168 h")
    assert "168 h: 1 photos" in said(stats.response)
    for _ in range(21):
        await control_room.put_limit(stage.services, key(root), "album", 3)
    await control_room.put_mode(stage.services, key(root), "open")
    log = await root.slash(stage.channel, "admin audit")
    assert said(log.response).count("limits.put") == 19
    assert "queue.open" in said(log.response)
    await press(stage, root, log, "▶")
    assert said(log.response).count("limits.put") == 2
    assert "2 / 2" in said(log.response)
    await press(stage, root, log, "◀")
    assert "queue.open" in said(log.response)


async def refused_and_noted(stage: Stage, root: simcord.MemberActor, told: Any, act: str) -> None:
    """What was answered, and what is in the log; tries are noted once a minute."""
    assert told.ephemeral
    assert said(told) == "Only admins of this bot can do that."
    newest = (await audit(stage, root))[0]
    assert (newest.act, newest.subject) == ("refused", act)
    stage.clock.pass_(minutes=2)


async def test_an_administrator_who_does_not_administer_the_bot_is_refused_everywhere(stage: Stage):
    root = await stage.admit()
    eve = stage.guild.add_member(stage.env.create_user("eve"), roles=[stage.bosses])
    before = await views(stage, root)
    file = ("p.jpg", picture())
    for command, act, options in (
        ("styles", "styles.read", {}),
        ("addstyle", "style.add", {"name": "Eve", "picture": file}),
        ("importstyle", "style.import", {"file": file}),
        ("queue", "queue.read", {}),
        ("pause", "queue.pause", {"words": "eve was here"}),
        ("drain", "queue.drain", {}),
        ("open", "queue.open", {}),
        ("cancel", "job.cancel", {"job": 1}),
        ("block", "people.block", {"user": stage.ann.user}),
        ("allow", "people.allow", {"user": stage.ann.user}),
        ("blocks", "people.read", {}),
        ("limits", "limits.read", {}),
        ("limits", "limits.put", {"name": "album", "value": 1}),
        ("stats", "stats.read", {}),
        ("audit", "audit.read", {}),
    ):
        told = await eve.slash(stage.channel, f"admin {command}", **options)
        await refused_and_noted(stage, root, told.response, act)
    assert await views(stage, root) == before
    assert (await control_room.queue(stage.services, key(root))).control.mode == "open"


async def test_forged_buttons_menus_and_forms_are_refused_and_noted(stage: Stage):
    root = await stage.admit()
    desk = await new_style(stage, root)
    listed = await root.slash(stage.channel, "admin styles")
    form = await press(stage, root, desk, "Rename")
    # The private panels are made visible, as a client of one's own could pretend they are.
    for panel in (desk, listed):
        assert panel.response is not None
        stage.env.backend.get_message(stage.channel.id, panel.response.id).flags &= ~64
    for label, act in (
        ("Enable", "style.enable"), ("Discard", "style.discard"), ("Rename", "style.rename"),
        ("Export", "style.export"), ("Refine", "style.refine"), ("⤒ First", "style.move"),
    ):  # fmt: skip
        pressed = await press(stage, stage.ann, desk, label)
        assert pressed.modal is None
        await refused_and_noted(stage, root, answered(pressed), act)
    ids = await stage.ids()
    chosen = await choose(stage.ann, listed, f"style/{ids['scream']}")
    await refused_and_noted(stage, root, answered(chosen), "styles.read")
    assert form.modal is not None
    filled = await forge_form(stage, form.modal["custom_id"], {"en": "Eve"})
    await refused_and_noted(stage, root, filled, "style.rename")
    filled = await forge_form(stage, "adm:queue.pause", {"words": "eve"})
    await refused_and_noted(stage, root, filled, "queue.pause")
    # Without the numbers it needs, or with too many.
    for numbers in ("", "/999999999999", "/1/2/3/4"):
        made = await forge_button(stage, desk, "Enable", f"adm:style.enable{numbers}")
        await refused_and_noted(stage, root, made, "style.enable")
    (draft,) = [v.style for v in await views(stage, root) if v.style.state == "draft"]
    assert draft.title("en") == "Ukiyo-e"


async def test_a_command_of_before_is_answered_as_well(stage: Stage):
    root = await stage.admit()
    stage.client.tree.remove_command("admin", guild=discord.Object(stage.guild.id))
    eve = stage.guild.add_member(stage.env.create_user("eve"), roles=[stage.bosses])
    told = await eve.slash(stage.channel, "admin queue")
    await refused_and_noted(stage, root, told.response, "admin")
    told = await root.slash(stage.channel, "admin queue")
    assert "is out of date" in said(told.response)
    # The library does not know the command, but it is answered.
    assert len(stage.env.errors) == 2


def admin_puts(stage: Stage) -> list[Any]:
    return [r for r in stage.env.http_requests if r.method == "PUT" and "/guilds/" in r.path]


async def test_the_commands_are_in_the_servers_of_admins_and_nowhere_else(stage: Stage):
    await stage.admit()
    everywhere = await stage.client.tree.fetch_commands()
    assert "admin" not in {command.name for command in everywhere}
    (put,) = admin_puts(stage)
    (group,) = put.json
    assert group["default_member_permissions"] == 1 << 3
    assert (group["contexts"], group["integration_types"]) == ([0], [0])
    assert group["description_localizations"]["zh-CN"] == "仅限机器人管理员"
    assert {each["name"] for each in group["options"]} == set(desk.commands())
    with pytest.raises(SetupError, match="not visible"):
        await stage.max.slash(stage.channel, "admin queue")
    with pytest.raises(SetupError, match="not visible"):
        await stage.ann.slash(stage.channel, "admin queue")


async def test_the_commands_come_and_go_with_the_servers_owner(stage: Stage):
    root = await stage.admit()
    client = stage.client
    here = client.get_guild(stage.guild.id)
    assert here is not None
    assert not await sync_admin_commands(client, here)
    # Another server is asked nothing, until it is an admin's.
    there = await joins(stage, stage.env.create_guild())
    assert len(admin_puts(stage)) == 1
    theirs = await joins(stage, stage.env.create_guild(owner=root.user))
    assert len(admin_puts(stage)) == 2
    assert str(theirs.id) in admin_puts(stage)[-1].path
    # Whatever Discord knew of a server may be gone when the bot is asked in again.
    await joins(stage, theirs)
    assert len(admin_puts(stage)) == 3
    before = theirs.owner_id
    theirs.owner_id = stage.ann.id
    assert await sync_admin_commands(client, theirs)
    assert admin_puts(stage)[-1].json == []
    assert not await sync_admin_commands(client, theirs)
    theirs.owner_id = before
    assert not await sync_admin_commands(client, there)


async def test_what_could_not_be_placed_is_placed_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    await stage.admit()
    client, tried = stage.client, []
    sync = client.tree.sync

    async def flaky(**where: Any) -> Any:
        tried.append(where)
        if len(tried) == 1:
            raise OSError("away")
        return await sync(**where)

    monkeypatch.setattr(client.tree, "sync", flaky)
    known = f"discord admin commands {client.application_id} {stage.guild.id}"
    before = await key_value.recall(stage.services, known)
    await key_value.keep(stage.services, known, {"sha256": "of before"})
    placing = asyncio.create_task(keep_in_sync(client, timedelta(0)))
    async with asyncio.timeout(10):
        while before != await key_value.recall(stage.services, known):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    placing.cancel()
    await asyncio.wait([placing])
    assert "cannot be registered in server" in caplog.text
    assert len(tried) == 2


async def joins(stage: Stage, guild: Any) -> discord.Guild:
    """The bot is asked into a server."""
    known = stage.client.get_guild(guild.id)
    assert known is not None
    before = len(admin_puts(stage))
    stage.client.dispatch("guild_join", known)
    for _ in range(50):
        if len(admin_puts(stage)) > before:
            break
        await asyncio.sleep(0.01)
    return known


async def test_a_server_that_gives_no_right_to_commands_is_left_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    await stage.admit()
    guild = stage.client.get_guild(stage.guild.id)
    assert guild is not None

    async def forbidden(**_: Any) -> None:
        response: Any = type("Response", (), {"status": 403, "reason": "Forbidden"})()
        raise discord.Forbidden(response, {"code": 50001, "message": "Missing Access"})

    monkeypatch.setattr(stage.client.tree, "sync", forbidden)
    assert not await sync_admin_commands(stage.client, guild, joined=True)
    assert "cannot be registered in server" in caplog.text


async def test_what_is_changed_elsewhere_is_seen_within_a_second(stage: Stage):
    root = await stage.admit()
    ids = await stage.ids()
    gallery_before = await stage.ann.slash(stage.channel, "styles")
    assert "The Scream" in said(gallery_before.response)
    renewing = asyncio.create_task(stage.client.cache.keep_renewing())
    await admin_styles.rename(stage.services, key(root), ids["scream"], {"en": "Skrik"})
    await admin_styles.put_state(stage.services, key(root), ids["sepia"], "resting")
    async with asyncio.timeout(1.5):
        while "Skrik" not in [s.title("en") for s in stage.client.cache.everyones]:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.05)
    renewing.cancel()
    await asyncio.wait([renewing])
    assert await titles(stage, "") == ["Starry Night", "The Great Wave", "Skrik"]
    now_shown = await stage.ann.slash(stage.channel, "styles")
    assert "Skrik" in said(now_shown.response)
    assert "The Scream" not in said(now_shown.response)


async def test_looking_whether_something_changed_reads_nothing_else(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    cache = Cache(stage.services, "discord")
    await cache.renew()
    reads = []
    listed = catalogue.listed

    async def counted(*args: Any, **more: Any) -> Any:
        reads.append(1)
        return await listed(*args, **more)

    monkeypatch.setattr("bots.core.styles.catalogue.listed", counted)
    await cache.follow()
    assert reads == []
    await preferences.settle(stage.services, stage.here, key(stage.max), admin=True, quiet=True)
    await cache.follow()
    assert reads == [1]
    assert cache.chat(stage.here).quiet


async def own_style(stage: Stage, name: str = "Quilt") -> Result:
    form = await stage.ann.slash(stage.channel, "mystyles add")
    await stage.ann.submit_modal(form, {"name": name, "picture": ("q.png", picture((200, 0, 0)))})
    return await stage.ann.slash(stage.channel, "mystyles list")


async def test_an_own_style_is_submitted_and_becomes_everyones(stage: Stage):
    root = await stage.admit()
    own = await own_style(stage)
    assert own.response is not None
    # Of one's own style one's own picture is shown, and to oneself alone.
    assert alike(colour_of(stage.file(own.response.attachments[0])), (200, 0, 0))
    (one,) = menu(own.response, "own-submit")["options"]
    await stage.ann.select(own.response, [one["value"]], custom_id="sb:own-submit")
    assert "“Quilt” was submitted." in said(own.response)
    assert "- Quilt · waiting for an admin" in said(own.response)
    # Until then it is one's own.
    await stage.paint("quilt")
    refused = await stage.ben.slash(
        stage.channel, "style", image=("p.jpg", picture()), style="quilt", private=True
    )
    assert "There is no style" in said(refused.response)
    listed = await root.slash(stage.channel, "admin styles")
    assert "? **Quilt** · submitted" in said(listed.response)
    await choose(root, listed, f"style/{one['value']}")
    await press(stage, root, listed, "Previews")
    assert len(gallery(listed.response)) == 3
    await press_twice(stage, root, listed, "Accept for everyone")
    assert "● enabled" in said(listed.response)
    assert await titles(stage, "qui") == ["Quilt"]
    painted = await stage.ben.slash(
        stage.channel, "style", image=("p.jpg", picture()), style="quilt"
    )
    await stage.work()
    assert "**Quilt**" in said(painted.response)
    # What others see is what it does, not what Ann had sent.
    shown_now = await stage.ben.slash(stage.channel, "styles")
    assert shown_now.response is not None
    files = {each.filename: stage.file(each) for each in shown_now.response.attachments}
    assert alike(colour_of(files[f"style-{one['value']}.jpg"]), (10, 200, 10))


async def submit_own(stage: Stage) -> str:
    """Ann offers a style of hers to everyone; returns its id."""
    own = await own_style(stage)
    assert own.response is not None
    (one,) = menu(own.response, "own-submit")["options"]
    await stage.ann.select(own.response, [one["value"]], custom_id="sb:own-submit")
    return str(one["value"])


async def test_admins_are_told_of_a_submission_in_person(
    stage: Stage, caplog: pytest.LogCaptureFixture
):
    caplog.set_level("INFO", "bots.discord_adapter.handlers.galleries")

    root = await stage.admit()
    others = {UserKey("discord", "999"), UserKey("telegram", "1")}
    stage.client.services = replace(stage.services, admins=stage.services.admins | others)
    await submit_own(stage)
    await asyncio.gather(*stage.client._tasks)
    # Whom Discord does not let be told, it does not keep from the rest.
    assert caplog.messages == ["an admin was not notified: NotFound"]
    (told,) = root.user.dm_channel.history()
    assert "Someone submitted the style “Quilt” for everyone." in said(told)
    assert list(buttons(told)) == ["View"]
    await root.user.click(told, label="View")
    (told,) = root.user.dm_channel.history()
    assert len(gallery(told)) == 3
    await root.user.click(told, label="Accept for everyone")
    assert await titles(stage, "qui") == ["Quilt"]


async def test_a_submission_that_is_declined_stays_ones_own(stage: Stage):
    root = await stage.admit()
    style_id = await submit_own(stage)
    listed = await root.slash(stage.channel, "admin styles")
    await choose(root, listed, f"style/{style_id}")
    said_so = "“Quilt” was declined. Only its owner can use it."
    await press_twice(stage, root, listed, "Decline", after=said_so)
    assert "**Quilt**" not in said(listed.response)
    own = await stage.ann.slash(stage.channel, "mystyles list")
    assert "waiting for an admin" not in said(own.response)
    await stage.paint("quilt")


class Prude:
    """A content check that refuses every picture that is red."""

    async def unsuitable(self, image: bytes) -> bool:
        red, green, _ = colour_of(image)
        return red > 150 > green


async def test_a_doubtful_picture_is_for_the_admin_to_decide(stage: Stage):
    root = await stage.admit(Prude())
    for name, colour, doubt in (("Red", (220, 0, 0), True), ("Blue", (0, 0, 220), False)):
        desk = await root.slash(
            stage.channel, "admin addstyle", name=name, picture=("p.jpg", picture(colour))
        )
        assert ("The content check would reject its picture" in said(desk.response)) is doubt
        await press(stage, root, desk, "Enable")


async def check(stage: Stage, panel: simcord.InteractionResult, chosen: str) -> None:
    """Choose what happens to photos that the check would reject."""
    assert panel.response is not None
    found = menu(panel.response, "srv-set:0.photo_check")
    (word,) = [o["value"] for o in found["options"] if o["label"] == f"Photo check: {chosen}"]
    await stage.max.select(panel.response, [word], custom_id=found["custom_id"])


async def test_a_server_covers_or_refuses_photos_where_a_check_is_installed(stage: Stage):
    panel = await stage.max.slash(stage.channel, "server")
    assert "photo_check" not in str(menus(panel.response))
    await stage.admit(Prude())
    panel = await stage.max.slash(stage.channel, "server")
    await check(stage, panel, "spoiler")
    red = ("p.jpg", picture((250, 0, 0)))
    covered = await stage.ann.slash(stage.channel, "style", image=red, style="wave")
    plain = await stage.ann.slash(stage.channel, "style", image=("p.jpg", picture()), style="wave")
    await stage.work()
    (item,) = gallery(covered.response)
    assert item["spoiler"]
    assert covered.response is not None
    assert covered.response.attachments[0].filename.startswith("SPOILER_")
    assert not gallery(plain.response)[0].get("spoiler")
    # So it is in whatever comes of it.
    await stage.ann.click(covered.response, label="Keep colours")
    await stage.work()
    assert gallery(covered.response)[0]["spoiler"]
    compared = await stage.ann.click(covered.response, label="Compare")
    assert all(item["spoiler"] for item in gallery(compared.response))
    await check(stage, panel, "refuse")
    refused = await stage.ann.slash(stage.channel, "style", image=red, style="wave")
    await stage.work()
    assert "That picture cannot be shown here." in said(refused.response)
    # Where the check is taken away, it can be turned off and not on.
    stage.client.services = replace(stage.services, content_check=None)
    panel = await stage.max.slash(stage.channel, "server")
    await check(stage, panel, "off")
    assert (await preferences.chat_settings(stage.services, stage.here)).photo_check == "off"


async def test_what_was_painted_for_a_person_is_theirs_as_well(stage: Stage):
    made = await stage.ben.slash(stage.channel, "style", image=("p.jpg", picture()), style="wave")
    await stage.work()
    await preferences.prefer(stage.services, key(stage.ben), repaintable=False)
    assert made.response is not None
    refused = await stage.ann.context_menu(stage.channel, "Stylize", made.response)
    assert "does not allow others to have it painted" in said(refused.response)
    own = await stage.ben.context_menu(stage.channel, "Stylize", made.response)
    assert "Which style?" in said(own.response)


async def test_a_person_can_refuse_to_have_their_pictures_painted(stage: Stage):
    posted = await stage.ben.send(stage.channel, "my cat", attachments=[("cat.jpg", picture())])
    panel = await stage.ben.slash(stage.channel, "settings")
    await press(stage, stage.ben, panel, "Others may repaint my pictures")
    assert not (await preferences.preference(stage.services, key(stage.ben))).repaintable
    sentence = "does not allow others to have it painted"
    refused = await stage.ann.context_menu(stage.channel, "Stylize", posted)
    assert refused.ephemeral
    assert sentence in said(refused.response)
    ids = await stage.ids()
    liked = await preferences.prefer_style(stage.services, key(stage.ann), ids["scream"])
    stage.client.cache.note(key(stage.ann), liked)
    refused = await stage.ann.context_menu(stage.channel, "Stylize", posted)
    assert sentence in said(refused.followups[0])
    assert refused.followups[0].ephemeral
    me = stage.client.user
    assert me is not None
    await stage.ann.send(stage.channel, f"<@{me.id}> wave", reply_to=posted)
    assert shown(stage, sentence)
    assert await stage.jobs(stage.ann) == []
    # The owner may, and others may with their own.
    own = await stage.ben.context_menu(stage.channel, "Stylize", posted)
    assert "Which style?" in said(own.response)
    await press(stage, stage.ben, panel, "Others may repaint my pictures")
    allowed = await stage.ann.context_menu(stage.channel, "Stylize", posted)
    await stage.work()
    assert "**The Scream**" in said(allowed.response)


def leads(result: Result) -> set[str]:
    """Where the buttons and menus of a page lead."""
    ids = {each["custom_id"] for each in buttons(result.response).values()}
    for each in menus(result.response):
        ids |= {f"adm:{option['value']}" for option in each["options"]}
    return {each.removeprefix("adm:").partition("#")[0] for each in ids}


async def press_at(stage: Stage, root: simcord.MemberActor, panel: Result, there: str) -> Result:
    """Press what leads somewhere: the message's first button, made to."""
    assert panel.response is not None
    stored = stage.env.backend.get_message(stage.channel.id, panel.response.id)
    ids = [each["custom_id"] for each in buttons(panel.response).values()]
    known = ids[0]
    custom_id = f"adm:{there}#99"
    made = json.dumps(stored.components).replace(f'"{known}"', f'"{custom_id}"', 1)
    stored.components = json.loads(made)
    return await root.click(panel.response, custom_id=custom_id)


def filled_in(form: Result, given: dict[str, Any]) -> dict[str, Any]:
    """What to fill in: files have names, and of a menu the first is chosen."""
    assert form.modal is not None
    answers = {
        name: (f"{name}.json", value) if isinstance(value, bytes) else value
        for name, value in given.items()
    }
    for label in form.modal["components"]:
        if label["component"]["type"] == 3:
            first = label["component"]["options"][0]["value"]
            answers[label["component"]["custom_id"]] = [first]
    return answers


async def test_every_action_is_there_and_is_noted_under_its_id(stage: Stage):
    root = await stage.admit()
    services = stage.services
    world = await furnish(services, key(root), lambda n: picture((40 * n, 90, 90)))
    panel = await root.slash(stage.channel, "admin admin")

    async def visit(there: str) -> set[str]:
        await press_at(stage, root, panel, there)
        return leads(panel)

    found = await walked(world, visit)
    assert {read_address(there).name for there in found} >= set(desk.ACTIONS)
    for act in desk.ACTIONS:
        shown_then = await press_at(stage, root, panel, chosen(world, found, act))
        if shown_then.modal is not None:
            await root.submit_modal(shown_then, filled_in(shown_then, world.answers[act]))
        await asyncio.gather(*stage.client._tasks)
        assert await newest(services, key(root)) == (str(key(root)), act)


async def test_what_was_sent_before_is_answered_in_a_sentence(stage: Stage):
    root = await stage.admit()
    listed = await root.slash(stage.channel, "admin styles")
    sentence = "is out of date"
    label = next(iter(buttons(listed.response)))
    assert listed.response is not None
    stored = stage.env.backend.get_message(stage.channel.id, listed.response.id)
    known = buttons(listed.response)[label]["custom_id"]
    before = json.dumps(stored.components)
    for custom_id in ("sb:adm-queue", "sb:adm-enable:1", "adm:style.melt/1", "adm:/%ff"):
        stored.components = json.loads(before.replace(f'"{known}"', f'"{custom_id}"', 1))
        told = answered(await root.click(listed.response, custom_id=custom_id))
        assert sentence in said(told), custom_id
    lines = [{"type": 18, "component": {"type": 4, "custom_id": "words", "value": "x"}}]
    data = {"custom_id": "sb:adm-paused", "components": lines, "resolved": {}}
    told = answered(await root._dispatch_interaction(5, stage.channel, data))
    assert sentence in said(told)
