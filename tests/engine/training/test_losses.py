import math

import pytest
import torch
from torch import Tensor

from engine.training import losses
from engine.training.losses import CONTENT_LAYERS, SPREAD_LAYERS, STYLE_LAYERS


def one_channel(*values: float) -> dict[str, Tensor]:
    """Feature maps of one channel and one pixel; a sample each value, the same in every layer."""
    return {layer: torch.tensor(values).view(-1, 1, 1, 1) for layer in STYLE_LAYERS}


def test_gram_by_hand() -> None:
    first = torch.tensor([[[1.0, 2.0]], [[3.0, 4.0]]])
    grams = losses.gram(torch.stack([first, 2 * first]))
    # [1 2] and [3 4] against each other give 5, 11, 25; two channels of two pixels divide by 4.
    expected = torch.tensor([[1.25, 2.75], [2.75, 6.25]])
    torch.testing.assert_close(grams, torch.stack([expected, 4 * expected]))


def test_gram_does_not_depend_on_the_size_of_the_picture() -> None:
    tile = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(losses.gram(tile.repeat(1, 1, 2, 3)), losses.gram(tile))


def test_gram_of_bfloat16_is_float32() -> None:
    assert losses.gram(torch.ones(1, 2, 3, 3, dtype=torch.bfloat16)).dtype == torch.float32


def test_a_style_is_measured_by_its_grams_and_its_spread() -> None:
    features = one_channel(3.0) | {"1_1": torch.ones(1, 1, 1, 1)}
    features["3_3"] = torch.tensor([1.0, 5.0]).view(1, 1, 1, 2)
    style = losses.measure_style(features)
    assert list(style) == [*STYLE_LAYERS, *(f"{layer} spread" for layer in SPREAD_LAYERS)]
    assert style["1_2"].tolist() == [[[9.0]]]
    assert style["3_3"].tolist() == [[[13.0]]]
    # One and five deviate from three by two; a single pixel does not deviate.
    assert style["3_3 spread"].tolist() == [[pytest.approx(2.0, abs=1e-5)]]
    assert style["2_2 spread"].tolist() == [[pytest.approx(1e-5**0.5)]]


def test_style_loss_of_the_same_picture_is_zero() -> None:
    source = torch.Generator().manual_seed(1)
    features = {
        layer: torch.rand(2, 3, 2, 2, generator=source).tile(
            losses.SPREAD_TILES, losses.SPREAD_TILES
        )
        for layer in STYLE_LAYERS
    }
    loss = losses.style_loss(features, losses.measure_style(features))
    torch.testing.assert_close(loss, torch.zeros(2))


def test_style_loss_by_hand() -> None:
    painted = one_channel(2.0, 1.0, 0.0)
    target = losses.measure_style(one_channel(1.0, 2.0, 5.0))
    # ((4-1)/1)^2 = 9, ((1-4)/4)^2 = 0.5625 and ((0-25)/25)^2 = 1, with weights that sum to eight.
    expected = [8 * math.log(1 + error) for error in (9, 0.5625, 1)]
    assert losses.style_loss(painted, target).tolist() == pytest.approx(expected)


def test_style_loss_does_not_depend_on_the_brightness_of_the_style() -> None:
    source, side = torch.Generator().manual_seed(2), 4 * losses.SPREAD_TILES
    painted, style = (
        {layer: torch.rand(1, 3, side, side, generator=source) for layer in STYLE_LAYERS}
        for _ in range(2)
    )
    dark_painted = {layer: 0.2 * value for layer, value in painted.items()}
    dark_style = {layer: 0.2 * value for layer, value in style.items()}
    bright = losses.style_loss(painted, losses.measure_style(style))
    dark = losses.style_loss(dark_painted, losses.measure_style(dark_style))
    torch.testing.assert_close(dark, bright, rtol=1e-2, atol=0)


def test_style_loss_takes_the_logarithm_of_each_layer() -> None:
    painted = one_channel(2.0, 1.0)
    target = losses.measure_style(one_channel(1.0, 1.0))
    painted["1_2"] = torch.tensor([1.0, 100.0]).view(2, 1, 1, 1)
    expected = [7 * math.log(10), math.log(1 + 9999**2)]
    assert losses.style_loss(painted, target).tolist() == pytest.approx(expected)


