"""Photographic filters as effects; the arithmetic is in `engine.media.filters`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from engine.api.analyses import NO_ANALYSES, Analyses
from engine.api.effect_spec import EffectSpec, Titles
from engine.effects.common import BRUSH, KEEP_COLOURS, PLACE, STRENGTH
from engine.effects.effect import Params, PixelEffect, Sides

if TYPE_CHECKING:
    from engine.media.images import Picture


@dataclass(frozen=True, slots=True)
class FilterEffect(PixelEffect):
    """A filter of `engine.media.filters`, which is imported on first use."""

    spec: EffectSpec

    @override
    def identity(self, params: Params) -> bool:
        return bool(params["strength"] == 0)

    @override
    def apply(
        self,
        picture: "Picture",
        params: Params,
        sides: Sides,
        analyses: Analyses = NO_ANALYSES,
    ) -> "Picture":
        from engine.media.canvas import apply_filter
        from engine.media.filters import FILTERS

        return apply_filter(
            picture,
            FILTERS[self.spec.id],
            sides.fast,
            strength=params["strength"],
            colours_kept=params["keep_colours"],
            brush=params.get("brush", "normal"),
        )


def _of_colours(slug: str, titles: Titles, tags: tuple[str, ...]) -> FilterEffect:
    params = (STRENGTH, KEEP_COLOURS, *PLACE)
    return FilterEffect(EffectSpec(slug, "filter", 1, titles, tags, params))


def _of_strokes(slug: str, titles: Titles, tags: tuple[str, ...]) -> FilterEffect:
    params = (STRENGTH, KEEP_COLOURS, BRUSH, *PLACE)
    return FilterEffect(EffectSpec(slug, "filter", 1, titles, tags, params))


FILTER_EFFECTS: Final = (
    _of_colours("black-and-white", {"en": "Black and White", "zh": "黑白"}, ("film", "monochrome")),
    _of_colours("vintage", {"en": "Vintage", "zh": "复古"}, ("film", "warm")),
    _of_colours("sepia", {"en": "Sepia", "zh": "怀旧棕"}, ("film", "monochrome", "warm")),
    _of_strokes("oil-painting", {"en": "Oil Painting", "zh": "油画"}, ("drawn", "bold")),
    _of_strokes(
        "pencil-sketch", {"en": "Pencil Sketch", "zh": "铅笔素描"}, ("drawn", "monochrome")
    ),
    _of_strokes("comic", {"en": "Comic", "zh": "漫画"}, ("drawn", "bold")),
    _of_colours("warm", {"en": "Warm", "zh": "暖色"}, ("light", "warm")),
    _of_colours("cool", {"en": "Cool", "zh": "冷色"}, ("light", "cool")),
    _of_colours("high-contrast", {"en": "High Contrast", "zh": "高对比"}, ("light", "bold")),
    _of_colours("faded", {"en": "Faded", "zh": "褪色"}, ("film", "soft")),
)
