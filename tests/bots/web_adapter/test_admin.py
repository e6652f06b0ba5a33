"""The admin's pages, without a browser: who gets in, what is done, and who is refused."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bots.core.admin import registry
from bots.core.admin.use_cases import rights as admins
from bots.core.admin.use_cases import styles as admin_styles
from bots.core.errors import BotAdminsOnlyError
from bots.core.policy import control
from bots.core.users import preferences
from bots.web_adapter.sessions.admins import ADMIN
from storage.values.audit import AuditEntry
from storage.values.people import ChatKey
from storage.values.styles import Style
from tests.bots.web_adapter.conftest import Studio, Visit, picture

CHAT = ChatKey("discord", "42")


@pytest.fixture
def admin(studio: Studio) -> Visit:
    """Someone who has shown the token."""
    visit = studio.visit()
    enter(studio, visit)
    return visit


def enter(studio: Studio, visit: Visit) -> None:
    answer = visit.post("/admin/enter", token=studio.way_in().partition("#")[2], follow=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/styles")
    cookie = answer.headers["set-cookie"]
    for said in ("HttpOnly", "SameSite=Strict", "Path=/admin", "studio-admin="):
        assert said in cookie


def audit(studio: Studio) -> list[AuditEntry]:
    return studio.do(admins.audit(studio.services, ADMIN, 200))


def draft(studio: Studio, admin: Visit, name: str, **files: bytes) -> int:
    """Begin a style; returns its id."""
    sent = [("picture", (f"{n}.jpg", body)) for n, body in (files or {"a": picture(2)}).items()]
    answer = admin.post("/admin/style.add", files=sent, name=name, follow=False)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rpartition("/")[2])


def style(studio: Studio, style_id: int) -> Style:
    return studio.do(admin_styles.get(studio.services, ADMIN, style_id))


def order(studio: Studio) -> list[int]:
    return [view.style.id for view in studio.do(admin_styles.listed(studio.services, ADMIN))]


def test_the_console_shows_a_way_in_that_no_server_sees(studio: Studio):
    address, _, token = studio.way_in().partition("#")
    assert address == f"{studio.url}/admin"
    assert len(token) == 43
    assert studio.console.index(f"admin: {address}#{token}") > 0, "after who is ready"


def test_the_token_signs_in_and_the_admin_can_sign_out(studio: Studio, admin: Visit):
    assert admin.get("/admin", follow_redirects=True).url.path == "/admin/styles"
    kept = admin.client.cookies["studio-admin"]
    assert admin.post("/admin/leave").url.path == "/admin"
    admin.client.cookies.set("studio-admin", kept, path="/admin")
    assert admin.get("/admin/styles").status_code == 403, "a copy of the cookie opens nothing"
    acts = [entry.act for entry in audit(studio) if entry.actor == "web:admin"]
    assert {"admin.enter", "admin.leave"} <= set(acts)


def test_a_cookie_is_of_the_browser_it_was_given_to(studio: Studio, admin: Visit):
    other = studio.visit()
    other.get("/")
    other.client.cookies.set("studio-admin", admin.client.cookies["studio-admin"], path="/admin")
    assert other.get("/admin/styles").status_code == 403


@pytest.mark.parametrize("token", ["", "x" * 43, "é"])
def test_a_wrong_token_is_refused_and_noted(
    studio: Studio, token: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(studio.adapter.runtime.admin_sessions, "_wrong_every_s", 0.3)
    visit = studio.visit()
    began = time.monotonic()
    answer = visit.post("/admin/enter", token=token)
    assert time.monotonic() - began >= 0.3
    assert answer.status_code == 403
    assert "token is wrong" in answer.text
    assert "studio-admin" not in visit.client.cookies
    refused = [entry for entry in audit(studio) if entry.actor == str(visit.user)]
    assert [(entry.act, entry.subject) for entry in refused] == [("refused", "admin.enter")]


def test_too_many_wrong_ones_are_not_even_kept_waiting(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(studio.adapter.runtime.admin_sessions, "_waiting", 8)
    answer = studio.visit().post("/admin/enter", token="x")  # noqa: S106 - a wrong one
    assert (answer.status_code, "Too many wrong tokens" in answer.text) == (429, True)


# Whatever there is to do, and what there is not.
FORGED = [
    *((f"/admin/{action}/1", action) for action in registry.ACTIONS),
    ("/admin/style.melt/1", "admin"), ("/admin/styles", "styles.read"),
    ("/admin/leave", "admin.leave"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "act"), FORGED)
def test_what_a_visitor_forges_is_refused_and_noted(studio: Studio, path: str, act: str):
    visit, before = studio.visit(), order(studio)
    fields: dict[str, Any] = {
        "name": "Mine", "state": "retired", "en": "Mine", "tags": "mine", "gate": "paused",
        "value": "1", "whom": "telegram:1", "way": "later", "accept": "1",
    }  # fmt: skip
    answer = visit.post(path, files={"picture": ("a.jpg", picture())}, **fields)
    assert answer.status_code == 403
    assert "Only admins of this bot can do that." in answer.text
    noted = [entry for entry in audit(studio) if entry.actor == str(visit.user)]
    assert [(entry.act, entry.subject) for entry in noted] == [("refused", act)]
    assert order(studio) == before
    assert studio.do(control.read_now(studio.services)) == control.Control()
    assert studio.do(admin_styles.get(studio.services, ADMIN, 1)).state == "on"


@pytest.mark.parametrize(
    "path",
    [*registry.VIEWS, "style/1", "style/1/preview", "style/1/photos/0/preview", "nothing"],
)  # fmt: skip
def test_a_visitor_sees_none_of_it(studio: Studio, path: str):
    visit = studio.visit()
    answer = visit.get(f"/admin/{path}")
    assert answer.status_code == 403
    assert "Starry" not in answer.text
    assert 'name="token"' in visit.get("/admin").text


def test_a_form_of_another_page_does_nothing(studio: Studio, admin: Visit):
    for fields in ({}, {"csrf": "0" * 64}):
        answer = admin.client.post("/admin/style.retire/1", data=fields)
        assert answer.status_code == 403
    headers = {"Sec-Fetch-Site": "same-site"}
    fields = {"csrf": admin.token()}
    sent = admin.client.post("/admin/style.retire/1", data=fields, headers=headers)
    assert sent.status_code == 403
    assert style(studio, 1).state == "on"


def test_where_the_studio_is_public_there_is_no_such_page(open_studio: Callable[..., Studio]):
    public = open_studio(studio_public_url="http://studio.example.org")
    assert public.adapter._runner
    host, port = public.adapter._runner.addresses[0]
    visit = Visit(f"http://{host}:{port}")
    public.visits.append(visit)
    answer = visit.get("/admin", headers={"Host": "studio.example.org"})
    assert answer.status_code == 404
    assert not [line for line in public.console if line.startswith("admin")]
    assert ADMIN not in public.services.admins
    with pytest.raises(BotAdminsOnlyError):
        public.do(admins.check(public.services, ADMIN, "audit.read"))


def test_where_it_is_wanted_it_is_there_and_by_https_alone(open_studio: Callable[..., Studio]):
    public = open_studio(studio_public_url="https://studio.example.org", studio_admin="on")
    assert public.way_in().startswith("https://studio.example.org/admin#")
    assert public.adapter.runtime.admin_sessions
    assert public.adapter.runtime.admin_sessions.secure


def test_a_style_from_a_picture_to_everyone(studio: Studio, admin: Visit):
    style_id = draft(studio, admin, "Crema")
    visitor = studio.visit()
    assert "Crema" not in visitor.get("/styles").text
    page = admin.get(f"/admin/style/{style_id}").text
    previews = re.findall(r'src="(/admin/style/\d+/photos/\d/preview[^"]*)"', page)
    shown = {admin.get(path).content for path in previews}
    assert len(shown) == 3
    assert all(image.startswith(b"\xff\xd8") for image in shown)
    assert admin.get(f"/admin/style/{style_id}/preview").status_code == 200
    titles: dict[str, Any] = {"en": "Late crema", "zh": "油脂"}
    assert admin.post(f"/admin/style.rename/{style_id}", **titles).status_code == 200
    admin.post(f"/admin/style.tag/{style_id}", tags="Warm,, brown，soft ")  # noqa: RUF001
    admin.post(f"/admin/style.enable/{style_id}")
    made = style(studio, style_id)
    assert (dict(made.titles), made.tags, made.state) == (titles, ("warm", "brown", "soft"), "on")
    assert "Late crema" in visitor.get("/styles").text
    admin.post(f"/admin/style.default/{style_id}?default=1")
    assert "★" in admin.get(f"/admin/style/{style_id}").text
    assert "★" not in admin.post(f"/admin/style.default/{style_id}?default=0").text
    admin.post(f"/admin/style.retire/{style_id}")
    assert "Late crema" not in visitor.get("/styles").text
    noted = [entry.act for entry in audit(studio) if entry.subject == made.slug]
    assert noted == [
        "style.retire", "style.default", "style.enable", "style.tag", "style.rename", "style.add",
    ]  # fmt: skip


def test_several_pictures_make_one_style_and_it_travels_as_a_file(studio: Studio, admin: Visit):
    style_id = draft(studio, admin, "Mixed", a=picture(0), b=picture(1), c=picture(2))
    file = admin.post(f"/admin/style.export/{style_id}")
    assert re.search(r'filename="mixed-\w+\.stylebot\.json"', file.headers["content-disposition"])
    again = {"file": ("x.json", file.content)}
    assert "There is already a style" in admin.post("/admin/style.import", files=again).text
    admin.post(f"/admin/style.discard/{style_id}")
    back = admin.post("/admin/style.import", files=again)
    assert "Mixed" in back.text
    new_id = int(back.url.path.rpartition("/")[2])
    assert style(studio, new_id).state == "draft"
    admin.post(f"/admin/style.discard/{new_id}")
    assert new_id not in order(studio)


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("Udnie", picture(), "There is already a style"), ("70", picture(), "A name has 1 to 40"),
        ("", picture(), "A name has 1 to 40"), ("Odd", b"MZ", "That format is not supported"),
        ("Odd", b"", "No photo was sent"), ("Odd", picture(side=20), "too small"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_style_is_a_sentence(
    studio: Studio, admin: Visit, name: str, body: bytes, sentence: str
):
    before = order(studio)
    sent = admin.post("/admin/style.add", files={"picture": ("a.jpg", body)}, name=name)
    assert sent.status_code == 400
    assert sentence in sent.text
    assert order(studio) == before


def test_no_file_and_an_odd_one_are_no_style(admin: Visit):
    for body in (b"", b"{}", b"\xff\x00", b"[" * 5000):
        sent = admin.post("/admin/style.import", files={"file": ("a.json", body)})
        assert (sent.status_code, "not a valid style file" in sent.text) == (400, True)


def test_an_admin_may_send_more_at_once_than_a_visitor(admin: Visit):
    """Four photos of a camera; a visitor's limit is tested with the other guards."""
    large = [("picture", (f"{n}.jpg", bytes(12_000_000))) for n in range(2)]
    sent = admin.post("/admin/style.add", files=large, name="Large")
    assert (sent.status_code, "That format is not supported" in sent.text) == (400, True)


