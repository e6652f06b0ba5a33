"""The keyboards below messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    SwitchInlineQueryChosenChat,
)
from telegram.constants import InlineKeyboardButtonLimit

from bots.core.common.services import Services
from bots.core.effects import controls
from bots.core.effects.controls import Control
from bots.core.requests import clips
from bots.core.requests.values import Version
from bots.core.styles import catalogue, recipes
from bots.images.sheets import ON_A_SHEET
from bots.telegram_adapter.context import Runtime
from bots.telegram_adapter.render.callback_data import pack
from storage.values.recipes import Recipe
from storage.values.styles import Style

Button = InlineKeyboardButton
PAGE_STYLES: Final = ON_A_SHEET
_COLUMNS: Final = 2
_CHOSEN: Final = "• "
_ON: Final = "✓ "
# Number of buttons that can be read on a phone.
_IN_A_ROW: Final = 5


@dataclass(frozen=True, slots=True)
class Card:
    """A result that is shown, with the values its buttons start from.

    Attributes:
        job_id: The job that made it.
        recipe: Its recipe.
        newest: Job of the newest version on the card.
        index: Index of the version shown, from 0.
        count: Number of versions.
        clip: Whether it is a clip, which is not compared side by side.
        absent: Analyses that find nothing in it; what needs them is not offered.
    """

    job_id: int
    recipe: Recipe
    newest: int
    index: int = 0
    count: int = 1
    clip: bool = False
    absent: tuple[str, ...] = ()


def button(text: str, operation: str, *numbers: int) -> Button:
    """Make a button."""
    return Button(text, callback_data=pack(operation, *numbers))


def grid(
    styles: Sequence[Style], language: str, page: int, operation: str, job_id: int
) -> list[list[Button]]:
    """A page of styles in two columns, with buttons to the other pages.

    Args:
        styles: All of them, in order.
        language: Language of the titles.
        page: Page number, from 0.
        operation: Operation of a style's button; prefixed with "p" it turns pages.
        job_id: The job it is for.
    """
    buttons = [button(style.title(language), operation, job_id, style.id) for style in styles]
    return paged(buttons, page, f"p{operation}", job_id)


def paged(buttons: Sequence[Button], page: int, operation: str, number: int) -> list[list[Button]]:
    """A page of buttons in two columns, with buttons to the other pages.

    Args:
        buttons: All of them, one per style.
        page: Page number, from 0.
        operation: Operation that turns pages.
        number: Its first argument.
    """
    pages = max(1, -(-len(buttons) // PAGE_STYLES))
    page %= pages
    shown = buttons[page * PAGE_STYLES :][:PAGE_STYLES]
    rows = columns(shown)
    if pages > 1:
        before, after = (
            button(sign, operation, number, (page + step) % pages)
            for sign, step in (("◀", -1), ("▶", 1))
        )
        rows.append(turning(before, page, pages, after))
    return rows


def columns(buttons: Sequence[Button]) -> list[list[Button]]:
    """Buttons in two columns."""
    return [list(buttons[at : at + _COLUMNS]) for at in range(0, len(buttons), _COLUMNS)]


def turning(before: Button, page: int, pages: int, after: Button) -> list[Button]:
    """The row that says which page this is, between the buttons to its neighbours."""
    return [before, button(f"{page + 1} / {pages}", "x"), after]


def picker(
    services: Services,
    styles: Sequence[Style],
    edits: Sequence[Style],
    language: str,
    job_id: int,
    page: int = 0,
) -> InlineKeyboardMarkup:
    """Styles for a photo, numbered as on its sheet, and edits."""
    buttons = [
        button(f"{number % PAGE_STYLES + 1} · {style.title(language)}", "s", job_id, style.id)
        for number, style in enumerate(styles)
    ]
    surprise = button(services.texts.say("button-surprise", language), "surprise", job_id)
    others = [button(edit.title(language), "s", job_id, edit.id) for edit in edits]
    return InlineKeyboardMarkup([*paged(buttons, page, "ps", job_id), [surprise], *columns(others)])


def more_styles(
    services: Services, styles: Sequence[Style], language: str, job_id: int, page: int = 0
) -> InlineKeyboardMarkup:
    """All styles, for an existing result."""
    back = button(services.texts.say("button-back", language), "card", job_id)
    return InlineKeyboardMarkup([*grid(styles, language, page, "n", job_id), [back]])


def waiting(services: Services, language: str, job_id: int) -> InlineKeyboardMarkup:
    """The button that cancels a waiting request."""
    return InlineKeyboardMarkup(
        [[button(services.texts.say("button-cancel", language), "cancel", job_id)]]
    )


def waits_for(message: Message, job_id: int) -> bool:
    """Whether a message has the button that cancels a job."""
    return _has(message, pack("cancel", job_id))


def chooses_for(message: Message, job_id: int) -> bool:
    """Whether a message asks for the style of a job."""
    return _has(message, pack("surprise", job_id))


def _has(message: Message, data: str) -> bool:
    rows = message.reply_markup.inline_keyboard if message.reply_markup else ()
    return any(one.callback_data == data for row in rows for one in row)


def result(
    runtime: Runtime, card: Card, styles: Sequence[Style], language: str, *, album: bool = False
) -> InlineKeyboardMarkup:
    """The buttons of a result."""

    def say(name: str) -> str:
        return runtime.say(name, language)

    job_id = card.job_id
    shown = {choice.style_id for choice in recipes.choices_in(card.recipe, styles)}
    drawn = controls.of_recipe(runtime.services.effects, card.recipe, language, card.absent)
    edits = catalogue.edits_among(runtime.services, styles)
    others = [style for style in styles if style.id not in shown and style not in edits][:2]
    rows = [
        [
            *(button(style.title(language), "n", job_id, style.id) for style in others),
            button(say("button-more"), "pn", job_id, 0),
        ],
        *(slider(control, "adjust", job_id) for control in drawn if control.kind == "slider"),
        [
            *(toggle(control, "adjust", job_id) for control in drawn if control.kind == "toggle"),
            button(say("button-file"), "file", job_id),
        ],
    ]
    # Of a result that is nothing else, an edit cannot be taken away.
    if offered := [] if card.clip else [e for e in edits if {e.id} != shown]:
        rows += columns(
            [
                button(
                    (_ON if edit.id in shown else "") + edit.title(language), "n", job_id, edit.id
                )
                for edit in offered
            ]
        )
    if better := [
        _value(value.title, control, value.word, "adjust", job_id)
        for control in drawn
        for value in control.slower
    ]:
        rows.append(better)
    if any(control.kind == "choice" for control in drawn):
        rows.append([button(say("button-adjust"), "controls", job_id)])
    if not album:
        rows.append(
            [
                *([] if card.clip else _beside_photo(runtime, language, job_id)),
                *_share(runtime, say("button-share"), job_id),
                button("🗑", "delete", job_id),
            ]
        )
    if card.count > 1:
        rows.append(_versions(card))
    return InlineKeyboardMarkup(rows)


def _beside_photo(runtime: Runtime, language: str, job_id: int) -> list[Button]:
    """The buttons that show a picture together with its photo."""
    compare = button(runtime.say("button-compare", language), "compare", job_id)
    if not clips.has_films(runtime.services):
        return [compare]
    return [compare, button(runtime.say("button-film", language), "film", job_id)]


def _share(runtime: Runtime, label: str, job_id: int) -> list[Button]:
    """The share button; it needs inline mode, which the bot's owner may not have turned on."""
    if not runtime.bot.supports_inline_queries:
        return []
    query = SwitchInlineQueryChosenChat(
        query=f"#{job_id}", allow_user_chats=True, allow_group_chats=True, allow_channel_chats=True
    )
    return [Button(label, switch_inline_query_chosen_chat=query)]


