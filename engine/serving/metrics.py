"""The figures of `/metrics`, in Prometheus's format: counts, times, status; no users."""

import time
from collections.abc import Iterator
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from typing_extensions import override

from engine.serving.service import Engine

_BUCKETS_S: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


class _Batches(Collector):
    """The batcher's counts of batches and items."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @override
    def collect(self) -> Iterator[Metric]:
        batches, items = self._engine.batches_now()
        yield CounterMetricFamily("stylebot_engine_batches", "Batches run.", batches)
        yield CounterMetricFamily("stylebot_engine_batch_items", "Pictures in them.", items)


class Metrics:
    """The figures of one application."""

    def __init__(self, engine: Engine) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "stylebot_engine_requests", "Requests.", ("route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "stylebot_engine_request_seconds",
            "From the first byte in to the last byte out.",
            ("route",),
            buckets=_BUCKETS_S,
            registry=registry,
        )
        waiting = Gauge("stylebot_engine_waiting", "Pictures waiting.", registry=registry)
        waiting.set_function(lambda: engine.queue_now().waiting)
        wait_s = Gauge("stylebot_engine_wait_seconds", "Predicted wait.", registry=registry)
        wait_s.set_function(lambda: engine.queue_now().wait_s)
        registry.register(_Batches(engine))

    @property
    def count(self) -> Middleware:
        """Middleware that counts and times every request; must be the outermost."""

        @web.middleware
        async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
            resource = request.match_info.route.resource
            # The route's pattern: one label per requested path would fill the memory.
            route = resource.canonical if resource else "unknown"
            started = time.monotonic()
            status = "gone"
            try:
                response = await handler(request)
                status = str(response.status)
            finally:
                self._requests.labels(route, status).inc()
                self._seconds.labels(route).observe(time.monotonic() - started)
            return response

        return measured

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The figures as text."""
        body = generate_latest(self._registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
