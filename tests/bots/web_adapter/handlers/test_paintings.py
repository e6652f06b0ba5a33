"""Requests from the studio: each once, each its owner's, each with its word."""

import io
import json
import threading
import zipfile
from typing import Any

import pytest
from PIL import Image

from bots.core.admin.use_cases import queue_admin as control_room
from bots.core.errors import EntryGoneError
from bots.core.users import preferences
from engine.api.contract import Painted
from tests.bots.web_adapter.conftest import ADMIN, Studio, Visit, picture


def count(studio: Studio, visit: Visit) -> int:
    async def ask() -> int:
        async with studio.services.database.reading() as transaction:
            return len(await transaction.jobs.all_of(visit.user))

    return studio.do(ask())


def test_the_same_form_twice_is_one_request(studio: Studio):
    visit = studio.visit()
    photo = visit.drop()
    fields = {"once": visit.field("once", f"/photos/{photo}"), "param-strength": "80"}
    fields["style"] = str(studio.style("udnie"))
    asked = [visit.post(f"/photos/{photo}/paint", follow=False, **fields) for _ in range(3)]
    assert len({each.headers["location"] for each in asked}) == 1
    assert count(studio, visit) == 1
    other = visit.post(f"/photos/{photo}/paint", follow=False, **fields | {"param-strength": "70"})
    assert other.headers["location"] != asked[0].headers["location"]
    assert count(studio, visit) == 2


def test_the_picture_is_as_large_as_the_photo_and_tells_nothing_of_it(studio: Studio):
    visit = studio.visit()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    photo = visit.drop(picture(0, 300, exif=exif))
    assert b"taken at home" not in visit.get(f"/pictures/{photo}").content
    page = visit.wait(visit.paint(photo, studio.style("starry-night")))
    result = page.partition('src="/pictures/')[2][:40]
    assert f"/pictures/{result}?save=starry-night" in page
    saved = visit.get(f"/pictures/{result}?save=starry-night")
    assert saved.headers["content-disposition"] == 'attachment; filename="starry-night.jpg"'
    forged = visit.get(f"/pictures/{result}?save=..%2F%22%0d%0aX: a")
    assert forged.headers["content-disposition"] == 'attachment; filename="X-a.jpg"'
    saved_in_chinese = visit.get(f"/pictures/{result}?save=猫-starry-night").headers
    assert saved_in_chinese["content-disposition"] == (
        "attachment; filename=\"_-starry-night.jpg\"; filename*=UTF-8''%E7%8C%AB-starry-night.jpg"
    )
    shown = visit.get(f"/pictures/{result}?size=small&name=starry-night")
    assert shown.headers["content-disposition"] == 'inline; filename="starry-night.jpg"'
    unnamed = visit.get(f"/pictures/{result}?save")
    assert unnamed.headers["content-disposition"].startswith('attachment; filename="stylebot-')
    with Image.open(io.BytesIO(saved.content)) as painted:
        assert painted.size == (300, 300)
    assert saved.content != visit.get(f"/pictures/{photo}").content


@pytest.mark.parametrize(
    "fields",
    [
        {"style": "x"}, {"style": "999999"}, {"style": ""}, {"style": "-1"}, {"style": "1" * 30},
        {"with": "999999"},
    ],
)  # fmt: skip
def test_a_style_that_is_not_there_is_a_sentence(studio: Studio, fields: dict[str, Any]):
    visit = studio.visit()
    photo = visit.drop()
    wishes: dict[str, Any] = {"style": str(studio.style("udnie")), "once": "a"} | fields
    sent = visit.post(f"/photos/{photo}/paint", **wishes)
    assert sent.status_code == 400
    assert "That style no longer exists" in sent.text
    assert count(studio, visit) == 0


def test_a_filter_is_not_blended(studio: Studio):
    visit = studio.visit()
    photo = visit.drop()
    both: dict[str, Any] = {"style": str(studio.style("sepia")), "with": str(studio.style("udnie"))}
    sent = visit.post(f"/photos/{photo}/paint", **both)
    assert sent.status_code == 400
    assert "settings do not work here" in sent.text
    assert count(studio, visit) == 0


@pytest.mark.parametrize("strength", ["", "101", "-5", "much", "1e1"])
def test_a_strength_that_is_none_is_the_usual_one(studio: Studio, strength: str):
    visit = studio.visit()
    studio.do(preferences.prefer_values(studio.services, visit.user, {"strength": 0.6}))
    photo = visit.drop()
    path = visit.paint(photo, studio.style("sepia"), **{"param-strength": strength})
    assert 'value="60" data-output' in visit.wait(path)


def test_limits_and_blocks_hold_here_too(studio: Studio):
    visit = studio.visit()
    photo = visit.drop()
    style = str(studio.style("sepia"))
    studio.do(control_room.put_limit(studio.services, ADMIN, "per_minute", 2))
    try:
        for number in range(2):
            visit.paint(photo, int(style), once=str(number))
        sent = visit.post(f"/photos/{photo}/paint", style=style, once="more")
        assert sent.status_code == 429
        assert "at most 2 photos per minute" in sent.text
    finally:
        studio.do(control_room.put_limit(studio.services, ADMIN, "per_minute", None))
    studio.do(control_room.block(studio.services, ADMIN, visit.user, "spam"))
    for path, files in ((f"/photos/{photo}/paint", None), ("/photos", {"photo": picture(1)})):
        sent = visit.post(path, files=files, style=style)
        assert sent.status_code == 403
        assert "You are blocked from using" in sent.text
    studio.do(control_room.put_mode(studio.services, ADMIN, "draining", "Back at 18:00."))
    try:
        ben = studio.visit()
        sent = ben.post(f"/photos/{ben.drop()}/paint", style=style)
        assert sent.status_code == 503
        assert "Back at 18:00." in sent.text
    finally:
        studio.do(control_room.put_mode(studio.services, ADMIN, "open"))


