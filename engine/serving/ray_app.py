"""The engine on a Ray Serve cluster.

`RAY_SERVE_ENABLE_HA_PROXY=1 serve run engine.serving.ray_app:app`

A replica is the engine host behind ASGI, with its own queue; Ray adds replicas and machines. If a
replica dies, its requests fail, and `EngineClient` sends them again.
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from ray import serve
from ray.serve import Application

from engine.api.settings import read_settings
from engine.serving.asgi import HostBehindAsgi

# The replica's own queue refuses with a sentence when it is full; Ray's limit is a last resort.
_ONGOING_REQUESTS: Final = 4096
_HEALTH_PERIOD_S: Final = 2.0
# Longer than the longest `timeout_s`.
_DRAIN_S: Final = 620.0


def _build() -> HostBehindAsgi:
    """Make a replica's host from its own machine's settings; called in each replica."""
    return HostBehindAsgi(read_settings())


# One engine on one device.
replica = serve.deployment(serve.ingress(_build)()).options(
    name="engine",
    max_ongoing_requests=_ONGOING_REQUESTS,
    health_check_period_s=_HEALTH_PERIOD_S,
    graceful_shutdown_timeout_s=_DRAIN_S,
)


class Scale(BaseModel):
    """The number and size of replicas: `serve run ... replicas=2 gpus=1`.

    Attributes:
        replicas: Number of replicas.
        cpus: CPU cores Ray reserves for each.
        gpus: GPUs Ray reserves for each; with 0 a replica paints on the CPU.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    replicas: int = Field(1, ge=1)
    cpus: float = Field(1.0, ge=0)
    gpus: float = Field(0.0, ge=0)


def app(scale: Scale) -> Application:
    """Build the application for `serve run` or a Serve config."""
    needs = {"num_cpus": scale.cpus, "num_gpus": scale.gpus}
    return replica.options(num_replicas=scale.replicas, ray_actor_options=needs).bind()
