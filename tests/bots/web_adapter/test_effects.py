"""Effects that only the engine knows are chosen, changed and kept in the studio like any other."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from typing_extensions import override

from engine.api.contract import Step
from tests.bots.core.conftest import INVERT, PAINT, SEPIA, EchoEngine
from tests.bots.web_adapter.conftest import Studio, picture
from tests.patching import SPOT, left_half


class InvertingEngine(EchoEngine):
    """Gives photos back; has an effect that only its list names, and a mask for painting."""

    def __init__(self) -> None:
        super().__init__()
        masked = replace(PAINT, params=(*PAINT.params, SPOT))
        self.specs = [masked, SEPIA, INVERT]

    @override
    async def preview(self, slug: str) -> bytes:
        return picture()


@pytest.fixture(scope="module")
def engine() -> InvertingEngine:
    return InvertingEngine()


@pytest.fixture(scope="module")
def studio(open_studio: Callable[..., Studio], engine: InvertingEngine) -> Studio:
    return open_studio(engine)


def test_an_effect_that_only_the_engine_knows_is_used_like_any_other(
    studio: Studio, engine: InvertingEngine
):
    visit = studio.visit()
    photo, invert = visit.drop(), studio.style("invert")
    gallery = visit.get(f"/photos/{photo}").text
    # What paints has its fields from the beginning, in the order of its parameters.
    for name in ("strength", "keep_colours", "brush", "quality"):
        assert f'name="param-{name}"' in gallery
    assert '<option value="masterwork" data-slow>Masterwork</option>' in gallery
    page = visit.wait(visit.paint(photo, invert))
    assert "<h1>Invert</h1>" in page
    # Beneath the result there are its own.
    assert '<label for="param-amount">Amount <output for="param-amount">50</output>' in page
    assert '<option value="cold" selected>Cold tint</option>' in page
    fields = {"param-amount": "70", "param-grain": "1", "param-tint": "hot"}
    page = visit.wait(visit.paint(photo, invert, **fields))
    assert '<option value="hot" selected>Hot tint</option>' in page
    values = {"amount": 0.7, "grain": True, "tint": "hot"}
    assert engine.asked[-1].steps == (Step("invert", values),)
    history = visit.get("/history").text
    assert "Invert" in history
    assert "70 % · Film grain · Hot tint" in history


def test_its_values_and_those_of_what_paints_stand_in_the_settings(
    studio: Studio, engine: InvertingEngine
):
    visit = studio.visit()
    settings = visit.get("/settings").text
    for name in ("strength", "keep_colours", "brush", "quality"):
        assert f'name="param-{name}"' in settings
    assert "param-tint" not in settings
    fields: dict[str, Any] = {"param-brush": "bold"}
    visit.post("/settings", style=str(studio.style("invert")), **fields)
    assert '<option value="bold" selected>Bold</option>' in visit.get("/settings").text
    fields = {"param-tint": "hot", "param-grain": ["0", "1"], "param-brush": "bold"}
    page = visit.post("/settings", style=str(studio.style("invert")), **fields).text
    assert '<option value="hot" selected>Hot tint</option>' in page
    assert 'name="param-grain" value="1" checked' in page
    photo = visit.drop()
    visit.wait(visit.paint(photo, studio.style("invert")))
    values = {"amount": 0.5, "grain": True, "tint": "hot"}
    assert engine.asked[-1].steps == (Step("invert", values),)
    visit.wait(visit.paint(photo, studio.style("great-wave")))
    assert engine.asked[-1].steps[0].params["brush"] == "bold"


def test_a_masterwork_is_painted_behind_and_others_are_not(studio: Studio, engine: InvertingEngine):
    visit = studio.visit()
    photo = visit.drop()
    wave = studio.style("great-wave")
    visit.wait(visit.paint(photo, wave, **{"param-quality": "masterwork"}))
    assert (engine.asked[-1].priority, engine.asked[-1].timeout_s) == ("bulk", 600)
    visit.wait(visit.paint(photo, wave, **{"param-quality": "fast"}))
    assert engine.asked[-1].priority == "interactive"


def test_an_effect_is_blended_with_nothing(studio: Studio):
    visit = studio.visit()
    photo = visit.drop()
    page = visit.get(f"/photos/{photo}").text
    assert f'value="{studio.style("invert")}" data-alone' in page
    assert f'value="{studio.style("great-wave")}" data-alone' not in page
    fields: dict[str, Any] = {"style": studio.style("invert"), "with": studio.style("scream")}
    once = visit.field("once", f"/photos/{photo}")
    refused = visit.post(f"/photos/{photo}/paint", once=once, **fields)
    assert refused.status_code == 400
    assert "settings do not work here" in refused.text


def test_a_mask_that_need_not_be_is_sent_with_any_style_that_has_one(
    studio: Studio, engine: InvertingEngine
):
    visit = studio.visit()
    photo, mask = visit.drop(), left_half()
    address = f"/photos/{photo}"
    page = visit.get(address).text
    # A style is still painted with one click, with its field beside it.
    assert '<details class="file" data-mask>' in page
    assert f"{address}?for=" not in page
    once, files = visit.field("once", address), {"file-spot": ("mask.png", mask)}
    for slug, sent in (("great-wave", [mask]), ("invert", [])):
        style = str(studio.style(slug))
        done = visit.post(f"{address}/paint", style=style, once=once, files=files)
        page = visit.wait(done.url.path)
        request = engine.asked[-1]
        assert [*request.inputs.values()] == sent
        assert request.steps[0].params.get("spot") == next(iter(request.inputs), None)
        assert ("kept-spot" in page) is bool(sent)


def test_a_photo_that_the_engine_gives_as_png_is_shown_as_one(studio: Studio):
    visit = studio.visit()
    for kind in ("PNG", "JPEG"):
        photo = visit.drop(picture(kind=kind))
        shown = visit.get(f"/pictures/{photo}")
        assert shown.headers["content-type"] == f"image/{kind.lower()}"
        assert shown.content == picture(kind=kind)
