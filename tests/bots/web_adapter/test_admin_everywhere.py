"""Every action of an admin is in the studio, and is in the audit log under its id."""

import asyncio
import re
import time
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from bots.core.admin import registry
from bots.core.admin.pages.pages import read_address
from bots.web_adapter.sessions.admins import ADMIN
from engine.api.contract import Refinement
from tests.admin_world import chosen, furnish, newest, walked
from tests.bots.web_adapter.conftest import Studio, picture


def test_every_action_is_there_and_is_noted_under_its_id(
    open_studio: Callable[..., Studio], monkeypatch: pytest.MonkeyPatch
):
    studio = open_studio()
    services, admin = studio.services, studio.visit()
    admin.post("/admin/enter", token=studio.way_in().partition("#")[2])
    world = studio.do(furnish(services, ADMIN, picture))
    code = studio.do(services.engine.extract_style([picture(3)]))

    async def polished(*_: Any, **__: Any) -> Refinement:
        return Refinement(code, 0.8, 0.8)

    monkeypatch.setattr(services.engine, "refine", polished)

    async def visit(there: str) -> set[str]:
        page = admin.get(f"/admin/{there}")
        assert page.status_code == 200, there
        led = re.findall(r'(?:href|action|formaction)="/admin/([^"#]+)"', page.text)
        return {unescape(each) for each in led} - {"leave"}

    found = asyncio.run(walked(world, visit))
    assert {read_address(there).name for there in found} >= set(registry.ACTIONS)
    for act in registry.ACTIONS:
        answers = dict(world.answers.get(act, {}))
        files = {name: (f"{name}.bin", answers.pop(name))
                 for name in ("picture", "file") if name in answers}  # fmt: skip
        # A style's own form has the place that its buttons put in the address.
        more: dict[str, Any] = {"place": "0"} if act == "style.move" else {}
        sent = admin.post(f"/admin/{chosen(world, found, act)}", files=files or None,
                          **more, **answers)  # fmt: skip
        assert sent.status_code == 200, (act, sent.text)
        for _ in range(200):
            if studio.do(newest(services, ADMIN)) == (str(ADMIN), act):
                break
            time.sleep(0.05)
        assert studio.do(newest(services, ADMIN)) == (str(ADMIN), act)


def test_a_sentence_in_an_address_is_shown_only_where_it_is_ours(
    open_studio: Callable[..., Studio],
):
    studio = open_studio()
    admin = studio.visit()
    admin.post("/admin/enter", token=studio.way_in().partition("#")[2])
    saved = admin.post("/admin/limits.put/album", value="3")
    assert "Saved." in saved.text
    forged = admin.get("/admin/limits", params={"note": "Call 555.", "seal": "0" * 64})
    assert "Call 555." not in forged.text
    odd = admin.get("/admin/limits", params={"note": "é", "seal": "é"})
    assert odd.status_code == 200
