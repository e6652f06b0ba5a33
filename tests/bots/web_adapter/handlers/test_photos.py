"""Photos and their small pictures."""

import io

import pytest
from PIL import Image

from bots.core.admin.use_cases import queue_admin as control_room
from tests.bots.core.requests.test_animation import animation
from tests.bots.web_adapter.conftest import ADMIN, Studio, picture


def test_the_same_photo_is_kept_once_for_each_of_two_people(studio: Studio):
    ann, ben = studio.visit(), studio.visit()
    photo = picture(1)
    assert ann.drop(photo) == ann.drop(photo)
    assert ann.drop(photo) != ben.drop(photo)
    assert ann.get("/").text.count('href="/photos/') == 1


def test_without_scripts_a_photo_from_the_camera_comes_after_a_field_left_empty(studio: Studio):
    visit = studio.visit()
    empty, taken = ("", b""), ("camera.jpg", picture(1))
    sent = visit.post("/photos", files=[("photo", empty), ("photo", taken)])
    assert sent.url.path == f"/photos/{visit.drop(picture(1))}"


def test_whatever_the_engine_knows_is_shown_as_jpeg(studio: Studio):
    visit = studio.visit()
    for kind in ("PNG", "WEBP", "GIF"):
        shown = visit.get(f"/pictures/{visit.drop(picture(2, kind=kind))}")
        assert shown.headers["content-type"] == "image/jpeg"
        assert Image.open(io.BytesIO(shown.content)).format == "JPEG"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_what_moves_is_kept_whole_and_shown_small_by_its_first_frame(studio: Studio, kind: str):
    visit = studio.visit()
    moving = visit.post("/photos", files=[("photo", ("a", animation(kind)))])
    assert "Only its first frame is painted." not in moving.text
    photo = moving.url.path.rpartition("/")[2]
    kept = visit.get(f"/pictures/{photo}")
    assert kept.headers["content-type"] == "image/gif"
    assert getattr(Image.open(io.BytesIO(kept.content)), "n_frames", 1) == 3
    small = visit.get(f"/pictures/{photo}?size=small")
    assert small.headers["content-type"] == "image/jpeg"


def test_pictures_are_as_small_as_their_places(studio: Studio):
    visit = studio.visit()
    wide = Image.new("RGB", (2000, 1000), "teal")
    file = io.BytesIO()
    wide.save(file, "JPEG")
    photo = visit.drop(file.getvalue())
    sizes = {}
    for size in ("small", "screen", "odd"):
        got = visit.get(f"/pictures/{photo}?size={size}").content
        sizes[size] = Image.open(io.BytesIO(got)).size
    assert sizes == {"small": (320, 160), "screen": (1600, 800), "odd": (2000, 1000)}


def test_a_thumbnail_is_the_photo_in_the_style(studio: Studio):
    visit = studio.visit()
    photo = visit.drop(picture(0, 500))
    shown = {}
    for slug in ("udnie", "starry-night", "sepia"):
        answer = visit.get(f"/pictures/{photo}/in/{studio.style(slug)}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert "private" in answer.headers["cache-control"]
        shown[slug] = answer.content
        assert max(Image.open(io.BytesIO(answer.content)).size) == 320
    assert len(set(shown.values())) == 3
    assert visit.get(f"/pictures/{photo}/in/999999").status_code == 404


def test_while_nothing_is_painted_a_thumbnail_is_the_styles_own(studio: Studio):
    visit = studio.visit()
    photo = visit.drop()
    style = studio.style("udnie")
    studio.do(control_room.put_mode(studio.services, ADMIN, "paused"))
    try:
        shown = visit.get(f"/pictures/{photo}/in/{style}").content
        assert shown == visit.get(f"/styles/{style}/preview").content
    finally:
        studio.do(control_room.put_mode(studio.services, ADMIN, "open"))
    assert shown != visit.get(f"/pictures/{photo}/in/{style}").content


def test_a_deleted_photo_is_shown_nowhere(studio: Studio):
    visit = studio.visit()
    photo = visit.drop()
    style = studio.style("udnie")
    assert visit.get(f"/pictures/{photo}/in/{style}").status_code == 200
    visit.post(f"/photos/{photo}/delete")
    for path in (f"/pictures/{photo}", f"/pictures/{photo}?size=small", f"/photos/{photo}"):
        assert visit.get(path).status_code == 404
    assert visit.get(f"/pictures/{photo}/in/{style}").status_code == 404


def test_a_sample_may_be_tried(studio: Studio):
    visit = studio.visit()
    shown = visit.post("/photos", sample="1")
    assert "/photos/" in shown.url.path
    assert visit.post("/photos", sample="7").status_code == 400
    assert visit.post("/photos").status_code == 400


def test_several_photos_come_in_one_form(studio: Studio):
    visit = studio.visit()
    bodies = [picture(0), b"text", picture(1), picture(0)]
    sent = visit.post("/photos", files=[("photo", ("a", body)) for body in bodies])
    first, second = visit.drop(picture(0)), visit.drop(picture(1))
    assert sent.url.path == f"/photos/{first}"
    assert sent.url.params.get_list("also") == [second]
    assert "2 files are left out" in sent.text
    refused = visit.post("/photos", files=[("photo", ("a", b"text"))] * 2)
    assert refused.status_code == 400


def test_tiles_look_at_faces(studio: Studio):
    ann, ben = studio.visit(), studio.visit()
    photo = ann.drop(picture(0, 400))
    found = ann.get(f"/pictures/{photo}/focus").json()
    assert found.keys() == {"x", "y"}
    assert all(0 <= share <= 100 for share in found.values())
    assert ben.get(f"/pictures/{photo}/focus").status_code == 404
