"""Requests and answers between the bots and the engine; needs neither torch nor Pillow.

Both sides import this module, and the OpenAPI document is generated from it, so that each route,
parameter and header is written once.
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
from engine.api.analyses import Analysis
from engine.api.effect_spec import EffectSpec
from engine.api.errors import InvalidOptionError

Brush = Literal["fine", "normal", "bold"]
OutputFormat = Literal["jpeg", "png", "webp"]
ClipFormat = Literal["gif", "mp4", "webm", "sticker"]
StoryShape = Literal["9:16", "1:1", "16:9"]
Reveal = Literal["brush", "wipe"]
StoryCodec = Literal["h264", "h265"]
Priority = Literal["interactive", "bulk"]

# Strokes keep the pixel size they were trained at, so the side a photo is painted at sets the size
# of the brush. A factor of a third either way is clearly visible and still looks like the style.
BRUSH_SCALES: Final[dict[Brush, float]] = {"fine": 4 / 3, "normal": 1.0, "bold": 2 / 3}

# Suffix of the file of a saved style.
STYLE_SUFFIX: Final = ".style.json"
CLIP_TYPES: Final[dict[ClipFormat, str]] = {
    "gif": "image/gif",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "sticker": "video/webm",
}
# Stands for the checkpoint in a filter's code; filters do not depend on one.
FILTER: Final = "filter"

EFFECTS_PATH: Final = "/v1/effects"
RENDER_PATH: Final = "/v1/render"
NORMALISE_PATH: Final = "/v1/normalise"
ANALYSE_PATH: Final = "/v1/analyse"
STORIES_PATH: Final = "/v1/stories"
# The route from before there were effects; kept for one more release.
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
# Names of analyses that found nothing, separated by commas.
ABSENT_HEADER: Final = "X-Absent"
REQUEST_TIMEOUT_S: Final = 60.0
REQUEST_TIMEOUT_MAX_S: Final = 600.0
# Largest number of pictures that one style is computed from.
REFERENCES_MAX: Final = 8
# Long side of previews of an unfinished picture.
PREVIEW_SIDE_PX: Final = 512
# Largest number of effects in one request.
STEPS_MAX: Final = 8
# Largest number of scenes in a story, and its length in seconds.
SCENES_MAX: Final = 10
STORY_SECONDS_MIN: Final = 6.0
STORY_SECONDS_MAX: Final = 30.0
CAPTION_LETTERS_MAX: Final = 120
# Seconds for refining a style: longer hardly improves it, and shorter finds little.
REFINE_SECONDS: Final = 150.0
REFINE_SECONDS_MIN: Final = 10.0
REFINE_SECONDS_MAX: Final = 300.0
# One JSON object per line (github.com/ndjson/ndjson-spec): progress and result.
NDJSON: Final = "application/x-ndjson"

_TimeoutS = Annotated[float, Field(gt=0, le=REQUEST_TIMEOUT_MAX_S)]
_Whole = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class StyleCode:
    """A style as the engine reads it; opaque to its callers.

    Attributes:
        checkpoint: Id of the checkpoint that made the code; no other can paint with it.
            `FILTER` if no checkpoint is needed.
        data: A painted style's bytes, or a filter's slug. Only the engine reads them.
    """

    checkpoint: str
    data: bytes

    def to_text(self) -> str:
        """The code for a URL or a database: checkpoint, dot, data in base64url."""
        return f"{self.checkpoint}.{base64.urlsafe_b64encode(self.data).decode()}"

    @classmethod
    def from_text(cls, text: str) -> "StyleCode":
        """Parse the output of `to_text`.

        Raises:
            InvalidOptionError: the text is not a code.
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
        params: Param to value; missing ones have their defaults. In a gallery a style is
            {"slug" or "code" or "picture": text, "weight": number}; a picture is given by name and
            sent as one of the request's inputs. A masterwork of a style computed from a
            picture needs "picture" beside "code".
    """

    effect: str
    params: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The step as JSON."""
        return {"effect": self.effect, "params": self.params}

    @classmethod
    def from_json(cls, record: Any) -> "Step":  # noqa: ANN401 - it may be anything
        """Parse the output of `as_json`.

        Raises:
            InvalidOptionError: the record is not a step.
        """
        if isinstance(record, dict) and record.keys() <= {"effect", "params"}:
            effect, params = record.get("effect"), record.get("params", {})
            if isinstance(effect, str) and isinstance(params, dict):
                return cls(effect, params)
        raise InvalidOptionError('A step is {"effect": ID, "params": {...}}.')


