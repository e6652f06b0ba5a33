from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the name every torch reader expects
from safetensors.torch import save_file
from torch import Tensor

from engine.api.contract import StyleCode
from engine.api.errors import PerceptualWeightsError
from engine.media.images import Picture
from engine.painting.checkpoint import load_checkpoint
from engine.painting.masterwork import Manner
from engine.painting.masterwork_painter import MasterworkPainter
from engine.painting.perceptual import Vgg16
from engine.painting.stylizer import Stylizer
from engine.training import quality
from engine.training.dataset import load_picture, to_picture
from engine.training.picture_scores import Scores

PictureFolder = Callable[..., list[Path]]
CHANNELS = (64, 128, 256, 512, 512)
SIDE_PX = 128


def _lins(value: float = 1.0) -> list[Tensor]:
    return [torch.full((channels,), value) for channels in CHANNELS]


@pytest.fixture(scope="module")
def stylizer(tiny_checkpoint: Path) -> Stylizer:
    return Stylizer(load_checkpoint(tiny_checkpoint), "cpu", torch.float32)


@pytest.mark.parametrize("pattern", ["lin{}.weight", "lin{}.model.1.weight"])
def test_both_namings_of_the_weights_are_read(tmp_path: Path, pattern: str):
    path = tmp_path / "lpips.safetensors"
    tensors = {pattern.format(i): torch.full((1, c, 1, 1), i + 1.0) for i, c in enumerate(CHANNELS)}
    save_file(tensors, path)
    loaded = quality.load_lpips(path)
    assert [tuple(weight.shape) for weight in loaded] == [(channels,) for channels in CHANNELS]
    assert [weight[0].item() for weight in loaded] == [1, 2, 3, 4, 5]


def test_other_files_are_no_lpips_weights(tmp_path: Path):
    path = tmp_path / "lpips.safetensors"
    with pytest.raises(PerceptualWeightsError, match="cannot be read"):
        quality.load_lpips(path)
    path.write_bytes(b"not safetensors")
    with pytest.raises(PerceptualWeightsError, match="cannot be read"):
        quality.load_lpips(path)
    save_file({"lin0.weight": torch.zeros(1, 64, 1, 1)}, path)
    with pytest.raises(PerceptualWeightsError, match="does not hold"):
        quality.load_lpips(path)


def test_named_and_unseen_styles_are_measured(
    stylizer: Stylizer, vgg: Vgg16, picture_folder: PictureFolder, tmp_path: Path
):
    photos = picture_folder("photo", 2, (64, 40))
    references = picture_folder("unseen", 1)
    folder = tmp_path / "named"
    folder.mkdir()
    (folder / "storm.jpg").write_bytes(references[0].read_bytes())
    asked = []

    def refine(code: StyleCode, reference: Picture) -> StyleCode:
        asked.append((code, reference.rgb.shape))
        return stylizer.style_code("calm")

    subjects = quality.named_styles(stylizer, folder)
    subjects += quality.unseen_styles(stylizer, references, refine)
    rows = quality.measure(vgg, _lins(), photos, subjects, SIDE_PX)
    assert [(row.group, row.style, row.pictures) for row in rows] == [
        ("trained", "storm", 2),
        ("zero-shot", "unseen-0", 2),
        ("refined", "unseen-0", 2),
        ("photo", "storm", 2),
        ("style", "storm", 2),
        ("photo", "unseen-0", 2),
        ("style", "unseen-0", 2),
    ]
    painted, baselines = rows[:3], {row.group: row.scores for row in rows[3:]}
    assert all(row.scores.lpips > 0 and row.scores.gram > 0 for row in painted)
    assert baselines["photo"].lpips == 0
    assert baselines["photo"].selfsim == pytest.approx(0, abs=1e-5)
    assert baselines["photo"].tint == pytest.approx(1, abs=1e-3)
    assert baselines["style"].remd < baselines["photo"].remd
    assert asked == [(stylizer.extract_style([_picture(references[0])]), (48, 64, 3))]
    (alone,) = quality.unseen_styles(stylizer, references)
    assert alone.group == "zero-shot"


def _picture(path: Path) -> Picture:
    return to_picture(load_picture(path))


def test_a_row_is_what_its_definition_says(
    stylizer: Stylizer, vgg: Vgg16, picture_folder: PictureFolder
):
    (photo,) = picture_folder("photo", 1, (SIDE_PX, 80))
    (reference,) = picture_folder("style", 1, (SIDE_PX, SIDE_PX))
    subjects = list(quality.unseen_styles(stylizer, [reference]))
    row = quality.measure(vgg, _lins(), [photo], subjects, SIDE_PX)[0]
    content, style = _picture(photo), _picture(reference)
    painted = stylizer.repaint(content, stylizer.extract_style([style]))
    x, y, s = (
        vgg.features(torch.from_numpy(p.rgb).permute(2, 0, 1)[None] / 255, "5_3")
        for p in (content, painted, style)
    )
    distance = sum(
        (F.normalize(x[k]) - F.normalize(y[k])).square().sum(1).mean().item()
        for k in ("1_2", "2_2", "3_3", "4_3", "5_3")
    )
    errors = []
    for k in ("1_2", "2_2", "3_3", "4_3"):
        (_, c, h, w) = s[k].shape
        want = torch.einsum("chw,dhw->cd", s[k][0], s[k][0]) / (c * h * w)
        (_, c, h, w) = y[k].shape
        got = torch.einsum("chw,dhw->cd", y[k][0], y[k][0]) / (c * h * w)
        errors.append(((got - want).square().sum() / want.square().sum()).item())
    assert row.scores.lpips == pytest.approx(distance, rel=1e-3)
    assert row.scores.gram == pytest.approx(sum(errors) / 4, rel=1e-3)


def _scores(lpips: float, gram: float) -> Scores:
    return Scores(lpips=lpips, selfsim=0.1, remd=0.4, deep=0.5, tint=0.7, gram=gram)


def test_means_are_taken_over_each_group():
    rows = [
        quality.Row("trained", "a", 3, _scores(0.2, 0.4)),
        quality.Row("zero-shot", "b", 3, _scores(0.9, 0.9)),
        quality.Row("trained", "c", 3, _scores(0.4, 0.8)),
    ]
    first, second = quality.means(rows)
    assert (first.group, first.style, first.pictures) == ("trained", "mean", 6)
    assert [first.scores.lpips, first.scores.gram] == pytest.approx([0.3, 0.6])
    assert first.scores.tint == pytest.approx(0.7)
    assert second.scores.gram == pytest.approx(0.9)


def test_masterworks_are_measured_beside_the_fast_pictures(
    stylizer: Stylizer,
    tiny_checkpoint: Path,
    perceptual_weights: Path,
    picture_folder: PictureFolder,
    monkeypatch: pytest.MonkeyPatch,
):
    slow = MasterworkPainter(tiny_checkpoint, "cpu", perceptual_weights, side_px=48)
    monkeypatch.setattr(quality, "Manner", lambda: Manner(effort=0.03))
    (reference,) = picture_folder("unseen", 1)
    found = list(quality.unseen_styles(stylizer, [reference], masterworks=slow))
    assert [subject.group for subject in found] == ["zero-shot", "masterwork picture"]
    photo = _picture(reference)
    assert found[1].paint(photo).rgb.shape == photo.rgb.shape
