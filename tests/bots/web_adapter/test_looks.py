"""Controls that answer, and ways to look at a picture, in a real browser."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from tests.bots.web_adapter.conftest import Studio, Tab, picture
from tests.bots.web_adapter.test_gallery import LAPTOP, opened
from tests.bots.web_adapter.test_studio import PHONE, choose, file, painted, tile

Tabs = Callable[..., Tab]


def entries(page: Page) -> int:
    """How many results the history has."""
    page.get_by_role("link", name="History").click()
    page.wait_for_url("**/history")
    return page.locator(".tiles > li").count()


def test_many_moves_are_one_try(tab: Tabs):
    page = opened(tab(**LAPTOP))
    choose(page, "Udnie")
    first = page.url
    strength = page.get_by_label("Strength")
    strength.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(page).not_to_have_url(first)
    painted(page, "Udnie")
    expect(strength).to_have_value("95")
    expect(strength).to_be_focused()
    # Of the tries, the browser goes back to where the style was chosen.
    page.go_back()
    expect(page.locator(".stage.small")).to_be_visible()
    assert entries(page) == 2


def test_a_choice_is_painted_at_once_and_a_slow_one_is_not(tab: Tabs):
    page = opened(tab(**LAPTOP))
    choose(page, "Udnie")
    first = page.url
    page.get_by_label("Keep colours").check()
    expect(page).not_to_have_url(first)
    painted(page, "Udnie")
    expect(page.get_by_label("Keep colours")).to_be_checked()
    second = page.url
    page.get_by_label("Quality").select_option("masterwork")
    assert page.evaluate("trying") == 0
    page.get_by_label("Quality").select_option("fast")
    page.get_by_label("Brush", exact=True).select_option("bold")
    expect(page).not_to_have_url(second)
    painted(page, "Udnie")
    expect(page.get_by_label("Brush", exact=True)).to_have_value("bold")


def test_a_blend_is_seen_before_it_is_painted(tab: Tabs):
    page = opened(tab(**LAPTOP))
    choose(page, "Udnie")
    first = page.url
    expect(tile(page, "The Kiss").locator("img")).to_have_class("there")
    page.get_by_label("Blend with").select_option("The Kiss")
    expect(page).not_to_have_url(first)
    painted(page, "Udnie + The Kiss")
    page.get_by_label("Share").fill("30")
    expect(page.locator("[data-mix]")).to_have_css("opacity", "0.3")
    expect(page.locator("[data-mix]")).to_be_hidden()
    painted(page, "Udnie + The Kiss")
    expect(page.get_by_label("Share")).to_have_value("30")


def test_a_picture_fills_the_screen(tab: Tabs):
    there = tab(**PHONE)
    page = opened(there)
    choose(page, "Sepia")
    page.get_by_role("button", name="Full screen").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("img")).to_be_visible()
    box = dialog.locator("img").bounding_box()
    assert box
    assert box["width"] <= 390
    there.accessible()
    dialog.locator("img").click()
    grown = dialog.locator("img").bounding_box()
    assert grown
    assert grown["width"] == 512
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_styles_are_seen_side_by_side(tab: Tabs, studio: Studio):
    there = tab(**LAPTOP)
    page = opened(there)
    choose(page, "Starry Night")
    before = page.url
    page.get_by_role("button", name="Side by side").click()
    sides = page.locator("[data-sides] li")
    expect(sides).to_have_count(1)
    for title in ("The Scream", "The Kiss", "Tarot Card"):
        tile(page, title).click()
    expect(sides).to_have_count(4)
    there.accessible()
    # A fifth takes the place of the first.
    tile(page, "The Great Wave").click()
    assert sides.locator("button").all_inner_texts() == [
        "The Great Wave", "The Scream", "The Kiss", "Tarot Card",
    ]  # fmt: skip
    tile(page, "The Kiss").click()
    expect(sides).to_have_count(3)
    assert page.url == before
    sides.get_by_role("button", name="Tarot Card").click()
    painted(page, "Tarot Card")
    expect(page.locator("[data-sides]")).to_be_hidden()


def test_a_photo_is_cropped_and_turned_before_it_is_painted(tab: Tabs):
    there = tab(**PHONE)
    page = there.open()
    body = picture(1, 300)
    page.locator("input[type=file]").first.set_input_files(file("cat", body))
    page.wait_for_url("**/photos/*")
    before = page.url
    page.get_by_role("button", name="Crop or turn").click()
    dialog = page.get_by_role("dialog", name="Crop or turn")
    expect(dialog.get_by_role("status")).to_have_text("300 x 200")
    there.accessible()
    dialog.get_by_role("button", name="Turn right").click()
    expect(dialog.get_by_role("status")).to_have_text("200 x 300")
    dialog.get_by_label("Width to height").select_option("1:1")
    dialog.get_by_label("How much is kept").fill("50")
    dialog.get_by_label("From left to right").fill("0")
    dialog.get_by_label("From top to bottom").fill("0")
    expect(dialog.get_by_role("status")).to_have_text("100 x 100")
    dialog.get_by_role("button", name="Use this").click()
    expect(page).not_to_have_url(before)
    address = page.locator(".groups").get_attribute("data-photo") or ""
    answer = page.request.get(there.url + address.partition("?")[0])
    with Image.open(io.BytesIO(answer.body())) as cropped, Image.open(io.BytesIO(body)) as photo:
        expected = photo.rotate(-90, expand=True).crop((0, 0, 100, 100))
        assert cropped.size == (100, 100)
        assert np.abs(np.asarray(cropped, int) - np.asarray(expected, int)).mean() < 4
