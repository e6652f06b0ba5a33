"""Training of the drafting generator: draft steps and brushwork steps alternate.

The draft sees whole photos at a quarter of the working side, where VGG16 costs little, and
learns layout and colours. The brushwork sees squares at the working side over the enlarged draft,
and is also judged by the discriminator. Both are scored by neighbours of features at their scale.

A run is a folder. Its state is a few safetensors files in half precision, each small enough to
download; it is replaced atomically.
"""

import copy
import json
import math
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from engine.api.errors import TrainingError
from engine.painting.drafting import (
    DRAFT_SHARE,
    DraftingConfig,
    DraftingGenerator,
    MomentEncoder,
    style_moments,
)
from engine.painting.networks import Discriminator
from engine.painting.perceptual import Vgg16
from engine.painting.runtime import pick_dtype
from engine.training import losses
from engine.training import neighbour_losses as neighbours
from engine.training.dataset import REFERENCE_SIDE_PX
from engine.training.drafting_pictures import TrainingPictures, at_side, stacked, whole, window
from engine.training.neighbour_losses import Target
from engine.training.trainer import restore_optimizer, under

STATE_FOLDER: Final = "state"
AVERAGED_FILE: Final = "averaged.safetensors"
PIECE_BYTES: Final = 15 * 1024**2
# Height and width of the drafts in training, px.
_DRAFT_SIZES: Final = ((96, 128), (128, 96), (112, 128), (128, 128), (96, 144), (144, 96))
# Number of paintings whose measures are cached; each takes 12 MB.
_KEPT_TARGETS: Final = 400
_MEASURED_STYLES: Final = 100
_SPREAD_MIN: Final = 1e-3
# Share of the draft with the photo's detail in what guides the brushwork step.
_KEPT: Final = 0.5
_LOGIT_EDGE: Final = 3e-3
# Moves of a calm step, in quarters of the draft's or the picture's side px, and the grain's
# deviation.
_MOVES: Final = 2
_GRAIN: Final = 0.02


@dataclass(frozen=True, slots=True)
class LossWeights:
    """Weights of the losses in the total; see `engine.training.neighbour_losses`.

    With similarity at 1.5 and identity at 6 a run on all styles learned only colours in 1 000
    steps. With these weights, but no identity, a run on six styles shows strokes after 1 200.

    Attributes:
        matching: Of the distance to the neighbours of the photo's places.
        mover: Of the relaxed earth mover's distance.
        similarity: Of self-similarity, which preserves the photo.
        moments: Of channel means and deviations.
        colours: Of the draft's colours.
        tie: Of the brushwork's change of the draft's colours.
        adversarial: Of the hinge loss.
        identity: Of the error in reproducing a photo.
        calm: Of the difference between the painting of a moved photo and the moved painting.
    """

    matching: float = 1.0
    mover: float = 0.5
    similarity: float = 0.2
    moments: float = 0.1
    colours: float = 2.0
    tie: float = 1.5
    adversarial: float = 0.05
    identity: float = 1.0
    calm: float = 1.0


