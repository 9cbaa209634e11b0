import gzip
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd
import pytest

from victimsmodel.demand.classification import classify
from victimsmodel.errors import InputError
from victimsmodel.inputs.boundaries import load_boundaries
from victimsmodel.inputs.crime import load_recorded_crime, police_force_areas
from victimsmodel.inputs.downloads.cells import count_of, first_year, quarter_number
from victimsmodel.inputs.official.forces import force_of, official_force, other_body
from victimsmodel.inputs.population import (
    load_area_lookup,
    load_deprivation,
    load_population,
    residents,
)

FORCE_HEADER = (
    "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,"
    "Offence Code,Number of Offences"
)
#: Shipped in the README of the shared data: offences of the West Midlands by financial year.
WEST_MIDLANDS = {
    "2012/13": 170_713,
    "2013/14": 174_524,
    "2014/15": 176_280,
    "2016/17": 206_630,
    "2017/18": 233_688,
    "2018/19": 259_932,
    "2019/20": 260_839,
    "2020/21": 269_988,
    "2021/22": 361_649,
    "2022/23": 367_206,
}


def row(year="2021/22", quarter="1", force="Kent", offence="Bicycle theft", count="12"):
    name = f'"{force}"' if "," in force else force
    return f'{year},{quarter},{name},{offence},Theft offences,Bicycle theft,44,"{count}"'


ROWS = [
    row(),
    row(quarter="2", count="15"),
    row(force="London, City of", count="3"),
    row(force="London, City of", quarter="2", count="4"),
]
CSV = "\n".join([FORCE_HEADER, *ROWS]) + "\n"


def written(tmp_path, content, name="crime.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def cells(text):
    """Return the table of a CSV text as rows, counts as numbers."""
    frame = pd.read_csv(pd.io.common.StringIO(text), dtype=str)
    frame["Number of Offences"] = frame["Number of Offences"].astype(int)
    return [list(frame.columns), *frame.to_numpy().tolist()]


def save_sheets(path, sheets):
    """Write rows of unequal length as sheets of a workbook."""
    if path.suffix == ".ods":
        return save_open_document(path, sheets)
    pytest.importorskip("openpyxl")
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for name, rows in sheets.items():
            width = max((len(cells) for cells in rows), default=0)
            table = pd.DataFrame([[*cells, *[None] * (width - len(cells))] for cells in rows])
            table.to_excel(writer, sheet_name=name, index=False, header=False)
    return path


_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns"


def save_open_document(path, sheets):
    """Write the least that an OpenDocument spreadsheet may hold (OpenDocument 1.3, part 3)."""

    def cell(value):
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, (int, float)):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        text = f"<text:p>{escape(str(value))}</text:p>"
        return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'

    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(f'xmlns:{name}="{_NAMESPACE}:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.3">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    entry = '<manifest:file-entry manifest:full-path="{}" manifest:media-type="{}"/>'
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_NAMESPACE}:manifest:1.0">'
        f"{entry.format('/', _ODS)}{entry.format('content.xml', 'text/xml')}</manifest:manifest>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", _ODS)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return path


def checks(data):
    return set(data.quality["check"])


# Kinds of files


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", CSV.encode()),
        ("windows lines.csv", CSV.replace("\n", "\r\n").encode()),
        ("mac lines.csv", CSV.replace("\n", "\r").encode()),
        ("mark.csv", b"\xef\xbb\xbf" + CSV.encode()),
        ("packed.csv.gz", gzip.compress(CSV.encode(), mtime=0)),
        ("packed under another name.csv", gzip.compress(CSV.encode(), mtime=0)),
        ("utf16.csv", CSV.encode("utf-16")),
        ("utf16 without mark.csv", CSV.encode("utf-16-le")),
        ("tab.txt", "\n".join(line.replace('"', "") for line in CSV.splitlines()).encode()),
    ],
)
def test_every_kind_of_text_gives_the_same_table(tmp_path, name, content):
    if name == "tab.txt":
        frame = pd.read_csv(pd.io.common.StringIO(CSV), dtype=str)
        content = frame.to_csv(sep="\t", index=False).encode()
    data = load_recorded_crime(written(tmp_path, content, name))
    assert data.offences["offences"].tolist() == [12, 15, 3, 4]
    assert data.offences["force"].tolist() == ["Kent", "Kent", "London, City of", "London, City of"]
    assert data.offences["quarter"].astype(str).tolist() == ["2021Q2", "2021Q3"] * 2
    assert data.offences["csp"].eq("").all()
    assert data.offences["offences"].dtype == np.int64
    assert data.offences["quarter"].dtype == "period[Q-DEC]"


