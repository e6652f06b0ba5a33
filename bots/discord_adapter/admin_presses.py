"""What an admin presses, chooses and fills in: where it leads is in its id, and the core knows it.

Whoever forges a press is refused, and that is noted, before he gets as far as what it means.
"""

import logging
import re
from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

import discord
from typing_extensions import override

from bots.core.admin import desk, rights
from bots.core.admin.actions import Action, Caller, Outcome, Raw
from bots.core.admin.pages import Address, address, read_address
from bots.core.admin.refining import Refining
from bots.discord_adapter import admin_forms, controls
from bots.discord_adapter.admin_pages import PICK, PREFIX, show
from bots.discord_adapter.answers import Answer, answering
from bots.discord_adapter.client import StylebotClient
from bots.discord_adapter.controls import Press
from bots.discord_adapter.posting import UNSAID, Upload
from bots.discord_adapter.statuses import Statuses
from bots.discord_adapter.views import Layout, text, words

logger = logging.getLogger(__name__)

_TEMPLATE: Final = rf"{PREFIX}(?P<address>[^#]+)(?:#\d+)?"
# Buttons, menus and forms of versions before.
_OLD: Final = (
    "list", "pick", "enable", "rest", "retire", "discard", "move", "default", "accept", "decline",
    "export", "rename", "tags", "refine", "queue", "pause", "drain", "open", "job", "allow",
    "limit", "stats", "audit",
)  # fmt: skip
_OLD_FORM: Final = re.compile(r"sb:adm-[a-z]+(:\d+)*")
_REFININGS: Final[WeakKeyDictionary[StylebotClient, dict[int, Refining]]] = WeakKeyDictionary()


def furnish(client: StylebotClient) -> None:
    """Let a client know what is pressed, of this version and of those before."""
    client.add_dynamic_items(AdminControl)
    controls.know({f"adm-{name}": _of_before for name in _OLD} | {"adm-preview": _preview})


def caller_of(answer: Answer) -> Caller:
    """Who presses."""
    refinings = _REFININGS.setdefault(answer.client, {})
    return Caller(answer.client.services, answer.user, answer.language, refinings)


async def check(answer: Answer, caller: Caller, where: Address) -> None:
    """See that someone may, before anything else is answered.

    Raises:
        BotAdminsOnlyError: he may not; that he tried is noted.
        PageGoneError: there is no such thing.
    """
    if not rights.is_admin(caller.services, caller.user):
        # To note it takes longer than a moment when the store is busy.
        await answer.defer(private=True)
    await desk.check(caller, where)


async def perform(
    answer: Answer, caller: Caller, where: Address, filled: Mapping[str, Raw] | None = None
) -> None:
    """Do something, and show what came of it; the answer was deferred."""
    outcome = await desk.perform(caller, where, filled)
    client = answer.client
    client.nudge()
    if where.name.startswith("queue."):
        # Those who wait read the admin's words.
        client.later(Statuses(client).update_all())
    if outcome.file:
        await _send(answer, outcome)
    elif outcome.refining:
        client.later(_keep_refining(answer, caller, outcome.refining))
    else:
        await show(answer, caller, outcome.address, outcome.note)


class AdminControl(discord.ui.DynamicItem[discord.ui.Item[Any]], template=_TEMPLATE):
    """Whatever an admin pressed, recognised by its id alone."""

    def __init__(self, item: discord.ui.Item[Any], where: str) -> None:
        super().__init__(item)
        self._where = where

    @classmethod
    @override
    async def from_custom_id(
        cls,
        interaction: discord.Interaction[Any],
        item: discord.ui.Item[Any],
        match: re.Match[str],
        /,
    ) -> "AdminControl":
        return cls(item, match["address"])

    @override
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        data: Any = interaction.data or {}
        values = data.get("values", ())
        where = values[0] if self._where == PICK and values else self._where
        async with answering(interaction) as answer:
            await _press(answer, read_address(where))


async def take_form(interaction: discord.Interaction[Any]) -> None:
    """Do what a form was filled in for, if it is one of these."""
    data: Any = interaction.data or {}
    custom_id = data.get("custom_id", "")
    found = re.fullmatch(_TEMPLATE, custom_id)
    ours = found or _OLD_FORM.fullmatch(custom_id)
    if interaction.type is not discord.InteractionType.modal_submit or not ours:
        return
    async with answering(interaction) as answer:
        caller = caller_of(answer)
        where = read_address(found["address"]) if found else Address("")
        await check(answer, caller, where)
        await answer.defer_in_place()
        fields = desk.action_of(where).all_fields(caller.services)
        await perform(answer, caller, where, await admin_forms.filled(answer.client, fields, data))


async def _press(answer: Answer, where: Address) -> None:
    caller = caller_of(answer)
    await check(answer, caller, where)
    if not where.acts:
        await answer.defer_in_place()
        await show(answer, caller, where)
        return
    action = desk.action_of(where)
    if asks := admin_forms.in_form(action, await desk.asked(caller, where)):
        await admin_forms.ask(answer, where, caller.say(action.label), asks)
        return
    await _defer(answer, action)
    await perform(answer, caller, where)


async def _defer(answer: Answer, action: Action) -> None:
    if action.aside:
        await answer.defer(private=True)
    else:
        await answer.defer_in_place()


async def _preview(press: Press) -> None:
    """The button of a submission's message, whatever version sent it."""
    await _press(press.answer, address("previews", press.number))


async def _of_before(press: Press) -> None:
    """What stands for nothing any more."""
    await check(press.answer, caller_of(press.answer), Address(""))


async def _send(answer: Answer, outcome: Outcome) -> None:
    file = outcome.file
    if file is None:
        raise AssertionError("only what has a file is sent")
    if len(file.content) > answer.interaction.filesize_limit:
        await answer.tell(answer.say("discord-admin-file-too-large"))
        return
    parts = [text(file.how), discord.ui.File(f"attachment://{file.name}")]
    await answer.show(Layout(*parts), [Upload(file.name, file.content)])


async def _keep_refining(answer: Answer, caller: Caller, refining: Refining) -> None:
    async def tell(sentence: str) -> None:
        await answer.show(words(sentence), [])

    await refining.run(caller.services, caller.user, tell)
    sentence = refining.said(caller.services.texts)
    try:
        await show(answer, caller, address("previews", refining.style.id), sentence)
    except UNSAID:
        # An interaction is over after a quarter of an hour; a message to the admin never is.
        try:
            await answer.interaction.user.send(view=words(sentence))
        except UNSAID:
            logger.warning("nobody could be told of a refinement", exc_info=True)
