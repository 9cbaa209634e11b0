"""Write docs/calibration.md: whether calibration covers the truth, and the West Midlands. Run by `make sbc`.

Ends with status 1 when a promise does not hold.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.observed import ObservedTotal
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.pathway.calibrate import Calibration, calibrate
from victimsmodel.pathway.hold_out import return_rows
from victimsmodel.pathway.predicting import predictor
from victimsmodel.pathway.simulation_based import N_BINS, Ranks, next_coverage, rank_statistics
from victimsmodel.reporting.formats import count, share1
from victimsmodel.reporting.readable_calibration import (
    calibrated_fit,
    calibrated_inputs,
    calibration_findings,
)

ROOT = Path(__file__).resolve().parents[1]
SCENARIO, OUT = ROOT / "parameters" / "west-midlands.yaml", ROOT / "docs" / "calibration.md"
LEAST_P, MOST_SECONDS = 1e-4, 30.0
N_REPLICATES, N_BANK, NARROW = 1_000, 5_000, 0.8
N_RETURNS, N_RETURN_BANK, LEVEL = 1_000, 4_000, 0.9
QUARTERS = ("2018Q1", "2018Q2", "2018Q3", "2018Q4", "2019Q1")
STAGES = (("referred", 370), ("contacted", 100), ("assessed", 68), ("supported", 43))
_OPENING = """# Calibration tried

Written by `make sbc` (`benchmarks/sbc.py`); nothing here is edited by hand. The command ends with
status 1 when a promise does not hold. The method is in [the model](model.md), section 7.
"""


class Timed(NamedTuple):
    """A calibration and what it took."""

    found: Calibration
    seconds: float
    processor: float


def main() -> int:
    """Run everything and write the page."""
    scenario = load_scenario(SCENARIO)
    calibrate(scenario, n_draws=100)  # loads both engines, compiled once after an install
    ours = _timed(scenario, 4_000, 32)
    ample, quick = _timed(scenario, 4_000, 0), _timed(scenario, 1_000, 8)
    right, planted = _ranks(scenario)
    covered = _coverage()
    parts = [_west_midlands(ours, ample, quick), _sbc(right, planted), _next(covered)]
    OUT.write_text("\n".join([_OPENING, *parts]), encoding="utf-8")
    z = (covered["covered"] - LEVEL) / covered["standard_error"]
    holds = (
        right.table()["p_value"].min() > LEAST_P,
        planted.table()["p_value"].max() < LEAST_P,
        bool((z.abs() < 4).all()),
        ours.seconds < MOST_SECONDS,
    )
    return 0 if all(holds) else 1


def _timed(scenario: Scenario, n_draws: int, capacity_years: int) -> Timed:
    start, worked = time.perf_counter(), time.process_time()
    found = calibrate(scenario, n_draws=n_draws, capacity_years=capacity_years)
    len(found.inputs), len(found.fit)
    return Timed(found, time.perf_counter() - start, time.process_time() - worked)


def _ranks(scenario: Scenario) -> tuple[Ranks, Ranks]:
    """Return ranks of truths in right posteriors, and in planted ones that are too narrow."""
    known = {"source": "assumption", "definition": "a small return"}
    rows = (
        ObservedTotal(stage="contacted", of="referred", events=100, trials=400, **known),
        ObservedTotal(stage="supported", of="contacted", events=80, trials=200, **known),
        ObservedTotal(stage="supported", value=19_000.0, low=15_000.0, high=24_000.0, **known),
    )
    own = predictor(scenario, BUSINESS_AS_USUAL, rows, with_load=False)
    scores = np.random.default_rng(1).standard_normal((N_BANK, len(own.names)))
    totals = own(scores).totals
    names, values = [*own.names, *(row.label for row in rows)], np.column_stack([scores, totals])
    right, planted = (
        rank_statistics(names, values, totals, rows, N_REPLICATES, narrow=narrow) for narrow in (1.0, NARROW)
    )
    return right, planted


def _coverage() -> pd.DataFrame:
    """Return how often the next quarter lay within its interval, for an area of 1,680 victims a year."""
    scenario = load_scenario(SCENARIO, {"demand.victims_per_year": 1_680})
    cells = [(quarter, stage, value) for quarter in QUARTERS for stage, value in STAGES]
    rows = return_rows(scenario, pd.DataFrame(cells, columns=["period", "stage", "value"]))
    own = predictor(scenario, BUSINESS_AS_USUAL, tuple(rows), with_load=False)
    totals = own(np.random.default_rng(2).standard_normal((N_RETURN_BANK, len(own.names)))).totals
    is_last = np.array([row.period == QUARTERS[-1] for row in rows])
    before, following = (
        ([row for row, last in zip(rows, is_last, strict=True) if last == which], totals[:, is_last == which])
        for which in (False, True)
    )
    return next_coverage(before, following, LEVEL, N_RETURNS)


def _west_midlands(ours: Timed, ample: Timed, quick: Timed) -> str:
    found, corrected = ours.found, ours.found.correction
    assert corrected is not None
    shift = ample.found.inputs.set_index("input")["shift"]
    rows = found.inputs[found.inputs["verdict"] == "moved"]
    both = "; ".join(
        f"`{r.input}` {r.shift:+.2f} (ample staff {shift[r.input]:+.2f})" for r in rows.itertuples()
    )
    sentences = "\n".join(f"- {text}" for text in calibration_findings(found))
    slopes = ", ".join(
        f"{role} {slope:.2f}"
        for role, slope in zip(
            found.predictor.scenario.options[BUSINESS_AS_USUAL].service.staff,
            corrected.slopes[:-1, 0],
            strict=True,
        )
    )
    slopes += f", and {corrected.slopes[-1, 0]:.2f} at any load"
    ample_median = float(ample.found.fit["prior_median"].iloc[0])
    timing = "\n".join(
        f"| {name} | {count(of.found.bank.sizes[0])} | {years} | {of.seconds:.1f} | {of.processor:.1f} | "
        f"{count(of.found.weights.effective)} | {of.found.weights.pareto_k:.2f} |"
        for name, of, years in (("default", ours, 64), ("ample staff", ample, 0), ("quick", quick, 16))
    )
    return f"""
