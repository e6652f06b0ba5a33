"""Stores photos, results and effects' inputs encrypted, for surfaces without own storage."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate
from typing import Final

from bots.core.common.services import Services
from bots.core.errors import EntryGoneError, SourceGoneError, TooFastError
from bots.core.policy import access
from bots.core.styles import previews
from storage.transaction import Transaction
from storage.values.jobs import Job
from storage.values.people import UserKey
from storage.values.pictures import PictureKind, StoredPicture

_MINUTE: Final = timedelta(minutes=1)


async def take_input(services: Services, user: UserKey, photo_id: str, picture: bytes) -> str:
    """Store a picture or mask that an effect takes beside a photo; returns its id.

    It is stored as a photo is, and deleted with the photo.

    Raises:
        SourceGoneError: the photo is gone, or someone else's.
        BotError: as `take`.
        EngineError: as `take`.
    """
    normalised = await _normalised(services, user, picture)
    picture_id = _id_of(services, user, f"{photo_id} {hashlib.sha256(normalised).hexdigest()}")
    sealed = await asyncio.to_thread(services.sealer.seal, normalised)
    kept = _kept(services, user, picture_id, "input", len(normalised))
    async with services.database.writing() as transaction:
        photos = await transaction.pictures.of(user, "photo")
        if photo_id not in [photo.id for photo in photos]:
            raise SourceGoneError
        await _put(services, transaction, replace(kept, photo_id=photo_id), sealed)
    return picture_id


async def take(services: Services, user: UserKey, photo: bytes) -> str:
    """Store a photo as the engine reads it, upright and without metadata; returns its id.

    The same photo of the same person has the same id.

    Raises:
        BlockedError: the person is blocked.
        TooFastError: the person's photos per minute exceed the limit.
        EngineError: the file cannot be painted, or the engine is away.
    """
    normalised = await _normalised(services, user, photo)
    picture_id = _id_of(services, user, hashlib.sha256(normalised).hexdigest())
    sealed = await asyncio.to_thread(services.sealer.seal, normalised)
    async with services.database.writing() as transaction:
        await _put(
            services,
            transaction,
            _kept(services, user, picture_id, "photo", len(normalised)),
            sealed,
        )
    return picture_id


async def _normalised(services: Services, user: UserKey, picture: bytes) -> bytes:
    """A person's file as the engine reads it, if the person may send one now."""
    async with services.database.reading() as transaction:
        await access.check_person(services, transaction, user)
        await _check_pace(services, transaction, user)
    return await previews.normalised(services, picture)


async def keep_results(services: Services, job: Job, images: Sequence[bytes]) -> list[str]:
    """Store a job's results; returns the ids, which are the same when repeated.

    Raises:
        EntryGoneError: the person has deleted their data, or cancelled the job.
    """
    user = job.wanted.user
    ids = result_ids(services, job, len(images))
    sealed = [await asyncio.to_thread(services.sealer.seal, image) for image in images]
    async with services.database.writing() as transaction:
        known = await transaction.jobs.get(job.id)
        if known is None or known.state != "done":
            raise EntryGoneError
        for picture_id, image, body in zip(ids, images, sealed, strict=True):
            kept = _kept(services, user, picture_id, "result", len(image))
            await _put(services, transaction, kept, body)
    return ids


def result_ids(services: Services, job: Job, count: int) -> list[str]:
    """The ids of a job's results, stored or not."""
    user = job.wanted.user
    return [_id_of(services, user, f"job {job.id} {number}") for number in range(count)]


async def read(services: Services, user: UserKey, picture_id: str) -> bytes:
    """A person's own picture, a JPEG file.

    Raises:
        SourceGoneError: it is gone, or someone else's.
    """
    async with services.database.reading() as transaction:
        sealed = await transaction.pictures.body(user, picture_id)
    if sealed is None:
        raise SourceGoneError
    return await asyncio.to_thread(services.sealer.unseal, sealed)


async def known(services: Services, user: UserKey, ids: Sequence[str]) -> set[str]:
    """Which of these are still there, and the person's own."""
    async with services.database.reading() as transaction:
        return await transaction.pictures.known(user, ids)


async def photos(services: Services, user: UserKey) -> list[StoredPicture]:
    """The photos a person sent that are still there, the newest first."""
    async with services.database.reading() as transaction:
        return await transaction.pictures.of(user, "photo")


async def remove(services: Services, user: UserKey, ids: Sequence[str]) -> None:
    """Delete some of a person's pictures; ignores ids that are unknown or someone else's."""
    async with services.database.writing() as transaction:
        await transaction.pictures.remove(user, ids)


async def _check_pace(services: Services, transaction: Transaction, user: UserKey) -> None:
    """Limit the files per minute, because reading one is work for the engine."""
    minute_ago, limit = services.now() - _MINUTE, services.limits.per_minute
    sent = [each for each in await transaction.pictures.of(user) if each.kind != "result"]
    if sum(each.kept_at > minute_ago for each in sent) >= limit:
        raise TooFastError(limit=limit, seconds=int(_MINUTE.total_seconds()))


async def _put(
    services: Services, transaction: Transaction, picture: StoredPicture, sealed: bytes
) -> None:
    """Store a picture; if a person has too many, the oldest are deleted."""
    pictures = transaction.pictures
    await pictures.put(picture, sealed)
    newest = await pictures.of(picture.user)
    sizes = accumulate(each.size_bytes for each in newest)
    most = services.limits.pictures_bytes_per_user
    too_many = [each.id for each, size in zip(newest, sizes, strict=True) if size > most]
    await pictures.remove(picture.user, too_many)


def _kept(
    services: Services, user: UserKey, picture_id: str, kind: PictureKind, size_bytes: int
) -> StoredPicture:
    return StoredPicture(picture_id, user, kind, size_bytes, services.now())


def _id_of(services: Services, user: UserKey, what: str) -> str:
    return services.sealer.pseudonym(f"picture {user} {what}")[:40]
