"""A tiny load: that it runs, and that its table is of what it says."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.benchmarks import load
from engine.command.cli import main


def test_a_small_load_prints_a_table_of_all_four(
    monkeypatch: pytest.MonkeyPatch, perceptual_weights: Path
):
    monkeypatch.setattr(load, "_NOOP_REQUESTS", 40)
    command = [
        "bench", "--serve", "--callers", "2", "--load-photos", "3", "--rounds", "1", "--side", "64",
        "--threads", "1", "--json", "--perceptual-weights", str(perceptual_weights),
    ]  # fmt: skip
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    bare, http, refining, noop = json.loads(result.stdout)
    assert (bare["what"], bare["callers"], bare["ratio"]) == ("bare", 1, 1.0)
    assert (http["what"], http["callers"]) == ("http", 2)
    assert (refining["what"], refining["callers"]) == ("refining", 2)
    assert (noop["what"], noop["callers"], noop["ratio"]) == ("no-op", 32, None)
    assert noop["batch"] >= 1
    for row in (bare, http, refining, noop):
        assert 0 < row["p50_ms"] <= row["p99_ms"]
        assert row["photos_per_s"] > 0
