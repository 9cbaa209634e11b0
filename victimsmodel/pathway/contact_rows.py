"""Parameters of the contact model as rows of a table: values, intervals, naive numbers beside them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.quality.findings import Finding
from victimsmodel.inputs.service import SPOKEN_CHANNELS
from victimsmodel.pathway.contact_model import BOUNDS, ContactModel
from victimsmodel.pathway.heterogeneity import Fitted, profile_intervals
from victimsmodel.pathway.log_shares import Number, Row, row_of

WINDOWS = ("", "evening", "weekend")  # the first: office hours, or not stated

_LEVELS = (0.9, 0.95)
_UNTOLD = 0.6  # width of an interval of heterogeneity that says nothing


class Modelled(NamedTuple):
    """A fitted contact model, and the attempts behind it."""

    model: ContactModel
    fitted: Fitted
    table: pd.DataFrame
    window: NDArray[np.int64]


def parameter_row(modelled: Modelled, k: int, findings: list[Finding]) -> Row:
    """Return the row of one parameter; of a heterogeneity that channels share, that of the first."""
    parameter, table = modelled.fitted.parameters[k], modelled.table
    number = _number(modelled, k)
    of = parameter.of.split("+")
    own = table[table["channel"].isin(of)]
    if parameter.kind == "reach":
        name = f"contact.channels.{parameter.of}.reach"
        return row_of(name, "probability", number, float(own["is_reached"].mean()), own)
    if parameter.kind == "heterogeneity":
        return _heterogeneity(of, number, own, findings)
    if parameter.kind == "window":
        which = WINDOWS.index(parameter.of)
        naive = _naive_odds_ratio(table, modelled.window, which)
        name, at = f"contact.windows.{parameter.of}", table[modelled.window == which]
        return row_of(name, "odds ratio", _exponential(number), naive, at)
    if parameter.kind == "reply":
        naive = float(np.maximum(own["reply_days"].dropna(), 1.0).mean())
        name = f"contact.channels.{parameter.of}.reply_days"
        return row_of(name, "days", _exponential(number), naive, own)
    return _fading(number, table, findings)


def _heterogeneity(of: list[str], number: Number, own: pd.DataFrame, findings: list[Finding]) -> Row:
    channels = " and ".join(of)
    is_told = number.high - number.low < _UNTOLD
    if not is_told:
        detail = f"Heterogeneity of {channels}: {number.low:.2f} to {number.high:.2f}, hardly told."
        findings.append(Finding("warning", "not_told", offence="heterogeneity", detail=detail))
    elif number.low <= BOUNDS["heterogeneity"][0]:
        detail = f"{channels}: the victims could all be alike; the interval of heterogeneity begins at 0."
        findings.append(Finding("note", "no_heterogeneity", offence="+".join(of), detail=detail))
    note = f"one for {channels}" if len(of) > 1 else ""
    row = row_of(f"contact.channels.{of[0]}.heterogeneity", "correlation", number, math.nan, own)
    return row._replace(is_input=is_told, note=note)


def _fading(rate: Number, table: pd.DataFrame, findings: list[Finding]) -> Row:
    """Return days in which reach falls by 1/e; without an upper end where the rate may be 0."""
    is_told = rate.low > 0
    if not is_told:
        most = _days(rate.high)
        detail = f"No fading seen: reach falls by 1/e in {most:.0f} days or more (90 % interval), or never."
        findings.append(Finding("note", "no_fading", offence="fading", detail=detail))
    days = Number(
        _days(rate.value),
        rate.se / max(rate.value, 1e-9) ** 2,
        *(_days(rate.high), _days(rate.low), _days(rate.high_95), _days(rate.low_95)),
    )
    return row_of("contact.fade_days", "days", days, math.nan, table)._replace(is_input=is_told)


def _days(rate: float) -> float:
    return 1 / rate if rate > 0 else math.inf


def _exponential(number: Number) -> Number:
    """Return a number whose logarithm was estimated."""
    value = math.exp(number.value)
    low, high, low_95, high_95 = (math.exp(x) for x in number[2:])
    return Number(value, value * number.se, low, high, low_95, high_95)


def _number(modelled: Modelled, k: int) -> Number:
    """Return value and ends: by profile likelihood where a bound may be near, else by the error."""
    from scipy.special import expit, logit, ndtri

    fitted = modelled.fitted
    kind, value, se = fitted.parameters[k].kind, float(fitted.value[k]), float(fitted.se[k])
    if kind in ("heterogeneity", "fade"):
        (low, high), (low_95, high_95) = profile_intervals(modelled.model, fitted, k, _LEVELS)
        return Number(value, se, low, high, low_95, high_95)
    deviates = [sign * float(ndtri(0.5 + level / 2)) for level in _LEVELS for sign in (-1, 1)]
    if kind == "reach":  # on the log-odds
        ends = [float(expit(logit(value) + z * se / (value * (1 - value)))) for z in deviates]
    else:
        ends = [value + z * se for z in deviates]
    return Number(value, se, ends[0], ends[1], ends[2], ends[3])


def _naive_odds_ratio(table: pd.DataFrame, window: NDArray[np.int64], number: int) -> float:
    spoken = table["channel"].isin(SPOKEN_CHANNELS).to_numpy()
    reached = table["is_reached"].to_numpy()
    own, usual = reached[(window == number) & spoken].mean(), reached[(window == 0) & spoken].mean()
    return float(own / (1 - own) / (usual / (1 - usual)))
