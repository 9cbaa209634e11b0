"""Facts of runs side by side: what differs, whether it is more than chance, and what still holds."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import run
from scipy import stats

from victimsmodel.appraisal.outcomes import COSTED
from victimsmodel.appraisal.replications import simulate
from victimsmodel.appraisal.run_differences import pairing, run_differences
from victimsmodel.batches import evaluate_all, listed_runs, write_index
from victimsmodel.errors import InputError
from victimsmodel.files import file_hash
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.made_from import files_read
from victimsmodel.inputs.scenario_differences import input_differences
from victimsmodel.kept_runs import check_content, open_kept_run, origin_of, stale_reasons
from victimsmodel.kept_tables import write_table
from victimsmodel.reporting.changed_words import changed_words
from victimsmodel.reporting.figures_calendar import plot_utilisation_calendar
from victimsmodel.reporting.figures_cascade import plot_cascade
from victimsmodel.reporting.figures_pathway import FUNNEL_STAGES
from victimsmodel.reporting.marks import DRAFT, Mark, joint_mark
from victimsmodel.reporting.pictures import figure_title
from victimsmodel.run_comparison import compare_runs, write_comparison
from victimsmodel.sealed import sealed_text
from victimsmodel.stages import Run, stage_tables

PARAMETERS = Path(__file__).parents[1] / "parameters"
WEST_MIDLANDS = PARAMETERS / "west-midlands.yaml"
SMALL = {
    "demand.victims_per_year": "4200",
    "staff.contact_officer.fte": "0.5",
    "staff.caseworker.fte": "0.25",
    "staff.volunteer.fte": "0.25",
}
_PARTS = ("fte", "hours_per_week", "caseload_cap")
OPTIONS = ["business_as_usual", "phone_first"]


def by_draw(**values):
    """Return measures by draw of one option."""
    n = len(next(iter(values.values())))
    index = pd.MultiIndex.from_product([["business_as_usual"], range(n)], names=["option", "draw"])
    return pd.DataFrame(values, index=index, dtype=float)


# ------------------------------------------------------------------------------------------------
# Differences of results


def test_a_paired_interval_holds_nine_in_ten_of_the_differences_within_draws():
    generator = np.random.Generator(np.random.Philox(1))
    world, effect = generator.normal(0, 100, 200), generator.normal(5, 1, 200)
    table = run_differences(by_draw(x=world), by_draw(x=world + effect), is_paired=True)
    row = table.iloc[0]
    assert row["difference"] == pytest.approx(effect.mean())
    assert (row["low"], row["high"]) == pytest.approx(tuple(np.quantile(effect, (0.05, 0.95))))
    assert row["probability_higher"] == (effect > 0).mean()
    assert row["verdict"] == "clear"


def test_an_unpaired_interval_is_that_of_welch():
    generator = np.random.Generator(np.random.Philox(2))
    ours, theirs = generator.normal(0, 1, 30), generator.normal(0.2, 3, 50)
    row = run_differences(by_draw(x=ours), by_draw(x=theirs), is_paired=False).iloc[0]
    expected = stats.ttest_ind(theirs, ours, equal_var=False).confidence_interval(0.9)
    assert (row["low"], row["high"]) == pytest.approx(tuple(expected))
    assert np.isnan(row["probability_higher"])


def test_the_same_worlds_hide_less_when_they_are_paired():
    generator = np.random.Generator(np.random.Philox(3))
    world = generator.normal(0, 100, 100)
    first, second = by_draw(x=world), by_draw(x=world + 5)
    assert run_differences(first, second, is_paired=True)["verdict"].item() == "clear"
    assert run_differences(first, second, is_paired=False)["verdict"].item() == "within chance"


@pytest.mark.parametrize(
    ("gaps", "verdict"),
    [
        ([0, 0, 0], "identical"),
        ([1, 2, 3, 2], "clear"),
        ([1, 3, 1], "within chance"),  # the sign of three draws agrees in one of four cases by chance
        ([-1, *[2, 3] * 9, -2], "on average"),
        ([-1, 1, -2, 2], "within chance"),
        ([5], "unknown"),
        ([np.nan, 5], "unknown"),
    ],
)
def test_a_difference_is_more_than_chance_if_draws_agree_on_it(gaps, verdict):
    zero = by_draw(x=[0.0] * len(gaps))
    assert run_differences(zero, by_draw(x=gaps), is_paired=True)["verdict"].item() == verdict


def points(seed, n_draws, names):
    scenario_points = {
        name: np.random.Generator(np.random.Philox([seed, i])).random(n_draws) for i, name in enumerate(names)
    }
    return (
        pd.DataFrame(scenario_points)
        .rename_axis("draw")
        .reset_index()
        .melt("draw", var_name="input", value_name="probability")
    )


def test_draws_pair_if_what_both_have_stands_at_the_same_points():
    assert pairing(points(1, 20, "abc"), points(1, 20, "ab")).is_paired
    assert pairing(points(1, 20, "abc"), points(2, 20, "abc")).reason == (
        "the uncertain inputs were drawn at other points (another seed or calibration)"
    )
    assert pairing(points(1, 20, "a"), points(1, 5, "a")).reason == "one has 20 draws, the other 5"
    other = points(1, 20, "abc")
    other.loc[other["input"] == "b", "probability"] /= 2
    assert pairing(points(1, 20, "abc"), other).reason == (
        "1 of 3 uncertain inputs were drawn at other points (another seed or calibration)"
    )


# ------------------------------------------------------------------------------------------------
# Differences of inputs


def test_equal_scenarios_have_no_differences():
    assert input_differences(load_scenario(WEST_MIDLANDS), load_scenario(WEST_MIDLANDS)) == []


def test_what_all_options_share_differs_once():
    changed = load_scenario(WEST_MIDLANDS, {"staff.contact_officer.fte": 24, "demand.need.value": 0.26})
    found = input_differences(load_scenario(WEST_MIDLANDS), changed)
    assert [(row.input, row.owner, row.kind) for row in found] == [
        ("staff.contact_officer.fte", "", "choice"),
        ("demand.need", "", "estimate"),
    ]
    assert (found[0].first, found[0].second) == (20, 24)


def test_an_option_of_one_scenario_is_a_difference_of_its_own(tmp_path):
    for path in PARAMETERS.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (
        "extends: west-midlands.yaml\nname: more\noptions:\n  fewer_officers:\n    title: Fewer officers\n"
        "    summary: As it is, with fewer.\n    changes:\n      staff:\n        contact_officer:\n"
        "          fte: 10\n"
    )
    (tmp_path / "more.yaml").write_text(text)
    found = input_differences(load_scenario(WEST_MIDLANDS), load_scenario(tmp_path / "more.yaml"))
    assert [(row.owner, row.kind, row.first, row.second) for row in found] == [
        ("options.fewer_officers", "option", None, "Fewer officers")
    ]


def test_a_scenario_is_made_from_what_it_extends_and_names():
    names = [path.name for path in files_read(PARAMETERS / "every-feature.yaml")]
    assert names[:3] == ["every-feature.yaml", "west-midlands.yaml", "sources.yaml"]
    assert {"offences.csv", "quality.csv", "boroughs.csv", "boundaries.geojson"} <= set(names)
    assert "national.yaml" not in names
    without = files_read(WEST_MIDLANDS, {"demand.areas.boundaries": "null"})
    assert "boundaries.geojson" not in {path.name for path in without}


# ------------------------------------------------------------------------------------------------
# Run folders


def keep_run(out, scenario_file, overrides, seed=1, n_draws=4):
    """Make a run folder with the tables that comparison and list read."""
    from victimsmodel.appraisal.compare import compare_options
    from victimsmodel.appraisal.outcomes import measures_by_draw, measures_by_run

    scenario = load_scenario(scenario_file, overrides)
    key = f"{abs(hash((scenario.model_dump_json(), seed, n_draws))):064x}"[-64:]
    folder = out / f"{scenario.name}-{key[-12:]}"
    result = simulate(scenario, OPTIONS, n_draws=n_draws, n_replications=2, seed=seed)
    runs = measures_by_run(result, scenario)
    made = {
        "inputs": result.inputs,
        "waits": result.waits,
        "measures_by_draw": measures_by_draw(runs),
        "comparison": compare_options(result, scenario, runs=runs),
    }
    for name, table in made.items():
        write_table(table, folder, name)
    manifest = {
        "run_id": key[-12:], "key": key, "scenario": scenario.name, "profile": "tiny", "seed": seed,
        "n_draws": n_draws, "n_replications": 2, "created": "2026-11-22T12:00:00+00:00", "version": "0.1.0",
        "overrides": overrides, "files": {}, **origin_of(Path(scenario_file), overrides, scenario, folder),
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Return a scenario's copy and three runs: as it is, with more staff, and with another seed."""
    folder = tmp_path_factory.mktemp("kept")
    for path in PARAMETERS.glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())
    file, out = folder / "west-midlands.yaml", folder / "outputs"
    more = {**SMALL, "staff.contact_officer.fte": "5"}
    return (
        folder,
        keep_run(out, file, SMALL),
        keep_run(out, file, more),
        keep_run(out, file, SMALL, seed=2, n_draws=5),
    )


