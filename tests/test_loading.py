import re
import shutil
from functools import cache
from pathlib import Path

import jsonschema
import pytest

from victimsmodel.errors import InputError
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL
from victimsmodel.inputs.schema import scenario_schema, schema_text
from victimsmodel.inputs.strict_yaml import plain, read_yaml

PARAMETERS = Path(__file__).resolve().parents[1] / "parameters"
SHIPPED = ["west-midlands.yaml", "west-midlands-2015.yaml"]
BASE = (PARAMETERS / "west-midlands.yaml").read_text()
REACH = "contact.channels.phone.reach"
ESTIMATE = "{value: 0.25, low: 0.2, high: 0.3, unit: probability, source: assumption}"


class Scenarios:
    """Scenario files made from the shipped ones, and what they are refused for."""

    def __init__(self, folder):
        self.folder = folder
        shutil.copytree(PARAMETERS, folder, dirs_exist_ok=True)

    def edited(self, *changes, name="x.yaml"):
        """Write the shipped scenario with each pattern replaced where it first stands."""
        text = BASE
        for pattern, replacement in changes:
            text, n = re.subn(pattern, replacement, text, count=1, flags=re.MULTILINE)
            assert n == 1, pattern
        return self.written(text, name)

    def extending(self, text, name="y.yaml"):
        return self.written("extends: west-midlands.yaml\n" + text, name)

    def written(self, text, name):
        path = self.folder / name
        path.write_text(text)
        return path

    def messages(self, path, overrides=None):
        with pytest.raises(InputError) as caught:
            load_scenario(path, overrides)
        return str(caught.value).replace(f"{self.folder}/", "").splitlines()


@pytest.fixture
def scenarios(tmp_path):
    return Scenarios(tmp_path)


def line_of(path, fragment):
    """Return the line, counted from one, of the first line that holds a text."""
    return next(i for i, line in enumerate(path.read_text().splitlines(), 1) if fragment in line)


# What loads


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_scenarios_load(name):
    scenario = load_scenario(PARAMETERS / name)
    assert scenario.name == name.removesuffix(".yaml")
    assert BUSINESS_AS_USUAL in scenario.options
    assert len(scenario.groups) == 2 * len(scenario.demand.crime_types)


def test_a_path_may_be_given_as_text():
    path = PARAMETERS / "west-midlands.yaml"
    assert load_scenario(str(path)) == load_scenario(path)


def test_an_extending_file_changes_what_it_states_alone():
    base, changed = (load_scenario(PARAMETERS / name) for name in SHIPPED)
    assert changed.grant_gbp == 1_385_000
    assert changed.period.start.isoformat() == "2015-04-01"
    assert changed.period.warm_up_days == base.period.warm_up_days
    assert changed.staff["contact_officer"].cost_per_fte == base.staff["contact_officer"].cost_per_fte
    assert changed.demand == base.demand


def test_business_as_usual_is_the_service_of_the_scenario_itself():
    scenario = load_scenario(PARAMETERS / "west-midlands.yaml")
    service = scenario.options[BUSINESS_AS_USUAL].service
    assert all(getattr(service, name) == getattr(scenario, name) for name in type(service).model_fields)


def test_an_option_differs_in_its_changes_alone():
    scenario = load_scenario(PARAMETERS / "west-midlands.yaml")
    usual, option = scenario.options[BUSINESS_AS_USUAL].service, scenario.options["phone_first"].service
    assert option.contact.assigned != usual.contact.assigned
    assert option.contact.model_copy(update={"assigned": usual.contact.assigned}) == usual.contact
    assert option.model_copy(update={"contact": usual.contact}) == usual


def test_a_changed_estimate_of_an_option_replaces_that_of_business_as_usual_whole(scenarios):
    options = f"options: {{phone_first: {{changes: {{screening: {{excluded: {ESTIMATE}}}}}}}}}\n"
    scenario = load_scenario(scenarios.extending(options))
    usual = scenario.options[BUSINESS_AS_USUAL].service.screening.excluded
    changed = scenario.options["phone_first"].service.screening.excluded
    assert (usual.events, usual.trials, bool(usual.note)) == (20, 203, True)
    assert changed.model_dump(exclude_unset=True) == {
        "value": 0.25,
        "low": 0.2,
        "high": 0.3,
        "unit": "probability",
        "source": "assumption",
    }


