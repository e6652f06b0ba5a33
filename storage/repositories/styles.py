"""Styles and the versions of their codes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import StyleRow, StyleVersionRow
from storage.repositories.people import People
from storage.values.people import UserKey
from storage.values.recipes import Recipe
from storage.values.styles import BuiltIn, Code, Style, StyleState

# Custom styles come after the checkpoint's until an admin moves them.
_CUSTOM_PLACE = 10_000


class Styles:
    """Styles of everyone and of single people."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self, owner: UserKey | None = None, *, drafts: bool = False) -> list[Style]:
        """Everyone's styles in their order, then a person's own; including disabled ones.

        Args:
            owner: Whose own styles to add; None for nobody's.
            drafts: Whether to add those that admins have not finished.
        """
        finished = [] if drafts else [StyleRow.state != "draft"]
        everyones = and_(StyleRow.owner_id.is_(None), *finished)
        return await self._styles(or_(everyones, _owned_by(owner)) if owner else everyones)

    async def submitted(self) -> list[Style]:
        """Own styles that wait for an admin's decision."""
        return await self._styles(StyleRow.state == "submitted")

    async def get(self, ids: Sequence[int]) -> list[Style]:
        """Styles by id, of any owner; missing ones are left out."""
        return await self._styles(StyleRow.id.in_(ids))

    async def of(self, recipe: Recipe) -> list[Style]:
        """The styles that a recipe uses, including those that are effects themselves."""
        effects = [step.effect for step in recipe.steps]
        ids = [choice.style_id for choice in recipe.styles]
        own = and_(StyleRow.kind == "filter", StyleRow.slug.in_(effects))
        return await self._styles(or_(StyleRow.id.in_(ids), own))

    async def seed(self, styles: Sequence[BuiltIn], now: datetime) -> int:
        """Synchronise everyone's styles with a checkpoint's; returns the number changed.

        Admins' changes are kept: titles, order, and disabled styles; all others take the
        checkpoint's order. A style that is no longer in the checkpoint is kept as an orphan,
        because history may refer to it.
        """
        known = {
            style.slug: style
            for style in await self._styles(StyleRow.kind.in_(["painted", "filter"]))
        }
        changed = 0
        for place, style in enumerate(styles):
            if style.slug not in known:
                await self._insert(style, place, None, None, now, "on")
            elif not await self._follow(known[style.slug], style, place, now):
                continue
            changed += 1
        for slug in known.keys() - {style.slug for style in styles}:
            if not known[slug].orphaned:
                await self._set(known[slug].id, orphaned=True)
                changed += 1
        return changed

    async def add(
        self,
        style: BuiltIn,
        owner: UserKey | None,
        reference: bytes | None,
        now: datetime,
        state: StyleState = "on",
    ) -> int:
        """Add a custom style; returns its id.

        Args:
            style: The style; its slug must be free.
            owner: The owner; None for everyone's.
            reference: Its reference picture, encrypted; None if there is none.
            now: The time.
            state: Its state.
        """
        return await self._insert(style, _CUSTOM_PLACE, owner, reference, now, state)

    async def put_code(
        self, style_id: int, code: Code, now: datetime, reference: bytes | None = None
    ) -> None:
        """Store a new version of a style's code; without a new picture the old one is kept."""
        newest = select(func.max(StyleVersionRow.version)).where(
            StyleVersionRow.style_id == style_id
        )
        version = (await self._connection.execute(newest)).scalar_one()
        kept = reference if reference is not None else await self.reference(style_id)
        await self._connection.execute(
            insert(StyleVersionRow).values(
                style_id=style_id,
                version=version + 1,
                checkpoint=code.checkpoint,
                code=code.data,
                reference=kept,
                created_at=now,
            )
        )
        await self._set(style_id, version=version + 1)

    async def reference(self, style_id: int) -> bytes | None:
        """The encrypted picture of a style's code; None for styles of the checkpoint."""
        found = await self._connection.execute(
            select(StyleVersionRow.reference)
            .join(StyleRow, _current())
            .where(StyleRow.id == style_id)
        )
        return found.scalar_one_or_none()

    async def any_reference(self) -> bytes | None:
        """One of the encrypted pictures, to test a key with; None if there are none."""
        found = await self._connection.execute(
            select(StyleVersionRow.reference).where(StyleVersionRow.reference.is_not(None)).limit(1)
        )
        return found.scalar_one_or_none()

    async def count_own(self, owner: UserKey) -> int:
        """How many own styles a person has."""
        found = await self._connection.execute(
            select(func.count()).select_from(StyleRow).where(_owned_by(owner))
        )
        return int(found.scalar_one())

    async def rename(self, style_id: int, titles: Mapping[str, str]) -> None:
        """Set titles, by language."""
        found = await self._connection.execute(
            select(StyleRow.admin_titles).where(StyleRow.id == style_id)
        )
        await self._set(style_id, admin_titles=(found.scalar_one_or_none() or {}) | dict(titles))

    async def retag(self, style_id: int, tags: Sequence[str]) -> None:
        """Set tags."""
        await self._set(style_id, admin_tags=list(tags))

    async def put_state(self, style_id: int, state: StyleState) -> None:
        """Set a style's state."""
        await self._set(style_id, state=state)

    async def give_to_all(self, style_id: int) -> None:
        """Make a person's own style available to everyone."""
        await self._set(style_id, owner_platform=None, owner_id=None, state="on")

    async def remove_draft(self, style_id: int) -> bool:
        """Delete an unfinished style; False if there is no such draft."""
        return await self._remove(StyleRow.id == style_id, StyleRow.state == "draft") > 0

    async def reorder(self, ids: Sequence[int]) -> None:
        """Move styles before all others, in this order."""
        for index, style_id in enumerate(ids):
            await self._set(style_id, place=index - len(ids))

    async def remove_own(self, owner: UserKey, style_id: int | None = None) -> int:
        """Delete one of a person's own styles, or all, with pictures; returns the number."""
        this = [] if style_id is None else [StyleRow.id == style_id]
        return await self._remove(_owned_by(owner), *this)

    async def _remove(self, *which: Any) -> int:  # noqa: ANN401 - conditions
        """Delete styles, also from people's defaults; returns the number."""
        gone = await self._connection.execute(delete(StyleRow).where(*which).returning(StyleRow.id))
        ids = list(gone.scalars())
        for style_id in ids:
            await People(self._connection).drop_style(style_id)
        return len(ids)

    async def _follow(self, known: Style, style: BuiltIn, place: int, now: datetime) -> bool:
        """Update a built-in style from the checkpoint; False if nothing changed."""
        # An admin's places are below 0.
        place = known.place if known.place < 0 else place
        changed = known.orphaned or known.place != place
        if known.code != style.code:
            await self.put_code(known.id, style.code, now)
            changed = True
        values = {
            "titles": dict(style.titles),
            "artist": style.artist,
            "year": style.year,
            "tags": list(style.tags),
            "kind": style.kind,
            "orphaned": False,
            "place": place,
            **_names(style),
        }
        await self._set(known.id, **values)
        return changed

    async def _insert(
        self,
        style: BuiltIn,
        place: int,
        owner: UserKey | None,
        reference: bytes | None,
        now: datetime,
        state: StyleState,
    ) -> int:
        done = await self._connection.execute(
            insert(StyleRow)
            .values(
                slug=style.slug,
                kind=style.kind,
                titles=dict(style.titles),
                admin_titles={},
                artist=style.artist,
                year=style.year,
                tags=list(style.tags),
                owner_platform=owner.platform if owner else None,
                owner_id=owner.id if owner else None,
                state=state,
                orphaned=False,
                place=place,
                version=1,
                **_names(style),
            )
            .returning(StyleRow.id)
        )
        style_id = int(done.scalar_one())
        await self._connection.execute(
            insert(StyleVersionRow).values(
                style_id=style_id,
                version=1,
                checkpoint=style.code.checkpoint,
                code=style.code.data,
                reference=reference,
                created_at=now,
            )
        )
        return style_id

    async def _set(self, style_id: int, **values: Any) -> None:  # noqa: ANN401 - any columns
        await self._connection.execute(
            update(StyleRow).where(StyleRow.id == style_id).values(**values)
        )

    async def _styles(self, which: Any) -> list[Style]:  # noqa: ANN401 - a condition
        rows = await self._connection.execute(
            select(StyleRow.__table__, StyleVersionRow.checkpoint, StyleVersionRow.code)
            .join(StyleVersionRow, _current())
            .where(which)
            .order_by(StyleRow.place, StyleRow.id)
        )
        return [_style(row) for row in rows.mappings()]


