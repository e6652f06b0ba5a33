"""Painting: a photo in one style or a blend of several, fast or as a masterwork."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from engine.api.analyses import NO_ANALYSES, Analyses, Faces
from engine.api.contract import Brush
from engine.api.effect_spec import EffectSpec, Option, Param
from engine.effects.common import BRUSH, KEEP_COLOURS, PLACE, STRENGTH
from engine.effects.effect import Blend, DeviceEffect, Params, Place, Prepared, Sample, Sides

if TYPE_CHECKING:
    from PIL import Image
    from torch import Tensor

    from engine.media.full_size import Pixels
    from engine.media.images import Picture
    from engine.painting.masterwork_painter import MasterworkPainter
    from engine.painting.stylizer import Stylizer

STYLES: Final = Param("styles", "gallery", {"en": "Style", "zh": "风格"})
QUALITY: Final = Param(
    "quality",
    "choice",
    {"en": "Quality", "zh": "画质"},
    default="fast",
    options=(
        Option("fast", {"en": "Fast", "zh": "快速"}),
        Option("masterwork", {"en": "Masterwork", "zh": "杰作"}, slow=True),
    ),
)


FACES: Final = Param(
    "faces",
    "choice",
    {"en": "Faces", "zh": "人脸"},
    default="gentle",
    options=(
        Option("gentle", {"en": "Gentle", "zh": "轻柔"}, wants=("faces",)),
        Option("free", {"en": "Free", "zh": "自由"}),
    ),
)
# How much of the painting gives way to the photo's features in faces.
_EASED: Final[dict[Place, float]] = {"device": 0.75, "worker": 0.4}


@dataclass(frozen=True, slots=True)
class Original:
    """Data of the photo that finishing its painting needs, at full size.

    Attributes:
        light: Its luma, (H, W) uint8.
        rgb: The photo, (H, W, 3) uint8, if its colours are kept, else None.
        alpha: Its opacity, (H, W) uint8; None if opaque.
        faces: Faces to be gentle with; None if there are none.
    """

    light: "Pixels"
    rgb: "Pixels | None"
    alpha: "Pixels | None"
    faces: Faces | None

    @property
    def size_bytes(self) -> int:
        """Memory of the pixels in bytes."""
        return sum(part.nbytes for part in (self.light, self.rgb, self.alpha) if part is not None)


class PaintEffect(DeviceEffect):
    """Paints with the generator, or by optimisation for a masterwork."""

    spec = EffectSpec(
        "paint",
        "painting",
        2,
        {"en": "Painting", "zh": "绘画"},
        params=(STYLES, STRENGTH, KEEP_COLOURS, BRUSH, QUALITY, FACES, *PLACE),
        blends=True,
    )

    @override
    def identity(self, params: Params) -> bool:
        return bool(params["strength"] == 0)

    @override
    def place(self, params: Params) -> Place:
        return "worker" if params["quality"] == "masterwork" else "device"

    @override
    def unsteady(self, params: Params) -> bool:
        return True

    @override
    def open(self, stylizer: "Stylizer", params: Params, blend: Blend | None) -> Any:
        if blend is None:
            raise AssertionError("painting has a gallery")
        opened = stylizer.open_code(blend.code)
        if self.place(params) == "device":
            return opened
        return blend

    @override
    def prepare(
        self,
        image: "Image.Image",
        alpha: "Image.Image | None",
        params: Params,
        sides: Sides,
        analyses: Analyses = NO_ANALYSES,
    ) -> Prepared:
        import numpy as np

        from engine.media.canvas import size_to_paint
        from engine.media.sampling import resample

        # A masterwork's brush does not change the side.
        fast = self.place(params) == "device"
        side_px = sides.fast if fast else sides.slow
        brush: Brush = params["brush"] if fast else "normal"
        small = resample(image, size_to_paint(*image.size, side_px, brush))
        original = Original(
            light=np.asarray(image.convert("L")),
            rgb=np.asarray(image) if params["keep_colours"] else None,
            alpha=None if alpha is None else np.asarray(alpha),
            faces=_faces(analyses),
        )
        return Prepared(np.array(small), original, original.size_bytes, image.width * image.height)

    @override
    def run(
        self, stylizer: "Stylizer", samples: Sequence[Sample], size: tuple[int, int]
    ) -> "list[Pixels]":
        import torch

        content = torch.cat([_padded(sample.pixels, size) for sample in samples])
        styles = torch.stack([sample.opened for sample in samples])
        strength = torch.tensor([sample.params["strength"] for sample in samples])
        painted = stylizer.stylize(content.to(stylizer.device), styles, strength)
        pixels = painted.mul(255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
        return [
            picture[: sample.pixels.shape[0], : sample.pixels.shape[1]]
            for picture, sample in zip(pixels, samples, strict=True)
        ]

    @override
    def work(
        self, painter: "MasterworkPainter", sample: Sample
    ) -> "Iterator[tuple[float, Pixels | None]]":
        from engine.media.face_care import face_map
        from engine.painting.masterwork import Manner

        blend: Blend = sample.opened
        exemplars = painter.exemplars(blend.named, blend.references)
        manner = Manner(sample.params["strength"], sample.params["brush"], painter.effort)
        faces = _faces(sample.analyses)
        calm = None if faces is None else face_map(faces, sample.pixels.shape[:2])
        for stage in painter.paint(sample.pixels, exemplars, manner, calm):
            yield stage.share, stage.pixels

    @override
    def finish(self, prepared: Prepared, result: "Pixels", params: Params) -> "Picture":
        from engine.media.canvas import finish, fit_like
        from engine.media.face_care import ease
        from engine.media.images import Picture

        original: Original = prepared.kept
        if original.faces:
            reduced = fit_like(prepared.pixels, result)
            result = ease(result, reduced, original.faces, _EASED[self.place(params)])
        full = finish(result, original.light, prepared.pixels, original.rgb)
        return Picture(full, original.alpha)


def _faces(analyses: Analyses) -> Faces | None:
    faces = analyses.get("faces")
    return faces if isinstance(faces, Faces) and faces.faces else None


def _padded(pixels: "Pixels", size: tuple[int, int]) -> "Tensor":
    """(h, w, 3) uint8 as (1, 3, *size) float32 in [0, 1], mirrored beyond its borders."""
    import torch
    import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects

    content = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
    down, right = size[0] - content.shape[2], size[1] - content.shape[3]
    mirrored = down < content.shape[2] and right < content.shape[3]
    return F.pad(content, (0, right, 0, down), mode="reflect" if mirrored else "replicate")