def test_styles_stand_where_they_are_put(studio: Studio, admin: Visit):
    first, second, third, *_ = before = order(studio)
    admin.post(f"/admin/style.move/{third}/0")
    assert order(studio)[:3] == [third, first, second]
    admin.post(f"/admin/style.move/{third}/1")
    admin.post(f"/admin/style.move/{first}/0")
    assert order(studio)[:3] == [first, third, second]
    admin.post(f"/admin/style.move/{third}", place="2")
    assert order(studio) == before
    assert admin.post(f"/admin/style.move/{third}", place="sideways").status_code == 400
    assert admin.post("/admin/style.move/999999/0").status_code == 400


def test_what_a_member_offers_is_decided(studio: Studio, admin: Visit):
    visit = studio.visit()
    for name, accept in (("Ours", "1"), ("Not ours", "0")):
        visit.post("/styles", files={"picture": ("a.jpg", picture(2))}, name=name)
        own = visit.get("/styles").text.partition('action="/styles/')[2].partition("/")[0]
        studio.do(admin_styles.submit(studio.services, visit.user, int(own)))
        assert "Submitted by members" in admin.get("/admin/styles").text
        assert admin.get(f"/admin/style/{own}/preview").status_code == 200
        assert "Decline" in admin.get(f"/admin/style/{own}").text
        admin.post(f"/admin/style.{'accept' if accept == '1' else 'decline'}/{own}")
        assert (name in studio.visit().get("/styles").text) == (accept == "1")
    # What everyone has already is accepted already, and is nobody's to decline.
    assert admin.post("/admin/style.accept/1").status_code == 200
    assert admin.post("/admin/style.decline/1").status_code == 400


