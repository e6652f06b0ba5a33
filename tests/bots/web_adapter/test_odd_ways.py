"""Ways through the studio that few take: leaving early, deleting twice, names that are none."""

import asyncio
import logging
import socket
from urllib.parse import urlsplit

import pytest

from storage.errors import StorageUnavailableError
from tests.bots.web_adapter.conftest import Studio, picture
from tests.waiting import until


@pytest.mark.parametrize("host", ["[::1", "evil@127.0.0.1", "127.0.0.1#.evil", "[evil]"])
def test_a_name_that_is_none_is_refused_without_a_fault(studio: Studio, host: str):
    address = urlsplit(studio.url)
    with socket.create_connection((address.hostname, address.port), 5) as line:
        line.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert b" 421 " in line.recv(100).split(b"\r\n")[0]


def test_leaving_while_waiting_is_not_an_error(studio: Studio, caplog: pytest.LogCaptureFixture):
    visit = studio.visit()
    path = visit.paint(visit.drop(), studio.style("scream"))
    with visit.client.stream("GET", f"{path}/events") as events:
        next(events.iter_lines())
    visit.wait(path)

    def served() -> int:
        names = (str(task.get_coro()) for task in asyncio.all_tasks(studio.loop))
        return sum("RequestHandler.start" in name for name in names)

    assert served()
    visit.client.close()
    studio.do(until(lambda: not served()))
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


def test_a_result_can_be_deleted_after_its_photo(studio: Studio):
    visit = studio.visit()
    photo = visit.drop()
    path = visit.paint(photo, studio.style("scream"))
    visit.wait(path)
    visit.post(f"/photos/{photo}/delete")
    answer = visit.post(f"{path}/delete")
    assert answer.status_code == 200
    assert answer.url.path == "/history"


@pytest.mark.parametrize("what", ["", "/events"])
def test_someone_elses_request_is_not_there(studio: Studio, what: str):
    visit, other = studio.visit(), studio.visit()
    path = visit.paint(visit.drop(), studio.style("scream"))
    assert other.get(path + what).status_code == 404
    for act in ("cancel", "delete"):
        refused = other.post(f"{path}/{act}")
        assert refused.status_code == 404
        assert "/style" not in refused.text.partition("<main")[2].partition("</main")[0]


def test_a_form_without_a_photo_is_answered_in_the_studios_words(studio: Studio):
    answer = studio.visit().post("/photos")
    assert answer.status_code == 400
    assert "No photo was sent." in answer.text


def test_a_photo_that_the_store_does_not_take_is_refused_in_a_sentence(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
):
    visit = studio.visit()
    photo = visit.drop()

    def away() -> None:
        raise StorageUnavailableError("The database is locked.")

    with monkeypatch.context() as patch:
        patch.setattr(studio.services.database, "writing", away)
        answer = visit.post("/photos", files={"photo": ("p.jpg", picture(), "image/jpeg")})
        assert answer.status_code == 503
        assert "your request was not accepted." in answer.text
        patch.setattr(studio.services.database, "reading", away)
        assert visit.post(f"/photos/{photo}/paint").status_code == 503
    visit.wait(visit.paint(photo, studio.style("scream")))
