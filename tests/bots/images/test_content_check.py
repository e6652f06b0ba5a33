"""The content check asks the engine, and takes no silence for a yes."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from typing_extensions import override

from bots.core.errors import OperatorError
from bots.images.content_check import open_content_check
from engine.api.analyses import Analysis, BarePart, Decency
from engine.api.contract import Capabilities
from engine.api.errors import EngineUnavailableError, NotInstalledError
from tests.bots.core.conftest import ArithmeticEngine


class LookingEngine(ArithmeticEngine):
    """Finds what the picture says."""

    analyses: tuple[str, ...] = ("faces", "person", "decency")

    @override
    async def capabilities(self) -> Capabilities:
        if self.away:
            raise EngineUnavailableError("The engine cannot be reached.")
        return replace(await super().capabilities(), analyses=self.analyses)

    @override
    async def analyse(self, image: bytes, what: str, *, user: str = "") -> Analysis:
        if self.away or what not in self.analyses:
            await super().analyse(image, what, user=user)
        assert what == "decency"
        bare = BarePart("buttocks_exposed", 0.9, (0, 0, 10, 10))
        return Decency(40, 40, (bare,) if image == b"bare" else ())


def run(engine: LookingEngine, *pictures: bytes) -> list[Any]:
    async def look() -> list[Any]:
        check = await open_content_check("nudenet", engine)
        assert check
        return [await check.unsuitable(picture) for picture in pictures]

    return asyncio.run(look())


def test_what_the_engine_finds_counts():
    assert run(LookingEngine(), b"a cat", b"bare") == [False, True]


def test_off_is_no_check_and_does_not_even_ask():
    engine = LookingEngine()
    engine.away = True
    assert asyncio.run(open_content_check("off", engine)) is None


def test_a_check_the_engine_does_not_have_is_said_at_the_start():
    engine = LookingEngine()
    engine.analyses = ("faces",)
    with pytest.raises(OperatorError, match=r"where the engine runs: .*stylebot\[safety\]"):
        run(engine)


def test_while_the_engine_is_away_nothing_counts_as_suitable():
    engine = LookingEngine()
    engine.away = True
    with pytest.raises(EngineUnavailableError):
        run(engine, b"a cat")
    # It started later, and without the check.
    check = asyncio.run(open_content_check("nudenet", engine))
    engine.away, engine.analyses = False, ()
    assert check
    with pytest.raises(NotInstalledError):
        asyncio.run(check.unsuitable(b"a cat"))
