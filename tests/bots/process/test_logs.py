"""The log of a whole story: whose job, in which words, and nothing of what anyone sent."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.bots.telegram_adapter.conftest import picture
from tests.processes import Process
from tests.telegram_server import TOKEN, Fault, RefusedError, TelegramServer

pytestmark = pytest.mark.anyio

DORA = {"id": 7319982044, "is_bot": False, "first_name": "Doramaria", "language_code": "en"}


async def story(telegram: TelegramServer, metrics: str) -> str:
    """A photo that is painted, one that is refused, words no one asked for; what is counted."""
    chat = telegram.private(DORA)
    telegram.faults.append(
        Fault("editMessageMedia", RefusedError(429, "Too Many Requests", retry_after=1))
    )
    await telegram.say(chat, DORA, "/style great wave", **telegram.photo(picture()))
    await telegram.result(chat)
    await telegram.say(chat, DORA, "/style periwinkleworld", **telegram.photo(picture(1)))
    await telegram.until(lambda: "periwinkleworld" in str(telegram.sent(chat)))
    await telegram.say(chat, DORA, "my aunt was here")
    await telegram.until(lambda: "my aunt was here" in str(telegram.sent(chat)))
    async with aiohttp.ClientSession() as session, session.get(metrics) as answer:
        return await answer.text()


async def test_a_story_is_logged_by_job_and_pseudonym_alone(engine_url: str, tmp_path: Path):
    async with TelegramServer() as telegram:
        settings = {
            "TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url,
            "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
            "STORAGE_KEY_FILE": str(tmp_path / "key"), "ENGINE_URL": engine_url,
            "BOT_METRICS_PORT": "0", "LOG_LEVEL": "debug",
        }  # fmt: skip
        with Process("bots", "bots", **settings) as process:
            where = await asyncio.to_thread(process.metrics)
            assert await asyncio.to_thread(process.ready) == "telegram @StyleBot"
            counted = await story(telegram, where)
            assert await asyncio.to_thread(process.terminate) == 0
            log = process.log
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.splitlines()]
    (queued,) = [line for line in lines if line["message"] == "job queued"]
    (left,) = [line for line in lines if line["message"] == "job left"]
    assert left["job"] == queued["job"] == 1
    assert left["user"] == queued["user"]
    assert len(left["user"]) == 16
    assert (left["outcome"], left["platform"]) == ("delivered", "telegram")
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    secrets = (TOKEN, "great wave", "periwinkleworld", "my aunt", "Doramaria", str(DORA["id"]))
    for secret in secrets:
        assert secret.encode() not in log, secret
    assert 'stylebot_bots_updates_total{platform="telegram"} 3.0' in counted
    assert 'stylebot_bots_throttled_total{platform="telegram"} 1.0' in counted
    assert 'stylebot_bots_deliveries_total{platform="telegram"} 1.0' in counted
    assert "process_resident_memory_bytes" in counted


SCRIPT = """
import logging
from pydantic import SecretStr
from bots.core.common.telemetry import at_work
from bots.process.logs import log_as_json

log_as_json("debug", [SecretStr("hush-hush"), SecretStr("")])
with at_work(job=7, user="abc"):
    logging.getLogger("bots.x").debug("asked %s", "http://host/hush-hush/getMe")
    logging.getLogger("aiohttp").debug("what people send")
    logging.getLogger("httpx").info("an address")
logging.getLogger("aiohttp").error("broken", exc_info=ValueError("hush-hush"))
"""


def test_secrets_are_struck_out_and_others_kept_quiet():
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    first, second = (json.loads(line) for line in done.stderr.splitlines())
    assert (first["message"], first["job"]) == ("asked http://host/***/getMe", 7)
    assert (first["level"], first["logger"]) == ("DEBUG", "bots.x")
    assert "ValueError: ***" in second["exc_info"]
    assert "job" not in second
