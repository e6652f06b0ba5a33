import pytest
import torch
from torch import Tensor

from engine.painting.neighbours import (
    STACKED_LAYERS,
    Places,
    as_rows,
    directed,
    mover_distance,
    nearest,
    sample,
    stack,
)
from engine.painting.perceptual import Vgg16


def rng() -> torch.Generator:
    return torch.Generator().manual_seed(5)


def as_maps(rows: Tensor) -> Tensor:
    """Rows (P, C) as (1, C, 1, P)."""
    return rows.t()[None, :, None]


def test_a_stack_has_every_layer_at_a_quarter_of_the_side(vgg: Vgg16) -> None:
    features = vgg.features(torch.rand(2, 3, 64, 96, generator=rng()))
    stacked = stack(features)
    assert stacked.shape == (2, 128 + 3 * 256 + 3 * 512, 16, 24)
    # The layers at 1/4 are there as they are.
    assert STACKED_LAYERS[1] == "3_1"
    torch.testing.assert_close(stacked[:, 128:384], features["3_1"])


def test_odd_sides_are_stacked_on_the_grid_of_the_third_block(vgg: Vgg16) -> None:
    features = vgg.features(torch.rand(1, 3, 67, 45, generator=rng()))
    assert stack(features).shape[2:] == features["3_1"].shape[2:] == (16, 11)


def test_places_are_rows(vgg: Vgg16) -> None:
    maps = torch.arange(24.0).view(1, 2, 3, 4)
    assert as_rows(maps)[5].tolist() == [5.0, 17.0]
    assert as_rows(maps, torch.tensor([11, 0])).tolist() == [[11.0, 23.0], [0.0, 12.0]]


def test_a_sample_is_of_distinct_places_or_all() -> None:
    assert sample(10, 10, rng()) is None
    chosen = sample(1000, 10, rng())
    assert chosen is not None
    assert len(set(chosen.tolist())) == 10
    assert max(chosen.tolist()) < 1000


def test_each_place_finds_itself_again() -> None:
    rows = torch.randn(40, 8, generator=rng())
    style = Places.of(as_maps(rows), 40, rng())
    assert nearest(rows, style).tolist() == list(range(40))
    assert style.centre.tolist() == pytest.approx(rows.mean(0).tolist(), abs=1e-6)


def test_brightness_of_a_side_does_not_matter() -> None:
    """Each side is centred: a style that is shifted and louder as a whole is matched alike."""
    rows = torch.randn(40, 8, generator=rng())
    style = Places.of(as_maps(3 * rows + 7), 40, rng())
    assert nearest(rows, style).tolist() == list(range(40))


def test_popular_places_are_avoided() -> None:
    """One style place is near to every photo place, another nearly as near to half of them."""
    photo = torch.zeros(20, 4)
    photo[:10, 0], photo[10:, 0] = 1.0, -1.0
    photo[:10, 1] = 0.4
    photo += 0.05 * torch.randn(20, 4, generator=rng())
    rows = torch.tensor(
        [[1.0, 0.45, 0.0, 0.0], [0.9, 0.1, 0.3, 0.0], [-1, -0.2, 0, 0], [-0.9, -0.35, -0.3, 0]]
    )
    style = Places(directed(rows, torch.zeros(4)), torch.zeros(4))
    plain = nearest(photo, style).unique()
    spread = nearest(photo, style, spread=1.0).unique()
    assert len(spread) >= len(plain)


def test_the_movers_distance_asks_both_ways() -> None:
    rows = torch.randn(30, 8, generator=rng())
    style = Places.of(as_maps(rows), 30, rng())
    there, back = mover_distance(rows, style)
    assert there.item() == pytest.approx(0, abs=1e-6)
    assert back.item() == pytest.approx(0, abs=1e-6)
    # A picture of one place only is like the style everywhere, and uses next to nothing of it.
    there, back = mover_distance(rows[:1].expand(30, -1), style)
    assert there.item() == pytest.approx(0, abs=1e-6)
    assert back.item() > 0.5
