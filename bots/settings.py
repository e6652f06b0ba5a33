"""The bots' settings: from the environment or the file `.env`, validated, immutable."""

import re
import sys
from typing import Annotated, Final, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bots.core.errors import OperatorError
from storage.values.people import UserKey

_ADMIN: Final = re.compile(r"(telegram|discord|web):(\d{1,20})")
_ADDRESS: Final = re.compile(r"https?://[\w.-]+(:\d{1,5})?", re.ASCII)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_SERVER: Final = re.compile(r"\d{1,20}", re.ASCII)
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,256}")


class BotSettings(BaseSettings):
    """Settings of the bot process, each from the variable of its name in capitals.

    Attributes:
        telegram_token: Token from BotFather; empty for no Telegram.
        telegram_api_url: The Bot API's URL, for `URL/bot<token>/method` and
            `URL/file/bot<token>/path`.
        telegram_webhook_url: Public https address for Telegram's updates; empty for polling.
        telegram_webhook_secret: Secret that Telegram sends with each update; required with the
            address.
        telegram_webhook_host: Address to listen on for updates, behind a TLS proxy.
        telegram_webhook_port: Port to listen on; 0 for any free one.
        discord_token: The bot's token; empty for no Discord.
        discord_api_url: Address of Discord's REST API.
        discord_gateway_url: Address of its gateway; empty to ask the API.
        discord_admin_servers: Ids of servers whose administrators see the bot admins' commands,
            besides servers that an admin owns.
        engine_url: Address of an engine; empty to start one on this machine.
        engine_token: Its bearer token; empty for none.
        studio_host: Address the studio listens on. Other than loopback it needs a public address.
        studio_port: Port it listens on; 0 for any free one.
        studio_public_url: Address for browsers, if it differs: behind TLS, or from other machines.
        studio_keep_hours: Hours for which it keeps photos and results.
        studio_admin: Whether it has pages for the bot's admin: "on", "off", or "auto" for only if
            it is on loopback.
        admin_ids: The bot's admins: "telegram:123,discord:456".
        bot_workers: Number of requests processed at once.
        content_check: Check of pictures in chats that want it, and of own styles:
            "nudenet", or "off".
        bot_metrics_port: Port for metrics, 0 for any free one; None for no metrics.
        bot_metrics_host: Address for metrics. It needs no token: keep it private.
        log_level: Lowest level that is logged.
    """

    model_config = SettingsConfigDict(
        frozen=True, env_ignore_empty=True, env_file=".env", extra="ignore"
    )

    telegram_token: SecretStr = SecretStr("")
    telegram_api_url: str = "https://api.telegram.org"
    telegram_webhook_url: str = ""
    telegram_webhook_secret: SecretStr = SecretStr("")
    telegram_webhook_host: str = "127.0.0.1"
    telegram_webhook_port: int = Field(8751, ge=0, le=65535)
    discord_token: SecretStr = SecretStr("")
    discord_api_url: str = "https://discord.com/api/v10"
    discord_gateway_url: str = ""
    discord_admin_servers: Annotated[tuple[int, ...], NoDecode] = ()
    engine_url: str = ""
    engine_token: SecretStr = SecretStr("")
    studio_host: str = "127.0.0.1"
    studio_port: int = Field(8700, ge=0, le=65535)
    studio_public_url: str = ""
    studio_keep_hours: int = Field(24, ge=1, le=24 * 90)
    studio_admin: Literal["auto", "on", "off"] = "auto"
    admin_ids: Annotated[tuple[UserKey, ...], NoDecode] = ()
    bot_workers: int = Field(4, ge=1, le=64)
    content_check: Literal["off", "nudenet"] = "off"
    bot_metrics_port: int | None = Field(None, ge=0, le=65535)
    bot_metrics_host: str = "127.0.0.1"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _read_admins(cls, text: object) -> object:
        if not isinstance(text, str):
            return text
        found = [_ADMIN.fullmatch(part.strip()) for part in text.split(",") if part.strip()]
        if not all(found):
            raise ValueError("must be ids with their platforms, as in telegram:123,discord:456")
        return tuple(UserKey(admin[1], admin[2]) for admin in found if admin)

    @field_validator("discord_admin_servers", mode="before")
    @classmethod
    def _read_servers(cls, text: object) -> object:
        if not isinstance(text, str):
            return text
        parts = [part.strip() for part in text.split(",") if part.strip()]
        if not all(_SERVER.fullmatch(part) for part in parts):
            raise ValueError("must be ids of servers, as in 123,456")
        return tuple(int(part) for part in parts)

    @field_validator("log_level", "studio_admin", mode="before")
    @classmethod
    def _in_either_case(cls, text: object) -> object:
        return text.lower() if isinstance(text, str) else text

    @field_validator(
        "telegram_api_url", "discord_api_url", "discord_gateway_url", "engine_url",
        "studio_public_url",
    )  # fmt: skip
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @property
    def has_studio_admin(self) -> bool:
        """Whether the studio has pages for the bot's admin."""
        return self.studio_admin == "on" or (
            self.studio_admin == "auto" and not self.studio_public_url
        )

    def secrets(self) -> list[SecretStr]:
        """Values that must not be logged or shown."""
        return [
            self.telegram_token,
            self.telegram_webhook_secret,
            self.discord_token,
            self.engine_token,
        ]

    @field_validator("studio_public_url")
    @classmethod
    def _read_address(cls, url: str) -> str:
        if url and not _ADDRESS.fullmatch(url):
            raise ValueError("must be an address without a path, as in https://studio.example.org")
        return url.lower()

    @model_validator(mode="after")
    def _guard_the_studio(self) -> Self:
        if self.studio_host not in _LOOPBACK and not self.studio_public_url:
            raise ValueError(
                "STUDIO_HOST beyond this machine needs STUDIO_PUBLIC_URL, where browsers find it"
            )
        return self

    @model_validator(mode="after")
    def _need_a_secret(self) -> Self:
        secret = self.telegram_webhook_secret.get_secret_value()
        if self.telegram_webhook_url and not _SECRET.fullmatch(secret):
            raise ValueError(
                "TELEGRAM_WEBHOOK_URL needs a TELEGRAM_WEBHOOK_SECRET of 16 to 256 letters, "
                "digits, _ or -"
            )
        return self


class Desktop(BaseSettings):
    """Whether there is a screen to open a browser on, according to X11 and Wayland.

    Attributes:
        display: X11's variable.
        wayland_display: Wayland's variable.
    """

    display: str = ""
    wayland_display: str = ""

    @property
    def there(self) -> bool:
        """Whether there is a screen."""
        return bool(self.display or self.wayland_display) or sys.platform in ("darwin", "win32")


def read_settings() -> BotSettings:
    """Read the settings from the environment.

    Raises:
        OperatorError: a setting is invalid; the message names its variable.
    """
    try:
        return BotSettings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        variable = "".join(f"{name}: ".upper() for name in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise OperatorError(f"{variable}{message}.") from None
