"""Handles admins' buttons, menus and forms, whose ids contain addresses of the core.

Rights are checked, and refused attempts audited, before anything else.
"""

import logging
import re
from collections.abc import Mapping
from typing import Any, Final

import discord
from typing_extensions import override

from bots.core.admin import registry
from bots.core.admin.pages.actions import Caller, File, Raw
from bots.core.admin.pages.pages import Address, address, read_address
from bots.core.admin.use_cases import rights
from bots.core.admin.use_cases.refining import Refining
from bots.discord_adapter.admin import forms
from bots.discord_adapter.admin.pages import PICK, PREFIX, show
from bots.discord_adapter.context import Context, answering
from bots.discord_adapter.delivery.statuses import Statuses
from bots.discord_adapter.render.layouts import Layout, text, words
from bots.discord_adapter.transport.posting import UNSAID, Upload

logger = logging.getLogger(__name__)

# Ids of ours, and of earlier versions.
_TEMPLATE: Final = (
    rf"{PREFIX}(?P<address>[^#]+)(?:#\d+)?|sb:adm-(?P<old>[a-z]+)(?::(?P<number>\d+))?(?::\d+)*"
)
# The button of a submitted style is unchanged.
_OFFERED: Final = "preview"


async def check_admin(context: Context, where: Address) -> Caller:
    """The caller, if permitted; nothing has been answered yet.

    Raises:
        BotAdminsOnlyError: the person is not an admin; the attempt is audited.
        PageGoneError: there is no such page.
    """
    client = context.client
    caller = Caller(client.services, context.user, context.language, client.refinings)
    if not rights.is_admin(caller.services, caller.user):
        # Auditing can take long when the store is busy, so the answer is deferred.
        await context.defer(private=True)
    await registry.check(caller, where)
    return caller


async def perform(
    context: Context, caller: Caller, where: Address, filled: Mapping[str, Raw] | None = None
) -> None:
    """Perform an action and show its outcome; the answer was deferred."""
    outcome = await registry.perform(caller, where, filled)
    client = context.client
    client.nudge()
    if where.name.startswith("queue."):
        # Waiting users see the admin's words.
        client.later(Statuses(client).update_all())
    if outcome.file:
        await _send(context, outcome.file)
    elif outcome.refining:
        client.later(_keep_refining(context, caller, outcome.refining))
    else:
        await show(context, caller, outcome.address, outcome.note)


class AdminControl(discord.ui.DynamicItem[discord.ui.Item[Any]], template=_TEMPLATE):
    """A control of the admin pages, recognised only by its id."""

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
        return cls(item, _led(match))

    @override
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        data: Any = interaction.data or {}
        values = data.get("values", ())
        where = values[0] if self._where == PICK and values else self._where
        async with answering(interaction) as context:
            await _press(context, read_address(where))


async def take_form(interaction: discord.Interaction[Any]) -> None:
    """Perform the action of a submitted form, if it is one of these."""
    data: Any = interaction.data or {}
    found = re.fullmatch(_TEMPLATE, data.get("custom_id", ""))
    if interaction.type is not discord.InteractionType.modal_submit or found is None:
        return
    async with answering(interaction) as context:
        where = read_address(_led(found))
        caller = await check_admin(context, where)
        await context.defer_in_place()
        fields = registry.action_of(where).all_fields(caller.services)
        await perform(
            context,
            caller,
            where,
            await forms.filled(context.client, fields, forms.typed(data)),
        )


async def _press(context: Context, where: Address) -> None:
    caller = await check_admin(context, where)
    if not where.acts:
        await context.defer_in_place()
        await show(context, caller, where)
        return
    action = registry.action_of(where)
    if asks := forms.in_form(action, await registry.open_fields(caller, where)):
        await forms.ask(context, where, caller.say(action.label), asks)
        return
    await (context.defer(private=True) if action.aside else context.defer_in_place())
    await perform(context, caller, where)


def _led(match: re.Match[str]) -> str:
    """The address in an id; None for earlier versions' ids."""
    offered = f"previews/{match['number']}" if match["old"] == _OFFERED else ""
    return match["address"] or offered


async def _send(context: Context, file: File) -> None:
    if len(file.content) > context.interaction.filesize_limit:
        await context.tell(context.say("discord-admin-file-too-large"))
        return
    parts = [text(file.how), discord.ui.File(f"attachment://{file.name}")]
    await context.show(Layout(*parts), [Upload(file.name, file.content)])


async def _keep_refining(context: Context, caller: Caller, refining: Refining) -> None:
    async def tell(sentence: str) -> None:
        await context.show(words(sentence), [])

    await refining.run(caller.services, caller.user, tell)
    sentence = refining.said(caller.services.texts)
    try:
        await show(context, caller, address("previews", refining.style.id), sentence)
    except UNSAID:
        # An interaction expires after a quarter of an hour; a message to the admin does not.
        try:
            await context.interaction.user.send(view=words(sentence))
        except UNSAID:
            logger.warning("the result of a refinement could not be shown", exc_info=True)
