"""Which styles there are for whom: everyone's, a person's own, and what a chat allows."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from bots.core.common.services import Services
from bots.core.errors import StyleDisabledError, StyleGoneError, StyleNotHereError
from bots.core.i18n.folding import folded
from bots.core.styles import recipes
from bots.core.styles.request_parser import ParsedRequest, parse
from storage.values.people import ChatKey, ChatSettings, UserKey
from storage.values.recipes import Choice, Recipe
from storage.values.styles import Style

# What a request's reply target says of a style that is gone, where another one was taken for it.
INSTEAD_OF: Final = "instead_of"
# How many results tell what is liked, and how many styles of a person's and a chat's come first.
_LOOKED_AT: Final = 50
_OWN_FIRST: Final = 3
_COMMON_FIRST: Final = 2
_NOT_PLAIN: Final = re.compile("[^a-z0-9]+")
_FILE_LETTERS: Final = 60


async def listed(
    services: Services, user: UserKey | None = None, chat: ChatKey | None = None
) -> list[Style]:
    """The styles a person can choose in a chat, in their order, his own last.

    Args:
        services: The bot's services.
        user: Who; None for the styles of everyone.
        chat: Where; None for anywhere.
    """
    async with services.database.reading() as transaction:
        styles = await transaction.styles.all(user)
        settings = await transaction.people.chat(chat) if chat else ChatSettings()
    return [style for style in styles if usable(style, settings) and not _is_this(style)]


async def offered(
    services: Services, user: UserKey, chat: ChatKey, first: Sequence[int] = ()
) -> list[Style]:
    """The styles a person can choose in a chat, in the order he is most likely to want them.

    Some that he uses most stand before some that are used most in the chat, and those before all
    others, the best first.

    Args:
        services: The bot's services.
        user: The person.
        chat: Where.
        first: Ids of styles that stand before all others.
    """
    async with services.database.reading() as transaction:
        styles = await transaction.styles.all(user)
        settings = await transaction.people.chat(chat)
        own = await transaction.history.used(user, _LOOKED_AT)
        common = await transaction.history.used(chat, _LOOKED_AT)
    here = {style.id: style for style in styles if usable(style, settings) and not _is_this(style)}
    known = [[style_id for style_id in ids if style_id in here] for ids in (first, own, common)]
    ids = (*known[0], *known[1][:_OWN_FIRST], *known[2][:_COMMON_FIRST], *here)
    return [here[style_id] for style_id in dict.fromkeys(ids)]


def successor(style: Style, styles: Sequence[Style]) -> Style | None:
    """The style that stands in for one the checkpoint no longer has; None where it is there."""
    if not style.orphaned:
        return None
    return next((s for s in styles if style.slug in s.replaces and s.offered), None)


def check_usable(
    choices: Sequence[Choice], styles: Sequence[Style], settings: ChatSettings, language: str
) -> None:
    """See that all of these can be chosen in a chat.

    Args:
        choices: What was chosen.
        styles: Those the person can see.
        settings: The chat's.
        language: In which to name one that cannot.

    Raises:
        StyleGoneError: there is no such style any more.
        StyleDisabledError: one is turned off, or the engine lacks it.
        StyleNotHereError: the chat does not have one.
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
    """What a recipe is called, no matter whose its styles are."""
    async with services.database.reading() as transaction:
        styles = await transaction.styles.of(recipe)
    return recipes.titled(recipe, styles, language)


async def file_name(services: Services, recipe: Recipe) -> str:
    """What a file made by a recipe is called, without its ending: plain small letters."""
    words = _NOT_PLAIN.sub("-", _bare(await title(services, recipe, "en")).lower()).strip("-")
    return words[:_FILE_LETTERS].strip("-") or "painting"


def read(services: Services, words: str, styles: Sequence[Style]) -> ParsedRequest:
    """Read what was typed, with what may be said besides a style.

    Raises:
        BadNumberError: a number that is not within 0 and 100.
    """
    return parse(words, services.effects.words, styles)


def this_of(styles: Sequence[Style]) -> Style | None:
    """What "this" means to a person, of the styles he can see."""
    return next((style for style in styles if _is_this(style)), None)


def names_of(styles: Sequence[Style]) -> set[str]:
    """All that these styles are called, as commands compare it."""
    return {folded(title) for style in styles for title in (style.slug, *style.titles.values())}


def usable(style: Style, settings: ChatSettings) -> bool:
    """Whether a style can be chosen in a chat."""
    if not style.offered:
        return False
    if style.owner:
        return settings.own_styles
    return settings.allowed_styles is None or style.id in settings.allowed_styles


def _bare(text: str) -> str:
    """A text without accents."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _is_this(style: Style) -> bool:
    return style.owner is not None and style.slug.startswith("this-")
