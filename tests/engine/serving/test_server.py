"""What HTTP adds to the engine: the token, the errors on the wire, forms, tags, slow callers."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from engine.api import errors
from engine.api.contract import RenderRequest, StyleInfo, StylizeOptions, StylizeRequest
from engine.api.effect_spec import EffectSpec, Param
from engine.painting.stylizer import Stylizer
from engine.serving import server
from engine.serving.server import STATUS, build_app
from engine.serving.service import Engine
from tests.waiting import until

Photo = Callable[..., bytes]
Answer = tuple[int, Mapping[str, str], bytes]


@pytest.fixture
def send(loop: Any, address: str, token: str) -> Callable[..., Answer]:
    """Send one request and read all of the answer."""

    def ask(method: str, path: str, *, headers: Any = None, **options: Any) -> Answer:
        async def asking() -> Answer:
            given = {"Authorization": f"Bearer {token}"} if headers is None else headers
            async with (
                aiohttp.ClientSession(headers=given) as session,
                session.request(method, address + path, **options) as response,
            ):
                return response.status, response.headers, await response.read()

        answer: Answer = loop.run(asking())
        return answer

    return ask


def failure(answer: Answer) -> tuple[int, str]:
    status, _, body = answer
    record = json.loads(body)
    assert record.keys() == {"code", "message"}
    assert record["message"].endswith((".", "?"))
    return status, record["code"]


def test_every_error_has_a_status():
    assert set(STATUS) == set(errors.leaves())
    assert all(400 <= status < 600 for status in STATUS.values())


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic YTph"}]
)
def test_without_the_token_there_is_nothing_but_health(
    send: Callable[..., Answer], headers: dict[str, str]
):
    for path in ("v1/styles", "v1/queue", "metrics", "nothing", "v1/styles/storm/preview"):
        assert failure(send("GET", path, headers=headers)) == (401, "unauthorized")
    assert failure(send("POST", "v1/stylize", headers=headers, data=b"x"))[0] == 401
    assert send("GET", "healthz", headers=headers)[0] == 200
    assert send("GET", "readyz", headers=headers)[0] == 200


def test_a_picture_in_the_body_and_parameters_in_the_query(
    send: Callable[..., Answer], photo: Photo
):
    path = "v1/stylize?style=storm:2,calm&strength=0.5&keep_colours=1&brush=bold&output=png"
    status, headers, body = send("POST", path, data=photo(1))
    assert (status, headers["Content-Type"], headers["X-Cache"]) == (200, "image/png", "miss")
    assert body.startswith(b"\x89PNG")
    assert send("POST", path, data=photo(1))[1]["X-Cache"] == "hit"


def test_a_browsers_form_is_taken_too(send: Callable[..., Answer], photo: Photo):
    form = aiohttp.FormData()
    form.add_field("style", "storm")
    form.add_field("output", "webp")
    form.add_field("image", photo(2), filename="a.png", content_type="image/png")
    status, headers, _ = send("POST", "v1/stylize", data=form)
    assert (status, headers["Content-Type"]) == (200, "image/webp")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "invalid_option"),
        ("style=strom", 404, "unknown_style"),
        ("style=another.AAAA", 409, "stale_style"),
        ("style=a.%25", 400, "invalid_option"),
        ("style=storm,sepia", 400, "invalid_option"),
        ("style=storm:-1", 400, "invalid_option"),
        ("style=storm:x", 400, "invalid_option"),
        ("style=storm&strength=2", 400, "invalid_option"),
        ("style=storm&strength=nan", 400, "invalid_option"),
        ("style=storm&strength=much", 400, "invalid_option"),
        ("style=storm&keep_colours=perhaps", 400, "invalid_option"),
        ("style=storm&brush=huge", 400, "invalid_option"),
        ("style=storm&output=bmp", 400, "invalid_option"),
        ("style=storm&priority=fast", 400, "invalid_option"),
        # Its old name.
        ("style=storm&lane=fast", 400, "invalid_option"),
        ("style=storm&timeout_s=0", 400, "invalid_option"),
        ("style=storm&timeout_s=inf", 400, "invalid_option"),
    ],
)
def test_parameters_that_make_no_sense_are_told(
    send: Callable[..., Answer], photo: Photo, query: str, status: int, code: str
):
    assert failure(send("POST", f"v1/stylize?{query}", data=photo())) == (status, code)


def test_pictures_that_cannot_be_used_are_told(send: Callable[..., Answer], photo: Photo):
    def told(body: bytes) -> tuple[int, str]:
        return failure(send("POST", "v1/stylize?style=storm", data=body))

    assert told(b"") == (415, "unsupported_image")
    assert told(photo()[:99]) == (422, "broken_image")
    assert told(photo(0, 30, 80)) == (422, "image_too_small")


def test_a_body_beyond_the_limit_is_not_read(loop: Any, address: str, token: str):
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield bytes(1024 * 1024)

    async def asking(data: Any) -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
            session.post(address + "v1/stylize?style=storm", data=data) as response,
        ):
            return response.status, await response.json()

    status, record = loop.run(asking(endless()))
    assert (status, record["code"]) == (413, "image_too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b'{"styles": 3}', b'{"styles": [3]}', b'{"styles": [{"code": 1}]}',
        b'{"styles": [{"code": "a.", "weight": null}]}',
        b'{"styles": [{"code": 7, "weight": 1}]}',
    ],
)  # fmt: skip
def test_a_blend_that_is_none_is_told(send: Callable[..., Answer], body: bytes):
    assert failure(send("POST", "v1/styles:blend", data=body)) == (400, "invalid_option")


def test_forms_with_too_much_in_them_are_refused(send: Callable[..., Answer], photo: Photo):
    two = aiohttp.FormData()
    for _ in range(2):
        two.add_field("image", photo(), filename="a")
    assert failure(send("POST", "v1/stylize?style=storm", data=two)) == (400, "invalid_option")
    many = aiohttp.FormData(default_to_multipart=True)
    for number in range(40):
        many.add_field(f"field{number}", "x")
    assert failure(send("POST", "v1/stylize?style=storm", data=many)) == (400, "invalid_option")
    authorized = {"Authorization": "Bearer a secret"}
    for kind, body in (
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\n-3--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nA: b; c="\x0c"\r\n\r\n{}\r\n--x--\r\n'),
    ):
        headers = authorized | {"Content-Type": kind}
        answer = send("POST", "v1/stylize?style=storm", data=body, headers=headers)
        assert failure(answer) == (400, "invalid_option")


@pytest.mark.parametrize(
    "path", ["v1/styles", "v1/styles/storm/preview", "v1/styles/sepia/preview"]
)
def test_what_rarely_changes_has_a_tag(send: Callable[..., Answer], path: str, token: str):
    status, headers, body = send("GET", path)
    assert status == 200
    assert body
    again = {"Authorization": f"Bearer {token}", "If-None-Match": headers["ETag"]}
    assert send("GET", path, headers=again)[::2] == (304, b"")
    other = again | {"If-None-Match": '"another"'}
    assert send("GET", path, headers=other)[0] == 200


def test_the_openapi_document_names_every_route_and_parameter(
    send: Callable[..., Answer], engine: Engine
):
    described = json.loads(send("GET", "openapi.json")[2])
    served = {
        (route.method.lower(), route.resource.canonical)
        for route in build_app(engine).router.routes()
        if route.resource and route.method != "HEAD"
    }
    paths = described["paths"].items()
    assert served == {(method, path) for path, entry in paths for method in entry}
    named = {entry["name"] for entry in described["paths"]["/v1/stylize"]["post"]["parameters"]}
    options = {field.name for field in fields(StylizeOptions)}
    request = {field.name for field in fields(StylizeRequest)}
    assert named == options | request - {"image", "options"}
    schemas = described["components"]["schemas"]
    assert set(schemas["Style"]["properties"]) == {field.name for field in fields(StyleInfo)}


def test_the_openapi_document_names_what_a_picture_is_rendered_by(send: Callable[..., Answer]):
    described = json.loads(send("GET", "openapi.json")[2])
    named = {entry["name"] for entry in described["paths"]["/v1/render"]["post"]["parameters"]}
    request = {field.name for field in fields(RenderRequest)}
    assert named == request - {"image", "inputs"} | {"progress", "previews"}
    effect = described["components"]["schemas"]["Effect"]["properties"]
    assert set(effect) == {field.name for field in fields(EffectSpec)}
    param = described["components"]["schemas"]["Param"]["properties"]
    assert set(param) == {field.name for field in fields(Param)}


STORM = quote(json.dumps([{"effect": "paint", "params": {"styles": [{"slug": "storm"}]}}]))


def test_steps_in_the_query_or_in_a_form(send: Callable[..., Answer], photo: Photo):
    path = f"v1/render?steps={STORM}&output=png"
    status, headers, body = send("POST", path, data=photo(41))
    assert (status, headers["Content-Type"], headers["X-Cache"]) == (200, "image/png", "miss")
    form = aiohttp.FormData()
    steps = [{"effect": "paint", "params": {"styles": [{"slug": "storm"}]}}]
    form.add_field("steps", json.dumps(steps))
    form.add_field("image", photo(41), filename="a.png")
    answer = send("POST", "v1/render?output=png", data=form)
    assert (answer[1]["X-Cache"], answer[2]) == ("hit", body)
    # A parameter by its old name.
    assert send("POST", f"{path}&lane=bulk", data=photo(41))[0] == 200


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("steps=kiss", 400, "invalid_option"),
        ("steps={}", 400, "invalid_option"),
        ("steps=[1]", 400, "invalid_option"),
        ("steps=" + "[" * 2000, 400, "invalid_option"),
        ('steps=[{"effect":"strom"}]', 404, "unknown_style"),
        ('steps=[{"effect":"paint"}]', 400, "invalid_option"),
        (f"steps={STORM}&priority=fast", 400, "invalid_option"),
        (f"steps={STORM}&lane=fast", 400, "invalid_option"),
        (f"steps={STORM}&output=bmp", 400, "invalid_option"),
        (f"steps={STORM}&partial=perhaps", 400, "invalid_option"),
        (f"steps={STORM}&timeout_s=0", 400, "invalid_option"),
    ],
)
def test_steps_that_make_no_sense_are_told(
    send: Callable[..., Answer], photo: Photo, query: str, status: int, code: str
):
    assert failure(send("POST", f"v1/render?{query}", data=photo())) == (status, code)


def test_a_picture_may_be_waited_for_line_by_line(send: Callable[..., Answer], photo: Photo):
    path = f"v1/render?steps={STORM}&progress=true&output=png"
    status, headers, body = send("POST", path, data=photo(42))
    assert (status, headers["Content-Type"]) == (200, "application/x-ndjson")
    last = json.loads(body.splitlines()[-1])
    assert base64.b64decode(last["picture"]).startswith(b"\x89PNG")
    assert (last["content_type"], last["partial"]) == ("image/png", False)
    # What is wrong is told as elsewhere.
    wrong = send("POST", f"v1/render?steps={STORM}&progress=true", data=b"no picture")
    assert failure(wrong) == (415, "unsupported_image")


def test_answers_are_as_the_openapi_document_says(send: Callable[..., Answer]):
    described = json.loads(send("GET", "openapi.json")[2])
    for path in ("v1/effects", "v1/styles", "v1/capabilities", "v1/queue", "healthz", "readyz"):
        answers = described["paths"][f"/{path}"]["get"]["responses"]["200"]
        schema = answers["content"]["application/json"]["schema"]
        assert set(json.loads(send("GET", path)[2])) == set(schema["required"])


def test_other_paths_and_methods_are_told_in_the_same_form(send: Callable[..., Answer]):
    assert failure(send("GET", "v2/stylize")) == (404, "not_found")
    answer = send("GET", "v1/stylize")
    assert failure(answer) == (405, "method_not_allowed")
    assert answer[1]["Allow"] == "POST"


def test_metrics_count_by_route_and_never_by_path(send: Callable[..., Answer]):
    send("GET", "v1/styles/no-such-style-hunter2/preview")
    text = send("GET", "metrics")[2].decode()
    line = 'stylebot_engine_requests_total{route="/v1/styles/{slug}/preview",status="404"}'
    assert line in text
    assert "hunter2" not in text
    assert "stylebot_engine_waiting 0.0" in text


@pytest.fixture
def strict(loop: Any, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A server that waits for no one and has room for little."""
    monkeypatch.setattr(server, "_BODIES_BYTES", 100_000)

    async def start() -> TestServer:
        started = TestServer(build_app(engine, body_timeout_s=0.3))
        await started.start_server()
        return started

    started = loop.run(start())
    yield started
    loop.run(started.close())


