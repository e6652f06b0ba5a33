"""Shows the core's admin pages as messages with buttons, in the admin's private chat.

Buttons and questions contain their addresses, so both work after a restart. They may be forged, so
the core checks the rights again.
"""

import io
import re
from dataclasses import replace
from typing import Final

from telegram import ForceReply, InputFile, InputMediaPhoto, Message

from bots.core.admin import registry
from bots.core.admin.pages.actions import Action, Ask, Caller, Outcome
from bots.core.admin.pages.pages import Address, address, read_address
from bots.core.admin.use_cases import rights
from bots.core.admin.use_cases.refining import Refining
from bots.telegram_adapter.admin import fields
from bots.telegram_adapter.admin.keyboards import PREFIX, keyboard, of_choices, to_go_on, words
from bots.telegram_adapter.context import Context, Runtime, reply_to
from bots.telegram_adapter.delivery.hints import Hints
from bots.telegram_adapter.handlers.buttons import Buttons, Press, quietly
from bots.telegram_adapter.render.callback_data import unpack

# A question that a reply answers; and those of earlier versions.
_QUESTION: Final = re.compile(r"\n#([a-z]+\.[a-z]+\S*)$")
_OLD_QUESTION: Final = re.compile(r"\n#\d{1,9} [a-z]{2,4}$")
# Our buttons, those of earlier versions, and that of a submitted style.
_DATA: Final = re.compile(rf"{PREFIX}.+|v1:(?:aroom|a[a-z])(?::\w+)*", re.DOTALL)
_OFFERED: Final = "av"


