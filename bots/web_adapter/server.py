"""The studio's routes."""

from typing import Final

from aiohttp import web

from bots.web_adapter.admin import login, pages, samples
from bots.web_adapter.context import FOLDER, RUNTIME, Runtime
from bots.web_adapter.handlers import account, installing, own_styles, paintings, photos, stories
from bots.web_adapter.middleware import STATIC, middlewares

# The engine's largest file, plus the rest of the form; the engine checks the file itself.
_PHOTO_BYTES: Final = 20 * 1000 * 1000
_REST_BYTES: Final = 100 * 1000
# More fields than any of our pages has; each costs the event loop half a millisecond.
_FORM_FIELDS: Final = 200
# The first match answers: every other path is one of the core's pages or actions.
_ADMIN: Final = (login, samples, pages)


def build(runtime: Runtime, public_url: str = "") -> web.Application:
    """The web application.

    Args:
        runtime: The studio.
        public_url: Address for browsers; empty for this machine only.
    """
    runtime.upload_bytes = _PHOTO_BYTES + _REST_BYTES
    application = web.Application(
        middlewares=middlewares(public_url),
        client_max_size=runtime.upload_bytes,
        client_max_fields=_FORM_FIELDS,
    )
    application[RUNTIME] = runtime
    for routes in (
        photos.ROUTES, paintings.ROUTES, stories.ROUTES, own_styles.ROUTES, account.ROUTES,
        installing.ROUTES,
    ):  # fmt: skip
        application.add_routes(routes)
    if runtime.admin_sessions is not None:
        application.cleanup_ctx.append(pages.keep)
        for part in _ADMIN:
            application.add_routes(part.ROUTES)
    application.router.add_static(STATIC, FOLDER / "static")
    return application
