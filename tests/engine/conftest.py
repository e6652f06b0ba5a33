"""A tiny checkpoint, for whatever needs one and not the shipped one's beauty."""

import asyncio
import fcntl
import io
import shutil
import socket
import struct
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
import uvicorn
from aiohttp.test_utils import TestServer
from PIL import Image
from safetensors.torch import save_file
from typing_extensions import override

from engine.api.settings import read_settings
from engine.effects.effect import DeviceEffect, Sample
from engine.media.canvas import fit
from engine.media.full_size import mix
from engine.painting.checkpoint import WEIGHTS_FILE, load_checkpoint, save_manifest, save_weights
from engine.painting.manifest import (
    SAMPLE_PHOTO,
    SAMPLE_PHOTOS,
    DataSource,
    GeneratorRecord,
    Manifest,
    Preprocessing,
    StyleRecord,
    TrainingRecord,
    sha256_of,
)
from engine.painting.networks import Generator, GeneratorConfig, StyleEncoder
from engine.painting.stylizer import Stylizer
from engine.serving.asgi import HostBehindAsgi
from engine.serving.refine_worker import RefineWorker
from engine.serving.server import build_app
from engine.serving.service import Engine
from engine.serving.slow_worker import Done, SlowWorker

Answer = TypeVar("Answer")

STYLE_DIM = 8
EXEMPLARS = dict(zip(("calm", "storm"), SAMPLE_PHOTOS[1:], strict=True))


def _style(slug: str) -> StyleRecord:
    return StyleRecord(
        slug=slug,
        titles={"en": slug.title(), "zh": slug},
        artist="Nobody",
        year=1900,
        licence="made up",
        source="made up",
        preview=f"previews/{slug}.jpg",
        preview_sha256="0" * 64,
        exemplar=EXEMPLARS[slug].name,
        exemplar_sha256=sha256_of(EXEMPLARS[slug]),
    )


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a seeded, untrained checkpoint with the styles "calm" and "storm"."""
    folder = tmp_path_factory.mktemp("checkpoint")
    torch.manual_seed(0)
    config = GeneratorConfig(style_dim=STYLE_DIM, widths=(8, 16, 16), blocks=1)
    codes = torch.linspace(-1, 1, 2 * STYLE_DIM).view(2, STYLE_DIM)
    sha256 = save_weights(folder, Generator(config), StyleEncoder(STYLE_DIM), codes)
    manifest = Manifest(
        format=1,
        name="tiny",
        weights=WEIGHTS_FILE,
        weights_sha256=sha256,
        licence="none",
        generator=GeneratorRecord(style_dim=STYLE_DIM, widths=(8, 16, 16), blocks=1),
        preprocessing=Preprocessing(colour="sRGB in [0, 1]", work_side_px=64, reference_side_px=48),
        training=TrainingRecord(
            command="none",
            steps=0,
            commit="none",
            torch="none",
            sources=[DataSource(name="none", pictures=0, licence="none")],
        ),
        styles=[_style("calm"), _style("storm")],
    )
    save_manifest(folder, manifest)
    for path in EXEMPLARS.values():
        shutil.copy(path, folder)
    return folder


class Loop:
    """An event loop on a thread, for whom several tests share one engine."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Answer], timeout_s: float = 240) -> Answer:
        """Run to the end; a scene that hangs is given up. No promise of the engine is that long."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.stop()


@pytest.fixture(scope="session")
def stylizer(tiny_checkpoint: Path) -> Stylizer:
    (tiny_checkpoint / "previews").mkdir(exist_ok=True)
    for slug in ("calm", "storm"):
        (tiny_checkpoint / "previews" / f"{slug}.jpg").write_bytes(SAMPLE_PHOTO.read_bytes())
    return Stylizer(load_checkpoint(tiny_checkpoint), "cpu")


@pytest.fixture(scope="session")
def perceptual_weights(
    tmp_path_factory: pytest.TempPathFactory, vgg_weights: dict[str, torch.Tensor]
) -> Path:
    """A file of noise of VGG16's shapes."""
    path = tmp_path_factory.mktemp("weights") / "vgg16.safetensors"
    save_file({name: value.half() for name, value in vgg_weights.items()}, path)
    return path


class SketchingWorker(SlowWorker):
    """Does in no time what takes long: a photo becomes its negative, scale by scale."""

    @override
    def run(self, effect: DeviceEffect, sample: Sample, **more: Any) -> Done:
        photo, negative = sample.pixels, 255 - sample.pixels
        for share, side_px in ((0.25, 40), (0.5, 56)):
            more["report"](share / 2, None)
            more["report"](share, fit(mix(negative, photo, share), side_px))
        more["report"](1.0, negative)
        return Done(negative, partial=False)


