import pytest
import torch
from torch import Tensor

from engine.painting.perceptual import Vgg16
from engine.training import neighbour_losses as losses
from engine.training.neighbour_losses import Target, measure


def picture(seed: int, height: int = 48, width: int = 64) -> Tensor:
    source = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, height // 8, width // 8, generator=source)
    return torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0, 1)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def test_a_style_meets_itself(vgg: Vgg16) -> None:
    style = picture(1)
    features = vgg.features(style)
    target = measure(features, style)
    assert losses.matching_loss(features, features, target).item() < 0.01
    # A third of the places at 1/2 of the side are not drawn, and their neighbours stand in.
    assert losses.mover_loss(features, target, whole=True).item() < 0.03
    assert losses.moment_loss(features, target).item() == pytest.approx(0, abs=1e-6)
    assert losses.similarity_loss(features, features).item() == pytest.approx(0, abs=1e-6)
    assert losses.colour_loss(style, target).item() < 0.02


@pytest.mark.parametrize("other", [2, 3])
def test_another_picture_is_further_away_in_every_loss(vgg: Vgg16, other: int) -> None:
    style, photo = picture(1), picture(other)
    target = measure(vgg.features(style), style)
    features = vgg.features(photo)
    itself = losses.mover_loss(vgg.features(style), target, whole=True).item()
    assert losses.matching_loss(features, features, target).item() > 0.01
    assert losses.mover_loss(features, target, whole=True).item() > 3 * itself
    assert losses.moment_loss(features, target).item() > 1e-4
    assert losses.similarity_loss(features, vgg.features(style)).item() > 0.01
    assert losses.colour_loss(photo, target).item() > 0.01


def test_samples_of_a_batch_have_styles_of_their_own(vgg: Vgg16) -> None:
    pictures = [picture(seed) for seed in (1, 2, 3)]
    targets = [measure(vgg.features(each), each) for each in pictures]
    together = vgg.features(torch.cat(pictures))
    right = losses.mover_loss(together, Target.gather(targets), whole=True)
    wrong = losses.mover_loss(together, Target.gather(targets[::-1]), whole=True)
    assert right.shape == (3,)
    assert right.max() < 0.03
    assert wrong[0] > 0.1
    assert wrong[1] < 0.03


def test_a_part_need_not_use_all_of_the_style(vgg: Vgg16) -> None:
    style = picture(1, 96, 96)
    target = measure(vgg.features(style), style)
    flat = style[..., :1, :1].expand(-1, -1, 96, 96)
    features = vgg.features(flat)
    part = losses.mover_loss(features, target, whole=False)
    whole = losses.mover_loss(features, target, whole=True)
    assert part < whole


def test_styles_of_different_sizes_share_a_batch(vgg: Vgg16) -> None:
    small, large = picture(1, 32, 32), picture(2, 80, 64)
    targets = [measure(vgg.features(each), each) for each in (small, large)]
    gathered = Target.gather(targets)
    assert {value.shape[0] for value in gathered.places.values()} == {2}


def test_gradients_reach_the_picture(vgg: Vgg16) -> None:
    style, photo = picture(1), picture(2)
    target = measure(vgg.features(style), style)
    with torch.no_grad():
        seen = vgg.features(photo)
    painted = photo.clone().requires_grad_()
    features = vgg.features(painted)
    total = (
        losses.matching_loss(features, seen, target)
        + losses.mover_loss(features, target, whole=True)
        + losses.moment_loss(features, target)
        + losses.similarity_loss(features, seen)
        + losses.colour_loss(painted, target)
    )
    total.sum().backward()
    assert painted.grad is not None
    assert painted.grad.isfinite().all()
    assert painted.grad.abs().sum() > 0
