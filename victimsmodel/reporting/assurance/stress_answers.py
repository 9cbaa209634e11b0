"""What a run says to each item of the STRESS sheet."""

from __future__ import annotations

from pathlib import Path

from victimsmodel.appraisal.outcomes import measures_of
from victimsmodel.inputs.service import Role
from victimsmodel.records import EXITS, STAGES
from victimsmodel.reporting.assurance.basis import Basis
from victimsmodel.reporting.content.closing import LIMITS, MEANINGS
from victimsmodel.reporting.words import EXIT_TITLES, STAGE_TITLES, role_title


def _bullets(lines: list[str]) -> str:
    return "\n".join(f"- {' '.join(line.split())}" for line in lines)


def purpose(basis: Basis) -> str:
    """Return item 1.1."""
    scenario = basis.scenario
    question = (
        f"{scenario.title}. To compare {len(scenario.options)} ways of contacting, assessing and supporting "
        f"victims of crime in {scenario.area.name}: how many victims in need each supports, who "
        "waits, what it "
        f"costs, and which is best for a grant of £{scenario.grant_gbp:,.0f}."
    )
    return f"{basis.entries.purpose}\n{question}" if basis.entries.purpose else question


def outputs(basis: Basis) -> str:
    """Return item 1.2."""
    measures = "; ".join(f"{one.title} ({one.unit})" for one in measures_of(basis.scenario))
    meanings = " ".join(f"{word}: {text}" for word, text in MEANINGS)
    return (
        f"Measures: {measures}.\n{meanings}\nEach is computed for every simulated year from counts of those "
        "referred in the period; intervals are the 5th to 95th percentile over draws of the inputs "
        "of the mean "
        "over replications (tables/comparison.csv, tables/measures_by_draw)."
    )


def aims(basis: Basis) -> str:
    """Return item 1.3."""
    scenario = basis.scenario
    lines = [f"{one.title}: {one.summary}" for one in scenario.options.values()]
    plans = scenario.plans
    searched = (
        f"Optimisation: least staff for {len(plans.standards)} standards and the best use of "
        f"{len(plans.grants)} grants are searched for in profile full."
        if plans
        else "No optimisation is asked for."
    )
    against = scenario.options[scenario.against].title
    n_points = f"{basis.manifest['n_draws']:,}"
    return (
        f"(A) Options, each compared with “{against}” in the same worlds:\n{_bullets(lines)}\n"
        f"(B) Design: {n_points} points of a Latin hypercube over all uncertain inputs.\n(C) {searched}"
    )


def diagram(basis: Basis) -> str:
    """Return item 2.1."""
    chain = " → ".join(STAGE_TITLES[stage] for stage in STAGES)
    return (
        f"{chain}. At every step a victim may leave (item 2.5.5). figures/funnel.svg draws the "
        "numbers of this "
        "run, figures/contact_method.svg the attempts."
    )


def logic(basis: Basis) -> str:
    """Return item 2.2."""
    contact = basis.scenario.contact
    methods = ", ".join(contact.methods)
    return (
        "Every victim is simulated by itself. Victims arrive day by day by a monthly profile; those referred "
        f"are tried by the attempts of their group's contact method ({methods}) until one succeeds, "
        "the method "
        "ends, or patience does; those reached may consent, are assessed, and if their need is "
        "recognised and "
        "they accept are given practical help, casework or a specialist service. Staff do what falls due, as "
        "far as their minutes go; what does not fit waits."
    )


def options(basis: Basis) -> str:
    """Return item 2.3."""
    usual = basis.scenario.options["business_as_usual"].service
    lines = []
    for option in basis.scenario.options.values():
        parts = [
            name for name in type(usual).model_fields if getattr(option.service, name) != getattr(usual, name)
        ]
        lines.append(f"{option.title}: {', '.join(parts) or 'nothing'}")
    return f"What differs from business as usual in the service, by part of the scenario:\n{_bullets(lines)}"


def algorithms(basis: Basis) -> str:
    """Return item 2.4."""
    return (
        "Reach of an attempt: a quantile of a Beta distribution at the victim's own reachability, "
        "fading with "
        "days since the crime. Uncertain inputs: metalog or Beta quantile functions. Work order: "
        "within a class "
        "by the day it fell due, between classes by the earliest due date after what the scenario "
        "puts forward. "
        "An exact method computes the same pathway without queues and must agree. Formulas: docs/model.md."
    )


def entities(basis: Basis) -> str:
    """Return item 2.5.1."""
    groups = "; ".join(group.title for group in basis.scenario.groups)
    return f"Victims of {len(basis.scenario.groups)} groups (crime type and priority): {groups}."


def activities(basis: Basis) -> str:
    """Return item 2.5.2."""
    names = sorted({str(name) for name in basis.tables["assumptions"]["input"] if _is_time(str(name))})
    return (
        "Attempts at contact, assessment, practical help and sessions of casework, each of so many "
        "minutes of a "
        f"role. Times and their ranges: {', '.join(names)} (qa/assumptions.csv)."
    )


def _is_time(name: str) -> bool:
    return name.endswith((".minutes", ".staff_time", "_minutes"))


def resources(basis: Basis) -> str:
    """Return item 2.5.3."""
    usual = basis.scenario.options["business_as_usual"].service
    lines = [f"{_role(name, role, basis)}" for name, role in usual.staff.items()]
    return f"Staff of business as usual, in full-time posts:\n{_bullets(lines)}"


def _role(name: str, role: Role, basis: Basis) -> str:
    cap = f", at most {role.caseload_cap} open cases each" if role.caseload_cap else ""
    kind = ", volunteers" if role.volunteer else ""
    title = role_title(name, basis.scenario)
    return f"{title}: {role.fte:g} posts of {role.hours_per_week:g} hours a week{cap}{kind}"


