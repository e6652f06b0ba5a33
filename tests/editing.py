"""An effect with a command of its own, for the surfaces that offer it."""

from engine.api.effect_spec import EffectSpec, Option, Param

MOOD = Param(
    "mood", "choice", {"en": "Mood", "zh": "情绪"}, "merry",
    options=(
        Option("merry", {"en": "Merry", "zh": "愉快"}),
        Option("grave", {"en": "Grave", "zh": "沉重"}),
    ),
)  # fmt: skip
STRENGTH = Param("strength", "slider", {"en": "Strength", "zh": "强度"}, 0.6)
PART = Param("part", "picture", {"en": "Part", "zh": "部件"})
EDIT = EffectSpec(
    "liven", "edit", 1, {"en": "Liveliness", "zh": "神采"}, params=(MOOD, STRENGTH, PART),
    needs=("faces",), command="liveliness",
)  # fmt: skip
