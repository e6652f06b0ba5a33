"""`stylebot train-drafting`: train the drafting generator on nearest neighbours of features.

A run needs only a small upload, saves its state in pieces under 16 MB, and stops at a time limit,
so it can be trained a few minutes at a time on a rented GPU and resumed.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_SHEET_STYLES: Final = 8
_SHEET_PHOTO_PX: Final = (384, 384)
# Scanned paintings show a frame: this share of every edge is cut off.
_FRAME: Final = 0.03


@click.command("train-drafting", context_settings={"show_default": True})
@click.option(
    "--photos",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Photos: a folder or a tar file.",
)
@click.option("--styles", required=True, type=_FOLDER, help="Named styles, a picture each.")
@click.option("--paintings", type=_FOLDER, help="Further paintings, for styles never named.")
@click.option("--hold-back", type=_FILE, help="File names that are never trained on, a line each.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The run's folder.")
@click.option(
    "--start-from", type=_FILE, help="averaged.safetensors of another run with the same --styles."
)
@click.option("--perceptual-weights", type=_FILE, help="VGG16, instead of the shipped one.")
@click.option("--steps", default=20_000, type=click.IntRange(1), help="Over all interruptions.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="Stop after so long.")
@click.option("--few", metavar="SLUG,...", help="Styles to begin with, until strokes are learned.")
@click.option("--few-first", default=700, type=click.IntRange(0), help="Steps on those alone.")
@click.option("--draft-first", default=400, type=click.IntRange(0), help="Steps of drafts alone.")
@click.option("--draft-batch", default=4, type=click.IntRange(1), help="Photos a draft step.")
@click.option("--stroke-batch", default=2, type=click.IntRange(1), help="Photos a brush step.")
@click.option("--crop", default=160, type=click.IntRange(64), help="Side of a brush step, px.")
@click.option("--side", default=512, type=click.IntRange(128), help="The working side, px.")
@click.option("--learning-rate", default=1e-3, type=click.FloatRange(0, min_open=True))
@click.option("--final-rate", default=1e-4, type=click.FloatRange(0, min_open=True))
@click.option("--save-every", default=200, type=click.IntRange(1), help="Steps between states.")
@click.option("--device", default="auto", type=click.Choice(["auto", "cpu", "cuda"]))
@click.option("--threads", type=click.IntRange(1), help="CPU threads; all cores when absent.")
@click.option("--seed", default=0, type=int)
def train_drafting(**options: Any) -> None:  # noqa: ANN401 - click gives what the options say
    """Train the drafting generator; an interrupted run is resumed.

    The folder --out gets state/ (files under 16 MB each), averaged.safetensors and
    samples-STEP.png.
    """
    if options["crop"] % 32:
        raise click.UsageError("--crop must be a multiple of 32.")
    started = time.monotonic()
    run = _Run(options)
    limit_s = 60 * (options["minutes"] or float("inf"))
    run.train(lambda: time.monotonic() - started >= limit_s)


class _Run:
    """A run as the command describes it."""

    def __init__(self, options: dict[str, Any]) -> None:
        import torch

        from engine.painting.perceptual import load_vgg16
        from engine.painting.runtime import keep_heap, pick_device, pick_dtype
        from engine.training import drafting_pictures as pictures
        from engine.training.dataset import find_pictures, load_picture
        from engine.training.drafting_trainer import DraftingRecipe, DraftingTrainer

        keep_heap()
        if options["threads"]:
            torch.set_num_threads(options["threads"])
        device = pick_device(options["device"])
        held_back: list[str] = []
        if options["hold_back"]:
            held_back = options["hold_back"].read_text(encoding="utf-8").split()
        paintings = find_pictures(options["paintings"], held_back) if options["paintings"] else []
        styles = find_pictures(options["styles"])
        few = [slug for slug in (options["few"] or "").split(",") if slug]
        known = [path.stem for path in styles]
        if unknown := set(few).difference(known):
            raise click.UsageError(f"--few: {options['styles']} has no {min(unknown)}.")
        self._save_every: int = options["save_every"]
        self._trainer = DraftingTrainer(
            pictures.TrainingPictures(
                pictures.read_photos(options["photos"], held_back),
                [_unframed(load_picture(path)) for path in styles],
                [load_picture(path) for path in paintings],
            ),
            load_vgg16(options["perceptual_weights"], pick_dtype(device)),
            options["out"],
            DraftingRecipe(
                steps=options["steps"],
                learning_rate=options["learning_rate"],
                final_rate=options["final_rate"],
                few=tuple(known.index(slug) for slug in few),
                few_first=options["few_first"],
                draft_first=options["draft_first"],
                draft_batch=options["draft_batch"],
                stroke_batch=options["stroke_batch"],
                crop_px=options["crop"],
                side_px=options["side"],
            ),
            device=device.type,
            seed=options["seed"],
        )
        if self._trainer.resume():
            click.echo(f"going on at step {self._trainer.step}")
        elif options["start_from"]:
            self._trainer.start_from(options["start_from"])

    def train(self, stop: Callable[[], bool]) -> None:
        """Train until the last step or until `stop` returns True; saves the state in any case."""
        from statistics import fmean

        seen: dict[str, list[float]] = {}

        def report(step: int, values: dict[str, float]) -> None:
            for name, value in values.items():
                seen.setdefault(name, []).append(value)
            if step % self._save_every == 0:
                self._trainer.save()
                means = ", ".join(f"{name} {fmean(found):.3f}" for name, found in seen.items())
                click.echo(f"step {step}: {means}")
                seen.clear()

        self._trainer.run(report, stop)
        folder = self._trainer.save()
        click.echo(f"state: {folder.resolve()}")
        click.echo(f"averaged weights: {self._trainer.save_averaged().resolve()}")
        click.echo(f"samples: {self._write_sheet()}")

    def _write_sheet(self) -> Path:
        import numpy as np
        from PIL import Image

        from engine.training.drafting_pictures import whole

        trainer = self._trainer
        rng = np.random.default_rng(0)
        photos = [whole(photo, _SHEET_PHOTO_PX, rng) for photo in trainer.pictures.photos[:3]]
        styles = list(range(min(_SHEET_STYLES, len(trainer.pictures.styles))))
        sheet = trainer.sheet(photos, styles).mul(255).round().byte().permute(1, 2, 0)
        path = trainer.out / f"samples-{trainer.step:07d}.png"
        Image.fromarray(sheet.numpy()).save(path)
        return path.resolve()


def _unframed(image: Any) -> Any:  # noqa: ANN401 - Pillow's image, which is imported late
    width, height = image.size
    return image.crop(
        (
            round(_FRAME * width),
            round(_FRAME * height),
            round((1 - _FRAME) * width),
            round((1 - _FRAME) * height),
        )
    )
