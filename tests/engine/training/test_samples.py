from pathlib import Path

import numpy as np
import torch
from PIL import Image

from engine.painting.networks import Generator, GeneratorConfig
from engine.training.samples import sample_sheet


def test_a_sheet_has_a_row_a_photo_and_a_column_a_code(tmp_path: Path) -> None:
    torch.manual_seed(0)
    generator = Generator(GeneratorConfig(style_dim=8, widths=(8, 16, 16), blocks=1))
    photos = list(torch.rand(2, 3, 32, 32))
    codes = torch.randn(3, 8)
    path = tmp_path / "samples" / "step-1.png"

    sample_sheet(generator, photos, codes, path)

    with Image.open(path) as sheet:
        assert sheet.format == "PNG"
        assert sheet.mode == "RGB"
        assert sheet.size == (4 * 32, 2 * 32)
        pixels = torch.from_numpy(np.array(sheet)).permute(2, 0, 1) / 255
    with torch.no_grad():
        styles = generator.modulate(codes)
        rows = [
            torch.cat([photo, *generator(photo.expand(3, -1, -1, -1), styles)], dim=2)
            for photo in photos
        ]
    # Eight bits keep half a 255th; painting alone and together may differ in the last bits.
    torch.testing.assert_close(pixels, torch.cat(rows, dim=1), atol=0.51 / 255, rtol=0)
