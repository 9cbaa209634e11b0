"""Contact logs of invented victims, drawn from the contact model with known truth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.inputs.contact_log import ContactLog
from victimsmodel.inputs.quality.findings import as_table
from victimsmodel.inputs.service import CHANNELS, SPOKEN_CHANNELS

START = 739_342  # 2025-04-01, a Tuesday
_PERIOD = 91  # days over which victims are referred
_END = 150  # days from the start until the log ends


class Truth(NamedTuple):
    """What a log is drawn from."""

    reach: dict[str, float]
    heterogeneity: dict[str, float]
    plan: tuple[
        tuple[str, int, float], ...
    ]  # channel, days after the attempt before, share made in the evening
    evening: float = 1.0  # odds ratio
    fade_days: float = np.inf
    reply_days: float = 3.0
    first_days: tuple[int, ...] = (1,)  # days from crime to first attempt, equally frequent


class HazardTruth(NamedTuple):
    """Log-odds of contact at each attempt, by what the attempt is like."""

    level: float
    text: float
    later: tuple[float, ...]  # of attempts 2, 3 ..., against the first
    evening: float
    per_ten_days: float
    enhanced: float
    n_attempts: int


def draw_hazard_log(truth: HazardTruth, n_victims: int, generator: np.random.Generator) -> ContactLog:
    """Return the log of attempts whose channel, hour and day vary, until contact."""
    shape = (n_victims, truth.n_attempts)
    is_text = generator.random(shape) < 0.35
    evening = (generator.random(shape) < 0.3) & ~is_text
    first = generator.integers(1, 15, n_victims)
    days = first[:, None] + np.cumsum(generator.integers(1, 4, shape), axis=1)
    enhanced = generator.random(n_victims) < 0.3
    later = np.array([0.0, *truth.later])[: truth.n_attempts]
    linear = truth.level + truth.text * is_text + later + truth.evening * evening
    linear = linear + truth.per_ten_days * days / 10 + truth.enhanced * enhanced[:, None]
    success = generator.random(shape) < 1 / (1 + np.exp(-linear))
    is_made = np.cumsum(success, axis=1) - success == 0
    victim, attempt = np.nonzero(is_made)
    text = is_text[victim, attempt]
    monday = START - 1  # every attempt on a weekday: weekends would be a time of day of their own
    own = days[victim, attempt]
    table = pd.DataFrame(
        {
            "victim": victim,
            "attempt": attempt + 1,
            "group": pd.Categorical(np.where(enhanced[victim], "enhanced", "standard")),
            "channel": pd.Categorical(np.where(text, "text", "phone"), categories=list(CHANNELS)),
            "day": monday + own // 5 * 7 + own % 5,
            "hour": np.where(text, np.nan, np.where(evening[victim, attempt], 18.0, 11.0)),
            "minutes": np.nan,
            "consent": np.nan,
            "accepted": np.nan,
            "reply_days": np.nan,
            "days": own.astype(float),
            "is_reached": success[victim, attempt],
            "waited_days": 0,
        }
    )
    return ContactLog(table, as_table([]), "crime", "simulated log")


def draw_log(truth: Truth, n_victims: int, generator: np.random.Generator) -> ContactLog:
    """Return the log of victims attempted by a plan until they are reached."""
    from scipy.stats import beta

    shape = (n_victims, len(truth.plan))
    u = generator.random(n_victims)
    first = generator.choice(truth.first_days, n_victims)
    referred = START + generator.integers(0, _PERIOD, n_victims)
    gaps = np.cumsum([gap for _, gap, _ in truth.plan])
    days = first[:, None] + gaps[None, :]
    evening = generator.random(shape) < [share for _, _, share in truth.plan]
    chance, reply = np.empty(shape), np.full(shape, np.nan)
    answered: dict[tuple[str, bool], NDArray[np.float64]] = {}
    for j, (channel, _, _) in enumerate(truth.plan):
        total = 1 / truth.heterogeneity[channel] - 1
        odds = truth.reach[channel] / (1 - truth.reach[channel])
        for is_evening in np.unique(evening[:, j]).tolist():
            now = odds * (truth.evening if is_evening else 1.0)
            mean, own = now / (1 + now), evening[:, j] == is_evening
            if (channel, is_evening) not in answered:
                answered[channel, is_evening] = beta.ppf(u, mean * total, (1 - mean) * total)
            chance[own, j] = answered[channel, is_evening][own]
        if channel not in SPOKEN_CHANNELS:
            reply[:, j] = generator.geometric(1 / truth.reply_days, n_victims)
    success = generator.random(shape) < chance * np.exp(-days / truth.fade_days)
    return _observed(truth, success, days, reply, evening, referred - first)


def _observed(
    truth: Truth,
    success: NDArray[np.bool_],
    days: NDArray[np.int64],
    reply: NDArray[np.float64],
    evening: NDArray[np.bool_],
    crime: NDArray[np.int64],
) -> ContactLog:
    """Leave out what was not attempted any more, and replies that came too late to be seen."""
    come = np.where(success, days + np.nan_to_num(reply), np.inf)
    contact = come.min(axis=1)
    spoken = np.isnan(reply)
    # A reply comes before the attempts of its day; of two on one day that to the earlier message counts.
    rank = np.where(spoken, 1 + np.arange(days.shape[1]), 0) + np.arange(days.shape[1]) / 100
    first = np.where(come == contact[:, None], rank, np.inf)
    maker = first.argmin(axis=1)
    by_reply = ~spoken[np.arange(len(days)), maker]
    on_day = (days == contact[:, None]) & (by_reply[:, None] | (np.arange(days.shape[1]) > maker[:, None]))
    is_made = (days <= contact[:, None]) & ~on_day
    end = START + _END - crime
    victim, attempt = np.nonzero(is_made)
    is_reached = (attempt == maker[victim]) & (contact[victim] <= end[victim])
    later = by_reply & (contact <= end)  # a later message's reply of that day would not have been seen
    seen = np.minimum(contact, end)[victim] - (later[victim] & (attempt > maker[victim]))
    channels = pd.Categorical([truth.plan[j][0] for j in attempt], categories=list(CHANNELS))
    hour = np.where(evening[victim, attempt], 18.0, 11.0)
    table = pd.DataFrame(
        {
            "victim": victim,
            "attempt": attempt + 1,
            "group": pd.Categorical(np.full(len(victim), "all")),
            "channel": channels,
            "day": crime[victim] + days[victim, attempt],
            "hour": np.where(spoken[victim, attempt], hour, np.nan),
            "minutes": np.nan,
            "consent": np.nan,
            "accepted": np.nan,
            "reply_days": np.where(is_reached, reply[victim, attempt], np.nan),
            "days": days[victim, attempt].astype(float),
            "is_reached": is_reached,
            "waited_days": seen - days[victim, attempt],
        }
    )
    return ContactLog(table, as_table([]), "crime", "simulated log")
