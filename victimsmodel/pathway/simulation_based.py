"""Simulation-based calibration: whether posteriors cover the truth as often as they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.errors import input_error
from victimsmodel.inputs.observed import ObservedTotal
from victimsmodel.pathway.arrays import Floats, Ints
from victimsmodel.pathway.observing import draw_data, log_density
from victimsmodel.pathway.weights import smoothed

N_BINS = 20
_RANKS = 99  # posterior draws a truth is ranked among: 100 ranks, 5 to a bin
_LEAST_EFFECTIVE = 100.0
_LEAST_WEIGHT = 1e-300
_PREDICTED = 2_000  # data of the next period drawn in each replicate


class Ranks(NamedTuple):
    """Ranks of true values among draws of the posteriors that their data gave."""

    names: tuple[str, ...]
    ranks: Ints  # (n_replicates, n_names) from 0 to n_ranks
    n_ranks: int
    effective: Floats  # (n_replicates,) effective draws of each posterior

    def histogram(self, n_bins: int = N_BINS) -> Ints:
        """Return how many ranks fall into each bin, shape (n_bins, n_names)."""
        bins = self.ranks * n_bins // (self.n_ranks + 1)
        return np.stack([np.bincount(column, minlength=n_bins) for column in bins.T], axis=-1)

    def table(self, n_bins: int = N_BINS) -> pd.DataFrame:
        """Return quantity, chi_square (n_bins - 1 degrees of freedom) and p_value of uniform ranks."""
        from scipy.stats import chisquare

        found = chisquare(self.histogram(n_bins), axis=0)
        columns = {"quantity": self.names, "chi_square": found.statistic, "p_value": found.pvalue}
        return pd.DataFrame(columns)


def rank_statistics(
    names: Sequence[str],
    values: Floats,
    predicted: Floats,
    observed: Sequence[ObservedTotal],
    n_replicates: int = 1_000,
    seed: int = 1,
    *,
    narrow: float = 1.0,
) -> Ranks:
    """Return ranks of true values among posterior draws, for truths drawn from the prior.

    One bank of prior draws with their predictions serves all replicates: each takes a row as the truth,
    draws data from what that row predicts, weights the other rows by the likelihood, and ranks the truth
    among 99 of them drawn by weight. So the engine runs once. If weights and likelihood are right, every
    rank is equally likely.

    Parameters
    ----------
    names : sequence of str
        Of the quantities that are ranked.
    values : ndarray, shape (n_draws, n_names)
        Independent draws from the prior: inputs, or what depends on them.
    predicted : ndarray, shape (n_draws, n_observed)
        What each draw predicts for each observed total.
    observed : sequence of ObservedTotal
        Their kind, trials and error; the numbers observed are not used.
    n_replicates : int
        At most `n_draws`.
    seed : int
    narrow : float
        Draws are pulled to their posterior mean by this factor; 0.8 plants a posterior that is 20 % too
        narrow, which the ranks must show.

    Raises
    ------
    InputError
        If posteriors have so few effective draws that ranks would tell of the bank, not of the method.

    References
    ----------
    Talts, Betancourt, Simpson, Vehtari and Gelman (2018), Validating Bayesian inference algorithms with
    simulation-based calibration, arXiv 1804.06788, algorithm 1.
    """
    generator = np.random.Generator(np.random.Philox(key=[seed, n_replicates]))
    truths = generator.permutation(values.shape[0])[:n_replicates]
    data = np.stack(
        [draw_data(row, predicted[truths, i], generator) for i, row in enumerate(observed)], axis=-1
    )
    ranks = np.empty((truths.size, values.shape[1]), np.int64)
    effective = np.empty(truths.size)
    for r, truth in enumerate(truths):
        terms = [log_density(row, predicted[:, i], data[r, i]) for i, row in enumerate(observed)]
        log_weights = np.sum(terms, axis=0)
        log_weights[truth] = -np.inf  # the truth is not among the draws
        weights = smoothed(log_weights)
        effective[r] = weights.effective
        chosen = generator.choice(values.shape[0], _RANKS, p=weights.values)
        drawn = values[chosen]
        if narrow != 1:
            centre = weights.values @ values
            drawn = centre + narrow * (drawn - centre)
        ranks[r] = (drawn < values[truth]).sum(axis=0)
    if np.median(effective) < _LEAST_EFFECTIVE:
        allowed = (
            f"must leave {_LEAST_EFFECTIVE:g} effective draws or more; {np.median(effective):.0f} are left"
        )
        hint = "Take more draws, or totals that say less."
        raise input_error("rank_statistics", allowed, "VM144", field="values", hint=hint)
    return Ranks(tuple(names), ranks, _RANKS, effective)


def next_coverage(
    before: tuple[Sequence[ObservedTotal], Floats],
    following: tuple[Sequence[ObservedTotal], Floats],
    level: float = 0.9,
    n_replicates: int = 300,
    seed: int = 1,
    *,
    weights: Floats | None = None,
) -> pd.DataFrame:
    """Return how often predictive intervals of a next period hold its totals, for simulated returns.

    Each replicate takes a row of the bank as the truth, draws a return of the periods before and of the
    next one, weights the other rows by the return before, and looks whether the next totals lie within
    the intervals that those rows foretell.

    Parameters
    ----------
    before, following : tuple of (sequence of ObservedTotal, ndarray of shape (n_draws, n_totals))
        Totals of the periods before and of the next one, with what each draw of the prior predicts.
    level : float
        Of the intervals.
    n_replicates, seed : int
    weights : ndarray, shape (n_draws,), optional
        Of the rows, where what was known before is not the prior; they sum to one.

    Returns
    -------
    DataFrame
        Columns observation, covered (share of replicates), standard_error (of a binomial share with
        probability `level`); low, median, high: medians over replicates of what is foretold, as data.
    """
    generator = np.random.Generator(np.random.Philox(key=[seed, n_replicates]))
    (rows, predicted), (next_rows, next_predicted) = before, following
    n_draws = predicted.shape[0]
    truths = (
        generator.permutation(n_draws)[:n_replicates]
        if weights is None
        else generator.choice(n_draws, n_replicates, p=weights)
    )
    known = 0.0 if weights is None else np.log(np.maximum(weights, _LEAST_WEIGHT))
    tails = ((1 - level) / 2, 0.5, (1 + level) / 2)
    held, ends = np.zeros(len(next_rows)), np.zeros((truths.size, len(next_rows), len(tails)))
    for r, truth in enumerate(truths):
        data = [draw_data(row, predicted[truth, i], generator) for i, row in enumerate(rows)]
        terms = [log_density(row, predicted[:, i], data[i]) for i, row in enumerate(rows)]
        log_weights = np.sum(terms, axis=0) + known
        log_weights[truth] = -np.inf
        chosen = generator.choice(log_weights.size, _PREDICTED, p=smoothed(log_weights).values)
        for i, row in enumerate(next_rows):
            low, _, high = ends[r, i] = np.quantile(
                draw_data(row, next_predicted[chosen, i], generator), tails
            )
            held[i] += low <= draw_data(row, next_predicted[truth, i], generator) <= high
    error = np.sqrt(level * (1 - level) / truths.size)
    labels = [row.label for row in next_rows]
    found = {"observation": labels, "covered": held / truths.size, "standard_error": error}
    typical = np.median(ends, axis=0)
    return pd.DataFrame({**found, "low": typical[:, 0], "median": typical[:, 1], "high": typical[:, 2]})
