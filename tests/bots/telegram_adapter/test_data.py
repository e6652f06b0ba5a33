"""Buttons' data: short enough, and read as it was written."""

from hypothesis import given
from hypothesis import strategies as st

from bots.telegram_adapter.data import pack, unpack

IDS = st.integers(0, 2**63)


@given(st.from_regex("[a-z]{1,9}", fullmatch=True), st.lists(IDS, max_size=3))
def test_there_and_back_within_64_bytes(operation: str, numbers: list[int]):
    data = pack(operation, *numbers)
    assert len(data.encode()) <= 64
    assert unpack(data) == (operation, numbers)


@given(st.text().filter(lambda text: not text.startswith("v1:")))
def test_anything_else_is_none_of_ours(text: str):
    assert unpack(text) is None
