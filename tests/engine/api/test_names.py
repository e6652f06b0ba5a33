import pytest

from engine.api.errors import InvalidOptionError
from engine.api.names import folded, parse_blend, split_blend


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("kiss", [("kiss", 1)]),
        ("kiss:2+scream", [("kiss", 2), ("scream", 1)]),
        (" The Kiss:0.5 + scream ", [("The Kiss", 0.5), ("scream", 1)]),
        ("+kiss+", [("kiss", 1)]),
        ("", []),
        # People write colons in sentences.
        ("paint it like this: kiss", [("paint it like this: kiss", 1)]),
    ],
)
def test_names_and_weights_are_taken_apart(text: str, named: list[tuple[str, float]]):
    assert list(split_blend(text)) == named


@pytest.mark.parametrize("text", ["kiss:2+scream", "kiss:2,scream", "kiss:2, scream:1"])
def test_a_comma_divides_where_there_is_nothing_but_names(text: str):
    assert list(parse_blend(text)) == [("kiss", 2), ("scream", 1)]


def test_a_comma_may_be_part_of_a_name():
    known = {"Impression, Sunrise"}
    found = parse_blend("Impression, Sunrise:3+kiss", known.__contains__)
    assert list(found) == [("Impression, Sunrise", 3), ("kiss", 1)]
    assert [name for name, _ in parse_blend("Impression, Sunrise")] == ["Impression", "Sunrise"]


@pytest.mark.parametrize("weight", ["much", "-1", "nan", "inf", ""])
def test_what_is_no_weight_is_refused(weight: str):
    with pytest.raises(InvalidOptionError, match=f"'{weight}' is no weight for kiss"):
        parse_blend(f"scream+kiss:{weight}")


@pytest.mark.parametrize("text", ["", " ", ",", "+"])
def test_no_name_is_refused(text: str):
    with pytest.raises(InvalidOptionError, match="Name a style"):
        parse_blend(text)


def test_names_are_compared_without_case_accents_and_signs():
    assert folded("The Great-Wave") == folded("thegreatwave")
    assert folded("Nymphéas") == "nympheas"
