import torch

from engine.benchmarks import bench
from engine.benchmarks.bench import Johnson


def test_rows_compare_every_network_at_every_side():
    rows = bench.measure(threads=1, rounds=1, sides=(64, 96))
    found = {(row.what, row.side) for row in rows if row.device == "cpu"}
    assert found >= {(what, side) for what in ("stylebot", "johnson") for side in (64, 96)}
    for row in rows:
        assert row.ms > 0
        assert row.threads == 1
        ours = next(
            r.ms for r in rows if (r.what, r.side, r.device) == ("stylebot", row.side, row.device)
        )
        assert row.ratio == ours / row.ms
        assert row.as_dict().keys() == {"what", "device", "side", "threads", "ms", "ratio"}


def test_the_median_of_the_timed_rounds_counts():
    times = {"a": iter([100.0, 3.0, 1.0, 2.0]), "b": iter([0.0, 5.0, 5.0, 6.0])}
    runs = {what: values.__next__ for what, values in times.items()}
    assert bench._interleave(runs, rounds=3) == {"a": 2.0, "b": 5.0}


def test_johnson_has_the_papers_size():
    """1 679 235 weights, and biases and norms as the common implementations have them."""
    network = Johnson()
    assert sum(p.numel() for p in network.parameters()) == 1_679_235
    assert network(torch.rand(1, 3, 32, 48)).shape == (1, 3, 32, 48)


def test_the_steps_of_a_photo_add_up():
    rows = {row.what: row for row in bench.measure_stages(threads=1, rounds=1, size=(900, 600))}
    *steps, around, total = rows.values()
    assert [row.what for row in steps] == [
        "decode", "reduce", "paint", "light", "enlarge", "encode",
    ]  # fmt: skip
    assert total.ms == sum(row.ms for row in steps)
    assert around.ms == total.ms - rows["paint"].ms
    assert total.share == 1
    assert all(row.as_dict().keys() == {"what", "ms", "share"} for row in rows.values())
