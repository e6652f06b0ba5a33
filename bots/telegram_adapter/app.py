"""The bot on Telegram: what comes in goes to whom it concerns, what goes out goes by `Delivery`."""

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final
from weakref import WeakValueDictionary

from telegram import ChatMemberUpdated, Message, Update
from telegram.constants import ChatMemberStatus, ChatType
from telegram.error import InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from bots.core import people
from bots.core.errors import BotError, NoPhotoError, OperatorError
from bots.core.search import is_greeting
from bots.core.services import Services
from bots.settings import BotSettings
from bots.telegram_adapter.account import Account
from bots.telegram_adapter.admin import Admin
from bots.telegram_adapter.albums import Albums
from bots.telegram_adapter.bot import Bot
from bots.telegram_adapter.buttons import Buttons
from bots.telegram_adapter.delivery import Delivery
from bots.telegram_adapter.gallery import Gallery
from bots.telegram_adapter.hints import Hints
from bots.telegram_adapter.inline import Inline
from bots.telegram_adapter.intake import Command, Intake, command_of
from bots.telegram_adapter.panels import Panels
from bots.telegram_adapter.pickers import Pickers
from bots.telegram_adapter.pictures import picture_of
from bots.telegram_adapter.profile import BOT_ADMINS, present
from bots.telegram_adapter.rate_limits import ChatRateLimiter
from bots.telegram_adapter.station import (
    NOBODY,
    PLATFORM,
    Station,
    chat_key,
    is_private,
    reply_to,
    user_key,
)
from bots.telegram_adapter.statuses import Statuses
from bots.telegram_adapter.updates import Updates
from engine.api.contract import Painted
from engine.api.errors import EngineError
from storage.errors import StorageUnavailableError
from storage.values import ChatKey, Job, Json

logger = logging.getLogger(__name__)

_TIMEOUT_S: Final = 20.0
_UPLOAD_TIMEOUT_S: Final = 60.0
_RETRY_S: Final = 2.0
_LANES: Final = 2
_OUT: Final = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)

OnCommand = Callable[[Message, str], Awaitable[None]]


