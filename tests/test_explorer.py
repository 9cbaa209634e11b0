"""The explorer: its numbers are those of the engines, and nobody else gets in."""

import copy
import csv
import dataclasses
import json
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from explorer_server import answered, request, serving

from victimsmodel.appraisal.outcomes import measures_by_run
from victimsmodel.appraisal.replications import simulate
from victimsmodel.errors import BusyError, InputError
from victimsmodel.explorer.choosing import chosen_inputs, current_run, ranked_inputs
from victimsmodel.explorer.memory import give_back
from victimsmodel.explorer.page import page_html
from victimsmodel.explorer.rates import _cost_rates, _staff_minutes
from victimsmodel.explorer.remembered import _arrivals
from victimsmodel.explorer.running import ADDRESS, listening, open_workshop
from victimsmodel.explorer.saving import save_scenario
from victimsmodel.explorer.server import Session
from victimsmodel.explorer.settings import checked, explored, with_settings
from victimsmodel.explorer.sliders import slider_of
from victimsmodel.explorer.work import LOOKS, Years, exact_values, half_width
from victimsmodel.inputs.draws import _median, input_digests, uncertain_inputs
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.posterior_file import Posterior, posterior_columns, posterior_text
from victimsmodel.pathway.calendar import _bank_holidays
from victimsmodel.pathway.contact_chances import _kept, _patterns_of
from victimsmodel.pathway.expected import expected_pathway
from victimsmodel.stages import run_key

FILE = Path("parameters/west-midlands.yaml").resolve()
SMALL = {"demand.victims_per_year": 12000, "staff.contact_officer.fte": 2, "staff.caseworker.fte": 0.5}
REACH, NEED, FLAG = "contact.channels.phone.reach", "demand.need", "referral.flag.sensitivity"
OFFICERS = "staff.contact_officer.fte"
MOVED = {REACH: 0.5, OFFICERS: 3.5, FLAG: 0.6, NEED: 0.28}


@pytest.fixture(scope="module")
def prior():
    return load_scenario(FILE)


@pytest.fixture(scope="module")
def workshop():
    return open_workshop(FILE, SMALL, [REACH, NEED, FLAG], 1, Path("outputs/none"))


@pytest.fixture(scope="module")
def session(workshop, tmp_path_factory):
    with serving(workshop, tmp_path_factory.mktemp("saved")) as running:
        yield running


def _numbers(scenario):
    """Return a scenario as plain values, without the words beside them."""

    def plain(value):
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k not in ("note", "levers", "name", "title")}
        return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value

    return plain(scenario.model_dump())


# --- settings and numbers ----------------------------------------------------------------------------


def test_a_scenario_with_settings_is_the_one_that_the_command_line_would_load(workshop):
    found = with_settings(workshop.explored, checked(workshop.explored, MOVED))
    own = found.options["consent_at_report"].service.contact.channels["phone"].reach.value
    flag = f"options.needs_flagged.changes.{FLAG}"
    consent = f"options.consent_at_report.changes.{REACH}"
    loaded = load_scenario(FILE, {**SMALL, REACH: 0.5, OFFICERS: 3.5, NEED: 0.28, flag: 0.6, consent: own})
    assert _numbers(found) == _numbers(loaded)


def test_an_option_with_a_number_of_its_own_moves_to_the_same_quantile(workshop):
    scenario = workshop.explored.scenario
    estimates = [
        scenario.options[name].service.contact.channels["phone"].reach
        for name in ("business_as_usual", "consent_at_report")
    ]
    low = checked(workshop.explored, {REACH: estimates[0].interval[0]})
    moved = with_settings(workshop.explored, low).options["consent_at_report"].service
    assert moved.contact.channels["phone"].reach.value == pytest.approx(estimates[1].interval[0], rel=1e-9)


