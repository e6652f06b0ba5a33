"""The three networks: Generator, StyleEncoder and Discriminator.

The method is a conditional GAN for style transfer. The Generator repaints a photo under a style
vector; the StyleEncoder reads that vector from reference pictures; the Discriminator judges
patches against the same vector. They are trained together, with inputs normalised to [-1, 1],
on adversarial + content + style losses (`engine.training.losses`).

Only torch is needed, and every network takes pictures of any size.
"""

import math
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm
from typing_extensions import override

STYLE_DIM: Final = 128
MIN_SIDE_PX: Final = 32
_STRIDE: Final = 8
_SHUFFLE: Final = 2
_GROUND: Final = 4
# A 3 x 3 matrix and a shift.
_PALETTE: Final = 3 * 3 + 3
_NOISE_SIDE: Final = 64
# sigmoid(2.5 t) follows (t + 1) / 2 within 0.08 for t in [-1, 1].
_LOGIT_SLOPE: Final = 2.5
# ImageNet's channel statistics, which torchvision's VGG16 was trained with.
IMAGENET_MEAN: Final = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION: Final = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class GeneratorConfig:
    """The widths and depths that make one Generator; stored in a checkpoint's manifest.

    Attributes:
        style_dim: Length of the style vector.
        widths: Channels at 1/2, 1/4 and 1/8 of the photo's side.
        blocks: Residual blocks at 1/8, where brush strokes form.
    """

    style_dim: int = STYLE_DIM
    widths: tuple[int, int, int] = (32, 64, 128)
    blocks: int = 5


class Conv(nn.Module):
    """Convolution with reflection padding, so that no frame appears at the border."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.pad = kernel // 2
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride)

    @override
    def forward(self, x: Tensor) -> Tensor:
        padded: Tensor = F.pad(x, (self.pad,) * 4, mode="reflect")
        return F.conv2d(padded, self.conv.weight, self.conv.bias, self.conv.stride)


class Affine:
    """Scales and shifts of every normalisation layer for one batch, taken in order."""

    def __init__(self, values: Tensor) -> None:
        self._values = values
        self._at = 0

    def take(self, channels: int) -> tuple[Tensor, Tensor]:
        """Next layer's scale and shift, each (N, channels)."""
        scale = self._values[:, self._at : self._at + channels]
        shift = self._values[:, self._at + channels : self._at + 2 * channels]
        self._at += 2 * channels
        return 1 + scale, shift


def conditional_norm(x: Tensor, affine: Affine) -> Tensor:
    """Conditional instance normalisation (Dumoulin 2017, arXiv:1610.07629, section 2.2).

    Written as group normalisation with one channel per group: mathematically the same as
    `F.instance_norm`, and many times faster on channels-last bf16 tensors on a CPU.
    """
    channels = x.shape[1]
    scale, shift = affine.take(channels)
    scale, shift = scale.to(x.dtype), shift.to(x.dtype)
    if x.shape[0] == 1:
        # With a single photo the style is folded into the kernel: one pass over memory, not three.
        return F.group_norm(x, channels, scale[0], shift[0])
    normalised = F.group_norm(x, channels)
    return torch.addcmul(shift[:, :, None, None], normalised, scale[:, :, None, None])


class _Residual(nn.Module):
    """Residual block with two conditional normalisations."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = Conv(channels, channels)
        self.second = Conv(channels, channels)

    @override
    def forward(self, x: Tensor, affine: Affine, seen: Tensor | None = None) -> Tensor:
        """Add to `x` the block's output for `seen`, by default for `x` itself."""
        y = self.first(x if seen is None else seen)
        y = F.relu(conditional_norm(y, affine), inplace=True)
        return x + conditional_norm(self.second(y), affine)


