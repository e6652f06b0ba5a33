"""The gallery in a real browser: styles at once, pictures swapped in place, styles found."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bots.core.admin.use_cases import queue_admin
from tests.bots.web_adapter.conftest import ADMIN, Studio, Tab
from tests.bots.web_adapter.test_studio import PHONE, choose, painted, tile

Tabs = Callable[..., Tab]
LAPTOP = {"viewport": {"width": 1366, "height": 768}}
SWIPE = """([selector, by]) => {
  const on = document.querySelector(selector);
  const finger = (x) => new Touch({ identifier: 1, target: on, clientX: x, clientY: 300 });
  const told = (kind, x, touches) => on.dispatchEvent(
    new TouchEvent(kind, { touches, changedTouches: [finger(x)], bubbles: true }));
  told("touchstart", 200, [finger(200)]);
  told("touchend", 200 + by, []);
}"""


def opened(there: Tab) -> Page:
    """A sample photo's page."""
    page = there.open()
    page.locator("button[name=sample]").first.click()
    page.wait_for_url("**/photos/*")
    return page


def on_screen(page: Page, selector: str) -> int:
    """How many elements are wholly within the window, scrolled to the top."""
    inside = """(all) => { scrollTo(0, 0); return all.filter((each) => {
      const box = each.getBoundingClientRect();
      return box.width && box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    }).length; }"""
    found: int = page.locator(selector).evaluate_all(inside)
    return found


@pytest.mark.parametrize(("window", "first", "later"), [(LAPTOP, 5, 5), (PHONE, 6, 3)])
def test_styles_are_on_the_first_screen(tab: Tabs, window: dict[str, Any], first: int, later: int):
    there = tab(**window)
    page = opened(there)
    assert on_screen(page, ".tile-picture") >= first
    choose(page, "The Kiss")
    assert on_screen(page, "[data-compare]") == 1
    assert on_screen(page, ".tile-picture") >= later
    there.fits()


def test_a_choice_swaps_the_picture_and_nothing_else(tab: Tabs):
    page = opened(tab(**LAPTOP))
    photo = page.url
    page.evaluate("document.querySelector('.gallery').same = true")
    choose(page, "Starry Night")
    first = page.url
    choose(page, "Sunflowers")
    assert page.url != first
    assert page.evaluate("document.querySelector('.gallery').same")
    assert page.title().startswith("Sunflowers")
    expect(page.locator(".tile[aria-current]")).to_have_count(1)
    expect(page.locator(".tile[aria-current]")).to_contain_text("Sunflowers")
    page.go_back()
    painted(page, "Starry Night")
    page.go_back()
    expect(page.locator(".stage.small")).to_be_visible()
    assert page.url == photo
    page.go_forward()
    painted(page, "Starry Night")
    page.reload()
    painted(page, "Starry Night")
    expect(page.locator(".tile[aria-current]")).to_contain_text("Starry Night")


def test_going_back_to_a_style_paints_nothing(tab: Tabs):
    page = opened(tab(**LAPTOP))
    choose(page, "Starry Night")
    first = page.url
    choose(page, "Sunflowers")
    choose(page, "Starry Night")
    page.wait_for_url(first)


def test_the_tile_stands_for_the_picture_while_it_is_painted(tab: Tabs, studio: Studio):
    page = opened(tab(**LAPTOP))
    shown = tile(page, "The Scream").locator("img")
    expect(shown).to_have_class("there")
    studio.do(queue_admin.put_mode(studio.services, ADMIN, "paused", "Soon."))
    try:
        tile(page, "The Scream").click()
        expect(page.locator(".standing")).to_contain_text("Soon.")
        growing = page.locator(".stage img.growing")
        expect(growing).to_have_attribute("src", shown.get_attribute("src") or "")
        box = growing.bounding_box()
        assert box
        assert box["height"] > 300
        # The gallery is there, and another choice takes the place of the one that waits.
        tile(page, "Udnie").click()
        expect(page.locator(".placard h1")).to_have_text("Udnie")
        expect(page.locator(".standing")).to_contain_text("Soon.")
    finally:
        studio.do(queue_admin.put_mode(studio.services, ADMIN, "open"))
    painted(page, "Udnie")
    page.get_by_role("link", name="History").click()
    expect(page.locator(".tiles > li")).to_have_count(1)


