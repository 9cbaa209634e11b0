import re

import numpy as np
import pandas as pd
import pytest

from victimsmodel.inputs.crime import load_recorded_crime
from victimsmodel.inputs.quality.breaks import find_level_shifts

HEADER = (
    "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,"
    "Offence Code,Number of Offences"
)
FORCES = ["Kent", "Essex", "Surrey", "Sussex", "Dorset", "Norfolk", "Suffolk", "Cumbria"]
#: Code: description, group, subgroup, usual count a quarter.
OFFENCES = {
    "58A": ("Criminal damage to a dwelling", "Criminal damage and arson", "Criminal damage", 900),
    "58C": ("Criminal damage to a vehicle", "Criminal damage and arson", "Criminal damage", 1_100),
    "34B": ("Robbery of personal property", "Robbery", "Robbery of personal property", 400),
}
QUARTERS = pd.period_range("2012Q2", "2022Q1", freq="Q-DEC")
YEARS = 10


@pytest.fixture
def table():
    """Ten years of eight forces, with season, chance and nothing wrong."""
    chance = np.random.default_rng(5)
    rows = []
    for force in FORCES:
        for code, (offence, group, subgroup, usual) in OFFENCES.items():
            for quarter in QUARTERS:
                mean = usual * (1 + 0.08 * np.sin(np.pi / 2 * quarter.quarter))
                year = (quarter - 1).year
                rows.append(
                    {
                        "year": f"{year}/{(year + 1) % 100:02}",
                        "number": (quarter - 1).quarter,
                        "force": force,
                        "offence": offence,
                        "group": group,
                        "subgroup": subgroup,
                        "code": code,
                        "count": int(chance.poisson(mean)),
                        "quarter": quarter,
                    }
                )
    return pd.DataFrame(rows)


def load(table, tmp_path):
    path = tmp_path / "crime.csv"
    path.write_text(HEADER + "\n" + table.drop(columns="quarter").to_csv(index=False, header=False))
    return load_recorded_crime(path)


def found(data, check):
    rows = data.quality[data.quality["check"] == check]
    return list(rows.itertuples(index=False))


def cells(table, force, code, first, last):
    quarter = table["quarter"]
    return (
        (table["force"] == force)
        & (table["code"] == code)
        & (quarter >= pd.Period(first, "Q-DEC"))
        & (quarter <= pd.Period(last, "Q-DEC"))
    )


# Periods, rows and names


def test_a_table_with_nothing_wrong_has_no_findings(table, tmp_path):
    assert load(table, tmp_path).quality.empty


def test_a_missing_year_is_one_finding_and_treated_as_missing(table, tmp_path):
    data = load(table[table["year"] != "2015/16"], tmp_path)
    (finding,) = found(data, "missing_periods")
    assert (finding.force, finding.offence, finding.period) == ("", "", "2015Q2-2016Q1")
    assert (finding.severity, finding.action) == ("warning", "treated as missing")
    assert set(data.quality["check"]) == {"missing_periods"}


def test_quarters_that_one_force_lacks_are_named(table, tmp_path):
    gone = (table["force"] == "Kent") & table["quarter"].isin(pd.PeriodIndex(["2018Q1", "2018Q2"], freq="Q"))
    (finding,) = found(load(table[~gone], tmp_path), "missing_periods")
    assert (finding.force, finding.period) == ("Kent", "2018Q1-2018Q2")


def test_a_last_year_with_one_quarter_is_no_years_total(table, tmp_path):
    data = load(table[table["quarter"] <= pd.Period("2021Q2", "Q")], tmp_path)
    (finding,) = found(data, "part_year")
    assert finding.detail == "The last financial year has only 1 of 4 quarters; it is no year's total."


def test_negative_counts_stay_in_the_table_and_are_counted(table, tmp_path):
    table.loc[[3, 200], "count"] = [-4, -6]
    data = load(table, tmp_path)
    (finding,) = found(data, "negative_counts")
    assert finding.rows == 2
    assert "(-10 in all)" in finding.detail
    assert data.offences["offences"].sum() == table["count"].sum()


