import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized
from typing_extensions import override

from engine.painting import networks
from engine.painting.networks import Discriminator, Generator, GeneratorConfig, StyleEncoder

TINY = GeneratorConfig(style_dim=8, widths=(8, 16, 16), blocks=1)
ODD_SIZES = [(32, 32), (33, 47), (47, 33), (100, 35), (40, 64)]


def noise(count: int, start: int = 0) -> Tensor:
    """Numbers in (-1, 1) from a formula, so that they outlive changes of torch's random streams."""
    index = torch.arange(start, start + count, dtype=torch.float64)
    return torch.frac(torch.sin(index * 12.9898 + 1) * 43758.5453)


def fill(module: nn.Module) -> None:
    """Set every parameter by the formula, at the size torch's own initialisation would give it."""
    start = 0
    with torch.no_grad():
        for parameter in module.parameters():
            fan_in = parameter[0].numel() if parameter.ndim > 1 else 25
            values = noise(parameter.numel(), start).view_as(parameter) * (3 / fan_in) ** 0.5
            parameter.copy_(values)
            start += parameter.numel()


def picture(count: int = 1, height: int = 32, width: int = 32) -> Tensor:
    """(count, 3, height, width) in [0, 1]: soft waves under noise."""
    shape = (count, 3, height, width)
    rows = torch.arange(height, dtype=torch.float64).view(1, 1, -1, 1)
    columns = torch.arange(width, dtype=torch.float64).view(1, 1, 1, -1)
    phases = torch.arange(count * 3, dtype=torch.float64).view(count, 3, 1, 1)
    waves = torch.sin(rows * 0.2 + phases) * torch.cos(columns * 0.3 - phases)
    total = 3 * count * height * width
    return (0.5 + 0.35 * waves + 0.15 * noise(total).view(shape)).float()


def style_vectors(count: int = 1) -> Tensor:
    return noise(count * TINY.style_dim, 777).view(count, TINY.style_dim).float()


def styles(generator: Generator, count: int = 1) -> Tensor:
    return generator.modulate(style_vectors(count))


@pytest.fixture
def generator() -> Generator:
    network = Generator(TINY)
    fill(network)
    network.noise.copy_(2 * noise(network.noise.numel(), 555).view_as(network.noise))
    network.wide_noise.copy_(2 * noise(network.noise.numel(), 888).view_as(network.noise))
    return network.eval().requires_grad_(requires_grad=False)


@pytest.fixture
def encoder() -> StyleEncoder:
    network = StyleEncoder(style_dim=8, widths=(8, 12, 16, 16, 24))
    fill(network)
    return network.eval()


@pytest.fixture(scope="module")
def discriminator() -> Discriminator:
    network = Discriminator(style_dim=8, widths=(8, 16, 16))
    fill(network)
    # A weight that is read in training mode takes one power iteration; they start from torch's
    # random stream and all end at the largest singular value.
    for layer in bounded_layers(network):
        for _ in range(200):
            assert isinstance(layer.weight, Tensor)
    return network.eval().requires_grad_(requires_grad=False)


def bounded_layers(network: Discriminator) -> list[nn.Module]:
    return [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]


def assert_close(actual: Tensor, expected: Tensor | list[float], atol: float = 1e-4) -> None:
    torch.testing.assert_close(
        actual, torch.as_tensor(expected, dtype=actual.dtype), atol=atol, rtol=0
    )


def test_generator_known_answer(generator: Generator) -> None:
    painted = generator(picture(), styles(generator))
    assert_close(painted[0, 0, 0, :4], [0.823455, 0.839109, 0.821193, 0.726026])
    assert_close(painted[0, :, 16, 17], [0.523836, 0.556729, 0.439870])
    assert_close(painted[0].mean((1, 2)), [0.562911, 0.586744, 0.563867])


def test_encoder_known_answer(encoder: StyleEncoder) -> None:
    assert_close(encoder(picture())[0, :5], [0.338077, -0.828309, 0.003058, 1.379454, 0.008878])


def test_discriminator_known_answer(discriminator: Discriminator) -> None:
    scores = discriminator(picture(), style_vectors())
    assert_close(scores[0, 0, 0], [-0.251417, -0.224911, -0.226105, -0.314850])
    assert_close(scores[0, 0, 2], [-0.253287, -0.225789, -0.233102, -0.334645])