@dataclass(frozen=True, slots=True)
class DraftingRecipe:
    """Parameters of a run.

    Attributes:
        steps: Steps in the whole run, over all its interruptions.
        learning_rate: Adam's rate at the start of the run.
        final_rate: Its rate at the end.
        few: Indices of the styles that a run begins with; over all at once, only colours are
            learned for a long time (docs/DECISIONS.md).
        few_first: Steps on those alone.
        draft_first: Steps before brushwork is trained as well.
        draft_batch: Photos per draft step.
        stroke_batch: Photos per brushwork step.
        crop_px: Side of the squares of a brushwork step; a multiple of 32, at least 64.
        side_px: The working side: brushwork is copied from styles at this long side, drafts at a
            quarter of it.
        named_share: Probability that a sample takes a named style rather than a painting.
        identity_share: Probability that a step also trains on reproducing photos.
        calm_share: Probability that a step also trains on painting a moved photo alike.
        ema_decay: Decay of the averaged weights.
        weights: Weights of the losses.
        generator: Shape of the generator.
    """

    steps: int = 20_000
    learning_rate: float = 1e-3
    final_rate: float = 1e-4
    few: tuple[int, ...] = ()
    few_first: int = 0
    draft_first: int = 400
    draft_batch: int = 4
    stroke_batch: int = 2
    crop_px: int = 160
    side_px: int = 512
    named_share: float = 0.6
    identity_share: float = 0.25
    calm_share: float = 0.25
    ema_decay: float = 0.998
    weights: LossWeights = field(default_factory=LossWeights)
    generator: DraftingConfig = field(default_factory=DraftingConfig)

    def rate(self, step: int) -> float:
        """Learning rate of a step: a short warm-up, then a cosine from the first to the last."""
        warm = min(1.0, (step + 1) / 60)
        share = (1 + math.cos(math.pi * min(1.0, step / self.steps))) / 2
        return warm * (self.final_rate + (self.learning_rate - self.final_rate) * share)


class DraftingPainter(nn.Module):
    """The generator with everything that makes style vectors in training."""

    def __init__(self, named: int, config: DraftingConfig) -> None:
        super().__init__()
        self.generator = DraftingGenerator(config)
        self.encoder = MomentEncoder(config.style_dim)
        # Learned offsets of the named styles from the vectors computed from their pictures.
        self.residual = nn.Parameter(torch.zeros(named, config.style_dim))

    def vectors(self, moments: Tensor, styles: list[int]) -> Tensor:
        """Style vectors, (N, style_dim), of moments (N, MOMENTS) and indices, -1 for paintings."""
        read: Tensor = self.encoder(moments)
        nothing = self.residual.new_zeros(self.residual.shape[1])
        own = [self.residual[style] if style >= 0 else nothing for style in styles]
        return read + torch.stack(own)


@dataclass(frozen=True, slots=True)
class Draw:
    """One step's pictures.

    Attributes:
        photos: (N, 3, H, W).
        real: Real paint for the discriminator, (N, 3, S, S); empty for a draft step.
        styles: Indices, -1 and below for paintings.
        strokes: Whether brushwork is trained, not the draft.
        identity: Whether to train on reproducing the photos, too.
        calm: Whether to train on painting the photos moved, too.
    """

    photos: Tensor
    real: Tensor
    styles: list[int]
    strokes: bool
    identity: bool
    calm: bool


