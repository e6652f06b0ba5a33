"""A Bot API client that edits text and captions with one method."""

from typing import Any, Final

from telegram import Message
from telegram.error import BadRequest
from telegram.ext import ExtBot
from typing_extensions import override

from bots.telegram_adapter.transport.rate_limits import Urgency

_NO_TEXT: Final = "no text in the message"
_OF_CAPTIONS: Final = ("parse_mode", "reply_markup", "rate_limit_args")


class Bot(ExtBot[Urgency]):
    """A bot that edits a message's text or caption, whichever it has.

    A picker is a picture if the engine could paint one, and text if not; both are edited by the
    same call.
    """

    @override
    async def edit_message_text(  # type: ignore[override]
        self,
        text: str,
        chat_id: int | str | None = None,
        message_id: int | None = None,
        **more: Any,
    ) -> Message | bool:
        try:
            return await super().edit_message_text(text, chat_id, message_id, **more)
        except BadRequest as error:
            if _NO_TEXT not in str(error).lower():
                raise
        known = {name: more[name] for name in _OF_CAPTIONS if name in more}
        return await self.edit_message_caption(
            chat_id=chat_id, message_id=message_id, caption=text, **known
        )
