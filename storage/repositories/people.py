"""People's preferences and chats' settings."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import String, cast, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.models import Base, ChatRow, PreferenceRow
from storage.values.people import ChatKey, ChatSettings, Preference, UserKey
from storage.values.recipes import Recipe


class People:
    """Preferences and chats' settings."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def preference(self, user: UserKey) -> Preference:
        """A person's preference, or the defaults."""
        names = [getattr(PreferenceRow, field.name) for field in fields(Preference)]
        row = await self._row(
            select(*names).where(
                PreferenceRow.platform == user.platform, PreferenceRow.user_id == user.id
            )
        )
        return _preference(row) if row else Preference()

    async def prefer(self, user: UserKey, preference: Preference) -> None:
        """Store a person's preference."""
        key = {"platform": user.platform, "user_id": user.id}
        values = asdict(preference) | {"recipe": preference.recipe.as_json()}
        await self._put(PreferenceRow, key, values)

    async def chat(self, chat: ChatKey) -> ChatSettings:
        """A chat's settings, or the defaults."""
        names = [getattr(ChatRow, field.name) for field in fields(ChatSettings)]
        row = await self._row(
            select(*names).where(ChatRow.platform == chat.platform, ChatRow.chat_id == chat.id)
        )
        return _settings(row) if row else ChatSettings()

    async def settle(self, chat: ChatKey, settings: ChatSettings) -> None:
        """Store a chat's settings."""
        allowed = settings.allowed_styles
        values = asdict(settings) | {"allowed_styles": None if allowed is None else list(allowed)}
        await self._put(ChatRow, {"platform": chat.platform, "chat_id": chat.id}, values)

    async def everyone(self, platform: str) -> dict[str, Preference]:
        """All stored preferences of a platform's people, by user id."""
        names = [getattr(PreferenceRow, field.name) for field in fields(Preference)]
        rows = await self._connection.execute(
            select(PreferenceRow.user_id, *names).where(PreferenceRow.platform == platform)
        )
        return {row.pop("user_id"): _preference(row) for row in map(dict, rows.mappings())}

    async def drop_style(self, style_id: int) -> None:
        """Remove a deleted style from all preferences."""
        # The query finds candidates; the recipes are checked in Python.
        likely = cast(PreferenceRow.recipe, String).like(f'%"style_id": {style_id}%')
        columns = (PreferenceRow.platform, PreferenceRow.user_id, PreferenceRow.recipe)
        for platform, user_id, steps in await self._connection.execute(
            select(*columns).where(likely)
        ):
            recipe = Recipe.from_json(steps)
            if recipe.without(style_id) != recipe:
                await self._connection.execute(
                    update(PreferenceRow)
                    .where(PreferenceRow.platform == platform, PreferenceRow.user_id == user_id)
                    .values(recipe=recipe.without(style_id).as_json())
                )

    async def chats(self, platform: str) -> dict[str, ChatSettings]:
        """All stored settings of a platform's chats, by chat id."""
        names = [getattr(ChatRow, field.name) for field in fields(ChatSettings)]
        rows = await self._connection.execute(
            select(ChatRow.chat_id, *names).where(ChatRow.platform == platform)
        )
        return {row.pop("chat_id"): _settings(row) for row in map(dict, rows.mappings())}

    async def replace_styles(self, successors: Mapping[int, int]) -> None:
        """In chats' lists of allowed styles, add the successors of styles that are gone.

        Args:
            successors: Id of a missing style to the id of its replacement.
        """
        chosen = ChatRow.allowed_styles.is_not(None)
        columns = (ChatRow.platform, ChatRow.chat_id, ChatRow.allowed_styles)
        for platform, chat_id, allowed in await self._connection.execute(
            select(*columns).where(chosen)
        ):
            added = sorted(
                {successors[style] for style in allowed if style in successors} - set(allowed)
            )
            if added:
                await self._connection.execute(
                    update(ChatRow)
                    .where(ChatRow.platform == platform, ChatRow.chat_id == chat_id)
                    .values(allowed_styles=[*allowed, *added])
                )

    async def move_chat(self, old: ChatKey, new: ChatKey) -> None:
        """Move a chat's settings to its new id, replacing any there."""
        await self.forget_chat(new)
        await self._connection.execute(
            update(ChatRow)
            .where(ChatRow.platform == old.platform, ChatRow.chat_id == old.id)
            .values(platform=new.platform, chat_id=new.id)
        )

    async def forget(self, user: UserKey) -> int:
        """Delete a person's preferences; returns how many rows that were."""
        done = await self._connection.execute(
            delete(PreferenceRow).where(
                PreferenceRow.platform == user.platform, PreferenceRow.user_id == user.id
            )
        )
        return done.rowcount

    async def forget_chat(self, chat: ChatKey) -> None:
        """Delete a chat's settings."""
        await self._connection.execute(
            delete(ChatRow).where(ChatRow.platform == chat.platform, ChatRow.chat_id == chat.id)
        )

    async def _row(self, query: Any) -> dict[str, Any] | None:  # noqa: ANN401 - of any columns
        row = (await self._connection.execute(query)).mappings().first()
        return dict(row) if row else None

    async def _put(self, table: type[Base], key: dict[str, str], values: dict[str, Any]) -> None:
        dialect = self._connection.dialect.name
        insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        await self._connection.execute(
            insert(table)
            .values(**key, **values)
            .on_conflict_do_update(index_elements=list(key), set_=values)
        )


def _preference(row: dict[str, Any]) -> Preference:
    return Preference(**row | {"recipe": Recipe.from_json(row["recipe"])})


def _settings(row: dict[str, Any]) -> ChatSettings:
    allowed = row["allowed_styles"]
    return ChatSettings(**row | {"allowed_styles": None if allowed is None else tuple(allowed)})
