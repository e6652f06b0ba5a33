"""Makes painted frames hold still: brushwork moves with what it was painted on.

Painted alone, every frame has other strokes, and the clip flickers. So only some frames, the keys,
are painted; the frames between two keys are made of both, moved by the optical flow and faded from
one to the other. Places that neither key shows are taken from the frame before, or if it does not
show them either, from a painting of the frame itself.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.media.clips.clip import Frame
from engine.media.clips.motion import SURE, Flow, Motion, Trust, followed, resized, shifted, trust

# Frames from one key to the next, at most.
_GAP: Final = 24
# Share of the places that must be found again for the next key to be farther away.
_FOUND: Final = 0.5
# Share of places that no key shows from which a frame is painted itself.
_UNSEEN: Final = 0.05
# Weight of a place that is not found, so that every place has some.
_LEAST: Final = 1e-3
# Strokes are what differs from the mean over this square; their contrast is raised at most so much.
_STROKE_PX: Final = 9
_GAIN_MAX: Final = 1.2

Weight = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Span:
    """Frames from one key to the next.

    Attributes:
        first: Number of the key.
        last: Number of the next key; the same if the scene ends, the number of frames if the first
            frame of a loop follows.
        fresh: Numbers of frames between them that are painted, too.
    """

    first: int
    last: int
    fresh: tuple[int, ...] = ()


def plan(motion: Motion, cuts: Collection[int], *, loops: bool) -> list[Span]:
    """Choose the keys.

    Args:
        motion: The motion of all frames.
        cuts: Frames after which another scene begins.
        loops: Whether the first frame follows the last.
    """
    count = motion.count
    ends = sorted({number for number in cuts if number < count - 1} | {count - 1})
    spans: list[Span] = []
    start = 0
    for end in ends:
        joined = loops and end == count - 1 and end not in cuts and count > 1
        spans += _spans(motion, start, count if joined else end)
        if not joined:
            spans.append(Span(end, end))
        start = end + 1
    return [_with_fresh(motion, span) for span in spans]


def _spans(motion: Motion, start: int, end: int) -> Iterator[Span]:
    """Spans from a scene's first frame to its last."""
    greys, steps = motion.greys(), motion.steps()
    while start < end:
        far, flow = start + 1, None
        most = min(end, start + _even_gap(end - start))
        for number in range(start + 1, most + 1):
            at = number % motion.count
            flow = _onwards(steps[at, 0], flow)
            if float((trust(greys[at], greys[start], flow) > SURE).mean()) < _FOUND:
                break
            far = number
        yield Span(start, far)
        start = far


def _even_gap(left: int) -> int:
    """The gap that divides the rest of a scene into equal spans."""
    return -(-left // -(-left // _GAP))


def _onwards(step: NDArray[np.float16], known: Flow | None) -> Flow:
    flow = step.astype(np.float32)
    return flow if known is None else followed(flow, known)


Track = tuple[Flow, Trust]


def _tracks(motion: Motion, span: Span) -> Iterator[tuple[int, Track, Track]]:
    """Each frame between two keys with flow and trust to both."""
    greys, steps, count = motion.greys(), motion.steps(), motion.count
    later: dict[int, Track] = {}
    flow: Flow | None = None
    for number in range(span.last - 1, span.first, -1):
        flow = _onwards(steps[number, 1], flow)
        later[number] = flow, trust(greys[number], greys[span.last % count], flow)
    flow = None
    for number in range(span.first + 1, span.last):
        flow = _onwards(steps[number, 0], flow)
        yield number, (flow, trust(greys[number], greys[span.first], flow)), later.pop(number)


def _with_fresh(motion: Motion, span: Span) -> Span:
    fresh = [
        number
        for number, (_, one), (_, two) in _tracks(motion, span)
        if float((np.maximum(one, two) < SURE).mean()) > _UNSEEN
    ]
    return Span(span.first, span.last, tuple(fresh))


def between(
    motion: Motion, span: Span, painted: Callable[[int], Frame]
) -> Iterator[tuple[int, Frame]]:
    """The frames from a key to the next one, without that, as (h, w, 3).

    Args:
        motion: The motion of all frames.
        span: The keys.
        painted: Gives the painting of a key, or of a frame in `span.fresh`.
    """
    one, two = painted(span.first), painted(span.last % motion.count)
    yield span.first, one
    greys, steps = motion.greys(), motion.steps()
    before = one
    for number, track_one, track_two in _tracks(motion, span):
        share = (number - span.first) / (span.last - span.first)
        layers = [_moved(one, track_one[0]), _moved(two, track_two[0])]
        weights = [(1 - share) * track_one[1] + _LEAST, share * track_two[1] + _LEAST]
        if number in span.fresh:
            step = steps[number, 0].astype(np.float32)
            sure = trust(greys[number], greys[number - 1], step)
            unseen = np.clip(1 - np.maximum(track_one[1], track_two[1]) / SURE, 0, 1)
            weights = [weight * (1 - unseen) for weight in weights]
            weights += [unseen * sure, unseen * (1 - sure)]
            layers += [_moved(before, step), painted(number)]
        before = _blended(layers, weights)
        yield number, before


def _moved(painting: Frame, flow: Flow) -> Frame:
    """A painting moved by a flow of fewer pixels."""
    return shifted(painting, resized(flow, painting.shape), lanczos=True)


def _blended(layers: Sequence[Frame], weights: Sequence[Weight]) -> Frame:
    """A mixture of layers; where their strokes differ, it keeps their contrast.

    A plain mixture of unlike textures is flat (Heitz 2018, doi:10.1145/3233304).
    """
    height, width = layers[0].shape[:2]
    total = np.sum(weights, axis=0)
    shares = [cv2.resize(weight / total, (width, height)) for weight in weights]
    mixed, taken = layers[0], shares[0]
    wanted = shares[0] * _contrast(layers[0])
    for layer, share in zip(layers[1:], shares[1:], strict=True):
        mixed = np.asarray(cv2.blendLinear(mixed, layer, taken, share), np.uint8)
        taken = taken + share
        wanted += share * _contrast(layer)
    gain = np.sqrt(wanted / np.maximum(_contrast(mixed), 1.0)).clip(1.0, _GAIN_MAX)
    ground = cv2.blur(mixed, (_STROKE_PX, _STROKE_PX))
    sharper = cv2.multiply(
        cv2.subtract(mixed, ground, dtype=cv2.CV_32F), cv2.merge([gain, gain, gain])
    )
    return np.asarray(cv2.add(ground, sharper, dtype=cv2.CV_8U), np.uint8)


def _contrast(layer: Frame) -> Weight:
    """The mean squared brightness of strokes around each place."""
    light = cv2.cvtColor(layer, cv2.COLOR_RGB2GRAY)
    size = (_STROKE_PX, _STROKE_PX)
    stroke = cv2.subtract(light, cv2.blur(light, size), dtype=cv2.CV_32F)
    return np.asarray(cv2.blur(cv2.multiply(stroke, stroke), size), np.float32)
