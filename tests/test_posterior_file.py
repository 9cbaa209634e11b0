"""Posterior draws beside a scenario: all engines draw from them, and never with another prior."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from command_line import run

from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.observed import ObservedTotal
from victimsmodel.inputs.posterior_file import chosen_rows
from victimsmodel.pathway.calibrate import calibrate
from victimsmodel.pathway.expected import expected_pathway

PARAMETERS = Path("parameters")
REACH, SPECIFICITY = "contact.channels.phone.reach", "assessment.specificity"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a calibrated scenario, and the calibration."""
    place = tmp_path_factory.mktemp("calibrated")
    for name in ("west-midlands.yaml", "sources.yaml"):
        shutil.copy(PARAMETERS / name, place / name)
    shutil.copytree(PARAMETERS / "west-midlands", place / "west-midlands")
    seen = ObservedTotal(
        stage="supported", of="referred", source="assumption", definition="x", events=60, trials=1_000
    )
    found = calibrate(
        load_scenario(place / "west-midlands.yaml"), observed=[seen], n_draws=1_000, capacity_years=0
    )
    found.write_posterior(place / "posterior.csv", n_rows=400)
    text = "extends: west-midlands.yaml\nobserved: seen.csv\nposterior: posterior.csv\n"
    (place / "calibrated.yaml").write_text(text, encoding="utf-8")
    rows = "stage,of,events,trials,source,definition\nsupported,referred,60,1000,assumption,anything\n"
    (place / "seen.csv").write_text(rows, encoding="utf-8")
    return place, found


def test_draws_come_jointly_from_the_file_and_the_rest_from_the_prior(folder):
    place, found = folder
    scenario, prior = load_scenario(place / "calibrated.yaml"), load_scenario(place / "west-midlands.yaml")
    assert set(scenario.posterior.inputs) == set(found.predictor.names)
    drawn, before = draw_points(scenario, 400, 7), draw_points(prior, 400, 7)
    assert list(drawn) == list(before)
    assert drawn["costs.fixed"].tolist() == before["costs.fixed"].tolist()
    own, again = found.points(400, 7), draw_points(scenario, 400, 8)
    for name in (REACH, SPECIFICITY):
        error = np.sqrt(2 / 400)  # of the difference of two means of 400 draws, sd below 0.3 each
        assert abs(drawn[name].mean() - own[name].mean()) < 5 * 0.3 * error
        assert sorted(drawn[name]) == sorted(again[name])  # as many draws as rows: each row once
    pairs = {tuple(row) for row in zip(again[REACH], again[SPECIFICITY], strict=True)}
    assert {tuple(row) for row in zip(drawn[REACH], drawn[SPECIFICITY], strict=True)} == pairs


def test_a_calibration_hands_out_the_scenario_that_its_file_would_give(folder):
    place, found = folder
    own = draw_points(found.calibrated_scenario(), 30, 2)
    found.write_posterior(place / "posterior-1000.csv")
    named = "extends: west-midlands.yaml\nobserved: seen.csv\nposterior: posterior-1000.csv\n"
    (place / "named.yaml").write_text(named, encoding="utf-8")
    read = draw_points(load_scenario(place / "named.yaml"), 30, 2)
    assert {name: x.tolist() for name, x in own.items()} == {name: x.tolist() for name, x in read.items()}


def test_other_engines_reproduce_the_total_that_was_calibrated_to(folder):
    _, found = folder
    shares = []
    for scenario in (found.predictor.scenario, found.calibrated_scenario()):
        funnel = expected_pathway(scenario, n_draws=200).funnel
        counts = funnel[funnel["who"] == "all"].groupby(["draw", "stage"], observed=True)["victims"].sum()
        by_stage = counts.unstack()
        shares.append((by_stage["supported"] / by_stage["referred"]).mean())
    assert shares[0] > 0.12
    after = found.fit.iloc[0]
    spread = (after["posterior_high"] - after["posterior_low"]) / 3.29
    assert abs(shares[1] - after["posterior_median"]) < 5 * spread / np.sqrt(200)


def test_a_single_draw_takes_the_posterior_medians(folder):
    place, found = folder
    scenario = load_scenario(place / "calibrated.yaml")
    assert draw_points(scenario, 1, 3)[REACH][0] == np.median(scenario.posterior.probabilities()[REACH])
    assert draw_points(scenario, 1, 3)["costs.fixed"].tolist() == [0.5]
    ours = found.points(1, 3)[REACH][0]
    assert abs(draw_points(scenario, 1, 3)[REACH][0] - ours) < 5 * 0.5 * 0.4 / np.sqrt(250)


