"""/style and its kin, as people type them."""

from tests.bots.discord_adapter.conftest import (
    COLOURS,
    Play,
    Stage,
    alike,
    buttons,
    colour_of,
    gallery,
    picture,
    said,
)


def test_a_photo_becomes_a_card_in_the_message_that_said_it_waits(play: Play):
    async def scene(stage: Stage) -> None:
        result = await stage.ann.slash(
            stage.channel, "style", image=("photo.jpg", picture()), style="wave", strength=80
        )
        assert result.acknowledged
        assert not result.ephemeral
        waiting = result.response
        assert said(waiting) == "The Great Wave · you are next"
        assert "Cancel" in buttons(waiting)
        assert await stage.work() == 1
        card = result.response
        assert card is not None
        assert waiting is not None
        assert card.id == waiting.id
        assert "**The Great Wave** · 80 %" in said(card)
        assert f"<@{stage.ann.id}>" in said(card)
        (shown,) = gallery(card)
        assert shown["description"] == "Picture painted in the style The Great Wave"
        assert not shown["spoiler"]
        (file,) = card.attachments
        painted = [0.8 * paint + 24 for paint in COLOURS[b"great-wave"]]
        assert alike(colour_of(stage.file(file)), painted)

    play(scene)
