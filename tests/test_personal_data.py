"""Personal data is refused by the names of columns and by what stands in them, and never repeated."""

import random

import pytest

from victimsmodel.errors import PrivacyError
from victimsmodel.inputs.personal_data import personal_columns, refuse_personal_data

# Invented: numbers of the ranges that Ofcom keeps for drama, the NHS's own example, no real address.
PERSONAL = {
    "a postcode": ["B1 1BB", "ec1a 1bb"],
    "a phone number": [
        "07700 900123",
        "+44 (0)121 496 0000",
        "call 0121 496 0000 after six",
        "0044 7700 900123",
    ],
    "an e-mail address": ["someone@example.org", "to: a.b@example.co.uk"],
    "a National Insurance number": ["AB123456C", "ab 12 34 56 c"],
    "an address": ["12 Acacia Avenue", "Flat 2, 7a Long High Street"],
    "a name": ["Mrs Bloggs", "Susan Example", "Mohammed"],
}
HEADINGS = {
    "a name": ["Forename", "victim_name", "Surname", "lastName", "Name"],
    "a postcode": ["Postcode", "post_code"],
    "a phone number": ["Mobile", "Phone", "telephone number", "contact no"],
    "an e-mail address": ["Email", "e-mail", "E-mail address"],
    "a date of birth": ["DOB", "Date of Birth", "d.o.b."],
    "an NHS number": ["NHS number", "NHS"],
    "a National Insurance number": ["NI number", "nino"],
    "an address": ["Home address", "Address line 1"],
    "free text": ["Notes", "Comments", "Free text"],
}


@pytest.mark.parametrize(("kind", "value"), [(kind, v) for kind, values in PERSONAL.items() for v in values])
def test_personal_data_is_found_in_a_column_of_any_name(kind, value):
    found = personal_columns({"id": ["1"], "extra": ["", f" {value} ", value]})
    assert [(column.number, column.name, column.kind) for column in found] == [(2, "extra", kind)]


@pytest.mark.parametrize(("kind", "name"), [(kind, n) for kind, names in HEADINGS.items() for n in names])
def test_personal_data_is_found_by_the_name_of_a_column_even_an_empty_one(kind, name):
    assert [(column.kind, column.by) for column in personal_columns({name: []})] == [(kind, "name")]


def test_dates_of_birth_are_found_by_lying_long_before_the_other_dates():
    dates = ["03/04/2026", "05/04/2026"]
    births = ["07/01/1961", "30-11-1999", "1987-05-06"]
    found = personal_columns({"date": dates, "x": births})
    assert [(column.name, column.kind) for column in found] == [("x", "a date of birth")]
    assert personal_columns({"date": dates, "crime": ["01/04/2026", "01/03/2016", "02/04/2026"]}) == []


def test_numbers_with_the_check_digit_of_the_nhs_are_found_and_others_are_not():
    assert personal_columns({"x": ["943 476 5919", "9434765919"]})[0].kind == "an NHS number"
    assert personal_columns({"x": ["943 476 5918", "1234567890", "2234567893"]}) == []


def test_free_text_is_found_by_its_length_or_by_sentences_that_differ():
    assert personal_columns({"x": ["a" * 50 + " " + "b" * 60]})[0].kind == "free text"
    said = ["will call back on monday", "asked not to be phoned", "was upset about the delay"]
    assert personal_columns({"x": said})[0].kind == "free text"
    assert personal_columns({"x": ["No answer, left a voicemail message", "Spoke to the victim"]}) == []


def test_what_a_log_needs_is_no_personal_data():
    generator = random.Random(1)
    uuids = [
        "-".join(f"{generator.getrandbits(16 * n):0{4 * n}x}" for n in (2, 1, 1, 1, 3)) for _ in range(3000)
    ]
    log = {
        "victim_id": [f"V{i:06}" for i in range(3000)],
        "uuid": uuids,
        "number": [str(i) for i in range(10_000, 13_000)],
        "group": ["Domestic Burglary", "Violence With Injury", "enhanced", "Sexual Offences"],
        "channel": ["Phone", "SMS", "Letter", "Email"],
        "date": ["2026-04-03 10:15", "03/04/2026", "3 Apr 2026", "03-04-2026 10:15", "2026-04-03 10.15.30"],
        "time": ["10:15", "6.30pm"],
        "outcome": ["No answer", "Answered", "Wrong number"],
        "crime date": ["2026-04-01"],
        "minutes": ["2.5", "12"],
        "offence description": ["Burglary"],
        "provider name": ["Support Service West"],
    }
    assert personal_columns(log) == []


def test_a_refusal_names_column_and_kind_and_repeats_nothing():
    columns = {"id": ["1"], "Forename": ["Xanthippe"], "x": ["07700 900123"], "a@example.org": ["B1 1BB"]}
    with pytest.raises(PrivacyError) as caught:
        refuse_personal_data("log.csv", columns)
    hint = "Leave the column out; victims are told apart by a number that means nothing elsewhere. [VM125]"
    assert str(caught.value).splitlines() == [
        f"log.csv: column 2 (Forename): is named like a name; nothing was read. {hint}",
        f"log.csv: column 3 (x): holds what looks like a phone number; nothing was read. {hint}",
        "log.csv: column 4: has a heading that looks like an e-mail address; nothing was read. "
        "Is the line with the names of columns missing? [VM125]",
    ]
    assert caught.value.exit_status == 77
