"""Updates, each handled once and confirmed only afterwards.

Telegram keeps an update until it is confirmed, by a request for later ones or by a webhook's
answer. By then the user's request is in the store. If the process dies, the update comes again. If
the store does not accept it, it is handled again until the store does, or until the user
is told.
"""

import asyncio
import contextlib
import hmac
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from telegram import Bot, Update
from telegram.error import Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError

from bots.core.errors import OperatorError
from bots.settings import BotSettings
from bots.telegram_adapter.transport.rate_limits import seconds_of
from bots.telegram_adapter.transport.waits import Waits
from engine.api.listening import hang_up_unread, make_runner, refuse_encoded
from storage.errors import StorageUnavailableError

logger = logging.getLogger(__name__)

ALLOWED: Final = ["message", "callback_query", "inline_query", "my_chat_member"]
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
# Telegram ends a poll after this long; a connection silent for longer is dead.
_POLL_S: Final = 30
_DEAD_S: Final = 15
# Updates that take longer are confirmed before they are done, so that they do not block the
# others. It is longer than a locked store takes to report that; such updates are not confirmed.
_CONFIRM_S: Final = 30.0
# Time for running updates after a request to stop.
_STOP_S: Final = 10.0
_LOOK_S: Final = 0.1
_REMEMBERED: Final = 20_000
_CONFLICTS_MAX: Final = 5
_BODY_MAX_BYTES: Final = 1024**2
_PAUSE_MAX_S: Final = 30.0
_CONFLICT: Final = (
    "Another process asks for this bot's updates (409): run one, or give each its own token."
)

Deal = Callable[[Update], Awaitable[None]]


