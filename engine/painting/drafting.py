"""The drafting generator, trained on nearest neighbours of features.

It paints in two passes: a draft of the whole picture at a quarter of the side, where large shapes
cost little, then the brushwork over the enlarged draft at the full side (Drafting and Revision,
Lin 2021, arXiv:2104.05376). `stylebot train-drafting` trains it; the shipped checkpoint is still
of `networks.Generator`, which it replaces once its pictures are better.

Nothing here needs more than torch, and both networks take pictures of any size.
"""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor, nn
from typing_extensions import override

from engine.painting.networks import STYLE_DIM, Affine, Conv, conditional_norm, mean_and_deviation

# Channel means and deviations of the picture and of VGG16's layers in `MOMENT_LAYERS`.
MOMENT_LAYERS: Final = ("1_2", "2_2", "3_3", "4_3")
MOMENTS: Final = 2 * (3 + 64 + 128 + 256 + 512)
# The draft's share of the side, and the multiple that its side must be of.
DRAFT_SHARE: Final = 4
_DRAFT_STRIDE: Final = 16
_DRAFT_MIN_SIDE_PX: Final = 32
# Reduction of the second network's maps.
_STRIDE: Final = 8
_SHUFFLE: Final = 2
# Logits beyond this are pure black or white to an 8-bit picture.
_LOGIT_MAX: Final = 6.0


@dataclass(frozen=True, slots=True)
class DraftingConfig:
    """The widths and depths that make one `DraftingGenerator`; kept in a checkpoint's manifest.

    Attributes:
        style_dim: Length of the style vector.
        draft_widths: Channels of the draft at 1/2, 1/4, 1/8 and 1/16 of its side.
        draft_blocks: Residual blocks of the draft at 1/16, and as many at 1/8 and 1/4.
        widths: Channels of the second network at 1/2, 1/4 and 1/8 of the picture's side.
        blocks: Residual blocks of the second network at 1/8, where brush strokes form.
    """

    style_dim: int = STYLE_DIM
    draft_widths: tuple[int, int, int, int] = (48, 96, 128, 192)
    draft_blocks: int = 2
    widths: tuple[int, int, int] = (32, 64, 128)
    blocks: int = 4


class _Layer(nn.Module):
    """Convolution, conditional normalisation, ReLU; the side may be doubled first."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1, double: bool = False) -> None:
        super().__init__()
        self.conv = Conv(inputs, outputs, stride=stride)
        self.doubled = double
        self.norms = outputs

    @override
    def forward(self, x: Tensor, affine: Affine) -> Tensor:
        if self.doubled:
            x = F.interpolate(x, scale_factor=2.0)
        return F.relu(conditional_norm(self.conv(x), affine), inplace=True)


class _Residual(nn.Module):
    """Residual block with two conditional normalisations that also sees noise.

    Noise lets strokes begin in flat areas (StyleGAN, Karras 2019, arXiv:1812.04948, section 3.2);
    it is scaled by one learned factor per channel.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = Conv(channels, channels)
        self.second = Conv(channels, channels)
        self.grain = nn.Parameter(torch.zeros(channels, 1, 1))
        self.norms = 2 * channels

    @override
    def forward(self, x: Tensor, affine: Affine, noise: Tensor) -> Tensor:
        """Repaint (N, C, H, W) maps under noise of (N, 1, H, W)."""
        y = self.first(torch.addcmul(x, noise, self.grain.to(x.dtype)))
        y = F.relu(conditional_norm(y, affine), inplace=True)
        return x + conditional_norm(self.second(y), affine)


