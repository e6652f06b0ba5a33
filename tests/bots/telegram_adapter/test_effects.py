"""Effects that only the engine knows are chosen, changed and kept on Telegram like any other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from typing_extensions import override

from bots.core.requests import queueing
from bots.core.styles import catalogue, seeding
from bots.core.users import preferences
from bots.telegram_adapter.transport.waits import Waits
from engine.api.contract import Painted, Progress, RenderRequest, Report, Step
from storage.values.people import ChatKey, UserKey
from tests.bots.core.conftest import INVERT, PAINT
from tests.bots.telegram_adapter.conftest import PlainEngine, Stage, bot, picture, playing, soon
from tests.editing import EDIT
from tests.patching import PATCH
from tests.placing import WHERE
from tests.telegram_server import ANN, BEN, Json, TelegramServer

pytestmark = pytest.mark.anyio

HURRIED = Waits(refresh_s=0.05)
USER = UserKey("telegram", str(ANN["id"]))


class InvertingEngine(PlainEngine):
    """Has an effect that nothing but its list of effects names; slow work waits for `go`."""

    def __init__(self) -> None:
        super().__init__()
        self.specs += [INVERT, PATCH]
        self.go = asyncio.Event()

    @override
    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        if report:
            report(Progress(0.42))
            await self.go.wait()
        return await super().render(request, report, previews=previews)


def labels(message: Json) -> list[str]:
    return [button["text"] for button in TelegramServer.buttons(message)]


def says(message: Json, words: str) -> bool:
    return any(words in label for label in labels(message))


@asynccontextmanager
async def play(folder: Path) -> AsyncIterator[tuple[Stage, InvertingEngine]]:
    engine = InvertingEngine()
    async with playing(engine, folder, waits=HURRIED) as stage:
        yield stage, engine


async def test_an_effect_that_only_the_engine_knows_is_used_like_any_other(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        words = "/style invert 70 hot tint"
        await telegram.say(chat, ANN, words, **telegram.photo(picture()))
        card = await telegram.result(chat)
        assert card["caption"] == "<b>Invert</b> · 70 % · Hot tint"
        values = {"amount": 0.7, "grain": False, "tint": "hot"}
        assert engine.asked[-1].steps == (Step("invert", values),)
        # Beneath the result: a slider, a toggle and, behind a button, what there is to choose.
        place = card["message_id"]
        assert "Amount 70 %" in labels(card)
        await telegram.press(chat, place, ANN, "-")
        await telegram.until(
            lambda: "· 40 %" not in card["caption"] and "Amount 50 %" in labels(card)
        )
        await telegram.press(chat, place, ANN, "Film grain")
        await telegram.until(lambda: "✓ Film grain" in labels(card))
        await telegram.press(chat, place, ANN, "Adjust")
        await telegram.until(lambda: "• Hot tint" in labels(card))
        await telegram.press(chat, place, ANN, "Cold tint")
        await telegram.until(lambda: card["caption"] == "<b>Invert</b> · Film grain")
        values = {"amount": 0.5, "grain": True, "tint": "cold"}
        assert engine.asked[-1].steps == (Step("invert", values),)
        await stage.idle()
        await telegram.say(chat, ANN, "/history")
        await telegram.until(
            lambda: [m for m in telegram.sent(chat) if any("Invert" in x for x in labels(m))]
        )


async def test_its_values_and_those_of_what_paints_stand_in_the_settings(tmp_path: Path):
    async with play(tmp_path) as (stage, _engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/settings")
        panel = (await telegram.until(lambda: telegram.sent(chat)))[0]
        shown = labels(panel)
        assert {"Brush", "Fine", "• Normal", "Bold", "Quality", "• Fast", "Masterwork"} <= {*shown}
        assert "Tint" not in shown
        for label, seen in (
            ("Bold", "• Bold"), ("Default style", "◀ Back"), ("Invert", "Default style: Invert"),
            ("Hot tint", "• Hot tint"), ("Film grain", "✓ Film grain"),
        ):  # fmt: skip
            await telegram.press(chat, panel["message_id"], ANN, label)
            await telegram.until(partial(says, panel, seen))
        await telegram.say(chat, ANN, "/style", **telegram.photo(picture()))
        result = await telegram.result(chat)
        assert result["caption"] == "<b>Invert</b> · Film grain · Hot tint"
        # The preferred values of painting apply to painting only.
        await telegram.say(chat, ANN, "/style wave", **telegram.photo(picture(1)))
        result = await telegram.result(chat, 2)
        assert result["caption"] == "<b>The Great Wave</b> · Bold"
        # A forged value is none.
        before = await preferences.preference(stage.services, USER)
        for data in ("v1:ownset.tint.green", "v1:ownset.size.1", "v1:ownset.tint"):
            press = await telegram.forge(chat, panel["message_id"], ANN, data)
            await telegram.until(partial(telegram.answers.get, press))
        assert await preferences.preference(stage.services, USER) == before


def begins(message: Json, where: str) -> bool:
    """Whether a status says how far it is; the time that is left follows."""
    return str(message.get(where)).startswith("The Great Wave · 42 %")


async def test_slow_work_goes_behind_and_says_how_far_it_is(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/style wave masterwork", **telegram.photo(picture()))
        # Beneath the picture that is painted fast.
        await telegram.until(lambda: [m for m in telegram.sent(chat) if begins(m, "caption")])
        engine.go.set()
        card = await telegram.result(chat)
        await telegram.until(lambda: card["caption"] == "<b>The Great Wave</b> · Masterwork")
        request = engine.asked[-1]
        assert (request.priority, request.timeout_s) == ("bulk", 600)
        await telegram.until(lambda: not stage.services.shares)
        # Beneath a result, too: a message says so and becomes the result in its place.
        await telegram.press(chat, card["message_id"], ANN, "Adjust")
        await telegram.until(lambda: "• Masterwork" in labels(card))
        engine.go.clear()
        await telegram.press(chat, card["message_id"], ANN, "Bold")
        said = await telegram.until(lambda: [m for m in telegram.sent(chat) if begins(m, "text")])
        engine.go.set()
        await telegram.until(lambda: card["message_id"] not in telegram.messages[chat])
        assert said[0]["caption"] == "<b>The Great Wave</b> · Bold · Masterwork"
        assert "2 / 2" in labels(said[0])


async def test_what_is_fast_waits_for_nothing_slow_to_say(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/style wave bold", **telegram.photo(picture()))
        await telegram.result(chat)
        assert engine.asked[-1].priority == "interactive"


async def test_while_the_engine_is_away_its_effects_are_known(tmp_path: Path):
    """A bot that starts anew reads from its store what the engine could do."""

    async with asyncio.timeout(120):
        engine = InvertingEngine()
        async with TelegramServer() as telegram:
            async with bot(telegram, engine, tmp_path):
                pass
            engine.away = True
            async with bot(telegram, engine, tmp_path) as stage:
                chat = telegram.private(ANN)
                await telegram.say(chat, ANN, "/style invert hot tint", **telegram.photo(picture()))
                await telegram.until(lambda: telegram.sent(chat))
                engine.away = False
                result = await telegram.result(chat)
                assert result["caption"] == "<b>Invert</b> · Hot tint"
                await soon(lambda: engine.asked)
                assert await queueing.cancel_all(stage.services, USER) == 0


async def test_an_effect_that_needs_a_picture_says_so_and_the_photo_is_kept(tmp_path: Path):
    sentence = (
        "“Patch” needs a second picture beside the photo, which I cannot take here. "
        "Use the studio, or the command stylebot."
    )

    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        chat = telegram.private(ANN)

        def told() -> list[Json]:
            sent = telegram.sent(chat)
            return [one for one in sent if sentence in one.get("text", "") + one.get("caption", "")]

        # In a command and in a caption.
        for number, words in enumerate(("/style patch", "patch")):
            await telegram.say(chat, ANN, words, **telegram.photo(picture(number)))
            (asked,) = await telegram.until(told)
            assert "Patch" not in " ".join(labels(asked))
            await telegram.press(chat, asked["message_id"], ANN, "Sepia")
            card = await telegram.result(chat, number + 1)
            assert card["caption"] == "<b>Sepia</b>"
        assert all(step.effect != "patch" for each in engine.asked for step in each.steps)
        # As somebody's default, too.
        patch = next(s for s in await catalogue.listed(stage.services) if s.slug == "patch")
        await preferences.prefer_style(stage.services, USER, patch.id)
        await telegram.say(chat, ANN, "/style", **telegram.photo(picture(2)))
        await telegram.until(told)


async def test_people_and_their_background_are_painted_by_word_and_by_button(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        engine.specs[0] = replace(PAINT, params=(*PAINT.params, WHERE))
        await seeding.seed(stage.services)
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/style wave background", **telegram.photo(picture()))
        card = await telegram.result(chat)
        assert card["caption"] == "<b>The Great Wave</b> · Background"
        await telegram.press(chat, card["message_id"], ANN, "Adjust")
        await telegram.until(lambda: "• Background" in labels(card))
        assert {"Where", "Everything", "Person"} <= {*labels(card)}
        await telegram.press(chat, card["message_id"], ANN, "Person")
        await telegram.until(lambda: card["caption"] == "<b>The Great Wave</b> · Person")
        assert engine.asked[-1].steps[0].params["where"] == "person"
        # Two styles, one for each part; what divides them is no button.
        words = "/style scream person, wave background"
        await telegram.say(chat, ANN, words, **telegram.photo(picture(1)))
        card = await telegram.result(chat, 2)
        assert card["caption"] == "<b>The Scream + The Great Wave</b> · Person · Background"
        places = [step.params["where"] for step in engine.asked[-1].steps]
        assert places == ["person", "background"]
        await telegram.press(chat, card["message_id"], ANN, "Adjust")
        await telegram.until(lambda: "• Normal" in labels(card))
        assert "Where" not in labels(card)


async def test_where_no_one_is_it_says_so_and_has_no_button_for_it(tmp_path: Path):
    async with play(tmp_path) as (stage, engine):
        telegram = stage.telegram
        engine.specs[0] = replace(PAINT, params=(*PAINT.params, WHERE))
        engine.absent = ("person",)
        await seeding.seed(stage.services)
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "/style wave", **telegram.photo(picture()))
        card = await telegram.result(chat)
        assert card["caption"] == "<b>The Great Wave</b>"
        await telegram.press(chat, card["message_id"], ANN, "Adjust")
        await telegram.until(lambda: "• Normal" in labels(card))
        assert "Where" not in labels(card)
        await telegram.say(chat, ANN, "/style wave person", **telegram.photo(picture(1)))
        card = await telegram.result(chat, 2)
        assert card["caption"].splitlines()[1] == "No person was found. Everything was painted."
        ben = BEN | {"language_code": "zh"}
        chat = telegram.private(ben)
        await telegram.say(chat, ben, "/style 冲浪里 背景", **telegram.photo(picture(2)))
        card = await telegram.result(chat)
        assert card["caption"].splitlines() == [
            "<b>神奈川冲浪里</b> · 背景", "没有找到人物\uff0c已绘制整张照片。",
        ]  # fmt: skip


class EditingEngine(PlainEngine):
    """Has an effect with a command of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.specs.append(EDIT)


