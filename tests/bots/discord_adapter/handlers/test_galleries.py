"""Styles to look at, and one's own."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from bots.core.styles import catalogue
from tests.bots.discord_adapter.conftest import (
    Stage,
    buttons,
    gallery,
    key,
    menu,
    menus,
    picture,
    said,
)

pytestmark = pytest.mark.anyio


async def test_styles_are_shown_as_pictures_with_their_names(stage: Stage):
    shown = await stage.ann.slash(stage.channel, "styles")
    assert shown.ephemeral
    assert "**The Great Wave** `great-wave` · Someone, 1889" in said(shown.response)
    assert len(gallery(shown.response)) == 4
    assert shown.response is not None
    for file in shown.response.attachments:
        with Image.open(io.BytesIO(stage.file(file))) as opened:
            assert max(opened.size) <= 256
    ids = await stage.ids()
    custom_id = menu(shown.response, "gallery-default")["custom_id"]
    await stage.ann.select(shown.response, [str(ids["sepia"])], custom_id=custom_id)
    liked = stage.client.cache.preference(key(stage.ann)).recipe
    assert (liked.steps[0].effect, liked.complete) == ("sepia", True)
    marked = [o["value"] for o in menu(shown.response, "gallery")["options"] if o["default"]]
    assert marked == [str(ids["sepia"])]


async def test_pictures_are_made_once(stage: Stage):
    asked = []
    preview = stage.engine.preview

    async def counted(slug: str) -> bytes:
        asked.append(slug)
        return await preview(slug)

    stage.engine.preview = counted  # type: ignore[method-assign]
    for _ in range(2):
        await stage.ann.slash(stage.channel, "styles")
    assert len(asked) == 4


async def test_pages_are_turned_to_the_end_and_back(stage: Stage):
    known = stage.client.cache._styles
    many = [replace(known[0], id=1000 + n, titles={"en": f"S{n}"}) for n in range(10)]
    stage.client.cache._styles = [*known, *many]
    shown = await stage.ann.slash(stage.channel, "styles")
    assert "1 / 2" in said(shown.response)
    assert shown.response is not None
    await stage.ann.click(shown.response, label="▶")
    assert "2 / 2" in said(shown.response)
    assert "S9" in said(shown.response)
    assert len(gallery(shown.response)) == 4
    assert buttons(shown.response)["▶"]["disabled"]
    await stage.ann.click(shown.response, label="◀")
    assert "1 / 2" in said(shown.response)


async def test_a_picture_and_a_name_become_an_own_style(stage: Stage):
    form = await stage.ann.slash(stage.channel, "mystyles add")
    assert form.modal is not None
    assert form.modal["title"] == "Your own style"
    added = await stage.ann.submit_modal(
        form, {"name": "Grandma's quilt", "picture": ("quilt.png", picture((200, 0, 200)))}
    )
    assert added.ephemeral
    assert "“Grandma's quilt” is one of your styles now." in said(added.response)
    assert len(gallery(added.response)) == 1
    result = await stage.paint("grandma's quilt")
    assert "**Grandma's quilt**" in said(result.response)
    # Nobody else can name it.
    refused = await stage.ben.slash(
        stage.channel,
        "style",
        image=("p.jpg", picture()),
        style="grandma's quilt",
        private=True,
    )
    assert "There is no style" in said(refused.response)
    listed = await stage.ann.slash(stage.channel, "mystyles list")
    assert "Grandma's quilt" in said(listed.response)
    assert listed.response is not None
    (style_id,) = [o["value"] for o in menu(listed.response, "own-remove")["options"]]
    await stage.ann.select(listed.response, [style_id], custom_id="sb:own-remove")
    assert "“Grandma's quilt” is deleted." in said(listed.response)
    assert menus(listed.response) == []
    assert len(await catalogue.listed(stage.services, key(stage.ann))) == 4


async def test_what_cannot_be_a_style_is_said(stage: Stage):
    for name, file, reason in (
        ("Scream", picture(), "There is already a style “Scream”"),
        ("70", picture(), "A name has 1 to 40 characters"),
        ("Mine", b"no picture", "damaged"),
    ):
        listed = await stage.ann.slash(stage.channel, "mystyles list")
        assert listed.response is not None
        form = await stage.ann.click(listed.response, label="Add a style")
        told = await stage.ann.submit_modal(form, {"name": name, "picture": ("p.jpg", file)})
        # In the place of the list nothing is said; beside it is.
        assert reason in said(told.followups[0] if told.followups else told.response)
    assert len(await catalogue.listed(stage.services, key(stage.ann))) == 4


async def test_two_people_fill_the_form_in_at_the_same_time(stage: Stage):
    forms = [await who.slash(stage.channel, "mystyles add") for who in (stage.ann, stage.ben)]
    for who, form, name in zip((stage.ann, stage.ben), forms, ("Anns", "Bens"), strict=True):
        values = {"name": name, "picture": ("p.jpg", picture())}
        added = await who.submit_modal(form, values)
        assert f"“{name}” is one of your styles now." in said(added.response)
