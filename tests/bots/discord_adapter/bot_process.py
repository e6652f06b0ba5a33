"""The process `stylebot bots`, as an operator runs it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.bots.discord_adapter.stand_in import TOKEN, Discord


class Bot:
    """The process `stylebot bots`."""

    def __init__(self, discord: Discord, engine_url: str, folder: Path, **settings: str) -> None:
        self.settings = {
            "DISCORD_TOKEN": TOKEN,
            "DISCORD_API_URL": f"{discord.url}/api/v10",
            "DISCORD_GATEWAY_URL": discord.url.replace("http", "ws") + "/gateway",
            "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
            "STORAGE_KEY_FILE": str(folder / "bot.key"),
            "ENGINE_URL": engine_url,
        } | settings
        self.process: asyncio.subprocess.Process | None = None
        self.folder = folder
        self.log = folder / "bot.log"

    async def start(self) -> str:
        """Start it; returns its first line."""
        self.process = await self._run()
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        return line.decode().strip() or self.logged()

    async def end(self) -> int:
        """Let it drain and end."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 60)

    async def kill(self) -> None:
        """End it at once."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8")

    async def _run(self) -> asyncio.subprocess.Process:
        with self.log.open("a", encoding="utf-8") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bots", "bots",
                env=os.environ | self.settings,  # noqa: TID251 - handed on
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip
