"""People's history of results."""

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import HistoryRow
from storage.repositories.used import styles_by_effect, used_in
from storage.values.history import HistoryEntry
from storage.values.jobs import Job, Story
from storage.values.json import Json
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Recipe


class History:
    """Results by person."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, job: Job, title: str, result: Json, now: datetime) -> int:
        """Add a delivered job; returns the entry's id."""
        wanted = job.wanted
        done = await self._connection.execute(
            insert(HistoryRow)
            .values(
                job_id=job.id,
                platform=wanted.user.platform,
                user_id=wanted.user.id,
                chat_id=wanted.chat.id,
                photos=list(wanted.photos),
                recipe=wanted.recipe.as_json(),
                title=title,
                result=result,
                created_at=now,
                story=wanted.story.as_json() if wanted.story else None,
            )
            .returning(HistoryRow.id)
        )
        return int(done.scalar_one())

    async def of(
        self,
        user: UserKey,
        limit: int = 10,
        before: int | None = None,
        chat: ChatKey | None = None,
    ) -> list[HistoryEntry]:
        """A person's results, the newest first.

        Args:
            user: The person.
            limit: Largest number of results.
            before: Id of the last entry of the previous page.
            chat: Only results in this chat.
        """
        query = select(HistoryRow.__table__).where(_is(user)).order_by(HistoryRow.id.desc())
        if before is not None:
            query = query.where(HistoryRow.id < before)
        if chat is not None:
            query = query.where(_in(chat))
        rows = await self._connection.execute(query.limit(limit))
        return [_entry(row) for row in rows.mappings()]

    async def used(self, whose: UserKey | ChatKey, limit: int) -> list[int]:
        """Styles of the last results of a person or in a chat, the most used first.

        Args:
            whose: The person or the chat.
            limit: Number of results to look at.
        """
        here = _is(whose) if isinstance(whose, UserKey) else _in(whose)
        query = select(HistoryRow.recipe).where(here).order_by(HistoryRow.id.desc()).limit(limit)
        rows = await self._connection.execute(query)
        filters = await styles_by_effect(self._connection)
        counts = Counter(i for recipe in rows.scalars() for i in used_in(recipe, filters))
        return [style_id for style_id, _ in counts.most_common()]

    async def entry(self, user: UserKey, entry_id: int) -> HistoryEntry | None:
        """One of a person's results; None if it is gone or someone else's."""
        rows = await self._connection.execute(
            select(HistoryRow.__table__).where(_is(user), HistoryRow.id == entry_id)
        )
        row = rows.mappings().first()
        return _entry(row) if row else None

    async def of_job(self, job_id: int) -> HistoryEntry | None:
        """The entry of a job, of any user."""
        rows = await self._connection.execute(
            select(HistoryRow.__table__).where(HistoryRow.job_id == job_id)
        )
        row = rows.mappings().first()
        return _entry(row) if row else None

    async def count(self, user: UserKey) -> int:
        """The number of a person's results."""
        query = select(func.count()).select_from(HistoryRow).where(_is(user))
        return int((await self._connection.execute(query)).scalar_one())

    async def remove(self, user: UserKey, entry_id: int | None = None) -> int:
        """Delete one of a person's results, or all; returns the number."""
        query = delete(HistoryRow).where(_is(user))
        if entry_id is not None:
            query = query.where(HistoryRow.id == entry_id)
        return (await self._connection.execute(query)).rowcount

    async def move_chat(self, old: ChatKey, new: ChatKey) -> None:
        """Move a chat's results to its new id."""
        await self._connection.execute(update(HistoryRow).where(_in(old)).values(chat_id=new.id))

    async def sweep(self, before: datetime) -> int:
        """Delete older results; returns the number."""
        done = await self._connection.execute(
            delete(HistoryRow).where(HistoryRow.created_at < before)
        )
        return done.rowcount


def _is(user: UserKey) -> ColumnElement[bool]:
    return and_(HistoryRow.platform == user.platform, HistoryRow.user_id == user.id)


def _in(chat: ChatKey) -> ColumnElement[bool]:
    return and_(HistoryRow.platform == chat.platform, HistoryRow.chat_id == chat.id)


def _entry(row: Any) -> HistoryEntry:  # noqa: ANN401 - a row of the table
    return HistoryEntry(
        id=row["id"],
        job_id=row["job_id"],
        user=UserKey(row["platform"], row["user_id"]),
        chat=ChatKey(row["platform"], row["chat_id"]),
        photos=tuple(row["photos"]),
        recipe=Recipe.from_json(row["recipe"]),
        title=row["title"],
        result=row["result"],
        created_at=row["created_at"],
        story=Story.from_json(row["story"]),
    )
