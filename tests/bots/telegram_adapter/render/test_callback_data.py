"""Buttons' data: short enough, and read as it was written."""

from hypothesis import given
from hypothesis import strategies as st

from bots.telegram_adapter.render.callback_data import Said, pack, unpack

IDS = st.integers(0, 2**63)


@given(st.from_regex("[a-z]{1,9}", fullmatch=True), st.lists(IDS, max_size=3))
def test_there_and_back_within_64_bytes(operation: str, numbers: list[int]):
    data = pack(operation, *numbers)
    assert len(data.encode()) <= 64
    assert unpack(data) == Said(operation, tuple(numbers))


@given(
    IDS,
    st.from_regex("[a-z][a-z_-]{0,19}", fullmatch=True),
    st.sampled_from(["1", "80", "masterwork"]),
)
def test_a_parameter_and_its_value_go_along(job_id: int, param: str, value: str):
    data = pack("adjust", job_id, words=(param, value))
    assert len(data.encode()) <= 64
    assert unpack(data) == Said("adjust", (job_id,), (param, value))


@given(st.text().filter(lambda text: not text.startswith("v1:")))
def test_anything_else_is_none_of_ours(text: str):
    assert unpack(text) is None
