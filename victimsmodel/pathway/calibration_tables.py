"""Prior beside posterior of every input, and observed totals beside what was predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from victimsmodel.disclosure.stated_counts import shown_total, shown_trials
from victimsmodel.inputs.draws import uncertain_inputs
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.observing import draw_data, linked, observed_data, shown_scale
from victimsmodel.pathway.weights import weighted_quantiles

if TYPE_CHECKING:
    from victimsmodel.pathway.calibrate import Calibration

LEVELS = (TAIL, 0.5, 1 - TAIL)

#: Verdicts on an input, from the most to the least informed.
MOVED, NARROWED, HARDLY, UNTOUCHED = "moved", "narrowed", "hardly", "not informed"

_LEAST_SHIFT, _LEAST_SHRINK = 0.1, 0.05  # of a prior standard deviation; less is of no consequence
_Z = 4.0  # Monte Carlo standard errors that a shift must exceed, for dozens of inputs are looked at
_DATA_DRAWS = 20_000
_LIMIT = float(-ndtri(TAIL))


def inputs_table(found: Calibration) -> pd.DataFrame:
    """Return prior and posterior of every uncertain input, those that moved most first.

    Returns
    -------
    DataFrame
        Columns input, unit; prior and posterior with _low, _median and _high (5, 50 and 95 %, in the
        unit), and the posterior's score_low, score_median and score_high (normal scores under the prior);
        shift of the mean in prior standard deviations, its Monte Carlo error shift_se and sd_ratio
        (posterior over prior standard deviation), all three of normal scores; is_beyond (the posterior
        median lies outside the prior's 90 % interval); verdict.
    """
    own, estimates = found.predictor, uncertain_inputs(found.predictor.scenario)
    weights, scores = found.weights.values, own.input_scores(found.bank.scores)
    shift = weights @ scores
    centred = scores - shift
    ratio = np.sqrt(weights @ np.square(centred))
    shift_se = np.sqrt(np.square(weights) @ np.square(centred))
    score_quantiles = weighted_quantiles(scores, weights, LEVELS)
    quantiles = ndtr(score_quantiles)
    untouched = np.array([-_LIMIT, 0.0, _LIMIT])
    place = {name: i for i, name in enumerate(own.names)}
    rows = []
    for name, estimate in estimates.items():
        if estimate.is_fixed:
            continue
        prior = posterior = estimate.quantile(LEVELS)
        numbers = {"shift": 0.0, "shift_se": 0.0, "sd_ratio": 1.0}
        verdict, own_scores = UNTOUCHED, untouched
        if name in place:
            i = place[name]
            own_scores = score_quantiles[:, i]
            posterior = estimate.quantile(quantiles[:, i])
            numbers = {"shift": shift[i], "shift_se": shift_se[i], "sd_ratio": ratio[i]}
            verdict = _verdict(shift[i], shift_se[i], ratio[i], found.weights.effective)
        row = {"input": name, "unit": estimate.unit}
        row |= {f"prior_{n}": x for n, x in zip(("low", "median", "high"), prior, strict=True)}
        row |= {f"posterior_{n}": x for n, x in zip(("low", "median", "high"), posterior, strict=True)}
        row |= {f"score_{n}": x for n, x in zip(("low", "median", "high"), own_scores, strict=True)}
        is_beyond = not prior[0] <= posterior[1] <= prior[2]
        rows.append({**row, **numbers, "is_beyond": is_beyond, "verdict": verdict})
    table = pd.DataFrame(rows)
    return table.sort_values("shift", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def _verdict(shift: float, shift_se: float, ratio: float, effective: float) -> str:
    is_moved = abs(shift) >= _LEAST_SHIFT and abs(shift) > _Z * shift_se
    is_narrow = 1 - ratio >= _LEAST_SHRINK and 1 - ratio > _Z / np.sqrt(2 * effective)
    return MOVED if is_moved else NARROWED if is_narrow else HARDLY


def fit_table(found: Calibration) -> pd.DataFrame:
    """Return each observed total beside what the prior and the posterior predict.

    Returns
    -------
    DataFrame
        Columns observation, is_share; observed, as it may be shown, with _low and _high (the 90 % interval
        of data that it stands for), then prior and posterior predictions with _low, _median and _high
        (90 %; the error of the data is not in them); prior_p and posterior_p: how often data as far from
        the middle as those observed, or farther, come from the prior and posterior predictive
        distribution (two-sided, ties counted half), and joint_p, the same for all totals together under
        the prior. Shares, or persons a year.

    References
    ----------
    Box (1980), Sampling and Bayes' inference in scientific modelling and robustness, Journal of the Royal
    Statistical Society A 143, 383-430 (the predictive check of a prior).
    """
    generator = np.random.Generator(np.random.Philox(key=[found.seed, _DATA_DRAWS]))
    totals, data, weights = found.totals, observed_data(found.observed), found.weights.values
    first = found.bank.sizes[0]  # of the prior
    prior = totals[:first][generator.integers(first, size=_DATA_DRAWS)]
    posterior = totals[generator.choice(weights.size, _DATA_DRAWS, p=weights)]
    prior_quantiles = np.quantile(totals[:first], LEVELS, axis=0)
    posterior_quantiles = weighted_quantiles(totals, weights, LEVELS)
    rows, from_prior, own = [], [], found.predictor.scenario
    for i, (row, extra) in enumerate(zip(found.observed, found.extra_sd, strict=True)):
        shown, low, high, label = shown_total(row, own)
        if row.is_counted:
            as_shown = shown_trials(row, own)
            drawn = draw_data(as_shown, np.full(_DATA_DRAWS, shown), generator)
            ends = np.quantile(shown_scale(as_shown, drawn), (TAIL, 1 - TAIL))
            low, high = ends if low is None else (low, high)
        else:
            low, high = row.low, row.high
        before, after = (draw_data(row, of[:, i], generator, extra) for of in (prior, posterior))
        from_prior.append(shown_scale(row, before))
        values = {"observation": label, "is_share": row.is_share, "observed": float(shown)}
        values |= {"observed_low": low, "observed_high": high}
        for name, quantiles in (("prior", prior_quantiles), ("posterior", posterior_quantiles)):
            for level, x in zip(("low", "median", "high"), quantiles[:, i], strict=True):
                values[f"{name}_{level}"] = x
        values |= {"prior_p": two_sided(before, data[i]), "posterior_p": two_sided(after, data[i])}
        rows.append(values)
    table = pd.DataFrame(rows)
    exact = np.array([shown_scale(row, data[i]) for i, row in enumerate(found.observed)], np.float64)
    table["joint_p"] = _joint_p(found, np.stack(from_prior, axis=-1), exact)
    return table


def two_sided(replicated: Floats, data: float) -> float:
    """Return how often replicated data are as extreme as the data; ties count half."""
    below = float((replicated < data).mean() + (replicated == data).mean() / 2)
    return 2 * min(below, 1 - below)


def _joint_p(found: Calibration, replicated: Floats, data: Floats) -> float:
    """Return how often data of the prior lie as far from their centre as those observed (Mahalanobis)."""
    half = [0.5 / (row.trials or 1) if row.is_counted else 0.0 for row in found.observed]
    top = [1 - h if row.is_share else np.inf for h, row in zip(half, found.observed, strict=True)]
    links = linked(found.observed, np.clip(replicated, half, top))
    own = linked(found.observed, np.clip(data, half, top))
    centre = links.mean(axis=0)
    inverse = np.linalg.pinv(np.atleast_2d(np.cov(links.T)))
    distance = np.einsum("ni,ij,nj->n", links - centre, inverse, links - centre)
    return float((distance >= (own - centre) @ inverse @ (own - centre)).mean())
