"""Discord in a process: a virtual server with people, a real store, and an engine of arithmetic."""

import asyncio
import io
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from cryptography.fernet import Fernet
from PIL import Image
from typing_extensions import override

from bots.core.common.services import ContentCheck, Services
from bots.core.jobs.workers import Workers
from bots.core.styles import catalogue, seeding
from bots.discord_adapter.app import register_handlers
from bots.discord_adapter.command_sync import sync_admin_commands, sync_commands
from bots.discord_adapter.delivery.results import Delivery
from bots.discord_adapter.transport.client import StylebotClient
from engine.api.contract import Painted, Progress, RenderRequest, Report, StyleCode
from engine.api.errors import BrokenImageError, EngineUnavailableError
from storage.sealing import Sealer
from storage.values.jobs import Job
from storage.values.people import ChatKey, UserKey
from tests.bots.core.conftest import HURRIED, ArithmeticEngine, Clock
from tests.databases import opened, sqlite_store

COLOURS = {b"starry-night": (20, 40, 140), b"great-wave": (60, 90, 160), b"scream": (200, 90, 30)}


def picture(colour: tuple[int, int, int] = (120, 120, 120), side: int = 96) -> bytes:
    """A small JPEG of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (side, side * 3 // 4), colour).save(file, "JPEG", quality=95)
    return file.getvalue()


def noise(side: int) -> bytes:
    """A PNG that no format makes small."""
    file = io.BytesIO()
    Image.effect_noise((side, side), 100).convert("RGB").save(file, "PNG")
    return file.getvalue()


def colour_of(file: bytes) -> tuple[int, int, int]:
    """What a picture of one colour has, as far as JPEG keeps it."""
    with Image.open(io.BytesIO(file)) as opened:
        pixel = opened.convert("RGB").getpixel((5, 5))
    assert isinstance(pixel, tuple)
    return pixel[0], pixel[1], pixel[2]


def alike(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(a - b) < 12 for a, b in zip(one, other, strict=True))


class ColourEngine(ArithmeticEngine):
    """Paints every photo in its style's one colour, as much as is asked for."""

    large: bytes | None = None

    @override
    async def render(
        self, request: RenderRequest, report: Report | None = None, *, previews: bool = False
    ) -> Painted:
        await self._begun(request)
        if report:
            report(Progress(0.5))
        if self.large is not None:
            return Painted(self.large, "image/png")
        photo = _opened(request.image)
        paint = Image.new("RGB", photo.size, COLOURS.get(self.looks(request), (10, 200, 10)))
        share = request.steps[0].params.get("strength", 1.0)
        painted = _jpeg(Image.blend(photo, paint, share))
        return Painted(painted, "image/jpeg", absent=self.absent if request.look else ())

    @override
    async def normalise(self, image: bytes, *, user: str = "") -> bytes:
        if self.away:
            raise EngineUnavailableError("The engine cannot be reached.")
        self.normalised.append(image)
        return _jpeg(_opened(image))

    @override
    async def extract_style(self, images: Sequence[bytes]) -> StyleCode:
        try:
            with Image.open(io.BytesIO(images[0])) as opened:
                opened.load()
        except OSError as error:
            raise BrokenImageError("The picture is damaged.") from error
        return StyleCode(self.checkpoint, b"own")

    @override
    async def preview(self, slug: str) -> bytes:
        return picture(COLOURS.get(slug.encode(), (90, 80, 60)), 300)


def _opened(file: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(file)) as opened:
            return opened.convert("RGB")
    except OSError as error:
        raise BrokenImageError("The picture is damaged.") from error


def _jpeg(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95)
    return file.getvalue()


