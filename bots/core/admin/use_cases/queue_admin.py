"""Admins' use cases for the queue, limits, blocks and chats."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from bots.core.admin.use_cases import rights
from bots.core.common.services import Services
from bots.core.errors import (
    BadWhomError,
    BlockedError,
    CancelledByAdminError,
    OutOfRangeError,
    TooLateError,
    UnknownLimitError,
)
from bots.core.policy import control
from bots.core.policy.control import ADJUSTABLE, Control, QueueMode
from bots.core.users import preferences
from storage.values.audit import Block
from storage.values.jobs import Job, Tally
from storage.values.people import ChatKey, ChatSettings, UserKey

_WHOM: Final = re.compile(r"(?:(user|chat)\s+)?(telegram|discord|web):(-?\w{1,64})", re.IGNORECASE)
# Where there are groups or servers.
_WITH_CHATS: Final = ("telegram", "discord")
_WORDS_LETTERS: Final = 200
_SHOWN: Final = 500
_COUNTED: Final = 10_000
# Letters of a pseudonym that are shown.
PSEUDONYM_LETTERS: Final = 16
# Letters of a pseudonym by which no other one is met.
_BEGUN: Final = 8


@dataclass(frozen=True, slots=True)
class QueueView:
    """The current state of the queue.

    Attributes:
        control: The queue mode and other settings.
        jobs: The first requests, running ones before waiting ones.
        running: Number of running requests.
        waiting: Number of waiting requests.
        oldest_s: Age of the oldest request in seconds; None for an empty queue.
        shares: Number of photos of the chats with the most, in descending order.
    """

    control: Control
    jobs: Sequence[Job]
    running: int
    waiting: int
    oldest_s: float | None
    shares: Sequence[tuple[ChatKey, int]]


@dataclass(frozen=True, slots=True)
class LimitView:
    """A limit.

    Attributes:
        name: Its name in `Limits`.
        value: The current value.
        default: The default value.
        least: The smallest allowed value.
        most: The largest allowed value.
    """

    name: str
    value: int
    default: int
    least: int
    most: int


async def queue(services: Services, actor: UserKey) -> QueueView:
    """The queue.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
    """
    await rights.check(services, actor, "queue.read")
    async with services.database.reading() as transaction:
        jobs = await transaction.jobs.waiting(_COUNTED)
        now_holds = await control.read(transaction)
    running = sum(job.state != "queued" for job in jobs)
    shares: Counter[ChatKey] = Counter()
    for job in jobs:
        shares[job.wanted.chat] += len(job.wanted.photos)
    oldest = min((job.created_at for job in jobs), default=None)
    return QueueView(
        control=now_holds,
        jobs=jobs[:_SHOWN],
        running=running,
        waiting=len(jobs) - running,
        oldest_s=(services.now() - oldest).total_seconds() if oldest else None,
        shares=shares.most_common(5),
    )


async def put_mode(services: Services, actor: UserKey, mode: QueueMode, words: str = "") -> Control:
    """Pause the queue, drain it, or open it again.

    Args:
        services: The bot's services.
        actor: The person who acts.
        mode: The new mode.
        words: Message shown to people meanwhile; one line of at most 200 letters.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
    """
    line = "" if mode == "open" else " ".join(words.split())[:_WORDS_LETTERS]
    act = {"open": "queue.open", "paused": "queue.pause", "draining": "queue.drain"}[mode]
    async with rights.acting(services, actor, act, words=line) as transaction:
        changed = replace(await control.read(transaction), mode=mode, words=line)
        await control.write(transaction, changed)
    return changed


async def cancel(services: Services, actor: UserKey, job_id: int) -> None:
    """Cancel a request; its user is notified.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        TooLateError: it has ended, is being delivered, or does not exist.
    """
    async with rights.acting(services, actor, "job.cancel", str(job_id)) as transaction:
        code = CancelledByAdminError.code
        if not await transaction.jobs.refuse(code, services.now(), job_id=job_id):
            raise TooLateError


def whom(text: str) -> UserKey | ChatKey:
    """Parse "telegram:123", "user discord:123" or "chat discord:456".

    Telegram's groups have negative ids; other ids without "chat" are people.

    Raises:
        BadWhomError: the text is invalid.
    """
    found = _WHOM.fullmatch(text.strip())
    if not found:
        raise BadWhomError
    kind, platform, number = (found[1] or "").lower(), found[2].lower(), found[3]
    is_chat = kind == "chat" or (not kind and number.startswith("-"))
    return ChatKey(platform, number) if is_chat else UserKey(platform, number)


async def block(
    services: Services, actor: UserKey, whose: UserKey | ChatKey, reason: str = ""
) -> int:
    """Block a person or a chat and cancel their waiting requests; returns the number cancelled.

    Only a pseudonym is stored, so the block remains when the person's data is deleted.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        BadWhomError: admins cannot be blocked.
    """
    pseudonym = services.pseudonym(whose)
    line = " ".join(reason.split())[:_WORDS_LETTERS]
    async with rights.acting(services, actor, "people.block", pseudonym, why=line) as transaction:
        if isinstance(whose, UserKey) and rights.is_admin(services, whose):
            raise BadWhomError
        now = services.now()
        await transaction.blocks.add(pseudonym, line, now)
        user = whose if isinstance(whose, UserKey) else None
        chat = whose if isinstance(whose, ChatKey) else None
        return await transaction.jobs.refuse(BlockedError.code, now, user=user, chat=chat)


async def allow(services: Services, actor: UserKey, whose: UserKey | ChatKey | str) -> bool:
    """Unblock by id or by the start of the pseudonym; False if there is no such block.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
    """
    begun = whose if isinstance(whose, str) else services.pseudonym(whose)
    async with rights.acting(
        services, actor, "people.allow", begun[:_WORDS_LETTERS]
    ) as transaction:
        known = [block.pseudonym for block in await transaction.blocks.all()]
        found = [name for name in known if len(begun) >= _BEGUN and name.startswith(begun)]
        return len(found) == 1 and await transaction.blocks.remove(found[0])


async def blocks(services: Services, actor: UserKey) -> list[Block]:
    """The blocks.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
    """
    await rights.check(services, actor, "people.read")
    async with services.database.reading() as transaction:
        return await transaction.blocks.all()


async def limits(services: Services, actor: UserKey) -> list[LimitView]:
    """The limits that admins can change.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
    """
    await rights.check(services, actor, "limits.read")
    changed = (await control.read_now(services)).limits
    return [
        LimitView(name, changed.get(name, getattr(services.limits, name)),
                  getattr(services.limits, name), least, most)
        for name, (least, most) in ADJUSTABLE.items()
    ]  # fmt: skip


async def put_limit(services: Services, actor: UserKey, name: str, value: int | None) -> None:
    """Change a limit for everyone; None resets it to its default.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        UnknownLimitError: there is no such limit.
        OutOfRangeError: the value is out of range.
    """
    async with rights.acting(services, actor, "limits.put", name, value=value) as transaction:
        if name not in ADJUSTABLE:
            raise UnknownLimitError(names=", ".join(ADJUSTABLE))
        least, most = ADJUSTABLE[name]
        if value is not None and not least <= value <= most:
            raise OutOfRangeError(least=least, most=most)
        now_holds = await control.read(transaction)
        changed = {key: kept for key, kept in now_holds.limits.items() if key != name}
        if value is not None:
            changed[name] = value
        await control.write(transaction, replace(now_holds, limits=changed))


async def chats(services: Services, actor: UserKey) -> dict[ChatKey, ChatSettings]:
    """The chats that have settings, and the settings.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
    """
    await rights.check(services, actor, "chats.read")
    return {
        ChatKey(platform, chat_id): settings
        for platform in _WITH_CHATS
        for chat_id, settings in sorted((await preferences.chats(services, platform)).items())
    }


async def settle_chat(
    services: Services,
    actor: UserKey,
    chat: ChatKey,
    **changes: Any,  # noqa: ANN401
) -> ChatSettings:
    """Change a chat's settings on behalf of its admins; returns all settings.

    Args:
        services: The bot's services.
        actor: The person who acts.
        chat: The chat.
        changes: Attributes of `ChatSettings`.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        BadWhomError: the chat has no settings.
    """
    await rights.check(services, actor, "chat.settle")
    if chat not in await chats(services, actor):
        raise BadWhomError
    return await preferences.settle(services, chat, actor, admin=True, **changes)


async def stats(
    services: Services, actor: UserKey, hours: int = 24
) -> tuple[Tally, Mapping[int, str]]:
    """Statistics of the requests of the last hours, and the titles of their styles.

    Covers only some days, because older requests are deleted.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
    """
    await rights.check(services, actor, "stats.read")
    async with services.database.reading() as transaction:
        tally = await transaction.jobs.tally(services.now() - timedelta(hours=hours))
        styles = await transaction.styles.get(list(tally.styles))
    return tally, {style.id: style.title("en") for style in styles if style.owner is None}
