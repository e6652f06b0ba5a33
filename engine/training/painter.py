"""The generator with everything that makes style vectors while training."""

from typing import Final

import torch
from torch import Tensor, nn
from typing_extensions import override

from engine.networks import Generator, GeneratorConfig

# Where a style is read; with 64, 128, 256 and 512 channels.
STATISTICS_LAYERS: Final = ("1_2", "2_2", "3_3", "4_1")
_STATISTICS: Final = 2 * (64 + 128 + 256 + 512)


class Painter(nn.Module):
    """The generator with everything that makes style vectors while training.

    A style's vector is read from the channel means and deviations of VGG16's feature maps, which
    teaches several times faster than pixels do. A named style adds a learned residual. The
    StyleEncoder learns to give the same vectors from pixels alone (`engine.training.distil`).
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, named: int, config: GeneratorConfig | None = None) -> None:
        super().__init__()
        self.generator = Generator(config)
        style_dim = self.generator.config.style_dim
        last = nn.Linear(512, style_dim)
        self.read = nn.Sequential(nn.Linear(_STATISTICS, 512), nn.ReLU(), last)
        # Vectors of about unit deviation from the start: styles differ from the first step on.
        with torch.no_grad():
            last.weight.mul_(5)
        self.residual = nn.Embedding(named, style_dim)
        nn.init.normal_(self.residual.weight, std=0.3)
        self.register_buffer("mean", torch.zeros(_STATISTICS))
        self.register_buffer("deviation", torch.ones(_STATISTICS))

    @override
    def forward(self, statistics: Tensor) -> Tensor:
        """Style vectors (N, style_dim) of VGG statistics (N, 1920)."""
        codes: Tensor = self.read((statistics - self.mean) / self.deviation)
        return codes


def statistics_of(features: dict[str, Tensor]) -> Tensor:
    """Channel means and standard deviations where styles are read, (N, 1920) float32."""
    moments = []
    for layer in STATISTICS_LAYERS:
        flat = features[layer].float().flatten(2)
        moments += [flat.mean(2), flat.std(2)]
    return torch.cat(moments, dim=1)