def test_semicolons_and_thousands_separators_are_read(tmp_path):
    frame = pd.read_csv(pd.io.common.StringIO(CSV), dtype=str)
    frame["Number of Offences"] = ["1,234", "12,345", "1,234,567", "4"]
    data = load_recorded_crime(written(tmp_path, frame.to_csv(sep=";", index=False)))
    assert data.offences["offences"].tolist() == [1_234, 12_345, 1_234_567, 4]


def test_cp1252_is_read_and_reported(tmp_path):
    text = CSV.replace("Bicycle theft,Theft", "Bicycle theft – all,Theft")
    data = load_recorded_crime(written(tmp_path, text.encode("cp1252")))
    assert data.offences["offence"].unique().tolist() == ["Bicycle theft – all"]
    assert data.quality.loc[data.quality["check"] == "encoding", "detail"].item().endswith("cp1252.")


def test_the_dash_of_windows_is_read_and_told_from_no_other_dash(tmp_path):
    name = "Death or serious injury {} unlawful driving"
    text = "\n".join(
        [FORCE_HEADER, row().replace("Bicycle theft,44", f"{name},44").replace("2021/22", "2021{}22")]
    )
    windows = load_recorded_crime(written(tmp_path, text.replace("{}", "\x96").encode("latin-1")))
    assert windows.offences["offence_subgroup"].tolist() == [name.format("\N{EN DASH}")]
    assert str(windows.offences["quarter"].item()) == "2021Q2"
    plain = load_recorded_crime(written(tmp_path, text.replace("{}", "-")))
    for data in (windows, plain):
        assert classify(data.offences)["crime_type"].tolist() == ["violence"]


@pytest.mark.parametrize("encoding", ["cp850", "mac_roman"])
def test_another_encoding_is_refused_with_the_byte(tmp_path, encoding):
    text = CSV.replace("Kent", "Ynys Môn")
    content = text.encode(encoding)
    with pytest.raises(InputError, match=r"is neither UTF-8 nor UTF-16 nor cp1252 \(byte \d+: [0-9a-f]{2}\)"):
        load_recorded_crime(written(tmp_path, content))


def test_a_nul_byte_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds a NUL character"):
        load_recorded_crime(written(tmp_path, CSV.replace("Kent", "Ke\x00nt", 1)))


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_with_cover_notes_titles_and_a_sheet_for_each_year_is_one_table(tmp_path, kind):
    table = cells(CSV)
    later = [table[0], *([line[0].replace("2021/22", "2022/23"), *line[1:]] for line in table[1:])]
    note = ["Source: Home Office"] + [None] * 7
    sheets = {
        "Cover": [["Police recorded crime"], ["Published October 2023"]],
        "Empty": [],
        "2021-22": [["Table 1: offences"], [None], *table, [None] * 8, note, [None] * 8],
        "2022-23": later,
    }
    data = load_recorded_crime(save_sheets(tmp_path / f"crime.{kind}", sheets))
    assert data.offences["offences"].tolist() == [12, 15, 3, 4] * 2
    assert data.offences["quarter"].astype(str).unique().tolist() == ["2021Q2", "2021Q3", "2022Q2", "2022Q3"]
    assert {"sheet_without_table", "empty_sheet", "title_rows", "note_rows"} <= checks(data)


