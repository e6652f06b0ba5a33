"""A running engine for commands."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="package")
def engine_url() -> Iterator[str]:
    process = subprocess.Popen(  # noqa: S603 - ours
        [str(Path(sys.executable).with_name("stylebot")), "engine", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    yield process.stdout.readline().split()[-1]
    process.terminate()
    process.wait(60)
    process.stdout.close()
