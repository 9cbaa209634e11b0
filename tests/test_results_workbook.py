"""The results workbook holds the numbers of the run folder, in words, and opens anywhere."""

import shutil
import zipfile
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from victimsmodel.appraisal.compare import compare_options, incremental
from victimsmodel.appraisal.costs import COST_LINES
from victimsmodel.appraisal.decision import curves_table, decision_of
from victimsmodel.appraisal.outcomes import measures_by_run
from victimsmodel.appraisal.overview import cost_tables
from victimsmodel.appraisal.replications import simulate
from victimsmodel.demand.victims import estimate_demand
from victimsmodel.errors import InputError
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.kept_tables import write_table
from victimsmodel.reporting import tables as reported
from victimsmodel.reporting.results_workbook.cells import number_format
from victimsmodel.reporting.results_workbook.declared import SHEETS, sheets_of
from victimsmodel.reporting.results_workbook.writing import write_results_workbook
from victimsmodel.reporting.words import input_title, typeset

SMALL = {
    "demand.victims_per_year": 8400,
    "staff.contact_officer.fte": 1.0,
    "staff.caseworker.fte": 0.25,
    "staff.volunteer.fte": 0.25,
}
SCENARIO = "parameters/west-midlands.yaml"
MANIFEST = {
    "run_id": "0123456789ab",
    "profile": "tiny",
    "seed": 1,
    "n_draws": 3,
    "n_replications": 1,
    "created": "2026-11-22T15:20:51+00:00",
    "version": "0.1.0",
    "scenario_file": "west-midlands.yaml",
    "changed": "Changed for this run: grant: £800,000 instead of £948,920.",
}
HOSTILE = ("=1+1", "+44 121", "-2", "@cmd", "https://example.org", "a\x07b", "x" * 40_000)
DAYS = [f"{year}-04-01" for year in range(2020, 2020 + len(HOSTILE))]


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO, SMALL)


@pytest.fixture(scope="module")
def made(scenario, tmp_path_factory):
    """Return a run folder with the tables of three draws, its workbook, and the tables."""
    folder = tmp_path_factory.mktemp("run")
    result = simulate(scenario, n_draws=3, n_replications=1, seed=1)
    runs = measures_by_run(result, scenario)
    comparison = compare_options(result, scenario, scenario.against, runs)
    tables = {
        "comparison": comparison,
        "incremental": incremental(comparison, scenario.against),
        "funnel": result.funnel,
        "funnel_summary": reported.counts_summary(result.funnel, "stage"),
        "exits_summary": reported.counts_summary(result.exits, "exit"),
        "attempts_summary": reported.attempts_summary(result),
        "group_coverage": reported.group_coverage(result),
        "waits_summary": reported.waits_summary(result.waits),
        "staff_use": reported.staff_use(result),
        "costs_summary": reported.costs_summary(result, scenario),
        "decision_curves": curves_table(decision_of(result, scenario)),
        "demand_summary": reported.demand_summary(estimate_demand(scenario, 20, 1)),
        "assumptions": reported.assumptions(scenario),
        "plan_new": pd.DataFrame(
            {"words_of_users": HOSTILE, "fte": np.linspace(0.1, 1e9, len(HOSTILE)), "first_day": DAYS}
        ),
        **cost_tables(result, scenario, runs),
    }
    for name, table in tables.items():
        write_table(table, folder, name)
    return folder, write_results_workbook(folder, scenario, MANIFEST), tables


@pytest.fixture(scope="module")
def sheets(made):
    """Return the cells of every sheet, read back by another library."""
    book = CalamineWorkbook.from_path(str(made[1]))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


@pytest.fixture(scope="module")
def book(made):
    """Return the workbook as openpyxl reads it, with formats and links."""
    return openpyxl.load_workbook(made[1])


def grid(rows):
    """Return the heading row and the rows below it."""
    return rows[4], rows[5:]


def described(sheets, name):
    """Return title and raw name of each column, as the dictionary in the workbook says."""
    return {row[1]: (row[4], row[5]) for row in grid(sheets["Data dictionary"])[1] if row[0] == name}


