"""Several photos, saving, copying, sharing and taking back, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, expect

from tests.bots.web_adapter.conftest import Tab, picture
from tests.bots.web_adapter.test_studio import choose, file, tile

Tabs = Callable[..., Tab]


def photos(*bodies: bytes) -> list[FilePayload]:
    return [file(name, body) for name, body in zip(("cat", "owl", "cup"), bodies, strict=False)]


def test_several_photos_are_painted_and_saved_together(tab: Tabs):
    there = tab()
    page = there.open()
    sent = photos(picture(0), b"text", picture(1))
    page.locator("input[type=file]").first.set_input_files(sent)
    page.wait_for_url("**/photos/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your 2 photos in one of 44 styles")
    expect(page.locator(".notice")).to_contain_text("One file is left out")
    there.accessible()
    # Chromium notes the file that was refused.
    there.complaints.clear()
    tile(page, "Sepia").click()
    expect(page.locator(".album img")).to_have_count(2)
    there.accessible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save all").click()
    assert saved.value.suggested_filename == "sepia.zip"
    with page.expect_download() as one:
        page.locator(".album a").last.click()
    assert one.value.suggested_filename == "cup-sepia.jpg"


def test_a_bad_file_is_named_in_place(tab: Tabs):
    there = tab()
    page = there.open()
    page.locator("input[type=file]").first.set_input_files(photos(b"text"))
    expect(page.locator(".drop .said")).to_contain_text("That format is not supported.")
    there.complaints.clear()
    page.locator("input[type=file]").first.set_input_files(photos(picture()))
    page.wait_for_url("**/photos/*")


def test_a_picture_is_copied_and_saved_in_sizes(tab: Tabs):
    there = tab()
    page = there.open()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("input[type=file]").first.set_input_files(photos(picture(0, 400)))
    page.wait_for_url("**/photos/*")
    choose(page, "Sepia")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("[data-toast]")).to_contain_text("Copied")
    size = page.evaluate(
        """async () => {
          const [item] = await navigator.clipboard.read();
          const picture = await createImageBitmap(await item.getType("image/png"));
          return Math.max(picture.width, picture.height);
        }"""
    )
    assert size == 400
    with page.expect_download() as small:
        page.get_by_role("link", name="320 px").click()
    assert small.value.suggested_filename == "cat-sepia.jpg"


@pytest.mark.parametrize("leaves", [True, False])
def test_a_deleted_photo_can_be_brought_back_for_a_while(tab: Tabs, leaves: bool):  # noqa: FBT001
    there = tab()
    page = there.open()
    page.locator("button[name=sample]").first.click()
    page.wait_for_url("**/photos/*")
    page.locator("[data-undo] button").click()
    expect(page.locator("[data-toast]")).to_contain_text("Its paintings stay in the history.")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    if leaves:
        page.get_by_role("link", name="Photos").click()
        expect(page.locator(".hero")).to_be_visible()
        expect(page.get_by_role("heading", name="Your photos")).to_have_count(0)
        # Tiles that were still to come cannot be painted any more.
        there.complaints.clear()
    else:
        page.keyboard.press("Enter")
        expect(page.locator("[data-toast]")).to_be_hidden()
        page.get_by_role("link", name="Photos").click()
        expect(page.get_by_role("heading", name="Your photos")).to_be_visible()


def test_a_lost_page_says_so(tab: Tabs):
    there = tab()
    page = there.open("/no-such-page")
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    there.complaints.clear()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("找不到页面")
    there.complaints.clear()