def queues(basis: Basis) -> str:
    """Return item 2.5.4."""
    patience = basis.scenario.contact.patience_working_days
    return (
        "One queue for each role, of work by kind (attempts, assessments, sessions) and priority of "
        "the victim; "
        "first due, first served within a class. Who has had no first attempt after "
        f"{patience:g} working days leaves, or as the scenario says; those accepted may leave while "
        "they wait "
        "for casework."
    )


def entries_and_exits(basis: Basis) -> str:
    """Return item 2.5.5."""
    streams = [one.title for one in basis.scenario.demand.streams.values()]
    entry = "; ".join(["referrals by the police", *streams])
    exits = "; ".join(EXIT_TITLES[name] for name in EXITS)
    return f"Entry: {entry}.\nExit: {exits}. Every referral is in exactly one of them at the end."


def sources(basis: Basis) -> str:
    """Return item 3.1."""
    used = set(basis.tables["assumptions"]["source_key"].astype(str))
    titles = [f"{one.title} ({one.year})" for key, one in basis.scenario.sources.items() if key in used]
    files = ", ".join(Path(name).name for name in basis.manifest.get("inputs", {}))
    return f"{len(titles)} sources of uncertain inputs:\n{_bullets(titles)}\nFiles (qa/data.csv): {files}."


def parameters(basis: Basis) -> str:
    """Return item 3.2."""
    table = basis.tables["assumptions"]
    n_bare = int(table["is_assumption"].sum())
    changed = "; ".join(f"{key} = {value}" for key, value in basis.manifest.get("overrides", {}).items())
    overrides = f"Changed for this run: {changed}." if changed else "Nothing was changed for this run."
    return (
        f"{len(table)} uncertain inputs with median, 5th and 95th percentile, unit and source: "
        f"qa/assumptions.csv; {n_bare} rest on no evidence. Everything else, choices included: "
        "scenario.json. "
        f"{overrides}"
    )


def preprocessing(basis: Basis) -> str:
    """Return item 3.3."""
    parts = ["Estimates are turned into distributions by their three percentiles or their counts."]
    if "data_quality" in basis.tables:
        n = len(basis.tables["data_quality"])
        parts.append(
            f"Official data: {n} findings and what was done about each stand in tables/data_quality.csv."
        )
    if basis.scenario.posterior is not None:
        parts.append(f"{len(basis.scenario.posterior.inputs)} inputs were calibrated to observed totals.")
    return " ".join(parts)


def assumed(basis: Basis) -> str:
    """Return item 3.4."""
    return f"Of single inputs: qa/assumptions.csv. Of the model:\n{_bullets(list(LIMITS))}"


def initialisation(basis: Basis) -> str:
    """Return item 4.1."""
    period, opening = basis.scenario.period, basis.scenario.opening
    return (
        f"{period.warm_up_days} days of arrivals before the period are simulated and not counted; at their "
        f"start {opening.waiting:,} victims wait and {opening.open_cases:,} cases are open, which are "
        "not counted "
        "either."
    )


def run_length(basis: Basis) -> str:
    """Return item 4.2."""
    period = basis.scenario.period
    return (
        f"{period.days} days, {period.start} to {period.end}, in {period.steps_per_day} steps a day, then "
        f"{period.run_out_days} days with arrivals in which those referred before are followed on."
    )


def estimation(basis: Basis) -> str:
    """Return item 4.3."""
    run = basis.manifest
    return (
        f"{run['n_draws']:,} draws of the uncertain inputs, {run['n_replications']} replications of "
        "the year in "
        "each, the same victims and chances for every option. Uncertainty of the inputs (between draws) and "
        "chance (between replications) are reported apart."
    )


def software(basis: Basis) -> str:
    """Return item 5.1."""
    run = basis.manifest
    libraries = ", ".join(f"{name} {version}" for name, version in run.get("libraries", {}).items())
    return (
        f"victimsmodel {run.get('version', 'of an unnoted version')} on Python "
        f"{run.get('python', 'of an unnoted version')}; {libraries or 'libraries were not noted'}."
    )


def sampling(basis: Basis) -> str:
    """Return item 5.2."""
    return (
        f"Seed {basis.manifest['seed']}. Chances of a victim: SplitMix64 streams keyed by seed, replication, "
        "victim and decision, without state, so that options share them and neither order nor number of "
        "processes matters. Inputs: Latin hypercube, each column a function of the seed and the input's name."
    )


def execution(basis: Basis) -> str:
    """Return item 5.3."""
    return (
        "Time advances in the steps of item 4.2; within a step work is done in the order of item "
        "2.5.4, ties by "
        "victim. The same scenario, profile, seed and code give the same tables to the byte."
    )


def system(basis: Basis) -> str:
    """Return item 5.4."""
    run = basis.manifest
    seconds = sum(run.get("timings_seconds", {}).values())
    machine = run.get("system", "a machine that the run did not note")
    return f"{seconds:,.0f} seconds in all, on {machine}."


def sharing(basis: Basis) -> str:
    """Return item 6.1."""
    run = basis.manifest
    revision = run.get("code_revision") or "not noted"
    return (
        f"Open source under the MIT licence; revision {revision}, SHA-256 of the code "
        f"{run.get('code', 'not noted')}. The run is made again by: victimsmodel evaluate "
        f"{run.get('scenario_file', 'SCENARIO')} --profile {run['profile']} --seed {run['seed']}"
        + "".join(f" --set {key}={value}" for key, value in run.get("overrides", {}).items())
    )
