"""The styles available to a person: everyone's, their own, and those a chat allows."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from bots.core.common.services import Services
from bots.core.effects import controls
from bots.core.errors import StyleDisabledError, StyleGoneError, StyleNotHereError
from bots.core.styles import recipes
from bots.core.styles.request_parser import ParsedRequest, parse
from engine.api.names import folded
from storage.values.people import ChatKey, ChatSettings, UserKey
from storage.values.recipes import Choice, Recipe
from storage.values.styles import Style

# Key in a request's reply target for a style that is gone and was replaced by another.
INSTEAD_OF: Final = "instead_of"
# Number of results that show what is popular, and of a person's and a chat's popular styles shown
# first.
_LOOKED_AT: Final = 50
_OWN_FIRST: Final = 3
_COMMON_FIRST: Final = 2
_NOT_PLAIN: Final = re.compile("[^a-z0-9]+")
_FILE_LETTERS: Final = 60


async def listed(
    services: Services,
    user: UserKey | None = None,
    chat: ChatKey | None = None,
    *,
    edits: bool = False,
) -> list[Style]:
    """The styles a person can choose in a chat, in order, their own ones last.

    Args:
        services: The bot's services.
        user: The person; None for everyone's styles only.
        chat: The chat; None for no chat's restrictions.
        edits: Whether effects with a command of their own are among them, at the end.
    """
    async with services.database.reading() as transaction:
        styles = await transaction.styles.all(user)
        settings = await transaction.people.chat(chat) if chat else ChatSettings()
    here = [style for style in styles if usable(style, settings) and not _is_this(style)]
    own = edits_among(services, here)
    return [style for style in here if style not in own] + (own if edits else [])


async def edits(services: Services, user: UserKey, chat: ChatKey) -> list[Style]:
    """The effects with a command of their own that a person can choose in a chat."""
    return edits_among(services, await listed(services, user, chat, edits=True))


def edits_among(services: Services, styles: Sequence[Style]) -> list[Style]:
    """Those of the styles that are effects with a command of their own."""
    return [style for style in styles if is_edit(services, style)]


def is_edit(services: Services, style: Style) -> bool:
    """Whether a style is an effect with a command of its own."""
    return style.kind == "filter" and services.effects.is_edit(style.slug)


async def offered(
    services: Services, user: UserKey, chat: ChatKey, first: Sequence[int] = ()
) -> list[Style]:
    """The styles a person can choose in a chat with a photo alone, likeliest first.

    The person's most used styles come first, then the chat's most used ones, then the others, best
    first.

    Args:
        services: The bot's services.
        user: The person.
        chat: The chat.
        first: Ids of styles to put before all others.
    """
    async with services.database.reading() as transaction:
        styles = await transaction.styles.all(user)
        settings = await transaction.people.chat(chat)
        own = await transaction.history.used(user, _LOOKED_AT)
        common = await transaction.history.used(chat, _LOOKED_AT)
    here = {
        style.id: style
        for style in styles
        if usable(style, settings)
        and not _is_this(style)
        and not is_edit(services, style)
        and not recipes.needs_more(services.effects, style)
    }
    known = [[style_id for style_id in ids if style_id in here] for ids in (first, own, common)]
    ids = (*known[0], *known[1][:_OWN_FIRST], *known[2][:_COMMON_FIRST], *here)
    return [here[style_id] for style_id in dict.fromkeys(ids)]


def successor(style: Style, styles: Sequence[Style]) -> Style | None:
    """The style that replaces one that the checkpoint no longer has; None if there is none."""
    if not style.orphaned:
        return None
    return next((s for s in styles if style.slug in s.replaces and s.offered), None)


def check_usable(
    choices: Sequence[Choice], styles: Sequence[Style], settings: ChatSettings, language: str
) -> None:
    """Check that all of these can be chosen in a chat.

    Args:
        choices: The chosen styles.
        styles: Styles that the person can see.
        settings: The chat's settings.
        language: Language for style names in errors.

    Raises:
        StyleGoneError: a style no longer exists.
        StyleDisabledError: a style is disabled, or the engine lacks it.
        StyleNotHereError: the chat does not offer a style.
    """
    by_id = {style.id: style for style in styles}
    for choice in choices:
        style = by_id.get(choice.style_id)
        if style is None:
            raise StyleGoneError
        if not style.offered:
            raise StyleDisabledError(title=style.title(language))
        if not usable(style, settings):
            raise StyleNotHereError(title=style.title(language))


async def title(services: Services, recipe: Recipe, language: str) -> str:
    """The title of a recipe, which may use anyone's styles."""
    async with services.database.reading() as transaction:
        styles = await transaction.styles.of(recipe)
    return titled(services, recipe, styles, language)


def titled(services: Services, recipe: Recipe, styles: Sequence[Style], language: str) -> str:
    """The title of a recipe; a story of results in several styles has none of its own."""
    if not recipe.steps:
        return services.texts.say("several-styles", language)
    return recipes.titled(recipe, styles, language)


def said(services: Services, recipe: Recipe, language: str) -> list[str]:
    """How a recipe differs from its effects' defaults, and that a photo was edited, as phrases."""
    phrases = controls.changes(services.effects, recipe, language)
    edited = [services.texts.say("result-edited", language)] if is_edited(services, recipe) else []
    return [*phrases, *edited]


def is_edited(services: Services, recipe: Recipe) -> bool:
    """Whether a recipe edits the photo itself, which its result must say."""
    return any(services.effects.is_edit(step.effect) for step in recipe.steps)


async def file_name(services: Services, recipe: Recipe) -> str:
    """The file name for a recipe's result, without suffix: ASCII lower-case letters and digits."""
    words = _NOT_PLAIN.sub("-", _bare(await title(services, recipe, "en")).lower()).strip("-")
    return words[:_FILE_LETTERS].strip("-") or "painting"


def read(services: Services, words: str, styles: Sequence[Style]) -> ParsedRequest:
    """Parse a typed request, including options besides the style.

    Raises:
        BadNumberError: a number is not between 0 and 100.
    """
    return parse(words, services.effects.words, styles, services.effects.placing)


def this_of(styles: Sequence[Style]) -> Style | None:
    """The style that "this" refers to, among those the person can see."""
    return next((style for style in styles if _is_this(style)), None)


def names_of(styles: Sequence[Style]) -> set[str]:
    """All names of these styles, folded for comparison."""
    return {folded(title) for style in styles for title in (style.slug, *style.titles.values())}


def usable(style: Style, settings: ChatSettings) -> bool:
    """Whether a style can be chosen in a chat."""
    if not style.offered:
        return False
    if style.owner:
        return settings.own_styles
    return settings.allowed_styles is None or style.id in settings.allowed_styles


def _bare(text: str) -> str:
    """Remove accents."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _is_this(style: Style) -> bool:
    return style.owner is not None and style.slug.startswith("this-")
