"""Which styles there are for whom: everyone's, a person's own, and what a chat allows."""

import logging
import re
import secrets
import unicodedata
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from bots.core import access, control, recipes
from bots.core.effects import is_a_style
from bots.core.errors import (
    BadNumberError,
    BadStyleNameError,
    EntryGoneError,
    OwnStylesOffError,
    StyleGoneError,
    StyleNameTakenError,
    StyleNotHereError,
    StyleRestingError,
    TooManyOwnStylesError,
    UnsuitablePictureError,
)
from bots.core.rounds import ever_again
from bots.core.search import folded
from bots.core.services import Services
from bots.core.wishes import THIS, Wish, parse
from engine.api.contract import RenderRequest, StyleCode, StyleInfo
from engine.api.effect_spec import EffectSpec
from engine.api.errors import EngineError, StaleStyleError, UnknownStyleError
from storage.values import BuiltIn, ChatKey, ChatSettings, Choice, Code, Recipe, Style, UserKey

logger = logging.getLogger(__name__)

# What a request's anchor says of a style that is gone, where another one was taken for it.
INSTEAD_OF: Final = "instead_of"
# How many results tell what is liked, and how many styles of a person's and a chat's come first.
_LOOKED_AT: Final = 50
_OWN_FIRST: Final = 3
_COMMON_FIRST: Final = 2


# The note in the store that has the engine's effects.
_EFFECTS: Final = "effects"
_SEEDED_EVERY: Final = timedelta(minutes=5)
_NOT_PLAIN: Final = re.compile("[^a-z0-9]+")
_FILE_LETTERS: Final = 60


async def seed(services: Services) -> int:
    """Keep everyone's styles in step with the engine's checkpoint; returns how many changed.

    Raises:
        EngineError: the engine does not answer.
    """
    specs, infos = await services.engine.effects(), await services.engine.styles()
    services.effects.know(specs)
    own = {spec.id: spec for spec in specs if is_a_style(spec)}
    styles = [_built_in(info, own) for info in infos]
    known = {style.slug for style in styles}
    styles += [_effect_as_style(spec) for slug, spec in own.items() if slug not in known]
    async with services.database.writing() as transaction:
        await transaction.notes.put(_EFFECTS, {"specs": [spec.as_json() for spec in specs]})
        changed = await transaction.styles.seed(styles, services.now())
        if changed:
            everyones = await transaction.styles.all()
            heirs = {s.id: heir.id for s in everyones if (heir := successor(s, everyones))}
            await transaction.people.inherit(heirs)
            await control.touch(transaction)
    return changed


async def recall(services: Services) -> None:
    """Know the effects the engine had last time, while it cannot be asked."""
    async with services.database.reading() as transaction:
        kept = await transaction.notes.get(_EFFECTS)
    if kept:
        services.effects.know([EffectSpec.from_json(spec) for spec in kept["specs"]])


async def keep_in_step(services: Services, every: timedelta = _SEEDED_EVERY) -> None:
    """Follow what the engine has, until cancelled; while it is away what was known stays."""

    async def follow() -> None:
        try:
            await seed(services)
        except EngineError as error:
            logger.info("styles stay as they were: %s", error)

    await ever_again(follow, every, "styles could not be brought into step")


async def listed(
    services: Services, user: UserKey | None = None, chat: ChatKey | None = None
) -> list[Style]:
    """The styles a person can choose in a chat, in their order, his own last.

    Args:
        services: What it needs.
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
        services: What it needs.
        user: Who.
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
        StyleRestingError: one is turned off, or the engine lacks it.
        StyleNotHereError: the chat does not have one.
    """
    by_id = {style.id: style for style in styles}
    for choice in choices:
        style = by_id.get(choice.style_id)
        if style is None:
            raise StyleGoneError
        if not style.offered:
            raise StyleRestingError(title=style.title(language))
        if not usable(style, settings):
            raise StyleNotHereError(title=style.title(language))


async def title(services: Services, recipe: Recipe, language: str) -> str:
    """What a recipe is called, whoever's its styles are."""
    async with services.database.reading() as transaction:
        styles = await transaction.styles.of(recipe)
    return recipes.titled(recipe, styles, language)


async def file_name(services: Services, recipe: Recipe) -> str:
    """What a file made by a recipe is called, without its ending: plain small letters."""
    words = _NOT_PLAIN.sub("-", _bare(await title(services, recipe, "en")).lower()).strip("-")
    return words[:_FILE_LETTERS].strip("-") or "painting"


