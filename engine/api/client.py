"""An engine at the other end of HTTP, for those who do not install torch.

Repainting is pure, and every request names its result by a hash. So whatever looks like a broken
host or a full one is tried again, on the same host or another one behind the same address; nothing
is painted twice where the first try arrived.
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

from engine.api import errors, params
from engine.api.contract import (
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
    STYLES_PATH,
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
    StyleCode,
    StyleInfo,
    WeightedStyle,
)
from engine.api.effect_spec import EffectSpec

Record = dict[str, Any]
Answer = TypeVar("Answer")

_TRIES: Final = 3
_BACKOFF_S: Final = 0.2
# Longer than this no caller should be kept waiting without knowing; he has the queue to ask.
_RETRY_AFTER_MAX_S: Final = 2.0
_CONNECT_TIMEOUT_S: Final = 5.0
_ANSWER_TIMEOUT_S: Final = 30.0

# Longer steps go into a form: servers and proxies bound the length of an address.
_QUERY_BYTES: Final = 4000
# A line that has a picture: as large as a file may be, in base64.
_LINE_BYTES: Final = 128 * 1024**2
_BY_CODE: Final = {leaf.code: leaf for leaf in errors.leaves()}


class EngineClient:
    """Speaks to an engine host; one for a whole process, used from one event loop."""

    def __init__(self, url: str, token: str = "", *, tries: int = _TRIES) -> None:
        """Connect to nothing yet.

        Args:
            url: Where the engine listens, such as http://127.0.0.1:8750.
            token: Its bearer token, where it has one.
            tries: How often a request is sent at most.
        """
        self._url = URL(url)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._tries = tries
        self._session: aiohttp.ClientSession | None = None

    async def effects(self) -> list[EffectSpec]:
        """What can be done to a picture.

        Raises:
            EngineError: as `render`.
        """

        def read(record: Record) -> list[EffectSpec]:
            return [EffectSpec.from_json(spec) for spec in record["effects"]]

        return await self._json("GET", EFFECTS_PATH, read)

    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        """Do the steps to one picture.

        Args:
            request: What is asked for.
            report: Told how far it is.
            previews: Whether that is with pictures.

        Raises:
            EngineError: as the engine says, or EngineUnavailableError when none answers.
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
            )
        query["progress"] = "true"
        if previews:
            query["previews"] = "true"
        limits = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_TIMEOUT_S)

        async def once() -> Painted:
            asking = self._asking("POST", RENDER_PATH, query, body(), key, limits)
            async with asking as response:
                return await self._read_lines(response.content, _read_painted, report)

        return await self._tried(once)

    async def normalise(self, image: bytes, *, user: str = "") -> bytes:
        """A picture as effects see it: a JPEG or PNG, upright, in sRGB, without metadata.

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

    async def extract_style(self, images: Sequence[bytes]) -> StyleCode:
        """Read the style of one or several picture files.

        Raises:
            EngineError: as `stylize`.
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
        """Look for a code that resembles the pictures it was read from more.

        What breaks before the search is under way is tried again; a search is not.

        Raises:
            EngineError: as `stylize`.
        """
        query = params.as_query(RefineParams(code, seconds))
        # The engine says something every second; how long all of it takes is its affair.
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
        """Read what is answered line by line.

        Args:
            lines: The answer.
            read: Reads its last line.
            report: Told how far it is.
            last: What the last line has.
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
            EngineError: as `stylize`.
        """
        # The engine says what is wrong with it.
        styles = [WeightedStyle.model_construct(code=code, weight=w) for code, w in weighted]
        blend = BlendBody.model_construct(styles=styles).model_dump(mode="json")

        def body() -> aiohttp.JsonPayload:
            return aiohttp.JsonPayload(blend)

        return await self._json(
            "POST", BLEND_PATH, lambda record: StyleCode.from_text(record["code"]), body=body
        )

    async def styles(self) -> list[StyleInfo]:
        """Every style by name.

        Raises:
            EngineError: as `stylize`.
        """

        def read(record: Record) -> list[StyleInfo]:
            return [StyleInfo.from_json(style) for style in record["styles"]]

        return await self._json("GET", STYLES_PATH, read)

    async def preview(self, slug: str) -> bytes:
        """A small JPEG of a sample photo in a style.

        Raises:
            EngineError: as `stylize`.
        """
        _, body = await self._send("GET", PREVIEW_PATH.format(slug=slug))
        return body

    async def capabilities(self) -> Capabilities:
        """What the engine can do.

        Raises:
            EngineError: as `stylize`.
        """

        def read(record: Record) -> Capabilities:
            lists = {name: tuple(record[name]) for name in ("brushes", "outputs")}
            return Capabilities(**_known(Capabilities, record) | lists)

        return await self._json("GET", CAPABILITIES_PATH, read)

    async def queue(self) -> QueueState:
        """How long the engine's queue is.

        Raises:
            EngineError: as `stylize`.
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
    ) -> Answer:
        _, answer = await self._send(method, path, body=body)
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
        """Send and read the answer; `body` makes the body, once a try, as forms are sent once."""
        limits = aiohttp.ClientTimeout(total=timeout_s, sock_connect=_CONNECT_TIMEOUT_S)

        async def once() -> tuple[Mapping[str, str], bytes]:
            async with self._asking(method, path, query, body(), headers, limits) as response:
                return response.headers, await response.read()

        return await self._tried(once)

    async def _tried(self, once: Callable[[], Awaitable[Answer]]) -> Answer:
        """Send until there is an answer that another try would not change."""
        for left in reversed(range(self._tries)):
            try:
                return await once()
            except errors.DeadlineError:
                raise
            except (errors.QueueError, errors.EngineUnavailableError) as error:
                wait_s = getattr(error, "retry_after_s", None) or _BACKOFF_S
                if not left or wait_s > _RETRY_AFTER_MAX_S:
                    raise
            # Not all who were turned away come back at the same moment.
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
        """An answer that is no error; the connection's errors in the block are the engine's."""
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
        """The engine's error, as it was raised there."""
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
    """How far it is, or what went wrong, as a line says; neither in a sign of life."""
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
    return Painted(image, str(record["content_type"]), partial=bool(record["partial"]))


def _form(images: Sequence[bytes]) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    for image in images:
        form.add_field("image", io.BytesIO(image), filename="image")
    return form


def _known(kind: type[Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields a dataclass has; an engine may be newer than its client."""
    return {field.name: record[field.name] for field in fields(kind) if field.name in record}
