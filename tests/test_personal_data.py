"""Personal data is refused by the names of columns and by what stands in them, and never repeated."""

import random

import pytest
from desk import CRIME, offences

import victimsmodel as vm
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
    "a name": ["Forename", "victim_name", "Surname", "lastName", "Name", "firstname"],
    "a postcode": ["Postcode", "post_code", "victimpostcode"],
    "a phone number": ["Mobile", "Phone", "telephone number", "contact no", "telno"],
    "an e-mail address": ["Email", "e-mail", "E-mail address", "emailaddress"],
    "a date of birth": ["DOB", "Date of Birth", "d.o.b.", "dateofbirth"],
    "an NHS number": ["NHS number", "NHS", "nhsnumber"],
    "a National Insurance number": ["NI number", "nino"],
    "an address": ["Home address", "Address line 1", "homeaddress"],
    "free text": ["Notes", "Comments", "Free text", "casenotes"],
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
    strip = "Leave it out, or write a copy without it: victimsmodel strip FILE --out NEW"
    hint = f"{strip}; victims are told apart by a number that means nothing elsewhere. [VM125]"
    assert str(caught.value).splitlines() == [
        f"log.csv: column 2 (Forename): is named like a name; nothing was read. {hint}",
        f"log.csv: column 3 (x): holds what looks like a phone number; nothing was read. {hint}",
        "log.csv: column 4: has a heading that looks like an e-mail address; nothing was read. "
        "Is the line with the names of columns missing? [VM125]",
    ]
    assert caught.value.exit_status == 77


@pytest.mark.parametrize(
    "value",
    [
        "spoke to Jane Smithson at home",
        "spoke to Mrs Smithson, call back at home",
        "neighbour says Ms Smithson moved",
        "spoke to jane about her case",
        "Mr Smithson",
    ],
)
def test_one_sentence_with_a_name_among_codes_is_refused_and_not_repeated(value):
    group = ["standard", "enhanced", *(f"violence_{i}" for i in range(50)), value]
    with pytest.raises(PrivacyError) as caught:
        refuse_personal_data("log.csv", {"id": ["1"], "group": group})
    assert "column 2 (group): holds what looks like a name" in str(caught.value)
    assert "mith" not in str(caught.value)
    assert "jane" not in str(caught.value)


def test_one_full_name_among_codes_of_a_log_is_refused():
    codes = [*(f"C{i}" for i in range(50)), "Jane Smithson"]
    assert personal_columns({"id": ["1"], "code": codes}, "id")[0].kind == "a name"


BIRTHS = {
    "year_first": ["19500101", "19610722", "19840312", "20011130", "19720508"],
    "day_first": ["01011950", "22071961", "12031984", "30112001", "08051972"],
    "serial": ["18264", "22484", "30753", "37225", "26427"],
}


@pytest.mark.parametrize("form", BIRTHS)
def test_dates_of_birth_without_separators_and_as_spreadsheet_numbers_are_found(form):
    log = {"victim_id": ["V1", "V2"], "date": ["2026-04-03", "2026-05-03"], "x": BIRTHS[form]}
    assert [(c.name, c.kind) for c in personal_columns(log, "victim_id")] == [("x", "a date of birth")]


def test_landlines_without_their_0_are_found_and_numbers_in_order_are_not():
    assert personal_columns({"x": ["121 496 0123", "161 496 0124"]})[0].kind == "a phone number"
    assert personal_columns({"x": ["1214960123", "2079460124", "1914980125"]})[0].kind == "a phone number"
    assert personal_columns({"x": [str(1_200_000_000 + i) for i in range(200)]}) == []


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        (["janesmithson0", "omarfarouk1", "lilyokafor2"], "a name"),
        (["janesmithson0", *(f"V{i}" for i in range(3))], "a name"),
        (["SMITHSON-J0", "OKAFOR-L1", "FAROUK-O2"], "a name"),
        (["JS19500101", "OF19510202"], "a date of birth"),
        (["DH5 19840312", "DH219840312"], "a date of birth"),
        (["JS-01021950", "OF-22071961"], "a date of birth"),
        (["B152TT-0", "B152TT-1", "SW1A1AA2"], "a postcode"),
    ],
)
def test_ids_made_of_names_births_or_postcodes_are_refused(ids, kind):
    found = personal_columns({"victim_id": ids, "date": ["2026-04-03"]}, "victim_id")
    assert [(column.name, column.kind) for column in found] == [("victim_id", kind)]


@pytest.mark.parametrize(
    "ids",
    [
        [f"V{i:06}" for i in range(3000)],
        [f"V{i:06}" for i in range(123, 126)],
        [str(i) for i in range(10_001, 13_000)],
        [str(10_001 + 37 * i) for i in range(300)],
        [str(i) for i in range(19_500_000, 19_503_000)],
        [f"{random.Random(i).getrandbits(256):064x}" for i in range(2000)],
        [f"{random.Random(i).getrandbits(32):08x}" for i in range(2000)],
        [str(random.Random(i).randrange(10**7, 10**8)) for i in range(2000)],
        [f"PRIMARY-{i}" for i in range(50)],
        [f"{word}{i}" for i in range(9) for word in ("victim", "client", "person", "customer", "patient")],
        [f"20260411-{i:03}" for i in range(200)],
    ],
)
def test_ids_that_mean_nothing_elsewhere_pass(ids):
    log = {"victim_id": ids, "date": ["2026-04-03", "2026-05-03"]}
    assert personal_columns(log, "victim_id") == []


