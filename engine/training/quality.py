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
from tqdm import tqdm

from engine.contract import StyleCode
from engine.errors import PerceptualWeightsError
from engine.images import Picture
from engine.perceptual import Vgg16
from engine.stylizer import Stylizer
from engine.training.dataset import find_pictures, fit, load_picture, to_picture, to_tensor
from engine.training.losses import gram, relative_gram_error

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
    errors = [relative_gram_error(features[layer], target[layer]) for layer in GRAM_LAYERS]
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


@dataclass(frozen=True, slots=True)
class Subject:
    """A style to be measured.

    Attributes:
        group: As in `Row`.
        reference: The picture whose style it is.
        code: What to paint with.
    """

    group: str
    reference: Path
    code: StyleCode


def named_styles(stylizer: Stylizer, folder: Path) -> list[Subject]:
    """The trained styles whose reference picture, named by the slug, lies in the folder."""
    files = {path.stem: path for path in find_pictures(folder)}
    return [
        Subject("trained", files[record.slug], stylizer.style_code(record.slug))
        for record in stylizer.manifest.styles
        if record.slug in files
    ]


def unseen_styles(
    stylizer: Stylizer,
    references: Sequence[Path],
    refine: Callable[[StyleCode, Picture], StyleCode] | None = None,
) -> Iterator[Subject]:
    """Styles read from pictures, and each once more after it was refined."""
    for path in references:
        reference = to_picture(load_picture(path))
        code = stylizer.extract_style([reference])
        yield Subject("zero-shot", path, code)
        if refine:
            yield Subject("refined", path, refine(code, reference))


@torch.inference_mode()
def measure(
    stylizer: Stylizer,
    vgg: Vgg16,
    lpips_weights: Sequence[Tensor],
    photos: Sequence[Path],
    subjects: Sequence[Subject],
) -> list[Row]:
    """Paint every photo in every style and measure, at 512 px on the long side.

    Args:
        stylizer: Whose paintings are measured.
        vgg: The perceptual network; float32 for figures to compare with others'.
        lpips_weights: From `load_lpips`.
        photos: Files never trained on.
        subjects: The styles.

    Returns:
        One row a style, in their order.
    """
    targets = [
        style_grams(vgg, to_tensor(fit(load_picture(subject.reference), SIDE_PX))[None])
        for subject in subjects
    ]
    scores = torch.zeros(len(photos), len(subjects), 2)
    for line, path in enumerate(tqdm(photos, unit="photo", disable=None)):
        photo = fit(load_picture(path), SIDE_PX)
        before = vgg.features(to_tensor(photo)[None], _LPIPS_LAYERS[-1])
        for column, (subject, target) in enumerate(zip(subjects, targets, strict=True)):
            painted = stylizer.repaint(to_picture(photo), subject.code)
            pixels = torch.from_numpy(painted.rgb).permute(2, 0, 1)[None].float() / 255
            after = vgg.features(pixels, _LPIPS_LAYERS[-1])
            scores[line, column, 0] = lpips(after, before, lpips_weights)
            scores[line, column, 1] = gram_error(after, target)
    return [
        Row(subject.group, subject.reference.stem, len(photos), *mean.tolist())
        for subject, mean in zip(subjects, scores.mean(0), strict=True)
    ]


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
