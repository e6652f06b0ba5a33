"""From messages to requests: every way a photo can be sent in."""

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from telegram import InlineKeyboardMarkup, Message
from telegram.error import TelegramError

from bots.core.admin.use_cases import styles as admin_styles
from bots.core.effects import controls
from bots.core.errors import (
    EntryGoneError,
    NoPhotoError,
    NoReferenceError,
    NoStylePictureError,
    StyleGoneError,
)
from bots.core.requests import stylize
from bots.core.requests.stylize import Asked, Question, Ticket
from bots.core.styles import catalogue as style_cases
from bots.core.styles.request_parser import Named, parse, resolve, without_numbers
from bots.core.styles.search import find
from bots.core.users import history, preferences
from bots.telegram_adapter.context import (
    PLATFORM,
    Station,
    anchor_of,
    chat_key,
    is_private,
    place_in,
    user_key,
)
from bots.telegram_adapter.delivery.hints import Hints
from bots.telegram_adapter.delivery.statuses import Statuses
from bots.telegram_adapter.handlers.pickers import Pickers
from bots.telegram_adapter.render import keyboards
from bots.telegram_adapter.transport.pictures import Picture, picture_of, what_is
from storage.values.jobs import Job
from storage.values.people import UserKey
from storage.values.recipes import Choice
from storage.values.styles import Style

logger = logging.getLogger(__name__)

