"""More of what people get wrong in scenarios: each mistake is answered by a rule, and nothing is written."""

import re
import time

import pytest
from command_line import run
from desk import PARAMETERS

import victimsmodel as vm
from victimsmodel.errors import InputError
from victimsmodel.inputs.plausibility import BANDS, amounts_without_year, unlikely_numbers
from victimsmodel.inputs.quantities import Estimate
from victimsmodel.inputs.stated_place import Stated
from victimsmodel.pathway.growth import check_growth, overloads
from victimsmodel.pathway.sizes import check_replications
from victimsmodel.reporting.growth_words import growing_sentences
from victimsmodel.sweeps import sweep

WEST_MIDLANDS = PARAMETERS / "west-midlands.yaml"


def problems_with(**overrides):
    """Return what is told of the West Midlands with values set, dots written as double underscores."""
    with pytest.raises(InputError) as caught:
        vm.load_scenario(WEST_MIDLANDS, {name.replace("__", "."): x for name, x in overrides.items()})
    return [str(problem) for problem in caught.value.problems]


# 18: load at or above capacity where nobody leaves the queue


@pytest.fixture(scope="module")
def shipped():
    names = ("west-midlands", "every-feature", "west-midlands-commissioning")
    return [vm.load_scenario(PARAMETERS / f"{name}.yaml") for name in names]


def test_queues_that_people_leave_may_be_overloaded(shipped):
    assert [overloads(scenario) for scenario in shipped] == [[], [], []]


@pytest.fixture(scope="module")
def patient():
    """Nobody gives up before the year is over."""
    return vm.load_scenario(WEST_MIDLANDS, {"contact.patience_working_days": 250})


def test_an_overloaded_queue_that_nobody_leaves_is_refused_with_rho_and_capacity(patient):
    found = {
        overload.option: overload for overload in overloads(patient, ["business_as_usual", "needs_flagged"])
    }
    usual = found["business_as_usual"]
    assert list(found) == ["business_as_usual"]
    assert usual.rho == pytest.approx(usual.needed / 20)  # of 20 in post
    with pytest.raises(InputError) as caught:
        check_growth(patient, ["business_as_usual"])
    assert str(caught.value) == (
        "west-midlands: staff.contact_officer.fte = 20: attempts and assessments of option business_as_usual "
        "would wait ever longer for contact_officer, and nobody leaves that queue "
        f"(rho = {usual.rho:.2f}); more than {usual.needed:.1f} full-time workers are needed. "
        "Let those who wait leave sooner, or state allow_growth: true. [VM290]"
    )


def test_the_capacity_that_is_named_is_just_enough(patient):
    (found,) = overloads(patient, ["business_as_usual"])

    def with_staff(fte):
        named = {"contact.patience_working_days": 250, "staff.contact_officer.fte": fte}
        return overloads(vm.load_scenario(WEST_MIDLANDS, named), ["business_as_usual"])

    assert with_staff(found.needed * 1.001) == []
    assert len(with_staff(found.needed * 0.999)) == 1


def test_growth_may_be_allowed(desk, patient):
    named = {"contact.patience_working_days": 250, "allow_growth": True}
    check_growth(vm.load_scenario(WEST_MIDLANDS, named))
    arguments = ["--option", "business_as_usual", "--set", "contact.patience_working_days=250"]
    (line,) = desk.refused("simulate", "west-midlands.yaml", *arguments)
    assert line.endswith("[VM290]")
    rows = (desk.folder / "west-midlands.yaml").read_text().splitlines()
    role = rows.index("  contact_officer:")
    own = next(i for i, row in enumerate(rows[role:], role + 1) if row.strip().startswith("fte:"))
    assert line.startswith(f"west-midlands.yaml:{own}: staff.contact_officer.fte = 20: attempts and")
    with pytest.raises(InputError, match="VM290"):
        vm.simulate(patient, ["business_as_usual"])


def test_a_refused_queue_is_told_where_its_staff_are_stated(patient):
    named = {"contact.patience_working_days": 250, "staff.contact_officer.fte": 20}
    with pytest.raises(InputError) as caught:
        check_growth(patient, ["business_as_usual"], Stated(WEST_MIDLANDS, named))
    (problem,) = caught.value.problems
    assert (problem.where, problem.field, problem.value) == ("--set", "staff.contact_officer.fte", "20")