class DraftingTrainer:
    """One training run."""

    def __init__(
        self,
        pictures: TrainingPictures,
        vgg: Vgg16,
        out: Path,
        recipe: DraftingRecipe | None = None,
        *,
        device: str = "cpu",
        seed: int = 0,
    ) -> None:
        torch.manual_seed(seed)
        self.pictures = pictures
        self.recipe = recipe = recipe or DraftingRecipe()
        self.out = out
        self.device = torch.device(device)
        self.vgg = vgg.to(self.device)
        self.step = 0
        self._seed = seed
        self._judged = 0.0
        self.painter = DraftingPainter(len(pictures.styles), recipe.generator).to(self.device)
        self.discriminator = Discriminator(recipe.generator.style_dim).to(self.device)
        for network in (self.painter, self.discriminator):
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        shared = [*self.painter.generator.parameters(), *self.painter.encoder.parameters()]
        self.painter_optimizer = torch.optim.Adam(
            [{"params": shared, "scale": 1.0}, {"params": [self.painter.residual], "scale": 10.0}],
            betas=(0.9, 0.99),
        )
        self.discriminator_optimizer = torch.optim.Adam(
            [{"params": self.discriminator.parameters(), "scale": 0.5}], betas=(0.5, 0.99)
        )
        self._targets: dict[tuple[int, int], Target] = {}
        self._moments: dict[int, Tensor] = {}
        self._measure_typical_moments()
        self.averaged = copy.deepcopy(self.painter).requires_grad_(requires_grad=False)

    def _measure_typical_moments(self) -> None:
        named = list(range(len(self.pictures.styles)))
        others = [-1 - index for index in range(len(self.pictures.paintings))]
        found = torch.cat([self.moments(i) for i in (named + others)[:_MEASURED_STYLES]])
        encoder = self.painter.encoder
        encoder.centre.copy_(found.mean(0))
        encoder.spread.copy_(found.std(0, unbiased=False).clamp(min=_SPREAD_MIN))

    @torch.no_grad()
    def moments(self, style: int) -> Tensor:
        """The encoder's input for a style, (1, MOMENTS)."""
        if style not in self._moments:
            picture = at_side(self.pictures.style(style), REFERENCE_SIDE_PX).to(self.device)
            self._moments[style] = style_moments(self.vgg.features(picture), picture)
        return self._moments[style]

    @torch.no_grad()
    def target(self, style: int, side_px: int) -> Target:
        """The target of a style at a side; those of named styles and some paintings are cached."""
        key = (style, side_px)
        found = self._targets.get(key)
        if found is None:
            picture = at_side(self.pictures.style(style), side_px).to(self.device)
            found = neighbours.measure(self.vgg.features(picture), picture)
            if style >= 0 or len(self._targets) < _KEPT_TARGETS:
                self._targets[key] = found
        return found

    def draw(self, step: int) -> Draw:
        """The pictures of a step; the same step draws the same, on any machine."""
        recipe, pictures = self.recipe, self.pictures
        rng = np.random.default_rng((self._seed, step))
        strokes = step >= recipe.draft_first and step % 2 == 1
        count = recipe.stroke_batch if strokes else recipe.draft_batch
        styles = [self._draw_style(step, rng) for _ in range(count)]
        photos = [pictures.photos[int(rng.integers(len(pictures.photos)))] for _ in range(count)]
        identity, calm = rng.random(2) < (recipe.identity_share, recipe.calm_share)
        also = {"strokes": strokes, "identity": bool(identity), "calm": bool(calm)}
        if not strokes:
            size = _DRAFT_SIZES[rng.integers(len(_DRAFT_SIZES))]
            share = recipe.side_px / 512
            height, width = (max(32, round(edge * share / 16) * 16) for edge in size)
            seen = [whole(photo, (height, width), rng) for photo in photos]
            return Draw(torch.stack(seen), torch.zeros(0), styles, **also)
        crop = recipe.crop_px
        # A part of the photo with a margin, so that the draft sees where it is.
        # A photo smaller than the working side counts as a part of a larger one.
        sides = [min(recipe.side_px, max(photo.size)) for photo in photos]
        seen = [window(p, 2 * crop, side, rng) for p, side in zip(photos, sides, strict=True)]
        real = [window(pictures.style(style), crop, recipe.side_px, rng) for style in styles]
        return Draw(torch.stack(seen), torch.stack(real), styles, **also)

    def _draw_style(self, step: int, rng: np.random.Generator) -> int:
        if self.recipe.few and step < self.recipe.few_first:
            return int(rng.choice(self.recipe.few))
        if not self.pictures.paintings or rng.random() < self.recipe.named_share:
            return int(rng.integers(len(self.pictures.styles)))
        return -1 - int(rng.integers(len(self.pictures.paintings)))

    def run(
        self,
        report: Callable[[int, dict[str, float]], None] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Train from the current step to the last, or until `stop` returns True.

        Raises:
            TrainingError: the losses are no longer numbers.
        """
        with ThreadPoolExecutor(max_workers=1) as ahead:
            coming = ahead.submit(self.draw, self.step)
            while self.step < self.recipe.steps and not stop():
                drawn = coming.result()
                coming = ahead.submit(self.draw, self.step + 1)
                values = self.train_step(drawn)
                if not all(math.isfinite(value) for value in values.values()):
                    raise TrainingError(
                        f"The losses left the numbers at step {self.step}; resume from the last "
                        "saved state with a lower learning rate."
                    )
                self.step += 1
                if report:
                    report(self.step, values)

    def train_step(self, drawn: Draw) -> dict[str, float]:
        """Take one step; returns the mean of every loss."""
        rate = self.recipe.rate(self.step)
        for optimizer in self._optimizers().values():
            for group in optimizer.param_groups:
                group["lr"] = rate * group["scale"]
        photos = stacked(list(drawn.photos), self.device)
        moments = torch.cat([self.moments(style) for style in drawn.styles])
        codes = self.painter.vectors(moments, drawn.styles)
        step = self._stroke_losses if drawn.strokes else self._draft_losses
        parts = step(photos, codes, drawn)
        weights = asdict(self.recipe.weights)
        total = torch.stack([weights[name] * value for name, value in parts.items()]).sum()
        self.painter_optimizer.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.painter.parameters(), 5.0)
        self.painter_optimizer.step()
        self._average()
        kind = "strokes" if drawn.strokes else "draft"
        values = {f"{kind} {name}": value.item() for name, value in parts.items()}
        return values | ({"discriminator": self._judged} if drawn.strokes else {})

    def _draft_losses(self, small: Tensor, codes: Tensor, drawn: Draw) -> dict[str, Tensor]:
        generator = self.painter.generator
        noise = self._noise(small)
        modulation = generator.modulate(codes)

        def paint(photo: Tensor, field: Tensor) -> Tensor:
            with self._cast():
                return generator.paint_draft(photo, modulation, field).sigmoid()

        picture = paint(small, noise)
        side_px = self.recipe.side_px // DRAFT_SHARE
        target = Target.gather([self.target(style, side_px) for style in drawn.styles])
        parts = self._style_losses(picture, small, target, whole=True)
        parts["colours"] = neighbours.colour_loss(picture, target).mean()
        if drawn.identity:
            with self._cast():
                own = generator.identity_modulation(small)
                itself = generator.paint_draft(small, own, noise).sigmoid()
            parts["identity"] = losses.identity_loss(itself, small).mean()
        if drawn.calm:
            parts["calm"] = _calm_loss(paint, small, noise, picture)
        return parts

    def _stroke_losses(self, photos: Tensor, codes: Tensor, drawn: Draw) -> dict[str, Tensor]:
        generator, crop = self.painter.generator, self.recipe.crop_px
        noise = self._noise(photos)
        size = [edge // DRAFT_SHARE for edge in photos.shape[2:]]
        small = F.interpolate(photos, size, mode="bilinear", align_corners=False, antialias=True)
        centre = (slice(None), slice(None), *(slice(crop // 2, crop // 2 + crop),) * 2)
        first, last = crop // 2 // DRAFT_SHARE, (crop // 2 + crop) // DRAFT_SHARE
        inner = (slice(None), slice(None), *(slice(first, last),) * 2)
        photo, field = photos[centre], noise[inner]
        with self._cast():
            modulation = generator.modulate(codes)
            with torch.no_grad():
                draft = generator.paint_draft(small, modulation, noise)[inner]

        def paint(seen: Tensor, field: Tensor, draft: Tensor = draft) -> Tensor:
            with self._cast():
                return generator.paint_strokes(seen, draft, modulation, field)

        picture = paint(photo, field)
        ground = F.interpolate(draft, (crop, crop), mode="bilinear", align_corners=False).sigmoid()
        blurred = F.interpolate(small[inner], (crop, crop), mode="bilinear", align_corners=False)
        guide = torch.lerp(photo, (ground + photo - blurred).clamp(0, 1), _KEPT)
        fixed = codes.detach()
        real = drawn.real.to(self.device)
        self._judged = self._discriminator_step(real, picture.detach(), fixed)
        target = Target.gather([self.target(style, self.recipe.side_px) for style in drawn.styles])
        parts = self._style_losses(picture, guide, target, whole=False)
        parts["tie"] = (F.avg_pool2d(picture, 8) - F.avg_pool2d(ground, 8)).abs().mean()
        with self._cast():
            parts["adversarial"] = losses.hinge_generator(self.discriminator(picture, fixed)).mean()
        if drawn.identity:
            parts["identity"] = self._stroke_identity(photo, small[inner], field)
        if drawn.calm:
            parts["calm"] = _calm_loss(paint, photo, field, picture, draft)
        return parts

    def _stroke_identity(self, photo: Tensor, small: Tensor, field: Tensor) -> Tensor:
        """Error in reproducing a photo over its reduction."""
        generator = self.painter.generator
        logits = torch.logit(small.clamp(_LOGIT_EDGE, 1 - _LOGIT_EDGE))
        with self._cast():
            own = generator.identity_modulation(photo)
            itself = generator.paint_strokes(photo, logits, own, field)
        return losses.identity_loss(itself, photo).mean()

    def _style_losses(
        self, picture: Tensor, photo: Tensor, target: Target, *, whole: bool
    ) -> dict[str, Tensor]:
        painted = self.vgg.features(picture)
        with torch.no_grad():
            seen = self.vgg.features(photo)
        return {
            "matching": neighbours.matching_loss(painted, seen, target).mean(),
            "mover": neighbours.mover_loss(painted, target, whole=whole).mean(),
            "similarity": neighbours.similarity_loss(painted, seen).mean(),
            "moments": neighbours.moment_loss(painted, target).mean(),
        }

    def _cast(self) -> torch.autocast:
        """Networks compute in bf16 where the hardware has it."""
        has_bf16 = pick_dtype(self.device) is torch.bfloat16
        return torch.autocast(self.device.type, torch.bfloat16, enabled=has_bf16)

    def _noise(self, photos: Tensor) -> Tensor:
        """New noise, one number for every 4 x 4 pixels."""
        height, width = (edge // DRAFT_SHARE for edge in photos.shape[2:])
        return torch.randn(len(photos), 1, height, width, device=self.device)

    def _discriminator_step(self, real: Tensor, fake: Tensor, codes: Tensor) -> float:
        with self._cast():
            scores = self.discriminator(torch.cat([real, fake]), codes.repeat(2, 1))
        loss = losses.hinge_discriminator(scores[: len(real)], scores[len(real) :])
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.discriminator_optimizer.step()
        return loss.item()

    @torch.no_grad()
    def _average(self) -> None:
        """Update the EMA weights; early on with less decay, to forget the initial noise."""
        decay = min(self.recipe.ema_decay, (1 + self.step) / (10 + self.step))
        pairs = zip(self.averaged.parameters(), self.painter.parameters(), strict=True)
        for average, current in pairs:
            average.lerp_(current, 1 - decay)

    @torch.inference_mode()
    def sheet(self, photos: list[Tensor], styles: list[int]) -> Tensor:
        """Photos painted in some styles by the averaged weights, (3, H, W); one row per photo."""
        moments = torch.cat([self.moments(style) for style in styles])
        generator = self.averaged.generator
        modulations = generator.modulate(self.averaged.vectors(moments, styles))
        rows = []
        for photo in photos:
            content = photo[None].to(self.device)
            painted = [generator(content, each[None])[0].cpu() for each in modulations]
            rows.append(torch.cat([photo, *painted], dim=2))
        return torch.cat(rows, dim=1)

    def save(self) -> Path:
        """Write the whole state of the run in half precision, replacing the previous one."""
        kept = {
            f"{part}.{name}": _carried(value, torch.float16)
            for part, module in self._modules().items()
            for name, value in module.state_dict().items()
        }
        for part, optimizer in self._optimizers().items():
            for index, state in optimizer.state_dict()["state"].items():
                # Second moments need the range of float32 more than its precision.
                kept |= {
                    f"{part}.{index}.{name}": _carried(value, torch.bfloat16)
                    for name, value in state.items()
                }
        folder = self.out / STATE_FOLDER
        fresh = self.out / f"{STATE_FOLDER}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        record = {"run": json.dumps({"step": self.step, "recipe": asdict(self.recipe)})}
        for index, piece in enumerate(_pieces(kept)):
            save_file(piece, fresh / f"part-{index}.safetensors", metadata=record)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
        return folder

    def save_averaged(self) -> Path:
        """Write the averaged weights alone, in half precision: what another run starts from."""
        kept = {
            name: _carried(value, torch.float16)
            for name, value in self.averaged.state_dict().items()
        }
        self.out.mkdir(parents=True, exist_ok=True)
        path = self.out / AVERAGED_FILE
        save_file(kept, path, metadata={"steps": str(self.step)})
        return path

    def start_from(self, path: Path) -> None:
        """Start a new run with the averaged weights of another one with the same named styles.

        Raises:
            TrainingError: the file is broken or belongs to other networks or styles.
        """
        try:
            tensors = load_file(path, device=str(self.device))
            for module in (self.painter, self.averaged):
                module.load_state_dict(tensors)
        except (OSError, SafetensorError, RuntimeError) as error:
            raise TrainingError(
                f"{path} does not fit this run (other styles or networks?): {error}"
            ) from error

    def resume(self) -> bool:
        """Continue from the run's saved state; False if there is none.

        Raises:
            TrainingError: the state is broken or belongs to other networks or styles.
        """
        folder = self.out / STATE_FOLDER
        paths = sorted(folder.glob("part-*.safetensors"))
        if not paths:
            return False
        tensors: dict[str, Tensor] = {}
        step = 0
        try:
            for path in paths:
                with safe_open(path, framework="pt", device=str(self.device)) as file:
                    step = int(json.loads(file.metadata()["run"])["step"])
                    tensors |= {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            for part, module in self._modules().items():
                module.load_state_dict(under(tensors, part))
            for part, optimizer in self._optimizers().items():
                restore_optimizer(optimizer, under(tensors, part))
        except (OSError, SafetensorError, KeyError, TypeError, RuntimeError, ValueError) as error:
            raise TrainingError(
                f"{folder} does not fit this run (other styles or networks?): {error}"
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


def _calm_loss(
    paint: Callable[..., Tensor],
    photo: Tensor,
    noise: Tensor,
    picture: Tensor,
    *grounds: Tensor,
) -> Tensor:
    """Mean difference between the painting of a moved photo and the moved painting.

    A camera's next frame is the photo moved a little, with new grain; a still is not moved at all
    (ReCoNet, Gao 2018, arXiv:1807.01197, section 3.3, with a known flow).

    Args:
        paint: Paints a photo under noise, over whatever else is moved.
        photo: (N, 3, H, W) RGB in [0, 1].
        noise: (N, 1, H/4, W/4).
        picture: The photo's painting.
        grounds: What else is painted over, (N, C, H/4, W/4).
    """
    rows, columns = torch.randint(-_MOVES, _MOVES + 1, (2,)).tolist()
    far, near = (DRAFT_SHARE * rows, DRAFT_SHARE * columns), (rows, columns)
    moved = torch.roll(photo, far, (2, 3))
    moved = (moved + _GRAIN * torch.randn_like(moved)).clamp(0, 1)
    again = paint(moved, *(torch.roll(field, near, (2, 3)) for field in (noise, *grounds)))
    # What left at one border has entered at the other.
    edge = DRAFT_SHARE * (_MOVES + 1)
    within = (..., slice(edge, -edge), slice(edge, -edge))
    return (again - torch.roll(picture, far, (2, 3)))[within].abs().mean()


def _carried(value: Tensor, dtype: torch.dtype) -> Tensor:
    """A tensor in the format it is saved in; counters are unchanged."""
    small = value.to(dtype) if value.is_floating_point() and value.ndim else value
    return small.detach().cpu().contiguous()


def _pieces(tensors: dict[str, Tensor]) -> list[dict[str, Tensor]]:
    """Tensors in groups of at most `PIECE_BYTES`."""
    pieces: list[dict[str, Tensor]] = [{}]
    taken = 0
    for name, value in tensors.items():
        size = value.numel() * value.element_size()
        if taken + size > PIECE_BYTES and pieces[-1]:
            pieces.append({})
            taken = 0
        pieces[-1][name] = value
        taken += size
    return pieces