_COMMAND: Final = re.compile(r"/([a-z_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)
# What must be said for a style to be the usual one from now on.
_USUAL: Final = re.compile(r"(?:^|\s)(?:usual|default|always|常用|默认)(?=\s|$)", re.IGNORECASE)
_ADD: Final = "add"
_DELETE: Final = ("delete", "remove")
_SUBMIT: Final = "submit"

Fetch = Callable[[dict[str, str]], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what was typed after it."""

    name: str
    words: str


def command_of(message: Message, username: str) -> Command | None:
    """The command a message begins with, in its text or its caption; None where it has none.

    One for another bot, as in /style@OtherBot, is none of ours.
    """
    found = _COMMAND.fullmatch((message.text or message.caption or "").strip())
    if not found or (found[2] and found[2].lower() != username.lower()):
        return None
    return Command(found[1].lower(), (found[3] or "").strip())


class Intake:
    """Makes requests of messages."""

    def __init__(
        self, station: Station, statuses: Statuses, hints: Hints, pickers: Pickers, fetch: Fetch
    ) -> None:
        self._station = station
        self._statuses = statuses
        self._hints = hints
        self._pickers = pickers
        self._fetch = fetch
        self._named = Named()

    async def style(self, messages: Sequence[Message], words: str) -> None:
        """`/style`, along with photos or in reply to one.

        Args:
            messages: The one with the command, and all others of its album.
            words: What was typed after the command.
        """
        message = messages[0]
        in_order = sorted(messages, key=lambda one: one.message_id)
        own = [(m, found) for m in in_order if (found := picture_of(m))]
        answered = message.reply_to_message
        theirs = picture_of(answered) if answered else None
        if theirs and await self.answers_picker(message):
            # A sheet of styles is no photo of anyone's.
            theirs = None
        if self._means_this(words):
            await self._style_this(message, words, own, theirs)
        elif own:
            await self._accept(message, own, words)
        elif answered and theirs:
            await self._accept(message, [(answered, theirs)], words)
        elif is_private(message.chat) and _USUAL.search(words):
            await self._prefer(message, _USUAL.sub(" ", words))
        elif not (words and await self._words_alone(message, words)):
            bare = answered or message
            raise NoPhotoError(what=what_is(bare) if bare.effective_attachment else "none")

    async def alone(self, messages: Sequence[Message]) -> None:
        """Photos without a command, in a private chat: ask which style, unless it says."""
        message = messages[0]
        caption = next((m.caption for m in messages if m.caption), None) or ""
        in_order = sorted(messages, key=lambda one: one.message_id)
        pictures = [(m, found) for m in in_order if (found := picture_of(m))]
        if not pictures:
            return
        named = self._named.take(self._user(message), chat_key(message.chat))
        if words := caption or named:
            await self._accept(message, pictures, words, loose=True)
        else:
            asked = await self._asked(message, pictures, "")
            question = await stylize.ask(self._station.services, asked)
            if late := _late(pictures, question.job):
                await self.alone([one for one, _ in late])
            await self._pickers.ask(message, question)

    async def _words_alone(self, message: Message, words: str) -> bool:
        """Words without a photo: an answer, or a style for the next photo; False for neither."""
        if await self.typed(message, words):
            return True
        return is_private(message.chat) and await self._name_for_the_next(message, words)

    async def typed(self, message: Message, words: str) -> bool:
        """Words that answer the question which style; False where none was asked."""
        services, user = self._station.services, self._user(message)
        draft = await stylize.waiting_draft(services, user, chat_key(message.chat))
        if draft is None:
            return False
        asked = await self._asked(message, [], words)
        taken = await stylize.answer(services, draft.id, replace(asked, anchor={}))
        await self._answer(message, taken)
        return True

    async def answers_picker(self, message: Message) -> bool:
        """Whether a message replies to the question which style that its sender was asked."""
        answered, user = message.reply_to_message, user_key(message)
        if answered is None or user is None:
            return False
        chat = chat_key(message.chat)
        draft = await stylize.waiting_draft(self._station.services, user, chat)
        return draft is not None and draft.wanted.anchor.get("picker") == answered.message_id

    async def words(self, message: Message) -> None:
        """Words without a photo, in a private chat.

        Raises:
            NoPhotoError: they are about something else, or are none.
        """
        text = message.text or ""
        if not (text and await self._words_alone(message, text)):
            raise NoPhotoError(what=what_is(message))

    async def _name_for_the_next(self, message: Message, words: str) -> bool:
        """Keep a style that was named for the photo that comes next; False where none was."""
        services, user = self._station.services, self._user(message)
        styles = await style_cases.listed(services, user, chat_key(message.chat))
        rest = style_cases.read(services, without_numbers(words), styles)
        found = find("+".join(name for name, _ in rest.names), styles)
        if not found.style or found.rest:
            return False
        self._named.keep(user, chat_key(message.chat), words)
        language = await self._language(message)
        title = found.style.title(language)
        await message.reply_text(self._station.say("send-photo-for", language, title=title))
        return True

    async def mystyle(self, message: Message, words: str) -> None:
        """`/mystyle`, `/mystyle add NAME` with or in reply to a picture, and delete or submit."""
        verb, _, name = words.partition(" ")
        if verb.lower() == _ADD:
            await self._add_own(message, name.strip())
        elif verb.lower() in _DELETE:
            await self._delete_own(message, name.strip())
        elif verb.lower() == _SUBMIT:
            await self._submit_own(message, name.strip())
        else:
            await self._list_own(message)

    async def _style_this(
        self,
        message: Message,
        words: str,
        own: Sequence[tuple[Message, Picture]],
        theirs: Picture | None,
    ) -> None:
        """A photo in reply to a picture takes that one's style; a bare reply makes it "this"."""
        user, services = self._user(message), self._station.services
        reference = theirs
        if reference is not None:
            picture = await self._fetch(reference.photo)
            await style_cases.adopt_this(
                services, user, picture, _author(message), chat_key(message.chat)
            )
        if own:
            await self._accept(message, own, words)
        elif reference is None:
            raise NoReferenceError
        elif not await self._on_last_photo(message, words):
            language = await self._language(message)
            await message.reply_text(self._station.say("telegram-this-ready", language))

    async def _on_last_photo(
        self, message: Message, words: str = "", choices: tuple[Choice, ...] = ()
    ) -> bool:
        """Paint the photo someone had painted last in this chat; False where there is none."""
        user, services = self._user(message), self._station.services
        last = await history.last(services, user, chat_key(message.chat))
        if last is None:
            return False
        asked = replace(await self._asked(message, [], words), choices=choices)
        try:
            ticket = await stylize.again(services, last.id, asked)
        except EntryGoneError:
            return False
        self._statuses.accepted(ticket)
        return True

    async def _accept(
        self,
        message: Message,
        pictures: Sequence[tuple[Message, Picture]],
        words: str,
        *,
        loose: bool = False,
    ) -> None:
        asked = await self._asked(message, pictures, words)
        taken = await stylize.take(self._station.services, asked, loose=loose)
        await self._answer(message, taken)
        if late := _late(pictures, taken.job):
            await self._accept(late[0][0], late, words, loose=loose)

    async def _answer(self, message: Message, taken: Ticket | Question) -> None:
        if isinstance(taken, Question):
            await self._pickers.ask(message, taken)
        else:
            await self._pickers.close(taken)
            self._statuses.accepted(taken)

    async def _asked(
        self, message: Message, pictures: Sequence[tuple[Message, Picture]], words: str
    ) -> Asked:
        chat = chat_key(message.chat)
        settings = await preferences.chat_settings(self._station.services, chat)
        found = [picture for _, picture in pictures]
        answered = pictures[0][0] if pictures else message
        return Asked(
            # The same message again, as it comes after a crash, is the same request.
            dedupe=f"telegram:{message.chat.id}:{message.message_id}",
            user=self._user(message),
            chat=chat,
            photos=tuple(picture.photo for picture in found),
            words=words,
            output="file" if any(picture.as_file for picture in found) else None,
            locale=message.from_user.language_code if message.from_user else None,
            # Only where it matters, for it may be a question to Telegram.
            admin=settings.audience == "admins" and await self._station.is_admin(message),
            author=user_key(answered),
            topic=place_in(message),
            alone=is_private(message.chat),
            anchor=anchor_of(message, answered, spoiler=any(p.spoiler for p in found)),
        )

    async def _prefer(self, message: Message, words: str) -> None:
        """A style's name and the word for it, in private: from now on that one."""
        user, services = self._user(message), self._station.services
        language = await self._language(message)
        styles = await style_cases.listed(services, user, chat_key(message.chat))
        wish = style_cases.read(services, words, styles)
        chosen = resolve(wish, styles, language)
        if not chosen:
            raise NoPhotoError
        liked = await preferences.prefer_style(services, user, chosen[0].style_id)
        for spec in controls.usual_specs(services.effects, liked.recipe)[-1:]:
            if said := wish.params(spec):
                await preferences.prefer_values(services, user, said)
        title = next(s.title(language) for s in styles if s.id == chosen[0].style_id)
        await message.reply_text(self._station.say("telegram-prefers", language, title=title))

    async def _add_own(self, message: Message, name: str) -> None:
        services, user = self._station.services, self._user(message)
        answered = message.reply_to_message
        picture = picture_of(message) or (picture_of(answered) if answered else None)
        if picture is None:
            raise NoStylePictureError
        author = None if picture_of(message) else _author(message)
        file = await self._fetch(picture.photo)
        chat = chat_key(message.chat)
        style = await style_cases.add_own(services, user, name, file, author, chat)
        language = await self._language(message)
        title = style.title(language)
        text = self._station.say("style-added", language, name=title)
        if await history.last(services, user, chat) is None:
            text += "\n" + self._station.say("telegram-style-ready", language, name=title)
        await message.reply_text(text)
        await self._on_last_photo(message, choices=(Choice(style.id),))

    async def _delete_own(self, message: Message, name: str) -> None:
        language = await self._language(message)
        style = await self._own(message, name, language)
        await style_cases.remove_own(self._station.services, self._user(message), style.id)
        text = self._station.say("style-removed", language, name=style.title(language))
        await message.reply_text(text)

    async def _submit_own(self, message: Message, name: str) -> None:
        """Offer an own style to everyone, and let those who decide know."""
        services, user = self._station.services, self._user(message)
        language = await self._language(message)
        style = await self._own(message, name, language)
        await admin_styles.submit(services, user, style.id)
        title = style.title(language)
        await message.reply_text(self._station.say("style-submitted", language, name=title))
        for admin in services.admins:
            if admin.platform == PLATFORM:
                self._station.spawn(self._tell_of_submission(admin, style))

    async def _tell_of_submission(self, admin: UserKey, style: Style) -> None:
        language = await preferences.language(self._station.services, admin)
        text = self._station.say("admin-submission", language, name=style.title(language))
        look = keyboards.button(self._station.say("admin-look", language), "av", style.id)
        try:
            await self._station.bot.send_message(
                int(admin.id), text, reply_markup=InlineKeyboardMarkup([[look]])
            )
        except TelegramError as error:
            # He never wrote to the bot; /admin shows it all the same.
            logger.info("an admin was not told: %s", type(error).__name__)

    async def _own(self, message: Message, name: str, language: str) -> Style:
        """The own style someone names."""
        styles = await style_cases.listed(self._station.services, self._user(message))
        own = [style for style in styles if style.owner]
        for choice in resolve(parse(name), own, language):
            return next(style for style in own if style.id == choice.style_id)
        raise StyleGoneError

    async def _list_own(self, message: Message) -> None:
        services, user = self._station.services, self._user(message)
        language = await self._language(message)
        own = [style for style in await style_cases.listed(services, user) if style.owner]
        names = "\n".join(f"• {style.title(language)}" for style in own)
        text = self._station.say("telegram-own-styles", language, count=len(own), names=names)
        await self._hints.say(message, text)

    def _means_this(self, words: str) -> bool:
        """Whether the style of a picture is meant; a number that is none is told later."""
        return style_cases.read(self._station.services, without_numbers(words), ()).this

    async def _language(self, message: Message) -> str:
        return await self._station.language(message.from_user, self._user(message), message.chat)

    def _user(self, message: Message) -> UserKey:
        user = user_key(message)
        if user is None:
            raise NoPhotoError
        return user


def _late(pictures: Sequence[tuple[Message, Picture]], job: Job) -> list[tuple[Message, Picture]]:
    """Those of an album that came too late to be one request with the others."""
    known = job.wanted.photos
    return [(m, one) for m, one in pictures if m.media_group_id and one.photo not in known]


def _author(message: Message) -> UserKey | None:
    """Who posted what a message answers."""
    answered = message.reply_to_message
    return user_key(answered) if answered else None
