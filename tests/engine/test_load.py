"""A tiny load: that it runs, and that its table is of what it says."""

import json

import pytest
from click.testing import CliRunner

from engine import load
from engine.cli import main


def test_a_small_load_prints_a_table_of_all_three(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(load, "_NOOP_REQUESTS", 40)
    command = [
        "bench", "--serve", "--callers", "2", "--load-photos", "3", "--rounds", "1", "--side", "64",
        "--threads", "1", "--json",
    ]  # fmt: skip
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    bare, http, noop = json.loads(result.stdout)
    assert (bare["what"], bare["callers"], bare["ratio"]) == ("bare", 1, 1.0)
    assert (http["what"], http["callers"]) == ("http", 2)
    assert (noop["what"], noop["callers"], noop["ratio"]) == ("no-op", 32, None)
    assert noop["batch"] >= 1
    for row in (bare, http, noop):
        assert 0 < row["p50_ms"] <= row["p99_ms"]
        assert row["photos_per_s"] > 0
