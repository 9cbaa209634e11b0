"""From a contact log to reach, heterogeneity, times of day, fading and delays of replies as estimates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.contact_log import ContactLog
from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.inputs.quality.findings import Finding
from victimsmodel.inputs.service import CHANNELS, SPOKEN_CHANNELS
from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.contact_model import Attempts, ContactModel, Parameter
from victimsmodel.pathway.contact_rows import WINDOWS, Modelled, parameter_row
from victimsmodel.pathway.heterogeneity import Fitted, fit_contact
from victimsmodel.pathway.log_shares import Row, share_row

EVENING_FROM = 17.0  # hour

_FEW = 5  # contacts, and failures, below which a channel is not modelled
_FEW_IN_WINDOW = 10
_LATER_CONTACTS = 30  # at second and later attempts, behind a heterogeneity of a channel's own
_FEW_REPLIES = 5
_LEAST_SPREAD = 1.0  # standard deviation of the days to the first attempt, for fading to be told


class ContactFit(NamedTuple):
    """Estimates of the contact model, and the correlations of those that were estimated together."""

    rows: list[Row]
    names: list[str]  # of the rows that `correlation` is of
    correlation: Floats
    fitted: Fitted | None
    findings: list[Finding]


def time_windows(attempts: pd.DataFrame) -> NDArray[np.int64]:
    """Return the number of each attempt's time of day in `WINDOWS`; messages have none."""
    is_weekend = (attempts["day"].to_numpy() - 1) % 7 >= 5  # day 1 of the calendar was a Monday
    window = np.where(attempts["hour"].to_numpy() >= EVENING_FROM, 1, np.where(is_weekend, 2, 0))
    known = attempts["channel"].isin(SPOKEN_CHANNELS) & attempts["hour"].notna()
    return np.where(known, window, 0).astype(np.int64)


def fit_contact_log(log: ContactLog, fade_days: float | None) -> ContactFit:
    """Estimate the contact model from a log.

    Parameters
    ----------
    log : ContactLog
    fade_days : float or None
        What reach fades by; None: estimated, if the days to the first attempt differ between victims.
    """
    findings: list[Finding] = []
    table, rows = _modelled(log.attempts, findings)
    if not len(table):
        return ContactFit(rows, [], np.empty((0, 0)), None, findings)
    window = _told_windows(table, findings)
    parameters = _parameters(table, window, findings)
    is_fading = fade_days is None and _fading_is_told(log, table, findings)
    if is_fading:
        parameters.append(Parameter("fade", ""))
    model = ContactModel(
        attempts_of_model(table, window),
        parameters,
        fade_rate=1 / fade_days if fade_days is not None else 0.0,
    )
    fitted = fit_contact(model)
    modelled = Modelled(model, fitted, table, window)
    found = {k: parameter_row(modelled, k, findings) for k in range(len(parameters))}
    inputs = [k for k, row in found.items() if row.is_input]
    spread = np.where(fitted.se > 0, fitted.se, 1.0)
    sign = np.array([-1.0 if parameter.kind == "fade" else 1.0 for parameter in parameters])
    correlation = fitted.covariance / np.outer(spread * sign, spread * sign)
    own, names = _by_channel(found, parameters)
    pick = [k for k in own if k in inputs]
    return ContactFit(
        rows + [row for group in names.values() for row in group],
        [row.name for k in pick for row in names[k]],
        _repeated(np.asarray(correlation), pick, [len(names[k]) for k in pick]),
        fitted,
        findings,
    )


def _by_channel(found: dict[int, Row], parameters: list[Parameter]) -> tuple[list[int], dict[int, list[Row]]]:
    """Return the rows of each parameter: one for each channel that it holds for."""
    rows: dict[int, list[Row]] = {}
    for k, row in found.items():
        members = parameters[k].of.split("+")
        if parameters[k].kind == "heterogeneity":
            rows[k] = [row._replace(name=f"contact.channels.{c}.heterogeneity") for c in members]
        else:
            rows[k] = [row]
    return list(rows), rows


