"""The bot on Telegram: passes updates to handlers; results are sent by `Delivery`."""

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

from bots.core.common.services import Services
from bots.core.errors import BotError, NoPhotoError, OperatorError
from bots.core.styles.search import is_greeting
from bots.core.users import preferences
from bots.settings import BotSettings
from bots.telegram_adapter.admin.handlers import Admin
from bots.telegram_adapter.context import (
    PLATFORM,
    Context,
    Runtime,
    chat_key,
    is_private,
    reply_to,
    user_key,
)
from bots.telegram_adapter.delivery.hints import Hints
from bots.telegram_adapter.delivery.results import Delivery
from bots.telegram_adapter.delivery.statuses import Statuses
from bots.telegram_adapter.handlers import inline
from bots.telegram_adapter.handlers.account import Account
from bots.telegram_adapter.handlers.buttons import Buttons
from bots.telegram_adapter.handlers.chat_panel import ChatPanel
from bots.telegram_adapter.handlers.gallery import Gallery
from bots.telegram_adapter.handlers.message_handlers import Command, MessageHandlers, command_of
from bots.telegram_adapter.handlers.pickers import Pickers
from bots.telegram_adapter.handlers.profile import BOT_ADMINS, present
from bots.telegram_adapter.handlers.settings import Panels
from bots.telegram_adapter.transport.albums import Albums
from bots.telegram_adapter.transport.bot import Bot
from bots.telegram_adapter.transport.chat_turns import ChatTurns
from bots.telegram_adapter.transport.pictures import picture_of
from bots.telegram_adapter.transport.rate_limits import ChatRateLimiter
from bots.telegram_adapter.transport.updates import Updates
from bots.telegram_adapter.transport.waits import Waits
from engine.api.contract import Painted
from engine.api.errors import EngineError
from storage.errors import StorageUnavailableError
from storage.values.jobs import Job
from storage.values.json import Json
from storage.values.people import ChatKey

logger = logging.getLogger(__name__)

_RETRY_S: Final = 2.0
_OUT: Final = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)

OnCommand = Callable[[Context, str], Awaitable[None]]


