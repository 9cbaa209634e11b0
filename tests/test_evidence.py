"""Facts of the evidence library: what was published, what is refused, what adds up."""

import csv
import re
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
import yaml

import victimsmodel as vm
from victimsmodel.errors import InputError
from victimsmodel.inputs.evidence import COLUMNS, QUANTITIES

PARAMETERS = Path(__file__).parents[1] / "parameters"
ROW = {
    "source": "own_return_2026",
    "title": "Own return",
    "address": "",
    "area": "Somewhere",
    "service": "Own service",
    "period": "2026",
    "year": "2026",
    "quantity": "reach.phone",
    "stage": "contacted",
    "parent_stage": "attempted_phone",
    "numerator": "40",
    "denominator": "80",
    "contact_definition": "spoken",
    "support_definition": "",
    "regime": "automatic_transfer",
    "quality": "A",
    "counted": "printed",
    "pool": "yes",
    "note": "",
}


@pytest.fixture(scope="module")
def library():
    return vm.load_evidence()


@pytest.fixture
def own_file(tmp_path):
    def write(*changes, columns=COLUMNS):
        path = tmp_path / "own.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows({**ROW, **change} for change in changes)
        return path

    return write


def messages(path):
    with pytest.raises(InputError) as caught:
        vm.load_evidence(path)
    return [re.sub(r"^.*/own\.csv", "own.csv", line) for line in str(caught.value).splitlines()]


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def published(shared_data):
    """Return the numbers of the funnel files by address, and where there is none by source."""
    folder = shared_data.parent / "evidence"
    if not folder.is_dir():
        pytest.skip("the published funnels (../shared/evidence) do not stand beside this repository")
    numbers, address = {}, ""
    for row in rows_of(folder / "funnels.csv"):
        found = re.search(r"https?://\S+", row["source"])
        address = found[0] if found else address if row["source"] == "same page" else row["source"]
        stated = [row[name] for name in ("referrals", "contacted", "assessed", "supported", "attempted")]
        noted = re.findall(r"(?<![\d.,])\d[\d,]*\d|\d", row["notes"])
        numbers.setdefault(address, set()).update(int(n.replace(",", "")) for n in [*stated, *noted] if n)
    for row in rows_of(folder / "funnel-stages.csv"):
        value = float(row["value"]) * (10 if row["unit"] == "percent" else 1)  # index numbers of 1,000
        numbers.setdefault(row["url"], set()).add(round(value))
    return numbers


@pytest.mark.shared_data
def test_every_number_stands_in_the_published_funnels(library, published):
    without_address = {
        "health_check_2018": "2Novate, West Midlands Victim Services health check, 2018, "
        "section Attrition Rate",
        "spcb_report_2019": "SPCB report on victim services and hidden crime, autumn 2019, para 9",
    }
    checked = 0
    for row in library.itertuples():
        known = published[row.address or without_address[row.source]]
        if row.counted == "derived":  # or the sum of up to three
            known = known | {sum(part) for n in (2, 3) for part in combinations(known, n)}
        for number in (row.numerator, row.denominator):
            if not pd.isna(number):
                assert int(number) in known, (row.source, row.quantity, number)
                checked += 1
    assert checked > 130


@pytest.mark.shared_data
def test_notes_and_titles_repeat_no_wording_of_the_published_funnels(library, shared_data):
    folder = shared_data.parent / "evidence"
    if not folder.is_dir():
        pytest.skip("the published funnels (../shared/evidence) do not stand beside this repository")
    text = " ".join(path.read_text(encoding="utf-8") for path in folder.glob("*.*"))
    shared = " ".join(re.findall(r"\w+", text.lower()))
    for note in library["note"]:
        words = re.findall(r"\w+", note.lower())
        for i in range(len(words) - 5):
            assert " ".join(words[i : i + 6]) not in shared, note


def test_every_source_is_in_the_register_with_the_same_title_and_address(library):
    register = yaml.safe_load((PARAMETERS / "sources.yaml").read_text())
    for row in library.itertuples():
        entry = register[row.source]
        assert (entry["title"], entry.get("address", "")) == (row.title, row.address)
    assert "evidence_library" in register


def test_every_quantity_has_words(library):
    shares = library.loc[library["denominator"].notna(), "quantity"]
    assert set(shares) == set(QUANTITIES)


def test_index_numbers_volumes_and_open_cases_are_never_pooled(library):
    pooled = library[library["pool"] == "yes"]
    assert (pooled["counted"] != "index").all()
    assert pooled["denominator"].notna().all()
    assert not pooled["definition"].str.contains("open_cases|recalled").any()
    assert (library["counted"] == "index").sum() == 4


def test_a_file_of_ones_own_is_appended(own_file, library):
    both = vm.load_evidence(own_file({}))
    assert len(both) == len(library) + 1
    assert both.iloc[-1][["period", "definition", "numerator"]].tolist() == ["2026", "spoken", 40]
    assert len(vm.borrow("reach.phone", evidence=both).services) == 2


