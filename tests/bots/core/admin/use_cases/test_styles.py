"""Styles as admins make, order and retire them, and that they are never seen by halves."""

import contextlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.core import errors
from bots.core.admin.use_cases import rights as admins
from bots.core.admin.use_cases import styles as admin_styles
from bots.core.requests import queueing, versions
from bots.core.styles import catalogue, custom_styles, previews, seeding
from bots.core.styles.request_parser import parse, resolve
from bots.core.styles.style_files import read_style_file
from bots.core.users import preferences
from engine.api.errors import BrokenImageError
from storage.database import Database
from storage.values.recipes import Choice
from storage.values.styles import Style
from tests.bots.core.conftest import ADMIN, ANN, BEN, HERE, Stage
from tests.databases import play as play_store
from tests.databases import sqlite_store

pytestmark = pytest.mark.anyio


async def by_slug(stage: Stage) -> dict[str, Style]:
    return {
        view.style.slug: view.style for view in await admin_styles.listed(stage.services, ADMIN)
    }


async def test_a_style_is_made_of_a_picture_and_seen_once_it_is_enabled(stage: Stage):
    services = stage.services
    draft = await admin_styles.add(services, ADMIN, " Ukiyo-e  ", [b"wave", b"fuji"])
    assert (draft.state, draft.title("zh"), draft.owner) == ("draft", "Ukiyo-e", None)
    assert draft.id not in {s.id for s in await catalogue.listed(services, ANN)}
    with pytest.raises(errors.UnknownStyleNameError):
        await queueing.accept(services, stage.asked("ukiyo-e"))
    with pytest.raises(errors.StyleGoneError):
        await queueing.accept(services, stage.asked(choices=(Choice(draft.id),)))
    shown = await admin_styles.previews(services, ADMIN, draft.id)
    assert shown == [b"%b as read from wave" % photo for photo in services.samples]
    await admin_styles.rename(services, ADMIN, draft.id, {"zh": "浮世绘"})
    await admin_styles.retag(services, ADMIN, draft.id, "Sea\uff0c sea ;\u3001,Print")
    enabled = await admin_styles.put_state(services, ADMIN, draft.id, "on")
    assert (enabled.title("zh"), enabled.tags) == ("浮世绘", ("sea", "print"))
    ticket = await queueing.accept(services, stage.asked("浮世绘"))
    assert ticket.job.wanted.recipe.styles == (Choice(draft.id),)
    assert await previews.preview(services, enabled) == b"cat as read from wave"
    acts = [entry.act for entry in await admins.audit(services, ADMIN)]
    assert acts == ["style.enable", "style.tag", "style.rename", "style.add"]


async def test_a_draft_can_be_discarded_and_nothing_else_can(stage: Stage):
    services, ids = stage.services, await stage.ids()
    draft = await admin_styles.add(services, ADMIN, "Once", [b"wave"])
    await admin_styles.discard(services, ADMIN, draft.id)
    for style_id in (draft.id, ids["scream"]):
        with pytest.raises(errors.StyleGoneError):
            await admin_styles.discard(services, ADMIN, style_id)
    with pytest.raises(errors.StyleGoneError):
        await admin_styles.put_state(services, ADMIN, draft.id, "on")
    assert set(await stage.ids()) == {"starry-night", "great-wave", "scream", "sepia"}


@pytest.mark.parametrize(
    "name", ["", "x" * 41, "70", "Route 66", "Peak 300", "This", "a+b", "the scream", "星夜"]
)
async def test_a_name_that_cannot_be_begins_nothing(stage: Stage, name: str):
    with pytest.raises(errors.OwnStyleError):
        await admin_styles.add(stage.services, ADMIN, name, [b"wave"])
    assert len(await admin_styles.listed(stage.services, ADMIN)) == 4


async def test_a_picture_that_cannot_be_read_begins_nothing(stage: Stage):
    with pytest.raises(BrokenImageError):
        await admin_styles.add(stage.services, ADMIN, "Broken", [b"broken"])
    assert len(await admin_styles.listed(stage.services, ADMIN)) == 4


async def test_a_style_that_rests_is_refused_and_what_was_accepted_is_painted(stage: Stage):
    services, ids = stage.services, await stage.ids()
    accepted = await queueing.accept(services, stage.asked("scream"))
    await admin_styles.put_state(services, ADMIN, ids["scream"], "resting")
    with pytest.raises(errors.StyleDisabledError) as resting:
        await queueing.accept(services, stage.asked("scream"))
    assert resting.value.facts == {"title": "The Scream"}
    assert await stage.work() == 1
    assert stage.platform.results[accepted.job.id] == [b"A as scream"]
    made = await versions.version(services, accepted.job.id, ANN)
    with pytest.raises(errors.StyleDisabledError):
        await versions.vary(services, made, stage.asked())
    await admin_styles.put_state(services, ADMIN, ids["scream"], "retired")
    assert "scream" not in await stage.ids()
    await admin_styles.put_state(services, ADMIN, ids["scream"], "on")
    assert (await stage.ids())["scream"] == ids["scream"]
    used = {v.style.slug: v.used for v in await admin_styles.listed(services, ADMIN)}
    assert used["scream"] == 1
    assert used["sepia"] == 0


