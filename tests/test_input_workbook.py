"""An input workbook gives its scenario back, tells what was changed, and names the cell of what is wrong."""

import hashlib
import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import yaml
from command_line import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import victimsmodel as vm
from victimsmodel.errors import InputError
from victimsmodel.inputs.downloads.faults import faulty_cells
from victimsmodel.inputs.loading import _with_sources, load_scenario, read_stated
from victimsmodel.inputs.stated_sources import unknown_sources
from victimsmodel.inputs.strict_yaml import Rejected, merged, plain, read_yaml
from victimsmodel.inputs.workbook.cells import read_cell, shown
from victimsmodel.inputs.workbook.described import Allowed
from victimsmodel.inputs.workbook.differences import compare_workbook
from victimsmodel.inputs.workbook.layout import rows_of
from victimsmodel.inputs.workbook.loaded import load_input_workbook, loaded_of, name_of, write_loaded
from victimsmodel.inputs.workbook.reading import read_workbook
from victimsmodel.inputs.workbook.yaml_text import extending_text
from victimsmodel.reporting.input_workbook.writing import write_input_workbook

ROOT = Path(__file__).resolve().parents[1]
PARAMETERS = ROOT / "parameters"
COMMISSIONING = PARAMETERS / "west-midlands-commissioning.yaml"
INTRODUCTION = "options.in_house.introduction"
FEW = (PARAMETERS / "every-feature.yaml", ROOT / "examples/kent/kent-forecast.yaml")
NO_SCENARIOS = ("national.yaml", "sources.yaml")
ALL = [
    path
    for folder in (PARAMETERS, ROOT / "examples/kent")
    for path in sorted(folder.glob("*.yaml"))
    if path.name not in NO_SCENARIOS
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return the workbook of the scenario with ways to commission."""
    return write_input_workbook(COMMISSIONING, tmp_path_factory.mktemp("made") / "book.xlsx")


@pytest.fixture(scope="module")
def book(made):
    return read_workbook(made)


@pytest.fixture(scope="module")
def sheets(made):
    return openpyxl.load_workbook(made)


def edited(book, changes):
    """Return what would be read if cells were changed: by field and heading."""
    rows = dict(book.rows)
    for (field, heading), value in changes.items():
        assert heading in rows[field].cells
        rows[field] = replace(rows[field], cells={**rows[field].cells, heading: value})
    return replace(book, rows=rows)


def load(book, changes):
    return loaded_of(edited(book, changes), COMMISSIONING)


def told(book, changes):
    with pytest.raises(InputError) as caught:
        load(book, changes)
    return [str(problem).replace(f"{book.path}: ", "") for problem in caught.value.problems]


def where(book, field, heading="Value"):
    return book.rows[field].places[heading].removeprefix(f"{book.path}: ")


def gives_itself(path, folder):
    loaded = load_input_workbook(write_input_workbook(path, folder / f"{path.stem}.xlsx"))
    return loaded.differences == () and loaded.scenario == load_scenario(path)


@pytest.mark.parametrize("path", FEW, ids=lambda path: path.stem)
def test_an_untouched_workbook_gives_the_identical_scenario(path, tmp_path):
    assert gives_itself(path, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_every_scenario_that_comes_with_the_package_is_given_back(path, tmp_path):
    assert gives_itself(path, tmp_path)
    assert gives_itself(path, tmp_path / "another/folder")


@pytest.mark.long
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_a_workbook_that_libreoffice_saved_is_still_the_same(made, tmp_path):
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--convert-to", "xlsx", "--outdir", str(tmp_path), str(made)]
    subprocess.run(command, check=True, capture_output=True)
    loaded = load_input_workbook(tmp_path / made.name, COMMISSIONING)
    assert loaded.differences == ()
    assert loaded.scenario == load_scenario(COMMISSIONING)


def test_the_same_scenario_gives_the_same_bytes(made):
    again = write_input_workbook(COMMISSIONING, made.parent / "again.xlsx")
    assert again.read_bytes() == made.read_bytes()


def test_made_estimates_are_shown_locked_and_given_back(tmp_path):
    (tmp_path / "log.yaml").write_text(
        'source: {key: our_log, title: Our log, year: "2026"}\nestimates:\n'
        "  consent.spoken.in_need: {value: 0.8, low: 0.7, high: 0.9, unit: probability, source: our_log}\n"
    )
    scenario = tmp_path / "x.yaml"
    scenario.write_text(f"extends: {PARAMETERS / 'west-midlands.yaml'}\nestimates: log.yaml\n")
    assert gives_itself(scenario, tmp_path)
    row = next(r for r in rows_of(read_stated(scenario, [])) if r.field == "consent.spoken.in_need")
    assert row.comes_from == "log.yaml"
    assert row.cells["value"].value == 0.8
    assert not any(cell.is_open for cell in row.cells.values())


def test_only_inputs_are_unlocked_and_every_sheet_is_protected(sheets):
    root = read_stated(COMMISSIONING, [])
    rows = {row.field: row for row in rows_of(root)}
    assert all(sheet.protection.sheet for sheet in sheets)
    unlocked = 0
    for sheet in sheets:
        names = next(([c.value for c in r] for r in sheet.iter_rows() if r[-1].value == "Field name"), None)
        for cells in sheet.iter_rows():
            row = rows.get(cells[-1].value) if names else None
            for i, cell in enumerate(cells):
                if cell.protection.locked or isinstance(cell, openpyxl.cell.cell.MergedCell):
                    continue
                assert row is not None
                assert row.cells[names[i].lower().replace(" ", "_")].is_open
                unlocked += 1
    shown_cells = sum(cell.is_open for row in rows.values() for cell in row.cells.values())
    assert 0.7 * shown_cells < unlocked <= shown_cells  # rarer columns stand only where they are used


def test_cells_offer_lists_and_refuse_what_is_no_probability(sheets):
    rules = [rule for sheet in sheets for rule in sheet.data_validations.dataValidation]
    assert {"list", "decimal", "whole", "date"} <= {rule.type for rule in rules}
    demand = sheets["Demand"]
    cell = next(row for row in demand.iter_rows() if row[-1].value == "demand.need")[1].coordinate
    rule = next(r for r in demand.data_validations.dataValidation if cell in r.sqref)
    assert (rule.type, rule.formula1, rule.formula2, rule.errorStyle) == ("decimal", "0", "1", None)
    assert "share from 0 to 1" in rule.error


def test_text_never_becomes_a_formula_or_a_link(tmp_path):
    scenario = tmp_path / "x.yaml"
    scenario.write_text(f'extends: {COMMISSIONING}\ntitle: "=1+1 http://x.org"\n')
    written = write_input_workbook(scenario, tmp_path / "x.xlsx")
    assert read_workbook(written).rows["title"].cells["Value"] == "=1+1 http://x.org"
    with zipfile.ZipFile(written) as archive:
        parts = [archive.read(name) for name in archive.namelist() if "worksheets" in name]
    assert not any(b"<f>" in xml or b"External" in xml for xml in parts)


CHANGES = {
    ("demand.need", "Value"): 0.26,
    ("demand.need", "Source"): "assumption",
    ("demand.need", "Note"): "",
    ("grant_gbp", "Value"): "1000000 ",
    ("period.start", "Value"): 43556.0,
    ("staff.contact_officer.fte", "Value"): 22.0,
    ("staff.caseworker.works_bank_holidays", "Value"): "yes",
    ("staff.caseworker.weekdays", "Value"): "mon, tue ,wed",
    ("demand.boroughs.values.dudley", "Value"): 20000.0,
    ("contact.methods.one_text.attempts[1]", "Channel"): "phone",
    ("contact.methods.one_text.attempts[1]", "After working days"): 3.0,
    ("contact.methods.one_text.attempts[1]", "Role"): "contact_officer",
    ("contact.methods.three_calls.attempts[1]", "Channel"): "",
    ("contact.methods.three_calls.attempts[1]", "After working days"): None,
    ("contact.methods.three_calls.attempts[1]", "Role"): " ",
    (f"{INTRODUCTION}[0]", "Value"): 0.5,
    (f"{INTRODUCTION}[1]", "From"): date(2020, 1, 1),
    (f"{INTRODUCTION}[1]", "Value"): 1.0,
    ("options.phone_first.changes.contact.assigned.standard", "Value"): "five_calls",
    ("levers.reminders.changes.contact.channels.text.unit_cost", "Times"): 3.0,
    ("costs.borne_by_others", "Value"): 5000.0,
    ("costs.borne_by_others", "Low"): 4000.0,
    ("costs.borne_by_others", "High"): 7000.0,
    ("costs.borne_by_others", "Unit"): "GBP/year",
    ("costs.borne_by_others", "Source"): "assumption",
    ("costs.borne_by_others", "Price year"): "2019/20",
}


@pytest.fixture(scope="module")
def changed(book):
    return load(book, CHANGES)


def test_every_change_is_told_with_what_was_and_is_now(book, changed):
    found = {d.field: (d.was, d.now) for d in changed.differences}
    assert found["demand.need.value"] == ("0.25", "0.26")
    assert found["grant_gbp"] == ("948920", "1000000")
    assert found["contact.methods.three_calls.attempts[1]"] == ("phone, 1, contact_officer", "not stated")
    assert found["contact.methods.one_text.attempts[1].channel"] == ("not stated", "phone")
    assert found[f"{INTRODUCTION}.2020-01-01"] == ("not stated", "1")
    assert "period.start" not in found  # the serial number of the day that it was
    assert len(found) == 22
    first = changed.differences[0]
    assert (first.field, first.cell) == ("grant_gbp", f"{book.path}: {where(book, 'grant_gbp')}")
    assert where(book, "grant_gbp").startswith("'Area and period'!B")


def test_changes_reach_the_scenario(changed):
    scenario = changed.scenario
    assert (scenario.demand.need.value, scenario.demand.need.note) == (0.26, "")
    assert scenario.demand.boroughs.values["coventry"] == 27466
    assert [a.channel for a in scenario.contact.methods["three_calls"].attempts] == [
        "phone",
        "phone",
        "letter",
    ]
    assert scenario.staff["caseworker"].weekdays == ("mon", "tue", "wed")
    assert scenario.costs.borne_by_others.value == 5000
    assert scenario.options["in_house"].introduction[date(2020, 1, 1)] == 1
    assert scenario.options["phone_first"].service.contact.assigned["standard"] == "five_calls"
    assert scenario.levers["reminders"].service.contact.channels["text"].unit_cost.times == 3


def test_the_written_file_extends_the_original_and_gives_the_same_scenario(changed, tmp_path):
    out = write_loaded(changed, tmp_path / "new.yaml")
    assert load_scenario(out) == changed.scenario
    assert not changed.is_whole
    stated = yaml.safe_load(out.read_text())
    assert stated["staff"] == {
        "contact_officer": {"fte": 22},
        "caseworker": {"works_bank_holidays": True, "weekdays": ["mon", "tue", "wed"]},
    }
    assert (tmp_path / stated["extends"]).resolve() == COMMISSIONING


def test_the_written_file_has_a_name_and_title_of_its_own(changed, book, tmp_path):
    out = tmp_path / "Workshop 2.yaml"
    found = load_scenario(write_loaded(changed.named(name_of(out)), out))
    assert (found.name, found.title) == ("workshop-2", f"{changed.scenario.title} (workshop-2)")
    assert found == changed.scenario.model_copy(update={"name": found.name, "title": found.title})
    assert "west-midlands-commissioning.yaml, changed." in out.read_text().splitlines()[0]
    titled = load(book, {("title", "Value"): "Another title"})
    assert titled.named("mine").scenario.title == "Another title"
    with pytest.raises(InputError, match="--name: name = Not this"):
        changed.named("Not this")


def test_an_unknown_source_is_told_with_everything_else(book):
    found = told(
        book,
        {
            ("demand.need", "Source"): "my head",
            ("staff.contact_officer.fte", "Value"): "many",
            ("demand.need", "Low"): 0.9,
        },
    )
    assert [text[-6:-1] for text in found] == ["VM019", "VM013", "VM020"]


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_sources_of_a_shipped_scenario_are_known_before_it_is_read(path):
    problems = []
    assert unknown_sources(_with_sources(read_stated(path, problems), problems)) == problems == []


def test_a_date_that_is_taken_away_needs_the_whole_scenario(book, tmp_path):
    loaded = load(book, {(f"{INTRODUCTION}[0]", "From"): None, (f"{INTRODUCTION}[0]", "Value"): None})
    assert loaded.is_whole
    assert loaded.taken == (f"{INTRODUCTION}.2019-07-01",)
    assert loaded.scenario.options["in_house"].introduction == {}
    out = write_loaded(loaded, tmp_path / "new.yaml")
    assert load_scenario(out) == loaded.scenario
    assert "extends" not in yaml.safe_load(out.read_text())


def test_an_option_that_no_longer_changes_a_field_follows_business_as_usual(book, tmp_path):
    loaded = load(book, {("options.phone_first.changes.contact.assigned.standard", "Value"): ""})
    assigned = loaded.scenario.options["phone_first"].service.contact.assigned
    assert assigned["standard"] == loaded.scenario.contact.assigned["standard"] == "one_text"
    assert load_scenario(write_loaded(loaded, tmp_path / "new.yaml")) == loaded.scenario


def test_counts_may_replace_a_range(book, tmp_path):
    blank = {("assessment.sensitivity", name): "" for name in ("Value", "Low", "High")}
    counts = {("assessment.sensitivity", "Events"): 46.0, ("assessment.sensitivity", "Trials"): 50.0}
    loaded = load(book, {**blank, **counts})
    assert (loaded.scenario.assessment.sensitivity.events, loaded.scenario.assessment.sensitivity.value) == (
        46,
        None,
    )
    assert load_scenario(write_loaded(loaded, tmp_path / "new.yaml")) == loaded.scenario


def test_new_numbers_of_an_old_source_are_remarked_on(book, changed):
    kept = load(book, {("assessment.minutes", "Value"): 33.0})
    assert kept.remarks == (
        "New numbers, same source: does it vouch for them? Else write assumption: assessment.minutes.",
    )
    assert not any("demand.need" in remark for remark in changed.remarks)


def test_what_is_hidden_is_read_and_remarked_on(made, tmp_path):
    opened, path = openpyxl.load_workbook(made), tmp_path / "hidden.xlsx"
    opened["Staff"].row_dimensions[12].hidden = True
    opened["Demand"].sheet_state = "hidden"
    opened.save(path)
    found = load_input_workbook(path, COMMISSIONING)
    assert found.remarks == ("Hidden in the workbook, and read: sheet Demand, Staff!row 12.",)
    assert found.differences == ()


def test_every_problem_is_told_at_once_with_its_cell(book):
    found = told(
        book,
        {
            ("demand.need", "Value"): 1.2,
            ("demand.crime_types.robbery.need", "Low"): None,
            ("demand.crime_types.violence.need", "Source"): None,
            ("staff.contact_officer.fte", "Value"): "25%",
            ("grant_gbp", "Value"): "948,921",
            ("staff.volunteer.volunteer", "Value"): "maybe",
            ("period.end", "Value"): "31/03/2020",
            ("contact.methods.three_calls.attempts[0]", "Channel"): "txt",
            ("sources", "Value"): "mine.yaml",
            (f"{INTRODUCTION}[1]", "Value"): 1.0,
            ("referral.transferred", "Events"): datetime(2019, 5, 1),
        },
    )
    expected = {
        ("demand.need", "Value"): "demand.need.value = 1.2: must be a probability from 0 to 1 (exclusive). "
        "Did you mean 0.12? [VM012]",
        (
            "demand.crime_types.robbery.need",
            "Low",
        ): "demand.crime_types.robbery.need.low: is missing. [VM010]",
        (
            "demand.crime_types.violence.need",
            "Source",
        ): "demand.crime_types.violence.need.source: is missing: "
        "every number names a key of the sources register, or assumption. [VM010]",
        ("staff.contact_officer.fte", "Value"): "staff.contact_officer.fte = 25%: must be a share, not a "
        "percentage. Write 0.25. [VM005]",
        (
            "grant_gbp",
            "Value",
        ): "grant_gbp = 948,921: must be digits alone. Write 948921; the unit has its own key. [VM005]",
        ("staff.volunteer.volunteer", "Value"): "staff.volunteer.volunteer = maybe: must be true or false. "
        "[VM019]",
        (
            "period.end",
            "Value",
        ): "period.end = 31/03/2020: must be an ISO date that exists, YYYY-MM-DD. [VM019]",
        (
            "contact.methods.three_calls.attempts[0]",
            "Channel",
        ): "contact.methods.three_calls.attempts[0].channel "
        "= txt: must be 'phone', 'text', 'letter', 'email' or 'visit'. Did you mean text? [VM019]",
        ("sources", "Value"): "sources = mine.yaml: is locked, and cannot be changed in a workbook. It is "
        "sources.yaml: put it back, and change it where it comes from. [VM225]",
        (
            f"{INTRODUCTION}[1]",
            "From",
        ): f"{INTRODUCTION}.from: is missing: from which day on the number holds. [VM227]",
        ("referral.transferred", "Events"): "referral.transferred.events = 2019-05-01 00:00:00: is a date or "
        "time; a number or text is needed. To keep text as typed, type ' before it. [VM226]",
    }
    assert set(found) == {f"{where(book, *place)}: {text}" for place, text in expected.items()}


@pytest.mark.parametrize(
    ("field", "heading", "value", "expected"),
    [
        ("assessment.role", "Value", "nobody", "assessment.role = nobody: is not a role of this scenario"),
        ("demand.need", "Source", "health_chek_2018", "Did you mean health_check_2018? [VM020]"),
        (
            "staff.caseworker.fte",
            "Value",
            "",
            "staff.caseworker.fte: must be a number from 0 to 1000. [VM019]",
        ),
        ("title", "Value", "", "title: must be text. [VM019]"),
        (
            "staff.caseworker.fte",
            "Value",
            True,
            "staff.caseworker.fte = true: must be a number from 0 to 1000. [VM019]",
        ),
        (
            "staff.caseworker.fte",
            "Value",
            "=1+1",
            "staff.caseworker.fte = =1+1: must be a number from 0 to 1000. [VM019]",
        ),
        ("assessment.minutes", "High", 31.0, "must lie between low (30) and high (31). [VM013]"),
        ("assessment.minutes", "Unit", "days", "is locked, and cannot be changed in a workbook"),
    ],
)
def test_what_holds_between_fields_names_the_cell_too(book, field, heading, value, expected):
    (found,) = told(book, {(field, heading): value})
    assert expected in found
    assert found.split("!")[0] == where(book, field, heading).split("!")[0]


def test_rows_may_be_moved_and_sheets_renamed_but_not_lost(sheets, tmp_path):
    copy = io.BytesIO()
    sheets.save(copy)
    workbook = openpyxl.load_workbook(copy)
    workbook["Demand"].title = "Our demand"
    workbook["Our demand"].insert_rows(9, 2)
    workbook["Staff"].move_range("A5:Z200", rows=3)
    workbook.move_sheet("Levers", -8)
    moved = tmp_path / "moved.xlsx"
    workbook.save(moved)
    loaded = load_input_workbook(moved, COMMISSIONING)
    assert loaded.differences == ()
    costs, staff = workbook["Costs"], workbook["Staff"]
    del workbook["Outcomes"]
    fields = {row[-1].value: row for row in costs.iter_rows()}
    costs.delete_rows(fields["costs.fixed"][0].row)
    fields["costs.casework_case"][-1].value = "costs.practical_case"
    cells = (cell for row in staff.iter_rows() for cell in row)
    next(cell for cell in cells if cell.value == "staff.caseworker.fte").value = "staff.caseworker.ft"
    workbook.save(moved)
    with pytest.raises(InputError) as caught:
        load_input_workbook(moved, COMMISSIONING)
    problems = [str(problem).replace(f"{moved}", "x") for problem in caught.value.problems]
    assert "x: has no sheet with the inputs of Outcomes. Make the workbook anew. [VM223]" in problems
    assert any("costs.fixed: has lost its row (sheet Costs)" in text for text in problems)
    assert any("costs.practical_case: stands twice, here and at x: Costs!" in text for text in problems)
    assert any("costs.casework_case: has lost its row" in text for text in problems)
    assert any("Did you mean staff.caseworker.fte? [VM224]" in text for text in problems)


def test_errors_and_formulas_that_nobody_calculated_are_told_and_values_of_formulas_count(tmp_path):
    path = tmp_path / "f.xlsx"
    workbook = xlsxwriter.Workbook(path)
    sheet = workbook.add_worksheet("A & B")
    sheet.write_formula("B2", "=1/0", None, "#DIV/0!")
    sheet.write_formula("B3", "=1+1", None, 2)
    workbook.close()
    assert list(faulty_cells(path.read_bytes())) == [("A & B", "B2", "holds an error; type the value itself")]
    never = openpyxl.Workbook()
    never.active["C4"] = "=1+1"
    never.save(path)
    ((_, cell, allowed),) = faulty_cells(path.read_bytes())
    assert cell == "C4"
    assert "was not calculated" in allowed


FIRST = date(2019, 1, 2)
NUMBER, TEXT, DAY = Allowed("number"), Allowed("text"), Allowed("date")


@pytest.mark.parametrize(
    ("raw", "allowed", "expected"),
    [
        (0.25, NUMBER, 0.25),
        (3.0, NUMBER, 3),
        (0.1 + 0.2, NUMBER, 0.3),
        (" 0.25 ", NUMBER, 0.25),
        ("1e-3\u00a0", NUMBER, 0.001),
        ("always", Allowed("number", ("always",)), "always"),
        ("   ", NUMBER, None),
        ("", TEXT, None),
        (2019.0, TEXT, "2019"),
        (" two\r\nlines ", TEXT, "two\nlines"),
        (43556.0, DAY, "2019-04-01"),
        (date(2019, 4, 1), DAY, "2019-04-01"),
        (datetime(2019, 4, 1, 12), DAY, "2019-04-01"),
        ("2019-04-01", DAY, "2019-04-01"),
        ("Yes", Allowed("yes_no"), True),
        (False, Allowed("yes_no"), False),
        ("mon; tue,wed", Allowed("list"), ("mon", "tue", "wed")),
        ("0, 5, 12.5", Allowed("list", of_numbers=True), (0, 5, 12.5)),
        (7.0, Allowed("list", of_numbers=True), (7,)),
    ],
)
def test_cells_are_read_as_people_and_spreadsheets_write_them(raw, allowed, expected):
    assert read_cell(raw, allowed) == expected


@pytest.mark.parametrize(
    ("raw", "allowed"),
    [("25%", NUMBER), ("1,385,000", NUMBER), ("£5", NUMBER), (FIRST, NUMBER), (FIRST, TEXT)],
)
def test_what_was_probably_meant_otherwise_is_rejected(raw, allowed):
    assert isinstance(read_cell(raw, allowed), Rejected)


@given(
    st.one_of(
        st.integers(-(10**14), 10**14).map(lambda x: (x, NUMBER)),
        st.floats(-1e12, 1e12).map(lambda x: (float(f"{x:.15g}"), NUMBER)),
        st.booleans().map(lambda x: (x, Allowed("yes_no"))),
        st.dates(date(1950, 1, 1)).map(lambda x: (x.isoformat(), DAY)),
        st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(lambda x: (x.strip() or None, TEXT)),
        st.lists(st.sampled_from(["mon", "tue"]), min_size=1).map(lambda x: (tuple(x), Allowed("list"))),
    )
)
def test_what_a_cell_shows_is_read_back(pair):
    value, allowed = pair
    cell = shown(value, allowed)
    back = read_cell(float(cell) if isinstance(cell, int) else cell, allowed)
    assert back == (value.replace("\u00a0", " ") if isinstance(value, str) else value)


ROOT_NODE = read_stated(COMMISSIONING, [])
OPEN = {row.field: row.cells["value"] for row in rows_of(ROOT_NODE) if row.kind == "scalar"}
PLAIN = [field for field, cell in OPEN.items() if cell.is_open]
TEXTS = st.sampled_from(["2018", "yes", "010", "25%", "1e5", "a: b", "# x", "null", "- y", "'", '"', "é"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(PLAIN), st.one_of(st.floats(0.001, 1e9), TEXTS), max_size=6))
def test_any_edits_are_told_and_survive_yaml(book, tmp_path, edits):
    found = compare_workbook(ROOT_NODE, edited(book, {(field, "Value"): x for field, x in edits.items()}))
    refused = {problem.field for problem in found.problems}
    assert {d.field for d in found.differences} | refused <= set(edits)
    for field in set(edits) - refused - {d.field for d in found.differences}:
        assert read_cell(edits[field], OPEN[field].allowed) == OPEN[field].value
    out = tmp_path / "out.yaml"
    out.write_text(extending_text(found.edits.changes, COMMISSIONING, out, "x"), encoding="utf-8")
    again = read_yaml(out)
    stated = replace(again, value={k: v for k, v in again.value.items() if k != "extends"})
    assert plain(merged(ROOT_NODE, stated)) == plain(merged(ROOT_NODE, found.edits.changes))


def zipped(files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"PK\x03\x04 nonsense", "is no .xlsx workbook, or a damaged one"),
        (b"name: x\n", "is no .xlsx workbook, or a damaged one"),
        ({"a": "b"}, "is no .xlsx workbook"),
        ({"xl/workbook.xml": bytes(51_000_000)}, "unpacks to 51 MB; at most 50 MB are allowed"),
        ({"xl/workbook.xml": "<x/>"}, "is a damaged workbook"),
    ],
    ids=["nonsense", "text", "another archive", "unpacks to too much", "damaged"],
)
def test_what_is_no_workbook_is_refused(content, expected, tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(content if isinstance(content, bytes) else zipped(content))
    with pytest.raises(InputError, match=expected) as caught:
        read_workbook(path)
    assert caught.value.problems[0].code in ("VM220", "VM262")


def test_another_workbook_is_refused(tmp_path):
    path = tmp_path / "x.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(InputError, match=r"is no input workbook of victimsmodel\. Make one with"):
        read_workbook(path)
    with pytest.raises(InputError, match="does not exist"):
        read_workbook(tmp_path / "y.xlsx")


@pytest.fixture
def own(tmp_path):
    """Return a scenario file of one's own, and its workbook."""
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(f"# mine\nextends: {COMMISSIONING}\ngrant_gbp: 900000\n")
    return scenario, write_input_workbook(scenario, tmp_path / "mine.xlsx")


def test_a_scenario_that_changed_or_went_since_is_told(own, tmp_path):
    scenario, workbook = own
    scenario.write_text(f"# only a comment differs\nextends: {COMMISSIONING}\ngrant_gbp: 900000\n")
    assert load_input_workbook(workbook).differences == ()
    scenario.write_text(f"extends: {COMMISSIONING}\ngrant_gbp: 800000\n")
    with pytest.raises(InputError, match="states something else than when the workbook was made"):
        load_input_workbook(workbook)
    accepted = load_input_workbook(workbook, accept_changed=True)
    assert [(d.was, d.now) for d in accepted.differences] == [("800000", "900000")]
    assert "has changed since" in accepted.remarks[0]
    scenario.rename(tmp_path / "away.yaml")
    with pytest.raises(InputError, match=r"made from mine.yaml, which is not there. Name it with --scenario"):
        load_input_workbook(workbook)


def typed(workbook, old, new):
    """Replace the one number of a workbook, as a spreadsheet would."""
    with zipfile.ZipFile(workbook) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    was, now = (f"<v>{number}</v>".encode() for number in (old, new))
    assert sum(xml.count(was) for xml in parts.values()) == 1
    workbook.write_bytes(zipped({name: xml.replace(was, now) for name, xml in parts.items()}))


def test_commands_show_differences_write_once_and_write_nothing_that_is_wrong(own, tmp_path, monkeypatch):
    scenario, workbook = own
    monkeypatch.setenv("COLUMNS", "150")
    cell = where(read_workbook(workbook), "grant_gbp").partition("!")[2]

    def command(*arguments):
        return run(tmp_path, *arguments)

    assert command("load", workbook).stdout.startswith(f"{workbook}: no differences from {scenario}")
    assert not (tmp_path / "new.yaml").exists()
    typed(workbook, 900000, 950000)
    before = hashlib.sha256(scenario.read_bytes()).hexdigest()
    said = command("load", workbook, "--out", tmp_path / "new.yaml")
    assert said.returncode == 0
    assert all(word in said.stdout for word in ("grant_gbp", "900000", "950000", cell))
    assert vm.load_scenario(tmp_path / "new.yaml").grant_gbp == 950000
    assert command("load", workbook, "--out", tmp_path / "new.yaml").returncode == 2
    assert command("load", workbook, "--out", scenario, "--replace").returncode == 2
    assert command("load", workbook, "--out", tmp_path / "new.yaml", "--replace").returncode == 0
    for other in ("sources.yaml", "other.yaml"):  # files that load did not write
        (tmp_path / other).write_text("a: 1\n")
        said = command("load", workbook, "--out", tmp_path / other, "--replace")
        assert (said.returncode, said.stderr.endswith("Name another file with --out. [VM228]\n")) == (2, True)
    assert command("workbook", scenario, "--out", workbook).returncode == 2  # what was typed would be lost
    typed(workbook, 950000, -1)
    said = command("load", workbook, "--out", tmp_path / "bad.yaml")
    assert said.returncode == 2
    assert f"{workbook}: 'Area and period'!{cell}: grant_gbp = -1: must be above 0" in said.stderr
    assert not (tmp_path / "bad.yaml").exists()
    assert hashlib.sha256(scenario.read_bytes()).hexdigest() == before
