import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from typing_extensions import override

from engine.api.errors import TrainingError
from engine.painting.checkpoint import load_checkpoint
from engine.painting.networks import Generator, GeneratorConfig
from engine.painting.perceptual import Vgg16
from engine.training import trainer
from engine.training.dataset import Batch, Dataset, Mixture, to_tensor
from engine.training.recipe import Recipe, Schedule, Weights
from engine.training.trainer import STATE_FILE, Trainer

PictureFolder = Callable[..., list[Path]]
MakeTrainer = Callable[..., Trainer]
TINY = GeneratorConfig(style_dim=8, widths=(8, 16, 16), blocks=1)
SIDE_PX = 48


class OneBatch(Dataset):
    """The same batch at every step."""

    @override
    def batch(self, step: int) -> Batch:
        return super().batch(0)


class InterruptionError(Exception):
    """What ends a run in the middle."""


@pytest.fixture
def make_trainer(
    picture_folder: PictureFolder, vgg: Vgg16, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MakeTrainer:
    """Make a trainer of a tiny generator, with three photos, two styles and two paintings."""
    # The size references are read at changes nothing here but the time it takes.
    monkeypatch.setattr("engine.training.dataset.REFERENCE_SIDE_PX", SIDE_PX)
    monkeypatch.setattr(trainer, "REFERENCE_SIDE_PX", SIDE_PX)
    photos = picture_folder("photo", 3)
    styles = picture_folder("style", 2, (40, 56))
    paintings = picture_folder("painting", 2)

    def make(
        out: str = "run",
        steps: int = 4,
        seed: int = 0,
        named: int = 2,
        kind: type[Dataset] = Dataset,
        learning_rate: float = 1e-3,
        **mixture: float,
    ) -> Trainer:
        options: dict[str, Any] = {"batch": 2, "crop_px": 32, "style_side_px": SIDE_PX} | mixture
        dataset = kind(photos, styles[:named], paintings, Mixture(**options), seed=7)
        return Trainer(
            dataset,
            vgg,
            tmp_path / out,
            Recipe(schedule=Schedule(steps=steps, learning_rate=learning_rate), generator=TINY),
            seed=seed,
        )

    return make


def tensors_of(run: Trainer) -> dict[str, Tensor]:
    """Every tensor of a run: three networks and two optimisers."""
    tensors: dict[str, Tensor] = {}
    for part, module in run._modules().items():
        tensors |= {f"{part}.{name}": value for name, value in module.state_dict().items()}
    for part, optimizer in run._optimizers().items():
        for index, state in optimizer.state_dict()["state"].items():
            tensors |= {f"{part}.{index}.{name}": value for name, value in state.items()}
    return {name: value.clone() for name, value in tensors.items()}


def mixed_batch() -> Batch:
    """A painting, the second style, another painting, the first style and an identity sample."""
    source = torch.Generator().manual_seed(4)
    pictures = torch.rand(11, 3, 32, 32, generator=source)
    return Batch(
        photos=pictures[:5],
        styles=[-1, 1, -1, 0],
        references=list(pictures[5:7]),
        real=pictures[7:],
    )


def test_a_few_steps_lower_the_loss(make_trainer: MakeTrainer) -> None:
    run = make_trainer(steps=24, kind=OneBatch, learning_rate=6e-4)
    # Style and content pull against each other: where content weighs little, both can be seen.
    run.recipe = replace(run.recipe, weights=Weights(content=0.4, adversarial=0.05))
    values: list[dict[str, float]] = []
    run.run(lambda _, parts: values.append(parts))
    weights = run.recipe.weights
    totals = [weights.style * p["style"] + weights.content * p["content"] for p in values]
    assert len(totals) == 24
    assert totals[2] < totals[0]  # after two steps
    assert totals[-1] < 0.8 * totals[0]
    assert values[-1]["discriminator"] < values[0]["discriminator"]


def test_a_resumed_run_ends_where_an_uninterrupted_one_does(make_trainer: MakeTrainer) -> None:
    mixture = {"paintings_share": 0.4, "identity_share": 0.3}
    straight = make_trainer("straight", **mixture)
    straight.run()

    interrupted = make_trainer("interrupted", **mixture)

    def save_and_break_off(step: int, _values: dict[str, float]) -> None:
        if step == 2:
            interrupted.save()
            raise InterruptionError

    with pytest.raises(InterruptionError):
        interrupted.run(save_and_break_off)
    # Whatever the new process drew at random, the state replaces.
    resumed = make_trainer("interrupted", seed=99, **mixture)
    assert resumed.resume() is True
    assert resumed.step == 2
    resumed.run()

    assert resumed.step == straight.step == 4
    expected, found = tensors_of(straight), tensors_of(resumed)
    assert found.keys() == expected.keys()
    assert [name for name in expected if not torch.equal(found[name], expected[name])] == []


def test_training_moves_every_network(make_trainer: MakeTrainer) -> None:
    run = make_trainer()
    before = tensors_of(run)
    run.train_step(mixed_batch())
    after = tensors_of(run)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    for part in (
        "painter.generator.",
        "painter.encoder.",
        "painter.named.",
        "averaged.encoder.",
        "averaged.generator.",
        "discriminator.",
    ):
        assert any(name.startswith(part) for name in moved)


def test_every_step_is_reported(make_trainer: MakeTrainer) -> None:
    run = make_trainer(steps=3, identity_share=1.0)
    reports = []
    run.run(lambda step, values: reports.append((step, set(values))))
    names = {"style", "content", "adversarial", "variation", "identity", "discriminator"}
    assert reports == [(1, names), (2, names), (3, names)]
    run.run(lambda step, values: reports.append((step, set(values))))
    assert len(reports) == 3


def test_the_averaged_weights_follow(make_trainer: MakeTrainer) -> None:
    run = make_trainer(steps=1)
    start = [value.clone() for value in run.averaged.parameters()]
    run.run()
    now = list(run.painter.parameters())
    # Step 0 keeps a tenth: (1 + 0) / (10 + 0).
    for before, average, current in zip(start, run.averaged.parameters(), now, strict=True):
        torch.testing.assert_close(average, 0.1 * before + 0.9 * current, atol=1e-6, rtol=0)
        assert not average.requires_grad


def test_the_averaged_weights_lie_between_late_in_a_run(make_trainer: MakeTrainer) -> None:
    run = make_trainer(steps=20_000)
    run.step = 15_000
    with torch.no_grad():
        for parameter in run.painter.parameters():
            parameter.add_(1)
    start = [value.clone() for value in run.averaged.parameters()]
    run._average()
    for before, average in zip(start, run.averaged.parameters(), strict=True):
        torch.testing.assert_close(average, before + 0.002, atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("step", "rate"),
    [(0, 0.2), (4, 1.0), (9, 2.0), (10, 2.0), (55, 1.02), (100, 0.04), (1000, 0.04)],
)
def test_learning_rate_at_known_steps(step: int, rate: float) -> None:
    schedule = Schedule(steps=100, learning_rate=2.0, warm_up=0.1)
    assert schedule.rate(step) == pytest.approx(rate)


def test_learning_rate_of_a_run_shorter_than_its_warm_up() -> None:
    assert Schedule(steps=1, learning_rate=1.0).rate(0) == 1
    rates = [Schedule(steps=2, learning_rate=1.0, warm_up=1.0).rate(step) for step in range(3)]
    assert rates == pytest.approx([0.5, 1.0, 1.0])


def test_every_part_learns_at_its_share_of_the_rate(make_trainer: MakeTrainer) -> None:
    run = make_trainer(steps=1000)
    run.step = 500
    run.train_step(run.dataset.batch(0))
    rate = run.recipe.schedule.rate(500)
    groups = run.painter_optimizer.param_groups + run.discriminator_optimizer.param_groups
    rates = {id(value): group["lr"] for group in groups for value in group["params"]}
    generator = run.painter.generator
    noise = [generator.grain, generator.swell]
    rest = [p for p in generator.parameters() if all(p is not factor for factor in noise)]
    for parameters, share in (
        (run.painter.encoder.seen.parameters(), 0.1),
        (run.painter.encoder.learnt.parameters(), 1),
        (run.painter.encoder.head.parameters(), 1),
        (run.painter.named.parameters(), 10),
        (noise, 10),
        (rest, 1),
        (run.discriminator.parameters(), 0.5),
    ):
        found = {rates.pop(id(value)) for value in parameters}
        assert list(found) == [pytest.approx(rate * share)]
    assert rates == {}


def test_a_mixed_batch_gives_each_sample_its_own_style(make_trainer: MakeTrainer) -> None:
    run = make_trainer()
    batch = mixed_batch()
    with torch.no_grad():
        codes, targets = run._styles_of(batch)
        references = iter(batch.references)
        for index, style in enumerate(batch.styles):
            own = [next(references)] if style < 0 else []
            alone = Batch(batch.photos[:1], [style], own, batch.real[:1])
            code, target = run._styles_of(alone)
            torch.testing.assert_close(codes[index], code[0], atol=1e-5, rtol=1e-5)
            for name, value in target.items():
                torch.testing.assert_close(targets[name][index], value[0])
    assert codes.shape == (4, 8)
    assert len({tuple(code.tolist()) for code in codes}) == 4


def test_a_painting_is_measured_as_a_named_style_is(make_trainer: MakeTrainer) -> None:
    """The file of a named style, shown as a painting, sets the same goal."""
    run = make_trainer()
    whole = run.dataset.styles[1].resize((34, SIDE_PX))
    run.dataset.styles[1] = whole
    run._measure_styles()
    batch = Batch(torch.rand(2, 3, 32, 32), [1, -1], [to_tensor(whole)], torch.rand(2, 3, 32, 32))
    with torch.no_grad():
        codes, targets = run._styles_of(batch)
    assert torch.equal(codes[0], run.painter.named.weight[1])
    for value in targets.values():
        torch.testing.assert_close(value[0], value[1])


def test_a_painting_is_read_as_the_stylizer_will_read_it(make_trainer: MakeTrainer) -> None:
    """At the reference's size, wherever the strokes are copied at, up to half precision."""
    run = make_trainer()
    large = torch.rand(1, 3, 8, 6, generator=torch.Generator().manual_seed(1))
    large = torch.nn.functional.interpolate(large, (96, 72), mode="bicubic").clamp(0, 1)[0]
    small = torch.nn.functional.interpolate(
        large[None], (SIDE_PX, SIDE_PX * 3 // 4), mode="bilinear", antialias=True
    )
    with torch.no_grad():
        read, expected = run._read(run.painter, large), run.painter.encoder(small)[0]
    assert read.dtype == torch.float32
    torch.testing.assert_close(read, expected, atol=0.02, rtol=0.02)


def test_the_encoder_begins_as_the_perceptual_network(make_trainer: MakeTrainer) -> None:
    """What it sees of a picture is what the style loss is measured on."""
    encoder = make_trainer().painter.encoder
    vgg = make_trainer().vgg
    picture = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        maps = vgg.features(picture, "3_1")
        found = encoder.moments(picture)[0]
    at = 6
    for layer in ("1_2", "2_2", "3_1"):
        channels = maps[layer].shape[1]
        torch.testing.assert_close(found[at : at + channels], maps[layer].mean((0, 2, 3)))
        at += 2 * channels


def test_the_encoder_knows_what_is_usual(make_trainer: MakeTrainer) -> None:
    run = make_trainer()
    encoder = run.painter.encoder
    with torch.no_grad():
        moments = torch.cat(
            [encoder.moments(run._reference(style)) for style in run.dataset.some_styles(100)]
        )
    assert len(moments) == 4
    departures = (moments - encoder.centre) / encoder.spread
    assert departures.mean(0).abs().max() < 1e-3
    # A channel that hardly differs over four pictures is not blown up.
    assert departures.std(0, unbiased=False).max() < 1 + 1e-3


def test_the_content_of_paintings_counts_by_its_own_share(make_trainer: MakeTrainer) -> None:
    run = make_trainer()
    values = torch.tensor([1.0, 2.0, 4.0])
    run.recipe = replace(run.recipe, weights=Weights(content_of_paintings=1.0))
    assert run._content(values, [-1, 0, -1]).item() == pytest.approx(7 / 3)
    run.recipe = replace(run.recipe, weights=Weights(content_of_paintings=0.5))
    assert run._content(values, [-1, 0, -1]).item() == pytest.approx(4.5 / 3)


def test_a_mixed_batch_is_trained_on(make_trainer: MakeTrainer) -> None:
    run = make_trainer()
    values = run.train_step(mixed_batch())
    assert "identity" in values
    assert all(0 <= values[name] < 100 for name in ("style", "content", "identity", "variation"))
    gradient = run.painter.generator.identity.weight.grad
    assert gradient is not None
    assert gradient.abs().max() > 0


def test_an_unused_style_keeps_its_vector(make_trainer: MakeTrainer) -> None:
    run = make_trainer()
    before = run.painter.named.weight.detach().clone()
    batch = Batch(torch.rand(1, 3, 32, 32), [1], [], torch.rand(1, 3, 32, 32))
    run.train_step(batch)
    after = run.painter.named.weight.detach()
    assert torch.equal(after[0], before[0])
    assert not torch.equal(after[1], before[1])


def test_losses_that_are_no_numbers_stop_the_run(make_trainer: MakeTrainer) -> None:
    class Poisoned(Dataset):
        @override
        def batch(self, step: int) -> Batch:
            batch = super().batch(step)
            if step == 1:
                batch.photos[0, 0, 0, 0] = float("nan")
            return batch

    run = make_trainer(kind=Poisoned)
    with pytest.raises(TrainingError, match="left the numbers at step 1;"):
        run.run()
    assert run.step == 1


def test_an_unreadable_photo_stops_the_run(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    run = make_trainer()
    for path in (tmp_path / "photo").iterdir():
        path.write_bytes(b"text")
    with pytest.raises(TrainingError, match=r"photo-\d\.jpg: "):
        run.run()


def test_without_a_state_a_run_starts_anew(make_trainer: MakeTrainer) -> None:
    run = make_trainer()
    before = tensors_of(run)
    assert run.resume() is False
    assert run.step == 0
    assert all(torch.equal(before[name], value) for name, value in tensors_of(run).items())


def test_the_state_is_one_safetensors_file(make_trainer: MakeTrainer, tmp_path: Path) -> None:
    run = make_trainer(steps=1)
    run.run()
    path = run.save()
    assert path == tmp_path / "run" / STATE_FILE
    assert list(path.parent.iterdir()) == [path]
    stored = load_file(path)
    expected = tensors_of(run)
    assert stored.keys() == expected.keys()
    assert all(torch.equal(stored[name], value) for name, value in expected.items())
    with safe_open(path, framework="pt") as file:
        record = json.loads(file.metadata()["run"])
    assert record["step"] == 1
    assert record["recipe"]["generator"] == {"style_dim": 8, "widths": [8, 16, 16], "blocks": 1}
    assert record["recipe"]["weights"]["content"] == Weights().content


def test_a_newer_state_replaces_the_older(make_trainer: MakeTrainer) -> None:
    run = make_trainer(steps=2)
    run.save()
    run.run()
    path = run.save()
    assert list(path.parent.iterdir()) == [path]
    again = make_trainer(seed=1)
    again.resume()
    assert again.step == 2


def test_a_save_that_fails_leaves_the_older_state(
    make_trainer: MakeTrainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_trainer(steps=1)
    path = run.save()
    older = path.read_bytes()

    def disk_is_full(_tensors: object, to: Path, **_options: object) -> None:
        to.write_bytes(b"half a file")
        raise OSError("No space left on device")

    monkeypatch.setattr(trainer, "save_file", disk_is_full)
    run.run()
    with pytest.raises(OSError, match="No space left"):
        run.save()
    assert path.read_bytes() == older


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def fill_with_text(path: Path) -> None:
    path.write_bytes(b"no state")


def drop_the_record(path: Path) -> None:
    save_file(load_file(path), path)


def drop_the_step(path: Path) -> None:
    save_file(load_file(path), path, metadata={"run": "{}"})


def spoil_the_record(path: Path) -> None:
    save_file(load_file(path), path, metadata={"run": "no JSON"})


def drop_a_tensor(path: Path) -> None:
    tensors = load_file(path)
    del tensors["averaged.named.weight"]
    save_file(tensors, path, metadata={"run": '{"step": 0}'})


@pytest.mark.parametrize(
    "damage",
    [cut_short, fill_with_text, drop_the_record, drop_the_step, spoil_the_record, drop_a_tensor],
)
def test_a_broken_state_is_named(damage: Callable[[Path], None], make_trainer: MakeTrainer) -> None:
    run = make_trainer()
    damage(run.save())
    with pytest.raises(TrainingError, match=rf"{STATE_FILE} does not fit this run"):
        run.resume()
    assert run.step == 0


def test_a_state_of_other_styles_is_refused(make_trainer: MakeTrainer) -> None:
    make_trainer(named=2).save()
    with pytest.raises(TrainingError, match=r"does not fit this run \(other styles"):
        make_trainer(named=1).resume()


def test_one_style_alone_can_be_trained(make_trainer: MakeTrainer) -> None:
    run = make_trainer(named=1, steps=1)
    run.run()
    assert run.step == 1


def test_a_run_can_begin_with_a_checkpoint(
    make_trainer: MakeTrainer, tiny_checkpoint: Path
) -> None:
    checkpoint = load_checkpoint(tiny_checkpoint)
    run = make_trainer()
    run.start_from(checkpoint, ["storm", "unheard-of"])
    for painter in (run.painter, run.averaged):
        torch.testing.assert_close(painter.named.weight[0], checkpoint.codes[1])
        with torch.no_grad():
            read = run._read(painter, to_tensor(run.dataset.styles[1]))
        torch.testing.assert_close(painter.named.weight[1], read)
        for network in ("generator", "encoder"):
            found = getattr(painter, network).state_dict()
            for name, value in getattr(checkpoint, network).state_dict().items():
                assert torch.equal(found[name], value)
    before = run.painter.named.weight.detach().clone()
    run.run()
    assert not torch.equal(run.painter.named.weight, before)


def test_a_checkpoint_of_another_shape_is_refused(
    make_trainer: MakeTrainer, tiny_checkpoint: Path
) -> None:
    checkpoint = load_checkpoint(tiny_checkpoint)
    other = replace(checkpoint, generator=Generator())
    with pytest.raises(TrainingError, match="another shape"):
        make_trainer().start_from(other, ["storm", "calm"])