def test_exact_numbers_are_those_of_the_exact_engine(workshop):
    scenario = with_settings(workshop.explored, checked(workshop.explored, MOVED))
    values = exact_values(scenario)
    for option in scenario.options:
        expected = measures_by_run(expected_pathway(scenario, option), scenario).iloc[0]
        for name, measure in (("cost", "total_cost"), *((m, m) for m in ("supported_in_need", "coverage"))):
            assert values[option][name][0] == pytest.approx(expected[measure], rel=1e-12)


def test_simulated_years_are_those_of_simulate(workshop):
    scenario = workshop.explored.scenario
    years = Years(scenario, seed=3)
    for _ in range(2):
        years.run(lambda: None)
    result = simulate(scenario, n_replications=2, seed=3)
    runs = measures_by_run(result, scenario)
    waits = result.waits[(result.waits["priority"] == "all") & (result.waits["wait"] == "contact")]
    for option, found in years.values().items():
        own = runs.xs(option, level="option")
        np.testing.assert_array_equal(found["supported_in_need"], own["supported_in_need"])
        np.testing.assert_allclose(found["cost"], own["total_cost"], rtol=1e-12)
        within = waits.loc[waits["option"] == option, "within_standard"]
        np.testing.assert_allclose(found["within_contact"], within, rtol=1e-12)


