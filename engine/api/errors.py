"""All errors of the engine, as one tree.

EngineError
├── ImageError
│   ├── ImageTooLargeError      image_too_large
│   ├── ImageTooSmallError      image_too_small
│   ├── UnsupportedImageError   unsupported_image
│   ├── BrokenImageError        broken_image
│   ├── MaskMismatchError       mask_mismatch
│   ├── ClipTooLongError        clip_too_long
│   ├── UnsupportedClipError    unsupported_clip
│   └── FaceError
│       ├── NoFaceError         no_face
│       ├── SeveralFacesError   several_faces
│       ├── SmallFaceError      face_too_small
│       ├── TurnedFaceError     face_turned
│       └── HiddenFaceError     face_hidden
├── StyleError
│   ├── UnknownStyleError       unknown_style
│   └── StaleStyleError         stale_style
├── CheckpointError             bad_checkpoint
├── PerceptualWeightsError      no_perceptual_weights
├── TrainingError               training_failed
├── CannotRefineError           cannot_refine
├── AnalysisError
│   ├── UnknownAnalysisError    unknown_analysis
│   ├── NotInstalledError       analysis_not_installed
│   └── AnalysisModelError      bad_analysis_model
├── UnauthorizedError           unauthorized
├── EngineUnavailableError      engine_unavailable
├── QueueError
│   ├── EngineBusyError         engine_busy
│   ├── TooManyRequestsError    too_many_requests
│   ├── AlreadyRefiningError    already_refining
│   ├── DeadlineError           deadline_passed
│   └── ShuttingDownError       shutting_down
├── MissingInputError           missing_input
├── CaptionError                bad_caption
└── InvalidOptionError          invalid_option

Each leaf has the code that is sent to callers, independent of the HTTP status; its message is one
sentence that may be shown to the user.
"""

from typing import ClassVar


class EngineError(Exception):
    """Base of all errors the engine raises on purpose; `code` identifies the kind."""

    code: ClassVar[str]


class ImageError(EngineError):
    """The picture cannot be used."""


class ImageTooLargeError(ImageError):
    """The picture has more bytes, pixels, frames or scans than the limits allow."""

    code = "image_too_large"


class ImageTooSmallError(ImageError):
    """A side is too short, or the picture too narrow, to paint on."""

    code = "image_too_small"


class UnsupportedImageError(ImageError):
    """The file's format is not supported."""

    code = "unsupported_image"


class BrokenImageError(ImageError):
    """The file starts like a picture but cannot be decoded."""

    code = "broken_image"


class MaskMismatchError(ImageError):
    """A mask has other proportions than the picture it belongs to."""

    code = "mask_mismatch"


class ClipTooLongError(ImageError):
    """The clip has more seconds or frames than the limits allow."""

    code = "clip_too_long"


class UnsupportedClipError(ImageError):
    """The clip cannot be worked on: not a clip, encrypted, no pictures, or no support for clips."""

    code = "unsupported_clip"


class FaceError(ImageError):
    """The picture's face is not one that can be worked on."""


class NoFaceError(FaceError):
    """No face is found, or not the one that was asked for."""

    code = "no_face"


class SeveralFacesError(FaceError):
    """There are several faces, and none was chosen."""

    code = "several_faces"


class SmallFaceError(FaceError):
    """The face has too few pixels."""

    code = "face_too_small"


class TurnedFaceError(FaceError):
    """The face is seen too much from the side, from above or from below."""

    code = "face_turned"


class HiddenFaceError(FaceError):
    """Eyes or mouth are covered, or outside of the picture."""

    code = "face_hidden"


class StyleError(EngineError):
    """The style cannot be used."""


class UnknownStyleError(StyleError):
    """No style of this checkpoint has that slug."""

    code = "unknown_style"


class StaleStyleError(StyleError):
    """The style code is from another checkpoint; the style must be extracted again."""

    code = "stale_style"


class CheckpointError(EngineError):
    """A checkpoint is missing, incomplete, or does not match its manifest."""

    code = "bad_checkpoint"


class PerceptualWeightsError(EngineError):
    """The perceptual network's weights are missing or wrong."""

    code = "no_perceptual_weights"


class TrainingError(EngineError):
    """Training or refining cannot start or continue."""

    code = "training_failed"


class CannotRefineError(EngineError):
    """This engine is not set up to refine styles."""

    code = "cannot_refine"


class AnalysisError(EngineError):
    """The picture cannot be analysed."""


class UnknownAnalysisError(AnalysisError):
    """No analysis has that name."""

    code = "unknown_analysis"


class NotInstalledError(AnalysisError):
    """The analysis needs an extra that is not installed; the message names it."""

    code = "analysis_not_installed"


class AnalysisModelError(AnalysisError):
    """A model of the analyses is missing or is not the file its manifest names."""

    code = "bad_analysis_model"


class UnauthorizedError(EngineError):
    """The bearer token is missing or wrong."""

    code = "unauthorized"


class EngineUnavailableError(EngineError):
    """No engine answers at the address."""

    code = "engine_unavailable"


class QueueError(EngineError):
    """The engine cannot accept the work now, or could not finish it in time.

    Attributes:
        retry_after_s: Seconds after which to retry, if known.
    """

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class EngineBusyError(QueueError):
    """The queue is full, or too long for the work to be done in time."""

    code = "engine_busy"


class TooManyRequestsError(QueueError):
    """The user has as many pictures in the queue as permitted."""

    code = "too_many_requests"


class AlreadyRefiningError(QueueError):
    """The engine is refining another style; it refines one at a time."""

    code = "already_refining"


class DeadlineError(QueueError):
    """The caller's deadline has passed."""

    code = "deadline_passed"


class ShuttingDownError(QueueError):
    """The engine is finishing its work and accepts nothing new."""

    code = "shutting_down"


class MissingInputError(EngineError):
    """An effect needs a picture or a mask that was not sent along."""

    code = "missing_input"


class CaptionError(EngineError):
    """A caption has characters that no font has, or more lines than are shown."""

    code = "bad_caption"


class InvalidOptionError(EngineError):
    """An option is out of range or contradicts another."""

    code = "invalid_option"


def leaves(kind: type[EngineError] = EngineError) -> list[type[EngineError]]:
    """The kinds that have a code, in the order of the tree."""
    return [leaf for child in kind.__subclasses__() for leaf in leaves(child)] or [kind]
