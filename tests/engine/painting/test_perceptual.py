import os
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.api.errors import PerceptualWeightsError
from engine.painting.perceptual import (
    LAYERS,
    SHIPPED_TRUNK,
    TRUNK,
    TrunkManifest,
    Vgg16,
    load_vgg16,
    shipped_weights,
)

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


@pytest.mark.parametrize("rename", [dict, in_torchvision_names])
def test_both_naming_schemes_give_vgg16(rename, vgg_weights: Weights, tmp_path: Path) -> None:
    path = tmp_path / "vgg16.safetensors"
    save_file(rename(vgg_weights), path)
    found = load_vgg16(path).features(a_picture(), "5_3")

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
        load_vgg16(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.safetensors"
    with pytest.raises(PerceptualWeightsError, match=r"cannot be read from .*nowhere\.safetens"):
        load_vgg16(path)


@pytest.mark.parametrize("body", [b"", b"no tensors here", b"\xff" * 64])
def test_a_corrupt_file_is_named(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "corrupt.safetensors"
    path.write_bytes(body)
    with pytest.raises(PerceptualWeightsError, match=r"cannot be read from .*corrupt\.safetens"):
        load_vgg16(path)


def test_a_folder_instead_of_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PerceptualWeightsError, match="cannot be read from"):
        load_vgg16(tmp_path)


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


def test_the_shipped_trunk_is_loaded_when_no_file_is_named() -> None:
    vgg = load_vgg16()
    assert vgg.layers == LAYERS[: LAYERS.index(TRUNK) + 1]
    maps = vgg.features(torch.full((1, 3, 32, 32), 0.5))
    assert maps[TRUNK].shape == (1, 512, 4, 4)
    # What torchvision's VGG16 answers to plain grey.
    assert maps["1_1"].mean().item() == pytest.approx(0.2030, abs=1e-3)
    assert maps["4_3"].mean().item() == pytest.approx(0.1687, abs=1e-3)
    with pytest.raises(ValueError, match="no layer '5_1' here"):
        vgg.features(torch.full((1, 3, 32, 32), 0.5), "5_1")


def test_the_shipped_trunk_says_where_it_comes_from() -> None:
    record = TrunkManifest.model_validate_json((SHIPPED_TRUNK / "manifest.json").read_bytes())
    assert "CC BY 4.0" in record.licence
    assert "BSD-3-Clause" in record.licence
    assert record.layers == LAYERS[: LAYERS.index(TRUNK) + 1]


@pytest.mark.parametrize("damage", ["changed", "missing", "manifest"])
def test_a_damaged_trunk_is_refused(damage: str, tmp_path: Path) -> None:
    folder = tmp_path / "trunk"
    shutil.copytree(SHIPPED_TRUNK, folder)
    weights = folder / "vgg16-to-4_3.safetensors"
    if damage == "changed":
        with weights.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"\xff")
    elif damage == "missing":
        weights.unlink()
    else:
        (folder / "manifest.json").write_text("{}")
    with pytest.raises(PerceptualWeightsError):
        shipped_weights(folder)
