"""Stories: photos that turn into their paintings, as a film.

A story is a request like any other; `NewJob.story` says that its result is a film.
"""

import re
from collections.abc import Sequence
from typing import Final, cast, get_args

from bots.core.common.services import Services
from bots.core.errors import CaptionTooLongError, StoryLengthError
from bots.core.requests import headers
from bots.core.styles import previews
from engine.api.contract import (
    CAPTION_LETTERS_MAX,
    REQUEST_TIMEOUT_MAX_S,
    STORY_SECONDS_MAX,
    STORY_SECONDS_MIN,
    Scene,
    StoryOptions,
    StoryRequest,
    StoryShape,
)
from storage.values.jobs import NewJob, Story

# Width divided by height.
_RATIOS: Final[dict[StoryShape, float]] = {
    shape: int(width) / int(height)
    for shape in get_args(StoryShape)
    for width, height in [shape.split(":")]
}
_CAPTION: Final = re.compile(r"[\"“”„«「『](.*?)[\"“”»」』]", re.DOTALL)
_SHAPE: Final = re.compile(rf"(?:^|(?<=\s))({'|'.join(_RATIOS)})(?=\s|$)")
_SECONDS: Final = re.compile(r"(?:^|(?<=\s))(\d{1,4}(?:\.\d+)?)\s*(?:s|秒)(?=\s|$)", re.IGNORECASE)


def read(words: str) -> tuple[Story, str]:
    """A story's shape, length and caption as typed, and the other words.

    The shape is `9:16`, `1:1` or `16:9`, the length `12s`, and the caption in quotes.

    Raises:
        StoryLengthError: the length is out of range.
        CaptionTooLongError: the caption is too long.
    """
    found: list[str] = []
    for what in (_CAPTION, _SHAPE, _SECONDS):
        match = what.search(words)
        found.append(match[1].strip() if match else "")
        words = f"{words[: match.start()]} {words[match.end() :]}" if match else words
    caption, shape, seconds = found
    return of(shape, float(seconds or 0), caption), " ".join(words.split())


def of(shape: str = "", seconds: float = 0.0, caption: str = "") -> Story:
    """A story of these options, each of which may be empty or 0.

    Raises:
        StoryLengthError: the length is out of range.
        CaptionTooLongError: the caption is too long.
    """
    if seconds and not STORY_SECONDS_MIN <= seconds <= STORY_SECONDS_MAX:
        raise StoryLengthError(least=int(STORY_SECONDS_MIN), most=int(STORY_SECONDS_MAX))
    if len(caption) > CAPTION_LETTERS_MAX:
        raise CaptionTooLongError(limit=CAPTION_LETTERS_MAX)
    return Story(shape if shape in _RATIOS else "", seconds, caption)


async def request_of(services: Services, wanted: NewJob, scenes: Sequence[Scene]) -> StoryRequest:
    """The engine's request for a story's film.

    Raises:
        EngineError: the first photo cannot be read, or the engine is away.
    """
    story = wanted.story or Story()
    if story.shape:
        shape = cast("StoryShape", story.shape)
    else:
        photo = await previews.normalised(services, scenes[0].photo)
        shape = nearest(*headers.size_of(photo))
    return StoryRequest(
        tuple(scenes), StoryOptions(shape, story.seconds, caption=story.caption),
        user=services.pseudonym(wanted.chat)[:16], timeout_s=REQUEST_TIMEOUT_MAX_S,
    )  # fmt: skip


def nearest(width: int, height: int) -> StoryShape:
    """The shape whose proportions are nearest to a picture's."""
    ratio = width / height

    def distance(shape: StoryShape) -> tuple[float, bool]:
        # Of 3:4, which phones take, a square cuts off as much as a tall film, which is seen larger.
        away = max(ratio / _RATIOS[shape], _RATIOS[shape] / ratio)
        return round(away, 6), _RATIOS[shape] == 1

    return min(_RATIOS, key=distance)
