"""What hostile pages and people send, and what they get."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from tests.bots.web_adapter.conftest import Studio, Visit, picture

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8700",
        "127.0.0.1.evil.example",
        "",
        "127.0.0.1@evil.example",
        "[",
    ],
)
def test_a_name_that_is_not_ours_is_not_answered(studio: Studio, host: str):
    """DNS rebinding: a stranger's name that leads to this machine."""
    visit = studio.visit()
    for path in ("/", "/static/studio.js", "/privacy"):
        answer = visit.get(path, headers={"Host": host})
        assert answer.status_code == 421
        assert "stylebot" not in answer.text
    assert "set-cookie" not in visit.get("/", headers={"Host": host}).headers


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:8700"])
def test_this_machines_own_names_are_ours(studio: Studio, host: str):
    assert studio.visit().get("/", headers={"Host": host}).status_code == 200


def test_a_public_address_is_the_only_name(open_studio: Callable[..., Studio]):
    public = open_studio(studio_public_url="https://studio.example.org")
    assert public.url == "https://studio.example.org"
    assert public.adapter._runner
    host, port = public.adapter._runner.addresses[0]
    visit = Visit(f"http://{host}:{port}")
    public.visits.append(visit)
    assert visit.get("/").status_code == 421
    answer = visit.get("/", headers={"Host": "studio.example.org"})
    assert answer.status_code == 200
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/", "/privacy", "/static/studio.css", "/nowhere", "/samples/0"])
def test_every_answer_says_what_a_browser_may_do(studio: Studio, path: str):
    headers = studio.visit().get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"


def test_the_cookie_is_no_scripts_and_no_other_sites(studio: Studio):
    cookie = studio.visit().get("/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=" in cookie


@pytest.mark.parametrize("token", ["", "0" * 64, "é", None])
def test_a_form_without_our_token_does_nothing(studio: Studio, token: str | None):
    visit = studio.visit()
    visit.get("/")
    fields = {} if token is None else {"csrf": token}
    for path in (
        "/settings",
        "/privacy/forget",
        "/privacy/export",
        "/theme",
        "/photos/" + "0" * 40,
    ):
        answer = visit.client.post(path, data=fields)
        assert answer.status_code == 403, path
        assert "Reload it" in answer.text


def test_a_form_with_another_visitors_token_does_nothing(studio: Studio):
    ann, ben = studio.visit(), studio.visit()
    theirs = ann.token()
    ben.get("/")
    assert ben.client.post("/settings", data={"csrf": theirs}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_on_another_site_does_nothing(studio: Studio, site: str):
    visit = studio.visit()
    headers = {"Sec-Fetch-Site": site}
    sent = visit.client.post("/settings", data={"csrf": visit.token()}, headers=headers)
    assert sent.status_code == 403


def test_what_is_no_form_is_no_fault_of_ours(studio: Studio):
    visit = studio.visit()
    for headers, body in (
        ({"Content-Type": "application/json"}, b"{"),
        ({"Content-Type": "multipart/form-data"}, b"x"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\n\r\n"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\nA: b"),
        ({}, b"\xff\x00"),
    ):
        answer = visit.client.post("/settings", content=body, headers=headers)
        assert 400 <= answer.status_code < 500, (headers, body)


def test_a_form_that_unpacks_itself_is_refused(studio: Studio):
    visit = studio.visit()
    body = gzip.compress(f"csrf={visit.token()}&{'a' * 1_000_000}".encode())
    headers = {
        "Content-Encoding": "gzip",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = visit.client.post("/settings", content=body, headers=headers)
    assert answer.status_code == 415
    assert answer.headers["connection"] == "close"


def test_a_form_of_thousands_of_parts_is_refused(studio: Studio):
    visit = studio.visit()
    part = '--b\r\nContent-Disposition: form-data; name="same"\r\n\r\nx\r\n'
    body = (part * 20_000 + "--b--\r\n").encode()
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = visit.client.post("/settings", content=body, headers=headers)
    assert answer.status_code in {400, 413}


def test_an_upload_that_is_too_large_is_refused_before_it_is_read(studio: Studio):
    visit = studio.visit()
    files = {"photo": ("a.jpg", bytes(20_200_000))}
    sent = visit.client.post("/photos", data={"csrf": visit.token()}, files=files)
    assert sent.status_code == 413
    assert "at most 20 MB" in sent.text


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (SVG, "That format is not supported"),
        (b"MZ" + bytes(100), "That format is not supported"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "damaged"),
        (picture()[:900], "damaged"),
        (picture(side=20), "too small"),
        (b"", "No photo was sent"),
    ],
)
def test_what_is_no_picture_gets_a_sentence(studio: Studio, body: bytes, sentence: str):
    visit = studio.visit()
    sent = visit.post("/photos", files={"photo": ("a.svg", body, "image/svg+xml")})
    assert sent.status_code == 400
    assert sentence in sent.text
    sent = visit.post("/styles", files={"picture": ("a.png", body)}, name="Mine")
    assert sent.status_code == 400
    assert sentence in sent.text


def test_what_is_written_is_shown_as_it_was_written(studio: Studio):
    visit = studio.visit()
    name = "<script>alert(1)</script>"
    page = visit.post("/styles", files={"picture": ("a.jpg", picture())}, name=name)
    assert page.status_code == 200
    assert name not in page.text
    assert "&lt;script&gt;" in page.text


def test_another_visitors_things_are_not_there(studio: Studio):
    ann, ben = studio.visit(), studio.visit()
    photo = ann.drop()
    painting = ann.paint(photo, studio.style("udnie"))
    page = ann.wait(painting)
    result = page.partition('src="/pictures/')[2][:40]
    assert ann.get(f"/pictures/{result}").status_code == 200
    style = studio.style("udnie")
    for path in (
        f"/pictures/{photo}", f"/pictures/{photo}?size=small", f"/pictures/{result}",
        f"/pictures/{photo}/in/{style}", f"/photos/{photo}", painting, f"{painting}/events",
    ):  # fmt: skip
        assert ben.get(path).status_code == 404, path
    for path in (f"/photos/{photo}/paint", f"{painting}/cancel", f"{painting}/delete"):
        assert ben.post(path, style=str(style)).status_code == 404, path
    # It says as little of what was never there.
    never = "/paintings/999999"
    assert ben.get(painting).text == ben.get(never).text.replace(never, painting)
    ben.post(f"/photos/{photo}/delete")
    assert ann.get(f"/pictures/{photo}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere", "/photos/x", "/photos/" + "g" * 40, "/pictures/../bot.db", "/static/../app.py",
        "/static/%2e%2e/app.py", "/paintings/99999999999999999999", "/paintings/-1", "/samples/9",
        "/styles/1/preview/x", "/history?before=x%00", "/styles/999999999999999999/preview",
    ],
)  # fmt: skip
def test_odd_addresses_are_no_fault_of_ours(studio: Studio, path: str):
    assert studio.visit().get(path).status_code in (200, 404)


def test_a_method_that_is_not_there_is_refused(studio: Studio):
    visit = studio.visit()
    assert visit.client.put("/settings", data={"csrf": visit.token()}).status_code == 405
    assert visit.client.delete("/").status_code in (403, 405)


def test_a_fault_of_ours_is_a_page(studio: Studio, monkeypatch: pytest.MonkeyPatch):
    def break_it(*_: Any) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("bots.web_adapter.handlers.account.preferences.preference", break_it)
    answer = studio.visit().get("/settings")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "broken on purpose" not in answer.text