def test_one_count_far_below_zero_has_a_warning_of_its_own(table, tmp_path):
    table.loc[cells(table, "Kent", "34B", "2018Q3", "2018Q3"), "count"] = -400
    table.loc[cells(table, "Kent", "58A", "2018Q3", "2018Q3"), "count"] = -3
    (finding,) = found(load(table, tmp_path), "large_negative")
    assert (finding.severity, finding.force, finding.period) == ("warning", "Kent", "2018Q3")
    assert finding.offence == "Robbery of personal property"
    assert re.match(r"Robbery of personal property: -400 where about \d{3} are usual\.", finding.detail)


def test_bodies_that_are_no_force_are_kept_apart(table, tmp_path):
    other = table[table["force"] == "Kent"]
    names = ["British Transport Police", "Action Fraud"]
    data = load(pd.concat([table, *(other.assign(force=name) for name in names)]), tmp_path)
    assert sorted(data.offences["force"].unique()) == sorted(FORCES)
    assert sorted(data.other_bodies["force"].unique()) == sorted(names)
    assert data.other_bodies["offences"].sum() == 2 * other["count"].sum()
    assert {(f.force, f.rows, f.action) for f in found(data, "pseudo_force")} == {
        (name, len(other), "excluded") for name in names
    }


def test_a_force_nobody_knows_stays_and_is_reported(table, tmp_path):
    data = load(table.assign(force=table["force"].replace("Kent", "Kentt")), tmp_path)
    (finding,) = found(data, "unknown_force")
    assert finding.force == "Kentt"
    assert "Kentt" in set(data.offences["force"])


def test_exact_duplicates_count_once(table, tmp_path):
    data = load(pd.concat([table, table.head(7)]), tmp_path)
    (finding,) = found(data, "duplicate_rows")
    assert (finding.severity, finding.rows, finding.action) == ("error", 7, "excluded")
    assert data.offences["offences"].sum() == table["count"].sum()


def test_two_counts_for_the_same_thing_are_trusted_neither(table, tmp_path):
    again = table.head(2).assign(count=table["count"].head(2) + 1)
    data = load(pd.concat([table, again]), tmp_path)
    (finding,) = found(data, "two_counts")
    assert (finding.force, finding.offence, finding.rows) == ("Kent", "Criminal damage", 2)
    assert (finding.period, finding.action) == ("2012Q2-2012Q3", "treated as missing")


def test_rows_that_differ_in_spelling_only_are_duplicates(table, tmp_path):
    again = table.head(7).assign(group="CRIMINAL DAMAGE & ARSON", offence="criminal  damage to a dwelling")
    data = load(pd.concat([table, again]), tmp_path)
    assert [finding.rows for finding in found(data, "duplicate_rows")] == [7]
    assert data.offences["offences"].sum() == table["count"].sum()


def test_marks_are_one_finding_a_stretch_so_that_what_lies_between_is_kept(table, tmp_path):
    hidden = cells(table, "Kent", "34B", "2014Q1", "2014Q2") | cells(table, "Kent", "34B", "2019Q1", "2019Q1")
    table["count"] = table["count"].astype(object).mask(hidden, "..")
    data = load(table, tmp_path)
    assert [(f.period, f.rows) for f in found(data, "suppressed")] == [("2014Q1-2014Q2", 2), ("2019Q1", 1)]
    assert set(data.quality["check"]) == {"suppressed"}  # a mark is no lost row


# Cut-off files


def test_a_last_quarter_with_fewer_codes_than_usual_is_an_error(table, tmp_path):
    lost = cells(table, "Kent", "58C", "2022Q1", "2022Q1") | cells(table, "Kent", "34B", "2022Q1", "2022Q1")
    (finding,) = found(load(table[~lost], tmp_path), "cut_off")
    assert (finding.severity, finding.force, finding.period) == ("error", "Kent", "2022Q1")
    assert finding.action == "treated as missing"
    assert finding.detail.startswith("The last quarter has 1 of about 3 codes that are usual for Kent;")
    assert finding.size == pytest.approx(np.log(1 / 3))


