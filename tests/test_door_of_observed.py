"""What is computed from cases and returns leaves by the same door: rounded, small counts hidden."""

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import victimsmodel as vm
from victimsmodel.errors import InputError, PrivacyError
from victimsmodel.files import csv_text
from victimsmodel.inputs.contact_log import ContactLog
from victimsmodel.inputs.people_table import PeopleTable
from victimsmodel.inputs.quality.findings import as_table
from victimsmodel.inputs.quantities import Estimate
from victimsmodel.pathway.attrition import AttritionEstimates


@pytest.fixture(scope="module")
def log() -> ContactLog:
    """Return a log of 211 victims: 3 of 37 letters were answered, 4 of 61 texts."""
    rng = np.random.default_rng(11)
    rows = [
        {"victim": i, "channel": c, "attempt": 1, "is_reached": i < n}
        for c, n, size in (("phone", 41, 113), ("letter", 3, 37), ("text", 4, 61))
        for i in range(size)
    ]
    table = pd.DataFrame(rows)
    table["victim"] = np.arange(len(table))
    table["channel"] = pd.Categorical(table["channel"], ["phone", "text", "letter", "email", "visit"])
    table["group"] = pd.Categorical(["all"] * len(table))
    table["day"], table["hour"], table["days"] = 736_700 + rng.integers(90, size=len(table)), 10.0, np.nan
    table["reply_days"] = np.where(table["is_reached"] & (table["channel"] != "phone"), 2.0, np.nan)
    table["waited_days"], table["minutes"] = 20.0, np.nan
    table["consent"], table["accepted"] = np.where(table["is_reached"], 1.0, np.nan), np.nan
    return ContactLog(PeopleTable(table), as_table([]), "", "log.csv")


@pytest.fixture(scope="module")
def found(log: ContactLog) -> AttritionEstimates:
    return vm.estimate_attrition(log)


def test_columns_and_groups_of_cases_are_neither_written_nor_shown(log: ContactLog) -> None:
    column = log.attempts["victim"]
    assert "36" not in repr(column) + repr(log.attempts["channel"].value_counts())
    for leak in (column.to_csv, log.attempts.groupby("channel", observed=True).size().to_frame().to_csv):
        with pytest.raises(PrivacyError, match=r"\[VM284\]"):
            leak()


def test_estimates_from_a_log_give_no_count_and_no_share_of_one_away(
    log: ContactLog, found: AttritionEstimates
) -> None:
    for table in (found.table, found.reach.by_channel, found.reach.by_attempt, found.replies):
        with pytest.raises(PrivacyError, match=r"\[VM284\]"):
            csv_text(table)
    shown = vm.released_attrition(found)
    said = [repr(log), repr(found), csv_text(found.findings), *map(csv_text, shown)]
    said += [estimate.note for estimate in found.estimates().values()]
    for exact in ("113", "37", "61", "211", "41", "0.0811", "0.0656", "0.363"):
        assert not re.search(rf"(?<![\d.]){re.escape(exact)}(?!\d)", "\n".join(said)), exact
    rows = shown.table.set_index("name")
    assert rows.loc["contact.channels.phone.reach", ["naive", "n_attempts"]].tolist() == [40 / 115, 115]
    letter = rows.loc["contact.channels.letter.reach"]
    assert letter[["naive", "value"]].isna().all()
    of_one, of_seven = (Estimate(unit="probability", source="s", events=n, trials=35) for n in (1, 7))
    assert letter["low"] == pytest.approx(of_one.interval[0], abs=1e-6)
    assert letter["high"] == pytest.approx(of_seven.interval[1], abs=1e-6)


def test_no_point_of_the_figure_of_reach_stands_at_a_small_count(found: AttritionEstimates) -> None:
    figure = vm.plot_reach(found)
    panels = [ax.get_title() or ax.get_title(loc="left") for ax in figure.axes]
    assert panels == ["Phone, 115 attempts"]
    points = np.asarray(figure.axes[0].collections[0].get_offsets())[:, 1]
    assert 40 / 115 in points
    assert not np.isclose(points[:, None], [41 / 113, 3 / 37, 4 / 61], atol=1e-6).any()
    figure.savefig(stream := io.StringIO(), format="svg")
    assert "113" not in re.sub(r'd="[^"]*"|[\w-]+="[^"]*"', "", stream.getvalue())


def quarters(small: int) -> vm.ObservedCounts:
    """Return supported and referred by quarter, the sixth with a small count."""
    events = [83, 71, 92, 64, 77, small, 88, 79, 93, 86, 97, 91]
    exact = pd.DataFrame({"period": [f"2018/19 Q{i}" for i in range(12)], "events": events, "trials": 412})
    exact["trials"] += np.arange(12)
    return vm.ObservedCounts("return.csv", "d", exact, ("period",), ("events", "trials"))


def test_charts_of_observed_counts_are_those_of_what_may_be_shown() -> None:
    counts = quarters(small=3)
    chart, impact = vm.control_chart(counts), vm.interrupted_series(counts, "2018/19 Q8")
    areas = vm.funnel_plot(
        vm.ObservedCounts("a", "d", counts.exact.rename(columns={"period": "area"}), ("area",), counts.counts)
    )
    released = vm.release(counts).dropna()
    assert len(released) == 11
    shares = released["events"] / released["trials"]
    for table, column in ((chart.points, "value"), (impact.series, "observed"), (areas.areas, "share")):
        assert np.allclose(table[column], shares.astype(float))
    told = [*chart.remarks, *impact.words, *areas.words]
    assert sum("Left out, for a count is small or would give one away: 2018/19 Q5." in x for x in told) == 3
    figure = vm.plot_control_chart(chart, "Supported", "s")
    assert all(y > 0.1 for line in figure.axes[0].lines for y in line.get_ydata())
    exact = vm.control_chart(counts.exact)  # a plain table is published, released or invented
    assert exact.points["value"].iloc[0] == 83 / 412


def test_unreleased_counts_are_charted_by_none() -> None:
    table = PeopleTable(quarters(small=3).exact)
    for draw in (vm.control_chart, lambda t: vm.interrupted_series(t, "2018/19 Q8"), vm.outcome_measures):
        with pytest.raises(PrivacyError, match=r"\[VM284\]"):
            draw(table)


def test_outcome_measures_leave_groups_with_small_counts_out() -> None:
    exact = pd.DataFrame(
        {"measure": "cope", "group": ["a", "b", "c"], "eligible": [241, 362, 58], "answered": [112, 73, 19],
         "improved": [94, 48, 4]}
    )  # fmt: skip
    counts = vm.ObservedCounts(
        "survey.csv", "d", exact, ("measure", "group"), ("eligible", "answered", "improved"),
        parts=(("improved", "answered"), ("answered", "eligible")),
    )  # fmt: skip
    (row,) = vm.outcome_measures(counts, odds_ratios=[1]).to_dict("records")
    assert (row["eligible"], row["answered"], row["improved"]) == (240 + 360, 110 + 75, 95 + 50)
    assert row["words"].endswith("Groups left out, for a count in them is small or would give one away: 1.")


def test_messages_name_the_place_of_a_count_and_not_the_count() -> None:
    returns = pd.DataFrame({"period": "2018Q1", "stage": ["referred", "supported"], "value": [397, 398]})
    scenario = vm.load_scenario(Path(__file__).parents[1] / "parameters" / "west-midlands.yaml")
    with pytest.raises(InputError) as caught:
        vm.hold_out(scenario, returns)
    assert "39" not in str(caught.value)
    assert "supported in 2018Q1" in str(caught.value)
