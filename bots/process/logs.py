"""The log: one line of JSON per event, on stderr, without users' identities."""

import logging
from collections.abc import Sequence
from typing import Final

from pydantic import SecretStr
from pythonjsonlogger.json import JsonFormatter
from typing_extensions import override

from bots.core.common.telemetry import facts_at_work

# Loggers that may log at any level; others would log users' messages at debug level.
_OURS: Final = ("bots", "engine", "migrations", "storage")
# They log URLs, and Telegram's contain the token.
_DISCREET: Final = ("httpx", "httpcore", "telegram", "discord.http")


class _Discreet(JsonFormatter):
    """Adds the job to each line, and removes secrets from all loggers' lines."""

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
    """Log everything in this process to stderr as JSON.

    Args:
        level: Lowest level of our own loggers: debug, info, warning or error.
        secrets: Values that must not be logged.
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