@pytest.fixture(scope="session")
def engine(
    loop: Loop, stylizer: Stylizer, tiny_checkpoint: Path, perceptual_weights: Path
) -> Iterator[Engine]:
    async def build() -> Engine:
        worker = RefineWorker(perceptual_weights, tiny_checkpoint, side_px=64)
        return Engine(
            stylizer,
            checkpoint=tiny_checkpoint,
            refine_worker=worker,
            slow_worker=SketchingWorker(),
        )

    engine = loop.run(build())
    yield engine
    loop.run(engine.close())


@pytest.fixture(scope="session")
def token() -> str:
    return "a secret"


@pytest.fixture(scope="session")
def photo() -> Callable[..., bytes]:
    """Make a picture file, another for each seed."""

    def make(seed: int = 0, width: int = 80, height: int = 60, form: str = "PNG") -> bytes:
        rng = np.random.default_rng(seed)
        coarse = rng.integers(0, 256, (height // 10, width // 10, 3), dtype=np.uint8)
        image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        body = io.BytesIO()
        image.save(body, form)
        return body.getvalue()

    return make


@pytest.fixture(scope="session")
def address(loop: Loop, engine: Engine, token: str) -> Iterator[str]:
    async def serve() -> TestServer:
        server = TestServer(build_app(engine, token=token))
        await server.start_server()
        return server

    server = loop.run(serve())
    yield str(server.make_url("/"))
    loop.run(server.close())


@pytest.fixture(scope="session")
def asgi_address(
    loop: Loop, tiny_checkpoint: Path, token: str, stylizer: Stylizer, perceptual_weights: Path
) -> Iterator[str]:
    """An engine behind ASGI, on a server that is not ours."""
    settings = read_settings(
        checkpoint=tiny_checkpoint, token=token, device="cpu", perceptual_weights=perceptual_weights
    )
    app = HostBehindAsgi(settings)
    config = uvicorn.Config(app, port=0, lifespan="on", log_config=None, loop="asyncio")
    server = uvicorn.Server(config)

    async def start() -> "tuple[asyncio.Task[None], int]":
        serving = asyncio.ensure_future(server.serve())
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        return serving, server.servers[0].sockets[0].getsockname()[1]

    async def stop() -> None:
        server.should_exit = True
        await serving

    with pytest.MonkeyPatch.context() as patch:
        # It comes last when cores are short: at its usual side that is minutes beside other tests.
        small = partial(RefineWorker, side_px=64)
        patch.setattr("engine.serving.host._open_refine_worker", small)
        patch.setattr("engine.serving.host._open_slow_worker", lambda *_: SketchingWorker())
        serving, port = loop.run(start())
    yield f"http://127.0.0.1:{port}/"
    loop.run(stop())


@pytest.fixture(scope="session")
def ray_address(
    tiny_checkpoint: Path, token: str, stylizer: Stylizer, perceptual_weights: Path
) -> Iterator[str]:
    """Two replicas on a Ray cluster of this machine.

    Ray listens at all addresses, so this must run where loopback is all there is.
    """
    _raise_loopback()
    variables = {
        "ENGINE_CHECKPOINT": str(tiny_checkpoint),
        "ENGINE_TOKEN": token,
        "ENGINE_DEVICE": "cpu",
        "ENGINE_THREADS": "1",
        "ENGINE_PERCEPTUAL_WEIGHTS": str(perceptual_weights),
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "0.1",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    with pytest.MonkeyPatch.context() as environment, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in variables.items():
            environment.setenv(name, value)
        import ray
        from ray import serve

        from engine.serving.ray_app import Scale, app

        ray.init(
            num_cpus=2, include_dashboard=False, _node_ip_address="127.0.0.1", log_to_driver=False
        )
        serve.run(app(Scale(replicas=2, cpus=0.1)))
        yield "http://127.0.0.1:8000/"
        serve.shutdown()
        ray.shutdown()


def _raise_loopback() -> None:
    """Bring up the loopback interface of a network namespace that is new, and has no other."""
    names = [name for _, name in socket.if_nameindex()]
    if names != ["lo"]:
        pytest.fail(f"Run this as `make test` does: the network has {names}, not loopback alone.")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        # SIOCSIFFLAGS, IFF_UP: netdevice(7).
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))
