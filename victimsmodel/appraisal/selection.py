"""How likely a chosen plan is the right one, given the years in which all plans were tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SAMPLES = 4_000
_PRIOR = 0.5  # weight of a year in which every plan succeeds, and of one in which every plan fails


class Correct(NamedTuple):
    """Probability that a selection is correct: exactly, and but for a difference that does not matter."""

    exactly: float
    within_indifference: float


def posterior_shares(verdicts: NDArray[np.bool_], seed: int = 1) -> Floats:
    """Return posterior samples of the share of years in which each plan succeeds.

    All plans were tried in the same years. The Bayesian bootstrap weighs the years by a uniform Dirichlet,
    so that plans that succeed in the same years move together; two more years of half a year's weight, one
    in which all succeed and one in which all fail, make it the Jeffreys prior for a single plan.

    Parameters
    ----------
    verdicts : ndarray of bool, shape (n_plans, n_years)

    Returns
    -------
    ndarray, shape (n_samples, n_plans)

    References
    ----------
    Rubin (1981), The Bayesian bootstrap, Annals of Statistics 9, 130-134. Chick and Inoue (2001), New
    two-stage and sequential procedures for selecting the best simulated system, Operations Research 49,
    732-743, for the posterior probability of correct selection.
    """
    n_plans, n_years = verdicts.shape
    weights = np.concatenate([np.ones(n_years), [_PRIOR, _PRIOR]])
    drawn = np.random.Generator(np.random.Philox(key=seed)).dirichlet(weights, _SAMPLES)
    padded = np.hstack([verdicts, np.ones((n_plans, 1)), np.zeros((n_plans, 1))])
    return np.asarray(drawn @ padded.T.astype(np.float64))


def posterior_means(values: Floats, seed: int = 1) -> Floats:
    """Return posterior samples of each plan's mean over years (Bayesian bootstrap, no prior years).

    Parameters
    ----------
    values : ndarray, shape (n_plans, n_years)

    Returns
    -------
    ndarray, shape (n_samples, n_plans)
    """
    generator = np.random.Generator(np.random.Philox(key=seed))
    return np.asarray(generator.dirichlet(np.ones(values.shape[1]), _SAMPLES) @ values.T)


def cheapest_correct(
    verdicts: NDArray[np.bool_], chosen: int, confidence: float, indifference: float
) -> Correct:
    """Return the probability that the chosen plan succeeds often enough, and no other one does.

    Parameters
    ----------
    verdicts : ndarray of bool, shape (n_plans, n_years)
        Of the chosen plan and of the cheaper ones that it is held against.
    chosen : int
    confidence : float
        Share of years in which a plan must succeed.
    indifference : float
        A share so far below the confidence still counts as enough, and one so far above it as not more
        than enough (the indifference zone of Bechhofer 1954, Annals of Mathematical Statistics 25, 16-39).
    """
    shares = posterior_shares(verdicts)
    others = np.delete(shares, chosen, axis=1).max(axis=1, initial=0.0)
    exactly = (shares[:, chosen] >= confidence) & (others < confidence)
    nearly = (shares[:, chosen] >= confidence - indifference) & (others < confidence + indifference)
    return Correct(float(exactly.mean()), float(nearly.mean()))


def best_correct(values: Floats, chosen: int, indifference: float) -> Correct:
    """Return the probability that the chosen plan has the highest mean, or one that is not clearly lower."""
    means = posterior_means(values)
    gap = means.max(axis=1) - means[:, chosen]
    return Correct(float((gap <= 0).mean()), float((gap <= indifference).mean()))


def chance_of_each(values: Floats) -> Floats:
    """Return, for each plan, the probability that its mean is the highest; shape (n_plans,)."""
    best = posterior_means(values).argmax(axis=1)
    return np.asarray(np.bincount(best, minlength=len(values)) / len(best))


def standard_error(values: Sequence[float] | Floats) -> float:
    """Return the standard error of a mean over years; missing for a single one."""
    found = np.asarray(values, np.float64)
    return float(found.std(ddof=1) / np.sqrt(found.size)) if found.size > 1 else float("nan")
