"""The database and the key as the doctor finds them, which it leaves as they are."""

import asyncio
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from bots.core.common.services import utc_now
from bots.operations.doctor.findings import Finding
from bots.operations.doctor.stores import look_at_store
from migrations import runner
from storage.database import Database
from storage.sealing import Sealer
from storage.settings import StorageSettings
from storage.values.people import UserKey
from storage.values.styles import BuiltIn, Code
from tests.databases import play


def found(url: str, key: Path, given: str = "") -> dict[str, Finding]:
    storage = StorageSettings(database_url=url, storage_key_file=key, storage_key=SecretStr(given))
    return {finding.check: finding for finding in asyncio.run(look_at_store(storage))}


def keep_sealed(url: str, sealer: Sealer) -> None:
    """An own style, with its sealed picture."""

    async def scene(database: Database) -> None:
        style = BuiltIn("own", "custom", {"en": "Own"}, "", None, (), Code("c", b"code"))
        async with database.writing() as transaction:
            owner = UserKey("test", "1")
            await transaction.styles.add(style, owner, sealer.seal(b"picture"), utc_now())

    play(url, scene)


def test_a_database_in_order_and_its_key(database_url: str, tmp_path: Path):
    key = tmp_path / "key"
    sealer = Sealer.open(StorageSettings(storage_key_file=key))
    keep_sealed(database_url, sealer)
    lines = found(database_url, key)
    assert [finding.state for finding in lines.values()] == ["ok", "ok"]
    assert f"at revision {runner.newest()}" in lines["database"].said
    assert "opens what is sealed" in lines["key"].said

    async def notes(database: Database) -> list[str]:
        async with database.reading() as transaction:
            return await transaction.key_value.due("doctor", utc_now())

    assert play(database_url, notes) == []
    key.chmod(0o644)
    assert found(database_url, key)["key"].repair == f"chmod 600 {key}"
    key.unlink()
    assert found(database_url, key)["key"].state == "failed"
    assert not key.exists()
    other = Fernet.generate_key().decode()
    wrong = found(database_url, key, other)["key"]
    assert (wrong.state, other in str(wrong)) == ("failed", False)
    assert "another key" in wrong.said
    assert "damaged" in found(database_url, key, "none")["key"].said


def test_a_database_of_another_form(empty_database_url: str, tmp_path: Path):
    runner.run(empty_database_url)
    asyncio.run(runner.downgrade(empty_database_url, "0002"))
    line = found(empty_database_url, tmp_path / "key")["database"]
    assert line.said == f"The database is at revision 0002, this version needs {runner.newest()}"
    assert "stylebot migrate" in line.repair
    # An SQLite file is brought up to date by the bots' start.
    assert line.state == ("note" if empty_database_url.startswith("sqlite") else "failed")
    asyncio.run(runner.upgrade(empty_database_url))
    asyncio.run(_name_revision(empty_database_url))
    line = found(empty_database_url, tmp_path / "key")["database"]
    assert line.state == "failed"
    assert "A later stylebot made it" in line.repair


async def _name_revision(url: str) -> None:
    from sqlalchemy import text

    from storage.database import open_engine

    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite+aiosqlite:////proc/bot.db", "/proc/bot.db cannot be made"),
        ("sqlite+aiosqlite:////no/such/folder/bot.db", "cannot be made"),
        ("postgresql+asyncpg://someone:secret@127.0.0.1:1/none", "Connect call failed"),
        ("mysql://x/y", "not sqlite or postgresql"),
        ("nonsense", "no database's URL"),
    ],
)
def test_a_database_that_cannot_be(url: str, said: str, tmp_path: Path):
    lines = found(url, tmp_path / "key")
    assert lines["database"].state == "failed"
    assert said in lines["database"].said
    assert lines["database"].repair
    assert "secret" not in str(lines)
    assert "key" in lines


def test_a_file_that_is_no_database_or_not_there_yet(tmp_path: Path):
    path = tmp_path / "bot.db"
    lines = found(f"sqlite+aiosqlite:///{path}", tmp_path / "key")
    assert [finding.state for finding in lines.values()] == ["ok", "ok"]
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"\xff" * 4096)
    line = found(f"sqlite+aiosqlite:///{path}", tmp_path / "key")["database"]
    assert "not a database" in line.said
    assert "stylebot restore" in line.repair
