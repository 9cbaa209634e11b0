"""Tables and messages in a notebook: texts to the left, an interval only where there is one, no traceback."""

import pandas as pd
import pytest

from victimsmodel.errors import InputError
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.reporting.beside import beside
from victimsmodel.reporting.text_table import TextTable

FILE = "parameters/west-midlands.yaml"


def comparison(value, low, high):
    row = {"option": "phone_first", "measure": "supported", "unit": "victims"}
    return pd.DataFrame([{**row, "estimate": value, "low": low, "high": high, "difference": 0.0}])


def test_one_draw_has_no_interval_and_each_comparison_a_column():
    found = {"As stated": comparison(40.0, 30.0, 50.0), "Changed": comparison(42.0, 42.0, 42.0)}
    shown = beside(found, load_scenario(FILE))
    assert shown.to_dict("list") == {"As stated": ["40 (30 to 50)"], "Changed": ["42"]}


def test_texts_stand_to_the_left_and_numbers_to_the_right():
    html = TextTable({"What": ["Calls 3 times", "Texts"], "Victims": ["1,200 (9 to 10)", "–"]})._repr_html_()
    assert html.count('<td style="text-align: left">') == 2
    assert html.count("<td>") == 2


def test_a_notebook_shows_a_mistake_as_its_message_alone():
    with pytest.raises(InputError) as caught:
        load_scenario(FILE, {"staff.contact_oficer.fte": 1})
    (line,) = caught.value._render_traceback_()
    assert line.startswith("overrides: staff.contact_oficer.fte: is not a field of the scenario.")
