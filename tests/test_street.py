import gzip
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from victimsmodel.errors import InputError
from victimsmodel.inputs.street import load_street_crime

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)
BENCHMARK = Path(__file__).resolve().parents[1] / "benchmarks" / "street.py"
LEEDS, WIGAN, NOWHERE = ("E01011264", "Leeds 009B"), ("E01006205", "Wigan 001A"), ("", "")


def line(month, lsoa, crime_type="Burglary", place="On or near High Street"):
    force = "West Yorkshire Police"
    return f'a1,{month},{force},{force},-1.5,53.8,"{place}",{",".join(lsoa)},{crime_type},,'


def archive(folder, files, suffix=".csv"):
    """Write files by (month, force) from lists of lines."""
    for (month, force), lines in files.items():
        path = folder / month / f"{month}-{force}-street{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = "\n".join([HEADER, *lines, ""]).encode()
        path.write_bytes(gzip.compress(content) if suffix.endswith(".gz") else content)
    return folder


def small(folder, suffix=".csv"):
    files = {
        ("2017-07", "west-yorkshire"): [
            line("2017-07", LEEDS),
            line("2017-07", LEEDS, place="On or near Ropewalk, The"),
            line("2017-07", LEEDS, "Anti-social behaviour"),
            line("2017-07", NOWHERE),
        ],
        ("2017-08", "west-yorkshire"): [line("2017-08", LEEDS), line("2017-08", WIGAN)],
        ("2017-07", "greater-manchester"): [line("2017-07", WIGAN, "Robbery")],
    }
    return archive(folder, files, suffix)


def finding(data, check):
    (found,) = data.quality[data.quality["check"] == check].itertuples()
    return found


# Sums


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_rows_are_counted_by_month_lsoa_and_type(tmp_path, suffix):
    crimes = load_street_crime(small(tmp_path, suffix)).crimes
    rows = crimes.astype({"month": str}).to_numpy().tolist()
    assert rows == [
        ["2017-07", "", "", "Burglary", 1],
        ["2017-07", "E01006205", "Wigan 001A", "Robbery", 1],
        ["2017-07", "E01011264", "Leeds 009B", "Anti-social behaviour", 1],
        ["2017-07", "E01011264", "Leeds 009B", "Burglary", 2],
        ["2017-08", "E01006205", "Wigan 001A", "Burglary", 1],
        ["2017-08", "E01011264", "Leeds 009B", "Burglary", 1],
    ]
    assert crimes["month"].dtype == "period[M]"


def test_the_local_authority_is_in_the_name_of_the_lsoa(tmp_path):
    crimes = load_street_crime(small(tmp_path), by="local_authority").crimes
    totals = crimes.groupby("local_authority", observed=True)["crimes"].sum()
    assert totals.to_dict() == {"": 1, "Leeds": 4, "Wigan": 2}


def test_a_lookup_names_the_local_authority_where_it_knows_the_lsoa(tmp_path):
    lookup = pd.DataFrame({"lsoa_code": [WIGAN[0]], "local_authority": ["Greater Wigan"]})
    crimes = load_street_crime(small(tmp_path), "local_authority", lookup).crimes
    totals = crimes.groupby("local_authority", observed=True)["crimes"].sum()
    assert totals.to_dict() == {"": 1, "Greater Wigan": 2, "Leeds": 4}
    with pytest.raises(InputError, match="lookup: has no column local_authority"):
        load_street_crime(tmp_path, "local_authority", lookup[["lsoa_code"]])


# Quality


def test_the_report_says_what_is_missing_and_what_is_no_crime(tmp_path):
    data = load_street_crime(small(tmp_path))
    missing = finding(data, "missing_periods")
    assert (missing.force, missing.period, missing.action) == (
        "Greater Manchester",
        "2017-08",
        "treated as missing",
    )
    nowhere = finding(data, "no_location")
    assert nowhere.rows == 1
    assert nowhere.detail == "1 rows have no LSOA (14.3%; most: West Yorkshire 16.7%)."
    assert finding(data, "not_a_crime").rows == 1
    assert data.source.endswith("3 street files, 2017-07 to 2017-08")


def test_a_file_name_that_disagrees_with_its_months_is_reported_and_the_column_counts(tmp_path):
    data = load_street_crime(archive(tmp_path, {("2017-07", "kent"): [line("2017-06", LEEDS)] * 3}))
    assert data.crimes["month"].astype(str).tolist() == ["2017-06"]
    differs = finding(data, "month_differs")
    assert (differs.severity, differs.force, differs.rows) == ("error", "Kent", 3)