def test_all_problems_of_a_file_are_told_at_once(own_file):
    path = own_file(
        {"numerator": "90"},
        {"regime": "automatic", "year": "1900"},
        {"counted": "index"},
        {"denominator": ""},
        {"numerator": "1,204"},
        {"quality": "E", "source": "Own Return"},
    )
    regimes = "'automatic_transfer', 'needs_flagged', 'opt_in', 'self_or_agency' or 'unclear'"
    assert messages(path) == [
        "own.csv:6: figures[4].numerator = 1,204: must be digits alone. Write 1204; the unit has its own "
        "key. [VM005]",
        "own.csv:2: figures[0].numerator = 90: must be at most 80. [VM101]",
        "own.csv:3: figures[1].year = 1900: must be at least 1970. [VM019]",
        f"own.csv:3: figures[1].regime = automatic: must be {regimes}. Did you mean "
        "automatic_transfer? [VM019]",
        "own.csv:4: figures[2].pool = yes: must be no for index numbers, which are not counts. [VM101]",
        "own.csv:5: figures[3].pool = yes: must be no where the denominator is missing. [VM101]",
        "own.csv:7: figures[5].source = Own Return: must be lower-case letters, digits and underscores, a "
        "letter first, at most 40. Did you mean own_return? [VM019]",
        "own.csv:7: figures[5].quality = E: must be 'A', 'B', 'C' or 'D'. [VM019]",
    ]


def test_missing_and_unknown_columns_are_named(own_file):
    columns = ["sorce" if name == "source" else name for name in COLUMNS]
    assert messages(own_file({"sorce": "x"}, columns=columns)) == [
        "own.csv:1: source: is a column that is missing. [VM100]",
        f"own.csv:1: sorce: must be one of the columns {', '.join(COLUMNS)}. Did you mean source? [VM100]",
    ]


def test_a_file_without_rows_or_that_is_not_there_is_refused(own_file, tmp_path):
    assert messages(own_file()) == ["own.csv: must hold a figure below its header. [VM100]"]
    path = tmp_path / "other" / "own.csv"
    assert messages(path) == ["own.csv: does not exist. [VM001]"]


def test_a_figure_that_stands_twice_is_refused_with_both_places(own_file, library):
    durham = library[library["quantity"] == "reach.phone"].iloc[0]
    again = {name: str(durham[name]) for name in COLUMNS}
    assert messages(own_file({}, {}, again)) == [
        "own.csv:3: quantity = reach.phone: stands in own.csv, line 2, already. [VM102]",
        f"own.csv:4: quantity = reach.phone: stands in published.csv, line {durham['line']}, already. "
        "[VM102]",
    ]


def victims(table, stage, parent):
    (found,) = table.loc[(table["stage"] == stage) & (table["parent_stage"] == parent), "victims"]
    return found


def test_durham_2014_reproduces_from_the_library():
    table = vm.service_funnel("durham_2014")
    assert victims(table, "referred", "") == 85
    assert victims(table, "attempted", "referred") == 66
    assert victims(table, "attempted_phone", "attempted") == 37
    assert victims(table, "contacted", "attempted_phone") == 31
    messages = [("attempted_text", 16), ("attempted_letter", 13)]
    for stage, sent in messages:
        assert victims(table, stage, "attempted") == sent
        assert victims(table, "contacted", stage) == 0
        assert victims(table, "unreachable", stage) == sent
    assert victims(table, "supported", "contacted") == 9
    exits = table[table["is_exit"]].groupby("stage")["victims"].sum()
    assert exits.to_dict() == {
        "excluded": 14,
        "no_details": 1,
        "unsafe": 4,
        "unreachable": 6 + 16 + 13,
        "declined": 7,
        "moved_away": 2,
        "information_only": 11,
        "safety_equipment": 2,
    }
    assert exits.sum() + 9 == 85


def test_the_published_part_of_cleveland_adds_up():
    table = vm.service_funnel("cleveland_2014")
    assert table.loc[table["parent_stage"] == "referred", "victims"].sum() == 118
    assert table.loc[table["parent_stage"] == "attempted", "victims"].sum() == 90
    assert not (table["parent_stage"] == "attempted_phone").any()  # how the calls ended is not known


def test_a_source_without_referrals_has_no_funnel():
    with pytest.raises(InputError) as caught:
        vm.service_funnel("durham_2041")
    assert str(caught.value) == (
        "service_funnel: source = durham_2041: is not a source that states what became of referrals (known: "
        "cambridgeshire_2015, cheshire_2021, cleveland_2014, durham_2014, lancashire_2015, "
        "north_yorkshire_2015, northamptonshire_2018, northamptonshire_2019, northamptonshire_2022, "
        "west_mercia_2019, west_mercia_2024, wiltshire_2015). Did you mean durham_2014? "
        "[VM108]"
    )
