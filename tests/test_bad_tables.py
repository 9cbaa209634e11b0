"""Tables that people get wrong, or send on purpose: each is answered by a rule, and nothing is written."""

import errno
import hashlib
import os
import pickle
import re
import signal
import subprocess
import sys
import time
import zipfile

import openpyxl
import pytest
from desk import PARAMETERS, Desk, tree

import victimsmodel as vm
from victimsmodel.cluster.chunks import check_travels
from victimsmodel.errors import BusyError, CannotWriteError, DiskFullError, InputError, PrivacyError
from victimsmodel.files import write_whole
from victimsmodel.inputs.people_table import PeopleTable
from victimsmodel.inputs.workbook.reading import read_workbook
from victimsmodel.kept_tables import kept_tables
from victimsmodel.locks import only_run
from victimsmodel.pathway.pieces import Piece


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return Desk(tmp_path_factory.mktemp("desk"))


CRIME = (
    "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,"
    "Offence Code,Number of Offences\n"
)
LOG = "victim_id,channel,date,outcome,group\n"
RETURN = "Quarter,New referrals,Contacted,Supported\n"
QUARTERS = [f"Q{i} 2017/18,{100 + 10 * i},{50 + i},{20 + i}\n" for i in range(1, 5)]


def offences(count, force="Kent", code="28", quarter=1):
    return f"2019/20,{quarter},{force},Burglary,Theft,Domestic,{code},{count}\n"


def crime(desk, *rows, error=True):
    path = desk.file(CRIME + "".join(rows))
    return desk.raises(vm.load_recorded_crime, path) if error else vm.load_recorded_crime(path)


def log(desk, *rows, error=InputError, header=LOG):
    path = desk.file(header + "".join(f"{row}\n" for row in rows))
    return desk.raises(vm.load_contact_log, path, error=error) if error else vm.load_contact_log(path)


def returned(desk, text=None, path=None):
    """Read a return by the mapping that is proposed for it."""
    return by_its_mapping(desk, path or desk.file(text))


def by_its_mapping(desk, path):
    from victimsmodel.inputs.returns.mapping_text import mapping_text

    mapping = desk.mapping
    mapping.write_text(mapping_text(vm.propose_mapping(path)))
    return vm.load_returns(path, mapping)


def workbook(desk, change=None, name="b.xlsx"):
    book = openpyxl.Workbook()
    for row in [RETURN, *QUARTERS]:
        cells = row.strip().split(",")
        book.active.append([int(cell) if cell.isdigit() else cell for cell in cells])
    if change:
        change(book.active)
    book.save(desk.folder / name)
    return desk.folder / name


def repacked(path, name, change):
    """Copy a workbook with its parts changed: by name, to new content."""
    target = path.with_name(name)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change.get(part, lambda same: same)(old.read(part)))
        for part in change.keys() - set(old.namelist()):
            new.writestr(part, change[part](b""))
    return target


def unquoted_thousands_never_shift_columns(desk):
    message = (
        "x.csv, row 2: has 10 cells where the header has 8. Put numbers with commas into quotes. [VM075]"
    )
    assert crime(desk, offences("1,385,000")) == message
    message = "x.csv, row 2: has 5 cells where the header has 4. Put numbers with commas into quotes. [VM110]"
    assert desk.raises(by_its_mapping, desk, desk.file(RETURN + "Q1 2017/18,1,385,9,5\n")) == message


def names_that_look_missing_are_text(desk):
    found = log(desk, "7,phone,2026-04-01,no answer,NA", "8,phone,2026-04-02,reached,None", error=None)
    assert sorted(found.attempts["group"].cat.categories) == ["NA", "None"]
    assert set(crime(desk, offences(5, force="NA"), error=False).offences["force"]) == {"NA"}


def marks_are_hidden_counts_and_never_zero(desk):
    for mark in ("<5", "*", "~", "c", ":"):
        counts = returned(desk, "".join([RETURN, f"Q1 2017/18,110,51,{mark}\n", *QUARTERS[1:]])).counts
        cell = counts[(counts["period"] == "2017/18 Q1") & (counts["stage"] == "supported")].iloc[0]
        assert (cell["state"], cell["low"], cell["high"]) == ("suppressed", 1, 4), mark
    message = "x.csv: holds no count: a mark such as [x] stands in every row. [VM265]"
    assert crime(desk, offences("<5")) == message


def repeated_rows_and_headings_are_told(desk):
    found = crime(desk, offences(5), offences(5), offences(6, quarter=2), offences(7, quarter=2), error=False)
    rows = found.quality.set_index("check")["rows"]
    assert (rows["duplicate_rows"], rows["two_counts"]) == (1, 1)
    message = log(
        desk, "7,phone,2026-04-01,2026-04-01,reached", header="victim_id,channel,date,date,outcome\n"
    )
    assert message == "x.csv: has two columns named date. [VM126]"


