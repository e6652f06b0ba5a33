"""What a person usually has is not changed by words beneath a file, nor by any message."""

import pytest

from bots.core.users import preferences
from tests.bots.core.requests.test_animation import animation
from tests.bots.discord_adapter.conftest import Stage, key, picture
from tests.bots.discord_adapter.handlers.test_messages import mention

pytestmark = pytest.mark.anyio

MEDIA = {
    "photo": ("photo.jpg", picture()),
    "covered photo": ("SPOILER_photo.jpg", picture()),
    "picture": ("picture.png", animation("PNG")),
    "GIF": ("moves.gif", animation("GIF")),
    "WebP": ("moves.webp", animation("WEBP")),
    "MP4": ("film.mp4", b"\0\0\0\x18ftypisom"),
    "MOV": ("film.mov", b"\0\0\0\x14ftypqt  "),
    "WebM": ("film.webm", b"\x1aE\xdf\xa3"),
    "voice message": ("voice-message.ogg", b"OggS"),
    "PDF": ("paper.pdf", b"%PDF-1.7"),
}
LIKE_A_SETTING = ("scream always", "default scream", "默认 呐喊", "/style scream default")


@pytest.mark.parametrize("what", [None, *MEDIA])
async def test_no_message_changes_a_setting(stage: Stage, what: str | None):
    before = await preferences.preference(stage.services, key(stage.ann))
    files = [MEDIA[what]] if what else []
    user = stage.ann.user
    for words in LIKE_A_SETTING:
        mentioned = f"{mention(stage)} {words}"
        asked = await stage.ann.send(stage.channel, mentioned, attachments=files)
        await stage.ann.send(stage.channel, mentioned, reply_to=asked)
        stored = stage.env.backend.store_attachments(user.dm_channel.id, files)
        await user.send_dm(words, attachments=stored)
    await stage.work()
    assert stage.channel.last_message is not None
    assert stage.channel.last_message.author == stage.client.user
    assert await preferences.preference(stage.services, key(stage.ann)) == before
