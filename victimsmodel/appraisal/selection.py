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


class Trial(NamedTuple):
    """What plans did in the same years."""

    values: Floats  # (n_plans, n_years)
    paid: NDArray[np.bool_]  # (n_plans, n_years) the cost was within the grant
    given: Floats  # (n_plans, n_years, n_kinds) support of each kind


class Limits(NamedTuple):
    """What a plan must keep to: the share of years within the grant, the mean of the least support."""

    paid: float
    given: float


class Margins(NamedTuple):
    """Differences that do not matter, in the unit of the values and of the limits."""

    value: float
    paid: float
    given: float


def best_correct(trial: Trial, chosen: int, limits: Limits, margins: Margins) -> tuple[Correct, Floats]:
    """Return the probability that the chosen plan is the best of those that keep to the limits.

    What each plan does in the mean of years, and whether it keeps to the limits, is as uncertain as the
    weights of the years (Bayesian bootstrap). But for the margins, the choice is correct when the chosen
    plan misses no limit by more than its margin, and no plan that keeps to all limits with a margin to
    spare is better by more than the margin.

    Returns
    -------
    Correct
    ndarray, shape (n_plans,)
        Probability that each plan is the best of those that keep to the limits.
    """
    n_plans, n_years = trial.values.shape
    generator = np.random.Generator(np.random.Philox(key=1))
    weights = generator.dirichlet(np.ones(n_years), _SAMPLES)
    means, paid = weights @ trial.values.T, weights @ trial.paid.T.astype(np.float64)
    given = np.einsum("sy,pyk->spk", weights, trial.given).min(axis=2)

    def kept(spare: float) -> NDArray[np.bool_]:
        return np.asarray(
            (paid >= limits.paid + spare * margins.paid - 1e-12)
            & (given >= limits.given + spare * margins.given - 1e-12)
        )

    strict = np.where(kept(0.0), means, -np.inf)
    best = strict.argmax(axis=1)
    is_any = np.isfinite(strict.max(axis=1))
    chances = np.bincount(best[is_any], minlength=n_plans) / len(best)
    others = np.where(kept(1.0), means, -np.inf).max(axis=1)
    nearly = kept(-1.0)[:, chosen] & (others <= means[:, chosen] + margins.value)
    return Correct(float(chances[chosen]), float(nearly.mean())), np.asarray(chances)


def standard_error(values: Sequence[float] | Floats) -> float:
    """Return the standard error of a mean over years; missing for a single one."""
    found = np.asarray(values, np.float64)
    return float(found.std(ddof=1) / np.sqrt(found.size)) if found.size > 1 else float("nan")
