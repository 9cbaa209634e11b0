"""Workbooks that are odd, traps, or hold personal data: named by sheet and cell, refused without a value."""

import zipfile

import pytest
from command_line import run
from desk import (
    CRIME,
    LOG,
    QUARTERS,
    RETURN,
    by_its_mapping,
    log,
    offences,
    repacked,
    returned,
    workbook,
)

import victimsmodel as vm
from victimsmodel.errors import PrivacyError
from victimsmodel.inputs.workbook.reading import read_workbook


def cells_of_workbooks_are_named(desk):
    formula = workbook(desk, lambda sheet: sheet.__setitem__("B3", "=1+2"))
    message = (
        "b.xlsx, Sheet!B3: is a formula that was not calculated; open the file in a spreadsheet and save it."
    )
    assert desk.raises(by_its_mapping, desk, formula) == f"{message} [VM264]"

    def hide(sheet):
        sheet.row_dimensions[3].hidden = True
        sheet["C4"] = "53"  # a number that stands as text
        sheet.append(["Total", 500, 210, 90])

    found = returned(desk, path=workbook(desk, hide))
    assert found.counts["period"].nunique() == 4  # the total is no quarter
    assert found.counts.set_index(["period", "stage"])["value"]["2017/18 Q3", "contacted"] == 53
    findings = found.findings.set_index("check")["detail"]
    assert findings["hidden"] == "Hidden in the file, and read: Sheet!row 3."
    assert findings["number_as_text"] == "Numbers that stand as text, and were read as numbers: Sheet!C4."
    assert (
        findings["total"]
        == "Sheet!B6, Sheet!C6, Sheet!D6: totals, compared with what they are of and not counted."
    )
    failed = workbook(desk, lambda sheet: sheet.__setitem__("D3", "#REF!"))
    message = "Supported = #REF!: is an error of a formula. Mend the formula, or type the value. [VM301]"
    assert desk.raises(by_its_mapping, desk, failed) == f"b.xlsx, Sheet!D3: {message}"
    failed = workbook(desk, lambda sheet: sheet.__setitem__("A3", "#REF!"))
    assert "Sheet!A3: is an error of a formula. Mend" in desk.raises(vm.propose_mapping, failed)
    merged = workbook(desk, lambda sheet: sheet.merge_cells("D2:D3"))
    message = "Sheet!D2:D3 is merged, so that one count stands for several cells. [VM111]"
    assert desk.raises(vm.propose_mapping, merged).endswith(f"cannot be understood: {message}")


AREAS = "E08000025,A,{},5\nE08000026,B,{},6\n"
FLAT = {
    vm.load_contact_log: LOG + "7,phone,2026-04-13,no answer,a\n8,phone,2026-04-14,reached,a\n",
    vm.load_recorded_crime: CRIME + offences(5) + offences(6, quarter=2),
    vm.load_population: "la_code,la_name,year,population\n" + AREAS.format(2020, 2020),
    vm.load_deprivation: "la_code,la_name,score,proportion\n" + AREAS.format(20, 20),
}


def cells_of_flat_tables_are_named(desk):
    unmerge = "one value stands for several cells. Unmerge them, and fill in what each cell means."
    for load, text in FLAT.items():
        rows = [line.split(",") for line in text.splitlines()]
        cell = f"{'ABCDEFGH'[len(rows[0]) - 1]}3"
        total = ["E08000027", "Total", "Total", *rows[-1][3:]]
        merged = f"{cell}:{cell[0]}4"

        def told(change, load=load, rows=rows):
            return desk.raises(load, workbook(desk, change, rows=rows))

        found = told(lambda sheet, cells=merged: sheet.merge_cells(cells))
        assert found == f"b.xlsx, Sheet!{merged}: is merged, so that {unmerge} [VM300]"
        found = told(lambda sheet, cell=cell: sheet.__setitem__(cell, "#REF!"))
        assert found == f"b.xlsx, Sheet!{cell}: is an error of a formula. [VM301]"
        assert told(lambda sheet, total=total: sheet.append(total)).startswith("b.xlsx, Sheet!")
        hidden = workbook(desk, lambda sheet: setattr(sheet.row_dimensions[3], "hidden", True), rows=rows)
        read = load(hidden)
        findings = getattr(read, "quality", getattr(read, "findings", None))
        if findings is not None:
            assert "Hidden in b.xlsx, and read: Sheet!row 3." in findings["detail"].tolist()
    country = desk.file(FLAT[vm.load_population] + "E92000001,England,2020,11\nK04000001,E and W,2020,12\n")
    assert desk.raises(vm.load_population, country) == (
        "x.csv, row 4: la_name = England: is a total of other rows; leave rows of totals out. [VM074]"
    )


def workbooks_that_are_traps_are_refused(desk):
    plain_book, sheet = workbook(desk), "xl/worksheets/sheet1.xml"
    bomb = repacked(plain_book, "bomb.xlsx", {"xl/x.bin": lambda _: bytes(51_000_000)})
    message = "bomb.xlsx: unpacks to 51 MB; at most 50 MB are allowed. [VM262]"
    assert desk.raises(vm.propose_mapping, bomb) == message
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    wide = repacked(plain_book, "far.xlsx", {sheet: lambda xml: xml.replace(b"</sheetData>", far)})
    message = "far.xlsx, xl/worksheets/sheet1.xml: reaches to column 16,384 and row 1,048,576"
    assert desk.raises(vm.propose_mapping, wide).startswith(message)
    doctype = repacked(plain_book, "d.xlsx", {sheet: lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml})
    assert "holds a document type in xl/worksheets/sheet1.xml" in desk.raises(vm.propose_mapping, doctype)
    macro = repacked(plain_book, "m.xlsx", {"xl/vbaProject.bin": lambda _: b"x"})
    message = "m.xlsx: holds macros, which a table does not need. Save it as .xlsx without macros. [VM263]"
    assert desk.raises(vm.propose_mapping, macro) == message
    old = desk.file(b"\xd0\xcf\x11\xe0" + bytes(600), "b.xls")
    assert desk.raises(vm.propose_mapping, old).endswith("save it as .xlsx without password. [VM070]")
    assert "is no .xlsx workbook" in desk.raises(read_workbook, old)