def test_an_admin_is_told_what_the_content_check_thinks_and_decides(
    studio: Studio, admin: Visit, monkeypatch: pytest.MonkeyPatch
):
    class Refuses:
        async def unsuitable(self, picture: bytes) -> bool:
            return picture.startswith(b"\xff\xd8")

    style_id = draft(studio, admin, "Doubtful")
    path = f"/admin/style/{style_id}"
    assert "The content check would reject" not in admin.get(path).text
    checked = replace(studio.services, content_check=Refuses())
    monkeypatch.setattr(studio.adapter.runtime, "services", checked)
    assert "The content check would reject" in admin.get(path).text
    assert "Disable" in admin.post(f"/admin/style.enable/{style_id}").text
    admin.post(f"/admin/style.retire/{style_id}")


def test_who_waits_is_seen_and_given_up(studio: Studio, admin: Visit):
    admin.post("/admin/queue.pause", words="  Back at  18:00. ")
    visit = studio.visit()
    path = visit.paint(visit.drop(), studio.style("udnie"))
    job = path.rpartition("/")[2]
    try:
        page = admin.get("/admin/queue").text
        for said in ("Paused “Back at 18:00.”", "1 waiting, 0 in progress", str(visit.user), job):
            assert said in page
        admin.post(f"/admin/job.cancel/{job}")
        assert "An admin cancelled your request." in visit.wait(path)
        assert admin.post(f"/admin/job.cancel/{job}").status_code == 404
        admin.post("/admin/queue.drain", words="Moving house.")
        refused = visit.client.post(
            f"/photos/{visit.drop()}/paint",
            data={"csrf": visit.token(), "style": "1", "once": "x", "param-strength": "9"},
        )
        assert (refused.status_code, "Moving house." in refused.text) == (503, True)
        assert admin.post("/admin/queue.ajar").status_code == 404
    finally:
        admin.post("/admin/queue.open")
    assert "Open · 0 waiting" in admin.get("/admin/queue").text


