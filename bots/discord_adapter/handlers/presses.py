"""A pressed button, or a choice in a menu."""

from dataclasses import dataclass
from typing import Final

from bots.core.errors import EntryGoneError
from bots.discord_adapter.context import Context

_SETTING_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button, or a choice in a menu.

    Attributes:
        context: The person and chat, and the answer to the interaction.
        numbers: Numbers in its id, such as job ids and pages.
        words: A parameter and its new value, if its id has them.
        values: Values chosen in a menu.
    """

    context: Context
    numbers: tuple[int, ...]
    values: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def setting(self) -> tuple[str, str]:
        """A parameter and its new value, from a button's id or a menu.

        Raises:
            EntryGoneError: there is none, as in a message of an earlier version.
        """
        said = (*self.words, *self.values)
        if len(said) != _SETTING_WORDS:
            raise EntryGoneError
        return said[0], said[1]

    @property
    def number(self) -> int:
        """The first argument.

        Raises:
            EntryGoneError: there is none, as in a message of an earlier version.
        """
        if not self.numbers:
            raise EntryGoneError
        return self.numbers[0]
