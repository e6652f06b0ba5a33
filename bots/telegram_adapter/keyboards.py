"""The buttons beneath messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    SwitchInlineQueryChosenChat,
)

from bots.core.services import Services
from bots.sheets import ON_A_SHEET
from bots.telegram_adapter.data import pack
from bots.telegram_adapter.station import Station
from storage.values import Choice, Style

Button = InlineKeyboardButton
PAGE_STYLES: Final = ON_A_SHEET
_COLUMNS: Final = 2
_STRENGTH_STEP: Final = 20
_STRENGTH_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Card:
    """A result that is shown, and what its buttons begin from.

    Attributes:
        job_id: Of the job that made it.
        styles: Its styles.
        strength: Its strength.
        keep_colours: Whether it has the photo's colours.
        newest: Job of the newest version on the card.
        index: Which version is shown, from 0.
        count: How many there are.
    """

    job_id: int
    styles: Sequence[Choice]
    strength: int
    keep_colours: bool
    newest: int
    index: int = 0
    count: int = 1


def button(text: str, operation: str, *numbers: int) -> Button:
    """A button of ours."""
    return Button(text, callback_data=pack(operation, *numbers))


def grid(
    styles: Sequence[Style], language: str, page: int, operation: str, job_id: int
) -> list[list[Button]]:
    """A page of styles in two columns, and the way to the others.

    Args:
        styles: All of them, in order.
        language: Of their titles.
        page: Which page, from 0.
        operation: What a style's button does; with "p" put before it, what leafs through.
        job_id: What it does that for.
    """
    buttons = [button(style.title(language), operation, job_id, style.id) for style in styles]
    return paged(buttons, page, f"p{operation}", job_id)


def paged(buttons: Sequence[Button], page: int, operation: str, number: int) -> list[list[Button]]:
    """A page of buttons in two columns, and the way to the others.

    Args:
        buttons: All of them, one a style.
        page: Which page, from 0.
        operation: What leafs through.
        number: What it does that for.
    """
    pages = max(1, -(-len(buttons) // PAGE_STYLES))
    page %= pages
    shown = list(buttons[page * PAGE_STYLES :][:PAGE_STYLES])
    rows = [shown[at : at + _COLUMNS] for at in range(0, len(shown), _COLUMNS)]
    if pages > 1:
        rows.append(
            [
                button("◀", operation, number, (page - 1) % pages),
                button(f"{page + 1} / {pages}", "x"),
                button("▶", operation, number, (page + 1) % pages),
            ]
        )
    return rows


def picker(
    services: Services, styles: Sequence[Style], language: str, job_id: int, page: int = 0
) -> InlineKeyboardMarkup:
    """Styles for a photo, with the numbers they have on its sheet."""
    buttons = [
        button(f"{number % PAGE_STYLES + 1} · {style.title(language)}", "s", job_id, style.id)
        for number, style in enumerate(styles)
    ]
    surprise = button(services.texts.say("button-surprise", language), "surprise", job_id)
    return InlineKeyboardMarkup([*paged(buttons, page, "ps", job_id), [surprise]])


def more_styles(
    services: Services, styles: Sequence[Style], language: str, job_id: int, page: int = 0
) -> InlineKeyboardMarkup:
    """All styles, for a result that is there."""
    back = button(services.texts.say("button-back", language), "card", job_id)
    return InlineKeyboardMarkup([*grid(styles, language, page, "n", job_id), [back]])


def waiting(services: Services, language: str, job_id: int) -> InlineKeyboardMarkup:
    """The way out of the queue."""
    return InlineKeyboardMarkup(
        [[button(services.texts.say("button-cancel", language), "cancel", job_id)]]
    )


def waits_for(message: Message, job_id: int) -> bool:
    """Whether a message has the way out of the queue for a job."""
    return _has(message, pack("cancel", job_id))


def chooses_for(message: Message, job_id: int) -> bool:
    """Whether a message asks for the style of a job."""
    return _has(message, pack("surprise", job_id))


def _has(message: Message, data: str) -> bool:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    return any(one.callback_data == data for row in rows for one in row)


def result(
    station: Station, card: Card, styles: Sequence[Style], language: str, *, album: bool = False
) -> InlineKeyboardMarkup:
    """What can be done with a result."""

    def say(name: str) -> str:
        return station.say(name, language)

    job_id, shown = card.job_id, {choice.style_id for choice in card.styles}
    others = [style for style in styles if style.id not in shown][:2]
    keep = ("✓ " if card.keep_colours else "") + say("button-keep-colours")
    rows = [
        [
            *(button(style.title(language), "n", job_id, style.id) for style in others),
            button(say("button-more"), "pn", job_id, 0),
        ],
        _strength(station.services, card, language),
        [
            button(keep, "keep", job_id, int(not card.keep_colours)),
            button(say("button-file"), "file", job_id),
        ],
    ]
    if not album:
        rows.append(
            [
                button(say("button-compare"), "compare", job_id),
                *_share(station, say("button-share"), job_id),
                button("🗑", "delete", job_id),
            ]
        )
    if card.count > 1:
        rows.append(_versions(card))
    return InlineKeyboardMarkup(rows)


def _share(station: Station, label: str, job_id: int) -> list[Button]:
    """Sharing goes by inline mode, which a bot's owner may not have turned on."""
    if not station.bot.supports_inline_queries:
        return []
    query = SwitchInlineQueryChosenChat(
        query=f"#{job_id}", allow_user_chats=True, allow_group_chats=True, allow_channel_chats=True
    )
    return [Button(label, switch_inline_query_chosen_chat=query)]


def _strength(services: Services, card: Card, language: str) -> list[Button]:
    less, more = card.strength - _STRENGTH_STEP, card.strength + _STRENGTH_STEP
    label = services.texts.say("button-strength", language, strength=card.strength)
    row = [button(label, "x")]
    if less > 0:
        row.insert(0, button("-", "strength", card.job_id, less))
    if card.strength < _STRENGTH_MAX:
        row.append(button("+", "strength", card.job_id, min(_STRENGTH_MAX, more)))
    return row


def _versions(card: Card) -> list[Button]:
    earlier, later = (card.index - 1) % card.count, (card.index + 1) % card.count
    return [
        button("◀", "version", card.newest, earlier),
        button(f"{card.index + 1} / {card.count}", "x"),
        button("▶", "version", card.newest, later),
    ]
