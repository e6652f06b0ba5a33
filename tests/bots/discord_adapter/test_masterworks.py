"""On Discord people see a masterwork grow, and at the end there is one result."""

import asyncio
from collections.abc import Callable

import pytest
import simcord

from bots.discord_adapter.delivery.statuses import Statuses
from engine.api.contract import Progress
from engine.api.errors import BrokenImageError
from tests.bots.core.conftest import GrowingEngine
from tests.bots.discord_adapter.conftest import (
    COLOURS,
    ColourEngine,
    Play,
    Stage,
    alike,
    buttons,
    colour_of,
    gallery,
    picture,
    said,
)

pytestmark = pytest.mark.anyio

RED, BLUE = (220, 20, 20), (20, 20, 220)
WAVE = COLOURS[b"great-wave"]


class Engine(GrowingEngine, ColourEngine):
    """Paints in one colour, slowly where that is asked for."""


async def until(seen: Callable[[], object], stage: Stage) -> None:
    """Until a job has come so far, and until that is said."""
    for _ in range(3000):
        if seen():
            break
        await asyncio.sleep(0.01)
    assert seen()
    await Statuses(stage.client).update_all()


def shows(
    stage: Stage, message: simcord.ResponseMessage | None, colour: tuple[int, int, int]
) -> bool:
    """Whether a message has one picture, of a colour, and shows it."""
    assert message is not None
    (attachment,) = message.attachments
    (item,) = gallery(message)
    assert item["media"]["url"].endswith(attachment.filename)
    return alike(colour_of(stage.file(attachment)), colour)


async def grown(
    stage: Stage, engine: Engine, answer: simcord.InteractionResult, step: Progress, number: int
) -> None:
    engine.steps.put_nowait(step)
    await until(lambda: [p for p in stage.services.previews.values() if p.number == number], stage)
    share = f"The Great Wave · {step.share:.0%}".replace("%", " %")
    assert said(answer.response).startswith(share)


async def begun(
    stage: Stage, engine: Engine
) -> tuple[simcord.InteractionResult, asyncio.Task[int]]:
    """A masterwork that was asked for in words: the message that grows, with the fast picture."""
    answer = await stage.ann.slash(
        stage.channel, "style", image=("p.jpg", picture()), style="wave", how="masterwork"
    )
    working = asyncio.create_task(stage.work())
    await until(lambda: engine.begun, stage)
    assert said(answer.response).startswith("The Great Wave · 0 %")
    assert shows(stage, answer.response, WAVE)
    return answer, working


async def test_a_press_beneath_the_fast_picture_paints_a_masterwork_that_grows(play: Play):
    engine = Engine()

    async with play(engine=engine) as stage:
        fast = await stage.paint()
        assert fast.response is not None
        pressed = await stage.ann.click(fast.response, label="Masterwork")
        working = asyncio.create_task(stage.work())
        await until(lambda: engine.begun, stage)
        for number, (share, colour) in enumerate(((0.25, RED), (0.5, BLUE)), start=1):
            await grown(stage, engine, pressed, Progress(share, picture(colour)), number)
            assert shows(stage, pressed.response, colour)
        # A percent is no reason to send a picture again.
        assert pressed.response is not None
        (before,) = pressed.response.attachments
        engine.steps.put_nowait(Progress(0.6))
        await until(lambda: 0.6 in stage.services.shares.values(), stage)
        assert said(pressed.response).startswith("The Great Wave · 60 %")
        assert [each.id for each in pressed.response.attachments] == [before.id]
        engine.steps.put_nowait(None)
        await working
        assert said(pressed.response).splitlines()[0] == "**The Great Wave** · Masterwork"
        assert shows(stage, pressed.response, WAVE)
        assert "Masterwork" not in buttons(pressed.response)
        # The fast picture stays as it was.
        assert said(fast.response).splitlines()[0] == "**The Great Wave**"
        assert shows(stage, fast.response, WAVE)
        assert (stage.services.previews, stage.services.shares) == ({}, {})


@pytest.mark.parametrize("how", ["button", "command"])
async def test_a_masterwork_that_is_cancelled_goes_away_and_ends_within_a_step(
    play: Play, how: str
):
    engine = Engine()

    async with play(engine=engine) as stage:
        answer, working = await begun(stage, engine)
        await grown(stage, engine, answer, Progress(0.5, picture(RED)), 1)
        assert answer.response is not None
        if how == "button":
            await stage.ann.click(answer.response, label="Cancel")
        else:
            await stage.ann.slash(stage.channel, "cancel")
            await Statuses(stage.client).update_all()
        engine.steps.put_nowait(Progress(0.75, picture(BLUE)))
        await working
        assert (engine.begun, engine.given_up) == (1, 1)
        await Statuses(stage.client).update_all()
        assert answer.response.attachments == []
        assert gallery(answer.response) == []
        assert "ancelled" in said(answer.response)
        assert stage.services.previews == {}


async def test_one_that_fails_leaves_no_half_painted_picture(play: Play):
    engine = Engine()

    async with play(engine=engine) as stage:
        answer, working = await begun(stage, engine)
        await grown(stage, engine, answer, Progress(0.5, picture(RED)), 1)
        engine.steps.put_nowait(BrokenImageError("The picture is damaged."))
        await working
        assert answer.response is not None
        assert answer.response.attachments == []
        assert "damaged" in said(answer.response)
