"""Renders an action's fields as a Discord form, and reads its values."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import discord

from bots.core.admin.pages.actions import Action, Ask, Field, Raw
from bots.core.admin.pages.pages import Address
from bots.core.errors import BadStyleFileError
from bots.core.styles.style_files import FILE_MAX_BYTES
from bots.discord_adapter.admin.pages import PREFIX
from bots.discord_adapter.context import Context
from bots.discord_adapter.transport import attachments
from bots.discord_adapter.transport.client import StylebotClient
from engine.api.errors import ImageTooLargeError
from storage.values.json import Json

_TITLE_MAX: Final = 45
_DESCRIPTION_MAX: Final = 100
_FIELDS_MAX: Final = 5
# Text of a menu without a choice; Discord requires one.
_NOTHING: Final = "-"


def in_form(action: Action, asks: Sequence[Ask]) -> Sequence[Ask]:
    """The fields of a form: without toggles that can be set alone, which have buttons."""
    return [ask for ask in asks if not (action.apart and ask.field.kind == "toggle")][:_FIELDS_MAX]


async def ask(context: Context, where: Address, title: str, asks: Sequence[Ask]) -> None:
    """Answer with a form; nothing has been answered yet.

    Raises:
        ShuttingDownError: the bot is about to stop.
    """
    context.check_open()
    form = discord.ui.Modal(title=title[:_TITLE_MAX], timeout=None, custom_id=f"{PREFIX}{where}")
    for each in asks:
        how = each.how if each.how != each.label or len(each.label) > _TITLE_MAX else ""
        form.add_item(
            discord.ui.Label(
                text=each.label[:_TITLE_MAX], component=_component(each),
                description=how[:_DESCRIPTION_MAX] or None,
            )
        )  # fmt: skip
    # The library keeps every form it sends, except finished ones.
    form.stop()
    await context.interaction.response.send_modal(form)


def _component(of: Ask) -> discord.ui.Item[Any]:
    field, custom_id = of.field, of.field.name
    if field.kind in ("pictures", "file"):
        most = field.most if field.kind == "pictures" else 1
        return discord.ui.FileUpload(custom_id=custom_id, min_values=1, max_values=most)
    if field.kind == "choice":
        options = [
            discord.SelectOption(label=label, value=value or _NOTHING, default=value == of.value)
            for value, label in of.choices
        ]
        return discord.ui.Select(custom_id=custom_id, options=options, required=True)
    most = len(str(of.most)) if field.kind == "number" else field.most
    return discord.ui.TextInput(
        custom_id=custom_id, default=of.value[:most] or None, max_length=most,
        required=not (field.optional or field.kind == "number"),
    )  # fmt: skip


def typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form in Discord's format: texts, or uploads."""
    uploads = data.get("resolved", {}).get("attachments", {})
    found: dict[str, Any] = {}
    for label in data.get("components", ()):
        part = label.get("component", {})
        values = part.get("values", ())
        sent = [uploads[each] for each in values if each in uploads]
        found[part.get("custom_id", "")] = sent or part.get("value", "".join(values[:1]))
    return found


async def filled(
    client: StylebotClient, fields: Sequence[Field], given: Mapping[str, Any]
) -> dict[str, Raw]:
    """The values by field name; files are downloaded."""
    found: dict[str, Raw] = {}
    for each in fields:
        raw = given.get(each.name)
        if each.kind in ("pictures", "file"):
            if raw:
                found[each.name] = await _fetched(client, each, raw)
        elif raw is not None:
            found[each.name] = "" if raw == _NOTHING and each.kind == "choice" else str(raw)
    return found


async def _fetched(client: StylebotClient, of: Field, files: Sequence[Any]) -> Raw:
    """Download uploads, given Discord's data about each.

    Raises:
        ImageTooLargeError: a picture is too large.
        BadStyleFileError: a style's file is too large.
        BotError: Discord does not return it.
    """
    if of.kind == "file":
        if files[0]["size"] > FILE_MAX_BYTES:
            raise BadStyleFileError
        return await attachments.download(client, _found(files[0]))
    if any(each["size"] > attachments.IMAGE_BYTES_MAX for each in files):
        raise ImageTooLargeError("The picture is too large.")
    return [await attachments.fetch(client, _found(each)) for each in files]


def _found(upload: Mapping[str, Any]) -> Json:
    return {"id": str(upload["id"]), "url": upload["url"], "bytes": upload["size"]}
