"""What strangers may cost: whole servers on loopback, spoken to byte by byte."""

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from engine.api.contract import StyleCode
from engine.api.listening import hang_up_unread, make_runner, refuse_encoded
from engine.serving.server import build_app
from engine.serving.service import Engine


@asynccontextmanager
async def listening(app: web.Application, **more: Any) -> AsyncIterator[tuple[str, int]]:
    runner = make_runner(app, **more)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        yield host, port
    finally:
        await runner.cleanup()


async def exchange(address: tuple[str, int], sent: bytes, timeout_s: float = 20) -> bytes:
    """Send, and read until the other side hangs up."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(sent)
    async with asyncio.timeout(timeout_s):
        answer = await reader.read()
    writer.close()
    return answer


def request(path: str, body: bytes, *heads: str, token: str | None = "a secret") -> bytes:  # noqa: S107
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *heads]
    if token is not None:
        lines.append(f"Authorization: Bearer {token}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def status_and_code(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), str(json.loads(body)["code"])


@pytest.fixture
def ask(loop: Any, engine: Engine, token: str) -> Callable[..., tuple[int, str]]:
    """One request on the engine as its host serves it; every connection must be closed after it."""

    def asking(sent: bytes, *, token: str = token) -> tuple[int, str]:
        async def scene() -> bytes:
            async with listening(build_app(engine, token=token)) as address:
                return await exchange(address, sent)

        return status_and_code(loop.run(scene()))

    return asking


BOMB = gzip.compress(bytes(10_000_000))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "GZIP", "nonsense"])
def test_a_body_that_unpacks_itself_is_refused_and_the_connection_closed(
    ask: Callable[..., tuple[int, str]], coding: str
):
    sent = request("/v1/stylize?style=storm", BOMB, f"Content-Encoding: {coding}")
    assert ask(sent) == (415, "unsupported_media_type")


def test_without_the_token_nothing_is_unpacked_and_the_connection_closed(
    ask: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
):
    def unpack(*_: object) -> None:
        raise AssertionError("a stranger's body was unpacked")

    monkeypatch.setattr("aiohttp.compression_utils.ZLibDecompressor.__init__", unpack)
    encoded = request("/v1/stylize?style=storm", BOMB, "Content-Encoding: gzip", token="wrong")  # noqa: S106
    assert ask(encoded)[0] in {401, 415}
    assert ask(request("/v1/stylize?style=storm", BOMB, token=None)) == (401, "unauthorized")


def test_who_announces_too_much_is_hung_up_on(ask: Callable[..., tuple[int, str]]):
    head = request("/v1/stylize?style=storm", b"").replace(
        b"Content-Length: 0", b"Content-Length: 99999999"
    )
    assert ask(head + b"x" * 1000) == (413, "image_too_large")


def form(parts: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    body = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), content)
        for name, content in parts
    )
    return body + b"--b--\r\n", "Content-Type: multipart/form-data; boundary=b"


@pytest.mark.parametrize(
    "parts",
    [
        [("", b"")] * 20_000,
        [("same", b"x")] * 20_000,
        [("image", b"x")] * 20_000,
        [("long", bytes(100_000))],
        [("_charset_", b"x" * 40)],
        [("_charset_", b"\xff\xfe")],
        [("_charset_", b"no-such-charset"), ("style", b"storm")],
    ],
)
def test_forms_that_are_none_of_ours_are_refused(
    loop: Any, engine: Engine, parts: list[tuple[str, bytes]]
):
    body, kind = form(parts)

    async def scene() -> tuple[int, int]:
        read = 0
        async with listening(build_app(engine)) as address:
            reader, writer = await asyncio.open_connection(*address)
            writer.write(request("/v1/stylize", body, kind, "Connection: close"))
            answer = await reader.read()
            writer.close()
        return int(answer.split()[1]), read

    assert loop.run(scene())[0] == 400


def test_parts_are_counted_not_names(loop: Any, engine: Engine, monkeypatch: pytest.MonkeyPatch):
    """The loop must not be kept busy by parts that have one name, or none."""
    body, kind = form([("same", b"x")] * 20_000)
    read = 0
    from aiohttp import MultipartReader

    real = MultipartReader.next

    async def counted(self: MultipartReader) -> Any:
        nonlocal read
        read += 1
        return await real(self)

    monkeypatch.setattr(MultipartReader, "next", counted)

    async def scene() -> bytes:
        async with listening(build_app(engine)) as address:
            return await exchange(address, request("/v1/stylize", body, kind, "Connection: close"))

    assert status_and_code(loop.run(scene())) == (400, "invalid_option")
    assert read < 40


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"styles": ' * 50_000,
        b'{"styles": [{"code": "a.", "weight": %s}]}' % (b"1" + b"0" * 400),
        b'{"styles": [{"code": "a.", "weight": 1e999}]}',
        b'{"styles": [{"code": "a.", "weight": "nan"}]}',
        b'{"styles": [{"code": "\\ud800.AAAA", "weight": 1}]}',
        b"\xff\xfe\x00",
    ],
)
def test_no_json_is_too_odd_for_a_sentence(ask: Callable[..., tuple[int, str]], body: bytes):
    status, code = ask(request("/v1/styles:blend", body, "Connection: close"))
    assert (status, code) in {(400, "invalid_option"), (409, "stale_style")}


@pytest.mark.parametrize("count", [0, 2])
def test_a_blend_in_a_form_of_another_number_of_parts(
    ask: Callable[..., tuple[int, str]], count: int
):
    body, kind = form([("image", b"{}")] * count)
    answer = ask(request("/v1/styles:blend", body, kind, "Connection: close"))
    assert answer == (400, "invalid_option")


@pytest.mark.parametrize("head", ["Authorization: Bearer \xff\xfe", "Authorization: \xe4\xf6"])
def test_bad_bytes_in_a_head_are_no_token(ask: Callable[..., tuple[int, str]], head: str):
    sent = request("/v1/stylize?style=storm", b"", head, "Connection: close", token=None)
    assert ask(sent) == (401, "unauthorized")


@pytest.mark.parametrize(
    "query",
    ["style=%FF%FE", "style=a.%ED%A0%80", "style=storm:1e400", "style=storm&strength=1e400",
     "style=storm&timeout_s=" + "9" * 400, "style=storm&seconds=%00"],
)  # fmt: skip
def test_odd_parameters_are_told(ask: Callable[..., tuple[int, str]], query: str):
    status, _ = ask(request(f"/v1/stylize?{query}", b"x", "Connection: close"))
    assert status in {400, 404, 409, 415}


def test_a_code_that_is_no_numbers_is_damaged(
    ask: Callable[..., tuple[int, str]], engine: Engine, photo: Callable[..., bytes]
):
    code = engine.stylizer.style_code("storm")
    for value in (b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\xff\xff\x7f\x7f"):
        odd = StyleCode(code.checkpoint, value * (len(code.data) // 4)).to_text()
        sent = request(f"/v1/stylize?style={odd}", photo(), "Connection: close")
        assert ask(sent) == (400, "invalid_option")


@pytest.mark.parametrize(
    "begun", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET"]
)
def test_heads_have_a_time_limit(loop: Any, begun: bytes):
    """The first one of a connection, and those after it."""

    async def scene() -> bytes:
        async with listening(web.Application(), keepalive_timeout=0.2) as address:
            return await exchange(address, begun)

    loop.run(scene())  # it ends: the other side hung up


def test_the_log_says_nothing_of_what_a_request_said(loop: Any, caplog: pytest.LogCaptureFixture):
    async def scene() -> list[bytes]:
        async def fail(_: web.Request) -> web.Response:
            raise RuntimeError("hunter2 within")

        app = web.Application(middlewares=[hang_up_unread, refuse_encoded])
        app.router.add_get("/", fail)
        answers = []
        async with listening(app) as address:
            for head in (
                b"Authorization: Bearer hunter2\r\nBad head hunter2\r\n",
                b"Authorization: Bearer hunter2\r\nContent-Length: hunter2\r\n",
                b"Authorization: Bearer " + b"hunter2" * 5000 + b"\r\n",
                b"Authorization: Bearer hunter2\r\nConnection: close\r\n",
            ):
                sent = b"GET / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n"
                answers.append(await exchange(address, sent))
        return answers

    with caplog.at_level(logging.DEBUG):
        statuses = [int(answer.split()[1]) for answer in loop.run(scene())]
    assert statuses == [400, 400, 400, 500]
    assert "RuntimeError" in caplog.text
    assert "hunter2" not in caplog.text
