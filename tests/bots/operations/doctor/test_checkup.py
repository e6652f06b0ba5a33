"""`stylebot doctor` as an operator runs it."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from bots.operations.doctor import engines, machines
from bots.operations.doctor.findings import Finding
from bots.settings import BotSettings
from engine.api.client import EngineClient
from engine.api.contract import Capabilities
from storage.settings import StorageSettings
from tests.bots.discord_adapter import stand_in
from tests.bots.discord_adapter.stand_in import Discord
from tests.telegram_server import TOKEN, TelegramServer

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[4]


def doctor(folder: Path, *words: str, **settings: str) -> tuple[int, str]:
    """Its exit code and what it prints, in an environment that is otherwise empty."""
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-m", "bots", "doctor", *words],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **settings},
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert not done.stderr
    return done.returncode, done.stdout


def test_on_a_fresh_machine_it_ends_in_a_useful_table(tmp_path: Path):
    code, said = doctor(tmp_path)
    assert code == 0
    assert "TELEGRAM_TOKEN and DISCORD_TOKEN are not set; the studio needs none" in said
    assert said.splitlines()[-2].startswith("0 failed")
    assert said.splitlines()[-1] == "studio: ready; telegram, discord: not set up"
    for name in ("python", "settings", "admins", "engine", "heic", "avif", "database", "key"):
        assert f"  {name} " in said, name
    assert list(tmp_path.iterdir()) == []


async def test_with_everything_there_it_succeeds_and_shows_no_secret(
    tmp_path: Path, engine_url: str
):
    async with TelegramServer() as telegram, Discord().serve() as discord:
        (tmp_path / ".env").write_text(
            f"TELEGRAM_TOKEN={TOKEN}\nTELEGRAM_API_URL={telegram.url}\n"
            f"DISCORD_TOKEN={stand_in.TOKEN}\nDISCORD_API_URL={discord.url}/api/v10\n"
            f"ENGINE_URL={engine_url}\nADMIN_IDS=telegram:1,discord:2\n"
        )
        (tmp_path / ".env").chmod(0o600)
        code, said = await asyncio.to_thread(doctor, tmp_path, "--json")
    findings = json.loads(said)
    assert (code, [f for f in findings if f["state"] == "failed"]) == (0, [])
    by_name = {finding["check"]: finding for finding in findings}
    assert by_name["telegram"]["said"].startswith("@StyleBot")
    assert by_name["admins"]["said"] == "telegram:1, discord:2"
    assert TOKEN not in said
    assert stand_in.TOKEN not in said


def test_settings_that_cannot_be_are_named_and_the_rest_is_looked_at(tmp_path: Path):
    code, said = doctor(tmp_path, "--json", BOT_WORKERS="0", ENGINE_THREADS="many")
    by_name = {(finding["check"], finding["state"]) for finding in json.loads(said)}
    assert code == 1
    assert "BOT_WORKERS: " in said
    assert "ENGINE_THREADS: " in said
    assert {("settings", "failed"), ("database", "ok"), ("python", "ok")} <= by_name


def test_a_machine_without_the_bots_libraries_gets_a_sentence(tmp_path: Path):
    script = (
        "import sys\n"
        "for name in ('aiohttp', 'sqlalchemy', 'torch', 'PIL'): sys.modules[name] = None\n"
        "from bots.cli import main; main(['doctor'])"
    )
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", script],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "TELEGRAM_TOKEN": "1:a"},
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "is not installed" in done.stdout
    assert 'pip install "stylebot[bots]"' in done.stdout
    assert "Traceback" not in done.stderr


def test_what_in_the_file_is_no_setting_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    env = tmp_path / ".env"
    env.write_text("TELEGRAM_TOKN=1:secret\nENGINE_SPEED=9\nPOSTGRES_PASSWORD=x\nADMIN_IDS=\n")
    env.chmod(0o640)
    said = [(finding.said, finding.repair) for finding in machines.look_at_settings([])[1:]]
    assert said == [
        (".env can be read by others on this machine", "chmod 600 .env"),
        ("TELEGRAM_TOKN in .env is no setting", "Did you mean TELEGRAM_TOKEN?"),
        ("ENGINE_SPEED in .env is no setting", said[2][1]),
    ]
    env.chmod(0o600)
    env.write_text("TELEGRAM_TOKEN=1:secret\n")
    assert len(machines.look_at_settings([])) == 1


def test_admins_without_a_bot_to_administer(monkeypatch: pytest.MonkeyPatch):
    def states(*settings: str) -> list[str]:
        for setting in settings:
            monkeypatch.setenv(*setting.split("="))
        return [finding.state for finding in machines.look_at_admins(BotSettings())]

    assert states() == ["note"]
    assert states("ADMIN_IDS=telegram:1,discord:2", "TELEGRAM_TOKEN=1:a") == ["note"]
    assert states("DISCORD_TOKEN=b") == ["ok"]


def test_a_content_check_that_is_wanted_is_looked_for_where_the_engine_runs(
    monkeypatch: pytest.MonkeyPatch,
):
    assert asyncio.run(engines.look_at_content_check(BotSettings())) == []

    def looked_for(*, installed: bool, url: str = "") -> Finding:
        async def capabilities(client: EngineClient) -> Capabilities:
            return Capabilities("a", "cpu", 512, 1, 1, analyses=("decency",) * installed)

        monkeypatch.setattr(EngineClient, "capabilities", capabilities)
        monkeypatch.setattr("engine.analyzers.registry.find_spec", lambda name: installed or None)
        settings = BotSettings(content_check="nudenet", engine_url=url)
        (finding,) = asyncio.run(engines.look_at_content_check(settings))
        return finding

    for url in ("", "http://127.0.0.1:1"):
        assert looked_for(installed=True, url=url).state == "ok"
        missing = looked_for(installed=False, url=url)
        assert missing.state == "failed"
        assert "stylebot[safety]" in missing.repair
    monkeypatch.undo()
    away = BotSettings(content_check="nudenet", engine_url="http://127.0.0.1:1")
    (finding,) = asyncio.run(engines.look_at_content_check(away))
    assert finding.state == "note"


def test_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    usage = namedtuple("usage", "free")
    asked = []

    def disk(free_gb: float) -> str:
        def look(folder: Path) -> Any:
            asked.append(folder)
            return usage(free_gb * 1024**3)

        monkeypatch.setattr(shutil, "disk_usage", look)
        url = f"sqlite+aiosqlite:///{tmp_path}/not/there/yet/bot.db"
        (finding,) = machines.look_at_disk(StorageSettings(database_url=url))
        return finding.state

    assert [disk(free) for free in (0.1, 1, 50)] == ["failed", "note", "ok"]
    assert set(asked) == {tmp_path}
    (finding,) = machines.look_at_memory(None)
    assert finding.said.endswith("GB free")
    monkeypatch.setattr(machines, "_allowed_bytes", lambda: 0.3 * 1024**3)
    (finding,) = machines.look_at_memory(BotSettings(engine_url="http://elsewhere"))
    assert finding.state == "note"
    assert "Bots without an engine need" in finding.repair
