"""What only a cluster can show: a replica is killed, and no one loses a picture."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.api.client import EngineClient
from engine.api.contract import RenderRequest, Step
from engine.painting.stylizer import Stylizer

pytestmark = pytest.mark.ray

Photo = Callable[..., bytes]
REQUESTS = 1000
CALLERS = 32


def _replicas() -> set[int]:
    """Process ids of the living replicas in this network namespace, where no one else's are."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            ours = (folder / "ns/net").readlink() == Path("/proc/self/ns/net").readlink()
            if ours and (folder / "cmdline").read_bytes().startswith(b"ray::ServeReplica"):
                found.add(int(folder.name))
    return found


def test_the_manifest_for_kubernetes_fits_the_cluster_and_the_application():
    """Ray's own schema reads it, and it names what there is."""
    from ray.serve.schema import ServeDeploySchema

    from engine.serving.ray_app import replica

    manifest = Path(__file__).parents[3] / "docs" / "kuberay.yaml"
    service = yaml.safe_load(manifest.read_text(encoding="utf-8"))
    config = ServeDeploySchema.model_validate(yaml.safe_load(service["spec"]["serveConfigV2"]))
    (application,) = config.applications
    assert application.import_path == "engine.serving.ray_app:app"
    assert [deployment.name for deployment in application.deployments] == [replica.name]
    groups = service["spec"]["rayClusterConfig"]
    for group in (groups["headGroupSpec"], *groups["workerGroupSpecs"]):
        (container,) = group["template"]["spec"]["containers"]
        variables = {entry["name"] for entry in container["env"]}
        assert {"RAY_SERVE_ENABLE_HA_PROXY", "ENGINE_TOKEN"} <= variables


def test_a_killed_replica_loses_no_picture(
    ray_address: str, loop: Any, token: str, stylizer: Stylizer, photo: Photo
):
    before = _replicas()
    victim = min(before)
    assert len(before) == 2
    body = photo(1)
    answered: list[int] = []

    async def call(client: EngineClient, numbers: Any) -> None:
        for number in numbers:
            # Another strength each time, or the cache would answer.
            params = {"styles": [{"slug": "storm"}], "strength": 1 - number / 10_000}
            user = f"user {number % CALLERS}"
            request = RenderRequest(body, (Step("paint", params),), user=user, timeout_s=60.0)
            painted = await client.render(request)
            assert painted.image.startswith(b"\xff\xd8")
            answered.append(number)
            if len(answered) == REQUESTS // 3:
                os.kill(victim, signal.SIGKILL)

    async def scene() -> None:
        client = EngineClient(ray_address, token)
        numbers = iter(range(REQUESTS))
        await asyncio.gather(*(call(client, numbers) for _ in range(CALLERS)))
        await client.close()

    loop.run(scene(), timeout_s=120)
    assert sorted(answered) == list(range(REQUESTS))
    assert victim not in _replicas()
