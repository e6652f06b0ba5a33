"""The studio in a real browser: what a person sees, clicks, types and drops."""

import base64
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from bots.core.admin.use_cases import queue_admin as control_room
from engine.painting.manifest import SAMPLE_PHOTOS
from tests.bots.web_adapter.conftest import ADMIN, Studio, Tab, picture

Tabs = Callable[..., Tab]
PHONE = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True,
    "has_touch": True,
}  # fmt: skip
DROP = """async ([selector, kind, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "photo.jpg", { type: "image/jpeg" }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true })
    : new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.querySelector(selector).dispatchEvent(event);
}"""


def drop(page: Page, body: bytes, kind: str = "drop") -> None:
    """Let a file fall on the page, or paste it."""
    page.evaluate(DROP, ["main", kind, base64.b64encode(body).decode()])


def file(name: str, body: bytes) -> FilePayload:
    """A file to choose."""
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": body}


def tile(page: Page, title: str) -> Locator:
    """A style's tile."""
    return page.locator(".gallery .tile", has_text=title).first


def choose(page: Page, title: str) -> None:
    """Click a style's tile, and wait for the picture."""
    tile(page, title).click()
    painted(page, title)


def painted(page: Page, title: str) -> None:
    """Wait for a picture in a style."""
    expect(page.locator(".placard h1")).to_contain_text(title)
    expect(page.locator("[data-compare]")).to_be_visible()
    page.wait_for_url("**/paintings/*")


def all_loaded(page: Page) -> None:
    """Wait until every thumbnail is there, those further down, too."""
    page.evaluate(
        """async () => {
          const all = [...document.querySelectorAll(".tiles img")];
          all.forEach((img) => { img.loading = "eager"; });
          await Promise.all(all.map((img) => img.decode()));
        }"""
    )


def test_from_a_dropped_photo_to_a_file(tab: Tabs):
    page = tab().open()
    drop(page, picture(0, 400))
    page.wait_for_url("**/photos/*")
    assert page.locator("button.tile").count() == 44
    all_loaded(page)
    sources = page.locator(".tiles img").evaluate_all("(all) => all.map((img) => img.src)")
    assert len(set(sources)) == 44
    choose(page, "Starry Night")
    expect(page.get_by_role("heading", level=1)).to_have_text("Starry Night")
    expect(page.locator(".placard .by")).to_have_text("Vincent van Gogh, 1889")

    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the photo").click()
    with Image.open(saved.value.path()) as painted:
        assert (painted.format, max(painted.size)) == ("JPEG", 400)
    assert saved.value.suggested_filename == "photo-starry-night.jpg"


def test_a_slider_leads_from_before_to_after(tab: Tabs):
    page = tab().open()
    page.get_by_role("button", name="Try sample photo 2").click()
    choose(page, "Udnie")
    slider = page.get_by_role("slider", name="How much of the photo is shown")
    photo = page.locator(".compare-photo")
    expect(photo).to_have_css("clip-path", "inset(0px 100% 0px 0px)")
    slider.press("End")
    expect(photo).to_have_css("clip-path", "inset(0px 0% 0px 0px)")
    box = page.locator("[data-compare]").bounding_box()
    assert box
    # The bar is dragged; elsewhere the picture is held, and shows the photo.
    half = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 10, half)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, half)
    page.mouse.up()
    assert 10 <= int(slider.input_value()) <= 40
    slider.press("Home")
    page.mouse.move(box["x"] + box["width"] / 2, half)
    page.mouse.down()
    expect(photo).to_have_css("clip-path", "none")
    page.mouse.up()
    expect(photo).to_have_css("clip-path", "inset(0px 100% 0px 0px)")
    page.locator(".gallery .tile").first.focus()
    page.keyboard.down("c")
    expect(photo).to_have_css("clip-path", "none")
    page.keyboard.up("c")
    expect(photo).to_have_css("clip-path", "inset(0px 100% 0px 0px)")


def test_a_picture_is_painted_otherwise_and_found_again(tab: Tabs):
    page = tab().open()
    page.get_by_role("button", name="Try sample photo 2").click()
    choose(page, "Sunflowers")
    first = page.url
    page.get_by_label("Strength").fill("40")
    expect(page.locator("output[for=param-strength]")).to_have_text("40")
    # It is seen at once, mixed from photo and painting, and painted soon after.
    expect(page.locator("[data-mix]")).to_have_css("opacity", "0.6")
    expect(page).not_to_have_url(first)
    expect(page.locator("[data-compare]")).to_be_visible()
    expect(page.get_by_label("Strength")).to_have_value("40")
    expect(page.locator("[data-mix]")).to_be_hidden()

    page.get_by_role("link", name="History").click()
    tiles = page.locator(".tiles > li")
    expect(tiles).to_have_count(2)
    expect(tiles.first).to_contain_text("40 %")
    tiles.nth(1).get_by_role("button", name="Paint again").click()
    expect(page.locator("[data-compare]")).to_be_visible()
    page.get_by_role("link", name="History").click()
    tiles.first.get_by_role("button", name="Delete").click()
    expect(tiles.filter(visible=True)).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(tiles.filter(visible=True)).to_have_count(3)
    tiles.first.get_by_role("button", name="Delete").click()
    page.get_by_role("link", name="Photos").click()
    expect(page.locator(".hero")).to_be_visible()
    page.get_by_role("link", name="History").click()
    expect(tiles).to_have_count(2)


