"""The studio as a process: its one command, its durability, its end."""

import asyncio
import io
import re
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from PIL import Image

from bots.core.admin.use_cases import queue_admin as control_room
from bots.core.common.services import Services
from bots.core.policy.control import QueueMode
from engine.api.client import EngineClient
from engine.painting.manifest import SAMPLE_PHOTO
from storage.database import Database
from storage.sealing import Sealer
from storage.settings import StorageSettings
from storage.values.people import UserKey
from tests.patching import BLUE, flat, patching_engine
from tests.processes import Process, free_port

ADMIN = UserKey("web", "1")


def settings(folder: Path, engine_url: str, port: int = 0) -> dict[str, str]:
    return {
        "ENGINE_URL": engine_url,
        "STUDIO_PORT": str(port),
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "STORAGE_KEY_FILE": str(folder / "key"),
        "DISPLAY": "",
    }


def put_mode(folder: Path, engine_url: str, gate: QueueMode) -> None:
    """Pause or open the queue from another process, as an admin elsewhere does."""
    storage = StorageSettings(storage_key_file=folder / "key")

    async def put() -> None:
        database = Database(f"sqlite+aiosqlite:///{folder / 'bot.db'}")
        client = EngineClient(engine_url)
        services = Services(
            database=database, engine=client, sealer=Sealer.open(storage), admins=frozenset([ADMIN])
        )
        await control_room.put_mode(services, ADMIN, gate)
        await client.close()
        await database.close()

    asyncio.run(put())


@dataclass
class RequestInput:
    """A photo that was accepted while nothing is painted."""

    client: httpx.Client
    form: dict[str, str]
    path: str
    job: str


def ask_while_paused(address: str, folder: Path, engine_url: str) -> RequestInput:
    client = httpx.Client(base_url=address, timeout=30)
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/").text)
    assert token
    form = {"csrf": token[1]}
    files = {"photo": SAMPLE_PHOTO.read_bytes()}
    sent = client.post("/photos", data=form, files=files, follow_redirects=True)
    style = re.search(r'name="style" value="(\d+)"', sent.text)
    assert style
    put_mode(folder, engine_url, "paused")
    form |= {"style": style[1], "once": "once", "param-strength": "100"}
    path = f"{sent.url.path}/paint"
    asked = client.post(path, data=form)
    assert asked.status_code == 303
    return RequestInput(client, form, path, asked.headers["location"])


def test_an_accepted_photo_survives_a_kill_and_is_painted_once(tmp_path: Path, engine_url: str):
    given = settings(tmp_path, engine_url, free_port())
    with Process("bots", "studio", **given) as first:
        address = first.ready().removeprefix("web ")
        asked = ask_while_paused(address, tmp_path, engine_url)
        first.kill()
    put_mode(tmp_path, engine_url, "open")
    with (
        Process("bots", "studio", "--no-browser", **given) as second,
        closing(asked.client) as client,
    ):
        assert second.ready() == f"web {address}"
        # The same form once more, as a browser sends it that got no answer.
        assert client.post(asked.path, data=asked.form).headers["location"] == asked.job
        with client.stream("GET", f"{asked.job}/events") as events:
            assert '"ended": true' in list(filter(None, events.iter_lines()))[-1]
        assert "data-compare" in client.get(asked.job).text
        assert client.get("/history").text.count('class="tile-name"') == 1
        assert second.terminate() == 0


def test_inputs_survive_a_kill_with_their_request(tmp_path: Path):
    with patching_engine() as engine_url:
        given = settings(tmp_path, engine_url, free_port())
        with Process("bots", "studio", **given) as first:
            address = first.ready().removeprefix("web ")
            asked = ask_while_paused(address, tmp_path, engine_url)
            photo = asked.path.removesuffix("/paint")
            tile = rf'class="tile" href="{photo}\?for=(\d+)"'
            style = re.search(tile, asked.client.get(photo).text)
            assert style
            form = asked.form | {"style": style[1], "once": "twice"}
            files = {"file-face": flat(BLUE), "file-spot": flat((255, 255, 255), (64, 64))}
            job = asked.client.post(asked.path, data=form, files=files).headers["location"]
            first.kill()
        put_mode(tmp_path, engine_url, "open")
        with (
            Process("bots", "studio", "--no-browser", **given) as second,
            closing(asked.client) as client,
        ):
            second.ready()
            with client.stream("GET", f"{job}/events") as events:
                assert '"ended": true' in list(filter(None, events.iter_lines()))[-1]
            page = client.get(job).text
            assert page.count('name="kept-') == 2
            found = re.search(r'href="(/pictures/\w+)\?save', page)
            assert found
            with Image.open(io.BytesIO(client.get(found[1]).content)) as image:
                red, _, blue = image.convert("RGB").resize((1, 1)).tobytes()
            assert blue > 200 > 40 > red
            assert second.terminate() == 0


def test_waiting_people_do_not_delay_the_shutdown(tmp_path: Path, engine_url: str):
    with Process("bots", "studio", **settings(tmp_path, engine_url)) as process:
        address = process.ready().removeprefix("web ")
        door, _, token = process.way_in().partition("#")
        assert door == f"{address}/admin"
        asked = ask_while_paused(address, tmp_path, engine_url)
        with closing(asked.client) as client, client.stream("GET", f"{asked.job}/events") as events:
            lines = events.iter_lines()
            assert "data: " in next(lines)
            started = time.monotonic()
            assert process.terminate() == 0
            assert time.monotonic() - started < 5
    assert token.encode() not in process.log


def test_a_port_that_is_taken_is_a_sentence(tmp_path: Path, engine_url: str):
    with Process("bots", "studio", **settings(tmp_path, engine_url)) as first:
        port = int(first.ready().rpartition(":")[2])
        with Process("bots", "studio", **settings(tmp_path, engine_url, port)) as second:
            assert second.wait() == 1
            assert f"The studio cannot listen at 127.0.0.1:{port}".encode() in second.log
            assert b"STUDIO_PORT" in second.log
        # It is said before the store is touched.
        other = tmp_path / "other"
        other.mkdir()
        with Process("bots", "studio", **settings(other, engine_url, port)) as third:
            assert third.wait() == 1
        assert list(other.iterdir()) == []


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("STUDIO_HOST", "0.0.0.0"),  # noqa: S104 - refused
        ("STUDIO_PUBLIC_URL", "studio.example.org"),
        ("STUDIO_PUBLIC_URL", "https://studio.example.org/here"),
        ("STUDIO_KEEP_HOURS", "0"),
        ("STUDIO_PORT", "70000"),
    ],
)
def test_a_setting_that_cannot_be_is_a_sentence(tmp_path: Path, variable: str, value: str):
    given = settings(tmp_path, "http://127.0.0.1:1") | {variable: value}
    with Process("bots", "studio", **given) as process:
        assert process.wait() == 1
        assert variable.encode() in process.log
        assert process.log.count(b"\n") == 1