def test_the_interval_of_a_mean_is_students():
    # 1, 2, 3, 4: standard deviation 1.29099, and t of 3 degrees of freedom is 3.18245 at 97.5 %
    assert half_width(np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(3.18245 * 1.29099 / 2, rel=1e-5)


def test_years_of_older_settings_are_dropped(workshop):
    told, serial = [], workshop.began()
    workshop.began()
    workshop.simulated(workshop.explored.scenario, serial, lambda years, shown: told.append(years))
    assert told == []


def test_a_queue_that_a_slider_makes_endless_is_told_and_not_simulated(workshop):
    patient = {**SMALL, "contact.patience_working_days": 250, OFFICERS: 1}
    told, serial = [], workshop.began()
    with pytest.raises(InputError) as caught:
        workshop.simulated(load_scenario(FILE, patient), serial, lambda *shown: told.append(shown))
    text = str(caught.value)
    assert text.startswith("With the contact officers in post (1 full-time), attempts and assessments would")
    assert text.endswith(
        "So nothing is simulated with these settings: what it showed would depend on the length of the year "
        "alone. Add staff, or state allow_growth: true in the scenario. [VM290]"
    )
    assert told == []


def test_a_queue_that_may_grow_is_simulated_and_said_to_grow(workshop):
    allowed = {**SMALL, "contact.patience_working_days": 250, OFFICERS: 1, "allow_growth": True}
    told, serial = [], workshop.began()

    def stop(years, shown):
        told.append(shown.words)
        workshop.began()  # newer settings: no further year

    workshop.simulated(load_scenario(FILE, allowed), serial, stop)
    assert told[0].startswith(
        "With the contact officers in post (1 full-time), attempts and assessments would"
    )
    assert "With the staff in post: " in told[0]


def test_a_page_of_nobody_says_so_and_shows_no_ratio(workshop):
    nobody = load_scenario(FILE, {"demand.victims_per_year": 0})
    values = exact_values(nobody)["business_as_usual"]
    assert np.isnan(values["coverage"]).all()
    assert np.isnan(values["cost_per_supported_in_need"]).all()
    told, serial = [], workshop.began()

    def stop(years, shown):
        told.append(shown)
        workshop.began()

    workshop.simulated(nobody, serial, stop)
    assert told[0].words == (
        "With the staff in post: nobody is referred, so that shares and costs per victim do not exist."
    )
    assert "coverage" not in told[0].numbers["business_as_usual"]


def test_a_calibrated_input_starts_from_its_posterior_median(tmp_path, prior):
    points = np.random.Generator(np.random.Philox(key=1)).uniform(0.7, 0.9, 40)
    columns = posterior_columns({REACH: points}, input_digests(prior), prior.observed)
    text = posterior_text(Posterior(file="posterior.csv", columns=columns))
    (tmp_path / "posterior.csv").write_text(text, encoding="utf-8")
    file = tmp_path / "calibrated.yaml"
    file.write_text(f"extends: {FILE}\nposterior: posterior.csv\n", encoding="utf-8")
    scenario, found = load_scenario(file), explored(file, {}, (REACH, NEED))
    values = exact_values(with_settings(found, {}))
    for option in ("business_as_usual", "consent_at_report"):
        supported = measures_by_run(expected_pathway(scenario, option), scenario)["supported_in_need"].iloc[0]
        assert values[option]["supported_in_need"][0] == pytest.approx(supported, rel=1e-6)  # six digits
    saved = load_scenario(save_scenario(found, {NEED: 0.28}, "moved", tmp_path))
    assert saved.posterior is None
    assert (
        exact_values(saved)["phone_first"] == exact_values(with_settings(found, {NEED: 0.28}))["phone_first"]
    )


# --- which inputs ------------------------------------------------------------------------------------


def test_a_slider_spans_the_range_of_the_estimate_and_can_stand_where_it_was(prior):
    for name, estimate in list(uncertain_inputs(prior).items())[::5]:
        slider = slider_of(prior, name)
        assert (slider.low, slider.high) == pytest.approx(estimate.interval, rel=1e-6)
        assert slider.original in slider.values
        assert 10 <= len(slider.values) <= 120
        assert list(slider.values) == sorted(set(slider.values))


def test_the_inputs_that_matter_most_are_ranked(prior):
    found = ranked_inputs(prior)
    assert len(found) == 10
    assert {REACH, NEED, "referral.consent_at_report.in_need"} <= set(found[:8])
    assert "contact.channels.email.reach" not in found  # no method writes e-mails


def test_a_scenario_may_name_its_inputs():
    scenario = load_scenario("parameters/every-feature.yaml")
    staff = tuple(f"staff.{role}.fte" for role in scenario.staff)
    assert chosen_inputs(scenario, (), Path("outputs")).names == (*staff, *scenario.explore)


def test_inputs_are_those_that_a_current_run_found_to_matter(tmp_path, prior):
    folder = tmp_path / "west-midlands-abc" / "tables"
    folder.mkdir(parents=True)
    with (folder / "ranked_inputs.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["input", "index"], ["assessment.minutes", 0.3], [NEED, 0.4]])
    manifest = {"key": run_key(prior, "quick", 1), "profile": "quick", "seed": 1, "created": "2026-11-22"}
    (folder.parent / "manifest.json").write_text(json.dumps(manifest))
    assert chosen_inputs(prior, (), tmp_path).names[-2:] == (NEED, "assessment.minutes")
    (folder.parent / "manifest.json").write_text(json.dumps(manifest | {"seed": 2}))  # not what the key says
    assert current_run(prior, tmp_path) is None


def test_an_unknown_input_is_refused_with_the_nearest(prior):
    with pytest.raises(InputError) as error:
        chosen_inputs(prior, ["demand.needs"], Path("outputs"))
    assert str(error.value) == (
        "--inputs: demand.needs: is neither an uncertain input nor the fte of a role. "
        "Did you mean demand.need? [VM240]"
    )


def test_the_scenario_file_refuses_an_unknown_input_at_its_line(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(f"extends: {FILE}\nexplore:\n  - {NEED}\n  - demand.neeed\n")
    with pytest.raises(InputError) as error:
        load_scenario(file)
    assert str(error.value).startswith(f"{file}:4: explore[1] = demand.neeed: is neither an uncertain input")


# --- saving ------------------------------------------------------------------------------------------


def test_a_saved_scenario_gives_the_same_numbers_to_the_last_digit(workshop, tmp_path):
    settings = checked(workshop.explored, MOVED)
    path = save_scenario(workshop.explored, settings, "workshop-one", tmp_path)
    found, shown = load_scenario(path), with_settings(workshop.explored, settings)
    assert found.name == "workshop-one"
    assert _numbers(found) == _numbers(shown)
    two = [simulate(one, ["phone_first"], n_replications=2).funnel for one in (found, shown)]
    assert two[0].equals(two[1])


@pytest.mark.parametrize("name", ["../up", "a/b", "/tmp/x", "A", "", ".hidden", "x" * 61, None, 3, "a\n"])
def test_a_name_with_parts_of_a_path_is_refused(workshop, tmp_path, name):
    with pytest.raises(InputError, match=r"must be lower-case letters, digits and hyphens.*VM243"):
        save_scenario(workshop.explored, {}, name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_replaced_without_a_word_and_no_other_than_its_own_ever(workshop, tmp_path):
    own = save_scenario(workshop.explored, {NEED: 0.21}, "mine", tmp_path)
    before = own.read_text()
    with pytest.raises(InputError) as error:
        save_scenario(workshop.explored, {NEED: 0.22}, "mine", tmp_path)
    assert str(error.value) == "name = mine: exists already. Choose replace, or another name. [VM244]"
    assert own.read_text() == before
    save_scenario(workshop.explored, {NEED: 0.22}, "mine", tmp_path, replace=True)
    assert load_scenario(own).demand.need.value == 0.22
    (tmp_path / "theirs.yaml").write_text("name: theirs\n")
    with pytest.raises(InputError, match="Choose another name"):
        save_scenario(workshop.explored, {}, "theirs", tmp_path, replace=True)
    assert (tmp_path / "theirs.yaml").read_text() == "name: theirs\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.yaml", "theirs.yaml"]


def test_an_override_within_a_list_cannot_be_saved(tmp_path):
    key = "contact.methods.one_text.attempts.0.after_working_days"
    found = explored(FILE, {key: 2}, (NEED,))
    with pytest.raises(InputError, match=r"stands in a list, of which .* cannot change one item"):
        save_scenario(found, {}, "listed", tmp_path)


# --- what is not computed again ----------------------------------------------------------------------


def _forget():
    for kept in (_arrivals, _cost_rates, _staff_minutes, _kept, _patterns_of, _median):
        kept.cache_clear()


def test_numbers_do_not_depend_on_what_was_moved_before(workshop):
    moves = [{REACH: 0.5}, {NEED: 0.28}, {OFFICERS: 3.5}, {FLAG: 0.6, REACH: 0.5}, {REACH: 0.36}, {}]
    after_others = [workshop.exact(checked(workshop.explored, move))[1] for move in moves]
    for move, shown in zip(moves, after_others, strict=True):
        _forget()
        assert workshop.exact(checked(workshop.explored, move))[1] == shown


def test_an_option_that_nobody_moves_keeps_its_numbers_to_the_last_digit(workshop):
    moved = workshop.exact(checked(workshop.explored, {FLAG: 0.6}))[1].numbers
    assert moved["phone_first"] == workshop.unmoved.numbers["phone_first"]
    assert moved["needs_flagged"] != workshop.unmoved.numbers["needs_flagged"]


def test_a_stale_simulation_never_stands_in_for_newer_settings(workshop, tmp_path):
    session, told = Session(workshop, tmp_path), []
    serial = workshop.began()

    def tell(years, shown):  # newer settings come while the numbers are on their way
        told.append(years)
        workshop.began()

    assert not workshop.simulated(workshop.explored.scenario, serial, tell)
    assert told == [LOOKS[0]]
    assert workshop.is_stale(serial)
    session.close()


def test_settings_that_a_moving_slider_passes_are_never_simulated(session):
    _, passed = answered(session, "/api/exact", {"settings": {REACH: 0.5}})
    assert session.pending[0] == passed["serial"]
    _, last = answered(session, "/api/exact", {"settings": {REACH: 0.51}})
    assert answered(session, "/api/simulated", {"serial": passed["serial"], "years": 0})[1] == {"stale": True}
    assert session.pending[0] == last["serial"]
    assert answered(session, "/api/simulated", {"serial": last["serial"], "years": 0})[1]["years"] >= 3
    assert session.pending is None


def test_who_waits_for_older_settings_is_woken_by_newer_ones(workshop, tmp_path):
    session = Session(workshop, tmp_path)
    waited_for = session.news
    session.newer()
    assert waited_for.is_set()
    assert not session.news.is_set()
    session.close()


def test_the_compiler_leaves_the_memory_and_numbers_stay(workshop):
    before = workshop.exact({REACH: 0.5})[1]
    give_back()
    resident = _resident_code("libllvmlite")
    assert resident is None or resident < 1_000  # kB, of 80,000
    _forget()
    assert workshop.exact({REACH: 0.5})[1] == before


def _resident_code(library):
    """Return the kB of a library's code in this process's memory; None where the system does not say."""
    try:
        lines = Path("/proc/self/smaps").read_text().splitlines()
    except OSError:
        return None
    at = [i for i, line in enumerate(lines) if library in line and " r-xp " in line]
    sizes = [next(line for line in lines[i:] if line.startswith("Rss:")) for i in at]
    return sum(int(size.split()[1]) for size in sizes)


# --- the server --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/static/explorer.js", "/static/none.js", "/api/exact", "/nothing"])
def test_nothing_is_shown_without_the_token(session, path):
    for cookie in (None, f"{session.cookie}=wrong", "victimsmodel=x"):
        status, _, text = request(session, "GET", path, Cookie=cookie)
        assert (status, text[:4]) == (403, b"403:")
    assert request(session, "GET", f"{path}?token=wrong", Cookie=None)[0] == 403
    assert request(session, "POST", path, {"settings": {}}, Cookie=None)[0] == 403


def test_the_token_becomes_a_cookie_that_scripts_and_other_sites_cannot_use(session):
    status, headers, _ = request(session, "GET", f"/?token={session.token}", Cookie=None)
    assert (status, headers["Location"]) == (303, "/")
    assert "HttpOnly" in headers["Set-Cookie"]
    assert "SameSite=Strict" in headers["Set-Cookie"]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "", None])
def test_another_name_of_this_address_is_refused(session, host):
    assert request(session, "GET", "/", Host=host)[0] in (400, 403)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", None])
def test_a_request_of_another_site_is_refused(session, origin):
    assert request(session, "POST", "/api/exact", {"settings": {}}, Origin=origin)[0] == 403


def test_the_page_may_load_from_itself_alone_and_nothing_is_shared(session):
    status, headers, text = request(session, "GET", "/")
    assert status == 200
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Cache-Control"] == "no-store"
    assert b"http://" not in text.replace(b"http://www.w3.org", b"")
    assert b"https://" not in text


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"{", "request: must be a JSON object. [VM247]"),
        ([1], "request: must be a JSON object. [VM247]"),
        ({"settings": 1}, "settings: must be an object of at most 100 values. [VM247]"),
        ({"settings": {"a.b": 1}}, "a.b: is not an input of this page. [VM242]"),
        (
            {"settings": {NEED: 0.31}},
            "Victims with needs not met at the first report = 0.31: must be from 20% to 30% on this page. "
            "The range is that of the scenario. [VM241]",
        ),
    ],
)
def test_bad_requests_are_told_what_is_allowed(session, body, problem):
    assert answered(session, "/api/exact", body) == (
        400,
        {"problems": [problem], "fields": [_field(problem)]},
    )