class _Draft(nn.Module):
    """Paints colours and large shapes at a quarter of the side.

    A U-Net (Ronneberger 2015, arXiv:1505.04597) that looks at the whole photo.
    """

    def __init__(self, config: DraftingConfig) -> None:
        super().__init__()
        half, quarter, eighth, sixteenth = config.draft_widths
        pixels = 3 * _SHUFFLE**2
        self.down = nn.ModuleList(
            [
                _Layer(pixels, half),
                _Layer(half, quarter, stride=2),
                _Layer(quarter, eighth, stride=2),
                _Layer(eighth, sixteenth, stride=2),
            ]
        )
        self.deep = nn.ModuleList(_Residual(sixteenth) for _ in range(config.draft_blocks))
        self.up = nn.ModuleList(
            [
                _Layer(sixteenth, eighth, double=True),
                _Layer(eighth, quarter, double=True),
                _Layer(quarter, half, double=True),
            ]
        )
        self.mid = nn.ModuleList(
            nn.ModuleList(_Residual(width) for _ in range(count))
            for width, count in ((eighth, config.draft_blocks), (quarter, config.draft_blocks))
        )
        self.leave = Conv(half, pixels, kernel=5)

    @override
    def forward(self, photo: Tensor, affine: Affine, noise: Tensor) -> Tensor:
        """Logits of the draft, (N, 3, h, w) float32.

        Args:
            photo: (N, 3, h, w) in [-1, 1], sides divisible by 16.
            affine: What the style sets.
            noise: (N, 1, h/4, w/4), of unit deviation.
        """
        x = F.pixel_unshuffle(photo, _SHUFFLE).contiguous(memory_format=torch.channels_last)
        skips = []
        for layer in self.down:
            x = layer(x, affine)
            skips.append(x)
        fields = [noise, _halved(noise), _halved(_halved(noise))]
        for block in self.deep:
            x = block(x, affine, fields[2])
        for level, layer in enumerate(self.up):
            x = layer(x, affine) + skips[2 - level]
            if level < len(self.mid):
                for block in self.mid[level].children():
                    x = block(x, affine, fields[1 - level])
        return _smoothed(F.pixel_shuffle(self.leave(x), _SHUFFLE).float())


class _Strokes(nn.Module):
    """Brushwork over the enlarged draft, at the full side.

    Full resolution is never convolved: a pixel unshuffle opens and a pixel shuffle closes the
    network, and most work happens at 1/8 of the side.
    """

    def __init__(self, config: DraftingConfig) -> None:
        super().__init__()
        half, quarter, eighth = config.widths
        pixels = 3 * _SHUFFLE**2
        self.enter = _Layer(2 * pixels, half)
        self.down = nn.ModuleList(
            [_Layer(half, quarter, stride=2), _Layer(quarter, eighth, stride=2)]
        )
        self.blocks = nn.ModuleList(_Residual(eighth) for _ in range(config.blocks))
        self.up = nn.ModuleList(
            [_Layer(eighth, quarter, double=True), _Layer(quarter, half, double=True)]
        )
        self.merge = _Residual(quarter)
        self.leave = Conv(half, pixels, kernel=5)

    @override
    def forward(self, photo: Tensor, draft: Tensor, affine: Affine, noise: Tensor) -> Tensor:
        """The change to the draft's logits, (N, 3, H, W) float32.

        Args:
            photo: (N, 3, H, W) in [-1, 1], sides divisible by 8.
            draft: (N, 3, H, W) in [-1, 1], the draft enlarged.
            affine: What the style sets.
            noise: (N, 1, H/4, W/4), of unit deviation.
        """
        seen = torch.cat([photo, draft], dim=1)
        x = F.pixel_unshuffle(seen, _SHUFFLE).contiguous(memory_format=torch.channels_last)
        x = self.enter(x, affine)
        skip = self.down[0](x, affine)
        x = self.down[1](skip, affine)
        coarse = _halved(noise)
        for block in self.blocks:
            x = block(x, affine, coarse)
        x = self.up[0](x, affine) + skip
        x = self.merge(x, affine, noise)
        x = self.up[1](x, affine)
        return _smoothed(F.pixel_shuffle(self.leave(x), _SHUFFLE).float())


def _halved(noise: Tensor) -> Tensor:
    """White noise of unit deviation at half the side: the sums of 2 x 2, halved."""
    return 2 * F.avg_pool2d(noise, 2, ceil_mode=True)


def _smoothed(x: Tensor) -> Tensor:
    """Mean over 2 x 2 pixels of (N, C, H, W), which keeps its size.

    Removes patterns with a pixel shuffle's period, whatever the weights (Sugawara 2018,
    arXiv:1806.02658). Two sums of neighbours are several times faster than a pooling with stride 1.
    """
    x = F.pad(x, (0, 1, 0, 1), mode="reflect")
    x = x[..., :-1] + x[..., 1:]
    return (x[..., :-1, :] + x[..., 1:, :]) / 4


