from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.api.contract import StyleCode
from engine.api.errors import InvalidOptionError, StaleStyleError, UnknownStyleError
from engine.media.images import Picture
from engine.painting.checkpoint import load_checkpoint
from engine.painting.stylizer import Stylizer


@pytest.fixture(scope="module")
def stylizer(tiny_checkpoint: Path) -> Stylizer:
    return Stylizer(load_checkpoint(tiny_checkpoint), "cpu", torch.float32)


def _picture(height: int, width: int, *, alpha: bool = False) -> Picture:
    rng = np.random.default_rng(height * width)
    rgb = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(rgb, rng.integers(0, 256, (height, width), dtype=np.uint8) if alpha else None)


def _batch(count: int, height: int = 40, width: int = 48) -> Tensor:
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(1))


def _styles(stylizer: Stylizer) -> Tensor:
    return torch.stack([stylizer.open_code(stylizer.style_code(s)) for s in ("calm", "storm")])


def test_a_batch_of_mixed_styles_equals_the_single_results(stylizer: Stylizer):
    content, styles, strength = _batch(2), _styles(stylizer), torch.tensor([1.0, 0.6])
    together = stylizer.stylize(content, styles, strength)
    for index in range(2):
        alone = stylizer.stylize(
            content[index : index + 1], styles[index : index + 1], strength[index : index + 1]
        )
        torch.testing.assert_close(together[index], alone[0])


def test_the_cpus_single_path_equals_the_batched_one(stylizer: Stylizer):
    content, styles = _batch(2), _styles(stylizer)
    painted = stylizer.stylize(content, styles, torch.ones(2))
    with torch.inference_mode():
        batched = stylizer._generator(content, styles)
    torch.testing.assert_close(painted, batched, atol=1e-5, rtol=1e-4)


def test_bf16_paints_the_same_picture(tiny_checkpoint: Path, stylizer: Stylizer):
    coarse = Stylizer(load_checkpoint(tiny_checkpoint), "cpu", torch.bfloat16)
    content, styles = _batch(2), _styles(stylizer)
    for strength in (torch.ones(2), torch.tensor([0.3, 1.0])):
        exact = stylizer.stylize(content, styles, strength)
        assert (coarse.stylize(content, styles, strength) - exact).abs().mean() < 0.01


