"""A checkpoint's manifest: its origin, preprocessing and styles.

Does not import torch, so that listing styles is fast.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from engine.api.errors import CheckpointError, UnknownStyleError

MANIFEST_FILE: Final = "manifest.json"
NAMES_FILE: Final = "names.json"
SHIPPED_CHECKPOINT: Final = Path(__file__).parents[1] / "checkpoint_files"
# NASA's portrait of Eileen Collins, public domain; previews are rendered of it.
SAMPLE_PHOTO: Final = Path(__file__).parents[1] / "samples" / "astronaut.jpg"
# Beside it a cat by Stefan van der Walt and a cup of coffee by Rachel Michetti, both CC0.
SAMPLE_PHOTOS: Final = tuple(
    SAMPLE_PHOTO.with_stem(stem) for stem in ("astronaut", "chelsea", "coffee")
)


def _within(name: str) -> str:
    """Refuse file names outside the checkpoint's folder, as manifests are untrusted."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name:
        raise ValueError("a file of the checkpoint's folder, named relative to it, is wanted")
    return name


_FileName = Annotated[str, AfterValidator(_within)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Kind = TypeVar("_Kind", bound=_Record)


class StyleRecord(_Record):
    """One named style.

    Attributes:
        slug: Its id in commands: lower-case words joined by hyphens.
        kind: Painted by the generator, or a photographic filter.
        titles: Language tag to title.
        tags: Descriptive words for searching.
        artist: Painter of the reference picture; empty for a filter.
        year: Its year, if known.
        licence: Licence of the reference picture.
        source: Origin of the copy of the reference picture.
        preview: File name of a small JPEG in the checkpoint's folder; empty for a filter, whose
            preview is made when needed.
        preview_sha256: Checksum of that file.
        exemplar: File name of the picture used for masterworks; empty for a filter.
        exemplar_sha256: Checksum of that file.
    """

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    kind: Literal["painted", "filter"] = "painted"
    titles: dict[str, str]
    tags: tuple[str, ...] = ()
    artist: str = ""
    year: int | None = None
    licence: str = ""
    source: str = ""
    preview: _FileName = ""
    preview_sha256: str = ""
    exemplar: _FileName = ""
    exemplar_sha256: str = ""


class ArtistNames(_Record):
    """An artist's names.

    Attributes:
        name: As in `StyleRecord.artist`.
        names: Language tag to name, for languages in which it differs.
        aliases: Other spellings, in any language.
    """

    name: str
    names: dict[str, str] = {}
    aliases: tuple[str, ...] = ()


class StyleNames(_Record):
    """A style's names besides its titles.

    Attributes:
        slug: The style or filter.
        aliases: Common titles and other words for it, in any language.
        replaces: Slugs of earlier styles that it replaces.
    """

    slug: str
    aliases: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()


class Names(_Record):
    """The hand-written file `names.json` beside a manifest: names and order of styles.

    Attributes:
        artists: Artists' names.
        styles: Styles' names, best first. Styles that are not in it come last.
        tags: Synonyms of tags, in any language.
    """

    artists: tuple[ArtistNames, ...] = ()
    styles: tuple[StyleNames, ...] = ()
    tags: dict[str, tuple[str, ...]] = {}


class DataSource(_Record):
    """Pictures a checkpoint was trained on."""

    name: str
    pictures: int
    licence: str


class TrainingRecord(_Record):
    """How the weights were trained."""

    command: str
    steps: int
    commit: str
    torch: str
    sources: list[DataSource]


class Preprocessing(_Record):
    """Preprocessing that the networks expect.

    Attributes:
        colour: Colour space and value range of the input.
        work_side_px: Long side at which strokes have their trained size.
        reference_side_px: Long side at which a reference picture is encoded.
    """

    colour: str
    work_side_px: int = Field(ge=32)
    reference_side_px: int = Field(ge=32)


class GeneratorRecord(_Record):
    """The generator's shape; see `engine.painting.networks.GeneratorConfig`."""

    style_dim: int
    widths: tuple[int, int, int]
    blocks: int


class Manifest(_Record):
    """Everything about a checkpoint except its weights.

    Attributes:
        format: Version of this file's layout.
        name: The checkpoint's name for people.
        weights: File name of the weights, safetensors.
        weights_sha256: Checksum of that file.
        licence: Licence of the weights.
        generator: Shape of the generator.
        preprocessing: Preprocessing that the networks expect.
        training: How the weights were trained.
        styles: The named styles, in the order of the rows of the `codes` tensor.
        names: Names and order of styles; from `names.json`, not part of this file.
    """

    format: Literal[1]
    name: str
    weights: _FileName
    weights_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    generator: GeneratorRecord
    preprocessing: Preprocessing
    training: TrainingRecord
    styles: list[StyleRecord]
    names: Names = Field(default=Names(), exclude=True)

    @property
    def checkpoint_id(self) -> str:
        """An id that changes with the weights."""
        return self.weights_sha256[:16]

    def index_of(self, slug: str) -> int:
        """Position of a style.

        Raises:
            UnknownStyleError: no style has that slug; the message suggests similar ones.
        """
        slugs = [style.slug for style in self.styles]
        if slug not in slugs:
            raise unknown_style(slug, slugs)
        return slugs.index(slug)


def unknown_style(slug: str, slugs: Sequence[str]) -> UnknownStyleError:
    """The error for a slug that is not in `slugs`; suggests similar ones."""
    # Imported only when needed.
    import difflib

    close = difflib.get_close_matches(slug, slugs, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}?" if close else "see `stylebot styles`."
    return UnknownStyleError(f"There is no style {slug!r}; {hint}")


def read_manifest(folder: Path) -> Manifest:
    """Read and validate a checkpoint's manifest, and `names.json` if it exists.

    Raises:
        CheckpointError: the manifest is missing or invalid.
    """
    try:
        manifest = _read(folder / MANIFEST_FILE, Manifest, "manifest")
    except OSError as error:
        raise CheckpointError(f"There is no checkpoint in {folder}: {error.strerror}.") from error
    try:
        names = _read(folder / NAMES_FILE, Names, "list of names")
    except OSError:
        return manifest
    return manifest.model_copy(update={"names": names})


def _read(path: Path, kind: type[_Kind], called: str) -> _Kind:
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise CheckpointError(f"{path} is no {called}: {where}: {first['msg']}.") from error


def sha256_of(path: Path) -> str:
    """Checksum of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