# In a query or a form a tuple of steps is JSON.
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
    """A picture and the effects to apply.

    Attributes:
        image: The file, as it was sent.
        steps: Effects, in order; none for the picture itself, upright, in sRGB and
            without metadata.
        inputs: Name to file of the pictures and masks named in params.
        output: Format of the answer.
        clip: If the file is a clip: format of the answer, a clip as well; empty for its first
            frame in `output`. "sticker" is a WebM as Telegram accepts it.
        user: Key for fairness: any text, the same for the same person.
        priority: "bulk" for work that no one is waiting for.
        timeout_s: Seconds after which the result is not needed.
        partial: Whether a slow effect may return its intermediate result at the deadline.
        look: Whether to glance at a picture for what the steps could need with other params, and
            say what is absent.
    """

    image: bytes
    steps: Annotated[tuple[Step, ...], Field(max_length=STEPS_MAX), _STEPS_SCHEMA] = ()
    inputs: Mapping[str, bytes] = field(default_factory=dict)
    output: OutputFormat = "jpeg"
    clip: ClipFormat | Literal[""] = ""
    user: str = ""
    priority: Priority = "interactive"
    timeout_s: _TimeoutS = REQUEST_TIMEOUT_S
    partial: bool = False
    look: bool = False

    def __post_init__(self) -> None:
        params.check(self)

    def idempotency_key(self) -> str:
        """Hash of everything the result depends on: equal keys mean equal pictures."""
        steps = [step.as_json() for step in self.steps]
        options = [steps, self.output, self.clip, self.partial, self.look]
        digest = hashlib.sha256(json.dumps(options, sort_keys=True).encode())
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


_ANALYSIS_SCHEMA: Final = WithJsonSchema(
    {"type": "string", "minLength": 1, "examples": ["faces", "person", "decency"]}
)


