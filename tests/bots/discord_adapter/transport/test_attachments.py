"""Pictures wherever a message has them, and files whose addresses were good once."""

from typing import Any

import aiohttp
import discord
import pytest

from bots.core.errors import ClipTooLargeError, SourceGoneError, VectorStickerError
from bots.core.jobs.platform import DeliverLaterError
from bots.discord_adapter.transport import attachments
from bots.discord_adapter.transport.reply_target import is_adult, may_show_adult
from engine.api.errors import ImageTooLargeError
from tests.bots.discord_adapter.conftest import Stage, gallery, picture, said

pytestmark = pytest.mark.anyio


def message_of(stage: Stage, **parts: Any) -> discord.Message:
    """A message with parts that no one in the virtual server can send."""
    channel: Any = stage.client.get_channel(stage.channel.id)
    data: Any = {
        "id": "99", "channel_id": str(stage.channel.id), "content": "", "type": 0, "tts": False,
        "author": {"id": "5", "username": "x", "discriminator": "0", "avatar": None},
        "attachments": [], "embeds": [], "mentions": [], "mention_roles": [], "pinned": False,
        "mention_everyone": False, "timestamp": "2026-11-25T00:00:00+00:00",
        "edited_timestamp": None, "components": [],
    }  # fmt: skip
    return discord.Message(
        state=stage.client._connection,
        channel=channel,
        data=data | parts,
    )


def upload(**changes: Any) -> dict[str, Any]:
    return {
        "id": "7", "filename": "a.png", "size": 5, "url": "https://cdn.invalid/a.png",
        "proxy_url": "https://proxy.invalid/a.png", "content_type": "image/png",
    } | changes  # fmt: skip


async def test_uploads_are_pictures_by_what_they_say_they_are(stage: Stage):
    message = message_of(
        stage,
        attachments=[
            upload(),
            upload(id="8", content_type=None, filename="SPOILER_b.HEIC"),
            upload(id="9", content_type="video/mp4", filename="c.mp4"),
            upload(id="10", content_type=None, filename="d.exe"),
            upload(id="11", content_type="image/tiff", filename="e.tif"),
            upload(id="12", content_type=None, filename="f.bmp"),
        ],
    )
    found = attachments.pictures(message)
    assert [(photo["id"], photo["spoiler"]) for photo in found] == [
        ("7", False), ("8", True), ("9", False), ("11", False), ("12", False),
    ]  # fmt: skip
    assert found[0] == {
        "id": "7", "url": "https://cdn.invalid/a.png", "bytes": 5, "spoiler": False,
        "adult": False, "channel": stage.channel.id, "message": 99,
    }  # fmt: skip


async def test_embeds_are_fetched_by_discord_s_proxy_alone(stage: Stage):
    evil = "http://169.254.169.254/latest"
    image = {"url": evil, "proxy_url": "https://proxy.invalid/1", "width": 1, "height": 1}
    message = message_of(
        stage,
        embeds=[
            {"type": "rich", "image": image, "thumbnail": image},
            {
                "type": "image",
                "thumbnail": {"url": evil, "proxy_url": "https://proxy.invalid/2"},
            },
            {"type": "rich", "image": {"url": evil}},
            {"type": "rich", "title": "words"},
        ],
    )
    urls = [photo["url"] for photo in attachments.pictures(message)]
    assert urls == ["https://proxy.invalid/1", "https://proxy.invalid/2"]


async def test_what_moves_is_a_clip_of_the_same_kind(stage: Stage):
    kinds = {
        "a.gif": "image/gif", "b.mp4": "video/mp4", "c.webm": "video/webm",
        "d.mov": "video/quicktime", "E.MP4": None, "f.gif": "image/gif; charset=binary",
    }  # fmt: skip
    message = message_of(
        stage,
        attachments=[
            upload(id=str(number), filename=name, content_type=kind)
            for number, (name, kind) in enumerate(kinds.items())
        ],
    )
    found = attachments.pictures(message)
    assert [photo["clip"] for photo in found] == ["gif", "mp4", "webm", "mp4", "mp4", "gif"]
    assert ["still" in photo for photo in found] == [photo["clip"] == "gif" for photo in found]
    assert all(photo["bytes"] == 5 for photo in found)


