"""Makes training batches from folders of pictures; each step's batch is reproducible.

All choices come from a generator seeded with (seed, step), so a resumed run gets the same batches
without saving any state.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.api.errors import ImageError, TrainingError
from engine.media.images import Picture, decode

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".gif"})
# The long side every reference is encoded at, in training and by `Stylizer.extract_style`.
REFERENCE_SIDE_PX: Final = 256
# Photos are shown at the sizes they will be painted at: about 512 px on the long side, give or
# take, because a generator paints strokes of the pixel size it saw in training.
PHOTO_SIDES_PX: Final = (416, 704)


def find_pictures(
    folder: Path, held_back: Iterable[str] = (), only: Iterable[str] | None = None
) -> list[Path]:
    """Picture files of a folder in a stable order.

    Args:
        folder: The folder; subfolders are not searched.
        held_back: File names to leave out.
        only: File names to take; None for all.

    Raises:
        TrainingError: the folder does not exist or holds no picture to use.
    """
    if not folder.is_dir():
        raise TrainingError(f"{folder} is not a folder.")
    left_out = frozenset(held_back)
    wanted = None if only is None else frozenset(only)
    found = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES
        and path.name not in left_out
        and (wanted is None or path.name in wanted)
        and path.is_file()
    )
    if not found:
        raise TrainingError(f"{folder} holds no picture to use.")
    return found


def load_picture(path: Path) -> Image.Image:
    """Decode a file as safely as a user's upload.

    Raises:
        TrainingError: the file is not a picture we accept; the message names it.
    """
    try:
        picture: Picture = decode(path.read_bytes())
    except (ImageError, OSError) as error:
        raise TrainingError(f"{path}: {error}") from error
    return Image.fromarray(picture.rgb)


def to_tensor(image: Image.Image) -> Tensor:
    """A picture as (3, H, W) float32 RGB in [0, 1]."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255


def to_picture(image: Image.Image) -> Picture:
    """A picture as `Stylizer` takes it."""
    return Picture(np.array(image), None)


def fit(image: Image.Image, side_px: int) -> Image.Image:
    """Resize so that the long side is `side_px`; the short side stays at least 32 px."""
    scale = side_px / max(image.size)
    width, height = (max(32, round(edge * scale)) for edge in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def random_crop(
    image: Image.Image, side_px: int, crop_px: int, rng: np.random.Generator
) -> Image.Image:
    """Cut a square of `crop_px` from the picture fitted to `side_px`, mirrored half of the time."""
    scale = max(side_px / max(image.size), crop_px / min(image.size))
    # Rounding may leave the window a hair wider than the picture.
    window = min(crop_px / scale, *image.size)
    left = rng.uniform(0, image.width - window)
    top = rng.uniform(0, image.height - window)
    box = (left, top, left + window, top + window)
    cut = image.resize((crop_px, crop_px), Image.Resampling.LANCZOS, box=box)
    return cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else cut


def random_view(photo: Image.Image, crop_px: int, rng: np.random.Generator) -> Image.Image:
    """Cut a square of `crop_px` from a photo at one of the sizes it may be painted at."""
    return random_crop(photo, round(rng.uniform(*PHOTO_SIDES_PX)), crop_px, rng)


@dataclass(frozen=True, slots=True)
class Batch:
    """One step's pictures.

    Attributes:
        photos: (N, 3, S, S) float32 RGB in [0, 1]. The identity samples come last.
        styles: For each sample that is painted, the index of its named style, or -1 for a
            painting; samples beyond this list are identity samples.
        references: The paintings of the samples with style -1, in order, each (3, h, w): its
            long side is the one that strokes are copied at.
        real: (len(styles), 3, S, S), a crop of each painted sample's style, for the discriminator.
    """

    photos: Tensor
    styles: list[int]
    references: list[Tensor]
    real: Tensor


@dataclass(frozen=True, slots=True)
class Mixture:
    """The composition of a batch.

    Attributes:
        batch: Samples a step.
        crop_px: Side of the square crops.
        style_side_px: Long side at which strokes are copied.
        paintings_share: Probability that a sample takes a painting rather than a named style.
        identity_share: Probability that a sample must reproduce its photo.
    """

    batch: int = 4
    crop_px: int = 192
    style_side_px: int = 640
    paintings_share: float = 0.25
    identity_share: float = 0.08


class Dataset:
    """Photos, named styles and paintings as numbered batches."""

    def __init__(
        self,
        photos: list[Path],
        styles: list[Path],
        paintings: list[Path],
        mixture: Mixture,
        seed: int,
    ) -> None:
        if not styles:
            raise TrainingError("Training needs one named style or more.")
        self.styles = [load_picture(path) for path in styles]
        self._photos = photos
        self._paintings = paintings
        self.mixture = mixture
        self._seed = seed

    def batch(self, step: int) -> Batch:
        """Make the batch of a step; the same step gives the same batch, on any machine."""
        mixture = self.mixture
        rng = np.random.default_rng((self._seed, step))
        identities = rng.random(mixture.batch) < mixture.identity_share
        # Some sample of every batch is painted, so that every step trains on every loss.
        painted = max(1, mixture.batch - int(identities.sum()))
        styles: list[int] = []
        references: list[Tensor] = []
        real: list[Tensor] = []
        for _ in range(painted):
            style, source = self._draw_style(rng)
            styles.append(style)
            if style < 0:
                references.append(to_tensor(fit(source, mixture.style_side_px)))
            real.append(to_tensor(random_crop(source, mixture.style_side_px, mixture.crop_px, rng)))
        return Batch(
            photos=torch.stack([self._draw_photo(rng) for _ in range(mixture.batch)]),
            styles=styles,
            references=references,
            real=torch.stack(real),
        )

    def some_styles(self, count: int) -> Iterator[Tensor]:
        """The named styles and paintings from the whole list, `count` or a few more, (3, H, W)."""
        yield from (to_tensor(fit(style, REFERENCE_SIDE_PX)) for style in self.styles)
        step = max(1, len(self._paintings) // max(1, count - len(self.styles)))
        for path in self._paintings[::step]:
            yield to_tensor(fit(load_picture(path), REFERENCE_SIDE_PX))

    def _draw_style(self, rng: np.random.Generator) -> tuple[int, Image.Image]:
        if self._paintings and rng.random() < self.mixture.paintings_share:
            path = self._paintings[rng.integers(len(self._paintings))]
            return -1, load_picture(path)
        style = int(rng.integers(len(self.styles)))
        return style, self.styles[style]

    def _draw_photo(self, rng: np.random.Generator) -> Tensor:
        image = load_picture(self._photos[rng.integers(len(self._photos))])
        return to_tensor(random_view(image, self.mixture.crop_px, rng))
