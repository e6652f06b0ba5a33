"""The whole command `stylebot`: the engine's commands, if it is installed, and the bots'.

This is a composition root, the only module that may import everything. Machines that run bots do
not need the engine's libraries, nor engine hosts the store's.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

main: click.Group
# Its commands import lazily, so importing them does not show whether their libraries are there.
if all(find_spec(name) for name in ("torch", "PIL")):
    from engine.command.cli import main as engines_part

    main = engines_part
else:  # the engine's libraries are on another machine
    main = click.Group(name="stylebot", help="Repaint photos in the manner of paintings.")


def _needs_store() -> None:
    """Report in one sentence what is not installed."""
    missing = [name for name in ("alembic", "sqlalchemy") if find_spec(name) is None]
    if missing:
        raise click.ClickException('The store is not installed: pip install "stylebot[bots]".')


@main.command()
def migrate() -> None:
    """Migrate the database to this version's schema.

    The database is that of DATABASE_URL, an SQLite file by default. Its data are kept.
    """
    _needs_store()
    import asyncio

    from migrations import runner
    from storage.database import shown
    from storage.errors import StorageError
    from storage.settings import StorageSettings

    url = StorageSettings().database_url
    try:
        asyncio.run(runner.upgrade(url))
    except StorageError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"migrated: {shown(url)} is at revision {runner.newest()}")


@main.command()
def bots() -> None:
    """Run the bots whose tokens are set, until SIGTERM or Ctrl-C.

    Without ENGINE_URL an engine is started on this machine as well.
    """
    _run(click.echo)


@main.command()
@click.option("--no-browser", is_flag=True, help="Open no browser, though there is a screen.")
def studio(*, no_browser: bool) -> None:
    """Open the studio in the browser, and run the bots whose tokens are set.

    Prints its address, from STUDIO_HOST and STUDIO_PORT, and the admin's login link; serves
    until SIGTERM or Ctrl-C.
    Without ENGINE_URL an engine is started on this machine as well.
    """

    def announce(line: str) -> None:
        click.echo(line)
        if line.startswith("ready: web "):
            address = line.removeprefix("ready: web ")
            click.echo(f"Open {address} · Ctrl-C stops")
            if not no_browser:
                _show(address)

    _run(announce, studio=True)


def _show(address: str) -> None:
    """Open a browser, if the machine has a screen."""
    import webbrowser

    from bots.settings import Desktop

    if Desktop().there:
        # With some browsers this returns only when they exit.
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _run(announce: Callable[[str], None], *, studio: bool = False) -> None:
    _needs_store()
    from bots.core.errors import OperatorError
    from bots.process.run import run
    from bots.settings import read_settings
    from engine.api.errors import EngineError
    from storage.errors import StorageError
    from storage.settings import StorageSettings

    try:
        run(read_settings(), StorageSettings(), announce, studio=studio)
    except (OperatorError, EngineError, StorageError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(*, as_json: bool) -> None:
    """Check everything the bots need, and say how to fix what is wrong.

    Nothing is changed. Each check takes at most ten seconds; testing an engine on this machine
    takes up to a minute. The exit code is 0 if nothing failed, and 1 otherwise.
    """
    from bots.operations.doctor.checkup import check_up
    from bots.operations.doctor.findings import summary, table

    findings = check_up()
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for line in table(findings):
            click.echo(line)
        states = [finding.state for finding in findings]
        click.echo(f"{states.count('failed')} failed, {states.count('note')} to note")
        click.echo(summary(findings))
    if any(finding.state == "failed" for finding in findings):
        raise SystemExit(1)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-key", is_flag=True, help="Put the sealing key into the file, too.")
def backup(file: Path, *, with_key: bool) -> None:
    """Copy the database to FILE; bots may be running.

    The encryption key is not included, so that the pictures cannot be read with the file alone:
    keep the key elsewhere. With --with-key the one file is enough, and must be kept safe.
    """
    _needs_store()
    from bots.operations.backup import backup as write
    from storage.errors import StorageError
    from storage.settings import StorageSettings

    try:
        manifest = write(StorageSettings(), file, with_key=with_key)
    except StorageError as error:
        raise click.ClickException(str(error)) from error
    size_kb = file.stat().st_size / 1024
    click.echo(
        f"backup: {file}, {size_kb:.0f} KB, {manifest.kind} at {manifest.revision or 'none'}"
    )
    if manifest.with_key:
        click.echo("The sealing key is in it: anyone who has the file can open everything.")
    elif manifest.key_sign:
        click.echo("The sealing key is not in it: keep it elsewhere, without it pictures are lost.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite a database that is not empty.")
def restore(file: Path, *, force: bool) -> None:
    """Restore a backup's database, and its key if included; stop the bots first.

    FILE is checked before anything is changed. Without --force a database that has data
    is not overwritten.
    """
    _needs_store()
    from bots.operations.backup import restore as put_back
    from storage.errors import StorageError
    from storage.settings import StorageSettings

    try:
        restored = put_back(StorageSettings(), file, force=force)
    except StorageError as error:
        raise click.ClickException(str(error)) from error
    manifest = restored.manifest
    click.echo(
        f"restored: {file}, made {manifest.made_at:%Y-%m-%d %H:%M} UTC by stylebot "
        f"{manifest.version}, {manifest.kind} at {manifest.revision or 'none'}"
    )
    if restored.key:
        click.echo(restored.key)
    if restored.migrate:
        click.echo("The database is of an earlier version: run `stylebot migrate` next.")


def _bench_store(database_url: str | None, *, as_json: bool) -> None:
    _needs_store()
    from bots.operations.store_bench import measure
    from engine.command.tables import aligned

    rows = measure(database_url)
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
        return
    table = [
        (r.database, str(r.workers), str(r.jobs), f"{r.claims_per_s:.0f}", f"{r.p50_ms:.1f}",
         f"{r.p99_ms:.1f}", str(r.lost), str(r.doubled))
        for r in rows
    ]  # fmt: skip
    header = ("DATABASE", "WORKERS", "JOBS", "CLAIMS/S", "P50 MS", "P99 MS", "LOST", "DOUBLED")
    for line in aligned([header, *table]):
        click.echo(line)


def _extend_bench(bench: click.Command) -> None:
    """Let `stylebot bench` measure the store as well, which the engine does not know."""
    bench.params += [
        click.Option(["--store"], is_flag=True, help="Measure the store's queue instead."),
        click.Option(["--database-url"], help="For --store: this database, and no other."),
    ]
    of_engine: Any = bench.callback

    def measure(*, store: bool, database_url: str | None, as_json: bool, **options: Any) -> None:  # noqa: ANN401
        if store:
            _bench_store(database_url, as_json=as_json)
        else:
            of_engine(as_json=as_json, **options)

    bench.callback = measure


if "bench" in main.commands:
    _extend_bench(main.commands["bench"])