def _field(problem):
    named = problem.partition(":")[0].partition(" =")[0]
    return {"Victims with needs not met at the first report": NEED}.get(named, named)


def test_a_value_that_the_scenario_refuses_is_refused_in_its_words(session):
    with pytest.raises(InputError) as error:
        load_scenario(FILE, {**SMALL, NEED: 1.2})
    status, answer = answered(session, "/api/exact", {"settings": {NEED: 1.2, OFFICERS: -1}})
    assert status == 400
    said = str(error.value).removeprefix(f"--set: {NEED}")
    assert answer["problems"][0] == f"Victims with needs not met at the first report{said}"
    assert answer["problems"][1] == "Contact officers in post = -1: must be from 0 to 1000. [VM019]"
    assert answer["fields"] == [NEED, OFFICERS]


@pytest.mark.parametrize("value", ["0.25", None, True, [0.25], {"value": 0.25}, "abc"])
def test_what_is_no_number_is_refused(session, value):
    assert answered(session, "/api/exact", {"settings": {NEED: value}})[0] == 400


def test_numbers_that_json_does_not_have_are_refused(session):
    assert answered(session, "/api/exact", b'{"settings": {"demand.need": NaN}}')[0] == 400


def test_a_large_request_is_refused(session):
    try:
        status = request(session, "POST", "/api/exact", b" " * 100_000)[0]
    except (ConnectionError, OSError):  # closed before it was read
        return
    assert status == 400


