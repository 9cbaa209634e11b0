"""Tables that people get wrong, or send on purpose: each is answered by a rule, and nothing is written."""

from datetime import date

import pytest
from command_line import run
from desk import CRIME, LOG, QUARTERS, RETURN, by_its_mapping, crime, log, offences, returned, workbook

import victimsmodel as vm
from victimsmodel.inputs.returns.mapping_text import mapping_text


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
    marks = ("<5", "*", "~", "c", ":")
    text = RETURN + "".join(f"Q1 201{i}/1{i + 1},110,51,{mark}\n" for i, mark in enumerate(marks))
    for below, high in ((None, 4), (8, 7)):
        found = returned(desk, text, **({"suppressed_below": below} if below else {}))
        cells = found.counts[found.counts["stage"] == "supported"]
        assert set(cells["state"]) == {"suppressed"}
        assert set(cells["low"]) == {1}
        assert sorted(cells["high"]) == [4, *[high] * 4]
        assert ("assumed_interval" in set(found.findings["check"])) == (below is None)
    message = "x.csv: holds no count: a mark such as [x] stands in every row. [VM265]"
    assert crime(desk, offences("<5")) == message


def repeated_rows_and_headings_are_told(desk):
    found = crime(desk, *[offences(5)] * 7, offences(6, quarter=2), offences(7, quarter=2), error=False)
    quality = found.quality.set_index("check")
    assert (quality["rows"]["duplicate_rows"], quality["rows"]["two_counts"]) == (6, 1)
    assert quality["detail"]["duplicate_rows"].endswith(
        " In x.csv, row 3; x.csv, row 4; x.csv, row 5; x.csv, row 6; x.csv, row 7 and more."
    )
    message = log(
        desk, "7,phone,2026-04-01,2026-04-01,reached", header="victim_id,channel,date,date,outcome\n"
    )
    assert message == "x.csv: has two columns named date. [VM126]"
    timed = [f"7,phone,2026-04-01{time},no answer,a" for time in [" 10:15"] * 3 + [""] * 2]
    found = log(desk, *timed, error=None)
    assert len(found.attempts) == 3
    assert found.findings["detail"].tolist() == [
        "3 rows repeat another one in every cell (line 3, 4, 6); those with a time of day were counted once."
    ]
    text = RETURN.replace("Supported", "Contacted") + "".join(QUARTERS)
    message = (
        "x.csv, row 2: cannot be understood: two columns have the same name (Contacted): C2 and D2. [VM111]"
    )
    assert desk.raises(vm.propose_mapping, desk.file(text)) == message


def dates_are_never_guessed(desk):
    rows = ["7,phone,01/02/2026,no answer,a", "8,phone,13/02/2026,reached,a", "9,phone,02/13/2026,reached,a"]
    exists = "must be a date that exists, such as 2026-04-30 or 30/04/2026"
    assert log(desk, *rows) == f"x.csv:4: date: {exists}. [VM127]"
    serial = "looks like the day number of a spreadsheet; save the column as dates"
    assert log(desk, "7,phone,46113,reached,a") == f"x.csv:2: date: {serial}. [VM127]"
    short = "has a year of two digits; write all four"
    assert log(desk, "7,phone,01/02/26,reached,a") == f"x.csv:2: date: {short}. [VM127]"
    say = "say dates='day_first' or dates='month_first', or write dates as 2026-04-30. [VM303]"
    assert log(desk, rows[0]) == f"x.csv:2: date: may be read day first or month first: {say}"
    for order, month in (("day_first", 2), ("month_first", 1)):
        day = vm.load_contact_log(desk.folder / "x.csv", dates=order).attempts["day"].iloc[0]
        assert date.fromordinal(day).month == month
    assert log(desk, rows[2]).startswith("x.csv:2: date: has the month before the day: say dates=")
    assert len(log(desk, "7,phone,02/02/2026,reached,a", error=None).attempts) == 1
    message = desk.raises(vm.load_contact_log, desk.folder / "x.csv", dates="us")
    assert message == "load_contact_log: dates = us: must be day_first or month_first. [VM303]"
    for start, message in {
        "01/04/17": "a date has a year of two digits",
        "42826": "no quarter stands",
    }.items():
        assert message in desk.raises(vm.propose_mapping, desk.file(f"{RETURN}{start},110,50,20\n"))


