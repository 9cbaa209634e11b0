"""Plans in plain words: what to fund, how sure that is, and why something cannot be had."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from victimsmodel.appraisal.grant_search import INDIFFERENCE
from victimsmodel.appraisal.grants import GrantPlan
from victimsmodel.appraisal.mixes import LEAST_GIVEN
from victimsmodel.appraisal.plans_overview import Made
from victimsmodel.appraisal.staff_search import INDIFFERENCE as YEARS_INDIFFERENCE
from victimsmodel.appraisal.staffing import StandardsPlan
from victimsmodel.appraisal.unmet import Obstacle
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.formats import about, plain, pounds_about, probability, share
from victimsmodel.reporting.words import certainty, in_sentence, option_in_sentence

#: Difference in staff from which a closed form is said to be another answer, in full-time workers.
_OTHER = 0.5


def standards_sentences(plan: StandardsPlan, scenario: Scenario) -> tuple[str, ...]:
    """Return the answer to the standards question as sentences."""
    option = scenario.options[plan.option].title
    found = []
    for row in plan.summary.itertuples():
        situation = str(row.situation)
        if not plan.is_achievable(situation):
            found += [_obstacle(obstacle, str(row.title), plan) for obstacle in plan.obstacles[situation]]
            continue
        staff = plan.staff[plan.staff["situation"] == situation]
        held = _listed([f"{plain(one.fte)} {one.title.lower()}" for one in staff.itertuples()])
        found.append(
            f"In {row.title}, {option} meets all stated standards in {probability(row.probability)} of years "
            f"(standard error {share(row.standard_error)}) with {held}: "
            f"{pounds_about(row.staff_cost_gbp)} of pay "
            f"a year; {_now(staff)}."
        )
        found.append(
            f"That no cheaper plan next to it would do as well is "
            f"{certainty(row.correct_within_indifference)} "
            f"({probability(row.correct_within_indifference)}), if {100 * YEARS_INDIFFERENCE:.0f} "
            f"points in the "
            f"share of years do not matter; that it is exactly the cheapest, "
            f"{probability(row.correct_exactly)}. It was held against {row.rivals} cheaper plans in "
            f"{row.years} simulated years."
        )
        found += _closed(staff, plan)
    return tuple(found)


def _now(staff: pd.DataFrame) -> str:
    now = _listed([f"{plain(one.fte_now)} {one.title.lower()}" for one in staff.itertuples()])
    return f"the scenario has {now}"


def _closed(staff: pd.DataFrame, plan: StandardsPlan) -> list[str]:
    """Say how the closed forms differ from the simulation, and why."""
    known = staff[staff["closed_form_fte"].notna()]
    other = known[(known["fte"] - known["closed_form_fte"]).abs() > _OTHER]
    if known.empty:
        return []
    held = _listed(
        [f"{plain(round(one.closed_form_fte, 1))} {one.title.lower()}" for one in known.itertuples()]
    )
    central = _listed([f"{plain(one.central_fte)} {one.title.lower()}" for one in staff.itertuples()])
    sentence = f"Erlang's closed forms would take {held}"
    if other.empty:
        return [f"{sentence}: about the same."]
    return [
        f"{sentence}. They know the inputs (at their medians) and a steady flow; the simulation has "
        f"weekends, "
        f"seasons, priorities and repeated attempts, and with inputs at their medians takes {central}. What "
        f"is left is the price of {share(plan.question.confidence)} confidence while inputs are uncertain."
    ]


def _obstacle(obstacle: Obstacle, situation: str, plan: StandardsPlan) -> str:
    standard = obstacle.standard
    head = (
        f"In {situation}, “{standard.title}” is not achievable in {share(plan.question.confidence)} of years"
    )
    met = f"more than ample staff meet it in {probability(obstacle.probability)} of years"
    if obstacle.cause == "reach":
        return (
            f"{head}, because on average at most {share(obstacle.reached)} of those attempted are ever "
            f"reached, "
            f"however many staff there are. State the standard of those who can be reached (leave out "
            f"“of all”), "
            f"or change the contact method."
        )
    if obstacle.cause == "places":
        return (
            f"{head}, because places in specialist services, or days on which nobody works, keep victims "
            f"waiting: {met} (on average for {share(obstacle.most_share)} of victims), and without "
            f"those limits "
            f"it would be met."
        )
    if obstacle.cause == "method":
        return (
            f"{head}, because the contact method itself comes too late (its attempts are due later, or "
            f"replies "
            f"take longer): {met}, on average for {share(obstacle.most_share)} of victims."
        )
    return (
        f"In {situation}, all standards together are not met often enough, though each by itself is: {met}."
    )


def grant_sentences(plan: GrantPlan, scenario: Scenario) -> tuple[str, ...]:
    """Return the answer to the grant question as sentences."""
    found: list[str] = []
    for row in plan.grants.itertuples():
        grant = _grant(row.grant_gbp, scenario)
        if not row.is_achievable:
            found.append(
                f"{grant} is not enough for any option with any staff in {share(plan.confidence)} of years: "
                f"it "
                f"does not pay for fixed costs and the support that is agreed."
            )
            continue
        mix = plan.mix[plan.mix["grant_gbp"] == row.grant_gbp]
        held = _listed([_amount(one) for one in mix.itertuples()])
        found.append(
            f"With {grant}, {row.title} with {held} supports most victims in need: about "
            f"{about(row.supported_in_need)} a year (standard error {about(row.standard_error)}; nine of ten "
            f"years {about(row.year_low)} to {about(row.year_high)}). The year costs no more than the "
            f"grant in "
            f"{probability(row.probability_within_grant)} of years."
        )
        found.append(
            f"That no other plan supports clearly more (by over {100 * INDIFFERENCE:.1f} %) is "
            f"{certainty(row.correct_within_indifference)} "
            f"({probability(row.correct_within_indifference)}; that "
            f"it is exactly the best, {probability(row.correct_exactly)}), among plans that keep within the "
            f"grant and give at least {share(LEAST_GIVEN)} of the support of each kind that was agreed. "
            f"It was held against {row.contenders - 1} plans in {row.years} simulated years."
        )
        found += _behind(plan.options[plan.options["grant_gbp"] == row.grant_gbp], row.option, scenario)
        found.append(_next(mix, f"£{row.grant_gbp:,.0f}"))
        found += [*_edges(row, mix), *_on_top(row.option, scenario)]
    return tuple(found)


def _grant(amount: float, scenario: Scenario) -> str:
    """Return a grant with its title, where the scenario names it."""
    named = () if scenario.plans is None else scenario.plans.grants
    titles = [in_sentence(grant.title) for grant in named if grant.amount_gbp == amount]
    return f"£{amount:,.0f}{f' ({titles[0]})' if titles else ''}"


def _amount(one: Any) -> str:
    unit = "" if one.kind == "staff" else " places in "
    return f"{plain(one.amount)}{unit or ' '}{one.title.lower()}"


def _next(mix: pd.DataFrame, grant: str) -> str:
    best = mix.loc[mix["next_gain"].idxmax()]
    gain, error = float(best["next_gain"]), float(best["next_error"])
    if not gain > 2 * error:
        return f"Beyond {grant}, the next £10,000 would support no clearly higher number of victims in need."
    price = 10_000 / gain
    return (
        f"The next £10,000 is best spent on {str(best['title']).lower()}: about {about(gain)} more "
        f"victims in "
        f"need supported (standard error {about(max(error, 1.0))}), {pounds_about(price)} each."
    )


def _edges(row: Any, mix: pd.DataFrame) -> list[str]:
    found = []
    if not row.grant_is_spent:
        found.append("The grant is not used up: more staff would have nothing to do.")
    elif row.at_edge:
        found.append(f"The search ended at its limit for {row.at_edge}; a wider one may find more.")
    without = mix[mix["amount"] == 0]
    if len(without):
        found.append(f"The plan has no {_listed([str(t).lower() for t in without['title']])}.")
    return found


def _on_top(option: str, scenario: Scenario) -> list[str]:
    """Say what an option costs beyond the grant of a year: once, and others."""
    stated, found = scenario.options[option].service.costs, []
    total = sum(float(cost.amount.quantile(0.5)) for cost in stated.one_off.values())
    if total:
        titles = _listed([in_sentence(cost.title) for cost in stated.one_off.values()])
        found.append(
            f"What it costs once comes on top: {titles}, about {pounds_about(total)} before optimism bias."
        )
    if stated.borne_by_others is not None:
        others = pounds_about(float(stated.borne_by_others.quantile(0.5)))
        found.append(
            f"The grant does not pay for what others bear under this option, about {others} a year; by full "
            f"cost the choice may be another one."
        )
    return found


def _behind(rows: pd.DataFrame, chosen: str, scenario: Scenario) -> list[str]:
    """Say how the best plans of other options compare."""
    others = rows[rows["option"] != chosen]
    if others.empty:
        return []
    told = [
        f"{option_in_sentence(str(row.option), scenario)} {about(row.supported_in_need)} "
        f"({about(row.behind)} fewer, standard error {about(max(row.standard_error, 1.0))})"
        for row in others.itertuples()
    ]
    years = int(others["years"].iloc[0])
    return [
        f"The other options with staff for the same grant, in the {years} years of the search: "
        f"{_listed(told)}."
    ]


def plan_table(made: Made, scenario: Scenario) -> pd.DataFrame:
    """Return what plans say, a sentence a row; where none were made, how to make them.

    Returns
    -------
    DataFrame
        Columns topic (standards or grants) and sentence.
    """
    standards = standards_sentences(made.staff, scenario) if made.staff else _how("standards", scenario)
    grants = grant_sentences(made.grants, scenario) if made.grants else _how("grants", scenario)
    rows = [("standards", text) for text in standards] + [("grants", text) for text in grants]
    return pd.DataFrame(rows, columns=["topic", "sentence"])


#: What is not said where a scenario asks for no plan.
_MISSING = {
    "standards": "How many staff would meet the service standards was not worked out: the scenario does not "
    "say which standards to plan for. Whoever keeps the scenario can add them.",
    "grants": "The best use of a larger or smaller grant was not worked out: the scenario does not say which "
    "grants to plan for. Whoever keeps the scenario can add them.",
}


def _how(topic: str, scenario: Scenario) -> tuple[str, ...]:
    """Say why there is no plan, and the command that makes it."""
    stated = scenario.plans
    if stated is None or not getattr(stated, topic):
        return (_MISSING[topic],)
    standards, grants = plan_commands(scenario)
    what, command = {
        "standards": ("The fewest staff that meet the standards take a search by simulation", standards),
        "grants": ("The best use of a grant takes a search by simulation", grants),
    }[topic]
    return (f"{what}, which this quick run left out. The analyst gets it by `{command}`.",)


class Commands(NamedTuple):
    """What to type for each plan."""

    standards: str
    grants: str


def plan_commands(scenario: Scenario, file: str = "") -> Commands:
    """Return the commands that make the plans of a scenario.

    Parameters
    ----------
    scenario : Scenario
    file : str
        The scenario file; by default one of the scenario's name in the folder ``parameters``.
    """
    file = file or f"parameters/{scenario.name}.yaml"
    amounts = scenario.plans.amounts if scenario.plans is not None else ()
    asked = " ".join(f"--grant {amount:.10g}" for amount in amounts or (scenario.grant_gbp,))
    return Commands(f"victimsmodel plan {file}", f"victimsmodel plan {file} {asked}")


def stated_standards(plan: StandardsPlan) -> tuple[str, ...]:
    """Return the standards in words."""
    return tuple(standard.title for standard in plan.question.standards)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else "no one"
