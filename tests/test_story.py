"""The event log: the same year as the counters, told victim by victim."""

import subprocess
import sys

import pandas as pd
import pytest

from victimsmodel.appraisal.replications import simulate
from victimsmodel.errors import InputError
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.pathway.story import animation_log, event_log, one_story, process_log
from victimsmodel.records import EXITS, STAGES, TASKS

SCENARIO = "parameters/every-feature.yaml"
SMALL = {
    "demand.victims_per_year": 3000,
    "staff.contact_officer.fte": 1,
    "opening.waiting": 20,
    "opening.open_cases": 3,
}


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO, SMALL)


@pytest.fixture(scope="module")
def log(scenario):
    return event_log(scenario, share=1.0, seed=3)


def test_the_log_counts_what_the_simulation_counts(scenario, log):
    result = simulate(scenario, ["business_as_usual"], n_replications=2, seed=3)
    start, end = pd.Timestamp(scenario.period.start), pd.Timestamp(scenario.period.end)
    referral = log["time"].dt.normalize() - pd.to_timedelta(log["day"], unit="D")
    own = log[(referral >= start) & (referral <= end)]
    told = own["event"].value_counts()
    first = result.funnel[(result.funnel["who"] == "all") & (result.funnel["replication"] == 0)]
    counted = first.groupby("stage", observed=True)["victims"].sum()
    assert told[list(STAGES)].to_dict() == counted.to_dict()
    exits = result.exits[(result.exits["who"] == "all") & (result.exits["replication"] == 0)]
    ended = exits.groupby("exit", observed=True)["victims"].sum()
    assert {exit_: told[f"closed_{exit_}"] for exit_ in EXITS} == ended.to_dict()


@pytest.mark.long
def test_every_story_is_in_order_and_ends_once(log):
    for _, story in log.groupby("victim"):
        assert story["time"].is_monotonic_increasing
        n_ends = story["event"].str.startswith("closed_").sum()
        assert n_ends == (story["event"] == "referred").sum() or "victims" not in story["event"].values


def test_a_sample_tells_the_same_stories_and_one_victim_can_be_replayed(scenario, log):
    sample = event_log(scenario, share=0.1, seed=3)
    victims = sample["victim"].unique()
    assert 0.07 < len(victims) / log["victim"].nunique() < 0.13
    same = log[log["victim"].isin(victims)].reset_index(drop=True)
    pd.testing.assert_frame_equal(sample, same)
    alone = event_log(scenario, seed=3, victim=victims[0])
    assert len(alone) == (sample["victim"] == victims[0]).sum()


def test_the_same_victims_meet_every_option(scenario, log):
    other = event_log(scenario, "phone_first", share=1.0, seed=3)
    assert set(other["victim"]) == set(log["victim"])


def test_one_story_is_the_longest(log):
    story = one_story(log)
    assert len(story) == log["victim"].value_counts().max()
    assert list(story.columns) == ["time", "event", "channel", "role", "minutes"]


def test_the_shapes_that_other_tools_read(log):
    process = process_log(log)
    assert {"case:concept:name", "concept:name", "time:timestamp", "org:resource"} <= set(process.columns)
    animation = animation_log(log)
    kinds = animation["event_type"].value_counts()
    n_victims = log["victim"].nunique()
    assert kinds["arrival_departure"] == 2 * n_victims
    worked = (log["event"].isin(TASKS) & log["role"].notna()).sum()
    assert kinds["resource_use"] == kinds["resource_use_end"] == worked
    assert kinds.sum() == len(log) + worked + 2 * n_victims
    for _, story in animation.head(3000).groupby("entity_id"):
        assert story["event"].iloc[0] == "arrival"


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ({"share": 0.0}, "event_log: share = 0.0: must be above 0 and at most 1. [VM037]"),
        ({"victim": "anna"}, "must be 16 hexadecimal digits"),
        ({"victim": "0123456789abcdef"}, "is no victim of this year and option"),
        ({"option": "phone_frist"}, "Did you mean phone_first?"),
    ],
)
def test_impossible_requests_are_refused(scenario, what, message):
    with pytest.raises(InputError) as error:
        event_log(scenario, **what)
    assert message in str(error.value)


def test_the_command_writes_a_parquet_file(tmp_path):
    out = tmp_path / "log.parquet"
    sets = [part for key, value in SMALL.items() for part in ("--set", f"{key}={value}")]
    asked = ["log", SCENARIO, "--out", str(out), "--share", "0.2", "--shape", "process", *sets]
    ran = subprocess.run(
        [sys.executable, "-m", "victimsmodel", *asked], capture_output=True, text=True, check=True
    )
    found = pd.read_parquet(out)
    assert f"{len(found):,} events" in ran.stdout
    assert found["case:concept:name"].nunique() > 100
