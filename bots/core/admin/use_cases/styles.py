"""Admins' use cases for everyone's styles: create, order, enable, retire.

A style starts as a draft, which only admins see. Its state is one column in the store, so it
changes for all processes and platforms at once.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bots.core.admin.use_cases import rights
from bots.core.common.services import Services
from bots.core.errors import BadStyleNameError, EntryGoneError, StyleGoneError, StyleNameTakenError
from bots.core.policy import control
from bots.core.styles import catalogue, custom_styles, seeding
from bots.core.styles.previews import normalised, sample
from bots.core.styles.style_files import read_style_file, write_style_file
from engine.api.contract import Refinement, StyleCode
from engine.api.names import folded
from storage.transaction import Transaction
from storage.values.people import UserKey
from storage.values.styles import BuiltIn, Code, Style, StyleState

# A symbol for each state, for narrow tables.
MARKS: Final[Mapping[StyleState, str]] = {
    "on": "●", "resting": "◌", "draft": "✎", "submitted": "?", "retired": "✕",
}  # fmt: skip
# The most pictures a style may be made from; each may be as large as a photo.
PICTURES_MAX: Final = 4
_USAGE: Final = timedelta(days=7)
# Latin, Chinese, and the one between the parts of a Chinese list.
_BETWEEN_TAGS: Final = re.compile("[,;\uff0c\u3001\uff1b]")
_TAGS: Final = 12
_TAG_LETTERS: Final = 30
_SLUG_LETTERS: Final = 60
# Allowed changes of state; others, from old or forged buttons, are refused.
_WAYS: Final[Mapping[StyleState, Collection[StyleState]]] = {
    "on": ("draft", "on", "resting", "retired"),
    "resting": ("on", "resting", "retired"),
    "retired": ("on", "resting", "retired"),
}


@dataclass(frozen=True, slots=True)
class StyleView:
    """A style as admins see it.

    Attributes:
        style: The style.
        used: Number of deliveries in the last seven days.
        default: Whether it is the bot's default style.
    """

    style: Style
    used: int
    default: bool


async def listed(services: Services, actor: UserKey) -> list[StyleView]:
    """Everyone's styles, including drafts and retired ones, then submitted ones.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
    """
    await rights.check(services, actor, "styles.read")
    async with services.database.reading() as transaction:
        styles = await transaction.styles.all(drafts=True)
        submitted = await transaction.styles.submitted()
        used = (await transaction.jobs.tally(services.now() - _USAGE)).styles
        default = (await control.read(transaction)).style_id
    return [StyleView(s, used.get(s.id, 0), s.id == default) for s in [*styles, *submitted]]


async def get(services: Services, actor: UserKey, style_id: int) -> Style:
    """One of them.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: there is none.
    """
    await rights.check(services, actor, "styles.read")
    async with services.database.reading() as transaction:
        return await _get(transaction, style_id)


async def add(services: Services, actor: UserKey, name: str, pictures: Sequence[bytes]) -> Style:
    """Create a draft style from one or several pictures.

    Args:
        services: The bot's services.
        actor: The person who acts.
        name: Its title in English, used in other languages until it is renamed.
        pictures: Files; the style is the mean of their codes. The first is stored encrypted, to
            make the code anew for a new checkpoint.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        OwnStyleError: the name is invalid or taken.
        EngineError: a picture cannot be used, or the engine is away.
    """
    act = "style.add"
    await rights.check(services, actor, act)
    name = " ".join(name.split())
    async with services.database.reading() as transaction:
        await _check_title(services, transaction, name)
    code = await services.engine.extract_style(pictures)
    return await _begin(services, actor, act, _new(name, code), pictures[0])


async def import_file(services: Services, actor: UserKey, file: bytes) -> Style:
    """Create a draft style from a file that `export_file` wrote.

    A code of another checkpoint is made anew from the picture in the file.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        BadStyleFileError: not a style file, or of another checkpoint and without a picture.
        OwnStyleError: its title is taken.
        EngineError: its picture cannot be used, or the engine is away.
    """
    act = "style.import"
    await rights.check(services, actor, act)
    read = read_style_file(file)
    checkpoint = (await services.engine.capabilities()).checkpoint
    async with services.database.reading() as transaction:
        for title in read.titles.values():
            await _check_title(services, transaction, title)
    code = await read.usable_code(services.engine, checkpoint)
    style = replace(
        _new(read.titles["en"], code),
        titles=read.titles, artist=read.artist, year=read.year, tags=read.tags,
    )  # fmt: skip
    return await _begin(services, actor, act, style, read.picture)


async def export_file(services: Services, actor: UserKey, style_id: int) -> tuple[str, bytes]:
    """Export a style; returns file name and content.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: there is none.
    """
    act = "style.export"
    await rights.check(services, actor, act)
    style = await get(services, actor, style_id)
    async with rights.acting(services, actor, act, style.slug) as transaction:
        style = await _get(transaction, style_id)
        sealed = await transaction.styles.reference(style_id)
    picture = services.sealer.unseal(sealed) if sealed else None
    return f"{style.slug}.stylebot.json", write_style_file(style, picture)


async def previews(services: Services, actor: UserKey, style_id: int) -> list[bytes]:
    """The sample photos painted in a style, as JPEG files.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: there is none.
        EngineError: the engine is away.
    """
    style = await get(services, actor, style_id)
    return [await sample(services, style, photo) for photo in services.samples]


async def refine(
    services: Services,
    actor: UserKey,
    style_id: int,
    *,
    seconds: float = 150.0,
    report: Callable[[float], None] | None = None,
) -> Refinement:
    """Refine the code of a style that has a picture; photos use the old code meanwhile.

    Args:
        services: The bot's services.
        actor: The person who acts.
        style_id: The style.
        seconds: Duration of the search.
        report: Called with the elapsed share of the time, 0 to 1.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: the style does not exist, or has no picture.
        EngineError: the engine cannot refine, is refining already, or is away.
    """
    act = "style.refine"
    await rights.check(services, actor, act)
    async with services.database.reading() as transaction:
        style = await _get(transaction, style_id)
        sealed = await transaction.styles.reference(style_id)
    if sealed is None:
        raise StyleGoneError
    picture, code = services.sealer.unseal(sealed), seeding.carried(style.code)
    found = await services.engine.refine([picture], code, seconds=seconds, report=report)
    gram = {"gram_before": found.gram_before, "gram_after": found.gram_after}
    async with rights.acting(services, actor, act, style.slug, **gram) as transaction:
        current = await _get(transaction, style_id)
        if current.version == style.version and found.code != code:
            kept = Code(found.code.checkpoint, found.code.data)
            await transaction.styles.put_code(style_id, kept, services.now())
    return found


async def doubtful(services: Services, actor: UserKey, style_id: int) -> bool:
    """Whether the content check would refuse a style's picture; admins may ignore it.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: there is none.
        EngineError: the engine is away.
    """
    await get(services, actor, style_id)
    async with services.database.reading() as transaction:
        sealed = await transaction.styles.reference(style_id)
    if services.content_check is None or sealed is None:
        return False
    plain = await normalised(services, services.sealer.unseal(sealed))
    return await services.content_check.unsuitable(plain)


async def put_state(services: Services, actor: UserKey, style_id: int, state: StyleState) -> Style:
    """Enable ("on"), disable or retire a style; accepted requests are still painted.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: the style does not exist, or the change of state is not allowed.
    """
    act = {"on": "style.enable", "resting": "style.rest"}.get(state, "style.retire")
    style = await get(services, actor, style_id)
    async with rights.acting(services, actor, act, style.slug) as transaction:
        if (await _get(transaction, style_id)).state not in _WAYS.get(state, ()):
            raise StyleGoneError
        await transaction.styles.put_state(style_id, state)
        return await _get(transaction, style_id)


async def rename(
    services: Services, actor: UserKey, style_id: int, titles: Mapping[str, str]
) -> Style:
    """Set a style's titles, by language.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: there is none.
        OwnStyleError: a title is invalid or taken.
    """
    said = {language: " ".join(title.split()) for language, title in titles.items()}
    if not said or not said.keys() <= set(services.texts.languages):
        raise BadStyleNameError(limit=services.limits.name_letters)
    style = await get(services, actor, style_id)
    async with rights.acting(services, actor, "style.rename", style.slug, **said) as transaction:
        for title in said.values():
            await _check_title(services, transaction, title, style_id)
        await transaction.styles.rename(style_id, said)
        return await _get(transaction, style_id)


async def retag(services: Services, actor: UserKey, style_id: int, line: str) -> Style:
    """Set a style's tags.

    Args:
        services: The bot's services.
        actor: The admin.
        style_id: The style.
        line: Tags separated by commas or semicolons; the first 12 are used, up to 30 letters each.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: there is none.
    """
    tags = _BETWEEN_TAGS.split(line)
    said = dict.fromkeys(" ".join(tag.split()).lower()[:_TAG_LETTERS] for tag in tags)
    kept = [tag for tag in said if tag][:_TAGS]
    style = await get(services, actor, style_id)
    async with rights.acting(services, actor, "style.tag", style.slug, tags=kept) as transaction:
        await transaction.styles.retag(style_id, kept)
        return await _get(transaction, style_id)


async def discard(services: Services, actor: UserKey, style_id: int) -> None:
    """Delete a draft.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: there is no such draft.
    """
    style = await get(services, actor, style_id)
    async with rights.acting(services, actor, "style.discard", style.slug) as transaction:
        if not await transaction.styles.remove_draft(style_id):
            raise StyleGoneError


async def move(services: Services, actor: UserKey, style_id: int, place: int) -> None:
    """Move a style to a place in the order, from 0; drafts and retired ones count.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: there is none.
    """
    style = await get(services, actor, style_id)
    async with rights.acting(services, actor, "style.move", style.slug, place=place) as transaction:
        ids = [one.id for one in await transaction.styles.all(drafts=True)]
        if style_id not in ids:
            raise StyleGoneError
        ids.remove(style_id)
        ids.insert(max(0, place), style_id)
        await transaction.styles.reorder(ids)


async def reorder(services: Services, actor: UserKey, ids: Sequence[int]) -> None:
    """Put styles in this order, before all others.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: one is not there.
    """
    async with rights.acting(services, actor, "styles.order") as transaction:
        known = [one.id for one in await transaction.styles.all(drafts=True)]
        if not set(ids) <= set(known) or len(set(ids)) < len(ids):
            raise StyleGoneError
        await transaction.styles.reorder([*ids, *(i for i in known if i not in ids)])


async def make_default(services: Services, actor: UserKey, style_id: int | None) -> None:
    """Set the bot's default style; None for the first that can be chosen.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: there is none.
    """
    style = None if style_id is None else await get(services, actor, style_id)
    subject = style.slug if style else ""
    async with rights.acting(services, actor, "style.default", subject) as transaction:
        now_holds = await control.read(transaction)
        await control.write(transaction, replace(now_holds, style_id=style_id))


async def submit(services: Services, user: UserKey, style_id: int) -> Style:
    """Submit an own style to the admins; it stays the person's own until accepted.

    Raises:
        EntryGoneError: the person has no such style.
        StyleNameTakenError: everyone has one of that name.
    """
    async with services.database.writing() as transaction:
        (style,) = await transaction.styles.get([style_id]) or (None,)
        if style is None or style.owner != user or not style.offered:
            raise EntryGoneError
        await _check_title(services, transaction, style.title("en"), style_id)
        await transaction.styles.put_state(style_id, "submitted")
        await control.touch(transaction)
        return await _get(transaction, style_id)


async def decide(services: Services, actor: UserKey, style_id: int, *, accept: bool) -> Style:
    """Accept a submitted style for everyone, or decline it.

    Raises:
        BotAdminsOnlyError: the caller is not an admin.
        StyleGoneError: it is no longer submitted.
        StyleNameTakenError: everyone has one of that name by now.
    """
    act = "style.accept" if accept else "style.decline"
    style = await get(services, actor, style_id)
    async with rights.acting(services, actor, act, style.slug) as transaction:
        if (await _get(transaction, style_id)).state != "submitted":
            raise StyleGoneError
        if accept:
            await _check_title(services, transaction, style.title("en"), style_id)
            await transaction.styles.give_to_all(style_id)
        else:
            await transaction.styles.put_state(style_id, "on")
        (decided,) = await transaction.styles.get([style_id])
    return decided


async def _get(transaction: Transaction, style_id: int) -> Style:
    """A style that admins may see: everyone's, or submitted."""
    found = await transaction.styles.get([style_id])
    if not found or (found[0].owner and found[0].state != "submitted"):
        raise StyleGoneError
    return found[0]


async def _begin(
    services: Services, actor: UserKey, act: str, style: BuiltIn, picture: bytes | None
) -> Style:
    sealed = services.sealer.seal(picture) if picture else None
    async with rights.acting(services, actor, act, style.slug) as transaction:
        for title in style.titles.values():
            await _check_title(services, transaction, title)
        style_id = await transaction.styles.add(style, None, sealed, services.now(), "draft")
        return await _get(transaction, style_id)


async def _check_title(
    services: Services, transaction: Transaction, title: str, style_id: int | None = None
) -> None:
    """Check that no other style of everyone has the title, whatever its state."""
    custom_styles.check_name(services, title)
    others = [s for s in await transaction.styles.all(drafts=True) if s.id != style_id]
    if folded(title) in catalogue.names_of(others):
        raise StyleNameTakenError(name=title)


def _new(title: str, code: StyleCode) -> BuiltIn:
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    readable = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:_SLUG_LETTERS]
    # A future checkpoint may contain a style with the same name.
    slug = f"{readable or 'style'}-{secrets.token_hex(3)}"
    return BuiltIn(slug, "custom", {"en": title}, "", None, (), Code(code.checkpoint, code.data))
