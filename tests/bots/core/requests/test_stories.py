"""What is typed about a story, and the shape that is nearest to a photo."""

import pytest

from bots.core.errors import CaptionTooLongError, StoryLengthError
from bots.core.requests.stories import nearest, read
from storage.values.jobs import Story, cost_of


@pytest.mark.parametrize(
    ("words", "story", "rest"),
    [
        ("", Story(), ""),
        ("kiss", Story(), "kiss"),
        ("kiss 9:16", Story("9:16"), "kiss"),
        ("16:9 wave+scream 70", Story("16:9"), "wave+scream 70"),
        ("kiss:2+wave 1:1 12s", Story("1:1", 12.0), "kiss:2+wave"),
        ("kiss 7.5 s", Story(seconds=7.5), "kiss"),
        ("吻 12秒 “夏天 9:16”", Story(seconds=12.0, caption="夏天 9:16"), "吻"),
        ('"12s of summer" wave', Story(caption="12s of summer"), "wave"),
        ("「夏」 wave", Story(caption="夏"), "wave"),
        ('wave ""', Story(), "wave"),
        # Neither a shape nor a length.
        ("kiss:16 4:3 van gogh's", Story(), "kiss:16 4:3 van gogh's"),
    ],
)
def test_shape_length_and_caption_are_found_among_the_words(words: str, story: Story, rest: str):
    assert read(words) == (story, rest)


@pytest.mark.parametrize("words", ["5s", "31s", "9999s", "0.5 s"])
def test_a_length_that_no_film_has_is_refused(words: str):
    with pytest.raises(StoryLengthError) as refused:
        read(f"kiss {words}")
    assert refused.value.facts == {"least": 6, "most": 30}


def test_a_caption_of_too_many_characters_is_refused():
    assert read(f'"{"a" * 120}"')[0].caption == "a" * 120
    with pytest.raises(CaptionTooLongError):
        read(f'"{"a" * 121}"')


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        (1080, 1920, "9:16"), (1000, 2000, "9:16"), (3000, 4000, "9:16"), (4000, 4800, "1:1"),
        (500, 500, "1:1"), (4000, 3000, "16:9"), (1024, 1000, "1:1"),
        (3000, 2000, "16:9"), (9000, 500, "16:9"),
    ],
)  # fmt: skip
def test_the_nearest_shape(width: int, height: int, shape: str):
    assert nearest(width, height) == shape


def test_a_film_costs_its_seconds_and_each_painting_a_photo():
    new, painted = {"file": "a"}, {"file": "a", "painting": {"file": "b"}}
    assert cost_of([new, new]) == 2
    assert cost_of([new, new], Story(seconds=10)) == 12
    assert cost_of([painted], Story(seconds=6)) == 6
    assert cost_of([new, painted], Story()) == 1 + 8
