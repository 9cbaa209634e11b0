"""Reach by channel, attempt, time of day, days since the crime and group: the hazard of a contact log."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.inputs.contact_log import ContactLog
from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.inputs.people_table import PeopleTable
from victimsmodel.inputs.quality.findings import Finding
from victimsmodel.inputs.service import CHANNELS
from victimsmodel.pathway.arrays import Floats, Ints
from victimsmodel.pathway.contact_fit import time_windows
from victimsmodel.pathway.contact_rows import WINDOWS
from victimsmodel.pathway.hazard import HazardFit, Link, dummies, fit_hazard, standardised

_FEW = 10  # contacts or failures below which levels are joined
_LEVEL = "level"
_DAYS = "days since (per 10)"
_MOST_GROUPS = 30
_COLLINEAR = 0.95
_Z90, _Z95 = 1.6448536269514722, 1.959963984540054


class Reach(NamedTuple):
    """The hazard of contact: coefficients, and reach with all else alike.

    ``coefficients``: name, value, se, low, high (95 %), on the scale of the link. ``by_channel``: channel,
    reach (at the first attempt in office hours, over the victims of the log as they are), se (of the
    log-odds), low, high (90 %), low_95, high_95, naive, n_victims, n_attempts. ``by_attempt``: the same by
    channel and attempt (1: the first; the last stands for later ones too).
    """

    fit: HazardFit
    coefficients: pd.DataFrame
    by_channel: pd.DataFrame
    by_attempt: pd.DataFrame
    findings: list[Finding]


def estimate_reach(log: ContactLog, link: Link = "logit") -> Reach:
    """Regress the outcome of every attempt on channel, attempt, time of day, days and group.

    Parameters
    ----------
    log : ContactLog
    link : {"logit", "cloglog"}
        Of the chance of contact; with cloglog coefficients are log hazard ratios.
    """
    table = log.attempts
    findings = list(_small_cells(table))
    design, attempt, last = _design(table, findings)
    victim = table["victim"].to_numpy(np.int64)
    fit = fit_hazard(design, table["is_reached"].to_numpy(bool), victim, link)
    findings += _fit_findings(fit, design)
    se = np.sqrt(np.diag(fit.covariance))
    coefficients = pd.DataFrame({"name": fit.names, "value": fit.coefficients, "se": se})
    coefficients["low"] = coefficients["value"] - _Z95 * se
    coefficients["high"] = coefficients["value"] + _Z95 * se
    rows, steps = [], []
    for channel in [c for c in CHANNELS if (table["channel"] == c).any()]:
        own = (table["channel"] == channel).to_numpy()
        at = _set(design[attempt == 1], channel, 1, last)
        rows.append({"channel": channel, **_chance(fit, at), **_counts(table, own)})
        for step in range(1, last + 1):
            here = own & (attempt == step)
            if here.any():
                at = _set(design[here], channel, step, last)
                steps.append(
                    {"channel": channel, "attempt": step, **_chance(fit, at), **_counts(table, here)}
                )
    return Reach(fit, coefficients, PeopleTable(rows), PeopleTable(steps), findings)


def _design(table: pd.DataFrame, findings: list[Finding]) -> tuple[pd.DataFrame, Ints, int]:
    """Return the columns, the number of each attempt and the largest told apart."""
    last = _last_told(table)
    findings += _perfect_attempts(table, last)
    attempt = np.minimum(table["attempt"].to_numpy(np.int64), last)
    channels = [c for c in CHANNELS if (table["channel"] == c).any()]
    codes = table["channel"].astype(str).map({c: i for i, c in enumerate(channels)}).to_numpy(np.int64)
    parts = [
        pd.DataFrame({_LEVEL: np.ones(len(table))}),
        dummies("channel", codes, channels),
        dummies("attempt", attempt - 1, [str(n) for n in range(1, last + 1)]),
        dummies("time", time_windows(table), WINDOWS),
    ]
    if table["days"].notna().all() and float(table["days"].std()) > 0:
        days = table["days"].to_numpy(np.float64)
        parts.append(pd.DataFrame({_DAYS: days / 10}))
    groups = pd.Categorical(table["group"])
    if 1 < len(groups.categories) <= _MOST_GROUPS:
        order = np.argsort(-np.bincount(groups.codes, minlength=len(groups.categories)), kind="stable")
        rank = np.argsort(order)
        parts.append(dummies("group", rank[groups.codes], [str(groups.categories[i]) for i in order]))
    elif len(groups.categories) > _MOST_GROUPS:
        detail = f"{len(groups.categories)} groups are too many to tell apart; the hazard leaves them out."
        findings.append(Finding("warning", "too_many_groups", detail=detail))
    design = pd.concat(parts, axis=1)
    used = design.columns[(design != 0).any(axis=0)]
    return design[used], attempt, last


def _last_told(table: pd.DataFrame) -> int:
    """Return the number of attempts that each have enough contacts and failures; later ones join the last."""
    counts = table.groupby("attempt")["is_reached"].agg(["sum", "size"])
    last = 1
    for n in counts.index[1:]:
        later = counts.loc[n:].sum()
        if min(later["sum"], later["size"] - later["sum"]) < _FEW:
            break
        last = int(n)
        if min(counts.loc[n, "sum"], counts.loc[n, "size"] - counts.loc[n, "sum"]) < _FEW:
            break
    return last


def _perfect_attempts(table: pd.DataFrame, last: int) -> list[Finding]:
    """Say which numbers of attempt, not told apart from others, had the same outcome throughout."""
    found = []
    for n, own in table[table["attempt"] > last].groupby("attempt")["is_reached"]:
        if len(own) >= _FEW and own.nunique() == 1:
            ended = "succeeded" if own.iloc[0] else "failed"
            detail = (
                f"Attempt {n}: all {DisclosureRule().said(len(own))} {ended}, so that its number predicts "
                "the outcome perfectly; "
                f"it is taken together with attempt {last}, and what it adds cannot be told."
            )
            found.append(
                Finding("warning", "separation", offence=f"attempt {n}", rows=len(own), detail=detail)
            )
    return found


def _set(design: pd.DataFrame, channel: str, attempt: int, last: int) -> pd.DataFrame:
    """Return the design as it would be in a channel, at an attempt, in office hours."""
    changed = design.copy()
    for name in changed.columns:
        kind, _, of = str(name).partition(": ")
        if kind == "channel":
            changed[name] = float(of == channel)
        elif kind == "attempt":
            changed[name] = float(int(of) == min(attempt, last))
        elif kind == "time":
            changed[name] = 0.0
    return changed


def _chance(fit: HazardFit, design: pd.DataFrame) -> dict[str, float]:
    from scipy.special import expit, logit

    mean, se = standardised(fit, design)
    ends = {
        name: float(expit(logit(mean) + z * se))
        for name, z in (("low", -_Z90), ("high", _Z90), ("low_95", -_Z95), ("high_95", _Z95))
    }
    return {"reach": mean, "se": se, **ends}


def _counts(table: pd.DataFrame, own: np.ndarray) -> dict[str, float]:
    part = table[own]
    return {
        "naive": float(part["is_reached"].mean()),
        "n_victims": int(part["victim"].nunique()),
        "n_attempts": len(part),
    }


def _small_cells(table: pd.DataFrame) -> list[Finding]:
    said, found = DisclosureRule().said, []
    for name in ("channel", "group"):
        for value, part in table.groupby(name, observed=True):
            least = int(min(part["is_reached"].sum(), (~part["is_reached"]).sum()))
            if least < _FEW:
                what = "successes" if part["is_reached"].sum() == least else "failures"
                detail = (
                    f"{value}: {said(least)} {what} in {said(len(part))} attempts; its effect on reach is "
                )
                detail += "hardly known."
                found.append(
                    Finding("warning", "small_cell", offence=str(value), rows=len(part), detail=detail)
                )
    return found


def _fit_findings(fit: HazardFit, design: pd.DataFrame) -> list[Finding]:
    """Say what the regression cannot tell apart."""
    found = []
    for name in fit.separated:
        what = (
            "With all else as usual every attempt ends alike"
            if name == _LEVEL
            else f"{name} predicts the outcome perfectly"
        )
        detail = (
            f"{what}: the estimate is kept finite (Firth), its error is that of the model, and how large the "
            "effect is cannot be told."
        )
        found.append(Finding("warning", "separation", offence=name, detail=detail))
    for name in fit.aliased:
        detail = (
            f"{name} is determined by the other columns, such as a channel that is always the last; left out."
        )
        found.append(Finding("warning", "collinear", offence=name, detail=detail, action="excluded"))
    names = [name for name in fit.names if name != _LEVEL]
    if len(names) > 1:
        strength = _variance_explained(design[names].to_numpy(np.float64))
        for name, share in zip(names, strength, strict=True):
            if share > _COLLINEAR:
                detail = f"{name} is nearly determined by the other columns ({share:.0%}), hardly told apart."
                found.append(Finding("warning", "collinear", offence=name, detail=detail))
    return found


def _variance_explained(x: Floats) -> Floats:
    """Return the share of each column's variance that the others explain (1 - 1 / variance inflation)."""
    correlation = np.corrcoef(x, rowvar=False)
    return np.asarray(1 - 1 / np.maximum(np.diag(np.linalg.pinv(correlation)), 1.0))
