"""From errors to what a page says of them."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from bots.core.errors import (
    AccessError,
    BotError,
    ClosedError,
    GoneError,
    LimitError,
    NeedsInputError,
    NoPhotoError,
    QueueFullError,
)
from bots.web_adapter.context import Runtime
from engine.api.errors import (
    EngineError,
    EngineUnavailableError,
    ImageTooLargeError,
    QueueError,
)
from storage.errors import StorageError

# The bots' sentences mention their commands, and what they cannot take.
_OWN_SENTENCES: Final[Mapping[type[BotError], str]] = {
    NoPhotoError: "studio-no-photo",
    NeedsInputError: "studio-needs-input",
}
# The first that matches; other errors are requests that cannot be fulfilled.
_STATUS: Final[tuple[tuple[type[Exception], int], ...]] = (
    (ClosedError, 503),
    (QueueFullError, 503),
    (LimitError, 429),
    (AccessError, 403),
    (GoneError, 404),
    (ImageTooLargeError, 413),
    (EngineUnavailableError, 503),
    (QueueError, 503),
)


def status_of(error: Exception) -> int:
    """The HTTP status of an expected error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def sentence_of(runtime: Runtime, error: Exception, language: str) -> str:
    """The sentence for a person."""
    texts = runtime.services.texts
    if isinstance(error, NoPhotoError | NeedsInputError):
        return texts.say(_OWN_SENTENCES[type(error)], language, **error.facts)
    if isinstance(error, BotError | EngineError | StorageError):
        return texts.of_error(error, language)
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return texts.of_code(ImageTooLargeError.code, language)
    if isinstance(error, web.HTTPException):
        return texts.say("studio-not-found" if error.status == 404 else "studio-not-so", language)
    return texts.of_code("internal", language)