def test_more_staff_supports_more_victims_in_the_same_worlds(kept):
    _, usual, more, _ = kept
    found = compare_runs(usual, more)
    assert found.pairing.is_paired
    assert list(found.inputs["input"]) == ["staff.contact_officer.fte"]
    assert list(found.inputs["title"]) == ["Contact officers: full-time posts"]
    assert list(found.inputs[["first_text", "second_text"]].iloc[0]) == ["0.5", "5"]
    rows = found.results.set_index(["option", "measure"])
    for option in OPTIONS:
        assert rows.loc[(option, "contacted"), "difference"] > 0
        assert rows.loc[(option, "total_cost"), "low"] > 0
        assert rows.loc[(option, "referred"), "verdict"] == "identical"


def test_the_difference_is_that_of_the_kept_estimates(kept):
    _, usual, more, _ = kept
    found = compare_runs(usual, more).results.set_index(["option", "measure"])
    for folder, side in ((usual, "first"), (more, "second")):
        table = pd.read_parquet(folder / "tables" / "comparison.parquet").astype({"option": str})
        kept_values = table.set_index(["option", "measure"])["estimate"]
        assert found.loc[kept_values.index, side].to_numpy() == pytest.approx(
            kept_values.to_numpy(), nan_ok=True
        )


def test_runs_of_other_seeds_do_not_pair_and_say_so(kept):
    _, usual, _, other = kept
    found = compare_runs(usual, other)
    assert not found.pairing.is_paired
    assert set(found.results["interval"]) == {"unpaired"}
    assert any("do not pair: one has 4 draws, the other 5" in note for note in found.notes)
    assert any("the seed is 1 in A and 2 in B" in note for note in found.notes)


