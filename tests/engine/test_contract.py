from dataclasses import replace
from typing import Any

import pytest

from engine.contract import StyleCode, StyleInfo, StylizeOptions, StylizeRequest
from engine.errors import InvalidOptionError

CODE = StyleCode("0123abcd", bytes(range(256)))
INFO = StyleInfo(
    slug="great-wave",
    kind="painted",
    titles={"en": "The Great Wave", "zh": "神奈川冲浪里"},
    tags=("blue", "lines"),
    artist="Hokusai",
    year=1831,
    code=CODE,
)


@pytest.mark.parametrize("code", [CODE, StyleCode("filter", b"sepia"), StyleCode("x", b"")])
def test_a_code_survives_a_url(code: StyleCode):
    text = code.to_text()
    assert StyleCode.from_text(text) == code
    assert not set(text) & set("/+?&# ")


@pytest.mark.parametrize(
    "text", ["", "nothing", ".AAAA", "a.AAA", "a.A*==", "a.\u00e9\u00e9\u00e9\u00e9"]
)
def test_another_text_is_no_code(text: str):
    with pytest.raises(InvalidOptionError, match="style code is damaged"):
        StyleCode.from_text(text)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"strength": -0.1}, "Strength"),
        ({"strength": 1.1}, "Strength"),
        ({"strength": float("nan")}, "Strength"),
        ({"brush": "huge"}, "brush"),
        ({"output": "bmp"}, "output"),
    ],
)
def test_options_out_of_range_are_refused(change: dict[str, Any], word: str):
    with pytest.raises(InvalidOptionError, match=word):
        replace(StylizeOptions(CODE), **change)


def test_the_idempotency_key_is_of_what_the_result_depends_on():
    plain = StylizeRequest(b"photo", StylizeOptions(CODE))
    same = [
        replace(plain, user="another"),
        replace(plain, lane="bulk"),
        replace(plain, timeout_s=1.0),
        StylizeRequest(b"photo", StylizeOptions(StyleCode("0123abcd", bytes(range(256))))),
    ]
    assert {request.idempotency_key() for request in same} == {plain.idempotency_key()}
    other = [
        replace(plain, image=b"other"),
        replace(plain, options=StylizeOptions(StyleCode("0123abce", CODE.data))),
        replace(plain, options=StylizeOptions(CODE, strength=0.5)),
        replace(plain, options=StylizeOptions(CODE, keep_colours=True)),
        replace(plain, options=StylizeOptions(CODE, brush="bold")),
        replace(plain, options=StylizeOptions(CODE, output="png")),
    ]
    keys = {request.idempotency_key() for request in (plain, *other)}
    assert len(keys) == 1 + len(other)


def test_a_style_survives_json_and_news_are_ignored():
    record = INFO.as_json()
    assert StyleInfo.from_json(record | {"invented": "later"}) == INFO
