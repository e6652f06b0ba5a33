"""A client of an engine over HTTP, for programs without torch.

Requests are pure, and each names its result by a hash. So a request is sent again when the host
seems broken or full, to the same host or another behind the same address; a picture that was
painted at the first try is not painted again.
"""

import asyncio
import base64
import io
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields
from typing import Any, Final, TypeVar

import aiohttp
from yarl import URL

from engine.api import analyses, errors, params
from engine.api.analyses import Analysis
from engine.api.contract import (
    ABSENT_HEADER,
    ANALYSE_PATH,
    BLEND_PATH,
    CAPABILITIES_PATH,
    EFFECTS_PATH,
    EXTRACT_PATH,
    IDEMPOTENCY_HEADER,
    NORMALISE_PATH,
    PREVIEW_PATH,
    QUEUE_PATH,
    REFINE_PATH,
    REFINE_SECONDS,
    RENDER_PATH,
    STORIES_PATH,
    STYLES_PATH,
    AnalyseParams,
    BlendBody,
    Capabilities,
    NormaliseParams,
    Painted,
    Progress,
    QueueState,
    Refinement,
    RefineParams,
    RenderRequest,
    Report,
    StoryRequest,
    StyleCode,
    StyleInfo,
    WeightedStyle,
)
from engine.api.effect_spec import EffectSpec

Record = dict[str, Any]
Answer = TypeVar("Answer")

_TRIES: Final = 3
_BACKOFF_S: Final = 0.2
# Longest wait before a retry; callers can ask for the queue's state meanwhile.
_RETRY_AFTER_MAX_S: Final = 2.0
_CONNECT_TIMEOUT_S: Final = 5.0
_ANSWER_TIMEOUT_S: Final = 30.0

# Steps longer than this are sent in a form: servers and proxies limit the length of URLs.
_QUERY_BYTES: Final = 4000
# Longest line with a picture: the largest file in base64.
_LINE_BYTES: Final = 128 * 1024**2
_BY_CODE: Final = {leaf.code: leaf for leaf in errors.leaves()}


