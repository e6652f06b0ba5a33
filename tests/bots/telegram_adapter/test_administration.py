"""Those who administer the bot, and those who would like to."""

import asyncio
import json
from typing import Any

import pytest

from bots.core.admin import registry as desk
from bots.core.admin.pages.actions import Caller
from bots.core.admin.pages.pages import read_address
from bots.core.admin.use_cases import rights as admins
from bots.telegram_adapter.render.callback_data import pack
from engine.api.contract import Refinement
from engine.api.errors import CannotRefineError
from storage.values.people import UserKey
from tests.admin_world import chosen, furnish, newest, walked
from tests.bots.telegram_adapter.conftest import Play, Stage, picture
from tests.telegram_server import ANN, BEN, CID, Json, TelegramServer

pytestmark = pytest.mark.anyio

ADMIN = UserKey("telegram", str(ANN["id"]))
ADMINS = {"admin_ids": (ADMIN,)}


async def said(telegram: TelegramServer, chat: int, words: str, after: int = 0) -> Json:
    """A message of the bot that has these words, wherever in it."""

    def found() -> list[Json]:
        sent = telegram.sent(chat, after)
        return [m for m in sent if words in json.dumps(m, ensure_ascii=False)]

    message: Json = (await telegram.until(found))[0]
    return message


async def audit(stage: Stage) -> list[tuple[str, str, str]]:
    entries = await admins.audit(stage.services, ADMIN)
    return [(entry.actor, entry.act, entry.subject) for entry in entries]


async def test_an_admin_makes_a_style_of_a_picture_and_everyone_has_it(play: Play):
    async with play(**ADMINS) as stage:
        telegram = stage.telegram
        room = telegram.private(ANN)
        await telegram.say(room, ANN, "/addstyle Ukiyo-e", **telegram.photo(picture(1)))
        desk = await said(telegram, room, "Ukiyo-e\\n✎ draft")
        assert len(telegram.pictures(room)) == 3
        ben = telegram.private(BEN)
        await telegram.say(ben, BEN, "/style ukiyo-e", **telegram.photo(picture(2)))
        await said(telegram, ben, "There is no style “ukiyo-e”")
        await telegram.press(room, desk["message_id"], ANN, "Title: 中文")
        question = await said(telegram, room, "Reply to this message", desk["message_id"])
        asked = [c.params for c in telegram.calls if "#" in c.params.get("text", "")]
        assert asked[-1]["reply_markup"]["force_reply"]
        answer = {"answering": question["message_id"]}
        await telegram.say(room, ANN, "浮世绘", **answer)
        desk = await said(telegram, room, "Ukiyo-e / 浮世绘\\n✎ draft", question["message_id"])
        await telegram.press(room, desk["message_id"], ANN, "Enable")
        await telegram.until(lambda: "● enabled" in desk["text"])
        await telegram.say(ben, BEN, "/style 浮世绘", **telegram.photo(picture(2)))
        result = await telegram.result(ben)
        assert "Ukiyo-e" in result["caption"]
        assert [act for _, act, _ in await audit(stage)] == [
            "style.enable", "style.rename", "style.add",
        ]  # fmt: skip


async def test_a_style_that_rests_is_refused_everywhere_and_comes_back(play: Play):
    async with play(**ADMINS) as stage:
        telegram = stage.telegram
        room, ben = telegram.private(ANN), telegram.private(BEN)
        await telegram.say(ben, BEN, "/style scream", **telegram.photo(picture()))
        result = await telegram.result(ben)
        await telegram.say(room, ANN, "/styles admin")
        panel = (await telegram.until(lambda: telegram.sent(room)))[0]
        assert "Starry Night · enabled" in str(panel["reply_markup"])
        style_id = await _page_to(telegram, room, panel, "The Scream")
        await telegram.press(room, panel["message_id"], ANN, "Disable")
        await telegram.until(lambda: "◌ disabled" in panel["text"])
        await telegram.say(ben, BEN, "/style scream", **telegram.photo(picture()))
        await said(telegram, ben, "“The Scream” is disabled at the moment")
        forged = await telegram.forge(
            ben, result["message_id"], BEN, pack("n", _job_of(result), style_id)
        )
        await telegram.until(lambda: forged in telegram.answers)
        assert "is disabled" in telegram.answers[forged]["text"]
        await telegram.press(room, panel["message_id"], ANN, "Retire")
        await telegram.until(lambda: "✕ retired" in panel["text"])
        await telegram.press(room, panel["message_id"], ANN, "Restore")
        await telegram.until(lambda: "● enabled" in panel["text"])
        await telegram.say(ben, BEN, "/style scream", **telegram.photo(picture()))
        await telegram.result(ben, 2)