@pytest.mark.parametrize(("height", "width"), ODD_SIZES)
def test_generator_keeps_any_size(generator: Generator, height: int, width: int) -> None:
    painted = generator(picture(2, height, width), styles(generator, 2))
    assert painted.shape == (2, 3, height, width)
    assert painted.dtype == torch.float32
    assert painted.min() >= 0
    assert painted.max() <= 1
    assert painted.std() > 0.01


def test_odd_sizes_are_completed_by_reflection_and_cut_back(generator: Generator) -> None:
    photo = picture(1, 33, 47)
    whole = F.pad(photo, (0, 1, 0, 7), mode="reflect")
    painted = generator(whole, styles(generator))[..., :33, :47]
    assert_close(generator(photo, styles(generator)), painted, atol=1e-6)


def test_every_photo_of_a_batch_is_painted_in_its_own_style(generator: Generator) -> None:
    photos, codes = picture(3, 40, 56), styles(generator, 3)
    together = generator(photos, codes)
    alone = torch.cat([generator(photos[i : i + 1], codes[i : i + 1]) for i in range(3)])
    assert_close(together, alone, atol=1e-5)


def test_the_code_changes_the_picture(generator: Generator) -> None:
    first, second = generator(picture().expand(2, -1, -1, -1), styles(generator, 2))
    assert (first - second).abs().mean() > 0.01


@pytest.mark.parametrize("batch", [1, 3])
def test_conditional_norm_is_instance_norm_with_a_style(batch: int) -> None:
    x = 5 * noise(batch * 4 * 6 * 7).view(batch, 4, 6, 7).float() + 2
    values = noise(batch * 8, 99).view(batch, 8).float()
    scale, shift = 1 + values[:, :4, None, None], values[:, 4:, None, None]
    normalised = networks.conditional_norm(x, networks.Affine(values))
    assert_close(normalised, F.instance_norm(x) * scale + shift, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 2])
