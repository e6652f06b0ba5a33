"""What travels between a bot and the engine; needs neither torch nor Pillow.

Both sides import this module, and the OpenAPI document is made of it, so that a route, a parameter
or a header is written once.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Final, Literal, Protocol, get_args

from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from engine.api import params
from engine.api.effect_spec import EffectSpec
from engine.api.errors import InvalidOptionError

Brush = Literal["fine", "normal", "bold"]
OutputFormat = Literal["jpeg", "png", "webp"]
Priority = Literal["interactive", "bulk"]

# Strokes keep the pixel size they were trained at, so the side a photo is painted at is the size of
# the brush. Thirds either way are seen at once and still look like the style.
BRUSH_SCALES: Final[dict[Brush, float]] = {"fine": 4 / 3, "normal": 1.0, "bold": 2 / 3}

# How the file of a kept style ends.
STYLE_SUFFIX: Final = ".style.json"
# What stands for a checkpoint in the code of a filter, which every checkpoint applies alike.
FILTER: Final = "filter"

EFFECTS_PATH: Final = "/v1/effects"
RENDER_PATH: Final = "/v1/render"
NORMALISE_PATH: Final = "/v1/normalise"
# As it was before there were effects; it lives for one release more.
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
# The long side of what is shown of a picture before it is finished.
PREVIEW_SIDE_PX: Final = 512
# Effects in one request.
STEPS_MAX: Final = 8
# How long a style is refined: what is found later is hardly better, and less is hardly a search.
REFINE_SECONDS: Final = 150.0
REFINE_SECONDS_MIN: Final = 10.0
REFINE_SECONDS_MAX: Final = 300.0
# One JSON object a line (github.com/ndjson/ndjson-spec): what a refinement is answered with.
NDJSON: Final = "application/x-ndjson"

_TimeoutS = Annotated[float, Field(gt=0, le=REQUEST_TIMEOUT_MAX_S)]
_Whole = Annotated[int, Field(ge=0)]


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


def _code_of(value: Any) -> Any:  # noqa: ANN401 - it may be anything
    return StyleCode.from_text(value) if isinstance(value, str) else value


# A code in JSON or in a query is text.
CodeText = Annotated[
    StyleCode,
    BeforeValidator(_code_of),
    PlainSerializer(StyleCode.to_text),
    WithJsonSchema({"type": "string", "minLength": 1}),
]


@dataclass(frozen=True, slots=True)
class Step:
    """One effect with its params, as `EffectSpec` describes them.

    Attributes:
        effect: Id of the effect.
        params: Param to value; what is absent has its default. In a gallery a style is
            {"slug" or "code" or "picture": text, "weight": number}; a picture is named, and sent
            along as one of the request's inputs. A masterwork of a style that was read from a
            picture needs "picture" beside "code".
    """

    effect: str
    params: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the wire."""
        return {"effect": self.effect, "params": self.params}

    @classmethod
    def from_json(cls, record: Any) -> "Step":  # noqa: ANN401 - it may be anything
        """Read what `as_json` wrote.

        Raises:
            InvalidOptionError: the record is no step.
        """
        if isinstance(record, dict) and record.keys() <= {"effect", "params"}:
            effect, params = record.get("effect"), record.get("params", {})
            if isinstance(effect, str) and isinstance(params, dict):
                return cls(effect, params)
        raise InvalidOptionError('A step is {"effect": ID, "params": {...}}.')


# A tuple of steps is sent as JSON in a text.
_STEPS_SCHEMA: Final = WithJsonSchema(
    {
        "type": "string",
        "contentMediaType": "application/json",
        "examples": [
            '[{"effect": "paint", "params": {"styles": [{"slug": "kiss"}], "strength": 0.7}}]'
        ],
    }
)


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """A picture, and what is to be done to it.

    Attributes:
        image: The file as it was sent.
        steps: Effects, one after the other; none for the picture itself, upright, in sRGB and
            without metadata.
        inputs: Name to file of the pictures and masks that params name.
        output: Format of the answer.
        user: Whose it is, for fairness: any text, the same for the same person.
        priority: "bulk" for work no one waits for at the screen.
        timeout_s: Afterwards no one wants the result.
        partial: Whether a slow effect may answer in time with what it has by then.
    """

    image: bytes
    steps: Annotated[tuple[Step, ...], Field(max_length=STEPS_MAX), _STEPS_SCHEMA] = ()
    inputs: Mapping[str, bytes] = field(default_factory=dict)
    output: OutputFormat = "jpeg"
    user: str = ""
    priority: Priority = "interactive"
    timeout_s: _TimeoutS = REQUEST_TIMEOUT_S
    partial: bool = False

    def __post_init__(self) -> None:
        params.check(self)

    def idempotency_key(self) -> str:
        """Hash of everything the result depends on: equal keys, equal pictures."""
        steps = [step.as_json() for step in self.steps]
        digest = hashlib.sha256(
            json.dumps([steps, self.output, self.partial], sort_keys=True).encode()
        )
        for name, body in sorted(self.inputs.items()):
            digest.update(name.encode() + b"\0" + hashlib.sha256(body).digest())
        digest.update(self.image)
        return digest.hexdigest()