def dates_are_never_guessed(desk):
    rows = ["7,phone,01/02/2026,no answer,a", "8,phone,13/02/2026,reached,a", "9,phone,02/13/2026,reached,a"]
    exists = "must be a date that exists, such as 2026-04-30 or 30/04/2026"
    assert log(desk, *rows) == f"x.csv:4: date: {exists}. [VM127]"
    serial = "looks like the day number of a spreadsheet; save the column as dates"
    assert log(desk, "7,phone,46113,reached,a") == f"x.csv:2: date: {serial}. [VM127]"
    short = "has a year of two digits; write all four"
    assert log(desk, "7,phone,01/02/26,reached,a") == f"x.csv:2: date: {short}. [VM127]"


def ids_are_text(desk):
    assert (
        log(desk, "007,phone,2026-04-01,no answer,a", "7,phone,2026-04-02,reached,a", error=None).n_victims
        == 2
    )
    assert crime(desk, offences(5, code="007"), error=False).offences["offence_code"].tolist() == ["007"]


def semicolons_are_seen(desk):
    path = desk.file((CRIME + offences(5)).replace(",", ";"))
    assert vm.load_recorded_crime(path).offences["offences"].tolist() == [5]


def open_quotes_and_ragged_rows_are_told_by_row(desk):
    assert (
        crime(desk, offences(5).replace("Kent", '"Kent'))
        == "x.csv, row 2: opens a quote that never ends. [VM075]"
    )
    message = "x.csv, row 2: has 3 cells where the header has 5. [VM075]"
    assert log(desk, "7,phone,2026-04-01", "8,phone,2026-04-01,reached,a") == message
    text = RETURN + 'Q1 2017/18,"110,51,21\n' + "".join(QUARTERS[1:])
    assert desk.raises(by_its_mapping, desk, desk.file(text)).startswith(
        "x.csv, row 2: is no regular table from here on"
    )


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


def counts_are_whole_and_not_too_large(desk):
    for count in ("2.5", str(2**60)):
        allowed = "must be a whole number such as 1234 or 1,234, or a mark such as [x] or .."
        assert (
            crime(desk, offences(count)) == f"x.csv, row 2: Number of Offences = {count}: {allowed}. [VM074]"
        )
    for count in ("-3", "2.5", str(2**60)):
        text = RETURN + f"Q1 2017/18,110,51,{count}\n" + "".join(QUARTERS[1:])
        message = desk.raises(by_its_mapping, desk, desk.file(text))
        assert message.startswith(f"x.csv, D2: Supported = {count}: must be a whole number from 0 up")


def labels_that_look_alike_are_told(desk):
    rows = [
        f"{i},phone,2026-04-01,no answer,{name}"
        for i, name in enumerate(["Domestic abuse ", "Theft", "Domestic\u00a0Abuse"])
    ]
    meant = "labels={'group': {'Domestic Abuse': 'Domestic abuse'}}"
    looks = (
        "looks like 'Domestic abuse' (line 2) and is written otherwise; write one, or state which is meant"
    )
    assert log(desk, *rows) == f"x.csv:4: group: {looks}: {meant}. [VM127]"
    assert log(desk, *rows[:2], "9,phone,2026-04-01,reached,D\u043emestic abuse").startswith(
        f"x.csv:4: group: {looks}"
    )
    found = crime(desk, offences(5), offences(6, force="K\u0435nt"), error=False)
    assert "unknown_force" in set(found.quality["check"])


def gaps_in_periods_are_told(desk):
    found = returned(desk, RETURN + QUARTERS[0] + "".join(QUARTERS[2:]))
    assert list(found.counts["period"].unique()) == ["2017/18 Q1", "2017/18 Q3", "2017/18 Q4"]
    assert any("2017/18 Q2" in str(text) for text in found.findings.to_numpy().ravel())


def parts_that_exceed_their_whole_are_told(desk):
    found = returned(desk, RETURN + "Q1 2017/18,110,51,60\n" + "".join(QUARTERS[1:]))
    assert any("60" in text and "51" in text for text in found.findings["detail"])


def tables_without_rows_are_refused(desk):
    assert crime(desk) == "x.csv: has a header but no rows below it. [VM076]"
    assert log(desk) == "x.csv: has a header but no rows below it. [VM076]"
    assert "cannot be understood" in desk.raises(by_its_mapping, desk, desk.file(RETURN))


# Run folders


