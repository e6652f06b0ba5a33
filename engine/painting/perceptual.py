"""The perceptual network: VGG16's convolutions, frozen, to measure content and style.

VGG16 (Simonyan and Zisserman 2014, arXiv:1409.1556) trained on ImageNet has been the measure of
neural style transfer since Gatys 2016. Its layers up to relu4_3 are shipped in half precision, with
a manifest; another safetensors file, with all layers if needed, can be given instead.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from engine.api.errors import PerceptualWeightsError
from engine.painting.manifest import MANIFEST_FILE, sha256_of
from engine.painting.networks import IMAGENET_DEVIATION, IMAGENET_MEAN

SHIPPED_TRUNK: Final = Path(__file__).parents[1] / "perceptual_files"
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
# The deepest layer used in painting and training.
TRUNK: Final = "4_3"
_CHANNELS: Final = {"1": 64, "2": 128, "3": 256, "4": 512, "5": 512}
# Index of each convolution in torchvision's flat list of layers.
_TORCHVISION_INDEX: Final = dict(
    zip(LAYERS, (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28), strict=True)
)


class TrunkManifest(BaseModel):
    """Origin of the shipped weights.

    Attributes:
        format: Version of this file's layout.
        name: The network's name.
        weights: File name of the weights, safetensors.
        weights_sha256: Checksum of that file.
        layers: The layers in the file.
        licence: Licence of the weights.
        source: Who trained and published them, and what was changed here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1]
    name: str
    weights: str
    weights_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    layers: tuple[str, ...]
    licence: str
    source: str


class Vgg16(nn.Module):
    """VGG16's convolutions with frozen weights; only the picture gets gradients.

    Attributes:
        layers: All layers up to the deepest one in its weights.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, weights: Mapping[str, Tensor], dtype: torch.dtype = torch.float32) -> None:
        """Take weights named "conv1_1.weight", "conv1_1.bias" and so on, up to conv4_3 at least.

        Raises:
            PerceptualWeightsError: a layer is missing or has the wrong shape.
        """
        super().__init__()
        self.dtype = dtype
        self.layers = _layers_in(weights)
        inputs = 3
        for layer in self.layers:
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

    def features(self, picture: Tensor, last: str = TRUNK) -> dict[str, Tensor]:
        """Feature maps of every layer up to `last`.

        Args:
            picture: (N, 3, H, W) RGB in [0, 1].
            last: The deepest layer needed, such as "3_3"; deeper ones are not computed.

        Returns:
            Layer name to (N, C, H/s, W/s) in the network's dtype, s = 1, 2, 4, 8, 16 by block.
        """
        if last not in self.layers:
            raise ValueError(f"VGG16 has no layer {last!r} here; it has {', '.join(self.layers)}.")
        x = ((picture - self.mean) / self.deviation).to(self.dtype)
        x = x.contiguous(memory_format=torch.channels_last)
        maps: dict[str, Tensor] = {}
        for layer in self.layers[: self.layers.index(last) + 1]:
            if maps and layer.endswith("_1"):
                x = F.max_pool2d(x, 2)
            weight, bias = getattr(self, f"weight{layer}"), getattr(self, f"bias{layer}")
            x = maps[layer] = F.relu(F.conv2d(x, weight, bias, padding=1))
        return maps


def _layers_in(weights: Mapping[str, Tensor]) -> tuple[str, ...]:
    """All layers up to the deepest one in the weights; up to 4_3 at least."""
    held = [index for index, layer in enumerate(LAYERS) if f"conv{layer}.weight" in weights]
    return LAYERS[: max([LAYERS.index(TRUNK), *held]) + 1]


def load_vgg16(path: Path | None = None, dtype: torch.dtype = torch.float32) -> Vgg16:
    """Load the perceptual network.

    Args:
        path: A safetensors file with VGG16's convolutions, under our names ("conv1_1.weight") or
            torchvision's ("features.0.weight"); None for the shipped trunk, up to relu4_3.
        dtype: Number format to compute in.

    Raises:
        PerceptualWeightsError: the file is missing, broken or not VGG16.
    """
    path = shipped_weights() if path is None else path
    try:
        weights = load_file(path)
    except (OSError, SafetensorError) as error:
        raise PerceptualWeightsError(
            f"The perceptual weights cannot be read from {path}: {error}."
        ) from error
    return Vgg16(_with_our_names(weights), dtype)


def shipped_weights(folder: Path = SHIPPED_TRUNK) -> Path:
    """The trunk's weights, checked against their manifest.

    Raises:
        PerceptualWeightsError: the file is missing or its checksum is wrong.
    """
    try:
        record = TrunkManifest.model_validate_json((folder / MANIFEST_FILE).read_bytes())
        path = folder / Path(record.weights).name
        if sha256_of(path) != record.weights_sha256:
            raise PerceptualWeightsError(
                f"{path} is not the file its manifest names: the sha256 differs."
            )
    except (OSError, ValidationError) as error:
        raise PerceptualWeightsError(f"The perceptual network is damaged: {error}") from error
    return path


def _with_our_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Keep the convolutions that are used, renamed to our names if they have torchvision's."""
    kept = {}
    for layer in LAYERS:
        for part in ("weight", "bias"):
            for name in (f"conv{layer}.{part}", f"features.{_TORCHVISION_INDEX[layer]}.{part}"):
                if name in weights:
                    kept[f"conv{layer}.{part}"] = weights[name]
    return kept
