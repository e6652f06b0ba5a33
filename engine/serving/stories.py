"""Makes stories: in codec workers of low priority, a second of film at a time.

So a story delays others by no more than one such piece, and stops within one when it is cancelled.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from engine.api.contract import CLIP_TYPES, Painted, Progress, Report, StoryRequest
from engine.media.clips import stages
from engine.media.images import ImageLimits
from engine.serving.clips import ClipOptions, work_folder
from engine.serving.pipeline import PIXELS_A_BYTE, Pipeline, Turn

Answer = TypeVar("Answer")

# Stories in work at once; each has up to 150 MB in temporary files.
_AT_ONCE: Final = 3
# Share of the work that decoding takes, for the progress.
_LAID_OUT: Final = 0.1


class StoryMaker:
    """Makes stories on one pipeline. Belongs to one event loop."""

    def __init__(self, pipeline: Pipeline, options: ClipOptions, limits: ImageLimits) -> None:
        self._pipeline, self._options, self._limits = pipeline, options, limits
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def make(self, request: StoryRequest, until: float, report: Report) -> Painted:
        """Make a story before a time of the event loop.

        Raises:
            EngineError: a picture or an option cannot be used.
        """
        async with self._slots, work_folder() as folder:
            return await self._make_in(folder, request, until, report)

    async def _make_in(
        self, folder: Path, request: StoryRequest, until: float, report: Report
    ) -> Painted:
        async def coded(cost_px: int, work: Callable[[], Answer]) -> Answer:
            turn = Turn(request.user, "bulk", cost_px, until)
            return await self._pipeline.coded(turn, work)

        report(Progress(0.0))
        count, encoder = len(request.scenes), self._options.encoder
        begin = partial(stages.begin_story, folder, count, request.options, encoder)
        plan = await coded(0, begin)
        for number, scene in enumerate(request.scenes):
            cost_px = PIXELS_A_BYTE * (len(scene.photo) + len(scene.painting))
            lay_out = partial(stages.lay_out, plan, number, scene, self._limits)
            await coded(cost_px, lay_out)
            report(Progress(_LAID_OUT * (number + 1) / count))
        for number in range(plan.pieces):
            await coded(plan.piece_px, partial(stages.make_piece, plan, number))
            report(Progress(_LAID_OUT + (1 - _LAID_OUT) * (number + 1) / plan.pieces))
        body = await coded(plan.piece_px, partial(stages.join_story, plan))
        return Painted(body, CLIP_TYPES["mp4"])
