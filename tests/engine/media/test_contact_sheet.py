import numpy as np

from engine.media.contact_sheet import contact_sheet
from engine.media.images import Picture


def _plain(height: int, width: int, value: int) -> Picture:
    return Picture(np.full((height, width, 3), value, dtype=np.uint8), None)


def test_every_picture_has_its_cell():
    pictures = [(f"n{i}", _plain(60, 90, 10 * i)) for i in range(1, 6)]
    sheet = contact_sheet(pictures, columns=3, cell_px=64)
    assert (sheet.width, sheet.height) == (3 * 72 + 8, 2 * 94 + 8)
    for place in range(5):
        x, y = 8 + place % 3 * 72 + 32, 8 + place // 3 * 94 + 32
        assert sheet.rgb[y, x].tolist() == [10 * (place + 1)] * 3


def test_titles_are_written_below():
    with_title = contact_sheet([("Wave", _plain(64, 64, 0))], columns=1, cell_px=64)
    without = contact_sheet([("", _plain(64, 64, 0))], columns=1, cell_px=64)
    assert (with_title.rgb != without.rgb).any()
    assert np.array_equal(with_title.rgb[:72], without.rgb[:72])
