"""What a contact log says beyond reach: consent, acceptance, minutes, delays of replies."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.inputs.quantities import Unit
from victimsmodel.inputs.service import SPOKEN_CHANNELS
from victimsmodel.pathway.arrays import MOST_REPLY_DAYS, Floats

_LEAST = 5  # values behind an estimate
_Z90, _Z95 = 1.6448536269514722, 1.959963984540054
_TAILS_90 = (0.05, 0.95)
_TAILS_95 = (0.025, 0.975)


class Row(NamedTuple):
    """An estimate as a row of the table: the interval at 90 % (as scenarios state it) and at 95 %."""

    name: str  # dotted name of the scenario's field, where it has one
    unit: Unit
    value: float
    se: float
    low: float
    high: float
    low_95: float
    high_95: float
    naive: float
    n_victims: int
    n_attempts: int
    is_input: bool  # whether a scenario has such a field
    note: str = ""
    is_share: bool = False  # of counts, without a model


class Number(NamedTuple):
    """An estimate with its intervals at 90 % and 95 %."""

    value: float
    se: float
    low: float
    high: float
    low_95: float
    high_95: float


def row_of(name: str, unit: Unit, number: Number, naive: float, attempts: pd.DataFrame) -> Row:
    """Return the row of a number that a scenario can take, made from some attempts."""
    n_victims = int(attempts["victim"].nunique())
    return Row(name, unit, *number, naive, n_victims, len(attempts), True)


def share_row(name: str, events: int, trials: int, is_input: bool, note: str = "") -> Row:
    """Return a share as the posterior of a Beta distribution under the Jeffreys prior."""
    from scipy.stats import beta

    posterior = beta(events + 0.5, trials - events + 0.5)
    bounds = (*posterior.ppf(_TAILS_90), *posterior.ppf(_TAILS_95))
    low, high, low_95, high_95 = (float(x) for x in bounds)
    value, se = float(posterior.ppf(0.5)), float(posterior.std())
    return Row(
        name,
        "probability",
        value,
        se,
        low,
        high,
        low_95,
        high_95,
        events / trials,
        trials,
        trials,
        is_input,
        note,
        True,
    )


def agreement_rows(attempts: pd.DataFrame) -> list[Row]:
    """Return consent of those spoken to and of those who replied, and acceptance of those offered support.

    A log does not know who is in need without being assessed: consent is one number here and two in a
    scenario, so that it is shown and not taken over. Support is offered where need was recognised.
    """
    contacts = attempts[attempts["is_reached"]]
    spoken = contacts["channel"].isin(SPOKEN_CHANNELS)
    rows = []
    for name, own in (("consent.spoken", contacts[spoken]), ("consent.replied", contacts[~spoken])):
        asked = own["consent"].dropna()
        if len(asked):
            note = "whether in need or not: a scenario states the two apart"
            rows.append(share_row(name, int(asked.sum()), len(asked), False, note))
    offered = contacts["accepted"].dropna()
    if len(offered):
        note = "those who were offered support count as in need"
        rows.append(share_row("support.accepted.in_need", int(offered.sum()), len(offered), True, note))
    return rows


def minutes_rows(attempts: pd.DataFrame) -> list[Row]:
    """Return mean staff minutes by channel, of attempts that reached the victim and of those that did not."""
    rows = []
    timed = attempts[attempts["minutes"] > 0]
    for channel, own in timed.groupby("channel", observed=True):
        is_spoken = channel in SPOKEN_CHANNELS
        parts = {"minutes_reached": own[own["is_reached"]], "minutes_attempt": own[~own["is_reached"]]}
        for field, part in parts.items() if is_spoken else [("minutes_attempt", own)]:
            minutes = part["minutes"].to_numpy()
            if len(minutes) >= _LEAST:
                rows.append(_mean_row(f"contact.channels.{channel}.{field}", minutes, part))
    return rows


def _mean_row(name: str, minutes: Floats, attempts: pd.DataFrame) -> Row:
    """Return a mean with its interval on the log scale, by the delta method."""
    mean, se = float(minutes.mean()), float(minutes.std(ddof=1) / np.sqrt(len(minutes)))
    low, high, low_95, high_95 = (mean * float(np.exp(z * se / mean)) for z in (-_Z90, _Z90, -_Z95, _Z95))
    return row_of(name, "minutes", Number(mean, se, low, high, low_95, high_95), mean, attempts)


def reply_table(attempts: pd.DataFrame) -> pd.DataFrame:
    """Return how long replies took: by channel and day, the share of replies that had come.

    The distribution function is the product-limit estimate for right-truncated delays: a reply is seen
    only if it came before the end of the log, so that long delays are missing from the plain share.

    Returns
    -------
    DataFrame
        Columns channel, days, replies (that took so long), naive (share of those seen) and share.

    References
    ----------
    Lagakos, Barraj and De Gruttola (1988), Biometrika 75, 515-523.
    """
    parts = []
    replied = attempts[attempts["is_reached"] & attempts["reply_days"].notna()]
    for channel, own in replied.groupby("channel", observed=True):
        delay = np.minimum(own["reply_days"].to_numpy(np.int64), MOST_REPLY_DAYS)
        window = np.maximum(_window(attempts, own), delay)
        days = np.unique(delay)
        came = np.array([(delay == day).sum() for day in days])
        at_risk = np.array([((delay <= day) & (window >= day)).sum() for day in days])
        later = 1 - came / at_risk  # P(delay < day | delay <= day)
        share = np.append(np.cumprod(later[::-1])[::-1][1:], 1.0)
        table = {"channel": str(channel), "days": days, "replies": came, "naive": came.cumsum() / came.sum()}
        parts.append(pd.DataFrame({**table, "share": share}))
    columns = ["channel", "days", "replies", "naive", "share"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _window(attempts: pd.DataFrame, own: pd.DataFrame) -> np.ndarray:
    """Return days from each message to the end of the log: replies that take longer are not seen."""
    last = int((attempts["day"] + attempts["waited_days"]).max())
    return np.asarray(last - own["day"].to_numpy(), dtype=np.int64)