async def test_gifs_of_embeds_are_fetched_where_discord_has_the_file(stage: Stage):
    video = {"url": "https://tenor.invalid/cat", "proxy_url": "https://proxy.invalid/cat.mp4"}
    still = {"url": "https://tenor.invalid/s", "proxy_url": "https://proxy.invalid/cat.png"}
    message = message_of(
        stage,
        embeds=[
            {"type": "gifv", "video": video, "thumbnail": still},
            # A player on a page, and a video of which Discord has only the picture.
            {"type": "video", "video": {"url": "https://tube.invalid"}, "thumbnail": still},
            {"type": "gifv", "video": {"url": "https://page.invalid"}, "thumbnail": still},
            {"type": "image", "thumbnail": {"proxy_url": "https://proxy.invalid/x/A.gif?v=1"}},
        ],
    )
    where = {"channel": stage.channel.id, "message": 99, "adult": False}
    assert attachments.pictures(message) == [
        {
            "id": "embed 0", "url": video["proxy_url"], "clip": "mp4",
            "still": {"url": still["proxy_url"]},
        } | where,
        {"id": "embed 1", "url": still["proxy_url"], "first_frame": True} | where,
        {"id": "embed 2", "url": still["proxy_url"], "first_frame": True} | where,
        {
            "id": "embed 3", "url": "https://proxy.invalid/x/A.gif?v=1", "clip": "gif",
            "still": {},
        } | where,
    ]  # fmt: skip


async def test_a_drawing_that_moves_has_its_own_error(stage: Stage):
    lottie = [{"id": "2", "name": "lottie", "format_type": 3}]
    with pytest.raises(VectorStickerError):
        attachments.pictures(message_of(stage, sticker_items=lottie))
    beside = attachments.pictures(message_of(stage, sticker_items=lottie, attachments=[upload()]))
    assert [photo["id"] for photo in beside] == ["7"]


async def test_a_clip_of_an_embed_is_refused_when_it_turns_out_too_large(stage: Stage):
    large = b"x" * (attachments.IMAGE_BYTES_MAX + 1)
    sent = await stage.ben.send(stage.channel, "", attachments=[("a.mp4", large)])
    url = sent.attachments[0].url
    with pytest.raises(ClipTooLargeError):
        await attachments.fetch(stage.client, {"id": "embed 0", "url": url, "clip": "mp4"})


async def test_stickers_that_are_pictures(stage: Stage):
    stickers = [
        {"id": "1", "name": "png", "format_type": 1},
        {"id": "2", "name": "lottie", "format_type": 3},
        {"id": "3", "name": "gif", "format_type": 4},
        {"id": "4", "name": "apng", "format_type": 2},
    ]
    found = attachments.pictures(message_of(stage, sticker_items=stickers))
    assert [(photo["id"], photo.get("clip")) for photo in found] == [
        ("sticker 1", None), ("sticker 3", "gif"), ("sticker 4", "gif"),
    ]  # fmt: skip


async def test_a_forwarded_picture_is_painted(stage: Stage):
    other = stage.guild.create_text_channel("other")
    first = await stage.ben.send(other, "", attachments=[("p.jpg", picture((1, 2, 3)))])
    forwarded = await stage.ben.forward(first, stage.channel)
    asked = await stage.ann.context_menu(stage.channel, "Stylize", forwarded)
    assert "Which style?" in said(asked.response)
    (job,) = await stage.jobs(stage.ann)
    assert await attachments.fetch(stage.client, job.wanted.photos[0]) == picture((1, 2, 3))