class Stage:
    """A server with a channel, Ann, Ben and Max, who manages it; and the bot."""

    def __init__(self, env: simcord.Env, client: StylebotClient, engine: ColourEngine) -> None:
        self.env = env
        self.client = client
        self.engine = engine
        self.services = client.services
        self.delivery = Delivery(client)
        self.workers = Workers(client.services, [self.delivery])
        assert isinstance(client.services.now, Clock)
        self.clock = client.services.now
        self.guild = env.create_guild()
        self.channel = self.guild.create_text_channel("general")
        self.ann = self.guild.add_member(env.create_user("ann"))
        self.ben = self.guild.add_member(env.create_user("ben"))
        managers = self.guild.create_role(
            "managers", permissions=discord.Permissions(manage_guild=True)
        )
        self.max = self.guild.add_member(env.create_user("max"), roles=[managers])

    async def admit(self, content_check: ContentCheck | None = None) -> simcord.MemberActor:
        """Someone who administers the bot, in a server that has the commands for it."""
        self.bosses = self.guild.create_role(
            "bosses", permissions=discord.Permissions(administrator=True)
        )
        root = self.guild.add_member(self.env.create_user("root"), roles=[self.bosses])
        self.services = replace(
            self.services, admins=frozenset([key(root)]), content_check=content_check,
            samples=[picture((shade, 100, 100)) for shade in (50, 100, 150)],
        )  # fmt: skip
        self.client.services = self.client.cache._services = self.services
        self.workers = Workers(self.services, [self.delivery])
        self.client.admin_servers = frozenset([self.guild.id])
        guild = self.client.get_guild(self.guild.id)
        assert guild is not None
        assert await sync_admin_commands(self.client, guild)
        return root

    async def work(self) -> int:
        """Work until there is nothing to do; returns how many jobs were taken."""
        done = 0
        while await self.workers.work_once("w"):
            done += 1
        return done

    async def paint(self, words: str = "wave", **options: Any) -> simcord.InteractionResult:
        """Ann's /style, painted."""
        result = await self.ann.slash(
            self.channel, "style", image=("photo.jpg", picture()), style=words, **options
        )
        await self.work()
        return result

    async def ids(self) -> dict[str, int]:
        return {style.slug: style.id for style in await catalogue.listed(self.services)}

    async def job(self, job_id: int) -> Job:
        async with self.services.database.reading() as transaction:
            found = await transaction.jobs.get(job_id)
        assert found
        return found

    async def jobs(self, who: simcord.MemberActor) -> list[Job]:
        async with self.services.database.reading() as transaction:
            return await transaction.jobs.all_of(key(who))

    @property
    def here(self) -> ChatKey:
        return ChatKey("discord", str(self.guild.id))

    def file(self, attachment: discord.Attachment) -> bytes:
        found = self.env.backend.cdn.get(attachment.url)
        assert found is not None
        return found


def key(who: simcord.MemberActor | simcord.UserHandle) -> UserKey:
    return UserKey("discord", str(who.id))


def answer_of(result: simcord.InteractionResult) -> simcord.ResponseMessage | None:
    """The answer as it is by now."""
    return result.response


def parts(components: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All components of a message, however deep."""
    for component in components:
        yield component
        inner = [component[name] for name in ("component", "accessory") if name in component]
        yield from parts([*component.get("components", ()), *inner])


def said(message: simcord.ResponseMessage | discord.Message | None) -> str:
    """All words of a message that is laid out."""
    return "\n".join(p["content"] for p in parts(_raw(message)) if p["type"] == 10)


def gallery(message: simcord.ResponseMessage | discord.Message | None) -> list[dict[str, Any]]:
    return [item for p in parts(_raw(message)) if p["type"] == 12 for item in p["items"]]


def buttons(message: simcord.ResponseMessage | discord.Message | None) -> dict[str, dict[str, Any]]:
    """Buttons by their labels."""
    return {p["label"]: p for p in parts(_raw(message)) if p["type"] == 2}


def menus(message: simcord.ResponseMessage | discord.Message | None) -> list[dict[str, Any]]:
    return [p for p in parts(_raw(message)) if p["type"] == 3]


def menu(message: simcord.ResponseMessage | discord.Message | None, name: str) -> dict[str, Any]:
    """The menu that does something."""
    (found,) = [m for m in menus(message) if m["custom_id"].startswith(f"sb:{name}")]
    return found


def _raw(message: simcord.ResponseMessage | discord.Message | None) -> list[dict[str, Any]]:
    assert message is not None
    if isinstance(message, simcord.ResponseMessage):
        return message.components
    return [component.to_dict() for component in message.components]  # type: ignore[misc]


Play = Callable[..., AbstractAsyncContextManager[Stage]]


@asynccontextmanager
async def playing(
    path: Path,
    engine: ColourEngine | None = None,
    store_timeout_s: float | None = None,
    limit_s: float = 60,
) -> AsyncIterator[Stage]:
    """A stage with four styles, whose store is a file."""
    async with (
        asyncio.timeout(limit_s),
        opened(sqlite_store(path, store_timeout_s)) as database,
    ):
        paints = engine or ColourEngine()
        services = Services(
            database=database, engine=paints, sealer=Sealer(Fernet.generate_key()), now=Clock(),
            limits=HURRIED,
        )  # fmt: skip
        await seeding.seed(services)
        client = new_client(services)
        await register_handlers(client)
        async with simcord.run(client, settle_timeout=20) as env:
            await sync_commands(client)
            await client.cache.renew()
            yield Stage(env, client, paints)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with four styles."""
    async with playing(tmp_path / "store-0.db") as stage:
        yield stage


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Set a stage with four styles, with other settings than usual."""
    numbers = itertools.count()

    def set_(**more: Any) -> AbstractAsyncContextManager[Stage]:
        return playing(tmp_path / f"store-{next(numbers)}.db", **more)

    return set_


def new_client(services: Services) -> StylebotClient:
    return StylebotClient(services, shard_count=1)
