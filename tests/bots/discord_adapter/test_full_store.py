"""The store is locked: a person who sends something is told that it was not taken."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bots.core.users import preferences
from storage.values.people import UserKey
from tests.bots.discord_adapter.conftest import Play, key, picture, said

pytestmark = pytest.mark.anyio

SAID = "your request was not accepted. Try again in a few minutes."


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Somebody else writes all the time."""
    other = sqlite3.connect(folder / "store-0.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@pytest.mark.parametrize("quiet", [False, True])
async def test_what_the_store_does_not_take_is_said(play: Play, tmp_path: Path, *, quiet: bool):
    async with play(store_timeout_s=0.05) as stage:
        assert stage.client.user is not None
        settings = await preferences.settle(
            stage.services, stage.here, key(stage.max), admin=True, quiet=quiet
        )
        stage.client.cache.note_chat(stage.here, settings)
        words = f"<@{stage.client.user.id}> scream"
        first = await stage.paint("scream")
        with locked(tmp_path):
            asked = await stage.ann.slash(
                stage.channel, "style", image=("p.jpg", picture()), style="wave"
            )
            # The answer that was to be public goes, and one that only she sees says it.
            assert SAID in "\n".join(said(m) for m in asked.followups)
            await stage.ann.send(stage.channel, words, attachments=[("p.jpg", picture())])
            assert SAID in said(stage.channel.last_message)
            assert first.response is not None
            pressed = await stage.ann.click(first.response, label="Keep colours")
            assert SAID in "\n".join(said(m) for m in pressed.followups)
        assert await stage.jobs(stage.ann) == [*await stage.jobs(stage.ann)][:1]
        assert await stage.work() == 0
        await stage.ann.send(stage.channel, words, attachments=[("p.jpg", picture())])
        assert await stage.work() == 1


async def test_what_was_queued_before_the_store_was_locked_is_not_refused(
    play: Play, tmp_path: Path
):
    async with play(store_timeout_s=0.05) as stage:
        locks = locked(tmp_path)

        async def posted(user: UserKey) -> None:
            """Locks the store between the request's row and its message's id."""
            locks.__enter__()

        assert stage.client.user is not None
        nudged = stage.client.http.send_message

        async def send(*args: object, **more: object) -> object:
            sent = await nudged(*args, **more)  # type: ignore[arg-type]
            await posted(key(stage.ann))
            return sent

        stage.client.http.send_message = send  # type: ignore[method-assign,assignment]
        words = f"<@{stage.client.user.id}> scream"
        await stage.ann.send(stage.channel, words, attachments=[("p.jpg", picture())])
        stage.client.http.send_message = nudged  # type: ignore[method-assign]
        assert "you are next" in said(stage.channel.last_message)
        locks.__exit__(None, None, None)
        assert await stage.work() == 1
        assert "**The Scream**" in said(stage.channel.last_message)
        assert len(stage.channel.history()) == 2
