"""How our HTTP servers listen: what strangers may cost before they are known.

Shared by the engine's host and by the bots' studio, webhook and figures, since none of this is
about what a server does: bodies that unpack themselves, heads that never end, connections that go
on sending what no one reads, and a log that repeats what it was sent.
"""

import logging
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler
from typing_extensions import override

# For a whole head, of the first request and of each one after it.
HEAD_TIMEOUT_S: Final = 15.0
# Who is refused while he still sends is listened to for so long, or he might not read the answer.
_LINGERING_S: Final = 2.0


class _WithoutDetails(logging.Filter):
    """Keeps out of the log what a request said: aiohttp quotes heads, and a token is in one."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        record.msg = f"a request could not be answered: {type(error).__name__}"
        record.args, record.exc_info, record.exc_text = (), None, None
        return True


_logger: Final = logging.getLogger("engine.http")
_logger.addFilter(_WithoutDetails())


def make_runner(app: web.Application, **more: Any) -> web.AppRunner:  # noqa: ANN401 - aiohttp's own
    """What serves an application.

    Args:
        app: The application, with the middlewares below.
        more: Further arguments for `web.AppRunner`.
    """
    settings: dict[str, Any] = {
        # Paths are logged by no one: they carry styles.
        "access_log": None,
        "logger": _logger,
        "keepalive_timeout": HEAD_TIMEOUT_S,
        "lingering_time": _LINGERING_S,
        # Else 20 KB of a caller without a token become 20 MB of work.
        "auto_decompress": False,
    }
    return web.AppRunner(app, **settings | more)


@web.middleware
async def hang_up_unread(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Hang up on who is answered before all of his body was read. Goes first."""
    try:
        response = await handler(request)
    except web.HTTPException as answer:
        response = answer
    if not request.content.at_eof():
        response.force_close()
    if isinstance(response, web.HTTPException):
        raise response
    return response


@web.middleware
async def refuse_encoded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take bodies only as they are. Goes where an HTTPException is answered as others are."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType(text="Send the body without Content-Encoding.\n")
    return await handler(request)
