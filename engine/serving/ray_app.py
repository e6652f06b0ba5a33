"""The engine on a Ray Serve cluster.

`RAY_SERVE_ENABLE_HA_PROXY=1 serve run engine.serving.ray_app:app`

A replica is the engine host behind ASGI, with its own queue; Ray adds replicas and machines. What a
dying replica has in work is lost to Ray Serve, and sent again by `EngineClient`.
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from ray import serve
from ray.serve import Application

from engine.api.settings import read_settings
from engine.serving.asgi import HostBehindAsgi

# The replica's own queue says when it is full, in a sentence; Ray's bound is only for disaster.
_ONGOING_REQUESTS: Final = 4096
_HEALTH_PERIOD_S: Final = 2.0
# Longer than the longest time a caller may give.
_DRAIN_S: Final = 620.0


def _build() -> HostBehindAsgi:
    """Called in each replica, which reads its own machine's settings."""
    return HostBehindAsgi(read_settings())


# One engine on one device.
replica = serve.deployment(serve.ingress(_build)()).options(
    name="engine",
    max_ongoing_requests=_ONGOING_REQUESTS,
    health_check_period_s=_HEALTH_PERIOD_S,
    graceful_shutdown_timeout_s=_DRAIN_S,
)


class Scale(BaseModel):
    """How many replicas, and what each has: `serve run ... replicas=2 gpus=1`.

    Attributes:
        replicas: How many.
        cpus: Cores Ray reserves for each.
        gpus: GPUs it reserves for each; one that has none paints on its cores.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    replicas: int = Field(1, ge=1)
    cpus: float = Field(1.0, ge=0)
    gpus: float = Field(0.0, ge=0)


def app(scale: Scale) -> Application:
    """What `serve run` and a Serve config start."""
    needs = {"num_cpus": scale.cpus, "num_gpus": scale.gpus}
    return replica.options(num_replicas=scale.replicas, ray_actor_options=needs).bind()
