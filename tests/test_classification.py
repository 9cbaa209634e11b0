import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from west_midlands import MIX_2017_18

from victimsmodel.demand.classification import (
    CRIME_TYPES,
    ONS_TABLE,
    STREET_TABLE,
    classify,
    offence_classes,
)
from victimsmodel.demand.recorded import force_counts, quarterly_counts, year_counts
from victimsmodel.errors import InputError
from victimsmodel.inputs.crime import CrimeData, load_recorded_crime

QUALITY = ["severity", "check", "force", "offence", "period", "rows", "size", "detail", "action"]


def offences(rows):
    """Return a table by quarter; rows are force, quarter, subgroup, code, count."""
    table = pd.DataFrame(
        rows, columns=["force", "quarter", "offence_subgroup", "offence_code", "offences"]
    ).assign(csp="", offence_group="", offence="")
    table["quarter"] = pd.PeriodIndex(table["quarter"], freq="Q-DEC")
    return table


def crime(rows, findings=()):
    table = offences(rows)
    return CrimeData(table, pd.DataFrame(list(findings), columns=QUALITY), "small.csv", table.head(0))


def finding(check, force, offence, period, action):
    return ("warning", check, force, offence, period, 1, np.nan, "", action)


def series(counts, force, crime_type):
    chosen = counts[(counts["force"] == force) & (counts["crime_type"] == crime_type)]
    return chosen.set_index("quarter")["offences"]


# The table


def test_every_row_of_the_table_has_a_reason_and_a_known_class():
    table = offence_classes()
    assert (table["reason"].str.len() > 4).all()
    assert set(table["crime_type"]) == {*CRIME_TYPES, ""}
    assert set(table["victim"]) == {"person", "business", "society", "mixed", "total"}
    assert not table.duplicated(["table", "offence_subgroup", "offence_code"]).any()


def test_what_is_against_society_or_a_total_is_counted_in_no_crime_type():
    whole = offence_classes().query("offence_code == '' and victim in ['society', 'total']")
    assert set(whole["crime_type"]) == {""}


def test_a_code_is_classed_before_its_subgroup_and_an_unnamed_code_as_its_subgroup():
    found = classify(
        pd.DataFrame(
            {"offence_subgroup": ["Other theft offences"] * 3, "offence_code": ["49A", "35", "999"]},
            index=[7, 8, 9],
        )
    )
    assert list(found["victim"]) == ["business", "person", "mixed"]
    assert set(found["crime_type"]) == {"vehicle_and_other_theft"}
    assert list(found.index) == [7, 8, 9]


def test_tables_that_name_no_subgroups_have_names_of_their_own():
    named = pd.DataFrame({"offence": ["Burglary", "Robbery"]})
    assert list(classify(named, ONS_TABLE)["victim"]) == ["total", "mixed"]
    assert list(classify(named, STREET_TABLE)["victim"]) == ["mixed", "mixed"]
    assert list(classify(named, STREET_TABLE)["crime_type"]) == ["", "robbery"]


def test_an_offence_that_the_table_does_not_know_is_an_error_that_names_it():
    rows = [("Kent", "2019Q1", "Homicide", "1", 2), ("Kent", "2019Q1", "Moon theft", "77", 1)]
    with pytest.raises(InputError, match=r"Moon theft 77.*VM085"):
        quarterly_counts(crime(rows))


# Quarterly counts


def test_negative_counts_stay_in_the_sums():
    rows = [("Kent", "2019Q1", "Rape offences", "19C", 5), ("Kent", "2019Q1", "Rape offences", "19D", -2)]
    assert series(quarterly_counts(crime(rows)), "Kent", "sexual_offences").tolist() == [3.0]


