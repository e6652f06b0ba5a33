"""Real processes to test with: an engine host, and the bots."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

_ROOT = Path(__file__).parent.parent


class Process:
    """A child that says in one line when it is ready."""

    def __init__(self, *command: str, **settings: str) -> None:
        ours = ("BOT_", "ENGINE_", "TELEGRAM_")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}  # noqa: TID251
        self.log = b""
        self._child = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", *command],
            env=kept | {"PYTHONPATH": str(_ROOT)} | settings,
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        # A process that writes a lot must not wait for a reader.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._child.stderr
        for line in self._child.stderr:
            self.log += line

    def ready(self) -> str:
        """The line that says so, without "ready: "; waits for it."""
        return self._said("ready: ")

    def way_in(self) -> str:
        """Where its admin comes in, which it says after it is ready."""
        return self._said("admin: ")

    def metrics(self) -> str:
        """Where its metrics are, which it says before it is ready."""
        return self._said("metrics: ")

    def _said(self, beginning: str) -> str:
        assert self._child.stdout
        for line in self._child.stdout:
            if line.startswith(beginning.encode()):
                return line.decode().removeprefix(beginning).strip()
        raise AssertionError(f"it ended with {self.wait()}: {self.log.decode()}")

    def wait(self, timeout_s: float = 60) -> int:
        """Its exit code, once it ends."""
        code = self._child.wait(timeout_s)
        self._reader.join(5)
        return code

    def logged(self, words: bytes, timeout_s: float = 30) -> None:
        """Wait until it has said something on stderr."""
        until = time.monotonic() + timeout_s
        while words not in self.log:
            assert time.monotonic() < until, self.log.decode()
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._child.kill()
        self.wait()

    def terminate(self) -> int:
        """Ask it to end, and wait until it did."""
        self._child.send_signal(signal.SIGTERM)
        return self.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child.poll() is None:
            self.kill()
        for pipe in (self._child.stdout, self._child.stderr):
            if pipe:
                pipe.close()


def free_port() -> int:
    """A port no one listens at, and none that connections on their way out are given."""
    for port in random.sample(range(20_000, 30_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("a hundred ports are taken")


@contextmanager
def engine_process(port: int = 0, **settings: str) -> Iterator[str]:
    """The address of an engine host of its own."""
    with Process(
        "engine", "engine", "--port", str(port), ENGINE_THREADS="1", **settings
    ) as process:
        yield process.ready().removeprefix("engine ")
        process.terminate()
