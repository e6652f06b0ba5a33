"""What forms and headers say, read without trust."""

import pytest

from bots.web_adapter.context import number, preferred


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("007", 7), ("100", 100), ("101", None), ("-1", None), ("+1", None), ("", None),
        ("1.0", None), (" 1", None), ("٣", None), ("9" * 19, None), (None, None), (b"1", None),
    ],
)  # fmt: skip
def test_a_number_is_digits_within_bounds(text: object, value: int | None):
    assert number(text, 0, 100) == value


@pytest.mark.parametrize(
    ("header", "language"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"), (" en", "en"), ("*", None), ("", None), (";q", None)],
)
def test_a_browser_names_its_best_language_first(header: str, language: str | None):
    assert preferred(header) == language