def test_business_and_society_are_left_out_and_so_are_pseudo_forces():
    rows = [
        ("Kent", "2019Q1", "Shoplifting", "46", 50),
        ("Kent", "2019Q1", "Trafficking of drugs", "92A", 60),
        ("Kent", "2019Q1", "Bicycle theft", "44", 7),
        ("Action Fraud", "2019Q1", "Fraud: Action Fraud", "AF", 900),
    ]
    found = quarterly_counts(crime(rows, [finding("pseudo_force", "Action Fraud", "", "", "excluded")]))
    assert found[["force", "crime_type", "offences"]].to_numpy().tolist() == [
        ["Kent", "vehicle_and_other_theft", 7.0]
    ]


def test_a_missing_quarter_is_a_row_without_a_number():
    rows = [("Kent", q, "Bicycle theft", "44", 7) for q in ("2019Q1", "2019Q3")]
    found = series(quarterly_counts(crime(rows)), "Kent", "vehicle_and_other_theft")
    assert list(found.index.astype(str)) == ["2019Q1", "2019Q2", "2019Q3"]
    assert found.isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("force", "offence", "period", "missing"),
    [
        ("Kent", "", "2019Q2", {("Kent", "robbery", "2019Q2"), ("Kent", "violence", "2019Q2")}),
        (
            "Kent",
            "Homicide",
            "2019Q1-2019Q2",
            {("Kent", "violence", "2019Q1"), ("Kent", "violence", "2019Q2")},
        ),
        ("", "Robbery", "2019Q1", {("Kent", "robbery", "2019Q1"), ("Essex", "robbery", "2019Q1")}),
    ],
)
def test_what_the_quality_table_treats_as_missing_is_missing(force, offence, period, missing):
    rows = [
        (name, quarter, subgroup, "", 7)
        for name in ("Kent", "Essex")
        for quarter in ("2019Q1", "2019Q2")
        for subgroup in ("Homicide", "Robbery of personal property")
    ]
    left = finding("level_shift", "Kent", "", "2019Q1", "left")
    treated = finding("collapse", force, offence, period, "treated as missing")
    found = quarterly_counts(crime(rows, [left, treated]))
    without = found[found["offences"].isna()]
    assert (
        set(zip(without["force"], without["crime_type"], without["quarter"].astype(str), strict=True))
        == missing
    )
    assert len(found) == 8


def test_a_table_by_year_has_no_quarters():
    table = crime([("Kent", "2019Q1", "Bicycle theft", "44", 7)])
    yearly = table.offences.drop(columns="quarter").assign(year_ending=pd.Timestamp("2019-03-31"))
    with pytest.raises(InputError, match="VM086"):
        quarterly_counts(table._replace(offences=yearly))


def test_a_year_needs_its_four_quarters():
    rows = [("Kent", q, "Bicycle theft", "44", 7) for q in ("2019Q1", "2019Q2", "2019Q4")]
    with pytest.raises(InputError, match=r"four quarters from 2019Q1.*VM086"):
        year_counts(crime(rows), "Kent", pd.Period("2019Q1"))


@pytest.mark.parametrize("offence", ["Shoplifting", "Trafficking of drugs", "Drug offences", ""])
def test_a_year_of_which_any_offence_is_treated_as_missing_is_not_whole(offence):
    rows = [
        ("Kent", quarter, subgroup, "", 7)
        for quarter in ("2019Q2", "2019Q3", "2019Q4", "2020Q1")
        for subgroup in ("Homicide", "Shoplifting", "Trafficking of drugs")
    ]
    treated = finding("suppressed", "Kent", offence, "2019Q3", "treated as missing")
    whole, damaged = crime(rows), crime(rows, [treated])
    assert year_counts(whole, "Kent", pd.Period("2019Q2"))["offences"].tolist() == [28, 28, 28]
    with pytest.raises(InputError, match=r"four quarters from 2019Q2.*VM086"):
        year_counts(damaged, "Kent", pd.Period("2019Q2"))
    unknown = force_counts(damaged, "Kent").isna()
    assert unknown.any(axis=1).tolist() == [False, True, False, False]
    missing = quarterly_counts(damaged)["offences"].isna().tolist()
    assert missing == unknown["people", "violence"].tolist()


