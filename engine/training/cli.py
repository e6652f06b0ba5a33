"""`stylebot train`: from folders of pictures to a checkpoint."""

import shlex
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engine.training.painter import Painter
    from engine.training.trainer import Trainer

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHEET_STYLES = 8


@click.command(context_settings={"show_default": True})
@click.option("--photos", required=True, type=_FOLDER, help="Photos to learn to paint.")
@click.option(
    "--styles", required=True, type=_FOLDER, help="Named styles; the file name is the slug."
)
@click.option("--paintings", type=_FOLDER, help="Further paintings, for styles never named.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The run's folder.")
@click.option(
    "--perceptual-weights", type=_FILE, help="VGG16 as safetensors, instead of the shipped one."
)
@click.option(
    "--hold-back", type=_FILE, help="Names of files that are never trained on, a line each."
)
@click.option("--start-from", type=_FOLDER, help="A checkpoint to begin with instead of noise.")
@click.option("--catalogue", type=_FILE, help="Titles, artists and licences of the styles, JSON.")
@click.option("--sources", type=_FILE, help="Where the pictures come from, with licences, JSON.")
@click.option("--steps", default=20_000, type=click.IntRange(1), help="Over all interruptions.")
@click.option("--batch", default=4, type=click.IntRange(1))
@click.option("--crop", default=320, type=click.IntRange(32), help="Side of the crops, px.")
@click.option("--style-side", default=512, type=click.IntRange(64), help="Strokes' scale, px.")
@click.option("--paintings-share", default=0.25, type=click.FloatRange(0, 1))
@click.option("--identity-share", default=0.08, type=click.FloatRange(0, 1))
@click.option("--style-weight", default=1.0, type=click.FloatRange(0))
@click.option("--content-weight", default=1.4, type=click.FloatRange(0))
@click.option(
    "--content-of-paintings",
    default=0.75,
    type=click.FloatRange(0),
    help="What the content of a sample in no named style counts of that.",
)
@click.option("--adversarial-weight", default=0.15, type=click.FloatRange(0))
@click.option("--variation-weight", default=0.02, type=click.FloatRange(0))
@click.option("--learning-rate", default=1e-3, type=click.FloatRange(0, min_open=True))
@click.option("--seed", default=0, type=int)
@click.option("--device", default="auto", type=click.Choice(["auto", "cpu", "cuda"]))
@click.option("--threads", type=click.IntRange(1), help="CPU threads; all cores when absent.")
@click.option("--save-every", default=200, type=click.IntRange(1), help="Steps between states.")
@click.option("--export", "export_to", type=click.Path(path_type=Path), help="Checkpoint folder.")
@click.option("--name", default="custom", help="The checkpoint's name.")
@click.option("--licence", default="unspecified", help="Licence of the weights.")
@click.option("--work-side", default=768, type=click.IntRange(32), help="To paint at by default.")
def train(**options: Any) -> None:  # noqa: ANN401 - click gives each option its own type
    """Train the networks; run the same command again to resume.

    The run's folder gets its state and a sample sheet (photos by styles) every few hundred steps,
    and at the end the checkpoint.
    """
    from engine.painting.runtime import keep_heap, pick_device

    keep_heap()
    options["device"] = str(pick_device(options["device"]))
    run = _Run(options)
    run.train()
    run.export()