async def _page_to(telegram: TelegramServer, chat: int, panel: Json, title: str) -> int:
    """Leaf through the list to a style and open it; returns its id."""
    for _ in range(8):
        for one in telegram.buttons(panel):
            if title in one["text"]:
                await telegram.press(chat, panel["message_id"], ANN, title)
                await telegram.until(lambda: "Previews" in str(panel["reply_markup"]))
                return int(one["callback_data"].rpartition("/")[2])
        before = str(panel["reply_markup"])
        await telegram.press(chat, panel["message_id"], ANN, "▶")
        await telegram.until(lambda before=before: str(panel["reply_markup"]) != before)  # type: ignore[misc]
    raise AssertionError(f"no {title}")


def _job_of(result: Json) -> int:
    data = next(
        one["callback_data"]
        for row in result["reply_markup"]["inline_keyboard"]
        for one in row
        if one.get("callback_data", "").startswith("v1:file:")
    )
    return int(data.rpartition(":")[2], 32)


async def test_a_paused_queue_keeps_places_and_says_until_when(play: Play):
    async with play(**ADMINS) as stage:
        telegram = stage.telegram
        room, ben = telegram.private(ANN), telegram.private(BEN)
        await telegram.say(room, ANN, "/pause back at 18:00")
        panel = await said(telegram, room, "⏸ Paused “back at 18:00”")
        await telegram.say(ben, BEN, "/style scream", **telegram.photo(picture()))
        status = await said(telegram, ben, "back at 18:00")
        assert not await stage.workers.work_once("another")
        assert not telegram.pictures(ben)
        await telegram.press(room, panel["message_id"], ANN, "↻")
        await telegram.until(lambda: "1 waiting, 0 in progress" in panel["text"])
        await telegram.press(room, panel["message_id"], ANN, "▶ Open")
        result = await telegram.result(ben)
        assert result["message_id"] == status["message_id"]
        await telegram.say(room, ANN, "/drain moving")
        await said(telegram, room, "⏏ Draining “moving”")
        await telegram.say(ben, BEN, "/style scream", **telegram.photo(picture()))
        await said(telegram, ben, "No new photos are accepted at the moment. moving")


async def test_an_admin_cancels_blocks_and_allows(play: Play):
    async with play(**ADMINS) as stage:
        telegram = stage.telegram
        room, ben = telegram.private(ANN), telegram.private(BEN)
        await telegram.say(room, ANN, "/pause")
        await telegram.say(ben, BEN, "/style scream", **telegram.photo(picture()))
        await said(telegram, ben, "painting is paused")
        await telegram.say(room, ANN, "/queue")
        panel = await said(telegram, room, f"telegram:{BEN['id']} · 1 · waiting")
        await telegram.press(room, panel["message_id"], ANN, "Cancel · ")
        await said(telegram, ben, "An admin cancelled your request")
        await telegram.say(room, ANN, "/open")
        await telegram.say(room, ANN, f"/block telegram:{BEN['id']} far too many cats")
        await said(telegram, room, "Blocked.")
        await telegram.say(ben, BEN, "/style scream", **telegram.photo(picture()))
        await said(telegram, ben, "You are blocked from using")
        await telegram.say(room, ANN, "/admin")
        panel = await said(telegram, room, "Statistics")
        await telegram.press(room, panel["message_id"], ANN, "Blocked")
        await telegram.until(lambda: "far too many cats" in panel["text"])
        group = telegram.group()
        spoken = await telegram.say(group, BEN, "hello")
        await telegram.say(group, ANN, "/allow", answering=spoken["message_id"])
        await said(telegram, group, "Unblock")
        await telegram.say(ben, BEN, "/style scream", **telegram.photo(picture()))
        await telegram.result(ben)


async def test_limits_numbers_and_the_audit_are_there_to_read(play: Play):
    async with play(**ADMINS) as stage:
        telegram = stage.telegram
        room = telegram.private(ANN)
        for words, answer in (
            ("/limits per_minute 7", "per_minute · 7 (20)"),
            ("/limits per_minute default", "per_minute · 20"),
            ("/limits per_minute many", "The value must be a number from"),
            ("/limits speed 3", "The limits are"),
            ("/stats", "24 h: 0 photos"),
            ("/stats 168", "168 h: 0 photos"),
            ("/block", "Who? Send a person or a chat"),
            ("/block irc:3", "Send a person or a chat"),
            ("/allow 0123456789abcdef", "not blocked"),
            ("/addstyle", "Name"),
            ("/importstyle", "Send a style file"),
            ("/audit", "limits.put"),
        ):
            last = max(telegram.messages.get(room, {}), default=0)
            await telegram.say(room, ANN, words)
            await said(telegram, room, answer, last)


