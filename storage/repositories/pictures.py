"""Photos, results and effects' inputs, encrypted, for platforms that store none.

Each belongs to one person, and an input to a photo, with which it is deleted.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import PictureRow
from storage.values.people import UserKey
from storage.values.pictures import PictureKind, StoredPicture

_SHOWN = (
    PictureRow.id, PictureRow.platform, PictureRow.user_id, PictureRow.kind, PictureRow.size_bytes,
    PictureRow.kept_at, PictureRow.photo_id,
)  # fmt: skip


class Pictures:
    """Pictures by person."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, picture: StoredPicture, sealed: bytes) -> None:
        """Store a picture; one with the same id is replaced, being the same picture."""
        await self._connection.execute(
            delete(PictureRow).where(_is(picture.user), PictureRow.id == picture.id)
        )
        await self._connection.execute(
            insert(PictureRow).values(
                id=picture.id,
                platform=picture.user.platform,
                user_id=picture.user.id,
                kind=picture.kind,
                body=sealed,
                size_bytes=picture.size_bytes,
                kept_at=picture.kept_at,
                photo_id=picture.photo_id,
            )
        )

    async def body(self, user: UserKey, picture_id: str) -> bytes | None:
        """A person's own picture, encrypted; None if it is gone or someone else's."""
        found = await self._connection.execute(
            select(PictureRow.body).where(_is(user), PictureRow.id == picture_id)
        )
        sealed: bytes | None = found.scalar_one_or_none()
        return sealed

    async def known(self, user: UserKey, ids: Sequence[str]) -> set[str]:
        """Which of these exist and belong to the person."""
        found = await self._connection.execute(
            select(PictureRow.id).where(_is(user), PictureRow.id.in_(ids))
        )
        return set(found.scalars())

    async def of(self, user: UserKey, kind: PictureKind | None = None) -> list[StoredPicture]:
        """A person's pictures of one kind or all kinds, the newest first."""
        query = select(*_SHOWN).where(_is(user)).order_by(PictureRow.kept_at.desc(), PictureRow.id)
        if kind is not None:
            query = query.where(PictureRow.kind == kind)
        rows = await self._connection.execute(query)
        return [_picture(row) for row in rows.mappings()]

    async def count(self, user: UserKey) -> int:
        """The number of a person's pictures."""
        query = select(func.count()).select_from(PictureRow).where(_is(user))
        return int((await self._connection.execute(query)).scalar_one())

    async def remove(self, user: UserKey, ids: Sequence[str] | None = None) -> int:
        """Delete some or all of a person's pictures, with their inputs; returns the number."""
        query = delete(PictureRow).where(_is(user))
        if ids is not None:
            query = query.where(or_(PictureRow.id.in_(ids), PictureRow.photo_id.in_(ids)))
        return (await self._connection.execute(query)).rowcount

    async def sweep(self, before: datetime) -> int:
        """Delete older pictures, and inputs whose photo is gone; returns the number."""
        old = delete(PictureRow).where(PictureRow.photo_id.is_(None), PictureRow.kept_at < before)
        photos = select(PictureRow.id).where(PictureRow.photo_id.is_(None))
        lone = delete(PictureRow).where(PictureRow.photo_id.not_in(photos))
        return sum([(await self._connection.execute(query)).rowcount for query in (old, lone)])


def _is(user: UserKey) -> ColumnElement[bool]:
    return and_(PictureRow.platform == user.platform, PictureRow.user_id == user.id)


def _picture(row: Any) -> StoredPicture:  # noqa: ANN401 - a row of the table
    user = UserKey(row["platform"], row["user_id"])
    return StoredPicture(
        row["id"], user, row["kind"], row["size_bytes"], row["kept_at"], row["photo_id"]
    )
