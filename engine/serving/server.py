"""The engine's HTTP routes, and the table from error to status.

Pictures are sent as the raw body with parameters in the query: base64 in JSON is a third larger,
and parsing multipart takes several times the work. Forms are accepted for browsers.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import math
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Final

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware
from pydantic import ValidationError

from engine.api import errors, params
from engine.api.contract import (
    ABSENT_HEADER,
    ANALYSE_PATH,
    BLEND_PATH,
    CAPABILITIES_PATH,
    EFFECTS_PATH,
    EXTRACT_PATH,
    FILTER,
    HEALTH_PATH,
    METRICS_PATH,
    NDJSON,
    NORMALISE_PATH,
    OPENAPI_PATH,
    PREVIEW_PATH,
    QUEUE_PATH,
    READY_PATH,
    REFERENCES_MAX,
    REFINE_PATH,
    RENDER_PATH,
    SCENES_MAX,
    STORIES_PATH,
    STYLES_PATH,
    STYLIZE_PATH,
    AnalyseParams,
    BlendBody,
    NormaliseParams,
    Painted,
    Progress,
    ProgressParams,
    Refinement,
    RefineParams,
    RenderRequest,
    Report,
    Scene,
    Step,
    StoryOptions,
    StoryRequest,
    StyleCode,
    StylizeOptions,
    StylizeRequest,
)
from engine.api.listening import hang_up_unread, refuse_encoded
from engine.api.names import parse_blend
from engine.serving import openapi
from engine.serving.metrics import Metrics
from engine.serving.service import Engine

logger = logging.getLogger(__name__)

Fields = Mapping[str, str]

STATUS: Final[dict[type[errors.EngineError], int]] = {
    errors.InvalidOptionError: 400,
    errors.MissingInputError: 400,
    errors.CaptionError: 400,
    errors.UnauthorizedError: 401,
    errors.UnknownStyleError: 404,
    errors.UnknownAnalysisError: 404,
    errors.StaleStyleError: 409,
    errors.ImageTooLargeError: 413,
    errors.ClipTooLongError: 413,
    errors.UnsupportedImageError: 415,
    errors.UnsupportedClipError: 415,
    errors.ImageTooSmallError: 422,
    errors.BrokenImageError: 422,
    errors.MaskMismatchError: 422,
    errors.NoFaceError: 422,
    errors.SeveralFacesError: 422,
    errors.SmallFaceError: 422,
    errors.TurnedFaceError: 422,
    errors.HiddenFaceError: 422,
    errors.TooManyRequestsError: 429,
    errors.CheckpointError: 500,
    errors.PerceptualWeightsError: 500,
    errors.TrainingError: 500,
    errors.AnalysisModelError: 500,
    errors.CannotRefineError: 501,
    errors.NotInstalledError: 501,
    errors.EngineUnavailableError: 502,
    errors.EngineBusyError: 503,
    errors.AlreadyRefiningError: 503,
    errors.ShuttingDownError: 503,
    errors.DeadlineError: 504,
}

_UNFORESEEN: Final = {"code": "internal", "message": "Something went wrong in the engine."}
_STEPS_ARE: Final = 'Steps are a JSON list of {"effect": ID, "params": {...}}.'
# Tells proxies not to buffer lines.
_LINE_HEADERS: Final = {
    "Content-Type": NDJSON,
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}
# Seconds after which an unservable request has been refused.
_SOON_S: Final = 0.5
_SIGN_OF_LIFE_S: Final = 5.0
_STORY_IS: Final = "A story is a form with pictures photo-0 and painting-0, photo-1 and so on."
_BLEND_IS: Final = 'A blend is {"styles": [{"code": ..., "weight": ...}]}.'
_OLD_NAMES: Final = {"lane": "priority"}
# Twice the number of parameters.
_FORM_FIELDS: Final = 16
_FIELD_BYTES: Final = 64 * 1024
# Health checks for load balancers need no token and reveal nothing.
_OPEN_PATHS: Final = frozenset({HEALTH_PATH, READY_PATH})
# Bytes of all bodies being received or worked on.
_BODIES_BYTES: Final = 512 * 1024**2


def build_app(engine: Engine, *, token: str = "", body_timeout_s: float = 30.0) -> web.Application:
    """The HTTP application in front of an engine.

    Args:
        engine: The engine.
        token: Bearer token that callers must send; empty for none.
        body_timeout_s: Seconds a caller may take to send a picture.
    """
    metrics = Metrics(engine)
    routes = _Routes(engine, _Bodies(engine.image_limits.max_image_bytes, body_timeout_s))
    app = web.Application(
        middlewares=[hang_up_unread, metrics.count, _answer_errors, refuse_encoded, _require(token)]
    )
    app.add_routes(
        [
            web.get(EFFECTS_PATH, routes.effects),
            web.post(RENDER_PATH, routes.render),
            web.post(STORIES_PATH, routes.story),
            web.post(NORMALISE_PATH, routes.normalise),
            web.post(ANALYSE_PATH, routes.analyse),
            web.post(STYLIZE_PATH, routes.stylize),
            web.post(EXTRACT_PATH, routes.extract),
            web.post(BLEND_PATH, routes.blend),
            web.post(REFINE_PATH, routes.refine),
            web.get(STYLES_PATH, routes.styles),
            web.get(PREVIEW_PATH, routes.preview),
            web.get(CAPABILITIES_PATH, routes.capabilities),
            web.get(QUEUE_PATH, routes.queue),
            web.get(HEALTH_PATH, routes.health),
            web.get(READY_PATH, routes.ready),
            web.get(METRICS_PATH, metrics.show),
            web.get(OPENAPI_PATH, routes.openapi),
        ]
    )
    return app


class _Routes:
    """The handlers, one method per route."""

    def __init__(self, engine: Engine, bodies: "_Bodies") -> None:
        self._engine = engine
        self._bodies = bodies

    async def effects(self, request: web.Request) -> web.StreamResponse:
        specs = [spec.as_json() for spec in await self._engine.effects()]
        return _with_etag(request, web.json_response({"effects": specs}))

    async def render(self, request: web.Request) -> web.StreamResponse:
        with self._bodies.borrowed() as borrow:
            sent = await self._bodies.read(request, borrow)
            rendering = _parse_render(sent)
            told = params.read(params.model_of(ProgressParams), sent.fields)
            if told["progress"]:
                render = partial(self._engine.render, rendering, previews=told["previews"])
                return await self._answer_aloud(request, render)
            painted = await self._engine.render(rendering)
        return _painted(painted)

    async def story(self, request: web.Request) -> web.StreamResponse:
        with self._bodies.borrowed() as borrow:
            sent = await self._bodies.read(request, borrow, 2 * SCENES_MAX)
            wanted = _parse_story(sent)
            if params.read(params.model_of(ProgressParams), sent.fields)["progress"]:
                return await self._answer_aloud(request, partial(self._engine.make_story, wanted))
            made = await self._engine.make_story(wanted)
        return _painted(made)

    async def _answer_aloud(
        self, request: web.Request, work: Callable[[Report], Coroutine[Any, Any, Painted]]
    ) -> web.StreamResponse:
        """Answer as NDJSON: progress lines, then the picture."""
        steps: asyncio.Queue[Progress | None] = asyncio.Queue()
        task = asyncio.ensure_future(work(steps.put_nowait))
        task.add_done_callback(lambda _: steps.put_nowait(None))
        answer = web.StreamResponse(headers=_LINE_HEADERS)
        try:
            # Errors in the request are raised early and get an ordinary error answer.
            await asyncio.wait([task], timeout=_SOON_S)
            if task.done():
                task.result()
            with suppress(ConnectionResetError):
                await answer.prepare(request)
                async for line in _rendered_lines(task, steps):
                    await answer.write(line)
                await answer.write_eof()
        finally:
            task.cancel()
        return answer

    async def normalise(self, request: web.Request) -> web.StreamResponse:
        with self._bodies.borrowed() as borrow:
            sent = await self._bodies.read(request, borrow)
            user = params.read(params.model_of(NormaliseParams), sent.fields)
            image = await self._engine.normalise(sent.picture(), **user)
        kind = "image/png" if image.startswith(b"\x89PNG") else "image/jpeg"
        return web.Response(body=image, content_type=kind)

    async def analyse(self, request: web.Request) -> web.StreamResponse:
        with self._bodies.borrowed() as borrow:
            sent = await self._bodies.read(request, borrow)
            query = params.read(params.model_of(AnalyseParams), {"what": ""} | sent.fields)
            found = await self._engine.analyse(sent.picture(), **query)
        return web.json_response(found.as_json(), headers={"Cache-Control": "no-store"})

    async def stylize(self, request: web.Request) -> web.StreamResponse:
        with self._bodies.borrowed() as borrow:
            sent = await self._bodies.read(request, borrow)
            painted = await self._engine.stylize(self._parse(sent.picture(), sent.fields))
        return _painted(painted)

    async def extract(self, request: web.Request) -> web.StreamResponse:
        with self._bodies.borrowed() as borrow:
            sent = await self._bodies.read(request, borrow)
            code = await self._engine.extract_style(sent.images)
        return web.json_response({"code": code.to_text()})

    async def blend(self, request: web.Request) -> web.StreamResponse:
        with self._bodies.borrowed() as borrow:
            sent = await self._bodies.read(request, borrow)
        if len(sent.images) != 1:
            raise errors.InvalidOptionError(_BLEND_IS)
        code = await self._engine.blend(_parse_blend(sent.images[0]))
        return web.json_response({"code": code.to_text()})

    async def refine(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers=_LINE_HEADERS)
        with self._bodies.borrowed() as borrow:
            sent = await self._bodies.read(request, borrow)
            search = params.read(params.model_of(RefineParams), {"code": ""} | sent.fields)
            async with aclosing(self._engine.refining(sent.images, **search)) as steps:
                # Errors in the request are raised here and get an ordinary error answer.
                first = _line({"progress": await anext(steps)})
                # A disconnect ends the search.
                with suppress(ConnectionResetError):
                    await answer.prepare(request)
                    await answer.write(first)
                    async for line in _lines(steps):
                        await answer.write(line)
                    await answer.write_eof()
        return answer

    async def styles(self, request: web.Request) -> web.StreamResponse:
        listed = [style.as_json() for style in await self._engine.styles()]
        answer = web.json_response({"styles": listed})
        return _with_etag(request, answer)

    async def preview(self, request: web.Request) -> web.StreamResponse:
        image = await self._engine.preview(request.match_info["slug"])
        return _with_etag(request, web.Response(body=image, content_type="image/jpeg"))

    async def capabilities(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(asdict(await self._engine.capabilities()))

    async def queue(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(asdict(await self._engine.queue()))

    async def openapi(self, request: web.Request) -> web.StreamResponse:
        return _with_etag(request, web.json_response(openapi.document(STATUS)))

    async def health(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "alive"})

    async def ready(self, request: web.Request) -> web.StreamResponse:
        if self._engine.closing:
            raise errors.ShuttingDownError("The engine is shutting down.")
        return web.json_response({"status": "ready"})

    def _parse(self, image: bytes, fields: Fields) -> StylizeRequest:
        given = {**fields, "style": self._parse_style(fields.get("style", ""))}
        options = StylizeOptions(**params.read(params.model_of(StylizeOptions), given))
        return StylizeRequest(image, options, **params.read(params.model_of(StylizeRequest), given))

    def _parse_style(self, text: str) -> StyleCode:
        """Parse a code, or a blend of styles as on the command line."""
        if not text:
            raise errors.InvalidOptionError("Say which style: style=starry-night, or a code.")
        if "." in text.partition(":")[0]:
            return StyleCode.from_text(text)
        stylizer = self._engine.stylizer
        named = parse_blend(text)
        records = [self._engine.find_style(name) for name, _ in named]
        if any(record.kind == "filter" for record in records):
            if len(records) > 1:
                raise errors.InvalidOptionError("Only painted styles can be blended, not filters.")
            return StyleCode(FILTER, records[0].slug.encode())
        return stylizer.blend(
            [
                (stylizer.style_code(record.slug), weight)
                for record, (_, weight) in zip(records, named, strict=True)
            ]
        )


@dataclass(slots=True)
class _Sent:
    """A request's pictures and parameters.

    Attributes:
        images: Its pictures: the body, or the parts of a form called "image".
        inputs: Other pictures of a form, by name: its parts that have a file name.
        fields: Its parameters, from query and form.
    """

    fields: dict[str, str]
    images: list[bytes] = field(default_factory=list)
    inputs: dict[str, bytes] = field(default_factory=dict)

    def accept_old_names(self) -> None:
        """Accept parameters under their old names, for one release."""
        for old, new in _OLD_NAMES.items():
            if old in self.fields:
                self.fields.setdefault(new, self.fields.pop(old))

    def picture(self) -> bytes:
        """The only picture.

        Raises:
            InvalidOptionError: there is none, or more than one.
        """
        if len(self.images) != 1:
            raise errors.InvalidOptionError(f"Send one picture, not {len(self.images)}.")
        return self.images[0]


class _Bodies:
    """Receives bodies, with limits on each one's size and time and on the total size."""

    def __init__(self, max_image_bytes: int, timeout_s: float) -> None:
        self._max_image_bytes = max_image_bytes
        self._timeout_s = timeout_s
        self._left_bytes = _BODIES_BYTES

    @contextmanager
    def borrowed(self) -> Iterator[Callable[[int], None]]:
        """Yield a function that counts received bytes; they are released at the end."""
        taken = 0

        def borrow(count: int) -> None:
            nonlocal taken
            if count > self._left_bytes:
                raise errors.EngineBusyError("Too many pictures are arriving at once.", 1.0)
            self._left_bytes -= count
            taken += count

        try:
            yield borrow
        finally:
            self._left_bytes += taken

    async def read(
        self, request: web.Request, borrow: Callable[[int], None], pictures: int = REFERENCES_MAX
    ) -> _Sent:
        """Read a request's pictures, a limited number, and its parameters from query and form."""
        sent = _Sent(dict(request.query))
        try:
            async with asyncio.timeout(self._timeout_s):
                if request.content_type == "multipart/form-data":
                    await self._read_form(await request.multipart(), sent, borrow, pictures)
                elif (request.content_length or 0) > self._max_image_bytes:
                    raise self._too_large()
                else:
                    sent.images.append(await self._gather(request.content.iter_any(), borrow))
        except TimeoutError as error:
            raise errors.DeadlineError("The picture did not arrive in time.") from error
        except (ValueError, RuntimeError, AssertionError, HttpProcessingError) as error:
            # Raised by aiohttp for a malformed form.
            raise errors.InvalidOptionError("The form is damaged.") from error
        sent.accept_old_names()
        return sent

    async def _read_form(
        self, form: MultipartReader, sent: _Sent, borrow: Callable[[int], None], pictures: int
    ) -> None:
        parts = 0
        async for part in form:
            parts += 1
            if not isinstance(part, BodyPartReader) or parts > pictures + _FORM_FIELDS:
                raise errors.InvalidOptionError("The form has too many or nested parts.")
            name = part.name or ""
            if name != "image" and part.filename is None:
                text = await self._gather(_chunks(part), borrow, _FIELD_BYTES)
                sent.fields[name] = text.decode(errors="replace")
                continue
            if max(len(sent.images), len(sent.inputs)) == pictures:
                raise errors.InvalidOptionError(f"At most {pictures} pictures.")
            body = await self._gather(_chunks(part), borrow)
            if name == "image":
                sent.images.append(body)
            else:
                sent.inputs[name] = body

    async def _gather(
        self,
        chunks: AsyncIterator[bytes],
        borrow: Callable[[int], None],
        max_bytes: int | None = None,
    ) -> bytes:
        """Read a body into one buffer; the default limit is a picture's largest size."""
        body = bytearray()
        async for chunk in chunks:
            borrow(len(chunk))
            body += chunk
            if max_bytes and len(body) > max_bytes:
                raise errors.InvalidOptionError("A field of the form is too long.")
            if len(body) > self._max_image_bytes:
                raise self._too_large()
        return bytes(body)

    def _too_large(self) -> errors.ImageTooLargeError:
        megabytes = self._max_image_bytes // 1024**2
        return errors.ImageTooLargeError(f"At most {megabytes} MB are accepted.")


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk():
        yield chunk