def test_a_lever_is_refused_for_a_queue_that_it_makes_endless(patient):
    usual = {"contact.patience_working_days": 250, "staff.contact_officer.fte": 22.3}
    scenario = vm.load_scenario(WEST_MIDLANDS, usual)
    levers = {name: scenario.levers[name] for name in ("caller_name", "two_officers")}
    few = scenario.model_copy(update={"levers": levers})
    with pytest.raises(InputError) as caught:
        vm.rank_levers(few, 1)
    (problem,) = caught.value.problems
    assert problem.field == "levers.caller_name.changes.staff.contact_officer.fte"
    assert "attempts and assessments of lever caller_name would wait ever longer" in str(problem)
    with pytest.raises(InputError, match="of option business_as_usual"):  # which levers do not repeat
        vm.rank_levers(patient.model_copy(update={"levers": levers}), 1)


def test_a_sweep_names_the_value_that_makes_a_queue_endless(desk, tmp_path):
    vary, named = {"staff.contact_officer.fte": ["20"]}, {"contact.patience_working_days": 250}
    with pytest.raises(InputError) as caught:
        sweep(WEST_MIDLANDS, vary, options=["business_as_usual"], overrides=named, out=tmp_path / "out")
    assert str(caught.value).startswith("--vary: staff.contact_officer.fte = 20: attempts and assessments of")
    assert not (tmp_path / "out").exists()


def test_a_plan_says_that_its_present_staff_let_a_queue_grow(patient):
    (told,) = growing_sentences(patient, ["business_as_usual"])
    assert told == (
        "With the contact officers in post (20 full-time), attempts and assessments would wait ever longer "
        "under business as usual: more comes than they can do, and nobody leaves that queue (rho = 1.11). "
        "More than 22.1 full-time workers are needed."
    )


def test_replies_wait_however_impatient_victims_are():
    few = vm.load_scenario(WEST_MIDLANDS, {"staff.contact_officer.fte": 0.5})
    assert {overload.work for overload in overloads(few)} == {"assessments"}


# 1, 3, 6, 11, 15: numbers


#: Two batches of values, each set together: field, text, what is told.
SET = (
    {
        "grant_gbp": ("GBP 1385000", "must be a number above 0. Write 1385000. [VM019]"),
        "staff.contact_officer.fte": ("2,5", "must be a number from 0 to 1000. Write 2.5. [VM019]"),
        "staff.volunteer.fte": ("-3", "must be from 0 to 1000. [VM019]"),
        "staff.caseworker.fte": ("12:30", "must be a number from 0 to 1000. That is a time of day. [VM019]"),
        "staff.caseworker.caseload_cap": ("2.5", "must be an integer from 1 to 500. [VM019]"),
        "appraisal.years": ("500", "must be from 1 to 60. [VM019]"),
        "demand.need": ("25", "must be a probability from 0 to 1 (exclusive). Did you mean 0.25? [VM012]"),
    },
    {
        "grant_gbp": ("1 385 000", "must be a number above 0. Write 1385000. [VM019]"),
        "demand.victims_per_year": ("2e9", "must be above 0 and at most 100,000,000 (victims/year). [VM012]"),
        "period.end": (
            "2019-04-01",
            "must be after start (2019-04-01) and at most three years later. [VM015]",
        ),
        "price_year": ("2018/20", "must be two years that follow each other. Did you mean 2018/19? [VM019]"),
    },
)


@pytest.mark.parametrize("batch", SET)
def test_a_value_that_is_set_is_answered_with_its_whole_range_and_a_hint(batch):
    with pytest.raises(InputError) as caught:
        vm.load_scenario(
            PARAMETERS / "west-midlands-commissioning.yaml", {name: text for name, (text, _) in batch.items()}
        )
    lines = str(caught.value).splitlines()
    for name, (text, told) in batch.items():
        shown = "2e+09" if text == "2e9" else text
        assert f"--set: {name} = {shown}: {told}" in lines


def test_missing_is_never_zero():
    missing = (
        "must be a finite number. Missing is not zero: state the number, or leave the key out where it is "
    )
    assert problems_with(demand__need="nan") == [f"--set: demand.need = nan: {missing}optional. [VM019]"]


def test_other_ways_to_state_a_distribution_are_pointed_to_ours(desk):
    need = "{mean: 0.25, sd: 0, unit: probability, source: assumption}"
    desk.file(f"extends: west-midlands.yaml\ndemand: {{need: {need}}}\n", "x.yaml")
    lines = desk.refused("check", "x.yaml")
    hint = "State value (median), low and high (5th and 95th percentile), or events and trials. [VM017]"
    assert [line.partition(": is not")[0] for line in lines[:2]] == [
        "x.yaml:2: demand.need.mean", "x.yaml:2: demand.need.sd"
    ]  # fmt: skip
    assert all(line.endswith(hint) for line in lines[:2])


# 12: shares


