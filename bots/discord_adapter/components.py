"""Buttons and menus that outlive the process, and their handlers."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import discord
from typing_extensions import override

from bots.core.errors import EntryGoneError
from bots.discord_adapter.admin.components import AdminControl
from bots.discord_adapter.context import answering
from bots.discord_adapter.handlers import galleries, history, pickers, results, servers, settings
from bots.discord_adapter.handlers.presses import Press
from bots.discord_adapter.render.component_ids import TEMPLATE, numbers_of

# By the first part of an id. Sent messages contain these ids, so names must not change.
ACTS: Final[Mapping[str, Callable[[Press], Awaitable[None]]]] = {
    "style": results.other_style,
    "set": results.adjust,
    "controls": results.show_controls,
    "edit": results.edit,
    "less": results.renew,
    "more": results.renew,
    "colours": results.renew,
    "hd": results.full_size,
    "compare": results.compare,
    "film": results.film,
    "share": results.share,
    "delete": results.delete,
    "cancel": results.cancel,
    "pick": pickers.pick,
    "choose": pickers.choose,
    "take": pickers.take,
    "choose-page": pickers.turn,
    "choose-default": pickers.as_default,
    "choose-private": pickers.for_me,
    "gallery": galleries.turn,
    "gallery-default": galleries.as_default,
    "own-add": galleries.add,
    "own-remove": galleries.remove,
    "own-submit": galleries.submit,
    "set-style": settings.set_style,
    "set-no-style": settings.set_no_style,
    "set-value": settings.set_value,
    "set-output": settings.set_output,
    "set-private": settings.set_private,
    "set-history": settings.set_history,
    "set-repaintable": settings.set_repaintable,
    "set-language": settings.set_language,
    "srv-page": servers.turn,
    "srv-set": servers.change,
    "srv-mark": servers.mark,
    "srv-all": servers.mark_all,
    "entry": history.entry,
    "entries": history.back,
    "entry-again": history.again,
    "entry-remove": history.remove,
    "export": history.export,
    "forget": history.ask_to_forget,
    "forget-yes": history.forget,
    "forget-no": history.keep,
}


class PressedComponent(discord.ui.DynamicItem[discord.ui.Item[Any]], template=TEMPLATE):
    """Any of these components, recognised only by its id."""

    def __init__(self, item: discord.ui.Item[Any], match: re.Match[str]) -> None:
        super().__init__(item)
        self._name = match["act"]
        self._numbers = numbers_of(match)
        self._words = tuple(match["words"].split(".")[1:])

    @classmethod
    @override
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> "PressedComponent":
        return cls(item, match)

    @override
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        data: Any = interaction.data or {}
        values = tuple(data.get("values", ()))
        async with answering(interaction) as context:
            await ACTS.get(self._name, _gone)(Press(context, self._numbers, values, self._words))


async def _gone(press: Press) -> None:
    """Handle a button that this version no longer has."""
    raise EntryGoneError


# For `discord.Client.add_dynamic_items`.
DYNAMIC_ITEMS: Final = (PressedComponent, AdminControl)