def test_rows_that_all_forces_lack_in_mid_year_are_lost_until_they_come_back(table, tmp_path):
    late = table["quarter"] >= pd.Period("2021Q3", "Q")
    table.loc[(table["code"] == "34B") & (table["quarter"].dt.quarter == 4), "count"] = 0  # zeros are stated
    findings = found(load(table[~late | (table["code"] != "34B")], tmp_path), "cut_off")
    assert {(f.force, f.period) for f in findings} == {(force, "2021Q3-2022Q1") for force in FORCES}


def test_codes_that_all_forces_lose_in_april_are_a_new_list(table, tmp_path):
    late = table["quarter"] >= pd.Period("2020Q2", "Q")
    data = load(table[~late | (table["code"] != "34B")], tmp_path)
    assert set(data.quality["check"]) == {"changed_label"}


def test_a_rare_code_that_is_absent_where_no_zeros_are_stated_is_none_recorded(table, tmp_path):
    rare = table["code"] == "34B"
    table.loc[rare, "count"] = 3
    data = load(table[~rare | (table["quarter"] != pd.Period("2022Q1", "Q"))], tmp_path)
    assert not found(data, "cut_off")


# Labels


def test_a_code_that_changes_its_description_and_codes_that_begin_and_end_are_noted(table, tmp_path):
    late = table["quarter"] >= pd.Period("2017Q2", "Q")
    table["offence"] = table["offence"].mask(late & (table["code"] == "34B"), "Personal robbery")
    table["code"] = table["code"].mask(late & (table["code"] == "58C"), "58X")
    data = load(table, tmp_path)
    details = [finding.detail for finding in found(data, "changed_label")]
    assert details == [
        "1 codes change their descriptions (34B: Robbery of personal property then Personal robbery).",
        "Codes that begin within the file (1): 2017Q2: 58X.",
        "Codes that end within the file (1): 2017Q1: 58C.",
    ]
    assert found(data, "level_shift") == []


def test_a_code_with_two_descriptions_side_by_side_is_explained_and_added(table, tmp_path):
    both = table[table["code"] == "34B"].assign(offence="Robbery of another kind")
    data = load(pd.concat([table, both]), tmp_path)
    (finding,) = found(data, "duplicate_keys")
    assert finding.rows == len(FORCES) * len(QUARTERS)
    assert data.offences["offences"].sum() == table["count"].sum() + both["count"].sum()


def test_a_new_description_that_begins_before_the_old_one_ends_stands_there_twice(table, tmp_path):
    late = (table["quarter"] >= pd.Period("2017Q2", "Q")) & (table["code"] == "34B")
    twice = table[(table["quarter"] == pd.Period("2017Q2", "Q")) & (table["code"] == "34B")]
    table["offence"] = table["offence"].mask(late, "Personal robbery")
    data = load(pd.concat([table, twice]), tmp_path)
    (finding,) = found(data, "two_labels")
    assert (finding.severity, finding.force, finding.period) == ("error", "", "2017Q2")
    assert (finding.offence, finding.action) == ("Robbery of personal property", "treated as missing")
    assert not found(data, "duplicate_keys")


def test_one_label_in_two_spellings_is_reported(table, tmp_path):
    late = table["quarter"] >= pd.Period("2017Q2", "Q")
    table["group"] = table["group"].mask(late & (table["code"] == "58A"), "Criminal Damage & Arson")
    details = [finding.detail for finding in found(load(table, tmp_path), "changed_label")]
    assert any("spelt in 2 ways: Criminal Damage & Arson; Criminal damage and arson" in d for d in details)


# Collapses and jumps


def test_a_collapse_that_comes_back_is_treated_as_missing_with_its_size(table, tmp_path):
    gone = cells(table, "Kent", "58A", "2018Q2", "2019Q1")
    whole = table.loc[cells(table, "Kent", "58C", "2018Q2", "2019Q1"), "count"].sum()
    table.loc[gone, "count"] = 1
    data = load(table, tmp_path)
    (finding,) = found(data, "collapse")
    assert (finding.force, finding.offence, finding.period) == ("Kent", "Criminal damage", "2018Q2-2019Q1")
    assert finding.action == "treated as missing"
    # 900 of 2,000 are gone; chance moves the expected four quarters by about 2 %
    assert finding.size == pytest.approx(np.log((whole + 4) / (whole + 3_600)), abs=0.05)
    assert found(data, "level_shift") == []


