"""Sharing own results in any chat by inline mode."""

import re
from typing import Final

from telegram import (
    InlineQuery,
    InlineQueryResult,
    InlineQueryResultsButton,
)

from bots.core.users import history
from bots.telegram_adapter.context import Sender
from bots.telegram_adapter.render.media import shared
from storage.values.history import HistoryEntry

_JOB: Final = re.compile(r"#(\d{1,18})")
# https://core.telegram.org/bots/api#answerinlinequery
_RESULTS_MAX: Final = 50


async def answer(sender: Sender, query: InlineQuery) -> None:
    """Answer an inline query with the person's own results that match its text."""
    entries = await history.page(sender.runtime.services, sender.user, _RESULTS_MAX)
    results = [
        found for entry in entries if _goes_with(entry, query.query) and (found := _one(entry))
    ]
    send_one = InlineQueryResultsButton(
        sender.say("telegram-inline-none"), start_parameter="styles"
    )  # fmt: skip
    await query.answer(
        results, is_personal=True, cache_time=0, button=None if results else send_one
    )


def _goes_with(entry: HistoryEntry, typed: str) -> bool:
    if found := _JOB.fullmatch(typed.strip()):
        return entry.job_id == int(found[1])
    return typed.strip().casefold() in entry.title.casefold()


def _one(entry: HistoryEntry) -> InlineQueryResult | None:
    file = entry.result.get("file")
    if not file:
        return None
    return shared(str(entry.result.get("kind")), str(entry.id), file, entry.title)