def test_page_and_tables_of_a_comparison_are_written(kept, tmp_path):
    _, usual, more, _ = kept
    found = compare_runs(usual, more)
    page = write_comparison(found, tmp_path)
    assert page.name == f"compare-{found.first.run_id}-{found.second.run_id}.html"
    text = page.read_text()
    assert "Contact officers: full-time posts" in text
    assert "Business as usual" in text
    assert "business_as_usual" not in text
    assert re.findall(r"""(?:src|href)=["'](?!#)""", text) == []
    band = re.search(r'<aside class="band".*?</aside>', text)[0]
    assert "DRAFT: no run is signed off. Do not decide on it." in band
    titles = re.findall(r"<dt>Run [AB]</dt><dd>(.*?);", text)
    assert [title.partition(", with ")[2] for title in titles] == [
        f"contact officers, full-time posts {fte}" for fte in ("0.5", "5")
    ]
    whole = pd.read_parquet(page.with_name(f"{page.stem}-results.parquet"))
    assert len(whole) == len(pd.read_csv(page.with_name(f"{page.stem}-results.csv"))) == len(found.results)


def test_an_untouched_run_is_not_stale(kept):
    assert stale_reasons(open_kept_run(kept[1])) == []


def test_no_document_is_made_of_a_run_that_is_not_as_it_was_written(kept, tmp_path):
    copy = shutil.copytree(kept[1], tmp_path / "run")
    files = {f"tables/{path.name}": file_hash(path) for path in (copy / "tables").iterdir()}
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(sealed_text({**manifest, "files": files}))
    check_content(open_kept_run(copy))
    changed = copy / "tables" / "comparison.parquet"
    write_table(pd.read_parquet(changed).assign(estimate=77_000.0), copy, "comparison")
    for command in ("word", "pdf"):
        ran = run(tmp_path, command, copy)
        assert ran.returncode == 2
        assert ran.stderr.startswith(f"{copy}: is not as the run wrote it: tables/comparison.")
        assert ran.stderr.endswith("changed or removed since. Evaluate its scenario again. [VM236]\n")
    assert not list(copy.glob("report.*"))


def test_a_run_is_stale_when_a_file_it_was_made_from_changes(kept):
    folder, usual, _, _ = kept
    file = folder / "sources.yaml"
    before = file.read_bytes()
    try:
        file.write_bytes(before + b"\n# another word\n")
        assert stale_reasons(open_kept_run(usual)) == ["sources.yaml has changed since"]
        file.unlink()
        assert stale_reasons(open_kept_run(usual)) == ["sources.yaml is no longer where it was"]
    finally:
        file.write_bytes(before)


