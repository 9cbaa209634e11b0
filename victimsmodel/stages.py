"""The stages of an evaluation: each makes named tables, and keeps them in the run folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from victimsmodel.appraisal.compare import compare_options, incremental, incremental_draws
from victimsmodel.appraisal.outcomes import measures_by_draw, measures_by_run
from victimsmodel.appraisal.priced import check_prices
from victimsmodel.demand.overview import forecast_tables, origin_tables
from victimsmodel.demand.victims import estimate_demand
from victimsmodel.errors import InvariantError, input_error
from victimsmodel.inputs.draws import check_seed
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.stated_place import Stated
from victimsmodel.kept_tables import keep_tables, kept_tables
from victimsmodel.origins import code_hash as code_hash
from victimsmodel.origins import origins
from victimsmodel.origins import run_key as run_key
from victimsmodel.pathway.growth import check_growth
from victimsmodel.pathway.results import Progress
from victimsmodel.pathway.sizes import check_jobs
from victimsmodel.profiles import PROFILES, Profile
from victimsmodel.records import AGREEMENT_LIMIT, Result
from victimsmodel.reporting import tables as reported
from victimsmodel.reporting.progress import progress_bar
from victimsmodel.reporting.words import INTERVALS

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Run:
    """One execution of an evaluation: a scenario, how much to compute, and where it is kept."""

    scenario: Scenario
    folder: Path
    profile_name: str
    seed: int
    jobs: int | None = None

    @property
    def profile(self) -> Profile:
        """How much is computed."""
        return PROFILES[self.profile_name]

    @cached_property
    def made_from(self) -> dict[str, str]:
        """All that results depend on, part by part."""
        return origins(self.scenario, self.profile_name, self.seed)

    @cached_property
    def key(self) -> str:
        """Hash of all that results depend on: scenario, profile, seed, code and versions."""
        return run_key(self.scenario, self.profile_name, self.seed)

    @property
    def source(self) -> str:
        """The line that stands under every figure."""
        profile = self.profile
        return (
            f"Source: victimsmodel, {self.scenario.title}; {profile.n_draws} draws of the inputs x "
            f"{profile.n_replications} simulated years, run {self.key[:12]}. {INTERVALS}"
        )

    @property
    def bare_source(self) -> str:
        """The line that stands under figures that say themselves what they rest on."""
        return f"Source: victimsmodel, {self.scenario.title}; run {self.key[:12]}."

    @property
    def demand_source(self) -> str:
        """The line that stands under figures that nothing was simulated for."""
        return (
            f"Source: victimsmodel, {self.scenario.title}; {self.profile.n_demand_draws:,} draws, "
            f"run {self.key[:12]}."
        )

    @property
    def plan_source(self) -> str:
        """The line that stands under figures of plans, whose years are simulated apart."""
        return (
            f"Source: victimsmodel, {self.scenario.title}; plans, each year one draw of the inputs and one "
            f"simulated year, run {self.key[:12]}."
        )


def open_run(
    scenario: str | Path,
    run_folder: str | Path,
    *,
    overrides: Mapping[str, object] | None = None,
    profile: str = "quick",
    seed: int = 1,
    jobs: int | None = None,
) -> Run:
    """Load and check a scenario and return the run whose tables are kept in a folder.

    Parameters
    ----------
    scenario : str or Path
        The scenario file.
    run_folder : str or Path
        Made when the first table is written.
    overrides : mapping, optional
        New values by dotted field name, as for `load_scenario`.
    profile : str
        A key of `PROFILES`.
    seed : int
    jobs : int, optional
        Threads; the number of processors by default.
    """
    if profile not in PROFILES:
        allowed = f"must be {', '.join(PROFILES)}"
        raise input_error("--profile", allowed, "VM033", field="profile", value=profile)
    check_seed(seed)  # before the first table is written
    check_jobs(jobs)
    stated = Stated(scenario, overrides)
    check_prices(loaded := load_scenario(scenario, overrides), stated)
    check_growth(loaded, stated=stated)
    return Run(loaded, Path(run_folder), profile, seed, jobs)


def stage_tables(run: Run, stage: str, on_progress: Progress | None = None) -> Tables:
    """Return the tables of a stage: from the run folder, or made anew and kept there.

    Parameters
    ----------
    run : Run
        From `open_run`.
    stage : str
        One of `known_stages`.
    on_progress : callable, optional
        Called while simulations finish; unless given, JupyterLab shows a bar.

    Returns
    -------
    dict of str to DataFrame
    """
    if stage not in _STAGES:
        hint = did_you_mean(stage, _STAGES)
        allowed = f"is not a stage (known: {', '.join(_STAGES)})"
        raise input_error("stage", allowed, "VM034", field=stage, hint=hint)
    kept = kept_tables(run.folder, stage, run.made_from)
    if kept is not None:
        return kept
    with progress_bar(stage, on_progress) as told:
        made = _STAGES[stage](run, told)
    keep_tables(made, run.folder, stage, run.made_from)
    return made


def _inputs(run: Run, on_progress: Progress | None) -> Tables:
    return {"assumptions": reported.assumptions(run.scenario)}


def _demand(run: Run, on_progress: Progress | None) -> Tables:
    demand = estimate_demand(run.scenario, run.profile.n_demand_draws, run.seed)
    summary = {"demand": demand, "demand_summary": reported.demand_summary(demand)}
    return summary | origin_tables(run.scenario, demand, run.seed)


def _forecast(run: Run, on_progress: Progress | None) -> Tables:
    return forecast_tables(run.scenario, run.profile.n_demand_draws, run.seed)


def _pathway(run: Run, on_progress: Progress | None) -> Tables:
    from victimsmodel.appraisal.replications import simulate  # loads the compiled kernel

    profile = run.profile
    result = simulate(
        run.scenario,
        n_draws=profile.n_draws,
        n_replications=profile.n_replications,
        seed=run.seed,
        n_jobs=run.jobs,
        on_progress=on_progress,
    )
    return {
        **{name: table for name, table in result._asdict().items() if table is not None},
        "funnel_summary": reported.counts_summary(result.funnel, "stage"),
        "exits_summary": reported.counts_summary(result.exits, "exit"),
        "attempts_summary": reported.attempts_summary(result),
        "group_coverage": reported.group_coverage(result),
        "waits_summary": reported.waits_summary(result.waits),
        "staff_use": reported.staff_use(result),
    }


def _attrition(run: Run, on_progress: Progress | None) -> Tables:
    from victimsmodel.appraisal.attrition_overview import attrition_tables  # loads the compiled kernel
    from victimsmodel.appraisal.explain import explain_options
    from victimsmodel.reporting.calibrated_tables import HowMuch, calibrated_tables

    result, profile = simulated_result(run, on_progress), run.profile
    tables = attrition_tables(result, run.scenario, profile.n_lever_draws, run.seed, run.jobs)
    if len(run.scenario.options) > 1:
        n_draws, most_parts = profile.n_waterfall_draws, profile.n_waterfall_parts
        tables["waterfall"] = explain_options(run.scenario, n_draws, run.seed, most_parts, run.jobs)
    how_much = HowMuch(profile.n_calibration_draws, profile.n_calibration_years, profile.n_kept_back)
    return tables | calibrated_tables(result, run.scenario, how_much, run.seed)


def _agreement(run: Run, on_progress: Progress | None) -> Tables:
    from victimsmodel.pathway.agreement import engine_agreement

    table = engine_agreement(run.scenario, run.profile.n_agreement_replications, run.seed)
    worst = table.loc[table["z"].abs().idxmax()]
    if abs(worst["z"]) > AGREEMENT_LIMIT:
        what = f"{worst['option']}, {worst['group']}, {worst['name']}"
        message = f"simulation and exact engine differ by {worst['z']:.1f} standard errors ({what})"
        raise InvariantError(f"{message}; at most {AGREEMENT_LIMIT:g} are allowed")
    return {"agreement": table}


def _value(run: Run, on_progress: Progress | None) -> Tables:
    # loads the compiler, which an evaluation that stands already does not need
    from victimsmodel.appraisal.overview import appraisal_tables, cost_tables, funding_tables

    scenario = run.scenario
    result = simulated_result(run, on_progress)
    runs = measures_by_run(result, scenario)
    comparison = compare_options(result, scenario, scenario.against, runs)
    return {
        "costs_summary": reported.costs_summary(result, scenario),
        "comparison": comparison,
        "incremental": incremental(comparison, scenario.against),
        "incremental_draws": incremental_draws(runs, scenario.against),
        "measures_by_draw": measures_by_draw(runs),
        **cost_tables(result, scenario, runs),
        **appraisal_tables(result, scenario, runs),
        **(funding_tables(scenario, stage_tables(run, "demand")["demand"]) if scenario.funding else {}),
    }


def _sensitivity(run: Run, on_progress: Progress | None) -> Tables:
    from victimsmodel.appraisal.evidence_value import LEAST_DRAWS  # loads the compiler
    from victimsmodel.appraisal.thorough import sensitivity_tables, too_few

    if run.profile.n_draws < LEAST_DRAWS:  # before anything is read
        return too_few(run.profile.n_draws)
    found = simulated_result(run)
    return sensitivity_tables(found, run.scenario, run.profile.is_thorough, run.seed, on_progress)


def _plans(run: Run, on_progress: Progress | None) -> Tables:
    from victimsmodel.appraisal.plans_overview import make_plans  # loads the compiled kernel
    from victimsmodel.reporting.plan_words import plan_table

    made = make_plans(run.scenario, run.profile.is_thorough, run.seed, on_progress)
    return {**made.tables, "plan_words": plan_table(made, run.scenario)}


def simulated_result(run: Run, on_progress: Progress | None = None) -> Result:
    """Return the simulation of a run as one result."""
    tables = stage_tables(run, "pathway", on_progress)
    return Result(**{name: tables[name] for name in Result._fields if name in tables})


_STAGES: dict[str, Callable[[Run, Progress | None], Tables]] = {
    "inputs": _inputs,
    "demand": _demand,
    "forecast": _forecast,
    "pathway": _pathway,
    "value": _value,  # before attrition: two long notebooks then run while that is computed
    "sensitivity": _sensitivity,
    "plans": _plans,
    "attrition": _attrition,
    "agreement": _agreement,
}


def known_stages() -> Iterable[str]:
    """Return the names of the stages, in the order in which an evaluation makes them."""
    return tuple(_STAGES)
