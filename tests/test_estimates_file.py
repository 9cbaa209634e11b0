"""A file of estimates is laid over a scenario; what does not fit is told; linked ones are drawn together."""

import shutil
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from scipy.special import ndtri

import victimsmodel as vm
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.estimates_file import LinkedEstimates, correlated
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.schema import scenario_schema

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
from attrition_logs import Truth, draw_log  # noqa: E402

REACH, SPREAD = "contact.channels.phone.reach", "contact.channels.phone.heterogeneity"
FILE = f"""source: {{key: our_log, title: Our contact log, year: "2026"}}
estimates:
  {REACH}: {{value: 0.5, low: 0.45, high: 0.55, unit: probability, source: our_log}}
  {SPREAD}: {{value: 0.2, low: 0.1, high: 0.3, unit: correlation, source: our_log}}
correlation:
  names: [{REACH}, {SPREAD}]
  matrix: [[1, -0.6], [-0.6, 1]]
"""


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(ROOT / "parameters", tmp_path, dirs_exist_ok=True)
    (tmp_path / "y.yaml").write_text("extends: west-midlands.yaml\nestimates: log.yaml\n")
    (tmp_path / "log.yaml").write_text(FILE)
    return tmp_path


def messages(folder, *changes):
    text = FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "log.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        load_scenario(folder / "y.yaml")
    return str(caught.value).replace(f"{folder}/", "").splitlines()


def test_a_file_replaces_the_estimates_that_it_names_with_their_source(folder):
    scenario, before = load_scenario(folder / "y.yaml"), load_scenario(folder / "west-midlands.yaml")
    assert scenario.contact.channels["phone"].reach.value == 0.5
    assert scenario.options["business_as_usual"].service.contact.channels["phone"].reach.value == 0.5
    assert scenario.sources["our_log"].title == "Our contact log"
    assert scenario.contact.channels["text"] == before.contact.channels["text"]
    assert before.estimates is None


def test_a_command_line_override_goes_before_the_file(folder):
    scenario = load_scenario(folder / "y.yaml", {REACH: 0.3})
    assert scenario.contact.channels["phone"].reach.value == 0.3
    assert scenario.contact.channels["phone"].heterogeneity.value == 0.2
    given = load_scenario(folder / "west-midlands.yaml", {"estimates": str(folder / "log.yaml")})
    assert given.contact.channels["phone"].reach.value == 0.5


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            f"  {REACH}: {{",
            "  contact.channels.phone.reech: {",
            [
                "log.yaml:3: contact.channels.phone.reech: is not an estimate of this scenario. "
                f"Did you mean {REACH}? [VM130]",
                f"log.yaml:6: correlation.names[0] = {REACH}: is not among the estimates of this file. "
                "Did you mean contact.channels.phone.reech? [VM130]",
            ],
        ),
        (
            "unit: probability",
            "unit: minutes",
            [f"log.yaml:3: {REACH}.unit = minutes: must be probability. [VM131]"],
        ),
        (
            "value: 0.5",
            "value: 1.5",
            [
                f"log.yaml:3: {REACH}.value = 1.5: must be a probability from 0 to 1 (exclusive). "
                "Did you mean 0.15? [VM012]"
            ],
        ),
        (
            "[-0.6, 1]",
            "[0.6, 1]",
            ["log.yaml:7: correlation.matrix: must be symmetric, with 1 on its diagonal. [VM132]"],
        ),
        (
            "source: {key: our_log, ",
            "source: {",
            [
                "log.yaml:1: source.key: is missing. [VM131]",
                *(
                    f"log.yaml:{i}: {name}.source = our_log: is not in the sources register. [VM020]"
                    for i, name in ((3, REACH), (4, SPREAD))
                ),
            ],
        ),
        (
            "correlation:\n",
            "corelation:\n",
            [
                "log.yaml:5: corelation: is not a known key (known: source, estimates, correlation). "
                "Did you mean correlation? [VM131]"
            ],
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(folder, old, new, expected):
    assert messages(folder, (old, new)) == expected


def test_a_missing_file_is_told_where_it_is_named(folder):
    (folder / "log.yaml").unlink()
    with pytest.raises(InputError) as caught:
        load_scenario(folder / "y.yaml")
    text = str(caught.value).replace(f"{folder}/", "")
    assert text == "y.yaml:2: estimates = log.yaml: does not exist. [VM001]"


def test_the_schema_takes_the_name_of_a_file():
    schema = scenario_schema()
    jsonschema.validate({"extends": "a.yaml", "estimates": "log.yaml"}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"extends": "a.yaml", "estimates": {"names": []}}, schema)


