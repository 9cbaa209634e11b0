"""Where to draw next: a normal distribution in the few directions that the data inform."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from victimsmodel.pathway.arrays import Floats

_WIDER = 1.3  # times the variance: a proposal should have the wider tails
_RANK_LIMIT = 1e-6  # relative: totals that say the same give one direction


class Proposal(NamedTuple):
    """Normal scores that are drawn anew in some directions; in all others they keep their prior."""

    directions: Floats  # (n_inputs, n_directions) orthonormal
    mean: Floats  # (n_directions,)
    factor: Floats  # (n_directions, n_directions) lower triangular, of the covariance


def fitted(scores: Floats, links: Floats, weights: Floats) -> Proposal:
    """Return the proposal that follows weighted draws.

    Normal scores of the inputs are independent standard normal under the prior. Totals that depend on
    them linearly, with normal errors, change their distribution only within the span of the regression
    coefficients: the likelihood-informed subspace. Weighted mean and covariance are taken there alone,
    so that a hundred inputs that the data do not touch cost no effective draws.

    Parameters
    ----------
    scores : ndarray, shape (n_draws, n_inputs)
    links : ndarray, shape (n_draws, n_observed)
        Predicted totals without bounds.
    weights : ndarray, shape (n_draws,)

    References
    ----------
    Cui, Martin, Marzouk, Solonen and Spantini (2014), Likelihood-informed dimension reduction for
    nonlinear inverse problems, Inverse Problems 30, 114015. Cappé, Guillin, Marin and Robert (2004),
    Population Monte Carlo, Journal of Computational and Graphical Statistics 13, 907-929.
    """
    half = np.sqrt((weights + 1 / weights.size) / 2)[:, None]  # the whole cloud keeps the regression stable
    design = np.column_stack([np.ones(weights.size), scores])
    slopes = np.linalg.lstsq(half * design, half * links, rcond=None)[0][1:]
    sizes = np.linalg.norm(slopes, axis=0)
    left, singular, _ = np.linalg.svd(slopes[:, sizes > 0] / sizes[sizes > 0], full_matrices=False)
    directions = left[:, singular > _RANK_LIMIT * singular.max(initial=0.0)]
    inside = scores @ directions
    mean = weights @ inside
    spread = inside - mean
    covariance = _WIDER * (weights[:, None] * spread).T @ spread + 1e-4 * np.eye(mean.size)
    return Proposal(directions, mean, np.linalg.cholesky(covariance))


def drawn(proposal: Proposal, n_draws: int, generator: np.random.Generator) -> Floats:
    """Return normal scores from a proposal, shape (n_draws, n_inputs)."""
    scores = generator.standard_normal((n_draws, proposal.directions.shape[0]))
    inside = scores @ proposal.directions
    wanted = proposal.mean + inside @ proposal.factor.T
    return np.asarray(scores + (wanted - inside) @ proposal.directions.T)


def log_ratio(proposal: Proposal, scores: Floats) -> Floats:
    """Return the log of the density of a proposal over that of the prior, shape (n_draws,)."""
    inside = scores @ proposal.directions
    standard = np.linalg.solve(proposal.factor, (inside - proposal.mean).T)
    log_scale = np.log(np.diag(proposal.factor)).sum()
    return np.asarray((np.square(inside).sum(axis=1) - np.square(standard).sum(axis=0)) / 2 - log_scale)


def log_mixture(proposals: Sequence[Proposal], sizes: Sequence[int], scores: Floats) -> Floats:
    """Return the log density of all rounds together over that of the prior; the first round is the prior.

    Every draw is weighed against the mixture of all rounds, whichever it came from (deterministic mixture
    weights; Cornuet, Marin, Mira and Robert 2012, Scandinavian Journal of Statistics 39, 798-812).
    """
    ratios = [np.zeros(scores.shape[0]), *(log_ratio(proposal, scores) for proposal in proposals)]
    shares = np.log(np.array(sizes) / sum(sizes))
    return np.asarray(logsumexp(np.stack(ratios) + shares[:, None], axis=0))


def tempered(log_weights: Floats, log_likelihood: Floats, least: float) -> Floats:
    """Return weights in which the likelihood counts as much as leaves `least` effective draws.

    The power of the likelihood, at most 1, is found by bisection; so that a sharp likelihood is
    approached in steps.
    """

    def weights(power: float) -> Floats:
        values = np.exp((x := log_weights - (1 - power) * log_likelihood) - x.max())
        return np.asarray(values / values.sum())

    if 1 / np.square(weights(1.0)).sum() >= least:
        return weights(1.0)
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        is_enough = 1 / np.square(weights(middle)).sum() >= least
        low, high = (middle, high) if is_enough else (low, middle)
    return weights(low)
