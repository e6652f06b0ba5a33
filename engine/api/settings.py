"""The engine host's settings: from the environment or the file `.env`, validated, immutable."""

from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, FilePath, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.api.errors import InvalidOptionError

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PREFIX: Final = "ENGINE_"


class EngineSettings(BaseSettings):
    """Settings of an engine host, each from the variable ENGINE_ and its name in capitals.

    Attributes:
        host: Address to listen on. Other than loopback it needs a token.
        port: Port to listen on; 0 for any free one.
        token: Bearer token that callers must send; empty for none.
        device: Device to paint on.
        threads: CPU threads for painting; 0 for one per core.
        codec_workers: Processes that decode and encode.
        checkpoint: Folder of a checkpoint instead of the shipped one.
        perceptual_weights: VGG16 as safetensors instead of the shipped file.
        masterwork: Whether masterworks are offered.
        masterwork_side_px: Long side a masterwork is painted at; 0 for 512 on a CPU and 1024 on a
            GPU. Time and memory grow with its square.
        masterwork_effort: Factor on a masterwork's default number of steps, 0.1 to 4.
        max_megapixels: Width times height of the largest picture accepted.
        clips: Whether clips are rendered; needs the extra `video`.
        clip_seconds: Longest clip accepted.
        clip_fps: Frames per second of a clip that are rendered.
        clip_side_px: Long side that clips are rendered at.
        video_encoder: FFmpeg's name of the encoder for MP4; empty for the best there is.
        cache_mb: Megabytes of painted pictures kept to answer equal requests.
        queue_items: Pictures that may be in the queue at once.
        queue_items_per_user: Pictures of one user that may be in the queue at once.
        batch_items: Pictures in one batch on a GPU; a CPU paints as many at once as it has threads.
        body_timeout_s: Seconds a caller may take to send a picture.
        log_level: Lowest level that is logged.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, env_ignore_empty=True, env_file=".env", extra="ignore"
    )

    host: str = "127.0.0.1"
    port: int = Field(8750, ge=0, le=65535)
    token: SecretStr = SecretStr("")
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(0, ge=0, le=1024)
    codec_workers: int = Field(1, ge=1, le=256)
    checkpoint: Path | None = None
    perceptual_weights: FilePath | None = None
    masterwork: bool = True
    masterwork_side_px: int = Field(0, ge=0, le=2048)
    masterwork_effort: float = Field(1.0, ge=0.1, le=4)
    max_megapixels: int = Field(64, ge=1, le=250)
    clips: bool = True
    clip_seconds: float = Field(15.0, gt=0, le=120)
    clip_fps: float = Field(15.0, ge=1, le=60)
    clip_side_px: int = Field(720, ge=64, le=2160)
    video_encoder: str = ""
    cache_mb: int = Field(64, ge=0)
    queue_items: int = Field(256, ge=1)
    queue_items_per_user: int = Field(32, ge=1)
    batch_items: int = Field(16, ge=1)
    body_timeout_s: float = Field(30.0, gt=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_either_case(cls, text: object) -> object:
        return text.lower() if isinstance(text, str) else text

    @model_validator(mode="after")
    def _guard_the_network(self) -> "EngineSettings":
        if self.host not in _LOOPBACK and not self.token.get_secret_value():
            raise ValueError(
                f"listening at {self.host}, beyond this machine, needs {_PREFIX}TOKEN to be set"
            )
        return self


def read_settings(**given: Any) -> EngineSettings:  # noqa: ANN401 - each setting has its own type
    """Read the settings from the environment.

    Args:
        given: Values from the command line, which take precedence; None if not given.

    Raises:
        InvalidOptionError: a setting is invalid; the message names its variable.
    """
    try:
        return EngineSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        variable = "".join(f"{_PREFIX}{name}: ".upper() for name in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidOptionError(f"{variable}{message}.") from None
