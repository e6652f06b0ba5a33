"""Preferences of people, and settings of chats."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bots.core.common.services import Services
from bots.core.errors import AdminsOnlyError, StyleGoneError
from bots.core.policy import control
from bots.core.styles import recipes
from storage.transaction import Transaction
from storage.values.audit import AuditEntry
from storage.values.people import ChatKey, ChatSettings, Preference, UserKey

# Key prefix of chats that the bot was removed from.
LEFT: Final = "left "


async def preference(services: Services, user: UserKey) -> Preference:
    """A person's preference."""
    async with services.database.reading() as transaction:
        return await transaction.people.preference(user)


async def prefer(services: Services, user: UserKey, **changes: Any) -> Preference:  # noqa: ANN401
    """Change a person's preference; returns all of it.

    Args:
        services: The bot's services.
        user: The person.
        changes: Attributes of `Preference`; of its recipe see `prefer_style` and `prefer_values`.
    """
    async with services.database.writing() as transaction:
        changed = replace(await transaction.people.preference(user), **changes)
        await transaction.people.prefer(user, changed)
    return changed


async def prefer_style(services: Services, user: UserKey, style_id: int | None) -> Preference:
    """Set or unset a person's default style; returns the whole preference.

    Raises:
        StyleGoneError: the style does not exist.
        EngineUnavailableError: the engine's effects are not known yet.
    """
    async with services.database.writing() as transaction:
        liked = await transaction.people.preference(user)
        found = [] if style_id is None else await transaction.styles.get([style_id])
        if style_id is not None and not found:
            raise StyleGoneError
        style = found[0] if found else None
        recipe = recipes.preferred(services.effects, liked.recipe, style, {})
        changed = replace(liked, recipe=recipe)
        await transaction.people.prefer(user, changed)
    return changed


async def prefer_values(services: Services, user: UserKey, said: Mapping[str, Any]) -> Preference:
    """Change preferred values of parameters; returns the whole preference.

    Raises:
        InvalidOptionError: a value is invalid for its parameter.
        EngineUnavailableError: the engine's effects are not known yet.
    """
    async with services.database.writing() as transaction:
        liked = await transaction.people.preference(user)
        styles = await transaction.styles.of(liked.recipe)
        default = recipes.default_in(liked.recipe, styles)
        recipe = recipes.preferred(services.effects, liked.recipe, default, said)
        changed = replace(liked, recipe=recipe)
        await transaction.people.prefer(user, changed)
    return changed


async def chat_settings(services: Services, chat: ChatKey) -> ChatSettings:
    """A chat's settings."""
    async with services.database.reading() as transaction:
        return await transaction.people.chat(chat)


async def settle(
    services: Services,
    chat: ChatKey,
    actor: UserKey,
    *,
    admin: bool,
    **changes: Any,  # noqa: ANN401
) -> ChatSettings:
    """Change a chat's settings, with an audit entry; returns all settings.

    Args:
        services: The bot's services.
        chat: The chat.
        actor: The person who makes the change.
        admin: Whether the platform says that the actor is an admin of the chat.
        changes: Attributes of `ChatSettings`.

    Raises:
        AdminsOnlyError: the actor is not an admin of the chat.
    """
    if not admin:
        raise AdminsOnlyError
    async with services.database.writing() as transaction:
        changed = replace(await transaction.people.chat(chat), **changes)
        await transaction.people.settle(chat, changed)
        details = {name: _plain(value) for name, value in changes.items()}
        act = AuditEntry(str(actor), "chat.settle", str(chat), details, services.now())
        await transaction.audit.add(act)
        await control.touch(transaction)
    return changed


async def move_chat(services: Services, old: ChatKey, new: ChatKey) -> None:
    """Move a chat's settings, jobs and results to its new id."""
    async with services.database.writing() as transaction:
        await transaction.people.move_chat(old, new)
        await transaction.jobs.move_chat(old, new)
        await transaction.history.move_chat(old, new)


async def everyone(services: Services, platform: str) -> dict[str, Preference]:
    """All stored preferences of a platform's people, by user id."""
    async with services.database.reading() as transaction:
        return await transaction.people.everyone(platform)


async def chats(services: Services, platform: str) -> dict[str, ChatSettings]:
    """All stored settings of a platform's chats, by chat id."""
    async with services.database.reading() as transaction:
        return await transaction.people.chats(platform)


async def left(services: Services, chat: ChatKey) -> None:
    """Record that the bot was removed: the settings are deleted unless it is added back in time."""
    async with services.database.writing() as transaction:
        if await transaction.key_value.get(f"{LEFT}{chat}") is None:
            due = services.now() + services.limits.grace
            await transaction.key_value.put(f"{LEFT}{chat}", {"chat": str(chat)}, due)


async def joined(services: Services, chat: ChatKey) -> None:
    """Record that the bot is in a chat: its settings are kept."""
    async with services.database.writing() as transaction:
        await transaction.key_value.remove(f"{LEFT}{chat}")


async def meet(services: Services, platform: str, here: Collection[str]) -> None:
    """Record the chats that the bot was removed from or added to while offline.

    Args:
        services: The bot's services.
        platform: The platform.
        here: Ids of the chats the bot is in.
    """
    due = services.now() + services.limits.grace
    async with services.database.writing() as transaction:
        left_before = await transaction.key_value.due(f"{LEFT}{platform}:", due)
        for key in left_before:
            if key.rpartition(":")[2] in here:
                await transaction.key_value.remove(key)
        for chat_id in await transaction.people.chats(platform):
            key = f"{LEFT}{platform}:{chat_id}"
            if chat_id not in here and key not in left_before:
                await transaction.key_value.put(key, {"chat": f"{platform}:{chat_id}"}, due)


async def purge(transaction: Transaction, now: datetime) -> int:
    """Delete settings of chats that were left long ago; returns the number."""
    keys = await transaction.key_value.due(LEFT, now)
    for key in keys:
        platform, _, chat_id = key.removeprefix(LEFT).partition(":")
        await transaction.people.forget_chat(ChatKey(platform, chat_id))
        await transaction.key_value.remove(key)
    return len(keys)


async def language(
    services: Services, user: UserKey, chat: ChatKey | None = None, locale: str | None = None
) -> str:
    """The language for a person: their own choice, else the chat's, else the platform's."""
    if chat:
        return (await settings_and_language(services, user, chat, locale))[1]
    async with services.database.reading() as transaction:
        own = await transaction.people.preference(user)
    return services.texts.choose(own.language, locale)


async def settings_and_language(
    services: Services, user: UserKey, chat: ChatKey, locale: str | None = None
) -> tuple[ChatSettings, str]:
    """A chat's settings, and the language for a person there; see `language`."""
    async with services.database.reading() as transaction:
        own = await transaction.people.preference(user)
        settings = await transaction.people.chat(chat)
    return settings, services.texts.choose(own.language, settings.language, locale)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any setting's
    return list(value) if isinstance(value, tuple) else value
