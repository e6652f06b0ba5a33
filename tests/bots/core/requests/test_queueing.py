"""Accepting: what is asked for, by whom, where, and how much."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bots.core import errors
from bots.core.admin.use_cases import styles as admin_styles
from bots.core.requests import drafts, queueing, versions
from bots.core.requests.queueing import accept, described
from bots.core.requests.values import Question, Ticket, Version
from bots.core.requests.versions import again
from bots.core.styles import catalogue, custom_styles, seeding
from bots.core.users import history, preferences, privacy
from engine.api.errors import InvalidOptionError
from storage.values.jobs import NewJob, Place
from storage.values.people import ChatKey
from storage.values.recipes import Choice
from tests.bots.core.conftest import ADMIN, ANN, BEN, HERE, Stage, value

pytestmark = pytest.mark.anyio


def values(wanted: NewJob) -> tuple[float, bool]:
    return value(wanted.recipe, "strength"), value(wanted.recipe, "keep_colours")


async def test_what_was_typed_becomes_a_job(stage: Stage):
    ids = await stage.ids()
    ticket = await accept(stage.services, stage.asked("wave+scream:3 70", "a", "b"))
    wanted = ticket.job.wanted
    assert wanted.recipe.styles == (Choice(ids["great-wave"]), Choice(ids["scream"], 3.0))
    assert values(wanted) == (0.7, False)
    assert wanted.photos == ({"file": "a"}, {"file": "b"})
    assert (ticket.title, ticket.new, ticket.place.ahead) == (
        "The Great Wave + The Scream", True, 0,
    )  # fmt: skip
    later = await accept(stage.services, stage.asked("wave", user=BEN))
    assert later.place.ahead == 2


async def test_the_same_request_again_is_the_same_job(stage: Stage):
    asked = stage.asked("wave")
    first = await accept(stage.services, asked)
    # Whatever has changed since: the platform only repeats itself.
    await preferences.settle(stage.services, HERE, ANN, admin=True, audience="admins")
    second = await accept(stage.services, replace(asked, words=""))
    assert (second.job, second.new) == (first.job, False)
    assert second.title == first.title


async def test_a_request_without_a_style_uses_the_preference(stage: Stage):
    services, ids = stage.services, await stage.ids()
    first = await accept(services, stage.asked())
    assert first.title == "Starry Night"
    await preferences.settle(services, HERE, BEN, admin=True, style_id=ids["scream"])
    assert (await accept(services, stage.asked())).title == "The Scream"
    await preferences.prefer_style(services, ANN, ids["great-wave"])
    await preferences.prefer_values(services, ANN, {"strength": 0.4, "keep_colours": True})
    await preferences.prefer(services, ANN, output="file", private=True, language="zh")
    ticket = await accept(services, stage.asked())
    wanted = ticket.job.wanted
    assert ticket.title == "神奈川冲浪里"
    assert (*values(wanted), wanted.output) == (0.4, True, "file")
    assert (wanted.private, wanted.language) == (True, "zh")
    pressed = replace(
        stage.asked("wave 10"), choices=(Choice(ids["sepia"]),),
        params={"strength": 0.9, "keep_colours": False}, output="photo",
    )  # fmt: skip
    wanted = (await accept(services, pressed)).job.wanted
    assert (wanted.recipe.styles, wanted.recipe.steps[0].effect) == ((), "sepia")
    assert (*values(wanted), wanted.output) == (0.9, False, "photo")
    with pytest.raises(InvalidOptionError):
        await accept(services, replace(stage.asked(), params={"strength": 1.01}))
    with pytest.raises(InvalidOptionError):
        await preferences.prefer_values(services, ANN, {"strength": -0.01})


async def test_a_style_that_rests_or_is_not_here_is_told(stage: Stage):
    services, ids = stage.services, await stage.ids()
    await admin_styles.put_state(services, ADMIN, ids["scream"], "resting")
    with pytest.raises(errors.StyleDisabledError) as resting:
        await accept(services, replace(stage.asked("scream"), locale="zh"))
    assert resting.value.facts == {"title": "呐喊"}
    with pytest.raises(errors.StyleGoneError):
        await accept(services, replace(stage.asked(), choices=(Choice(10**6),)))
    await preferences.settle(services, HERE, BEN, admin=True, allowed_styles=())
    with pytest.raises(errors.StyleGoneError):
        await accept(services, stage.asked())
    await preferences.settle(
        services, HERE, BEN, admin=True, allowed_styles=(ids["great-wave"],), own_styles=False
    )
    with pytest.raises(errors.StyleNotHereError):
        await accept(services, stage.asked("starry night"))
    assert (await accept(services, stage.asked())).title == "The Great Wave"
    own = await custom_styles.add_own(services, ANN, "Grandma", b"picture")
    with pytest.raises(errors.StyleNotHereError):
        await accept(services, stage.asked("grandma"))
    elsewhere = replace(stage.asked("grandma"), chat=ChatKey("test", "-20"))
    assert (await accept(services, elsewhere)).job.wanted.recipe.styles == (Choice(own.id),)
    with pytest.raises(errors.UnknownStyleNameError):
        await accept(services, replace(elsewhere, user=BEN, dedupe="ben's"))


async def test_a_chat_may_have_one_topic_for_photos(stage: Stage):
    services = stage.services
    await preferences.settle(services, HERE, BEN, admin=True, topic=7)
    with pytest.raises(errors.OtherTopicError):
        await accept(services, replace(stage.asked("wave"), topic=8))
    ticket = await accept(services, replace(stage.asked("wave"), topic=7))
    assert ticket.new
    # It has no topics any more, then.
    assert (await accept(services, stage.asked("wave"))).new


async def test_who_may_not_is_told_and_nothing_is_kept(stage: Stage):
    services = stage.services
    await preferences.settle(services, HERE, BEN, admin=True, audience="admins")
    with pytest.raises(errors.AdminsOnlyError):
        await accept(services, stage.asked("wave"))
    assert (await accept(services, replace(stage.asked("wave"), admin=True))).new
    for name in (f"user {ANN}", f"chat {HERE}"):
        pseudonym = services.sealer.pseudonym(name)
        async with services.database.writing() as transaction:
            await transaction.blocks.add(pseudonym, "spam", services.now())
        with pytest.raises(errors.BlockedError):
            await accept(services, replace(stage.asked("wave"), admin=True))
        async with services.database.writing() as transaction:
            await transaction.blocks.remove(pseudonym)
    async with services.database.reading() as transaction:
        assert await transaction.jobs.count_waiting() == 1


async def test_photos_are_counted_before_work(stage: Stage):
    with pytest.raises(errors.NoPhotoError):
        await accept(stage.services, replace(stage.asked("wave"), photos=()))
    with pytest.raises(errors.AlbumTooLargeError) as caught:
        await accept(stage.services, stage.asked("wave", *"abcdefghijk"))
    assert caught.value.facts == {"limit": 10}


async def test_limits_count_in_the_store(stage: Stage):
    stage.limited(waiting=6, waiting_per_user=3, per_minute=5)
    services = stage.services
    # An album may exceed what a person may have waiting, but only alone.
    await accept(services, stage.asked("wave", "a", "b", "c", "a"))
    with pytest.raises(errors.TooManyWaitingError) as caught:
        await accept(services, stage.asked("wave"))
    assert caught.value.facts == {"waiting": 4, "limit": 3}
    await accept(services, stage.asked("wave", "a", "b", user=BEN))
    with pytest.raises(errors.QueueFullError):
        await accept(services, stage.asked("wave", user=BEN))
    assert await stage.work() == 2
    await accept(services, stage.asked("wave"))
    with pytest.raises(errors.TooFastError) as fast:
        await accept(services, stage.asked("wave"))
    assert fast.value.facts == {"limit": 5, "seconds": 60}
    stage.clock.pass_(seconds=61)
    await accept(services, stage.asked("wave"))


async def test_a_chat_may_have_narrower_limits(stage: Stage):
    services = stage.services
    await preferences.settle(services, HERE, BEN, admin=True, waiting_per_user=1, per_minute=2)
    await accept(services, stage.asked("wave"))
    with pytest.raises(errors.TooManyWaitingError):
        await accept(services, stage.asked("wave"))
    await accept(services, replace(stage.asked("wave"), chat=ChatKey("test", "-20")))
    await stage.work()
    await accept(services, stage.asked("wave"))
    await stage.work()
    with pytest.raises(errors.TooFastError):
        await accept(services, stage.asked("wave"))


async def test_a_result_can_be_had_again_and_otherwise(stage: Stage):
    services, ids = stage.services, await stage.ids()
    first = await accept(services, stage.asked("wave 70", "a", "b"))
    await stage.work()
    entry = await history.of_job(services, ANN, first.job.id)
    assert entry.title == "The Great Wave"
    same = (await again(services, entry.id, stage.asked())).job.wanted
    assert (same.photos, same.recipe) == (entry.photos, entry.recipe)
    assert values(same) == (0.7, False)
    other = replace(stage.asked(), choices=(Choice(ids["scream"]),), params={"keep_colours": True})
    wanted = (await again(services, entry.id, other)).job.wanted
    assert (wanted.recipe.styles, values(wanted)) == ((Choice(ids["scream"]),), (0.7, True))
    wanted = (await again(services, entry.id, stage.asked("starry"))).job.wanted
    assert wanted.recipe.styles == (Choice(ids["starry-night"]),)
    stronger = replace(stage.asked(), params={"strength": 0.8})
    assert values((await again(services, entry.id, stronger)).job.wanted) == (0.8, False)
    with pytest.raises(errors.EntryGoneError):
        await again(services, entry.id, stage.asked(user=BEN))
    with pytest.raises(errors.EntryGoneError):
        await history.of_job(services, BEN, first.job.id)
    await history.remove(services, ANN, entry.id)
    with pytest.raises(errors.EntryGoneError):
        await history.remove(services, ANN, entry.id)
    with pytest.raises(errors.EntryGoneError):
        await again(services, entry.id, stage.asked())


async def test_this_is_the_picture_that_was_shown_last(stage: Stage):
    services = stage.services
    with pytest.raises(errors.NoReferenceError):
        await accept(services, stage.asked("this"))
    first = await custom_styles.adopt_this(services, ANN, b"one")
    second = await custom_styles.adopt_this(services, ANN, b"two")
    assert first.id == second.id
    ticket = await accept(services, stage.asked("this 50"))
    assert ticket.job.wanted.recipe.styles == (Choice(second.id),)
    await stage.work()
    assert stage.platform.results[ticket.job.id] == [b"A as read from two"]
    assert "this" not in [style.title("en") for style in await catalogue.listed(services, ANN)]


async def test_one_can_give_up_ones_own(stage: Stage):
    services = stage.services
    first = await accept(services, stage.asked("wave"))
    second = await accept(services, stage.asked("wave"))
    with pytest.raises(errors.EntryGoneError):
        await queueing.cancel(services, BEN, first.job.id)
    with pytest.raises(errors.EntryGoneError):
        await queueing.cancel(services, ANN, 10**6)
    await queueing.cancel(services, ANN, first.job.id)
    with pytest.raises(errors.TooLateError):
        await queueing.cancel(services, ANN, first.job.id)
    assert await queueing.cancel_all(services, ANN) == 1
    assert await stage.work() == 0
    found = await queueing.place(services, second.job.id)
    assert found
    assert found[0].state == "cancelled"
    assert await queueing.place(services, 10**6) is None


async def test_where_a_job_stands_is_said(stage: Stage):
    services = stage.services
    ticket = await accept(services, stage.asked("wave", "a", "b", "c"))

    def said(place: Place, **changes: Any) -> str:
        return described(services, replace(ticket.job, **changes), place, "Wave")

    assert said(Place(0, None)) == "Wave · you are next"
    assert said(Place(2, None)) == "Wave · 2 photos before yours"
    assert said(Place(2, 9.6)) == "Wave · 2 photos before yours · about 10 s"
    assert said(Place(0, 0.1)) == "Wave · you are next · about 1 s"
    assert said(Place(0, None), state="running", progress=2) == "Wave · 2 of 3"


async def test_languages_are_ones_own_then_the_chats_then_the_platforms(stage: Stage):
    services = stage.services
    assert await preferences.language(services, ANN, HERE, "zh-CN") == "zh"
    await preferences.settle(services, HERE, BEN, admin=True, language="en")
    assert await preferences.language(services, ANN, HERE, "zh-CN") == "en"
    await preferences.prefer(services, ANN, language="zh")
    assert await preferences.language(services, ANN, HERE, "en") == "zh"
    assert await preferences.language(services, ANN) == "zh"
    assert (await preferences.preference(services, ANN)).language == "zh"


async def test_a_chat_is_settled_by_its_admins_and_that_is_noted(stage: Stage):
    services = stage.services
    with pytest.raises(errors.AdminsOnlyError):
        await preferences.settle(services, HERE, ANN, admin=False, quiet=True)
    await preferences.settle(services, HERE, ANN, admin=True, quiet=True, allowed_styles=(1, 2))
    settings = await preferences.chat_settings(services, HERE)
    assert (settings.quiet, settings.allowed_styles) == (True, (1, 2))
    async with services.database.reading() as transaction:
        (act,) = await transaction.audit.latest()
    assert (act.actor, act.act, act.subject) == (str(ANN), "chat.settle", str(HERE))
    assert act.details == {"quiet": True, "allowed_styles": [1, 2]}
    assert services.now() - act.created_at < timedelta(seconds=1)


async def test_a_draft_waits_for_its_style_outside_the_queue(stage: Stage):
    services, ids = stage.services, await stage.ids()
    asked = stage.asked("", "a", "b", reply_target={"reply": 5})
    draft = await drafts.draft(services, asked)
    assert (draft.state, draft.wanted.photos) == ("draft", ({"file": "a"}, {"file": "b"}))
    assert await drafts.draft(services, asked) == draft
    assert await stage.work() == 0
    chosen = stage.asked(choices=(Choice(ids["scream"]),), reply_target={"status": 6})
    with pytest.raises(errors.NotYoursError):
        await drafts.choose(services, draft.id, replace(chosen, user=BEN))
    with pytest.raises(errors.StyleGoneError):
        await drafts.choose(services, draft.id, replace(chosen, choices=(Choice(999),)))
    ticket = await drafts.choose(services, draft.id, chosen)
    assert (ticket.new, ticket.title, ticket.job.id) == (True, "The Scream", draft.id)
    assert ticket.job.wanted.reply_target == {"reply": 5, "status": 6}
    other = replace(chosen, choices=(Choice(ids["sepia"]),))
    second = await drafts.choose(services, draft.id, other)
    assert (second.new, second.title) == (False, "The Scream")
    await stage.work()
    assert stage.platform.results[draft.id] == [b"A as scream", b"B as scream"]
    with pytest.raises(errors.EntryGoneError):
        await drafts.choose(services, 999, chosen)


async def test_drafts_count_for_nothing_and_are_swept(stage: Stage):
    stage.limited(waiting_per_user=2, per_minute=2)
    kept = [await drafts.draft(stage.services, stage.asked()) for _ in range(5)]
    draft = kept[-1]
    await accept(stage.services, stage.asked("wave"))
    await drafts.choose(stage.services, draft.id, stage.asked())
    with pytest.raises(errors.TooManyWaitingError):
        await drafts.choose(stage.services, draft.id - 1, stage.asked())
    assert await queueing.cancel_all(stage.services, ANN) == 2
    stage.clock.pass_(days=8)
    assert await privacy.sweep(stage.services) == 6


async def test_versions_of_a_result_are_their_owners(stage: Stage):
    services, ids = stage.services, await stage.ids()
    job = (await accept(services, stage.asked("wave 70", reply_target={"reply": 1}))).job
    with pytest.raises(errors.EntryGoneError):
        await versions.version(services, job.id, ANN)
    await stage.work()
    made = await versions.version(services, job.id, ANN)
    assert (made.title, value(made.recipe, "strength")) == ("The Great Wave", 0.7)
    assert made.reply_target == {"reply": 1}
    assert made.result == {"message": job.id}
    with pytest.raises(errors.NotYoursError):
        await versions.version(services, job.id, BEN, HERE)
    await preferences.settle(services, HERE, ANN, admin=True, open_buttons=True)
    theirs = await versions.version(services, job.id, BEN, HERE)
    with pytest.raises(errors.NotYoursError):
        await versions.version(services, job.id, BEN, ChatKey("test", "elsewhere"))
    ticket = await versions.vary(
        services, theirs, stage.asked(user=BEN, choices=(Choice(ids["scream"]),))
    )
    wanted = ticket.job.wanted
    assert (wanted.user, values(wanted), wanted.photos) == (BEN, (0.7, False), ({"file": "a"},))
    # The job is swept before the history is.
    stage.clock.pass_(days=8)
    await privacy.sweep(services)
    assert (await versions.version(services, job.id, ANN)).reply_target == {}
    with pytest.raises(errors.EntryGoneError):
        await versions.version(services, 999, ANN)


async def test_what_a_platform_learns_later_is_noted(stage: Stage):
    job = (await accept(stage.services, stage.asked("wave", reply_target={"reply": 1}))).job
    await queueing.extend_reply_target(stage.services, job.id, status=2)
    await queueing.extend_reply_target(stage.services, 999, status=2)
    found = await queueing.place(stage.services, job.id)
    assert found
    assert found[0].wanted.reply_target == {"reply": 1, "status": 2}


async def test_a_chat_that_moves_takes_settings_and_jobs_along(stage: Stage):
    there = ChatKey("test", "-20")
    await preferences.settle(stage.services, HERE, ANN, admin=True, quiet=True)
    job = (await accept(stage.services, stage.asked("wave"))).job
    await preferences.move_chat(stage.services, HERE, there)
    assert (await preferences.chat_settings(stage.services, there)).quiet
    found = await queueing.place(stage.services, job.id)
    assert found
    assert found[0].wanted.chat == there


async def test_what_would_be_forgotten_is_counted_and_entries_are_ones_own(stage: Stage):
    await accept(stage.services, stage.asked("wave"))
    await stage.work()
    await custom_styles.add_own(stage.services, ANN, "Mine", b"A")
    known = await privacy.known(stage.services, ANN)
    assert (known.history, known.styles, known.jobs) == (1, 1, 1)
    assert await privacy.forget(stage.services, ANN) == known
    with pytest.raises(errors.EntryGoneError):
        await history.entry(stage.services, ANN, 1)


@pytest.mark.parametrize(
    ("words", "error", "meant"),
    [
        ("stary nite", errors.UnknownStyleNameError, ["starry-night"]),
        ("xyzzy", errors.UnknownStyleNameError, []),
        ("wave 120", errors.BadNumberError, ["great-wave"]),
        ("wave -5", errors.BadNumberError, ["great-wave"]),
        ("this", errors.NoReferenceError, []),
    ],
)
async def test_what_is_not_understood_keeps_the_photo_and_asks(
    stage: Stage, words: str, error: type[errors.BotError], meant: list[str]
):
    services = stage.services
    asked = stage.asked(words, "a", "b")
    question = await drafts.take(services, asked)
    assert isinstance(question, Question)
    assert isinstance(question.why, error)
    assert question.job.state == "draft"
    assert len(question.job.wanted.photos) == 2
    assert [style.slug for style in question.styles[: question.meant]] == meant
    assert len(question.styles) == 4
    assert await stage.work() == 0
    # The same message again is the same question.
    again = await drafts.take(services, asked)
    assert isinstance(again, Question)
    assert again.job.id == question.job.id
    # What is typed next is the answer.
    waiting = await drafts.waiting_draft(services, ANN, HERE)
    assert waiting is not None
    assert waiting.id == question.job.id
    wrong = await drafts.answer(services, waiting.id, stage.asked("nonsense"))
    assert isinstance(wrong, Question)
    assert isinstance(wrong.why, errors.UnknownStyleNameError)
    ticket = await drafts.answer(services, waiting.id, stage.asked("like the scream 40%"))
    assert isinstance(ticket, Ticket)
    assert (ticket.title, value(ticket.job.wanted.recipe, "strength")) == ("The Scream", 0.4)
    assert await drafts.waiting_draft(services, ANN, HERE) is None


async def test_who_has_a_usual_style_is_not_asked(stage: Stage):
    services, ids = stage.services, await stage.ids()
    assert isinstance(await drafts.take(services, stage.asked()), Question)
    await preferences.settle(services, HERE, BEN, admin=True, allowed_styles=(ids["sepia"],))
    only = await drafts.take(services, stage.asked())
    assert isinstance(only, Ticket)
    assert only.title == "Sepia"
    await preferences.settle(services, HERE, BEN, admin=True, allowed_styles=None)
    await preferences.prefer_style(services, ANN, ids["scream"])
    ticket = await drafts.take(services, stage.asked())
    assert isinstance(ticket, Ticket)
    assert ticket.title == "The Scream"
    # Nor is anyone where nothing but results is wanted.
    await preferences.settle(services, HERE, BEN, admin=True, quiet=True)
    quiet = await drafts.take(services, stage.asked(user=BEN))
    assert isinstance(quiet, Ticket)


@pytest.mark.parametrize(
    ("caption", "meant"), [("my cat, 2024", []), ("my dog and the scream", ["scream"]), ("", [])]
)
async def test_a_caption_about_something_else_asks_and_says_no_error(
    stage: Stage, caption: str, meant: list[str]
):
    asked = stage.asked(caption)
    question = await drafts.take(stage.services, asked, loose=True)
    assert isinstance(question, Question)
    assert question.why is None
    assert [style.slug for style in question.styles[: question.meant]] == meant
    plain = stage.asked("please paint it like the scream 60")
    ticket = await drafts.take(stage.services, plain, loose=True)
    assert isinstance(ticket, Ticket)
    assert value(ticket.job.wanted.recipe, "strength") == 0.6


async def test_a_number_is_one_of_those_that_were_shown(stage: Stage):
    services, ids = stage.services, await stage.ids()
    question = await drafts.take(services, stage.asked("xyzzy"))
    assert isinstance(question, Question)
    shown = [ids["sepia"], ids["scream"]]
    await queueing.extend_reply_target(services, question.job.id, shown=shown)
    ticket = await drafts.answer(services, question.job.id, stage.asked("2"))
    assert isinstance(ticket, Ticket)
    assert (ticket.title, value(ticket.job.wanted.recipe, "strength")) == ("The Scream", 1.0)


async def test_a_draft_of_long_ago_or_elsewhere_is_not_what_is_meant(stage: Stage):
    services = stage.services
    await drafts.draft(services, stage.asked())
    assert await drafts.waiting_draft(services, ANN, ChatKey("test", "-11")) is None
    assert await drafts.waiting_draft(services, BEN, HERE) is None
    stage.clock.pass_(days=2)
    assert await drafts.waiting_draft(services, ANN, HERE) is None


async def test_a_retired_style_is_answered_by_what_stands_in_for_it_and_that_is_said_once(
    stage: Stage,
):
    services, ids = stage.services, await stage.ids()
    await preferences.prefer_style(services, ANN, ids["scream"])
    await preferences.settle(
        services, HERE, BEN, admin=True, allowed_styles=(ids["scream"], ids["sepia"])
    )
    old = await accept(services, stage.asked("scream"))
    # A checkpoint without it comes, in which another style stands in for it.
    styles = [
        replace(info, replaces=("scream",) if info.slug == "starry-night" else ())
        for info in await stage.engine.styles()
        if info.slug != "scream"
    ]

    async def fewer() -> list[Any]:
        return styles

    stage.engine.styles = fewer  # type: ignore[method-assign]
    await seeding.seed(services)
    said = "“The Scream” is retired. I used the most similar style."
    typed = []
    for words in ("the scream", "scream", "呐喊"):
        ticket = await accept(services, stage.asked(words))
        assert ticket.title == "Starry Night"
        typed.append(ticket.job.id)
    made = Version(
        job_id=old.job.id, user=ANN, chat=old.job.wanted.chat, photos=({"file": "a"},),
        recipe=old.job.wanted.recipe, reply_target={}, title="", result={},
    )  # fmt: skip
    again = await versions.vary(services, made, stage.asked())
    assert again.title == "Starry Night"
    # The default style was that one: the person is told once, and then the other is set.
    liked = await preferences.preference(services, ANN)
    assert liked.recipe.styles == (Choice(ids["starry-night"]),)
    usual = await accept(services, stage.asked())
    assert usual.title == "Starry Night"
    await stage.work()
    notes = {job_id: notes for job_id, notes in stage.platform.notes.items() if notes}
    assert all(each == [said] for each in notes.values())
    assert usual.job.id not in notes
    assert {again.job.id, *typed} <= set(notes)
    # Where some styles only are allowed, it is allowed as well.
    allowed = (await preferences.chat_settings(services, HERE)).allowed_styles
    assert allowed is not None
    assert ids["starry-night"] in allowed


async def test_who_moves_is_told_of_the_first_frame(stage: Stage):
    gif = b"GIF89a" + b"\x21\xf9\x04 one" + b"\x21\xf9\x04 two"
    stage.platform.files |= {"gif": gif, "gif2": gif}
    moving = await accept(stage.services, stage.asked("wave", "gif", "a", "gif2"))
    still = await accept(stage.services, stage.asked("wave"))
    await stage.work()
    assert stage.platform.notes[moving.job.id] == [
        "This is an animation. I painted its first frame only."
    ]  # fmt: skip
    assert stage.platform.notes[still.job.id] == []
