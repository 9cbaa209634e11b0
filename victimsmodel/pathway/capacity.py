"""What queues take away from the exact engine's totals: learnt from a few simulated years."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from victimsmodel.inputs.draws import draw_points
from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.observing import linked, predicted_totals, unlinked
from victimsmodel.pathway.predicting import Predictions, Predictor
from victimsmodel.pathway.simulate import simulated_counters

#: How much the load varies within a year, on the log scale: months by 0.04, and weeks besides (assumption).
#: Of 0, 0.03, 0.05, 0.08 and 0.12 it left the least bias in 64 years that were not fitted to.
_VARIES = 0.05
_SMALLEST = 1e-9


class Years(NamedTuple):
    """Simulated years beside the exact engine on the same inputs."""

    gap: Floats  # (n_years, n_observed) simulated minus exact, log-odds or logarithm
    load: Floats  # (n_years, n_roles)

    def joined(self, more: Years) -> Years:
        """Return these years and further ones."""
        return Years(*(np.concatenate(pair) for pair in zip(self, more, strict=True)))


class Correction(NamedTuple):
    """How much lower a total is for each role that has more work than time."""

    slopes: Floats  # (n_roles + 1, n_observed) fall for each unit of log overload, and at any load; >= 0
    residual_sd: Floats  # (n_observed,) of years that it was not fitted to
    n_years: int

    def gap(self, load: Floats) -> Floats:
        """Return what is added to the unbounded totals, shape (n_draws, n_observed); not positive."""
        return np.asarray(-_overload(load) @ self.slopes)


def simulated_years(predictor: Predictor, scores: Floats, seed: int) -> Years:
    """Simulate one year with the stated staff for each row of scores.

    Inputs that the exact engine does not depend on, such as patience, are drawn from their prior.
    """
    n_years = scores.shape[0]
    own = predictor.points(scores)
    free = draw_points(predictor.scenario, max(n_years, 2), seed)
    points = {name: free[name][:n_years] for name in free} | {name: own[name] for name in predictor.names}
    runs = simulated_counters(predictor.scenario, [predictor.option], points, seed, range(1))
    simulated = predicted_totals(predictor.scenario, runs[predictor.option], predictor.observed)
    exact = predictor(scores)
    return Years(linked(predictor.observed, simulated) - linked(predictor.observed, exact.totals), exact.load)


def fitted_correction(years: Years) -> Correction:
    """Return the correction that fits simulated years best.

    Where a role's work exceeds its time, a share of it is not done: in a fluid queue the part that is
    done is one over the load, so that a total falls by a multiple of the logarithm of the load. The
    multiples, and a constant for those who leave at any load, are fitted by non-negative least squares.
    The error is that of each year under the fit to all others (leave one out).
    """
    overload, n_years = _overload(years.load), years.gap.shape[0]
    left_out = [
        years.gap[i] + overload[i] @ _slopes(np.delete(overload, i, 0), np.delete(years.gap, i, 0))
        for i in range(n_years)
    ]
    error = np.sqrt(np.square(left_out).mean(axis=0))
    return Correction(_slopes(overload, years.gap), error, n_years)


def corrected(predictor: Predictor, found: Predictions, correction: Correction | None) -> Floats:
    """Return predicted totals with the stated staff; with ample staff without a correction."""
    if correction is None:
        return found.totals
    return unlinked(predictor.observed, linked(predictor.observed, found.totals) + correction.gap(found.load))


def _slopes(overload: Floats, gap: Floats) -> Floats:
    from scipy.optimize import nnls

    return np.stack([nnls(overload, -column)[0] for column in gap.T], axis=-1)


def _overload(load: Floats) -> Floats:
    """Return the log of the load above 1, averaged over a year in which it varies, and a column of ones."""
    above = _VARIES * np.logaddexp(0.0, np.log(np.maximum(load, _SMALLEST)) / _VARIES)
    return np.column_stack([above, np.ones(len(load))])
