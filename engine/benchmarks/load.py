"""Closed-loop load on an engine host: the cost of HTTP, queue and codec workers.

In each round the bare stylizer paints some photos, decoded and encoded as in a script; then a
number of callers send the same photos to a host on loopback; last, many callers send bodies to a
host whose engine returns them unpainted, which measures HTTP and the queue alone. Each runs in its
own process and only one works at a time; medians over the rounds are compared.

With perceptual weights each round that counts sends the photos a second time, while the host
refines a style.
"""

import asyncio
import io
import json
import multiprocessing
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

import aiohttp
import numpy as np
import torch
from PIL import Image
from typing_extensions import override
from yarl import URL

from engine.api.client import EngineClient
from engine.api.contract import (
    METRICS_PATH,
    REFINE_SECONDS_MAX,
    RENDER_PATH,
    Painted,
    RenderRequest,
    Report,
    Step,
)
from engine.api.embedded import EmbeddedEngine
from engine.api.errors import EngineUnavailableError
from engine.api.settings import EngineSettings, read_settings
from engine.effects.effect import DeviceEffect, Effect, Params, Sample
from engine.media.full_size import Pixels
from engine.media.images import decode, encode
from engine.painting.stylizer import Stylizer
from engine.serving.host import run
from engine.serving.pipeline import Call, Pipeline, Work
from engine.serving.service import Engine

_NOOP_CALLERS: Final = 32
_NOOP_REQUESTS: Final = 3000
_NOOP_BODY_BYTES: Final = 300_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        what: "bare" for the stylizer alone, "http" for the host, "refining" for the host while it
            refines a style, "no-op" for one that paints nothing.
        callers: Concurrent requests.
        photos_per_s: Median throughput over the rounds.
        p50_ms: Median latency, over all rounds.
        p99_ms: 99th percentile of the latency.
        batch: Mean number of pictures per batch.
        ratio: Throughput divided by the bare stylizer's; meaningless for "no-op".
    """

    what: str
    callers: int
    photos_per_s: float
    p50_ms: float
    p99_ms: float
    batch: float
    ratio: float | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON, rounded to the measurement's precision."""
        return {k: round(v, 3) if isinstance(v, float) else v for k, v in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Load:
    """Parameters of the load.

    Attributes:
        callers: Concurrent requests.
        photos: Photos per round.
        side_px: Side of the square photos.
        rounds: Rounds that are counted, after one that is not.
        threads: CPU threads for painting, the same for each.
        perceptual_weights: VGG16, to refine a style at the same time; None to skip that.
    """

    callers: int
    photos: int
    side_px: int
    rounds: int
    threads: int
    perceptual_weights: Path | None = None


def measure(load: Load) -> list[Row]:
    """Run the load."""
    return asyncio.run(_measure(load))


async def _measure(load: Load) -> list[Row]:
    loop = asyncio.get_running_loop()
    weights, photos = load.perceptual_weights, load.photos
    host = EmbeddedEngine(
        {
            "ENGINE_THREADS": str(load.threads),
            "ENGINE_CACHE_MB": "0",
            "ENGINE_PERCEPTUAL_WEIGHTS": str(weights or ""),
        }
    )
    await host.start()
    client = host.client()
    runs: dict[str, list[_Run]] = {"bare": [], "http": [], "refining": [], "no-op": []}
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, context, initializer=_load, initargs=(load.threads,)) as pool,
        _noop_host() as noop_url,
    ):
        style = (await client.styles())[0]
        for number in range(load.rounds + 1):
            bodies = [_photo(number * photos + index, load.side_px) for index in range(photos)]
            requests = [RenderRequest(body, (_paint(style.slug),)) for body in bodies]
            bare = await _timed(loop.run_in_executor(pool, _paint_all, bodies, style.slug))
            before = await _batches(host.url, host.token)
            http = await _timed(_send_all(client, requests, load.callers))
            http.batch = _fill(before, await _batches(host.url, host.token))
            if weights and number:
                async with _refining(client, bodies[0]):
                    refining = await _timed(_send_all(client, requests, load.callers))
                runs["refining"].append(refining)
            before = await _batches(noop_url)
            noop = await _timed(_echo_all(noop_url, style.slug))
            noop.batch = _fill(before, await _batches(noop_url))
            if number:
                for what, run in (("bare", bare), ("http", http), ("no-op", noop)):
                    runs[what].append(run)
    await client.close()
    await host.stop()
    callers = {"bare": 1, "no-op": _NOOP_CALLERS}
    rows = [
        _row(what, callers.get(what, load.callers), some) for what, some in runs.items() if some
    ]
    bare_speed = rows[0].photos_per_s
    return [
        replace(row, ratio=None if row.what == "no-op" else row.photos_per_s / bare_speed)
        for row in rows
    ]


@dataclass(slots=True)
class _Run:
    """One process's part of a round."""

    took_ms: list[float]
    seconds: float
    batch: float = 1.0


async def _timed(work: Awaitable[list[float]]) -> _Run:
    started = time.perf_counter()
    took_ms = await work
    return _Run(took_ms, time.perf_counter() - started)


def _row(what: str, callers: int, runs: Sequence[_Run]) -> Row:
    every = [ms for run in runs for ms in run.took_ms]
    p50, p99 = np.percentile(every, (50, 99))
    speed = statistics.median(len(run.took_ms) / run.seconds for run in runs)
    batch = statistics.fmean(run.batch for run in runs)
    return Row(what, callers, speed, float(p50), float(p99), batch, None)