def test_who_sends_too_slowly_is_given_up(loop: Any, strict: TestServer, photo: Photo):
    async def slowly() -> AsyncIterator[bytes]:
        yield photo()[:10]
        await asyncio.sleep(1)
        yield photo()[10:]

    async def asking() -> int:
        url = strict.make_url("/v1/stylize?style=storm")
        async with aiohttp.ClientSession() as session, session.post(url, data=slowly()) as response:
            return response.status

    assert loop.run(asking()) == 504


def test_bodies_have_bounded_room_and_it_is_given_back(loop: Any, strict: TestServer, photo: Photo):
    async def asking(body: bytes) -> tuple[int, str | None]:
        url = strict.make_url("/v1/stylize?style=storm")
        async with aiohttp.ClientSession() as session, session.post(url, data=body) as response:
            return response.status, response.headers.get("Retry-After")

    for _ in range(3):
        assert loop.run(asking(bytes(150_000))) == (503, "1")
        assert loop.run(asking(photo(3)))[0] == 200


def test_what_no_one_foresaw_is_told_without_details(
    loop: Any, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def fail() -> None:
        raise RuntimeError("the secret plan")

    monkeypatch.setattr(engine, "styles", fail)

    async def asking() -> tuple[int, str]:
        async with TestServer(build_app(engine)) as started, aiohttp.ClientSession() as session:
            response = await session.get(started.make_url("/v1/styles"))
            return response.status, await response.text()

    status, text = loop.run(asking())
    assert status == 500
    assert json.loads(text)["code"] == "internal"
    assert "secret" not in text
    assert "the secret plan" in caplog.text


def test_a_caller_who_hangs_up_is_taken_out(
    loop: Any, engine: Engine, photo: Photo, monkeypatch: pytest.MonkeyPatch
):
    async def scene() -> int:
        async def in_work_for_long(*_: object) -> None:
            await asyncio.sleep(100)

        monkeypatch.setattr(engine._pipeline, "render", in_work_for_long)
        runner = web.AppRunner(build_app(engine), handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/stylize?style=storm"
        try:
            async with aiohttp.ClientSession() as session:
                asking = asyncio.create_task(session.post(url, data=photo(99, 400, 300)))
                await until(lambda: engine._inside.total() == 1)
                asking.cancel()
            await until(lambda: not engine._inside)
        finally:
            await runner.cleanup()
        return engine._inside.total()

    assert loop.run(scene()) == 0


def lines(answer: Answer) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer[2].splitlines()]


def test_a_refinement_is_answered_line_by_line(
    send: Callable[..., Answer], stylizer: Stylizer, photo: Photo, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.serving.service.REFINE_SECONDS_MIN", 0.1)
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("image", photo(1), filename="a.png")
    form.add_field("code", stylizer.style_code("calm").to_text())
    form.add_field("seconds", "0.1")
    answer = send("POST", "v1/styles:refine", data=form)
    assert answer[0] == 200
    assert answer[1]["Content-Type"] == "application/x-ndjson"
    *steps, last = lines(answer)
    assert steps[0] == {"progress": 0.0}
    assert all(step.keys() == {"progress"} for step in steps)
    assert last["refinement"].keys() == {"code", "gram_before", "gram_after"}


def test_what_goes_wrong_later_is_the_last_line(
    send: Callable[..., Answer], stylizer: Stylizer, photo: Photo, monkeypatch: pytest.MonkeyPatch
):
    path = f"v1/styles:refine?code={stylizer.style_code('calm').to_text()}"
    for wrong, code in (
        (errors.DeadlineError("Not in time."), "deadline_passed"),
        (RuntimeError("a secret"), "internal"),
    ):

        async def breaks(*_: Any, wrong: Exception = wrong) -> AsyncIterator[float]:
            yield 0.5
            raise wrong

        monkeypatch.setattr("engine.serving.refine_worker.RefineWorker.run", breaks)
        answer = send("POST", path, data=photo(1))
        assert answer[0] == 200
        assert lines(answer)[:2] == [{"progress": 0.0}, {"progress": 0.5}]
        assert lines(answer)[2]["error"]["code"] == code
        assert b"secret" not in answer[2]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "invalid_option"),
        ("code=calm", 400, "invalid_option"),
        ("code=another.AAAA", 409, "stale_style"),
        ("code=filter.c2VwaWE=", 400, "invalid_option"),
        ("seconds=9&code=", 400, "invalid_option"),
        ("seconds=long&code=", 400, "invalid_option"),
    ],
)
def test_a_refinement_that_cannot_begin_is_an_ordinary_error(
    send: Callable[..., Answer],
    stylizer: Stylizer,
    photo: Photo,
    query: str,
    status: int,
    code: str,
):
    if query.endswith("&code="):
        query += stylizer.style_code("calm").to_text()
    answer = send("POST", f"v1/styles:refine?{query}", data=photo())
    assert failure(answer) == (status, code)


