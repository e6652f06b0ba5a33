"""Everything that can go wrong in the engine, as one tree.

EngineError
├── ImageError
│   ├── ImageTooLargeError      image_too_large
│   ├── ImageTooSmallError      image_too_small
│   ├── UnsupportedImageError   unsupported_image
│   └── BrokenImageError        broken_image
├── StyleError
│   ├── UnknownStyleError       unknown_style
│   └── StaleStyleError         stale_style
├── CheckpointError             bad_checkpoint
├── PerceptualWeightsError      no_perceptual_weights
├── TrainingError               training_failed
├── CannotRefineError           cannot_refine
├── UnauthorizedError           unauthorized
├── EngineUnavailableError      engine_unavailable
├── QueueError
│   ├── EngineBusyError         engine_busy
│   ├── TooManyRequestsError    too_many_requests
│   ├── AlreadyRefiningError    already_refining
│   ├── DeadlineError           deadline_passed
│   └── ShuttingDownError       shutting_down
└── InvalidOptionError          invalid_option

Each leaf carries the code that travels on the wire, never an HTTP status; its message is one
sentence that may be shown to the person who sent the picture or typed the command.
"""

from typing import ClassVar


class EngineError(Exception):
    """Base of all errors the engine raises on purpose; `code` names the kind for other programs."""

    code: ClassVar[str]


class ImageError(EngineError):
    """The picture cannot be used."""


class ImageTooLargeError(ImageError):
    """More bytes, pixels, frames or scans than the limits allow."""

    code = "image_too_large"


class ImageTooSmallError(ImageError):
    """A side is shorter, or the picture is narrower, than anything could be painted on."""

    code = "image_too_small"


class UnsupportedImageError(ImageError):
    """The bytes are of no format on the allow-list."""

    code = "unsupported_image"


class BrokenImageError(ImageError):
    """The bytes begin like a picture and cannot be decoded."""

    code = "broken_image"


class StyleError(EngineError):
    """The style cannot be used."""


class UnknownStyleError(StyleError):
    """No style of this checkpoint has that slug."""

    code = "unknown_style"


class StaleStyleError(StyleError):
    """The style code was made by another checkpoint and must be extracted again."""

    code = "stale_style"


class CheckpointError(EngineError):
    """A checkpoint is missing, incomplete, or not what its manifest says."""

    code = "bad_checkpoint"


class PerceptualWeightsError(EngineError):
    """The perceptual network's weights are missing or not the expected ones."""

    code = "no_perceptual_weights"


class TrainingError(EngineError):
    """Training, or the search for a better style, cannot start or go on."""

    code = "training_failed"


class CannotRefineError(EngineError):
    """This engine has not what it takes to refine a style."""

    code = "cannot_refine"


class UnauthorizedError(EngineError):
    """The bearer token is missing or another one."""

    code = "unauthorized"


class EngineUnavailableError(EngineError):
    """No engine answers, or what answers is none."""

    code = "engine_unavailable"


class QueueError(EngineError):
    """The engine cannot take the work now, or could not finish it in time.

    Attributes:
        retry_after_s: When to come back, where that can be said.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class EngineBusyError(QueueError):
    """The queue is full, or so long that the work would not be done in time."""

    code = "engine_busy"


class TooManyRequestsError(QueueError):
    """One user's pictures fill his share of the queue."""

    code = "too_many_requests"


class AlreadyRefiningError(QueueError):
    """The engine refines one style at a time, and this is another."""

    code = "already_refining"


class DeadlineError(QueueError):
    """The time the caller gave is over."""

    code = "deadline_passed"


class ShuttingDownError(QueueError):
    """The engine finishes what it has and takes nothing new."""

    code = "shutting_down"


class InvalidOptionError(EngineError):
    """An option is outside its range or contradicts another."""

    code = "invalid_option"


def leaves(kind: type[EngineError] = EngineError) -> list[type[EngineError]]:
    """The kinds that are raised and have a code, in the order of the tree."""
    return [leaf for child in kind.__subclasses__() for leaf in leaves(child)] or [kind]