def ids_are_text(desk):
    assert (
        log(desk, "007,phone,2026-04-01,no answer,a", "7,phone,2026-04-02,reached,a", error=None).n_victims
        == 2
    )
    assert crime(desk, offences(5, code="007"), error=False).offences["offence_code"].tolist() == ["007"]
    rounded = "looks like a number that a spreadsheet rounded; save ids as text"
    assert log(desk, "1.23457E+15,phone,2026-04-01,reached,a") == f"x.csv:2: victim_id: {rounded}. [VM127]"


def semicolons_are_seen(desk):
    path = desk.file((CRIME + offences(5)).replace(",", ";"))
    found = vm.load_recorded_crime(path)
    assert found.offences["offences"].tolist() == [5]
    found = [found.quality, returned(desk, (RETURN + "".join(QUARTERS)).replace(",", ";")).findings]
    path = desk.file((LOG + "7,phone,2026-04-01,reached,a\n").replace(",", ";"))
    for findings in (*found, vm.load_contact_log(path).findings):
        assert "Columns are separated by ';'." in findings["detail"].tolist()
    wide = desk.file("year;line;amount\n2015;a;5\n")
    for load in (vm.load_funding, vm.load_observed):
        assert desk.raises(load, wide).endswith("Found ';': separate columns by ',' instead. [VM003]")
    for load in (vm.load_contact_log, vm.propose_mapping, vm.load_recorded_crime):
        path = desk.file((LOG + "7,phone,2026-04-01,reached,a\n").replace(",", "^"))
        assert "Found '^': separate columns by ',' instead." in desk.raises(load, path)


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
    rows = ["8,phone,2026-04-01,reached,a", '7,phone,2026-04-01,reached,"a']
    assert log(desk, *rows) == "x.csv, row 3: opens a quote that never ends. [VM075]"
    swallowed = (
        "x.csv, row 2: has a cell with line breaks and separators in it. Is a quote not closed? [VM075]"
    )
    assert log(desk, '7,phone,2026-04-01,reached,"a', rows[0], '9,phone,2026-04-01,reached,a"') == swallowed
    short = desk.file(RETURN + QUARTERS[0] + "Q2 2017/18,1\n" + "".join(QUARTERS[2:]))
    message = "x.csv, row 3: has 2 cells where the header has 4. [VM110]"
    assert desk.raises(vm.propose_mapping, short) == message
    message = (
        "x.csv:3: observed: is not a line of CSV: unexpected end of data. Is a quote not closed? [VM003]"
    )
    assert desk.raises(vm.load_observed, desk.file('stage,of\na,b\n"c,d\n')) == message


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
    said = {
        "021": "has a leading zero. Did you mean 21?",
        "٢١": "must be written in the digits 0 to 9. Did you mean 21?",
        "#N/A": "is an error of a formula. Mend the formula, or type the value.",
    }
    for count, answer in said.items():
        text = RETURN + f"Q1 2017/18,110,51,{count}\n" + "".join(QUARTERS[1:])
        message = desk.raises(by_its_mapping, desk, desk.file(text))
        assert message.startswith(f"x.csv, D2: Supported = {count}: {answer} [VM")


