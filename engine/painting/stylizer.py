"""A loaded checkpoint, ready to paint: `stylize` for batches, `repaint` for one photo.

On a CPU pictures are painted one at a time, in bf16 where the hardware supports it: batching is not
faster there, and for a single picture normalisation and style are folded into one kernel. On a
GPU the whole batch is painted at once. Both paint the same picture.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from engine.api.contract import BRUSH_SCALES, FILTER, Brush, StyleCode
from engine.api.errors import InvalidOptionError, StaleStyleError
from engine.media import canvas
from engine.media.full_size import Pixels, light
from engine.media.images import Picture
from engine.painting.catalogue import find_style
from engine.painting.checkpoint import Checkpoint, load_checkpoint
from engine.painting.manifest import SHIPPED_CHECKPOINT, Manifest
from engine.painting.networks import MIN_SIDE_PX, Generator
from engine.painting.runtime import Device, keep_heap, pick_device, pick_dtype
from engine.painting.style_code import pack, unpack

# Codes carry float32 vectors; a remainder below this after solving is rounding.
_SPAN_TOLERANCE: Final = 1e-4
_NO_FILTERS: Final = "Only painted styles can be blended or refined, not filters."
_DAMAGED: Final = "The style code is damaged; choose the style again."


class Stylizer:
    """Networks of one checkpoint on one device."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        device: Device = "auto",
        dtype: torch.dtype | None = None,
        *,
        compiled: bool = False,
    ) -> None:
        """Move a checkpoint's networks to their device.

        Args:
            checkpoint: Networks and styles.
            device: "auto" takes the GPU if there is one.
            dtype: Number format of the generator; None for the best one for the device.
            compiled: Compile the generator for the GPU: takes minutes once, then is faster. Needs a
                C++ compiler.
        """
        self.manifest: Manifest = checkpoint.manifest
        self.device = pick_device(device)
        self.dtype = dtype or pick_dtype(self.device)
        keep_heap()
        self._generator: Generator = checkpoint.generator.to(self.device, self.dtype)
        self._generator.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        # Modulations are kept in float32 until painting, so that they mix exactly.
        for layer in (self._generator.affine, self._generator.palette, self._generator.identity):
            layer.float()
        if compiled:
            self._generator.compile(dynamic=True)
        self._encoder = checkpoint.encoder.to(self.device)
        self._codes = checkpoint.codes

    @classmethod
    def load(cls, folder: Path = SHIPPED_CHECKPOINT, device: Device = "auto") -> "Stylizer":
        """Load a checkpoint's folder, by default the shipped one.

        Raises:
            CheckpointError: the checkpoint is missing or does not match its manifest.
        """
        return cls(load_checkpoint(folder), device)

    def style_code(self, slug: str) -> StyleCode:
        """The code of a named style.

        Raises:
            UnknownStyleError: there is no such style.
        """
        style = find_style(self.manifest, slug, ())
        return self._code(self._codes[self.manifest.index_of(style.slug)])

    @torch.inference_mode()
    def extract_style(self, references: Sequence[Picture]) -> StyleCode:
        """Compute the style of one or more reference pictures; several are averaged.

        Raises:
            InvalidOptionError: there is no picture.
        """
        if not references:
            raise InvalidOptionError("A style needs at least one reference picture.")
        side = self.manifest.preprocessing.reference_side_px
        vectors = [
            self._encoder(self._to_tensor(canvas.fit(reference.rgb, side))[None])[0]
            for reference in references
        ]
        return self._code(torch.stack(vectors).mean(0))

    def blend(self, weighted: Sequence[tuple[StyleCode, float]]) -> StyleCode:
        """Mix styles by weight; weights need not sum to one.

        Raises:
            InvalidOptionError: a weight is negative, or all are zero.
            StaleStyleError: a code is from another checkpoint.
        """
        weights = torch.tensor([weight for _, weight in weighted])
        total = weights.sum()
        if not bool((weights >= 0).all() & (total > 0) & total.isfinite()):
            raise InvalidOptionError("Style weights must be 0 or more, and one of them above 0.")
        if len(weighted) == 1:
            code = weighted[0][0]
            self._open(code)
            return code
        opened = [self._open(code) for code, _ in weighted]
        vectors, offsets = (torch.stack(parts) for parts in zip(*opened, strict=True))
        shares = weights / total
        return self._code(shares @ vectors, shares @ offsets)

    @torch.no_grad()
    def open_code(self, code: StyleCode) -> Tensor:
        """The modulation of a code, (modulation_dim,) float32.

        Raises:
            InvalidOptionError: the code has the wrong size or is not finite.
            StaleStyleError: the code is from another checkpoint.
        """
        vector, offsets = self._open(code)
        modulation = self._modulation(vector) + offsets.to(self.device)
        if not bool(modulation.isfinite().all()):
            raise InvalidOptionError(_DAMAGED)
        return modulation

    @torch.no_grad()
    def moved(self, code: StyleCode, modulation: Tensor) -> StyleCode:
        """The code whose modulation is nearest to (modulation_dim,), starting from another code.

        Raises:
            StaleStyleError: the code is from another checkpoint.
        """
        vector, _ = self._open(code)
        return self._code(vector, modulation - self._modulation(vector))

    def _modulation(self, vector: Tensor) -> Tensor:
        return self._generator.modulate(vector[None].to(self.device))[0]

    def _open(self, code: StyleCode) -> tuple[Tensor, Tensor]:
        """A code's vector, (style_dim,), and offsets, (modulation_dim,), on the CPU."""
        if code.checkpoint == self.manifest.checkpoint_id:
            with contextlib.suppress(ValueError):
                vector, offsets = unpack(
                    code.data, self.manifest.generator.style_dim, self._generator.modulation_dim
                )
                # A sum is finite if all terms are.
                if not bool((vector.sum() + offsets.sum()).isfinite()):
                    raise InvalidOptionError(_DAMAGED)
                return vector, offsets
        if code.checkpoint == FILTER:
            raise InvalidOptionError(_NO_FILTERS)
        raise StaleStyleError(
            f"The style belongs to checkpoint {code.checkpoint}, this is "
            f"{self.manifest.checkpoint_id}; extract it again from its reference picture."
        )

    def _code(self, vector: Tensor, offsets: Tensor | None = None) -> StyleCode:
        return StyleCode(self.manifest.checkpoint_id, pack(vector, offsets))

    def named_weights(self, code: StyleCode) -> dict[str, float]:
        """The named styles in a blended code, slug to weight; the weights sum to one.

        A blend's vector is the weighted sum of its styles' vectors, which are linearly independent,
        so the weights can be computed.

        Returns:
            Empty for a code computed from a picture, or refined.

        Raises:
            StaleStyleError: the code is from another checkpoint.
        """
        vector, offsets = self._open(code)
        if offsets.any():
            return {}
        found = torch.linalg.lstsq(self._codes.t().double(), vector[:, None].double()).solution
        weights = found[:, 0]
        missed = self._codes.t().double() @ weights - vector
        if missed.norm() > _SPAN_TOLERANCE * vector.norm() or weights.min() < -_SPAN_TOLERANCE:
            return {}
        slugs = [style.slug for style in self.manifest.styles]
        return {
            slug: weight
            for slug, weight in zip(slugs, (weights / weights.sum()).tolist(), strict=True)
            if weight > _SPAN_TOLERANCE
        }

    @torch.inference_mode()
    def stylize(self, content: Tensor, styles: Tensor, strength: Tensor) -> Tensor:
        """Repaint a batch; each picture has its own style and strength.

        Strength moves along the line from the identity's modulation to the style's. What
        the identity cannot reproduce of a photo is faded in as strength falls; 0 is the photo.

        Args:
            content: (N, 3, H, W) float32 RGB in [0, 1]; H and W at least 32 pixels.
            styles: (N, modulation_dim) float32, from `open_code`.
            strength: (N,) float32 in [0, 1]; 0 returns the photo.

        Returns:
            (N, 3, H, W) float32 RGB in [0, 1].

        Raises:
            InvalidOptionError: a shape or a strength is out of range.
        """
        self._check(content, styles, strength)
        content, styles, strength = (
            tensor.to(self.device) for tensor in (content, styles, strength)
        )
        partial = strength < 1
        if not bool(partial.any()):
            return self.paint(content, styles)
        identity = self._generator.identity_modulation(content)
        painted = self.paint(content, torch.lerp(identity, styles, strength[:, None]))
        photos, share = content[partial], (1 - strength[partial])[:, None, None, None]
        missed = photos - self.paint(photos, identity[partial])
        painted[partial] = (painted[partial] + share * missed).clamp(0, 1)
        return painted

    def _check(self, content: Tensor, styles: Tensor, strength: Tensor) -> None:
        count = len(content)
        if content.ndim != 4 or content.shape[1] != 3 or min(content.shape[2:]) < MIN_SIDE_PX:
            raise InvalidOptionError(
                f"Pictures must have shape (N, 3, H, W) with sides of {MIN_SIDE_PX} pixels or "
                f"more, not {tuple(content.shape)}."
            )
        expected = (count, self._generator.modulation_dim)
        if styles.shape != expected or strength.shape != (count,):
            raise InvalidOptionError(f"{count} pictures need as many styles and strengths.")
        if not bool(((strength >= 0) & (strength <= 1)).all()):
            raise InvalidOptionError("Strength must be between 0 and 1.")

    def paint(self, content: Tensor, styles: Tensor) -> Tensor:
        """Run the generator in its number format: sample by sample on a CPU, at once elsewhere.

        Like `stylize` at full strength, without its checks; the styles get gradients.

        Args:
            content: (N, 3, H, W) RGB in [0, 1].
            styles: (N, modulation_dim).

        Returns:
            (N, 3, H, W) float32 RGB in [0, 1].
        """
        content, styles = content.to(self.dtype), styles.to(self.dtype)
        if self.device.type != "cpu":
            painted: Tensor = self._generator(content, styles)
            return painted
        singles = [
            self._generator(content[i : i + 1], styles[i : i + 1]) for i in range(len(content))
        ]
        return torch.cat(singles)

    def repaint(
        self,
        photo: Picture,
        code: StyleCode,
        *,
        strength: float = 1.0,
        keep_colours: bool = False,
        brush: Brush = "normal",
    ) -> Picture:
        """Paint one photo of any size and return it at full size.

        Args:
            photo: The photo; its transparency is kept.
            code: The style.
            strength: 0 (the photo) to 1.
            keep_colours: Use only the luminance of the painting.
            brush: Size of the strokes.

        Returns:
            A picture of the photo's size.

        Raises:
            InvalidOptionError: strength or brush is out of range.
            StaleStyleError: the code is from another checkpoint.
        """
        if brush not in BRUSH_SCALES:
            raise InvalidOptionError(f"The brush must be one of {', '.join(BRUSH_SCALES)}.")
        if not 0 <= strength <= 1:
            raise InvalidOptionError("Strength must be between 0 and 1.")
        work_side_px = self.manifest.preprocessing.work_side_px
        style = self.open_code(code)
        if strength == 0:
            return photo
        reduced = canvas.fit_to_paint(photo.rgb, work_side_px, brush)
        content = self._to_tensor(reduced)
        painted = self.stylize(content[None], style[None], torch.tensor([strength]))
        pixels = painted[0].mul(255).round().byte().permute(1, 2, 0).cpu().numpy()
        colours = photo.rgb if keep_colours else None
        return replace(photo, rgb=canvas.finish(pixels, light(photo.rgb), reduced, colours))

    def _to_tensor(self, pixels: Pixels) -> Tensor:
        tensor = torch.from_numpy(pixels).to(self.device)
        return tensor.permute(2, 0, 1).float() / 255
