import pytest
import torch
from torch import Tensor

from engine.painting.drafting import (
    MOMENTS,
    DraftingConfig,
    DraftingGenerator,
    MomentEncoder,
    draft_view,
    noise_for,
    style_moments,
)
from engine.painting.perceptual import Vgg16

TINY = DraftingConfig(
    style_dim=8, draft_widths=(8, 8, 16, 16), draft_blocks=1, widths=(8, 8, 16), blocks=1
)


@pytest.fixture(scope="module")
def generator() -> DraftingGenerator:
    torch.manual_seed(0)
    made = DraftingGenerator(TINY)
    with torch.no_grad():
        for name, value in made.named_parameters():
            # As after some training: noise counts, and brushwork is more than a trace.
            if name.endswith("grain"):
                value.fill_(0.3)
            if name == "strokes.leave.conv.weight":
                value.mul_(10)
    return made.eval().requires_grad_(requires_grad=False)


def photos(count: int = 1, height: int = 64, width: int = 96, seed: int = 1) -> Tensor:
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(seed))


def styles(generator: DraftingGenerator, count: int = 1, seed: int = 2) -> Tensor:
    vectors = torch.randn(count, 8, generator=torch.Generator().manual_seed(seed))
    return generator.modulate(vectors)


@pytest.mark.parametrize("size", [(32, 32), (33, 50), (64, 96), (101, 37), (40, 300), (200, 120)])
def test_a_photo_of_any_size_keeps_it(generator: DraftingGenerator, size: tuple[int, int]) -> None:
    painted = generator(photos(1, *size), styles(generator))
    assert painted.shape == (1, 3, *size)
    assert painted.dtype == torch.float32
    assert 0 <= painted.min() < painted.max() <= 1


def test_a_batch_mixes_styles(generator: DraftingGenerator) -> None:
    batch, codes = photos(3), styles(generator, 3)
    together = generator(batch, codes)
    for index in range(3):
        alone = generator(batch[index : index + 1], codes[index : index + 1])
        torch.testing.assert_close(together[index : index + 1], alone, atol=1e-5, rtol=0)


def test_styles_mix_linearly(generator: DraftingGenerator) -> None:
    vectors = torch.randn(2, 8, generator=torch.Generator().manual_seed(3))
    mixed = generator.modulate(vectors.mean(0, keepdim=True))
    torch.testing.assert_close(mixed[0], generator.modulate(vectors).mean(0))


def test_noise_is_the_photos_own() -> None:
    one, other = photos(seed=1), photos(seed=9)
    assert torch.equal(noise_for(one), noise_for(one.clone()))
    assert not torch.equal(noise_for(one), noise_for(other))
    together = noise_for(torch.cat([one, other]))
    assert torch.equal(together[:1], noise_for(one))
    assert torch.equal(together[1:], noise_for(other))


def test_noise_forgives_the_last_bits_of_a_device() -> None:
    photo = photos()
    assert torch.equal(noise_for(photo), noise_for(photo + 1e-6))


def test_noise_is_not_tiled() -> None:
    field = noise_for(photos(1, 600, 600))[0, 0]
    assert field.std() == pytest.approx(1, abs=0.05)
    for shift in (16, 64, 128):
        likeness = (field[:-shift] * field[shift:]).mean()
        assert abs(likeness) < 0.05


def test_noise_can_be_given_as_for_a_film(generator: DraftingGenerator) -> None:
    photo, code = photos(), styles(generator)
    own = generator(photo, code)
    assert torch.equal(own, generator(photo, code, noise_for(photo)))
    other = generator(photo, code, noise_for(photos(seed=9)))
    assert (own - other).abs().mean() > 1e-4


@pytest.mark.parametrize(
    ("size", "view"),
    [
        ((512, 512), (128, 128)),
        ((333, 500), (80, 128)),
        ((32, 32), (32, 32)),
        ((40, 700), (32, 176)),
    ],
)
def test_the_draft_sees_the_whole_photo_at_a_quarter(
    size: tuple[int, int], view: tuple[int, int]
) -> None:
    assert draft_view(photos(1, *size)).shape[2:] == view


def test_the_draft_reads_its_own_part_of_the_modulation(generator: DraftingGenerator) -> None:
    photo, code = photos(), styles(generator)
    noise = noise_for(photo)
    other = code.clone()
    other[:, generator.draft_dim :] += 1
    small = draft_view(photo)
    assert torch.equal(
        generator.paint_draft(small, code, noise), generator.paint_draft(small, other, noise)
    )
    assert not torch.equal(generator(photo, code), generator(photo, other))


def test_the_shipped_shape_fits_a_checkpoint_of_twelve_megabytes() -> None:
    networks = (DraftingGenerator(), MomentEncoder())
    count = sum(value.numel() for network in networks for value in network.parameters())
    assert 2 * count < 12e6


def test_the_encoder_reads_moments_of_all_depths(vgg: Vgg16) -> None:
    pictures = photos(2)
    moments = style_moments(vgg.features(pictures), pictures)
    assert moments.shape == (2, MOMENTS)
    encoder = MomentEncoder(8)
    assert encoder(moments).shape == (2, 8)
    # A picture of one colour has deviations of zero, and is still encoded.
    flat = torch.full((1, 3, 64, 64), 0.5)
    assert encoder(style_moments(vgg.features(flat), flat)).isfinite().all()