async def test_order_and_default_apply_to_people_who_name_no_style(stage: Stage):
    services, ids = stage.services, await stage.ids()
    await admin_styles.move(services, ADMIN, ids["sepia"], 1)
    order = [style.slug for style in await catalogue.listed(services)]
    assert order == ["starry-night", "sepia", "great-wave", "scream"]
    await admin_styles.make_default(services, ADMIN, ids["scream"])
    first = await queueing.accept(services, stage.asked())
    assert first.title == "The Scream"
    await preferences.prefer_style(services, ANN, ids["sepia"])
    assert (await queueing.accept(services, stage.asked())).title == "Sepia"
    await admin_styles.put_state(services, ADMIN, ids["scream"], "resting")
    assert (await queueing.accept(services, stage.asked(user=BEN))).title == "Starry Night"
    views = {view.style.slug: view.default for view in await admin_styles.listed(services, ADMIN)}
    assert [slug for slug, default in views.items() if default] == ["scream"]
    with pytest.raises(errors.StyleGoneError):
        await admin_styles.reorder(services, ADMIN, [ids["sepia"], 10_000])


async def test_a_style_goes_from_bot_to_bot_as_a_file(stage: Stage):
    services = stage.services
    draft = await admin_styles.add(services, ADMIN, "Ukiyo-e", [b"wave"])
    await admin_styles.retag(services, ADMIN, draft.id, "sea")
    name, file = await admin_styles.export_file(services, ADMIN, draft.id)
    assert name.endswith(".stylebot.json")
    read = read_style_file(file)
    assert (read.titles, read.tags, read.picture) == ({"en": "Ukiyo-e"}, ("sea",), b"wave")
    with pytest.raises(errors.StyleNameTakenError):
        await admin_styles.import_file(services, ADMIN, file)
    await admin_styles.discard(services, ADMIN, draft.id)
    same = await admin_styles.import_file(services, ADMIN, file)
    assert (same.state, same.title("en"), same.tags) == ("draft", "Ukiyo-e", ("sea",))
    await admin_styles.discard(services, ADMIN, same.id)
    stage.engine.checkpoint = "second"
    renewed = await admin_styles.import_file(services, ADMIN, file)
    assert renewed.code.checkpoint == "second"
    assert renewed.code.data == b"read from wave"
    _, shipped = await admin_styles.export_file(services, ADMIN, (await stage.ids())["scream"])
    with pytest.raises((errors.BadStyleFileError, errors.StyleNameTakenError)):
        await admin_styles.import_file(services, ADMIN, shipped)


async def test_a_style_of_a_picture_is_refined_and_photos_have_the_better_code(stage: Stage):
    services = stage.services
    draft = await admin_styles.add(services, ADMIN, "Ukiyo-e", [b"wave"])
    found = await admin_styles.refine(services, ADMIN, draft.id)
    assert found.gram_after < found.gram_before
    refined = await admin_styles.get(services, ADMIN, draft.id)
    assert (refined.version, refined.code.data) == (2, b"read from wave refined")
    newest = (await admins.audit(services, ADMIN))[0]
    assert newest.details == {"gram_before": 0.8, "gram_after": 0.4}
    with pytest.raises(errors.StyleGoneError):
        await admin_styles.refine(services, ADMIN, (await stage.ids())["scream"])


GOOD = {"stylebot_style": 1, "titles": {"en": "A"}, "checkpoint": "first", "code": "AAAA"}


@pytest.mark.parametrize(
    "file",
    [
        b"", b"null", b"[1]", b"\xff\xd8\xff\xe0 a photo", b"{" * 100_000,
        json.dumps(GOOD | {"stylebot_style": 2}).encode(),
        json.dumps(GOOD | {"titles": {}}).encode(),
        json.dumps(GOOD | {"titles": {"en": "  "}}).encode(),
        json.dumps(GOOD | {"code": "not base64!"}).encode(),
        json.dumps(GOOD | {"owner": "me"}).encode(),
        json.dumps(GOOD | {"checkpoint": "another"}).encode(),
    ],
)  # fmt: skip
async def test_what_is_no_style_file_begins_nothing(stage: Stage, file: bytes):
    with pytest.raises(errors.BadStyleFileError):
        await admin_styles.import_file(stage.services, ADMIN, file)
    assert len(await admin_styles.listed(stage.services, ADMIN)) == 4