def _names(style: BuiltIn) -> dict[str, Any]:
    """A style's names for searching, as columns."""
    return {
        "artists": dict(style.artists),
        "aliases": list(style.aliases),
        "replaces": list(style.replaces),
    }


def _owned_by(owner: UserKey) -> Any:  # noqa: ANN401 - a condition
    return and_(StyleRow.owner_platform == owner.platform, StyleRow.owner_id == owner.id)


def _current() -> Any:  # noqa: ANN401 - a condition
    return and_(
        StyleVersionRow.style_id == StyleRow.id, StyleVersionRow.version == StyleRow.version
    )


def _style(row: Any) -> Style:  # noqa: ANN401 - a row of the query above
    owner = UserKey(row["owner_platform"], row["owner_id"]) if row["owner_id"] else None
    return Style(
        id=row["id"],
        slug=row["slug"],
        kind=row["kind"],
        titles=row["titles"] | row["admin_titles"],
        artist=row["artist"],
        year=row["year"],
        tags=tuple(row["tags"] if row["admin_tags"] is None else row["admin_tags"]),
        owner=owner,
        state=row["state"],
        orphaned=row["orphaned"],
        place=row["place"],
        version=row["version"],
        code=Code(row["checkpoint"], row["code"]),
        artists=row["artists"],
        aliases=tuple(row["aliases"]),
        replaces=tuple(row["replaces"]),
    )
