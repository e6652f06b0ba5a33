"""Exports a finished run as a checkpoint: half-precision weights, manifest, previews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from engine.api.errors import TrainingError
from engine.media import canvas
from engine.media.images import Picture, decode, encode
from engine.painting.checkpoint import WEIGHTS_FILE, load_checkpoint, save_manifest, save_weights
from engine.painting.manifest import (
    DataSource,
    GeneratorRecord,
    Manifest,
    Preprocessing,
    StyleRecord,
    TrainingRecord,
    sha256_of,
)
from engine.painting.stylizer import Stylizer
from engine.training.dataset import REFERENCE_SIDE_PX
from engine.training.trainer import Trainer

_PREVIEW_SIDE_PX = 256
_PREVIEW_QUALITY = 80
_NO_CHECKSUM = "0" * 64


class CatalogueEntry(BaseModel):
    """Metadata of a style, written by hand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str
    titles: dict[str, str]
    tags: tuple[str, ...] = ()
    artist: str = ""
    year: int | None = None
    licence: str = ""
    source: str = ""


def read_catalogue(path: Path | None, slugs: Sequence[str]) -> list[CatalogueEntry]:
    """Entries for the slugs, in their order; without a catalogue, titles made from the slugs.

    Raises:
        TrainingError: the file is not a catalogue, or lacks a style.
    """
    if path is None:
        return [
            CatalogueEntry(slug=slug, titles={"en": slug.replace("-", " ").title()})
            for slug in slugs
        ]
    try:
        entries = TypeAdapter(list[CatalogueEntry]).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise TrainingError(f"{path} is no catalogue of styles: {error}") from error
    known = {entry.slug: entry for entry in entries}
    missing = [slug for slug in slugs if slug not in known]
    if missing:
        raise TrainingError(f"{path} has no entry for {', '.join(missing)}.")
    return [known[slug] for slug in slugs]


def read_sources(path: Path | None, counts: Mapping[str, int]) -> list[DataSource]:
    """Sources of the training pictures; without a file, the number of each kind.

    Raises:
        TrainingError: the file is not a list of sources.
    """
    if path is None:
        return [
            DataSource(name=name, pictures=count, licence="unspecified")
            for name, count in counts.items()
        ]
    try:
        return TypeAdapter(list[DataSource]).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise TrainingError(f"{path} is no list of sources: {error}") from error


@dataclass(frozen=True, slots=True)
class Release:
    """A checkpoint's metadata.

    Attributes:
        name: The checkpoint's name.
        licence: Licence of the weights.
        entries: The catalogue's entries, in the order of the trainer's styles.
        training: How the weights were trained.
        work_side_px: Long side to paint at by default.
        preview_photo: A freely licensed photo to render previews of.
    """

    name: str
    licence: str
    entries: Sequence[CatalogueEntry]
    training: TrainingRecord
    work_side_px: int
    preview_photo: Path


def export(trainer: Trainer, release: Release, folder: Path) -> None:
    """Write a checkpoint of the run's averaged weights and render every style's preview."""
    painter = trainer.averaged
    generator = painter.generator
    weights_sha256 = save_weights(folder, generator, painter.encoder, painter.named.weight)
    manifest = Manifest(
        format=1,
        name=release.name,
        weights=WEIGHTS_FILE,
        weights_sha256=weights_sha256,
        licence=release.licence,
        generator=GeneratorRecord(
            style_dim=generator.config.style_dim,
            widths=generator.config.widths,
            blocks=generator.config.blocks,
        ),
        preprocessing=Preprocessing(
            colour="sRGB in [0, 1]",
            work_side_px=release.work_side_px,
            reference_side_px=REFERENCE_SIDE_PX,
        ),
        training=release.training,
        styles=[
            StyleRecord(
                **entry.model_dump(),
                preview=f"previews/{entry.slug}.jpg",
                preview_sha256=_NO_CHECKSUM,
            )
            for entry in release.entries
        ],
    )
    save_manifest(folder, manifest)
    render_previews(folder, release.preview_photo)


def render_previews(folder: Path, photo: Path) -> None:
    """Paint a photo in every style of a checkpoint, and add the files to its manifest."""
    checkpoint = load_checkpoint(folder)
    stylizer = Stylizer(checkpoint, "cpu")
    picture = decode(photo.read_bytes())
    previews = folder / "previews"
    previews.mkdir(exist_ok=True)
    for stale in previews.iterdir():
        stale.unlink()
    styles = []
    for style in checkpoint.manifest.styles:
        painted = stylizer.repaint(picture, stylizer.style_code(style.slug))
        # Painted at full size and then reduced, so that previews show real strokes.
        small = Picture(canvas.fit(painted.rgb, _PREVIEW_SIDE_PX))
        path = folder / style.preview
        path.write_bytes(encode(small, format="jpeg", quality=_PREVIEW_QUALITY))
        styles.append(style.model_copy(update={"preview_sha256": sha256_of(path)}))
    save_manifest(folder, checkpoint.manifest.model_copy(update={"styles": styles}))
