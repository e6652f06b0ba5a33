"""Makes painted frames hold still: brushwork moves with what it was painted on.

Painted alone, every frame has other strokes, and the clip flickers. So only some frames, the keys,
are painted; the frames between two keys are made of both, each moved by the optical flow and faded
from one to the other. Places that neither key shows are taken from a painting of the frame itself.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.media.clips.motion import Flow, Grey, Tracker, Trust, followed, grey, is_cut, settled, shifted, smoothed, trust

Frame = NDArray[np.uint8]

# Frames from one key to the next, at most.
KEY_GAP: Final = 16
_TRUSTED: Final = 0.5
_NEW: Final = 0.05
_SURE: Final = 0.5
_DETAIL_PX: Final = 4.0
_GAIN_MAX: Final = 1.6
_FLOOR: Final = 1e-3
_PULL: Final = 0.1


@dataclass(frozen=True, slots=True)
class Span:
    """Frames between two keys.

    Attributes:
        first: Index of the key before.
        last: Index of the key after; the number of frames stands for the first frame of a loop.
        fresh: Indices of frames between them that need a painting of their own.
    """

    first: int
    last: int
    fresh: tuple[int, ...] = ()


def plan(frames: Sequence[Frame], *, loops: bool = False, gap: int = KEY_GAP) -> list[Span]:
    """Choose the keys of a clip; a span of one frame is a key alone."""
    greys = [grey(frame) for frame in frames]
    scenes, start, tracker = [], 0, Tracker()
    for number in range(1, len(greys)):
        if is_cut(greys[number - 1], greys[number], tracker):
            scenes.append((start, number))
            start = number
    scenes.append((start, len(greys)))
    joined = loops and len(greys) > 2 and not is_cut(greys[-1], greys[0], tracker)
    spans: list[Span] = []
    for start, end in scenes:
        closes = joined and end == len(greys)
        ends = end if closes else end - 1
        first = start
        while first < ends:
            last = _reach(greys, first, min(ends, first + gap), tracker)
            # The rest of a scene is divided evenly.
            if ends - last < gap // 2 and last < ends:
                last = (first + ends + 1) // 2 if ends - first > gap else ends
            last = max(last, first + 1)
            spans.append(Span(first, last))
            first = last
        if not closes:
            spans.append(Span(ends, ends))
    return [_with_fresh(greys, span) for span in spans]


def _at(greys: Sequence[Grey], number: int) -> Grey:
    return greys[number % len(greys)]


def _reach(greys: Sequence[Grey], first: int, most: int, tracker: Tracker) -> int:
    """How far from a key most places can be followed."""
    flow: Flow | None = None
    for number in range(first + 1, most + 1):
        flow = _follow(_at(greys, number), _at(greys, number - 1), greys[first], flow, tracker)
        if float((trust(_at(greys, number), greys[first], flow) > _SURE).mean()) < _TRUSTED:
            return max(number - 1, first + 1)
    return most


def _follow(here: Grey, before: Grey, key: Grey, known: Flow | None, tracker: Tracker) -> Flow:
    """The flow from a frame to a key, by that of the frame before."""
    step = settled(here, before, smoothed(here, tracker.flow(here, before)))
    if known is None:
        return step
    flow = followed(step, known)
    return flow + _PULL * (smoothed(here, tracker.flow(here, key, flow)) - flow)


def _tracks(greys: Sequence[Grey], span: Span) -> list[tuple[Flow, Trust, Flow, Trust]]:
    """Flow and trust to both keys of each frame between them."""
    tracker = Tracker()
    numbers = range(span.first + 1, span.last)
    ways = []
    for key, order in ((span.first, list(numbers)), (span.last, list(numbers)[::-1])):
        target, before, flow = _at(greys, key), _at(greys, key), None
        found = {}
        for number in order:
            flow = _follow(greys[number], before, target, flow, tracker)
            found[number] = flow, trust(greys[number], target, flow)
            before = greys[number]
        ways.append(found)
    return [(*ways[0][number], *ways[1][number]) for number in numbers]


def _with_fresh(greys: Sequence[Grey], span: Span) -> Span:
    fresh = tuple(
        number
        for number, (_, one, _, two) in zip(
            range(span.first + 1, span.last), _tracks(greys, span), strict=True
        )
        if float((np.maximum(one, two) < _SURE).mean()) > _NEW
    )
    return Span(span.first, span.last, fresh)


def between(
    frames: Sequence[Frame], span: Span, painted: Callable[[int], Frame]
) -> Iterator[Frame]:
    """The painted frames from a key up to the next one, without it.

    Args:
        frames: All frames of the clip.
        span: The keys.
        painted: Gives the painting of a key, or of a frame in `span.fresh`.
    """
    yield painted(span.first)
    if span.last <= span.first + 1:
        return
    numbers = range(span.first, span.last + 1)
    greys = {number: grey(frames[number % len(frames)]) for number in numbers}
    shown = [greys[number] for number in numbers]
    local = Span(0, len(shown) - 1)
    one, two = painted(span.first), painted(span.last % len(frames))
    tracker, before = Tracker(), one
    for number, tracks in zip(numbers[1:-1], _tracks(shown, local), strict=True):
        share = (number - span.first) / (span.last - span.first)
        fresh = painted(number) if number in span.fresh else None
        step = tracker.flow(greys[number], greys[number - 1])
        sure = trust(greys[number], greys[number - 1], step)
        before = _mixed(one, two, fresh, (before, step, sure), tracks, share)
        yield before


def _mixed(
    one: Frame,
    two: Frame,
    fresh: Frame | None,
    last: tuple[Frame, Flow, Trust],
    tracks: tuple[Flow, Trust, Flow, Trust],
    share: float,
) -> Frame:
    height, width = one.shape[:2]
    flow_one, trust_one, flow_two, trust_two = tracks
    layers = [shifted_to(one, flow_one), shifted_to(two, flow_two)]
    weights = [(1 - share) * trust_one + _FLOOR, share * trust_two + _FLOOR]
    if fresh is not None:
        before, step, sure = last
        unseen = np.clip(1 - 2 * np.maximum(trust_one, trust_two), 0, 1)
        weights = [weight * (1 - unseen) for weight in weights]
        layers += [shifted_to(before, step), fresh.astype(np.float32)]
        weights += [unseen * sure, unseen * (1 - sure) + _FLOOR**2]
    total = sum(weights)
    full = [cv2.resize(w / total, (width, height), interpolation=cv2.INTER_LINEAR) for w in weights]
    return _blend(layers, full)


def shifted_to(painting: Frame, flow: Flow) -> NDArray[np.float32]:
    """A painting moved by a flow of fewer pixels."""
    height, width = painting.shape[:2]
    scale = np.array([width / flow.shape[1], height / flow.shape[0]], np.float32)
    full = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR) * scale
    return shifted(painting.astype(np.float32), full, cubic=True)


def _blend(layers: Sequence[NDArray[np.float32]], weights: Sequence[NDArray[np.float32]]) -> Frame:
    """Mix layers; where strokes differ, their contrast is kept (Heitz 2018, doi:10.1145/3233304)."""
    mixed = sum(layer * weight[..., None] for layer, weight in zip(layers, weights, strict=True))
    ground = cv2.blur(mixed, (9, 9))
    detail = mixed - ground
    energy = cv2.blur((detail**2).sum(2), (9, 9))
    wanted = sum(
        weight * cv2.blur(((layer - cv2.blur(layer, (9, 9))) ** 2).sum(2), (9, 9))
        for layer, weight in zip(layers, weights, strict=True)
    )
    gain = np.sqrt(wanted / np.maximum(energy, 1.0)).clip(1.0, _GAIN_MAX)
    return np.asarray((ground + detail * gain[..., None]).clip(0, 255).round().astype(np.uint8))
