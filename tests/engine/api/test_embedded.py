import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.api.client import EngineClient
from engine.api.contract import RenderRequest, Step
from engine.api.embedded import EmbeddedEngine
from engine.api.errors import EngineUnavailableError, UnauthorizedError
from engine.painting.manifest import SAMPLE_PHOTO

pytestmark = pytest.mark.anyio


async def until_it_answers(client: EngineClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                await client.queue()
            except EngineUnavailableError:
                await asyncio.sleep(0.2)
            else:
                return


async def test_the_child_paints_survives_a_kill_and_ends_with_its_parent():
    embedded = EmbeddedEngine()
    await embedded.start()
    client = embedded.client()
    try:
        styles = await client.styles()
        steps = (Step("paint", {"styles": [{"slug": styles[0].slug}]}),)
        request = RenderRequest(SAMPLE_PHOTO.read_bytes(), steps)
        assert (await client.render(request)).image.startswith(b"\xff\xd8")
        stranger = EngineClient(embedded.url)
        with pytest.raises(UnauthorizedError):
            await stranger.queue()
        await stranger.close()

        assert embedded._process is not None
        first = embedded._process.pid
        os.kill(first, signal.SIGKILL)
        await until_it_answers(client)
        assert embedded._process.pid != first
    finally:
        await client.close()
        await embedded.stop()
    assert embedded._process is not None
    assert embedded._process.returncode == 0


async def test_the_child_runs_our_engine_and_gets_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    stranger = tmp_path / "engine"
    stranger.mkdir()
    (stranger / "__init__.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TELEGRAM_TOKEN", "1:a-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:a-secret@db/stylebot")
    monkeypatch.setenv("ENGINE_CACHE_MB", "1")

    embedded = EmbeddedEngine()
    await embedded.start()
    try:
        assert embedded._process is not None
        given = _environment_of(embedded._process.pid)
        assert b"a-secret" not in given
        assert b"ENGINE_CACHE_MB=1" in given
        assert f"ENGINE_TOKEN={embedded.token}".encode() in given
    finally:
        await embedded.stop()


def _environment_of(process_id: int) -> bytes:
    return Path(f"/proc/{process_id}/environ").read_bytes()


_PARENT = """
import asyncio
from engine.api.embedded import EmbeddedEngine

async def scene():
    embedded = EmbeddedEngine()
    await embedded.start()
    print(embedded._process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(scene())
"""


def test_no_child_outlives_a_parent_that_was_killed():
    command = [sys.executable, "-c", _PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:  # noqa: S603 - our own
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 20
    while _is_there(child):
        assert time.monotonic() < until
        time.sleep(0.1)


def _is_there(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    # In a container there may be no one to bury it.
    return state != "Z"


async def test_a_child_that_cannot_start_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("ENGINE_CHECKPOINT", str(tmp_path / "nothing"))

    with pytest.raises(EngineUnavailableError, match="ended with code 2"):
        await EmbeddedEngine().start()


def test_stopping_what_never_started_does_nothing():
    asyncio.run(EmbeddedEngine().stop())
