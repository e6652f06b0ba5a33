"""The generator with everything that makes style vectors while training."""

from torch import nn

from engine.painting.networks import Generator, GeneratorConfig, StyleEncoder


class Painter(nn.Module):
    """Everything that is shipped, as it is trained.

    Attributes:
        generator: Paints.
        encoder: Reads the vector of a style from its picture.
        named: A learned vector for every named style (Dumoulin 2017, arXiv:1610.07629).
    """

    def __init__(self, named: int, config: GeneratorConfig | None = None) -> None:
        super().__init__()
        self.generator = Generator(config)
        style_dim = self.generator.config.style_dim
        self.encoder = StyleEncoder(style_dim)
        # Of about unit deviation: styles differ from the first step on.
        self.named = nn.Embedding(named, style_dim)
