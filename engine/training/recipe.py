"""Parameters of a run: weights of the losses, schedule, the generator's shape."""

import math
from dataclasses import dataclass, field

from engine.painting.networks import GeneratorConfig


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the losses in the total.

    Attributes:
        style: Of the relative Gram error.
        content: Of the distance to the photo's features; less gives bolder paintings.
        content_of_paintings: Factor on that for paintings that are not named styles: a vector
            computed from a picture matches its style less closely, and needs more freedom.
        adversarial: Of the hinge loss.
        identity: Of the mean absolute error on identity samples.
        variation: Of the total variation.
    """

    style: float = 1.0
    content: float = 1.4
    content_of_paintings: float = 0.75
    adversarial: float = 0.15
    identity: float = 10.0
    variation: float = 0.02


@dataclass(frozen=True, slots=True)
class Schedule:
    """Number of steps and learning rates.

    Attributes:
        steps: Steps in the whole run, including resumed parts.
        learning_rate: Adam's highest rate, after the warm-up.
        warm_up: Share of the steps over which the rate rises.
        ema_decay: Decay of the averaged weights, which are the ones shipped.
        gradient_norm_max: Gradients are clipped to this norm.
    """

    steps: int = 20_000
    learning_rate: float = 1e-3
    warm_up: float = 0.03
    ema_decay: float = 0.998
    gradient_norm_max: float = 5.0

    def rate(self, step: int) -> float:
        """Learning rate of a step: linear warm-up, then half a cosine down to 2 %."""
        warm_up_steps = max(1, round(self.steps * self.warm_up))
        if step < warm_up_steps:
            return self.learning_rate * (step + 1) / warm_up_steps
        progress = min(1.0, (step - warm_up_steps) / max(1, self.steps - warm_up_steps))
        return self.learning_rate * (0.02 + 0.98 * (1 + math.cos(math.pi * progress)) / 2)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Parameters of a run."""

    weights: Weights = field(default_factory=Weights)
    schedule: Schedule = field(default_factory=Schedule)
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