def personal_data_is_refused_without_a_word_of_it(desk):
    row = "7,phone,2026-04-01,reached,{}"
    for heading, value in {
        "full name": "Jane Smith",
        "notes": "x",
        "ref": "CV1 2WT",
        "tel": "07700 900123",
    }.items():
        header = LOG.replace("group", heading)
        message = log(desk, row.format(value), error=PrivacyError, header=header)
        assert "nothing was read" in message
        assert "column 5" in message
        assert value == "x" or value not in message


PERSONAL = "victim_id,channel,date,outcome,group,full name,notes,ref,birth\n" + "".join(
    f"{i},phone,2026-04-1{i},reached,a,Jane Smithson,she asked for no calls at home,CV1 2WT,1980-01-0{i}\n"
    for i in range(1, 4)
)


def what_is_refused_can_be_stripped(desk, tmp_path):
    source = desk.file(PERSONAL)
    message = desk.raises(vm.load_contact_log, source, error=PrivacyError)
    assert "victimsmodel strip FILE --out NEW" in message
    rows = [line.split(",") for line in PERSONAL.splitlines()]
    for file in (source, workbook(desk, rows=rows)):
        for ending in (".csv", ".xlsx"):
            copy = tmp_path / f"{file.suffix[1:]}{ending}"
            ran = run(desk.folder, "strip", file.name, "--out", str(copy))
            assert ran.returncode == 0, ran.stderr
            lines = ran.stdout.splitlines()
            assert [line.split(", which")[0] for line in lines[:-1]] == [
                f"Left out: column {number} ({name})"
                for number, name in ((6, "full name"), (7, "notes"), (8, "ref"), (9, "birth"))
            ]
            assert not any(word in ran.stdout + ran.stderr for word in ("Jane", "CV1", "1980", "asked"))
            assert vm.load_contact_log(copy).n_victims == 3
            assert (
                copy.with_suffix(".csv").read_text().splitlines()[0] == "victim_id,channel,date,outcome,group"
            )
            assert desk.refused("strip", file.name, "--out", str(copy)) == [
                f"{copy}: --out: exists; a file is never overwritten. [VM306]"
            ]
    named = desk.file(PERSONAL.replace("\n1,", "\njanesmith1,").replace("\n2,", "\nomarfarouk2,"))
    numbered = vm.strip_personal(named, tmp_path / "n.csv", number_ids=True)
    assert vm.load_contact_log(numbered.path).n_victims == 3
    assert (
        vm.strip_personal(named, tmp_path / "m.csv")
        .removed[0]
        .startswith("column 1 (victim_id), which holds")
    )
    (line,) = desk.refused("strip", source.name, "--out", "x.txt")
    assert line == "x.txt: --out: must end in .csv or .xlsx. [VM306]"
    nothing = desk.file("name,notes\nJane,x\n")
    assert "no column that could be left in" in desk.raises(vm.strip_personal, nothing, tmp_path / "o.csv")


def titles_and_names_of_sheets_are_looked_at_too(desk, tmp_path):
    title = desk.file("Return by Jane Smithson 07700 900123\n" + RETURN + "".join(QUARTERS))
    strip = "Leave it out, or write a copy without it: victimsmodel strip FILE --out NEW. [VM125]"
    message = f"x.csv: row 1: holds what looks like a phone number; nothing was read. {strip}"
    assert desk.raises(vm.propose_mapping, title, error=PrivacyError) == message
    rows = [line.split(",") for line in (LOG + "7,phone,2026-04-13,reached,a").splitlines()]
    sheet = workbook(desk, lambda sheet: setattr(sheet, "title", "Jane Smithson"), rows=rows)
    for load in (vm.load_contact_log, vm.propose_mapping):
        message = f"b.xlsx: sheet 1: has a name that looks like a name; nothing was read. {strip}"
        assert desk.raises(load, sheet, error=PrivacyError) == message
    for source in (title, sheet):
        copy = tmp_path / f"{source.stem}.xlsx"
        assert len(vm.strip_personal(source, copy).removed) == 1
        assert b"Jane" not in copy.read_bytes() + zipfile.ZipFile(copy).read("xl/workbook.xml")


ITEMS = {
    "40-cells": cells_of_workbooks_are_named,
    "40-flat": cells_of_flat_tables_are_named,
    "41-traps": workbooks_that_are_traps_are_refused,
    "42-personal": personal_data_is_refused_without_a_word_of_it,
    "42-stripped": what_is_refused_can_be_stripped,
    "42-around": titles_and_names_of_sheets_are_looked_at_too,
}


@pytest.mark.parametrize("item", ITEMS)
def test_a_bad_input_gets_the_answer_that_is_due(desk, request, item):
    desk.check(ITEMS[item], request)