def test_titles_above_and_notes_below_are_passed_over_and_reported(tmp_path):
    notes = "Source: Home Office\n[x] not available,\n"
    text = f"Police recorded crime\n\nReleased, with corrections\n{CSV}\n{notes}"
    data = load_recorded_crime(written(tmp_path, text))
    assert data.offences["offences"].sum() == 34
    assert "title_rows" in checks(data)


@pytest.mark.parametrize("row", ["2012/13,1,Kent", "2021/22, 1, Kent", "2012/13,1,", "2021/22"])
def test_a_last_row_that_is_cut_short_is_refused_with_its_line(tmp_path, row):
    whole = written(
        tmp_path, CSV + "Source: Home Office, police recorded crime\n1,234 of these were moved to Kent\n"
    )
    assert len(load_recorded_crime(whole).offences) == 4
    n_cells = row.count(",") + 1
    with pytest.raises(InputError, match=rf"row 6: has {n_cells} cells where the header has 8\. \[VM075\]"):
        load_recorded_crime(written(tmp_path, CSV + row + "\nSource: Home Office\n"))


@pytest.mark.parametrize(
    ("count", "said"),
    [
        ("090152", "has a leading zero. Did you mean 90152?"),
        ("0,152", "has a leading zero. Did you mean 152?"),
        ("-05.0", "has a leading zero. Did you mean -5?"),
        ("".join(chr(0x0660 + int(digit)) for digit in "90152"), "must be written in the digits 0 to 9."),
        ("9" * 5000, "must be a whole number such as 1234 or 1,234, or a mark such as [x] or ..."),
    ],
)
def test_counts_with_leading_zeros_or_other_digits_are_refused_with_their_row(tmp_path, count, said):
    path = written(tmp_path, "\n".join([FORCE_HEADER, *ROWS, row(quarter="3", count=count)]) + "\n")
    shown = f"{count[:60]}..." if len(count) > 60 else count
    with pytest.raises(InputError) as caught:
        load_recorded_crime(path)
    assert str(caught.value) == f"{path}, row 6: Number of Offences = {shown}: {said} [VM074]"
    people = "la_code,la_name,year,population\nE07000105,Ashford,2019,130032\nE07000106,Canterbury,2019,"
    with pytest.raises(InputError) as caught:
        load_population(written(tmp_path, f'{people}"{count}"\n'))
    assert f"row 3: population = {shown}: {said} [VM074]" in str(caught.value)


def test_a_note_in_full_width_rows_is_told_from_data(tmp_path):
    data = load_recorded_crime(written(tmp_path, CSV + ",,,,,,,\nSource: Home Office,,,,,,,\n"))
    assert len(data.offences) == 4
    assert data.quality.loc[data.quality["check"] == "note_rows", "rows"].item() == 1


def test_several_files_are_one_table(tmp_path):
    later = written(tmp_path, CSV.replace("2021/22", "2022/23"), "later.csv")
    data = load_recorded_crime([written(tmp_path, CSV), later])
    assert len(data.offences) == 8
    assert data.source == "crime.csv; later.csv"


def test_a_table_by_partnership_has_its_names_and_another_word_for_the_count(tmp_path):
    header = FORCE_HEADER.replace("Offence Description", "CSP Name,Offence Description")
    header = header.replace("Number of Offences", "Offence Count")
    text = f"{header}\n2021/22,1,Kent,Dover,Bicycle theft,Theft offences,Bicycle theft,44,7\n"
    data = load_recorded_crime(written(tmp_path, text))
    assert data.offences[["force", "csp", "offences"]].to_numpy().tolist() == [["Kent", "Dover", 7]]


def test_a_yearly_table_has_the_end_of_each_year(tmp_path):
    lines = [
        ",".join(line.split(",")[:1] + line.split(",")[2:]) for line in (FORCE_HEADER, row(), row("2022/23"))
    ]
    data = load_recorded_crime(written(tmp_path, "\n".join(lines)))
    assert "quarter" not in data.offences
    assert data.offences["year_ending"].dt.strftime("%Y-%m-%d").tolist() == ["2022-03-31", "2023-03-31"]


