"""What travels between a bot and the engine; needs nothing but the standard library.

Both sides import this module, so that a route, a parameter or a header is written once.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, Protocol, get_args

from engine.effects.spec import EffectSpec
from engine.errors import InvalidOptionError

Brush = Literal["fine", "normal", "bold"]
# A masterwork is the slow, best way to paint (`engine.masterwork`).
Quality = Literal["fast", "masterwork"]
OutputFormat = Literal["jpeg", "png", "webp"]
Lane = Literal["interactive", "bulk"]

# Strokes keep the pixel size they were trained at, so the side a photo is painted at is the size of
# the brush. Thirds either way are seen at once and still look like the style.
BRUSH_SCALES: Final[dict[Brush, float]] = {"fine": 4 / 3, "normal": 1.0, "bold": 2 / 3}

# How the file of a kept style ends.
STYLE_SUFFIX: Final = ".style.json"
# What stands for a checkpoint in the code of a filter, which every checkpoint applies alike.
FILTER: Final = "filter"

STYLIZE_PATH: Final = "/v1/stylize"
EXTRACT_PATH: Final = "/v1/styles:extract"
BLEND_PATH: Final = "/v1/styles:blend"
REFINE_PATH: Final = "/v1/styles:refine"
STYLES_PATH: Final = "/v1/styles"
PREVIEW_PATH: Final = "/v1/styles/{slug}/preview"
CAPABILITIES_PATH: Final = "/v1/capabilities"
QUEUE_PATH: Final = "/v1/queue"
HEALTH_PATH: Final = "/healthz"
READY_PATH: Final = "/readyz"
METRICS_PATH: Final = "/metrics"
OPENAPI_PATH: Final = "/openapi.json"

IDEMPOTENCY_HEADER: Final = "Idempotency-Key"
REQUEST_TIMEOUT_S: Final = 60.0
REQUEST_TIMEOUT_MAX_S: Final = 600.0
# Pictures that one style is read from.
REFERENCES_MAX: Final = 8
# How long a style is refined: what is found later is hardly better, and less is hardly a search.
REFINE_SECONDS: Final = 150.0
REFINE_SECONDS_MIN: Final = 10.0
REFINE_SECONDS_MAX: Final = 300.0
# One JSON object a line (github.com/ndjson/ndjson-spec): what a refinement is answered with.
NDJSON: Final = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class StyleCode:
    """A style as the engine understands it, to be kept and carried by those who do not.

    Attributes:
        checkpoint: Id of the checkpoint that made the code; only that one can paint with it.
            `FILTER` where no checkpoint is needed.
        data: A painted style's bytes, or a filter's slug. Opaque: only the engine opens them.
    """

    checkpoint: str
    data: bytes

    def to_text(self) -> str:
        """The code for a URL or a database: the checkpoint, a dot, the data in base64url."""
        return f"{self.checkpoint}.{base64.urlsafe_b64encode(self.data).decode()}"

    @classmethod
    def from_text(cls, text: str) -> "StyleCode":
        """Read what `to_text` wrote.

        Raises:
            InvalidOptionError: the text is no code.
        """
        checkpoint, dot, data = text.partition(".")
        try:
            if checkpoint and dot:
                return cls(checkpoint, base64.b64decode(data, altchars=b"-_", validate=True))
        except (binascii.Error, ValueError):
            pass
        raise InvalidOptionError("The style code is damaged; choose the style again.")


@dataclass(frozen=True, slots=True)
class StylizeOptions:
    """How a photo is to be painted; the same for every photo of an album.

    Attributes:
        style: The style, painted or filter.
        strength: 0 (the photo) to 1.
        keep_colours: Take only the luminance of the painting.
        brush: Size of the strokes.
        output: Format of the answer.
    """

    style: StyleCode
    strength: float = 1.0
    keep_colours: bool = False
    brush: Brush = "normal"
    output: OutputFormat = "jpeg"

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise InvalidOptionError("Strength must be between 0 and 1.")
        if self.brush not in BRUSH_SCALES:
            raise InvalidOptionError(f"The brush must be one of {', '.join(BRUSH_SCALES)}.")
        if self.output not in get_args(OutputFormat):
            raise InvalidOptionError(
                f"The output must be one of {', '.join(get_args(OutputFormat))}."
            )


@dataclass(frozen=True, slots=True)
class StylizeRequest:
    """One photo to paint.

    Attributes:
        image: The file as it was sent.
        options: How it is to be painted.
        user: Whose it is, for fairness: any text, the same for the same person.
        lane: "bulk" for work no one waits for at the screen.
        timeout_s: Afterwards no one wants the result.
    """

    image: bytes
    options: StylizeOptions
    user: str = ""
    lane: Lane = "interactive"
    timeout_s: float = REQUEST_TIMEOUT_S

    def idempotency_key(self) -> str:
        """Hash of everything the result depends on: equal keys, equal pictures."""
        options = asdict(self.options) | {"style": self.options.style.to_text()}
        digest = hashlib.sha256(json.dumps(options, sort_keys=True).encode())
        digest.update(self.image)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Step:
    """One effect of a recipe.

    Attributes:
        effect: Its id.
        params: Values by the ids of its parameters; one of a gallery is a list of
            {"code": a `StyleCode`'s text, "weight": 1.0, "picture": a name in `inputs`}, the last
            of which may be left out.
    """

    effect: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """One photo, and what is to be done to it.

    Attributes:
        image: The file as it was sent.
        steps: What is done, in order.
        inputs: Pictures that steps name.
        output: Format of the answer.
        user: As in `StylizeRequest`.
        lane: Likewise.
        timeout_s: Likewise.
    """

    image: bytes
    steps: tuple[Step, ...]
    inputs: dict[str, bytes] = field(default_factory=dict)
    output: OutputFormat = "jpeg"
    user: str = ""
    lane: Lane = "interactive"
    timeout_s: float = REQUEST_TIMEOUT_S

    def idempotency_key(self) -> str:
        """Hash of everything the result depends on: equal keys, equal pictures."""
        inputs = {name: hashlib.sha256(body).hexdigest() for name, body in self.inputs.items()}
        wanted = [[asdict(step) for step in self.steps], inputs, self.output]
        digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode())
        digest.update(self.image)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Painted:
    """The engine's answer: a picture file.

    Attributes:
        image: Its bytes.
        content_type: Its media type.
        cached: Whether it was painted before.
    """

    image: bytes
    content_type: str
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Refinement:
    """A polished style.

    Attributes:
        code: The better of the code that came in and the one that was found.
        gram_before: Relative Gram error of the code that came in: how much of the style is missing.
        gram_after: Relative Gram error of `code`; never more than `gram_before`.
    """

    code: StyleCode
    gram_before: float
    gram_after: float

    def as_json(self) -> dict[str, Any]:
        """For the wire."""
        return asdict(self) | {"code": self.code.to_text()}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Refinement":
        """Read what `as_json` wrote; fields of a newer engine are ignored."""
        grams = (float(record[name]) for name in ("gram_before", "gram_after"))
        return cls(StyleCode.from_text(record["code"]), *grams)


@dataclass(frozen=True, slots=True)
class StyleInfo:
    """A style in the engine's list.

    Attributes:
        slug: What a command calls it.
        kind: "painted" or "filter".
        titles: Language tag to title.
        tags: What it is like, in any language.
        artist: Who painted the reference picture; empty for a filter.
        year: When, as far as known.
        code: What `StylizeOptions.style` takes.
        artists: Language tag to the artist's name, where it is written otherwise than `artist`.
        aliases: What else people call the style or its artist, in any language.
        replaces: Slugs of earlier styles that this one stands in for.
    """

    slug: str
    kind: str
    titles: dict[str, str]
    tags: tuple[str, ...]
    artist: str
    year: int | None
    code: StyleCode
    artists: dict[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the wire."""
        lists = {name: list(getattr(self, name)) for name in ("tags", "aliases", "replaces")}
        return asdict(self) | {"code": self.code.to_text()} | lists

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "StyleInfo":
        """Read what `as_json` wrote; fields of a newer engine are ignored."""
        known = {name: record[name] for name in ("slug", "kind", "titles", "artist", "year")}
        return cls(
            **known,
            tags=tuple(record["tags"]),
            code=StyleCode.from_text(record["code"]),
            # Older engines say nothing of how else a style is called.
            artists=record.get("artists", {}),
            aliases=tuple(record.get("aliases", ())),
            replaces=tuple(record.get("replaces", ())),
        )


@dataclass(frozen=True, slots=True)
class QueueState:
    """What a newcomer should know before he queues up.

    Attributes:
        waiting: Pictures in the queue.
        running: Pictures in the batch that runs.
        wait_s: Predicted seconds until a picture that came now would be painted.
    """

    waiting: int
    running: int
    wait_s: float


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do and where its limits are.

    Attributes:
        checkpoint: Id of the checkpoint that paints; codes of others are stale.
        device: "cpu" or "cuda".
        work_side_px: Long side a photo is painted at by a normal brush.
        max_image_bytes: Largest file.
        max_pixels: Largest picture, width times height.
        brushes: Sizes of strokes.
        outputs: Formats of the answer.
        refines: Whether it can refine a style; older engines cannot.
        device_name: What a GPU calls itself; empty for a CPU.
    """

    checkpoint: str
    device: str
    work_side_px: int
    max_image_bytes: int
    max_pixels: int
    brushes: tuple[str, ...] = get_args(Brush)
    outputs: tuple[str, ...] = get_args(OutputFormat)
    refines: bool = False
    device_name: str = ""


class EngineApi(Protocol):
    """What an engine does, here or at the other end of a wire: `Engine` and `EngineClient`.

    Every method may raise an `EngineError`; each leaf means the same on both.
    """

    async def effects(self) -> list[EffectSpec]:
        """What can be done to a picture."""
        ...

    async def render(
        self, request: RenderRequest, report: Callable[[float], None] | None = None
    ) -> Painted:
        """Do what a request says to one photo.

        `report` is called on the event loop with ever more of the work, up to 1, where it is long.
        """
        ...

    async def normalise(self, image: bytes) -> bytes:
        """A picture upright, in sRGB and bare of metadata, JPEG or PNG."""
        ...

    async def extract_style(self, images: Sequence[bytes]) -> StyleCode:
        """Read the style of one or several picture files."""
        ...

    async def blend(self, weighted: Sequence[tuple[StyleCode, float]]) -> StyleCode:
        """Mix painted styles by weight; weights need not sum to one."""
        ...

    async def refine(
        self,
        images: Sequence[bytes],
        code: StyleCode,
        *,
        seconds: float = REFINE_SECONDS,
        report: Callable[[float], None] | None = None,
    ) -> Refinement:
        """Look for a code that resembles the pictures it was read from more; one at a time.

        Whoever cancels this ends the search. `report` is called on the event loop about once a
        second or more often: with 0 when the search is under way, then with ever more of its time,
        up to 1.
        """
        ...

    async def styles(self) -> list[StyleInfo]:
        """Every style by name."""
        ...

    async def preview(self, slug: str) -> bytes:
        """A small JPEG of a sample photo in a style."""
        ...

    async def capabilities(self) -> Capabilities:
        """What this engine can do."""
        ...

    async def queue(self) -> QueueState:
        """How long its queue is."""
        ...

    async def close(self) -> None:
        """Let go of it."""
        ...
