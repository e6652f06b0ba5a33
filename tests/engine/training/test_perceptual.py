import hashlib
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from typing_extensions import override

from engine.errors import PerceptualWeightsError
from engine.training import perceptual
from engine.training.perceptual import LAYERS, Vgg16, fetch_weights, load_vgg16

pytestmark = pytest.mark.usefixtures("one_thread")

# VGG16's configuration D, as torchvision lists it: channels of a convolution with its ReLU, or M
# for a max pooling.
CONFIGURATION = (64, 64, "M", 128, 128, "M", *[256] * 3, "M", *[512] * 3, "M", *[512] * 3)
Weights = dict[str, Tensor]


def torchvision_features() -> nn.Sequential:
    """The layers of torchvision's vgg16().features up to conv5_3's ReLU."""
    layers: list[nn.Module] = []
    inputs = 3
    for entry in CONFIGURATION:
        if isinstance(entry, int):
            layers += [nn.Conv2d(inputs, entry, 3, padding=1), nn.ReLU()]
            inputs = entry
        else:
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


def in_torchvision_names(weights: Weights) -> Weights:
    places = [
        index for index, layer in enumerate(torchvision_features()) if isinstance(layer, nn.Conv2d)
    ]
    return {
        f"features.{place}.{part}": weights[f"conv{layer}.{part}"]
        for place, layer in zip(places, LAYERS, strict=True)
        for part in ("weight", "bias")
    }


def a_picture(height: int = 32, width: int = 40) -> Tensor:
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(3))


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Counted(SimpleHTTPRequestHandler):
    requests: list[str]

    def __init__(self, *args, requests: list[str], **options) -> None:
        self.requests = requests
        super().__init__(*args, **options)

    @override
    def do_GET(self) -> None:
        self.requests.append(self.path)
        super().do_GET()

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


class BreakingOff(BaseHTTPRequestHandler):
    """Announces 4096 bytes and sends four."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"1000\r\nfour")

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


def serving(handler) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def requests() -> list[str]:
    """Paths the shop was asked for."""
    return []


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """The folder the shop serves."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


@pytest.fixture
def shop(shelf: Path, requests: list[str]) -> Iterator[str]:
    """The address of a web server on this machine."""
    yield from serving(partial(Counted, directory=str(shelf), requests=requests))


@pytest.fixture
def poor_line() -> Iterator[str]:
    """The address of a server whose answers end too early."""
    yield from serving(BreakingOff)


def closed_address() -> str:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/vgg16.pth"


def small_state() -> Weights:
    """A published state: two convolutions that are used, and a classifier that is not."""
    return {
        "features.0.weight": torch.full((2, 3, 3, 3), 0.25),
        "features.0.bias": torch.tensor([1.0, -2.0]),
        "features.21.weight": torch.full((1, 2, 3, 3), 0.5),
        "classifier.0.weight": torch.ones(4, 4),
    }


