import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.api.errors import CheckpointError
from engine.painting.checkpoint import WEIGHTS_FILE, load_checkpoint
from engine.painting.manifest import MANIFEST_FILE, sha256_of


@pytest.fixture
def copy(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_checkpoint, tmp_path / "copy")


def _declare_weights(folder: Path) -> None:
    """Make the manifest name the weights as they now are, so that only their content is wrong."""
    record = json.loads((folder / MANIFEST_FILE).read_bytes())
    record["weights_sha256"] = sha256_of(folder / WEIGHTS_FILE)
    (folder / MANIFEST_FILE).write_text(json.dumps(record))


def test_loads_frozen_networks_in_float32(tiny_checkpoint: Path):
    checkpoint = load_checkpoint(tiny_checkpoint)
    assert checkpoint.codes.shape == (2, 8)
    assert checkpoint.codes.dtype is torch.float32
    for network in (checkpoint.generator, checkpoint.encoder):
        assert not network.training
        for parameter in network.parameters():
            assert parameter.dtype is torch.float32
            assert not parameter.requires_grad


def test_weights_are_kept_in_half_precision_and_codes_exactly(tiny_checkpoint: Path):
    tensors = load_file(tiny_checkpoint / WEIGHTS_FILE)
    assert tensors["codes"].dtype is torch.float32
    assert tensors["generator.enter.conv.weight"].dtype is torch.float16


def test_changed_weights_are_noticed(copy: Path):
    body = bytearray((copy / WEIGHTS_FILE).read_bytes())
    body[-1] ^= 1
    (copy / WEIGHTS_FILE).write_bytes(body)
    with pytest.raises(CheckpointError, match="sha256 differs"):
        load_checkpoint(copy)


def test_missing_weights_are_named(copy: Path):
    (copy / WEIGHTS_FILE).unlink()
    with pytest.raises(CheckpointError, match=WEIGHTS_FILE):
        load_checkpoint(copy)


def test_a_file_that_is_no_safetensors_is_refused(copy: Path):
    (copy / WEIGHTS_FILE).write_bytes(b"not tensors")
    _declare_weights(copy)
    with pytest.raises(CheckpointError, match="cannot be loaded"):
        load_checkpoint(copy)


@pytest.mark.parametrize("lost", ["codes", "generator.leave.conv.bias", "encoder.head.0.weight"])
def test_a_lost_tensor_is_refused(copy: Path, lost: str):
    tensors = load_file(copy / WEIGHTS_FILE)
    del tensors[lost]
    save_file(tensors, copy / WEIGHTS_FILE)
    _declare_weights(copy)
    with pytest.raises(CheckpointError, match="cannot be loaded"):
        load_checkpoint(copy)


def test_codes_for_other_styles_are_refused(copy: Path):
    tensors = load_file(copy / WEIGHTS_FILE)
    tensors["codes"] = tensors["codes"][:1].clone()
    save_file(tensors, copy / WEIGHTS_FILE)
    _declare_weights(copy)
    with pytest.raises(CheckpointError, match="1 style codes"):
        load_checkpoint(copy)