def test_a_series_that_ends_for_good_is_no_collapse(table, tmp_path):
    table.loc[cells(table, "Kent", "34B", "2019Q2", "2022Q1"), "count"] = 2
    data = load(table, tmp_path)
    assert found(data, "collapse") == []
    assert [(f.force, f.offence, f.period) for f in found(data, "level_shift")] == [
        ("Kent", "Robbery of personal property", "2019Q2")
    ]


def test_small_numbers_that_fall_by_chance_are_no_collapse(table, tmp_path):
    rare = table["code"] == "34B"
    table.loc[rare, "count"] = np.random.default_rng(1).poisson(4, rare.sum())
    data = load(table, tmp_path)
    assert found(data, "collapse") == found(data, "level_shift") == []


def test_a_fall_in_all_forces_is_common_and_nobodys_collapse(table, tmp_path):
    locked = table["quarter"] == pd.Period("2020Q2", "Q")
    table.loc[locked, "count"] //= 10
    data = load(table, tmp_path)
    assert found(data, "collapse") == found(data, "level_shift") == []
    (finding,) = found(data, "common_fall")
    assert finding.period == "2020Q2"
    assert finding.size == pytest.approx(np.log(0.1), abs=0.1)


def test_a_jump_for_one_quarter_is_reported_and_left(table, tmp_path):
    odd = cells(table, "Essex", "34B", "2017Q3", "2017Q3")
    table.loc[odd, "count"] = 2_400
    (finding,) = found(load(table, tmp_path), "jump")
    assert (finding.force, finding.offence, finding.action) == (
        "Essex",
        "Robbery of personal property",
        "left",
    )
    assert finding.size == pytest.approx(np.log(6), abs=0.15)


# Level shifts


def test_a_shift_of_one_force_is_found_with_date_and_size(table, tmp_path):
    late = cells(table, "Surrey", "34B", "2017Q4", "2022Q1")
    table.loc[late, "count"] = (table.loc[late, "count"] * 1.6).astype(int)
    (finding,) = found(load(table, tmp_path), "level_shift")
    assert (finding.force, finding.offence, finding.period) == (
        "Surrey",
        "Robbery of personal property",
        "2017Q4",
    )
    assert finding.size == pytest.approx(np.log(1.6), abs=0.1)
    assert finding.action == "level shift modelled"


def test_shifts_of_one_force_at_one_date_are_one_row(table, tmp_path):
    for code in OFFENCES:
        late = cells(table, "Surrey", code, "2017Q4", "2022Q1")
        table.loc[late, "count"] = (table.loc[late, "count"] * 0.5).astype(int)
    (finding,) = found(load(table, tmp_path), "level_shift")
    assert (finding.offence, finding.size) == ("", pytest.approx(np.log(0.5), abs=0.05))
    assert "Criminal damage -" in finding.detail
    assert "Robbery of personal property -" in finding.detail


def series(values):
    index = pd.period_range("2010Q1", periods=len(values), freq="Q-DEC")
    return pd.DataFrame({"a": np.asarray(values, dtype=float)}, index=index)


def test_slow_trends_and_seasons_are_no_shifts():
    quarter = np.arange(48)
    for slope in (-0.04, 0.02, 0.04):  # up to 17 % a year
        y = 1_000 * np.exp(slope * quarter + 0.15 * (quarter % 4 == 1))
        noise = np.random.default_rng(3).normal(0, 0.03, 48)
        assert find_level_shifts(series(y * np.exp(noise))).empty


def test_an_odd_quarter_neither_makes_a_shift_nor_hides_a_clear_one():
    y = np.exp(np.random.default_rng(4).normal(np.log(500), 0.04, 48))
    y[20] *= 4
    assert find_level_shifts(series(y)).empty
    y[24:] *= 1.8
    (shift,) = find_level_shifts(series(y)).itertuples()
    assert str(shift.quarter) == "2016Q1"
    assert shift.size == pytest.approx(np.log(1.8), abs=0.1)


