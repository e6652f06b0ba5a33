"""Styles people see, make and lose."""

from collections.abc import Sequence
from typing import Any

import pytest

from bots.core import errors
from bots.core.admin.use_cases import styles as admin_styles
from bots.core.requests.queueing import accept
from bots.core.styles import catalogue, custom_styles, previews, seeding
from bots.core.users import preferences
from engine.api.errors import BrokenImageError, EngineUnavailableError
from storage.values.people import ChatKey
from storage.values.recipes import Choice, Recipe, Step
from tests.bots.core.conftest import ADMIN, ANN, BEN, HERE, Stage

pytestmark = pytest.mark.anyio


def painted(*choices: Choice) -> Recipe:
    return Recipe((Step("paint", {"styles": choices}),))


async def test_styles_are_listed_as_they_can_be_chosen(stage: Stage):
    services, ids = stage.services, await stage.ids()
    own = await custom_styles.add_own(services, ANN, "Grandma", b"picture")
    await admin_styles.put_state(services, ADMIN, ids["scream"], "resting")
    await admin_styles.reorder(services, ADMIN, [ids["sepia"], ids["great-wave"]])
    await admin_styles.rename(services, ADMIN, ids["sepia"], {"en": "Old Photo"})

    async def seen(user: Any, chat: ChatKey | None = None) -> list[str]:
        return [s.title("en") for s in await catalogue.listed(services, user, chat)]

    everyones = ["Old Photo", "The Great Wave", "Starry Night"]
    assert await seen(ANN, HERE) == [*everyones, "Grandma"]
    assert await seen(BEN, HERE) == everyones
    await preferences.settle(
        services, HERE, BEN, admin=True, allowed_styles=(ids["great-wave"],), own_styles=False
    )
    assert await seen(ANN, HERE) == ["The Great Wave"]
    assert await seen(ANN) == [*everyones, "Grandma"]
    assert await seeding.seed(services) == 0
    assert await seen(ANN) == [*everyones, "Grandma"]
    await custom_styles.remove_own(services, ANN, own.id)
    with pytest.raises(errors.EntryGoneError):
        await custom_styles.remove_own(services, ANN, own.id)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", errors.BadStyleNameError),
        (" - ", errors.BadStyleNameError),
        ("x" * 41, errors.BadStyleNameError),
        ("70", errors.BadStyleNameError),
        ("This", errors.BadStyleNameError),
        ("a+b", errors.BadStyleNameError),
        ("a:2", errors.BadStyleNameError),
        ("the great wave", errors.StyleNameTakenError),
        ("GREATWAVE", errors.StyleNameTakenError),
        ("呐喊", errors.StyleNameTakenError),
    ],
)
async def test_a_name_that_means_something_else_is_refused(
    stage: Stage, name: str, error: type[errors.BotError]
):
    with pytest.raises(error):
        await custom_styles.add_own(stage.services, ANN, name, b"picture")


async def test_own_styles_are_counted(stage: Stage):
    stage.limited(own_styles=2)
    for name in ("one", "two"):
        await custom_styles.add_own(stage.services, ANN, name, b"picture")
    with pytest.raises(errors.TooManyOwnStylesError) as caught:
        await custom_styles.add_own(stage.services, ANN, "three", b"picture")
    assert caught.value.facts == {"limit": 2}
    with pytest.raises(errors.StyleNameTakenError):
        await custom_styles.add_own(stage.services, ANN, "  ONE ", b"picture")
    await custom_styles.add_own(stage.services, BEN, "one", b"picture")


async def test_two_at_once_do_not_exceed_the_limit(stage: Stage):
    """Between counting and adding, another one may have come."""

    stage.limited(own_styles=1)
    extract = stage.engine.extract_style

    async def slow(images: Any) -> Any:
        stage.engine.extract_style = extract  # type: ignore[method-assign]
        await custom_styles.add_own(stage.services, ANN, "first", b"picture")
        return await extract(images)

    stage.engine.extract_style = slow  # type: ignore[method-assign]
    with pytest.raises(errors.TooManyOwnStylesError):
        await custom_styles.add_own(stage.services, ANN, "second", b"picture")


async def test_a_picture_that_cannot_be_used_leaves_nothing(stage: Stage):
    with pytest.raises(BrokenImageError):
        await custom_styles.add_own(stage.services, ANN, "mine", b"broken")
    stage.engine.away = True
    with pytest.raises(EngineUnavailableError):
        await custom_styles.adopt_this(stage.services, ANN, b"picture")
    stage.engine.away = False
    assert len(await catalogue.listed(stage.services, ANN)) == 4


async def test_previews_come_from_the_engine_or_from_what_was_kept_sealed(stage: Stage):
    services = stage.services
    own = await custom_styles.add_own(services, ANN, "Grandma", b"picture")
    wave = next(s for s in await catalogue.listed(services, ANN) if s.slug == "great-wave")
    assert await previews.preview(services, wave) == b"preview of great-wave"
    assert await previews.preview(services, own) == b"picture"
    async with services.database.reading() as transaction:
        sealed = await transaction.styles.reference(own.id)
    assert sealed
    assert b"picture" not in sealed
    await custom_styles.remove_own(services, ANN, own.id)
    assert await previews.preview(services, own) is None


async def test_without_the_kept_picture_an_own_style_cannot_be_renewed(stage: Stage):
    services = stage.services
    own = await custom_styles.add_own(services, ANN, "Grandma", b"picture")
    # Nothing is stale: nothing is read again.
    await seeding.refresh_stale(services, painted(Choice(own.id)))
    (same,) = [s for s in await catalogue.listed(services, ANN) if s.id == own.id]
    assert same.version == 1


async def test_what_a_person_and_a_chat_use_most_comes_first_and_then_the_best(stage: Stage):
    services, ids = stage.services, await stage.ids()

    async def order(first: Sequence[int] = ()) -> list[str]:
        return [s.slug for s in await catalogue.offered(services, ANN, HERE, first)]

    best = ["starry-night", "great-wave", "scream", "sepia"]
    assert await order() == best
    for user, words in ((BEN, "sepia"), (BEN, "sepia"), (BEN, "wave"), (ANN, "scream")):
        await accept(services, stage.asked(words, user=user))
    await stage.work()
    assert await order() == ["scream", "sepia", "great-wave", "starry-night"]
    assert (await order([ids["great-wave"]]))[0] == "great-wave"
    elsewhere = await catalogue.offered(services, BEN, ChatKey("test", "-99"))
    assert [s.slug for s in elsewhere] == ["sepia", "great-wave", "starry-night", "scream"]


async def test_a_file_is_called_after_its_styles(stage: Stage):
    services, ids = stage.services, await stage.ids()
    both = painted(Choice(ids["great-wave"]), Choice(ids["scream"]))
    assert await catalogue.file_name(services, both) == "the-great-wave-the-scream"
    for name, called in (("Café & Söhne!", "cafe-sohne"), ("水墨", "painting")):
        own = await custom_styles.add_own(services, ANN, name, b"picture")
        assert await catalogue.file_name(services, painted(Choice(own.id))) == called