def read(services: Services, words: str, styles: Sequence[Style]) -> Wish:
    """Read what was typed, with what may be said besides a style.

    Raises:
        BadNumberError: a number that is not within 0 and 100.
    """
    return parse(words, services.effects.words, styles)


async def add_own(
    services: Services,
    user: UserKey,
    name: str,
    picture: bytes,
    author: UserKey | None = None,
    chat: ChatKey | None = None,
) -> Style:
    """Make a picture a person's own style.

    Args:
        services: What it needs.
        user: Whose it will be.
        name: What he calls it.
        picture: The file he sent; kept sealed, to read the style again for a new checkpoint.
        author: Who posted the picture, where it was someone else.
        chat: Where he says so; None for where no admin has a word.

    Raises:
        OwnStyleError: the name cannot be, there are too many, or the chat has none.
        AccessError: he may not, or not with this picture.
        UnsuitablePictureError: it should not be seen unasked.
        EngineError: the picture cannot be used, or the engine is away.
    """
    name = " ".join(name.split())
    check_name(services, name)
    most = await _check_own(services, user, author, chat, name)
    code = await _read_style(services, picture)
    style = BuiltIn(
        slug=f"own-{secrets.token_hex(6)}",
        kind="custom",
        titles={"en": name},
        artist="",
        year=None,
        tags=(),
        code=_kept(code),
    )
    async with services.database.writing() as transaction:
        await transaction.jobs.hold(user)
        if await transaction.styles.count_own(user) >= most:
            raise TooManyOwnStylesError(limit=most)
        sealed = services.sealer.seal(picture)
        style_id = await transaction.styles.add(style, user, sealed, services.now())
        (added,) = await transaction.styles.get([style_id])
    return added


async def adopt_this(
    services: Services,
    user: UserKey,
    picture: bytes,
    author: UserKey | None = None,
    chat: ChatKey | None = None,
) -> Style:
    """Let "this" mean a picture's style for a person, until he says it of another one.

    Args:
        services: What it needs.
        user: Who.
        picture: The file.
        author: As in `add_own`.
        chat: Likewise.

    Raises:
        OwnStylesOffError: the chat has no own styles.
        AccessError: he may not, or not with this picture.
        UnsuitablePictureError: it should not be seen unasked.
        EngineError: the picture cannot be used, or the engine is away.
    """
    await _check_own(services, user, author, chat)
    code = _kept(await _read_style(services, picture))
    sealed, now = services.sealer.seal(picture), services.now()
    async with services.database.writing() as transaction:
        await transaction.jobs.hold(user)
        styles = transaction.styles
        known = this_of(await styles.all(user))
        if known:
            style_id = known.id
            await styles.put_code(style_id, code, now, sealed)
        else:
            slug = f"this-{secrets.token_hex(6)}"
            this = BuiltIn(slug, "custom", {"en": THIS}, "", None, (), code)
            style_id = await styles.add(this, user, sealed, now)
        (adopted,) = await styles.get([style_id])
    return adopted


def this_of(styles: Sequence[Style]) -> Style | None:
    """What "this" means to a person, of the styles he can see."""
    return next((style for style in styles if _is_this(style)), None)


async def remove_own(services: Services, user: UserKey, style_id: int) -> None:
    """Delete one of a person's own styles, with its picture.

    Raises:
        EntryGoneError: it is gone, or not his.
    """
    async with services.database.writing() as transaction:
        if not await transaction.styles.remove_own(user, style_id):
            raise EntryGoneError


async def preview(services: Services, style: Style) -> bytes | None:
    """A picture of a style, JPEG; of a person's own one its reference as it was sent.

    Raises:
        EngineError: the engine does not answer.
    """
    if style.kind != "custom":
        try:
            return await services.engine.preview(style.slug)
        except UnknownStyleError:
            if style.kind != "filter" or not services.samples:
                raise
            return await sample(services, style, services.samples[0])
    if style.owner is None and services.samples:
        return await sample(services, style, services.samples[0])
    async with services.database.reading() as transaction:
        sealed = await transaction.styles.reference(style.id)
    return services.sealer.unseal(sealed) if sealed else None