def test_a_run_of_another_package_is_stale(kept):
    run = open_kept_run(kept[1])
    run.manifest = {**run.manifest, "code": "0" * 64}
    assert stale_reasons(run) == ["the package has changed since"]


def test_the_index_has_a_row_for_each_run(kept):
    _, usual, more, other = kept
    rows, left_out = listed_runs(usual.parent)
    assert {row.run_id for row in rows} == {run.name[-12:] for run in (usual, more, other)}
    assert left_out == []
    text = write_index(usual.parent, dict.fromkeys([usual, more])).read_text()
    together, _, earlier = text.partition("Earlier runs in this folder")
    assert together.count('<tr><th scope="row">') == 2
    assert earlier.count('<tr><th scope="row">') == 1
    assert "<p>DRAFT: no run is signed off. Do not decide on it.</p>" in text


@pytest.mark.parametrize(
    ("drafts", "said"),
    [
        ((True, True), "DRAFT: no run is signed off. Do not decide on it."),
        ((False, True), "DRAFT: Run B is not signed off. Do not decide on it."),
        ((False, False), "Run A: Signed. Run B: Signed."),
        ((True,), "DRAFT: not signed off. Do not decide on it."),
        ((True,) * 5 + (False,), "DRAFT: 5 of 6 runs are not signed off. Do not decide on it."),
    ],
)
def test_a_page_on_several_runs_is_a_draft_unless_all_are_signed_off(drafts, said):
    signed = Mark("", "Signed.", is_draft=False)
    marks = {f"Run {letter}": DRAFT if one else signed for letter, one in zip("ABCDEF", drafts, strict=False)}
    assert (joint_mark(marks).text, joint_mark(marks).is_draft) == (said, any(drafts))


def test_what_was_changed_for_a_run_is_said_with_what_it_was():
    changes = {"staff.contact_officer.fte": "18", "grant_gbp": "800000"}
    stated = load_scenario(WEST_MIDLANDS)
    assert changed_words(stated, load_scenario(WEST_MIDLANDS, changes)) == (
        "Changed for this run: contact officers, full-time posts: 18 instead of 20; grant: £800,000 "
        f"instead of £{stated.grant_gbp:,.0f}."
    )
    assert changed_words(stated, load_scenario(WEST_MIDLANDS, {"name": "other"})) == ""
    more = {f"staff.{role}.{part}": "1" for role in ("contact_officer", "caseworker") for part in _PARTS}
    assert changed_words(stated, load_scenario(WEST_MIDLANDS, more)).endswith("; and 2 more.")


# ------------------------------------------------------------------------------------------------
# What cannot be compared


def message(*runs):
    with pytest.raises(InputError) as caught:
        compare_runs(*runs)
    return str(caught.value)


def test_a_run_cannot_be_compared_with_itself(kept):
    assert message(kept[1], kept[1]) == f"compare: RUN = {kept[1]}: is the same run twice. [VM234]"


def test_both_runs_are_looked_at_before_the_comparison_is_refused(kept, tmp_path):
    unfinished = tmp_path / "half"
    (unfinished / "tables").mkdir(parents=True)
    assert message(tmp_path / "none", unfinished) == (
        f"{tmp_path / 'none'}: does not exist. [VM230]\n"
        f"{unfinished}: is no finished run: it holds no manifest.json. "
        "Evaluating its scenario again resumes it. [VM231]"
    )


def test_a_run_that_kept_too_little_is_refused(kept, tmp_path):
    old = tmp_path / "old"
    old.mkdir()
    (old / "manifest.json").write_text('{"run_id": "a", "key": "b"}')
    assert message(kept[1], old) == (
        f"{old}: holds no scenario.json: an earlier version made it. Evaluate its scenario again. [VM232]"
    )
    (old / "scenario.json").write_bytes((kept[1] / "scenario.json").read_bytes())
    assert message(kept[1], old) == (
        f"{old}: holds no table inputs: it is not whole, or an earlier version made it. "
        "Evaluate its scenario again. [VM233]"
    )
    (old / "scenario.json").write_text('{"name": 1}')
    assert "that this version cannot read" in message(kept[1], old)