async def test_an_effect_with_a_command_is_typed_pressed_and_taken_away(tmp_path: Path):
    engine = EditingEngine()
    async with playing(engine, tmp_path, waits=HURRIED) as stage:
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.until(lambda: telegram.count("setMyDescription") == 2)
        told = [c.params["commands"] for c in telegram.calls if c.method == "setMyCommands"]
        assert all("liveliness" in str(commands) for commands in told)
        words = "/liveliness grave 80"
        await telegram.say(chat, ANN, words, **telegram.photo(picture()))
        card = await telegram.result(chat)
        assert card["caption"] == "<b>Liveliness</b> · Grave · 80 % · edited"
        values = {"mood": "grave", "strength": 0.8}
        assert engine.asked[-1].steps == (Step("liven", values),)
        # It is no style of the list, and nothing else is left without it.
        assert "Liveliness" not in labels(card)
        await telegram.press(chat, card["message_id"], ANN, "The Great Wave")
        await telegram.until(lambda: "The Great Wave" in card["caption"])
        assert card["caption"] == "<b>Liveliness + The Great Wave</b> · Grave · edited"
        assert [step.effect for step in engine.asked[-1].steps] == ["liven", "paint"]
        await telegram.press(chat, card["message_id"], ANN, "✓ Liveliness")
        await telegram.until(lambda: card["caption"] == "<b>The Great Wave</b>")
        await telegram.press(chat, card["message_id"], ANN, "Liveliness")
        await telegram.until(lambda: card["caption"].endswith("</b> · edited"))
        # Without a photo it is kept for the next one.
        await telegram.say(chat, ANN, "/liveliness grave")
        await telegram.until(lambda: "Liveliness" in telegram.sent(chat)[-1].get("text", ""))
        await telegram.say(chat, ANN, "", **telegram.photo(picture(1)))
        card = await telegram.result(chat, 2)
        assert card["caption"] == "<b>Liveliness</b> · Grave · edited"


async def test_an_effect_with_a_command_is_offered_for_a_photo_and_off_in_groups(tmp_path: Path):
    engine = EditingEngine()
    async with playing(engine, tmp_path, waits=HURRIED) as stage:
        telegram = stage.telegram
        chat = telegram.private(ANN)
        await telegram.say(chat, ANN, "", **telegram.photo(picture()))
        (asked,) = await telegram.until(lambda: telegram.sent(chat))
        assert labels(asked)[-1] == "Liveliness"
        await telegram.press(chat, asked["message_id"], ANN, "Liveliness")
        card = await telegram.result(chat)
        assert card["caption"] == "<b>Liveliness</b> · edited"
        group = telegram.group()
        key = ChatKey("telegram", str(group))
        styles = await catalogue.listed(stage.services)
        await preferences.settle(
            stage.services, key, USER, admin=True, allowed_styles=tuple(s.id for s in styles)
        )
        await telegram.say(group, BEN, "/liveliness", **telegram.photo(picture()))
        (refusal,) = await telegram.until(lambda: telegram.sent(group))
        assert "“Liveliness” is not available in this chat" in refusal["text"]
