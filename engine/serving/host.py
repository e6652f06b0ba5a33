"""The engine as a process: start, serve, drain on SIGTERM."""

import asyncio
import json
import logging
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import torch
from aiohttp import web
from pythonjsonlogger.json import JsonFormatter
from typing_extensions import override

from engine.api.listening import make_runner
from engine.api.settings import EngineSettings
from engine.media.clips import stages
from engine.media.clips.clip import ClipLimits
from engine.media.images import ImageLimits
from engine.painting.manifest import SHIPPED_CHECKPOINT
from engine.painting.perceptual import load_vgg16
from engine.painting.stylizer import Stylizer
from engine.serving.batcher import BatchLimits
from engine.serving.clips import ClipOptions
from engine.serving.refine_worker import RefineWorker
from engine.serving.server import build_app
from engine.serving.service import Engine
from engine.serving.slow_worker import SlowOptions, SlowWorker

logger = logging.getLogger(__name__)


def run(
    settings: EngineSettings,
    announce: Callable[[str], None] = print,
    make: Callable[[EngineSettings], Awaitable[Engine]] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish running requests and return.

    Args:
        settings: The engine's settings.
        announce: Called with the one line that says the engine is ready.
        make: Makes the engine; None for `open_engine`.

    Raises:
        CheckpointError: the checkpoint cannot be loaded.
        PerceptualWeightsError: the perceptual weights are not VGG16's.
        OSError: cannot listen on the address.
    """
    _log_as_json(settings.log_level, settings.token.get_secret_value())
    asyncio.run(_serve(settings, announce, make or open_engine))


async def open_engine(settings: EngineSettings) -> Engine:
    """Load an engine according to the settings; it belongs to the running event loop.

    Raises:
        CheckpointError: the checkpoint cannot be loaded.
        PerceptualWeightsError: the weights to refine with are none.
    """
    if settings.threads:
        torch.set_num_threads(settings.threads)
    folder = settings.checkpoint or SHIPPED_CHECKPOINT
    stylizer = await asyncio.to_thread(Stylizer.load, folder, settings.device)
    on_cpu = stylizer.device.type == "cpu"
    limits = BatchLimits(
        batch_items=1 if on_cpu else settings.batch_items,
        workers=torch.get_num_threads() if on_cpu else 1,
        queued_items=settings.queue_items,
        queued_items_per_user=settings.queue_items_per_user,
        window_s=0.0 if on_cpu else 0.004,
    )
    weights = settings.perceptual_weights
    return Engine(
        stylizer,
        limits,
        codec_workers=settings.codec_workers,
        cache_bytes=settings.cache_mb * 1024**2,
        checkpoint=folder,
        image_limits=ImageLimits(max_pixels=settings.max_megapixels * 1_000_000),
        refine_worker=await asyncio.to_thread(_open_refine_worker, weights, folder),
        slow_worker=_open_slow_worker(settings, folder),
        clips=_clip_options(settings),
    )


def _clip_options(settings: EngineSettings) -> ClipOptions | None:
    """How clips are rendered; None if they are switched off or the extra is missing.

    Raises:
        UnsupportedClipError: there is no such encoder.
    """
    if not (settings.clips and stages.can_render_clips()):
        return None
    limits = ClipLimits(settings.clip_seconds, settings.clip_fps, settings.clip_side_px)
    stages.check_encoder(settings.video_encoder)
    return ClipOptions(limits, settings.video_encoder)


def _open_slow_worker(settings: EngineSettings, checkpoint: Path) -> SlowWorker | None:
    if not settings.masterwork:
        return None
    return SlowWorker(
        SlowOptions(
            checkpoint=checkpoint,
            device=settings.device,
            weights=settings.perceptual_weights,
            side_px=settings.masterwork_side_px,
            effort=settings.masterwork_effort,
        )
    )


def _open_refine_worker(weights: Path | None, checkpoint: Path) -> RefineWorker:
    """The worker that refines styles, with its weights checked.

    Raises:
        PerceptualWeightsError: the weights are not VGG16's.
    """
    load_vgg16(weights)
    return RefineWorker(weights, checkpoint)


async def _serve(
    settings: EngineSettings,
    announce: Callable[[str], None],
    make: Callable[[EngineSettings], Awaitable[Engine]],
) -> None:
    engine = await make(settings)
    token = settings.token.get_secret_value()
    app = build_app(engine, token=token, body_timeout_s=settings.body_timeout_s)
    # Cancels the handler of a caller who disconnects, which leaves the queue.
    runner = make_runner(app, handler_cancellation=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        host, port = runner.addresses[0][:2]
        logger.info("listening", extra={"device": engine.stylizer.device.type, "port": port})
        announce(f"ready: engine http://{f'[{host}]' if ':' in host else host}:{port}")
        await _signalled()
        logger.info("draining", extra={"inside": engine.queue_now().waiting})
        # Connections stay open meanwhile: running requests are answered, new ones refused.
        await engine.close()
    finally:
        await runner.cleanup()
    logger.info("stopped")


async def _signalled() -> None:
    """Wait for SIGTERM or SIGINT. Afterwards a second Ctrl-C ends the process at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    loop.remove_signal_handler(signal.SIGINT)


class _Discreet(JsonFormatter):
    """Removes the token from all lines, including those of libraries."""

    def __init__(self, token: str) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
        )
        # As it is, and as it is written within JSON.
        self._secrets = {token, json.dumps(token)[1:-1]} - {""}

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


def _log_as_json(level: str, token: str) -> None:
    """Log one JSON object per line on stderr, with the field names of the bots' log."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Discreet(token))
    least = logging.getLevelNamesMapping()[level.upper()]
    # Libraries stay at info or above.
    logging.basicConfig(level=max(least, logging.INFO), handlers=[handler])
    logging.getLogger("engine").setLevel(least)
    logging.captureWarnings(capture=True)