def test_all_scenarios_are_checked_before_any_is_run(tmp_path):
    texts = {"a": "staff:\n  contact_officer:\n    fte: -1\n", "b": "grant_gbp: none\n"}
    for path in PARAMETERS.glob("*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(f"extends: west-midlands.yaml\nname: {name}\n{text}")
    files = [tmp_path / f"{name}.yaml" for name in ("west-midlands", "a", "b")]
    with pytest.raises(InputError) as caught:
        evaluate_all(files, profile="tiny", out=tmp_path / "out")
    found = str(caught.value).splitlines()
    assert len(found) == 2
    assert "a.yaml:5: staff.contact_officer.fte = -1" in found[0]
    assert "b.yaml:3: grant_gbp = none" in found[1]
    assert not (tmp_path / "out").exists()
    command = [sys.executable, "-m", "victimsmodel", "evaluate", *map(str, files)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.splitlines()) == (2, found)
    assert not (tmp_path / "outputs").exists()


def test_measures_by_draw_are_kept_by_the_value_stage(tmp_path):
    run = Run(load_scenario(WEST_MIDLANDS, SMALL), tmp_path, "tiny", 1)
    table = stage_tables(run, "value")["measures_by_draw"]
    comparison = stage_tables(run, "value")["comparison"].astype({"option": str})
    means = table.astype({"option": str}).groupby("option").mean()
    counted = comparison[~comparison["measure"].isin(["attrition", "coverage", *COSTED])]  # no ratio
    assert len(counted) > 20
    for row in counted.itertuples():
        assert means.loc[row.option, row.measure] == pytest.approx(row.estimate, nan_ok=True)


# ------------------------------------------------------------------------------------------------
# Figures of a year and of the way through the service


def daily_of(used, available):
    """Return a daily table of one role from minutes used and available."""
    frames = [
        pd.DataFrame({"measure": measure, "day": range(len(values)), "mean": values})
        for measure, values in (("minutes_used", used), ("minutes_available", available))
    ]
    return pd.concat(frames).assign(option="business_as_usual", role="caseworker", low=0.0, high=0.0)


@pytest.fixture(scope="module")
def west_midlands():
    return load_scenario(WEST_MIDLANDS)


def test_the_calendar_has_a_cell_for_each_day_that_is_worked(west_midlands):
    days = pd.date_range(west_midlands.period.start, periods=364)
    available = np.where(days.day_of_week < 5, 100.0, 0.0)
    used = np.where(days.day_of_week == 0, 100.0, 50.0) * (available > 0)
    figure = plot_utilisation_calendar(daily_of(used, available), west_midlands, "Made up.")
    assert figure_title(figure) == "Caseworkers are full on 20% of their days under business as usual"
    (mesh,) = figure.axes[0].collections
    cells = np.ma.getmaskarray(mesh.get_array())
    assert cells.shape == (5, 52)  # the year begins on a Monday
    assert (~cells).sum() == (available > 0).sum()
    assert (mesh.get_array()[0].compressed() == 1).all()  # Mondays
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["Mon", "Tue", "Wed", "Thu", "Fri"]


def test_a_calendar_on_which_nobody_is_full_names_the_busiest(west_midlands):
    figure = plot_utilisation_calendar(daily_of([30.0] * 7, [100.0] * 7), west_midlands, "Made up.")
    assert figure_title(figure) == (
        "Under business as usual no role is ever full; caseworkers are busiest, with 30% of their time used"
    )


def test_the_cascade_tells_which_option_is_best_by_each_denominator(west_midlands):
    rows = [
        {"option": option, "stage": stage, "who": who, "victims": victims}
        for option, every, in_need in (
            ("business_as_usual", 1000, 400),
            ("needs_flagged", 200, 150),
        )
        for who, first, total in (("all", every, 1000), ("in_need", in_need, 400))
        for stage, victims in {
            "in_need": 400, **dict.fromkeys(FUNNEL_STAGES, first),
            "supported": first * (0.2 if option == "business_as_usual" else 0.4), "victims": total,
        }.items()
    ]  # fmt: skip
    figure = plot_cascade(pd.DataFrame(rows), west_midlands, "Made up.")
    assert figure_title(figure) == (
        "“Needs flagged by the police” supports most of its referrals (40%), business as usual most of all "
        "victims in need (20%)"
    )
    of_referred, of_need = figure.axes
    assert [line.get_xdata()[-1] for line in of_referred.lines] == pytest.approx([0.2, 0.4])
    assert [line.get_xdata()[-1] for line in of_need.lines] == pytest.approx([0.2, 0.15])
    assert [line.get_xdata()[0] for line in of_need.lines] == pytest.approx([1.0, 0.375])
