"""Scores of paintings over many photos and styles: content kept and style taken.

Printed by `stylebot bench --quality`; the scores are in `picture_scores`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from tqdm import tqdm

from engine.api.contract import StyleCode
from engine.api.errors import PerceptualWeightsError
from engine.media.images import Picture
from engine.painting.masterwork import Exemplar, Manner
from engine.painting.masterwork_painter import MasterworkPainter
from engine.painting.perceptual import Vgg16
from engine.painting.stylizer import Stylizer
from engine.training.dataset import find_pictures, fit, load_picture, to_picture, to_tensor
from engine.training.picture_scores import LPIPS_LAYERS, Scores, Seen, StyleMeasures, score

SIDE_PX: Final = 512


def load_lpips(path: Path) -> list[Tensor]:
    """Channel weights of LPIPS 0.1 on VGG16, five tensors of (C,).

    Args:
        path: A safetensors file with "lin0.weight" to "lin4.weight", or under the names of the
            reference implementation, "lin0.model.1.weight" and so on.

    Raises:
        PerceptualWeightsError: the file cannot be read or has other tensors.
    """
    try:
        tensors = load_file(path)
        found = [
            tensors.get(f"lin{index}.weight", tensors.get(f"lin{index}.model.1.weight"))
            for index in range(len(LPIPS_LAYERS))
        ]
    except (OSError, SafetensorError) as error:
        raise PerceptualWeightsError(
            f"The LPIPS weights cannot be read from {path}: {error}."
        ) from error
    weights = [tensor.float().flatten() for tensor in found if tensor is not None]
    if [len(weight) for weight in weights] != [64, 128, 256, 512, 512]:
        raise PerceptualWeightsError(f"{path} does not hold LPIPS's weights for VGG16.")
    return weights


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        group: "trained" for named styles, "zero-shot" for pictures, "refined" for refined ones,
            "masterwork named" and "masterwork picture"; "photo" and "style" are the baselines: the
            scores of the photos and the style pictures themselves as paintings.
        style: The style's slug or file name.
        pictures: Photos measured.
        scores: Their means.
    """

    group: str
    style: str
    pictures: int
    scores: Scores


@dataclass(frozen=True, slots=True)
class Subject:
    """A style to measure.

    Attributes:
        group: As in `Row`.
        reference: The style's picture.
        paint: Paints a photo in the style.
    """

    group: str
    reference: Path
    paint: Callable[[Picture], Picture]


def named_styles(
    stylizer: Stylizer, folder: Path, masterworks: MasterworkPainter | None = None
) -> list[Subject]:
    """The trained styles whose reference picture, named by the slug, is in the folder."""
    files = {path.stem: path for path in find_pictures(folder)}
    slugs = [style.slug for style in stylizer.manifest.styles if style.slug in files]
    found = [
        Subject("trained", files[slug], partial(stylizer.repaint, code=stylizer.style_code(slug)))
        for slug in slugs
    ]
    if masterworks:
        found += [
            Subject(
                "masterwork named",
                files[slug],
                partial(_masterwork, masterworks, masterworks.exemplars({slug: 1.0})),
            )
            for slug in slugs
        ]
    return found


def unseen_styles(
    stylizer: Stylizer,
    references: Sequence[Path],
    refine: Callable[[StyleCode, Picture], StyleCode] | None = None,
    masterworks: MasterworkPainter | None = None,
) -> Iterator[Subject]:
    """Styles of pictures, each also refined and as masterworks."""
    for path in references:
        reference = to_picture(load_picture(path))
        code = stylizer.extract_style([reference])
        yield Subject("zero-shot", path, partial(stylizer.repaint, code=code))
        if refine:
            refined = refine(code, reference)
            yield Subject("refined", path, partial(stylizer.repaint, code=refined))
        if masterworks:
            exemplars = masterworks.exemplars({}, [(reference.rgb, 1.0)])
            yield Subject("masterwork picture", path, partial(_masterwork, masterworks, exemplars))


def _masterwork(
    painter: MasterworkPainter, exemplars: Sequence[Exemplar], photo: Picture
) -> Picture:
    *_, (_, painted) = painter.repaint(photo, exemplars, Manner())
    if painted is None:
        raise AssertionError("the last stage is the picture")
    return painted


def measure(
    vgg: Vgg16,
    lpips_weights: Sequence[Tensor],
    photos: Sequence[Path],
    subjects: Sequence[Subject],
    side_px: int = SIDE_PX,
) -> list[Row]:
    """Paint every photo in every style and measure.

    Args:
        vgg: The perceptual network, up to relu5_3; float32 for comparable figures.
        lpips_weights: From `load_lpips`.
        photos: Files not used in training.
        subjects: The styles.
        side_px: Long side of all pictures.

    Returns:
        One row per style, in their order, then the baselines of every style picture.
    """
    references = list(dict.fromkeys(subject.reference for subject in subjects))
    pictures = {path: to_tensor(fit(load_picture(path), side_px))[None] for path in references}
    styles = {path: StyleMeasures.of(_seen(vgg, pictures[path]).features) for path in references}
    found: dict[tuple[str, Path], list[Scores]] = {}
    for path in tqdm(photos, unit="photo", disable=None):
        photo = fit(load_picture(path), side_px)
        before = _seen(vgg, to_tensor(photo)[None])
        for subject in subjects:
            painted = subject.paint(to_picture(photo))
            pixels = torch.from_numpy(painted.rgb).permute(2, 0, 1)[None].float() / 255
            scores = _scored(_seen(vgg, pixels), before, styles[subject.reference], lpips_weights)
            found.setdefault((subject.group, subject.reference), []).append(scores)
        for reference in references:
            size = before.picture.shape[2:]
            resized = F.interpolate(
                pictures[reference], size, mode="bilinear", align_corners=False, antialias=True
            )
            itself = _seen(vgg, resized)
            for group, shown in (("photo", before), ("style", itself)):
                scores = _scored(shown, before, styles[reference], lpips_weights)
                found.setdefault((group, reference), []).append(scores)
    rows = [
        Row(group, reference.stem, len(scores), _mean(scores, [1] * len(scores)))
        for (group, reference), scores in found.items()
    ]
    return sorted(rows, key=lambda row: row.group in ("photo", "style"))


@torch.no_grad()
def _seen(vgg: Vgg16, picture: Tensor) -> Seen:
    return Seen(picture, vgg.features(picture, LPIPS_LAYERS[-1]))


@torch.no_grad()
def _scored(
    painted: Seen, photo: Seen, style: StyleMeasures, lpips_weights: Sequence[Tensor]
) -> Scores:
    return score(painted, photo, style, lpips_weights)


def means(rows: Sequence[Row]) -> list[Row]:
    """One row per group: the mean over its styles, weighted by their pictures."""
    groups = dict.fromkeys(row.group for row in rows)
    return [_mean_row(group, [row for row in rows if row.group == group]) for group in groups]


def _mean_row(group: str, rows: Sequence[Row]) -> Row:
    counts = [row.pictures for row in rows]
    return Row(group, "mean", sum(counts), _mean([row.scores for row in rows], counts))


def _mean(scores: Sequence[Scores], weights: Sequence[int]) -> Scores:
    total = sum(weights)
    values = [
        sum(weight * value for weight, value in zip(weights, column, strict=True)) / total
        for column in zip(*(astuple(each) for each in scores), strict=True)
    ]
    return Scores(*values)