## The West Midlands

One published figure: attrition of "nearly 9 in 10" in 2017/18. The promise is less than
{MOST_SECONDS:.0f} s on two processors.

| | draws a round | simulated years | seconds | processor seconds | effective draws | Pareto k |
|---|---|---|---|---|---|---|
{timing}

{_markdown(calibrated_fit(found.fit), "total")}

{_markdown(calibrated_inputs(found.inputs, found.predictor.scenario), "input")}

{sentences}

**What queues change.** With ample staff the stated inputs foretell {share1(ample_median)} supported
of referred; with the stated staff {share1(float(found.fit["prior_median"].iloc[0]))}. The
correction, on the log-odds, is minus the logarithm of a role's load above 1 times {slopes}; its
error on years that it was not fitted to is {corrected.residual_sd[0]:.3f}. Shifts in prior standard
deviations: {both}.
"""


def _sbc(right: Ranks, planted: Ranks) -> str:
    tables = right.table(), planted.table()
    lines = "\n".join(
        f"| {a.quantity} | {a.chi_square:.1f} | {a.p_value:.3g} | {b.chi_square:.0f} | {b.p_value:.1g} |"
        for a, b in zip(*(table.itertuples() for table in tables), strict=True)
    )
    return f"""
## Simulation-based calibration

{N_REPLICATES:,} truths from the prior, each with data drawn for it: contacted of 400 referred,
supported of 200 contacted, and supported a year known to a quarter (correlation between persons
0.001). The rank of the truth among 99 posterior draws, in {N_BINS} bins, must be uniform (Talts and
others 2018): chi-square with {N_BINS - 1} degrees of freedom. The promise: every p-value above
{LEAST_P:g}; and below it, for every input, when a posterior {100 * (1 - NARROW):.0f} % too narrow
is planted. One bank of {N_BANK:,} prior draws on the exact engine serves all; the median posterior
has {count(float(np.median(right.effective)))} effective draws.

Smallest p-value {tables[0]["p_value"].min():.3g}; planted, largest {tables[1]["p_value"].max():.2g}.

| quantity | chi-square | p | planted: chi-square | planted: p |
|---|---|---|---|---|
{lines}
"""


def _next(covered: pd.DataFrame) -> str:
    lines = "\n".join(
        f"| {row.observation} | {share1(row.covered)} | {share1(row.standard_error)} |"
        for row in covered.itertuples()
    )
    return f"""
## The next quarter

{N_RETURNS:,} simulated returns of an area with 1,680 victims a year: calibrated to {
        len(QUARTERS) - 1
    } quarters, how often the {100 * LEVEL:.0f} % predictive interval of the fifth holds what is drawn
for it. Within 4 standard errors of {100 * LEVEL:.0f} % is the promise (counts are whole numbers, so
that intervals hold a little more).

| total | covered | standard error |
|---|---|---|
{lines}
"""


def _markdown(table: pd.DataFrame, first: str) -> str:
    header = (
        f"| {first} | {' | '.join(str(c) for c in table.columns)} |\n|{'---|' * (len(table.columns) + 1)}"
    )
    lines = [
        f"| {name} | {' | '.join(str(cell) for cell in row)} |"
        for name, row in zip(table.index, table.itertuples(index=False), strict=True)
    ]
    return "\n".join([header, *lines])


if __name__ == "__main__":
    sys.exit(main())