def test_a_bare_half_costs_more_than_an_even_picture() -> None:
    """Both deviate as much on the whole; only one does so in every tile."""
    count = losses.SPREAD_TILES
    pattern = torch.tensor([0.0, 2.0]).repeat(8 * count, 4 * count)[None, None]
    even = dict.fromkeys(STYLE_LAYERS, pattern)
    target = losses.measure_style(even)
    assert losses.style_loss(even, target).item() == pytest.approx(0, abs=1e-6)
    uneven = 1 + 2**0.5 * (pattern - 1)
    uneven[..., : uneven.shape[-1] // 2] = 1
    measured = losses.measure_style(dict.fromkeys(STYLE_LAYERS, uneven))
    for layer in SPREAD_LAYERS:
        torch.testing.assert_close(measured[f"{layer} spread"], target[f"{layer} spread"])
    # Half of the tiles are bare (error 1), half have 1.41 times the spread (0.17).
    expected = len(SPREAD_LAYERS) * losses.SPREAD_WEIGHT * (1 + (2**0.5 - 1) ** 2) / 2
    loss = losses.style_loss(dict.fromkeys(STYLE_LAYERS, uneven), target)
    assert loss.item() == pytest.approx(expected, abs=0.02)


def test_there_is_a_way_out_of_a_bare_place() -> None:
    """Where next to nothing is, a Gram matrix hardly pulls, and the spread still does."""
    source = torch.Generator().manual_seed(1)
    target = losses.measure_style(
        {layer: torch.rand(1, 3, 8, 8, generator=source) for layer in STYLE_LAYERS}
    )
    faint = 1e-2 * torch.rand(1, 3, 8, 8, generator=source)
    pulls = []
    for weight in (0.0, losses.SPREAD_WEIGHT):
        picture = faint.clone().requires_grad_()
        features = dict.fromkeys(STYLE_LAYERS, picture)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(losses, "SPREAD_WEIGHT", weight)
            losses.style_loss(features, target).sum().backward()
        assert picture.grad is not None
        pulls.append(picture.grad.norm().item())
    assert pulls[1] > 10 * pulls[0]


def test_tiles_are_cut_in_rows() -> None:
    maps = torch.arange(2 * 3 * 9 * 13.0).view(2, 3, 9, 13)
    tiles, count = losses._tiles(maps, 4), 4**2
    assert tiles.shape == (2 * count, 3, 2, 3)
    assert torch.equal(tiles[0], maps[0, :, :2, :3])
    assert torch.equal(tiles[6], maps[0, :, 2:4, 6:9])
    assert torch.equal(tiles[count + 9], maps[1, :, 4:6, 3:6])
    small = torch.ones(2, 3, 7, 9)
    assert losses._tiles(small, 4) is small


def test_a_faint_style_does_not_silence_the_others() -> None:
    """The gradient of an error of a hundred million is no larger than that of an error of nine."""
    target = losses.measure_style(one_channel(1.0, 1.0))
    strength = torch.tensor([2.0, 100.0], requires_grad=True)
    painted = dict.fromkeys(STYLE_LAYERS, strength.view(2, 1, 1, 1))
    losses.style_loss(painted, target).sum().backward()
    assert strength.grad is not None
    assert 0 < strength.grad[1] < strength.grad[0]


def content_of(painted: torch.Tensor, photo: torch.Tensor) -> torch.Tensor:
    """The content loss where every layer sees the same."""
    return losses.content_loss(
        dict.fromkeys(CONTENT_LAYERS, painted), dict.fromkeys(CONTENT_LAYERS, photo)
    )


def test_content_loss_by_hand() -> None:
    photo = torch.tensor([[0.0, 0.0, 2.0, 2.0]]).view(1, 1, 1, 4).repeat(4, 1, 1, 1)
    # Lighter and with more contrast: 0. Turned over: 4. Nothing to do with it: 2. Half: 60 degrees.
    other = torch.tensor([-1.0, 1.0, -1.0, 1.0])
    alike = torch.tensor([-1.0, -1.0, 1.0, 1.0])
    maps = [5 + 3 * alike, -alike, other, 0.5 * alike + 0.75**0.5 * other]
    loss = content_of(torch.stack(maps).view(4, 1, 1, 4), photo)
    expected = torch.tensor([0.0, 4.0, 2.0, 1.0])
    torch.testing.assert_close(loss.sqrt(), expected, atol=1e-4, rtol=0)


def test_content_loss_counts_a_channel_by_what_varies_of_it() -> None:
    alike = torch.tensor([-1.0, -1.0, 1.0, 1.0])
    photo = torch.stack([3 * alike, alike]).view(1, 2, 1, 4)
    for turned, expected in ((0, (4 * 0.9) ** 2), (1, (4 * 0.1) ** 2)):
        painted = photo.clone()
        painted[:, turned] *= -1
        assert content_of(painted, photo).item() == pytest.approx(expected, abs=1e-4)


def test_content_loss_averages_layers() -> None:
    photo = {layer: torch.tensor([-1.0, 1.0]).view(1, 1, 1, 2) for layer in CONTENT_LAYERS}
    painted = photo | {CONTENT_LAYERS[0]: -photo[CONTENT_LAYERS[0]]}
    loss = losses.content_loss(painted, photo).item()
    assert loss == pytest.approx((4 / len(CONTENT_LAYERS)) ** 2, abs=1e-4)


def test_content_loss_of_an_empty_map_is_that_of_nothing_alike() -> None:
    empty = torch.zeros(1, 2, 2, 2, requires_grad=True)
    full = torch.tensor([0.0, 1.0]).view(1, 1, 1, 2).repeat(1, 2, 2, 1).requires_grad_()
    for painted, photo in ((empty, empty), (full, empty), (empty, full)):
        loss = content_of(painted, photo.detach())
        assert loss.tolist() == [4.0]
        (gradient,) = torch.autograd.grad(loss.sum(), painted)
        assert gradient.isfinite().all()


def test_a_stroke_costs_the_same_wherever_it_lies() -> None:
    """In a bare sky as much as across an edge."""
    photo = torch.zeros(1, 1, 1, 16)
    photo[..., 8:] = 1
    costs = []
    for place in (0, 3, 6):
        painted = photo.clone()
        painted[..., place : place + 4] += torch.tensor([0.6, -0.6, -0.6, 0.6])
        costs.append(content_of(painted, photo).item())
    assert costs[0] > 0.05
    assert costs[1:] == [pytest.approx(costs[0], abs=1e-6)] * 2


def test_content_loss_rather_has_many_places_change_a_little_than_few_much() -> None:
    photo = torch.linspace(0, 1, 16).view(1, 1, 1, 16)
    stroke = torch.tensor([0.2, -0.2, -0.2, 0.2])
    everywhere = content_of(photo + stroke.repeat(4), photo).item()
    once = content_of(photo + torch.cat([4 * stroke, torch.zeros(12)]), photo).item()
    assert everywhere < once / 2**2


def test_the_further_a_photo_is_lost_the_more_the_next_stroke_costs() -> None:
    photo = torch.tensor([-1.0, -1.0, 1.0, 1.0]).view(1, 1, 1, 4)
    other = torch.tensor([-1.0, 1.0, -1.0, 1.0])
    costs = [content_of((1 - lost) * photo + lost * other, photo).item() for lost in (0, 0.4, 0.6)]
    assert costs[0] < (costs[1] - costs[0]) / 0.4 < (costs[2] - costs[1]) / 0.2


def test_identity_loss_by_hand() -> None:
    photo = torch.zeros(2, 3, 2, 2)
    painted = torch.zeros(2, 3, 2, 2)
    painted[1, 0, 0, 0] = -0.6
    torch.testing.assert_close(losses.identity_loss(painted, photo), torch.tensor([0.0, 0.05]))


def test_total_variation_by_hand() -> None:
    plain = torch.full((1, 2, 3), 0.4)
    edges = torch.tensor([[[0.0, 1.0, 1.0], [0.5, 0.5, 1.0]]])
    # Down: 0.5, 0.5, 0 over three pairs. Right: 1, 0, 0, 0.5 over four.
    expected = torch.tensor([0.0, 1 / 3 + 1.5 / 4])
    torch.testing.assert_close(losses.total_variation(torch.stack([plain, edges])), expected)


def test_hinge_of_the_discriminator_by_hand() -> None:
    real = torch.tensor([2.0, 0.5, -1.0]).view(3, 1, 1, 1)
    fake = torch.tensor([-3.0, -0.5, 1.0]).view(3, 1, 1, 1)
    # Real: 0, 0.5, 2. Fake: 0, 0.5, 2.
    expected = pytest.approx(5 / 3)
    assert losses.hinge_discriminator(real, fake).item() == expected
    assert losses.hinge_discriminator(real + 9, fake - 9).item() == 0


def test_hinge_of_the_generator_by_hand() -> None:
    scores = torch.tensor([[1.0, 3.0], [-4.0, 0.0]]).view(2, 1, 1, 2)
    assert losses.hinge_generator(scores).tolist() == [-2.0, 2.0]


def test_every_loss_is_one_value_a_sample() -> None:
    pictures = torch.rand(3, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    features = dict.fromkeys(STYLE_LAYERS, pictures)
    for value in (
        losses.style_loss(features, losses.measure_style(features)),
        losses.content_loss(features, features),
        losses.identity_loss(pictures, pictures),
        losses.total_variation(pictures),
        losses.hinge_generator(pictures[:, :1]),
    ):
        assert value.shape == (3,)
        assert value.dtype == torch.float32
