"""Routes for installing the studio as an app: its manifest, and the worker that takes shares."""

from typing import Final

from aiohttp import web

from bots.web_adapter.context import FOLDER, context_of

ROUTES: Final = web.RouteTableDef()
# As in the style sheet: the wall by day.
_COLOUR: Final = "#f7f3ec"
_SIDES_PX: Final = (192, 512)


@ROUTES.get("/manifest.webmanifest")
async def manifest(request: web.Request) -> web.Response:
    """The web app manifest, in the visitor's language."""
    context = context_of(request)
    record = {
        "id": "/",
        "name": f"{await context.say('studio-name')} · stylebot",
        "short_name": "stylebot",
        "description": await context.say("studio-described"),
        "lang": await context.language(),
        "start_url": "/",
        "display": "standalone",
        "theme_color": _COLOUR,
        "background_color": _COLOUR,
        "icons": [
            {
                "src": f"/static/icon-{side}.png",
                "sizes": f"{side}x{side}",
                "type": "image/png",
                "purpose": purpose,
            }
            for side in _SIDES_PX
            for purpose in ("any", "maskable")
        ],
        "share_target": {
            "action": "/share",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "photo", "accept": ["image/*", "video/*"]}]},
        },
    }
    return web.json_response(record, content_type="application/manifest+json")


@ROUTES.get("/worker.js")
async def worker(request: web.Request) -> web.FileResponse:
    """The service worker; its address is its scope, so it is not among the static files."""
    del request
    return web.FileResponse(FOLDER / "static" / "worker.js")
