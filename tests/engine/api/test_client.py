"""The client against hosts that are broken, full, slow, or no engines at all."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from engine.api import client as module
from engine.api.client import EngineClient
from engine.api.contract import (
    Capabilities,
    Painted,
    Progress,
    Refinement,
    RenderRequest,
    Step,
    StyleCode,
)
from engine.api.errors import (
    DeadlineError,
    EngineBusyError,
    EngineError,
    EngineUnavailableError,
    ImageTooSmallError,
    InvalidOptionError,
    ShuttingDownError,
)

pytestmark = pytest.mark.anyio

CODE = StyleCode("abc", b"1234")
STEP = Step("paint", {"styles": [{"slug": "storm"}], "strength": 0.25})
REQUEST = RenderRequest(b"photo", (STEP,), user="ann")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Host:
    """Answers each request with the next of its answers, repeating the last one."""

    def __init__(self, *answers: Handler) -> None:
        self._answers = list(answers)
        self.seen: list[web.Request] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.seen.append(request)
        handler = self._answers[0] if len(self._answers) == 1 else self._answers.pop(0)
        return await handler(request)


async def painted(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"painting", content_type="image/jpeg")


async def vanish(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def told(status: int, code: str, retry_after: str | None = None) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        headers = {"Retry-After": retry_after} if retry_after else {}
        return web.json_response({"code": code, "message": "No."}, status=status, headers=headers)

    return handler


def page(status: int, text: str) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text)

    return handler


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BACKOFF_S", 0.001)


def ask(
    host: Host, question: Callable[[EngineClient], Coroutine[Any, Any, Any]], **options: Any
) -> Any:
    """What the client says, or the error it raises."""

    async def scene() -> Any:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", host.answer)
        async with TestServer(app) as server:
            client = EngineClient(str(server.make_url("/")), "hush", **options)
            try:
                return await question(client)
            except EngineError as error:
                return error
            finally:
                await client.close()

    return asyncio.run(scene())


def render(client: EngineClient) -> Coroutine[Any, Any, Any]:
    return client.render(REQUEST)


def test_a_request_carries_everything_the_engine_needs():
    host = Host(painted)
    answer = ask(host, render)
    assert (answer.image, answer.content_type, answer.cached) == (b"painting", "image/jpeg", False)
    (seen,) = host.seen
    assert seen.path == "/v1/render"
    assert json.loads(seen.query["steps"]) == [STEP.as_json()]
    assert seen.query["user"] == "ann"
    assert seen.headers["Authorization"] == "Bearer hush"
    assert seen.headers["Idempotency-Key"] == REQUEST.idempotency_key()


@pytest.mark.parametrize(
    "first",
    [vanish, told(503, "shutting_down", "1"), told(429, "too_many_requests"), page(502, "<html>")],
    ids=["gone", "draining", "many", "proxy"],
)
def test_what_may_pass_is_tried_again_with_the_same_key(
    first: Handler, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("random.uniform", lambda low, high: 0.01)
    host = Host(first, first, painted)
    assert ask(host, render).image == b"painting"
    assert len(host.seen) == 3
    assert len({request.headers["Idempotency-Key"] for request in host.seen}) == 1


def test_it_gives_up_after_its_tries_with_the_last_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("random.uniform", lambda low, high: 0.01)
    host = Host(told(503, "shutting_down", "1"))
    assert isinstance(ask(host, render), ShuttingDownError)
    assert len(host.seen) == 3
    host = Host(vanish)
    assert isinstance(ask(host, render, tries=2), EngineUnavailableError)
    assert len(host.seen) == 2


def test_a_long_wait_is_told_instead_of_waited_for():
    host = Host(told(503, "engine_busy", "30"))
    error = ask(host, render)
    assert isinstance(error, EngineBusyError)
    assert error.retry_after_s == 30
    assert len(host.seen) == 1


@pytest.mark.parametrize(
    ("status", "code", "tries"), [(422, "image_too_small", 1), (504, "deadline_passed", 1)]
)
def test_what_will_not_change_is_not_tried_again(status: int, code: str, tries: int):
    host = Host(told(status, code))
    error = ask(host, render)
    assert error.code == code
    assert str(error) == "No."
    assert len(host.seen) == tries


def test_a_form_is_made_anew_for_each_try(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("random.uniform", lambda low, high: 0.01)

    async def code(request: web.Request) -> web.StreamResponse:
        return web.json_response({"code": "abc.MTIzNA=="})

    host = Host(vanish, code)
    assert ask(host, lambda client: client.extract_style([b"a", b"b"])) == CODE


def test_inputs_and_long_steps_travel_in_a_form():
    async def gather(request: web.Request) -> web.StreamResponse:
        form = await request.read()
        assert request.content_type == "multipart/form-data"
        assert b'name="mask"; filename="mask"' in form
        assert json.dumps([STEP.as_json()]).encode() in form
        assert "steps" not in request.query
        return web.Response(body=b"painting", content_type="image/jpeg")

    host = Host(gather)
    request = replace(REQUEST, inputs={"mask": b"black"})
    assert ask(host, lambda client: client.render(request)).image == b"painting"


def lines(*records: dict[str, Any]) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.query["progress"] == "true"
        text = "".join(json.dumps(record) + "\n" for record in records)
        return web.Response(text=text, content_type="application/x-ndjson")

    return answer


def test_a_slow_picture_is_told_line_by_line():
    picture = {"picture": "cGFpbnRpbmc=", "content_type": "image/png", "partial": True}
    host = Host(lines({"progress": 0.25}, {}, {"progress": 1.0}, picture))
    told: list[Progress] = []
    painted = ask(host, lambda client: client.render(REQUEST, told.append))
    assert painted == Painted(b"painting", "image/png", partial=True)
    assert told == [Progress(0.25), Progress(1.0)]


def test_what_is_shown_of_a_slow_picture_is_read_where_it_was_asked_for():
    asked: list[str | None] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.query.get("previews"))
        picture = {"picture": "cGFpbnRpbmc=", "content_type": "image/png", "partial": False}
        return await lines({"progress": 0.5, "preview": "c2tldGNo"}, picture)(request)

    told: list[Progress] = []
    host = Host(answer)
    ask(host, lambda client: client.render(REQUEST, told.append, previews=True))
    assert told == [Progress(0.5, b"sketch")]
    ask(host, lambda client: client.render(REQUEST, told.append))
    assert asked == ["true", None]


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        ({"error": {"code": "deadline_passed", "message": "Late."}}, DeadlineError),
        ({"error": {"code": "teapot", "message": "No."}}, EngineUnavailableError),
        ({"picture": "%%", "content_type": "image/png", "partial": False}, EngineUnavailableError),
        ({"progress": "much"}, EngineUnavailableError),
        ({"progress": 0.5}, EngineUnavailableError),
        ({"progress": 0.5, "preview": "%%"}, EngineUnavailableError),
        ({"progress": 0.5, "preview": 7}, EngineUnavailableError),
    ],
)
def test_a_slow_picture_that_fails_says_why(
    last: dict[str, Any], kind: type[Exception], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("random.uniform", lambda low, high: 0.01)
    host = Host(lines({"progress": 0.1}, last))
    error = ask(host, lambda client: client.render(REQUEST, lambda share: None))
    assert isinstance(error, kind)


@pytest.mark.parametrize(
    "answer",
    [page(200, "<html>"), page(200, "{}"), page(200, "[1]"), page(500, "oops"), page(404, "{}")],
)
@pytest.mark.parametrize(
    "question",
    [
        lambda client: client.queue(),
        lambda client: client.styles(),
        lambda client: client.capabilities(),
        lambda client: client.extract_style([b"a"]),
    ],
    ids=["queue", "styles", "capabilities", "extract"],
)
def test_something_else_at_the_address_is_no_engine(
    answer: Handler, question: Callable[[EngineClient], Coroutine[Any, Any, Any]]
):
    assert isinstance(ask(Host(answer), question), EngineUnavailableError)


def test_a_newer_engine_is_understood():
    async def more(request: web.Request) -> web.StreamResponse:
        return web.json_response(
            {
                "checkpoint": "c", "device": "cpu", "work_side_px": 768, "max_image_bytes": 1,
                "max_pixels": 2, "brushes": ["fine"], "outputs": ["jpeg"], "invented": "later",
            }
        )  # fmt: skip

    answer = ask(Host(more), lambda client: client.capabilities())
    assert answer == Capabilities("c", "cpu", 768, 1, 2, ("fine",), ("jpeg",), refines=False)


def test_an_error_this_client_does_not_know_is_the_engines_fault():
    assert isinstance(ask(Host(told(418, "teapot")), render), EngineUnavailableError)
    assert isinstance(ask(Host(told(422, "image_too_small")), render), ImageTooSmallError)


async def test_no_one_at_the_address():
    client = EngineClient("http://127.0.0.1:9", tries=2)
    with pytest.raises(EngineUnavailableError, match="cannot be reached"):
        await client.queue()
    await client.close()


async def test_a_host_behind_a_path_is_reached_there():
    host = Host(painted)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", host.answer)
    async with TestServer(app) as server:
        client = EngineClient(str(server.make_url("/behind/a/proxy")))
        await client.render(REQUEST)
        await client.close()

    assert host.seen[0].path == "/behind/a/proxy/v1/render"


def spoken(*lines: str) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(text="".join(f"{line}\n" for line in lines))

    return handler


def refine(client: EngineClient) -> Coroutine[Any, Any, Any]:
    return client.refine([b"a"], CODE)


FOUND = '{"refinement": {"code": "abc.NTY3OA==", "gram_before": 2, "gram_after": 1, "new": 3}}'


def test_a_refinement_is_read_to_its_last_line_and_begun_anew_only_before_the_first():
    seen: list[float] = []
    host = Host(vanish, spoken('{"progress": 0}', '{"progress": 0.5}', FOUND))
    answer = ask(host, lambda client: client.refine([b"a"], CODE, report=seen.append))
    assert answer == Refinement(StyleCode("abc", b"5678"), 2.0, 1.0)
    assert seen == [0.0, 0.5]
    assert len(host.seen) == 2


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        ('{"error": {"code": "deadline_passed", "message": "No."}}', DeadlineError),
        ('{"error": {"code": "invalid_option", "message": "No."}}', InvalidOptionError),
        ('{"error": {"code": "internal", "message": "No."}}', EngineUnavailableError),
        ('{"refinement": {}}', EngineUnavailableError),
        ("<html>", EngineUnavailableError),
        ("[1]", EngineUnavailableError),
    ],
)
def test_a_refinement_that_ends_otherwise_is_an_error(last: str, kind: type[EngineError]):
    host = Host(spoken('{"progress": 0}', last))
    assert type(ask(host, refine)) is kind
    assert len(host.seen) == 1


def test_a_refinement_that_breaks_off_is_not_begun_again():
    host = Host(spoken('{"progress": 0}'))
    assert isinstance(ask(host, refine), EngineUnavailableError)
    assert len(host.seen) == 1


def test_what_a_listener_raises_is_its_own():
    def report(passed: float) -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        ask(
            Host(spoken('{"progress": 0}')),
            lambda client: client.refine([b"a"], CODE, report=report),
        )
