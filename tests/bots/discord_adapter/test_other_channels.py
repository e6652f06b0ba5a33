"""A photo stays in the channel it was sent in, though a server is one chat to the core."""

from typing import Any

import discord
import pytest
import simcord
from hypothesis import strategies as st

from bots.core.users import preferences
from bots.discord_adapter.render.component_ids import button
from bots.discord_adapter.render.layouts import Layout, row
from engine.api.contract import Painted, RenderRequest, Report
from tests.bots.discord_adapter.conftest import (
    Play,
    Stage,
    alike,
    buttons,
    colour_of,
    key,
    menus,
    picture,
    said,
)
from tests.examples import examples

pytestmark = pytest.mark.anyio

Action = tuple[int, int, str, int]
COLOURS = [(220, 20, 20), (20, 220, 20), (20, 20, 220), (220, 220, 20)]
ACTS = ("style", "less", "colours", "hd", "compare", "share")


async def forged(stage: Stage, channel: simcord.ChannelHandle, act: str, job: int) -> Any:
    """A message of the bot's with a button of another one."""
    found = stage.client.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return await found.send(view=Layout(row(button("forged", act, job, stage.ann.id))))


@pytest.mark.parametrize("act", ACTS[1:])
async def test_a_button_of_a_secret_channel_does_nothing_in_another(stage: Stage, act: str):
    secret = stage.guild.create_text_channel("secret")
    await preferences.settle(
        stage.services, stage.here, key(stage.max), admin=True, open_buttons=True
    )
    await stage.ann.slash(secret, "style", image=("photo.jpg", picture()), style="wave")
    await stage.work()
    (job,) = await stage.jobs(stage.ann)
    message = await forged(stage, stage.channel, act, job.id)
    asked = len(stage.engine.asked)
    for who in (stage.ben, stage.ann):
        pressed = await who.click(message, label="forged")
        # To herself alone Ann may show her own; everyone else is told, and sees nothing.
        if who is stage.ann and act == "compare":
            continue
        words = "\n".join(said(m) for m in pressed.followups)
        words += said(pressed.response) if pressed.response else ""
        assert "from another chat" in words
    assert await stage.work() == 0
    assert len(stage.engine.asked) <= asked + 1
    assert len(stage.channel.history()) == 1


ACTIONS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.integers(0, 1),
        st.sampled_from(["photo", "mention", "menu", "press", "press", "forge"]),
        st.integers(0, 1000),
    ),
    min_size=2,
    max_size=6,
)


class Crowd:
    """Two people and two channels; new channels for every example."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.stage = stage
        self.people = [stage.ann, stage.ben]
        self.channels = [stage.guild.create_text_channel(f"c{number}-{n}") for n in range(2)]

    async def act(self, who: int, where: int, what: str, which: int) -> None:
        stage, user, channel = self.stage, self.people[who], self.channels[where]
        photo = picture(COLOURS[where], 96 + which % 7)
        history = channel.history()
        mine = [m for m in history if m.author.id == stage.client.user.id]  # type: ignore[union-attr]
        if what == "photo":
            await user.slash(channel, "style", image=("p.jpg", photo), style="wave")
        elif what == "mention":
            words = f"<@{stage.client.user.id}> scream"  # type: ignore[union-attr]
            await user.send(channel, words, attachments=[("p.jpg", photo)])
        elif what == "menu" and history:
            await user.context_menu(channel, "Stylize", history[which % len(history)])
        elif what == "press" and mine:
            await self._press(user, mine[which % len(mine)], which)
        elif what == "forge":
            jobs = [*await stage.jobs(stage.ann), *await stage.jobs(stage.ben)]
            if jobs:
                job = jobs[which % len(jobs)].id
                message = await forged(stage, channel, ACTS[1:][which % 5], job)
                await user.click(message, label="forged")
        await stage.work()

    async def _press(self, user: simcord.MemberActor, message: Any, which: int) -> None:
        labels = [label for label, b in buttons(message).items() if not b.get("disabled")]
        shown = menus(message)
        if shown and which % 3 == 0:
            options = shown[0]["options"]
            value = options[which % len(options)]["value"]
            await user.select(message, [value], custom_id=shown[0]["custom_id"])
        elif labels:
            await user.click(message, label=labels[which % len(labels)])

    def check(self) -> None:
        for number, channel in enumerate(self.channels):
            for message in channel.history():
                for attachment in message.attachments:
                    found = colour_of(self.stage.file(attachment))
                    assert not alike(found, COLOURS[1 - number])


async def test_no_photo_of_one_channel_ever_appears_in_another(play: Play):
    async with play(limit_s=300) as stage:

        async def as_it_is(
            request: RenderRequest, report: Report | None = None, *, previews: bool = False
        ) -> Painted:
            return Painted(request.image, "image/jpeg")

        stage.engine.render = as_it_is  # type: ignore[method-assign]
        numbers = iter(range(1000))
        pictures = 0

        async def example(actions: list[Action]) -> None:
            nonlocal pictures
            stage.clock.pass_(minutes=2)
            crowd = Crowd(stage, next(numbers))
            for action in actions:
                await crowd.act(*action)
            crowd.check()
            pictures += sum(len(m.attachments) for c in crowd.channels for m in c.history())

        await examples(ACTIONS, example, 60)
        assert pictures > 60