def test_strength_zero_is_the_photo_and_the_way_there_is_monotone(stylizer: Stylizer):
    content, styles = _batch(1), _styles(stylizer)[1:]
    distances = [
        (stylizer.stylize(content, styles, torch.tensor([s])) - content).abs().mean().item()
        for s in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert distances[0] < 1e-6
    assert distances == sorted(distances)


@pytest.mark.parametrize(
    ("content", "styles", "strength"),
    [
        (torch.zeros(1, 3, 31, 40), torch.zeros(1, 8), torch.ones(1)),
        (torch.zeros(1, 4, 40, 40), torch.zeros(1, 8), torch.ones(1)),
        (torch.zeros(3, 40, 40), torch.zeros(1, 8), torch.ones(1)),
        (torch.zeros(2, 3, 40, 40), torch.zeros(1, 8), torch.ones(2)),
        (torch.zeros(1, 3, 40, 40), torch.zeros(1, 9), torch.ones(1)),
        (torch.zeros(1, 3, 40, 40), torch.zeros(1, 8), torch.ones(2)),
        (torch.zeros(1, 3, 40, 40), torch.zeros(1, 8), torch.tensor([1.1])),
        (torch.zeros(1, 3, 40, 40), torch.zeros(1, 8), torch.tensor([float("nan")])),
    ],
)
def test_wrong_shapes_and_strengths_are_refused(
    stylizer: Stylizer, content: Tensor, styles: Tensor, strength: Tensor
):
    with pytest.raises(InvalidOptionError):
        stylizer.stylize(content, styles, strength)


@pytest.mark.parametrize(("height", "width"), [(40, 33), (32, 600), (200, 130), (65, 64)])
def test_a_photo_of_any_size_comes_back_at_its_size(stylizer: Stylizer, height: int, width: int):
    photo = _picture(height, width, alpha=True)
    painted = stylizer.repaint(photo, stylizer.style_code("storm"))
    assert painted.rgb.shape == photo.rgb.shape
    assert painted.alpha is photo.alpha
    assert (painted.rgb != photo.rgb).any()


def test_the_brush_changes_the_strokes_of_large_and_small_photos(stylizer: Stylizer):
    code = stylizer.style_code("storm")
    for photo in (_picture(160, 160), _picture(48, 56)):
        fine, normal, bold = (
            stylizer.repaint(photo, code, brush=brush).rgb for brush in ("fine", "normal", "bold")
        )
        assert fine.shape == normal.shape == bold.shape == photo.rgb.shape
        assert (fine != normal).any()
        assert (bold != normal).any()
    with pytest.raises(InvalidOptionError, match="brush"):
        stylizer.repaint(photo, code, brush="huge")  # type: ignore[arg-type]


def test_a_filter_cannot_be_blended(stylizer: Stylizer):
    with pytest.raises(UnknownStyleError):
        stylizer.style_code("sepia")
    with pytest.raises(InvalidOptionError, match="filters"):
        stylizer.blend([(StyleCode("filter", b"sepia"), 1), (stylizer.style_code("calm"), 1)])


def test_every_strength_out_of_range_is_refused(stylizer: Stylizer):
    for strength in (-0.1, 1.1, float("nan")):
        with pytest.raises(InvalidOptionError, match="Strength"):
            stylizer.repaint(_picture(40, 40), stylizer.style_code("calm"), strength=strength)


def test_strength_zero_returns_even_a_large_photo_untouched(stylizer: Stylizer):
    photo = _picture(200, 300)
    untouched = stylizer.repaint(photo, stylizer.style_code("calm"), strength=0)
    assert np.array_equal(untouched.rgb, photo.rgb)


def test_kept_colours_differ_from_the_full_painting(stylizer: Stylizer):
    photo, code = _picture(64, 64), stylizer.style_code("storm")
    coloured = stylizer.repaint(photo, code).rgb.astype(int)
    kept = stylizer.repaint(photo, code, keep_colours=True).rgb.astype(int)
    assert np.abs(coloured - kept).mean() > 1


def test_extracting_reads_the_picture_and_averages_several(stylizer: Stylizer):
    bright = Picture(np.full((50, 70, 3), 250, dtype=np.uint8), None)
    dark = Picture(np.full((400, 300, 3), 5, dtype=np.uint8), None)
    codes = [stylizer.extract_style(some) for some in ([bright], [dark], [bright, dark])]
    first, second, both = (stylizer.open_code(code) for code in codes)
    assert not torch.allclose(first, second)
    torch.testing.assert_close(both, (first + second) / 2)
    with pytest.raises(InvalidOptionError, match="at least one"):
        stylizer.extract_style([])


def test_blending_is_a_weighted_mean(stylizer: Stylizer):
    calm, storm = stylizer.style_code("calm"), stylizer.style_code("storm")
    styles = _styles(stylizer)
    mixed = stylizer.open_code(stylizer.blend([(calm, 3), (storm, 1)]))
    torch.testing.assert_close(mixed, 0.75 * styles[0] + 0.25 * styles[1])
    assert stylizer.blend([(storm, 7)]) == storm
    for weights in (
        [],
        [(calm, 0.0)],
        [(calm, -1.0), (storm, 2.0)],
        [(calm, float("nan"))],
        [(calm, float("inf"))],
    ):
        with pytest.raises(InvalidOptionError):
            stylizer.blend(weights)


def test_a_moved_style_paints_otherwise_and_can_be_blended(stylizer: Stylizer):
    calm, storm = stylizer.style_code("calm"), stylizer.style_code("storm")
    before, plain = (stylizer.open_code(code) for code in (calm, storm))
    wanted = before + torch.linspace(-0.4, 0.4, len(before))
    moved = stylizer.moved(calm, wanted)
    # A byte an offset: at most half a 127th of the largest off.
    exactly = stylizer.open_code(moved)
    torch.testing.assert_close(exactly, wanted, atol=0.2 / 127 + 1e-6, rtol=0)
    again = stylizer.open_code(stylizer.moved(moved, exactly))
    torch.testing.assert_close(again, exactly)
    assert stylizer.moved(moved, before) == calm
    mixed = stylizer.open_code(stylizer.blend([(moved, 3), (storm, 1)]))
    torch.testing.assert_close(mixed, 0.75 * exactly + 0.25 * plain)
    photo = _picture(40, 48)
    assert (stylizer.repaint(photo, moved).rgb != stylizer.repaint(photo, calm).rgb).any()
    with pytest.raises(StaleStyleError):
        stylizer.moved(StyleCode("another", moved.data), wanted)


def test_a_code_of_another_checkpoint_is_stale(stylizer: Stylizer):
    code = stylizer.style_code("calm")
    for stale in (StyleCode("another", code.data), StyleCode(code.checkpoint, code.data[:-1])):
        with pytest.raises(StaleStyleError, match="extract it again"):
            stylizer.repaint(_picture(40, 40), stale)


def test_an_unknown_slug_is_refused(stylizer: Stylizer):
    with pytest.raises(UnknownStyleError):
        stylizer.style_code("nothing")


@pytest.mark.gpu
def test_the_gpu_paints_what_the_cpu_paints(tiny_checkpoint: Path, stylizer: Stylizer):
    gpu = Stylizer(load_checkpoint(tiny_checkpoint), "cuda")
    content, styles, strength = _batch(2), _styles(stylizer), torch.tensor([1.0, 0.5])
    difference = gpu.stylize(content, styles, strength).cpu()
    assert (difference - stylizer.stylize(content, styles, strength)).abs().mean() < 0.02


def test_thin_lines_of_a_drawing_survive_the_fine_brush():
    """One pixel of ink on paper stays darker than what is painted beside it."""
    paper = np.full((900, 1200, 3), 255, np.uint8)
    paper[:, 200::200] = 0
    stylizer = Stylizer.load(device="cpu")
    code = stylizer.style_code("great-wave")
    painted = stylizer.repaint(Picture(paper), code, brush="fine").rgb.astype(int).sum(2) / 3
    for column in range(200, 1200, 200):
        beside = np.minimum(painted[:, column - 3], painted[:, column + 3])
        assert np.median(beside - painted[:, column]) > 40