class TelegramAdapter:
    """A platform for `bots.process.run`."""

    name = PLATFORM

    def __init__(
        self, services: Services, settings: BotSettings, waits: Waits | None = None
    ) -> None:
        """Do not connect yet.

        Args:
            services: The core's services.
            settings: The bots' settings.
            waits: Timeouts; None for the defaults.
        """
        waits = waits or Waits()
        self._limiter = ChatRateLimiter(lambda: services.meter.throttled(PLATFORM))
        self._bot = Bot(
            settings.telegram_token.get_secret_value(),
            base_url=f"{settings.telegram_api_url}/bot",
            base_file_url=f"{settings.telegram_api_url}/file/bot",
            request=_requests(256, waits),
            get_updates_request=_requests(2, waits),
            rate_limiter=self._limiter,
        )
        self._background: set[asyncio.Task[None]] = set()
        # The last album with an apology: it comes as several updates, and gets only one.
        self._apologized: set[str | None] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._chat_turns = ChatTurns()
        runtime = Runtime(services, self._bot, lambda: None, self._spawn, waits)
        self._runtime = runtime
        self._statuses = Statuses(runtime)
        self._delivery = Delivery(runtime, self._statuses)
        self._hints = Hints(runtime)
        self._buttons = Buttons(runtime, self._statuses, self._delivery.fetch)
        fetch = self._delivery.fetch
        pickers = Pickers(runtime, self._statuses, self._buttons, fetch)
        self._message_handlers = MessageHandlers(
            runtime, self._statuses, self._hints, pickers, fetch
        )
        self._admin = Admin(runtime, self._buttons, self._hints, fetch)
        self._albums = Albums(self._on_messages)
        self._updates = Updates(
            self._bot, settings, self._deal, self._give_up,
            lambda: services.meter.received(PLATFORM), waits,
        )  # fmt: skip
        self._commands = self._table(runtime)

    def _table(self, runtime: Runtime) -> dict[str, OnCommand]:
        gallery, panels = Gallery(runtime, self._buttons), Panels(runtime, self._buttons)
        chat_panel = ChatPanel(runtime, self._buttons)
        account = Account(runtime, self._statuses, self._hints, self._buttons, gallery, panels)

        async def styles(context: Context, words: str) -> None:
            if words == "admin":
                await self._admin.command(context, "styles", "")
            else:
                await gallery.styles(context, words)

        async def settings(context: Context, words: str) -> None:
            panel = panels if context.private else chat_panel
            await panel.settings(context, words)

        return {
            "start": account.start,
            "help": account.help,
            "styles": styles,
            "mystyle": self._message_handlers.mystyle,
            "history": account.history,
            "settings": settings,
            "privacy": account.privacy,
            "export": account.export,
            "forget": account.forget,
            "cancel": account.cancel,
        }

    async def start(self, nudge: Callable[[], None]) -> str:
        """Connect; returns the bot's name once updates are received.

        Raises:
            OperatorError: Telegram rejects the token, or another process uses the bot.
        """
        self._runtime.nudge = nudge
        while True:
            try:
                await self._bot.initialize()
                break
            except InvalidToken:
                # Its message contains the token.
                raise OperatorError("Telegram does not take the TELEGRAM_TOKEN.") from None
            except TelegramError as error:
                logger.warning("Telegram does not answer: %s", type(error).__name__)
                await asyncio.sleep(_RETRY_S)
        self._spawn(present(self._runtime))
        self._spawn(self._statuses.keep_fresh())
        await self._updates.start()
        if not self._bot.can_read_all_group_messages:
            logger.info("privacy mode is on, as recommended")
        return f"@{self._bot.username}"

    async def receive(self) -> None:
        """Handle updates until `stop`."""
        await self._updates.receive()

    def stop(self) -> None:
        """Accept no more updates."""
        self._updates.stop()
        self._limiter.stop()

    async def close(self) -> None:
        """Close all connections."""
        await self._updates.close()
        await self._statuses.close()
        for task in list(self._background):
            task.cancel()
        if self._background:
            await asyncio.wait(self._background)
        with contextlib.suppress(TelegramError):
            await self._bot.shutdown()

    async def fetch(self, job: Job, photo: Json) -> bytes:
        """Download a photo's file."""
        return await self._delivery.fetch(photo)

    async def started(self, job: Job) -> None:
        """Show that work has started, or has moved on to the next photo."""
        self._statuses.act(job)
        await self._statuses.resumed(job)

    async def paused(self, job: Job) -> None:
        """Show that the engine is away."""
        await self._delivery.paused(job)

    async def deliver(self, job: Job, pictures: Sequence[Painted], notes: Sequence[str]) -> Json:
        """Send the pictures."""
        return await self._delivery.deliver(job, pictures, notes)

    async def delivered(self, job: Job) -> Json | None:
        """None: Telegram cannot tell; a single result can be put in its place a second time."""
        return None

    async def tell(self, job: Job, sentence: str) -> None:
        """Say why a job failed."""
        await self._delivery.tell(job, sentence)

    async def _deal(self, update: Update) -> None:
        """Handle an update; errors with a single update are logged.

        Raises:
            StorageUnavailableError: the store did not accept it, and may later.
        """
        try:
            if update.callback_query:
                async with self._turn(update.callback_query.from_user.id):
                    await self._buttons.press(update.callback_query)
            elif update.inline_query:
                await inline.answer(
                    await self._runtime.of_inline(update.inline_query), update.inline_query
                )
            elif update.my_chat_member:
                await self._on_membership(update.my_chat_member)
            elif update.message:
                await self._on_message(update.message)
        except StorageUnavailableError:
            raise
        except TelegramError as error:
            logger.warning("an update was not answered: %s: %s", type(error).__name__, error)
        except Exception:
            logger.exception("an update was not handled")
            await self._apologize(update, "internal")

    async def _give_up(self, update: Update) -> None:
        """Give up on an update that the store did not accept for too long."""
        logger.error("an update was dropped: the store does not accept it")
        await self._apologize(update, StorageUnavailableError.code)

    async def _apologize(self, update: Update, code: str) -> None:
        """Tell the user that the request failed; does not need the store."""
        texts, query, message = self._runtime.services.texts, update.callback_query, update.message
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
            await preferences.move_chat(self._runtime.services, chat_key(message.chat), new)
        elif _is_noise(message, self._bot.id):
            return
        elif message.media_group_id:
            await self._albums.add(message)
        else:
            await self._on_messages([message])

    async def _on_messages(self, messages: Sequence[Message]) -> None:
        """Handle a message or an album; each user's messages are handled one after another."""
        # Any message of an album may have the caption.
        said = [(command_of(message, self._bot.username), message) for message in messages]
        command, message = next(((c, m) for c, m in said if c), (None, messages[0]))
        others = [other for other in messages if other is not message]
        user = user_key(message)
        if user is None or not (command or self._is_addressed(messages)):
            return
        async with self._chat_turns.turn(message.chat.id), self._turn(user.id):
            context = await self._runtime.of_message(message, *others)
            if context is None:
                return
            try:
                if command:
                    await self._on_command(command, context)
                elif context.private:
                    await self._on_words(context)
                else:
                    await self._on_talk(context)
            except (BotError, EngineError) as error:
                await self._hints.refuse(context, error)

    def _is_addressed(self, messages: Sequence[Message]) -> bool:
        """Whether messages without a command may be for the bot; in groups most are not."""
        message = messages[0]
        if is_private(message.chat) or self._naming(messages):
            return True
        return bool(message.text and message.reply_to_message)

    def _naming(self, messages: Sequence[Message]) -> Message | None:
        """The message that mentions the bot."""
        return next((m for m in messages if self._name.search(m.text or m.caption or "")), None)

    @property
    def _name(self) -> re.Pattern[str]:
        return re.compile(rf"@{re.escape(self._bot.username)}\b", re.IGNORECASE)

    async def _on_command(self, command: Command, context: Context) -> None:
        if command.name == "style":
            await self._message_handlers.style(context, command.words)
        elif command.name == "story":
            await self._message_handlers.story(context, command.words)
        elif command.name in BOT_ADMINS:
            await self._admin.command(context, command.name, command.words)
        elif command.name in self._commands:
            await self._commands[command.name](context, command.words)
        elif edit := self._runtime.services.effects.edits.get(command.name):
            await self._message_handlers.style(context, f"{edit.id} {command.words}".strip())
        elif context.private:
            await self._commands["help"](context, "")

    async def _on_words(self, context: Context) -> None:
        """Handle a message without a command in a private chat."""
        message = context.message
        if await self._admin.answered(context):
            return
        if any(picture_of(one) for one in context.messages):
            await self._message_handlers.alone(context)
        elif message.text and is_greeting(message.text):
            await self._commands["start"](context, "")
        elif message.text and await self._shows_picture(context):
            await self._message_handlers.style(context, message.text)
        elif message.effective_attachment or message.text:
            await self._message_handlers.words(context)

    async def _on_talk(self, context: Context) -> None:
        """Handle a group's message without a command, if it mentions the bot or answers it."""
        named = self._naming(context.messages)
        if named is None:
            text = context.message.text
            if text and await self._message_handlers.answers_picker(context):
                await self._message_handlers.typed(context, text)
            return
        text = self._name.sub(" ", named.text or named.caption or "").strip()
        context = context.about(named, *(m for m in context.messages if m is not named))
        pictures = any(picture_of(one) for one in context.messages)
        if pictures or await self._shows_picture(context):
            await self._message_handlers.style(context, text)
        elif not text or not await self._message_handlers.typed(context, text):
            raise NoPhotoError

    async def _shows_picture(self, context: Context) -> bool:
        """Whether the message replied to has a picture to paint, other than a sheet of styles."""
        answered = context.message.reply_to_message
        if answered is None or picture_of(answered) is None:
            return False
        return not await self._message_handlers.answers_picker(context)

    async def _on_membership(self, change: ChatMemberUpdated) -> None:
        """Greet a group once; record when one removes the bot."""
        before, after = change.old_chat_member.status, change.new_chat_member.status
        if change.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
            return
        context = await self._runtime.of_membership(change)
        if before in _OUT and after not in _OUT:
            await preferences.joined(self._runtime.services, context.chat)
            await self._bot.send_message(context.here.id, context.say("telegram-added"))
        elif after in _OUT:
            await preferences.left(self._runtime.services, context.chat)

    def _turn(self, user_id: int | str) -> asyncio.Lock:
        """A lock per user, which keeps the order of their messages and does not delay others."""
        return self._turns.setdefault(str(user_id), asyncio.Lock())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _is_noise(message: Message, bot_id: int) -> bool:
    """Whether to ignore a message: another bot's, its own by inline mode, or a channel's post."""
    sender = message.from_user
    by_us = message.via_bot is not None and message.via_bot.id == bot_id
    # Groups and channels post as Telegram's own bots.
    by_bot = sender is not None and sender.is_bot and message.sender_chat is None
    return by_us or by_bot or bool(message.is_automatic_forward)


def _requests(connections: int, waits: Waits) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=10,
        read_timeout=waits.answer_s,
        write_timeout=waits.answer_s,
        media_write_timeout=waits.upload_s,
        pool_timeout=10,
    )
