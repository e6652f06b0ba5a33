"""Preferences and chats' settings."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from storage.database import Database
from storage.values.people import ChatKey, ChatSettings, Preference, UserKey
from storage.values.recipes import Choice, Recipe, Step
from storage.values.styles import BuiltIn, Code

pytestmark = pytest.mark.anyio

ANN, BEN = UserKey("telegram", "1"), UserKey("discord", "1")
HERE, THERE = ChatKey("telegram", "-10"), ChatKey("telegram", "-20")
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def _painted(style_id: int) -> Recipe:
    return Recipe((Step("paint", {"strength": 0.7, "styles": (Choice(style_id),)}),))


async def test_what_people_like_is_kept_by_platform_and_forgotten(database: Database):
    async with database.writing() as transaction:
        people = transaction.people
        assert await people.preference(ANN) == Preference()
        liked = Preference(_painted(3), output="file", language="zh")
        await people.prefer(ANN, liked)
        await people.prefer(ANN, replace(liked, private=True, history=False))
    async with database.reading() as transaction:
        people = transaction.people
        assert await people.preference(ANN) == replace(liked, private=True, history=False)
        assert await people.preference(BEN) == Preference()
    async with database.writing() as transaction:
        assert await transaction.people.forget(ANN) == 1
        assert await transaction.people.forget(ANN) == 0
        assert await transaction.people.preference(ANN) == Preference()


async def test_what_a_chat_chose_is_kept_and_moves_along(database: Database):
    settings = ChatSettings(
        allowed_styles=(3, 1), audience="admins", waiting_per_user=2, quiet=True, own_styles=False
    )

    async with database.writing() as transaction:
        people = transaction.people
        assert await people.chat(HERE) == ChatSettings()
        await people.settle(HERE, settings)
        await people.settle(THERE, ChatSettings(language="zh"))
        await people.move_chat(HERE, THERE)
        assert await people.chat(HERE) == ChatSettings()
        assert await people.chat(THERE) == settings
        await people.settle(THERE, replace(settings, allowed_styles=()))
        assert (await people.chat(THERE)).allowed_styles == ()
        await people.settle(THERE, ChatSettings())
        assert (await people.chat(THERE)).allowed_styles is None
        await people.forget_chat(THERE)


async def test_a_style_that_goes_leaves_those_who_liked_it_without(database: Database):
    async with database.writing() as transaction:
        own = BuiltIn("own", "custom", {"en": "Own"}, "", None, (), Code("c", b"1"))
        style = await transaction.styles.add(own, ANN, b"sealed", NOW)
        await transaction.people.prefer(ANN, Preference(_painted(style)))
        await transaction.people.prefer(BEN, Preference(_painted(10 * style)))
        await transaction.people.settle(HERE, ChatSettings(style_id=style))
        assert await transaction.styles.remove_own(ANN) == 1
        liked = (await transaction.people.preference(ANN)).recipe
        assert (liked.styles, liked.complete) == ((), False)
        # The person's other preferences stay, and so do those of others.
        assert liked.steps[0].params["strength"] == 0.7
        assert (await transaction.people.preference(BEN)).recipe == _painted(10 * style)
        assert (await transaction.people.chat(HERE)).style_id is None


async def test_all_who_ever_said_what_they_like_are_read_at_once(database: Database):
    async with database.writing() as transaction:
        people = transaction.people
        await people.prefer(ANN, Preference(Recipe((Step("sepia", {"strength": 0.7}),))))
        await people.prefer(BEN, Preference(private=True))
        settings = ChatSettings(allowed_styles=(1, 2), quiet=True)
        await people.settle(HERE, settings)
        assert await people.everyone("discord") == {"1": Preference(private=True)}
        assert await people.chats("telegram") == {"-10": settings}
        assert await people.chats("discord") == {}
