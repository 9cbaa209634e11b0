"""The questions that a return leaves open, in plain English, for its provider."""

from __future__ import annotations

import pandas as pd

from victimsmodel.inputs.returns.chain import CHAIN, FEWEST_STEPS
from victimsmodel.inputs.returns.findings import listed
from victimsmodel.inputs.returns.load import Returns

#: What is asked about a finding: the sentence that follows its detail.
_ASK = {
    "impossible_transition": "Which of the two counts is right, or are victims of earlier quarters in it?",
    "double_counting": "How many different victims are these?",
    "other_unit": "Can both be given for victims, each counted once?",
    "missing_quarter": "Can you send the counts, or say why there are none?",
    "missing_count": "Can you send the counts, or say why they were not recorded?",
    "totals_differ": "Which of the figures is right?",
    "two_counts": "Which of the counts is right?",
    "part_quarter": "Can you send the other months?",
    "part_period": "Can you send the counts of the whole of it?",
    "words_of_period": "Are these the counts of the whole period?",
    "assumed_interval": "Which counts does the mark stand for?",
    "same_column_twice": "Are these two different steps, or the same count under two names?",
    "repeated_quarter": "Were the counts of the quarter before sent again by mistake?",
    "repeated_value": "Is that so, or was the figure of the quarter before carried over?",
    "looks_cumulative": "Does each figure count its own quarter, or all since the start of the year?",
    "not_cumulative": "Were earlier figures corrected, and to what?",
    "changed_label": "Is the same thing counted under each name, and did the definition change?",
    "changed_definition": "What changed in the counting, and can earlier quarters be recounted?",
    "changed_ratio": "Did the definition, the recording system or the service change then?",
    "unmapped_label": "What does it count?",
    "marked_numbers": "When will the final figures be known?",
}
#: What a definition must settle for the stages whose meaning differs most between services.
_SETTLE = {
    "referred": "before or after exclusions and duplicates are taken out",
    "contacted": "a conversation, or also a message left, a text or a letter sent",
    "assessed": "begun or finished",
    "supported": "also information by post, or only more than that",
}
#: What attrition needs at the least: asked for where no two steps are counted.
_MAIN = ("referred", "contacted", "supported")
_MOST_ALIKE = 4  # findings of a kind that are asked one by one; more are put into one question


def questions(returns: Returns) -> list[str]:
    """Return what to ask the provider, the most serious first.

    Parameters
    ----------
    returns : Returns
        From `load_returns`.

    Returns
    -------
    list of str
        Each a full sentence or two; number them as they stand.
    """
    asked = [*_about_findings(returns.findings), *_about_hidden(returns.counts)]
    asked += [
        *_about_units(returns.counts),
        *_about_definitions(returns.counts),
        *_about_stages(returns),
    ]
    if returns.mapping.basis == "unstated":
        asked.append(
            "Do the counts of later steps follow the victims referred in that quarter, or do they count all "
            "that happened in the quarter, whenever the victim was referred?"
        )
    return list(dict.fromkeys(asked))


def _about_findings(findings: pd.DataFrame) -> list[str]:
    asked = []
    for check, group in findings.groupby("check", sort=False):
        if check not in _ASK:
            continue
        if len(group) > _MOST_ALIKE:
            details = " ".join(f"({i}) {detail}" for i, detail in enumerate(group["detail"], start=1))
            asked.append(f"{details} For each: {_ASK[str(check)][0].lower()}{_ASK[str(check)][1:]}")
            continue
        for detail, rows in zip(group["detail"], group["rows"], strict=True):
            place = f" ({rows})" if rows else ""
            asked.append(f"{detail.rstrip('.')}{place}. {_ASK[str(check)]}")
    return asked


def _about_hidden(counts: pd.DataFrame) -> list[str]:
    hidden = counts[counts["state"] == "suppressed"]
    if hidden.empty:
        return []
    stages = listed(list(hidden["stage"]))
    return [
        f"Some small counts of {stages} are hidden. Can they be given for the year, or for quarters together?"
    ]


def _about_units(counts: pd.DataFrame) -> list[str]:
    units = counts.drop_duplicates("stage").set_index("stage")["unit"]
    asked = []
    unstated = list(units[units == "unstated"].index)
    if unstated:
        asked.append(
            f"What is counted in {listed(unstated)}: victims (each once), cases or referrals, or contacts?"
        )
    cases, victims = list(units[units == "case"].index), list(units[units == "victim"].index)
    if cases and victims:
        asked.append(
            f"Cases are counted for {listed(cases)}, and victims for {listed(victims)}. How many cases does "
            "a victim have on average, and can all steps be counted for victims?"
        )
    return asked


def _about_definitions(counts: pd.DataFrame) -> list[str]:
    defined = counts[counts["definition"] != ""]["stage"].unique()
    missing = [stage for stage in counts["stage"].unique() if stage not in defined]
    return [f"How exactly is each of these defined: {_definition_of(missing)}?"] if missing else []


def _definition_of(stages: list[str]) -> str:
    return "; ".join(f"{stage} ({_SETTLE[stage]})" if stage in _SETTLE else stage for stage in stages)


def _about_stages(returns: Returns) -> list[str]:
    """Ask for stages between the first and the last one that the return leaves out, or for the main ones."""
    there = [stage for stage in CHAIN if stage in set(returns.counts["stage"])]
    if len(there) < FEWEST_STEPS:
        return _for_main(there, returns.findings)
    between = CHAIN[CHAIN.index(there[0]) : CHAIN.index(there[-1])]
    absent = [stage for stage in between if stage not in there]
    wanted = [
        stage for stage in ("attempted", "contacted", "consented", "assessed", "accepted") if stage in absent
    ]
    if not wanted:
        return []
    return [f"Can you also count {listed(wanted)}, so that it is known at which step victims are lost?"]


def _for_main(there: list[str], findings: pd.DataFrame) -> list[str]:
    """Ask for the steps without which no attrition can be computed, and whether unused labels are they."""
    wanted = listed([stage for stage in _MAIN if stage not in there])
    either = " or ".join(wanted.rsplit(" and ", 1))
    ignored = list(findings.loc[findings["check"] == "ignored_label", "stage"])
    asked = [
        "Attrition needs the counts of two steps or more. How many victims, each counted once, were "
        f"{wanted} in each period?"
    ]
    if ignored:
        asked.append(f"What is counted in {listed(ignored)}, and is any of them victims {either}?")
    return asked
