"""Params shared by several effects, so that their names are the same everywhere."""

from typing import Final

from engine.api.effect_spec import Option, Param

STRENGTH: Final = Param("strength", "slider", {"en": "Strength", "zh": "强度"}, default=1.0)
KEEP_COLOURS: Final = Param(
    "keep_colours",
    "toggle",
    {"en": "Keep colours", "zh": "保留原色"},
    default=False,
)
BRUSH: Final = Param(
    "brush",
    "choice",
    {"en": "Brush", "zh": "笔触"},
    default="normal",
    options=(
        Option("fine", {"en": "Fine", "zh": "细腻"}),
        Option("normal", {"en": "Normal", "zh": "适中"}),
        Option("bold", {"en": "Bold", "zh": "粗犷"}),
    ),
)
WHERE: Final = Param(
    "where",
    "choice",
    {"en": "Where", "zh": "范围"},
    default="all",
    options=(
        Option("all", {"en": "Everything", "zh": "全部"}),
        Option("person", {"en": "Person", "zh": "人物"}, needs=("person",)),
        Option("background", {"en": "Background", "zh": "背景"}, needs=("person",)),
    ),
)
MASK: Final = Param("mask", "mask", {"en": "Only here", "zh": "仅此处"})
# An effect with these two is applied to a part of the photo; `engine.serving.rendering` does it.
PLACE: Final = (WHERE, MASK)
