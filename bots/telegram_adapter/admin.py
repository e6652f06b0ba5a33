"""What the core shows an admin, as messages with buttons, in his private chat with the bot.

A button says where it leads, and a question ends with the address that its answer completes; so
both outlive the process. What either says may be forged: the core asks again who it is.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from telegram import ForceReply, InlineKeyboardMarkup, InputFile, InputMediaPhoto, Message

from bots.core.admin import desk, rights
from bots.core.admin.actions import Action, Ask, Caller, Outcome, Raw, View
from bots.core.admin.pages import Address, Page, address, read_address
from bots.core.admin.refining import Refining
from bots.telegram_adapter import admin_words
from bots.telegram_adapter.admin_keyboards import PREFIX, keyboard, of_choices, to_go_on, words
from bots.telegram_adapter.buttons import Buttons, Press, quietly
from bots.telegram_adapter.hints import Hints
from bots.telegram_adapter.station import Station, is_private, reply_to, user_key
from engine.contract import Refinement
from storage.values import UserKey

# A question that a reply answers, and one of versions before.
_QUESTION: Final = re.compile(r"\n#([a-z]+\.[a-z]+\S*)$")
_OLD_QUESTION: Final = re.compile(r"\n#\d{1,9} [a-z]{2,4}$")
# Buttons of versions before, and how many numbers came with each.
_OLD_BUTTONS: Final[Mapping[str, int]] = {
    "aroom": 0, "aq": 0, "ag": 1, "ak": 1, "at": 1, "ai": 1, "ah": 0, "ab": 0, "al": 2, "as": 2,
    "am": 2, "ad": 1, "ar": 2, "ap": 1, "ae": 1, "af": 1, "ax": 1, "ay": 2,
}  # fmt: skip


class Admin:
    """Shows pages, asks what actions need to know, and does them."""

    def __init__(
        self, station: Station, buttons: Buttons, hints: Hints, fetch: admin_words.Fetch
    ) -> None:
        self._station = station
        self._hints = hints
        self._fetch = fetch
        self._refinings: dict[int, Refining] = {}
        buttons.add_words(PREFIX, self._pressed)
        # A submission's message has a button that leads to the style, whatever version sent it.
        buttons.add("av", 1, self._look)
        for name, numbers in _OLD_BUTTONS.items():
            buttons.add(name, numbers, self._of_before)

    async def command(self, messages: Sequence[Message], name: str, said: str) -> None:
        """One of the admin's commands, with what is said after it."""
        view, action = desk.commands()[name]
        message, doing = messages[0], action if action and (said or view is None) else None
        caller = await self._caller(message)
        if caller is None:
            return
        where = address(doing.id) if doing else _viewed(view, said)
        await desk.check(caller, where)
        in_passing = doing is not None and any(each.kind == "user" for each in doing.fields)
        if not is_private(message.chat) and not in_passing:
            await self._hints.say(message, caller.say("telegram-in-private"))
        elif doing is None:
            await self._reply(message, caller, where)
        else:
            await self._do_as_said(messages, caller, doing, said)

    async def answered(self, messages: Sequence[Message]) -> bool:
        """Take what was asked for, in reply to the question; False for anything else."""
        message = messages[0]
        asked, caller = self._question(message), await self._caller(message)
        if asked is None or caller is None:
            return False
        if not asked:
            await message.reply_text(caller.say("admin-no-answer"))
        else:
            await self._take(messages, caller, read_address(asked))
        return True

    def _question(self, message: Message) -> str | None:
        """What a message of an admin's answers; nothing for a question of a version before."""
        question, user = message.reply_to_message, user_key(message)
        ours = question and question.from_user and question.from_user.id == self._station.bot.id
        if not (question and ours and user and rights.is_admin(self._station.services, user)):
            return None
        found = _QUESTION.search(question.text or "")
        if found:
            return found[1]
        return "" if _OLD_QUESTION.search(question.text or "") else None

    async def _take(self, messages: Sequence[Message], caller: Caller, where: Address) -> None:
        message = messages[0]
        ask, *others = await desk.asked(caller, where)
        raw = await admin_words.answer_to(ask.field, messages, self._fetch)
        if raw is None:
            await self._ask(message, caller, where, ask)
            return
        name = ask.field.name
        if isinstance(raw, str):
            named = {key: told for key, told in where.named.items() if key != desk.ONLY}
            where = replace(where, named=named | {name: raw})
        if others:
            await self._ask(message, caller, where, others[0])
        else:
            await self._perform(message, caller, where, {name: raw})

    async def _do_as_said(
        self, messages: Sequence[Message], caller: Caller, action: Action, said: str
    ) -> None:
        filled = await admin_words.given(action, messages, said, self._fetch)
        told = {name: raw for name, raw in filled.items() if isinstance(raw, str)}
        where = address(action.id, **told)
        missing = [
            ask for ask in await desk.asked(caller, where)
            if ask.field.name not in filled and not ask.field.optional
        ]  # fmt: skip
        if not missing:
            await self._perform(messages[0], caller, where, filled)
        elif is_private(messages[0].chat):
            await self._ask(messages[0], caller, where, missing[0])
        else:
            await self._hints.say(messages[0], missing[0].how)

    async def _pressed(self, press: Press) -> None:
        where = read_address((press.query.data or "").removeprefix(PREFIX))
        caller = await self._pressing(press)
        await desk.check(caller, where)
        if not where.acts:
            await self._show(press, caller, where)
            return
        asks = await desk.asked(caller, where)
        if not asks:
            await self._done(press.message, caller, await desk.perform(caller, where), press)
        elif asks[0].choices:
            await press.show(asks[0].label, of_choices(where, asks[0]))
        else:
            await press.answer()
            await self._ask(press.message, caller, where, asks[0])

    async def _look(self, press: Press, numbers: Sequence[int]) -> None:
        caller = await self._pressing(press)
        await self._show(press, caller, address("style", numbers[0]))

    async def _of_before(self, press: Press, _: Sequence[int]) -> None:
        """A button whose numbers mean nothing any more."""
        caller = await self._pressing(press)
        await desk.check(caller, Address(""))

    async def _ask(self, message: Message, caller: Caller, where: Address, ask: Ask) -> None:
        text = f"{ask.how} " + caller.say("admin-reply") + f"\n#{where}"
        markup = to_go_on(caller, where, ask) or ForceReply()
        await message.reply_text(text, reply_markup=markup)

    async def _perform(
        self, message: Message, caller: Caller, where: Address, filled: Mapping[str, Raw]
    ) -> None:
        await self._done(message, caller, await desk.perform(caller, where, filled))

    async def _done(
        self, message: Message, caller: Caller, outcome: Outcome, press: Press | None = None
    ) -> None:
        """Show what came of an action."""
        self._station.nudge()
        if outcome.file:
            file = InputFile(io.BytesIO(outcome.file.content), outcome.file.name)
            await message.reply_document(file, caption=outcome.file.how)
        elif outcome.refining:
            shown = await message.reply_text(outcome.refining.said(caller.services.texts))
            self._station.spawn(self._keep_refining(caller, outcome.refining, shown))
        elif press:
            await self._show(press, caller, outcome.address, outcome.note)
        elif is_private(message.chat):
            await self._reply(message, caller, outcome.address, outcome.note)
        else:
            await self._hints.say(message, outcome.note)

    async def _keep_refining(self, caller: Caller, refining: Refining, shown: Message) -> None:
        async def tell(sentence: str) -> None:
            await quietly(shown.edit_text(sentence))

        await refining.run(caller.services, caller.user, tell)
        await tell(refining.said(caller.services.texts))
        found = refining.outcome
        if isinstance(found, Refinement) and found.gram_after < found.gram_before:
            await self._reply(shown, caller, address("previews", refining.style.id))

    async def _show(self, press: Press, caller: Caller, where: Address, note: str = "") -> None:
        """Let the pressed message be a page; pictures cannot be in it, and are sent below."""
        page = await desk.look(caller, where)
        if page.pictured:
            await press.answer()
            await self._reply(press.message, caller, where)
        else:
            await press.show(*await self._laid_out(caller, page, note))

    async def _reply(
        self, message: Message, caller: Caller, where: Address, note: str = ""
    ) -> None:
        page = await desk.look(caller, where)
        if page.pictured and page.style:
            pictures, why_not = await desk.samples(caller, page.style)
            note = "\n".join(filter(None, (note, why_not)))
            media = [
                InputMediaPhoto(InputFile(picture, f"{number}.jpg", attach=True))
                for number, picture in enumerate(pictures)
            ]
            if media:
                await self._station.bot.send_media_group(message.chat.id, media)
        text, markup = await self._laid_out(caller, page, note)
        await message.reply_text(
            text, reply_markup=markup, reply_parameters=reply_to(message.message_id)
        )

    async def _laid_out(
        self, caller: Caller, page: Page, note: str
    ) -> tuple[str, InlineKeyboardMarkup]:
        return words(caller, page, note), await keyboard(caller, page)

    async def _caller(self, message: Message) -> Caller | None:
        """Whoever sent a message; None for nobody."""
        user = user_key(message)
        if user is None:
            return None
        language = await self._station.language(message.from_user, user, message.chat)
        return self._of(user, language)

    async def _pressing(self, press: Press) -> Caller:
        return self._of(press.user, await press.language())

    def _of(self, user: UserKey, language: str) -> Caller:
        return Caller(self._station.services, user, language, self._refinings)


def _viewed(view: View | None, said: str) -> Address:
    if view is None:
        raise AssertionError("a command shows something or does something")
    return address(view.name, *said.split()[: len(view.fields)])
