"""Which styles there are for whom: everyone's, a person's own, and what a chat allows."""

import secrets
from collections.abc import Mapping, Sequence

from bots.core.errors import (
    BadStyleNameError,
    EntryGoneError,
    StyleGoneError,
    StyleNameTakenError,
    StyleNotHereError,
    StyleRestingError,
    TooManyOwnStylesError,
)
from bots.core.services import Services
from bots.core.wishes import THIS, folded
from engine.contract import StyleCode, StyleInfo
from engine.errors import StaleStyleError
from storage.values import BuiltIn, ChatKey, ChatSettings, Choice, Code, Style, UserKey


async def seed(services: Services) -> int:
    """Keep everyone's styles in step with the engine's checkpoint; returns how many changed.

    Raises:
        EngineError: the engine does not answer.
    """
    styles = [_built_in(info) for info in await services.engine.styles()]
    async with services.database.writing() as transaction:
        return await transaction.styles.seed(styles, services.now())


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
        if not style.enabled or style.retired:
            raise StyleRestingError(title=style.title(language))
        if not usable(style, settings):
            raise StyleNotHereError(title=style.title(language))


def titled(choices: Sequence[Choice], styles: Sequence[Style], language: str) -> str:
    """What a choice of styles is called."""
    by_id = {style.id: style for style in styles}
    known = [by_id[choice.style_id] for choice in choices if choice.style_id in by_id]
    return " + ".join(style.title(language) for style in known) or "?"


async def title(services: Services, choices: Sequence[Choice], language: str) -> str:
    """What a choice of styles is called, whoever's they are."""
    async with services.database.reading() as transaction:
        styles = await transaction.styles.get([choice.style_id for choice in choices])
    return titled(choices, styles, language)


async def add_own(services: Services, user: UserKey, name: str, picture: bytes) -> Style:
    """Make a picture a person's own style.

    Args:
        services: What it needs.
        user: Whose it will be.
        name: What he calls it.
        picture: The file he sent; kept sealed, to read the style again for a new checkpoint.

    Raises:
        OwnStyleError: the name cannot be, or there are too many.
        EngineError: the picture cannot be used, or the engine is away.
    """
    name = " ".join(name.split())
    await _check_name(services, user, name)
    code = await services.engine.extract_style([picture])
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
        if await transaction.styles.count_own(user) >= services.limits.own_styles:
            raise TooManyOwnStylesError(limit=services.limits.own_styles)
        sealed = services.sealer.seal(picture)
        style_id = await transaction.styles.add(style, user, sealed, services.now())
        (added,) = await transaction.styles.get([style_id])
    return added


async def adopt_this(services: Services, user: UserKey, picture: bytes) -> Style:
    """Let "this" mean a picture's style for a person, until he says it of another one.

    Raises:
        EngineError: the picture cannot be used, or the engine is away.
    """
    code = _kept(await services.engine.extract_style([picture]))
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
    """A small picture of a style, JPEG; of a custom one its reference as it was sent.

    Raises:
        EngineError: the engine does not answer.
    """
    if style.kind != "custom":
        return await services.engine.preview(style.slug)
    async with services.database.reading() as transaction:
        sealed = await transaction.styles.reference(style.id)
    return services.sealer.unseal(sealed) if sealed else None


async def code_of(services: Services, choices: Sequence[Choice]) -> StyleCode:
    """What the engine paints a choice with.

    Raises:
        StyleGoneError: a style was deleted meanwhile.
        EngineError: the styles cannot be blended, or are stale.
    """
    async with services.database.reading() as transaction:
        styles = {s.id: s for s in await transaction.styles.get([c.style_id for c in choices])}
    if any(choice.style_id not in styles for choice in choices):
        raise StyleGoneError
    weighted = [(_carried(styles[c.style_id].code), c.weight) for c in choices]
    if len(weighted) == 1:
        return weighted[0][0]
    return await services.engine.blend(weighted)


async def heal(services: Services, choices: Sequence[Choice]) -> None:
    """Renew the codes of stale styles: from the checkpoint, or from the pictures that were kept.

    Raises:
        StaleStyleError: there is nothing to renew one from.
        EngineError: the engine does not answer.
    """
    checkpoint = (await services.engine.capabilities()).checkpoint
    async with services.database.reading() as transaction:
        styles = await transaction.styles.get([choice.style_id for choice in choices])
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


async def rename(services: Services, style_id: int, titles: Mapping[str, str]) -> None:
    """Call a style otherwise, by language; for admins."""
    async with services.database.writing() as transaction:
        await transaction.styles.rename(style_id, titles)


async def enable(services: Services, style_id: int, *, enabled: bool) -> None:
    """Let a style be chosen, or rest; for admins."""
    async with services.database.writing() as transaction:
        await transaction.styles.enable(style_id, enabled=enabled)


async def reorder(services: Services, ids: Sequence[int]) -> None:
    """Put styles in an order, before all others; for admins."""
    async with services.database.writing() as transaction:
        await transaction.styles.reorder(ids)


async def _check_name(services: Services, user: UserKey, name: str) -> None:
    plain = folded(name)
    too_long = len(name) > services.limits.name_letters
    # What a command reads as something else can be no name.
    if not plain or too_long or plain == THIS or plain.isdigit() or "+" in name or ":" in name:
        raise BadStyleNameError(limit=services.limits.name_letters)
    async with services.database.reading() as transaction:
        styles = await transaction.styles.all(user)
        own = await transaction.styles.count_own(user)
    taken = {folded(title) for style in styles for title in (style.slug, *style.titles.values())}
    if plain in taken:
        raise StyleNameTakenError(name=name)
    if own >= services.limits.own_styles:
        raise TooManyOwnStylesError(limit=services.limits.own_styles)


def usable(style: Style, settings: ChatSettings) -> bool:
    """Whether a style can be chosen in a chat."""
    if not style.enabled or style.retired:
        return False
    if style.owner:
        return settings.own_styles
    return settings.allowed_styles is None or style.id in settings.allowed_styles


def _is_this(style: Style) -> bool:
    return style.owner is not None and style.slug.startswith("this-")


def _built_in(info: StyleInfo) -> BuiltIn:
    return BuiltIn(
        slug=info.slug,
        kind="filter" if info.kind == "filter" else "painted",
        titles=info.titles,
        artist=info.artist,
        year=info.year,
        tags=info.tags,
        code=_kept(info.code),
    )


def _kept(code: StyleCode) -> Code:
    return Code(code.checkpoint, code.data)


def _carried(code: Code) -> StyleCode:
    return StyleCode(code.checkpoint, code.data)
