"""A tiny load: that it runs, and that its table is of what it says."""

import json

from click.testing import CliRunner

from engine.cli import main


def test_a_small_load_prints_a_table_of_both():
    command = [
        "bench", "--serve", "--callers", "2", "--load-photos", "3", "--rounds", "1", "--side", "64",
        "--threads", "1", "--json",
    ]  # fmt: skip
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    bare, http = json.loads(result.stdout)
    assert (bare["what"], bare["callers"], bare["ratio"]) == ("bare", 1, 1.0)
    assert (http["what"], http["callers"]) == ("http", 2)
    for row in (bare, http):
        assert 0 < row["p50_ms"] <= row["p99_ms"]
        assert row["photos_per_s"] > 0
