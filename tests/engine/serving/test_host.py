"""The engine as a process, on the shipped checkpoint."""

import json
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.painting.manifest import SAMPLE_PHOTO


@pytest.fixture
def host() -> Iterator["Host"]:
    host = Host()
    yield host
    host.stop()


class Host:
    """A running `stylebot engine`."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - ours
            [str(Path(sys.executable).with_name("stylebot")), "engine", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("ready: engine http://127.0.0.1:"), line
        self.url = line.split()[-1]

    def stylize(self, style: str) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - ours
            f"{self.url}/v1/stylize?style={style}", SAMPLE_PHOTO.read_bytes(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - ours
            body: bytes = answer.read()
        return body

    def stop(self) -> tuple[int, str]:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        _, log = self.process.communicate(timeout=60)
        return self.process.returncode, log


def test_sigterm_drains_what_is_inside_and_nothing_is_lost(host: Host):
    answers: list[bytes] = []
    styles = ["kiss", "scream", "udnie", "sepia"]
    callers = [
        threading.Thread(target=lambda style=style: answers.append(host.stylize(style)))
        for style in styles
    ]
    for caller in callers:
        caller.start()
    inside = 0
    while inside + len(answers) < len(styles):
        queue = json.loads(_get(f"{host.url}/v1/queue"))
        inside = queue["waiting"] + queue["running"]
    host.process.send_signal(signal.SIGTERM)
    host.process.send_signal(signal.SIGTERM)
    for caller in callers:
        caller.join()
    code, log = host.stop()
    assert code == 0, log
    assert len(answers) == len(styles)
    assert all(answer.startswith(b"\xff\xd8") for answer in answers)
    assert '"message": "draining"' in log
    assert "kiss" not in log
    with pytest.raises(urllib.error.URLError):
        _get(f"{host.url}/healthz")


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - ours
        body: bytes = answer.read()
    return body


def test_beyond_loopback_a_token_is_required():
    done = subprocess.run(  # noqa: S603 - ours
        [str(Path(sys.executable).with_name("stylebot")), "engine", "--host", "0.0.0.0"],  # noqa: S104
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "ENGINE_TOKEN" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_log_is_json_from_the_least_level_on():
    script = (
        "import logging\n"
        "from engine.serving.host import _log_as_json\n"
        "_log_as_json('warning', 'hunter2')\n"
        "logging.getLogger('engine.x').info('not this')\n"
        "logging.getLogger('engine.x').warning('this', extra={'device': 'cpu'})\n"
    )
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    line = json.loads(done.stderr)
    assert line.pop("time")
    assert line == {"level": "WARNING", "logger": "engine.x", "message": "this", "device": "cpu"}


def test_the_token_is_in_no_line_of_the_log():
    script = (
        "import logging\n"
        "from engine.serving.host import _log_as_json\n"
        "token = 'hun\"ter\\xe9'\n"
        "_log_as_json('info', token)\n"
        "logging.getLogger('aiohttp.server').error('Bearer %s', token)\n"
        "try:\n    raise ValueError(token)\n"
        "except ValueError:\n    logging.getLogger('x').exception('it')\n"
    )
    done = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "Bearer ***" in done.stderr
    assert "ValueError: ***" in done.stderr
    assert "ter" not in done.stderr.replace("after", "").replace("interpreter", "")