def test_only_json_is_taken(session):
    assert request(session, "POST", "/api/exact", {}, Content_Type="text/plain")[0] == 415


def test_exact_numbers_come_at_once_and_simulated_ones_follow(session, workshop):
    status, exact = answered(session, "/api/exact", {"settings": MOVED})
    assert status == 200
    shown = workshop.exact(checked(workshop.explored, MOVED))[1]
    assert exact["numbers"] == json.loads(json.dumps(shown.numbers))
    _, simulated = answered(session, "/api/simulated", {"serial": exact["serial"], "years": 0})
    assert simulated["years"] >= 3
    assert simulated["numbers"]["phone_first"]["supported_in_need"]["range"].startswith("± ")
    answered(session, "/api/exact", {"settings": {}})
    assert answered(session, "/api/simulated", {"serial": exact["serial"], "years": 99})[1] == {"stale": True}


def test_saving_by_the_page_writes_beside_where_the_command_was_started(session):
    status, answer = answered(session, "/api/save", {"settings": {NEED: 0.27}, "name": "by-page"})
    assert (status, answer["command"]) == (200, "victimsmodel evaluate by-page.yaml")
    assert load_scenario(session.folder / "by-page.yaml").demand.need.value == 0.27
    assert answered(session, "/api/save", {"settings": {}, "name": "../by-page"})[0] == 400