class EngineClient:
    """A client of one engine host; one per process, used from one event loop."""

    def __init__(self, url: str, token: str = "", *, tries: int = _TRIES) -> None:
        """Do not connect yet.

        Args:
            url: Address of the engine, such as http://127.0.0.1:8750.
            token: Its bearer token; empty for none.
            tries: Largest number of times that a request is sent.
        """
        self._url = URL(url)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._tries = tries
        self._session: aiohttp.ClientSession | None = None

    async def effects(self) -> list[EffectSpec]:
        """List the effects.

        Raises:
            EngineError: as `render`.
        """

        def read(record: Record) -> list[EffectSpec]:
            return [EffectSpec.from_json(spec) for spec in record["effects"]]

        return await self._json("GET", EFFECTS_PATH, read)

    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        """Apply the steps to one picture.

        Args:
            request: Picture, steps and options.
            report: Called with the progress.
            previews: Whether progress includes pictures.

        Raises:
            EngineError: the engine's error, or EngineUnavailableError if none answers.
        """
        query = params.as_query(request)
        # A form costs several times the work of a plain body.
        plain = not request.inputs and len(query["steps"]) <= _QUERY_BYTES
        steps = "" if plain else query.pop("steps")

        def body() -> object:
            if plain:
                return io.BytesIO(request.image)
            form = _form([request.image])
            form.add_field("steps", steps)
            for name, each in request.inputs.items():
                form.add_field(name, io.BytesIO(each), filename=name)
            return form

        key = {IDEMPOTENCY_HEADER: request.idempotency_key()}
        timeout_s = request.timeout_s + _ANSWER_TIMEOUT_S
        if report is None:
            headers, answer = await self._send(
                "POST", RENDER_PATH, query=query, body=body, headers=key, timeout_s=timeout_s
            )
            return Painted(
                answer,
                headers["Content-Type"],
                headers.get("X-Cache") == "hit",
                headers.get("X-Partial") == "true",
                tuple(filter(None, headers.get(ABSENT_HEADER, "").split(","))),
            )
        if previews:
            query["previews"] = "true"
        return await self._painted_aloud(RENDER_PATH, query, body, timeout_s, report, key)

    async def make_story(self, request: StoryRequest, report: Report | None = None) -> Painted:
        """Make a film of photos that turn into their paintings.

        Args:
            request: Pictures and options.
            report: Called with the progress.

        Raises:
            EngineError: as `render`.
        """
        query = params.as_query(request) | params.as_query(request.options)

        def body() -> aiohttp.FormData:
            form = aiohttp.FormData(default_to_multipart=True)
            for number, scene in enumerate(request.scenes):
                for name in (f"photo-{number}", f"painting-{number}"):
                    picture = getattr(scene, name.partition("-")[0])
                    form.add_field(name, io.BytesIO(picture), filename=name)
            return form

        timeout_s = request.timeout_s + _ANSWER_TIMEOUT_S
        told = report or (lambda _: None)
        return await self._painted_aloud(STORIES_PATH, query, body, timeout_s, told)

    async def _painted_aloud(
        self,
        path: str,
        query: Mapping[str, str],
        body: Callable[[], object],
        timeout_s: float,
        report: Report,
        headers: Mapping[str, str] | None = None,
    ) -> Painted:
        """Send a request that is answered with lines of progress, and read them."""
        query = {**query, "progress": "true"}
        limits = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_TIMEOUT_S)

        async def once() -> Painted:
            async with self._asking("POST", path, query, body(), headers, limits) as response:
                return await self._read_lines(response.content, _read_painted, report)

        return await self._tried(once)

    async def normalise(self, image: bytes, *, user: str = "") -> bytes:
        """The picture that effects see: a JPEG or PNG, upright, in sRGB, without metadata.

        Raises:
            EngineError: as `render`.
        """
        _, body = await self._send(
            "POST",
            NORMALISE_PATH,
            query=params.as_query(NormaliseParams(user)),
            body=lambda: io.BytesIO(image),
        )
        return body

    async def analyse(self, image: bytes, what: str, *, user: str = "") -> Analysis:
        """What is in a picture: a result of the kind that `what` names, such as "faces".

        Raises:
            EngineError: as `render`.
        """
        return await self._json(
            "POST",
            ANALYSE_PATH,
            analyses.from_json,
            body=lambda: io.BytesIO(image),
            query=params.as_query(AnalyseParams(what, user)),
        )

    async def extract_style(self, images: Sequence[bytes]) -> StyleCode:
        """Compute the style of one or more picture files.

        Raises:
            EngineError: as `render`.
        """
        return await self._json(
            "POST",
            EXTRACT_PATH,
            lambda record: StyleCode.from_text(record["code"]),
            body=lambda: _form(images),
        )

    async def refine(
        self,
        images: Sequence[bytes],
        code: StyleCode,
        *,
        seconds: float = REFINE_SECONDS,
        report: Callable[[float], None] | None = None,
    ) -> Refinement:
        """Search for a code that matches its pictures better.

        Errors before the search has started are retried; a search is not repeated.

        Raises:
            EngineError: as `render`.
        """
        query = params.as_query(RefineParams(code, seconds))
        # The engine sends a line every second; there is no limit on the total time.
        limits = aiohttp.ClientTimeout(sock_connect=_CONNECT_TIMEOUT_S, sock_read=_ANSWER_TIMEOUT_S)
        async with AsyncExitStack() as stack:
            response = await self._tried(
                lambda: stack.enter_async_context(
                    self._asking("POST", REFINE_PATH, query, _form(images), None, limits)
                )
            )
            return await self._read_lines(
                response.content,
                lambda record: Refinement.from_json(record["refinement"]),
                lambda progress: report(progress.share) if report else None,
                last="refinement",
            )

    async def _read_lines(
        self,
        lines: aiohttp.StreamReader,
        read: Callable[[Record], Answer],
        report: Report,
        last: str = "picture",
    ) -> Answer:
        """Read an answer line by line.

        Args:
            lines: The answer.
            read: Parses the last line.
            report: Called with the progress.
            last: Key that only the last line has.
        """
        while True:
            line = b""
            try:
                line = await lines.readuntil(max_size=_LINE_BYTES)
                record = json.loads(line) if line else {"error": None}
                if last in record:
                    return read(record)
                progress, failed = _told(record)
            except (ValueError, KeyError, TypeError, errors.InvalidOptionError) as error:
                what = "did not answer like one" if line else "broke off"
                raise self._unavailable(what) from error
            if failed:
                raise failed
            if progress is not None:
                report(progress)

    async def blend(self, weighted: Sequence[tuple[StyleCode, float]]) -> StyleCode:
        """Mix painted styles by weight; weights need not sum to one.

        Raises:
            EngineError: as `render`.
        """
        # The engine reports what is wrong with it.
        styles = [WeightedStyle.model_construct(code=code, weight=w) for code, w in weighted]
        blend = BlendBody.model_construct(styles=styles).model_dump(mode="json")

        def body() -> aiohttp.JsonPayload:
            return aiohttp.JsonPayload(blend)

        return await self._json(
            "POST", BLEND_PATH, lambda record: StyleCode.from_text(record["code"]), body=body
        )

    async def styles(self) -> list[StyleInfo]:
        """List every named style.

        Raises:
            EngineError: as `render`.
        """

        def read(record: Record) -> list[StyleInfo]:
            return [StyleInfo.from_json(style) for style in record["styles"]]

        return await self._json("GET", STYLES_PATH, read)

    async def preview(self, slug: str) -> bytes:
        """A small JPEG of a sample photo in a style.

        Raises:
            EngineError: as `render`.
        """
        _, body = await self._send("GET", PREVIEW_PATH.format(slug=slug))
        return body

    async def capabilities(self) -> Capabilities:
        """The engine's capabilities and limits.

        Raises:
            EngineError: as `render`.
        """

        def read(record: Record) -> Capabilities:
            names = ("brushes", "outputs", "analyses")
            lists = {name: tuple(record[name]) for name in names if name in record}
            return Capabilities(**_known(Capabilities, record) | lists)

        return await self._json("GET", CAPABILITIES_PATH, read)

    async def queue(self) -> QueueState:
        """The state of the engine's queue.

        Raises:
            EngineError: as `render`.
        """
        return await self._json(
            "GET", QUEUE_PATH, lambda record: QueueState(**_known(QueueState, record))
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()

    async def _json(
        self,
        method: str,
        path: str,
        read: Callable[[Record], Answer],
        body: Callable[[], Any] = lambda: None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        _, answer = await self._send(method, path, query=query, body=body)
        try:
            return read(json.loads(answer))
        except (ValueError, KeyError, TypeError, errors.InvalidOptionError) as error:
            raise self._unavailable("did not answer like one") from error

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Callable[[], Any] = lambda: None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = _ANSWER_TIMEOUT_S,
    ) -> tuple[Mapping[str, str], bytes]:
        """Send a request and read the answer; `body` is called once a try: forms are sent once."""
        limits = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_TIMEOUT_S)

        async def once() -> tuple[Mapping[str, str], bytes]:
            async with self._asking(method, path, query, body(), headers, limits) as response:
                return response.headers, await response.read()

        return await self._tried(once)

    async def _tried(self, once: Callable[[], Awaitable[Answer]]) -> Answer:
        """Retry until there is an answer that another try would not change."""
        for left in reversed(range(self._tries)):
            try:
                return await once()
            except errors.DeadlineError:
                raise
            except (errors.QueueError, errors.EngineUnavailableError) as error:
                wait_s = getattr(error, "retry_after_s", None) or _BACKOFF_S
                if not left or wait_s > _RETRY_AFTER_MAX_S:
                    raise
            # A random part, so that refused callers do not all return at the same moment.
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.5))  # noqa: S311 - not a secret
        raise AssertionError("the last try returns or raises")

    @asynccontextmanager
    async def _asking(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: object,
        headers: Mapping[str, str] | None,
        limits: aiohttp.ClientTimeout,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer that is not an error; connection errors in the block become engine errors."""
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers)
        try:
            async with self._session.request(
                method,
                self._url / path.removeprefix("/"),
                params=query,
                data=body,
                headers=headers,
                timeout=limits,
            ) as response:
                if not response.ok:
                    raise self._error(response, await response.read())
                yield response
        except TimeoutError as error:
            raise self._unavailable("did not answer in time") from error
        except aiohttp.ClientError as error:
            raise self._unavailable("cannot be reached") from error

    def _error(self, response: aiohttp.ClientResponse, answer: bytes) -> errors.EngineError:
        """The engine's error, rebuilt from the answer."""
        try:
            record = json.loads(answer)
            kind, message = _BY_CODE[record["code"]], str(record["message"])
        except (ValueError, KeyError, TypeError):
            return self._unavailable(f"answered {response.status}")
        if issubclass(kind, errors.QueueError):
            retry_after = response.headers.get("Retry-After", "")
            return kind(message, float(retry_after) if retry_after.isdigit() else None)
        return kind(message)

    def _unavailable(self, what: str) -> errors.EngineUnavailableError:
        return errors.EngineUnavailableError(f"The engine {what}; try again in a moment.")


def _told(record: Record) -> tuple[Progress | None, errors.EngineError | None]:
    """Progress or error in a line; neither in a keep-alive line."""
    if "error" in record:
        failure = record["error"]
        return None, _BY_CODE[failure["code"]](str(failure["message"]))
    if "progress" not in record:
        return None, None
    preview = record.get("preview")
    picture = None if preview is None else base64.b64decode(preview, validate=True)
    return Progress(float(record["progress"]), picture), None


def _read_painted(record: Record) -> Painted:
    image = base64.b64decode(record["picture"], validate=True)
    # Older engines do not say what was absent.
    absent = tuple(map(str, record.get("absent", ())))
    partial = bool(record["partial"])
    return Painted(image, str(record["content_type"]), partial=partial, absent=absent)


def _form(images: Sequence[bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    for image in images:
        form.add_field("image", io.BytesIO(image), filename="image")
    return form


def _known(kind: type[Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the dataclass has; the engine may be newer than its client."""
    return {field.name: record[field.name] for field in fields(kind) if field.name in record}
