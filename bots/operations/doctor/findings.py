"""Runs checks concurrently, each with a time limit, and formats the table of findings."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Literal

from typing_extensions import override

from engine.command.tables import aligned

State = Literal["ok", "note", "failed"]
_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table.

    Attributes:
        check: The check's name.
        state: "note" is for what works but may not be intended.
        said: What was found.
        repair: How to fix it, in a sentence.
    """

    check: str
    state: State
    said: str
    repair: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A check.

    Attributes:
        name: Its name in the table.
        look: Performs it; exceptions become findings.
        slow: How to fix it if it does not end in time.
        timeout_s: Its time limit.
    """

    name: str
    look: Callable[[], Awaitable[Sequence[Finding]]]
    slow: str = "Try again; if it stays so, look at the network between here and there."
    timeout_s: float = _TIMEOUT_S


def examine(checks: Sequence[Check]) -> list[Finding]:
    """Run checks concurrently; returns their findings in the checks' order."""
    return asyncio.run(_examine(checks))


async def _examine(checks: Sequence[Check]) -> list[Finding]:
    asyncio.get_running_loop().set_default_executor(_Unawaited())
    found = await asyncio.gather(*(_run(check) for check in checks))
    return [finding for findings in found for finding in findings]


async def _run(check: Check) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(check.timeout_s):
            return await check.look()
    except TimeoutError:
        said = f"no answer within {check.timeout_s:.0f} s"
        return [Finding(check.name, "failed", said, check.slow)]
    except ModuleNotFoundError as error:
        return [not_installed(check.name, error.name or "a library", "bots")]
    except Exception as error:  # noqa: BLE001 - a check that breaks is a finding, too
        said = str(error).split("\n", 1)[0] or type(error).__name__
        return [Finding(check.name, "failed", said, "See what the line says.")]


def not_installed(check: str, library: str, extra: str) -> Finding:
    """A finding that a library is missing, with the extra that installs it."""
    return Finding(
        check, "failed", f"{library} is not installed", f'pip install "stylebot[{extra}]".'
    )


def table(findings: Iterable[Finding]) -> Iterable[str]:
    """Lines of the table: each finding, and below it how to fix it."""
    findings = list(findings)
    rows = [(finding.state, finding.check, finding.said) for finding in findings]
    for line, finding in zip(aligned(rows), findings, strict=True):
        yield line
        if finding.repair:
            yield f"        {finding.repair}"


class _Unawaited(ThreadPoolExecutor):
    """Threads that the process does not wait for when it ends.

    A name server that does not answer blocks a thread for half a minute, and the threads of a
    normal executor are waited for.
    """

    @override
    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def work() -> None:
            try:
                future.set_result(function(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - the one who waits for it is told
                future.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return future


def summary(findings: Sequence[Finding]) -> str:
    """What can be run, in a line: "studio: ready; telegram, discord: not set up"."""
    states: dict[str, list[str]] = {}
    failed = any(finding.state == "failed" for finding in findings)
    states.setdefault("not ready" if failed else "ready", []).append("studio")
    for platform in ("telegram", "discord"):
        own = [f for f in findings if f.check.startswith(platform) and f.state != "note"]
        state = "not ready" if failed else "ready"
        states.setdefault(state if own else "not set up", []).append(platform)
    return "; ".join(f"{', '.join(names)}: {state}" for state, names in states.items())
