"""The systemd units: systemd's own check, and the command lines in them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bots.cli import main

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("stylebot-*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


def test_all_are_there():
    names = [unit.name for unit in UNITS]
    assert names == [
        "stylebot-backup.service", "stylebot-backup.timer", "stylebot-bots.service",
        "stylebot-engine.service",
    ]  # fmt: skip


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_they_run_commands_that_exist_without_rights(unit: Path):
    text = unit.read_text(encoding="utf-8")
    commands = re.findall(r"/opt/stylebot/bin/stylebot (\w+)", text)
    assert commands
    assert set(commands) <= set(main.commands)
    for line in (
        "User=stylebot", "NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes",
        "CapabilityBoundingSet=", "SystemCallFilter=@system-service", "UMask=0077",
        "EnvironmentFile=/etc/stylebot/stylebot.env",
    ):  # fmt: skip
        assert f"\n{line}\n" in text, line


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this machine")
def test_systemd_finds_nothing_wrong_with_them(tmp_path: Path):
    for unit in UNITS:
        # The program need not be installed where units are checked.
        text = unit.read_text(encoding="utf-8").replace("/opt/stylebot/bin/stylebot", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(  # noqa: S603 - systemd's
        ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())],  # noqa: S607 - where it is
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