def test_few_draws_spread_over_the_file_and_many_take_each_row_equally_often():
    few = np.sort(chosen_rows(1_000, 20, 1))
    assert (few // 50).tolist() == list(range(20))
    many = np.bincount(chosen_rows(100, 250, 1))
    assert set(many.tolist()) == {2, 3}


def test_a_posterior_is_refused_once_an_estimate_has_changed(folder):
    place, _ = folder
    with pytest.raises(InputError) as caught:
        load_scenario(place / "calibrated.yaml", {REACH: 0.5})
    assert str(caught.value) == (
        f"{place / 'posterior.csv'}: posterior = posterior.csv: was calibrated with other numbers: "
        f"{REACH} changed since. Run victimsmodel calibrate with --set posterior=null and --out again, "
        "or leave posterior out. [VM142]"
    )
    assert load_scenario(place / "calibrated.yaml", {REACH: 0.5, "posterior": None}).posterior is None


def test_a_posterior_is_refused_once_the_observed_totals_have_changed(folder, tmp_path):
    place, _ = folder
    copy = shutil.copytree(place, tmp_path / "copy")
    text = (copy / "seen.csv").read_text(encoding="utf-8")
    (copy / "seen.csv").write_text(text.replace("anything", "something else"), encoding="utf-8")
    load_scenario(copy / "calibrated.yaml")  # words change nothing
    (copy / "seen.csv").write_text(text.replace("60,", "61,"), encoding="utf-8")
    with pytest.raises(InputError, match=r"the observed totals changed since.*\[VM142\]"):
        load_scenario(copy / "calibrated.yaml")


_CHANGED = "is not as calibrate wrote it: numbers were changed, or rows or columns are missing"


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            lambda text: text.replace("observed#", "seen#", 1),
            "must begin with the columns that",
        ),
        (lambda text: text.replace("0.", "1.", 1), "must be a probability from 0 to 1 (exclusive)"),
        (lambda text: text.replace("0.", "x.", 1), "must be a CSV table of numbers below one line of names"),
        (lambda text: "\n".join(text.splitlines()[:5]), "must have 20 or more rows"),
        (lambda text: "\n".join(text.splitlines()[:300]), _CHANGED),
        (lambda text: "\n".join([*text.splitlines()[:-1], text.splitlines()[-2]]), _CHANGED),
        (lambda text: "\n".join(line.rpartition(",")[0] for line in text.splitlines()), _CHANGED),
        (lambda text: text.replace("0.1", "0.2", 1), _CHANGED),
        (lambda text: text.replace("0.1", "\u0660.1", 1), _CHANGED),
    ],
)
def test_a_file_that_calibrate_did_not_write_is_refused(folder, tmp_path, edit, message):
    copy = shutil.copytree(folder[0], tmp_path / "copy")
    path = copy / "posterior.csv"
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_scenario(copy / "calibrated.yaml")
    assert message in str(caught.value)
    assert "[VM141]" in str(caught.value)


def test_the_command_prints_what_moved_and_keeps_what_exists(folder, tmp_path):
    place, _ = folder
    out = tmp_path / "draws.csv"
    asked = ("calibrate", place / "west-midlands.yaml", "--draws", "400", "--ample-staff", "--out", out)
    done = run(tmp_path, *asked)
    assert done.returncode == 0
    assert "Supported of referred, 2017/18" in done.stdout
    assert "uncertain inputs" in done.stdout
    assert out.is_file()
    refused = run(tmp_path, *asked)
    assert refused.returncode == 2
    assert refused.stderr.strip() == f"{out}: exists already. Add --force to replace it. [VM146]"
    seen = place / "seen.csv"  # which the scenario reads
    before = seen.read_bytes()
    refused = run(tmp_path, *asked[:-1], seen, "--force")
    assert refused.returncode == 2
    assert refused.stderr.strip() == f"{seen}: --out: exists. It holds no posterior: name another. [VM311]"
    assert seen.read_bytes() == before


def test_the_check_says_which_inputs_are_calibrated(folder):
    shown = run(folder[0], "check", "calibrated.yaml").stdout
    assert "are calibrated: runs draw them from posterior.csv, not from these ranges." in shown
    assert "(calibrated)" in next(line for line in shown.splitlines() if line.startswith(REACH))
