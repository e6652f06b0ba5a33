"""Sharing own results in any chat by inline mode."""

import re
from typing import Final

from telegram import (
    InlineQuery,
    InlineQueryResultCachedDocument,
    InlineQueryResultCachedPhoto,
    InlineQueryResultsButton,
)

from bots.core.users import history, preferences
from bots.telegram_adapter.context import Runtime, key_of
from storage.values.history import HistoryEntry

_JOB: Final = re.compile(r"#(\d{1,18})")
# https://core.telegram.org/bots/api#answerinlinequery
_RESULTS_MAX: Final = 50

Result = InlineQueryResultCachedPhoto | InlineQueryResultCachedDocument


class Inline:
    """Answers inline queries."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def answer(self, query: InlineQuery) -> None:
        """Answer with the person's own results that match the text."""
        services, user = self._runtime.services, key_of(query.from_user)
        entries = await history.page(services, user, _RESULTS_MAX)
        results = [
            found for entry in entries if _goes_with(entry, query.query) and (found := _one(entry))
        ]
        language = await preferences.language(services, user, None, query.from_user.language_code)
        send_one = InlineQueryResultsButton(
            self._runtime.say("telegram-inline-none", language), start_parameter="styles"
        )
        await query.answer(
            results, is_personal=True, cache_time=0, button=None if results else send_one
        )


def _goes_with(entry: HistoryEntry, typed: str) -> bool:
    if found := _JOB.fullmatch(typed.strip()):
        return entry.job_id == int(found[1])
    return typed.strip().casefold() in entry.title.casefold()


def _one(entry: HistoryEntry) -> Result | None:
    file = entry.result.get("file")
    if not file:
        return None
    if entry.result.get("kind") == "photo":
        return InlineQueryResultCachedPhoto(str(entry.id), file, title=entry.title)
    return InlineQueryResultCachedDocument(str(entry.id), entry.title, file)
