"""Metrics and health of the bot process over HTTP: `/metrics`, `/healthz`, `/readyz`.

Numbers, durations and outcomes, nothing about users. The store's figures and the engine's health
are looked up on each request, so several bot processes on one store report the same.
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final, get_args

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector

from bots.core.common import telemetry
from bots.core.common.services import Services
from bots.core.errors import OperatorError
from bots.core.policy import control
from engine.api.errors import EngineError
from engine.api.listening import hang_up_unread, make_runner, refuse_encoded
from storage.values.jobs import JobState

_PREFIX: Final = "stylebot_bots"
_WAIT_BUCKETS_S: Final = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600)
_RUN_BUCKETS_S: Final = (0.1, 0.3, 1, 3, 10, 30, 100)
# Prometheus stops waiting after ten seconds.
_LOOK_TIMEOUT_S: Final = 4.0


class Figures:
    """Counts the core's events (it is a `telemetry.Meter`), for Prometheus."""

    def __init__(self, workers: int) -> None:
        """Start at zero.

        Args:
            workers: Number of workers.
        """
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)

        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"{_PREFIX}_{name}", about, ("platform", *labels), registry=registry)

        def histogram(name: str, about: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(
                f"{_PREFIX}_{name}", about, ("platform",), buckets=buckets, registry=registry
            )

        self._updates = counter("updates", "Messages, presses and commands received.")
        self._throttled = counter("throttled", "Answers 429 of the platform.")
        self._deliveries = counter("deliveries", "Requests whose pictures were handed over.")
        self._failures = counter(
            "delivery_failures", "Requests nothing, or nothing certain, came of, by reason.", "code"
        )
        self._postponed = counter("postponed", "Times a request was put back into the queue.")
        self._wait_s = histogram(
            "wait_seconds", "From a request to the work that led to its delivery.", _WAIT_BUCKETS_S
        )
        self._run_s = histogram("run_seconds", "The work that led to a delivery.", _RUN_BUCKETS_S)
        self._busy = Gauge(f"{_PREFIX}_workers_busy", "Workers with a job.", registry=registry)
        Gauge(f"{_PREFIX}_workers", "Workers.", registry=registry).set(workers)

    def received(self, platform: str) -> None:
        """Count a user's message or action."""
        self._updates.labels(platform).inc()

    def throttled(self, platform: str) -> None:
        """Count an answer of 429 by the platform."""
        self._throttled.labels(platform).inc()

    def began(self, platform: str) -> None:
        """Count a job that a worker has started."""
        self._busy.inc()

    def ended(self, platform: str, outcome: str, waited_s: float, took_s: float) -> None:
        """Count a job that a worker has ended."""
        self._busy.dec()
        if outcome == telemetry.DELIVERED:
            self._deliveries.labels(platform).inc()
            self._wait_s.labels(platform).observe(waited_s)
            self._run_s.labels(platform).observe(took_s)
        elif outcome == telemetry.POSTPONED:
            self._postponed.labels(platform).inc()
        elif outcome not in (telemetry.LOST, telemetry.TOLD):
            self._failures.labels(platform, outcome).inc()


class _Sights:
    """Figures that are looked up on request."""

    def __init__(self, services: Services, registry: CollectorRegistry) -> None:
        self._services = services

        def gauge(name: str, about: str, *labels: str) -> Gauge:
            return Gauge(f"{_PREFIX}_{name}", about, labels, registry=registry)

        self._jobs = gauge("jobs", "Requests in the store.", "state")
        self._oldest_s = gauge("oldest_waiting_seconds", "Age of the longest in the queue.")
        self._styles = gauge("styles_enabled", "Styles everyone can choose.")
        self._paused = gauge("paused", "Whether admins have paused or are draining the queue.")
        self._database = gauge("database_up", "Whether the store answers.")
        self._engine = gauge("engine_up", "Whether an engine answers.")

    async def renew(self) -> None:
        """Query the store and the engine, for a few seconds at most."""
        at_store, at_engine = await asyncio.gather(self.database_up(), self.engine_up())
        self._database.set(at_store)
        self._engine.set(at_engine)

    async def database_up(self) -> bool:
        """Whether the store answers; its figures are updated, or removed if it does not."""
        try:
            async with asyncio.timeout(_LOOK_TIMEOUT_S):
                await self._look_at_store()
        except Exception:  # noqa: BLE001 - whatever it is, the store is not there
            # Old figures would look like a queue that does not move.
            self._jobs.clear()
            self._oldest_s.set(math.nan)
            return False
        return True

    async def _look_at_store(self) -> None:
        async with self._services.database.reading() as transaction:
            counts = await transaction.jobs.count_by_state()
            oldest = await transaction.jobs.oldest_waiting()
            styles = await transaction.styles.all()
            held = await control.read(transaction)
        for state in get_args(JobState):
            self._jobs.labels(state).set(counts.get(state, 0))
        age_s = (self._services.now() - oldest).total_seconds() if oldest else 0.0
        self._oldest_s.set(max(0.0, age_s))
        self._styles.set(sum(style.offered for style in styles))
        self._paused.set(held.mode != "open")

    async def engine_up(self) -> bool:
        """Whether an engine answers."""
        try:
            async with asyncio.timeout(_LOOK_TIMEOUT_S):
                await self._services.engine.queue()
        except (EngineError, TimeoutError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Life:
    """State of the process.

    Attributes:
        ready: Set once all platforms have accepted the bot.
        stopping: Set once it accepts nothing new.
    """

    ready: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


class _Routes:
    """The handlers, one method per route."""

    def __init__(self, services: Services, figures: Figures, life: Life) -> None:
        self._registry = figures.registry
        self._sights = _Sights(services, figures.registry)
        self._life = life

    async def metrics(self, request: web.Request) -> web.Response:
        await self._sights.renew()
        body = generate_latest(self._registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def ready(self, request: web.Request) -> web.Response:
        """Whether users are served. They are without an engine, too: their jobs stay queued."""
        if self._life.stopping.is_set():
            status = "draining"
        elif not self._life.ready.is_set():
            status = "starting"
        elif not await self._sights.database_up():
            status = "database unavailable"
        else:
            return web.json_response({"status": "ready"})
        return web.json_response({"status": status}, status=503)


@contextlib.asynccontextmanager
async def serve_metrics(
    services: Services, figures: Figures, life: Life, host: str, port: int
) -> AsyncIterator[str]:
    """Serve at an address while the block runs; yields the URL of `/metrics`.

    Raises:
        OperatorError: the address cannot be listened on.
    """
    routes = _Routes(services, figures, life)
    app = web.Application(middlewares=[hang_up_unread, refuse_encoded])
    app.add_routes(
        [
            web.get("/metrics", routes.metrics),
            web.get("/healthz", routes.health),
            web.get("/readyz", routes.ready),
        ]
    )
    runner = make_runner(app, shutdown_timeout=1.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            reason = error.strerror or error
            raise OperatorError(
                f"BOT_METRICS_PORT: {host}:{port} cannot be listened at: {reason}."
            ) from error
        bound_host, bound_port = runner.addresses[0][:2]
        shown = f"[{bound_host}]" if ":" in bound_host else bound_host
        yield f"http://{shown}:{bound_port}/metrics"
    finally:
        await runner.cleanup()