class Admin:
    """Shows pages, asks for actions' fields, and runs actions."""

    def __init__(
        self, runtime: Runtime, buttons: Buttons, hints: Hints, fetch: fields.Fetch
    ) -> None:
        self._runtime = runtime
        self._hints = hints
        self._fetch = fetch
        self._refinings: dict[int, Refining] = {}
        buttons.add_words(_DATA, self._pressed)

    async def command(self, context: Context, name: str, said: str) -> None:
        """Handle an admin command with its arguments."""
        command, caller = registry.commands()[name], self._caller(context)
        where = command.where(said.split())
        doing = command.action if where.acts else None
        await registry.check(caller, where)
        in_passing = doing is not None and any(each.kind == "user" for each in doing.fields)
        if not context.private and not in_passing:
            await self._hints.say(context, caller.say("telegram-in-private"))
        elif doing is None:
            await self._reply(context.message, caller, where)
        else:
            await self._do_as_said(context, caller, doing, said)

    async def answered(self, context: Context) -> bool:
        """Handle a reply to a question; False for other messages."""
        question, caller = self._question(context), self._caller(context)
        if question is None:
            return False
        if not question:
            await context.message.reply_text(caller.say("admin-no-answer"))
        else:
            await self._take(context, caller, read_address(question))
        return True

    def _question(self, context: Context) -> str | None:
        """The question that an admin's message answers; None for an earlier version's question."""
        question = context.message.reply_to_message
        ours = question and question.from_user and question.from_user.id == self._runtime.bot.id
        if not (question and ours and rights.is_admin(self._runtime.services, context.user)):
            return None
        found = _QUESTION.search(question.text or "")
        if found:
            return found[1]
        return "" if _OLD_QUESTION.search(question.text or "") else None

    async def _take(self, context: Context, caller: Caller, where: Address) -> None:
        message = context.message
        ask, *others = await registry.open_fields(caller, where)
        raw = await fields.answer_to(ask.field, context.messages, self._fetch)
        if raw is None:
            await self._ask(message, caller, where, ask)
            return
        name = ask.field.name
        if isinstance(raw, str):
            named = {key: told for key, told in where.named.items() if key != registry.ONLY}
            where = replace(where, named=named | {name: raw})
        if others:
            await self._ask(message, caller, where, others[0])
        else:
            await self._done(context, caller, await registry.perform(caller, where, {name: raw}))

    async def _do_as_said(
        self, context: Context, caller: Caller, action: Action, said: str
    ) -> None:
        filled = await fields.given(action, context.messages, said, self._fetch)
        told = {name: raw for name, raw in filled.items() if isinstance(raw, str)}
        where = address(action.id, **told)
        missing = [
            ask for ask in await registry.open_fields(caller, where)
            if ask.field.name not in filled and not ask.field.optional
        ]  # fmt: skip
        if not missing:
            await self._done(context, caller, await registry.perform(caller, where, filled))
        elif context.private:
            await self._ask(context.message, caller, where, missing[0])
        else:
            await self._hints.say(context, missing[0].how)

    async def _pressed(self, press: Press) -> None:
        where = _led(press.query.data or "")
        caller = self._caller(press.context)
        if not where.acts:
            await self._show(press, caller, where)
            return
        asks = await registry.open_fields(caller, where)
        if not asks:
            await self._done(press.context, caller, await registry.perform(caller, where), press)
        elif asks[0].choices:
            await press.show(asks[0].label, of_choices(where, asks[0]))
        else:
            await press.answer()
            await self._ask(press.message, caller, where, asks[0])

    async def _ask(self, message: Message, caller: Caller, where: Address, ask: Ask) -> None:
        text = f"{ask.how} " + caller.say("admin-reply") + f"\n#{where}"
        markup = to_go_on(caller, where, ask) or ForceReply()
        await message.reply_text(text, reply_markup=markup)

    async def _done(
        self, context: Context, caller: Caller, outcome: Outcome, press: Press | None = None
    ) -> None:
        """Show the outcome of an action."""
        message = context.message
        self._runtime.nudge()
        if outcome.file:
            file = InputFile(io.BytesIO(outcome.file.content), outcome.file.name)
            await message.reply_document(file, caption=outcome.file.how)
        elif outcome.refining:
            shown = await message.reply_text(outcome.refining.said(caller.services.texts))
            self._runtime.spawn(self._keep_refining(caller, outcome.refining, shown))
        elif press:
            await self._show(press, caller, outcome.address, outcome.note)
        elif context.private:
            await self._reply(message, caller, outcome.address, outcome.note)
        else:
            await self._hints.say(context, outcome.note)

    async def _keep_refining(self, caller: Caller, refining: Refining, shown: Message) -> None:
        async def tell(sentence: str) -> None:
            await quietly(shown.edit_text(sentence))

        await refining.run(caller.services, caller.user, tell)
        await tell(refining.said(caller.services.texts))
        if refining.better:
            await self._reply(shown, caller, address("previews", refining.style.id))

    async def _show(self, press: Press, caller: Caller, where: Address, note: str = "") -> None:
        """Replace the pressed message by a page; pictures are sent as new messages."""
        page = await registry.look(caller, where)
        if page.pictured:
            await press.answer()
            await self._reply(press.message, caller, where)
        else:
            await press.show(words(caller, page, note), await keyboard(caller, page))

    async def _reply(
        self, message: Message, caller: Caller, where: Address, note: str = ""
    ) -> None:
        page = await registry.look(caller, where)
        if page.pictured and page.style:
            pictures, why_not = await registry.samples(caller, page.style)
            note = "\n".join(filter(None, (note, why_not)))
            media = [
                InputMediaPhoto(InputFile(picture, f"{number}.jpg", attach=True))
                for number, picture in enumerate(pictures)
            ]
            if media:
                await self._runtime.bot.send_media_group(message.chat.id, media)
        await message.reply_text(
            words(caller, page, note), reply_markup=await keyboard(caller, page),
            reply_parameters=reply_to(message.message_id),
        )  # fmt: skip

    def _caller(self, context: Context) -> Caller:
        return Caller(self._runtime.services, context.user, context.language, self._refinings)


def _led(data: str) -> Address:
    """The address in a button's data; None for earlier versions' buttons."""
    if data.startswith(PREFIX):
        return read_address(data.removeprefix(PREFIX))
    said = unpack(data)
    return address("style", *said.numbers) if said and said.operation == _OFFERED else Address("")