async def test_a_style_is_exported_and_imported_as_a_file(
    play: Play, monkeypatch: pytest.MonkeyPatch
):
    async def refuse(*_: object, **__: object) -> None:
        raise CannotRefineError("It cannot.")

    async with play(**ADMINS) as stage:
        telegram = stage.telegram
        monkeypatch.setattr(stage.services.engine, "refine", refuse)
        room = telegram.private(ANN)
        await telegram.say(room, ANN, "/addstyle Quilt", **telegram.photo(picture(1)))
        desk = await said(telegram, room, "Quilt\\n✎ draft")
        await telegram.press(room, desk["message_id"], ANN, "Export")
        sent = await telegram.until(lambda: [m for m in telegram.sent(room) if "document" in m])
        name = sent[0]["document"]["file_name"]
        assert name.startswith("quilt-")
        assert name.endswith(".stylebot.json")
        await telegram.press(room, desk["message_id"], ANN, "Refine")
        await said(telegram, room, "Styles cannot be refined here")
        await telegram.press(room, desk["message_id"], ANN, "Discard")
        await telegram.until(lambda: "● enabled" in desk["text"])
        await telegram.say(room, ANN, "/importstyle", answering=sent[0]["message_id"])
        await said(telegram, room, "Quilt\\n✎ draft", sent[0]["message_id"])
        wrong = {"document": {"file_id": telegram.upload(b"{}"), "file_unique_id": "u",
                              "file_name": "x.json", "file_size": 2}}  # fmt: skip
        await telegram.say(room, ANN, "/importstyle", **wrong)
        await said(telegram, room, "That is not a valid style file")


async def test_a_member_offers_a_style_and_the_admin_hears_of_it(play: Play):
    async with play(**ADMINS) as stage:
        telegram = stage.telegram
        room, ben = telegram.private(ANN), telegram.private(BEN)
        await telegram.say(ben, BEN, "/mystyle add Quilt", **telegram.photo(picture(1)))
        await said(telegram, ben, "“Quilt” is one of your styles now")
        await telegram.say(ben, BEN, "/mystyle submit quilt")
        await said(telegram, ben, "was submitted to the admins")
        news = await said(telegram, room, "Someone submitted the style “Quilt”")
        await telegram.press(room, news["message_id"], ANN, "View")
        await telegram.until(lambda: "Accept" in str(news["reply_markup"]))
        await telegram.press(room, news["message_id"], ANN, "Accept")
        cid = telegram.private(CID)
        await telegram.until(lambda: "● enabled" in news["text"])
        await telegram.say(cid, CID, "/style quilt", **telegram.photo(picture(2)))
        assert "Quilt" in (await telegram.result(cid))["caption"]


async def test_nobody_else_sees_the_commands_or_can_use_them(play: Play):
    async with play(**ADMINS) as stage:
        telegram = stage.telegram
        shown = await telegram.until(
            lambda: [
                c.params
                for c in telegram.calls
                if c.method == "setMyCommands" and "addstyle" in str(c.params["commands"])
            ]
        )
        assert {c["scope"]["chat_id"] for c in shown} == {ANN["id"]}
        ben = telegram.private(BEN)
        for command in (
            "/admin", "/addstyle X", "/importstyle", "/queue", "/pause", "/drain", "/open",
            "/block telegram:1", "/allow telegram:1", "/limits", "/stats", "/audit",
            "/styles admin",
        ):  # fmt: skip
            last = max(telegram.messages.get(ben, {}), default=0)
            await telegram.say(ben, BEN, command, **telegram.photo(picture()))
            await said(telegram, ben, "admins of this bot", last)
        asked = await telegram.say(ben, BEN, "what is this?")
        panel = await said(telegram, ben, "Send me a photo", asked["message_id"])
        for data in (
            pack("al", 0, 0), pack("av", 1), pack("as", 1, 2), pack("am", 1, 0), pack("ad", 1),
            pack("ar", 1, 0), pack("ap", 1), pack("ae", 1), pack("ax", 1), pack("ay", 1, 1),
            pack("aroom"), pack("aq"), pack("ag", 1), pack("ak", 1), pack("at", 24),
            pack("ai", 0), pack("ah"), pack("ab"),
        ):  # fmt: skip
            press = await telegram.forge(ben, panel["message_id"], BEN, data)
            await telegram.until(lambda press=press: press in telegram.answers)  # type: ignore[misc]
            assert "admins of this bot" in telegram.answers[press].get("text", ""), data
        await telegram.say(ben, BEN, "Mine", reply_to_message=panel | {"text": "What? \n#1 en"})
        acts = await audit(stage)
        assert {(actor, act) for actor, act, _ in acts} == {(f"telegram:{BEN['id']}", "refused")}