def adjust(services: Services, made: Version, language: str) -> InlineKeyboardMarkup:
    """All controls for changing a result."""
    drawn = controls.of_recipe(services.effects, made.recipe, language, made.absent)
    back = button(services.texts.say("button-back", language), "card", made.job_id)
    return InlineKeyboardMarkup([*control_rows(drawn, "adjust", made.job_id), [back]])


def control_rows(
    drawn: Sequence[Control], operation: str, *numbers: int, stops: bool = False
) -> list[list[Button]]:
    """A row for each control.

    Args:
        drawn: The controls.
        operation: Operation of their buttons, each with a parameter and its new value.
        numbers: Arguments of the operation.
        stops: Whether a slider shows values to choose from, rather than less and more.
    """
    rows = []
    for control in drawn:
        if control.kind == "toggle":
            rows.append([toggle(control, operation, *numbers)])
        elif control.kind == "choice" or stops:
            drawn_values = choice(control, operation, *numbers)
            rows += [
                drawn_values[at : at + _IN_A_ROW] for at in range(0, len(drawn_values), _IN_A_ROW)
            ]
        else:
            rows.append(slider(control, operation, *numbers))
    return rows


def slider(control: Control, operation: str, *numbers: int) -> list[Button]:
    """Less, the current value, more."""
    row = [button(f"{control.title} {control.said}", "x")]
    if control.less:
        row.insert(0, _value("-", control, control.less.word, operation, *numbers))
    if control.more:
        row.append(_value("+", control, control.more.word, operation, *numbers))
    return row


def toggle(control: Control, operation: str, *numbers: int) -> Button:
    """The title, and whether it is on."""
    word = control.values[0].word
    return _value((_ON if control.on else "") + control.title, control, word, operation, *numbers)


def choice(control: Control, operation: str, *numbers: int) -> list[Button]:
    """The title and the options."""
    return [
        button(control.title, "x"),
        *(
            _value(
                (_CHOSEN if value.chosen else "") + value.title,
                control, value.word, operation, *numbers,
            )
            for value in control.values
        ),
    ]  # fmt: skip


def _value(label: str, control: Control, word: str, operation: str, *numbers: int) -> Button:
    data = pack(operation, *numbers, words=(control.id, word))
    # Telegram refuses a whole message if one button has too much data.
    fits = len(data) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    return Button(label, callback_data=data if fits else pack("x"))


def _versions(card: Card) -> list[Button]:
    earlier, later = (card.index - 1) % card.count, (card.index + 1) % card.count
    return [
        button("◀", "version", card.newest, earlier),
        button(f"{card.index + 1} / {card.count}", "x"),
        button("▶", "version", card.newest, later),
    ]
