"""Real processes to test with: an engine host, and the bots."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

_ROOT = Path(__file__).parent.parent


class Process:
    """A child that says in one line when it is ready."""

    def __init__(self, *command: str, **settings: str) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ENGINE_", "TELEGRAM_"))}  # noqa: TID251
        self.log = b""
        self._child = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", *command],
            env=kept | {"PYTHONPATH": str(_ROOT)} | settings,
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        # Whoever writes a lot must not wait for a reader.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._child.stderr
        for line in self._child.stderr:
            self.log += line

    def ready(self) -> str:
        """The line that says so, without "ready: "; waits for it."""
        assert self._child.stdout
        for line in self._child.stdout:
            if line.startswith(b"ready: "):
                return line.decode().removeprefix("ready: ").strip()
        raise AssertionError(f"it ended with {self.wait()}: {self.log.decode()}")

    def wait(self, timeout_s: float = 60) -> int:
        """Its exit code, once it ends."""
        code = self._child.wait(timeout_s)
        self._reader.join(5)
        return code

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


@contextmanager
def engine_process(**settings: str) -> Iterator[str]:
    """The address of an engine host of its own."""
    with Process("engine", "engine", "--port", "0", ENGINE_THREADS="2", **settings) as process:
        yield process.ready().removeprefix("engine ")
        process.terminate()