def a_place_that_cannot_be_written_has_its_own_status(desk, tmp_path, monkeypatch):
    (tmp_path / "outputs").write_bytes(b"a file")
    message = desk.raises(write_whole, tmp_path / "outputs" / "a.csv", b"new", error=CannotWriteError)
    assert message.endswith("[VM040]")
    assert CannotWriteError.exit_status == 73
    old = tmp_path / "a.csv"
    old.write_bytes(b"old")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)  # a disk that fills up while it is written to
    message = desk.raises(write_whole, old, bytes(3_000_000), error=DiskFullError)
    assert re.search(r"the disk is full, [\d,.]+ MB free and 3.0 MB needed for this file", message)
    assert tree(tmp_path) == {
        name: hashlib.sha256(text).hexdigest() for name, text in (("a.csv", b"old"), ("outputs", b"a file"))
    }
    assert DiskFullError.exit_status == 74


def a_second_run_in_a_folder_waits_outside(desk, tmp_path):
    folder = tmp_path / "run"
    with only_run(folder):
        message = desk.raises(lambda: only_run(folder).__enter__(), error=BusyError)
        assert f"another run is at work here (process {os.getpid()} on " in message
        assert message.endswith("; wait for it [VM273]")
    assert BusyError.exit_status == 75
    (tmp_path / ".run.lock").write_text("{}")  # a process that died left it
    with only_run(folder):
        pass
    assert list(tmp_path.iterdir()) == []


def a_stop_takes_two_seconds_and_says_how_to_resume(desk, tmp_path):
    for folder, signals, status in (
        ("ctrl-c twice", [signal.SIGINT, signal.SIGINT], 130),
        ("ended", [signal.SIGTERM], 143),
    ):
        stopped(tmp_path / folder, signals, status)


def rows_of_cases_go_to_no_other_process(desk):
    cases = PeopleTable({"victim": ["v1", "v2"], "contacted": [1, 0]})
    desk.raises(pickle.dumps, cases, error=PrivacyError)  # as whatever is sent is
    desk.raises(pickle.dumps, {"several": [cases.head(1)]}, error=PrivacyError)
    told = desk.raises(check_travels, Piece("today", cases, 1, range(1), 0), error=PrivacyError)
    assert "[VM284]" in told
    told = desk.raises(check_travels, Piece("today", cases.exact(), 1, range(1), 0), error=PrivacyError)
    assert told.endswith("only these go to workers, and only counters come back. [VM215]")
    assert "v1" not in told


def stopped(out, signals, status):
    # what starts the tests in the background may have told all below it to ignore Ctrl-C
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    command = [sys.executable, "-c", f"{heeding}; from victimsmodel.cli import main; main()", "evaluate"]
    command += [str(PARAMETERS / "west-midlands.yaml"), "--profile", "tiny", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        while "demand: done" not in started.stderr.readline():
            assert started.poll() is None
        begin = time.monotonic()
        for number in signals:
            started.send_signal(number)
        _, told = started.communicate(timeout=60)
        assert time.monotonic() - begin < 2 * slowness()
    assert started.returncode == status
    assert told.splitlines()[-1] == (
        "Stopped: what was finished is kept whole; the same command resumes. [VM272]"
    )
    run_ = vm.open_run(PARAMETERS / "west-midlands.yaml", next(out.iterdir()), profile="tiny")
    assert kept_tables(run_.folder, "demand", run_.made_from) is not None


def slowness():
    """Return how many times slower than alone a process runs here now, for other processes are at work."""
    return max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


ITEMS = {
    "32-thousands": unquoted_thousands_never_shift_columns,
    "33-missing": names_that_look_missing_are_text,
    "34-marks": marks_are_hidden_counts_and_never_zero,
    "35-twice": repeated_rows_and_headings_are_told,
    "36-dates": dates_are_never_guessed,
    "37-ids": ids_are_text,
    "38-semicolon": semicolons_are_seen,
    "39-quotes": open_quotes_and_ragged_rows_are_told_by_row,
    "40-cells": cells_of_workbooks_are_named,
    "41-traps": workbooks_that_are_traps_are_refused,
    "42-personal": personal_data_is_refused_without_a_word_of_it,
    "43-cases": rows_of_cases_go_to_no_other_process,
    "44-counts": counts_are_whole_and_not_too_large,
    "45-alike": labels_that_look_alike_are_told,
    "46-gaps": gaps_in_periods_are_told,
    "47-parts": parts_that_exceed_their_whole_are_told,
    "48-empty": tables_without_rows_are_refused,
    "49-no-place": a_place_that_cannot_be_written_has_its_own_status,
    "49-busy": a_second_run_in_a_folder_waits_outside,
    "51-stopped": a_stop_takes_two_seconds_and_says_how_to_resume,
}


@pytest.mark.parametrize("item", ITEMS)
def test_a_bad_input_gets_the_answer_that_is_due(desk, request, item):
    check = ITEMS[item]
    asked = check.__code__.co_varnames[1 : check.__code__.co_argcount]
    check(desk, **{name: request.getfixturevalue(name) for name in asked})
