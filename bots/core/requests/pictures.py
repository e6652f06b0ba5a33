"""Stores photos, results and effects' inputs encrypted, for surfaces without own storage."""

import asyncio
import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate
from typing import Final

from bots.core.common.services import Services
from bots.core.errors import (
    ClipsOffError,
    ClipTooLargeError,
    EntryGoneError,
    SourceGoneError,
    TooFastError,
)
from bots.core.policy import access
from bots.core.requests.animation import content_type_of, moves, video_form
from bots.core.styles import previews
from engine.api.contract import ClipFormat
from storage.transaction import Transaction
from storage.values.jobs import Job
from storage.values.json import Json
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
    await _check(services, user)
    normalised = await previews.normalised(services, picture)
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
    """Store a photo or clip as the engine reads it, without metadata; returns its id.

    The same photo of the same person has the same id.

    Raises:
        BlockedError: the person is blocked.
        TooFastError: the person's photos per minute exceed the limit.
        ClipsOffError: it is a video, and the engine takes no clips.
        ClipTooLargeError: it is a clip, and larger than the engine accepts.
        EngineError: the file cannot be painted, or the engine is away.
    """
    await _check(services, user)
    normalised = await _as_engine_reads(services, photo)
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


async def _check(services: Services, user: UserKey) -> None:
    """Whether a person may send a picture now."""
    async with services.database.reading() as transaction:
        await access.check_person(services, transaction, user)
        await _check_pace(services, transaction, user)


async def _as_engine_reads(services: Services, photo: bytes) -> bytes:
    """A photo or clip as the engine writes it; where clips are off, a GIF's first frame."""
    form = form_of(photo)
    if form not in services.clips.formats and video_form(photo):
        raise ClipsOffError
    if form is None or form not in services.clips.formats:
        return await previews.normalised(services, photo)
    if len(photo) > services.clips.max_bytes:
        raise ClipTooLargeError
    return await previews.normalised_clip(services, photo, form)


def form_of(file: bytes) -> ClipFormat | None:
    """The format in which a file is painted as a clip; None if it is a picture."""
    return video_form(file) or ("gif" if moves(file) else None)


async def reference(services: Services, user: UserKey, picture_id: str) -> Json:
    """A stored photo or clip, for a request.

    Raises:
        SourceGoneError: it is gone, or someone else's.
    """
    form = form_of(await read(services, user, picture_id))
    photo: Json = {"picture": picture_id}
    if form is None:
        return photo
    # A GIF's first frame is a picture; a video has none.
    return photo | {"clip": form} | ({"still": {}} if form == "gif" else {})


async def content_types(services: Services, user: UserKey, ids: Sequence[str]) -> dict[str, str]:
    """The media types of those pictures that are still there."""
    types = {}
    for picture_id in ids:
        with contextlib.suppress(SourceGoneError):
            types[picture_id] = content_type_of(await read(services, user, picture_id))
    return types


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
    """A person's own picture or clip, as the engine wrote it.

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