async def _batches(url: str, token: str = "") -> tuple[float, float]:
    """The numbers of batches and of pictures in them so far, from the host's metrics."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{url}{METRICS_PATH}") as answer,
    ):
        lines = (await answer.text()).splitlines()
    found = dict(line.split() for line in lines if line.startswith("stylebot_engine_batch"))
    return (
        float(found["stylebot_engine_batches_total"]),
        float(found["stylebot_engine_batch_items_total"]),
    )


def _fill(before: tuple[float, float], after: tuple[float, float]) -> float:
    return (after[1] - before[1]) / max(1.0, after[0] - before[0])


async def _send_all(
    client: EngineClient, requests: Sequence[RenderRequest], callers: int
) -> list[float]:
    """Each caller sends the next request once it has an answer; returns milliseconds of each."""
    waiting = iter(requests)
    took_ms: list[float] = []

    async def call(user: str) -> None:
        for request in waiting:
            started = time.perf_counter()
            await client.render(replace(request, user=user, timeout_s=300.0))
            took_ms.append((time.perf_counter() - started) * 1000)

    await asyncio.gather(*(call(f"caller {number}") for number in range(callers)))
    return took_ms


@asynccontextmanager
async def _refining(client: EngineClient, reference: bytes) -> AsyncIterator[None]:
    """In this block the host refines a style; entered once that has started."""
    searching = asyncio.Event()
    code = await client.extract_style([reference])
    task = asyncio.create_task(
        client.refine(
            [reference],
            code,
            seconds=REFINE_SECONDS_MAX,
            report=lambda passed: searching.set() if passed else None,
        )
    )
    await searching.wait()
    try:
        yield
        if task.done():
            raise EngineUnavailableError("The refinement did not last as long as the photos.")
    finally:
        task.cancel()
        await asyncio.wait([task])


def _photo(seed: int, side_px: int) -> bytes:
    """A JPEG of soft noise of a photo's typical size, different for each seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (side_px // 8, side_px // 8, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((side_px, side_px), Image.Resampling.BICUBIC)
    body = io.BytesIO()
    image.save(body, "JPEG", quality=92)
    return body.getvalue()


# The stylizer of the bare process; set when it starts.
_stylizer: Stylizer


def _load(threads: int) -> None:
    global _stylizer  # how a pool's initializer hands over what it built
    torch.set_num_threads(threads)
    _stylizer = Stylizer.load()


def _paint_all(bodies: Sequence[bytes], slug: str) -> list[float]:
    """Decode, paint and encode one after the other; returns the milliseconds of each."""
    code = _stylizer.style_code(slug)
    took_ms = []
    for body in bodies:
        started = time.perf_counter()
        encode(_stylizer.repaint(decode(body), code), format="jpeg")
        took_ms.append((time.perf_counter() - started) * 1000)
    return took_ms


def _paint(slug: str, strength: float = 1.0) -> Step:
    return Step("paint", {"styles": [{"slug": slug}], "strength": strength})


class _NoopPipeline(Pipeline):
    """Returns every body through the queue; with batches as large as a GPU's."""

    @override
    async def render(
        self, call: Call, steps: Sequence[tuple[Effect, Params]], report: Report
    ) -> Painted:
        ((effect, params),) = steps
        sample = Sample(np.zeros((1, 1, 3), dtype=np.uint8), None, params)
        item = Work(cast("DeviceEffect", effect), sample, call.turn.priority)
        call.before_device = False
        # Cost as for a photo, so that predicted waits are computed.
        await self._batcher.submit(item, key=0, cost_px=self._sides.fast**2, user=call.turn.user)
        return Painted(call.request.image, "image/jpeg")

    @override
    def _run(self, batch: Sequence[Work]) -> list[Pixels]:
        return [work.sample.pixels for work in batch]


class _Noop(Engine):
    pipeline_class = _NoopPipeline


async def _make_noop(settings: EngineSettings) -> Engine:
    return _Noop(Stylizer.load(device="cpu"), cache_bytes=1024**2 * settings.cache_mb)


def _serve_noop(ready: Connection) -> None:
    run(read_settings(port=0, cache_mb=0), lambda line: ready.send(line.split()[-1]), _make_noop)


@contextmanager
def _noop_host() -> Iterator[str]:
    """A host on loopback that paints nothing; yields its address."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve_noop, args=(theirs,))
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


async def _echo_all(url: str, slug: str) -> list[float]:
    """A closed loop of minimal callers, since they share the host's cores."""
    target = URL(url)
    body = bytes(_NOOP_BODY_BYTES)
    numbers = iter(range(_NOOP_REQUESTS))
    took_ms: list[float] = []

    async def call(user: int) -> None:
        reader, writer = await asyncio.open_connection(target.host, target.port, limit=2**20)
        for number in numbers:
            started = time.perf_counter()
            # Another strength each time, so that equal requests are not answered from one result.
            steps = json.dumps([_paint(slug, number / _NOOP_REQUESTS).as_json()])
            query = f"steps={quote(steps)}&user={user}"
            head = f"POST {RENDER_PATH}?{query} HTTP/1.1\r\nHost: engine\r\n"
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode())
            writer.write(body)
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 200 "):
                raise EngineUnavailableError("The engine did not give a body back.")
            await reader.readexactly(len(body))
            took_ms.append((time.perf_counter() - started) * 1000)
        writer.close()

    await asyncio.gather(*(call(user) for user in range(_NOOP_CALLERS)))
    return took_ms