def test_an_engine_that_cannot_refine_says_so(loop: Any, stylizer: Stylizer, photo: Photo):
    async def asking() -> tuple[int, str, bool]:
        engine = Engine(stylizer)
        url = f"/v1/styles:refine?code={stylizer.style_code('calm').to_text()}"
        async with TestServer(build_app(engine)) as started, aiohttp.ClientSession() as session:
            async with session.post(started.make_url(url), data=photo()) as response:
                code = (await response.json())["code"]
            async with session.get(started.make_url("/v1/capabilities")) as described:
                refines = (await described.json())["refines"]
        await engine.close()
        return response.status, code, refines

    assert loop.run(asking()) == (501, "cannot_refine", False)


def test_a_second_refinement_is_told_when_to_come_back(
    loop: Any, address: str, token: str, stylizer: Stylizer, photo: Photo
):
    async def asking() -> tuple[int, str, int]:
        url = f"{address}v1/styles:refine?code={stylizer.style_code('calm').to_text()}&seconds=120"
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(url, data=photo()) as first,
        ):
            assert first.status == 200
            async with session.post(url, data=photo()) as second:
                code = (await second.json())["code"]
                return second.status, code, int(second.headers["Retry-After"])

    status, code, retry_after_s = loop.run(asking())
    assert (status, code) == (503, "already_refining")
    assert 110 < retry_after_s <= 120