def test_a_photo_is_pasted_and_another_one_chosen(tab: Tabs):
    page = tab().open()
    drop(page, picture(1), "paste")
    page.wait_for_url("**/photos/*")
    first = page.url
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Another photo").click()
    chooser.value.set_files(file("b", picture(2, kind="PNG")))
    expect(page).not_to_have_url(first)
    page.get_by_role("link", name="Photos").click()
    expect(page.get_by_role("img", name="Your photo from")).to_have_count(2)


def test_a_file_that_is_too_large_is_not_even_sent(tab: Tabs):
    page = tab().open()
    page.evaluate(
        """() => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(21e6)], "large.jpg"));
          document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer }));
        }"""
    )
    expect(page.locator(".drop .said")).to_contain_text("at most 20 MB")
    drop(page, picture())
    page.wait_for_url("**/photos/*")


def test_a_style_of_ones_own_is_made_used_and_deleted(tab: Tabs):
    page = tab().open("/styles")
    drop(page, picture(2))
    expect(page.locator("[data-chosen]")).to_have_text("photo.jpg")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Crema")
    page.keyboard.press("Enter")
    expect(page.locator(".own .tile")).to_contain_text("Crema")
    page.get_by_role("link", name="Photos").click()
    page.get_by_role("button", name="Try sample photo 2").click()
    choose(page, "Crema")
    page.get_by_role("link", name="Styles").click()
    page.get_by_role("button", name="Delete “Crema”").click()
    page.get_by_role("link", name="Photos").click()
    expect(page.locator(".hero")).to_be_visible()
    page.get_by_role("link", name="Styles").click()
    expect(page.get_by_text("You have no styles of your own yet.")).to_be_visible()


def test_two_styles_are_blended(tab: Tabs):
    page = tab().open()
    page.get_by_role("button", name="Try sample photo 1").click()
    expect(page.get_by_label("Share")).to_be_hidden()
    page.get_by_label("Blend with").select_option("The Kiss")
    page.get_by_label("Share").fill("30")
    # A filter has no strokes to blend.
    expect(tile(page, "Sepia")).to_be_disabled()
    choose(page, "The Scream")
    expect(page.get_by_role("heading", level=1)).to_have_text("The Scream + The Kiss")
    expect(page.get_by_label("Share")).to_have_value("30")


def test_a_waiting_person_reads_why_and_may_leave(tab: Tabs, studio: Studio):
    page = tab().open()
    page.get_by_role("button", name="Try sample photo 1").click()
    studio.do(control_room.put_mode(studio.services, ADMIN, "paused", "Back at 18:00."))
    try:
        tile(page, "Udnie").click()
        expect(page.locator(".standing")).to_contain_text("Back at 18:00.")
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator(".notice")).to_have_text("Cancelled.")
        tile(page, "Sunflowers").click()
        expect(page.locator(".standing")).to_contain_text("Back at 18:00.")
    finally:
        studio.do(control_room.put_mode(studio.services, ADMIN, "open"))
    expect(page.locator("[data-compare]")).to_be_visible()


def test_the_keyboard_is_enough(tab: Tabs):
    page = tab().open()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the picture")).to_be_focused()
    page.keyboard.press("Enter")
    focus_on(page, "Try sample photo 1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/photos/*")
    # The gallery is one stop; within it the arrows move.
    focus_on(page, "Starry Night")
    page.keyboard.press("ArrowRight")
    expect(tile(page, "The Great Wave")).to_be_focused()
    seen = "getComputedStyle(document.activeElement.querySelector('.tile-picture')).outlineStyle"
    assert page.evaluate(seen) == "solid"
    page.keyboard.press("Space")
    painted(page, "The Great Wave")
    page.keyboard.press("ArrowRight")
    painted(page, "The Scream")
    expect(tile(page, "The Scream")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    painted(page, "The Great Wave")
    focus_on(page, "Strength")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("output[for=param-strength]")).to_have_text("99")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    focus_on(page, "How much of the photo")
    page.keyboard.press("End")
    expect(page.locator(".compare-photo")).to_have_css("clip-path", "inset(0px 0% 0px 0px)")


def focus_on(page: Page, name: str) -> None:
    """Press Tab until that has the focus."""
    said = """() => { const on = document.activeElement;
      return [on.ariaLabel, on.textContent, on.labels?.[0]?.textContent,
              on.querySelector?.("img")?.alt].join(" "); }"""
    for _ in range(40):
        page.keyboard.press("Tab")
        if name in page.evaluate(said):
            return
    raise AssertionError(f"Tab does not lead to {name!r}")


