"""Controls as rows of buttons."""

from dataclasses import replace

from bots.core.effects import controls
from bots.telegram_adapter.render.callback_data import unpack
from bots.telegram_adapter.render.keyboards import control_rows
from engine.api.effect_spec import Option
from tests.bots.core.conftest import BRUSH, PAINT


def test_each_kind_is_drawn_in_its_way():
    drawn = controls.of(PAINT, {"strength": 0.6, "keep_colours": True, "brush": "bold"}, "en")
    rows = [[one.text for one in row] for row in control_rows(drawn, "adjust", 7)]
    assert rows == [
        ["-", "Strength 60 %", "+"],
        ["✓ Keep colours"],
        ["Brush", "Fine", "Normal", "• Bold"],
        ["Quality", "• Fast", "Masterwork"],
    ]
    (stops, *_) = control_rows(drawn, "ownset", stops=True)
    assert [one.text for one in stops] == ["Strength", "40 %", "• 60 %", "80 %", "100 %"]
    said = unpack(str(control_rows(drawn, "adjust", 7)[2][1].callback_data))
    assert said
    assert (said.operation, said.numbers, said.words) == ("adjust", (7,), ("brush", "fine"))


def test_many_options_take_several_rows_and_what_is_too_long_for_a_button_does_nothing():
    options = tuple(Option(f"{n}" * (1 + 39 * (n == 7)), {"en": f"O{n}"}) for n in range(8))
    spec = replace(PAINT, params=(replace(BRUSH, id="b" * 20, options=options, default="0"),))
    rows = control_rows(controls.of(spec, {}, "en"), "adjust", 2**40)
    assert [len(row) for row in rows] == [5, 4]
    assert all(len(str(one.callback_data)) <= 64 for row in rows for one in row)
    assert rows[1][-1].callback_data == rows[0][0].callback_data
