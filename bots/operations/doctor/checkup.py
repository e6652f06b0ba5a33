"""All of the doctor's checks, in the order of the table.

A check imports what it needs when it runs: if a library is missing, that check reports it, and all
others still run.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from bots.core.errors import OperatorError
from bots.operations.doctor import machines
from bots.operations.doctor.findings import Check, Finding, examine
from bots.settings import BotSettings, read_settings
from engine.api.errors import InvalidOptionError
from engine.api.settings import read_settings as read_engine_settings
from storage.settings import StorageSettings

# Includes importing torch from a cold disk.
_ENGINE_TIMEOUT_S: Final = 60.0
_ENGINE_SLOW: Final = (
    "See that the engine's machine is not overloaded, and that ENGINE_URL is right."
)


def check_up() -> list[Finding]:
    """Findings about this machine, the settings and everything that they refer to."""
    settings, problems = _read()
    storage = StorageSettings()

    def at_once(look: Callable[[], list[Finding]]) -> Callable[[], Awaitable[Sequence[Finding]]]:
        return lambda: asyncio.to_thread(look)

    checks = [
        Check("python", at_once(machines.look_at_python)),
        Check("settings", at_once(lambda: machines.look_at_settings(problems))),
    ]
    if settings:
        checks += _of_the_bots(settings, at_once)
    checks += [
        Check("database", lambda: _store(storage), "See that the database's machine answers."),
        Check("disk", at_once(lambda: machines.look_at_disk(storage))),
        Check("memory", at_once(lambda: machines.look_at_memory(settings))),
    ]
    return examine(checks)


def _of_the_bots(
    settings: BotSettings,
    at_once: Callable[[Callable[[], list[Finding]]], Callable[[], Awaitable[Sequence[Finding]]]],
) -> list[Check]:
    return [
        Check("tokens", at_once(lambda: machines.look_at_tokens(settings))),
        Check("telegram", lambda: _telegram(settings)),
        Check("discord", lambda: _discord(settings)),
        Check("admins", at_once(lambda: machines.look_at_admins(settings))),
        Check(
            "engine",
            lambda: _engine(settings),
            _ENGINE_SLOW,
            10.0 if settings.engine_url else _ENGINE_TIMEOUT_S,
        ),
        Check("content check", lambda: _content_check(settings)),
        Check("codecs", lambda: _codecs(settings), timeout_s=_ENGINE_TIMEOUT_S),
    ]


def _read() -> tuple[BotSettings | None, list[str]]:
    """The bots' settings or None, and what is wrong with each."""
    settings, problems = None, []
    try:
        settings = read_settings()
    except OperatorError as error:
        problems.append(str(error))
    try:
        read_engine_settings()
    except InvalidOptionError as error:
        problems.append(str(error))
    return settings, problems


async def _telegram(settings: BotSettings) -> Sequence[Finding]:
    from bots.operations.doctor.platforms import look_at_telegram

    return await look_at_telegram(settings)


async def _discord(settings: BotSettings) -> Sequence[Finding]:
    from bots.operations.doctor.platforms import look_at_discord

    return await look_at_discord(settings)


async def _engine(settings: BotSettings) -> Sequence[Finding]:
    from bots.operations.doctor.engines import look_at_engine

    return await look_at_engine(settings)


async def _content_check(settings: BotSettings) -> Sequence[Finding]:
    from bots.operations.doctor.engines import look_at_content_check

    return await look_at_content_check(settings)


async def _codecs(settings: BotSettings) -> Sequence[Finding]:
    from bots.operations.doctor.engines import look_at_codecs

    return await look_at_codecs(settings)


async def _store(storage: StorageSettings) -> Sequence[Finding]:
    from bots.operations.doctor.stores import look_at_store

    return await look_at_store(storage)
