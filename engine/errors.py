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
    """Training cannot start or go on."""

    code = "training_failed"


class InvalidOptionError(EngineError):
    """An option is outside its range or contradicts another."""

    code = "invalid_option"
