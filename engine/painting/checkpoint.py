"""Checkpoints: a folder with a manifest, weights as safetensors, and previews of the styles.

Weights are stored in half precision, with the preprocessing they were trained with. Their checksum
is verified before loading; nothing is unpickled.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.api.errors import CheckpointError
from engine.painting.manifest import MANIFEST_FILE, Manifest, read_manifest, sha256_of
from engine.painting.networks import Generator, GeneratorConfig, StyleEncoder

WEIGHTS_FILE: Final = "weights.safetensors"
_NETWORKS: Final = ("generator", "encoder")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Networks and style vectors, ready to paint.

    Attributes:
        manifest: Origin, preprocessing and styles.
        generator: In eval mode, float32, on the CPU.
        encoder: In eval mode, float32, on the CPU.
        codes: (styles, style_dim) float32, in the order of the manifest's styles.
    """

    manifest: Manifest
    generator: Generator
    encoder: StyleEncoder
    codes: Tensor


def load_checkpoint(folder: Path) -> Checkpoint:
    """Load and verify a checkpoint.

    Raises:
        CheckpointError: a file is missing, was changed, or does not match the manifest.
    """
    manifest = read_manifest(folder)
    path = folder / manifest.weights
    try:
        if sha256_of(path) != manifest.weights_sha256:
            raise CheckpointError(f"{path} is not the file its manifest names: the sha256 differs.")
        tensors = {name: value.float() for name, value in load_file(path).items()}
        generator = Generator(GeneratorConfig(**manifest.generator.model_dump()))
        encoder = StyleEncoder(manifest.generator.style_dim)
        for name, network in zip(_NETWORKS, (generator, encoder), strict=True):
            prefix = f"{name}."
            state = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
            network.load_state_dict(state)
            network.eval().requires_grad_(requires_grad=False)
        codes = tensors["codes"]
    except (OSError, SafetensorError, KeyError, RuntimeError) as error:
        raise CheckpointError(f"{path} cannot be loaded: {error}") from error
    if codes.shape != (len(manifest.styles), manifest.generator.style_dim):
        raise CheckpointError(f"{path} holds {len(codes)} style codes for other styles.")
    return Checkpoint(manifest, generator, encoder, codes)


def save_weights(folder: Path, generator: Generator, encoder: StyleEncoder, codes: Tensor) -> str:
    """Write a checkpoint's weights in half precision; returns the file's sha256."""
    tensors = {"codes": codes}
    for name, network in zip(_NETWORKS, (generator, encoder), strict=True):
        tensors |= {f"{name}.{key}": value.half() for key, value in network.state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    kept = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    save_file(kept, folder / WEIGHTS_FILE)
    # safetensors makes the file readable by its owner only; servers run as other users.
    (folder / WEIGHTS_FILE).chmod(0o644)
    return sha256_of(folder / WEIGHTS_FILE)


def save_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest as JSON in a stable order."""
    record = manifest.model_dump(mode="json")
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")