def test_on_a_phone_in_the_dark_in_chinese(tab: Tabs):
    there = tab(**PHONE, color_scheme="dark", locale="zh-CN")
    page = there.open()
    assert page.locator("html").get_attribute("lang") == "zh"
    expect(page.get_by_role("heading", level=1)).to_have_text("让照片变成名画。")
    camera = page.locator("input[capture]")
    expect(page.get_by_text("拍照")).to_be_visible()
    there.fits()
    there.accessible()
    camera.set_input_files(file("c", picture(2, 300)))
    page.wait_for_url("**/photos/*")
    there.fits()
    tile(page, "神奈川冲浪里").tap()
    expect(page.locator("[data-compare]")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("神奈川冲浪里")
    there.fits()
    there.accessible()
    over, under = page.locator("[data-compare] img:not(.mix)").evaluate_all(
        "(all) => all.map((img) => JSON.stringify(img.getBoundingClientRect()))"
    )
    assert over == under, "the photo lies exactly on the painting"


def test_light_and_dark_are_chosen_and_remembered(tab: Tabs):
    page = tab(color_scheme="light").open()
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate(background)
    assert dark != light
    page.get_by_role("link", name="Settings").click()
    page.wait_for_url("**/settings")
    assert page.evaluate(background) == dark
    page.get_by_role("button", name="Light").click()
    assert page.evaluate(background) == light


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_keeps_anyone_out(tab: Tabs, theme: str):
    there = tab(color_scheme=theme)
    page = there.open()
    there.accessible()
    page.get_by_role("button", name="Try sample photo 3").click()
    page.wait_for_url("**/photos/*")
    there.accessible()
    choose(page, "The Kiss")
    there.accessible()
    for path in ("/", "/styles", "/history", "/settings"):
        there.open(path)
        there.accessible()
    there.open("/privacy")
    page.get_by_text("Delete all my data").click()
    there.accessible()


def test_settings_hold_and_forgetting_leaves_nothing(tab: Tabs):
    page = tab().open("/settings")
    page.get_by_label("Language").select_option("中文")
    page.get_by_label("Default style").select_option("Sunflowers")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notice")).to_have_text("已保存。")
    page.get_by_role("link", name="照片").click()
    page.get_by_role("button", name="试试示例照片 1").click()
    page.get_by_role("button", name="生成效果图").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("向日葵")
    expect(page.locator("[data-compare]")).to_be_visible()
    page.get_by_role("link", name="隐私").click()
    page.get_by_text("删除我的所有数据").click()
    expect(page.locator(".forget form")).to_contain_text("2 张图片、1 条记录")
    page.get_by_role("button", name="是的，全部删除").click()  # noqa: RUF001
    expect(page.locator(".notice")).to_contain_text("2 张图片")
    page.goto(page.url.replace("/privacy/forget", "/history"))
    expect(page.get_by_text("Nothing yet.")).to_be_visible()


def test_nothing_that_matters_needs_a_script(tab: Tabs):
    there = tab(java_script_enabled=False)
    page = there.open()
    page.locator("input[type=file]").first.set_input_files(file("a", picture()))
    page.get_by_role("button", name="Show it in all styles").click()
    page.wait_for_url("**/photos/*")
    tile(page, "Udnie").click()
    page.wait_for_url("**/paintings/*")
    expect(page.locator("[data-compare]")).to_be_visible()


def test_the_screenshots_of_the_readme(tab: Tabs):
    """Made anew where STUDIO_SCREENSHOTS names a folder."""
    folder = os.environ.get("STUDIO_SCREENSHOTS")  # noqa: TID251 - a test's own
    if not folder:
        pytest.skip("STUDIO_SCREENSHOTS names no folder")
    desk = tab(viewport={"width": 1400, "height": 1180})
    shoot(desk, 2, "Starry Night", Path(folder, "studio.jpg"))
    phone = tab(**PHONE, color_scheme="dark")
    shoot(phone, 0, "Woman with a Hat", Path(folder, "studio-phone.jpg"))


def shoot(there: Tab, sample: int, title: str, path: Path) -> None:
    page = there.open()
    page.locator("input[type=file]").first.set_input_files(file("a", enlarged(sample)))
    page.wait_for_url("**/photos/*")
    choose(page, title)
    page.get_by_role("slider", name="How much of the photo").fill("50")
    all_loaded(page)
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").save(path, "JPEG", quality=84, optimize=True)
    assert path.stat().st_size < 300_000


def enlarged(sample: int) -> bytes:
    """A sample photo as large as people's photos are."""
    body = io.BytesIO()
    with Image.open(SAMPLE_PHOTOS[sample]) as photo:
        size = (2 * photo.width, 2 * photo.height)
        photo.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(body, "JPEG", quality=92)
    return body.getvalue()