def test_a_shift_within_missing_quarters_is_dated_by_the_first_one_seen():
    y = np.exp(np.random.default_rng(6).normal(np.log(500), 0.04, 48))
    y[22:] *= 2
    y[20:24] = np.nan
    (shift,) = find_level_shifts(series(y)).itertuples()
    assert str(shift.quarter) == "2016Q1"


def test_two_shifts_of_one_series_are_both_found():
    y = np.exp(np.random.default_rng(7).normal(np.log(800), 0.03, 48))
    y[16:32] *= 1.5
    shifts = find_level_shifts(series(y)).sort_values("quarter")
    assert shifts["quarter"].astype(str).tolist() == ["2014Q1", "2018Q1"]
    np.testing.assert_allclose(shifts["size"], [np.log(1.5), -np.log(1.5)], atol=0.06)


def test_pure_chance_is_seldom_a_shift():
    """Of 1,000 series without a shift at most 5 are flagged: fewer than a hundredth of false alarms."""
    chance = np.random.default_rng(8)
    counts = chance.poisson(chance.gamma(400, 200 / 400, (48, 1_000)))
    index = pd.period_range("2010Q1", periods=48, freq="Q-DEC")
    assert find_level_shifts(pd.DataFrame(counts, index=index)).series.nunique() <= 5


# The real file


@pytest.fixture(scope="module")
def real(shared_data):
    return load_recorded_crime(shared_data / "prc-pfa-quarterly-2012-2023.csv.gz")


@pytest.mark.shared_data
def test_the_real_file_has_its_known_faults(real):
    (year,) = found(real, "missing_periods")
    assert year.period == "2015Q2-2016Q1"
    (negative,) = found(real, "negative_counts")
    assert negative.rows == 410
    assert {f.force for f in found(real, "pseudo_force")} == {
        *("Action Fraud", "CIFAS", "UK Finance", "Financial Fraud Action UK", "British Transport Police")
    }
    (keys,) = found(real, "duplicate_keys")
    assert keys.rows == 1_628
    assert "Corporate manslaughter and Manslaughter" in keys.detail
    assert "Probably 4.10 lost its last zero" in keys.detail
    assert "UK Finance" in " ".join(f.detail for f in found(real, "changed_label"))


@pytest.mark.shared_data
def test_the_real_file_has_its_collapses(real):
    missing = {
        (f.force, f.offence, f.period) for f in found(real, "collapse") if f.action == "treated as missing"
    }
    assert missing == {
        (
            "West Midlands",
            "Criminal damage",
            "2020Q2-2021Q1",
        ),  # dwellings: 6 in the year, 7,123 the year before
        ("Northumbria", "Criminal damage", "2020Q2-2021Q1"),  # vehicles: 847, 6,803 the year before
        ("North Wales", "Non-domestic burglary", "2016Q2-2017Q1"),  # 298; 2,462 and 1,199 in the years beside
        ("Dorset", "Violence without injury", "2013Q1"),  # assault without injury: -4
    }


@pytest.mark.shared_data
def test_the_real_file_has_its_changes_of_recording(real):
    shifts = {(f.force, f.period): f.detail for f in found(real, "level_shift")}
    assert "Public order offences +188%" in shifts["Northumbria", "2016Q2"]
    assert "missing quarters before" in shifts["Northumbria", "2016Q2"]
    assert "Stalking and harassment +352% over a year" in shifts["Kent", "2017Q4"]
    assert ("Greater Manchester", "2021Q1") in shifts
    burglary = next(f for f in found(real, "common_shift") if f.period == "2017Q2")
    assert re.search(r"Domestic burglary \+\d\d%; Non-domestic burglary -\d\d%", burglary.detail)
    assert "2020Q2" in {f.period for f in found(real, "common_fall")}


@pytest.mark.shared_data
def test_the_report_of_the_real_file_can_be_read(real):
    quality = real.quality
    assert len(quality) < 150  # of 1,100 series
    assert quality["force"].eq("Kent").sum() < 10
    assert quality["detail"].str.endswith(".").all()
    assert quality["action"].isin(["excluded", "treated as missing", "level shift modelled", "left"]).all()
    assert quality["severity"].isin(["error", "warning", "note"]).all()