def test_linked_estimates_are_drawn_together_and_every_stratum_stays_filled(folder):
    scenario, n = load_scenario(folder / "y.yaml"), 2000
    linked = draw_points(scenario, n, 1)
    alone = draw_points(scenario.model_copy(update={"estimates": None}), n, 1)
    assert np.corrcoef(ndtri(linked[REACH]), ndtri(linked[SPREAD]))[0, 1] == pytest.approx(-0.6, abs=0.01)
    for name, points in linked.items():
        assert sorted(points) == sorted(alone[name])
        assert (name == SPREAD) == (points != alone[name]).any()
    assert draw_points(scenario, 1, 1)[REACH] == [0.5]


def test_few_draws_and_estimates_that_are_one_and_the_same_can_be_linked():
    names = ("a", "b", "c")
    linked = LinkedEstimates(file="x", names=names, matrix=[[1, 1, 0.3], [1, 1, 0.3], [0.3, 0.3, 1]])
    generator = np.random.default_rng(1)
    points = {name: (generator.permutation(6) + 0.5) / 6 for name in names}
    found = correlated(points, linked)
    assert list(found["a"]) == list(found["b"])
    assert [sorted(found[name]) == sorted(points[name]) for name in names] == [True] * 3


def test_what_a_log_gives_can_be_written_and_taken(folder):
    plan = (("phone", 0, 0.3), ("phone", 1, 0), ("phone", 1, 0))
    truth = Truth({"phone": 0.42}, {"phone": 0.2}, plan)
    found = vm.estimate_attrition(draw_log(truth, 400, np.random.default_rng(4)))
    left_out = found.write_estimates(folder / "log.yaml", load_scenario(folder / "west-midlands.yaml"))
    assert left_out == ["contact.windows.weekend"]
    scenario = load_scenario(folder / "y.yaml")
    row = found.table.set_index("name").loc[REACH]
    taken = scenario.contact.channels["phone"].reach
    assert [taken.value, taken.low, taken.high] == pytest.approx(
        list(row[["value", "low", "high"]]), rel=1e-5
    )
    assert scenario.sources["contact_log"].title == "simulated log"


@pytest.mark.parametrize(
    ("name", "part"), [("contact.windows.weekend", "window"), ("contact.channels.visit.reach", "channel")]
)
def test_an_estimate_of_a_window_or_channel_that_the_scenario_lacks_says_how_to_leave_it_out(
    folder, name, part
):
    told = messages(folder, (f"  {REACH}: {{", f"  {name}: {{"))
    assert told[0] == (
        f"log.yaml:3: {name}: is of a {part} that this scenario lacks. "
        "Write the file with write_estimates(path, scenario), which leaves it out. [VM130]"
    )


def test_minutes_that_never_vary_are_written_as_a_fixed_number_and_taken(folder):
    rows = ["victim_id,channel,date,time,outcome,minutes"]
    for i in range(90):
        first, second = ("reached" if i % k == 0 else "no answer" for k in (5, 3))
        rows.append(f"V{i},phone,2026-04-0{1 + i % 7},10:00,{first},{8 if i % 5 == 0 else 2}")
        if i % 5:
            rows.append(f"V{i},phone,2026-04-1{i % 7},19:00,{second},{8 if i % 3 == 0 else 2}")
    (folder / "log.csv").write_text("\n".join(rows) + "\n")
    found = vm.estimate_attrition(vm.load_contact_log(folder / "log.csv"))
    found.write_estimates(folder / "log.yaml", load_scenario(folder / "west-midlands.yaml"))
    phone = load_scenario(folder / "y.yaml").contact.channels["phone"]
    assert [phone.minutes_reached.value, phone.minutes_attempt.value] == [8, 2]
    assert phone.minutes_attempt.is_fixed