async def test_whose_photos_others_may_not_have_painted_is_left_in_peace(stage: Stage):
    telegram = stage.telegram
    ben, group = telegram.private(BEN), telegram.group()
    await telegram.say(ben, BEN, "/settings")
    panel = (await telegram.until(lambda: telegram.sent(ben)))[0]
    await telegram.press(ben, panel["message_id"], BEN, "Others may repaint")
    await telegram.until(lambda: "· Others may repaint" in str(panel["reply_markup"]))
    photo = await telegram.say(group, BEN, "look", **telegram.photo(picture()))
    answering: dict[str, Any] = {"answering": photo["message_id"]}
    for words in ("/style scream", "/style this", "/mystyle add His"):
        last = max(telegram.messages[group])
        await telegram.say(group, ANN, words, **answering)
        await said(telegram, group, "does not allow others", last)
    await telegram.say(group, BEN, "/style scream", **answering)
    await telegram.result(group)


async def test_every_action_is_there_and_is_noted_under_its_id(
    play: Play, monkeypatch: pytest.MonkeyPatch
):
    async with play(**ADMINS) as stage:
        telegram, services = stage.telegram, stage.services
        room = telegram.private(ANN)
        world = await furnish(services, ADMIN, picture)

        async def polished(*_: Any, **__: Any) -> Refinement:
            return Refinement(await services.engine.extract_style([picture(3)]), 0.8, 0.8)

        monkeypatch.setattr(services.engine, "refine", polished)
        await telegram.say(room, ANN, "/admin")
        panel = await said(telegram, room, "Statistics")

        async def visit(there: str) -> set[str]:
            await pressed(there)
            data = [one["callback_data"] for one in telegram.buttons(panel)]
            return {one.removeprefix("a:") for one in data}

        async def pressed(there: str) -> None:
            assert len(f"a:{there}".encode()) <= 64
            press = await telegram.forge(room, panel["message_id"], ANN, f"a:{there}")
            await telegram.until(lambda: press in telegram.answers)
            assert not telegram.answers[press].get("text"), there
            # It is answered before its message is changed.
            await stage.idle_updates()

        found = await walked(world, visit)
        assert {read_address(there).name for there in found} >= set(desk.ACTIONS)
        for act in desk.ACTIONS:
            await pressed(chosen(world, found, act))
            await answer_questions(stage, room, world.answers.get(act, {}))
            for _ in range(200):
                if await newest(services, ADMIN) == (str(ADMIN), act):
                    break
                await asyncio.sleep(0.05)
            assert await newest(services, ADMIN) == (str(ADMIN), act)


async def answer_questions(stage: Stage, room: int, answers: dict[str, Any]) -> None:
    """Reply to what the bot asks, until it asks nothing more."""
    telegram = stage.telegram
    while True:
        newest_id = max(telegram.messages[room])
        text = telegram.messages[room][newest_id].get("text", "")
        if "\n#" not in text:
            return
        where = read_address(text.rpartition("\n#")[2])
        ask, *_ = await desk.open_fields(Caller(stage.services, ADMIN, "en"), where)
        answer = answers[ask.field.name]
        if ask.field.kind == "pictures":
            sent = {**telegram.photo(answer)}
        elif ask.field.kind == "file":
            upload = {"file_id": telegram.upload(answer), "file_unique_id": "u",
                      "file_name": "x.json", "file_size": len(answer)}  # fmt: skip
            sent = {"document": upload}
        else:
            sent = {"text": answer}
        await telegram.say(room, ANN, sent.pop("text", ""), answering=newest_id, **sent)
        await stage.idle_updates()


async def test_buttons_and_questions_of_before_are_answered_in_a_sentence(play: Play):
    async with play(**ADMINS) as stage:
        telegram = stage.telegram
        room = telegram.private(ANN)
        await telegram.say(room, ANN, "/admin")
        panel = await said(telegram, room, "Statistics")
        for data in (pack("aq"), pack("ag", 1), pack("al", 0, 0), "a:style.melt/1", "a:x/%ff"):
            press = await telegram.forge(room, panel["message_id"], ANN, data)
            await telegram.until(lambda press=press: press in telegram.answers)  # type: ignore[misc]
            assert "is out of date" in telegram.answers[press]["text"], data
        question = panel | {
            "text": "What is the title of “Kiss” in English? Reply to this message.\n#1 en"
        }
        await telegram.say(room, ANN, "Küss", reply_to_message=question)
        await said(telegram, room, "That question is out of date")
        # A style that was offered is looked at by the button of before as by one of today.
        press = await telegram.forge(room, panel["message_id"], ANN, pack("av", 1))
        await telegram.until(lambda: "Starry Night" in panel["text"])
