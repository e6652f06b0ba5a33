"""The generator with everything that makes style vectors in training."""

from torch import nn

from engine.painting.networks import Generator, GeneratorConfig, StyleEncoder


class Painter(nn.Module):
    """The networks and vectors that are shipped, in training.

    Attributes:
        generator: Paints.
        encoder: Computes the vector of a style from its picture.
        named: A learned vector for every named style (Dumoulin 2017, arXiv:1610.07629).
    """

    def __init__(self, named: int, config: GeneratorConfig | None = None) -> None:
        super().__init__()
        self.generator = Generator(config)
        style_dim = self.generator.config.style_dim
        self.encoder = StyleEncoder(style_dim)
        # Of about unit deviation, so that styles differ from the first step.
        self.named = nn.Embedding(named, style_dim)
