"""Dashboard and alerts name figures that are really exported, and all of ours are shown."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import yaml
from aiohttp.test_utils import make_mocked_request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bots.core.common import telemetry
from bots.core.common.services import Services
from bots.process.metrics import Figures, _Sights
from engine.serving.metrics import Metrics
from engine.serving.service import Engine

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
# Prometheus's own words for what it asks.
PROMETHEUS = {"up", "job", "instance"}


def exported() -> dict[str, set[str]]:
    """Names of samples, and the labels each has, of both processes."""
    figures = Figures(workers=1)
    _Sights(cast(Services, None), figures.registry)
    figures.received("test")
    figures.throttled("test")
    for outcome in (telemetry.DELIVERED, telemetry.POSTPONED, "gave_up"):
        figures.began("test")
        figures.ended("test", outcome, 1.0, 1.0)
    samples: dict[str, set[str]] = {"stylebot_bots_jobs": {"state"}}
    for text in (_text(figures.registry), _engine_text()):
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                samples.setdefault(sample.name, set()).update(sample.labels)
    return samples


def _text(registry: CollectorRegistry) -> str:
    return generate_latest(registry).decode()


def _engine_text() -> str:
    quiet = SimpleNamespace(
        queue_now=lambda: SimpleNamespace(waiting=0, wait_s=0.0), batches_now=lambda: (1, 1)
    )
    metrics = Metrics(cast(Engine, quiet))

    async def ask() -> str:
        request = make_mocked_request("GET", "/metrics")
        await metrics.count(request, metrics.show)
        answer = await metrics.show(request)
        return str(cast(Any, answer).body.decode())

    return asyncio.run(ask())


def queries() -> Iterator[str]:
    dashboard = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield target["expr"]
    alerts = yaml.safe_load((DEPLOY / "alerts.yml").read_text(encoding="utf-8"))
    for group in alerts["groups"]:
        for rule in group["rules"]:
            yield rule["expr"]


def test_queries_name_figures_and_labels_that_exist():
    samples = exported()
    for query in queries():
        names = re.findall(r"\b(?:stylebot|process|up)[a-z_]*\b", re.sub(r'"[^"]*"', "", query))
        assert names, query
        for name in names:
            assert name in samples or name in PROMETHEUS, query
        labels = {"le", *PROMETHEUS} | {
            label for name in names for label in samples.get(name, set())
        }
        used = re.findall(r"(\w+)=~?\"", query)
        used += [w for by in re.findall(r"by \(([^)]*)\)", query) for w in by.split(", ")]
        assert set(used) <= labels, query
        assert query.count("(") == query.count(")")


def test_every_figure_of_ours_is_on_the_dashboard():
    text = " ".join(queries())
    for name in exported():
        base = re.sub(r"_(bucket|sum|count|created)$", "", name)
        if name.startswith("stylebot") and not name.endswith("_created"):
            assert base in text, name


def test_panels_do_not_overlap():
    dashboard = json.loads((DEPLOY / "grafana.json").read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + dx, at["y"] + dy) for dx in range(at["w"]) for dy in range(at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_prometheus_asks_where_compose_answers():
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text(encoding="utf-8"))
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    found = {}
    for job in config["scrape_configs"]:
        ((target,),) = [entry["targets"] for entry in job["static_configs"]]
        found[job["job_name"]] = target
    assert found["stylebot-bots"] == f"bots:{services['bots']['environment']['BOT_METRICS_PORT']}"
    assert found["stylebot-engine"] == f"engine:{services['engine']['command'][-1]}"
    text = " ".join(queries())
    for job in re.findall(r'job="([^"]+)"', text):
        assert job in found