def test_a_subgroup_that_is_hidden_throughout_is_not_taken_for_none():
    rows = [("Kent", q, "Homicide", "1", 7) for q in ("2019Q2", "2019Q3")]
    hidden = finding("suppressed", "Kent", "Shoplifting", "2019Q2-2019Q3", "treated as missing")
    assert force_counts(crime(rows, [hidden]), "Kent")["business", "shoplifting"].isna().all()


def test_a_subgroup_without_rows_in_a_quarter_that_has_others_was_not_recorded():
    rows = [("Kent", q, "Homicide", "1", 7) for q in ("2019Q2", "2019Q3")]
    found = force_counts(crime([*rows, ("Kent", "2019Q3", "Shoplifting", "46", 5)]), "Kent")
    assert found["business", "shoplifting"].tolist() == [0.0, 5.0]


# The public files


@cache
def home_office(folder):
    return load_recorded_crime(folder / "prc-pfa-quarterly-2012-2023.csv.gz")


@pytest.mark.shared_data
def test_every_offence_of_the_home_office_file_is_known_and_west_midlands_has_the_published_mix(shared_data):
    data = home_office(shared_data)
    counts = quarterly_counts(data)
    year = counts[counts["quarter"].between(pd.Period("2017Q2"), pd.Period("2018Q1"))]
    mix = year[year["force"] == "West Midlands"].groupby("crime_type")["offences"].sum()
    assert mix.to_dict() == MIX_2017_18
    assert counts["force"].nunique() == 43
    assert len(counts) == 43 * len(MIX_2017_18) * 45
    missing_year = counts["quarter"].between(pd.Period("2015Q2"), pd.Period("2016Q1"))
    assert counts.loc[missing_year, "offences"].isna().all()
    assert classify(data.other_bodies)["crime_type"].isin(["", *CRIME_TYPES]).all()


@pytest.mark.shared_data
def test_people_business_and_society_add_up_to_recorded_crime(shared_data):
    data = home_office(shared_data)
    found = year_counts(data, "West Midlands", pd.Period("2017Q2"))
    people = found[found["victim"] == "people"].set_index("name")["offences"]
    assert people.to_dict() == MIX_2017_18
    assert list(people.index) == list(MIX_2017_18)
    assert found.groupby("victim")["offences"].sum().drop("people").to_dict() == {
        "business": 27951,
        "society": 9489,
    }
    assert found["offences"].sum() == 233_688


@pytest.mark.shared_data
def test_every_offence_of_table_c2_and_of_street_files_is_known(shared_data):
    table = pd.read_csv(shared_data / "csp-recorded-crime-ye-june-2025.csv.gz")
    found = classify(table[["offence"]], ONS_TABLE)
    whole = table["offence"].str.startswith("Total")
    parts = table[found["victim"] != "total"]
    assert (
        parts.groupby("csp_name")["offences"]
        .sum()
        .equals(table[whole & table["csp_name"].notna()].groupby("csp_name")["offences"].sum())
    )
    street = pd.read_csv(next((shared_data / "street").glob("*/*.csv.gz")))
    assert len(classify(street.rename(columns={"Crime type": "offence"}), STREET_TABLE)) == len(street)


@pytest.mark.shared_data
def test_codes_agree_with_the_published_street_categories(shared_data):
    """Offences that police.uk shows as drugs, weapons or shoplifting are in no crime type of ours."""
    table = pd.read_csv(shared_data / "offence-to-policeuk-category.csv", dtype=str)
    crime_type = classify(table[["offence_subgroup", "offence_code"]])["crime_type"]
    outside = table["policeuk_category"].isin(["Drugs", "Possession of Weapons", "Shoplifting"])
    assert set(crime_type[outside]) == {""}
    personal = table["policeuk_category"].str.contains(re.escape("Violence and Sexual"))
    assert set(crime_type[personal]) == {"violence", "sexual_offences"}
