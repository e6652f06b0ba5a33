from dataclasses import replace
from typing import Any

import pytest

from engine.api.contract import (
    FILTER,
    RenderRequest,
    Step,
    StyleCode,
    StyleInfo,
    StylizeOptions,
    StylizeRequest,
)
from engine.api.errors import InvalidOptionError

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
        ({"strength": -0.1}, "strength must be"),
        ({"strength": 1.1}, "strength must be"),
        ({"strength": float("nan")}, "strength must be"),
        ({"brush": "huge"}, "brush"),
        ({"output": "bmp"}, "output"),
    ],
)
def test_options_out_of_range_are_refused(change: dict[str, Any], word: str):
    with pytest.raises(InvalidOptionError, match=word):
        replace(StylizeOptions(CODE), **change)


STEP = Step("paint", {"styles": [{"slug": "kiss"}], "strength": 0.5})


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"output": "bmp"}, "output"),
        ({"priority": "fast"}, "priority"),
        ({"timeout_s": 0.0}, "timeout_s"),
        ({"timeout_s": float("nan")}, "timeout_s"),
        ({"timeout_s": 601.0}, "timeout_s"),
        ({"steps": (STEP,) * 9}, "steps must have at most 8"),
    ],
)
def test_requests_out_of_range_are_refused(change: dict[str, Any], word: str):
    with pytest.raises(InvalidOptionError, match=word):
        replace(RenderRequest(b"photo", (STEP,)), **change)


@pytest.mark.parametrize(
    "record",
    [None, "paint", {}, {"effect": 1}, {"effect": "a", "params": []}, {"effect": "a", "x": 1}],
)
def test_what_is_no_step_is_refused(record: object):
    with pytest.raises(InvalidOptionError, match="A step is"):
        Step.from_json(record)


def test_a_step_survives_json():
    assert Step.from_json(STEP.as_json()) == STEP
    assert Step.from_json({"effect": "sepia"}) == Step("sepia")


def test_the_idempotency_key_is_of_what_the_result_depends_on():
    plain = RenderRequest(b"photo", (STEP,), inputs={"mask": b"1"})
    same = [
        replace(plain, user="another"),
        replace(plain, priority="bulk"),
        replace(plain, timeout_s=1.0),
        replace(plain, steps=(Step("paint", dict(reversed(STEP.params.items()))),)),
    ]
    assert {request.idempotency_key() for request in same} == {plain.idempotency_key()}
    other = [
        replace(plain, image=b"other"),
        replace(plain, steps=()),
        replace(plain, steps=(STEP, STEP)),
        replace(plain, steps=(Step("sepia", STEP.params),)),
        replace(plain, steps=(Step("paint", STEP.params | {"strength": 0.6}),)),
        replace(plain, inputs={"mask": b"2"}),
        replace(plain, inputs={"mask2": b"1"}),
        replace(plain, inputs={}),
        replace(plain, output="png"),
        replace(plain, partial=True),
    ]
    keys = {request.idempotency_key() for request in (plain, *other)}
    assert len(keys) == 1 + len(other)


def test_a_request_of_before_there_were_effects_is_one_step():
    options = StylizeOptions(CODE, 0.5, keep_colours=True, brush="bold", output="png")
    request = StylizeRequest(b"photo", options, "ann", "bulk", 5.0).as_render()
    params = {"strength": 0.5, "keep_colours": True, "brush": "bold"}
    painting = Step("paint", {"styles": [{"code": CODE.to_text(), "weight": 1.0}], **params})
    assert request == RenderRequest(
        b"photo", (painting,), output="png", user="ann", priority="bulk", timeout_s=5.0
    )
    sepia = replace(options, style=StyleCode(FILTER, b"sepia"))
    assert StylizeRequest(b"photo", sepia).as_render().steps == (Step("sepia", params),)


def test_a_style_survives_json_and_news_are_ignored():
    record = INFO.as_json()
    assert StyleInfo.from_json(record | {"invented": "later"}) == INFO
