"""What buttons offer for a chat's settings."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from bots.core.users import chat_choices
from storage.values.people import ChatSettings
from tests.bots.core.conftest import Stage

Play = Callable[[Callable[[Stage], Any]], None]
NAMES = (
    "audience", "waiting_per_user", "per_minute", "quiet", "own_styles", "open_buttons",
    "language", "photo_check",
)  # fmt: skip


def test_what_a_new_chat_has_is_offered(play: Play):
    async def scene(stage: Stage) -> None:
        settings = ChatSettings()
        for name in NAMES:
            assert getattr(settings, name) in chat_choices.values(stage.services, name)

    play(scene)


def test_pressing_on_comes_round(play: Play):
    async def scene(stage: Stage) -> None:
        for name in NAMES:
            offered = chat_choices.values(stage.services, name)
            value, seen = offered[0], []
            for _ in offered:
                value = offered[chat_choices.following(stage.services, name, value)]
                seen.append(value)
            assert sorted(map(str, seen)) == sorted(map(str, offered))
        # A value from elsewhere, such as an admin's form, leads back to the first.
        assert chat_choices.following(stage.services, "per_minute", 7) == 0

    play(scene)


def test_a_photo_check_that_is_not_installed_can_only_be_switched_off(play: Play):
    async def scene(stage: Stage) -> None:
        without = replace(stage.services, content_check=None)
        assert chat_choices.values(without, "photo_check") == ("off",)
        assert chat_choices.following(without, "photo_check", "refuse") == 0

    play(scene)


def test_other_settings_have_no_buttons(play: Play):
    async def scene(stage: Stage) -> None:
        assert "topic" in {field.name for field in fields(ChatSettings)}
        with pytest.raises(KeyError):
            chat_choices.values(stage.services, "topic")

    play(scene)