class TelegramAdapter:
    """A platform for `bots.process`."""

    name = PLATFORM

    def __init__(self, services: Services, settings: BotSettings) -> None:
        """Connect to nothing yet."""
        self._limiter = ChatRateLimiter(lambda: services.meter.throttled(PLATFORM))
        self._bot = Bot(
            settings.telegram_token.get_secret_value(),
            base_url=f"{settings.telegram_api_url}/bot",
            base_file_url=f"{settings.telegram_api_url}/file/bot",
            request=_requests(256),
            get_updates_request=_requests(2),
            rate_limiter=self._limiter,
        )
        self._background: set[asyncio.Task[None]] = set()
        # The album that was apologized for last, which is as many updates as it has photos.
        self._apologized: set[str | None] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._lanes: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()
        station = Station(services, self._bot, lambda: None, self._spawn)
        self._station = station
        self._statuses = Statuses(station)
        self._delivery = Delivery(station, self._statuses)
        self._hints = Hints(station)
        self._buttons = Buttons(station, self._statuses, self._delivery.fetch)
        self._inline = Inline(station)
        fetch = self._delivery.fetch
        pickers = Pickers(station, self._statuses, self._buttons, fetch)
        self._intake = Intake(station, self._statuses, self._hints, pickers, fetch)
        self._admin = Admin(station, self._buttons, self._hints, fetch)
        self._albums = Albums(self._on_messages)
        self._updates = Updates(
            self._bot, settings, self._deal, self._give_up,
            lambda: services.meter.received(PLATFORM),
        )  # fmt: skip
        self._commands = self._table(station)

    def _table(self, station: Station) -> dict[str, OnCommand]:
        gallery, panels = Gallery(station, self._buttons), Panels(station, self._buttons)
        account = Account(station, self._statuses, self._hints, self._buttons, (gallery, panels))

        async def styles(message: Message, words: str) -> None:
            if words == "admin":
                await self._admin.command([message], "styles", "")
            else:
                await gallery.styles(message, words)

        return {
            "start": account.start,
            "help": account.help,
            "styles": styles,
            "mystyle": self._intake.mystyle,
            "history": account.history,
            "settings": panels.settings,
            "privacy": account.privacy,
            "export": account.export,
            "forget": account.forget,
            "cancel": account.cancel,
        }

    async def start(self, nudge: Callable[[], None]) -> str:
        """Connect, and return once updates flow.

        Raises:
            OperatorError: Telegram does not take the token, or another process has the bot.
        """
        self._station.nudge = nudge
        while True:
            try:
                await self._bot.initialize()
                break
            except InvalidToken:
                # What it says has the token in it.
                raise OperatorError("Telegram does not take the TELEGRAM_TOKEN.") from None
            except TelegramError as error:
                logger.warning("Telegram does not answer: %s", type(error).__name__)
                await asyncio.sleep(_RETRY_S)
        self._spawn(present(self._station))
        self._spawn(self._statuses.keep_fresh())
        await self._updates.start()
        if not self._bot.can_read_all_group_messages:
            logger.info("privacy mode is on, as it should be")
        return f"@{self._bot.username}"

    async def receive(self) -> None:
        """Take what people send, until `stop`."""
        await self._updates.receive()

    def stop(self) -> None:
        """Take nothing new."""
        self._updates.stop()
        self._limiter.stop()

    async def close(self) -> None:
        """Let go."""
        await self._updates.close()
        await self._statuses.close()
        for task in list(self._background):
            task.cancel()
        if self._background:
            await asyncio.wait(self._background)
        with contextlib.suppress(TelegramError):
            await self._bot.shutdown()

    async def fetch(self, job: Job, photo: Json) -> bytes:
        """A photo's file."""
        return await self._delivery.fetch(photo)

    async def started(self, job: Job) -> None:
        """Work has begun, or has come one photo further."""
        self._statuses.act(job)

    async def paused(self, job: Job) -> None:
        """The engine is away."""
        await self._delivery.paused(job)

    async def deliver(self, job: Job, pictures: Sequence[Painted], notes: Sequence[str]) -> Json:
        """Hand the pictures over."""
        return await self._delivery.deliver(job, pictures, notes)

    async def delivered(self, job: Job) -> Json | None:
        """Telegram cannot tell; a single result can be put in its place a second time."""
        return None

    async def tell(self, job: Job, sentence: str) -> None:
        """Say why nothing comes of a job."""
        await self._delivery.tell(job, sentence)

    async def _deal(self, update: Update) -> None:
        """Deal with one update; whatever else goes wrong with it is its own affair.

        Raises:
            StorageUnavailableError: the store did not take it, and may later.
        """
        try:
            if update.callback_query:
                async with self._turn(update.callback_query.from_user.id):
                    await self._buttons.press(update.callback_query)
            elif update.inline_query:
                await self._inline.answer(update.inline_query)
            elif update.my_chat_member:
                await self._on_membership(update.my_chat_member)
            elif update.message:
                await self._on_message(update.message)
        except StorageUnavailableError:
            raise
        except TelegramError as error:
            logger.warning("an update was not answered: %s: %s", type(error).__name__, error)
        except Exception:
            logger.exception("an update was not dealt with")
            await self._apologize(update, "internal")

    async def _give_up(self, update: Update) -> None:
        """The store took nothing for too long."""
        logger.error("an update was given up: the store does not take it")
        await self._apologize(update, StorageUnavailableError.code)

    async def _apologize(self, update: Update, code: str) -> None:
        """Tell someone that nothing comes of what he sent; the store is not needed for it."""
        texts, query, message = self._station.services.texts, update.callback_query, update.message
        user = update.effective_user
        sentence = texts.of_code(code, texts.choose(user.language_code if user else None))
        album = message.media_group_id if message else None
        if album in self._apologized:
            return
        self._apologized = {album} - {None}
        with contextlib.suppress(TelegramError):
            if query:
                await query.answer(sentence, show_alert=True)
            elif message:
                await message.reply_text(sentence, reply_parameters=reply_to(message.message_id))

    async def _on_message(self, message: Message) -> None:
        if message.migrate_to_chat_id:
            new = ChatKey(PLATFORM, str(message.migrate_to_chat_id))
            await people.move_chat(self._station.services, chat_key(message.chat), new)
        elif _is_noise(message, self._bot.id):
            return
        elif message.media_group_id:
            await self._albums.add(message)
        else:
            await self._on_messages([message])

    async def _on_messages(self, messages: Sequence[Message]) -> None:
        """One message, or those of one album; a person's own one after the other."""
        # Any member of an album may have the caption.
        said = [(command_of(message, self._bot.username), message) for message in messages]
        command, message = next(((c, m) for c, m in said if c), (None, messages[0]))
        others = [other for other in messages if other is not message]
        user = user_key(message)
        if user is None:
            return
        async with self._lane(message.chat.id), self._turn(user.id):
            try:
                if command:
                    await self._on_command(command, [message, *others])
                elif is_private(message.chat):
                    await self._on_words([message, *others])
                else:
                    await self._on_talk([message, *others])
            except (BotError, EngineError) as error:
                await self._hints.refuse(message, error)

    async def _on_command(self, command: Command, messages: Sequence[Message]) -> None:
        if command.name == "style":
            await self._intake.style(messages, command.words)
        elif command.name in BOT_ADMINS:
            await self._admin.command(messages, command.name, command.words)
        elif command.name in self._commands:
            await self._commands[command.name](messages[0], command.words)
        elif is_private(messages[0].chat):
            await self._commands["help"](messages[0], "")

    async def _on_words(self, messages: Sequence[Message]) -> None:
        """No command, and no one else is listening."""
        message = messages[0]
        if await self._admin.answered(messages):
            return
        if any(picture_of(one) for one in messages):
            await self._intake.alone(messages)
        elif message.text and is_greeting(message.text):
            await self._commands["start"](message, "")
        elif message.text and await self._shows_picture(message.reply_to_message, message):
            await self._intake.style(messages, message.text)
        elif message.effective_attachment or message.text:
            await self._intake.words(message)

    async def _on_talk(self, messages: Sequence[Message]) -> None:
        """No command, and others listen: what names the bot, or answers its question."""
        words = [m.text or m.caption or "" for m in messages]
        name = re.compile(rf"@{re.escape(self._bot.username)}\b", re.IGNORECASE)
        named = next((at for at, text in enumerate(words) if name.search(text)), None)
        if named is None:
            message = messages[0]
            if message.text and await self._intake.answers_picker(message):
                await self._intake.typed(message, message.text)
            return
        text, message = name.sub(" ", words[named]).strip(), messages[named]
        pictures = any(picture_of(one) for one in messages)
        if pictures or await self._shows_picture(message.reply_to_message, message):
            await self._intake.style([message, *(m for m in messages if m is not message)], text)
        elif not text or not await self._intake.typed(message, text):
            raise NoPhotoError

    async def _shows_picture(self, answered: Message | None, message: Message) -> bool:
        """Whether what is answered has a picture to paint, which a sheet of styles is not."""
        if answered is None or picture_of(answered) is None:
            return False
        return not await self._intake.answers_picker(message)

    async def _on_membership(self, change: ChatMemberUpdated) -> None:
        """Say hello to a group, once; note when one lets go of the bot."""
        before, after = change.old_chat_member.status, change.new_chat_member.status
        chat = chat_key(change.chat)
        if change.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
            return
        if before in _OUT and after not in _OUT:
            await people.joined(self._station.services, chat)
            language = await people.language(
                self._station.services, NOBODY, chat,
                change.from_user.language_code,
            )  # fmt: skip
            await self._bot.send_message(
                change.chat.id, self._station.say("telegram-added", language)
            )
        elif after in _OUT:
            await people.left(self._station.services, chat)

    def _lane(self, chat_id: int) -> asyncio.Semaphore:
        """Of one chat some messages are dealt with at a time: of a flood no other chat notices."""
        return self._lanes.setdefault(chat_id, asyncio.Semaphore(_LANES))

    def _turn(self, user_id: int | str) -> asyncio.Lock:
        """What one person sends is dealt with in its order, and keeps no one else waiting."""
        return self._turns.setdefault(str(user_id), asyncio.Lock())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _is_noise(message: Message, bot_id: int) -> bool:
    """What is not for the bot: other bots, itself by way of inline mode, a channel's own posts."""
    sender = message.from_user
    by_us = message.via_bot is not None and message.via_bot.id == bot_id
    # Groups and channels speak through bots of Telegram's own.
    by_bot = sender is not None and sender.is_bot and message.sender_chat is None
    return by_us or by_bot or bool(message.is_automatic_forward)


def _requests(connections: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=10,
        read_timeout=_TIMEOUT_S,
        write_timeout=_TIMEOUT_S,
        media_write_timeout=_UPLOAD_TIMEOUT_S,
        pool_timeout=10,
    )
