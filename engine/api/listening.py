"""How our HTTP servers listen, with limits on what unknown callers can cost.

Shared by the engine's host and by the bots' studio, webhook and metrics, since it does not depend
on what a server does: it handles compressed bodies, headers that never end, connections that go on
sending a body no one reads, and logs that quote what was sent.
"""

import logging
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler
from typing_extensions import override

# For all headers of a request, the first on a connection or a later one.
HEAD_TIMEOUT_S: Final = 15.0
# A refused caller that is still sending is read for this long, so that it can read the answer.
_LINGERING_S: Final = 2.0


class _WithoutDetails(logging.Filter):
    """Removes request content from the log: aiohttp quotes headers, and one contains a token."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        record.msg = f"a request could not be answered: {type(error).__name__}"
        record.args, record.exc_info, record.exc_text = (), None, None
        return True


_logger: Final = logging.getLogger("engine.http")
_logger.addFilter(_WithoutDetails())


def make_runner(app: web.Application, **more: Any) -> web.AppRunner:  # noqa: ANN401 - aiohttp's own
    """The runner of an application.

    Args:
        app: The application, with the middlewares below.
        more: Further arguments for `web.AppRunner`.
    """
    settings: dict[str, Any] = {
        # Paths are not logged: they contain styles.
        "access_log": None,
        "logger": _logger,
        "keepalive_timeout": HEAD_TIMEOUT_S,
        "lingering_time": _LINGERING_S,
        # Otherwise 20 KB from a caller without a token become 20 MB of work.
        "auto_decompress": False,
    }
    return web.AppRunner(app, **settings | more)


@web.middleware
async def hang_up_unread(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Close the connection if the answer came before the body was read. The first middleware."""
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
    """Refuse compressed bodies. After the middleware that answers HTTPExceptions."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType(text="Send the body without Content-Encoding.\n")
    return await handler(request)