async def _lines(steps: AsyncGenerator[float | Refinement, None]) -> AsyncIterator[bytes]:
    """A refinement's NDJSON lines; the last one has the result or error."""
    try:
        async for step in steps:
            if isinstance(step, Refinement):
                yield _line({"refinement": step.as_json()})
            else:
                yield _line({"progress": step})
    except errors.EngineError as error:
        yield _line(_failed(error))
    except Exception:
        logger.exception("a refinement failed")
        yield _line({"error": _UNFORESEEN})


def _failed(error: errors.EngineError) -> dict[str, Any]:
    """The last line after a failure."""
    return {"error": {"code": error.code, "message": str(error)}}


def _line(record: object) -> bytes:
    return json.dumps(record).encode() + b"\n"


def _parse_blend(body: bytes) -> list[tuple[StyleCode, float]]:
    try:
        return [(each.code, each.weight) for each in BlendBody.model_validate_json(body).styles]
    except ValidationError as error:
        raise errors.InvalidOptionError(_BLEND_IS) from error


def _parse_render(sent: _Sent) -> RenderRequest:
    try:
        records = json.loads(sent.fields.get("steps", "[]"))
    except (ValueError, RecursionError) as error:
        raise errors.InvalidOptionError(_STEPS_ARE) from error
    if not isinstance(records, list):
        raise errors.InvalidOptionError(_STEPS_ARE)
    given = {**sent.fields, "steps": tuple(map(Step.from_json, records))}
    values = params.read(params.model_of(RenderRequest), given)
    return RenderRequest(sent.picture(), inputs=sent.inputs, **values)


