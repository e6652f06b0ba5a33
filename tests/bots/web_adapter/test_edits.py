"""Effects with a command of their own, in the studio: expressions, by form and in Chromium."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from engine.painting.manifest import SAMPLE_PHOTO
from tests.bots.web_adapter.conftest import Studio, Tab, Visit
from tests.patching import BLUE, RED, flat, patching_engine

PORTRAIT = SAMPLE_PHOTO.read_bytes()


@pytest.fixture(scope="module")
def engine_address() -> Iterator[str]:
    with patching_engine() as address:
        yield address


@pytest.fixture(scope="module")
def studio(open_studio: Callable[..., Studio], engine_address: str) -> Studio:
    return open_studio(engine_address)


@pytest.fixture(scope="module")
def edit(studio: Studio) -> int:
    return studio.style("express")


def express(visit: Visit, photo: str, edit: int, other: bytes = b"", **values: str) -> str:
    """Send the form of an expression; returns its page once it is done."""
    files = {"file-from": ("other.jpg", other)} if other else None
    once = visit.field("once", f"/photos/{photo}?for={edit}")
    fields: dict[str, Any] = {f"param-{name}": value for name, value in values.items()}
    sent = visit.post(f"/photos/{photo}/paint", style=str(edit), once=once, files=files, **fields)
    return visit.wait(sent.url.path)


def result(visit: Visit, page: str) -> bytes:
    found = re.search(r'href="(/pictures/[0-9a-f]{40})\?save', page)
    assert found, page
    return visit.get(found[1]).content


def pixels(body: bytes) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(body)) as image:
        values: np.ndarray[Any, Any] = np.asarray(image.convert("RGB")).astype(int)
        return values


def changed(one: bytes, other: bytes) -> np.ndarray[Any, Any]:
    where: np.ndarray[Any, Any] = np.abs(pixels(one) - pixels(other)).max(axis=-1) > 24
    return where


def test_a_face_gets_an_expression_or_that_of_another(studio: Studio, edit: int):
    visit = studio.visit()
    photo = visit.drop(PORTRAIT)
    page = visit.get(f"/photos/{photo}").text
    assert f'<a class="button" href="/photos/{photo}?for={edit}">Expression</a>' in page
    # It is no tile: of a photo without a face there would be nothing to show.
    assert f"/in/{edit}?" not in page
    page = visit.get(f"/photos/{photo}?for={edit}").text
    assert "<h1>Expression</h1>" in page
    assert '<option value="surprise">Surprise</option>' in page
    assert 'name="file-from"' in page
    # A style has its own page from here, as this one's values are not meant for it.
    assert "param-brush" not in page
    sepia = studio.style("sepia")
    assert f'<a class="tile" href="/photos/{photo}?for={sepia}"' in page
    page = express(visit, photo, edit, expression="serious", strength="90")
    assert '<p class="by">edited</p>' in page
    earnest = result(visit, page)
    where = changed(earnest, PORTRAIT)
    assert 100 < where.sum() < 0.03 * where.size
    page = express(visit, visit.drop(earnest), edit, other=PORTRAIT)
    assert changed(result(visit, page), earnest).sum() > 100
    assert re.search(r"Serious · 90 % · edited", visit.get("/history").text)
    # A painting that is none says nothing of it.
    assert "edited" not in visit.wait(visit.paint(photo, studio.style("sepia")))


def test_what_has_no_usable_face_is_said(studio: Studio, edit: int):
    visit = studio.visit()
    page = express(visit, visit.drop(flat(RED, (240, 160))), edit)
    assert "I found no face in the picture." in page
    page = express(visit, visit.drop(PORTRAIT), edit, other=flat(BLUE, (60, 60)))
    assert "I found no face in the picture." in page
    with Image.open(io.BytesIO(PORTRAIT)) as image:
        pair = Image.new("RGB", (2 * image.width, image.height))
        for left in (0, image.width):
            pair.paste(image, (left, 0))
        small = image.resize((200, 200))
    for photo, words in ((pair, "There are several faces"), (small, "The face is too small")):
        file = io.BytesIO()
        photo.save(file, "PNG")
        assert words in express(visit, visit.drop(file.getvalue()), edit)


def test_an_expression_is_chosen_in_chromium(tab: Callable[..., Tab]):
    there = tab()
    page = there.open()
    photo: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": PORTRAIT}
    page.locator(".drop input[type=file]").first.set_input_files(photo)
    page.wait_for_url("**/photos/*")
    page.get_by_role("link", name="Expression").click()
    page.wait_for_url("**/photos/*for=*")
    there.accessible()
    there.fits()
    page.get_by_label("Expression", exact=True).select_option(label="Surprise")
    page.locator("#paint > button[name=style]").click()
    page.wait_for_url("**/paintings/*")
    expect(page.locator("[data-compare]")).to_be_visible()
    expect(page.get_by_text("edited", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Expression")).to_have_attribute("aria-current", "true")
    there.accessible()
