"""Discrete-time hazard of contact: a binomial regression of every attempt's outcome.

Each attempt made is a row; victims leave at their first contact, so that the fitted chance is that of
contact among those not contacted before. When to stop may depend on what was seen before: it then
cancels from the likelihood, as does the number of attempts planned (Prentice and Gloeckler 1978;
Allison 1982, Sociological Methodology 13, 61-98).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.pathway.arrays import Floats, Ints

Link = Literal["logit", "cloglog"]

_MOST_STEPS = 100
_SMALL_STEP = 1e-9
_MOST_LOG_ODDS = 15.0  # of a single attempt: far beyond what any log can show
_SEPARATED = 8.0  # a maximum likelihood coefficient beyond it has no finite value
_CERTAIN = 1e-6  # a fitted chance nearer to 0 or 1 has no finite linear predictor either
_EDGE = 1e-9  # mean chances stay inside
_ALIAS = 1e-8


class HazardFit(NamedTuple):
    """Coefficients on the scale of the link, with errors clustered by victim."""

    link: Link
    names: tuple[str, ...]
    coefficients: Floats  # corrected for bias
    predictive: Floats  # maximum likelihood where it is finite: its chances average to the shares observed
    covariance: Floats  # clustered by victim; of the model where outcomes are separated or data too few
    aliased: tuple[str, ...]  # columns that others determine, left out
    separated: tuple[str, ...]  # columns whose maximum likelihood coefficient is infinite


def fit_hazard(
    design: pd.DataFrame,
    is_reached: NDArray[np.bool_],
    victim: Ints,
    link: Link = "logit",
    *,
    reduce_bias: bool = True,
) -> HazardFit:
    """Fit the hazard of contact by attempt.

    Parameters
    ----------
    design : DataFrame, shape (n_attempts, n_columns)
        Numbers, with a column of ones for the level.
    is_reached : ndarray of bool, shape (n_attempts,)
    victim : ndarray of int, shape (n_attempts,)
        Whose attempts depend on each other.
    link : {"logit", "cloglog"}
    reduce_bias : bool
        Solve the adjusted score equations: finite estimates even where an effect predicts perfectly, with
        bias of a smaller order.

    Returns
    -------
    HazardFit

    Notes
    -----
    Where a column predicts the outcome perfectly, residuals are next to nothing and so would be errors
    made of them: the covariance is then the inverse information of the adjusted likelihood, as Heinze and
    Schemper have it.

    References
    ----------
    Firth (1993), Biometrika 80, 27-38; Kosmidis and Firth (2009), Biometrika 96, 793-804 (adjusted
    scores for any link); Liang and Zeger (1986), Biometrika 73, 13-22 (errors by cluster); Heinze and
    Schemper (2002), Statistics in Medicine 21, 2409-2419 (separation).
    """
    kept, aliased = _independent(design)
    x, y = design[kept].to_numpy(np.float64), is_reached.astype(np.float64)
    family = _family(link)
    reduced = _solve(x, y, family, adjust=True)
    plain = _solve(x, y, family, adjust=False)
    far = _separated(x, plain, family)
    coefficients = reduced if reduce_bias or far.any() else plain
    predictive = reduced if far.any() else plain
    is_thin = far.any() or len(y) <= x.shape[1] or np.unique(victim).size < 2
    if is_thin:
        covariance = np.asarray(np.linalg.inv(_scores(x, y, coefficients, family, adjust=False)[1]))
    else:
        covariance = _clustered(x, y, victim, coefficients, family)
    separated = tuple(name for name, is_far in zip(kept, far, strict=True) if is_far)
    return HazardFit(link, tuple(kept), coefficients, predictive, covariance, tuple(aliased), separated)


def standardised(fit: HazardFit, design: pd.DataFrame) -> tuple[float, float]:
    """Return the mean predicted chance over the rows of a design, and its error by the delta method.

    Coefficients without bias would give chances that lean towards one half; the prediction takes those of
    maximum likelihood (Puhr and others 2017, Statistics in Medicine 36, 2302-2317).

    Returns
    -------
    tuple of float
        Probability, and the standard error of its log-odds.
    """
    x = design[list(fit.names)].to_numpy(np.float64)
    family = _family(fit.link)
    linear = np.clip(x @ fit.predictive, -_MOST_LOG_ODDS, _MOST_LOG_ODDS)
    chance = family.link.inverse(linear)
    mean = float(np.clip(chance.mean(), _EDGE, 1 - _EDGE))
    gradient = (family.link.inverse_deriv(linear)[:, None] * x).mean(axis=0) / (mean * (1 - mean))
    return mean, float(np.sqrt(gradient @ fit.covariance @ gradient))


def _separated(x: Floats, plain: Floats, family: Any) -> NDArray[np.bool_]:
    """Tell the columns whose maximum likelihood coefficient is infinite; the first one if none stands out."""
    far = np.abs(plain * x.std(axis=0).clip(min=0.1)) > _SEPARATED
    chance = family.link.inverse(np.clip(x @ plain, -2 * _MOST_LOG_ODDS, 2 * _MOST_LOG_ODDS))
    if not far.any() and ((chance < _CERTAIN) | (chance > 1 - _CERTAIN)).any():
        far[0] = True
    return np.asarray(far)


def _family(link: Link) -> Any:
    import statsmodels.api as sm

    links = sm.families.links
    return sm.families.Binomial(link=links.Logit() if link == "logit" else links.CLogLog())


def _independent(design: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Tell columns that earlier ones determine from the others."""
    kept: list[str] = []
    aliased: list[str] = []
    basis = np.empty((len(design), 0))
    for name in design.columns:
        column = design[name].to_numpy(np.float64)
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size <= _ALIAS * max(float(np.linalg.norm(column)), 1e-300):
            aliased.append(str(name))
            continue
        kept.append(str(name))
        basis = np.column_stack([basis, rest / size])
    return kept, aliased


