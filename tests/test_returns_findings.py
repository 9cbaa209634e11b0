"""What is found in a return, the attrition that it allows, and what is asked. All returns are made up."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta
from typer.testing import CliRunner

import victimsmodel as vm
from victimsmodel.cli import app
from victimsmodel.errors import CannotWriteError, InputError, PrivacyError
from victimsmodel.inputs.returns.shifts import find_shift
from victimsmodel.reporting.returns_text import return_lines

PLAIN = {name: name.lower() for name in ("Referred", "Attempted", "Contacted", "Assessed", "Supported")}


def made(
    folder: Path,
    rows: dict[str, list[object]],
    extra: str = "",
    units: dict[str, str] | None = None,
    **stages: str,
) -> Any:
    """Write a return with a row a quarter and the columns given, and load it."""
    n, counted = len(next(iter(rows.values()))), units or {}
    quarters = [f"Q{i % 4 + 1} {2017 + i // 4}/{18 + i // 4}" for i in range(n)]
    table = pd.DataFrame({"Quarter": rows.pop("Quarter", quarters), **rows})
    table.to_csv(folder / "return.csv", index=False)
    lines = [
        f"  {label}: {{stage: {stages.get(label, PLAIN.get(label))}, unit: {counted.get(label, 'victim')}}}"
        for label in rows
    ]
    (folder / "map.yaml").write_text("\n".join([extra, "labels:", *lines]) + "\n")
    return vm.load_returns(folder / "return.csv", folder / "map.yaml")


def checks(returns: Any) -> dict[str, Any]:
    return {row.check: row for row in returns.findings.itertuples()}


def test_more_assessed_than_contacted_is_impossible_and_named_by_cell(tmp_path: Path) -> None:
    returns = made(
        tmp_path, {"Referred": [100, 110, 120], "Contacted": [40, 44, 50], "Assessed": [20, 60, 25]}
    )
    found = checks(returns)["impossible_transition"]
    assert found[1:] == (
        "error", "impossible_transition", "contacted > assessed", "2017/18 Q2", "C3, D3", 60 / 44,
        "60 assessed of 44 contacted in 2017/18 Q2: 16 too many.", "left",
    )  # fmt: skip


def test_contacts_above_victims_in_every_quarter_are_double_counting(tmp_path: Path) -> None:
    returns = made(tmp_path, {"Referred": [100, 110, 120, 90], "Contacted": [240, 260, 250, 300]})
    found = checks(returns)["double_counting"]
    assert found.severity == "error"
    assert found.size == 1050 / 420


def test_one_column_under_two_names_is_found(tmp_path: Path) -> None:
    returns = made(tmp_path, {"Referred": [100, 110], "Assessed": [12, 13], "Supported": [12, 13]})
    assert checks(returns)["same_column_twice"].stage == "assessed > supported"


def test_a_quarter_sent_again_is_found(tmp_path: Path) -> None:
    returns = made(tmp_path, {"Referred": [100, 110, 110], "Contacted": [40, 41, 41], "Supported": [9, 8, 8]})
    assert checks(returns)["repeated_quarter"].period == "2017/18 Q3"


def test_running_totals_that_nobody_declared_are_found(tmp_path: Path) -> None:
    running = {"Referred": [100, 205, 300, 410, 90, 200, 305], "Contacted": [40, 81, 120, 165, 38, 80, 118]}
    assert checks(made(tmp_path, running))["looks_cumulative"].severity == "error"


def test_quarters_that_are_missing_are_named(tmp_path: Path) -> None:
    quarters = ["Q1 2017/18", "Q2 2017/18", "Q1 2018/19"]
    returns = made(tmp_path, {"Quarter": quarters, "Referred": [100, 101, 99], "Contacted": [40, 41, 42]})
    assert checks(returns)["missing_quarter"].period == "2017/18 Q3, 2017/18 Q4"


def test_an_annual_total_that_does_not_add_up_is_found_and_not_counted(tmp_path: Path) -> None:
    quarters = ["Q1 2017/18", "Q2 2017/18", "Q3 2017/18", "Q4 2017/18", "2017/18"]
    rows = {"Quarter": quarters, "Referred": [100, 101, 99, 98, 398], "Contacted": [40, 41, 42, 43, 170]}
    returns = made(tmp_path, rows)
    assert returns.counts["value"].sum() == 398 + 166
    found = checks(returns)["totals_differ"]
    assert (found.stage, found.size, found.rows) == ("Contacted", 166 - 170, "C6, C2, C3, C4, C5")


def test_nothing_is_found_in_a_return_without_a_fault(tmp_path: Path) -> None:
    rows = {
        "Referred": [1000, 1030, 990, 1010],
        "Contacted": [300, 318, 290, 304],
        "Supported": [100, 107, 95, 103],
    }
    assert made(tmp_path, rows).findings.empty


def test_declared_running_totals_are_turned_into_quarters(tmp_path: Path) -> None:
    rows = {"Referred": [100, 205, 300, 410, 90], "Contacted": [40, 81, 121, 165, 38]}
    returns = made(tmp_path, rows, "cumulative: true")
    counts = returns.counts.pivot(index="period", columns="stage", values="value")
    assert counts["referred"].tolist() == [100, 105, 95, 110, 90]
    assert counts["contacted"].tolist() == [40, 41, 40, 44, 38]


# Attrition


def overall(returns: Any) -> pd.DataFrame:
    table = vm.attrition_definitions(returns)
    return table[table["period"] == "overall"].set_index("definition")


def test_durham_2014_loses_89_percent_of_referrals_and_71_percent_of_contacts(tmp_path: Path) -> None:
    """Counts of the Durham Victim Referral Dip Sample Report, November 2014."""
    table = overall(
        made(
            tmp_path,
            {"Referred": [85], "Attempted": [66], "Contacted": [31], "Assessed": [9], "Supported": [9]},
        )
    )
    assert table.loc["referral_to_support", "value"] == 1 - 9 / 85
    assert table.loc["contact_to_support", "value"] == 1 - 9 / 31
    assert table.loc["referral_to_contact", "value"] == 1 - 31 / 85
    interval = table.loc["referral_to_support", ["low", "high"]].astype(float)
    assert interval.tolist() == pytest.approx(beta.ppf([0.05, 0.95], 76.5, 9.5))


def test_bounds_of_a_missing_stage_are_those_of_its_neighbours(tmp_path: Path) -> None:
    table = overall(made(tmp_path, {"Referred": [100], "Assessed": [20], "Supported": [10]}))
    row = table.loc["referral_to_contact"]
    assert (row["kind"], row["low"], row["high"]) == (
        "bound",
        0.0,
        0.8,
    )  # between 20 and all 100 were contacted
    row = table.loc["contact_to_support"]
    assert (row["kind"], row["low"], row["high"]) == ("bound", 0.5, 0.9)


def test_bounds_are_sharp(tmp_path: Path) -> None:
    """Every combination of whole counts that breaks no rule, against the formula."""
    rows = {
        "Referred": [9, "n/a"],
        "Attempted": ["<5", 7],
        "Contacted": ["n/a", "<4"],
        "Supported": [2, "<3"],
    }
    table = vm.attrition_definitions(made(tmp_path, rows)).set_index(["definition", "period"])
    own = [
        {"referred": (9, 9), "attempted": (1, 4), "contacted": (0, 9), "supported": (2, 2)},
        {"referred": (0, 30), "attempted": (7, 7), "contacted": (1, 3), "supported": (1, 2)},
    ]
    for period, limits in zip(["2017/18 Q1", "2017/18 Q2"], own, strict=True):
        names = list(limits)
        chains = [
            dict(zip(names, chain, strict=True))
            for chain in product(*(range(low, high + 1) for low, high in limits.values()))
            if all(later <= sooner for sooner, later in pairwise(chain))
        ]
        for definition, top, base in (
            ("attempt_to_contact", "contacted", "attempted"),
            ("attempt_to_support", "supported", "attempted"),
            ("contact_to_support", "supported", "contacted"),
        ):
            values = [1 - chain[top] / chain[base] for chain in chains]
            row = table.loc[(definition, period)]
            assert (row["low"], row["high"]) == pytest.approx((min(values), max(values)), abs=1e-12)


def test_cases_and_victims_are_not_compared(tmp_path: Path) -> None:
    units = {"Referred": "case", "Supported": "victim"}
    table = overall(made(tmp_path, {"Referred": [100], "Supported": [10]}, units=units))
    assert table.loc["referral_to_support", "kind"] == "not comparable"
    assert np.isnan(table.loc["referral_to_support", "value"])


def test_contacts_bound_contacted_victims_from_above(tmp_path: Path) -> None:
    table = overall(
        made(
            tmp_path,
            {"Referred": [100], "Contacted": [60], "Supported": [10]},
            units={"Contacted": "contact"},
        )
    )
    assert table.loc["referral_to_contact", ["low", "high"]].tolist() == [0.4, 0.9]


def test_an_impossible_share_has_no_value(tmp_path: Path) -> None:
    table = overall(made(tmp_path, {"Referred": [10], "Supported": [11]}))
    assert table.loc["referral_to_support", "kind"] == "impossible"
    assert table.loc["referral_to_support", ["value", "low", "high"]].isna().all()


def test_quarters_that_differ_widen_the_interval(tmp_path: Path) -> None:
    same = overall(made(tmp_path, {"Referred": [500] * 4, "Supported": [50, 51, 49, 50]}))
    apart = overall(made(tmp_path, {"Referred": [500] * 4, "Supported": [20, 80, 10, 90]}))
    width = [
        float(t.loc["referral_to_support", "high"] - t.loc["referral_to_support", "low"])
        for t in (same, apart)
    ]
    assert same.loc["referral_to_support", "value"] == apart.loc["referral_to_support", "value"]
    assert width[1] > 5 * width[0]


# Shifts


def test_the_test_of_a_shift_agrees_with_a_quasi_binomial_model_of_statsmodels() -> None:
    import statsmodels.api as sm
    from scipy.stats import f

    n = np.array([400, 420, 390, 410, 405, 415, 398, 402])
    y = np.array([120, 140, 105, 128, 210, 190, 221, 199])
    shift = find_shift(y, n)
    assert shift is not None
    assert shift.at == 4
    answers = np.column_stack([y, n - y])
    after = (np.arange(8) >= 4).astype(float)
    single = sm.GLM(answers, np.ones((8, 1)), family=sm.families.Binomial()).fit()
    double = sm.GLM(answers, sm.add_constant(after), family=sm.families.Binomial()).fit()
    phi = max(1.0, double.pearson_chi2 / 6)
    p = f.sf((single.deviance - double.deviance) / phi, 1, 6) * 7
    assert shift.p_value == pytest.approx(p, rel=1e-6)


def test_shifts_are_seldom_found_where_there_is_none_and_often_where_there_is() -> None:
    """Beta-binomial quarters with intra-class correlation 0.002; 200 returns of each kind."""
    rng = np.random.default_rng(1)
    n_returns, n_quarters, rho = 200, 8, 0.002

    def found(means: np.ndarray) -> float:
        hits = 0
        for _ in range(n_returns):
            trials = rng.integers(800, 1200, n_quarters)
            p = rng.beta(means * (1 / rho - 1), (1 - means) * (1 / rho - 1))
            hits += find_shift(rng.binomial(trials, p), trials) is not None
        return hits / n_returns

    # measured 0.000 (bound 1 % and 5 standard errors) and 0.99
    assert found(np.full(n_quarters, 0.3)) <= 0.01 + 5 * np.sqrt(0.01 * 0.99 / n_returns)
    assert found(np.repeat([0.3, 0.5], 4)) > 0.95


# Mapping files, questions and the command line


def test_a_mapping_names_every_fault_by_line(tmp_path: Path) -> None:
    (tmp_path / "return.csv").write_text("Quarter,Referred,Contacted\nQ1 2017/18,10,5\nQ2 2017/18,11,4\n")
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "labels:\n  Referred: {stage: refered}\n  Contacted: {stage: unsure, perhaps: contacted}\n"
    )
    with pytest.raises(InputError) as error:
        vm.load_returns(tmp_path / "return.csv", mapping)
    first, second = str(error.value).replace(f"{tmp_path}/", "").splitlines()
    assert first.startswith(
        "map.yaml:2: labels.Referred.stage = refered: is no stage (known: victims, in_need,"
    )
    assert first.endswith("Did you mean referred? [VM112]")
    assert second == (
        "map.yaml:3: labels.Contacted.stage = unsure: must be decided: a stage, an exit, or ignored. "
        "Is it contacted? [VM112]"
    )
    mapping.write_text("labels:\n  Refered: {stage: referred}\n  Contacted: {stage: contacted}\n")
    with pytest.raises(InputError) as error:
        vm.load_returns(tmp_path / "return.csv", mapping)
    message = str(error.value).replace(f"{tmp_path}/", "")
    assert (
        message == "map.yaml:2: labels.Refered: is no label of return.csv. Did you mean 'Referred'? [VM114]"
    )


def test_two_labels_of_one_stage_are_refused_unless_they_are_parts(tmp_path: Path) -> None:
    rows: dict[str, list[object]] = {"Referred": [10, 11], "Online": [2, 3], "Supported": [4, 5]}
    with pytest.raises(InputError, match="are both mapped to referred in 2017/18 Q1; say `part: true`"):
        made(tmp_path, dict(rows), Online="referred")
    text = (tmp_path / "map.yaml").read_text().replace("stage: referred,", "stage: referred, part: true,")
    (tmp_path / "map.yaml").write_text(text)
    counts = vm.load_returns(tmp_path / "return.csv", tmp_path / "map.yaml").counts
    assert counts.loc[counts["stage"] == "referred", "value"].tolist() == [12, 14]


def test_questions_come_from_what_is_found(tmp_path: Path) -> None:
    good = made(tmp_path, {"Referred": [100, 103], "Contacted": [40, 42], "Supported": [9, 8]})
    bad = made(
        tmp_path,
        {"Referred": [100, 103, 98], "Contacted": [40, "n/a", 120], "Supported": [9, "*", 8]},
        units={"Supported": "unstated"},
    )
    asked = vm.questions(bad)
    assert len(asked) > len(vm.questions(good))
    text = "\n".join(asked)
    assert "120 contacted of 98 referred in 2017/18 Q3: 22 too many (B4, C4)." in text
    assert "contacted has no count in 2017/18 Q2 (C3)." in text
    assert "Which counts does the mark stand for?" in text
    assert "What is counted in supported" in text
    assert "Can you also count attempted, consented, assessed and accepted" in text


def test_the_command_line_proposes_never_overwrites_and_reports(tmp_path: Path) -> None:
    file, mapping, out = tmp_path / "return.csv", tmp_path / "map.yaml", tmp_path / "out"
    file.write_text("Quarter,Referred,Contacted,Supported\nQ1 2017/18,100,50,=1+1\nQ2 2017/18,110,40,11\n")
    file.write_text("Quarter,Referred,Contacted,Supported\nQ1 2017/18,100,50,10\nQ2 2017/18,110,40,11\n")
    run = CliRunner()
    first = run.invoke(app, ["map", str(file), "--out", str(mapping)])
    assert first.exit_code == 0
    assert "Supported  supported, unstated, 93%" in first.output
    written = mapping.read_bytes()
    again = run.invoke(app, ["map", str(file), "--out", str(mapping)])
    assert isinstance(again.exception, InputError)
    assert mapping.read_bytes() == written
    done = run.invoke(app, ["returns", str(file), "--mapping", str(mapping), "--out", str(out)])
    assert done.exit_code == 0
    assert "90% were referred and not supported" in done.output
    names = {path.name for path in out.iterdir()}
    assert names == {"counts.csv", "findings.csv", "attrition.csv", "questions.txt"}


def test_nothing_is_written_for_a_return_that_is_refused(tmp_path: Path) -> None:
    file, mapping = tmp_path / "return.csv", tmp_path / "map.yaml"
    file.write_text("Line,Q1 2017/18\nSalaries,1000\n")
    result = CliRunner().invoke(app, ["map", str(file), "--out", str(mapping)])
    assert isinstance(result.exception, InputError)
    assert not mapping.exists()


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("out", ["o", "file", "file/below", "late"])
def test_the_ledger_keeps_no_release_that_did_not_happen(tmp_path: Path, out: str, is_new: bool) -> None:
    made(tmp_path, {"Referred": [100, 110], "Contacted": [50, 40]})
    asked = ["returns", str(tmp_path / "return.csv"), "--mapping", str(tmp_path / "map.yaml"), "--out"]
    ledger = tmp_path / "disclosure-ledger.jsonl"
    (tmp_path / "o" / "counts.csv").mkdir(parents=True)
    (tmp_path / "late" / "findings.csv").mkdir(parents=True)
    (tmp_path / "file").write_text("mine")
    if not is_new:
        assert CliRunner().invoke(app, [*asked, str(tmp_path / "good")]).exit_code == 0
    before = ledger.read_text() if ledger.exists() else None
    failed = CliRunner().invoke(app, [*asked, str(tmp_path / out)])
    assert isinstance(failed.exception, CannotWriteError)
    after = ledger.read_text() if ledger.exists() else None
    if out == "late":  # its counts stand there, so that people may have read them
        assert (tmp_path / out / "counts.csv").is_file()
        assert after == (before or "") + next(iter((after or "").splitlines()[-1:])) + "\n"
        assert "return.csv in late" in (after or "")
    else:
        assert after == before
    assert (tmp_path / "file").read_text() == "mine"
    assert not list(tmp_path.rglob("*.lock"))


def test_a_reader_that_goes_away_leaves_no_release_in_the_ledger(tmp_path: Path) -> None:
    made(tmp_path, {"Referred": [100, 110], "Contacted": [50, 40]})
    asked = ["returns", "return.csv", "--mapping", "map.yaml", "--out", "out"]
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "victimsmodel", *asked]
    ran = subprocess.run(command, cwd=tmp_path, stdout=writing, stderr=subprocess.DEVNULL, check=False)
    os.close(writing)
    written = (tmp_path / "out" / "counts.csv").is_file()
    assert written == (tmp_path / "disclosure-ledger.jsonl").is_file(), ran.returncode


def test_a_release_that_is_repeated_in_vain_stays_in_the_ledger(tmp_path: Path) -> None:
    made(tmp_path, {"Referred": [100, 110], "Contacted": [50, 40]})
    asked = ["returns", str(tmp_path / "return.csv"), "--mapping", str(tmp_path / "map.yaml"), "--out"]
    assert CliRunner().invoke(app, [*asked, str(tmp_path / "out")]).exit_code == 0
    before = (tmp_path / "disclosure-ledger.jsonl").read_bytes()
    (tmp_path / "out" / "counts.csv").unlink()
    (tmp_path / "out" / "counts.csv").mkdir()
    failed = CliRunner().invoke(app, [*asked, str(tmp_path / "out")])
    assert isinstance(failed.exception, CannotWriteError)
    assert (tmp_path / "disclosure-ledger.jsonl").read_bytes() == before


def test_the_figure_draws_points_and_bounds(tmp_path: Path) -> None:
    import matplotlib.pyplot as plt

    rows = {"Referred": [100, 110, 105], "Contacted": [40, "n/a", 42], "Supported": [9, 8, "<5"]}
    figure = vm.plot_attrition_definitions(
        vm.attrition_definitions(vm.released_returns(made(tmp_path, rows))), "Made up."
    )
    (axes,) = figure.axes
    assert next(iter(axes.get_yticklabels())).get_text() == "Referred and not supported"
    plt.close(figure)


# Periods that contradict themselves


def test_a_quarter_with_more_supported_than_referred_is_left_out_of_the_whole(tmp_path: Path) -> None:
    rows = {"Referred": [512, 505, 507], "Supported": [600, 40, 35]}
    table = vm.attrition_definitions(made(tmp_path, rows)).set_index(["definition", "period"])
    row = table.loc[("referral_to_support", "overall")]
    assert (row["kind"], row["events"], row["trials"], row["value"]) == ("point", 75, 1012, 1 - 75 / 1012)
    why = "as the counts contradict each other: 2017/18 Q1 (600 supported of 512 referred)."
    assert row["words"].endswith(f" 1 period is left out, {why}")
    single = table.loc[("referral_to_support", "2017/18 Q1")]
    assert (single["kind"], single["words"]) == ("impossible", "Impossible: 600 supported of 512 referred.")


def test_a_contradiction_at_the_numerator_leaves_the_quarter_out_and_one_beyond_it_does_not(
    tmp_path: Path,
) -> None:
    rows = {"Referred": [800, 820, 810], "Attempted": [700, 710, 720], "Contacted": [300, 310, 0]}
    returns = made(tmp_path, {**rows, "Assessed": [150, 160, 155]})
    table = overall(returns)
    assert table.loc["referral_to_contact", ["events", "trials"]].tolist() == [610, 1620]
    assert table.loc["contact_to_assessment", ["events", "trials"]].tolist() == [310, 610]
    rows = {"Referred": [800, 820, 810], "Contacted": [300, 310, 320]}
    beyond = made(tmp_path, {**rows, "Assessed": [150, 160, 155], "Supported": [90, 95, 170]})
    assert overall(beyond).loc["referral_to_contact", ["events", "trials"]].tolist() == [930, 2430]


def test_a_contradiction_between_numerator_and_denominator_leaves_the_quarter_out(tmp_path: Path) -> None:
    rows = {"Referred": [800, 820], "Contacted": [300, 0], "Assessed": [150, 155], "Supported": [90, 95]}
    row = overall(made(tmp_path, rows)).loc["referral_to_support"]
    assert (row["events"], row["trials"]) == (90, 800)
    assert "2017/18 Q2" in row["words"]


def test_counts_that_are_known_wherever_they_are_used_give_a_point(tmp_path: Path) -> None:
    rows = {"Referred": [800, 820, "n/a"], "Contacted": [300, 310, 305]}
    row = overall(made(tmp_path, rows)).loc["referral_to_contact"]
    assert (row["kind"], row["value"]) == ("point", 1 - 610 / 1620)
    assert [row["low"], row["high"]] == pytest.approx(beta.ppf([0.05, 0.95], 1010.5, 610.5))
    assert row["words"].endswith("1 period is left out, as referred is not known: 2017/18 Q3.")


def test_a_hidden_count_is_printed_as_at_most_what_it_can_be(tmp_path: Path) -> None:
    rows = {"Referred": [700, 505], "Contacted": ["<5", 150], "Supported": [600, 40]}
    found = checks(made(tmp_path, rows))["impossible_transition"]
    assert found.detail == "600 supported of at most 4 contacted in 2017/18 Q1: at least 596 too many."


# Returns whose labels name no step

VAGUE = "Quarter,Engagements,Clients,Declined service,Onboarded,Positive outcomes\n"
VAGUE += "Q1 2017/18,900,820,210,160,51\nQ2 2017/18,950,850,230,150,60\n"


def test_labels_that_name_no_step_are_to_be_decided_where_no_attrition_results(tmp_path: Path) -> None:
    (tmp_path / "return.csv").write_text(VAGUE)
    proposal = vm.propose_mapping(tmp_path / "return.csv")
    stages = proposal.labels.set_index("label")["stage"]
    assert stages[["Engagements", "Clients", "Onboarded"]].tolist() == ["unsure"] * 3
    assert "labels.Clients: which step is it, if any?" in "\n".join(proposal.unsure)


def test_a_return_without_two_stages_says_so_and_asks_for_the_main_ones(tmp_path: Path) -> None:
    rows: dict[str, list[object]] = {"Clients": [820, 850], "Supported": [160, 150], "Declined": [20, 30]}
    returns = made(tmp_path, rows, Clients="ignored", Declined="declined")
    assert "  no attrition can be computed: fewer than two stages are mapped" in list(
        return_lines(vm.released_returns(returns))
    )
    text = "\n".join(vm.questions(returns))
    assert "each counted once, were referred and contacted in each period?" in text
    assert "What is counted in Clients, and is any of them victims referred or contacted?" in text


# Columns without a cell


def test_an_empty_column_for_comments_is_no_personal_data_and_a_filled_one_is(tmp_path: Path) -> None:
    rows = "Quarter,Referred,Comment,Contacted,Supported\nQ1 2017/18,100,{},50,10\nQ2 2017/18,110,,40,11\n"
    file = tmp_path / "return.csv"
    file.write_text(rows.format(""))
    assert "Contacted" in vm.propose_mapping(file).mapping.labels
    file.write_text(rows.format("Spoke to her at home on Monday after the hearing"))
    with pytest.raises(PrivacyError, match=r"column 3 \(Comment\)"):
        vm.propose_mapping(file)


def test_a_first_row_of_values_is_still_refused_where_nothing_stands_below_it(tmp_path: Path) -> None:
    file = tmp_path / "return.csv"
    file.write_text("Q1 2017/18,someone@example.org,100\nQ2 2017/18,,90\n")
    with pytest.raises(PrivacyError):
        vm.propose_mapping(file)


# Words


def test_cases_beside_victims_are_asked_about_in_a_sentence(tmp_path: Path) -> None:
    units = {"Referred": "case", "Supported": "victim"}
    text = "\n".join(vm.questions(made(tmp_path, {"Referred": [100], "Supported": [10]}, units=units)))
    assert "Cases are counted for referred, and victims for supported. How many cases" in text


def test_the_reason_of_a_proposal_says_what_its_comparisons_compare(tmp_path: Path) -> None:
    file = tmp_path / "return.csv"
    file.write_text("Quarter,Referred,Contacted,Supported\nQ1 2017/18,100,50,10\nQ2 2017/18,110,40,11\n")
    reasons = vm.propose_mapping(file).labels.set_index("label")["reason"]
    compared = "(in order in 4 of 4 comparisons with another step in the same period)"
    assert compared in reasons["Contacted"]
