"""The studio as an app: its manifest, shares of other apps, shortcuts, and pages of styles."""

import json
from collections.abc import Callable

from playwright.sync_api import expect

from tests.bots.web_adapter.conftest import Studio, Tab, picture
from tests.bots.web_adapter.test_gallery import LAPTOP, opened
from tests.bots.web_adapter.test_studio import PHONE, choose, painted, tile

Tabs = Callable[..., Tab]
SEND = """(bytes) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "POST", action: "/share", enctype: "multipart/form-data" });
  const input = document.createElement("input");
  Object.assign(input, { type: "file", name: "photo", hidden: true });
  const one = new DataTransfer();
  one.items.add(new File([new Uint8Array(bytes)], "holiday.jpg", { type: "image/jpeg" }));
  input.files = one.files;
  form.append(input);
  document.body.append(form);
  form.submit();
}"""


def test_the_manifest_is_in_the_visitors_language(studio: Studio):
    visit = studio.visit()
    answer = visit.get("/manifest.webmanifest")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest = json.loads(answer.text)
    assert manifest["share_target"]["action"] == "/share"
    for icon in manifest["icons"]:
        assert visit.get(icon["src"]).headers["content-type"] == "image/png"
    chinese = visit.get("/manifest.webmanifest", headers={"Accept-Language": "zh"}).json()
    assert (chinese["lang"], chinese["name"]) == ("zh", "画室 · stylebot")
    page = visit.get("/").text
    assert 'rel="manifest"' in page
    assert '<meta name="description"' in page


def test_a_photo_that_another_app_shares_is_shown_in_all_styles(tab: Tabs):
    page = tab(**PHONE).open()
    page.evaluate("navigator.serviceWorker.register('/worker.js')")
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    # The worker takes the requests of pages that are opened from now on.
    page.reload()
    page.evaluate(SEND, list(picture(1)))
    page.wait_for_url("**/photos/*")
    choose(page, "Sepia")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the photo").click()
    assert saved.value.suggested_filename == "holiday-sepia.jpg"


def test_without_the_worker_a_share_is_refused(studio: Studio):
    sent = studio.visit().client.post("/share", files={"photo": ("a.jpg", picture())})
    assert sent.status_code == 403


def test_keys_are_listed_and_do_what_they_say(tab: Tabs):
    there = tab(**LAPTOP)
    page = opened(there)
    choose(page, "Starry Night")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    expect(sheet).to_be_visible()
    there.accessible()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator(".star[aria-pressed=true]")).to_have_count(1)
    page.keyboard.press("z")
    expect(page.locator("[data-zoomed]")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(page.locator(".placard h1")).to_have_text("Starry Night")
    page.keyboard.press("/")
    page.keyboard.type("rz?")
    expect(page.get_by_role("searchbox")).to_have_value("rz?")
    expect(sheet).to_be_hidden()
    page.get_by_role("searchbox").fill("")
    tile(page, "Udnie").focus()
    with page.expect_download():
        page.keyboard.press("s")
    page.keyboard.press("r")
    expect(page.locator(".placard h1")).not_to_have_text("Starry Night")


def test_a_style_opens_and_paints_the_last_photo(tab: Tabs):
    there = tab(**LAPTOP)
    page = opened(there)
    page.get_by_role("link", name="Styles").click()
    page.get_by_role("link", name="The Scream").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The Scream")
    expect(page.locator(".about")).to_contain_text("Edvard Munch, 1893")
    expect(page.locator("[data-compare]")).to_have_count(3)
    there.accessible()
    there.fits()
    page.get_by_role("link", name="Paint your photo with it").click()
    expect(page.locator(".placard h1")).to_have_text("The Scream")
    page.get_by_role("button", name="Paint", exact=True).click()
    painted(page, "The Scream")


def test_pages_of_styles_are_ones_own(studio: Studio):
    ann, ben = studio.visit(), studio.visit()
    udnie = studio.style("udnie")
    assert ann.get(f"/styles/{udnie}/samples/0").headers["content-type"] == "image/jpeg"
    for path in (f"/styles/{udnie}/samples/9", "/styles/999999", "/styles/999999/samples/0"):
        assert ann.get(path).status_code == 404
    ann.post("/styles", files={"picture": ("a.jpg", picture(2))}, name="Crema")
    own = ann.get("/styles").text.split('action="/styles/')[1].partition("/delete")[0]
    assert "Crema" in ann.get(f"/styles/{own}").text
    assert ben.get(f"/styles/{own}").status_code == 404
