"""The engine as the doctor finds it: elsewhere, with another token, not at all, on this machine."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from bots.operations.doctor import engines
from bots.operations.doctor.engines import look_at_codecs, look_at_engine
from bots.operations.doctor.findings import Finding
from bots.settings import BotSettings
from tests.processes import engine_process


def found(url: str = "", token: str = "") -> list[Finding]:
    own = BotSettings(engine_url=url, engine_token=SecretStr(token))
    return list(asyncio.run(look_at_engine(own)))


def test_an_engine_elsewhere_says_what_it_is():
    with engine_process(ENGINE_TOKEN="open sesame") as url:  # noqa: S106 - nobody's
        (finding,) = found(url, "open sesame")
        assert finding.state == "ok"
        assert "on cpu, 44 styles, 0 waiting, 0 running" in finding.said
        (wrong,) = found(url, "open barley")
    assert "does not take ENGINE_TOKEN" in wrong.said
    assert "open" not in str(wrong)


def test_no_engine_is_told_with_what_to_do():
    (finding,) = found("http://127.0.0.1:1")
    assert (finding.state, finding.said) == (
        "failed", "no engine at 127.0.0.1: The engine cannot be reached",
    )  # fmt: skip
    assert "stylebot engine" in finding.repair


def test_an_engine_on_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("ENGINE_DEVICE", "cpu")
    monkeypatch.setenv("ENGINE_THREADS", "3")
    (finding,) = found()
    assert finding.state == "ok"
    assert "on cpu, 3 threads, 34 painted styles" in finding.said
    monkeypatch.setenv("ENGINE_CHECKPOINT", str(tmp_path))
    (finding,) = found()
    assert finding.state == "failed"
    assert "ENGINE_CHECKPOINT" in finding.repair
    monkeypatch.setattr(engines, "find_spec", lambda name: None if name == "torch" else name)
    (finding,) = found()
    assert finding.said == "torch is not installed, and ENGINE_URL is not set"
    assert 'pip install "stylebot[engine]"' in finding.repair


def test_codecs_are_tried_where_pictures_are_read(monkeypatch: pytest.MonkeyPatch):
    def codecs(url: str) -> list[tuple[str, str]]:
        look = look_at_codecs(BotSettings(engine_url=url))
        return [(finding.check, finding.state) for finding in asyncio.run(look)]

    assert codecs("") == [("heic", "ok"), ("avif", "ok")]
    assert codecs("http://elsewhere") == []
    monkeypatch.delitem(__import__("PIL.Image").Image.SAVE, "AVIF")
    assert codecs("") == [("heic", "ok"), ("avif", "failed")]