def _solve(x: Floats, y: Floats, family: Any, adjust: bool) -> Floats:
    """Solve the score equations by Fisher scoring, with half steps where they would run away."""
    level = (y.sum() + 0.5) / (len(y) + 1)
    beta = np.linalg.lstsq(x, np.full(len(y), float(family.link(level))), rcond=None)[0]
    for _ in range(_MOST_STEPS):
        score, information = _scores(x, y, beta, family, adjust)
        step = np.linalg.solve(information, score)
        largest = float(np.abs(step).max())
        beta = beta + step * min(1.0, 2.0 / largest if largest > 0 else 1.0)
        if largest < _SMALL_STEP or np.abs(x @ beta).max() > 2 * _MOST_LOG_ODDS:
            break
    return np.asarray(beta)


def _scores(x: Floats, y: Floats, beta: Floats, family: Any, adjust: bool) -> tuple[Floats, Floats]:
    """Return the (adjusted) score and the expected information."""
    linear = np.clip(x @ beta, -2 * _MOST_LOG_ODDS, 2 * _MOST_LOG_ODDS)
    mean = np.clip(family.link.inverse(linear), 1e-13, 1 - 1e-13)
    slope, variance = np.maximum(family.link.inverse_deriv(linear), 1e-13), mean * (1 - mean)
    weight = slope**2 / variance
    information = (x * weight[:, None]).T @ x
    residual = y - mean
    if adjust:  # Kosmidis and Firth (2009), section 4: the response is moved by its leverage
        leverage = weight * np.einsum("ij,jk,ik->i", x, np.linalg.inv(information), x)
        residual = residual + leverage * variance * family.link.inverse_deriv2(linear) / (2 * slope**2)
    return x.T @ (residual * slope / variance), information


def _clustered(x: Floats, y: Floats, victim: Ints, beta: Floats, family: Any) -> Floats:
    """Return the sandwich covariance with scores added up by victim, as statsmodels corrects it."""
    import statsmodels.api as sm
    from statsmodels.stats.sandwich_covariance import group_sums

    model = sm.GLM(y, x, family=family)
    _, code = np.unique(victim, return_inverse=True)
    n_victims = int(code.max()) + 1
    by_victim = np.asarray(group_sums(model.score_obs(beta), code.ravel()))
    bread = np.linalg.inv(-model.hessian(beta))
    few = n_victims / (n_victims - 1) * (len(y) - 1) / (len(y) - x.shape[1])
    return np.asarray(bread @ (by_victim.T @ by_victim) @ bread * few)


def dummies(prefix: str, codes: Ints, labels: Sequence[str]) -> pd.DataFrame:
    """Return 0/1 columns for all labels but the first, named ``prefix: label``."""
    found = {f"{prefix}: {label}": (codes == i).astype(float) for i, label in enumerate(labels) if i}
    return pd.DataFrame(found, index=range(len(codes)))
