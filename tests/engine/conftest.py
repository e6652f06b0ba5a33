"""A tiny checkpoint, for whatever needs one and not the shipped one's beauty."""

from pathlib import Path

import pytest
import torch

from engine.checkpoint import WEIGHTS_FILE, save_manifest, save_weights
from engine.manifest import (
    DataSource,
    GeneratorRecord,
    Manifest,
    Preprocessing,
    StyleRecord,
    TrainingRecord,
)
from engine.networks import Generator, GeneratorConfig, StyleEncoder

STYLE_DIM = 8


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
    return folder