def test_generator_equals_the_slow_path(
    generator: Generator, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instance normalisation in float64, NCHW, one photo after the other, is the reference."""
    photos, codes = picture(batch, 40, 48), styles(generator, batch)
    fast = generator(photos, codes)

    def slow_norm(x: Tensor, affine: networks.Affine) -> Tensor:
        scale, shift = affine.take(x.shape[1])
        centred = x - x.mean((2, 3), keepdim=True)
        deviation = (centred.square().mean((2, 3), keepdim=True) + 1e-5).sqrt()
        return centred / deviation * scale[..., None, None] + shift[..., None, None]

    monkeypatch.setattr(networks, "conditional_norm", slow_norm)
    generator.double()
    pairs = zip(photos.double(), codes.double(), strict=True)
    slow = torch.cat([generator(photo[None], code[None]) for photo, code in pairs])
    assert_close(fast, slow, atol=1e-5)


def test_bf16_channels_last_stays_close_to_float32(generator: Generator) -> None:
    photos, codes = picture(2, 64, 48), styles(generator, 2)
    exact = generator(photos, codes)
    generator.to(torch.bfloat16, memory_format=torch.channels_last)  # type: ignore[call-overload]
    fast = generator(photos.bfloat16(), codes.bfloat16())
    assert fast.dtype == torch.float32
    difference = (fast - exact).abs()
    assert difference.mean() < 0.01
    assert difference.max() < 0.1


def test_autocast_returns_float32_close_to_float32(generator: Generator) -> None:
    photos, codes = picture(2, 64, 48), styles(generator, 2)
    with torch.autocast("cpu", torch.bfloat16):
        fast = generator(photos, codes)
    assert fast.dtype == torch.float32
    assert (fast - generator(photos, codes)).abs().mean() < 0.01


def mute(generator: Generator) -> None:
    """Take the noise away."""
    generator.grain.zero_()
    generator.swell.zero_()


def test_noise_gives_a_bare_photo_something_to_paint(generator: Generator) -> None:
    bare = torch.full((2, 3, 96, 80), 0.4)
    first, second = generator(bare, styles(generator).expand(2, -1))
    assert torch.equal(first, second)
    textured = first.std((1, 2)).mean()
    mute(generator)
    assert generator(bare, styles(generator).expand(2, -1)).std((2, 3)).mean() < 0.2 * textured


def test_noise_begins_at_nothing_and_moves_with_its_offset(generator: Generator) -> None:
    photo = picture(1, 64, 48)
    untouched = generator(photo, styles(generator))
    generator.noise_offset = (5, 60)
    assert (generator(photo, styles(generator)) - untouched).abs().mean() > 1e-4
    fresh = Generator(TINY).requires_grad_(requires_grad=False)
    before = fresh(photo, styles(fresh))
    fresh.noise_offset = (5, 60)
    assert torch.equal(fresh(photo, styles(fresh)), before)


def test_wide_noise_is_smooth_and_repeats_without_a_seam() -> None:
    fresh = Generator(TINY)
    for field, smooth in ((fresh.noise, False), (fresh.wide_noise, True)):
        steps = [(field - field.roll(1, axis)).abs().mean() / field.std() for axis in (2, 3)]
        assert all((step < 0.5) == smooth for step in steps)
    wide = fresh.wide_noise[0, 0]
    inside, seam = (wide[1:] - wide[:-1]).abs().mean(), (wide[0] - wide[-1]).abs().mean()
    assert seam < 2 * inside


def test_noise_is_repeated_for_large_photos(generator: Generator) -> None:
    generator.noise_offset = (3, 63)
    whole = generator._fitted(generator.noise, torch.zeros(1, 1, 130, 70))
    side = generator.noise.shape[-1]
    assert whole.shape == (1, 1, 130, 70)
    assert whole[0, 0, 10, 4] == generator.noise[0, 0, 13, (63 + 4) % side]
    assert torch.equal(whole[..., : 130 - side, :], whole[..., side:, :])


@pytest.mark.parametrize("grey", [0.0, 0.3, 1.0])
def test_a_plain_picture_gets_no_frame(generator: Generator, grey: float) -> None:
    mute(generator)
    painted = generator(torch.full((1, 3, 64, 48), grey), styles(generator))
    # The two pixels of a shuffled pair may differ in a trained network; rings may not.
    tiles = F.pixel_unshuffle(painted, 2)
    assert_close(tiles, tiles[..., 16:17, 12:13].expand_as(tiles), atol=1e-3)


def test_a_fresh_generator_paints_no_checkerboard() -> None:
    torch.manual_seed(5)
    fresh = Generator(TINY).requires_grad_(requires_grad=False)
    painted = fresh(torch.full((1, 3, 32, 32), 0.5), styles(fresh))
    cells = F.pixel_unshuffle(painted, 2).unflatten(1, (3, 4))
    assert_close(cells, cells[:, :, :1].expand_as(cells), atol=1e-5)


def test_the_finest_of_a_photo_by_hand() -> None:
    photo = torch.zeros(1, 3, 5, 6)
    photo[0, :, 2, 3] = 16
    spread = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]])
    found = networks._finest(photo)
    assert_close(found[0, 0, 1:4, 2:5], 16 * F.one_hot(torch.tensor(4), 9).view(3, 3) - spread)
    assert found.abs().sum() == 24
    assert found.sum().abs() < 1e-4
    ramp = torch.arange(7.0).expand(1, 3, 5, 7)
    assert_close(networks._finest(ramp)[..., 1:-1], torch.zeros(1, 1, 5, 5), atol=1e-6)
    green = torch.zeros(1, 3, 5, 6)
    green[0, 1, 2, 3] = 16
    assert_close(networks._finest(green), 0.587 * found)


def test_detail_finer_than_the_paint_is_kept_where_the_network_wants_it() -> None:
    torch.manual_seed(5)
    fresh = Generator(TINY).requires_grad_(requires_grad=False)
    photo = picture(1, 32, 48)
    without = torch.logit(fresh(photo, styles(fresh)))
    kept = fresh.leave.conv.bias
    assert kept is not None
    kept[-1] = 0.5
    gained = torch.logit(fresh(photo, styles(fresh))) - without
    assert_close(gained, 0.5 * networks._finest(2 * photo - 1).expand_as(gained), atol=1e-3)
    # The weights of that channel are read at half the side: here it follows the features.
    fresh.leave.conv.weight[-1] = 1.0
    uneven = torch.logit(fresh(photo, styles(fresh))) - without
    assert not torch.allclose(uneven, gained, atol=1e-3)


@pytest.mark.parametrize("blocks", [0, 1, 3])
def test_every_scale_and_shift_is_handed_out_once(
    blocks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []

    class Counting(networks.Affine):
        @override
        def take(self, channels: int) -> tuple[Tensor, Tensor]:
            scale, shift = super().take(channels)
            taken.append(scale.shape[1] + shift.shape[1])
            return scale, shift

    monkeypatch.setattr(networks, "Affine", Counting)
    network = Generator(GeneratorConfig(style_dim=8, widths=(8, 16, 24), blocks=blocks))
    network(picture(), styles(network))
    assert sum(taken) == network.affine.out_features == network.modulation_dim - 12
    assert len(taken) == 9 + 2 * blocks


def test_the_identity_is_read_from_means_and_deviations(generator: Generator) -> None:
    """With the identity matrix for weights, its vector begins with the six moments themselves."""
    generator.identity.weight.copy_(torch.eye(8, 6))
    generator.identity.bias.zero_()
    photos = torch.full((2, 3, 32, 32), 0.75)
    photos[1, 1, :16], photos[1, 2, :16] = 0.25, 1.0
    floor = 1e-5**0.5
    # Seen in [-1, 1], 0.75 is 0.5; halves of -0.5 and 0.5, or of 1 and 0.5, surround 0 and 0.75.
    expected = [
        [0.5, 0.5, 0.5, floor, floor, floor, 0, 0],
        [0.5, 0.0, 0.75, floor, 0.5, 0.25, 0, 0],
    ]
    assert_close(generator.identity_modulation(photos), generator.modulate(torch.tensor(expected)))


def test_the_identity_takes_the_dtype_of_the_network(generator: Generator) -> None:
    exact = generator.identity_modulation(picture(2))
    half = generator.bfloat16().identity_modulation(picture(2).bfloat16())
    assert half.dtype == torch.bfloat16
    assert_close(half.float(), exact, atol=0.05)


@pytest.mark.parametrize(("height", "width"), ODD_SIZES)
def test_encoder_reads_any_size(encoder: StyleEncoder, height: int, width: int) -> None:
    codes = encoder(picture(2, height, width))
    assert codes.shape == (2, 8)
    assert codes.isfinite().all()
    assert (codes[0] - codes[1]).abs().max() > 1e-4


def test_encoder_reads_each_reference_by_itself(encoder: StyleEncoder) -> None:
    references = picture(3, 40, 33)
    alone = torch.cat([encoder(reference[None]) for reference in references])
    assert_close(encoder(references), alone, atol=1e-5)


def test_encoder_learns_from_a_flat_picture(encoder: StyleEncoder) -> None:
    flat = torch.full((1, 3, 32, 32), 0.75, requires_grad=True)
    encoder(flat).square().sum().backward()
    gradients = [flat.grad, *(parameter.grad for parameter in encoder.parameters())]
    for gradient in gradients:
        assert gradient is not None
        assert gradient.isfinite().all()
        assert gradient.abs().sum() > 0


def test_mean_and_deviation_by_hand() -> None:
    x = torch.tensor([[[[0.0, 2.0], [4.0, 6.0]], [[1.0, 1.0], [1.0, 1.0]]]])
    mean, deviation = networks.mean_and_deviation(x)
    assert_close(mean, torch.tensor([[3.0, 1.0]]), atol=1e-6)
    # The floor under the variance is 1e-5.
    assert_close(deviation, torch.tensor([[5.00001**0.5, 1e-5**0.5]]), atol=1e-6)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (48, 64), (35, 47)])
def test_discriminator_scores_a_patch_per_eight_pixels(
    discriminator: Discriminator, height: int, width: int
) -> None:
    scores = discriminator(picture(2, height, width), style_vectors(2))
    assert scores.shape == (2, 1, height // 8, width // 8)


def test_discriminator_judges_each_picture_by_itself(discriminator: Discriminator) -> None:
    pictures, codes = picture(3), style_vectors(3)
    alone = [discriminator(pictures[i : i + 1], codes[i : i + 1]) for i in range(3)]
    assert_close(discriminator(pictures, codes), torch.cat(alone), atol=1e-5)


def test_the_code_changes_the_judgement(discriminator: Discriminator) -> None:
    first, second = discriminator(picture().expand(2, -1, -1, -1), style_vectors(2))
    assert (first - second).abs().mean() > 1e-3


def test_every_layer_of_the_discriminator_is_bounded(discriminator: Discriminator) -> None:
    layers = bounded_layers(discriminator)
    assert len(layers) == 5
    for layer in layers:
        assert is_parametrized(layer, "weight")
        assert isinstance(layer.weight, Tensor)
        norm = torch.linalg.matrix_norm(layer.weight.flatten(1), 2)
        assert norm.item() == pytest.approx(1, abs=1e-3)
