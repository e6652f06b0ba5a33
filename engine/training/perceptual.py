"""The perceptual network: VGG16's convolutions, frozen, as a measure of content and of style.

VGG16 (Simonyan and Zisserman 2014, arXiv:1409.1556) trained on ImageNet is what neural style
transfer has measured with since Gatys 2016. The weights are not shipped: they are read from a
safetensors file the user names, or fetched once from torchvision's own address and checked.
"""

import hashlib
import http.client
import os
import pickle
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from engine.errors import PerceptualWeightsError
from engine.networks import IMAGENET_DEVIATION, IMAGENET_MEAN

WEIGHTS_URL: Final = "https://download.pytorch.org/models/vgg16-397923af.pth"
WEIGHTS_SHA256: Final = "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0"

# A layer "b_i" is the i-th convolution of block b after its ReLU; a max pooling opens every block
# but the first.
_BLOCKS: Final = (
    ("1_1", "1_2"),
    ("2_1", "2_2"),
    ("3_1", "3_2", "3_3"),
    ("4_1", "4_2", "4_3"),
    ("5_1", "5_2", "5_3"),
)
LAYERS: Final = tuple(layer for block in _BLOCKS for layer in block)
_CHANNELS: Final = {"1": 64, "2": 128, "3": 256, "4": 512, "5": 512}
# Where torchvision's flat list of layers keeps each convolution.
_TORCHVISION_INDEX: Final = dict(
    zip(LAYERS, (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28), strict=True)
)
_TIMEOUT_S: Final = 60


class Vgg16(nn.Module):
    """VGG16's convolutions with frozen weights; gradients flow to the picture only."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, weights: Mapping[str, Tensor], dtype: torch.dtype = torch.float32) -> None:
        """Take weights named "conv1_1.weight", "conv1_1.bias" and so on.

        Raises:
            PerceptualWeightsError: a layer is missing or has another shape than VGG16's.
        """
        super().__init__()
        self.dtype = dtype
        inputs = 3
        for layer in LAYERS:
            outputs = _CHANNELS[layer[0]]
            for part, shape in (("weight", (outputs, inputs, 3, 3)), ("bias", (outputs,))):
                value = weights.get(f"conv{layer}.{part}")
                if value is None or tuple(value.shape) != shape:
                    raise PerceptualWeightsError(
                        f"The perceptual weights lack VGG16's conv{layer}.{part} of shape {shape}."
                    )
                self.register_buffer(f"{part}{layer}", value.to(dtype), persistent=False)
            inputs = outputs
        for name, values in (("mean", IMAGENET_MEAN), ("deviation", IMAGENET_DEVIATION)):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def features(self, picture: Tensor, last: str = "4_3") -> dict[str, Tensor]:
        """Feature maps of every layer up to `last`.

        Args:
            picture: (N, 3, H, W) RGB in [0, 1].
            last: The deepest layer wanted, such as "3_3"; nothing behind it is computed.

        Returns:
            Layer name to (N, C, H/s, W/s) in the network's dtype, s = 1, 2, 4, 8, 16 by block.
        """
        x = ((picture - self.mean) / self.deviation).to(self.dtype)
        x = x.contiguous(memory_format=torch.channels_last)
        maps: dict[str, Tensor] = {}
        for block in _BLOCKS:
            if maps:
                x = F.max_pool2d(x, 2)
            for layer in block:
                weight, bias = getattr(self, f"weight{layer}"), getattr(self, f"bias{layer}")
                x = maps[layer] = F.relu(F.conv2d(x, weight, bias, padding=1))
                if layer == last:
                    return maps
        raise ValueError(f"VGG16 has no layer {last!r} here; it has {', '.join(LAYERS)}.")


def default_cache_dir() -> Path:
    """Where fetched weights are kept when there is no run's folder for them."""
    return Path.home() / ".cache" / "stylebot"


def load_vgg16(path: Path | None, cache_dir: Path, dtype: torch.dtype = torch.float32) -> Vgg16:
    """Load the perceptual network.

    Args:
        path: A safetensors file with VGG16's convolutions, under our names ("conv1_1.weight") or
            torchvision's ("features.0.weight"); None to fetch torchvision's weights once.
        cache_dir: Where fetched weights are kept, as safetensors.
        dtype: What to compute in.

    Raises:
        PerceptualWeightsError: the file is missing, broken, or not the expected one.
    """
    if path is None:
        path = cache_dir / f"vgg16-{WEIGHTS_SHA256[:8]}.safetensors"
        if not path.exists():
            fetch_weights(WEIGHTS_URL, WEIGHTS_SHA256, path)
    try:
        weights = load_file(path)
    except (OSError, SafetensorError) as error:
        raise PerceptualWeightsError(
            f"The perceptual weights cannot be read from {path}: {error}."
        ) from error
    return Vgg16(_with_our_names(weights), dtype)


def fetch_weights(url: str, sha256: str, path: Path) -> None:
    """Download torchvision's VGG16, check it, and keep its convolutions as safetensors at `path`.

    Raises:
        PerceptualWeightsError: the address does not answer, or answers with another file.
    """
    partial = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _download(url, partial)
        with partial.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            raise PerceptualWeightsError(
                f"{url} gave a file with sha256 {found}, not {sha256}; nothing was kept."
            )
        # torchvision publishes a pickle. Its bytes are the known ones, and only tensors are let in.
        state = torch.load(partial, weights_only=True)  # noqa: TID251
        kept = {name: value.half() for name, value in _with_our_names(state).items()}
        converted = path.with_suffix(".new")
        save_file(kept, converted)
        os.replace(converted, path)  # noqa: PTH105 - atomic, also over an older file
    except (OSError, http.client.HTTPException, pickle.UnpicklingError) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise PerceptualWeightsError(
            f"The perceptual weights could not be fetched from {url} ({error}); "
            "name a safetensors file with --perceptual-weights."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _download(url: str, path: Path) -> None:
    request = urllib.request.Request(url)  # noqa: S310 - the address is ours, and the file is checked
    with (
        urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer,  # noqa: S310
        path.open("wb") as file,
    ):
        while chunk := answer.read(1 << 20):
            file.write(chunk)


def _with_our_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Keep the convolutions that are used, whichever of the two naming schemes they come in."""
    kept = {}
    for layer in LAYERS:
        for part in ("weight", "bias"):
            for name in (f"conv{layer}.{part}", f"features.{_TORCHVISION_INDEX[layer]}.{part}"):
                if name in weights:
                    kept[f"conv{layer}.{part}"] = weights[name]
    return kept