# Never a wrong number


def test_marks_are_missing_and_never_zero(tmp_path):
    text = "\n".join([FORCE_HEADER, row(), row(quarter="2", count="[x]"), row(quarter="3", count=" .. ")])
    data = load_recorded_crime(written(tmp_path, text))
    assert data.offences["offences"].tolist() == [12]
    found = data.quality[data.quality["check"] == "suppressed"].iloc[0]
    assert (found.force, found.offence, found.period) == ("Kent", "Bicycle theft", "2021Q3-2021Q4")
    assert (found.rows, found.action) == (2, "treated as missing")


@pytest.mark.parametrize("count", ["12.5", "1,23", "12O", "1.234,0", "(5)", "1e3", "9007199254740993"])
def test_what_is_no_count_is_an_error_that_names_row_column_and_value(tmp_path, count):
    path = written(tmp_path, "\n".join([FORCE_HEADER, row(), "", row(quarter="2", count=count)]))
    with pytest.raises(InputError) as caught:
        load_recorded_crime(path)
    assert str(caught.value) == (
        f"{path}, row 4: Number of Offences = {count}: must be a whole number such as 1234 or 1,234, "
        "or a mark such as [x] or ... [VM074]"
    )


def test_a_workbook_error_names_sheet_and_row(tmp_path):
    rows = [["Title"], *cells(CSV)]
    rows[3][7] = "twelve"
    save_sheets(tmp_path / "a.xlsx", {"2021-22": rows})
    with pytest.raises(InputError, match=r"a\.xlsx, 2021-22!H4: Number of Offences = twelve"):
        load_recorded_crime(tmp_path / "a.xlsx")


def test_a_row_of_totals_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"row 6: Force Name = \(empty\): must not be empty; rows of totals"):
        load_recorded_crime(written(tmp_path, CSV + "2021/22,2,,All,All,All,0,34\n"))


def test_an_unquoted_thousands_separator_is_refused_and_never_shifts_columns(tmp_path):
    text = CSV + row(quarter="3", count="1,234").replace('"', "") + "\n"
    with pytest.raises(InputError, match=r"row 6: has 9 cells where the header has 8\. Put numbers"):
        load_recorded_crime(written(tmp_path, text))


def test_a_short_row_between_data_is_refused(tmp_path):
    text = "\n".join([FORCE_HEADER, row(), "Kent, continued", row(quarter="2")])
    with pytest.raises(InputError, match="row 3: has 2 cells where the header has 8"):
        load_recorded_crime(written(tmp_path, text))


def test_a_cut_off_last_row_is_refused(tmp_path):
    with pytest.raises(InputError, match="row 6: has 3 cells"):
        load_recorded_crime(written(tmp_path, CSV + "2021/22,3,12\n"))


def test_a_quote_without_end_is_refused(tmp_path):
    with pytest.raises(InputError, match="VM07"):
        load_recorded_crime(written(tmp_path, CSV + '2021/22,3,"Kent,Bicycle theft\n' + CSV))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("2021/23", r"Financial Year = 2021/23: must be a financial year such as 2012/13"),
        ("2021", r"must be a financial year"),
    ],
)
def test_a_wrong_year_is_refused(tmp_path, bad, message):
    with pytest.raises(InputError, match=message):
        load_recorded_crime(written(tmp_path, CSV + row(year=bad)))


def test_a_wrong_quarter_is_refused(tmp_path):
    with pytest.raises(InputError, match="Financial Quarter = 5: must be a financial quarter"):
        load_recorded_crime(written(tmp_path, CSV + row(quarter="5")))


@pytest.mark.parametrize(
    ("text", "number"),
    [("1234", 1234), ("1,234", 1234), ("-3", -3), ("\u22123", -3), ("5.0", 5), ("..", None), ("[x]", None)],
)
def test_counts(text, number):
    assert count_of(text) == number