def _parse_story(sent: _Sent) -> StoryRequest:
    """Parse a form with the pictures photo-0, painting-0, photo-1 and so on."""
    count = len(sent.inputs) // 2
    names = [(f"photo-{number}", f"painting-{number}") for number in range(count)]
    if sent.images or sent.inputs.keys() != {name for pair in names for name in pair}:
        raise errors.InvalidOptionError(_STORY_IS)
    scenes = tuple(Scene(*(sent.inputs[name] for name in pair)) for pair in names)
    options = StoryOptions(**params.read(params.model_of(StoryOptions), sent.fields))
    return StoryRequest(scenes, options, **params.read(params.model_of(StoryRequest), sent.fields))


def _painted(painted: Painted) -> web.Response:
    headers = {"X-Cache": "hit" if painted.cached else "miss"}
    if painted.partial:
        headers["X-Partial"] = "true"
    if painted.absent:
        headers[ABSENT_HEADER] = ",".join(painted.absent)
    return web.Response(body=painted.image, content_type=painted.content_type, headers=headers)


async def _rendered_lines(
    task: asyncio.Future[Painted], steps: asyncio.Queue[Progress | None]
) -> AsyncIterator[bytes]:
    """A picture's NDJSON lines, until None; the last one has the result or error."""
    while True:
        try:
            progress = await asyncio.wait_for(steps.get(), _SIGN_OF_LIFE_S)
        except TimeoutError:
            # Keeps proxies from closing an idle connection.
            yield _line({})
            continue
        if progress is None:
            break
        line: dict[str, Any] = {"progress": progress.share}
        if progress.preview is not None:
            line["preview"] = base64.b64encode(progress.preview).decode()
        yield _line(line)
    try:
        painted = task.result()
    except errors.EngineError as error:
        yield _line(_failed(error))
    except Exception:
        logger.exception("a picture failed")
        yield _line({"error": _UNFORESEEN})
    else:
        yield _line(
            {
                "picture": base64.b64encode(painted.image).decode(),
                "content_type": painted.content_type,
                "partial": painted.partial,
                "absent": painted.absent,
            }
        )


