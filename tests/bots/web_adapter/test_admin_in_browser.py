"""The admin's pages in a real browser: signing in, making a style, ordering, pausing."""

import asyncio
import base64
import io
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from bots.core.admin.use_cases import queue_admin as control_room
from bots.core.admin.use_cases import styles as admin_styles
from bots.web_adapter.sessions.admins import ADMIN
from engine.api.contract import Capabilities, Refinement
from engine.api.errors import CannotRefineError
from tests.bots.web_adapter.conftest import Studio, Tab, picture

Tabs = Callable[..., Tab]
PHONE = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True,
    "has_touch": True,
}  # fmt: skip
PARTS = ("styles", "queue", "limits", "blocks", "chats", "stats", "audit")
DROP = """async (all) => {
  const transfer = new DataTransfer();
  all.forEach((base64, number) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], `${number}.jpg`, { type: "image/jpeg" }));
  });
  document.querySelector("main").dispatchEvent(
    new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


def drop(page: Page, *pictures: bytes) -> None:
    """Let pictures fall on the page."""
    page.evaluate(DROP, [base64.b64encode(body).decode() for body in pictures])


def sign_in(studio: Studio, there: Tab) -> Page:
    """Open what the console shows."""
    page = there.open(studio.way_in().removeprefix(studio.url))
    page.wait_for_url("**/admin/styles")
    return page


def only_refused(there: Tab, status: int) -> None:
    """See that nothing else went wrong: the answer, and what the browser itself says of it."""
    for _ in range(50):
        if len(there.complaints) >= 2:
            break
        there.page.wait_for_timeout(50)
    assert len(there.complaints) == 2
    assert all(str(status) in complaint for complaint in there.complaints)
    there.complaints.clear()


def titles(page: Page) -> list[str]:
    """The first styles, as the list shows them."""
    return [line.partition(" ★")[0] for line in page.locator(".shelf .tile-name").all_inner_texts()]


def order(studio: Studio) -> list[str]:
    views = studio.do(admin_styles.listed(studio.services, ADMIN))
    return [view.style.title("en") for view in views]


def test_from_the_console_to_a_style_that_everyone_has(tab: Tabs, studio: Studio):
    page = sign_in(studio, tab())
    assert page.evaluate("location.hash") == ""
    drop(page, picture(2, 400), picture(1, 300))
    expect(page.locator(".chosen img")).to_have_count(2)
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    page.keyboard.type("Crema")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Crema")
    previews = page.locator(".previews img")
    expect(previews).to_have_count(3)
    previews.evaluate_all("(all) => Promise.all(all.map((img) => img.decode()))")

    visitor = tab().open()
    visitor.get_by_role("button", name="Try sample photo 1").click()
    visitor.wait_for_url("**/photos/*")
    expect(visitor.locator("button.tile", has_text="Late crema")).to_have_count(0)
    page.get_by_label("Title: English").fill("Late crema")
    page.get_by_label("Title: 中文").fill("油脂")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Late crema / 油脂")
    page.get_by_label("Tags, separated by commas").fill("warm, brown")
    page.get_by_role("button", name="Tags").click()
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Disable")).to_be_visible()
    expect(page.get_by_label("Tags, separated by commas")).to_have_value("warm, brown")
    visitor.reload()
    visitor.locator("button.tile", has_text="Late crema").click()
    expect(visitor.locator("[data-compare]")).to_be_visible()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Late crema")
    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()


def test_what_cannot_be_taken_loses_nothing(tab: Tabs, studio: Studio):
    there = tab()
    page = sign_in(studio, there)
    drop(page, picture(1))
    page.keyboard.type("Udnie")
    page.keyboard.press("Enter")
    expect(page.get_by_text("There is already a style “Udnie”.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Udnie")
    expect(page.locator(".chosen img")).to_have_count(1)
    only_refused(there, 400)


def test_the_order_is_changed_by_keyboard_and_by_hand(tab: Tabs, studio: Studio):
    page = sign_in(studio, tab())
    first, second, third, *_ = order(studio)
    down = page.get_by_role("button", name=f"Move {first} down")
    down.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#moved")).to_have_text(f"{first} is number 2 now.")
    expect(down).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#moved")).to_have_text(f"{first} is number 3 now.")
    assert order(studio)[:3] == titles(page)[:3] == [second, third, first]
    page.get_by_role("button", name=f"Move {first} to the top").press("Space")
    expect(page.locator("#moved")).to_have_text(f"{first} is number 1 now.")
    grip_of(page, third).drag_to(row_of(page, first), target_position={"x": 200, "y": 4})
    expect(page.locator("#moved")).to_have_text(f"{third} is number 1 now.")
    assert order(studio)[:3] == titles(page)[:3] == [third, first, second]
    grip_of(page, third).drag_to(row_of(page, second), target_position={"x": 200, "y": 60})
    expect(page.locator("#moved")).to_have_text(f"{third} is number 3 now.")
    assert order(studio)[:3] == [first, second, third]


def row_of(page: Page, title: str) -> Locator:
    return page.locator(
        ".shelf li", has=page.get_by_role("button", name=f"Move {title} to the top")
    )


def grip_of(page: Page, title: str) -> Locator:
    return row_of(page, title).locator(".grip")


def test_the_message_of_a_paused_queue_is_read_by_waiting_people(tab: Tabs, studio: Studio):
    page, visitor = sign_in(studio, tab()), tab().open()
    visitor.get_by_role("button", name="Try sample photo 1").click()
    visitor.wait_for_url("**/photos/*")
    page.get_by_role("link", name="Queue").click()
    page.get_by_label("Message to users").fill("Back at 18:00.")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".figure")).to_contain_text("Paused “Back at 18:00.”")
    try:
        visitor.locator("button.tile", has_text="Udnie").click()
        expect(visitor.locator(".standing")).to_contain_text("Back at 18:00.")
        # It comes up without anyone's doing.
        expect(page.locator("tbody tr")).to_have_count(1)
        page.get_by_role("button", name="Open").click()
        expect(page.locator(".figure")).to_contain_text("Open · ")
    finally:
        studio.do(control_room.put_mode(studio.services, ADMIN, "open"))
    expect(visitor.locator("[data-compare]")).to_be_visible()


def test_a_wrong_token_opens_nothing_and_a_right_one_ends(tab: Tabs, studio: Studio):
    there = tab()
    page = there.open("/admin")
    page.get_by_label("Token").fill("x" * 43)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("token is wrong")
    there.accessible()
    only_refused(there, 403)
    page.get_by_label("Token").fill(studio.way_in().partition("#")[2])
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/styles")
    # Pictures that come after signing out are refused.
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/admin")
    expect(page.get_by_label("Token")).to_have_value("")


def test_polishing_is_watched_and_what_came_of_it_is_said(
    tab: Tabs, studio: Studio, monkeypatch: pytest.MonkeyPatch
):
    """How an engine polishes is tested with the engine; this is one that can, and before cannot."""
    engine = studio.services.engine
    style = studio.do(admin_styles.add(studio.services, ADMIN, "Slow", [picture(2)]))
    better = studio.do(engine.extract_style([picture(1)]))
    can = replace(studio.do(engine.capabilities()), refines=False)
    half, go_on = threading.Event(), asyncio.Event()

    async def refine(*_: Any, report: Callable[[float], None], **__: Any) -> Refinement:
        report(0.4)
        half.set()
        await go_on.wait()
        return Refinement(better, 0.85, 0.34)

    async def capabilities() -> Capabilities:
        return can

    monkeypatch.setattr(engine, "refine", refine)
    monkeypatch.setattr(engine, "capabilities", capabilities)
    page = sign_in(studio, tab())
    page.goto(f"{studio.url}/admin/style/{style.id}")
    expect(page.get_by_role("button", name="Export")).to_be_visible()
    expect(page.get_by_role("button", name="Refine")).to_have_count(0)
    can = replace(can, refines=True)
    page.reload()
    source = page.locator(".previews img").first.get_attribute("src")
    page.get_by_role("button", name="Refine").click()
    assert half.wait(10)
    expect(page.locator(".standing")).to_have_text("Refining “Slow” · 40 %")
    expect(page.get_by_role("button", name="Refine")).to_have_count(0)
    studio.loop.call_soon_threadsafe(go_on.set)
    expect(page.get_by_text("picture: 0.85 before, 0.34 now")).to_be_visible()
    assert page.locator(".previews img").first.get_attribute("src") != source
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export").click()
    assert saved.value.suggested_filename == f"{style.slug}.stylebot.json"


def test_what_cannot_be_polished_says_why(
    tab: Tabs, studio: Studio, monkeypatch: pytest.MonkeyPatch
):
    async def refuse(*_: Any, **__: Any) -> Refinement:
        raise CannotRefineError("This engine cannot refine styles: it has nothing to measure.")

    monkeypatch.setattr(studio.services.engine, "refine", refuse)
    style = studio.do(admin_styles.add(studio.services, ADMIN, "Rough", [picture(2)]))
    page = sign_in(studio, tab())
    page.goto(f"{studio.url}/admin/style/{style.id}")
    # As from a page of before the engine was another one.
    page.locator("form[action*=export]").evaluate(
        "(form) => { form.action = form.action.replace('export', 'refine'); form.submit(); }"
    )
    expect(page.get_by_text("Styles cannot be refined here.")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("The draft is deleted.")).to_be_visible()


@pytest.mark.parametrize(
    ("theme", "parts"), [("light", (*PARTS[1:], "style/1")), ("dark", ("queue", "style/1"))]
)
def test_no_page_of_the_admins_keeps_anyone_out(
    tab: Tabs, studio: Studio, theme: str, parts: Sequence[str]
):
    there = tab(color_scheme=theme)
    sign_in(studio, there)
    there.accessible()
    for part in parts:
        there.open(f"/admin/{part}")
        there.accessible()


def test_on_a_phone_in_chinese(tab: Tabs, studio: Studio):
    there = tab(**PHONE, locale="zh-CN")
    page = sign_in(studio, there)
    expect(page.get_by_role("heading", level=1)).to_have_text("风格")
    for part in (*PARTS, "style/1"):
        there.open(f"/admin/{part}")
        there.fits()
    there.open("/admin/styles")
    page.get_by_label("名称").fill("奶泡")
    chosen: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture(2)}
    page.locator("input[name=picture]").set_input_files(chosen)
    page.get_by_role("button", name="新建风格").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("奶泡")
    there.fits()
    there.accessible()
    page.get_by_role("button", name="删除草稿").tap()
    expect(page.get_by_text("草稿已删除")).to_be_visible()


def test_nothing_that_matters_needs_a_script(tab: Tabs, studio: Studio):
    there = tab(java_script_enabled=False)
    page = there.open("/admin")
    page.get_by_label("Token").fill(studio.way_in().partition("#")[2])
    page.keyboard.press("Enter")
    first, second, *_ = order(studio)
    page.get_by_role("button", name=f"Move {first} down").click()
    page.wait_for_url("**/admin/styles#style-*")
    assert titles(page)[:2] == [second, first]
    page.get_by_role("button", name=f"Move {first} up").click()
    page.get_by_role("link", name="Queue").click()
    page.get_by_role("button", name="Drain").click()
    expect(page.locator(".figure")).to_contain_text("Draining")
    page.get_by_role("button", name="Open").click()
    expect(page.locator(".figure")).to_contain_text("Open")
    assert order(studio)[:2] == [first, second]


def test_the_screenshot_of_the_docs(tab: Tabs, studio: Studio):
    """Made anew where STUDIO_SCREENSHOTS names a folder."""
    folder = os.environ.get("STUDIO_SCREENSHOTS")  # noqa: TID251 - a test's own
    if not folder:
        pytest.skip("STUDIO_SCREENSHOTS names no folder")
    path = Path(folder, "studio-admin.jpg")
    services = studio.services
    started = [view.style for view in studio.do(admin_styles.listed(services, ADMIN))]
    made = studio.do(admin_styles.add(services, ADMIN, "Late crema", [picture(2, 400)]))
    studio.do(admin_styles.move(services, ADMIN, made.id, 1))
    studio.do(admin_styles.put_state(services, ADMIN, started[2].id, "resting"))
    studio.do(admin_styles.make_default(services, ADMIN, started[7].id))
    page = sign_in(studio, tab(viewport={"width": 1400, "height": 1000}))
    drop(page, picture(1, 400))
    page.keyboard.type("Whiskers")
    page.locator(".shelf img").evaluate_all(
        """(all) => Promise.all(all.map((img) => {
          img.loading = "eager";
          return img.decode();
        }))"""
    )
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").save(path, "JPEG", quality=86, optimize=True)
    assert path.stat().st_size < 250_000
