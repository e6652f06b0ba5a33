"""Reads an action's fields from an admin's command or reply."""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from telegram import Message

from bots.core.admin.pages.actions import Action, Field, Raw
from bots.core.requests import clips
from bots.core.styles.style_files import FILE_MAX_BYTES
from bots.telegram_adapter.context import chat_key, key_of
from bots.telegram_adapter.transport.pictures import DOWNLOAD_MAX_BYTES, picture_of
from storage.values.json import Json

_WHOM: Final = re.compile(r"((?:(?:user|chat)\s+)?[a-z]+:-?\w+)(?=\s|$)", re.IGNORECASE)
_FILES: Final = ("pictures", "file")

Fetch = Callable[[Json], Awaitable[bytes]]


async def given(
    action: Action, messages: Sequence[Message], said: str, fetch: Fetch
) -> dict[str, Raw]:
    """The arguments of a command: one word per field, the rest for the last one; also its reply.

    Args:
        action: The action.
        messages: The command, and others of its album.
        said: The text after the command.
        fetch: Downloads a file.
    """
    found: dict[str, Raw] = {}
    answered = [each for each in [messages[0].reply_to_message] if each]
    spoken = [each for each in action.fields if each.kind not in _FILES]
    for each in action.fields:
        raw: Raw | None
        if each not in spoken:
            raw = await _files(each, messages, fetch) or await _files(each, answered, fetch)
        elif each.kind == "user":
            raw, said = _whose(messages[0], said)
        elif each is spoken[-1]:
            raw = said
        else:
            raw, _, said = said.partition(" ")
        if raw:
            found[each.name] = raw
    return found


async def answer_to(of: Field, messages: Sequence[Message], fetch: Fetch) -> Raw | None:
    """A reply's value for a field; None if it has none."""
    return await _files(of, messages, fetch) if of.kind in _FILES else messages[0].text


async def _files(of: Field, messages: Sequence[Message], fetch: Fetch) -> Raw | None:
    if of.kind == "pictures":
        pictures = [found for found in map(picture_of, messages) if found][: of.most]
        return [await fetch(clips.still_of(each.photo)) for each in pictures] or None
    document = next((each.document for each in messages if each.document), None)
    if document is None:
        return None
    # Files too large for a style are not downloaded.
    is_large = (document.file_size or 0) > min(FILE_MAX_BYTES, DOWNLOAD_MAX_BYTES)
    return b"too large" if is_large else await fetch({"file": document.file_id})


def _whose(message: Message, said: str) -> tuple[str, str]:
    """The person a command is about, named or replied to, and the rest of the text."""
    if named := _WHOM.match(said):
        return named[1], said[named.end() :].strip()
    answered = message.reply_to_message
    if answered and answered.sender_chat:
        return f"chat {chat_key(answered.sender_chat)}", said
    if answered and answered.from_user:
        return f"user {key_of(answered.from_user)}", said
    whom, _, rest = said.partition(" ")
    return whom, rest.strip()