# Overrides


def test_an_override_changes_a_choice_in_every_option():
    scenario = load_scenario(PARAMETERS / "west-midlands.yaml", {"staff.contact_officer.fte": "14"})
    assert {option.service.staff["contact_officer"].fte for option in scenario.options.values()} == {14}


@pytest.mark.parametrize("value", ["0.3", 0.3])
def test_a_plain_number_fixes_an_estimate_in_every_option(value):
    scenario = load_scenario(PARAMETERS / "west-midlands.yaml", {"screening.excluded": value})
    for option in scenario.options.values():
        estimate = option.service.screening.excluded
        assert estimate.is_fixed
        assert (estimate.median, estimate.source, estimate.note) == (0.3, "assumption", "Fixed for this run.")


def test_an_option_that_states_its_own_estimate_keeps_it_when_that_of_business_as_usual_is_fixed():
    path = PARAMETERS / "west-midlands.yaml"
    before, after = load_scenario(path), load_scenario(path, {REACH: 0.3})
    reach = {name: o.service.contact.channels["phone"].reach for name, o in after.options.items()}
    kept = before.options["consent_at_report"].service.contact.channels["phone"].reach
    assert reach.pop("consent_at_report") == kept
    assert {estimate.median for estimate in reach.values()} == {0.3}


def test_a_plain_number_fixes_the_estimate_that_an_option_states():
    field = f"options.consent_at_report.changes.{REACH}"
    scenario = load_scenario(PARAMETERS / "west-midlands.yaml", {field: 0.3})
    assert scenario.options["consent_at_report"].service.contact.channels["phone"].reach.median == 0.3


def test_an_override_reaches_into_lists():
    field = "contact.methods.one_text.attempts.0.after_working_days"
    scenario = load_scenario(PARAMETERS / "west-midlands.yaml", {field: 4})
    assert scenario.contact.methods["one_text"].attempts[0].after_working_days == 4


REFUSED_OVERRIDES = {
    "misspelt part": (
        {"staff.contact_oficer.fte": 14},
        "--set: staff.contact_oficer.fte: is not a field of the scenario. "
        "Did you mean staff.contact_officer.fte? [VM008]",
    ),
    "misspelt end": (
        {"staff.contact_officer.fti": 14},
        "--set: staff.contact_officer.fti: is not a field of the scenario. "
        "Did you mean staff.contact_officer.fte? [VM008]",
    ),
    "unknown": (
        {"period.xyz": 3},
        "--set: period.xyz: is not a field of the scenario. "
        "Known here: start, end, warm_up_days, run_out_days, steps_per_day. [VM008]",
    ),
    "below a number": (
        {"staff.contact_officer.fte.low": 3},
        "--set: staff.contact_officer.fte.low: is not a field of the scenario. [VM008]",
    ),
    "percentage": (
        {"screening.excluded": "25%"},
        "--set: screening.excluded = 25%: must be a share, not a percentage. Write 0.25. [VM005]",
    ),
    "thousands": (
        {"grant_gbp": "£1,385,000"},
        "--set: grant_gbp = £1,385,000: must be digits alone. "
        "Write 1385000; the unit has its own key. [VM005]",
    ),
    "no probability": (
        {"screening.excluded": "1.2"},
        "--set: screening.excluded = 1.2: must be a probability from 0 to 1 (exclusive). "
        "Did you mean 0.12? [VM012]",
    ),
    "text for an estimate": (
        {"screening.excluded": "lots"},
        "--set: screening.excluded = lots: must be a finite number. Its parts have names: "
        "screening.excluded.value, screening.excluded.low, screening.excluded.high. [VM019]",
    ),
    "text for a number": (
        {"staff.contact_officer.fte": "lots"},
        "--set: staff.contact_officer.fte = lots: must be a number from 0 to 1000. [VM019]",
    ),
    "no finite number": (
        {"staff.contact_officer.fte": float("nan")},
        "--set: staff.contact_officer.fte = nan: must be a finite number. [VM019]",
    ),
    "no scalar": (
        {"staff.contact_officer.fte": [14]},
        "--set: staff.contact_officer.fte: must be text, a number, true, false or null. [VM008]",
    ),
    "missing register": (
        {"sources": "nowhere.yaml"},
        "--set: sources = nowhere.yaml: does not exist. [VM001]",
    ),
}


