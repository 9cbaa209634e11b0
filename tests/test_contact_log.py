"""A contact log is read from what services write, and nothing of a case leaves the reader."""

import gzip

import numpy as np
import pytest
from openpyxl import Workbook

import victimsmodel as vm
from victimsmodel.errors import InputError, PrivacyError

HEADER = "Case ref,Crime type,Method,Date,Time,Result,Offence date,Minutes,Date of reply,Consented"
ROWS = [
    "A1,Burglary,Phone,03/04/2026,10:15,No answer,01/04/2026,2,,",
    "A1,Burglary,Phone,04/04/2026,18:30,Answered,01/04/2026,12,,yes",
    "A2,Violence,SMS,03/04/2026,09:00,Replied,01/04/2026,,05/04/2026,",
    "A2,Violence,Phone,04/04/2026,9:30,Voicemail,01/04/2026,2,,",
    "A2,Violence,Phone,08/04/2026,9:30,Answered,01/04/2026,2,,no",
    "A3,Violence,Phone,08/04/2026,9:30,Wrong number,01/04/2026,2,,",
    "A4,Violence,Letter,02/04/2026,,Sent,01/04/2026,,,",
]


def written(tmp_path, rows=ROWS, header=HEADER, name="log.csv"):
    path = tmp_path / name
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def message(path, error=InputError):
    with pytest.raises(error) as caught:
        vm.load_contact_log(path, dates="day_first")
    return str(caught.value).replace(str(path), path.name)


def test_a_log_is_read_with_the_names_and_words_of_the_service(tmp_path):
    log = vm.load_contact_log(written(tmp_path), dates="day_first")
    found = log.attempts
    assert list(found["victim"]) == [0, 0, 1, 1, 2]
    assert list(found["attempt"]) == [1, 2, 1, 2, 1]
    assert list(found["channel"].astype(str)) == ["phone", "phone", "text", "phone", "letter"]
    assert list(found["is_reached"]) == [False, True, True, False, False]
    assert list(found["days"]) == [2, 3, 2, 3, 1]
    assert found["hour"][1] == 18.5
    assert found["reply_days"][2] == 2
    assert list(found["waited_days"])[2:] == [2, 0, 6]  # the letter waits until the end of the log
    assert found["consent"].tolist()[1:3] == [1, 0]  # noted on a later row, it belongs to the contact
    assert dict(zip(log.findings["check"], log.findings["rows"], strict=True)) == {
        "wrong_details": 0,  # small counts are not stated
        "after_contact": 0,
    }
    assert log.counted_from == "crime"


def test_of_a_log_only_rounded_counts_are_shown(tmp_path):
    log = vm.load_contact_log(written(tmp_path), dates="day_first")
    expected = (
        "ContactLog: 1 to 7 attempts at 1 to 7 victims (phone, text, letter), 1 to 7 successful; 2 findings"
    )
    assert repr(log) == expected
    assert not any(log.attempts.astype(str).isin(["A1", "A2", "A3", "A4"]).any())


def test_gzip_and_workbooks_give_the_same_log(tmp_path):
    path = written(tmp_path)
    packed = tmp_path / "log.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    book = Workbook()
    for line in [HEADER, *ROWS]:
        book.active.append(line.split(","))
    book.save(tmp_path / "log.xlsx")
    plain = vm.load_contact_log(path, dates="day_first").attempts
    assert vm.load_contact_log(packed, dates="day_first").attempts.equals(plain)
    assert vm.load_contact_log(tmp_path / "log.xlsx", dates="day_first").attempts.equals(plain)


def test_what_cannot_be_read_is_told_by_line_and_never_repeated(tmp_path):
    rows = [row.replace("Voicemail", "went fishing").replace("04/04/2026", "31/02/2026") for row in ROWS]
    assert message(written(tmp_path, rows)).splitlines() == [
        "log.csv:3: Date: must be a date that exists, such as 2026-04-30 or 30/04/2026; also line 5. [VM127]",
        "log.csv:5: Result: is not an outcome; known: reached, no answer, wrong number. [VM127]",
    ]
    path = written(tmp_path, [row.replace("Voicemail", "went fishing") for row in ROWS])
    own = vm.load_contact_log(path, {"Went fishing": "not_reached"}, dates="day_first")
    assert len(own.attempts) == 5


