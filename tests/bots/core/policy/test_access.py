"""Whose pictures may be painted, and which may be seen where."""

from dataclasses import replace
from typing import Any

import pytest

from bots.core import errors
from bots.core.admin.use_cases import styles as admin_styles
from bots.core.jobs.workers import Workers
from bots.core.requests import drafts, queueing
from bots.core.styles import catalogue, custom_styles
from bots.core.users import preferences
from storage.values.people import PhotoCheck
from tests.bots.core.conftest import ADMIN, ANN, BEN, HERE, Stage

pytestmark = pytest.mark.anyio


class Wary:
    """Finds unsuitable what is called so."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    async def unsuitable(self, picture: bytes) -> bool:
        self.seen.append(picture)
        return picture.startswith(b"B")


def wary(stage: Stage) -> Wary:
    check = Wary()
    stage.services = replace(stage.services, content_check=check)
    stage.workers = Workers(stage.services, [stage.platform])
    return check


async def test_nobody_else_may_have_the_pictures_painted_of_who_does_not_want_it(stage: Stage):
    services = stage.services
    await preferences.prefer(services, BEN, repaintable=False)
    with pytest.raises(errors.OptedOutError):
        await queueing.accept(services, stage.asked(author=BEN))
    with pytest.raises(errors.OptedOutError):
        await drafts.draft(services, stage.asked(author=BEN))
    with pytest.raises(errors.OptedOutError):
        await custom_styles.add_own(services, ANN, "His", b"picture", BEN)
    with pytest.raises(errors.OptedOutError):
        await custom_styles.adopt_this(services, ANN, b"picture", BEN)
    await queueing.accept(services, stage.asked(user=BEN, author=BEN))
    await queueing.accept(services, stage.asked(author=ADMIN))
    await preferences.prefer(services, BEN, repaintable=True)
    await queueing.accept(services, stage.asked(author=BEN))


@pytest.mark.parametrize(("wish", "covered"), [("off", None), ("spoiler", True)])
async def test_a_chat_may_have_photos_covered(stage: Stage, wish: PhotoCheck, covered: Any):
    check = wary(stage)
    await preferences.settle(stage.services, HERE, ADMIN, admin=True, photo_check=wish)
    good = await queueing.accept(stage.services, stage.asked("scream", "a"))
    bad = await queueing.accept(stage.services, stage.asked("scream", "b"))
    await stage.work()
    for ticket, reply_target in ((good, None), (bad, covered)):
        job = await queueing.job(stage.services, ticket.job.id)
        assert job
        assert job.state == "delivered"
        assert job.wanted.reply_target.get("spoiler") == reply_target
    # What it looks at was opened by the engine, not what was sent.
    assert check.seen == ([] if wish == "off" else [b"A bare", b"B bare"])


async def test_a_chat_may_have_photos_refused_and_the_others_of_an_album_are_painted(stage: Stage):
    wary(stage)
    await preferences.settle(stage.services, HERE, ADMIN, admin=True, photo_check="refuse")
    alone = await queueing.accept(stage.services, stage.asked("scream", "b"))
    album = await queueing.accept(stage.services, stage.asked("scream", "a", "b", user=BEN))
    await stage.work()
    assert stage.platform.told == {alone.job.id: "That picture cannot be shown here."}
    assert stage.platform.results == {album.job.id: [b"A as scream"]}
    assert stage.platform.notes[album.job.id] == [
        "Photo 2 was skipped. That picture cannot be shown here."
    ]


async def test_where_no_check_is_installed_a_chat_that_wants_one_sees_nothing_unchecked(
    stage: Stage,
):
    await preferences.settle(stage.services, HERE, ADMIN, admin=True, photo_check="spoiler")
    ticket = await queueing.accept(stage.services, stage.asked())
    await stage.work()
    job = await queueing.job(stage.services, ticket.job.id)
    assert job
    assert job.wanted.reply_target["spoiler"]


async def test_in_a_chat_without_own_styles_none_are_made(stage: Stage):
    services = stage.services
    await preferences.settle(services, HERE, ADMIN, admin=True, own_styles=False)
    with pytest.raises(errors.OwnStylesOffError):
        await custom_styles.add_own(services, ANN, "Mine", b"picture", chat=HERE)
    with pytest.raises(errors.OwnStylesOffError):
        await custom_styles.adopt_this(services, ANN, b"picture", chat=HERE)
    await custom_styles.add_own(services, ANN, "Mine", b"picture")


async def test_an_own_style_of_an_unsuitable_picture_is_refused(stage: Stage):
    wary(stage)
    with pytest.raises(errors.UnsuitablePictureError):
        await custom_styles.add_own(stage.services, ANN, "Bare", b"B")
    with pytest.raises(errors.UnsuitablePictureError):
        await custom_styles.adopt_this(stage.services, ANN, b"B")
    for picture, doubtful in ((b"A", False), (b"B", True)):
        name = "For all " + picture.decode()
        draft = await admin_styles.add(stage.services, ADMIN, name, [picture])
        assert await admin_styles.doubtful(stage.services, ADMIN, draft.id) == doubtful
    await custom_styles.add_own(stage.services, ANN, "Fine", b"A")
    assert len(await catalogue.listed(stage.services, ANN)) == 5