@pytest.mark.parametrize(("overrides", "message"), REFUSED_OVERRIDES.values(), ids=REFUSED_OVERRIDES)
def test_an_override_that_cannot_be_meant_is_refused(scenarios, overrides, message):
    assert scenarios.messages(PARAMETERS / "west-midlands.yaml", overrides) == [message]


def test_every_refused_override_is_told():
    overrides = {"staff.contact_oficer.fte": 14, "screening.excluded": "25%", "grant_gbp": "much"}
    with pytest.raises(InputError) as caught:
        load_scenario(PARAMETERS / "west-midlands.yaml", overrides)
    assert [problem.field for problem in caught.value.problems] == list(overrides)


# Whole messages of one mistake each: (pattern, replacement, text on the line that is named, message)


NAME = "must be lower-case letters, digits and underscores, a letter first, at most 40"
METHODS = (
    "three_calls, three_calls_safe, one_text, one_letter, calls_at_different_times, text_then_two_calls, "
    "text_then_one_call, five_calls"
)
MISTAKES = {
    "typo in a key": (
        r"^  victims_per_year:",
        "  victims_per_yaer:",
        "victims_per_yaer",
        "demand.victims_per_yaer: is not a known key (known: victims_per_year, need, "
        "enhanced_need_odds_ratio, recorded_offences, monthly_profile, crime_types, boroughs, history, "
        "projection, from_crime, needs, areas, streams, surges, incidents, incident_rate). "
        "Did you mean victims_per_year? [VM017]",
    ),
    "typo at the top": (
        r"^standards:",
        "standard:",
        "standard:    ",
        "standard: is not a known key (known: referral, screening, contact, consent, assessment, support, "
        "outcomes, staff, work_order, costs, name, title, area, period, demand, grant_gbp, grant_source, "
        "price_year, standards, opening, disclosure, allow_growth, against, appraisal, plans, funding, "
        "options, levers, sources, explore, observed, posterior, estimates, extends). "
        "Did you mean standards? [VM017]",
    ),
    "typo in an estimate": (
        r"reach: \{value: ",
        "reach: {valeu: ",
        "valeu",
        f"{REACH}.valeu: is not a known key (known: unit, source, value, low, high, events, trials, note, "
        "quality, price_year, borrowed, times, times_odds). Did you mean value? [VM017]",
    ),
    "typo in an option": (
        r"^    changes:",
        "    chnages:",
        "chnages",
        "options.phone_first.chnages: is not a known key (known: title, summary, introduction, changes). "
        "Did you mean changes? [VM017]",
    ),
    "an option's service": (
        r"^    changes:",
        "    service:",
        "    service:",
        "options.phone_first.service: is not a known key (known: title, summary, introduction, changes). "
        "Did you mean changes? [VM017]",
    ),
    "typo in an option's changes": (
        r"^          phone:\n            reach:",
        "          phone:\n            raech:",
        "raech",
        "options.consent_at_report.changes.contact.channels.phone.raech: is not a known key (known: reach, "
        "reach_by_window, heterogeneity, reply_days, minutes_reached, minutes_attempt, unit_cost). "
        "Did you mean reach? [VM017]",
    ),
    "probability of 1.2": (
        r"reach: \{value: [0-9.]+",
        "reach: {value: 1.2",
        "value: 1.2",
        f"{REACH}.value = 1.2: must be a probability from 0 to 1 (exclusive). Did you mean 0.12? [VM012]",
    ),
    "percentage": (
        r"reach: \{value: [0-9.]+",
        "reach: {value: 42%",
        "value: 42%",
        f"{REACH}.value = 42%: must be a share, not a percentage. Write 0.42. [VM005]",
    ),
    "missing source": (
        r"(reach: .*)source: \w+, ",
        r"\1",
        "reach: ",
        f"{REACH}.source: is missing: every number names a key of the sources register, "
        "or assumption. [VM010]",
    ),
    "missing high": (
        r"(reach: .*)high: [0-9.]+, ",
        r"\1",
        "reach: ",
        f"{REACH}.high: is missing. [VM010]",
    ),
    "missing section": (
        r"^standards:(.*\n)(  .*\n)+",
        "",
        "name: west-midlands",
        "standards: is missing. [VM010]",
    ),
    "unknown source": (
        r"source: clinic_calls_2011",
        "source: clinic_cals_2011",
        "clinic_cals_2011",
        f"{REACH}.source = clinic_cals_2011: is not in the sources register. "
        "Did you mean clinic_calls_2011? [VM020]",
    ),
    "unknown source of the grant": (
        r"^grant_source: \w+",
        "grant_source: spcb_report_2018",
        "spcb_report_2018",
        "grant_source = spcb_report_2018: is not in the sources register. "
        "Did you mean spcb_report_2019? [VM020]",
    ),
    "missing register": (
        r"^sources: sources.yaml",
        "sources: sorces.yaml",
        "sorces.yaml",
        "sources = sorces.yaml: does not exist. [VM001]",
    ),
    "number for an estimate": (
        r"reach: \{(.|\n)*?\}\n",
        "reach: 0.42\n",
        "reach: 0.42",
        f"{REACH} = 0.42: is evidence and must be written like {ESTIMATE}. [VM018]",
    ),
    "other unit": (
        r"(reach: .*)unit: probability",
        r"\1unit: minutes",
        "reach: ",
        f"{REACH}.unit = minutes: must be probability. [VM014]",
    ),
    "unknown unit": (
        r"unit: victims/year",
        "unit: victim/year",
        "victim/year",
        "demand.victims_per_year.unit = victim/year: must be 'probability', 'minutes', 'days', "
        "'victims/year', 'victims', 'sessions', 'odds ratio', 'correlation', 'GBP', 'GBP/year', 'points' or "
        "'years'. Did you mean victims/year? [VM019]",
    ),
    "unknown role": (
        r"^  role: contact_officer\n  same_call",
        "  role: contact_oficer\n  same_call",
        "  role: contact_oficer",
        "assessment.role = contact_oficer: is not a role of this scenario (known: contact_officer, "
        "caseworker, volunteer). Did you mean contact_officer? [VM021]",
    ),
    "unknown role of an attempt": (
        r"\{channel: phone, after_working_days: 1, role: contact_officer\}",
        "{channel: phone, after_working_days: 1, role: sergeant}",
        "sergeant",
        "contact.methods.three_calls.attempts[0].role = sergeant: is not a role of this scenario "
        "(known: contact_officer, caseworker, volunteer). [VM021]",
    ),
    "unknown method": (
        r"^    standard: one_text$",
        "    standard: one_txt",
        "one_txt",
        f"contact.assigned.standard = one_txt: is not a contact method of this scenario (known: {METHODS}). "
        "Did you mean one_text? [VM021]",
    ),
    "unknown group": (
        r"^    sexual_offences_enhanced: \[",
        "    sexual_offence_enhanced: [",
        "sexual_offence_enhanced",
        "contact.masked_channels.sexual_offence_enhanced: is not a group of this scenario. "
        "Did you mean sexual_offences_enhanced? [VM021]",
    ),
    "unknown group that is assigned": (
        r"^    fraud_and_other_standard: one_letter",
        "    fraud_and_others_standard: one_letter",
        "fraud_and_others_standard",
        "contact.assigned.fraud_and_others_standard: is not a group of this scenario. "
        "Did you mean fraud_and_other_standard? [VM021]",
    ),
    "unknown window": (
        r"window: evening\}",
        "window: evenings}",
        "window: evenings}",
        "contact.methods.calls_at_different_times.attempts[1].window = evenings: is not a time-of-day "
        "window of this scenario (known: evening). Did you mean evening? [VM021]",
    ),
    "masked channel": (
        r"^    sexual_offences_enhanced: three_calls_safe",
        "    sexual_offences_enhanced: three_calls",
        "{channel: letter,",
        "contact.methods.three_calls.attempts[3].channel = letter: is not a safe channel for "
        "sexual_offences_enhanced, which this method is assigned to. [VM025]",
    ),
    "unknown channel": (
        r"\{channel: letter,",
        "{channel: leter,",
        "leter,",
        "contact.methods.three_calls.attempts[3].channel = leter: must be 'phone', 'text', 'letter', "
        "'email' or 'visit'. Did you mean letter? [VM019]",
    ),
    "attempt without staff": (
        r"\{channel: phone, after_working_days: 1, role: contact_officer\}",
        "{channel: phone, after_working_days: 1}",
        "{channel: phone, after_working_days: 1}",
        "contact.methods.three_calls.attempts[0].role: is missing: a phone attempt needs staff. [VM022]",
    ),
    "no attempts": (
        r"attempts:\n        - \{channel: text, after_working_days: 1\}",
        "attempts: []",
        "attempts: []",
        "contact.methods.one_text.attempts: must have 1 or more entries. [VM019]",
    ),
    "no caseload cap": (
        r"^    caseload_cap: .*\n",
        "",
        "  caseworker:",
        "staff.caseworker.caseload_cap: is missing: this role holds cases. [VM022]",
    ),
    "shares above one": (
        r"casework_share: \{value: 0.10, low: 0.06, high: 0.16",
        "casework_share: {value: 0.90, low: 0.86, high: 0.94",
        "casework_share",
        "support.casework_share = 0.9: must leave the rest of 1 to practical support (within 1e-06); "
        "casework_share 0.9 + specialist_share 0.158364 = 1.05836. [VM026]",
    ),
    "no business as usual": (
        r"^  business_as_usual:",
        "  usual:",
        "options:",
        "options: must include business_as_usual, which the others are compared with. [VM024]",
    ),
    "changes of business as usual": (
        r"^(  business_as_usual:\n)",
        r"\1    changes: {screening: {}}" + "\n",
        "changes: {screening",
        "options.business_as_usual.changes: must be absent: the scenario itself is business as usual. "
        "[VM009]",
    ),
    "changes that are no mapping": (
        r"^    changes:\n(      .*\n)+",
        "    changes: many\n",
        "changes: many",
        "options.phone_first.changes: must be a mapping of the fields that differ from business as usual. "
        "[VM009]",
    ),
    "option without summary": (
        r"^    summary: Everyone is called.*\n",
        "",
        "  phone_first:",
        "options.phone_first.summary: is missing. [VM010]",
    ),
    "name of an option": (
        r"^  phone_first:",
        "  Phone first:",
        "Phone first:",
        f"options.Phone first: {NAME}. Did you mean phone_first? [VM019]",
    ),
    "name of the scenario": (
        r"^name: west-midlands",
        "name: West Midlands",
        "name: West Midlands",
        "name = West Midlands: must be lower-case letters, digits and hyphens, a letter first, at most 60. "
        "Did you mean west-midlands? [VM019]",
    ),
    "fraction of a day": (
        r"warm_up_days: 91",
        "warm_up_days: 9.5",
        "warm_up_days",
        "period.warm_up_days = 9.5: must be an integer from 0 to 730. [VM019]",
    ),
    "negative days": (
        r"warm_up_days: 91",
        "warm_up_days: -3",
        "warm_up_days",
        "period.warm_up_days = -3: must be from 0 to 730. [VM019]",
    ),
    "no hours": (
        r"hours_per_week: 37.5",
        "hours_per_week: 0",
        "hours_per_week: 0",
        "staff.contact_officer.hours_per_week = 0: must be above 0 and at most 60. [VM019]",
    ),
    "too many hours": (
        r"hours_per_week: 37.5",
        "hours_per_week: 168",
        "hours_per_week: 168",
        "staff.contact_officer.hours_per_week = 168: must be above 0 and at most 60. [VM019]",
    ),
    "null for a number": (
        r"fte: 20\b",
        "fte: null",
        "fte: null",
        "staff.contact_officer.fte: must be a number from 0 to 1000. [VM019]",
    ),
    "yes for true": (
        r"same_call: true",
        "same_call: yes",
        "same_call",
        "assessment.same_call = yes: must be true or false. [VM019]",
    ),
    "number for text": (
        r"^price_year: .*",
        "price_year: 2019",
        "price_year: 2019",
        "price_year = 2019: must be text. Put it in quotes. [VM019]",
    ),
    "text for a mapping": (
        r"^area:\n(  .*\n)+",
        "area: West Midlands\n",
        "area: West Midlands",
        "area = West Midlands: must be a mapping of keys to values. [VM018]",
    ),
    "mapping for a list": (
        r"attempts:\n        - (\{channel: text, after_working_days: 1\})",
        r"attempts: \1",
        "attempts: {channel",
        "contact.methods.one_text.attempts: must be a list. [VM019]",
    ),
    "date that does not exist": (
        r"start: 2019-04-01",
        "start: 2019-02-30",
        "2019-02-30",
        "period.start = 2019-02-30: must be an ISO date that exists, YYYY-MM-DD. [VM019]",
    ),
    "date in another form": (
        r"start: 2019-04-01",
        "start: 01/04/2019",
        "01/04/2019",
        "period.start = 01/04/2019: must be an ISO date that exists, YYYY-MM-DD. [VM019]",
    ),
    "end before start": (
        r"end: 2020-03-31",
        "end: 2018-03-31",
        "2018-03-31",
        "period.end = 2018-03-31: must be after start (2019-04-01) and at most three years later. [VM015]",
    ),
    "month without profile": (
        r"feb: [0-9.]+, ",
        "",
        "values: {jan",
        "demand.monthly_profile.values: lacks feb. [VM016]",
    ),
    "long text in several lines": (
        r"^name: west-midlands",
        'name: "' + "a\\\\n" * 80 + '"',
        "name: ",
        f"name = {'a ' * 30}...: must be lower-case letters, digits and hyphens, a letter first, "
        "at most 60. [VM019]",
    ),
}