def _repeated(correlation: Floats, pick: list[int], times: list[int]) -> Floats:
    """Return the correlations of rows; two rows of one parameter move together entirely."""
    index = np.repeat(np.asarray(pick, dtype=np.int64), times)
    found = np.clip(correlation[np.ix_(index, index)], -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _modelled(attempts: pd.DataFrame, findings: list[Finding]) -> tuple[pd.DataFrame, list[Row]]:
    """Set channels apart that have too few contacts or failures for a model."""
    said = DisclosureRule().said
    rows: list[Row] = []
    keep = np.ones(len(attempts), dtype=bool)
    for channel in CHANNELS:
        own = (attempts["channel"] == channel).to_numpy()
        n, reached = int(own.sum()), int(attempts.loc[own, "is_reached"].sum())
        if n == 0 or min(reached, n - reached) >= _FEW:
            continue
        keep &= ~own
        note = "too few contacts or failures for a model: all attempts taken as alike"
        rows.append(share_row(f"contact.channels.{channel}.reach", reached, n, True, note))
        detail = f"{channel}: {said(reached)} of {said(n)} attempts succeeded; "
        detail += (
            "too few to tell first from later attempts, so that the plain share stands, with its interval."
        )
        check = "separation" if reached in (0, n) else "small_cell"
        findings.append(Finding("warning", check, offence=channel, rows=n, detail=detail))
    return attempts[keep], rows


def _told_windows(table: pd.DataFrame, findings: list[Finding]) -> NDArray[np.int64]:
    """Return the time of day of each attempt, where there are enough of it to tell its effect."""
    window = time_windows(table)
    reached = table["is_reached"].to_numpy()
    spoken = table["channel"].isin(SPOKEN_CHANNELS).to_numpy()
    for number, name in enumerate(WINDOWS):
        own = (window == number) & spoken
        if number == 0 or not own.any():
            continue
        usual = (window == 0) & spoken
        counts = [int((of & (reached == is_reached)).sum()) for of in (own, usual) for is_reached in (0, 1)]
        if min(counts) < _FEW_IN_WINDOW:
            window[own] = 0
            detail = (
                f"{name}: {DisclosureRule().said(int(own.sum()))} attempts are too few to tell from office "
                "hours; counted there."
            )
            findings.append(Finding("note", "small_cell", offence=name, rows=int(own.sum()), detail=detail))
    return window


def _parameters(table: pd.DataFrame, window: NDArray[np.int64], findings: list[Finding]) -> list[Parameter]:
    """Choose what the log can tell."""
    channels = [channel for channel in CHANNELS if (table["channel"] == channel).any()]
    found = [Parameter("reach", channel) for channel in channels]
    members = _shared_heterogeneity(table, channels)
    if (table.groupby("victim").size() > 1).any():
        found += [Parameter("heterogeneity", "+".join(part)) for part in members]
    else:
        detail = "No victim was attempted twice: difficulty cannot be told from chance."
        findings.append(Finding("warning", "no_repetition", detail=detail))
    if len(channels) > len(members):
        shared = " and ".join(next(part for part in members if len(part) > 1))
        detail = f"One heterogeneity stands for {shared}: too few contacts at later attempts."
        findings.append(Finding("note", "shared_heterogeneity", detail=detail))
    found += [Parameter("window", WINDOWS[number]) for number in np.unique(window) if number]
    for channel in channels:
        own = table[table["channel"] == channel]
        if int(own["reply_days"].notna().sum()) >= _FEW_REPLIES:
            found.append(Parameter("reply", channel))
        elif channel not in SPOKEN_CHANNELS:
            detail = (
                f"{channel}: without days of replies, messages not answered by the end count as failures."
            )
            findings.append(Finding("note", "no_reply_days", offence=channel, detail=detail))
    return found


def _shared_heterogeneity(table: pd.DataFrame, channels: Sequence[str]) -> list[list[str]]:
    """Group the channels that share a heterogeneity: those without enough repetition join the largest."""
    own: list[list[str]] = []
    rest: list[str] = []
    sizes: dict[str, int] = {}
    for channel in channels:
        part = table[table["channel"] == channel]
        later = part["is_reached"] & (part.groupby("victim").cumcount() > 0)
        sizes[channel] = len(part)
        if int(later.sum()) >= _LATER_CONTACTS:
            own.append([channel])
        else:
            rest.append(channel)
    if not own:
        return [list(channels)]
    max(own, key=lambda part: sizes[part[0]]).extend(rest)
    return own


def _fading_is_told(log: ContactLog, table: pd.DataFrame, findings: list[Finding]) -> bool:
    first = table.groupby("victim")["days"].first()
    if not log.counted_from or first.isna().any():
        detail = (
            "Without dates of crimes or referrals reach is that of the usual delay; fading is not estimated."
        )
        findings.append(Finding("note", "no_crime_date", rows=int(first.isna().sum()), detail=detail))
        return False
    if float(first.std()) < _LEAST_SPREAD:
        detail = "All victims are attempted after about the same delay: fading cannot be told from reach."
        findings.append(Finding("warning", "collinear", offence="fading", detail=detail))
        return False
    return True


def attempts_of_model(table: pd.DataFrame, window: NDArray[np.int64]) -> Attempts:
    """Return attempts as the contact model takes them."""
    channels = tuple(channel for channel in CHANNELS if (table["channel"] == channel).any())
    number = {channel: i for i, channel in enumerate(channels)}
    is_message = ~table["channel"].isin(SPOKEN_CHANNELS)
    waited = table["reply_days"].where(table["is_reached"], table["waited_days"])
    return Attempts(
        victim=table["victim"].to_numpy(np.int64),
        channel=table["channel"].astype(str).map(number).to_numpy(np.int64),
        window=window,
        days=table["days"].fillna(0.0).to_numpy(np.int64),
        is_reached=table["is_reached"].to_numpy(bool),
        lag=waited.where(is_message).fillna(-1.0).to_numpy(np.int64),
        channels=channels,
        windows=WINDOWS,
    )
