import asyncio

import pytest

from bots.telegram_adapter.transport import chat_turns
from bots.telegram_adapter.transport.chat_turns import ChatTurns

pytestmark = pytest.mark.anyio

BUSY, QUIET = -1, 2


async def message(turns: ChatTurns, chat: int, name: str, log: list[str]) -> None:
    async with turns.turn(chat):
        log.append(name)
        await asyncio.sleep(0.01)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_quiet_chats_message_goes_before_those_of_a_busy_one_that_came_earlier():
    turns, log = ChatTurns(), list[str]()
    flood = [asyncio.ensure_future(message(turns, BUSY, f"busy {n}", log)) for n in range(5)]
    await settle()
    assert log == ["busy 0", "busy 1"]
    await message(turns, QUIET, "quiet", log)
    assert log.index("quiet") == 2
    await asyncio.gather(*flood)
    assert log[3:] == ["busy 2", "busy 3", "busy 4"]


async def test_what_is_too_many_is_dealt_with_one_by_one():
    turns, at_work, most = ChatTurns(), 0, 0

    async def one() -> None:
        nonlocal at_work, most
        async with turns.turn(BUSY):
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0)
            at_work -= 1

    await asyncio.gather(*(one() for _ in range(12)))
    assert most == 2


async def test_a_busy_chat_does_not_wait_without_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chat_turns, "_GIVES_WAY_S", 0.01)

    turns, log, end = ChatTurns(), list[str](), asyncio.Event()

    async def endless() -> None:
        async with turns.turn(QUIET):
            await end.wait()

    quiet = asyncio.ensure_future(endless())
    await settle()
    async with asyncio.timeout(10):
        await asyncio.gather(*(message(turns, BUSY, str(n), log) for n in range(4)))
    assert sorted(log) == ["0", "1", "2", "3"]
    end.set()
    await quiet


async def test_one_that_fails_leaves_the_turn_to_the_next():
    turns, log = ChatTurns(), list[str]()

    async def failing() -> None:
        async with turns.turn(BUSY):
            await asyncio.sleep(0)
            raise ValueError

    results = await asyncio.gather(*(failing() for _ in range(6)), return_exceptions=True)
    assert all(isinstance(result, ValueError) for result in results)
    await message(turns, BUSY, "next", log)
    assert log == ["next"]
