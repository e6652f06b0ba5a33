import itertools
from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from torch import Tensor

from engine.painting.masterwork import (
    Exemplar,
    Manner,
    Progress,
    busy_places,
    match_colours,
    paint,
    plan,
)
from engine.painting.neighbours import Places, as_rows, mover_distance
from engine.painting.perceptual import Vgg16, load_vgg16


def rng(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def stripes(height: int = 64, width: int = 64) -> Tensor:
    """A style: slanted stripes of two colours."""
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    wave = ((x + y) // 4 % 2).float()
    colours = torch.tensor([[0.9, 0.2, 0.1], [0.1, 0.2, 0.8]]).view(2, 3, 1, 1)
    return wave * colours[:1] + (1 - wave) * colours[1:]


def scene(height: int = 48, width: int = 64) -> Tensor:
    """A photo: a bright disc on a dark slope."""
    y, x = torch.meshgrid(
        torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij"
    )
    disc = ((x.square() + y.square()) < 0.3).float()
    luma = 0.2 + 0.2 * (x + 1) / 2 + 0.5 * disc
    return luma.expand(1, 3, -1, -1).contiguous()


def finish(stages: Iterator[Progress]) -> Tensor:
    *_, last = stages
    assert last.picture is not None
    return last.picture


def quick(
    vgg: Vgg16,
    photo: Tensor,
    *exemplars: Exemplar,
    strength: float = 1.0,
    calm: Tensor | None = None,
) -> Tensor:
    """A masterwork of a few steps."""
    return finish(paint(vgg, photo, exemplars, Manner(strength, effort=0.15), calm))


@pytest.mark.parametrize("brush", ["fine", "normal", "bold"])
@pytest.mark.parametrize("size", [(512, 384), (341, 512), (1024, 1024), (50, 40), (32, 400)])
def test_a_plan_goes_from_coarse_to_the_photos_own_size(brush, size) -> None:
    height, width = size
    scales = plan(height, width, Manner(brush=brush))
    assert (scales[-1].height, scales[-1].width) == (height, width)
    sides = [max(scale.height, scale.width) for scale in scales]
    assert sides == sorted(sides)
    assert all(small <= 2.8 * large for large, small in itertools.pairwise(sides))
    assert all(scale.steps >= 7 for scale in scales)


def test_a_fine_brush_begins_finer_and_costs_less() -> None:
    fine, normal, bold = (
        plan(512, 512, Manner(brush=brush)) for brush in ("fine", "normal", "bold")
    )
    assert fine[0].width > normal[0].width > bold[0].width
    assert 2 * sum(s.cost for s in fine) <= 1.01 * sum(s.cost for s in normal)


def test_progress_counts_every_step_and_shows_every_scale(vgg: Vgg16) -> None:
    stages = list(paint(vgg, scene(48, 144), [Exemplar(stripes())], Manner(effort=0.1)))
    scales = plan(48, 144, Manner(effort=0.1))
    steps = sum(scale.steps for scale in scales)
    assert [stage.step for stage in stages] == list(range(1, steps + 1))
    assert all(stage.steps == steps for stage in stages)
    shares = [stage.share for stage in stages]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    shown = [tuple(s.picture.shape[2:]) for s in stages if s.picture is not None]
    assert shown == [(scale.height, scale.width) for scale in scales]
    assert stages[-1].picture is not None


def test_it_stops_when_no_one_asks_for_the_next_step(vgg: Vgg16) -> None:
    looked = 0
    features = vgg.features

    def counted(*args, **options):
        nonlocal looked
        looked += 1
        return features(*args, **options)

    vgg.features = counted  # type: ignore[method-assign]
    try:
        stages = paint(vgg, scene(), [Exemplar(stripes())])
        next(stages)
        before = looked
        del stages
    finally:
        del vgg.features
    assert looked == before


def test_the_same_photo_gives_the_same_picture(vgg: Vgg16) -> None:
    first, second = (quick(vgg, scene(), Exemplar(stripes())) for _ in range(2))
    assert torch.equal(first, second)
    assert first.shape == (1, 3, 48, 64)
    assert 0 <= first.min() <= first.max() <= 1


def test_half_strength_is_nearer_to_the_photo(vgg: Vgg16) -> None:
    photo = scene()
    half, full = (quick(vgg, photo, Exemplar(stripes()), strength=share) for share in (0.3, 1.0))
    assert (half - photo).abs().mean() < 0.8 * (full - photo).abs().mean()


def grainy(height: int = 48, width: int = 192) -> Tensor:
    """A photo with fine detail everywhere, large enough for several scales."""
    grain = torch.rand(1, 1, height, width, generator=rng()) - 0.5
    return (scene(height, width) + 0.4 * grain).clamp(0, 1)


def detail(picture: Tensor) -> Tensor:
    """What is finer than a few pixels."""
    luma = picture.mean(1, keepdim=True)
    return (luma - F.avg_pool2d(luma, 5, 1, 2, count_include_pad=False)).flatten()


def test_a_subject_is_painted_and_no_tinted_photo() -> None:
    photo = grainy()
    painted = quick(load_vgg16(), photo, Exemplar(stripes(48, 192)))
    likeness = torch.corrcoef(torch.stack([detail(painted), detail(photo)]))[0, 1]
    assert likeness < 0.5


def test_a_little_strength_leaves_the_photo_sharp(vgg: Vgg16) -> None:
    photo = grainy()
    painted = quick(vgg, photo, Exemplar(stripes()), strength=0.05)
    likeness = torch.corrcoef(torch.stack([detail(painted), detail(photo)]))[0, 1]
    assert likeness > 0.9


def test_a_blend_takes_from_both(vgg: Vgg16) -> None:
    green = stripes()[:, [1, 0, 2]]
    both = quick(vgg, scene(), Exemplar(stripes(), 1), Exemplar(green, 1))
    one, other = (quick(vgg, scene(), Exemplar(style)) for style in (stripes(), green))
    means = [picture.mean((0, 2, 3)) for picture in (one, both, other)]
    assert means[0][0] > means[1][0] > means[2][0]
    assert means[0][1] < means[1][1] < means[2][1]


def test_a_weight_of_the_whole_is_the_style_alone(vgg: Vgg16) -> None:
    alone = quick(vgg, scene(), Exemplar(stripes(), 1))
    scaled = quick(vgg, scene(), Exemplar(stripes(), 7))
    torch.testing.assert_close(alone, scaled)


def test_a_calm_place_keeps_more_of_the_photo(vgg: Vgg16) -> None:
    photo = (scene(48, 192) + 0.2 * torch.rand(1, 3, 48, 192, generator=rng())).clamp(0, 1)
    free, calm = (
        quick(vgg, photo, Exemplar(stripes()), calm=torch.full((1, 1, 48, 192), share))
        for share in (0.0, 1.0)
    )

    def structure(picture: Tensor) -> Tensor:
        luma = picture.mean(1)
        return (luma - luma.mean()).flatten()

    likeness = [
        torch.corrcoef(torch.stack([structure(picture), structure(photo)]))[0, 1]
        for picture in (free, calm)
    ]
    assert likeness[1] > likeness[0]


def test_small_sharp_structure_is_busy_and_bare_places_are_not() -> None:
    photo = torch.full((1, 3, 256, 256), 0.5)
    photo[..., 100:140:4, 100:140] = 0.0
    busy = busy_places(photo)
    assert busy.shape == (1, 1, 256, 256)
    assert busy[..., 110:130, 110:130].min() > 0.5
    assert busy[..., :60, :].max() < 0.05
    assert 0 <= busy.min() <= busy.max() <= 1


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_colours_move_by_their_share(share: float) -> None:
    picture, style = torch.rand(1, 3, 40, 40, generator=rng()) * 0.3 + 0.35, stripes()
    moved = match_colours(picture, [Exemplar(style)], share)
    expected = torch.lerp(picture.mean((0, 2, 3)), style.mean((0, 2, 3)), share)
    torch.testing.assert_close(moved.mean((0, 2, 3)), expected, atol=0.05, rtol=0)


def test_a_flat_picture_can_be_coloured() -> None:
    flat = torch.full((1, 3, 8, 8), 0.5)
    assert match_colours(flat, [Exemplar(stripes())], 1.0).isfinite().all()


def test_every_place_comes_nearer_to_the_style_than_the_photo_is() -> None:
    """With the shipped network, at a small side: what a masterwork is for."""
    vgg = load_vgg16()
    photo = scene(64, 64)
    style = stripes(64, 64)
    painted = finish(paint(vgg, photo, [Exemplar(style)]))

    def distances(picture: Tensor) -> list[float]:
        with torch.no_grad():
            found, goal = (vgg.features(each)["3_3"] for each in (picture, style))
            places = Places.of(goal, 4096, rng())
            return [way.item() for way in mover_distance(as_rows(found), places)]

    before, after = distances(photo), distances(painted)
    # Nearer in the worse of both directions, and no worse in the other.
    assert max(after) < 0.75 * max(before)
    assert after[0] < 0.95 * before[0]