def test_financial_years_and_quarters_however_they_are_written():
    assert [first_year(text) for text in ("2012/13", "2012-13", "2012/2013", "1999/00")] == [2012] * 3 + [
        1999
    ]
    assert [quarter_number(text) for text in ("1", "Q2", "q 3", "4.0")] == [1, 2, 3, 4]


# Wrong files


def test_a_wrong_column_says_what_was_found_and_which_was_probably_meant(tmp_path):
    with pytest.raises(InputError) as caught:
        load_recorded_crime(written(tmp_path, CSV.replace("Force Name", "Forse Name")))
    message = str(caught.value)
    assert "has no column Force Name; found: Financial Year, Financial Quarter, Forse Name," in message
    assert "has: Financial Year, Force Name, Offence Description," in message
    assert "Is 'Forse Name' the column Force Name? [VM072]" in message


def test_a_workbook_with_one_wrong_sheet_is_refused_rather_than_read_in_part(tmp_path):
    wrong = cells(CSV)
    wrong[0] = [*wrong[0][:7], "Nr"]
    save_sheets(tmp_path / "a.xlsx", {"2021": cells(CSV), "2022": wrong})
    with pytest.raises(InputError, match="sheet 2022: has no column Number of Offences"):
        load_recorded_crime(tmp_path / "a.xlsx")


