"""Checks run concurrently: none waits for another or without end, and each has a finding."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence

from bots.operations.doctor.findings import Check, Finding, examine, table


async def good() -> Sequence[Finding]:
    return [Finding("good", "ok", "it is"), Finding("good too", "note", "it is", "Nothing.")]


async def silent() -> Sequence[Finding]:
    await asyncio.sleep(3600)
    return []


async def broken() -> Sequence[Finding]:
    raise RuntimeError("first line\nsecond line")


async def lacking() -> Sequence[Finding]:
    raise ModuleNotFoundError("No module named 'sqlalchemy'", name="sqlalchemy")


def test_what_hangs_breaks_or_lacks_a_library_is_a_line_and_keeps_no_other_waiting():
    began = time.monotonic()
    checks = [Check(f"silent {n}", silent, "Wake it.", timeout_s=0.3) for n in range(5)]
    found = examine([*checks, Check("good", good), Check("b", broken), Check("l", lacking)])
    assert time.monotonic() - began < 3
    assert [finding.check for finding in found[5:]] == ["good", "good too", "b", "l"]
    assert {(f.state, f.said, f.repair) for f in found[:5]} == {
        ("failed", "no answer within 0 s", "Wake it.")
    }
    assert (found[7].state, found[7].said) == ("failed", "first line")
    assert found[8].repair == 'pip install "stylebot[bots]".'


def test_a_thread_that_hangs_keeps_the_process_not_alive():
    script = (
        "import asyncio, time\n"
        "from bots.operations.doctor.findings import Check, examine\n"
        "print(examine([Check('x', lambda: asyncio.to_thread(time.sleep, 60), timeout_s=0.1)]))"
    )
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "no answer" in done.stdout
    assert time.monotonic() - began < 20


def test_the_table_has_each_repair_beneath_its_line():
    lines = list(table(asyncio.run(good())))
    assert lines == ["ok    good      it is", "note  good too  it is", "        Nothing."]
