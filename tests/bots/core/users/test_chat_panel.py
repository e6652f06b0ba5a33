"""The settings of a chat as its admins see and change them."""

from dataclasses import replace
from typing import Any

import pytest

from bots.core.errors import AdminsOnlyError
from bots.core.users import chat_panel, preferences
from bots.core.users.chat_panel import Manager, Setting
from storage.values.people import ChatSettings
from tests.bots.core.conftest import ANN, HERE, Stage

pytestmark = pytest.mark.anyio


def manager(stage: Stage, **more: Any) -> Manager:
    return replace(Manager(stage.services, HERE, ANN, "en", admin=True), **more)


async def named(who: Manager, name: str) -> Setting:
    (found,) = [each for each in await chat_panel.look(who) if each.name == name]
    return found


async def kept(stage: Stage) -> ChatSettings:
    return await preferences.chat_settings(stage.services, HERE)


async def test_what_a_new_chat_has_is_offered_and_marked(stage: Stage):
    for setting in await chat_panel.look(manager(stage)):
        on = [option.meant for option in setting.options if option.on]
        if setting.kind == "many":
            assert len(on) == len(setting.options)
        else:
            assert on == [getattr(ChatSettings(), setting.name)], setting


async def test_each_value_of_each_setting_can_be_chosen(stage: Stage):
    who = manager(stage, topic=9)
    for setting in await chat_panel.look(who):
        if setting.kind == "many":
            continue
        for option in setting.options:
            await chat_panel.change(who, setting.name, option.word)
            assert getattr(await kept(stage), setting.name) == option.meant
            again = await named(who, setting.name)
            assert [o.meant for o in again.options if o.on] == [option.meant]


async def test_forged_names_and_values_change_nothing(stage: Stage):
    who, before = manager(stage), await kept(stage)
    for name, word in (
        ("quiet", "2"), ("quiet", ""), ("per_minute", "99"), ("style_id", "999"),
        ("allowed_styles", "1"), ("version", "1"), ("topic", "1"), ("", ""),
    ):  # fmt: skip
        await chat_panel.change(who, name, word)
    await chat_panel.mark(who, "allowed_styles", ["999"], None)
    await chat_panel.mark(who, "quiet", ["1"], None)
    assert await kept(stage) == before


async def test_no_one_but_admins_sees_or_changes_anything(stage: Stage):
    stranger, before = manager(stage, admin=False), await kept(stage)
    with pytest.raises(AdminsOnlyError):
        await chat_panel.look(stranger)
    with pytest.raises(AdminsOnlyError):
        await chat_panel.change(stranger, "quiet", "1")
    with pytest.raises(AdminsOnlyError):
        await chat_panel.mark(stranger, "allowed_styles", ["1"])
    assert await kept(stage) == before


async def test_styles_are_allowed_and_not_and_one_remains(stage: Stage):
    who = manager(stage)
    styles = await named(who, "allowed_styles")
    assert not styles.everything
    first, second, *_ = words = [option.word for option in styles.options]
    await chat_panel.mark(who, "allowed_styles", [], [first])
    assert (await kept(stage)).allowed_styles == tuple(map(int, words[1:]))
    assert (await named(who, "allowed_styles")).everything == "Allow all"
    await chat_panel.mark(who, "allowed_styles", [second])
    assert (await kept(stage)).allowed_styles == (int(second),)
    await chat_panel.mark(who, "allowed_styles", [], [second])
    assert (await kept(stage)).allowed_styles == (int(second),)
    # All of them is no restriction.
    await chat_panel.mark(who, "allowed_styles", words)
    assert (await kept(stage)).allowed_styles is None


async def test_a_photo_check_that_is_not_installed_can_only_be_switched_off(stage: Stage):
    who = manager(stage, services=replace(stage.services, content_check=None))
    assert "photo_check" not in {each.name for each in await chat_panel.look(who)}
    await preferences.settle(stage.services, HERE, ANN, admin=True, photo_check="refuse")
    check = await named(who, "photo_check")
    assert [option.meant for option in check.options] == ["off"]
    await chat_panel.change(who, "photo_check", check.options[0].word)
    assert (await kept(stage)).photo_check == "off"
