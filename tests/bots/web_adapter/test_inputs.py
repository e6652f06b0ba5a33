"""Effects that take a picture or a mask, in the studio: by form, and in Chromium."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from bots.core.requests import pictures
from bots.core.users import privacy
from engine.painting.manifest import SAMPLE_PHOTO
from tests.bots.web_adapter.conftest import Studio, Tab, Visit
from tests.patching import BLUE, RED, flat, left_half, patching_engine

Tabs = Callable[..., Tab]
SIZE = (240, 160)
PHOTO, FACE, MASK = flat(RED, SIZE), flat(BLUE, (60, 60)), left_half(SIZE)


@pytest.fixture(scope="module")
def engine_address() -> Iterator[str]:
    with patching_engine() as address:
        yield address


@pytest.fixture(scope="module")
def studio(open_studio: Callable[..., Studio], engine_address: str) -> Studio:
    return open_studio(engine_address)


def form(visit: Visit, photo: str, style: int, /, **more: Any) -> httpx.Response:
    """Send the form of a photo's page; `face` and `spot` are files."""
    files = {
        f"file-{name}": (f"{name}.png", more.pop(name)) for name in ("face", "spot") if name in more
    }
    once = visit.field("once", f"/photos/{photo}?for={style}")
    return visit.post(f"/photos/{photo}/paint", style=str(style), once=once, files=files, **more)