async def sample(
    services: Services, style: Style, photo: bytes, user: UserKey | None = None
) -> bytes:
    """A photo in a style, JPEG, for whoever wants to see what the style does.

    Args:
        services: What it needs.
        style: Which.
        photo: The file.
        user: Who wants to see it; None for everyone.

    Raises:
        EngineError: the engine does not answer, or cannot paint it.
    """
    whose = services.pseudonym(user)[:16] if user else "samples"
    recipe = recipes.of_choices(services.effects, (Choice(style.id),), (style,), {})

    async def paint() -> bytes:
        steps, inputs = await recipes.steps_for_engine(services, recipe)
        request = RenderRequest(photo, steps, inputs, user=whose)
        return (await services.engine.render(request)).image

    try:
        return await paint()
    except StaleStyleError:
        await heal(services, recipe)
        return await paint()


async def heal(services: Services, recipe: Recipe) -> None:
    """Renew the codes of stale styles: from the checkpoint, or from the pictures that were kept.

    Raises:
        StaleStyleError: there is nothing to renew one from.
        EngineError: the engine does not answer.
    """
    checkpoint = (await services.engine.capabilities()).checkpoint
    async with services.database.reading() as transaction:
        styles = await transaction.styles.of(recipe)
        sealed = {s.id: await transaction.styles.reference(s.id) for s in styles}
    if any(style.kind != "custom" for style in styles):
        await seed(services)
    for style in styles:
        if style.kind != "custom" or style.code.checkpoint == checkpoint:
            continue
        picture = sealed[style.id]
        if picture is None:
            raise StaleStyleError("The style's picture was not kept.")
        code = await services.engine.extract_style([services.sealer.unseal(picture)])
        async with services.database.writing() as transaction:
            await transaction.styles.put_code(style.id, _kept(code), services.now())


async def _check_own(
    services: Services,
    user: UserKey,
    author: UserKey | None,
    chat: ChatKey | None,
    name: str = "",
) -> int:
    """See that a person may make a picture's style his own; returns how many he may have."""
    async with services.database.reading() as transaction:
        await access.check_person(services, transaction, user, chat)
        if chat and not (await transaction.people.chat(chat)).own_styles:
            raise OwnStylesOffError
        await access.check_author(transaction, user, author)
        most = (await control.read(transaction)).applied(services.limits).own_styles
        if name and folded(name) in names_of(await transaction.styles.all(user)):
            raise StyleNameTakenError(name=name)
        if name and await transaction.styles.count_own(user) >= most:
            raise TooManyOwnStylesError(limit=most)
    return most


async def _read_style(services: Services, picture: bytes) -> StyleCode:
    code = await services.engine.extract_style([picture])
    if services.content_check:
        bare = await bared(services, picture)
        if await services.content_check.unsuitable(bare):
            raise UnsuitablePictureError
    return code


async def bared(services: Services, picture: bytes) -> bytes:
    """A picture as the engine reads it: upright, and bare of metadata.

    Strangers' files are opened in the engine's workers and nowhere else.

    Raises:
        EngineError: the file is none that can be read, or the engine is away.
    """
    return await services.engine.normalise(picture)


def check_name(services: Services, name: str) -> None:
    """See that a style can be called that.

    Raises:
        BadStyleNameError: it is empty, too long, or what a command reads as something else.
    """
    too_long = len(name) > services.limits.name_letters
    if too_long or not folded(name) or not _means_itself(name):
        raise BadStyleNameError(limit=services.limits.name_letters)


def _means_itself(name: str) -> bool:
    """Whether a command reads a name as just that: not as "this", a number or a blend."""
    try:
        wish = parse(name)
    except BadNumberError:
        return False
    return not wish.this and wish.percent is None and "+" not in name and ":" not in name


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


def _built_in(info: StyleInfo, effects: Collection[str]) -> BuiltIn:
    return BuiltIn(
        slug=info.slug,
        # What is an effect of its own is painted in no style.
        kind="filter" if info.slug in effects else "painted",
        titles=info.titles,
        artist=info.artist,
        year=info.year,
        tags=info.tags,
        code=_kept(info.code),
        artists=info.artists,
        aliases=info.aliases,
        replaces=info.replaces,
    )


def _effect_as_style(spec: EffectSpec) -> BuiltIn:
    """An effect that is chosen like a style; it has no code, for its id says all."""
    return BuiltIn(
        slug=spec.id, kind="filter", titles=spec.titles, artist="", year=None, tags=spec.tags,
        code=Code("", b""),
    )  # fmt: skip


def _kept(code: StyleCode) -> Code:
    return Code(code.checkpoint, code.data)


def carried(code: Code) -> StyleCode:
    """A code as the engine takes it."""
    return StyleCode(code.checkpoint, code.data)
