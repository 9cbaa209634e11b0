"""Which option is the best buy, how sure that is, and what being sure would be worth.

Two curves that are often taken for each other are kept apart. The acceptability *curve* says how often
each option is the best. The acceptability *frontier* says how often the option that should be chosen, the
one with the highest expected net benefit, is the best: where net benefits are skewed this need not be
the option that is best most often.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def net_benefits(costs: ArrayLike, effects: ArrayLike, thresholds: ArrayLike) -> Floats:
    """Return ``threshold * effect - cost``, in GBP.

    Parameters
    ----------
    costs, effects : array_like, shape (n_draws, n_options)
        Present value, GBP; and the unit of the appraisal, for example victims in need supported.
    thresholds : array_like, shape (n_thresholds,)
        Willingness to pay, GBP per unit of effect.

    Returns
    -------
    ndarray, shape (n_thresholds, n_draws, n_options)

    Raises
    ------
    ValueError
        If `costs` and `effects` differ in shape or hold a number that is not finite.
    """
    cost, effect = np.asarray(costs, dtype=np.float64), np.asarray(effects, dtype=np.float64)
    if cost.shape != effect.shape or cost.ndim != 2:
        raise ValueError("costs and effects must be tables of draws by options, of the same shape")
    if not (np.isfinite(cost).all() and np.isfinite(effect).all()):
        raise ValueError("costs and effects must be finite")
    at = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
    return at[:, None, None] * effect - cost


def acceptability(benefits: Floats) -> Floats:
    """Return the probability that each option is the best buy.

    Options that tie in a draw share it equally.

    Parameters
    ----------
    benefits : ndarray, shape (..., n_draws, n_options)
        From `net_benefits`.

    Returns
    -------
    ndarray, shape (..., n_options)
        Sums to one over the options.

    References
    ----------
    Fenwick, Claxton and Sculpher (2001), Representing uncertainty: the role of cost-effectiveness
    acceptability curves, Health Economics 10, 779-787.
    """
    is_best = benefits == benefits.max(axis=-1, keepdims=True)
    return np.asarray((is_best / is_best.sum(axis=-1, keepdims=True)).mean(axis=-2))


def chosen(benefits: Floats) -> NDArray[np.intp]:
    """Return the option with the highest expected net benefit: the one to choose, however unsure.

    Parameters
    ----------
    benefits : ndarray, shape (..., n_draws, n_options)

    Returns
    -------
    ndarray of int, shape (...)
        Of options that tie, the first.
    """
    return np.asarray(benefits.mean(axis=-2).argmax(axis=-1))


def expected_loss(benefits: Floats) -> Floats:
    """Return what each option is expected to fall short of the best one in each draw, in GBP.

    The least of these is the expected value of perfect information.

    Parameters
    ----------
    benefits : ndarray, shape (..., n_draws, n_options)

    Returns
    -------
    ndarray, shape (..., n_options)
        Never negative.

    References
    ----------
    Alarid-Escudero et al. (2019), The advantages of expected loss curves over CEACs and CEAF, Value in
    Health 22, 611-618.
    """
    return np.asarray((benefits.max(axis=-1, keepdims=True) - benefits).mean(axis=-2))


def perfect_information(benefits: Floats) -> Floats:
    """Return the expected value of perfect information, in GBP for the decision as a whole.

    Parameters
    ----------
    benefits : ndarray, shape (..., n_draws, n_options)

    Returns
    -------
    ndarray, shape (...)
        Expected best net benefit less best expected net benefit; never negative.
    """
    return np.asarray(expected_loss(benefits).min(axis=-1))


def decision_curves(
    options: list[str], costs: ArrayLike, effects: ArrayLike, thresholds: ArrayLike
) -> pd.DataFrame:
    """Return both acceptability curves, expected loss and the value of perfect information.

    Parameters
    ----------
    options : list of str
    costs, effects : array_like, shape (n_draws, n_options)
    thresholds : array_like, shape (n_thresholds,)

    Returns
    -------
    DataFrame
        A row for each threshold and option: threshold, option, net_benefit (mean), probability_best,
        is_chosen (highest expected net benefit), expected_loss, perfect_information (the same for all
        options at a threshold).
    """
    benefits = net_benefits(costs, effects, thresholds)
    n_thresholds, _, n_options = benefits.shape
    at = np.atleast_1d(np.asarray(thresholds, dtype=np.float64))
    return pd.DataFrame(
        {
            "threshold": np.repeat(at, n_options),
            "option": pd.Categorical(options * n_thresholds, options),
            "net_benefit": benefits.mean(axis=1).ravel(),
            "probability_best": acceptability(benefits).ravel(),
            "is_chosen": (chosen(benefits)[:, None] == np.arange(n_options)).ravel(),
            "expected_loss": expected_loss(benefits).ravel(),
            "perfect_information": np.repeat(perfect_information(benefits), n_options),
        }
    )