class DraftingGenerator(nn.Module):
    """Repaint a photo under a style vector: a draft first, then the brushwork over it.

    Two feed-forward networks (Johnson 2016, arXiv:1603.08155) with conditional instance
    normalisation in every layer (Dumoulin 2017; the vector comes from an encoder as in Ghiasi 2017,
    arXiv:1705.06830). The first paints the whole picture at a quarter of the side, where large
    shapes are few pixels and cost little; the second paints over the enlarged draft at the full
    side (Drafting and Revision, Lin 2021, arXiv:2104.05376).

    Attributes:
        modulation_dim: Numbers that a style vector stands for: a scale and a shift for every
            normalised channel.
        draft_dim: How many of them, the first ones, belong to the draft.
    """

    def __init__(self, config: DraftingConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or DraftingConfig()
        self.draft = _Draft(config)
        self.strokes = _Strokes(config)
        self.draft_dim = 2 * _norms(self.draft)
        self.modulation_dim = self.draft_dim + 2 * _norms(self.strokes)
        self.affine = nn.Linear(config.style_dim, self.modulation_dim)
        self.identity = nn.Linear(2 * 3, config.style_dim)
        nn.init.normal_(self.affine.weight, std=0.5 / math.sqrt(config.style_dim))
        nn.init.zeros_(self.affine.bias)
        # Equal weights in the four cells of a shuffled pixel start it without a checkerboard
        # (ICNR, Aitken 2017, arXiv:1707.02937, section 3).
        with torch.no_grad():
            for leave in (self.draft.leave, self.strokes.leave):
                cells = leave.conv.weight
                cells.copy_(cells[:: _SHUFFLE**2].repeat_interleave(_SHUFFLE**2, dim=0))
                leave.conv.bias.zero_()  # type: ignore[union-attr]
            # Brushwork starts near zero.
            self.strokes.leave.conv.weight.mul_(0.1)

    def modulate(self, vectors: Tensor) -> Tensor:
        """What style vectors set in the layers, (N, modulation_dim), of (N, style_dim).

        It is linear up to a constant, so styles mix alike before and behind it.
        """
        modulation: Tensor = self.affine(vectors)
        return modulation

    def identity_modulation(self, photo: Tensor) -> Tensor:
        """Modulations under which photos are painted as themselves.

        Normalisation forgets a photo's brightness and contrast, so they are read from it here.

        Args:
            photo: (N, 3, H, W) RGB in [0, 1].

        Returns:
            (N, modulation_dim).
        """
        moments = torch.cat(mean_and_deviation(2 * photo - 1), dim=1)
        return self.modulate(self.identity(moments.to(self.identity.weight.dtype)))

    @override
    def forward(self, photo: Tensor, modulation: Tensor, noise: Tensor | None = None) -> Tensor:
        """Repaint a batch; each photo has its own style.

        Args:
            photo: (N, 3, H, W) RGB in [0, 1]; H and W at least 32 pixels, of any parity.
            modulation: (N, modulation_dim), from `modulate`, and whatever was added to that.
            noise: (N, 1, h, w) from `noise_for`; None to make it from the photos.

        Returns:
            (N, 3, H, W) float32 RGB in [0, 1].
        """
        noise = (noise_for(photo) if noise is None else noise).to(photo.dtype)
        draft = self.paint_draft(draft_view(photo), modulation, noise)
        return self.paint_strokes(photo, draft, modulation, noise)

    def paint_draft(self, small: Tensor, modulation: Tensor, noise: Tensor) -> Tensor:
        """The draft's logits, (N, 3, h, w) float32, of (N, 3, h, w) photos; see `draft_view`."""
        height, width = (edge // DRAFT_SHARE for edge in small.shape[2:])
        affine = Affine(modulation[:, : self.draft_dim])
        logits: Tensor = self.draft(2 * small - 1, affine, noise[..., :height, :width])
        return logits.clamp(-_LOGIT_MAX, _LOGIT_MAX)

    def paint_strokes(
        self, photo: Tensor, draft: Tensor, modulation: Tensor, noise: Tensor
    ) -> Tensor:
        """The picture, (N, 3, H, W) float32 RGB in [0, 1], of a photo and its draft's logits."""
        height, width = photo.shape[2:]
        padded = F.pad(photo, (0, -width % _STRIDE, 0, -height % _STRIDE), mode="reflect")
        ground = F.interpolate(draft, (height, width), mode="bilinear", align_corners=False)
        ground = F.pad(ground, (0, -width % _STRIDE, 0, -height % _STRIDE), mode="reflect")
        rows, columns = (edge // DRAFT_SHARE for edge in padded.shape[2:])
        strokes = self.strokes(
            2 * padded - 1,
            (2 * ground.sigmoid() - 1).to(photo.dtype),
            Affine(modulation[:, self.draft_dim :]),
            noise[..., :rows, :columns],
        )
        # The sigmoid is taken in float32: bf16 just below 1 has only the steps of an 8-bit picture.
        return torch.sigmoid((ground + strokes)[..., :height, :width])


def draft_view(photo: Tensor) -> Tensor:
    """The draft's input: (N, 3, H, W) reduced to a quarter of the side, a multiple of 16 px."""
    size = [_draft_side(edge) for edge in photo.shape[2:]]
    small = F.interpolate(photo.float(), size, mode="bilinear", align_corners=False, antialias=True)
    return small.to(photo.dtype)


def noise_for(photo: Tensor) -> Tensor:
    """Noise seeded by the photo, equal on every device.

    Args:
        photo: (N, 3, H, W) RGB in [0, 1].

    Returns:
        (N, 1, h, w) float32 of unit deviation, on the photo's device: a number for every 4 x 4
        pixels, and some beyond the border.
    """
    rows, columns = (
        _draft_side(edge) // DRAFT_SHARE + edge // DRAFT_SHARE + _STRIDE for edge in photo.shape[2:]
    )
    # The seed is from a coarse thumbnail, which does not depend on a device's rounding.
    thumbnails = F.adaptive_avg_pool2d(photo.float(), 4).mul(64).round().long().cpu().flatten(1)
    fields = []
    for thumbnail in thumbnails.tolist():
        source = torch.Generator().manual_seed(zlib.crc32(bytes(thumbnail)))
        fields.append(torch.randn(1, rows, columns, generator=source))
    return torch.stack(fields).to(photo.device)


def _draft_side(edge: int) -> int:
    """Side of the draft of a photo's edge, in pixels; a multiple of 16."""
    return max(_DRAFT_MIN_SIDE_PX, round(edge / DRAFT_SHARE / _DRAFT_STRIDE) * _DRAFT_STRIDE)


def _norms(network: nn.Module) -> int:
    """The number of channels in a network's conditional normalisations."""
    return sum(
        module.norms for module in network.modules() if isinstance(module, _Layer | _Residual)
    )


class MomentEncoder(nn.Module):
    """Computes the style vector from channel moments of VGG16's feature maps.

    Means and standard deviations of the channels at several depths describe a style well
    (AdaIN, Huang 2017, arXiv:1703.06868, section 4); a small perceptron turns them into the vector.
    `style_moments` measures them.
    """

    centre: Tensor
    spread: Tensor

    def __init__(self, style_dim: int = STYLE_DIM, hidden: int = 192) -> None:
        super().__init__()
        # Mean and deviation of the moments over paintings, to normalise the input.
        self.register_buffer("centre", torch.zeros(MOMENTS))
        self.register_buffer("spread", torch.ones(MOMENTS))
        self.head = nn.Sequential(
            nn.Linear(MOMENTS, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, style_dim)
        )

    @override
    def forward(self, moments: Tensor) -> Tensor:
        """Style vectors, (N, style_dim), of (N, MOMENTS) float32."""
        departures = ((moments - self.centre) / self.spread).clamp(-5, 5)
        codes: Tensor = self.head(departures)
        return codes


def style_moments(features: Mapping[str, Tensor], picture: Tensor) -> Tensor:
    """The encoder's input for style pictures, (N, MOMENTS) float32.

    Args:
        features: The pictures' maps, from `Vgg16.features`.
        picture: (N, 3, H, W) RGB in [0, 1].
    """
    maps = [picture, *(features[layer] for layer in MOMENT_LAYERS)]
    return torch.cat([part for each in maps for part in mean_and_deviation(each)], dim=1)