@pytest.mark.parametrize(("pattern", "replacement", "fragment", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_in_one_line_with_its_place(scenarios, pattern, replacement, fragment, message):
    path = scenarios.edited((pattern, replacement))
    assert scenarios.messages(path) == [f"x.yaml:{line_of(path, fragment)}: {message}"]


# Several mistakes, and several files


def test_all_problems_of_a_file_are_told_at_once_and_each_once(scenarios):
    path = scenarios.edited(
        (r"warm_up_days: 91", "warm_up_days: many"),
        (r"^  victims_per_year:", "  victims_per_yaer:"),
        (r"reach: \{value: [0-9.]+", "reach: {value: 1.2"),
        (r"(fade_days: .*)source: \w+, ", r"\1"),
        (r"fte: 20\b", "fte: 25%"),
        (r"^    changes:", "    chnages:"),
    )
    messages = scenarios.messages(path)
    assert len(load_scenario(PARAMETERS / "west-midlands.yaml").options) > 1  # that repeat the service
    assert sorted(re.findall(r"^x.yaml:(\d+): ([\w.]+)", message)[0] for message in messages) == sorted(
        (str(line_of(path, fragment)), field)
        for fragment, field in [
            ("warm_up_days", "period.warm_up_days"),
            ("victims_per_yaer", "demand.victims_per_yaer"),
            ("reach: {value: 1.2", f"{REACH}.value"),
            ("fade_days: {", "contact.fade_days.source"),
            ("fte: 25%", "staff.contact_officer.fte"),
            ("chnages", "options.phone_first.chnages"),
        ]
    )


def test_all_that_is_inconsistent_is_told_at_once_and_each_once(scenarios):
    path = scenarios.edited(
        (r"source: clinic_calls_2011", "source: clinic_cals_2011"),
        (r"^    standard: one_text$", "    standard: one_txt"),
        (r"^    caseload_cap: .*\n", ""),
    )
    fields = [re.findall(r"^x.yaml:\d+: ([\w.]+)", message)[0] for message in scenarios.messages(path)]
    assert fields == [f"{REACH}.source", "staff.caseworker.caseload_cap", "contact.assigned.standard"]


def test_a_value_that_cannot_be_read_is_told_once_and_not_as_missing(scenarios):
    path = scenarios.edited((r"reach: \{value: [0-9.]+, low: [0-9.]+", "reach: {value: 42%, low: 010"))
    line = line_of(path, "42%")
    assert scenarios.messages(path) == [
        f"x.yaml:{line}: {REACH}.value = 42%: must be a share, not a percentage. Write 0.42. [VM005]",
        f"x.yaml:{line}: {REACH}.low = 010: has a leading zero. Did you mean 10? [VM005]",
    ]


def test_a_mistake_in_the_extended_file_is_told_with_its_place_there(scenarios):
    base = scenarios.edited((r"reach: \{value: [0-9.]+", "reach: {value: 1.2"), name="west-midlands.yaml")
    path = scenarios.extending("grant_gbp: lots\n")
    allowed = "must be a probability from 0 to 1 (exclusive)"
    line = line_of(base, "value: 1.2")
    assert sorted(scenarios.messages(path)) == [
        f"west-midlands.yaml:{line}: {REACH}.value = 1.2: {allowed}. Did you mean 0.12? [VM012]",
        "y.yaml:2: grant_gbp = lots: must be a number above 0. [VM019]",
    ]


def test_a_mistake_in_the_sources_register_is_told_with_its_place_there(scenarios):
    register = scenarios.folder / "sources.yaml"
    register.write_text(register.read_text().replace('  year: "2018"', "  yeer: 2018", 1))
    assert scenarios.messages(scenarios.edited()) == [
        f"sources.yaml:{line_of(register, 'yeer')}: health_check_2018.yeer: is not a known key "
        "(known: title, year, address, note, published). Did you mean year? [VM017]"
    ]


def test_a_number_that_an_extending_file_changes_must_name_its_own_unit_and_source(scenarios):
    path = scenarios.extending("demand:\n  need:\n    value: 0.26\n")
    assert scenarios.messages(path) == [
        "y.yaml:3: demand.need.unit: is missing. [VM010]",
        "y.yaml:3: demand.need.source: is missing: every number names a key of the sources register, "
        "or assumption. [VM010]",
    ]


def test_a_number_that_an_extending_file_restates_is_stated_whole(scenarios):
    path = scenarios.extending("demand:\n  need: {value: 0.45, unit: probability, source: assumption}\n")
    assert scenarios.messages(path) == [
        "y.yaml:3: demand.need.low: is missing. [VM010]",
        "y.yaml:3: demand.need.high: is missing. [VM010]",
    ]


def test_a_number_set_on_the_command_line_is_an_assumption():
    scenario = load_scenario("parameters/west-midlands.yaml", {"demand.need.value": 0.26})
    assert scenario.demand.need.source == "assumption"
    assert (scenario.demand.need.value, scenario.demand.need.low) == (0.26, 0.20)


def test_only_the_first_attempt_can_be_made_on_the_day_itself():
    key = "contact.methods.five_calls.attempts.1.after_working_days"
    with pytest.raises(InputError, match=r"must be 1 or more: only the first attempt"):
        load_scenario("parameters/west-midlands.yaml", {key: 0})


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            "b.yaml",
            "a.yaml",
            "b.yaml:1: extends = a.yaml: must not lead back to a file that extends this one",
        ),
        (
            "a.yaml",
            "a.yaml",
            "a.yaml:1: extends = a.yaml: must not lead back to a file that extends this one",
        ),
        ("b.yaml", "nowhere.yaml", "b.yaml:1: extends = nowhere.yaml: does not exist"),
        ("b.yaml", "3", "b.yaml:1: extends: must be the name of a file"),
        ("b.yaml", "x" * 300, f"b.yaml:1: extends = {'x' * 60}...: does not exist"),
    ],
    ids=lambda text: text[:20],
)
def test_an_extension_that_leads_nowhere_is_refused(scenarios, first, second, message):
    path = scenarios.written(f"extends: {first}\n", "a.yaml")
    scenarios.written(f"extends: {second}\n", "b.yaml")
    (found,) = scenarios.messages(path)
    assert re.fullmatch(re.escape(message) + r"\. \[VM00[17]\]", found)