def test_unknown_types_odd_names_and_empty_files_are_reported(tmp_path):
    files = {
        ("2017-07", "kent"): [line("2017-07", ("E1", "Somewhere"), "Piracy")],
        ("2017-07", "essex"): [],
    }
    data = load_street_crime(archive(tmp_path, files))
    assert finding(data, "changed_label").offence == "Piracy"
    assert finding(data, "lsoa_name").rows == 1
    assert finding(data, "empty_file").force == "Essex"


# Errors


def test_a_folder_without_street_files_says_how_they_are_named(tmp_path):
    with pytest.raises(
        InputError, match=r"holds no file named like 2017-07/2017-07-west-yorkshire-street\.csv"
    ):
        load_street_crime(tmp_path)
    with pytest.raises(InputError, match="is no folder; unpack the archive"):
        load_street_crime(tmp_path / "archive.zip")


def test_other_columns_are_refused_with_what_was_found(tmp_path):
    path = next(small(tmp_path).glob("2017-08/*"))
    path.write_text(path.read_text().replace("LSOA name", "LSOA nam"))
    with pytest.raises(
        InputError, match=r"has no column LSOA name; found: Crime ID,.*Is 'LSOA nam' the column"
    ):
        load_street_crime(tmp_path)
    path.write_text(path.read_text().replace("LSOA code,LSOA nam", "LSOA name,LSOA code"))
    with pytest.raises(InputError, match="has its columns in another order"):
        load_street_crime(tmp_path)


def test_a_row_with_too_few_cells_is_refused_with_its_file_and_row(tmp_path):
    path = next(small(tmp_path).glob("2017-08/*"))
    path.write_text(path.read_text() + "a1,2017-08,West Yorkshire Police\n")
    with pytest.raises(InputError) as caught:
        load_street_crime(tmp_path)
    assert f"{path}, row 4: cannot be read" in str(caught.value)


def test_a_wrong_month_an_empty_file_and_another_encoding_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"Month = July 2017: must be a month such as 2017-07"):
        load_street_crime(archive(tmp_path / "a", {("2017-07", "kent"): [line("July 2017", LEEDS)]}))
    path = next(small(tmp_path / "b").glob("2017-08/*"))
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"west-yorkshire-street\.csv: is empty"):
        load_street_crime(tmp_path / "b")
    path.write_bytes("\n".join([HEADER, line("2017-08", ("W1", "Ynys Môn 001A"))]).encode("cp1252"))
    with pytest.raises(InputError, match="VM080"):
        load_street_crime(tmp_path / "b")
    path.write_bytes(HEADER.encode("utf-16"))
    with pytest.raises(InputError, match="is not UTF-8"):
        load_street_crime(tmp_path / "b")


def test_a_month_that_is_there_twice_is_refused(tmp_path):
    small(tmp_path / "a")
    small(tmp_path / "b", ".csv.gz")
    with pytest.raises(InputError, match="3 months of a force twice, which would count crimes twice"):
        load_street_crime(tmp_path)


def test_areas_are_one_of_two(tmp_path):
    with pytest.raises(InputError, match="must be lsoa or local_authority"):
        load_street_crime(small(tmp_path), by="ward")


# The real files


@pytest.mark.shared_data
def test_real_files_agree_with_pandas(shared_data):
    paths = sorted((shared_data / "street").glob("*/*.csv.gz"))
    table = pd.concat([pd.read_csv(path, dtype=str) for path in paths])
    table["local_authority"] = table["LSOA name"].str[:-5].fillna("")
    expected = table.groupby(["Month", "local_authority", "Crime type"]).size()
    data = load_street_crime(shared_data / "street", by="local_authority")
    found = data.crimes.set_index(["month", "local_authority", "crime_type"])["crimes"]
    assert found.tolist() == expected.tolist()
    assert len(table) == found.sum() == 27_176 + 28_537
    leeds = data.crimes[data.crimes["local_authority"] == "Leeds"]
    assert leeds["crimes"].sum() == 9_243 + 9_671
    assert finding(data, "no_location").rows == 1_347 + 1_541


@pytest.mark.long
@pytest.mark.shared_data
def test_the_benchmark_counts_every_row_of_what_it_makes(shared_data, tmp_path):
    command = [sys.executable, str(BENCHMARK), "--folder", str(tmp_path), "--rows", "60000"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [cells.split(" | ")[1] for cells in found.splitlines()[2:]] == [
        "82,889"
    ] * 3  # 27,176 + 28,537 + 27,176
    assert list(tmp_path.iterdir()) == []  # deleted afterwards