def test_branches_are_refused_where_draws_would_have_to_be_scaled():
    high = {"low": 0.3, "value": 0.5, "high": 0.7}
    wide = {f"support.casework_share.{name}": x for name, x in high.items()}
    with pytest.raises(InputError) as caught:
        vm.load_scenario(WEST_MIDLANDS, {**wide, "support.specialist_share": 0.4})
    assert "casework_share 0.7 + specialist_share 0.4 = 1.1 at their high ends" in str(caught.value)


# 17: replications


def test_one_simulated_year_has_no_spread(desk):
    message = (
        "simulate: n_replications = 1: must be from 2 to 100,000: one simulated year has no spread. [VM293]"
    )
    for number in ("1", "0", "1000000000"):
        line = desk.refused(
            "sweep", "west-midlands.yaml", "--vary", "demand.need=0.2", "--replications", number
        )
        assert re.search(r"must be from 2 to 100,000", line[0])
    with pytest.raises(InputError) as caught:
        check_replications(1)
    assert str(caught.value) == message


# 19, 20: units, bands and price years


def test_minutes_that_are_hours_are_warned_of_with_the_band_and_its_source(desk):
    from command_line import run

    told = run(desk.folder, "check", "west-midlands.yaml", "--set", "assessment.minutes=0.75", "--set",
               "support.casework.minutes=2520")  # fmt: skip
    assert told.returncode == 0
    assert told.stderr.splitlines() == [
        "warning: --set: assessment.minutes = 0.75 minutes: is unlikely: outside 5 to 208 minutes (at most a "
        "paid day of 7.5 hours over 2.16 assessments: 2,761 by 18 officers in 71 days, Gwent 2021). Are "
        "these hours? Write them in minutes. [VM291]",
        "warning: --set: support.casework.minutes = 2520 minutes: is unlikely: outside 5 to 300 minutes "
        "(assumption: no published durations were found). "
        "Is that as many minutes, or hours times 60? [VM291]",
    ]


def test_no_shipped_number_is_unlikely_and_every_band_names_its_source(shipped):
    assert [unlikely_numbers(scenario) for scenario in shipped] == [[], [], []]
    assert all(band.source and 0 < band.low < band.high for band in BANDS)


def test_the_longest_assessment_follows_from_the_published_rate():
    band = next(band for band in BANDS if band.field == r"assessment\.minutes")
    assert band.high == round(7.5 * 60 / (2761 / (18 * 71)))


def test_an_amount_without_year_is_taken_in_prices_of_the_scenario_and_warned_of(desk):
    with pytest.raises(ValueError, match="estimate") as caught:
        Estimate(value=2, low=1, high=3, unit="minutes", price_year="2019/20", source="assumption")
    (problem,) = caught.value.errors()[0]["ctx"]["problems"]
    assert (problem["code"], problem["field"]) == ("VM292", "price_year")
    assert all(
        amounts_without_year(vm.load_scenario(path)) is None
        for path in (WEST_MIDLANDS, PARAMETERS / "every-feature.yaml")
    )
    cost = "costs: {fixed: {value: 90000, low: 80000, high: 99000, unit: GBP/year, source: assumption}}"
    desk.file(f"extends: west-midlands.yaml\n{cost}\n", "unpriced.yaml")
    told = run(desk.folder, "check", "unpriced.yaml")
    assert told.returncode == 0
    line = 1 + WEST_MIDLANDS.read_text().splitlines().index("price_year: 2019/20")
    assert told.stderr.startswith(
        f"warning: west-midlands.yaml:{line}: price_year = 2019/20: is taken for amounts that name no year: "
        "costs.fixed. Write price_year"
    )


def test_a_price_that_is_set_keeps_its_year():
    scenario = vm.load_scenario(WEST_MIDLANDS, {"costs.fixed": 50000})
    assert scenario.costs.fixed.price_year == "2019/20"


# 21 to 25: files


NOT_YAML, NOT_YAML_2 = (f"x.yaml:{line}: is not valid YAML: " for line in (1, 2))
CAUSES = {
    "a: 1\n\tb: 2": NOT_YAML_2 + "a tab begins the line. Indent with spaces, not tabs. [VM003]",
    "a: b: c\n": NOT_YAML + "a second ': ' in one line; put text that holds ': ' in quotes. [VM003]",
    'a: "x\n': NOT_YAML_2 + "a quote is opened and never closed. [VM003]",
    "a: {b: 1\n": NOT_YAML_2 + "a { is never closed, or a comma is missing before this line. [VM003]",
    "a: 1\n...\nb: 2\n": "x.yaml:3: is not valid YAML: only one YAML document is allowed in a file. [VM003]",
    'a: "\\0x"\n': "x.yaml:1: a: must not hold a control character (U+0000). [VM002]",
}


