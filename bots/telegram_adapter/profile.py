"""What the bot says of itself: its commands, for whom and in which language."""

import logging
from typing import Final

from telegram import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)
from telegram.error import TelegramError

from bots.telegram_adapter.station import Station

logger = logging.getLogger(__name__)

PRIVATE: Final = (
    "style", "styles", "mystyle", "history", "settings", "cancel", "help", "privacy", "export",
    "forget", "start",
)  # fmt: skip
GROUP: Final = ("style", "styles", "mystyle", "cancel", "help", "privacy")
ADMINS: Final = (*GROUP, "settings")


async def present(station: Station) -> None:
    """Tell Telegram, in every language; whatever it does not take now is told at the next start."""
    texts = station.services.texts
    scopes = (
        (BotCommandScopeAllPrivateChats(), PRIVATE),
        (BotCommandScopeAllGroupChats(), GROUP),
        (BotCommandScopeAllChatAdministrators(), ADMINS),
    )
    for language in texts.languages:
        # Without a language it is what everyone sees whose language is not spoken here.
        code = None if language == texts.languages[0] else language
        try:
            for scope, names in scopes:
                commands = [
                    BotCommand(name, texts.say(f"command-{name}", language)) for name in names
                ]
                await station.bot.set_my_commands(commands, scope, code)
            await station.bot.set_my_short_description(texts.say("bot-short", language), code)
            await station.bot.set_my_description(texts.say("bot-description", language), code)
        except TelegramError as error:
            logger.warning("the commands were not told to Telegram: %s", type(error).__name__)
