"""The contact model of design 4.3 as a function of its parameters: likelihood, scores, information."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from victimsmodel.pathway.arrays import MOST_REPLY_DAYS, N_CELLS, Floats, Ints
from victimsmodel.pathway.cells import all_beta_cells
from victimsmodel.pathway.contact_likelihood import add_scores

Kind = Literal["reach", "heterogeneity", "window", "fade", "reply"]

#: What a parameter may be, on the scale that it is estimated on: probability, correlation, log odds ratio,
#: rate of fading (a day), log of the mean days to a reply.
BOUNDS: dict[Kind, tuple[float, float]] = {
    "reach": (1e-4, 1 - 1e-4),
    "heterogeneity": (1e-3, 0.9),
    "window": (-4.0, 4.0),
    "fade": (0.0, 1.0),
    "reply": (math.log(1.02), math.log(MOST_REPLY_DAYS)),
}
_STEP = 0.25  # of numerical derivatives, in standard errors
_AT_BOUND = 1e-6
#: Steps of the slopes of tables, by slot: reach, heterogeneity, time of day.
_SLOPE_STEPS = np.array([1e-3, 2e-3, 5e-3])
_LEAST_CHANCE = 1e-12
#: How far a table's slope may reach beyond the bounds, by slot: reach, heterogeneity, time of day.
_LEAST = np.array([BOUNDS["reach"][0] / 2, BOUNDS["heterogeneity"][0] / 2, -np.inf])
_MOST = np.array([1 - BOUNDS["reach"][0] / 2, 0.95, np.inf])
_ABSENT = (0.5, BOUNDS["heterogeneity"][0], 0.0)  # reach (always there), heterogeneity, time of day


class Parameter(NamedTuple):
    """One number to be estimated: of a channel, of channels together, or of a time of day."""

    kind: Kind
    of: str  # channels (one, or several with a plus between) or time of day; empty for fading


class Attempts(NamedTuple):
    """Attempts at victims, those of one victim together; shape (n_attempts,) each."""

    victim: Ints  # from 0 on, increasing
    channel: Ints  # number in `channels`
    window: Ints  # number in `windows`; 0: the usual hours
    days: Ints  # since the crime; 0 where it is not known
    is_reached: NDArray[np.bool_]
    lag: Ints  # days to the reply, or that it has been waited for; -1: known at once
    channels: tuple[str, ...]
    windows: tuple[str, ...]


class _Layout(NamedTuple):
    """Where each parameter enters: numbers of parameters by table and attempt; -1: none."""

    tables: list[tuple[int, int]]  # channel and window
    slots: Ints  # (n_tables, 3) reach, heterogeneity, window
    fade: int
    reply: Ints  # by channel


class ContactModel:
    """Likelihood of attempts; victims with the same attempts and outcomes are computed once.

    Parameters
    ----------
    attempts : Attempts
    parameters : sequence of Parameter
        One reach for each channel, one heterogeneity that holds for it, and what else is estimated.
    fade_rate : float
        Where fading is not estimated.
    """

    def __init__(self, attempts: Attempts, parameters: Sequence[Parameter], fade_rate: float = 0.0) -> None:
        self.parameters = tuple(parameters)
        self.fade_rate = fade_rate
        self.n_victims = len(np.unique(attempts.victim))
        self._layout = _layout(attempts, self.parameters)
        kinds, self._starts, members, self.weights = _patterns(attempts, self._layout)
        self._days, self._lag = kinds[members, 2].astype(np.float64), kinds[members, 3]
        self._rows = np.column_stack(
            [kinds[members, 0], kinds[members, 1], self._layout.reply[kinds[members, 4]]]
        )
        self.bounds = np.array([BOUNDS[p.kind] for p in self.parameters])
        n_of_pattern = np.diff(self._starts)
        self._of_pattern = np.repeat(np.arange(len(n_of_pattern)), n_of_pattern)

    def scores(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return log-likelihood (n_patterns,) and score (n_patterns, n_parameters) of every pattern."""
        tables, slopes = self._tables(theta)
        factors = self._factors(theta)
        loglik = np.empty(len(self.weights))
        scores = np.empty((len(self.weights), len(theta)))
        layout = self._layout
        add_scores(
            *(tables, slopes, layout.slots, self._rows, factors, self._starts, layout.fade),
            *(loglik, scores, np.empty((len(theta) + 2, N_CELLS))),
        )
        self._add_delays(theta, loglik, scores)
        return loglik, scores

    def total(self, theta: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient."""
        loglik, scores = self.scores(theta)
        return float(self.weights @ loglik), self.weights @ scores

    def information(self, theta: Floats) -> Floats:
        """Return the observed information, from central differences of the gradient within the bounds."""
        _, scores = self.scores(theta)
        steps = _STEP / np.sqrt(np.maximum(self.weights @ scores**2, 1.0))  # of each, the others held
        found = np.empty((len(theta), len(theta)))
        for k, step in enumerate(steps):
            start, end = self.bounds[k]
            low, high = theta.copy(), theta.copy()
            low[k] = min(max(theta[k] - step, start), end - 2 * step)
            high[k] = low[k] + 2 * step
            found[k] = (self.total(low)[1] - self.total(high)[1]) / (2 * step)
        return np.asarray((found + found.T) / 2)

    def bias(self, theta: Floats, information: Floats) -> Floats:
        """Return the bias of the maximum likelihood estimates, of order 1 / n_victims.

        Minus one step towards the maximum of the likelihood with the empirical penalty. The penalty is
        differenced along the axes of the estimates' covariance: parameters may be told together only. One
        that lies at its bound has no bias to take away.

        References
        ----------
        Kosmidis and Lunardon (2024), Journal of the Royal Statistical Society B 86, 62-89.
        """
        inside = np.flatnonzero(np.abs(theta[:, None] - self.bounds).min(axis=1) > _AT_BOUND)
        root = np.linalg.cholesky(np.linalg.inv(information[np.ix_(inside, inside)]))
        found = np.zeros(len(theta))
        for axis in root.T:
            step = np.zeros(len(theta))
            step[inside] = _STEP * axis
            size = self._room(theta, step)
            rise = self._empirical_penalty(theta + size * step) - self._empirical_penalty(theta - size * step)
            found[inside] -= axis * rise / (2 * size * _STEP)
        return found

    def _room(self, theta: Floats, step: Floats) -> float:
        """Return how much of a step leads nowhere out of the bounds, neither forward nor back."""
        room = np.abs(theta[:, None] - self.bounds).min(axis=1) / np.maximum(np.abs(step), 1e-300)
        return float(min(1.0, room[step != 0].min()))

    def _empirical_penalty(self, theta: Floats) -> float:
        """Return -tr(j^-1 e) / 2: j the observed information, e the sum of squares of scores."""
        _, scores = self.scores(theta)
        squares = (scores * self.weights[:, None]).T @ scores
        return -0.5 * float(np.trace(np.linalg.solve(self.information(theta), squares)))

    def _tables(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return the tables and, by central differences, their slopes by the parameters that enter."""
        slots = self._layout.slots
        own = np.where(slots >= 0, theta[slots], _ABSENT)
        table, slot = np.nonzero(slots >= 0)
        step = _SLOPE_STEPS[slot]
        low = np.maximum(own[table, slot] - step, _LEAST[slot])
        high = np.minimum(own[table, slot] + step, _MOST[slot])
        values = np.concatenate([own, own[table], own[table]])
        n = len(own)
        rows = np.arange(len(table))
        values[n + rows, slot], values[n + len(table) + rows, slot] = low, high
        odds = values[:, 0] / (1 - values[:, 0]) * np.exp(values[:, 2])
        cells = all_beta_cells(odds / (1 + odds), values[:, 1])
        cells = np.clip(cells, _LEAST_CHANCE, 1 - _LEAST_CHANCE)  # nobody is certain: 1 - 1 divides
        slopes = np.zeros((*slots.shape, N_CELLS))
        differences = cells[n + len(table) :] - cells[n : n + len(table)]
        slopes[table, slot] = differences / (high - low)[:, None]
        return cells[:n], slopes

    def _factors(self, theta: Floats) -> Floats:
        rate = theta[self._layout.fade] if self._layout.fade >= 0 else self.fade_rate
        factors = np.zeros((len(self._rows), 4))
        factors[:, 0] = np.exp(-rate * self._days)
        factors[:, 1] = -self._days * factors[:, 0]
        factors[:, 2] = 1.0
        waits = (self._rows[:, 2] >= 0) & (self._rows[:, 1] == 0) & (self._lag >= 0)
        mean = np.exp(theta[self._rows[waits, 2]])
        lag = self._lag[waits]
        factors[waits, 2] = 1 - (1 - 1 / mean) ** lag
        factors[waits, 3] = -lag * (1 - 1 / mean) ** np.maximum(lag - 1, 0) / mean
        return factors

    def _add_delays(self, theta: Floats, loglik: Floats, scores: Floats) -> None:
        """Add the density of the days that replies took: geometric from day 1 on."""
        replied = (self._rows[:, 2] >= 0) & (self._rows[:, 1] == 1) & (self._lag >= 0)
        if not replied.any():
            return
        which, own = self._rows[replied, 2], self._of_pattern[replied]
        mean, later = np.exp(theta[which]), np.maximum(self._lag[replied], 1) - 1
        np.add.at(loglik, own, later * np.log1p(-1 / mean) - np.log(mean))
        np.add.at(scores, (own, which), later / (mean - 1) - 1)


def _layout(attempts: Attempts, parameters: Sequence[Parameter]) -> _Layout:
    used = sorted(set(zip(attempts.channel.tolist(), attempts.window.tolist(), strict=True)))
    slots = np.full((len(used), 3), -1, np.int64)
    reply = np.full(len(attempts.channels), -1, np.int64)
    fade = -1
    for k, parameter in enumerate(parameters):
        members = parameter.of.split("+")
        for t, (channel, window) in enumerate(used):
            if parameter.kind == "reach" and attempts.channels[channel] in members:
                slots[t, 0] = k
            elif parameter.kind == "heterogeneity" and attempts.channels[channel] in members:
                slots[t, 1] = k
            elif parameter.kind == "window" and attempts.windows[window] == parameter.of:
                slots[t, 2] = k
        if parameter.kind == "fade":
            fade = k
        elif parameter.kind == "reply":
            reply[attempts.channels.index(parameter.of)] = k
    return _Layout(used, slots, fade, reply)


def _patterns(attempts: Attempts, layout: _Layout) -> tuple[Ints, Ints, Ints, Floats]:
    """Return kinds of attempts; starts, members and number of victims of each distinct set of them."""
    number = {pair: t for t, pair in enumerate(layout.tables)}
    pairs = zip(attempts.channel.tolist(), attempts.window.tolist(), strict=True)
    table = np.array([number[pair] for pair in pairs], np.int64)
    has_reply = layout.reply[attempts.channel] >= 0
    lag = np.where(has_reply, np.minimum(_coarse(attempts.lag, attempts.is_reached), MOST_REPLY_DAYS), -1)
    lag = np.where((lag == MOST_REPLY_DAYS) & ~attempts.is_reached, -1, lag)  # no answer will come
    rows = np.column_stack(
        [table, attempts.is_reached.astype(np.int64), attempts.days, lag, attempts.channel]
    )
    kinds, code = np.unique(rows, axis=0, return_inverse=True)
    order = np.lexsort((code.ravel(), attempts.victim))
    _, first, count = np.unique(attempts.victim[order], return_index=True, return_counts=True)
    grid = np.full((len(first), int(count.max())), -1, np.int64)
    place = np.arange(len(order)) - np.repeat(first, count)
    grid[np.repeat(np.arange(len(first)), count), place] = code.ravel()[order]
    distinct, weights = np.unique(grid, axis=0, return_counts=True)
    length = (distinct >= 0).sum(axis=1)
    starts = np.concatenate([[0], length.cumsum()]).astype(np.int64)
    return kinds, starts, distinct[distinct >= 0], weights.astype(np.float64)


def _coarse(days: Ints, is_exact: NDArray[np.bool_]) -> Ints:
    """Return long spans of days rounded to what makes no difference, so that more victims are alike."""
    step = np.select([days <= 14, days <= 30, days <= 100], [1, 2, 5], 10)
    return np.where(is_exact, days, (days + step // 2) // step * step).astype(np.int64)
