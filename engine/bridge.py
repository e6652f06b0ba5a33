"""Effects by way of `stylize`, until every one of them is a file of its own."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from engine.contract import (
    FILTER,
    Painted,
    RenderRequest,
    StyleCode,
    StylizeOptions,
    StylizeRequest,
)
from engine.effects.spec import EffectSpec, Option, Param
from engine.errors import InvalidOptionError
from engine.filter_names import FILTER_NAMES

_STRENGTH: Final = Param("strength", "slider", {"en": "Strength", "zh": "强度"}, 1.0)
_COLOURS: Final = Param(
    "keep_colours", "toggle", {"en": "Keep colours", "zh": "保留原色"}, default=False
)
_BRUSH: Final = Param(
    "brush", "choice", {"en": "Brush", "zh": "笔触"}, "normal",
    options=(
        Option("fine", {"en": "Fine", "zh": "细腻"}),
        Option("normal", {"en": "Normal", "zh": "适中"}),
        Option("bold", {"en": "Bold", "zh": "粗犷"}),
    ),
)  # fmt: skip
_QUALITY: Final = Param(
    "quality", "choice", {"en": "Quality", "zh": "画质"}, "fast",
    options=(
        Option("fast", {"en": "Fast", "zh": "快速"}),
        Option("masterwork", {"en": "Masterwork", "zh": "杰作"}, slow=True),
    ),
)  # fmt: skip
_STYLES: Final = Param("styles", "gallery", {"en": "Style", "zh": "风格"})
# These look at neighbours, so that they have a brush.
_DRAWN: Final = ("oil-painting", "pencil-sketch", "comic")

Stylize = Callable[[StylizeRequest], Awaitable[Painted]]
Blend = Callable[[Sequence[tuple[StyleCode, float]]], Awaitable[StyleCode]]


def specs() -> list[EffectSpec]:
    """What there is."""
    paint = EffectSpec(
        "paint", "painting", 1, {"en": "Painting", "zh": "绘画"}, (),
        (_STYLES, _STRENGTH, _COLOURS, _BRUSH, _QUALITY), blends=True,
    )  # fmt: skip
    filters = [
        EffectSpec(
            slug, "filter", 1, name.titles, name.tags,
            (_STRENGTH, _COLOURS, *((_BRUSH,) if slug in _DRAWN else ())),
        )
        for slug, name in FILTER_NAMES.items()
    ]  # fmt: skip
    return [paint, *filters]


async def render(request: RenderRequest, stylize: Stylize, blend: Blend) -> Painted:
    """Do the steps one after the other.

    Raises:
        EngineError: there is no such effect, or as `stylize`.
    """
    known = {spec.id: spec for spec in specs()}
    painted: Painted | None = None
    for step in request.steps:
        if step.effect not in known:
            raise InvalidOptionError(f"There is no effect {step.effect}.")
        params = known[step.effect].checked(step.params)
        options = StylizeOptions(
            await _code(step.effect, params, blend), params["strength"], params["keep_colours"],
            params.get("brush", "normal"), request.output,
        )  # fmt: skip
        image = painted.image if painted else request.image
        painted = await stylize(
            StylizeRequest(image, options, request.user, request.lane, request.timeout_s)
        )
    if painted is None:
        raise InvalidOptionError("A recipe needs a step.")
    return painted


async def _code(effect: str, params: dict[str, Any], blend: Blend) -> StyleCode:
    if effect in FILTER_NAMES:
        return StyleCode(FILTER, effect.encode())
    items = params.get("styles") or []
    weighted = [(StyleCode.from_text(one["code"]), one.get("weight", 1.0)) for one in items]
    return weighted[0][0] if len(weighted) == 1 else await blend(weighted)
