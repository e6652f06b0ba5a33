"""Pictures for training the drafting generator, all in memory: photos, named styles, paintings.

Photos may come from a tar file: a few megabytes at 256 px are all that a run on a rented GPU needs.
"""

import io
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.api.errors import TrainingError
from engine.media.images import decode
from engine.training.dataset import SUFFIXES, find_pictures, load_picture, to_tensor

# Larger photos are reduced to about the painting side when read.
_PHOTO_SIDE_PX: Final = 768
_SIDE_STEP_PX: Final = 16


@dataclass(frozen=True, slots=True)
class TrainingPictures:
    """The pictures to train on.

    Attributes:
        photos: The photos to paint.
        styles: The named styles.
        paintings: Further style pictures, without names.
    """

    photos: Sequence[Image.Image]
    styles: Sequence[Image.Image]
    paintings: Sequence[Image.Image] = ()

    def style(self, index: int) -> Image.Image:
        """A named style by its index, a painting by -1, -2 and so on."""
        return self.styles[index] if index >= 0 else self.paintings[-1 - index]


def read_photos(source: Path, held_back: Sequence[str] = ()) -> list[Image.Image]:
    """Photos of a folder or a tar file.

    Raises:
        TrainingError: there are none, or one cannot be read.
    """
    if source.is_dir():
        return [_reduced(load_picture(path)) for path in find_pictures(source, held_back)]
    try:
        with tarfile.open(source) as archive:
            photos = [
                _reduced(_decoded(archive, member))
                for member in archive.getmembers()
                if Path(member.name).suffix.lower() in SUFFIXES
                and Path(member.name).name not in held_back
            ]
    except (OSError, tarfile.TarError) as error:
        raise TrainingError(f"{source} is neither a folder nor a tar file: {error}") from error
    if not photos:
        raise TrainingError(f"{source} holds no picture to use.")
    return photos


def _decoded(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Image.Image:
    file = archive.extractfile(member) or io.BytesIO()
    return Image.fromarray(decode(file.read()).rgb)


def _reduced(image: Image.Image) -> Image.Image:
    image.thumbnail((_PHOTO_SIDE_PX, _PHOTO_SIDE_PX), Image.Resampling.LANCZOS)
    return image


def whole(image: Image.Image, size: tuple[int, int], rng: np.random.Generator) -> Tensor:
    """Most of a photo as (3, *size), mirrored half of the time."""
    height, width = size
    scale = max(width / image.width, height / image.height)
    zoom = rng.uniform(0.8, 1.0)
    return _cut(image, (width / scale * zoom, height / scale * zoom), size, rng)


def window(image: Image.Image, side_px: int, at_side_px: int, rng: np.random.Generator) -> Tensor:
    """A square of `side_px` from a picture whose long side is `at_side_px`, (3, S, S)."""
    edge = min(side_px * max(image.size) / at_side_px, *image.size)
    return _cut(image, (edge, edge), (side_px, side_px), rng)


def _cut(
    image: Image.Image, box: tuple[float, float], size: tuple[int, int], rng: np.random.Generator
) -> Tensor:
    left = rng.uniform(0, max(0.0, image.width - box[0]))
    top = rng.uniform(0, max(0.0, image.height - box[1]))
    edges = (left, top, min(left + box[0], image.width), min(top + box[1], image.height))
    cut = image.resize((size[1], size[0]), Image.Resampling.LANCZOS, box=edges)
    if rng.random() < 0.5:
        cut = cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return to_tensor(cut)


def at_side(image: Image.Image, side_px: int) -> Tensor:
    """A picture at a long side, its sides multiples of 16, (1, 3, H, W)."""
    scale = side_px / max(image.size)
    width, height = (
        max(4 * _SIDE_STEP_PX, round(edge * scale / _SIDE_STEP_PX) * _SIDE_STEP_PX)
        for edge in image.size
    )
    return to_tensor(image.resize((width, height), Image.Resampling.LANCZOS))[None]


def stacked(pictures: Sequence[Tensor], device: torch.device) -> Tensor:
    """Pictures of one size as a batch on a device."""
    return torch.stack(list(pictures)).to(device, non_blocking=True)
