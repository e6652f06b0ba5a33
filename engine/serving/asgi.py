"""The engine host as an ASGI application, for platforms with their own HTTP server (Ray Serve).

Runs the host's aiohttp server on a Unix socket in a temporary folder and forwards every request
to it unchanged, so routes, limits, errors, queue and draining are the same everywhere.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web
from yarl import URL

from engine.api.errors import InvalidOptionError
from engine.api.listening import make_runner
from engine.api.settings import EngineSettings
from engine.serving.host import open_engine
from engine.serving.server import build_app
from engine.serving.service import Engine

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Hop-by-hop headers, which are not forwarded (RFC 9110, section 7.6.1).
_OF_THE_CONNECTION: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade"})


class CallerGoneError(Exception):
    """The caller closed the connection before the answer."""


class HostBehindAsgi:
    """The engine host as an ASGI application, started and drained by ASGI's lifespan."""

    def __init__(self, settings: EngineSettings) -> None:
        """Start nothing yet.

        Raises:
            InvalidOptionError: no token is set; a cluster listens on all addresses.
        """
        if not settings.token.get_secret_value():
            raise InvalidOptionError("ENGINE_TOKEN: on a cluster the engine needs a token.")
        self._settings = settings
        self._closing = contextlib.AsyncExitStack()
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection: the application's lifespan, or a request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._hand_through(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._closing.aclose()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _start(self) -> None:
        engine: Engine = await open_engine(self._settings)
        folder = Path(self._closing.enter_context(tempfile.TemporaryDirectory()))
        app = build_app(
            engine,
            token=self._settings.token.get_secret_value(),
            body_timeout_s=self._settings.body_timeout_s,
        )
        runner = make_runner(app, handler_cancellation=True)
        await runner.setup()
        self._closing.push_async_callback(runner.cleanup)
        # Closed in reverse order: running requests are answered while the server still exists.
        self._closing.push_async_callback(engine.close)
        socket = str(folder / "engine.sock")
        await web.UnixSite(runner, socket).start()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(socket, limit=0),
            timeout=aiohttp.ClientTimeout(),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._closing.push_async_callback(self._session.close)

    async def _hand_through(self, scope: Message, receive: Receive, send: Send) -> None:
        chunks: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=4)
        try:
            async with asyncio.TaskGroup() as group:
                listening = group.create_task(_listen(receive, chunks))
                await self._answer(scope, chunks, send)
                listening.cancel()
        except* CallerGoneError:
            pass  # the host has already removed the picture from its queue

    async def _answer(
        self, scope: Message, chunks: "asyncio.Queue[bytes | None]", send: Send
    ) -> None:
        if self._session is None:
            raise AssertionError("the lifespan comes before the first request")
        path = scope["raw_path"].decode("ascii").partition("?")[0]
        query = scope["query_string"].decode("ascii")
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in scope["headers"]
            if name.decode("latin-1").lower() not in _OF_THE_CONNECTION
        ]
        async with self._session.request(
            scope["method"],
            URL(f"http://engine{path}?{query}" if query else f"http://engine{path}", encoded=True),
            headers=headers,
            data=_body(chunks) if _has_body(scope) else None,
            allow_redirects=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        ) as answer:
            kept = [
                (name, value)
                for name, value in answer.raw_headers
                if name.decode("latin-1").lower() not in _OF_THE_CONNECTION
            ]
            await send({"type": "http.response.start", "status": answer.status, "headers": kept})
            async for chunk in answer.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _has_body(scope: Message) -> bool:
    names = {name.lower() for name, _ in scope["headers"]}
    return b"content-length" in names or b"transfer-encoding" in names


async def _listen(receive: Receive, chunks: "asyncio.Queue[bytes | None]") -> None:
    """Pass on the body's chunks, and notice when the caller disconnects."""
    more = True
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise CallerGoneError
        if more:
            await chunks.put(message.get("body", b""))
            more = message.get("more_body", False)
            if not more:
                await chunks.put(None)


async def _body(chunks: "asyncio.Queue[bytes | None]") -> AsyncIterator[bytes]:
    while (chunk := await chunks.get()) is not None:
        if chunk:
            yield chunk
