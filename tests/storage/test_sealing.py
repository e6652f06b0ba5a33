"""The key: made once, for its owner alone, and nothing opens without it."""

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from storage.errors import StorageKeyError
from storage.sealing import Sealer
from storage.settings import StorageSettings


def settings(path: Path, **given: object) -> StorageSettings:
    return StorageSettings(storage_key_file=path, **given)  # type: ignore[arg-type]


def test_the_first_start_makes_a_key_that_later_ones_find(tmp_path: Path):
    path = tmp_path / "key"
    sealed = Sealer.open(settings(path)).seal(b"a picture")
    assert b"picture" not in sealed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Sealer.open(settings(path)).unseal(sealed) == b"a picture"


def test_the_environment_comes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("STORAGE_KEY", Fernet.generate_key().decode())
    sealer = Sealer.open(settings(tmp_path / "key"))
    assert not (tmp_path / "key").exists()
    assert sealer.unseal(sealer.seal(b"x")) == b"x"


def test_with_another_key_nothing_opens(tmp_path: Path):
    sealed = Sealer.open(settings(tmp_path / "one")).seal(b"x")
    other = Sealer.open(settings(tmp_path / "other"))
    for damaged in (sealed, b"no seal", sealed[:-1]):
        with pytest.raises(StorageKeyError, match="another key"):
            other.unseal(damaged)


@pytest.mark.parametrize("key", ["short", "x" * 44])
def test_a_damaged_key_is_told(tmp_path: Path, key: str):
    with pytest.raises(StorageKeyError, match="damaged"):
        Sealer.open(settings(tmp_path / "key", storage_key=key))


def test_a_key_file_that_cannot_be_is_told(tmp_path: Path):
    with pytest.raises(StorageKeyError, match="cannot be made"):
        Sealer.open(settings(tmp_path / "no folder" / "key"))
    (tmp_path / "key").mkdir()
    with pytest.raises(StorageKeyError, match="cannot be read"):
        Sealer.open(settings(tmp_path / "key"))


def test_pseudonyms_are_stable_and_need_the_key(tmp_path: Path):
    one, other = (Sealer.open(settings(tmp_path / name)) for name in ("one", "other"))
    assert one.pseudonym("telegram:1") == one.pseudonym("telegram:1")
    assert one.pseudonym("telegram:1") != one.pseudonym("telegram:2")
    assert one.pseudonym("telegram:1") != other.pseudonym("telegram:1")
    assert len(one.pseudonym("telegram:1")) == 64
