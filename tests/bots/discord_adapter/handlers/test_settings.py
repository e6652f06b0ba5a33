"""What a person likes, set by buttons."""

import pytest
import simcord

from storage.values.people import Preference
from storage.values.recipes import Choice, Recipe, Step
from tests.bots.discord_adapter.conftest import (
    Stage,
    buttons,
    key,
    menu,
    said,
)

pytestmark = pytest.mark.anyio


async def press(stage: Stage, panel: simcord.InteractionResult, label: str) -> None:
    assert panel.response is not None
    await stage.ann.click(panel.response, label=label)


async def choose(stage: Stage, panel: simcord.InteractionResult, name: str, value: str) -> None:
    assert panel.response is not None
    custom_id = menu(panel.response, name)["custom_id"]
    await stage.ann.select(panel.response, [value], custom_id=custom_id)


async def test_everything_one_may_like_is_set_in_one_panel(stage: Stage):
    panel = await stage.ann.slash(stage.channel, "settings")
    assert panel.ephemeral
    ids = await stage.ids()
    await choose(stage, panel, "set-style", str(ids["scream"]))
    assert "**Default style** · The Scream" in said(panel.response)
    for label in ("\N{MINUS SIGN} 20 %", "\N{MINUS SIGN} 20 %", "+ 20 %", "Keep colours",
                  "Send as HD file", "Only I can see it", "Remember results"):  # fmt: skip
        await press(stage, panel, label)
    await choose(stage, panel, "set-value.brush", "bold")
    assert "**Strength** · 80 %" in said(panel.response)
    assert buttons(panel.response)["Keep colours"]["style"] == 1
    values = {"strength": 0.8, "keep_colours": True, "brush": "bold"}
    recipe = Recipe((Step("paint", values | {"styles": (Choice(ids["scream"]),)}),))
    expected = Preference(recipe, output="file", private=True, history=False)
    assert stage.client.cache.preference(key(stage.ann)) == expected
    # The next request follows the settings, from its first acknowledgement.
    result = await stage.paint("")
    assert result.ephemeral
    assert said(result.response).splitlines()[0] == "**The Scream** · 80 % · Keep colours · Bold"
    for label in ("Only I can see it", "No default style"):
        await press(stage, panel, label)
    known = stage.client.cache.preference(key(stage.ann))
    assert (known.private, known.recipe.complete) == (False, False)
    assert buttons(panel.response)["No default style"]["disabled"]


async def test_the_language_changes_everything_that_is_said(stage: Stage):
    panel = await stage.ann.slash(stage.channel, "settings")
    await choose(stage, panel, "set-language", "zh")
    assert "设置" in said(panel.response)
    result = await stage.ann.slash(
        stage.channel, "style", image=("p.jpg", b"no picture"), style="wave", private=True
    )
    assert "神奈川冲浪里 · 下一个就是你" in said(result.response)
    await stage.work()
    assert "图片已损坏" in said(result.response)
    found = await stage.ann.autocomplete(stage.channel, "style", "style", "sc")
    assert found[0]["name"] == "呐喊"
    await choose(stage, panel, "set-language", "none")
    assert "Settings" in said(panel.response)


async def test_the_ends_of_the_scale_are_ends(stage: Stage):
    panel = await stage.ann.slash(stage.channel, "settings")
    assert buttons(panel.response)["+ 20 %"]["disabled"]
    for _ in range(5):
        await press(stage, panel, "\N{MINUS SIGN} 20 %")
    assert "**Strength** · 10 %" in said(panel.response)
    assert buttons(panel.response)["\N{MINUS SIGN} 20 %"]["disabled"]
