"""The log: one line of JSON for every event, on stderr, that says of no one who he is."""

import logging
from collections.abc import Sequence
from typing import Final

from pydantic import SecretStr
from pythonjsonlogger.json import JsonFormatter
from typing_extensions import override

from bots.core.common.telemetry import facts_at_work

# Whose lines may say everything: others write what people send once they are asked for details.
_OURS: Final = ("bots", "engine", "migrations", "storage")
# They write addresses, and Telegram's have the token in them.
_DISCREET: Final = ("httpx", "httpcore", "telegram", "discord.http")


class _Discreet(JsonFormatter):
    """Says which job a line is about, and never a secret, no matter who wrote it."""

    def __init__(self, secrets: Sequence[SecretStr]) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
        )
        self._secrets = [text for secret in secrets if (text := secret.get_secret_value())]

    @override
    def format(self, record: logging.LogRecord) -> str:
        vars(record).update(facts_at_work())
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


def log_as_json(level: str, secrets: Sequence[SecretStr]) -> None:
    """Send everything that is logged in this process to stderr as JSON.

    Args:
        level: The least that is written of our own: debug, info, warning or error.
        secrets: What no line may hold.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Discreet(secrets))
    least = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=max(least, logging.INFO), handlers=[handler])
    logging.captureWarnings(capture=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(least)
    for name in _DISCREET:
        logging.getLogger(name).setLevel(max(least, logging.WARNING))
