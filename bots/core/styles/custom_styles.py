"""People's own styles, made from pictures."""

import secrets

from bots.core.common.services import Services
from bots.core.errors import (
    BadNumberError,
    BadStyleNameError,
    EntryGoneError,
    OwnStylesOffError,
    StyleNameTakenError,
    TooManyOwnStylesError,
    UnsuitablePictureError,
)
from bots.core.policy import access, control
from bots.core.styles.catalogue import names_of, this_of
from bots.core.styles.previews import normalised
from bots.core.styles.request_parser import THIS, parse
from bots.core.styles.seeding import code_of
from engine.api.contract import StyleCode
from engine.api.names import folded
from storage.values.people import ChatKey, UserKey
from storage.values.styles import BuiltIn, Style


async def add_own(
    services: Services,
    user: UserKey,
    name: str,
    picture: bytes,
    author: UserKey | None = None,
    chat: ChatKey | None = None,
) -> Style:
    """Make a person's own style from a picture.

    Args:
        services: The bot's services.
        user: The owner.
        name: The style's name.
        picture: The file; stored encrypted, to renew the code for a new checkpoint.
        author: The person who posted the picture, if someone else.
        chat: The chat with its rules; None for a private chat.

    Raises:
        OwnStyleError: the name is invalid, there are too many, or the chat allows none.
        AccessError: the person may not, or not with this picture.
        UnsuitablePictureError: the content check refused the picture.
        EngineError: the picture is unusable, or the engine is unavailable.
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
        code=code_of(code),
    )
    async with services.database.writing() as transaction:
        await transaction.jobs.lock(user)
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
    """Let "this" mean a picture's style for a person, until they choose another picture.

    Args:
        services: The bot's services.
        user: The person.
        picture: The file.
        author: As in `add_own`.
        chat: As in `add_own`.

    Raises:
        OwnStylesOffError: the chat allows no own styles.
        AccessError: the person may not, or not with this picture.
        UnsuitablePictureError: the content check refused the picture.
        EngineError: the picture is unusable, or the engine is unavailable.
    """
    await _check_own(services, user, author, chat)
    code = code_of(await _read_style(services, picture))
    sealed, now = services.sealer.seal(picture), services.now()
    async with services.database.writing() as transaction:
        await transaction.jobs.lock(user)
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


async def remove_own(services: Services, user: UserKey, style_id: int) -> None:
    """Delete one of a person's own styles, with its picture.

    Raises:
        EntryGoneError: it does not exist, or is someone else's.
    """
    async with services.database.writing() as transaction:
        if not await transaction.styles.remove_own(user, style_id):
            raise EntryGoneError


async def _check_own(
    services: Services,
    user: UserKey,
    author: UserKey | None,
    chat: ChatKey | None,
    name: str = "",
) -> int:
    """Check that a person may make a style from a picture; returns how many they may have."""
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
        plain = await normalised(services, picture)
        if await services.content_check.unsuitable(plain):
            raise UnsuitablePictureError
    return code


def check_name(services: Services, name: str) -> None:
    """Check a style's name.

    Raises:
        BadStyleNameError: it is empty, too long, or a command would read it as something else.
    """
    too_long = len(name) > services.limits.name_letters
    if too_long or not folded(name) or not _means_itself(name):
        raise BadStyleNameError(limit=services.limits.name_letters)


def _means_itself(name: str) -> bool:
    """Whether a command reads this as a name, not as "this", a number or a blend."""
    try:
        parsed = parse(name)
    except BadNumberError:
        return False
    return not parsed.this and parsed.percent is None and "+" not in name and ":" not in name
