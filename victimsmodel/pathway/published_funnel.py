"""One published service from referral to support: stages and exits that add up."""

from __future__ import annotations

import pandas as pd

from victimsmodel.errors import input_error
from victimsmodel.inputs.evidence import load_evidence
from victimsmodel.inputs.finding import did_you_mean

_START = "referred"
#: Stages that a victim goes on from, or ends at with support; every other one is an exit.
_ONWARD = frozenset(
    {
        _START,
        "valid",
        "attempted",
        "attempted_phone",
        "attempted_text",
        "attempted_letter",
        "contacted",
        "assessed",
        "supported",
    }
)
#: Overlaps of what else is listed, which would count victims twice.
_OVERLAPPING = frozenset({"any_help", "repeat_calls", "enhanced_offered"})
_UNREACHABLE, _NOT_STATED = "unreachable", "not_stated"


def service_funnel(source: str, evidence: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the stages of a published service, each as a part of the stage it follows from.

    Parameters
    ----------
    source : str
        Key of a source of the library, for example ``durham_2014``.
    evidence : DataFrame, optional
        From `load_evidence`; the shipped library if not given.

    Returns
    -------
    DataFrame
        One row a stage and parent, parents first: stage, parent_stage, victims, share_of_parent,
        share_of_referred, is_exit. What a stage's parts leave over has a row of its own:
        ``unreachable`` after attempts, else ``not_stated``. A stage whose parts are not published
        has none. Exits and the support reached at the end add up to the referrals.

    Raises
    ------
    InputError
        If the source is not in the library or states no stages after referral (VM108).
    """
    found = load_evidence() if evidence is None else evidence
    counts = found[(found["pool"] == "yes") & ~found["stage"].isin(_OVERLAPPING)]
    rows = counts[counts["source"] == source]
    if _START not in set(rows["parent_stage"]):
        usable = sorted(counts.loc[counts["parent_stage"] == _START, "source"].unique())
        allowed = f"is not a source that states what became of referrals (known: {', '.join(usable)})"
        hint = did_you_mean(source, usable)
        raise input_error("service_funnel", allowed, "VM108", field="source", value=source, hint=hint)
    edges = _nearest(rows.drop_duplicates(["parent_stage", "stage"]))
    table = pd.DataFrame(_walk(edges), columns=["stage", "parent_stage", "victims"])
    sizes = _sizes(edges)
    referred = sizes[_START]
    table["share_of_parent"] = table["victims"] / table["parent_stage"].map(sizes)
    table["share_of_referred"] = table["victims"] / referred
    table["is_exit"] = ~table["stage"].isin(_ONWARD)
    return table


def _nearest(rows: pd.DataFrame) -> pd.DataFrame:
    """Drop parts of an earlier stage that are parts of a later one too: 9 of 85 are 9 of 31."""
    parents = rows.groupby("stage")["parent_stage"].agg(set).to_dict()

    def before(stage: str) -> set[str]:
        found: set[str] = set()
        waiting = [stage]
        while waiting:
            fresh = parents.get(waiting.pop(), set()) - found
            found |= fresh
            waiting += fresh
        return found

    repeats = [
        any(row.parent_stage in before(other) for other in parents[row.stage] - {row.parent_stage})
        for row in rows.itertuples()
    ]
    return rows[[not repeat for repeat in repeats]]


def _sizes(edges: pd.DataFrame) -> dict[str, int]:
    """Return the victims at each stage: all its parts, and the whole for the first."""
    sizes = {str(stage): int(n) for stage, n in edges.groupby("stage")["numerator"].sum().items()}
    first = edges[edges["parent_stage"] == _START]
    return {**sizes, _START: int(first["denominator"].iloc[0])}


def _walk(edges: pd.DataFrame) -> list[tuple[str, str, int]]:
    """List stages with their parents, parents first, and what the parts of a stage leave over."""
    sizes = _sizes(edges)
    rows = [(_START, "", sizes[_START])]
    waiting = [_START]
    seen = {_START}
    while waiting:
        parent = waiting.pop(0)
        parts = edges[edges["parent_stage"] == parent]
        rows += [(str(row.stage), parent, int(row.numerator)) for row in parts.itertuples()]
        left = sizes[parent] - int(parts["numerator"].sum())
        if len(parts) and left > 0:
            rows.append((_UNREACHABLE if parent.startswith("attempted") else _NOT_STATED, parent, left))
        fresh = [str(stage) for stage in parts["stage"] if stage in _ONWARD and stage not in seen]
        seen.update(fresh)
        waiting += fresh
    return rows