def labels_that_look_alike_are_told(desk):
    names = ["Domestic abuse ", "Theft", "Domestic\u00a0Abuse"]
    rows = [f"{i},phone,2026-04-01,no answer,{name}" for i, name in enumerate(names)]
    message = (
        "{}: group: looks like 'Domestic abuse' (line 2) and is written otherwise; write one, or state which "
        "is meant: labels={{'group': {{{}: 'Domestic abuse'}}}}. [VM127]"
    )
    assert log(desk, *rows) == message.format("x.csv:4", "'Domestic Abuse'")
    stated = {"group": {"Domestic Abuse": "Domestic abuse"}}
    (desk.folder / "labels.yaml").write_text("group: {Domestic Abuse: Domestic abuse}\n")
    for labels in (stated, desk.folder / "labels.yaml"):
        found = vm.load_contact_log(desk.folder / "x.csv", labels=labels)
        assert sorted(found.attempts["group"].cat.categories) == ["Domestic abuse", "Theft"]
    foreign = log(desk, *rows[:2], "9,phone,2026-04-01,reached,D\u043emestic abuse")
    assert foreign == message.format("x.csv:4", r"'D\u043emestic abuse'")
    drawn = log(desk, *(f"{i},phone,2026-04-01,reached,Robbery {sign}" for i, sign in enumerate("Il")))
    assert "group: looks like 'Robbery I' (line 2) and is written otherwise" in drawn
    spaced = log(desk, rows[0], "9,phone,2026-04-01,reached,Domestic abuse", error=None).findings["detail"]
    assert "1 labels of groups are another one but for spaces" in spaced[0]
    for name in ("K\u0435nt", "Knet"):
        quality = crime(desk, offences(5), offences(6, force=name), error=False).quality
        detail = quality.set_index("check")["detail"]["unknown_force"]
        assert detail.endswith(f" Is it Kent? Then state labels={{'force': {{{name!a}: 'Kent'}}}}.")
    found = vm.load_recorded_crime(desk.folder / "x.csv", labels={"force": {"Knet": "Kent"}})
    assert set(found.offences["force"]) == {"Kent"}
    assert "Read as was stated: Knet is Kent." in found.quality["detail"].tolist()
    path = desk.folder / "x.csv"
    message = desk.raises(vm.load_recorded_crime, path, {"force": {"Kemt": "Kent"}, "forse": {"a": "b"}})
    assert message.splitlines()[0] == "x.csv: labels.force = 'Kemt': stands nowhere in the table. [VM304]"
    assert message.splitlines()[1].endswith("Did you mean force? [VM304]")
    (desk.folder / "labels.yaml").write_text("group: domestic\n")
    assert "[VM304]" in desk.raises(vm.load_recorded_crime, path, desk.folder / "labels.yaml")


PARTS_OF_Q1 = (
    "2018/19 Q1 (part)",
    "Q1 part 2018/19",
    "2018/19 Q1 to 15 June",
    "2018/19 Q1 to 15 June 2018",
    "2018/19 Q1 to 15/06/2018",
    "2018/19 Q1 from 7th May",
    '"2018/19 Q1 (provisional, 2 months)"',
    "2018/19 Q1 - two months",
    "2018/19 Q1 partial quarter",
    "2018/19 Q1 incomplete as Solihull is late",
)
WHOLE_Q1 = ("2018/19 Q1 to 30 June", "2018/19 Q1 (3 months)", "2018/19 Q1 as at 15 July", "2018/19 Q1 (p)")


def words_beside_a_period_are_told(desk):
    for name in WHOLE_Q1:
        found = returned(desk, RETURN + "".join(QUARTERS) + f"{name},90,50,20\n")
        assert found.counts["value"].tolist()[-3:] == [90, 50, 20]
        assert found.counts["period"].iloc[-1] == "2018/19 Q1"
        assert not {"part_period", "words_of_period"} & set(found.findings["check"])
    found = returned(desk, RETURN + "".join(QUARTERS) + "2018/19 Q1 without Solihull,90,50,20\n")
    finding = found.findings.set_index("check").loc["words_of_period"]
    assert (finding["severity"], finding["rows"]) == ("warning", "A6")
    read = "The period '2018/19 Q1 without Solihull' is read without 'without solihull'"
    assert finding["detail"] == f"{read}, which is not understood."
    assert found.counts["value"].tolist()[-3:] == [90, 50, 20]
    across = "Measure,Q1 2017/18,Q2 2017/18 (part)\nReferred,100,110\nContacted,50,55\n"
    found = returned(desk, across)
    assert found.findings.set_index("check").loc["part_period"]["rows"] == "C2, C3"