async def test_a_member_submits_a_style_and_an_admin_decides(stage: Stage):
    services = stage.services
    own = await custom_styles.add_own(services, ANN, "Grandma", b"quilt")
    with pytest.raises(errors.EntryGoneError):
        await admin_styles.submit(services, BEN, own.id)
    with pytest.raises(errors.StyleGoneError):
        await admin_styles.get(services, ADMIN, own.id)
    await admin_styles.submit(services, ANN, own.id)
    assert (await queueing.accept(services, stage.asked("grandma"))).title == "Grandma"
    waiting = [v.style for v in await admin_styles.listed(services, ADMIN) if v.style.owner]
    assert [style.id for style in waiting] == [own.id]
    await admin_styles.decide(services, ADMIN, own.id, accept=False)
    assert (await catalogue.listed(services, ANN))[-1].owner == ANN
    await admin_styles.submit(services, ANN, own.id)
    await admin_styles.decide(services, ADMIN, own.id, accept=True)
    assert own.id in {style.id for style in await catalogue.listed(services, BEN)}
    with pytest.raises(errors.StyleGoneError):
        await admin_styles.decide(services, ADMIN, own.id, accept=True)


LETTERS = "abcdefghijk"
ACTS: list[Callable[[Stage, int], Any]] = [
    lambda stage, i: admin_styles.add(stage.services, ADMIN, f"New {LETTERS[i]}", [b"picture"]),
    lambda stage, i: admin_styles.put_state(stage.services, ADMIN, i, "on"),
    lambda stage, i: admin_styles.put_state(stage.services, ADMIN, i, "resting"),
    lambda stage, i: admin_styles.put_state(stage.services, ADMIN, i, "retired"),
    lambda stage, i: admin_styles.discard(stage.services, ADMIN, i),
    lambda stage, i: admin_styles.rename(
        stage.services, ADMIN, i, {"en": f"Name {LETTERS[i % 3]}"}
    ),
    lambda stage, i: admin_styles.retag(stage.services, ADMIN, i, "sea"),
    lambda stage, i: admin_styles.move(stage.services, ADMIN, i, i % 4),
    lambda stage, i: admin_styles.make_default(stage.services, ADMIN, i),
    lambda stage, i: custom_styles.add_own(stage.services, ANN, f"Own {LETTERS[i]}", b"picture"),
    lambda stage, i: admin_styles.submit(stage.services, ANN, i),
    lambda stage, i: admin_styles.decide(stage.services, ADMIN, i, accept=i % 2 == 0),
    lambda stage, _: seeding.seed(stage.services),
]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.integers(0, len(ACTS) - 1), st.integers(1, 9)), min_size=1, max_size=12)
)
def test_no_sequence_of_acts_leaves_a_style_half_visible(acts: list[tuple[int, int]]):
    """What is listed can be chosen by number and by name; what is not, by neither."""

    async def on(database: Database) -> None:
        stage = Stage(database)
        await seeding.seed(stage.services)
        for which, number in acts:
            with contextlib.suppress(errors.BotError):
                await ACTS[which](stage, number)
        for user in (ANN, BEN):
            await _look(stage, user)

    with tempfile.TemporaryDirectory() as folder:
        play_store(sqlite_store(Path(folder) / "store.db"), on)


async def _look(stage: Stage, user: Any) -> None:
    """Every way to a style leads to it, or none does."""
    services = stage.services
    listed = {style.id for style in await catalogue.listed(services, user, HERE)}
    async with services.database.reading() as transaction:
        everything = await transaction.styles.get(list(range(1, 40)))
    seen = await catalogue.listed(services, user, HERE)
    for style in everything:
        by_number = await _accepts(stage, stage.asked(choices=(Choice(style.id),), user=user))
        try:
            (named,) = resolve(parse(style.title("en")), seen, "en")
            by_name = named.style_id == style.id
        except errors.UnknownStyleNameError:
            by_name = False
        words = stage.asked(style.slug, user=user)
        by_slug = await _accepts(stage, words)
        chosen = (style.id in listed, by_number, by_name, by_slug)
        assert chosen in ((True,) * 4, (False,) * 4), (style, chosen)


async def _accepts(stage: Stage, asked: Any) -> bool:
    stage.clock.pass_(minutes=2)
    try:
        ticket = await queueing.accept(stage.services, asked)
    except errors.RequestError:
        return False
    await queueing.cancel(stage.services, asked.user, ticket.job.id)
    return True
