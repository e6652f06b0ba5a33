"""Checks of this machine: Python, settings, disk and memory."""

import difflib
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dotenv import dotenv_values

from bots.operations.doctor.findings import Finding
from bots.settings import BotSettings
from engine.api.settings import EngineSettings
from storage.settings import StorageSettings

_PYTHON: Final = (3, 11)
_GB: Final = 1024**3
# A backup beside the database needs the same space again.
_DISK_LEAST_GB, _DISK_ENOUGH_GB = 0.2, 2.0
# Memory beyond this is for pictures being processed; see docs/OPERATIONS.md.
_MEMORY_GB: Final = {"with an engine": 1.5, "without an engine": 0.4}
_PREFIXES: Final = ("BOT_", "DISCORD_", "ENGINE_", "STORAGE_", "TELEGRAM_")


def setting_names() -> list[str]:
    """All variables that any part of stylebot reads."""
    own = [*BotSettings.model_fields, *StorageSettings.model_fields]
    names = [name.upper() for name in own]
    return names + [f"ENGINE_{name.upper()}" for name in EngineSettings.model_fields]


def look_at_python() -> list[Finding]:
    """Check the interpreter's version."""
    said = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _PYTHON:
        return [Finding("python", "failed", said, "Install Python 3.11 or later.")]
    return [Finding("python", "ok", said)]


def look_at_settings(problems: Sequence[str]) -> list[Finding]:
    """Check that settings are valid, and that `.env` has no unknown ones.

    Args:
        problems: Errors from reading the settings.
    """
    env = Path(".env")
    repair = "Correct it in the environment or in .env."
    found = [Finding("settings", "failed", problem, repair) for problem in problems]
    if not found:
        where = f"{env.absolute()} and the environment" if env.exists() else "the environment alone"
        found.append(Finding("settings", "ok", f"valid; read from {where}"))
    if not env.exists():
        return found
    if env.stat().st_mode & 0o077:
        said = ".env can be read by others on this machine"
        found.append(Finding("settings file", "note", said, "chmod 600 .env"))
    return found + [_unknown(name) for name in dotenv_values(env) if _is_unknown(name)]


def _is_unknown(name: str) -> bool:
    """Whether an unknown variable looks like one of ours."""
    names = setting_names()
    if name.upper() in names:
        return False
    return name.startswith(_PREFIXES) or bool(difflib.get_close_matches(name, names, 1, 0.85))


def _unknown(name: str) -> Finding:
    close = difflib.get_close_matches(name, setting_names(), 1)
    repair = f"Did you mean {close[0]}?" if close else "Take it out of .env."
    return Finding("settings file", "note", f"{name} in .env is no setting", repair)


def look_at_tokens(settings: BotSettings) -> list[Finding]:
    """Check whether there is any bot to run."""
    if settings.telegram_token.get_secret_value() or settings.discord_token.get_secret_value():
        return []
    return [
        Finding(
            "tokens", "note", "TELEGRAM_TOKEN and DISCORD_TOKEN are not set; the studio needs none",
            "For a bot, get one from @BotFather on Telegram or at "
            "https://discord.com/developers/applications, and put it into .env.",
        )
    ]  # fmt: skip


def look_at_admins(settings: BotSettings) -> list[Finding]:
    """Check whether the bot has an admin, on each platform."""
    if not settings.admin_ids:
        return [
            Finding(
                "admins", "note", "ADMIN_IDS is not set: nobody administers the bot",
                "Set it to your own ids, as in ADMIN_IDS=telegram:123,discord:456.",
            )
        ]  # fmt: skip
    has = {
        "telegram": settings.telegram_token.get_secret_value(),
        "discord": settings.discord_token.get_secret_value(),
    }
    said = ", ".join(map(str, settings.admin_ids))
    without = {admin.platform for admin in settings.admin_ids if not has.get(admin.platform, "web")}
    if without:
        return [Finding("admins", "note", f"{said}, without a token for {', '.join(without)}")]
    return [Finding("admins", "ok", said)]


def look_at_disk(storage: StorageSettings) -> list[Finding]:
    """Check the disk space for the database; not for PostgreSQL."""
    url = storage.database_url
    folder = Path(url.split(":///", 1)[-1]).parent if url.startswith("sqlite") else Path()
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    free_gb = shutil.disk_usage(folder).free / _GB
    said = f"{free_gb:.1f} GB free at {folder.absolute()}"
    if free_gb < _DISK_LEAST_GB:
        return [Finding("disk", "failed", said, "Make room, or move DATABASE_URL to another disk.")]
    if free_gb < _DISK_ENOUGH_GB:
        return [Finding("disk", "note", said, "Make room before backups fill it.")]
    return [Finding("disk", "ok", said)]


def look_at_memory(settings: BotSettings | None) -> list[Finding]:
    """Check the available memory, if the system reports it."""
    proc = Path("/proc/meminfo")
    found = re.search(r"MemAvailable:\s+(\d+) kB", proc.read_text()) if proc.exists() else None
    if not found:
        return []
    free_gb = min(int(found[1]) * 1024, _allowed_bytes()) / _GB
    kind = "without an engine" if settings and settings.engine_url else "with an engine"
    said = f"{free_gb:.1f} GB free"
    if free_gb < _MEMORY_GB[kind]:
        repair = f"Bots {kind} need {_MEMORY_GB[kind]} GB: free some, or set ENGINE_URL."
        return [Finding("memory", "note", said, repair)]
    return [Finding("memory", "ok", said)]


def _allowed_bytes() -> float:
    """The memory limit of a container, in bytes."""
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text().strip() if limit.exists() else "max"
    return float(text) if text.isdigit() else float("inf")