def labels_that_differ_in_what_is_not_seen_are_told(desk):
    returned(desk, RETURN + "".join(QUARTERS))
    heading = "Quarter,new referrals ,Con\u200btacted\u202e,Supported\u00a0\n"
    path = desk.file(heading + "".join(QUARTERS))
    found = vm.load_returns(path, desk.mapping)
    assert found.counts["value"].tolist()[:3] == [110, 51, 21]
    told = found.findings[found.findings["check"] == "label_taken_for"]
    assert list(zip(told["rows"], told["detail"], strict=True)) == [
        ("B1", "The label 'new referrals ' is taken for 'New referrals' of the mapping."),
        ("C1", r"The label 'Con\u200btacted\u202e' is taken for 'Contacted' of the mapping."),
        ("D1", r"The label 'Supported\xa0' is taken for 'Supported' of the mapping."),
    ]
    for command in (("map", "x.csv"), ("returns", "x.csv", "--mapping", desk.mapping)):
        ran = run(desk.folder, *map(str, command))
        assert ran.returncode == 0
        assert all(line.isprintable() for line in ran.stdout.splitlines())
    assert mapping_text(vm.propose_mapping(path)).replace("\n", "").isprintable()
    spaced = workbook(desk, lambda sheet: sheet.__setitem__("D1", "Supported "))
    (detail,) = (
        row.detail
        for row in vm.load_returns(spaced, desk.mapping).findings.itertuples()
        if row.check == "label_taken_for"
    )
    assert detail == "The label 'Supported ' is taken for 'Supported' of the mapping."
    marked = desk.file(RETURN + "Q1 2017/18,1\u200b10,51,20\n" + "".join(QUARTERS[1:]))
    assert "x.csv, B2: New referrals = " in desk.raises(vm.load_returns, marked, desk.mapping)


def gaps_in_periods_are_told(desk):
    found = returned(desk, RETURN + QUARTERS[0] + "".join(QUARTERS[2:]))
    assert list(found.counts["period"].unique()) == ["2017/18 Q1", "2017/18 Q3", "2017/18 Q4"]
    assert any("2017/18 Q2" in str(text) for text in found.findings.to_numpy().ravel())
    path = desk.file(RETURN + "".join(QUARTERS) + "May 2017 to Jul 2017,90,50,20\n")
    leave = "overlap; leave one of them out. [VM302]"
    assert desk.raises(by_its_mapping, desk, path).splitlines() == [
        f"x.csv, B2, B6: the periods 2017/18 Q1 and 2017-05 to 2017-07 {leave}",
        f"x.csv, B6, B3: the periods 2017-05 to 2017-07 and 2017/18 Q2 {leave}",
    ]
    months = [f"{name} 2018,90,50,20\n" for name in ("April", "May")]
    for last in (
        *(f"{name},90,50,20\n" for name in PARTS_OF_Q1),
        "1 Apr 2018 to 15 May 2018,90,50,20\n",
        "01/04/2018 - 15/05/2018,90,50,20\n",
        "".join(months),
    ):
        text = RETURN + "".join(QUARTERS) + last
        kept = returned(desk, text)
        assert kept.counts["period"].nunique() == 5
        assert kept.counts["low"].tolist()[-3:] in ([90, 50, 20], [180, 100, 40])
        assert kept.counts["value"].tail(3).isna().all()
        left = returned(desk, text, part_periods="exclude")
        assert left.counts["period"].nunique() == 4
        assert {"part_quarter", "part_period"} & set(left.findings["check"])


