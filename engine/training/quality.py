"""How well a painting keeps its photo and takes its style: two numbers, the lower the better.

They are what `stylebot bench --quality` prints and what `stylebot refine` reports.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from engine.contract import StyleCode
from engine.errors import PerceptualWeightsError
from engine.images import Picture
from engine.stylizer import Stylizer
from engine.training.dataset import find_pictures, fit, load_picture, to_picture, to_tensor
from engine.training.losses import gram
from engine.training.perceptual import Vgg16

SIDE_PX: Final = 512
GRAM_LAYERS: Final = ("1_2", "2_2", "3_3", "4_3")
_LPIPS_LAYERS: Final = (*GRAM_LAYERS, "5_3")


def load_lpips(path: Path) -> list[Tensor]:
    """Channel weights of LPIPS 0.1 on VGG16, five tensors of (C,).

    Args:
        path: A safetensors file with "lin0.weight" to "lin4.weight", or under the names of the
            reference implementation, "lin0.model.1.weight" and so on.

    Raises:
        PerceptualWeightsError: the file is no such thing.
    """
    try:
        tensors = load_file(path)
        found = [
            tensors.get(f"lin{index}.weight", tensors.get(f"lin{index}.model.1.weight"))
            for index in range(len(_LPIPS_LAYERS))
        ]
    except (OSError, SafetensorError) as error:
        raise PerceptualWeightsError(
            f"The LPIPS weights cannot be read from {path}: {error}."
        ) from error
    weights = [tensor.float().flatten() for tensor in found if tensor is not None]
    if [len(weight) for weight in weights] != [64, 128, 256, 512, 512]:
        raise PerceptualWeightsError(f"{path} does not hold LPIPS's weights for VGG16.")
    return weights


def style_grams(vgg: Vgg16, reference: Tensor) -> dict[str, Tensor]:
    """Gram matrices of a style, each (1, C, C), from (1, 3, H, W) RGB in [0, 1]."""
    features = vgg.features(reference, GRAM_LAYERS[-1])
    return {layer: gram(features[layer]) for layer in GRAM_LAYERS}


def gram_error(features: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> float:
    """Mean over four layers of |G(painting) - G(style)|^2 / |G(style)|^2 (Gatys 2016)."""
    errors = [
        (gram(features[layer]) - target[layer]).square().sum() / target[layer].square().sum()
        for layer in GRAM_LAYERS
    ]
    return torch.stack(errors).mean().item()


def lpips(
    painted: Mapping[str, Tensor], photo: Mapping[str, Tensor], weights: Sequence[Tensor]
) -> float:
    """LPIPS 0.1 between two pictures' feature maps of one size (Zhang 2018, arXiv:1801.03924)."""
    total = 0.0
    for layer, weight in zip(_LPIPS_LAYERS, weights, strict=True):
        difference = F.normalize(painted[layer], eps=1e-10) - F.normalize(photo[layer], eps=1e-10)
        total += (difference.square() * weight[:, None, None]).sum(1).mean().item()
    return total


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        group: "trained" for named styles, "zero-shot" for pictures, "refined" for those refined.
        style: The style's slug or file name.
        pictures: Photos measured.
        lpips: How much of the photo is lost.
        gram: How much of the style is missing.
    """

    group: str
    style: str
    pictures: int
    lpips: float
    gram: float


class PictureQuality:
    """Measures a stylizer's paintings at 512 px on the long side."""

    def __init__(
        self, stylizer: Stylizer, vgg: Vgg16, lpips_weights: list[Tensor], photos: Sequence[Path]
    ) -> None:
        """Measure the photos once.

        Args:
            stylizer: Whose paintings are measured.
            vgg: The perceptual network; float32 for figures to compare with others'.
            lpips_weights: From `load_lpips`.
            photos: Files never trained on.
        """
        self._stylizer = stylizer
        self._vgg = vgg
        self._lpips_weights = lpips_weights
        self._photos = [fit(load_picture(path), SIDE_PX) for path in photos]

    def named(self, folder: Path) -> Iterator[Row]:
        """Rows of the trained styles whose reference picture lies in the folder."""
        files = {path.stem: path for path in find_pictures(folder)}
        for record in self._stylizer.manifest.styles:
            if record.slug in files:
                code = self._stylizer.style_code(record.slug)
                yield self._row("trained", files[record.slug], code)

    def unseen(
        self,
        references: Sequence[Path],
        refine: Callable[[StyleCode, Picture], StyleCode] | None = None,
    ) -> Iterator[Row]:
        """Rows of styles read from pictures, and once more after each was refined."""
        for path in references:
            reference = to_picture(load_picture(path))
            code = self._stylizer.extract_style([reference])
            yield self._row("zero-shot", path, code)
            if refine:
                yield self._row("refined", path, refine(code, reference))

    @torch.inference_mode()
    def _row(self, group: str, reference: Path, code: StyleCode) -> Row:
        style = to_tensor(fit(load_picture(reference), SIDE_PX))[None]
        target = style_grams(self._vgg, style)
        scores = []
        for photo in self._photos:
            painted = self._stylizer.repaint(to_picture(photo), code)
            before = self._vgg.features(to_tensor(photo)[None], _LPIPS_LAYERS[-1])
            pixels = torch.from_numpy(painted.rgb).permute(2, 0, 1)[None].float() / 255
            after = self._vgg.features(pixels, _LPIPS_LAYERS[-1])
            scores.append((lpips(after, before, self._lpips_weights), gram_error(after, target)))
        lost, missing = torch.tensor(scores).mean(0).tolist()
        return Row(group, reference.stem, len(scores), lost, missing)


def means(rows: Sequence[Row]) -> list[Row]:
    """One row a group: the mean over its styles."""
    groups = dict.fromkeys(row.group for row in rows)
    return [_mean([row for row in rows if row.group == group]) for group in groups]


def _mean(rows: Sequence[Row]) -> Row:
    count = len(rows)
    return Row(
        rows[0].group,
        "mean",
        sum(row.pictures for row in rows),
        sum(row.lpips for row in rows) / count,
        sum(row.gram for row in rows) / count,
    )