def test_a_waiting_person_sees_their_place_until_they_cancel(studio: Studio):
    visit = studio.visit()
    photo = visit.drop()
    studio.do(control_room.put_mode(studio.services, ADMIN, "paused", "Tea."))
    try:
        path = visit.paint(photo, studio.style("udnie"))
        told: list[str] = []
        first = threading.Event()

        def listen() -> None:
            with visit.client.stream("GET", f"{path}/events") as events:
                assert events.headers["content-type"] == "text/event-stream"
                for line in filter(None, events.iter_lines()):
                    told.append(line.removeprefix("data: "))
                    first.set()

        listening = threading.Thread(target=listen)
        listening.start()
        assert first.wait(10)
        visit.post(f"{path}/cancel")
        listening.join(10)
        news = [json.loads(each) for each in told]
        assert "Tea." in news[0]["words"]
        assert news[-1] == {"ended": True, "words": ""}
        assert "Cancelled." in visit.get(path).text
        again = visit.post(f"{path}/cancel")
        assert again.status_code == 404
        assert "It is already done" in again.text
    finally:
        studio.do(control_room.put_mode(studio.services, ADMIN, "open"))


def test_a_deleted_result_is_gone_everywhere(studio: Studio):
    visit = studio.visit()
    path = visit.paint(visit.drop(), studio.style("udnie"))
    result = visit.wait(path).partition('src="/pictures/')[2][:40]
    assert visit.get(f"/pictures/{result}").status_code == 200
    assert visit.post(f"{path}/delete").status_code == 200
    assert visit.get(f"/pictures/{result}").status_code == 404
    assert "no longer stored" in visit.get(path).text
    assert result not in visit.get("/history").text
    assert "Nothing yet" in visit.get("/history").text


def test_history_that_is_turned_off_stays_empty(studio: Studio):
    visit = studio.visit()
    studio.do(preferences.prefer(studio.services, visit.user, history=False))
    path = visit.paint(visit.drop(), studio.style("udnie"))
    assert "data-compare" in visit.wait(path)
    assert "not remembered" in visit.get("/history").text
    assert visit.post(f"{path}/delete").status_code == 200


def test_a_result_without_its_photo_is_shown_and_cannot_be_varied(studio: Studio):
    visit = studio.visit()
    photo = visit.drop()
    path = visit.paint(photo, studio.style("udnie"))
    visit.wait(path)
    visit.post(f"/photos/{photo}/delete")
    page = visit.get(path).text
    assert "data-compare" not in page
    assert 'alt="Your photo as Udnie"' in page
    entry = visit.get("/history").text.partition('action="/history/')[2].partition("/")[0]
    again = visit.post(f"/history/{entry}/again")
    assert again.status_code == 404
    assert "The original photo is no longer available" in again.text
    assert count(studio, visit) == 1


def test_what_comes_too_late_for_someone_forgotten_is_not_kept(studio: Studio):
    visit = studio.visit()
    path = visit.paint(visit.drop(), studio.style("udnie"))
    visit.wait(path)

    async def job():
        async with studio.services.database.reading() as transaction:
            return (await transaction.jobs.all_of(visit.user))[0]

    late = studio.do(job())
    assert studio.do(studio.adapter.delivered(late)) is not None
    visit.post("/privacy/forget")
    assert studio.do(studio.adapter.delivered(late)) is None
    with pytest.raises(EntryGoneError):
        studio.do(studio.adapter.deliver(late, [Painted(picture(), "image/jpeg")], []))


def test_several_photos_are_painted_in_one_style_and_saved_together(studio: Studio):
    visit = studio.visit()
    first, *others = [visit.drop(picture(number)) for number in range(3)]
    tray = visit.get(f"/photos/{first}", params={"also": others})
    assert "Your 3 photos in one of 44 styles" in tray.text
    path = visit.paint(first, studio.style("sepia"), also=others)
    page = visit.wait(path)
    assert page.count("data-saved=") == 3
    assert count(studio, visit) == 1
    # As many names as pictures, and none that leads out of a folder.
    for names, named in (
        (["cat", "../../etc", ""], ["cat-sepia.jpg", "etc-sepia.jpg", "3-sepia.jpg"]),
        (["cat"], ["1-sepia.jpg", "2-sepia.jpg", "3-sepia.jpg"]),
    ):
        saved = visit.get(f"{path}/zip", params={"name": names})
        assert saved.headers["content-disposition"] == 'attachment; filename="sepia.zip"'
        with zipfile.ZipFile(io.BytesIO(saved.content)) as archive:
            assert archive.namelist() == named
            assert archive.read(named[0]).startswith(b"\xff\xd8")
    assert studio.visit().get(f"{path}/zip").status_code == 404


def test_photos_of_others_cannot_be_painted_along(studio: Studio):
    ann, ben = studio.visit(), studio.visit()
    theirs, mine = ann.drop(), ben.drop()
    assert ben.get(f"/photos/{mine}?also={theirs}").status_code == 404
    assert ben.get(f"/photos/{mine}?also=x").status_code == 404
    fields: dict[str, Any] = {"style": str(studio.style("sepia")), "also": theirs, "once": "a"}
    assert ben.post(f"/photos/{mine}/paint", **fields).status_code == 404
    many = [mine, *(ben.drop(picture(n, 80 + n)) for n in range(10))]
    fields |= {"also": many}
    refused = ben.post(f"/photos/{mine}/paint", **fields)
    assert refused.status_code == 400
    assert "10" in refused.text
