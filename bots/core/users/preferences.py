"""What a person, and a chat's admins, like best."""

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

# What the note of a chat begins with that the bot was put out of.
LEFT: Final = "left "


async def preference(services: Services, user: UserKey) -> Preference:
    """What a person likes."""
    async with services.database.reading() as transaction:
        return await transaction.people.preference(user)


async def prefer(services: Services, user: UserKey, **changes: Any) -> Preference:  # noqa: ANN401
    """Change what a person likes; returns all of it.

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
    """Let a person have another usual style, or none; returns all he likes.

    Raises:
        StyleGoneError: there is no such style.
        EngineUnavailableError: the engine has not said yet what it can do.
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
    """Let parameters have other values from now on; returns all a person likes.

    Raises:
        InvalidOptionError: a value is none of its parameter's.
        EngineUnavailableError: the engine has not said yet what it can do.
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
    """What a chat's admins chose."""
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
    """Change what a chat's admins chose, and note who did; returns all of it.

    Args:
        services: The bot's services.
        chat: The chat.
        actor: The person who acts.
        admin: Whether the platform says he is one of its admins.
        changes: Attributes of `ChatSettings`.

    Raises:
        AdminsOnlyError: he is none.
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
    """A chat has another id now: its settings, its jobs and its results go with it."""
    async with services.database.writing() as transaction:
        await transaction.people.move_chat(old, new)
        await transaction.jobs.move_chat(old, new)
        await transaction.history.move_chat(old, new)


async def everyone(services: Services, platform: str) -> dict[str, Preference]:
    """What the people of a platform like who ever said, by their ids."""
    async with services.database.reading() as transaction:
        return await transaction.people.everyone(platform)


async def chats(services: Services, platform: str) -> dict[str, ChatSettings]:
    """The settings of a platform's chats that have any, by the chats' ids."""
    async with services.database.reading() as transaction:
        return await transaction.people.chats(platform)


async def left(services: Services, chat: ChatKey) -> None:
    """The bot was put out of a chat: its settings are deleted unless it is asked back in time."""
    async with services.database.writing() as transaction:
        if await transaction.key_value.get(f"{LEFT}{chat}") is None:
            due = services.now() + services.limits.grace
            await transaction.key_value.put(f"{LEFT}{chat}", {"chat": str(chat)}, due)


async def joined(services: Services, chat: ChatKey) -> None:
    """The bot is in a chat, perhaps again: its settings stay."""
    async with services.database.writing() as transaction:
        await transaction.key_value.remove(f"{LEFT}{chat}")


async def meet(services: Services, platform: str, here: Collection[str]) -> None:
    """Note which chats the bot was put out of, or asked back to, while it was away.

    Args:
        services: The bot's services.
        platform: Whose chats.
        here: Ids of those it is in.
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
    """Delete the settings of chats that were left too long ago; returns how many."""
    keys = await transaction.key_value.due(LEFT, now)
    for key in keys:
        platform, _, chat_id = key.removeprefix(LEFT).partition(":")
        await transaction.people.forget_chat(ChatKey(platform, chat_id))
        await transaction.key_value.remove(key)
    return len(keys)


async def language(
    services: Services, user: UserKey, chat: ChatKey | None = None, locale: str | None = None
) -> str:
    """What to speak to a person: what he chose, else what the chat did, else his platform's."""
    if chat:
        return (await settings_and_language(services, user, chat, locale))[1]
    async with services.database.reading() as transaction:
        own = await transaction.people.preference(user)
    return services.texts.choose(own.language, locale)


async def settings_and_language(
    services: Services, user: UserKey, chat: ChatKey, locale: str | None = None
) -> tuple[ChatSettings, str]:
    """What a chat's admins chose, and what to speak to a person there; see `language`."""
    async with services.database.reading() as transaction:
        own = await transaction.people.preference(user)
        settings = await transaction.people.chat(chat)
    return settings, services.texts.choose(own.language, settings.language, locale)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any setting's
    return list(value) if isinstance(value, tuple) else value
