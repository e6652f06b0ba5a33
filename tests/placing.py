"""The parameters that say to which part of a photo an effect is applied."""

from engine.effects.common import PLACE

WHERE, MASK = PLACE
