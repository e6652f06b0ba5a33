"""The engine as a child process on this machine, if there is no engine host.

The same host and the same HTTP: to move the engine to another machine, change the address. The
child keeps torch out of the caller's process; if it ends it is restarted at the same address, and
callers that retry see only a pause.
"""

import asyncio
import contextlib
import logging
import os
import re
import secrets
import sys
from collections.abc import Mapping
from typing import Final

from engine.api.client import EngineClient
from engine.api.errors import EngineUnavailableError

logger = logging.getLogger(__name__)

_SECRET: Final = re.compile(r"TOKEN|SECRET|PASSWORD|KEY|DATABASE_URL")
_READY: Final = "ready: engine "
_START_TIMEOUT_S: Final = 120.0
_STOP_TIMEOUT_S: Final = 60.0
_RESTART_PAUSE_MAX_S: Final = 30.0


class EmbeddedEngine:
    """A supervised `stylebot engine` on loopback, with a secret token."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        """Do not start yet.

        Args:
            settings: ENGINE_ variables for the child; the others come from this process.
        """
        self.token = secrets.token_urlsafe(32)
        self._settings = dict(settings or {})
        self.url = ""
        self._process: asyncio.subprocess.Process | None = None
        self._supervisor: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the child and wait until it is ready.

        Raises:
            EngineUnavailableError: it ends, or does not answer within two minutes.
        """
        await self._launch("0")
        self._supervisor = asyncio.create_task(self._supervise())

    def client(self) -> EngineClient:
        """A client of the child; there may be several."""
        return EngineClient(self.url, self.token)

    async def stop(self) -> None:
        """Let the child finish its requests, then end it."""
        if self._supervisor:
            self._supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervisor
        await self._end()

    async def _launch(self, port: str) -> None:
        own = {"ENGINE_HOST": "127.0.0.1", "ENGINE_PORT": port, "ENGINE_TOKEN": self.token}
        self._process = await asyncio.create_subprocess_exec(
            # With -P a folder named "engine" in the working directory is not imported.
            sys.executable, "-P", "-m", "engine", "engine", "--with-parent",
            env=_without_secrets() | self._settings | own,
            # Nothing is written to it: it closes when this process ends, even by SIGKILL.
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # Ctrl-C is for the parent, which stops the child itself.
            start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                self.url = await self._read_address(self._process)
        except TimeoutError as error:
            await self._end()
            raise EngineUnavailableError("The engine did not start in time.") from error

    async def _read_address(self, process: asyncio.subprocess.Process) -> str:
        if process.stdout is None:
            raise AssertionError("the child's stdout is a pipe")
        while line := (await process.stdout.readline()).decode():
            if line.startswith(_READY):
                return line.removeprefix(_READY).strip()
        code = await process.wait()
        raise EngineUnavailableError(f"The engine ended with code {code} before it was ready.")

    async def _supervise(self) -> None:
        """Restart the child whenever it ends, at the same address, with growing pauses."""
        pause_s = 1.0
        while self._process:
            code = await self._process.wait()
            logger.error("the engine ended", extra={"exit_code": code})
            await asyncio.sleep(pause_s)
            try:
                await self._launch(self.url.rpartition(":")[2])
                pause_s = 1.0
            except EngineUnavailableError:
                logger.exception("the engine cannot be started")
                pause_s = min(2 * pause_s, _RESTART_PAUSE_MAX_S)

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(_STOP_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _without_secrets() -> dict[str, str]:
    """The environment without the parent's secrets, such as bots' tokens."""
    return {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - handed on, not read
        if name.startswith("ENGINE_") or not _SECRET.search(name)
    }
