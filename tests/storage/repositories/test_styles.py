"""Styles: seeded, kept in step with a checkpoint, and an admin's word stands."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from storage.database import Database
from storage.values.people import UserKey
from storage.values.styles import BuiltIn, Code, Style

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ANN = UserKey("telegram", "1")


def built_in(slug: str, code: bytes = b"1", **changes: object) -> BuiltIn:
    style = BuiltIn(
        slug,
        "painted",
        {"en": slug.title(), "zh": "风"},
        "Hokusai",
        1831,
        ("sea",),
        Code("a", code),
    )
    return replace(style, **changes)  # type: ignore[arg-type]


def slugs(styles: list[Style]) -> list[str]:
    return [style.slug for style in styles]


async def test_seeding_brings_styles_once_and_follows_the_checkpoint(database: Database):
    async with database.writing() as transaction:
        styles = transaction.styles
        assert await styles.seed([built_in("wave"), built_in("kiss")], NOW) == 2
        assert await styles.seed([built_in("wave"), built_in("kiss")], NOW) == 0
        wave, kiss = await styles.all()
        assert (wave.slug, wave.title("zh"), wave.title("fr")) == ("wave", "风", "Wave")
        assert (wave.artist, wave.year, wave.tags) == ("Hokusai", 1831, ("sea",))
        assert (wave.state, wave.orphaned, wave.version) == ("on", False, 1)
        newer = built_in("wave", code=b"2", titles={"en": "The Wave"})
        assert await styles.seed([newer, built_in("scream")], NOW) == 3
        by_slug = {style.slug: style for style in await styles.all()}
        assert by_slug["wave"].code == Code("a", b"2")
        assert by_slug["wave"].version == 2
        assert by_slug["wave"].title("en") == "The Wave"
        assert by_slug["wave"].id == wave.id
        assert by_slug["kiss"].orphaned
        # One is back, and another moves on for it.
        assert await styles.seed([newer, built_in("kiss"), built_in("scream")], NOW) == 2
        assert slugs(await styles.all()) == ["wave", "kiss", "scream"]
        (kiss,) = await styles.get([kiss.id])
        assert not kiss.orphaned


async def test_what_an_admin_changed_survives_an_upgrade(database: Database):
    names = ["wave", "kiss", "scream"]
    async with database.writing() as transaction:
        styles = transaction.styles
        await styles.seed([built_in(name) for name in names], NOW)
        wave, kiss, scream = await styles.all()
        await styles.rename(wave.id, {"en": "Big Wave"})
        await styles.rename(wave.id, {"zh": "大浪"})
        await styles.put_state(kiss.id, "resting")
        await styles.reorder([scream.id, wave.id])
        await styles.seed([built_in(name, code=b"2") for name in names], NOW)
        assert slugs(await styles.all()) == ["scream", "wave", "kiss"]
        wave, kiss = await styles.get([wave.id, kiss.id])
        assert (wave.title("en"), wave.title("zh")) == ("Big Wave", "大浪")
        assert not kiss.offered
        assert wave.code.data == kiss.code.data == b"2"


async def test_own_styles_are_their_owners_and_keep_their_picture(database: Database):
    ben = UserKey("discord", "1")

    async with database.writing() as transaction:
        styles = transaction.styles
        await styles.seed([built_in("wave")], NOW)
        mine = await styles.add(built_in("own-1", kind="custom"), ANN, b"sealed", NOW)
        assert slugs(await styles.all()) == ["wave"]
        assert slugs(await styles.all(ANN)) == ["wave", "own-1"]
        assert slugs(await styles.all(ben)) == ["wave"]
        assert await styles.count_own(ANN) == 1
        await styles.put_code(mine, Code("b", b"3"), NOW)
        assert await styles.reference(mine) == b"sealed"
        await styles.put_code(mine, Code("b", b"4"), NOW, b"another")
        assert await styles.reference(mine) == b"another"
        (style,) = await styles.get([mine])
        assert (style.version, style.code, style.owner) == (3, Code("b", b"4"), ANN)
        # Seeding is about the checkpoint's styles alone.
        assert await styles.seed([built_in("wave")], NOW) == 0
        assert await styles.remove_own(ben, mine) == 0
        assert await styles.remove_own(ANN, mine) == 1
        assert await styles.get([mine]) == []
        assert await styles.reference(mine) is None


async def test_a_slug_is_no_one_elses(database: Database):
    async with database.writing() as transaction:
        await transaction.styles.seed([built_in("wave")], NOW)
    with pytest.raises(IntegrityError):
        async with database.writing() as transaction:
            await transaction.styles.add(built_in("wave"), ANN, b"", NOW)
    async with database.reading() as transaction:
        assert len(await transaction.styles.all(ANN)) == 1
