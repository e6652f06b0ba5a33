"""Registers the bot's commands with Telegram, by scope and language."""

import logging
from collections.abc import Sequence
from typing import Final

from telegram import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bots.core.admin import registry
from bots.telegram_adapter.context import PLATFORM, Runtime
from storage.values.people import UserKey

logger = logging.getLogger(__name__)

# The first ones of each scope.
_OF_PHOTOS: Final = ("style", "story")
PRIVATE: Final = (
    *_OF_PHOTOS, "styles", "mystyle", "history", "settings", "cancel", "help", "privacy",
    "export", "forget", "start",
)  # fmt: skip
GROUP: Final = (*_OF_PHOTOS, "styles", "mystyle", "cancel", "help", "privacy")
ADMINS: Final = (*GROUP, "settings")
# The admins' commands, without those that have a user command's name.
BOT_ADMINS: Final = tuple(
    name for name in registry.commands() if name not in (*PRIVATE, *GROUP, "settings")
)


async def present(runtime: Runtime) -> None:
    """Register commands in every language; refused ones are tried again at the next start."""
    texts = runtime.services.texts
    scopes = (
        (BotCommandScopeAllPrivateChats(), PRIVATE),
        (BotCommandScopeAllGroupChats(), GROUP),
        (BotCommandScopeAllChatAdministrators(), ADMINS),
    )
    for language in texts.languages:
        # Without a language it applies to everyone whose language is not supported.
        code = None if language == texts.languages[0] else language
        try:
            for scope, names in scopes:
                await runtime.bot.set_my_commands(_commands(runtime, names, language), scope, code)
            await runtime.bot.set_my_short_description(texts.say("bot-short", language), code)
            await runtime.bot.set_my_description(texts.say("bot-description", language), code)
        except TelegramError as error:
            logger.warning("commands were not registered with Telegram: %s", type(error).__name__)
    for admin in sorted(runtime.services.admins, key=str):
        await present_admin(runtime, admin)


async def present_admin(runtime: Runtime, admin: UserKey) -> None:
    """Register the admin commands for one admin's private chat.

    Telegram refuses that until the admin has started the chat; it is done with the first /start.
    """
    if admin.platform != PLATFORM:
        return
    languages = runtime.services.texts.languages
    scope = BotCommandScopeChat(int(admin.id))
    for language in languages:
        code = None if language == languages[0] else language
        commands = _commands(runtime, (*PRIVATE, *BOT_ADMINS), language)
        try:
            await runtime.bot.set_my_commands(commands, scope, code)
        except TelegramError as error:
            logger.info("an admin's commands are not registered yet: %s", type(error).__name__)


def _commands(runtime: Runtime, names: Sequence[str], language: str) -> list[BotCommand]:
    say, edits = runtime.services.texts.say, runtime.services.effects.edits
    commands = {name: say(f"command-{name}", language) for name in names}
    # After the commands for photos.
    return [
        *(BotCommand(name, commands[name]) for name in _OF_PHOTOS),
        *(
            BotCommand(name, edit.title(language))
            for name, edit in edits.items()
            if name not in commands
        ),
        *(BotCommand(name, text) for name, text in commands.items() if name not in _OF_PHOTOS),
    ]
