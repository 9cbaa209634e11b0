"""True difficulty told from mere repetition: the contact model by maximum likelihood.

Those who are easy to reach are reached first, so that later attempts meet the harder ones. Contacts divided
by attempts mixes the two; the likelihood of `contact_likelihood` takes them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.contact_model import ContactModel, Parameter

_TOLERANCE = 0.01  # of the normal deviate at which a profile interval ends
_MOST_STEPS = 12
_FLAT = 1e-9
_FIRST_GUESS = {"reach": 0.3, "heterogeneity": 0.15, "window": 0.0, "fade": 0.01, "reply": 1.0}


class Fitted(NamedTuple):
    """Parameters of the contact model, on the scales of `contact_model.BOUNDS`."""

    parameters: tuple[Parameter, ...]
    value: Floats  # with the bias of order 1 / n_victims taken away
    most_likely: Floats
    covariance: Floats
    loglik: float

    @property
    def se(self) -> Floats:
        """Standard errors."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


def fit_contact(model: ContactModel) -> Fitted:
    """Maximise the likelihood, and correct what small numbers distort.

    Returns
    -------
    Fitted
        ``value`` is the maximum of the likelihood less its first-order bias; the covariance is the
        inverse of the observed information. A parameter on its bound (no heterogeneity, no fading)
        stays there.

    References
    ----------
    Kosmidis and Lunardon (2024), Empirical bias-reducing adjustments to estimating functions, Journal of
    the Royal Statistical Society B 86, 62-89.
    """
    start = np.array([_FIRST_GUESS[parameter.kind] for parameter in model.parameters])
    most_likely, loglik = maximise(model, start)
    information = model.information(most_likely)
    is_known = bool(np.linalg.eigvalsh(information)[0] > 0)
    covariance = np.linalg.inv(information) if is_known else np.linalg.pinv(information)
    value = most_likely.copy()
    if is_known:
        bias = model.bias(most_likely, information)
        limit = np.sqrt(np.diag(covariance))  # a step beyond it is no correction
        value = np.clip(most_likely - np.clip(bias, -limit, limit), *model.bounds.T)
    return Fitted(model.parameters, value, most_likely, np.asarray(covariance), loglik)


def maximise(model: ContactModel, start: Floats) -> tuple[Floats, float]:
    """Return the maximum of the likelihood within the bounds, and its height."""
    from scipy.optimize import minimize

    _, scores = model.scores(start)
    squares = (scores**2 * model.weights[:, None]).sum(axis=0)
    scale = 1 / np.sqrt(np.maximum(squares, 1e-6))  # about one standard error

    def downhill(x: Floats) -> tuple[float, Floats]:
        height, gradient = model.total(np.clip(x * scale, *model.bounds.T))
        return -height, -gradient * scale

    options = {"ftol": 1e-12, "gtol": 1e-4, "maxiter": 200}
    limits = model.bounds / scale[:, None]
    found = minimize(downhill, start / scale, jac=True, method="L-BFGS-B", bounds=limits, options=options)
    return np.clip(found.x * scale, *model.bounds.T), -float(found.fun)


def profile_intervals(
    model: ContactModel, fitted: Fitted, k: int, levels: Sequence[float]
) -> list[tuple[float, float]]:
    """Return the values of a parameter that a likelihood-ratio test at 1 - level keeps, for each level.

    An end that the test never reaches is the bound: where the data could come from victims who are all
    alike, the interval of heterogeneity begins at its least value.

    Parameters
    ----------
    model : ContactModel
    fitted : Fitted
    k : int
        Number of the parameter.
    levels : sequence of float
        Increasing.
    """
    from scipy.special import ndtri

    ends = []
    for side in (-1.0, 1.0):
        profile = _Profile(model, fitted, k, side)
        ends.append([profile.end(float(ndtri(0.5 + level / 2))) for level in levels])
    return list(zip(*ends, strict=True))


class _Profile:
    """One side of the profile likelihood; what was computed for one level serves the next."""

    def __init__(self, model: ContactModel, fitted: Fitted, k: int, side: float) -> None:
        self._model, self._fitted, self._k, self._side = model, fitted, k, side
        self._rest = np.delete(np.arange(len(fitted.value)), k)
        self._information = np.linalg.pinv(fitted.covariance)
        self._bound = float(model.bounds[k][0 if side < 0 else 1])
        self._known = [(0.0, float(fitted.most_likely[k]))]  # signed root and parameter, outwards
        self._point = fitted.most_likely

    def end(self, z: float) -> float:
        """Return where the root of twice the loss of likelihood is z: it is nearly linear, so by secants."""
        spread = float(self._fitted.se[self._k])
        centre = self._known[0][1]
        x = centre + self._side * z * spread
        if len(self._known) > 1:
            x = self._secant(z)
        limit = self._bound
        for _ in range(_MOST_STEPS):
            x = min(max(x, min(centre, limit)), max(centre, limit))
            root = self._root(x)
            self._known = sorted({*self._known, (root, x)})
            if abs(root - z) < _TOLERANCE or (x == self._bound and root < z):
                break
            if root > z:
                limit = x
            x = self._secant(z)
        return x

    def _secant(self, z: float) -> float:
        """Interpolate between the nearest roots known, or extrapolate from the last two."""
        roots = np.array([root for root, _ in self._known])
        i = min(max(int(np.searchsorted(roots, z)), 1), len(roots) - 1)
        (low, start), (high, stop) = self._known[i - 1], self._known[i]
        if high - low < _FLAT:
            return self._bound
        return start + (stop - start) * (z - low) / (high - low)

    def _root(self, x: float) -> float:
        """Return the root of twice the loss of likelihood, the other parameters at their best given x.

        The others follow by Newton's steps with the information at the maximum; what the last step would
        still gain is added to the height.
        """
        k, rest = self._k, self._rest
        theta = self._point.copy()
        shift = x - theta[k]
        theta[k] = x
        if not len(rest):
            height, gain = self._model.total(theta)[0], 0.0
            return float(np.sqrt(max(2 * (self._fitted.loglik - height), 0.0)))
        inner = self._information[np.ix_(rest, rest)]
        theta[rest] -= np.linalg.solve(inner, self._information[rest, k]) * shift
        height = -np.inf
        for _ in range(_MOST_STEPS):
            theta = np.clip(theta, *self._model.bounds.T)
            height, gradient = self._model.total(theta)
            step = np.linalg.solve(inner, gradient[rest])
            gain = 0.5 * float(gradient[rest] @ step)
            if gain < _TOLERANCE / 2:
                height += gain
                break
            theta[rest] += step
        self._point = theta
        return float(np.sqrt(max(2 * (self._fitted.loglik - height), 0.0)))
