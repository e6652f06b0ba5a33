"""Sample sheets: paintings to look at, which show what the losses do not."""

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from engine.painting.networks import Generator


@torch.inference_mode()
def sample_sheet(generator: Generator, photos: list[Tensor], codes: Tensor, path: Path) -> None:
    """Paint every photo under every code and write a PNG; one row per photo, the photo first.

    Args:
        generator: The network, usually the averaged one.
        photos: Each (3, S, S) float32 RGB in [0, 1], all of one size.
        codes: (K, style_dim), one column each.
        path: The PNG to write; its folder is created.
    """
    styles = generator.modulate(codes)
    rows = []
    for photo in photos:
        painted = [
            generator(photo[None].to(codes.device), style[None])[0].cpu() for style in styles
        ]
        rows.append(torch.cat([photo, *painted], dim=2))
    sheet = torch.cat(rows, dim=1).mul(255).round().byte().permute(1, 2, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet.numpy()).save(path)