def test_codes_counts_and_dates_of_a_log_pass():
    log = {
        "victim_id": ["V000123", "V000124"],
        "uuid": ["123e4567-e89b-42d3-a456-426614174000", "9f1c2d3e-0b1a-4c2d-8e3f-1234567890ab"],
        "group": [
            "violence_enhanced",
            "violence_standard",
            "Domestic abuse high risk",
            "Left message",
        ],
        "channel": ["phone", "text", "letter", "email", "visit"],
        "platform": ["MS Teams", "MS Teams call at home", "Near Miss Report"],
        "date": ["2026-04-03", "2026-04-30"],
        "crime date": ["2026-01-03", "2025-12-30"],
        "exported": ["20260403", "20260404"],
        "call number": [str(i) for i in range(20_000, 21_000)],
        "count": ["12", "1204", "3120", "7", "15020"],
        "minutes": ["2", "11", "600"],
    }
    assert personal_columns(log, "victim_id") == []


def test_counts_of_a_return_are_no_days_of_a_spreadsheet():
    counts = ["10234", "15987", "21450", "30112", "12011", "18877"]
    assert personal_columns({"quarter": ["2026-04-01"], "referrals": counts}) == []


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("S Whitfield", "a name"),
        ("J. Okonkwo", "a name"),
        ("J R Okonkwo-Smith", "a name"),
        ("J.R. Okonkwo", "a name"),
        ("Whitfield, S", "a name"),
        ("O’Brien, P.", "a name"),
        ("A Division", None),
        ("Team B", None),
        ("MS Teams", None),
        ("DoB 3/4/85", "a date of birth"),
        ("born 1985", "a date of birth"),
        ("3rd April 1985", "a date of birth"),
        ("April 3, 1985", "a date of birth"),
        ("3 April 2019", None),
    ],
)
def test_initialled_names_and_births_in_words_are_found(cell, kind):
    columns = {"victim_id": ["V1", "V2"], "date": ["2019-05-01", "2019-05-02"], "extra": [cell, cell]}
    found = personal_columns(columns, "victim_id")
    assert [column.kind for column in found] == ([kind] if kind else [])


FURTHER = {
    "an NHS number": ["1", "2", "3", "4", "5", "943 476 5919"],
    "a phone number": ["+353 87 123 4567"],
    "free text": ["ok", "He came back again and she is scared to stay at the house"],
    "an address": ["Rose Cottage, Mill Lane"],
    "a name": ["Xanthippe Quill", "Zebedee Oort", "Wilhelmina Ng", "Agnieszka W\u00f3jcik", "Ottoline Vance"],
    "a date of birth": ["JS020180", "KJ030290", "AB150375", "CD221166", "EF010199"],
}


@pytest.mark.parametrize("kind", FURTHER)
def test_one_cell_or_a_pattern_over_a_table_of_cases_gives_personal_data_away(kind):
    log = {"victim_id": ["V1", "V2", "V3"], "date": ["2026-04-03"], "x": FURTHER[kind]}
    assert [(c.name, c.kind) for c in personal_columns(log, "victim_id")] == [("x", kind)]


def test_degrees_and_headings_run_together_are_found_and_labels_of_groups_are_not():
    log = {"victim_id": ["V1"], "x": ["52.48621", "52.48101"]}
    assert personal_columns(log, "victim_id")[0].kind == "an address"
    for name, kind in {"NHSNo": "an NHS number", "NINumber": "a National Insurance number"}.items():
        assert personal_columns({name: []})[0].kind == kind
    groups = [
        "Domestic Burglary",
        "Violence With Injury",
        "Sexual Offences",
        "Rape Offences",
        "Theft Offences",
    ]
    victims = [f"V{i}" for i in range(6)]  # few: nearly every one has a label of its own
    for labels in (groups, ["West Bromwich", "Sutton Coldfield", "Kings Heath", "Four Oaks", "Castle Vale"]):
        for name in ("group", "CrimeType", "Ward name"):
            assert personal_columns({"victim_id": victims, name: labels}, "victim_id") == []


def test_birth_dates_in_the_place_of_headings_are_not_repeated():
    found = personal_columns({"date": ["2026-04-03"], "1980-01-02": ["x"]})
    assert [(column.name, column.by) for column in found] == [("", "heading")]


# Official tables


POPULATION = "la_code,la_name,year,population,pfa_code,pfa_name"


@pytest.mark.parametrize(
    ("heading", "cell", "told"),
    [
        ("Victim name", "Jane Smith", " (Victim name): is named like a name"),
        ("Contact", "07700 900123", " (Contact): holds what looks like a phone number"),
        ("", "B1 1BB", " ((9)): holds what looks like a postcode"),
    ],
)
def test_a_column_about_people_beside_those_of_an_official_table_is_refused(tmp_path, heading, cell, told):
    crime, people = tmp_path / "crime.csv", tmp_path / "people.csv"
    rows = [offences(5, quarter=quarter).strip() for quarter in (1, 2)]
    crime.write_text(f"{CRIME.strip()},{heading}\n" + "".join(f"{row},{cell}\n" for row in rows))
    people.write_text(
        f"{POPULATION},{heading}\nE08000025,Birmingham,2020,1140525,E23000014,West Midlands,{cell}\n"
    )
    for load, path, number in ((vm.load_recorded_crime, crime, 9), (vm.load_population, people, 7)):
        with pytest.raises(PrivacyError) as caught:
            load(path)
        assert f"column {number}{told.replace('9', str(number))}; nothing was read" in str(caught.value)
        assert cell not in str(caught.value)


def test_other_columns_of_an_official_table_are_passed_over(tmp_path):
    path = tmp_path / "crime.csv"
    path.write_text(f"{CRIME.strip()},Region,Authority name,Notes\n{offences(5).strip()},South East,Dover,\n")
    (detail,) = vm.load_recorded_crime(path).quality.query("check == 'unused_columns'")["detail"]
    assert detail.endswith("not used: Region, Authority name, Notes.")