async def photo_of(stage: Stage) -> tuple[dict[str, Any], bytes]:
    message = await stage.ben.send(stage.channel, "", attachments=[("p.jpg", picture())])
    (photo,) = attachments.pictures(message)
    return photo, picture()


async def test_an_address_that_is_no_longer_good_is_renewed_from_its_message(stage: Stage):
    photo, file = await photo_of(stage)
    assert await attachments.fetch(stage.client, photo | {"url": "https://old.invalid/"}) == file
    assert any("/messages/" in request.path for request in stage.env.http_requests)


async def test_without_its_message_discord_is_asked_for_another_address(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    photo, file = await photo_of(stage)
    asked = []

    async def request(route: discord.http.Route, **more: Any) -> Any:
        if route.path != "/attachments/refresh-urls":
            raise discord.Forbidden(_response(403), "")
        asked.append(more["json"])
        return {"refreshed_urls": [{"original": "old", "refreshed": photo["url"]}]}

    monkeypatch.setattr(stage.client.http, "request", request)
    for gone in (
        {"url": "https://old.invalid/"},
        {"url": "https://old.invalid/", "message": 1},
    ):
        assert await attachments.fetch(stage.client, photo | gone) == file
    # What was given with a command has no message.
    alone = {"id": "1", "url": "https://old.invalid/"}
    assert await attachments.fetch(stage.client, alone) == file
    assert asked == [{"attachment_urls": ["https://old.invalid/"]}] * 3


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_what_is_gone_is_gone(stage: Stage, status: int, monkeypatch: pytest.MonkeyPatch):
    photo, _ = await photo_of(stage)

    async def request(route: discord.http.Route, **more: Any) -> Any:
        kind = {403: discord.Forbidden, 404: discord.NotFound}.get(
            404 if route.path != "/attachments/refresh-urls" else status, discord.HTTPException
        )
        raise kind(_response(status), "")

    monkeypatch.setattr(stage.client.http, "request", request)
    with pytest.raises(SourceGoneError):
        await attachments.fetch(stage.client, photo | {"url": "https://old.invalid/"})


@pytest.mark.parametrize(
    "error",
    [aiohttp.ClientConnectionError(), TimeoutError(), OSError(), discord.RateLimited(7.0)],
)
async def test_what_cannot_be_fetched_now_is_fetched_later(
    stage: Stage, error: Exception, monkeypatch: pytest.MonkeyPatch
):
    async def fail(url: str) -> bytes:
        raise error

    monkeypatch.setattr(stage.client.http, "get_from_cdn", fail)
    with pytest.raises(DeliverLaterError) as later:
        await attachments.fetch(stage.client, {"url": "u"})
    assert later.value.retry_after_s == (7.0 if isinstance(error, discord.RateLimited) else 5.0)


async def test_more_than_the_engine_takes_is_not_fetched(stage: Stage):
    with pytest.raises(ImageTooLargeError):
        await attachments.fetch(
            stage.client, {"url": "u", "bytes": attachments.IMAGE_BYTES_MAX + 1}
        )


async def test_threads_are_answered_in_and_are_as_adult_as_their_channel(stage: Stage):
    first = await stage.ann.send(stage.channel, "a thread, please")
    thread = await first.create_thread(name="pictures")
    (handle,) = stage.channel.threads
    assert handle.id == thread.id
    result = await stage.ann.slash(handle, "style", image=("p.jpg", picture()), style="wave")
    await stage.work()
    assert len(gallery(result.response)) == 1
    (job,) = await stage.jobs(stage.ann)
    assert job.wanted.chat == stage.here
    assert job.wanted.reply_target["channel"] == thread.id
    assert not is_adult(thread)
    parent = stage.client.get_channel(stage.channel.id)
    assert isinstance(parent, discord.TextChannel)
    parent.nsfw = True
    assert is_adult(thread)
    assert may_show_adult(thread)
    assert not may_show_adult(None)


def _response(status: int) -> Any:
    class Response:
        reason = ""

    response = Response()
    response.status = status  # type: ignore[attr-defined]
    return response
