"""The parts that messages are laid out with."""

from collections.abc import Sequence
from typing import Any, Final

import discord

_TEXT_MAX: Final = 4000
_ALT_MAX: Final = 256


class Layout(discord.ui.LayoutView):
    """A laid out message of which nothing stays in memory: `controls` knows its buttons by id."""

    def __init__(self, *items: discord.ui.Item[Any]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)
        # The library keeps every view it sends, to call it when a button is pressed, but not one
        # that is over.
        self.stop()


def text(content: str) -> discord.ui.TextDisplay[Any]:
    """Words, as Markdown."""
    return discord.ui.TextDisplay(content[:_TEXT_MAX])


def words(content: str) -> Layout:
    """A message that is nothing but words."""
    return Layout(text(content))


def row(*items: discord.ui.Item[Any]) -> discord.ui.ActionRow[Any]:
    """Buttons beside each other, or one menu."""
    return discord.ui.ActionRow(*items)


def box(*items: discord.ui.Item[Any]) -> discord.ui.Container[Any]:
    """Things that belong together, in a frame."""
    return discord.ui.Container(*items)


def gallery(
    pictures: Sequence[tuple[str, str]], *, spoiler: bool = False
) -> discord.ui.MediaGallery[Any]:
    """Uploaded pictures beside each other.

    Args:
        pictures: For each, its file's name, and words for those who do not see it.
        spoiler: Whether they are hidden until someone wants to see them.
    """
    return discord.ui.MediaGallery(
        *(
            discord.MediaGalleryItem(
                f"attachment://{name}", description=alt[:_ALT_MAX], spoiler=spoiler
            )
            for name, alt in pictures
        )
    )
