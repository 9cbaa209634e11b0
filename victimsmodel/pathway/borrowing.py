"""Borrow a share from published figures: what a new area, or one with cases of its own, may expect."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd
from scipy.special import expit, logit

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.evidence import (
    REGIME_PHRASES,
    definition_words,
    load_evidence,
)
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.quantities import FEASIBLE_EDGE, TAIL, Estimate
from victimsmodel.pathway.between_services import between_services, share_of_one
from victimsmodel.pathway.borrowed import FLOOR, JEFFREYS, Borrowed

_WHERE = "borrow"
#: A register key for what rests on several services, whose sources the note names.
LIBRARY = "evidence_library"
_DIGITS = 4  # significant, of what is stated in an estimate


def borrow(
    quantity: str,
    *,
    regime: str | None = None,
    definition: str | None = None,
    own: tuple[int, int] | None = None,
    evidence: pd.DataFrame | None = None,
) -> Borrowed:
    """Return what published figures of other services say about a share.

    Figures of different definitions or referral regimes are never pooled.

    Parameters
    ----------
    quantity : str
        For example ``reach.phone`` or ``supported_of_referred``.
    regime, definition : str, optional
        As in the library; needed where it holds more than one.
    own : tuple of int, optional
        Events and trials of the area itself. Few are shrunk towards other services, many are not.
    evidence : DataFrame, optional
        From `load_evidence`, with figures of one's own; the shipped library if not given.

    Returns
    -------
    Borrowed

    Raises
    ------
    InputError
        For an unknown quantity (VM103), a definition (VM104) or regime (VM105) that is unknown or
        must be chosen, figures none of which can be pooled (VM106), impossible own cases (VM107).

    References
    ----------
    `between_services`.
    """
    _refuse_own(own)
    rows = _chosen(load_evidence() if evidence is None else evidence, quantity, regime, definition)
    counts = rows.groupby("service", sort=False)[["numerator", "denominator"]].sum().astype("int64")
    events, trials = counts["numerator"].tolist(), counts["denominator"].tolist()
    between = between_services(events, trials)
    predictive = posterior = share_of_one(between)
    weight = 1.0
    if own is not None:
        together = between_services([*events, own[0]], [*trials, own[1]])
        posterior = share_of_one(together, *own)
        weight = together.borrowed_share(own[1])
    about = _vouched(rows)
    return Borrowed(
        quantity=quantity,
        definition=str(rows["definition"].iloc[0]),
        regime=str(rows["regime"].iloc[0]),
        rows=rows,
        alone=_alone(counts),
        between=between,
        pooled=_estimate(lambda p: between.quantile(between.mean, p), about),
        between_sd=_estimate(lambda p: between.quantile(between.sd, p), about),
        new_area=_estimate(lambda p: predictive.quantile(p, FLOOR), about),
        predictive=predictive,
        posterior=posterior,
        own_cases=own,
        own_twice="" if own is None else _holder(rows, counts, own),
        own=None if own is None else _estimate(lambda p: posterior.quantile(p, FLOOR), about, own),
        effective_cases=predictive.cases if own is None else own[1] * weight / (1 - weight),
        borrowed_share=weight,
    )


def _chosen(
    evidence: pd.DataFrame, quantity: str, regime: str | None, definition: str | None
) -> pd.DataFrame:
    """Return the figures of one quantity, regime and definition that may be pooled."""
    known = evidence.loc[evidence["denominator"].notna(), "quantity"].unique()
    rows = evidence[(evidence["quantity"] == quantity) & evidence["denominator"].notna()]
    if not len(rows):
        allowed = f"is not a quantity of the library (known: {', '.join(sorted(known))})"
        hint = did_you_mean(quantity, known)
        raise input_error(_WHERE, allowed, "VM103", field="quantity", value=quantity, hint=hint)
    rows = rows[rows["pool"] == "yes"]
    if not len(rows):
        allowed = "has no figure that can be pooled: index numbers, or cases open on a day"
        raise input_error(_WHERE, allowed, "VM106", field="quantity", value=quantity)
    problems = []
    for column, choice, code in (("regime", regime, "VM105"), ("definition", definition, "VM104")):
        found = rows[column].value_counts(sort=False)
        if choice is None and len(found) > 1:
            problems.append(Problem(_WHERE, column, "", f"must be one of {_listed(found)}", code))
        elif choice is not None and choice not in found.index:
            allowed = f"must be one of {_listed(found)}"
            hint = did_you_mean(choice, found.index)
            problems.append(Problem(_WHERE, column, choice, allowed, code, hint))
        elif choice is not None:
            rows = rows[rows[column] == choice]
    if problems:
        raise InputError(problems)
    return rows.reset_index(drop=True)


def _listed(found: pd.Series[int]) -> str:
    """List what there is, with the number of figures of each."""
    return ", ".join(f"{name or 'blank'} ({n} figure{'' if n == 1 else 's'})" for name, n in found.items())


def _refuse_own(own: tuple[int, int] | None) -> None:
    if own is None:
        return
    is_pair = isinstance(own, (tuple, list)) and len(own) == 2
    if not is_pair or any(isinstance(n, bool) or not isinstance(n, int) for n in own):
        allowed = "must be two whole numbers, events and trials"
        raise input_error(_WHERE, allowed, "VM107", field="own", value=str(own))
    if not 0 <= own[0] <= own[1] or own[1] < 1:
        allowed = "must be events from 0 up to trials, and trials of 1 or more"
        raise input_error(_WHERE, allowed, "VM107", field="own", value=f"{own[0]} of {own[1]}")


def _holder(rows: pd.DataFrame, counts: pd.DataFrame, own: tuple[int, int]) -> str:
    """Return the service that has published these very counts, in one figure or in all; empty for none."""
    figures = rows[["service", "numerator", "denominator"]]
    known = pd.concat([figures, counts.reset_index()])
    same = known[(known["numerator"] == own[0]) & (known["denominator"] == own[1])]
    return str(same["service"].iloc[0]) if len(same) else ""


def _alone(counts: pd.DataFrame) -> pd.DataFrame:
    """Return each service by itself."""
    from scipy.special import betaincinv

    y, n = (counts[name].to_numpy(dtype=float) for name in ("numerator", "denominator"))
    table = counts.rename(columns={"numerator": "events", "denominator": "trials"})
    table["share"] = y / n
    table["low"], table["high"] = (betaincinv(y + JEFFREYS, n - y + JEFFREYS, p) for p in (TAIL, 1 - TAIL))
    return table


def _vouched(rows: pd.DataFrame) -> dict[str, str]:
    """Return source, quality and note of an estimate that rests on these figures."""
    sources = list(dict.fromkeys(rows["source"]))
    n = rows["service"].nunique()
    who = f"{n} {'service' if n == 1 else 'services'} {REGIME_PHRASES[rows['regime'].iloc[0]]}"
    counted = definition_words(str(rows["definition"].iloc[0]))
    note = f"Published figures of {who}" + (f"; counted: {counted}" if counted else "")
    note += "" if len(sources) == 1 else f"; {', '.join(sources)}"
    source = sources[0] if len(sources) == 1 else LIBRARY
    return {"source": source, "quality": str(rows["quality"].max()), "note": note}


def _estimate(
    quantile: Callable[[float], float], about: dict[str, str], own: tuple[int, int] | None = None
) -> Estimate:
    """Return median, 5th and 95th percentile as an estimate that the metalog can take.

    Where a tail reaches beyond `FLOOR`, or so far that no metalog has these three quantiles, its end
    is drawn in to the nearest that is feasible and the note says so; the rest stays.
    """
    low, value, high = (_rounded(quantile(p)) for p in (TAIL, 0.5, 1 - TAIL))
    note = about["note"] + ("" if own is None else f"; with {own[0]:,} of {own[1]:,} of the area's own")
    start, mid, end = (float(logit(x)) for x in (low, value, high))
    longest = (1 - FEASIBLE_EDGE) / FEASIBLE_EDGE * (1 - 1e-3)  # of one side, beside the other
    if mid - start > longest * (end - mid):
        low = _rounded(float(expit(mid - longest * (end - mid))))
    elif end - mid > longest * (mid - start):
        high = _rounded(float(expit(mid + longest * (mid - start))))
    if low <= FLOOR or float(logit(low)) > start:
        note += "; low end drawn in"
    if high >= 1 - FLOOR or float(logit(high)) < end:
        note += "; high end drawn in"
    return Estimate.model_validate(
        {
            "unit": "probability",
            "value": value,
            "low": low,
            "high": high,
            **about,
            "note": f"{note}.",
            "borrowed": True,
        }
    )


def _rounded(x: float) -> float:
    """Round to four significant digits of the smaller of a share and its complement."""
    return round(x, _DIGITS - 1 - math.floor(math.log10(min(x, 1 - x))))
