"""The studio's adapter for the bot process."""

import asyncio
import socket
from collections.abc import Callable

from aiohttp import web

from bots.core.common.services import Services
from bots.core.errors import OperatorError
from bots.settings import BotSettings
from bots.web_adapter.context import Runtime
from bots.web_adapter.delivery import Delivery
from bots.web_adapter.render.thumbnails import Thumbnails
from bots.web_adapter.server import build
from bots.web_adapter.sessions.admins import PATH, AdminSessions
from engine.api.listening import make_runner


def check_port(settings: BotSettings) -> None:
    """See that the studio can listen, before an engine is started and the store is opened.

    Raises:
        OperatorError: the port is taken, or the address is not this machine's.
    """
    host, port = settings.studio_host, settings.studio_port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _taken(host, port, error) from error


def _taken(host: str, port: int, error: OSError) -> OperatorError:
    return OperatorError(
        f"The studio cannot listen at {host}:{port}: {error.strerror}. Is it open already? "
        "STUDIO_PORT is another port's."
    )


class StudioAdapter(Delivery):
    """The studio's web server."""

    def __init__(
        self,
        services: Services,
        settings: BotSettings,
        announce: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Start nothing yet.

        Args:
            services: The bot's services.
            settings: The bots' settings.
            announce: Called with the line that has the admin's address; for the console only.
        """
        super().__init__(Runtime(services, Thumbnails(services)))
        if settings.has_studio_admin:
            self.runtime.admin_sessions = AdminSessions(
                secure=settings.studio_public_url.startswith("https:")
            )
        self._settings = settings
        self._announce = announce
        self._address = ""
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    async def start(self, nudge: Callable[[], None]) -> str:
        """Listen; returns the address.

        Args:
            nudge: To be called when a job was added.

        Raises:
            OperatorError: the port is taken, or the address is not this machine's.
        """
        host, port = self._settings.studio_host, self._settings.studio_port
        self.runtime.nudge = nudge
        application = build(self.runtime, self._settings.studio_public_url)
        # A browser that is still sending a photo that is too large must be able to read the error.
        self._runner = make_runner(application, shutdown_timeout=5.0, lingering_time=10.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise _taken(host, port, error) from error
        shown = f"[{host}]" if ":" in host else host
        here = f"http://{shown}:{self._runner.addresses[0][1]}"
        self._address = self._settings.studio_public_url or here
        return self._address

    async def receive(self) -> None:
        """Wait until `stop`; the server runs meanwhile."""
        if self.runtime.admin_sessions is not None:
            self._announce(f"admin: {self._address}{PATH}#{self.runtime.admin_sessions.token}")
        await self._stopping.wait()

    def stop(self) -> None:
        """Accept no new requests."""
        self.runtime.stopping = True
        self._stopping.set()

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
