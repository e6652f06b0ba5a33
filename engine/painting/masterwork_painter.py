"""Paints masterworks of photos of any size in named styles or in the style of given pictures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from engine.api.errors import CheckpointError, InvalidOptionError
from engine.media import canvas
from engine.media.full_size import Pixels, light
from engine.media.images import Picture, decode
from engine.painting import masterwork
from engine.painting.manifest import SHIPPED_CHECKPOINT, Manifest, read_manifest, sha256_of
from engine.painting.masterwork import Exemplar, Manner
from engine.painting.perceptual import Vgg16, load_vgg16
from engine.painting.runtime import Device, keep_heap, pick_device, pick_dtype

# Default long side; memory and time grow with its square.
SIDES_PX: Final[Mapping[str, int]] = {"cpu": 512, "cuda": 1024}


@dataclass(frozen=True, slots=True)
class Stage:
    """Progress of a masterwork.

    Attributes:
        share: Share of the work done, 0 to 1.
        pixels: (h, w, 3) uint8 after a finished scale; otherwise None.
    """

    share: float
    pixels: Pixels | None = None


class MasterworkPainter:
    """The perceptual network on one device, and the exemplars of a checkpoint."""

    def __init__(
        self,
        checkpoint: Path = SHIPPED_CHECKPOINT,
        device: Device = "auto",
        weights: Path | None = None,
        side_px: int = 0,
        *,
        effort: float = 1.0,
    ) -> None:
        """Load the perceptual network.

        Args:
            checkpoint: Folder with the named styles.
            device: torch device.
            weights: Perceptual network's file; None for the shipped one.
            side_px: Long side to paint at; 0 for 512 px on a CPU and 1024 px on a GPU.
            effort: Factor on the default number of steps.

        Raises:
            CheckpointError: the manifest cannot be read.
            PerceptualWeightsError: the weights cannot be used.
        """
        keep_heap()
        self.effort = effort
        self._checkpoint = checkpoint
        self._manifest: Manifest = read_manifest(checkpoint)
        self._device = pick_device(device)
        self._vgg: Vgg16 = load_vgg16(weights, pick_dtype(self._device)).to(self._device)
        self.side_px = side_px or SIDES_PX[self._device.type]

    def exemplars(
        self, named: Mapping[str, float], references: Sequence[tuple[Pixels, float]] = ()
    ) -> list[Exemplar]:
        """The exemplars for named styles and reference pictures.

        Args:
            named: Slugs of named styles and their weights.
            references: (h, w, 3) uint8 pictures and their weights.

        Raises:
            CheckpointError: a style's exemplar is missing or was changed.
            InvalidOptionError: no style is given.
            UnknownStyleError: there is no such style.
        """
        found = [Exemplar(self._open(slug), weight) for slug, weight in named.items() if weight > 0]
        found += [
            Exemplar(self._to_tensor(canvas.fit(pixels, self.side_px)), weight)
            for pixels, weight in references
            if weight > 0
        ]
        if not found:
            raise InvalidOptionError("A masterwork needs a named style or a style picture.")
        return found

    def paint(
        self,
        photo: Pixels,
        exemplars: Sequence[Exemplar],
        manner: Manner | None = None,
        calm: Pixels | None = None,
    ) -> Iterator[Stage]:
        """Paint (h, w, 3) uint8 at its own size, step by step; the last stage has the result.

        Args:
            photo: The photo.
            exemplars: From `exemplars`.
            manner: Strength, brush and effort.
            calm: (h, w) uint8, 255 where small structure is kept, such as in faces; None for
                nowhere in particular.
        """
        content = self._to_tensor(photo)
        whole = None if calm is None else torch.from_numpy(calm)[None, None].to(content) / 255
        for progress in masterwork.paint(self._vgg, content, exemplars, manner, whole):
            picture = progress.picture
            yield Stage(progress.share, None if picture is None else _to_pixels(picture))

    def repaint(
        self,
        photo: Picture,
        exemplars: Sequence[Exemplar],
        manner: Manner,
        *,
        keep_colours: bool = False,
    ) -> Iterator[tuple[float, Picture | None]]:
        """Paint one photo of any size, at its full size.

        Args:
            photo: The photo; its transparency is kept.
            exemplars: From `exemplars`.
            manner: Strength, brush and effort.
            keep_colours: Use only the painting's luminance, with the photo's colours.

        Yields:
            The share of the work done (0 to 1), and the picture after each scale. Stop iterating
            to cancel.
        """
        if manner.strength == 0:
            yield 1.0, photo
            return
        reduced, photo_light = self.fitted(photo.rgb), light(photo.rgb)
        colours = photo.rgb if keep_colours else None
        for stage in self.paint(reduced, exemplars, manner):
            pixels = stage.pixels
            if pixels is None:
                yield stage.share, None
                continue
            full = canvas.finish(pixels, photo_light, reduced, colours)
            yield stage.share, replace(photo, rgb=full)

    def fitted(self, photo: Pixels) -> Pixels:
        """Reduce a photo to the side it is painted at; smaller ones are unchanged."""
        return canvas.fit(photo, min(self.side_px, max(photo.shape[:2])))

    def _open(self, slug: str) -> Tensor:
        record = self._manifest.styles[self._manifest.index_of(slug)]
        path = self._checkpoint / record.exemplar
        if not record.exemplar or sha256_of(path) != record.exemplar_sha256:
            raise CheckpointError(f"The checkpoint has no picture of {slug} to paint like.")
        picture = decode(path.read_bytes(), max_side_px=self.side_px)
        return self._to_tensor(picture.rgb)

    def _to_tensor(self, pixels: Pixels) -> Tensor:
        tensor = torch.from_numpy(pixels).to(self._device)
        return tensor.permute(2, 0, 1)[None].float() / 255


def _to_pixels(picture: Tensor) -> Pixels:
    pixels: Pixels = picture[0].mul(255).round().byte().permute(1, 2, 0).cpu().numpy()
    return pixels
