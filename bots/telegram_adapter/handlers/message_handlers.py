"""Turns messages into requests."""

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
from bots.core.requests import clips, drafts, stories, versions
from bots.core.requests.values import Question, RequestInput, Ticket
from bots.core.styles import catalogue, custom_styles
from bots.core.styles.request_parser import Named, parse, resolve, without_numbers
from bots.core.styles.search import find
from bots.core.users import history, preferences
from bots.telegram_adapter.context import PLATFORM, Context, Runtime, reply_target_of, user_key
from bots.telegram_adapter.delivery.hints import Hints
from bots.telegram_adapter.delivery.statuses import Statuses
from bots.telegram_adapter.handlers.pickers import Pickers
from bots.telegram_adapter.render import keyboards
from bots.telegram_adapter.transport.pictures import Picture, picture_of, what_is
from storage.values.jobs import Job, Story
from storage.values.json import Json
from storage.values.people import UserKey
from storage.values.recipes import Choice
from storage.values.styles import Style

logger = logging.getLogger(__name__)

_COMMAND: Final = re.compile(r"/([a-z_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)
# Words that make a style the default.
_DEFAULT: Final = re.compile(r"(?:^|\s)(?:usual|default|always|常用|默认)(?=\s|$)", re.IGNORECASE)
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
    """The command at the start of a message's text or caption; None if there is none.

    A command for another bot, as in /style@OtherBot, is ignored.
    """
    found = _COMMAND.fullmatch((message.text or message.caption or "").strip())
    if not found or (found[2] and found[2].lower() != username.lower()):
        return None
    return Command(found[1].lower(), (found[3] or "").strip())


class MessageHandlers:
    """Handlers of messages with photos, styles and commands about them."""

    def __init__(
        self, runtime: Runtime, statuses: Statuses, hints: Hints, pickers: Pickers, fetch: Fetch
    ) -> None:
        self._runtime = runtime
        self._statuses = statuses
        self._hints = hints
        self._pickers = pickers
        self._fetch = fetch
        self._named = Named()

    async def style(self, context: Context, words: str) -> None:
        """Handle `/style`, with photos or in reply to one.

        Args:
            context: The message with the command, and all others of its album.
            words: The text after the command.
        """
        message, own = context.message, _pictures(context)
        answered = message.reply_to_message
        theirs = picture_of(answered) if answered else None
        if theirs and await self.answers_picker(context):
            # A sheet of styles is not a user's photo.
            theirs = None
        if self._means_this(words):
            await self._style_this(context, words, own, theirs)
        elif own:
            await self._accept(context, own, words)
        elif answered and theirs:
            await self._accept(context, [(answered, theirs)], words)
        elif context.private and _stands_alone(message) and _DEFAULT.search(words):
            await self._prefer(context, _DEFAULT.sub(" ", words))
        elif not (words and await self._words_alone(context, words)):
            shown = answered or message
            raise NoPhotoError(what=what_is(shown) if shown.effective_attachment else "none")

    async def story(self, context: Context, words: str) -> None:
        """Handle `/story`, with photos, in reply to one, or about those asked for a style.

        Args:
            context: The message with the command, and all others of its album.
            words: The text after the command.

        Raises:
            NoPhotoError: there are no photos.
            BotError: as `drafts.take`.
        """
        message, own = context.message, _pictures(context)
        answered = message.reply_to_message
        story, words = stories.read(words)
        if not own and answered and not await self.answers_picker(context):
            theirs = picture_of(answered)
            own = [(answered, theirs)] if theirs else []
        photos = await self._album_of(context, own[0][1] if own else None) if len(own) <= 1 else ()
        if not (own or photos):
            raise NoPhotoError(what="story")
        await self._accept(context, own, words, story=story, photos=photos)

    async def _album_of(self, context: Context, picture: Picture | None) -> tuple[Json, ...]:
        """All photos of a request that one of them belongs to; without one, of a draft.

        Telegram gives only one photo of the album that is replied to.
        """
        services = self._runtime.services
        draft = await drafts.waiting_draft(services, context.user, context.chat)
        known = [draft.wanted.photos] if draft else []
        if picture is None:
            return known[0] if known else ()
        entries = await history.page(services, context.user)
        known += [entry.photos for entry in entries if entry.chat == context.chat]
        file = picture.photo["file"]
        return next((p for p in known if file in [photo["file"] for photo in p]), ())

    async def alone(self, context: Context) -> None:
        """Handle photos without a command in a private chat: ask for the style if none is named."""
        caption = next((m.caption for m in context.messages if m.caption), None) or ""
        pictures = _pictures(context)
        if not pictures:
            return
        named = self._named.take(context.user, context.chat)
        if words := caption or named:
            await self._accept(context, pictures, words, loose=True)
        else:
            request_input = await self._request_input(context, pictures, "")
            question = await drafts.ask(self._runtime.services, request_input)
            if late := _late(pictures, question.job):
                await self.alone(context.about(*(one for one, _ in late)))
            await self._pickers.ask(context, question)

    async def _words_alone(self, context: Context, words: str) -> bool:
        """Handle words without a photo: an answer, or a style for the next photo; else False."""
        if await self.typed(context, words):
            return True
        return context.private and await self._name_for_the_next(context, words)

    async def typed(self, context: Context, words: str) -> bool:
        """Handle an answer to the question for a style; False if none was asked."""
        services = self._runtime.services
        draft = await drafts.waiting_draft(services, context.user, context.chat)
        if draft is None:
            return False
        request_input = await self._request_input(context, [], words)
        taken = await drafts.answer(services, draft.id, replace(request_input, reply_target={}))
        await self._answer(context, taken)
        return True

    async def answers_picker(self, context: Context) -> bool:
        """Whether a message replies to a picker that its sender was asked with."""
        answered = context.message.reply_to_message
        if answered is None:
            return False
        services = self._runtime.services
        draft = await drafts.waiting_draft(services, context.user, context.chat)
        return draft is not None and draft.wanted.reply_target.get("picker") == answered.message_id

    async def words(self, context: Context) -> None:
        """Handle words without a photo, in a private chat.

        Raises:
            NoPhotoError: they name no style.
        """
        text = context.message.text or ""
        if not (text and await self._words_alone(context, text)):
            raise NoPhotoError(what=what_is(context.message))

    async def _name_for_the_next(self, context: Context, words: str) -> bool:
        """Keep a named style for the next photo; False if none was named."""
        services = self._runtime.services
        styles = await catalogue.listed(services, context.user, context.chat, edits=True)
        rest = catalogue.read(services, without_numbers(words), styles)
        found = find("+".join(name for name, _ in rest.names), styles)
        if not found.style or found.rest:
            return False
        self._named.keep(context.user, context.chat, words)
        title = found.style.title(context.language)
        await context.message.reply_text(context.say("send-photo-for", title=title))
        return True

    async def mystyle(self, context: Context, words: str) -> None:
        """Handle `/mystyle`: add NAME, with or in reply to a picture, delete and submit."""
        verb, _, name = words.partition(" ")
        if verb.lower() == _ADD:
            await self._add_own(context, name.strip())
        elif verb.lower() in _DELETE:
            await self._delete_own(context, name.strip())
        elif verb.lower() == _SUBMIT:
            await self._submit_own(context, name.strip())
        else:
            await self._list_own(context)

    async def _style_this(
        self,
        context: Context,
        words: str,
        own: Sequence[tuple[Message, Picture]],
        reference: Picture | None,
    ) -> None:
        """A photo in reply to a picture is painted in its style; a reply alone sets "this"."""
        message, services = context.message, self._runtime.services
        if reference is not None:
            picture = await self._fetch(clips.still_of(reference.photo))
            await custom_styles.adopt_this(
                services, context.user, picture, _author(message), context.chat
            )
        if own:
            await self._accept(context, own, words)
        elif reference is None:
            raise NoReferenceError
        elif not await self._on_last_photo(context, words):
            await message.reply_text(context.say("telegram-this-ready"))

    async def _on_last_photo(
        self, context: Context, words: str = "", choices: tuple[Choice, ...] = ()
    ) -> bool:
        """Paint the last photo that the person had painted in this chat; False if there is none."""
        services = self._runtime.services
        last = await history.last(services, context.user, context.chat)
        if last is None:
            return False
        request_input = replace(await self._request_input(context, [], words), choices=choices)
        try:
            ticket = await versions.again(services, last.id, request_input)
        except EntryGoneError:
            return False
        self._statuses.accepted(ticket)
        return True

    async def _accept(
        self,
        context: Context,
        pictures: Sequence[tuple[Message, Picture]],
        words: str,
        *,
        loose: bool = False,
        story: Story | None = None,
        photos: tuple[Json, ...] = (),
    ) -> None:
        """Queue pictures, or ask for their style.

        Args:
            context: The message.
            pictures: The pictures, each with its message.
            words: Text after the command.
            loose: As in `drafts.take`.
            story: As in `RequestInput`.
            photos: References to the whole album, where only a part of it is among the pictures.
        """
        request_input = await self._request_input(context, pictures, words)
        if story:
            photos = photos or request_input.photos
            request_input = replace(request_input, photos=photos, story=story, output="photo")
        taken = await drafts.take(self._runtime.services, request_input, loose=loose)
        await self._answer(context, taken)
        if late := _late(pictures, taken.job):
            await self._accept(context.about(late[0][0]), late, words, loose=loose, story=story)

    async def _answer(self, context: Context, taken: Ticket | Question) -> None:
        if isinstance(taken, Question):
            await self._pickers.ask(context, taken)
        else:
            await self._pickers.close(taken)
            self._statuses.accepted(taken)

    async def _request_input(
        self, context: Context, pictures: Sequence[tuple[Message, Picture]], words: str
    ) -> RequestInput:
        message, found = context.message, [picture for _, picture in pictures]
        answered = pictures[0][0] if pictures else message
        # The same message, received again after a crash, is the same request.
        return await context.request_input(
            f"telegram:{message.chat.id}:{message.message_id}",
            photos=tuple(picture.photo for picture in found),
            words=words,
            output="file" if any(picture.as_file for picture in found) else None,
            author=user_key(answered),
            reply_target=reply_target_of(message, answered, spoiler=any(p.spoiler for p in found)),
        )

    async def _prefer(self, context: Context, words: str) -> None:
        """A style's name and a word such as "always", in private, set the default."""
        services, language = self._runtime.services, context.language
        styles = await catalogue.listed(services, context.user, context.chat)
        parsed = catalogue.read(services, words, styles)
        chosen = resolve(parsed, styles, language)
        if not chosen:
            raise NoPhotoError
        liked = await preferences.prefer_style(services, context.user, chosen[0].style_id)
        for spec in controls.default_specs(services.effects, liked.recipe)[-1:]:
            if said := parsed.params(spec):
                await preferences.prefer_values(services, context.user, said)
        title = next(s.title(language) for s in styles if s.id == chosen[0].style_id)
        await context.message.reply_text(context.say("telegram-prefers", title=title))

    async def _add_own(self, context: Context, name: str) -> None:
        services, user, message = self._runtime.services, context.user, context.message
        answered = message.reply_to_message
        picture = picture_of(message) or (picture_of(answered) if answered else None)
        if picture is None:
            raise NoStylePictureError
        author = None if picture_of(message) else _author(message)
        file = await self._fetch(clips.still_of(picture.photo))
        style = await custom_styles.add_own(services, user, name, file, author, context.chat)
        title = style.title(context.language)
        text = context.say("style-added", name=title)
        if await history.last(services, user, context.chat) is None:
            text += "\n" + context.say("telegram-style-ready", name=title)
        await message.reply_text(text)
        await self._on_last_photo(context, choices=(Choice(style.id),))

    async def _delete_own(self, context: Context, name: str) -> None:
        style = await self._own(context, name)
        await custom_styles.remove_own(self._runtime.services, context.user, style.id)
        title = style.title(context.language)
        await context.message.reply_text(context.say("style-removed", name=title))

    async def _submit_own(self, context: Context, name: str) -> None:
        """Submit an own style for everyone, and notify the admins."""
        services = self._runtime.services
        style = await self._own(context, name)
        await admin_styles.submit(services, context.user, style.id)
        title = style.title(context.language)
        await context.message.reply_text(context.say("style-submitted", name=title))
        for admin in services.admins:
            if admin.platform == PLATFORM:
                self._runtime.spawn(self._tell_of_submission(admin, style))

    async def _tell_of_submission(self, admin: UserKey, style: Style) -> None:
        language = await preferences.language(self._runtime.services, admin)
        text = self._runtime.say("admin-submission", language, name=style.title(language))
        look = keyboards.button(self._runtime.say("admin-look", language), "av", style.id)
        try:
            await self._runtime.bot.send_message(
                int(admin.id), text, reply_markup=InlineKeyboardMarkup([[look]])
            )
        except TelegramError as error:
            # The admin has not started the bot; /admin shows it anyway.
            logger.info("an admin was not notified: %s", type(error).__name__)

    async def _own(self, context: Context, name: str) -> Style:
        """The person's own style with this name."""
        styles = await catalogue.listed(self._runtime.services, context.user)
        own = [style for style in styles if style.owner]
        for choice in resolve(parse(name), own, context.language):
            return next(style for style in own if style.id == choice.style_id)
        raise StyleGoneError

    async def _list_own(self, context: Context) -> None:
        listed = await catalogue.listed(self._runtime.services, context.user)
        own = [style for style in listed if style.owner]
        names = "\n".join(f"• {style.title(context.language)}" for style in own)
        text = context.say("telegram-own-styles", count=len(own), names=names)
        await self._hints.say(context, text)

    def _means_this(self, words: str) -> bool:
        """Whether "this" was typed; invalid numbers are reported later."""
        return catalogue.read(self._runtime.services, without_numbers(words), ()).this


def _pictures(context: Context) -> list[tuple[Message, Picture]]:
    """The pictures of an album in their order."""
    in_order = sorted(context.messages, key=lambda one: one.message_id)
    return [(message, found) for message in in_order if (found := picture_of(message))]


def _stands_alone(message: Message) -> bool:
    """Whether a message is only text: no caption, and no answer to another message."""
    return bool(message.text and not (message.reply_to_message or message.external_reply))


def _late(pictures: Sequence[tuple[Message, Picture]], job: Job) -> list[tuple[Message, Picture]]:
    """Pictures of an album that came too late for the same request."""
    known = {photo["file"] for photo in job.wanted.photos}
    return [(m, one) for m, one in pictures if m.media_group_id and one.photo["file"] not in known]


def _author(message: Message) -> UserKey | None:
    """The author of the message that a message replies to."""
    answered = message.reply_to_message
    return user_key(answered) if answered else None