def test_words_of_the_scenario_cannot_become_markup(workshop, tmp_path):
    title = "</script><b>x & y"
    named = workshop.explored.scenario.model_copy(update={"title": title})
    other = copy.copy(workshop)
    other.explored = dataclasses.replace(workshop.explored, scenario=named)
    text = page_html(other, tmp_path)
    assert "<b>x" not in text
    assert "&lt;/script&gt;&lt;b&gt;x &amp; y" in text


def test_the_server_listens_on_this_machine_alone_and_says_when_a_port_is_taken():
    with listening(None) as taken:
        address, port = taken.getsockname()
        assert address == ADDRESS == "127.0.0.1"
        with socket.socket() as other, pytest.raises(OSError, match="refused"):
            other.connect(("127.0.0.2", port))  # another address of this machine
        with pytest.raises(BusyError) as error:
            listening(port)
    assert error.value.exit_status == 75
    assert str(error.value) == f"--port = {port}: is in use; name another, or none for any free one [VM246]"


def test_sparing_memory_changes_no_bank_holiday():
    asked = (
        "from victimsmodel.pathway.calendar import _bank_holidays; print(sorted(_bank_holidays(2018, 2027)))"
    )
    spared = "from victimsmodel.explorer.memory import spare_memory; spare_memory(); "
    found = subprocess.run([sys.executable, "-c", spared + asked], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == str(sorted(_bank_holidays(2018, 2027)))