# A code, or for people names.
_STYLE_SCHEMA: Final = WithJsonSchema(
    {
        "type": "string",
        "format": "style",
        "minLength": 1,
        "examples": ["starry-night", "starry-night:2,kiss"],
    }
)


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

    style: Annotated[CodeText, _STYLE_SCHEMA]
    strength: Annotated[float, Field(ge=0, le=1)] = 1.0
    keep_colours: bool = False
    brush: Brush = "normal"
    output: OutputFormat = "jpeg"

    def __post_init__(self) -> None:
        params.check(self)

    def steps(self) -> tuple[Step, ...]:
        """The same as steps."""
        params = {name: getattr(self, name) for name in ("strength", "keep_colours", "brush")}
        if self.style.checkpoint == FILTER:
            return (Step(self.style.data.decode(errors="replace"), params),)
        styles = [{"code": self.style.to_text(), "weight": 1.0}]
        return (Step("paint", {"styles": styles} | params),)


@dataclass(frozen=True, slots=True)
class StylizeRequest:
    """One photo to paint.

    Attributes:
        image: The file as it was sent.
        options: How it is to be painted.
        user: Whose it is, for fairness: any text, the same for the same person.
        priority: "bulk" for work no one waits for at the screen.
        timeout_s: Afterwards no one wants the result.
    """

    image: bytes
    options: StylizeOptions
    user: str = ""
    priority: Priority = "interactive"
    timeout_s: _TimeoutS = REQUEST_TIMEOUT_S

    def as_render(self) -> RenderRequest:
        """The same as a request of today."""
        return RenderRequest(
            self.image, self.options.steps(), output=self.options.output, user=self.user,
            priority=self.priority, timeout_s=self.timeout_s,
        )  # fmt: skip

    def idempotency_key(self) -> str:
        """Hash of everything the result depends on: equal keys, equal pictures."""
        return self.as_render().idempotency_key()


@dataclass(frozen=True, slots=True)
class NormaliseParams:
    """The parameters of `EngineApi.normalise`.

    Attributes:
        user: Whose the picture is, for fairness.
    """

    user: str = ""


@dataclass(frozen=True, slots=True)
class ProgressParams:
    """Whether the answer to `RENDER_PATH` is lines that say how far it is.

    Attributes:
        progress: Whether it is.
        previews: Whether some of these lines have the picture as it is by then.
    """

    progress: bool = False
    previews: bool = False


@dataclass(frozen=True, slots=True)
class RefineParams:
    """The parameters of `EngineApi.refine`; the engine checks the seconds.

    Attributes:
        code: Where to begin.
        seconds: How long to look.
    """

    code: CodeText
    seconds: Annotated[
        float,
        Field(allow_inf_nan=True),
        WithJsonSchema(
            {"type": "number", "minimum": REFINE_SECONDS_MIN, "maximum": REFINE_SECONDS_MAX}
        ),
    ] = REFINE_SECONDS


class WeightedStyle(BaseModel):
    """A style of a blend, with any weight that is not negative."""

    code: CodeText
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class BlendBody(BaseModel):
    """The body of `EngineApi.blend`."""

    styles: Annotated[list[WeightedStyle], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Painted:
    """The engine's answer: a picture file.

    Attributes:
        image: Its bytes.
        content_type: Its media type.
        cached: Whether it was made before.
        partial: Whether a slow effect ran out of time and this is what it had by then.
    """

    image: bytes
    content_type: str
    cached: bool = False
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a picture is that takes long.

    Attributes:
        share: Share of the work done, 0 to 1.
        preview: The picture as it is by now, a JPEG file of at most `PREVIEW_SIDE_PX`; None where
            it looks as before, or no one asked for it.
    """

    share: float
    preview: bytes | None = None


Report = Callable[[Progress], None]


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
    kind: Literal["painted", "filter"]
    titles: dict[str, str]
    tags: tuple[str, ...]
    artist: str
    year: int | None
    code: CodeText
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

    waiting: _Whole
    running: _Whole
    wait_s: Annotated[float, Field(ge=0)]


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
    work_side_px: _Whole
    max_image_bytes: _Whole
    max_pixels: _Whole
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
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        """Do the steps to one picture.

        `report` is called on the event loop now and then while a slow effect is at work; with
        `previews` it is shown the picture as well, whenever there is a better one.
        """
        ...

    async def normalise(self, image: bytes, *, user: str = "") -> bytes:
        """A picture as effects see it: a JPEG or PNG, upright, in sRGB, without metadata."""
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

        Cancelling this ends the search. `report` is called on the event loop about once a
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