def places(column):
    """Return the place of each value among those of its column: as stated, by size, or as they appear."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes
    return column if pd.api.types.is_numeric_dtype(column) else pd.factorize(column)[0]


def test_every_number_of_a_long_sheet_stands_in_its_table_and_beside_the_same_names(sheets, made):
    _, _, tables = made
    for sheet in (one for one in sheets_of(tables) if not one.is_wide and one.table != "assumptions"):
        headings, rows = grid(sheets[sheet.name])
        columns = described(sheets, sheet.name)
        table = tables[sheet.table]
        raw = [columns[heading][1] for heading in headings]
        if sheet.table == "costs_summary":
            rows = [row for row in rows if row[headings.index("Cost line")] != "Grant"]
        assert set(raw) == set(table.columns) - set(sheet.left_out) - set(sheet.once), sheet.name
        assert len(rows) == len(table), sheet.name
        order = np.lexsort([np.arange(len(table)), *[places(table[name]) for name in reversed(sheet.order)]])
        wanted = table.iloc[order].reset_index(drop=True)
        shown = pd.DataFrame(rows, columns=raw)
        for name in raw:
            if pd.api.types.is_numeric_dtype(table[name]) and not pd.api.types.is_bool_dtype(table[name]):
                cells = shown[name].replace("", np.nan).astype(float)
                np.testing.assert_allclose(cells, wanted[name].astype(float), rtol=1e-15, atol=0)
            else:  # one title for each name, and one name for each title, row by row
                pairs = set(zip(shown[name], wanted[name].astype(str), strict=True))
                n_names = wanted[name].astype(str).nunique()
                assert len(pairs) == shown[name].nunique() == n_names, (sheet.name, name)


def test_a_cell_of_a_wide_sheet_is_that_of_its_row_and_option(sheets, made, scenario):
    _, _, tables = made
    titles = {option.title: name for name, option in scenario.options.items()}
    wide = [sheet for sheet in sheets_of(tables) if sheet.is_wide]
    assert [sheet.name for sheet in wide] == ["Key measures", "Funnel", "Exits"]
    for sheet in wide:
        above, (headings, rows) = sheets[sheet.name][3], grid(sheets[sheet.name])
        table = tables[sheet.table].astype({"option": str})
        held = "estimate" if sheet.table == "comparison" else "victims"
        n_labels = len(sheet.order)
        keys = table[table["option"] == table["option"].iloc[0]].set_index(list(sheet.order)).index
        assert len(rows) == len(keys)
        for first in range(n_labels, len(headings), 3):
            own = table[table["option"] == titles[above[first]]]
            shown = np.array([row[first : first + 3] for row in rows], float)
            wanted = own[[held, "low", "high"]].to_numpy(float)
            order = np.lexsort([pd.factorize(own[name])[0] for name in reversed(sheet.order)])
            np.testing.assert_allclose(shown, wanted[order], rtol=1e-15, atol=0)


def test_costs_stand_beside_the_grant(sheets, made, scenario):
    headings, rows = grid(sheets["Costs"])
    assert headings[:3] == ["Cost line", "Option", "Cost"]
    grants = [row[2] for row in rows if row[0] == "Grant"]
    assert grants == [scenario.grant_gbp] * len(scenario.options)
    costs = made[2]["costs_summary"].astype({"option": str, "line": str}).set_index(["option", "line"])
    titles = {name: option.title for name, option in scenario.options.items()}
    found = {(row[0], row[1]): row[2] for row in rows}
    for option, title in titles.items():
        assert found["Staff and volunteers", title] == pytest.approx(
            costs.loc[(option, COST_LINES[0]), "cost_gbp"], rel=1e-15
        )


def test_every_input_stands_with_its_range_and_source(sheets, made, scenario):
    headings, rows = grid(sheets["Inputs and sources"])
    table = made[2]["assumptions"]
    at = {heading: i for i, heading in enumerate(headings)}
    assert len(rows) == len(table)
    found = {(row[at["Name in the scenario file"]], row[at["Option"]]): row for row in rows}
    for row in table.to_dict("records"):
        title = scenario.options[row["option"]].title if row["option"] != "business_as_usual" else "All"
        cells = found[row["input"], title]
        assert cells[at["Input"]] == input_title(row["input"], scenario)
        shown = [cells[at[name]] for name in ("Middle", "Low (5%)", "High (95%)")]
        assert shown == pytest.approx([row["value"], row["low"], row["high"]], rel=1e-15)
        assert cells[at["Source"]]
        assert (cells[at["Standing"]] == "Assumption") == row["is_assumption"]


def test_no_raw_name_stands_outside_the_dictionary_and_the_names_of_inputs(sheets):
    for name, rows in sheets.items():
        if name in ("Data dictionary", "Tables in the folder", "Plan new"):
            continue
        headings = rows[4] if len(rows) > 4 else []
        free = headings.index("Name in the scenario file") if "Name in the scenario file" in headings else -1
        for row in rows:
            texts = [cell for i, cell in enumerate(row) if isinstance(cell, str) and i != free]
            assert not [text for text in texts if "_" in text and "://" not in text], name


def test_the_dictionary_explains_every_column_and_names_every_table(sheets, made):
    folder, _, tables = made
    for sheet in sheets_of(tables):
        headings, _ = grid(sheets[sheet.name])
        plain = {title.removesuffix(" (of each option)") for title in described(sheets, sheet.name)}
        assert set(headings) == plain, sheet.name
    rows = grid(sheets["Data dictionary"])[1]
    assert all(row[2] and row[3] for row in rows if row[5] != "words_of_users")
    files = {row[0]: row for row in grid(sheets["Tables in the folder"])[1]}
    assert set(files) == {f"tables/{path.name}" for path in (folder / "tables").glob("*.parquet")}
    assert files["tables/funnel.parquet"][3] == "file only"
    assert files["tables/comparison.parquet"][3] == "Key measures, Comparison"
    assert files["tables/funnel.parquet"][2] == f"{len(tables['funnel']):,}"


def test_the_first_sheet_says_what_it_is_and_links_every_sheet(book, sheets):
    front = book["Start here"]
    texts = [str(cell) for row in sheets["Start here"] for cell in row if cell]
    assert any("0123456789ab; profile tiny, seed 1" in text for text in texts)
    assert any(text.startswith("3 draws of the inputs × 1 simulated year; few") for text in texts)
    assert "22 November 2026, victimsmodel 0.1.0" in texts
    links = [cell.hyperlink for row in front.iter_rows() for cell in row if cell.hyperlink is not None]
    linked = {link.location.split("!")[0].strip("'") for link in links if link.location}
    shown = {sheet.title for sheet in book if sheet.sheet_state == "visible"}
    assert linked == shown - {"Start here"}
    assert [sheet.title for sheet in book if sheet.sheet_state == "hidden"] == ["Bars of charts"]


def test_text_is_never_a_formula_or_a_link(book, made):
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    rows = list(book["Plan new"].iter_rows(min_row=6, values_only=True))
    assert [row[0] for row in rows][:5] == list(HOSTILE[:5])
    with zipfile.ZipFile(made[1]) as archive:
        links = [name for name in archive.namelist() if "externalLink" in name]
        told = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".rels"))
    assert not links
    assert told.count(b'TargetMode="External"') == told.count(b"report.html") == 1


def test_sheets_are_set_up_for_reading_and_print(book):
    for sheet in book:
        if sheet.sheet_state == "hidden" or sheet.title in ("Start here", "Charts"):
            continue
        assert sheet.freeze_panes is not None, sheet.title
        assert sheet.auto_filter.ref.startswith("A5:"), sheet.title
        assert sheet.print_title_rows == "$5:$5", sheet.title
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title
        assert sheet.oddHeader.right.text == "Run 0123456789ab"
    formats = {cell.number_format for row in book["Key measures"].iter_rows(min_row=6) for cell in row}
    assert {"0.0%", "£#,##0", "£#,##0.00", "#,##0"} <= formats


def test_charts_are_native_and_draw_cells_of_the_sheets(made, scenario):
    with zipfile.ZipFile(made[1]) as archive:
        charts = [
            archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")
        ]
        assert not [name for name in archive.namelist() if name.startswith("xl/media")]
    drawn = "".join(charts)
    for sheet in (
        "Funnel",
        "Costs",
        "Waits",
        "Coverage",
        "'Staff use'",
        "Demand",
        "'Best buy'",
        "Increments",
    ):
        assert f"<c:f>{sheet}!$" in drawn, sheet
    (waits,) = [text for text in charts if "<c:f>Waits!$" in text]
    assert waits.count("<c:ser>") == 2  # enhanced and standard
    assert waits.count("<c:errBars>") == 2
    (coverage,) = [text for text in charts if "<c:f>Coverage!$" in text]
    assert coverage.count("<c:ser>") == 2  # today's service and the option that covers most


def test_a_wide_sheet_prints_over_more_pages_with_its_first_column_on_each(book):
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible" and sheet.title != "Charts":
            assert sheet.page_setup.fitToHeight == 0, sheet.title
            is_wide = (sheet.page_setup.fitToWidth or 1) > 1
            assert bool(sheet.print_title_cols) == is_wide, sheet.title
    assert book["Inputs and sources"].page_setup.fitToWidth == 2
    assert not book["Costs"].print_title_cols


def test_a_chart_is_titled_with_the_finding_of_its_figure(made, scenario, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(made[0] / "tables", folder / "tables")
    (folder / "figures").mkdir()
    (folder / "figures" / "costs.svg").write_text("<svg><title>No option &amp; no\n grant</title></svg>")
    with zipfile.ZipFile(write_results_workbook(folder, scenario, MANIFEST)) as archive:
        drawn = b"".join(archive.read(name) for name in archive.namelist() if "charts/chart" in name).decode()
    assert "<a:t>No option &amp; no grant</a:t>" in drawn
    assert "<a:t>First attempts within the standard</a:t>" in drawn


def test_the_same_run_gives_the_same_bytes(made, scenario):
    folder, path, _ = made
    before = path.read_bytes()
    assert write_results_workbook(folder, scenario, MANIFEST).read_bytes() == before


def test_a_folder_without_results_is_refused_and_nothing_is_written(tmp_path, scenario):
    with pytest.raises(InputError) as error:
        write_results_workbook(tmp_path, scenario, MANIFEST)
    wanted = "comparison, funnel_summary, costs_summary, assumptions"
    assert str(error.value) == f"{tmp_path}: must hold the tables of a run; there is no {wanted}. [VM255]"
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_has_a_name_of_its_own_that_a_workbook_allows():
    names = [sheet.name for sheet in SHEETS]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)


def test_what_was_changed_for_the_run_stands_on_the_first_sheet(book):
    assert book["Start here"]["A3"].value == MANIFEST["changed"]


def test_a_day_is_a_date_cell_as_it_is_read(book):
    sheet = book["Plan new"]
    at = [cell.value for cell in sheet[5]].index("Starts on") + 1
    cells = [sheet.cell(row, at) for row in range(6, 6 + len(HOSTILE))]
    assert [cell.value.date() for cell in cells] == [date.fromisoformat(day) for day in DAYS]
    assert {cell.number_format for cell in cells} == {"d mmmm yyyy"}


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("2026-02-05", "5 February 2026"),
        ("2026-02-31", "2026-02-31"),  # no day
        *[(name, name) for name in ("data-2026-02-05.csv", "https://a.example/2026-02-05/b")],
        ("aged 16-59, 0.2-0.3 and 2022-23", "aged 16–59, 0.2–0.3 and 2022–23"),
        ("part 1-2-3", "part 1-2-3"),
    ],
)
def test_days_are_printed_as_they_are_read_and_only_ranges_get_a_dash(text, printed):
    assert typeset(text) == printed


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.25, "share", "0.0%"),
        (5.0, "victims", "#,##0"),
        (5.5, "victims", "#,##0.0"),
        (1e6, "+victims", "+#,##0;-#,##0;0"),
        (99.0, "GBP", "£#,##0.00"),
        (-100.0, "+GBP", "+£#,##0;-£#,##0;£0"),
        (0.125, "odds ratio", "0.00"),
        (12.0, "number", "#,##0.0"),
        (0.5, "", "#,##0.00"),
    ],
)
def test_a_number_is_shown_in_its_unit(value, unit, shown):
    assert number_format(value, unit) == shown
