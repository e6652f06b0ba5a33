"""What several test files stand on: a perceptual network of noise and folders of small pictures."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from bots.operations.store_bench import postgresql_server
from migrations import runner
from tests.databases import emptied, new_database, sqlite_store, tell_server
from tests.processes import engine_process

if TYPE_CHECKING:
    from torch import Tensor

    from engine.painting.perceptual import Vgg16

ROOT = Path(__file__).parent.parent
PictureFolder = Callable[..., list[Path]]


def pytest_configure() -> None:
    if (ROOT / ".env").exists():
        raise pytest.UsageError("Processes under test would use the tokens in .env: move it away.")
    # Several files of tests and their processes share the cores: more threads wait for each other.
    pytest.MonkeyPatch().setenv("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """What runs tests that are coroutines and marked `anyio`."""
    return "asyncio"


@pytest.fixture(scope="session")
def engine_url() -> Iterator[str]:
    """The address of an engine with the shipped checkpoint, one for all tests."""
    with engine_process() as url:
        yield url


@pytest.fixture(scope="session")
def vgg_weights() -> "dict[str, Tensor]":
    """Seeded noise of VGG16's shapes, scaled so that no layer fades or explodes (He 2015)."""
    import torch

    from engine.painting.perceptual import LAYERS

    channels = {"1": 64, "2": 128, "3": 256, "4": 512, "5": 512}
    source = torch.Generator().manual_seed(16)
    weights = {}
    inputs = 3
    for layer in LAYERS:
        outputs = channels[layer[0]]
        noise = torch.randn(outputs, inputs, 3, 3, generator=source)
        weights[f"conv{layer}.weight"] = noise * (2 / (9 * inputs)) ** 0.5
        weights[f"conv{layer}.bias"] = 0.1 * torch.randn(outputs, generator=source)
        inputs = outputs
    return weights


@pytest.fixture(scope="session")
def vgg(vgg_weights: "dict[str, Tensor]") -> "Vgg16":
    from engine.painting.perceptual import Vgg16

    return Vgg16(vgg_weights)


@pytest.fixture
def picture_folder(tmp_path: Path) -> PictureFolder:
    """Write small JPEG files, no two alike, into a folder; returns their paths in name order."""

    def write(name: str, count: int = 2, size: tuple[int, int] = (64, 48)) -> list[Path]:
        folder = tmp_path / name
        folder.mkdir()
        width, height = size
        y, x = np.mgrid[:height, :width]
        paths = []
        for index in range(count):
            waves = [
                np.sin(x * (0.1 + 0.05 * index) + channel) * np.cos(y * 0.15 + index + len(name))
                for channel in range(3)
            ]
            pixels = (127.5 + 127.5 * np.stack(waves, axis=2)).astype(np.uint8)
            path = folder / f"{name}-{index}.jpg"
            Image.fromarray(pixels).save(path)
            paths.append(path)
        return paths

    return write


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server for all tests, which waits for no disk: no test cuts the power."""
    with postgresql_server() as url:
        settings = ("fsync", "synchronous_commit", "full_page_writes")
        off = [f"ALTER SYSTEM SET {setting} = off" for setting in settings]
        tell_server(url, *off, "SELECT pg_reload_conf()")
        yield url


DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(scope="session")
def _kept_database(postgresql: str) -> str:
    """A database on the server that tests use one after another."""
    url = new_database(postgresql)
    runner.run(url)
    return url


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of either kind, as the migrations leave it; a test must not change its form."""
    if request.param == "sqlite":
        yield sqlite_store(tmp_path / "store.db")
        return
    url = request.getfixturevalue("_kept_database")
    yield url
    emptied(url)


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of either kind, before the migrations."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'store.db'}"
    return new_database(request.getfixturevalue("postgresql"))