class Updates:
    """Receives updates, by polling or by webhook."""

    def __init__(
        self,
        bot: Bot,
        settings: BotSettings,
        deal: Deal,
        give_up: Deal,
        received: Callable[[], None] = lambda: None,
        waits: Waits | None = None,
    ) -> None:
        """Do not start yet.

        Args:
            bot: The bot.
            settings: Polling or webhook, and addresses.
            deal: Called for every update, and again if it raises `StorageUnavailableError`;
                raises nothing else.
            give_up: Called for an update that the store did not accept for too long.
            received: Called once for every update.
            waits: How often and how long to try; None for the defaults.
        """
        self._bot = bot
        self._settings = settings
        self._deal = deal
        self._give_up = give_up
        self._received = received
        self._waits = waits or Waits()
        # Whether each is finished: stored, or not relevant to the store.
        self._tasks: OrderedDict[int, asyncio.Task[bool]] = OrderedDict()
        self._unstored: set[int] = set()
        self._trouble = asyncio.Event()
        self._began: dict[int, float] = {}
        self._stopping = asyncio.Event()
        self._last = 0
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Register with Telegram; updates are received after this.

        Raises:
            OperatorError: the address cannot be listened on, or Telegram refuses it.
        """
        try:
            if self._settings.telegram_webhook_url:
                await self._listen()
                await self._bot.set_webhook(
                    self._settings.telegram_webhook_url,
                    secret_token=self._settings.telegram_webhook_secret.get_secret_value(),
                    allowed_updates=ALLOWED,
                    max_connections=40,
                )
            else:
                await self._poll(once=True)
        except OSError as error:
            raise OperatorError(f"The webhook cannot listen: {error.strerror or error}.") from error

    async def receive(self) -> None:
        """Receive updates until `stop`, then let running ones finish.

        Raises:
            OperatorError: another process uses the token, or it is no longer valid.
        """
        if self._settings.telegram_webhook_url:
            await self._stopping.wait()
        else:
            await self._poll()
        if unfinished := self._unfinished():
            await asyncio.wait(unfinished, timeout=_STOP_S)
        if self._last and not self._settings.telegram_webhook_url:
            with contextlib.suppress(TelegramError):
                await self._bot.get_updates(offset=self._next(), limit=1, timeout=0)

    def stop(self) -> None:
        """Receive no more updates."""
        self._stopping.set()

    async def close(self) -> None:
        """Stop listening. A webhook stays registered, so that updates wait for the next start."""
        if self._runner:
            await self._runner.cleanup()

    def take(self, update: Update) -> asyncio.Task[bool]:
        """Handle an update, unless it was received before; returns its task in both cases."""
        task = self._tasks.get(update.update_id)
        if task is None:
            self._received()
            task = self._tasks[update.update_id] = asyncio.ensure_future(self._until_stored(update))
            self._began[update.update_id] = time.monotonic()
            while len(self._tasks) > _REMEMBERED and next(iter(self._tasks.values())).done():
                number, _ = self._tasks.popitem(last=False)
                del self._began[number]
        return task

    async def _until_stored(self, update: Update) -> bool:
        """Handle an update; False if the store did not accept it before the stop."""
        number, began = update.update_id, time.monotonic()
        pause_s, longest_s = self._waits.store_again_s
        try:
            while True:
                try:
                    await self._deal(update)
                except StorageUnavailableError as error:
                    logger.warning("an update was not stored: %s", error)
                else:
                    return True
                if time.monotonic() - began > self._waits.store_patience_s:
                    await self._give_up(update)
                    return True
                self._unstored.add(number)
                self._trouble.set()
                await self._sleep(pause_s)
                if self._stopping.is_set():
                    return False
                pause_s = min(longest_s, 2 * pause_s)
        finally:
            self._unstored.discard(number)
            if not self._unstored:
                self._trouble.clear()

    def _unfinished(self) -> list[asyncio.Task[bool]]:
        return [task for task in self._tasks.values() if not task.done()]

    def _held(self, number: int) -> bool:
        """Whether an update must not be confirmed yet."""
        task = self._tasks[number]
        if task.done():
            return not task.result()
        late = time.monotonic() - self._began[number] > _CONFIRM_S
        return bool(self._unstored) or self._stopping.is_set() or not late

    def _next(self) -> int:
        """The first update that must not be confirmed yet."""
        return min(filter(self._held, self._tasks), default=self._last + 1)

    async def _poll(self, *, once: bool = False) -> None:
        conflicts, pause_s = 0, 0.0
        while not self._stopping.is_set():
            try:
                if once:
                    # While a webhook is registered, polling is refused.
                    await self._bot.delete_webhook(drop_pending_updates=False)
                await self._ask(0 if once else _POLL_S)
            except TelegramError as error:
                conflicts += isinstance(error, Conflict)
                pause_s = _pause_after(error, conflicts, pause_s)
                await self._sleep(pause_s)
            else:
                conflicts, pause_s = 0, 0.0
                if once:
                    return

    async def _ask(self, wait_s: int) -> None:
        """Poll once, which confirms finished updates, and handle new ones."""
        following = self._next()
        asking = asyncio.ensure_future(
            self._bot.get_updates(
                offset=following if self._last else None,
                # With updates running, unconfirmed ones would be returned at once.
                timeout=wait_s if following > self._last else 0,
                read_timeout=_DEAD_S,
                allowed_updates=ALLOWED,
            )
        )
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait([asking, stopping], return_when=asyncio.FIRST_COMPLETED)
            updates = asking.result() if asking.done() else ()
        finally:
            for task in (asking, stopping):
                task.cancel()
            await asyncio.wait([asking, stopping])
        for update in updates:
            self._last = max(self._last, update.update_id)
            self.take(update)
        await self._settle()

    async def _settle(self) -> None:
        """Give running updates a moment, so that the next poll confirms them."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _LOOK_S
        while (unfinished := self._unfinished()) and loop.time() < until:
            await asyncio.wait(unfinished, timeout=until - loop.time())

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _listen(self) -> None:
        app = web.Application(
            client_max_size=_BODY_MAX_BYTES, middlewares=[hang_up_unread, refuse_encoded]
        )
        # Any path: a proxy may keep the public address's path or not.
        app.router.add_post("/{path:.*}", self._told)
        self._runner = make_runner(app)
        await self._runner.setup()
        settings = self._settings
        await web.TCPSite(
            self._runner, settings.telegram_webhook_host, settings.telegram_webhook_port
        ).start()
        logger.info("webhook is listening", extra={"port": self._runner.addresses[0][1]})

    async def _told(self, request: web.Request) -> web.Response:
        secret = self._settings.telegram_webhook_secret.get_secret_value()
        shown = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(shown.encode(errors="surrogateescape"), secret.encode()):
            return web.Response(status=401)
        try:
            update = Update.de_json(await request.json(), self._bot)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return web.Response(status=400)
        if self._stopping.is_set():
            # It is sent again after the restart.
            return web.Response(status=503)
        task, trouble = self.take(update), asyncio.ensure_future(self._trouble.wait())
        await asyncio.wait([task, trouble], timeout=_CONFIRM_S, return_when=asyncio.FIRST_COMPLETED)
        trouble.cancel()
        # Telegram sends it again, and it is finished by then.
        return web.Response(status=503 if self._held(update.update_id) else 200)


def _pause_after(error: TelegramError, conflicts: int, last_s: float) -> float:
    """How long to wait before polling again.

    Raises:
        OperatorError: polling again cannot succeed.
    """
    if isinstance(error, InvalidToken | Forbidden):
        raise OperatorError("Telegram does not take the TELEGRAM_TOKEN.") from error
    # The first conflicts may come from the last poll of an earlier process.
    if conflicts >= _CONFLICTS_MAX:
        raise OperatorError(_CONFLICT) from error
    if isinstance(error, RetryAfter):
        return seconds_of(error)
    logger.info("polling failed: %s", type(error).__name__)
    return min(_PAUSE_MAX_S, max(0.5, 2 * last_s))
