"""The buttons beneath a result: once more otherwise, in its place."""

import asyncio
import io
import json
import re
from dataclasses import replace

import discord
import pytest
import simcord
from PIL import Image
from sqlalchemy import text

from bots.core.jobs.workers import Workers
from bots.core.styles import custom_styles
from bots.core.users import history, preferences, privacy
from bots.discord_adapter.app import register_handlers
from bots.discord_adapter.command_sync import sync_commands
from bots.discord_adapter.delivery.results import Delivery
from bots.discord_adapter.render.effect_params import MINUS
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
    new_client,
    picture,
    said,
)

pytestmark = pytest.mark.anyio

LESS = f"{MINUS} 20 %"


async def press(
    stage: Stage, result: simcord.InteractionResult, label: str
) -> simcord.InteractionResult:
    assert result.response is not None
    return await stage.ann.click(result.response, label=label)


async def choose(
    stage: Stage,
    result: simcord.InteractionResult,
    slug: str,
    who: simcord.MemberActor | None = None,
) -> simcord.InteractionResult:
    assert result.response is not None
    custom_id = menu(result.response, "style")["custom_id"]
    style_id = str((await stage.ids())[slug])
    return await (who or stage.ann).select(result.response, [style_id], custom_id=custom_id)


async def test_another_style_takes_the_place_of_the_one_before(stage: Stage):
    result = await stage.paint("wave 60")
    chosen = await choose(stage, result, "scream")
    # The picture stays while the next one waits.
    assert "The Scream · you are next" in said(result.response)
    assert len(gallery(result.response)) == 1
    assert list(buttons(result.response)) == ["Cancel"]
    assert chosen.followups == []
    await stage.work()
    assert "**The Scream** · 60 %" in said(result.response)
    assert result.response is not None
    (file,) = result.response.attachments
    painted = [0.6 * paint + 48 for paint in COLOURS[b"scream"]]
    assert alike(colour_of(stage.file(file)), painted)
    assert len(stage.channel.history()) == 1


async def test_strength_and_colours_change_step_by_step(stage: Stage):
    result = await stage.paint("wave 50")
    for label, line in (
        (LESS, "30 %"), (LESS, "10 %"), ("+ 20 %", "30 %"),
        ("Keep colours", "30 % · Keep colours"), ("Keep colours", "30 %"),
    ):  # fmt: skip
        await press(stage, result, label)
        await stage.work()
        headline = said(result.response).splitlines()[0]
        assert headline == f"**The Great Wave** · {line}"
        if line == "10 %":
            assert buttons(result.response)[LESS]["disabled"]
    kept = [r.steps[0].params["keep_colours"] for r in stage.engine.asked]
    assert kept[-2:] == [True, False]


async def test_the_end_of_the_scale_is_the_end(stage: Stage):
    result = await stage.paint("wave 90")
    await press(stage, result, "+ 20 %")
    await stage.work()
    assert said(result.response).splitlines()[0] == "**The Great Wave**"
    assert buttons(result.response)["+ 20 %"]["disabled"]


async def test_strangers_are_refused_kindly_and_alone(stage: Stage):
    result = await stage.paint()
    refused = await choose(stage, result, "scream", stage.ben)
    assert refused.ephemeral
    assert "belongs to someone else" in said(refused.response)
    assert result.response is not None
    for label in (LESS, "Keep colours", "HD file", "Compare", "Delete"):
        pressed = await stage.ben.click(result.response, label=label)
        told = pressed.followups[0] if pressed.followups else pressed.response
        assert told is not None
        assert told.ephemeral
        assert "belongs to someone else" in said(told)
    assert await stage.work() == 0
    assert "**The Great Wave**" in said(result.response)


async def test_where_buttons_are_open_others_get_their_own(stage: Stage):
    await preferences.settle(
        stage.services, stage.here, key(stage.max), admin=True, open_buttons=True
    )
    result = await stage.paint()
    bens = await choose(stage, result, "scream", stage.ben)
    await stage.work()
    assert bens.ephemeral
    assert "**The Scream**" in said(bens.response)
    assert "**The Great Wave**" in said(result.response)
    (job,) = await stage.jobs(stage.ben)
    assert job.wanted.photos == (await stage.jobs(stage.ann))[0].wanted.photos


