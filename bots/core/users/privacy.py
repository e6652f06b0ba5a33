"""Export and deletion of a person's data, and expiry of old data."""

import base64
import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from bots.core.common.periodic import repeat
from bots.core.common.services import Services
from bots.core.users import preferences
from storage.values.history import HistoryEntry
from storage.values.jobs import Job
from storage.values.people import Preference, UserKey
from storage.values.pictures import StoredPicture
from storage.values.styles import Style

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Numbers of deleted items.

    Attributes:
        history: Results.
        styles: Own styles, with their pictures.
        jobs: Requests, those in the queue cancelled.
        pictures: Stored photos, results and effects' inputs.
    """

    history: int
    styles: int
    jobs: int
    pictures: int = 0


def policy(services: Services, language: str, *, keeps_pictures: bool = False) -> str:
    """The privacy notice: what is stored, for how long, and how to delete it.

    Args:
        services: The bot's services.
        language: Language tag of the notice.
        keeps_pictures: Whether the surface stores pictures itself.
    """
    limits = services.limits
    if keeps_pictures:
        return services.texts.say(
            "studio-policy",
            language,
            hours=int(limits.pictures.total_seconds() // 3600),
            days=limits.history.days,
            jobs=limits.jobs.days,
        )
    return services.texts.say(
        "privacy",
        language,
        days=limits.history.days,
        jobs=limits.jobs.days,
        grace=limits.grace.days,
    )


async def export(services: Services, user: UserKey) -> dict[str, Any]:
    """All data of a person as JSON; pictures in base64."""
    async with services.database.reading() as transaction:
        own = [style for style in await transaction.styles.all(user) if style.owner == user]
        pictures = {style.id: await transaction.styles.reference(style.id) for style in own}
        kept = await transaction.pictures.of(user)
        bodies = {picture.id: await transaction.pictures.body(user, picture.id) for picture in kept}
        return {
            "user": str(user),
            "exported_at": services.now().isoformat(),
            "preference": _preference(await transaction.people.preference(user)),
            "styles": [_style(services, style, pictures[style.id]) for style in own],
            "history": [
                _entry(entry) for entry in await transaction.history.of(user, limit=100_000)
            ],
            "jobs": [_job(job) for job in await transaction.jobs.all_of(user)],
            "pictures": [_picture(services, picture, bodies[picture.id]) for picture in kept],
        }


async def known(services: Services, user: UserKey) -> Forgotten:
    """The numbers of items that `forget` would delete."""
    async with services.database.reading() as transaction:
        return Forgotten(
            history=await transaction.history.count(user),
            styles=len([s for s in await transaction.styles.all(user) if s.owner == user]),
            jobs=len(await transaction.jobs.all_of(user)),
            pictures=await transaction.pictures.count(user),
        )


async def forget(services: Services, user: UserKey) -> Forgotten:
    """Delete all data of a person, and cancel their requests.

    Audit entries of an admin, and blocks, are kept under a pseudonym.
    """
    async with services.database.writing() as transaction:
        await transaction.jobs.lock(user)
        await transaction.jobs.cancel_all(user, services.now())
        forgotten = Forgotten(
            history=await transaction.history.remove(user),
            styles=await transaction.styles.remove_own(user),
            jobs=await transaction.jobs.forget(user),
            pictures=await transaction.pictures.remove(user),
        )
        await transaction.people.forget(user)
        await transaction.audit.rename_actor(str(user), services.pseudonym(user))
    return forgotten


async def sweep(services: Services) -> int:
    """Delete expired data; returns the number of rows."""
    now, limits = services.now(), services.limits
    async with services.database.writing() as transaction:
        return (
            await preferences.purge(transaction, now)
            + await transaction.history.sweep(now - limits.history)
            + await transaction.jobs.sweep(now - limits.jobs)
            + await transaction.pictures.sweep(now - limits.pictures)
            + await transaction.audit.sweep(now - limits.audit)
        )


async def keep_sweeping(services: Services, every: timedelta = timedelta(hours=1)) -> None:
    """Sweep now and periodically until cancelled; retries if the store is away."""

    async def note() -> None:
        logger.info("swept", extra={"rows": await sweep(services)})

    await repeat(note, every, "sweeping failed", at_once=True)


def _preference(preference: Preference) -> dict[str, Any]:
    return asdict(preference) | {"recipe": preference.recipe.as_json()}


def _style(services: Services, style: Style, sealed: bytes | None) -> dict[str, Any]:
    picture = services.sealer.unseal(sealed) if sealed else b""
    return {
        "name": style.title("en"),
        "checkpoint": style.code.checkpoint,
        "code": base64.b64encode(style.code.data).decode(),
        "picture": base64.b64encode(picture).decode(),
    }


def _picture(services: Services, picture: StoredPicture, sealed: bytes | None) -> dict[str, Any]:
    body = services.sealer.unseal(sealed) if sealed else b""
    return {
        "id": picture.id,
        "kind": picture.kind,
        "kept_at": picture.kept_at.isoformat(),
        "photo": picture.photo_id,
        "picture": base64.b64encode(body).decode(),
    }


def _entry(entry: HistoryEntry) -> dict[str, Any]:
    return asdict(entry) | {
        "recipe": entry.recipe.as_json(),
        "user": str(entry.user),
        "chat": str(entry.chat),
        "created_at": entry.created_at.isoformat(),
    }


def _job(job: Job) -> dict[str, Any]:
    wanted = asdict(job.wanted) | {
        "user": str(job.wanted.user),
        "chat": str(job.wanted.chat),
        "recipe": job.wanted.recipe.as_json(),
    }
    return {
        "id": job.id,
        "state": job.state,
        "wanted": wanted,
        "created_at": job.created_at.isoformat(),
        "error": job.error,
        "result": job.result,
    }
