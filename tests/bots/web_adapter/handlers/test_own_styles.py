"""Styles of one's own."""

import pytest

from tests.bots.web_adapter.conftest import Studio, Visit, picture


def own(visit: Visit) -> list[str]:
    parts = visit.get("/styles").text.split('action="/styles/')[1:]
    return [part.partition("/delete")[0] for part in parts]


def test_an_own_style_is_ones_own(studio: Studio):
    ann, ben = studio.visit(), studio.visit()
    page = ann.post("/styles", files={"picture": ("a.jpg", picture(2))}, name="  Late   crema ")
    assert "Late crema" in page.text
    (style,) = own(ann)
    assert own(ben) == []
    assert ann.get(f"/styles/{style}/preview").headers["content-type"] == "image/jpeg"
    assert ben.get(f"/styles/{style}/preview").status_code == 404
    photo = ben.drop()
    assert ben.get(f"/pictures/{photo}/in/{style}").status_code == 404
    assert ben.post(f"/photos/{photo}/paint", style=style).status_code == 400
    assert ben.post(f"/styles/{style}/delete").status_code == 404
    mine = ann.drop()
    assert ann.get(f"/pictures/{mine}/in/{style}").status_code == 200
    assert "data-compare" in ann.wait(ann.paint(mine, int(style)))
    ann.post(f"/styles/{style}/delete")
    assert own(ann) == []
    assert ann.get(f"/styles/{style}/preview").status_code == 404


@pytest.mark.parametrize("name", ["", "this", "wave 70", "a+b", "x" * 41, "Udnie"])
def test_a_name_that_cannot_be_is_a_sentence(studio: Studio, name: str):
    visit = studio.visit()
    sent = visit.post("/styles", files={"picture": ("a.jpg", picture())}, name=name)
    assert sent.status_code == 400
    assert "A name has 1 to 40 characters" in sent.text or "Choose another name" in sent.text
    # The form is as it was filled in.
    assert 'action="/styles"' in sent.text
    assert f'value="{name}"' in sent.text
    assert own(visit) == []


def test_a_file_that_is_no_picture_does_not_cost_the_name(studio: Studio):
    visit = studio.visit()
    for files in ({"picture": ("a.jpg", b"text")}, {"picture": ("", b"")}):
        sent = visit.post("/styles", files=files, name="Crema")
        assert sent.status_code == 400
        assert 'role="alert"' in sent.text
        assert 'value="Crema"' in sent.text


def test_a_builtin_style_cannot_be_deleted(studio: Studio):
    visit = studio.visit()
    assert visit.post(f"/styles/{studio.style('udnie')}/delete").status_code == 404
    assert visit.get(f"/styles/{studio.style('udnie')}/preview").status_code == 200
