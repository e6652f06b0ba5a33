"""Gives a face another expression: a built-in one, or that of a face in another photo."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from typing_extensions import override

from engine.api.analyses import NO_ANALYSES, Analyses
from engine.api.effect_spec import EffectSpec, Option, Param
from engine.effects.common import STRENGTH
from engine.effects.effect import Params, PixelEffect, Sides

if TYPE_CHECKING:
    from engine.api.analyses import Faces
    from engine.media.images import Picture

EXPRESSION: Final = Param(
    "expression",
    "choice",
    {"en": "Expression", "zh": "表情"},
    default="smile",
    options=(
        Option("smile", {"en": "Smile", "zh": "微笑"}),
        Option("big-smile", {"en": "Big smile", "zh": "大笑"}),
        Option("surprise", {"en": "Surprise", "zh": "惊讶"}),
        Option("wink", {"en": "Wink", "zh": "眨眼"}),
        Option("serious", {"en": "Serious", "zh": "严肃"}),
        Option("sad", {"en": "Sad", "zh": "难过"}),
    ),
)
FROM: Final = Param(
    "from", "picture", {"en": "From another face", "zh": "取自另一张脸"}, needs=("faces",)
)
FACE: Final = Param(
    "face",
    "choice",
    {"en": "Face", "zh": "哪张脸"},
    default="only",
    options=(
        Option("only", {"en": "The only one", "zh": "唯一的脸"}),
        Option("left-face", {"en": "Leftmost face", "zh": "最左的脸"}),
        Option("right-face", {"en": "Rightmost face", "zh": "最右的脸"}),
        Option("all-faces", {"en": "All faces", "zh": "所有的脸"}),
    ),
)
# The strength at which an expression is as strong as people's mean.
_MIDDLE: Final = 0.6


class ExpressionEffect(PixelEffect):
    """Moves a face's points, by `engine.effects.expressions`, which is imported on first use."""

    spec = EffectSpec(
        "express",
        "edit",
        1,
        {"en": "Expression", "zh": "表情"},
        ("face", "portrait"),
        (EXPRESSION, FROM, replace(STRENGTH, default=_MIDDLE), FACE),
        needs=("faces",),
        command="expression",
    )

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
        from engine.api.errors import FaceError
        from engine.effects.expressions.choosing import chosen, usable
        from engine.effects.expressions.editing import (
            EXPRESSIONS,
            Driver,
            amounts_for,
            edited,
            wanted_of,
        )
        from engine.effects.expressions.face_shape import align

        faces, source = cast("Faces", analyses["faces"]), params["from"]
        driver, wanted = None, EXPRESSIONS[params["expression"]]
        if source is not None:
            found = cast("Faces", source.analyses["faces"])
            try:
                (points,) = usable(chosen(found, "only"), found, source.rgb)
            except FaceError as error:
                raise type(error)(f"{FROM.id}: {error}") from error
            driver = Driver(source.rgb, points)
            wanted = wanted_of(driver)
        pixels, strength = picture.rgb, params["strength"] / _MIDDLE
        for points in usable(chosen(faces, params["face"]), faces, picture.rgb):
            amounts = amounts_for(align(points), wanted, strength, whole=driver is not None)
            pixels = edited(pixels, points, amounts, driver)
        return replace(picture, rgb=pixels)