def test_a_reply_before_its_message_and_a_crime_after_the_attempt_are_refused(tmp_path):
    rows = [ROWS[2].replace("05/04/2026", "02/04/2026"), ROWS[0].replace("01/04/2026", "05/04/2026")]
    assert message(written(tmp_path, rows)).splitlines() == [
        "log.csv:2: Date of reply: must not be before the message. [VM127]",
        "log.csv:3: Offence date: must be before the attempt, by ten years at most. [VM127]",
    ]


def test_a_log_without_outcomes_is_refused_with_the_columns_found(tmp_path):
    path = written(tmp_path, ["1,Phone,03/04/2026,x"], "id,channel,date,outcom")
    assert message(path) == (
        "log.csv: has no column outcome; found: id, channel, date, outcom. "
        "Is 'outcom' the column outcome? [VM126]"
    )


@pytest.mark.parametrize("extra", ["07700 900123", "B1 1BB", "Susan Example", "someone@example.org"])
def test_a_log_with_personal_data_is_refused_without_repeating_it(tmp_path, extra):
    path = written(tmp_path, [f"{row},{extra}" for row in ROWS], f"{HEADER},Column")
    text = message(path, PrivacyError)
    assert "column 11 (Column)" in text
    assert extra not in text
    headless = written(tmp_path, [f"{row},{extra}" for row in ROWS[1:]], f"{ROWS[0]},{extra}")
    text = message(headless, PrivacyError)
    assert extra not in text
    assert "column 11: has a heading that looks like" in text


def test_personal_data_on_another_sheet_is_refused_too(tmp_path):
    book = Workbook()
    for line in [HEADER, *ROWS]:
        book.active.append(line.split(","))
    other = book.create_sheet("more")
    other.append(["id", "born"])
    other.append(["1", "07/01/1961"])
    book.save(tmp_path / "log.xlsx")
    assert "sheet more: column 2 (born): is named like a date of birth" in message(
        tmp_path / "log.xlsx", PrivacyError
    )


def test_of_two_replies_on_one_day_the_earlier_message_counts(tmp_path):
    rows = [
        "1,text,2026-04-01,replied,2026-04-05",
        "1,text,2026-04-03,replied,2026-04-05",
        "1,phone,2026-04-05,reached,",
        "2,phone,2026-04-01,no answer,",
    ]
    header = "id,channel,date,outcome,reply_date"
    found = vm.load_contact_log(written(tmp_path, rows, header), dates="day_first").attempts
    assert list(found["is_reached"]) == [True, False, False]
    assert list(found["waited_days"]) == [4, 1, 4]  # the second reply could have come by the day before
    assert np.isnan(found["days"]).all()


# Mistyped years, and people in place of ids


@pytest.mark.parametrize("mistyped", ["13/01/2926", "13/01/1026", "2926-01-13", "13/01/1989", "13/01/2101"])
def test_a_contact_of_another_age_is_an_impossible_date_and_nobodys_birth(tmp_path, mistyped):
    year = "must be a date from 1990 to 2100; is a digit of the year wrong?"
    for rows in ([], ROWS):
        path = written(tmp_path, [*rows, f"A5,Violence,Phone,{mistyped},9:30,Voicemail,,2,,"])
        assert f"log.csv:{len(rows) + 2}: Date: {year}. [VM127]" in message(path)


@pytest.mark.parametrize("name", ["Jane Smith", "Oluwaseun Okonkwo-Hart", "Mary Ann O'Neill", "JANE SMITH"])
def test_one_name_among_ids_is_refused_and_not_repeated(tmp_path, name):
    rows = [f"{i:03},Violence,Phone,03/04/2026,9:30,Voicemail,,2,," for i in range(40)]
    told = message(written(tmp_path, [*rows, rows[0].replace("000", name)]), PrivacyError)
    assert "column 1 (Case ref): holds what looks like a name; nothing was read." in told
    assert name.split()[0] not in told
    for none in ("Not Known", "Case B"):
        path = written(tmp_path, [*rows, rows[0].replace("000", none)])
        assert vm.load_contact_log(path, dates="day_first").n_victims == 41
