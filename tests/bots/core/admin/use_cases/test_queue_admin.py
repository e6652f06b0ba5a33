"""The queue, limits and blocks, as admins see and change them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bots.core import errors
from bots.core.admin.use_cases import queue_admin as control_room
from bots.core.admin.use_cases import rights as admins
from bots.core.admin.use_cases import styles as admin_styles
from bots.core.policy import control
from bots.core.requests import queueing
from bots.core.styles import custom_styles
from bots.core.users import preferences
from storage.values.people import ChatKey, ChatSettings, UserKey
from tests.bots.core.conftest import ADMIN, ANN, BEN, HERE, Stage

pytestmark = pytest.mark.anyio


async def test_a_paused_queue_takes_photos_and_paints_none_until_it_goes_on(stage: Stage):
    services = stage.services
    await control_room.put_mode(services, ADMIN, "paused", "back at  18:00")
    ticket = await queueing.accept(services, stage.asked())
    said = queueing.described(services, ticket.job, ticket.place, ticket.title)
    assert "back at 18:00" in said
    assert await stage.work() == 0
    found = await queueing.place(services, ticket.job.id)
    assert found
    assert "back at 18:00" in queueing.described(services, *found, "x")
    await control_room.put_mode(services, ADMIN, "open")
    assert await stage.work() == 1
    assert ticket.job.id in stage.platform.results


async def test_what_was_painted_is_delivered_while_the_queue_is_paused(stage: Stage):
    services = stage.services
    await queueing.accept(services, stage.asked())
    async with services.database.writing() as transaction:
        job = await transaction.jobs.claim("w", stage.clock.now, services.limits.lease, 2)
        assert job
        await transaction.jobs.painted(job.id, "w", stage.clock.now)
    stage.clock.pass_(minutes=5)
    await control_room.put_mode(services, ADMIN, "paused")
    assert await stage.work() == 1
    assert job.id in stage.platform.results


async def test_a_draining_queue_takes_nothing_and_paints_what_waits(stage: Stage):
    services = stage.services
    ticket = await queueing.accept(services, stage.asked())
    await control_room.put_mode(services, ADMIN, "draining", "moving house")
    with pytest.raises(errors.ClosedError) as closed:
        await queueing.accept(services, stage.asked())
    assert closed.value.facts == {"words": "moving house"}
    assert await stage.work() == 1
    assert ticket.job.id in stage.platform.results


async def test_the_queue_is_shown_with_ages_and_shares(stage: Stage):
    services = stage.services
    empty = await control_room.queue(services, ADMIN)
    assert (empty.running, empty.waiting, empty.oldest_s) == (0, 0, None)
    await queueing.accept(services, stage.asked("", "a", "b"))
    stage.clock.pass_(seconds=30)
    await queueing.accept(services, stage.asked(user=BEN, chat=ChatKey("test", "-2")))
    view = await control_room.queue(services, ADMIN)
    assert (view.running, view.waiting, view.oldest_s) == (0, 2, 30)
    assert view.shares == [(HERE, 2), (ChatKey("test", "-2"), 1)]


async def test_an_admin_cancels_a_request_and_its_person_is_told(stage: Stage):
    services = stage.services
    ticket = await queueing.accept(services, stage.asked())
    await control_room.cancel(services, ADMIN, ticket.job.id)
    await stage.work()
    assert stage.platform.told == {ticket.job.id: "An admin cancelled your request."}
    assert not stage.platform.results
    for job_id in (ticket.job.id, 10_000):
        with pytest.raises(errors.TooLateError):
            await control_room.cancel(services, ADMIN, job_id)
    acts = [entry.act for entry in await admins.audit(services, ADMIN)]
    assert acts == ["job.cancel"]


async def test_a_blocked_person_has_nothing_painted_until_they_are_unblocked(stage: Stage):
    services = stage.services
    ticket = await queueing.accept(services, stage.asked())
    assert await control_room.block(services, ADMIN, ANN, "spam") == 1
    await stage.work()
    assert stage.platform.told == {ticket.job.id: "You are blocked from using this bot."}
    with pytest.raises(errors.BlockedError):
        await queueing.accept(services, stage.asked())
    with pytest.raises(errors.BlockedError):
        await custom_styles.add_own(services, ANN, "Mine", b"picture")
    (block,) = await control_room.blocks(services, ADMIN)
    assert (block.pseudonym, block.reason) == (services.pseudonym(ANN), "spam")
    logged = json.dumps([entry.subject for entry in await admins.audit(services, ADMIN)])
    assert str(ANN) not in logged
    assert await control_room.allow(services, ADMIN, block.pseudonym)
    assert not await control_room.allow(services, ADMIN, ANN)
    await queueing.accept(services, stage.asked())
    await control_room.block(services, ADMIN, HERE)
    with pytest.raises(errors.BlockedError):
        await queueing.accept(services, stage.asked(user=BEN))
    with pytest.raises(errors.BadWhomError):
        await control_room.block(services, ADMIN, ADMIN)


async def test_limits_are_changed_while_the_bot_runs(stage: Stage):
    services = stage.services
    await control_room.put_limit(services, ADMIN, "waiting_per_user", 1)
    await queueing.accept(services, stage.asked())
    with pytest.raises(errors.TooManyWaitingError):
        await queueing.accept(services, stage.asked())
    views = {view.name: view for view in await control_room.limits(services, ADMIN)}
    assert (views["waiting_per_user"].value, views["waiting_per_user"].default) == (1, 20)
    await control_room.put_limit(services, ADMIN, "waiting_per_user", None)
    await queueing.accept(services, stage.asked())
    for name, value, error in (
        ("waiting", 0, errors.OutOfRangeError), ("album", 11, errors.OutOfRangeError),
        ("tries", 2, errors.UnknownLimitError), ("", 1, errors.UnknownLimitError),
    ):  # fmt: skip
        with pytest.raises(error):
            await control_room.put_limit(services, ADMIN, name, value)
    await control_room.put_limit(services, ADMIN, "own_styles", 0)
    with pytest.raises(errors.TooManyOwnStylesError):
        await custom_styles.add_own(services, ANN, "Mine", b"picture")


async def test_statistics_tell_what_became_of_requests(stage: Stage):
    services, ids = stage.services, await stage.ids()
    await queueing.accept(services, stage.asked("scream", "a", "b"))
    await queueing.accept(services, stage.asked("scream", "bad", user=BEN))
    stage.clock.pass_(seconds=4)
    await stage.work()
    tally, titles = await control_room.stats(services, ADMIN)
    assert (tally.states, tally.people, tally.photos) == ({"delivered": 1, "failed": 1}, 2, 2)
    assert (tally.wait_s, tally.work_s) == (4.0, 0.0)
    assert (tally.styles, titles) == ({ids["scream"]: 1}, {ids["scream"]: "The Scream"})
    stage.clock.pass_(hours=25)
    tally, _ = await control_room.stats(services, ADMIN)
    assert (tally.states, tally.wait_s) == ({}, None)


async def test_a_chats_settings_are_seen_and_changed_for_it(stage: Stage):
    services, chat = stage.services, ChatKey("discord", "42")
    with pytest.raises(errors.BadWhomError):
        await control_room.settle_chat(services, ADMIN, chat, quiet=True)
    await preferences.settle(services, chat, BEN, admin=True, per_minute=3)
    await control_room.settle_chat(services, ADMIN, chat, quiet=True)
    found = await control_room.chats(services, ADMIN)
    assert found == {chat: ChatSettings(per_minute=3, quiet=True)}
    entry, *_ = await admins.audit(services, ADMIN)
    assert (entry.actor, entry.act, entry.subject) == (str(ADMIN), "chat.settle", "discord:42")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("telegram:12", UserKey("telegram", "12")),
        (" Telegram:-1002 ", ChatKey("telegram", "-1002")),
        ("user discord:7", UserKey("discord", "7")),
        ("chat discord:7", ChatKey("discord", "7")),
    ],
)
def test_people_and_chats_are_named_by_their_ids(text: str, meant: UserKey | ChatKey):
    assert control_room.whom(text) == meant


@pytest.mark.parametrize("text", ["", "12", "irc:12", "telegram:", "discord:a b", "telegram:1;2"])
def test_a_text_in_another_form_names_nobody(text: str):
    with pytest.raises(errors.BadWhomError):
        control_room.whom(text)


NOT_FOR_ALL: list[Callable[[Any, UserKey], Any]] = [
    lambda services, who: control_room.queue(services, who),
    lambda services, who: control_room.put_mode(services, who, "paused"),
    lambda services, who: control_room.cancel(services, who, 1),
    lambda services, who: control_room.block(services, who, BEN),
    lambda services, who: control_room.allow(services, who, BEN),
    lambda services, who: control_room.blocks(services, who),
    lambda services, who: control_room.limits(services, who),
    lambda services, who: control_room.put_limit(services, who, "waiting", 5),
    lambda services, who: control_room.chats(services, who),
    lambda services, who: control_room.settle_chat(services, who, HERE, quiet=True),
    lambda services, who: control_room.stats(services, who),
    lambda services, who: admins.audit(services, who),
    lambda services, who: admin_styles.listed(services, who),
    lambda services, who: admin_styles.get(services, who, 1),
    lambda services, who: admin_styles.add(services, who, "New", [b"picture"]),
    lambda services, who: admin_styles.import_file(services, who, b"{}"),
    lambda services, who: admin_styles.export_file(services, who, 1),
    lambda services, who: admin_styles.previews(services, who, 1),
    lambda services, who: admin_styles.doubtful(services, who, 1),
    lambda services, who: admin_styles.refine(services, who, 1),
    lambda services, who: admin_styles.put_state(services, who, 1, "retired"),
    lambda services, who: admin_styles.rename(services, who, 1, {"en": "Mine"}),
    lambda services, who: admin_styles.retag(services, who, 1, "mine"),
    lambda services, who: admin_styles.discard(services, who, 1),
    lambda services, who: admin_styles.move(services, who, 1, 3),
    lambda services, who: admin_styles.reorder(services, who, [2, 1]),
    lambda services, who: admin_styles.make_default(services, who, 1),
    lambda services, who: admin_styles.decide(services, who, 1, accept=True),
]


async def test_everyone_else_is_refused_and_the_attempt_is_audited(stage: Stage):
    services = stage.services
    before = await admin_styles.listed(services, ADMIN), await control.read_now(services)
    for forged in NOT_FOR_ALL:
        stage.clock.pass_(minutes=2)
        with pytest.raises(errors.BotAdminsOnlyError):
            await forged(services, ANN)
    after = await admin_styles.listed(services, ADMIN), await control.read_now(services)
    assert after == before
    entries = await admins.audit(services, ADMIN, 100)
    assert len(entries) == len(NOT_FOR_ALL)
    assert {(entry.actor, entry.act) for entry in entries} == {("test:1", "refused")}
    with pytest.raises(errors.BotAdminsOnlyError):
        await control_room.stats(services, ANN)
    with pytest.raises(errors.BotAdminsOnlyError):
        await control_room.stats(services, ANN)
    assert len(await admins.audit(services, ADMIN, 100)) == len(NOT_FOR_ALL)


async def test_every_act_lets_other_processes_know(stage: Stage):
    services, ids = stage.services, await stage.ids()
    seen = {await control.revision(services)}
    await admin_styles.put_state(services, ADMIN, ids["scream"], "resting")
    seen.add(await control.revision(services))
    await control_room.put_limit(services, ADMIN, "album", 3)
    seen.add(await control.revision(services))
    assert len(seen) == 3
    await queueing.accept(services, stage.asked())
    assert await control.revision(services) in seen