@pytest.mark.parametrize("text", CAUSES)
def test_what_is_wrong_with_yaml_is_said_in_plain_words(desk, text):
    desk.file(text, "x.yaml")
    assert desk.refused("check", "x.yaml")[0] == CAUSES[text]


@pytest.mark.parametrize(
    ("raw", "guess"),
    [
        ("name: x\n".encode("utf-16-le"), "It may be UTF-16: save it as UTF-8. [VM002]"),
        ("name: x\n".encode("utf-32"), "It may be UTF-32: save it as UTF-8. [VM002]"),
        (b"PK\x03\x04\xff", "It may be a workbook or an archive, not text. [VM002]"),
    ],
)
def test_what_a_file_may_be_is_guessed(desk, raw, guess):
    assert desk.checked(raw).endswith(guess)


@pytest.mark.parametrize(
    "text", ["\n".join(f"k{i}: 1" for i in range(60_000)), "a: [" + "1," * 400_000 + "]"]
)
def test_files_of_very_many_values_are_refused_within_a_second(desk, text):
    started = time.process_time()
    assert desk.checked(text).endswith("holds more keys and values than any scenario. [VM004]")
    assert time.process_time() - started < 1


def test_many_unknown_keys_are_counted(desk):
    desk.file("\n".join(f"k{i}: 1" for i in range(500)), "x.yaml")
    lines = desk.refused("check", "x.yaml")
    assert sum("is not a known key" in line for line in lines) == 20
    assert any("has 480 further keys that are not known. [VM017]" in line for line in lines)


def test_a_misspelt_role_is_told_by_its_neighbour(desk):
    changes = "{staff: {contact_oficer: {fte: 3}}}"
    desk.file(f"extends: west-midlands.yaml\noptions: {{phone_first: {{changes: {changes}}}}}\n", "x.yaml")
    assert "Did you mean contact_officer?" in desk.refused("check", "x.yaml")[0]


def test_what_is_wrong_in_a_table_by_name_is_told_where_it_stands(desk):
    text = "extends: west-midlands.yaml\ndemand:\n  monthly_profile:\n    values: {jan: 1, fbe: 1}\n"
    line = "x.yaml:4: demand.monthly_profile.values.fbe: has fbe too many. [VM016]"
    assert desk.checked(text) == line
    (line,) = desk.refused("check", "every-feature.yaml", "--set", "work_order.enhanced=-5")
    assert line == "--set: work_order.enhanced = -5: must be at least 0, or 'always'. [VM019]"
    fixed = "{value: 60,000, low: 40000, high: 90000, unit: GBP/year, source: assumption}"
    line = desk.checked(f"extends: west-midlands.yaml\ncosts: {{fixed: {fixed}}}\n")
    assert line.endswith("Between { and } a comma ends a value: write thousands without. [VM017]")


def test_files_beside_a_scenario_are_told_by_their_bytes_too(desk):
    table = (desk.folder / "west-midlands" / "boroughs.csv").read_text()
    text = "extends: west-midlands.yaml\ndemand: {areas: {table: x.csv}}\n"
    for raw, message in (
        (
            f"{table}Ynys M\u00f4n,1\n".encode("cp1252"),
            "x.csv:9: demand.areas.table: must be UTF-8 text; byte 441 is not. It may be cp1252",
        ),
        (table.encode("utf-16"), "demand.areas.table: must be UTF-8 text; byte 0 is not. It may be UTF-16"),
        (table.replace("Dudley", "Dud\0ley").encode(), "must not hold a NUL byte"),
    ):
        desk.file(raw, "x.csv")
        desk.file(text, "x.yaml")
        (line,) = desk.refused("check", "x.yaml")
        assert message in line


def test_a_message_is_one_line_that_moves_no_terminal(desk):
    (line,) = desk.refused("check", "a\n\x1b[31m.yaml")
    assert line == r"a\n\x1b[31m.yaml: does not exist. [VM001]"
    text = 'extends: west-midlands.yaml\nname: "a\\u202eb"\n'
    assert r"x.yaml:2: name = a\u202eb: must be lower-case letters" in desk.checked(text)


def test_an_input_is_set_once(desk):
    arguments = ("--set", "demand.need=0.2", "--set", "demand.need=0.3")
    (line,) = desk.refused("check", "west-midlands.yaml", *arguments)
    assert line == "--set: demand.need = 0.3: must be given once. [VM008]"


def test_addresses_of_sources_lead_to_pages_alone(desk):
    address = "sources: {x: {title: X, year: '2020', address: 'javascript:alert(1)'}}"
    desk.file(f"extends: west-midlands.yaml\n{address}\n", "x.yaml")
    assert "must be an address that begins with https:// or http://" in "\n".join(
        desk.refused("check", "x.yaml")
    )