def result(visit: Visit, page: str) -> np.ndarray[Any, Any]:
    """The pixels of the result on a request's page."""
    found = re.search(r'href="(/pictures/[0-9a-f]{40})\?save', page)
    assert found, page
    with Image.open(io.BytesIO(visit.get(found[1]).content)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def assert_halves(pixels: np.ndarray[Any, Any], left: Any = BLUE, right: Any = RED) -> None:
    middle = pixels.shape[1] // 2
    assert np.abs(pixels[:, : middle - 8] - left).max() < 12
    assert np.abs(pixels[:, middle + 8 :] - right).max() < 12


def test_a_picture_and_a_mask_are_sent_kept_and_used_again(studio: Studio):
    visit, style = studio.visit(), studio.style("patch")
    photo = visit.drop(PHOTO)
    page = visit.get(f"/photos/{photo}").text
    # Its tile leads to its fields, and the photo stays.
    assert f'href="/photos/{photo}?for={style}"' in page
    assert "file-face" not in page
    page = visit.get(f"/photos/{photo}?for={style}").text
    assert "<h1>Patch</h1>" in page
    assert re.search(r'name="file-face" accept="[^"]+" required', page)
    assert re.search(r'name="file-spot" accept="[^"]+">', page)
    sent = form(visit, photo, style, face=FACE, spot=MASK)
    page = visit.wait(sent.url.path)
    assert_halves(result(visit, page))
    # Again from its page, with the same picture and mask, which are shown there.
    kept = dict(re.findall(r'name="kept-(\w+)" value="([0-9a-f]{40})" checked', page))
    assert set(kept) == {"face", "spot"}
    for each in kept.values():
        assert visit.get(f"/pictures/{each}?size=small").status_code == 200
    fields = {f"kept-{name}": each for name, each in kept.items()} | {"param-amount": "50"}
    half = result(visit, visit.wait(form(visit, photo, style, **fields).url.path))
    assert_halves(half, left=[(r + b) / 2 for r, b in zip(RED, BLUE, strict=True)])
    # Without the mask, which need not be; a new picture takes the old one's place.
    other = form(visit, photo, style, face=flat((9, 200, 9)), **{"kept-face": kept["face"]})
    assert_halves(result(visit, visit.wait(other.url.path)), (9, 200, 9), (9, 200, 9))
    # From the history, and no longer once the photo is deleted with what belongs to it.
    entry = re.findall(r"/history/(\d+)/again", visit.get("/history").text)[-1]
    again = visit.post(f"/history/{entry}/again", once="x")
    assert_halves(result(visit, visit.wait(again.url.path)))
    visit.post(f"/photos/{photo}/delete")
    known = studio.do(pictures.known(studio.services, visit.user, [photo, *kept.values()]))
    assert known == set()
    refused = visit.post(f"/history/{entry}/again", once="y")
    assert (refused.status_code, "no longer available" in refused.text) == (404, True)


def test_what_is_refused_is_said_in_a_sentence(studio: Studio):
    visit, style = studio.visit(), studio.style("patch")
    photo = visit.drop(PHOTO)

    def says(response: httpx.Response, status: int, words: str) -> None:
        assert (response.status_code, words in response.text) == (status, True), response.text

    says(form(visit, photo, style), 400, "“Patch” needs a second picture")
    says(form(visit, photo, style, spot=MASK), 400, "“Patch” needs a second picture")
    says(form(visit, photo, style, face=b"no picture"), 400, "format is not supported")
    says(form(visit, photo, style, face=FACE[:90]), 400, "damaged")
    says(form(visit, photo, style, face=bytes(21_000_000)), 413, "too large")
    says(form(visit, photo, style, face=flat(RED, (20, 20))), 400, "too small")
    for wrong in ("x", "0" * 40):
        says(form(visit, photo, style, **{"kept-face": wrong}), 404, "no longer available")
    other = studio.visit()
    theirs = form(other, other.drop(PHOTO), style, face=FACE)
    found = re.search(r'kept-face" value="(\w+)"', other.wait(theirs.url.path))
    assert found
    says(form(visit, photo, style, **{"kept-face": found[1]}), 404, "no longer available")
    for wrong in ("0", "x", ""):
        assert visit.get(f"/photos/{photo}?for={wrong}").status_code == 404
    # Of the mask's proportions the engine judges; the photo and the picture stay.
    square = form(visit, photo, style, face=FACE, spot=left_half((160, 160)))
    page = visit.wait(square.url.path)
    assert "The mask has other proportions than the photo" in page
    assert 'name="kept-face"' in page
    error = visit.get(f"/photos/{photo}?for={style}", headers={"Accept-Language": "zh"}).text
    assert "第二张脸" in error


def test_inputs_count_and_go_with_all_else(studio: Studio):
    visit, style = studio.visit(), studio.style("patch")
    visit.wait(form(visit, visit.drop(PHOTO), style, face=FACE, spot=MASK).url.path)
    with zipfile.ZipFile(io.BytesIO(visit.post("/privacy/export").content)) as archive:
        exported = json.loads(archive.read("stylebot.json"))["pictures"]
    assert sorted(each["kind"] for each in exported) == ["input", "input", "photo", "result"]
    user = visit.user
    assert "4 pictures" in visit.get("/privacy").text
    visit.post("/privacy/forget")
    assert studio.do(privacy.known(studio.services, user)).pictures == 0


def file(name: str, body: bytes) -> FilePayload:
    return {"name": f"{name}.png", "mimeType": "image/png", "buffer": body}


def to_the_fields(page: Page) -> None:
    """From the first page to the fields of the effect."""
    page.locator(".drop input[type=file]").first.set_input_files(file("photo", PHOTO))
    page.wait_for_url("**/photos/*")
    page.get_by_role("link", name=re.compile("^(Patch|补丁)$")).click()
    page.wait_for_url("**/photos/*for=*")


def painted(page: Page) -> np.ndarray[Any, Any]:
    """Send the form; the pixels of the result."""
    page.locator("#paint > button[name=style]").click()
    return opened(page)


def opened(page: Page) -> np.ndarray[Any, Any]:
    """The pixels of the result, when it is there."""
    page.wait_for_url("**/paintings/*")
    expect(page.locator("[data-compare]")).to_be_visible()
    saved = page.locator(".panel a.primary[download]")
    body = page.request.get(str(saved.evaluate("(link) => link.href"))).body()
    with Image.open(io.BytesIO(body)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def is_blue(pixels: np.ndarray[Any, Any], x: float, y: float) -> bool:
    """Whether the picture is there, at shares of the sides; otherwise it must be the photo."""
    height, width = pixels.shape[:2]
    found = pixels[int(y * height), int(x * width)]
    blue, red = (np.abs(found - colour).max() < 30 for colour in (BLUE, RED))
    assert blue != red, found
    return bool(blue)


def drag(page: Page, *places: tuple[float, float]) -> None:
    """Move the mouse over the canvas with its button down, from one place to the next."""
    box = page.locator("[data-brush] canvas").bounding_box()
    assert box
    (x, y), *others = [
        (box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places
    ]
    page.mouse.move(x, y)
    page.mouse.down()
    for x, y in others:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()


def to_the_canvas(page: Page) -> None:
    """To the fields, a picture in the one and the other opened."""
    to_the_fields(page)
    page.get_by_label("Second face").set_input_files(file("face", FACE))
    page.locator("summary", has_text="Spot").press("Enter")
    expect(page.locator("[data-brush] canvas")).to_be_visible()
    page.get_by_label("Brush size").fill("20")


def test_a_mask_is_painted_with_the_mouse(tab: Tabs):
    there = tab()
    page = there.open()
    to_the_canvas(page)
    there.accessible()
    there.fits()
    drag(page, (0.2, 0.2), (0.2, 0.8), (0.8, 0.8))
    expect(page.locator("[data-covered]")).to_have_text(
        re.compile(r"^\d\d % of the photo is covered$")
    )
    page.get_by_role("button", name="Eraser").click()
    brush = page.get_by_role("button", name="Brush", exact=True)
    expect(brush).to_have_attribute("aria-pressed", "false")
    drag(page, (0.8, 0.8), (0.7, 0.8))
    pixels = painted(page)
    places = {(0.2, 0.2): True, (0.2, 0.6): True, (0.5, 0.8): True, (0.8, 0.2): False}
    places |= {(0.5, 0.3): False, (0.78, 0.8): False}
    assert {place: is_blue(pixels, *place) for place in places} == places
    # On the result's page the same picture and mask are there to be kept.
    expect(page.get_by_label("Keep the one you sent")).to_have_count(2)


def test_what_was_painted_is_taken_back(tab: Tabs):
    page = tab().open()
    to_the_canvas(page)
    said, chosen = page.locator("[data-covered]"), page.get_by_label("Mask file")
    undo, clear = (
        page.locator(".brush").get_by_role("button", name=name) for name in ("Undo", "Clear")
    )
    expect(undo).to_be_disabled()
    drag(page, (0.2, 0.2), (0.2, 0.8))
    covered = str(said.text_content())
    drag(page, (0.8, 0.2), (0.5, 0.2))
    expect(said).not_to_have_text(covered)
    undo.click()
    expect(said).to_have_text(covered)
    clear.click()
    expect(said).to_have_text("0 % of the photo is covered")
    assert chosen.evaluate("field => field.files.length") == 0
    # So is taking everything back.
    undo.click()
    expect(said).to_have_text(covered)
    assert chosen.evaluate("field => field.files[0].name") == "mask.png"
    undo.click()
    expect(undo).to_be_disabled()
    assert chosen.evaluate("field => field.files.length") == 0


def test_a_mask_is_painted_with_the_keyboard(tab: Tabs):
    page = tab().open()
    to_the_canvas(page)
    page.get_by_role("application").focus()
    # From the middle: a spot there, a line to the left, a spot that is taken back.
    page.keyboard.press(" ")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    for _ in range(2):
        page.keyboard.press("ArrowUp")
    page.keyboard.press(" ")
    page.keyboard.press("Control+z")
    pixels = painted(page)
    places = {(0.5, 0.5): True, (0.25, 0.5): True, (0.8, 0.2): False, (0.05, 0.5): False}
    assert {place: is_blue(pixels, *place) for place in places} == places


def test_a_finger_paints_and_a_file_takes_its_place(tab: Tabs):
    there = tab(
        viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, locale="zh-CN",
    )  # fmt: skip
    page = there.open()
    to_the_fields(page)
    page.get_by_label("第二张脸").set_input_files(file("face", FACE))
    page.locator("summary", has_text="部位").tap()
    canvas = page.locator("[data-brush] canvas")
    expect(canvas).to_be_visible()
    there.accessible()
    there.fits()
    canvas.tap()
    said = page.locator("[data-covered]")
    expect(said).to_have_text(re.compile("已覆盖照片的"))
    page.get_by_label("蒙版文件").set_input_files(file("mask", MASK))
    expect(said).to_be_empty()
    assert_halves(painted(page))


def test_without_a_script_there_are_fields_for_files(tab: Tabs):
    page = tab(java_script_enabled=False).open()
    page.locator(".drop input[type=file]").first.set_input_files(file("photo", PHOTO))
    page.locator(".drop noscript button").click()
    page.get_by_role("link", name="Patch", exact=True).click()
    page.get_by_label("Second face").set_input_files(file("face", FACE))
    page.locator("summary", has_text="Spot").click()
    expect(page.locator("[data-brush] canvas")).to_be_hidden()
    page.get_by_label("Mask file").set_input_files(file("mask", MASK))
    assert_halves(painted(page))


def test_the_browser_asks_for_what_is_required_and_other_styles_need_none(tab: Tabs):
    page = tab().open()
    to_the_fields(page)
    before = page.url
    page.locator("#paint > button[name=style]").click()
    face = page.get_by_label("Second face")
    expect(face).to_be_focused()
    assert not face.evaluate("field => field.validity.valid")
    assert page.url == before
    page.get_by_role("button", name=re.compile("^Sepia")).click()
    page.wait_for_url("**/paintings/*")
    expect(page.locator("[data-compare]")).to_be_visible()


def test_a_style_is_painted_on_a_brushed_part_of_the_photo(tab: Tabs):
    there = tab()
    page = there.open()
    page.locator(".drop input[type=file]").first.set_input_files(file("photo", PHOTO))
    page.wait_for_url("**/photos/*")
    page.locator("summary", has_text="Only here").press("Enter")
    expect(page.locator("[data-brush] canvas")).to_be_visible()
    there.accessible()
    there.fits()
    drag(page, (0.1, 0.2), (0.1, 0.8))
    page.get_by_role("button", name=re.compile("^Black and White")).click()
    pixels = opened(page)
    grey, red = pixels[pixels.shape[0] // 2, [pixels.shape[1] // 10, -10]]
    assert np.ptp(grey) < 12
    assert np.abs(red - RED).max() < 12


def test_where_no_one_is_the_page_says_so_and_offers_it_no_more(tab: Tabs):
    there = tab()
    page = there.open()
    page.locator(".drop input[type=file]").first.set_input_files(file("photo", PHOTO))
    page.wait_for_url("**/photos/*")
    page.get_by_label("Where", exact=True).select_option("Background")
    page.get_by_role("button", name=re.compile("^Black and White")).click()
    assert np.ptp(opened(page), axis=2).max() < 12
    expect(page.get_by_text("No person was found. Everything was painted.")).to_be_visible()
    expect(page.get_by_label("Strength")).to_be_visible()
    expect(page.get_by_label("Where", exact=True)).to_have_count(0)


def test_a_person_is_left_as_they_are_and_can_be_chosen_instead(studio: Studio):
    visit, style = studio.visit(), studio.style("black-and-white")
    photo = visit.drop(SAMPLE_PHOTO.read_bytes())
    for where, coloured in (("background", True), ("person", False)):
        sent = form(visit, photo, style, **{"param-where": where})
        page = visit.wait(sent.url.path)
        assert "No person was found" not in page
        assert re.search(f'<option value="{where}" selected>', page)
        suit = result(visit, page)[350:380, 160:190]
        assert bool(np.ptp(suit, axis=2).mean() > 25) is coloured