@pytest.mark.parametrize("rename", [dict, in_torchvision_names])
def test_both_naming_schemes_give_vgg16(rename, vgg_weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "vgg16.safetensors"
    save_file(rename(vgg_weights), path)
    found = load_vgg16(path, tmp_path / "cache").features(a_picture(), "5_3")

    reference = torchvision_features().requires_grad_(requires_grad=False)
    reference.load_state_dict(
        {k.removeprefix("features."): v for k, v in in_torchvision_names(vgg_weights).items()}
    )
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    x = (a_picture() - mean) / deviation
    expected = []
    for layer in reference:
        x = layer(x)
        if isinstance(layer, nn.ReLU):
            expected.append(x)
    assert list(found) == list(LAYERS)
    for layer_map, expected_map in zip(found.values(), expected, strict=True):
        torch.testing.assert_close(layer_map, expected_map, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", ["conv1_1.weight", "conv3_2.bias", "conv4_3.weight"])
@pytest.mark.parametrize("damage", ["missing", "of another shape"])
def test_weights_of_another_network_are_refused(
    name: str, damage: str, vgg_weights: Weights, tmp_path: Path
) -> None:
    weights = dict(vgg_weights)
    value = weights.pop(name)
    if damage == "of another shape":
        weights[name] = value[:-1].clone()
    path = tmp_path / "other.safetensors"
    save_file(weights, path)
    with pytest.raises(PerceptualWeightsError, match=rf"lack VGG16's {name} of shape \(.*\)\.$"):
        load_vgg16(path, tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.safetensors"
    with pytest.raises(PerceptualWeightsError, match=r"cannot be read from .*nowhere\.safetens"):
        load_vgg16(path, tmp_path)


@pytest.mark.parametrize("body", [b"", b"no tensors here", b"\xff" * 64])
def test_a_corrupt_file_is_named(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "corrupt.safetensors"
    path.write_bytes(body)
    with pytest.raises(PerceptualWeightsError, match=r"cannot be read from .*corrupt\.safetens"):
        load_vgg16(path, tmp_path)


def test_a_folder_instead_of_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PerceptualWeightsError, match="cannot be read from"):
        load_vgg16(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ("1_1", (2, 64, 35, 42)),
        ("1_2", (2, 64, 35, 42)),
        ("2_2", (2, 128, 17, 21)),
        ("3_3", (2, 256, 8, 10)),
        ("4_1", (2, 512, 4, 5)),
        ("4_3", (2, 512, 4, 5)),
        ("5_3", (2, 512, 2, 2)),
    ],
)
def test_features_stop_at_the_last_layer(layer: str, shape: tuple[int, ...], vgg: Vgg16) -> None:
    maps = vgg.features(a_picture(35, 42), layer)
    assert list(maps) == list(LAYERS[: LAYERS.index(layer) + 1])
    assert maps[layer].shape == shape


def test_an_unknown_layer_is_a_mistake_of_the_caller(vgg: Vgg16) -> None:
    with pytest.raises(ValueError, match="no layer '6_1'"):
        vgg.features(a_picture(), "6_1")


def test_pictures_are_normalised_with_imagenet_statistics(vgg: Vgg16, vgg_weights: Weights) -> None:
    """The mean gives an input of zeros, one deviation more an input of ones."""
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1).expand(1, 3, 32, 32)
    deviation = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    bias = vgg_weights["conv1_1.bias"]
    response = bias + vgg_weights["conv1_1.weight"].sum((1, 2, 3))

    at_mean = vgg.features(mean, "1_1")["1_1"]
    torch.testing.assert_close(at_mean, bias.relu().view(1, 64, 1, 1).expand(1, 64, 32, 32))
    one_above = vgg.features(mean + deviation, "1_1")["1_1"]
    torch.testing.assert_close(one_above[0, :, 16, 16], response.relu(), atol=1e-4, rtol=0)


def test_gradients_flow_to_the_picture_and_nowhere_else(vgg: Vgg16) -> None:
    picture = a_picture().requires_grad_()
    vgg.features(picture, "2_1")["2_1"].square().sum().backward()
    assert picture.grad is not None
    assert picture.grad.isfinite().all()
    assert picture.grad.abs().sum() > 0
    assert list(vgg.parameters()) == []
    assert not any(buffer.requires_grad for buffer in vgg.buffers())
    assert vgg.state_dict() == {}


def test_it_computes_in_the_given_dtype(vgg: Vgg16, vgg_weights: Weights) -> None:
    half = Vgg16(vgg_weights, torch.bfloat16).features(a_picture(), "2_2")["2_2"]
    full = vgg.features(a_picture(), "2_2")["2_2"]
    assert half.dtype == torch.bfloat16
    assert (half - full).abs().mean() < 0.02 * full.abs().mean()


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_fetched_weights_are_kept_in_half_precision_under_our_names(
    scheme: str, shelf: Path, shop: str, tmp_path: Path
) -> None:
    published = shelf / "vgg16.pth"
    torch.save(small_state(), published)
    url = f"{shop}/vgg16.pth" if scheme == "http" else published.as_uri()
    kept = tmp_path / "cache" / "deep" / "vgg16.safetensors"

    fetch_weights(url, sha256_of(published), kept)

    weights = load_file(kept)
    assert set(weights) == {"conv1_1.weight", "conv1_1.bias", "conv4_3.weight"}
    assert all(value.dtype == torch.float16 for value in weights.values())
    assert weights["conv1_1.bias"].tolist() == [1.0, -2.0]
    assert weights["conv4_3.weight"].unique().tolist() == [0.5]
    assert list(kept.parent.iterdir()) == [kept]


def test_another_file_than_the_expected_one_leaves_nothing(
    shelf: Path, shop: str, tmp_path: Path
) -> None:
    published = shelf / "vgg16.pth"
    torch.save(small_state(), published)
    kept = tmp_path / "cache" / "vgg16.safetensors"
    with pytest.raises(PerceptualWeightsError, match=f"sha256 {sha256_of(published)}, not 0000"):
        fetch_weights(f"{shop}/vgg16.pth", "0" * 64, kept)
    assert list(kept.parent.iterdir()) == []


@pytest.mark.parametrize("answer", ["nothing", "404", "half"])
def test_an_address_that_fails_points_to_the_option(
    answer: str, shop: str, poor_line: str, tmp_path: Path
) -> None:
    urls = {"nothing": closed_address(), "404": f"{shop}/none.pth", "half": poor_line}
    url = urls[answer]
    kept = tmp_path / "cache" / "vgg16.safetensors"
    with pytest.raises(PerceptualWeightsError, match="--perceptual-weights") as raised:
        fetch_weights(url, "0" * 64, kept)
    assert url in str(raised.value)
    assert list(kept.parent.iterdir()) == []


class Malice:
    """Unpickled, it makes a folder."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    @override
    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def test_a_pickle_that_runs_code_is_refused_even_with_the_right_sum(
    shelf: Path, shop: str, tmp_path: Path
) -> None:
    published, trace = shelf / "vgg16.pth", tmp_path / "trace"
    torch.save({"features.0.weight": Malice(trace)}, published)
    kept = tmp_path / "cache" / "vgg16.safetensors"
    with pytest.raises(PerceptualWeightsError):
        fetch_weights(f"{shop}/vgg16.pth", sha256_of(published), kept)
    assert not trace.exists()
    assert list(kept.parent.iterdir()) == []


def test_weights_are_fetched_once(
    shelf: Path,
    shop: str,
    requests: list[str],
    vgg_weights: Weights,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published = shelf / "vgg16.pth"
    torch.save(in_torchvision_names(vgg_weights), published)
    monkeypatch.setattr(perceptual, "WEIGHTS_URL", f"{shop}/vgg16.pth")
    monkeypatch.setattr(perceptual, "WEIGHTS_SHA256", sha256_of(published))
    cache = tmp_path / "cache"

    first = load_vgg16(None, cache).features(a_picture(), "1_2")["1_2"]
    second = load_vgg16(None, cache).features(a_picture(), "1_2")["1_2"]

    assert requests == ["/vgg16.pth"]
    assert torch.equal(first, second)
    exact = Vgg16(vgg_weights).features(a_picture(), "1_2")["1_2"]
    torch.testing.assert_close(first, exact, atol=0.02, rtol=0.02)  # kept in half precision
