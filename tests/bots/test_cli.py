"""The command's part that needs the store."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from bots import cli
from bots.cli import main
from bots.operations import store_bench
from migrations import runner


def test_migrate_makes_the_database_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    for _ in range(2):
        result = CliRunner().invoke(main, ["migrate"], catch_exceptions=False)
        assert result.exit_code == 0
        assert result.stdout.startswith("migrated: sqlite+aiosqlite:///")
        assert f"is at revision {runner.newest()}" in result.stdout
    names = sqlite3.connect(tmp_path / "bot.db").execute("SELECT name FROM sqlite_master")
    assert ("jobs",) in names.fetchall()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:////no/such/folder/bot.db",
        "postgresql+asyncpg://someone:secret@127.0.0.1:1/none",
        "nonsense",
    ],
)
def test_a_database_that_is_not_there_is_one_sentence(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", url)
    result = CliRunner().invoke(main, ["migrate"], catch_exceptions=False)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The database cannot be migrated: ")
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.output


def test_migrate_does_not_show_the_password(database_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", database_url.replace("postgres@", "postgres:secret@"))
    result = CliRunner().invoke(main, ["migrate"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "secret" not in result.output


def test_the_bench_of_the_store_takes_every_job_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(store_bench, "JOBS", 40)
    row = store_bench.measure(database_url, jobs=40)[0]
    assert row.database in ("sqlite", "postgresql")
    assert (row.jobs, row.workers, row.lost, row.doubled) == (40, 8, 0, 0)
    assert 0 < row.p50_ms <= row.p99_ms
    assert row.claims_per_s > 0


def test_the_bench_prints_tables_and_json(monkeypatch: pytest.MonkeyPatch):
    row = store_bench.Row("sqlite", 8, 40, 300.0, 1.5, 20.0, 0, 0)
    asked = []

    def measure(url: str | None) -> list[store_bench.Row]:
        asked.append(url)
        return [row]

    monkeypatch.setattr(store_bench, "measure", measure)
    result = CliRunner().invoke(main, ["bench", "--store"], catch_exceptions=False)
    assert result.stdout.splitlines()[1].split() == [
        "sqlite", "8", "40", "300", "1.5", "20.0", "0", "0",
    ]  # fmt: skip
    command = ["bench", "--store", "--database-url", "x", "--json"]
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert json.loads(result.stdout)[0]["claims_per_s"] == 300.0
    assert asked == [None, "x"]


def test_without_the_stores_libraries_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli, "find_spec", lambda name: None)
    for command in (["migrate"], ["bench", "--store"], ["backup", "x"]):
        result = CliRunner().invoke(main, command, catch_exceptions=False)
        assert result.exit_code == 1
        assert "stylebot[bots]" in result.stderr


def test_a_machine_without_the_engines_libraries_has_the_stores_commands():
    script = (
        "import sys; sys.modules['PIL'] = None; from bots.cli import main; print(*main.commands)"
    )
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["migrate", "bots", "studio", "doctor", "backup", "restore"]


def test_the_engines_commands_are_there_too():
    assert {"stylize", "engine", "train", "bench", "migrate"} <= main.commands.keys()


@pytest.mark.parametrize(("display", "opened"), [(":0", ["http://127.0.0.1:1"]), ("", [])])
def test_a_browser_is_opened_where_there_is_a_screen(
    display: str, opened: list[str], monkeypatch: pytest.MonkeyPatch
):
    shown: list[str] = []
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.setenv(variable, display)
    monkeypatch.setattr("webbrowser.open", shown.append)
    monkeypatch.setattr("threading.Thread.start", lambda self: self.run())
    monkeypatch.setattr("sys.platform", "linux")

    def run(settings: object, storage: object, announce: Callable[[str], None], **_: bool) -> None:
        announce("ready: web http://127.0.0.1:1")
        announce("ready: telegram stylebot")

    monkeypatch.setattr("bots.process.run.run", run)
    result = CliRunner().invoke(main, ["studio"], catch_exceptions=False)
    assert result.stdout.splitlines()[:2] == [
        "ready: web http://127.0.0.1:1",
        "Open http://127.0.0.1:1 · Ctrl-C stops",
    ]
    assert shown == opened
    CliRunner().invoke(main, ["studio", "--no-browser"], catch_exceptions=False)
    assert shown == opened