async def test_the_file_comes_beside_at_full_size(stage: Stage):
    photo = ("photo.jpg", picture(side=2400))
    result = await stage.ann.slash(stage.channel, "style", image=photo, style="wave")
    await stage.work()
    assert result.response is not None
    with_file = await press(stage, result, "HD file")
    await stage.work()
    sizes = []
    for message in (result.response, with_file.response):
        assert message is not None
        (file,) = message.attachments
        with Image.open(io.BytesIO(stage.file(file))) as opened:
            sizes.append(opened.size)
    assert sizes == [(2048, 1536), (2400, 1800)]
    kinds = [p["type"] for p in with_file.response.components[0]["components"]]  # type: ignore[union-attr]
    assert 13 in kinds
    assert gallery(with_file.response) == []
    assert buttons(with_file.response)["HD file"]["disabled"]


async def test_before_and_after_are_beside_each_other_for_who_asks(stage: Stage):
    result = await stage.paint("scream")
    compared = await press(stage, result, "Compare")
    assert compared.ephemeral
    assert [item["description"] for item in gallery(compared.response)] == ["Before", "After"]
    assert compared.response is not None
    before, after = (stage.file(file) for file in compared.response.attachments)
    assert alike(colour_of(before), (120, 120, 120))
    assert alike(colour_of(after), COLOURS[b"scream"])
    # The stranger's file was opened by the engine, not here.
    assert stage.engine.normalised == [picture()]


async def test_a_private_result_is_shared_when_its_owner_says_so(stage: Stage):
    result = await stage.paint("scream", private=True)
    assert stage.channel.history(viewer=stage.ben) == []
    shared = await press(stage, result, "Share to channel")
    assert not shared.ephemeral
    assert f"<@{stage.ann.id}>" in said(shared.response)
    assert shared.response is not None
    (file,) = shared.response.attachments
    assert alike(colour_of(stage.file(file)), COLOURS[b"scream"])
    (seen,) = stage.channel.history(viewer=stage.ben)
    assert seen.id == shared.response.id
    # It is a result like any other.
    await press(stage, shared, LESS)
    await stage.work()
    assert "80 %" in said(shared.response)


async def test_what_comes_from_an_adult_channel_is_not_shared_in_another(stage: Stage):
    result = await stage.paint("scream", private=True)
    (job,) = await stage.jobs(stage.ann)
    photo = job.wanted.photos[0] | {"adult": True}
    async with stage.services.database.writing() as transaction:
        await transaction.jobs._connection.execute(
            text("UPDATE jobs SET photos = :photos"), {"photos": json.dumps([photo])}
        )
    shared = await press(stage, result, "Share to channel")
    assert answer_of(shared) is None
    (told,) = shared.followups
    assert told.ephemeral
    assert "age-restricted" in said(told)


async def test_delete_takes_the_message_and_leaves_the_history(stage: Stage):
    result = await stage.paint()
    await press(stage, result, "Delete")
    assert answer_of(result) is None
    assert len(await history.page(stage.services, key(stage.ann))) == 1


async def test_who_looks_after_the_channel_may_delete_and_so_may_who_was_forgotten(stage: Stage):
    keepers = stage.guild.create_role(
        "keepers", permissions=discord.Permissions(manage_messages=True)
    )
    cleo = stage.guild.add_member(stage.env.create_user("cleo"), roles=[keepers])
    one, other = await stage.paint(), await stage.paint()
    assert one.response is not None
    await cleo.click(one.response, label="Delete")
    assert answer_of(one) is None
    await privacy.forget(stage.services, key(stage.ann))
    await press(stage, other, "Delete")
    assert answer_of(other) is None


async def test_cancelled_the_card_is_as_it_was(stage: Stage):
    result = await stage.paint("wave")
    await choose(stage, result, "scream")
    await press(stage, result, "Cancel")
    assert "**The Great Wave**" in said(result.response)
    assert "Cancelled." in said(result.response)
    assert len(gallery(result.response)) == 1
    assert await stage.work() == 0
    # And its buttons are those of the result it shows.
    await press(stage, result, LESS)
    await stage.work()
    assert "**The Great Wave** · 80 %" in said(result.response)


async def test_only_its_owner_cancels_and_not_what_is_done(stage: Stage):
    result = await stage.ann.slash(
        stage.channel, "style", image=("photo.jpg", picture()), style="wave"
    )
    waiting = result.response
    assert waiting is not None
    refused = await stage.ben.click(waiting, label="Cancel")
    assert "belongs to someone else" in said(refused.followups[0])
    assert "you are next" in said(result.response)
    await press(stage, result, "Cancel")
    assert said(result.response) == "Cancelled."
    assert await stage.work() == 0


