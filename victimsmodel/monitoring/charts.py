"""Control charts of quarterly shares and values: p, Laney's p', individuals (XmR)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.disclosure.observed_counts import ObservedCounts
from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.monitoring.counted import (
    Counted,
    Floats,
    counted,
    labels_of,
    numbers,
    require_columns,
    rows_of,
    shown_rows,
)
from victimsmodel.monitoring.gaps import gap_remarks
from victimsmodel.monitoring.limits import (
    D4,
    Chart,
    Limits,
    Stretch,
    advised,
    share_limits,
    value_limits,
)
from victimsmodel.monitoring.rules import (
    NELSON_RUN,
    NHS_RUN,
    TREND,
    WESTERN_ELECTRIC_RUN,
    Signal,
    signals,
)

_FEWEST, _FIRM = 4, 12  # points that limits may rest on; from where they are not called provisional
_FEWEST_EVENTS = 5  # expected events and non-events below which normal limits are rough
_WHERE = "control chart"
_PHASE_COLUMNS = ["phase", "first", "last", "n_baseline", "centre", "sigma_z", "moving_range"]
_SIGNAL_COLUMNS = ["period", "first", "last", "rule", "direction", "words"]


class ControlChart(NamedTuple):
    """A control chart as tables."""

    chart: str  # p, p_prime or xmr
    points: (
        pd.DataFrame
    )  # period, phase, value, centre, lower, upper, sigma, is_baseline, signals (names of rules)
    signals: pd.DataFrame  # period, first, last, rule, direction, words
    phases: pd.DataFrame  # phase, first, last, n_baseline, centre, sigma_z (NaN for xmr), moving_range (xmr)
    advice: str  # which chart, and why
    remarks: tuple[str, ...]


def control_chart(
    table: pd.DataFrame | ObservedCounts,
    chart: Chart = "advised",
    *,
    baseline: int | None = None,
    changes: Sequence[str] = (),
    run_length: int = WESTERN_ELECTRIC_RUN,
) -> ControlChart:
    """Return a control chart with its signals in words.

    Parameters
    ----------
    table : DataFrame or ObservedCounts
        Rows in order of time. Columns period, events, trials (shares); or period, value (XmR only). Observed
        counts are released first: everything is computed from what may be shown, hidden periods left out.
    chart : str
        ``p`` (binomial chance only), ``p_prime`` (Laney), ``xmr``, or ``advised``: what the data call for.
    baseline : int, optional
        Limits rest on the first so many points of each phase; on all of them by default.
    changes : sequence of str
        Periods from which limits are recalculated, because something was changed on purpose.
    run_length : int
        Points in a row on one side that are a signal: 8 (Western Electric) or 7 (NHS Making Data Count).

    Returns
    -------
    ControlChart

    Raises
    ------
    InputError
        For counts that cannot be (VM155); an unknown period or run length (VM156); fewer than four
        points below the limits of a phase (VM157).

    References
    ----------
    Shewhart limits at three sigma. Laney (2002), Improved control charts for attributes, Quality
    Engineering 14, 531-537: sigma_z is the mean moving range of the standardised shares over 1.128.
    Wheeler (1993), Understanding Variation: mean +- 2.66 mean moving ranges, ranges up to 3.268 of it.
    """
    shown = shown_rows(table, "period", ("events", "trials"), _WHERE)
    table = shown.table
    is_share = "events" in table.columns or chart in ("p", "p_prime")
    shares = counted(table, "period", _WHERE) if is_share else None
    if shares is None:
        require_columns(table, ("period", "value"), _WHERE)
    labels = shares.labels if shares else labels_of(table, "period", _WHERE)
    values = shares.shares if shares else numbers(table, "value", _WHERE)
    stretches = _stretches(labels, changes, baseline, run_length)
    chosen, advice = advised(chart, shares, stretches)
    rows, told, phases = [], [], []
    for phase, (first, end, n_base) in enumerate(stretches, start=1):
        own = slice(first, end)
        limits = (
            value_limits(values[own], n_base)
            if shares is None or chosen == "xmr"
            else share_limits(chosen, Counted(labels[own], shares.events[own], shares.trials[own]), n_base)
        )
        z = (values[own] - limits.centre) / np.where(limits.sigma > 0, limits.sigma, np.inf)
        found = signals(z, values[own], run_length)
        block = _points(labels[own], values[own], limits, shares is not None)
        block.insert(1, "phase", phase)
        block["is_baseline"] = np.arange(end - first) < n_base
        block["signals"] = [
            ", ".join(dict.fromkeys(s.rule for s in found if s.first <= i <= s.last))
            for i in range(end - first)
        ]
        rows.append(block)
        told += [_told(signal, block, shares is not None) for signal in found]
        phases.append((phase, labels[first], labels[end - 1], n_base, *_of_phase(limits)))
    summary = pd.DataFrame(phases, columns=_PHASE_COLUMNS)
    points = pd.concat(rows, ignore_index=True)
    if shares is not None:
        points.insert(2, "events", shares.events.astype(np.int64))
        points.insert(3, "trials", shares.trials.astype(np.int64))
    remarks = (*shown.remarks, *gap_remarks(labels), *_remarks(summary, shares if chosen != "xmr" else None))
    return ControlChart(chosen, points, pd.DataFrame(told, columns=_SIGNAL_COLUMNS), summary, advice, remarks)


def _of_phase(limits: Limits) -> tuple[float, float, float]:
    return limits.centre, limits.sigma_z, limits.moving_range


def _stretches(
    labels: tuple[str, ...], changes: Sequence[str], baseline: int | None, run_length: int
) -> list[Stretch]:
    """Return the phases, after checking that each has points enough."""
    problems = []
    if run_length not in (NHS_RUN, WESTERN_ELECTRIC_RUN, NELSON_RUN):
        allowed = "must be 7 (NHS Making Data Count), 8 (Western Electric) or 9 (Nelson)"
        problems.append(Problem(_WHERE, "run_length", str(run_length), allowed, "VM156"))
    if baseline is not None and baseline < _FEWEST:
        allowed = f"must be at least {_FEWEST} points"
        problems.append(Problem(_WHERE, "baseline", str(baseline), allowed, "VM157"))
    if problems:
        raise InputError(problems)
    starts = sorted({0, *rows_of(labels, changes, "changes", _WHERE)})
    found = []
    for first, end in zip(starts, [*starts[1:], len(labels)], strict=True):
        if end - first < _FEWEST:
            allowed = f"has {end - first} points where limits need {_FEWEST}"
            raise input_error(
                _WHERE, allowed, "VM157", field=f"phase from {labels[first]}" if labels else "table"
            )
        found.append(Stretch(first, end, min(baseline or end - first, end - first)))
    return found


def _points(labels: tuple[str, ...], values: Floats, limits: Limits, is_share: bool) -> pd.DataFrame:
    low, high = limits.centre - 3 * limits.sigma, limits.centre + 3 * limits.sigma
    if is_share:
        low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    block = pd.DataFrame(
        {"period": labels, "value": values, "centre": limits.centre, "lower": low, "upper": high}
    )
    block["sigma"] = limits.sigma
    if np.isfinite(limits.moving_range):
        block["moving_range"] = np.concatenate([[np.nan], np.abs(np.diff(values))])
        block["moving_range_upper"] = D4 * limits.moving_range
    return block


_RULE_WORDS = {
    "run": "{n} points in a row, {first} to {last}, lie {side} the centre of {centre}",
    "trend": "{n} points in a row, {first} to {last}, each lie {side} the one before",
    "two_of_three": "two or more points from {first} to {last}, two of any three, lie beyond two sigma"
    " {side} the centre of {centre}",
}


def _told(signal: Signal, block: pd.DataFrame, is_share: bool) -> tuple[str, ...]:
    """Return a row of the table of signals."""
    first, last, point = (
        block["period"].iloc[signal.first],
        block["period"].iloc[signal.last],
        block.iloc[signal.last],
    )
    side = "above" if signal.is_high else "below"
    if signal.rule == "beyond":
        limit = point["upper"] if signal.is_high else point["lower"]
        words = f"{_number(point['value'], is_share)} in {last} lies {side} the limit of"
        words += f" {_number(limit, is_share)}"
    else:
        centre = _number(point["centre"], is_share)
        n = signal.last - signal.first + 1
        words = _RULE_WORDS[signal.rule].format(n=n, first=first, last=last, side=side, centre=centre)
    direction = ("rising" if signal.is_high else "falling") if signal.rule == "trend" else side
    return last, first, last, signal.rule, direction, words


def _number(x: float, is_share: bool) -> str:
    return f"{100 * x:.1f}%" if is_share else f"{x:.3g}"


def _remarks(phases: pd.DataFrame, shares: Counted | None) -> tuple[str, ...]:
    """Say what makes the limits less than firm."""
    told = []
    for row in phases.itertuples():
        if row.n_baseline < _FIRM:
            told.append(
                f"Limits from {row.first} rest on {row.n_baseline} points: provisional below {_FIRM}."
            )
    if shares is not None:
        rarer = np.minimum(phases["centre"], 1 - phases["centre"]).min()
        few = float(shares.trials.min() * rarer)
        if few < _FEWEST_EVENTS:
            told.append(
                f"A period expects {few:.1f} events of the rarer kind: limits at three sigma are rough"
                f" below {_FEWEST_EVENTS}."
            )
    told.append(f"A trend is {TREND} points; patterns do not reach across a change of limits.")
    return tuple(told)
