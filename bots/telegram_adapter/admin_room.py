"""The queue and who may use it, in the hands of those who administer the bot; `/admin`."""

import re
from collections.abc import Sequence
from typing import Final

from telegram import InlineKeyboardMarkup, Message

from bots.core import admins, control_room
from bots.core.control import QueueGate
from bots.core.control_room import QueueView
from bots.core.errors import BadWhomError
from bots.telegram_adapter.admin_styles import AdminStyles, admin_in_private
from bots.telegram_adapter.buttons import Buttons, Press
from bots.telegram_adapter.hints import Hints
from bots.telegram_adapter.keyboards import Button, button
from bots.telegram_adapter.station import Station, chat_key, key_of, user_key
from storage.values import AuditEntry, ChatKey, Job, UserKey

# What the number of a button stands for; only ever add to the end.
_GATES: Final[tuple[QueueGate, ...]] = ("open", "paused", "draining")
_AUDIT_PAGE: Final = 15
_JOBS: Final = 6
_HOURS_MAX: Final = 24 * 7
_SUBJECT_LETTERS: Final = 40
_WHOM: Final = re.compile(r"((?:(?:user|chat)\s+)?[a-z]+:-?\w+)(?=\s|$)", re.IGNORECASE)


class AdminRoom:
    """Shows and changes what holds for everyone."""

    def __init__(
        self, station: Station, buttons: Buttons, hints: Hints, styles: AdminStyles
    ) -> None:
        self._station = station
        self._hints = hints
        self._styles = styles
        buttons.add("aroom", 0, self._room_pressed)
        buttons.add("aq", 0, self._queue_pressed)
        buttons.add("ag", 1, self._put_gate)
        buttons.add("ak", 1, self._cancel_job)
        buttons.add("at", 1, self._stats_pressed)
        buttons.add("ai", 1, self._audit_pressed)
        buttons.add("ah", 0, self._limits_pressed)
        buttons.add("ab", 0, self._blocks_pressed)

    async def admin(self, message: Message, _: str) -> None:
        """`/admin`: where everything begins."""
        if user := await self._admin(message, "admin"):
            language = await self._language(message, user)
            await self._reply(message, *await self._room(user, language))

    async def styles(self, message: Message) -> None:
        """`/styles admin`: all of them, the unfinished and the retired, too."""
        if user := await self._admin(message, "styles.read"):
            language = await self._language(message, user)
            await self._reply(message, *await self._styles.page(user, language, 0))

    async def queue(self, message: Message, _: str) -> None:
        """`/queue`."""
        if user := await self._admin(message, "queue.read"):
            language = await self._language(message, user)
            await self._reply(message, *await self._queue(user, language))

    async def pause(self, message: Message, words: str) -> None:
        """`/pause back at 18:00`: photos are taken and wait."""
        await self._gate(message, "paused", words)

    async def drain(self, message: Message, words: str) -> None:
        """`/drain moving house`: no photo is taken, and those that wait are painted."""
        await self._gate(message, "draining", words)

    async def open(self, message: Message, _: str) -> None:
        """`/open`: everything goes on."""
        await self._gate(message, "open", "")

    async def block(self, message: Message, words: str) -> None:
        """`/block telegram:123 why`, or in a group in reply to someone."""
        await self._let(message, words, block=True)

    async def allow(self, message: Message, words: str) -> None:
        """`/allow telegram:123`, by a name of the list, or in a group in reply to someone."""
        await self._let(message, words, block=False)

    async def limits(self, message: Message, words: str) -> None:
        """`/limits`, `/limits per_minute 5`, `/limits per_minute usual`."""
        services, user = self._station.services, await self._admin(message, "limits.read")
        if user is None:
            return
        if words:
            name, _, value = words.partition(" ")
            await control_room.put_limit(services, user, name, _limit(value.strip()))
        language = await self._language(message, user)
        await self._reply(message, *await self._limits(user, language))

    async def stats(self, message: Message, words: str) -> None:
        """`/stats`, or `/stats 168` for as many hours."""
        if user := await self._admin(message, "stats.read"):
            hours = int(words) if words.isdecimal() and len(words) < 5 else 24
            language = await self._language(message, user)
            await self._reply(message, *await self._stats(user, language, hours))

    async def audit(self, message: Message, _: str) -> None:
        """`/audit`."""
        if user := await self._admin(message, "audit.read"):
            language = await self._language(message, user)
            await self._reply(message, *await self._audit(user, language, 0))

    async def _gate(self, message: Message, gate: QueueGate, words: str) -> None:
        if user := await self._admin(message, f"queue.{gate}"):
            await control_room.put_gate(self._station.services, user, gate, words)
            language = await self._language(message, user)
            await self._reply(message, *await self._queue(user, language))

    async def _let(self, message: Message, words: str, *, block: bool) -> None:
        """Shut someone out, or let him in again: whom the words name, or whom it answers."""
        services, user = self._station.services, user_key(message)
        if user is None:
            return
        await admins.check(services, user, "people.block" if block else "people.allow")
        whose, reason = _whose(message, words, pseudonyms=not block)
        language = await self._language(message, user)
        if isinstance(whose, str) or not block:
            found = await control_room.allow(services, user, whose)
            text = self._say("admin-allowed" if found else "admin-not-blocked", language)
        else:
            count = await control_room.block(services, user, whose, reason)
            self._station.nudge()
            text = self._say("admin-blocked", language, count=count)
        await self._hints.say(message, text)

    async def _room(self, user: UserKey, language: str) -> tuple[str, InlineKeyboardMarkup]:
        view = await control_room.queue(self._station.services, user)

        def one(name: str, operation: str, *numbers: int) -> Button:
            return button(self._say(name, language), operation, *numbers)

        rows = [
            [one("admin-room-styles", "al", 0, 0), one("admin-room-queue", "aq")],
            [one("admin-room-limits", "ah"), one("admin-room-blocks", "ab")],
            [one("admin-room-stats", "at", 24), one("admin-room-audit", "ai", 0)],
        ]
        lines = [self._gate_line(view, language), self._say("admin-commands", language)]
        return "\n".join(lines), InlineKeyboardMarkup(rows)

    async def _queue(self, user: UserKey, language: str) -> tuple[str, InlineKeyboardMarkup]:
        view = await control_room.queue(self._station.services, user)
        lines = [self._gate_line(view, language)]
        if view.oldest_s is not None:
            lines.append(self._say("admin-oldest", language, seconds=round(view.oldest_s)))
        lines += [f"· {chat}: {photos}" for chat, photos in view.shares]
        jobs = view.jobs[:_JOBS]
        rows = [[button(f"✖ {_job_line(job)}", "ak", job.id)] for job in jobs]
        gates = [
            button(self._say(f"admin-gate-{gate}", language), "ag", number)
            for number, gate in enumerate(_GATES)
            if gate != view.control.gate
        ]
        rows += [gates, [button("↻", "aq"), self._back(language)]]
        return "\n".join(lines), InlineKeyboardMarkup(rows)

    def _gate_line(self, view: QueueView, language: str) -> str:
        state = self._say(f"admin-is-{view.control.gate}", language)
        waiting = self._say("admin-waiting", language, waiting=view.waiting, running=view.running)
        words = f" “{view.control.words}”" if view.control.words else ""
        return f"{state}{words} · {waiting}"

    async def _limits(self, user: UserKey, language: str) -> tuple[str, InlineKeyboardMarkup]:
        lines = [self._say("admin-limits", language)]
        for view in await control_room.limits(self._station.services, user):
            changed = "" if view.value == view.usual else f" ({view.usual})"
            lines.append(f"{view.name}: {view.value}{changed}")
        return "\n".join(lines), InlineKeyboardMarkup([[self._back(language)]])

    async def _blocks(self, user: UserKey, language: str) -> tuple[str, InlineKeyboardMarkup]:
        blocks = await control_room.blocks(self._station.services, user)
        lines = [self._say("admin-blocks", language, count=len(blocks))]
        lines += [
            f"{block.created_at:%d.%m.%Y} {block.pseudonym[:16]} {block.reason}"
            for block in blocks[:20]
        ]
        return "\n".join(lines), InlineKeyboardMarkup([[self._back(language)]])

    async def _stats(
        self, user: UserKey, language: str, hours: int
    ) -> tuple[str, InlineKeyboardMarkup]:
        hours = max(1, min(hours, _HOURS_MAX))
        tally, titles = await control_room.stats(self._station.services, user, hours)
        lines = [
            self._say(
                "admin-stats", language, hours=hours, photos=tally.photos, people=tally.people,
                chats=tally.chats,
            )
        ]  # fmt: skip
        lines += [f"{state}: {count}" for state, count in sorted(tally.states.items())]
        if tally.wait_s is not None and tally.work_s is not None:
            lines.append(
                self._say(
                    "admin-times", language, wait=f"{tally.wait_s:.1f}", work=f"{tally.work_s:.1f}"
                )
            )
        best = sorted(titles, key=lambda style_id: -tally.styles[style_id])[:5]
        lines += [f"{titles[style_id]}: {tally.styles[style_id]}" for style_id in best]
        spans = [button(f"{span} h", "at", span) for span in (1, 24, _HOURS_MAX)]
        return "\n".join(lines), InlineKeyboardMarkup([spans, [self._back(language)]])

    async def _audit(
        self, user: UserKey, language: str, page: int
    ) -> tuple[str, InlineKeyboardMarkup]:
        page = min(page, 20)
        entries = await admins.audit(self._station.services, user, (page + 1) * _AUDIT_PAGE + 1)
        shown = entries[page * _AUDIT_PAGE :][:_AUDIT_PAGE]
        lines = [self._say("admin-audit", language), *map(_audit_line, shown)]
        leaves = [button("◀", "ai", page - 1)] if page else []
        if len(entries) > (page + 1) * _AUDIT_PAGE:
            leaves.append(button("▶", "ai", page + 1))
        rows = [leaves] if leaves else []
        return "\n".join(lines), InlineKeyboardMarkup([*rows, [self._back(language)]])

    async def _room_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.show(*await self._room(press.user, await press.language()))

    async def _queue_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.show(*await self._queue(press.user, await press.language()))

    async def _put_gate(self, press: Press, numbers: Sequence[int]) -> None:
        if numbers[0] < len(_GATES):
            services = self._station.services
            await control_room.put_gate(services, press.user, _GATES[numbers[0]])
            await self._queue_pressed(press, ())

    async def _cancel_job(self, press: Press, numbers: Sequence[int]) -> None:
        await control_room.cancel(self._station.services, press.user, numbers[0])
        self._station.nudge()
        await self._queue_pressed(press, ())

    async def _stats_pressed(self, press: Press, numbers: Sequence[int]) -> None:
        await press.show(*await self._stats(press.user, await press.language(), numbers[0]))

    async def _audit_pressed(self, press: Press, numbers: Sequence[int]) -> None:
        await press.show(*await self._audit(press.user, await press.language(), numbers[0]))

    async def _limits_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.show(*await self._limits(press.user, await press.language()))

    async def _blocks_pressed(self, press: Press, _: Sequence[int]) -> None:
        await press.show(*await self._blocks(press.user, await press.language()))

    async def _admin(self, message: Message, act: str) -> UserKey | None:
        return await admin_in_private(self._station, self._hints, message, act)

    async def _language(self, message: Message, user: UserKey) -> str:
        return await self._station.language(message.from_user, user, message.chat)

    async def _reply(self, message: Message, text: str, markup: InlineKeyboardMarkup) -> None:
        await message.reply_text(text, reply_markup=markup)

    def _back(self, language: str) -> Button:
        return button(self._say("button-back", language), "aroom")

    def _say(self, name: str, language: str, /, **facts: str | int) -> str:
        return self._station.say(name, language, **facts)


def _whose(
    message: Message, words: str, *, pseudonyms: bool
) -> tuple[UserKey | ChatKey | str, str]:
    """Whom a message is about, and what else it says.

    Raises:
        BadWhomError: no one.
    """
    named = _WHOM.match(words)
    if named:
        return control_room.whom(named[1]), words[named.end() :].strip()
    answered = message.reply_to_message
    if answered and answered.sender_chat:
        return chat_key(answered.sender_chat), words
    if answered and answered.from_user:
        return key_of(answered.from_user), words
    if pseudonyms and words:
        return words, ""
    raise BadWhomError


def _limit(text: str) -> int | None:
    """What a limit shall be; None for what it usually is. What is no number can be no limit."""
    if text.lower() == "usual":
        return None
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _job_line(job: Job) -> str:
    wanted = job.wanted
    return f"{job.id} · {wanted.user} · {len(wanted.photos)} · {job.state}"


def _audit_line(entry: AuditEntry) -> str:
    actor = entry.actor if ":" in entry.actor else entry.actor[:8]
    subject = entry.subject[:_SUBJECT_LETTERS]
    return f"{entry.created_at:%d.%m. %H:%M} {actor} {entry.act} {subject}".strip()
