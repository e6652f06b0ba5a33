"""The training loop: generator and discriminator are trained together, and the state is saved.

A run is a folder. Its state file holds every tensor that the next step depends on (networks, EMA
weights, both optimisers), is replaced atomically, and is read without unpickling.
"""

import copy
import json
import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.api.errors import TrainingError
from engine.painting.checkpoint import Checkpoint
from engine.painting.networks import Discriminator
from engine.painting.perceptual import Vgg16
from engine.training import losses
from engine.training.dataset import REFERENCE_SIDE_PX, Batch, Dataset, fit, to_tensor
from engine.training.painter import Painter
from engine.training.recipe import Recipe

STATE_FILE: Final = "state.safetensors"
# VGG16's layers that initialise the StyleEncoder's first stages.
ENCODER_STAGES: Final = (("1_1", "1_2"), ("2_1", "2_2"), ("3_1",))
# Largest reduction of the generator's maps, and of the perceptual network's deepest used ones.
_STRIDE: Final = 8
# The generator's noise factors.
_NOISE: Final = ("grain", "swell")
# Number of pictures that normalise the encoder's moments, and the least deviation.
_MEASURED_STYLES: Final = 100
_SPREAD_MIN: Final = 1e-3


class Trainer:
    """One training run."""

    def __init__(
        self,
        dataset: Dataset,
        vgg: Vgg16,
        out: Path,
        recipe: Recipe | None = None,
        *,
        device: str = "cpu",
        seed: int = 0,
    ) -> None:
        torch.manual_seed(seed)
        self.dataset = dataset
        self.vgg = vgg.to(device)
        self.out = out
        self.recipe = recipe = recipe or Recipe()
        self.device = torch.device(device)
        self.step = 0
        self.painter = Painter(len(dataset.styles), recipe.generator).to(self.device)
        self.discriminator = Discriminator(recipe.generator.style_dim).to(self.device)
        for network in (self.painter, self.discriminator):
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        # `scale` multiplies the schedule's rate. A named style's vector gets gradients only when
        # its style is drawn, and would hardly move; the noise factors start at zero; the stages
        # taken from VGG16 are already trained; and the discriminator, which sees whole paintings,
        # would get too far ahead.
        encoder = self.painter.encoder
        generator = self.painter.generator
        noise = [generator.grain, generator.swell]
        rest = [value for name, value in generator.named_parameters() if name not in _NOISE]
        self.painter_optimizer = torch.optim.Adam(
            [
                {"params": encoder.seen.parameters(), "scale": 0.1},
                {
                    "params": [*encoder.learnt.parameters(), *encoder.head.parameters()],
                    "scale": 1.0,
                },
                {"params": self.painter.named.parameters(), "scale": 10.0},
                {"params": rest, "scale": 1.0},
                {"params": noise, "scale": 10.0},
            ],
            betas=(0.9, 0.99),
        )
        self.discriminator_optimizer = torch.optim.Adam(
            [{"params": self.discriminator.parameters(), "scale": 0.5}], betas=(0.5, 0.99)
        )
        self._measure_styles()
        self._open_eyes()
        self.averaged = copy.deepcopy(self.painter).requires_grad_(requires_grad=False)

    @torch.no_grad()
    def _open_eyes(self) -> None:
        """Initialise the encoder with VGG16's weights and the statistics of paintings."""
        encoder = self.painter.encoder
        for stage, names in zip(encoder.seen_stages(), ENCODER_STAGES, strict=True):
            for conv, name in zip(stage, names, strict=True):
                conv.load_state_dict(
                    {part: getattr(self.vgg, f"{part}{name}") for part in ("weight", "bias")}
                )
        moments = torch.cat(
            [
                encoder.moments(self._reference(picture))
                for picture in self.dataset.some_styles(_MEASURED_STYLES)
            ]
        )
        encoder.centre.copy_(moments.mean(0))
        encoder.spread.copy_(moments.std(0, unbiased=False).clamp(min=_SPREAD_MIN))

    def _measure_styles(self) -> None:
        """Measure the named styles once."""
        measured = [
            self._measure(to_tensor(fit(image, self.dataset.mixture.style_side_px)))
            for image in self.dataset.styles
        ]
        self._targets = {
            name: torch.stack([target[name] for target in measured]) for name in measured[0]
        }

    @torch.no_grad()
    def _measure(self, style: Tensor) -> dict[str, Tensor]:
        """The targets of a style, each (C, C) or (C,).

        Args:
            style: (3, H, W) at the size its strokes are copied at.
        """
        features = self.vgg.features(style[None].to(self.device), losses.STYLE_LAYERS[-1])
        return {name: value[0] for name, value in losses.measure_style(features).items()}

    def _read(self, painter: Painter, style: Tensor) -> Tensor:
        """The encoder's vector (style_dim,) of (3, H, W)."""
        with torch.autocast(self.device.type, torch.bfloat16):
            vector: Tensor = painter.encoder(self._reference(style))[0]
        return vector.float()

    def _reference(self, style: Tensor) -> Tensor:
        """The encoder's input of (3, H, W), reduced to one small size for all painting sizes."""
        scale = REFERENCE_SIDE_PX / max(style.shape[1:])
        picture = style[None].to(self.device)
        small = F.interpolate(picture, scale_factor=scale, mode="bilinear", antialias=True)
        return small.clamp(0, 1)

    @torch.no_grad()
    def start_from(self, checkpoint: Checkpoint, slugs: Sequence[str]) -> None:
        """Start with a shipped checkpoint's networks and style vectors instead of noise.

        Named styles keep their vectors. The discriminator is not shipped and starts from noise.

        Args:
            checkpoint: The checkpoint.
            slugs: Slugs of the dataset's styles; those not in the checkpoint get the vector that
                its encoder computes from their pictures.

        Raises:
            TrainingError: the checkpoint's networks have another shape.
        """
        painter = self.painter
        try:
            painter.generator.load_state_dict(checkpoint.generator.state_dict())
            painter.encoder.load_state_dict(checkpoint.encoder.state_dict())
        except RuntimeError as error:
            raise TrainingError(f"The checkpoint's networks have another shape: {error}") from error
        known = [style.slug for style in checkpoint.manifest.styles]
        for row, slug in enumerate(slugs):
            painter.named.weight[row] = (
                checkpoint.codes[known.index(slug)]
                if slug in known
                else self._read(painter, to_tensor(self.dataset.styles[row]))
            )
        self.averaged.load_state_dict(painter.state_dict())

    def run(self, report: Callable[[int, dict[str, float]], None] | None = None) -> None:
        """Train from the current step to the last.

        The next batch is decoded during the current step.

        Args:
            report: Called after every step with the step's number and its losses.

        Raises:
            TrainingError: the losses are no longer numbers.
        """
        with ThreadPoolExecutor(max_workers=1) as ahead:
            coming = ahead.submit(self.dataset.batch, self.step)
            while self.step < self.recipe.schedule.steps:
                batch = coming.result()
                coming = ahead.submit(self.dataset.batch, self.step + 1)
                values = self.train_step(batch)
                if not all(math.isfinite(value) for value in values.values()):
                    raise TrainingError(
                        f"The losses left the numbers at step {self.step}; resume from the last "
                        "saved state with a lower learning rate."
                    )
                self.step += 1
                if report:
                    report(self.step, values)

    def train_step(self, batch: Batch) -> dict[str, float]:
        """Take one step of both networks; returns the mean of every loss."""
        rate = self.recipe.schedule.rate(self.step)
        for optimizer in self._optimizers().values():
            for group in optimizer.param_groups:
                group["lr"] = rate * group["scale"]
        photos = batch.photos.to(self.device)
        painted = len(batch.styles)
        codes, target = self._styles_of(batch)
        generator = self.painter.generator
        generator.noise_offset = (37 * self.step % 64, 23 * self.step % 64)
        with torch.autocast(self.device.type, torch.bfloat16):
            styles = generator.modulate(codes)
            if painted < len(photos):
                styles = torch.cat([styles, generator.identity_modulation(photos[painted:])])
            pictures = generator(photos, styles)
        fake, fixed_codes = pictures[:painted], codes.detach()
        judged = self._discriminator_step(batch.real.to(self.device), fake.detach(), fixed_codes)

        with torch.no_grad():
            content = self.vgg.features(self._shifted(photos[:painted]), losses.CONTENT_LAYERS[-1])
        features = self.vgg.features(self._shifted(fake), losses.STYLE_LAYERS[-1])
        with torch.autocast(self.device.type, torch.bfloat16):
            scores = self.discriminator(fake, fixed_codes)
        parts = {
            "style": losses.style_loss(features, target).mean(),
            "content": self._content(losses.content_loss(features, content), batch.styles),
            "adversarial": losses.hinge_generator(scores).mean(),
            "variation": losses.total_variation(fake).mean(),
        }
        if painted < len(photos):
            parts["identity"] = losses.identity_loss(pictures[painted:], photos[painted:]).mean()
        weights = asdict(self.recipe.weights)
        total = sum((weights[name] * value for name, value in parts.items()), torch.zeros(()))
        self.painter_optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.painter.parameters(), self.recipe.schedule.gradient_norm_max)
        self.painter_optimizer.step()
        self._average()
        return {name: value.item() for name, value in parts.items()} | {"discriminator": judged}

    def _shifted(self, pictures: Tensor) -> Tensor:
        """Pictures cropped by up to eight pixels at their borders, differently at every step.

        VGG16 halves its maps at the places where the generator doubles them. With a fixed offset,
        stamps of that size would look like strokes to it.
        """
        down, right = self.step % _STRIDE, self.step // _STRIDE % _STRIDE
        height, width = (edge - _STRIDE for edge in pictures.shape[2:])
        return pictures[..., down : down + height, right : right + width]

    def _content(self, values: Tensor, styles: list[int]) -> Tensor:
        """Mean content loss of a batch; paintings have a weight of their own."""
        share = self.recipe.weights.content_of_paintings
        return (values * values.new_tensor([1 if style >= 0 else share for style in styles])).mean()

    def _styles_of(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Style vectors (N, style_dim) and targets of a batch's painted samples."""
        references = iter(batch.references)
        codes: list[Tensor] = []
        targets: list[dict[str, Tensor]] = []
        for style in batch.styles:
            if style >= 0:
                codes.append(self.painter.named.weight[style])
                targets.append({name: values[style] for name, values in self._targets.items()})
                continue
            reference = next(references)
            codes.append(self._read(self.painter, reference))
            targets.append(self._measure(reference))
        stacked = {name: torch.stack([target[name] for target in targets]) for name in targets[0]}
        return torch.stack(codes), stacked

    def _discriminator_step(self, real: Tensor, fake: Tensor, codes: Tensor) -> float:
        with torch.autocast(self.device.type, torch.bfloat16):
            scores = self.discriminator(torch.cat([real, fake]), codes.repeat(2, 1))
        loss = losses.hinge_discriminator(scores[: len(real)], scores[len(real) :])
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.discriminator_optimizer.step()
        return loss.item()

    @torch.no_grad()
    def _average(self) -> None:
        """Update the EMA weights; early on with less decay, to forget the initial noise."""
        decay = min(self.recipe.schedule.ema_decay, (1 + self.step) / (10 + self.step))
        pairs = zip(self.averaged.parameters(), self.painter.parameters(), strict=True)
        for average, current in pairs:
            average.lerp_(current, 1 - decay)

    def save(self) -> Path:
        """Write the whole state of the run, replacing the previous file atomically."""
        self.out.mkdir(parents=True, exist_ok=True)
        tensors: dict[str, Tensor] = {}
        for part, module in self._modules().items():
            tensors |= {f"{part}.{name}": value for name, value in module.state_dict().items()}
        for part, optimizer in self._optimizers().items():
            for index, state in optimizer.state_dict()["state"].items():
                tensors |= {f"{part}.{index}.{name}": value for name, value in state.items()}
        record = {"step": self.step, "recipe": asdict(self.recipe)}
        path = self.out / STATE_FILE
        fresh = path.with_suffix(".new")
        contiguous = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        save_file(contiguous, fresh, metadata={"run": json.dumps(record)})
        os.replace(fresh, path)  # noqa: PTH105 - atomic, also over an older file
        return path

    def resume(self) -> bool:
        """Continue from the run's state file; False if there is none.

        Raises:
            TrainingError: the state is broken or belongs to other networks or styles.
        """
        path = self.out / STATE_FILE
        if not path.exists():
            return False
        try:
            with safe_open(path, framework="pt", device=str(self.device)) as file:
                step = int(json.loads(file.metadata()["run"])["step"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            for part, module in self._modules().items():
                module.load_state_dict(under(tensors, part))
            for part, optimizer in self._optimizers().items():
                restore_optimizer(optimizer, under(tensors, part))
        except (OSError, SafetensorError, KeyError, TypeError, RuntimeError, ValueError) as error:
            raise TrainingError(
                f"{path} does not fit this run (other styles or networks?): {error}"
            ) from error
        self.step = step
        return True

    def _modules(self) -> dict[str, nn.Module]:
        return {
            "painter": self.painter,
            "averaged": self.averaged,
            "discriminator": self.discriminator,
        }

    def _optimizers(self) -> dict[str, torch.optim.Optimizer]:
        return {
            "painter_optimizer": self.painter_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }


def under(tensors: dict[str, Tensor], part: str) -> dict[str, Tensor]:
    """The tensors of one part of a state, by their names in it."""
    prefix = f"{part}."
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Load the state saved as "INDEX.NAME" tensors into an optimizer."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