class Generator(nn.Module):
    """Repaint a photo under a style vector.

    A feed-forward transformation network (Johnson 2016, arXiv:1603.08155) with conditional
    instance normalisation in every layer (Dumoulin 2017; the vector comes from an encoder as in
    Ghiasi 2017, arXiv:1705.06830). It differs for speed and for broad strokes: full resolution is
    never convolved (a pixel unshuffle opens and a pixel shuffle closes the network), most work
    happens at 1/8 of the side, and a skip at 1/4 keeps faces and small things readable.
    Detail finer than two pixels comes from the photo, weighted per pixel by the network.
    The blocks that make strokes also see noise (StyleGAN, Karras 2019, arXiv:1812.04948, section
    3.2), so that strokes can begin in flat areas. The noise is the same for every photo, so the
    same photo gives the same picture.

    Attributes:
        modulation_dim: Length of a modulation: a scale and a shift for every normalised
            channel, and the palette.
        noise_offset: Position of a photo's top left corner in the noise, in cells of 8 x 8
            pixels; training moves it, so that the network does not learn the noise as a map.
    """

    noise: Tensor
    wide_noise: Tensor

    def __init__(self, config: GeneratorConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or GeneratorConfig()
        half, quarter, eighth = config.widths
        pixels = 3 * _SHUFFLE**2
        self.enter = Conv(pixels, half)
        self.down_quarter = Conv(half, quarter, stride=2)
        self.detail = _Residual(quarter)
        self.down_eighth = Conv(quarter, eighth, stride=2)
        self.strokes = nn.ModuleList(_Residual(eighth) for _ in range(config.blocks))
        self.up_quarter = Conv(eighth, quarter)
        self.merge = _Residual(quarter)
        self.up_half = Conv(quarter, half)
        # The last channel is the share of the photo's finest detail that is kept.
        self.leave = Conv(half, pixels + 1, kernel=5)
        norms = half + quarter * 3 + eighth * (1 + 2 * config.blocks) + quarter * 3 + half
        self.affine = nn.Linear(config.style_dim, 2 * norms)
        self.palette = nn.Linear(config.style_dim, _PALETTE)
        self.modulation_dim = 2 * norms + _PALETTE
        self.identity = nn.Linear(2 * 3, config.style_dim)
        self.noise_offset = (0, 0)
        source = torch.Generator().manual_seed(0)
        noise = torch.randn(1, 1, _NOISE_SIDE, _NOISE_SIDE, generator=source)
        self.register_buffer("noise", noise)
        # The same at four times the size, for strokes and areas larger than a few pixels.
        coarse = torch.randn(1, 1, _NOISE_SIDE // 4, _NOISE_SIDE // 4, generator=source)
        wide = F.interpolate(
            F.pad(coarse, (1, 1, 1, 1), mode="circular"), scale_factor=4.0, mode="bicubic"
        )
        self.register_buffer("wide_noise", wide[..., 4:-4, 4:-4].contiguous())
        # One factor per channel for each kind of noise.
        self.grain = nn.Parameter(torch.zeros(config.blocks, eighth, 1, 1))
        self.swell = nn.Parameter(torch.zeros(config.blocks, eighth, 1, 1))
        self._initialise()

    def _initialise(self) -> None:
        nn.init.normal_(self.affine.weight, std=0.5 / math.sqrt(self.config.style_dim))
        nn.init.zeros_(self.affine.bias)
        nn.init.normal_(self.palette.weight, std=0.1 / math.sqrt(self.config.style_dim))
        with torch.no_grad():
            self.palette.bias.copy_(
                torch.cat([_LOGIT_SLOPE * torch.eye(3).flatten(), torch.zeros(3)])
            )
        # Equal weights in the four cells of a shuffled pixel avoid a checkerboard at the start
        # (ICNR, Aitken 2017, arXiv:1707.02937, section 3).
        with torch.no_grad():
            cells, kept = self.leave.conv.weight[:-1], self.leave.conv.weight[-1]
            cells.copy_(cells[:: _SHUFFLE**2].repeat_interleave(_SHUFFLE**2, dim=0))
            kept.zero_()
            self.leave.conv.bias.zero_()  # type: ignore[union-attr]

    def modulate(self, vectors: Tensor) -> Tensor:
        """The modulations of style vectors: (N, modulation_dim) of (N, style_dim).

        Linear up to a constant, so mixing vectors and mixing modulations give the same result.
        """
        return torch.cat([self.affine(vectors), self.palette(vectors)], dim=1)

    def identity_modulation(self, photo: Tensor) -> Tensor:
        """Modulations under which photos are painted as themselves.

        Normalisation removes a photo's brightness and contrast, so they are measured here.

        Args:
            photo: (N, 3, H, W) RGB in [0, 1].

        Returns:
            (N, modulation_dim).
        """
        moments = torch.cat(mean_and_deviation(2 * photo - 1), dim=1)
        return self.modulate(self.identity(moments.to(self.identity.weight.dtype)))

    @override
    def forward(self, photo: Tensor, modulation: Tensor) -> Tensor:
        """Repaint a batch; each photo has its own style.

        Args:
            photo: (N, 3, H, W) RGB in [0, 1]; H and W at least 32 pixels, of any parity.
            modulation: (N, modulation_dim), from `modulate`, possibly with offsets added.

        Returns:
            (N, 3, H, W) float32 RGB in [0, 1].
        """
        height, width = photo.shape[-2:]
        x = 2 * F.pad(photo, (0, -width % _STRIDE, 0, -height % _STRIDE), mode="reflect") - 1
        ground, finest = self._ground(x, modulation[:, -_PALETTE:]), _finest(x)
        x = F.pixel_unshuffle(x, _SHUFFLE).contiguous(memory_format=torch.channels_last)
        affine = Affine(modulation)
        x = F.relu(conditional_norm(self.enter(x), affine), inplace=True)
        x = F.relu(conditional_norm(self.down_quarter(x), affine), inplace=True)
        skip = self.detail(x, affine)
        x = F.relu(conditional_norm(self.down_eighth(skip), affine), inplace=True)
        noise, wide = (self._fitted(field, x) for field in (self.noise, self.wide_noise))
        for block, grain, swell in zip(self.strokes, self.grain, self.swell, strict=True):
            x = block(x, affine, torch.addcmul(torch.addcmul(x, noise, grain), wide, swell))
        x = self.up_quarter(F.interpolate(x, scale_factor=2.0))
        x = skip + F.relu(conditional_norm(x, affine), inplace=True)
        x = self.merge(x, affine)
        x = self.up_half(F.interpolate(x, scale_factor=2.0))
        x = F.relu(conditional_norm(x, affine), inplace=True)
        x = self.leave(x)
        x, kept = x[:, :-1], x[:, -1:].float()
        ground = torch.addcmul(ground, finest, F.interpolate(kept, scale_factor=float(_SHUFFLE)))
        x = F.pixel_shuffle(x, _SHUFFLE).float()
        # The mean over 2 x 2 pixels removes patterns with a pixel shuffle's period, whatever the
        # weights (Sugawara 2018, arXiv:1806.02658).
        # Two sums of neighbours are several times faster than a pooling with stride 1.
        x = F.pad(x, (0, 1, 0, 1), mode="reflect")
        x = x[..., :-1] + x[..., 1:]
        x = torch.add(ground, x[..., :-1, :] + x[..., 1:, :], alpha=0.25)
        # The sigmoid is taken in float32: bf16 just below 1 has only the steps of an 8-bit picture.
        return torch.sigmoid(x[..., :height, :width])

    def _fitted(self, field: Tensor, x: Tensor) -> Tensor:
        """Noise cropped or repeated to the size of (N, C, H, W) feature maps, (1, 1, H, W)."""
        height, width = x.shape[2:]
        down, right = self.noise_offset
        repeats = [-(-(down + height) // _NOISE_SIDE), -(-(right + width) // _NOISE_SIDE)]
        noise = field.to(x.dtype).tile(repeats)
        return noise[..., down : down + height, right : right + width]

    def _ground(self, photo: Tensor, palette: Tensor) -> Tensor:
        """The layer of colour that strokes are painted on.

        The photo without detail, its colours turned into the style's by a 3 x 3 matrix and a shift,
        so light and dark need not be found again after eighteen normalisations.

        Args:
            photo: (N, 3, H, W) RGB in [-1, 1], sides divisible by 8.
            palette: (N, 12), the matrix and the shift.

        Returns:
            (N, 3, H, W) float32, to be added before the sigmoid.
        """
        palette = palette.float()
        matrix, shift = palette[:, :9].view(-1, 3, 3), palette[:, 9:, None]
        small = F.avg_pool2d(photo, _GROUND).float()
        turned = torch.baddbmm(shift, matrix, small.flatten(2)).view_as(small)
        return F.interpolate(turned, scale_factor=float(_GROUND), mode="bilinear")


def _finest(photo: Tensor) -> Tensor:
    """Brightness (BT.601) of (N, 3, H, W) RGB minus its local mean, (N, 1, H, W) float32."""
    photo = photo.float()
    luma = 0.299 * photo[:, :1] + 0.587 * photo[:, 1:2] + 0.114 * photo[:, 2:]
    # Twice two neighbours' sum on either axis: weights 1 2 1.
    around = F.pad(luma, (1, 1, 1, 1), mode="reflect")
    for _ in range(2):
        around = around[..., :-1] + around[..., 1:]
        around = around[..., :-1, :] + around[..., 1:, :]
    return torch.sub(luma, around, alpha=1 / 16)


class StyleEncoder(nn.Module):
    """Computes the style vector of a reference picture.

    Means and standard deviations of the channels at several depths describe a style well
    (AdaIN, Huang 2017, arXiv:1703.06868, section 4): they are pooled after every stage, over the
    whole picture, and a small perceptron turns them into the vector. No stage normalises, because
    that would remove what is measured.

    The first stages have the shape of VGG16's (Simonyan and Zisserman 2014, arXiv:1409.1556), so
    that training can start from its weights, which the style loss is computed with.

    Attributes:
        widths: Channels of the stages; VGG16's first three, then our own.
    """

    centre: Tensor
    spread: Tensor
    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        style_dim: int = STYLE_DIM,
        widths: tuple[int, int, int, int, int] = (64, 128, 256, 128, 192),
    ) -> None:
        super().__init__()
        one, two, three, four, five = self.widths = widths
        # Each list starts by halving the side, except the first.
        self.seen = nn.ModuleList(
            nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for i, o in stage)
            for stage in (((3, one), (one, one)), ((one, two), (two, two)), ((two, three),))
        )
        self.learnt = nn.ModuleList(Conv(i, o, stride=2) for i, o in ((three, four), (four, five)))
        read = 2 * (3 + sum(widths))
        # Mean and deviation of the moments over paintings, to normalise the perceptron's input.
        self.register_buffer("centre", torch.zeros(read))
        self.register_buffer("spread", torch.ones(read))
        self.head = nn.Sequential(nn.Linear(read, 256), nn.ReLU(), nn.Linear(256, style_dim))
        for name, values in (("mean", IMAGENET_MEAN), ("deviation", IMAGENET_DEVIATION)):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)

    def seen_stages(self) -> list[list[nn.Conv2d]]:
        """The convolutions that have VGG16's shapes, by stage."""
        return [
            [conv for conv in stage.children() if isinstance(conv, nn.Conv2d)]
            for stage in self.seen.children()
        ]

    def moments(self, reference: Tensor) -> Tensor:
        """Channel means and deviations at all depths, (N, R) float32, of (N, 3, H, W) RGB."""
        x = (reference - self.mean) / self.deviation
        found = [*mean_and_deviation(x)]
        for index, stage in enumerate(self.seen_stages()):
            x = F.max_pool2d(x, 2) if index else x
            for conv in stage:
                x = F.relu(conv(x))
            found.extend(mean_and_deviation(x))
        for own in self.learnt:
            x = F.relu(own(x))
            found.extend(mean_and_deviation(x))
        return torch.cat(found, dim=1)

    @override
    def forward(self, reference: Tensor) -> Tensor:
        """Encode references.

        Args:
            reference: (N, 3, H, W) RGB in [0, 1]; H and W at least 32 pixels.

        Returns:
            (N, style_dim) style vectors.
        """
        departures = (self.moments(reference) - self.centre) / self.spread
        codes: Tensor = self.head(departures.to(next(self.head.parameters()).dtype))
        return codes


def mean_and_deviation(x: Tensor) -> tuple[Tensor, Tensor]:
    """Channel means and standard deviations of (N, C, H, W), each (N, C) float32."""
    flat = x.float().flatten(2)
    # The variance of a flat channel is 0, where a square root has no gradient.
    return flat.mean(2), (flat.var(2, unbiased=False) + 1e-5).sqrt()


class Discriminator(nn.Module):
    """Judges patches of a picture as real paint or not, given the style.

    A spectrally normalised (Miyato 2018, arXiv:1802.05957) patch discriminator (Isola 2017,
    arXiv:1611.07004, section 3.2.2) conditioned by projection (Miyato and Koyama 2018,
    arXiv:1802.05637).
    """

    def __init__(
        self, style_dim: int = STYLE_DIM, widths: tuple[int, int, int] = (32, 64, 128)
    ) -> None:
        super().__init__()
        inputs = (3, *widths[:-1])
        self.stages = nn.ModuleList(
            spectral_norm(nn.Conv2d(i, o, 4, stride=2, padding=1))
            for i, o in zip(inputs, widths, strict=True)
        )
        self.head = spectral_norm(nn.Conv2d(widths[-1], 1, 3, padding=1))
        self.project = spectral_norm(nn.Linear(style_dim, widths[-1], bias=False))

    @override
    def forward(self, picture: Tensor, codes: Tensor) -> Tensor:
        """Score patches.

        Args:
            picture: (N, 3, H, W) RGB in [0, 1].
            codes: (N, style_dim) style vectors.

        Returns:
            (N, 1, H/8, W/8) scores; high means painted in that style.
        """
        x = 2 * picture - 1
        for stage in self.stages:
            x = F.leaky_relu(stage(x), 0.2)
        # The projection is averaged over channels to match the scale of the head.
        match = (x * self.project(codes)[:, :, None, None]).mean(1, keepdim=True)
        scores: Tensor = self.head(x) + match
        return scores
