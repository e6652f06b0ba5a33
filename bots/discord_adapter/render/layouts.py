"""Building blocks of messages."""

from collections.abc import Sequence
from typing import Any, Final

import discord

_TEXT_MAX: Final = 4000
_ALT_MAX: Final = 256


class Layout(discord.ui.LayoutView):
    """A message layout that is not kept in memory: `components` recognises its buttons by id."""

    def __init__(self, *items: discord.ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)
        # The library keeps every view it sends, except finished ones, to call it when a button is
        # pressed.
        self.stop()


def text(content: str) -> discord.ui.TextDisplay[Any]:
    """Text in Markdown."""
    return discord.ui.TextDisplay(content[:_TEXT_MAX])


def words(content: str) -> Layout:
    """A message with only text."""
    return Layout(text(content))


def row(*items: discord.ui.Item[Any]) -> discord.ui.ActionRow[Any]:
    """Buttons side by side, or one menu."""
    return discord.ui.ActionRow(*items)


def box(*items: discord.ui.Item[Any]) -> discord.ui.Container[Any]:
    """A frame around related items."""
    return discord.ui.Container(*items)


def gallery(
    pictures: Sequence[tuple[str, str]], *, spoiler: bool = False
) -> discord.ui.MediaGallery[Any]:
    """Uploaded pictures side by side.

    Args:
        pictures: Name of each file, and its alternative text.
        spoiler: Whether they are hidden until clicked.
    """
    return discord.ui.MediaGallery(
        *(
            discord.MediaGalleryItem(
                f"attachment://{name}", description=alt[:_ALT_MAX], spoiler=spoiler
            )
            for name, alt in pictures
        )
    )