def test_two_columns_of_the_same_name_are_refused(tmp_path):
    text = CSV.replace("Offence Code,Number of Offences", "Number of Offences,Number of Offences")
    with pytest.raises(InputError, match=r"Offence Code|two columns named Number of Offences"):
        load_recorded_crime(written(tmp_path, text))
    header = FORCE_HEADER + ",Number of Offences"
    with pytest.raises(InputError, match="has two columns named Number of Offences"):
        load_recorded_crime(written(tmp_path, f"{header}\n{row()},5\n"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"  \n \n", "is empty"),
        (FORCE_HEADER.encode() + b"\n\n", "has a header but no rows below it"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"<!DOCTYPE html><html></html>", "is a web page"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "is an old .xls workbook or one with a password"),
        (b"\x1f\x8b" + bytes(40), "is a damaged gzip file"),
        (gzip.compress(CSV.encode(), mtime=0)[:-20], "is a damaged gzip file"),
        (b"PK\x03\x04" + bytes(40), "is no readable workbook"),
        (b"just some words", "has no column of a table that is read here"),
        (b"# Readme\n\nWhat stands here.\n", "has no column of a table that is read here"),
        (b'{"type": "FeatureCollection", "features": []}', "has no column of a table that is read here"),
    ],
)
def test_what_is_no_table_is_refused_by_what_it_is(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        load_recorded_crime(written(tmp_path, content))


def test_what_is_no_table_at_all_is_told_which_tables_are_read(tmp_path):
    with pytest.raises(InputError) as caught:
        load_recorded_crime(written(tmp_path, "Read me first\n"))
    home_office = "a Home Office police recorded crime table by"
    columns = "Financial Year, Force Name, Offence Description, Offence Group, Offence Subgroup, Offence Code"
    assert str(caught.value) == (
        f"{tmp_path / 'crime.csv'}: has no column of a table that is read here (found: Read me first); must "
        f"be {home_office} police force area or {home_office} Community Safety Partnership or the ONS table "
        f"C2 of recorded crime by Community Safety Partnership in tidy form; {home_office} police force area "
        f"has: {columns}, Number of Offences. [VM072]"
    )


def test_a_workbook_without_any_cell_is_empty(tmp_path):
    save_open_document(tmp_path / "a.ods", {"one": [], "two": [[None, None]]})
    with pytest.raises(InputError, match="is a workbook with empty sheets only"):
        load_recorded_crime(tmp_path / "a.ods")


def test_an_archive_of_csv_files_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("crime.csv", CSV)
    with pytest.raises(InputError, match="is a zip archive, not a workbook; unpack it first"):
        load_recorded_crime(tmp_path / "a.zip")


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        load_recorded_crime(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        load_recorded_crime(tmp_path / "none.csv")


def test_a_file_of_another_kind_is_named(tmp_path):
    text = "la_code,la_name,year,population\nE06000001,Hartlepool,2020,93836\n"
    with pytest.raises(InputError, match=r"is the ONS mid-year population .*, not a Home Office"):
        load_recorded_crime(written(tmp_path, text))


# Forces


def test_there_are_43_police_force_areas_and_the_transport_police_is_none():
    table = police_force_areas()
    assert len(table) == table["pfa_code"].nunique() == 43
    assert "British Transport Police" not in set(table["force"])
    assert other_body("British Transport Police") == "British Transport Police"


@pytest.mark.parametrize(
    ("written_as", "official"),
    [
        ("City of London", "London, City of"),
        ("City of London Police", "London, City of"),
        ("Devon & Cornwall", "Devon and Cornwall"),
        ("Devon and Cornwall Constabulary", "Devon and Cornwall"),
        ("Metropolitan Police Service", "Metropolitan Police"),
        ("avon-and-somerset", "Avon and Somerset"),
        ("Dyfed Powys", "Dyfed-Powys"),
        ("Hampshire and Isle of Wight", "Hampshire"),
        ("Atlantis", ""),
    ],
)
def test_forces_are_known_however_they_are_written(written_as, official):
    assert official_force(written_as) == official


def test_an_unknown_force_is_an_error_with_the_nearest_name():
    assert force_of("west midlands police") == "West Midlands"
    with pytest.raises(InputError, match=r"must be one of the 43 .* Did you mean West Midlands\? \[VM077\]"):
        force_of("West Midland")


def test_forces_under_other_names_get_the_official_one_and_a_note(tmp_path):
    data = load_recorded_crime(written(tmp_path, CSV.replace("Kent", "Devon & Cornwall")))
    assert data.offences["force"].unique().tolist() == ["Devon and Cornwall", "London, City of"]
    assert any("Devon & Cornwall is Devon and Cornwall" in text for text in data.quality["detail"])


# Population, deprivation, boundaries

POPULATION = (
    "la_code,la_name,year,population,pfa_code,pfa_name\n"
    "E07000105,Ashford,2020,131018,E23000032,Kent\n"
    'E07000106,Canterbury,2020,"166,762",E23000032,Kent\n'
    "E06000061\u00a0,North Northamptonshire\u00a0,2020,350448,,\n"
)


def test_population_is_by_area_with_official_forces(tmp_path):
    data = load_population(written(tmp_path, POPULATION))
    assert data.population["population"].tolist() == [131_018, 166_762, 350_448]
    assert data.population["force"].tolist() == ["Kent", "Kent", "Northamptonshire"]
    assert data.population["la_code"].tolist()[-1] == "E06000061"
    assert data.quality["check"].tolist() == ["area_without_force"]
    assert residents("Kent Police", tmp_path / "crime.csv").residents == 131_018 + 166_762


def test_the_published_sheet_keeps_local_authorities_only_and_needs_its_year(tmp_path):
    text = "MYE2 - Persons\n\nCode,Name,Geography,All ages,0\nK02000001,UNITED KINGDOM,Country,67081234,1\n"
    text += "E08000025,Birmingham,Metropolitan District,1140525,2\n"
    path = written(tmp_path, text)
    with pytest.raises(InputError, match="does not say its year in a column"):
        load_population(path)
    table = load_population(path, year=2020).population
    assert table[["la_name", "year", "population"]].to_numpy().tolist() == [["Birmingham", 2020, 1_140_525]]


def test_an_area_with_two_numbers_for_a_year_is_refused(tmp_path):
    with pytest.raises(InputError, match="1 rows that repeat an area and year, first Ashford 2020"):
        load_population(written(tmp_path, POPULATION + POPULATION.splitlines()[1] + "\n"))


def test_boundaries_are_rings_and_metres_are_refused(tmp_path):
    square = "[[[-1.9, 52.4], [-1.8, 52.4], [-1.8, 52.5], [-1.9, 52.4]]]"
    feature = (
        '{"type": "Feature", "properties": {"LAD25CD": "E08000025", "LAD25NM": "Birmingham"}, "geometry": '
    )
    text = f'{{"features": [{feature} {{"type": "Polygon", "coordinates": {square}}}}}]}}'
    (found,) = load_boundaries(written(tmp_path, text, "a.geojson"))
    assert (found.code, found.name, found.rings[0].shape) == ("E08000025", "Birmingham", (4, 2))
    with pytest.raises(InputError, match=r"feature 1: has coordinates that are no degrees\. Download"):
        load_boundaries(written(tmp_path, text.replace("52.4", "286000"), "b.geojson"))
    text = text.replace('"LAD25CD": "E08000025", "LAD25NM"', '"LAD25NM"')
    with pytest.raises(InputError, match="feature 1: has no property la_code or LAD25CD; found: LAD25NM"):
        load_boundaries(written(tmp_path, text, "c.geojson"))


# The real files


@pytest.mark.shared_data
def test_west_midlands_years_are_those_published(shared_data):
    data = load_recorded_crime(shared_data / "prc-pfa-quarterly-2012-2023.csv.gz")
    own = data.offences[data.offences["force"] == "West Midlands"]
    start = own["quarter"] - 1  # the financial year is that of the quarter before
    years = own.groupby(start.dt.year)["offences"].sum()
    for year, total in WEST_MIDLANDS.items():
        assert years[int(year[:4])] == total
    assert len(data.offences) + len(data.other_bodies) == 237_597
    assert data.offences["force"].nunique() == 43


@pytest.mark.shared_data
def test_birmingham_in_the_partnership_table_and_its_totals_add_up(shared_data):
    data = load_recorded_crime(shared_data / "csp-recorded-crime-ye-june-2025.csv.gz")
    own = data.offences[data.offences["force"] == "West Midlands"]
    assert own.loc[own["csp"] == "Birmingham", "offences"].sum() == 135_101
    assert own["offences"].sum() == 303_343
    assert own["year_ending"].unique().tolist() == [pd.Timestamp("2025-06-30")]
    assert "totals_differ" not in checks(data)
    assert data.offences["force"].nunique() == 43


@pytest.mark.shared_data
def test_areas_and_residents(shared_data):
    data = load_population(shared_data / "population-mid-year-by-la-2001-2020.csv")
    latest = data.population[data.population["year"] == 2020]
    assert latest["population"].sum() == 59_719_724  # England and Wales, mid-2020
    forces = latest.groupby("force")["population"].sum()
    assert len(forces) == 43
    assert residents("Kent").residents == forces["Kent"]
    assert load_area_lookup(shared_data / "lad-to-pfa-lookup-2021.csv")["force"].nunique() == 43
    assert len(load_deprivation(shared_data / "imd2019-by-la-england.csv")) == 317
    boroughs = load_boundaries(shared_data / "west-midlands-lad-2025.geojson")
    assert sorted(area.name for area in boroughs) == sorted(
        ["Birmingham", "Coventry", "Dudley", "Sandwell", "Solihull", "Walsall", "Wolverhampton"]
    )


@pytest.mark.shared_data
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read as Linux tells it")
def test_the_quarterly_file_loads_with_its_report_within_500_mb(shared_data):
    path = shared_data / "prc-pfa-quarterly-2012-2023.csv.gz"
    code = (
        "from victimsmodel.inputs.crime import load_recorded_crime as load\n"
        f"n = len(load({str(path)!r}).quality)\n"
        "peak = next(x for x in open('/proc/self/status') if x.startswith('VmHWM'))\n"
        "print(n, peak.split()[1])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    n_findings, kilobytes = map(int, found.stdout.split())
    assert n_findings > 10
    assert kilobytes * 1024 < 500e6
