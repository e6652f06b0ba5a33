"""The registry of all effects."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Final

from engine.api.errors import UnknownStyleError
from engine.effects.effect import Effect
from engine.effects.expression import ExpressionEffect
from engine.effects.filters import FILTER_EFFECTS
from engine.effects.painting import PaintEffect


class Registry:
    """Effects by id, in the order they are shown."""

    def __init__(self, effects: Iterable[Effect] = ()) -> None:
        """Register the given effects."""
        self._effects = {effect.spec.id: effect for effect in effects}

    def __iter__(self) -> Iterator[Effect]:
        """All of them."""
        return iter(self._effects.values())

    def find(self, effect_id: str) -> Effect:
        """The effect of an id.

        Raises:
            UnknownStyleError: there is none; the message suggests similar ones.
        """
        effect = self._effects.get(effect_id)
        if effect is None:
            close = get_close_matches(effect_id, self._effects, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise UnknownStyleError(f"There is no effect {effect_id!r}.{hint}")
        return effect


EFFECTS: Final = Registry([PaintEffect(), ExpressionEffect(), *FILTER_EFFECTS])
FILTERS: Final = tuple(effect.spec for effect in EFFECTS if effect.spec.kind == "filter")