def test_limits_are_changed_and_taken_back(studio: Studio, admin: Visit):
    assert "Saved." in admin.post("/admin/limits.put/per_minute", value="7").text
    assert "Reset to 20" in admin.get("/admin/limits").text
    assert studio.do(control.read_now(studio.services)).limits == {"per_minute": 7}
    for value in ("0", "-3", "many", "1001"):
        sent = admin.post("/admin/limits.put/per_minute", value=value)
        assert (sent.status_code, "The value must be a number from 1 to" in sent.text) == (
            400,
            True,
        )
    assert admin.post("/admin/limits.put/nothing", value="1").status_code == 400
    admin.post("/admin/limits.put/per_minute", value="")
    assert studio.do(control.read_now(studio.services)).limits == {}


def test_a_person_is_blocked_and_unblocked(studio: Studio, admin: Visit):
    visit = studio.visit()
    answer = admin.post("/admin/people.block", whom=str(visit.user), reason="Floods <b>")
    assert "Blocked." in answer.text
    assert "Floods &lt;b&gt;" in answer.text
    assert str(visit.user) not in answer.text, "only a pseudonym"
    photo = visit.post("/photos", files={"photo": ("a.jpg", picture())})
    assert (photo.status_code, "You are blocked from using this bot." in photo.text) == (403, True)
    whose = re.search(r'action="/admin/people.allow/(\w+)"', answer.text)
    assert whose
    answer = admin.post(f"/admin/people.allow/{whose[1]}")
    assert "Unblocked." in answer.text
    assert "Nobody is blocked." in answer.text
    visit.drop()
    for whom in ("", "someone", "web:admin", "telegram:1 2"):
        sent = admin.post("/admin/people.block", whom=whom)
        assert (sent.status_code, "Send a person or a chat" in sent.text) == (400, True)


def test_numbers_and_what_was_done_are_read(studio: Studio, admin: Visit):
    visit = studio.visit()
    visit.wait(visit.paint(visit.drop(), studio.style("sepia")))
    stats = admin.get("/admin/stats?hours=1").text
    assert "1 h: " in stats
    assert "<meter" in stats
    for odd in ("0", "9999", "x", "-1"):
        assert "24 h: " in admin.get(f"/admin/stats?hours={odd}").text
    assert "admin.enter" in admin.get("/admin/audit").text
    assert admin.get("/admin/audit?page=39").status_code == 200
    assert "admin.enter" in admin.get("/admin/audit?page=40000").text


def test_chats_are_seen_and_changed(studio: Studio, admin: Visit):
    assert "No group or server" in admin.get("/admin/chats").text
    settle = preferences.settle(studio.services, CHAT, ADMIN, admin=True, quiet=True)
    studio.do(settle)
    assert "discord:42" in admin.get("/admin/chats").text
    form = "/admin/chat.settle/discord:42"
    boxes: dict[str, Any] = {"quiet": "0", "own_styles": "1", "open_buttons": "0"}
    saved = admin.post(form, admins="1", language="zh", per_minute="3", **boxes)
    assert "Saved." in saved.text
    assert 'value="3"' in saved.text
    kept = studio.do(preferences.chat_settings(studio.services, CHAT))
    assert (kept.audience, kept.language, kept.per_minute) == ("admins", "zh", 3)
    assert (kept.quiet, kept.own_styles, kept.open_buttons) == (False, True, False)
    # What is not given stays, and what cannot be changes nothing.
    admin.post(f"{form}?admins=0")
    odds: list[dict[str, Any]] = [
        {"language": "xx"}, {"per_minute": "many"}, {"photo_check": "x"},
    ]  # fmt: skip
    for odd in odds:
        assert admin.post(form, **odd).status_code in (400, 404)
    admin.post(form, per_minute="")
    kept = studio.do(preferences.chat_settings(studio.services, CHAT))
    assert (kept.audience, kept.language, kept.per_minute) == ("everyone", "zh", None)
    assert admin.post("/admin/chat.settle/discord:43", quiet="1").status_code == 400
    assert [entry.subject for entry in audit(studio) if entry.act == "chat.settle"] == [
        "discord:42"
    ] * 4