def test_more_than_five_extensions_are_refused(scenarios):
    for i in range(6):
        scenarios.written(f"extends: {i + 1}.yaml\n", f"{i}.yaml")
    scenarios.written("extends: west-midlands.yaml\n", "6.yaml")
    assert scenarios.messages(scenarios.folder / "0.yaml") == [
        "5.yaml:1: extends = 6.yaml: must end after 5 files. [VM007]"
    ]
    assert load_scenario(scenarios.folder / "2.yaml").name == "west-midlands"


# The schema of the file as it is written


def schema_errors(text_or_path, folder=None):
    path = text_or_path
    if folder is not None:
        path = folder / "z.yaml"
        path.write_text(text_or_path)
    return [error.json_path for error in validator().iter_errors(plain(read_yaml(path)))]


@cache
def validator():
    return jsonschema.Draft202012Validator(scenario_schema())


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(scenario_schema())


@pytest.mark.parametrize("name", SHIPPED)
def test_the_schema_accepts_the_shipped_scenarios(name):
    assert schema_errors(PARAMETERS / name) == []


@pytest.mark.parametrize(
    "mistake",
    [
        "typo in a key",
        "typo at the top",
        "typo in an estimate",
        "typo in an option",
        "an option's service",
        "typo in an option's changes",
        "missing source",
        "missing high",
        "missing section",
        "number for an estimate",
        "unknown unit",
        "unknown channel",
        "no attempts",
        "no business as usual",
        "changes of business as usual",
        "changes that are no mapping",
        "option without summary",
        "name of an option",
        "name of the scenario",
        "fraction of a day",
        "negative days",
        "no hours",
        "too many hours",
        "null for a number",
        "yes for true",
        "number for text",
        "text for a mapping",
        "mapping for a list",
    ],
)
def test_the_schema_refuses_what_the_loader_refuses_in_a_single_field(scenarios, mistake):
    pattern, replacement, _, _ = MISTAKES[mistake]
    assert schema_errors(scenarios.edited((pattern, replacement))) != []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "demand: {need: {value: 0.26}}\n",
        "contact: {methods: {one_text: {title: A text}}}\n",
        "contact: {windows: {}}\n",
        "options: {phone_first: {changes: {referral: {flag: null}}}}\n",
        f"options: {{phone_first: {{changes: {{screening: {{excluded: {ESTIMATE}}}}}}}}}\n",
    ],
)
def test_the_schema_lets_an_extending_file_state_any_part(tmp_path, text):
    assert schema_errors("extends: x.yaml\n" + text, tmp_path) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("demnd: {}\n", "$"),
        ("demand: {need: {valeu: 0.26}}\n", "$.demand.need"),
        ("demand: {need: 0.26}\n", "$.demand.need"),
        (
            "contact: {methods: {one_text: {attempts: [{channel: text}]}}}\n",
            "$.contact.methods.one_text.attempts[0]",
        ),
        ("options: {o: {changes: {outcomes: {improved: 0.3}}}}\n", "$.options.o.changes.outcomes.improved"),
        ("options: {o: {changes: {standards: {contact_days: 3}}}}\n", "$.options.o.changes"),
        ("options: {o: {service: {}}}\n", "$.options.o"),
        ("sources: {a: {title: b, year: c}}\n", "$.sources"),
    ],
)
def test_the_schema_refuses_mistakes_of_an_extending_file(tmp_path, text, place):
    assert schema_errors("extends: x.yaml\n" + text, tmp_path) == [place]


def test_fields_of_the_schema_carry_the_descriptions_of_their_types():
    fields = scenario_schema()["properties"]
    assert fields["outcomes"]["description"] == "What support achieves."
    assert all("description" in fields[name] for name in ("extends", "sources", "demand", "contact"))


def test_the_text_of_the_schema_is_the_same_at_every_call():
    assert schema_text() == schema_text()
    assert schema_text().endswith("}\n")