class _Run:
    """One call of the command."""

    def __init__(self, options: dict[str, Any]) -> None:
        import torch

        from engine.painting import perceptual
        from engine.painting.checkpoint import load_checkpoint
        from engine.training import dataset, export, recipe, trainer

        if options["threads"]:
            torch.set_num_threads(options["threads"])
        self.options = options
        listed = options["hold_back"]
        held_back = listed.read_text(encoding="utf-8").split() if listed else []
        self.photos = dataset.find_pictures(options["photos"], held_back)
        self.styles = dataset.find_pictures(options["styles"])
        folder = options["paintings"]
        self.paintings = dataset.find_pictures(folder, held_back) if folder else []
        mixture = dataset.Mixture(
            batch=options["batch"],
            crop_px=options["crop"],
            style_side_px=options["style_side"],
            paintings_share=options["paintings_share"],
            identity_share=options["identity_share"],
        )
        # Read before hours of training, not after.
        self.entries = export.read_catalogue(
            options["catalogue"], [path.stem for path in self.styles]
        )
        counts = {
            "photos": len(self.photos),
            "styles": len(self.styles),
            "paintings": len(self.paintings),
        }
        self.sources = export.read_sources(options["sources"], counts)
        self.out: Path = options["out"]
        # Frozen, so half precision is enough; gradients keep theirs.
        self.vgg = perceptual.load_vgg16(options["perceptual_weights"], torch.bfloat16)
        self.trainer: Trainer = trainer.Trainer(
            dataset.Dataset(
                self.photos, self.styles, self.paintings, mixture, seed=options["seed"]
            ),
            self.vgg,
            self.out,
            recipe.Recipe(
                recipe.Weights(
                    style=options["style_weight"],
                    content=options["content_weight"],
                    content_of_paintings=options["content_of_paintings"],
                    adversarial=options["adversarial_weight"],
                    variation=options["variation_weight"],
                ),
                recipe.Schedule(steps=options["steps"], learning_rate=options["learning_rate"]),
            ),
            device=options["device"],
            seed=options["seed"],
        )
        self.steps_before = 0
        resumed = self.trainer.resume()
        if options["start_from"]:
            checkpoint = load_checkpoint(options["start_from"])
            self.steps_before = checkpoint.manifest.training.steps
            if not resumed:
                self.trainer.start_from(checkpoint, [path.stem for path in self.styles])
        self._sheet_photos = self._choose_sheet_photos(held_back)

    def train(self) -> None:
        """Train to the last step, with a progress bar, states and sample sheets."""
        from tqdm import tqdm

        steps = self.options["steps"]
        with tqdm(total=steps, initial=self.trainer.step, unit="step", disable=None) as bar:
            seen: list[dict[str, float]] = []

            def report(step: int, values: dict[str, float]) -> None:
                seen.append(values)
                bar.set_postfix(
                    {name: f"{value:.3f}" for name, value in values.items()}, refresh=False
                )
                bar.update()
                if step % self.options["save_every"] == 0 or step == steps:
                    self.trainer.save()
                    self._write_sheet(step)
                    click.echo(f"step {step}: {_means(seen)}")
                    seen.clear()

            self.trainer.run(report)

    def _choose_sheet_photos(self, held_back: list[str]) -> list[Path]:
        """Photos for the sample sheet: held back ones if there are any."""
        unseen = [self.options["photos"] / name for name in held_back]
        return ([path for path in unseen if path.exists()] or self.photos)[:3]

    def _write_sheet(self, step: int) -> None:
        import numpy as np
        import torch

        from engine.training import dataset, samples

        rng = np.random.default_rng(0)
        photos = [
            dataset.to_tensor(dataset.random_crop(dataset.load_picture(path), 512, 320, rng))
            for path in self._sheet_photos
        ]
        averaged: Painter = self.trainer.averaged
        with torch.no_grad():
            codes = averaged.named.weight[:_SHEET_STYLES]
        path = self.out / f"samples-{step:07d}.png"
        samples.sample_sheet(averaged.generator, photos, codes, path)

    def export(self) -> None:
        """Write the checkpoint."""
        import torch

        from engine.painting.manifest import SAMPLE_PHOTO, TrainingRecord
        from engine.training import export

        folder = self.options["export_to"] or self.out / "checkpoint"
        release = export.Release(
            name=self.options["name"],
            licence=self.options["licence"],
            entries=self.entries,
            training=TrainingRecord(
                command=shlex.join(["stylebot", *sys.argv[1:]]),
                steps=self.steps_before + self.trainer.step,
                commit=_commit(),
                torch=torch.__version__,
                sources=self.sources,
            ),
            work_side_px=self.options["work_side"],
            preview_photo=SAMPLE_PHOTO,
        )
        export.export(self.trainer, release, folder)
        click.echo(f"checkpoint: {folder.resolve()}")


def _means(seen: list[dict[str, float]]) -> str:
    """The losses' means over several steps; not every step has every loss."""
    names = dict.fromkeys(name for values in seen for name in values)
    return ", ".join(
        f"{name} {statistics.fmean(values[name] for values in seen if name in values):.3f}"
        for name in names
    )


def _commit() -> str:
    """The commit the code is at, as far as git can tell."""
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever git there is
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answer.stdout.strip()