def _with_etag(request: web.Request, answer: web.Response) -> web.Response:
    """304 with the ETag if the caller has the same already."""
    body = answer.body
    etag = hashlib.sha256(body if isinstance(body, bytes) else b"").hexdigest()[:32]
    if any(tag.value in (etag, "*") for tag in request.if_none_match or ()):
        answer = web.Response(status=304)
    answer.etag = etag
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _require(token: str) -> Middleware:
    expected = f"Bearer {token}".encode()

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if token and request.path not in _OPEN_PATHS:
            given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
            if not hmac.compare_digest(given, expected):
                raise errors.UnauthorizedError("The engine wants its token.")
        return await handler(request)

    return check


@web.middleware
async def _answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer errors as {code, message}; unexpected ones are logged and answered without details."""
    try:
        return await handler(request)
    except errors.EngineError as error:
        headers = {}
        if isinstance(error, errors.QueueError):
            headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s or 1)))
        return _failure(STATUS[type(error)], error.code, str(error), headers)
    except web.HTTPException as error:
        code = error.reason.lower().replace(" ", "_")
        return _failure(error.status, code, f"{error.reason}.", _allowed(error))
    except Exception:
        logger.exception("%s %s failed", request.method, request.path)
        return _failure(500, headers={}, **_UNFORESEEN)


def _allowed(error: web.HTTPException) -> dict[str, str]:
    return {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}


def _failure(status: int, code: str, message: str, headers: Mapping[str, str]) -> web.Response:
    return web.json_response({"code": code, "message": message}, status=status, headers=headers)