def quarters_that_no_year_has_are_refused(desk):
    refused = "is no quarter; quarters are Q1 to Q4."
    for name, hint in {
        "2017/18 Q5": "Write the quarter that is meant.",
        "Q0 2017/18": "Write the quarter that is meant.",
        "2017Q7": "Write the quarter that is meant.",
        "2017/18 quarter 12 (p)": "Write the quarter that is meant.",
        "Q02 2017/18": "Did you mean Q2?",
        "5th quarter 2017/18, late": "Write the quarter that is meant.",
    }.items():
        named = f'"{name}"' if "," in name else name
        path = desk.file(RETURN + "".join(QUARTERS) + f"{named},110,51,20\n")
        message = f"x.csv, A6: period = {name}: {refused} {hint} [VM111]"
        assert desk.raises(by_its_mapping, desk, path) == message
    path = desk.file(
        "Year,Quarter,Referred,Contacted\n" + "".join(f"2017/18,{i},9{i},4{i}\n" for i in range(1, 6))
    )
    assert desk.raises(vm.propose_mapping, path).startswith(f"x.csv, B6: period = 5: {refused}")
    across = [[f"Q{i}{year}" for i in range(2, 6)] for year in ("", " 2017/18")]
    for headings, more in zip(across, (("--period", "2017/18"), ()), strict=True):
        rows = "Referred,100,110,120,130\nContacted,50,55,60,65\n"
        path = desk.file(f"Measure,{','.join(headings)}\n{rows}")
        (line,) = desk.refused("map", "x.csv", *more)
        assert line.startswith(f"x.csv, E1: period = {headings[-1]}: {refused}")
    path = desk.file("Measure,Number\nReferred,100\nContacted,50\n")
    (line,) = desk.refused("map", "x.csv", "--period", "2017/18 Q5")
    assert line == "--period: period = 2017/18 Q5: must be like 2017/18 or 2017/18 Q1. [VM112]"
    titled = desk.file("Return for Q5 2017/18,\nMeasure,Number\nReferred,100\nContacted,50\n")
    assert "a title says 'Return for Q5 2017/18': no quarter" in desk.raises(vm.propose_mapping, titled)
    asked = desk.file("Question,Q1 2017/18,Q2 2017/18\nQ5 Victims referred,100,110\nQ6 Contacted,50,55\n")
    assert returned(desk, path=asked).counts["value"].tolist() == [100, 50, 110, 55]