@dataclass(frozen=True, slots=True)
class StylizeOptions:
    """How to paint a photo; the same for every photo of an album.

    Attributes:
        style: The style, painted or filter.
        strength: 0 (the photo) to 1.
        keep_colours: Use only the luminance of the painting.
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
        """The equivalent steps."""
        params = {name: getattr(self, name) for name in ("strength", "keep_colours", "brush")}
        if self.style.checkpoint == FILTER:
            return (Step(self.style.data.decode(errors="replace"), params),)
        styles = [{"code": self.style.to_text(), "weight": 1.0}]
        return (Step("paint", {"styles": styles} | params),)


@dataclass(frozen=True, slots=True)
class StylizeRequest:
    """One photo to paint.

    Attributes:
        image: The file, as it was sent.
        options: How to paint it.
        user: Key for fairness: any text, the same for the same person.
        priority: "bulk" for work that no one is waiting for.
        timeout_s: Seconds after which the result is not needed.
    """

    image: bytes
    options: StylizeOptions
    user: str = ""
    priority: Priority = "interactive"
    timeout_s: _TimeoutS = REQUEST_TIMEOUT_S

    def as_render(self) -> RenderRequest:
        """The equivalent `RenderRequest`."""
        return RenderRequest(
            self.image, self.options.steps(), output=self.options.output, user=self.user,
            priority=self.priority, timeout_s=self.timeout_s,
        )  # fmt: skip

    def idempotency_key(self) -> str:
        """Hash of everything the result depends on: equal keys mean equal pictures."""
        return self.as_render().idempotency_key()


@dataclass(frozen=True, slots=True)
class Scene:
    """A part of a story.

    Attributes:
        photo: A picture file.
        painting: The file that it turns into.
    """

    photo: bytes
    painting: bytes


@dataclass(frozen=True, slots=True)
class StoryOptions:
    """How a story is shown.

    Attributes:
        shape: Width to height: 720 x 1280, 720 x 720 or 1280 x 720 px.
        seconds: Length of the film, 6 to 30; 0 for as long as so many scenes need.
        reveal: How a painting appears: by growing strokes of a brush, or from left to right.
        caption: Text at the bottom, in up to four lines; empty for none.
        codec: "h265" for smaller files that fewer programs play; not every engine has it.
    """

    shape: StoryShape = "9:16"
    seconds: Annotated[float, Field(ge=0, le=STORY_SECONDS_MAX)] = 0.0
    reveal: Reveal = "brush"
    caption: Annotated[str, Field(max_length=CAPTION_LETTERS_MAX)] = ""
    codec: StoryCodec = "h264"

    def __post_init__(self) -> None:
        params.check(self)
        if 0 < self.seconds < STORY_SECONDS_MIN:
            raise InvalidOptionError(
                f"A story takes {STORY_SECONDS_MIN:g} to {STORY_SECONDS_MAX:g} seconds."
            )


@dataclass(frozen=True, slots=True)
class StoryRequest:
    """Photos that turn into their paintings, one after another, to be made into a film.

    Attributes:
        scenes: The photos and their paintings, 1 to `SCENES_MAX`.
        options: How they are shown.
        user: Key for fairness.
        timeout_s: Seconds after which the film is not needed.
    """

    scenes: tuple[Scene, ...]
    options: StoryOptions = field(default_factory=StoryOptions)
    user: str = ""
    timeout_s: _TimeoutS = REQUEST_TIMEOUT_MAX_S

    def __post_init__(self) -> None:
        params.check(self)
        if not 1 <= len(self.scenes) <= SCENES_MAX:
            raise InvalidOptionError(f"A story has 1 to {SCENES_MAX} photos.")


@dataclass(frozen=True, slots=True)
class NormaliseParams:
    """The parameters of `EngineApi.normalise`.

    Attributes:
        user: Key for fairness.
    """

    user: str = ""


@dataclass(frozen=True, slots=True)
class AnalyseParams:
    """The parameters of `EngineApi.analyse`.

    Attributes:
        what: Name of the analysis.
        user: Key for fairness.
    """

    what: Annotated[str, _ANALYSIS_SCHEMA]
    user: str = ""


@dataclass(frozen=True, slots=True)
class ProgressParams:
    """Whether `RENDER_PATH` answers with lines of progress.

    Attributes:
        progress: Whether it does.
        previews: Whether some of these lines contain the picture so far.
    """

    progress: bool = False
    previews: bool = False


@dataclass(frozen=True, slots=True)
class RefineParams:
    """The parameters of `EngineApi.refine`; the engine checks the seconds.

    Attributes:
        code: The code to start from.
        seconds: Length of the search.
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
    """A style of a blend, with a non-negative weight."""

    code: CodeText
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class BlendBody(BaseModel):
    """The body of `EngineApi.blend`."""

    styles: Annotated[list[WeightedStyle], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Painted:
    """The engine's answer: a picture file.

    Attributes:
        image: The file.
        content_type: Its media type.
        cached: Whether it came from the cache.
        partial: Whether a slow effect ran out of time and this is its intermediate result.
        absent: Analyses that found nothing, such as "person" where there is none: steps that are
            to be applied to people were applied to all of the picture. Of analyses that the steps
            do not need it is only known if the request was to `look`.
    """

    image: bytes
    content_type: str
    cached: bool = False
    partial: bool = False
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a slow effect.

    Attributes:
        share: Share of the work done, 0 to 1.
        preview: The picture so far, a JPEG file of at most `PREVIEW_SIDE_PX`; None if it has
            not changed or was not requested.
    """

    share: float
    preview: bytes | None = None


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Refinement:
    """A refined style.

    Attributes:
        code: The better of the given code and the one found.
        gram_before: Relative Gram error of the given code: how much of the style is missing.
        gram_after: Relative Gram error of `code`; at most `gram_before`.
    """

    code: StyleCode
    gram_before: float
    gram_after: float

    def as_json(self) -> dict[str, Any]:
        """The result as JSON."""
        return asdict(self) | {"code": self.code.to_text()}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Refinement":
        """Parse the output of `as_json`; fields of a newer engine are ignored."""
        grams = (float(record[name]) for name in ("gram_before", "gram_after"))
        return cls(StyleCode.from_text(record["code"]), *grams)


@dataclass(frozen=True, slots=True)
class StyleInfo:
    """A style in the engine's list.

    Attributes:
        slug: Its id in commands.
        kind: "painted" or "filter".
        titles: Language tag to title.
        tags: Descriptive words for searching, in any language.
        artist: Painter of the reference picture; empty for a filter.
        year: Its year, if known.
        code: Value for `StylizeOptions.style`.
        artists: Language tag to the artist's name, for languages in which it differs.
        aliases: Other names of the style or its artist, in any language.
        replaces: Slugs of earlier styles that it replaces.
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
        """The style as JSON."""
        lists = {name: list(getattr(self, name)) for name in ("tags", "aliases", "replaces")}
        return asdict(self) | {"code": self.code.to_text()} | lists

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "StyleInfo":
        """Parse the output of `as_json`; fields of a newer engine are ignored."""
        known = {name: record[name] for name in ("slug", "kind", "titles", "artist", "year")}
        return cls(
            **known,
            tags=tuple(record["tags"]),
            code=StyleCode.from_text(record["code"]),
            # Older engines do not send other names of a style.
            artists=record.get("artists", {}),
            aliases=tuple(record.get("aliases", ())),
            replaces=tuple(record.get("replaces", ())),
        )


@dataclass(frozen=True, slots=True)
class QueueState:
    """State of the queue, to decide whether to wait.

    Attributes:
        waiting: Pictures in the queue.
        running: Pictures in the running batch.
        wait_s: Predicted seconds until a new picture would be painted.
    """

    waiting: _Whole
    running: _Whole
    wait_s: Annotated[float, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do and its limits.

    Attributes:
        checkpoint: Id of the checkpoint; codes of others are stale.
        device: "cpu" or "cuda".
        work_side_px: Long side a photo is painted at with a normal brush.
        max_image_bytes: Size of the largest file.
        max_pixels: Largest picture, width times height.
        brushes: Sizes of strokes.
        outputs: Formats of the answer.
        refines: Whether it can refine a style; older engines cannot.
        device_name: Name of the GPU; empty for a CPU.
        clips: Formats of clips it can answer with; empty if it takes none.
        clip_seconds: Longest clip it accepts.
        analyses: Names of the analyses that are installed; older engines have none.
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
    clips: tuple[str, ...] = ()
    clip_seconds: Annotated[float, Field(ge=0)] = 0.0
    analyses: tuple[str, ...] = ()


class EngineApi(Protocol):
    """The engine's methods, in this process (`Engine`) or over HTTP (`EngineClient`).

    Every method may raise an `EngineError`; each leaf means the same in both.
    """

    async def effects(self) -> list[EffectSpec]:
        """List the effects."""
        ...

    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        """Apply the steps to one picture.

        `report` is called on the event loop now and then while a slow effect is running; with
        `previews` it also gets the picture whenever that has improved.
        """
        ...

    async def normalise(self, image: bytes, *, user: str = "") -> bytes:
        """The picture that effects see: a JPEG or PNG, upright, in sRGB, without metadata."""
        ...

    async def analyse(self, image: bytes, what: str, *, user: str = "") -> Analysis:
        """What is in a picture: a result of the kind that `what` names, such as "faces".

        Results are not stored.
        """
        ...

    async def make_story(self, request: StoryRequest, report: Report | None = None) -> Painted:
        """Make a film of photos that turn into their paintings.

        `report` is called on the event loop about once for each second of the film.
        """
        ...

    async def extract_style(self, images: Sequence[bytes]) -> StyleCode:
        """Compute the style of one or more picture files."""
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
        """Search for a code that matches its pictures better; one search at a time.

        Cancelling this ends the search. `report` is called on the event loop about once a
        second or more often: with 0 when the search starts, then with the share of its time that
        has passed, up to 1.
        """
        ...

    async def styles(self) -> list[StyleInfo]:
        """List every named style."""
        ...

    async def preview(self, slug: str) -> bytes:
        """A small JPEG of a sample photo in a style."""
        ...

    async def capabilities(self) -> Capabilities:
        """The engine's capabilities and limits."""
        ...

    async def queue(self) -> QueueState:
        """The state of the queue."""
        ...

    async def close(self) -> None:
        """Close connections and free what was loaded."""
        ...
