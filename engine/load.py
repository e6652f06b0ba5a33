"""Closed-loop load on an engine host: what HTTP, queue and codec workers cost over the bare engine.

Each round takes the bare stylizer through some photos, decoded and encoded as a script would do it,
and then as many callers as asked send the same photos to a host on loopback. Both live in processes
of their own and only one works at a time; medians over the rounds are compared.
"""

import asyncio
import io
import multiprocessing
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from PIL import Image

from engine.client import EngineClient
from engine.contract import StylizeOptions, StylizeRequest
from engine.embedded import EmbeddedEngine
from engine.images import decode, encode
from engine.stylizer import Stylizer


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        what: "bare" for the stylizer alone, "http" for the host.
        callers: Requests under way at once.
        photos_per_s: Median throughput over the rounds.
        p50_ms: Median time a caller waits, over all rounds.
        p99_ms: The slowest hundredth.
        ratio: Throughput over the bare stylizer's.
    """

    what: str
    callers: int
    photos_per_s: float
    p50_ms: float
    p99_ms: float
    ratio: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON, rounded to what the measurement can say."""
        return {k: round(v, 3) if isinstance(v, float) else v for k, v in asdict(self).items()}


def measure(callers: int, photos: int, side_px: int, rounds: int, threads: int) -> list[Row]:
    """Run the load.

    Args:
        callers: Requests under way at once.
        photos: Photos a round.
        side_px: Side of the square photos.
        rounds: Rounds that count, after one that does not.
        threads: CPU threads for painting, the same for both.
    """
    return asyncio.run(_measure(callers, photos, side_px, rounds, threads))


async def _measure(callers: int, photos: int, side_px: int, rounds: int, threads: int) -> list[Row]:
    loop = asyncio.get_running_loop()
    host = EmbeddedEngine({"ENGINE_THREADS": str(threads), "ENGINE_CACHE_MB": "0"})
    await host.start()
    client = host.client()
    bare: list[list[float]] = []
    http: list[list[float]] = []
    spans: dict[str, list[float]] = {"bare": [], "http": []}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context, initializer=_load, initargs=(threads,)) as pool:
        slug = (await client.styles())[0]
        for number in range(rounds + 1):
            bodies = [_photo(number * photos + index, side_px) for index in range(photos)]
            started = time.perf_counter()
            bare_ms = await loop.run_in_executor(pool, _paint_all, bodies, slug.slug)
            between = time.perf_counter()
            requests = [StylizeRequest(body, StylizeOptions(slug.code)) for body in bodies]
            http_ms = await _send_all(client, requests, callers)
            if number:
                spans["bare"].append(between - started)
                spans["http"].append(time.perf_counter() - between)
                bare.append(bare_ms)
                http.append(http_ms)
    await client.close()
    await host.stop()
    speeds = {what: photos / statistics.median(seconds) for what, seconds in spans.items()}
    return [
        _row(what, many, ms, speeds[what], speeds[what] / speeds["bare"])
        for what, many, ms in (("bare", 1, bare), ("http", callers, http))
    ]


def _row(what: str, callers: int, ms: Sequence[Sequence[float]], speed: float, ratio: float) -> Row:
    every = [each for one in ms for each in one]
    p50, p99 = np.percentile(every, (50, 99))
    return Row(what, callers, speed, float(p50), float(p99), ratio)


async def _send_all(
    client: EngineClient, requests: Sequence[StylizeRequest], callers: int
) -> list[float]:
    """Each caller sends the next request as soon as he has his answer; milliseconds of each."""
    waiting = iter(requests)
    took_ms: list[float] = []

    async def call(user: str) -> None:
        for request in waiting:
            started = time.perf_counter()
            await client.stylize(replace(request, user=user, timeout_s=300.0))
            took_ms.append((time.perf_counter() - started) * 1000)

    await asyncio.gather(*(call(f"caller {number}") for number in range(callers)))
    return took_ms


def _photo(seed: int, side_px: int) -> bytes:
    """A JPEG of soft noise, another for each seed, of a usual photo's size."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (side_px // 8, side_px // 8, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((side_px, side_px), Image.Resampling.BICUBIC)
    body = io.BytesIO()
    image.save(body, "JPEG", quality=92)
    return body.getvalue()


# The stylizer of the bare process; set once, when it starts.
_stylizer: Stylizer


def _load(threads: int) -> None:
    global _stylizer  # how a pool's initializer hands over what it built
    torch.set_num_threads(threads)
    _stylizer = Stylizer.load()


def _paint_all(bodies: Sequence[bytes], slug: str) -> list[float]:
    """Decode, paint and encode one after the other; milliseconds of each."""
    code = _stylizer.style_code(slug)
    took_ms = []
    for body in bodies:
        started = time.perf_counter()
        encode(_stylizer.repaint(decode(body), code), format="jpeg")
        took_ms.append((time.perf_counter() - started) * 1000)
    return took_ms