def parts_that_exceed_their_whole_are_told(desk):
    text = RETURN + "Q1 2017/18,110,51,60\n" + "".join(QUARTERS[1:])
    for tolerance, severity, more in ((0, "error", ""), (0.2, "note", " The mapping tolerates 20.0%.")):
        finding = (
            returned(desk, text, tolerance=tolerance).findings.set_index("check").loc["impossible_transition"]
        )
        assert (finding["severity"], finding["rows"]) == (severity, "C2, D2")
        assert finding["detail"] == f"60 supported of 51 contacted in 2017/18 Q1: 9 too many.{more}"
    text = "Quarter,Total referrals,Police referrals,Self referrals,Contacted\n"
    text += "".join(f"Q{i} 2017/18,{90 + i},60,{30 + i + 2 * (i == 2)},5{i}\n" for i in range(1, 5))
    for tolerance, severity in ((0, "error"), (0.03, "note")):
        finding = returned(desk, text, tolerance=tolerance).findings.set_index("check").loc["totals_differ"]
        assert (finding["severity"], finding["rows"]) == (severity, "B3, C3, D3")
        assert "the stated total 92 is not the sum of its parts, 94, by 2" in finding["detail"]
    asked = ("returns", "x.csv", "--mapping", desk.mapping, "--out", "new")
    message = "x.csv: contradicts itself ({}); nothing is written. Ask the provider; or write into m.yaml"
    always = RETURN + "Q1 2017/18,110,51,60\nQ2 2017/18,110,51,70\n"
    found = {text: "totals_differ in B3, C3, D3", always: "double_counting in C2, C3, D2, D3"}
    for text, places in found.items():
        returned(desk, text)
        (line,) = desk.refused(*asked)
        assert line.startswith(message.format(places))
        assert set(returned(desk, text, tolerance=0.5).findings["severity"]) <= {"note", "warning"}
        assert run(desk.folder, *map(str, asked[:4])).returncode == 0
    twice = RETURN + "".join(QUARTERS) + "Q4 2017/18,140,55,24\n"
    found = returned(desk, twice).findings.set_index("check").loc["two_counts"]
    assert (found["severity"], found["rows"]) == ("error", "C5, C6")
    (line,) = desk.refused(*asked)
    places = "contradicts itself (two_counts in C5, C6); nothing is written"
    hint = "Ask the provider which count holds, and leave the others out of the file."
    assert line == f"x.csv: {places}. {hint} [VM308]"
    hidden = returned(desk, twice.replace("140,55,24", "140,54,*"), suppressed_below=30)
    assert hidden.findings.set_index("check").loc["two_counts"]["severity"] == "warning"


def tables_without_rows_are_refused(desk):
    assert crime(desk) == "x.csv: has a header but no rows below it. [VM076]"
    assert log(desk) == "x.csv: has a header but no rows below it. [VM076]"
    assert "cannot be understood" in desk.raises(by_its_mapping, desk, desk.file(RETURN))
    (one,) = returned(desk, RETURN + QUARTERS[0]).findings["detail"]
    assert one == "Has one period (2017/18 Q1); gaps, repeats and changes need 2 or more."
    zeros = returned(desk, RETURN + "".join(f"Q{i} 2017/18,0,0,0\n" for i in range(1, 5)))
    assert zeros.counts["value"].eq(0).all()
    assert "All 12 counts are zero: nobody was referred" in zeros.findings["detail"][0]


def nobody_at_all_is_simulated_and_said(desk):
    none = "{value: 0, low: 0, high: 0, unit: victims/year, source: assumption}"
    desk.edited((r"victims_per_year:\n +\{value[^}]*\}", f"victims_per_year: {none}"))
    ran = run(desk.folder, "simulate", "x.yaml", "--option", "business_as_usual")
    assert ran.returncode == 0
    assert (
        "Nobody is referred in any of these years: what is told of each victim does not exist." in ran.stdout
    )
    assert "nan" not in ran.stdout


ITEMS = {
    "32-thousands": unquoted_thousands_never_shift_columns,
    "33-missing": names_that_look_missing_are_text,
    "34-marks": marks_are_hidden_counts_and_never_zero,
    "35-twice": repeated_rows_and_headings_are_told,
    "36-dates": dates_are_never_guessed,
    "37-ids": ids_are_text,
    "38-semicolon": semicolons_are_seen,
    "39-quotes": open_quotes_and_ragged_rows_are_told_by_row,
    "44-counts": counts_are_whole_and_not_too_large,
    "13-quarters": quarters_that_no_year_has_are_refused,
    "45-alike": labels_that_look_alike_are_told,
    "45-unseen": labels_that_differ_in_what_is_not_seen_are_told,
    "46-words": words_beside_a_period_are_told,
    "46-gaps": gaps_in_periods_are_told,
    "47-parts": parts_that_exceed_their_whole_are_told,
    "48-empty": tables_without_rows_are_refused,
    "48-nobody": nobody_at_all_is_simulated_and_said,
}


@pytest.mark.parametrize("item", ITEMS)
def test_a_bad_input_gets_the_answer_that_is_due(desk, request, item):
    desk.check(ITEMS[item], request)