async def test_a_version_that_fails_gives_the_card_back_with_the_reason(stage: Stage):
    result = await stage.paint("wave")
    (job,) = await stage.jobs(stage.ann)
    await choose(stage, result, "scream")
    stage.env.backend.cdn._blobs.pop(job.wanted.photos[0]["url"])
    stage.env.inject_error("POST", "/attachments/refresh-urls", status=404)
    await stage.work()
    assert "**The Great Wave**" in said(result.response)
    assert "The original photo is no longer available" in said(result.response)
    assert len(gallery(result.response)) == 1


async def test_buttons_of_before_a_restart_work(stage: Stage):
    result = await stage.paint("wave")
    client = new_client(stage.services)
    await register_handlers(client)
    await stage.env.restart_bot(client)
    with stage.env.time_context():
        assert not await sync_commands(client)
    await client.cache.renew()
    after = Stage.__new__(Stage)
    after.__dict__ |= stage.__dict__
    after.client, after.delivery = client, Delivery(client)
    after.workers = Workers(stage.services, [after.delivery])
    await choose(after, result, "scream")
    with stage.env.time_context():
        await after.work()
    assert "**The Scream**" in said(result.response)


async def test_a_result_that_no_one_remembers_is_gone(stage: Stage):
    result = await stage.paint()
    await privacy.forget(stage.services, key(stage.ann))
    pressed = await press(stage, result, LESS)
    assert "no longer in your history" in said(pressed.followups[0])


async def test_buttons_that_this_version_has_no_more_say_so(stage: Stage):
    result = await stage.paint()
    assert result.response is not None
    stored = stage.env.backend.get_message(stage.channel.id, result.response.id)
    changed = json.dumps(stored.components).replace("sb:set:", "sb:of-old:")
    stored.components = json.loads(changed)
    pressed = await press(stage, result, LESS)
    assert pressed.ephemeral
    assert "no longer in your history" in said(pressed.response)


async def test_a_card_of_an_earlier_version_gets_the_buttons_of_today(stage: Stage):
    result = await stage.paint()
    assert result.response is not None
    stored = stage.env.backend.get_message(stage.channel.id, result.response.id)
    today = json.dumps(stored.components)
    old = re.sub(r"sb:set:(\d+):(\d+)\.strength\.80", r"sb:less:\1:\2", today)
    assert old != today
    stored.components = json.loads(old)
    await press(stage, result, LESS)
    await press(stage, result, LESS)
    await stage.work()
    assert said(result.response).splitlines()[0] == "**The Great Wave** · 80 %"


async def test_more_styles_than_a_menu_has_places_are_paged(stage: Stage):
    known = stage.client.cache._styles
    many = [replace(known[0], id=1000 + n, titles={"en": f"S{n}"}) for n in range(50)]
    stage.client.cache._styles = [*known, *many]
    result = await stage.paint()
    options = menu(result.response, "style")["options"]
    assert len(options) == 24
    assert options[-1]["value"] == "page 1"
    custom_id = menu(result.response, "style")["custom_id"]
    assert result.response is not None
    await stage.ann.select(result.response, ["page 1"], custom_id=custom_id)
    options = menu(result.response, "style")["options"]
    assert [options[0]["value"], options[-1]["value"], len(options)] == ["page 0", "page 2", 25]
    assert len(gallery(result.response)) == 1
    assert "**The Great Wave**" in said(result.response)


@pytest.mark.parametrize("private", [True, False])
async def test_own_styles_are_named_where_no_one_else_reads_them(stage: Stage, *, private: bool):
    await custom_styles.add_own(stage.services, key(stage.ann), "Grandma", picture())
    await stage.client.cache.renew_person(key(stage.ann))
    result = await stage.paint(private=private)
    labels = [option["label"] for option in menu(result.response, "style")["options"]]
    assert ("Grandma" in labels) is private


async def test_a_button_pressed_before_the_store_knows_of_the_delivery_waits_for_it(stage: Stage):
    result = await stage.paint("wave")
    (job,) = await stage.jobs(stage.ann)
    async with stage.services.database.writing() as transaction:
        execute = transaction.jobs._connection.execute
        await execute(text("UPDATE jobs SET state = 'done', result = NULL"))
        await execute(text("DELETE FROM history"))

    async def catch_up() -> None:
        await asyncio.sleep(0.3)
        async with stage.services.database.writing() as transaction:
            await transaction.jobs._connection.execute(
                text("UPDATE jobs SET state = 'delivered', result = :result"),
                {"result": json.dumps(job.result)},
            )

    catching_up = asyncio.create_task(catch_up())
    await press(stage, result, LESS)
    await catching_up
    await stage.work()
    assert "80 %" in said(result.response)