def test_a_refusal_is_said_in_place(tab: Tabs):
    there = tab(**LAPTOP)
    page = opened(there)
    choose(page, "Starry Night")
    page.route("**/paint", lambda route: route.abort())
    tile(page, "Sunflowers").click()
    expect(page.get_by_role("alert")).to_have_text("Something went wrong")
    expect(page.locator(".placard h1")).to_have_text("Starry Night")
    expect(page.locator(".tile[aria-current]")).to_contain_text("Starry Night")
    there.complaints.clear()


def test_arrows_buttons_and_swipes_lead_on(tab: Tabs):
    page = opened(tab(**PHONE))
    choose(page, "Starry Night")
    page.evaluate(SWIPE, [".easel img", -120])
    painted(page, "The Great Wave")
    page.evaluate(SWIPE, [".easel img", 120])
    painted(page, "Starry Night")
    # A tap, or a scroll, is none.
    page.evaluate(SWIPE, [".easel img", -10])
    page.get_by_role("button", name="Next style").click()
    painted(page, "The Great Wave")
    page.get_by_role("button", name="Previous style").click()
    painted(page, "Starry Night")
    page.get_by_role("button", name="Surprise me").click()
    expect(page.locator(".placard h1")).not_to_have_text("Starry Night")
    expect(page.locator("[data-compare]")).to_be_visible()


def shown(page: Page) -> list[str]:
    """The titles of the tiles that are shown."""
    return page.locator(".gallery li:not([hidden]) .tile-name").all_inner_texts()


def test_styles_are_searched_and_filtered(tab: Tabs):
    page = opened(tab(**LAPTOP))
    assert len(shown(page)) == 44
    search = page.get_by_role("searchbox", name="Search styles")
    for words, found in (("van gogh", 5), ("Nymphéas", 1), ("浮世绘", 2), ("STARRY", 1)):
        search.fill(words)
        assert len(shown(page)) == found, words
    search.fill("nothing like it")
    expect(page.locator(".finder .said")).to_have_text("No style matches.")
    search.fill("")
    only = page.get_by_label("Which styles are shown")
    only.select_option(label="Claude Monet")
    assert set(shown(page)) == {
        "Water Lilies", "Lily Pond", "Poppies", "Haystacks", "Impression, Sunrise",
    }  # fmt: skip
    only.select_option(label="ukiyo e")
    assert set(shown(page)) == {"The Great Wave", "Mount Fuji"}
    search.fill("fuji")
    search.press("Enter")
    painted(page, "Mount Fuji")


def test_favourites_are_kept_in_the_browser(tab: Tabs):
    page = opened(tab(**LAPTOP))
    for title in ("Udnie", "Sepia"):
        tile(page, title).hover()
        page.get_by_role("button", name=f"Favourite: {title}").click()
    page.reload()
    page.get_by_label("Which styles are shown").select_option(label="Favourites")
    assert set(shown(page)) == {"Udnie", "Sepia"}
    page.get_by_role("button", name="Favourite: Sepia").click()
    assert shown(page) == ["Udnie"]
    page.get_by_role("link", name="Privacy").click()
    page.get_by_text("Delete all my data").click()
    page.get_by_role("button", name="Yes, delete everything").click()
    expect(page.locator(".notice")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0


def test_all_styles_can_be_spread_out_below_the_picture(tab: Tabs):
    there = tab(**PHONE, color_scheme="dark")
    page = opened(there)
    choose(page, "Starry Night")
    expect(page.get_by_role("searchbox")).to_be_hidden()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("searchbox")).to_be_visible()
    there.fits()
    there.accessible()
    choose(page, "Faded")
    expect(page.get_by_role("button", name="Show all")).to_have_attribute("aria-expanded", "false")
    top = page.locator("[data-compare]").evaluate("(box) => box.getBoundingClientRect().top")
    assert top >= 0
