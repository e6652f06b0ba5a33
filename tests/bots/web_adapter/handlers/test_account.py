"""What one had and likes, and all that is known of one."""

import io
import json
import zipfile
from typing import Any

import pytest

from bots.core.users import preferences
from storage.values.recipes import Choice, Recipe, Step
from tests.bots.web_adapter.conftest import Studio


def test_everything_is_taken_along_and_then_forgotten(studio: Studio):
    visit = studio.visit()
    user = visit.user
    photo = visit.drop()
    visit.wait(visit.paint(photo, studio.style("udnie")))
    fields: dict[str, Any] = {"param-strength": "30"}
    visit.post("/settings", history="on", **fields)
    exported = visit.post("/privacy/export")
    assert exported.headers["content-disposition"] == 'attachment; filename="stylebot.zip"'
    with zipfile.ZipFile(io.BytesIO(exported.content)) as archive:
        known = json.loads(archive.read("stylebot.json"))
        for each in known["pictures"]:
            assert each["file"].startswith(f"{each['kind']}s/{each['id']}.jp")
            assert archive.read(each["file"]) == visit.get(f"/pictures/{each['id']}").content
    assert known["user"] == str(user)
    assert {each["kind"] for each in known["pictures"]} == {"photo", "result"}
    assert not any("picture" in each for each in known["pictures"])
    assert known["preference"]["recipe"][0]["params"]["strength"] == 0.3
    asks = visit.get("/privacy").text
    assert "2 pictures, 1 results, 0 own styles, 1 requests" in asks
    forgotten = visit.post("/privacy/forget")
    assert "Deleted: 2 pictures, 1 results" in forgotten.text
    assert forgotten.headers["clear-site-data"] == '"cache", "storage"'
    assert visit.user != user
    assert visit.get(f"/pictures/{photo}").status_code == 404
    assert studio.do(preferences.preference(studio.services, user)).recipe == Recipe()


def test_settings_are_kept_and_nonsense_is_not(studio: Studio):
    visit = studio.visit()
    wave = studio.style("great-wave")
    fields: dict[str, Any] = {"param-strength": "55", "param-keep_colours": "1"}
    page = visit.post("/settings", language="zh", style=str(wave), **fields)
    assert page.url.query == b"saved"
    kept = studio.do(preferences.preference(studio.services, visit.user))
    values = {"strength": 0.55, "keep_colours": True}
    assert kept.recipe == Recipe((Step("paint", values | {"styles": (Choice(wave),)}),))
    assert (kept.language, kept.history) == ("zh", False)
    fields = {"param-strength": "900"}
    visit.post("/settings", language="xx", style="999999", history="on", **fields)
    kept = studio.do(preferences.preference(studio.services, visit.user))
    assert (kept.language, kept.recipe.complete) == (None, False)
    assert kept.recipe.steps[0].params["strength"] == 0.55


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("zh-CN,zh;q=0.9", "zh"), ("de", "en"), ("", "en"), ("*", "en"), (";;q=", "en")],
)
def test_the_studio_speaks_as_the_browser_does(studio: Studio, accepted: str, language: str):
    page = studio.visit().get("/", headers={"Accept-Language": accepted}).text
    assert f'<html lang="{language}">' in page


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        ("/history", "/history"), ("//evil.example", "/"), ("/\\evil.example", "/"),
        ("https://evil.example", "/"), ("", "/"), ("/a\r\nX: y", "/"),
    ],
)  # fmt: skip
def test_a_theme_leads_back_and_nowhere_else(studio: Studio, back: str, leads: str):
    visit = studio.visit()
    answer = visit.post("/theme", theme="dark", back=back, follow=False)
    assert (answer.status_code, answer.headers["location"]) == (303, leads)
    assert 'data-theme="dark"' in visit.get("/").text
    visit.post("/theme", theme='"><script>', back="/")
    assert 'data-theme="dark"' in visit.get("/").text
    visit.client.cookies.set("theme", '"><script>')
    assert "<script>" not in visit.get("/").text


def test_a_long_history_has_pages(studio: Studio):
    visit = studio.visit()
    photo = visit.drop()
    style = studio.style("sepia")
    for path in [
        visit.paint(photo, style, **{"param-strength": str(number)}) for number in range(13)
    ]:
        visit.wait(path)
    newest = visit.get("/history").text
    assert newest.count('class="tile-name"') == 12
    older = newest.partition('href="/history?before=')[2].partition('"')[0]
    assert visit.get(f"/history?before={older}").text.count('class="tile-name"') == 1


def test_someone_elses_history_is_not_there(studio: Studio):
    ann, ben = studio.visit(), studio.visit()
    ann.wait(ann.paint(ann.drop(), studio.style("sepia")))
    entry = ann.get("/history").text.partition('action="/history/')[2].partition("/")[0]
    assert ben.post(f"/history/{entry}/again").status_code == 404
    assert ben.post(f"/history/{entry}/delete").status_code == 404
    assert f"/history/{entry}/" in ann.get("/history").text
    assert ann.post(f"/history/{entry}/delete").status_code == 200
    assert f"/history/{entry}/" not in ann.get("/history").text


def test_the_language_is_changed_on_every_page(studio: Studio):
    visit = studio.visit()
    for path in ("/", "/styles", "/history", "/privacy", "/settings", "/no-such-page"):
        assert 'action="/language"' in visit.get(path).text
    assert visit.post("/language", language="zh", back="/styles").url.path == "/styles"
    assert 'lang="zh"' in visit.get("/").text
    visit.post("/language", language="xx", back="//elsewhere.example")
    assert 'lang="zh"' in visit.get("/").text
    photo = visit.drop()
    back = visit.post("/language", language="en", back=f"/photos/{photo}?also={photo}")
    assert back.url.query == f"also={photo}".encode()
