"""True difficulty told from mere repetition: the contact model by maximum likelihood.

Those who are easy to reach are reached first, so that later attempts meet the harder ones. Contacts divided
by attempts mixes the two; the likelihood of `contact_likelihood` takes them apart.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.contact_model import ContactModel, Parameter

_TOLERANCE = 0.01  # of the normal deviate at which a profile interval ends
_MOST_STEPS = 12
_AT_BOUND = 1e-6
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
        return np.sqrt(np.diag(self.covariance))


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
        inside = np.abs(most_likely[:, None] - model.bounds).min(axis=1) > _AT_BOUND
        bias = np.where(inside, model.bias(most_likely, information), 0.0)
        limit = np.sqrt(np.diag(covariance))  # a step beyond it is no correction
        value = np.clip(most_likely - np.clip(bias, -limit, limit), *model.bounds.T)
    return Fitted(model.parameters, value, most_likely, np.asarray(covariance), loglik)


def maximise(model: ContactModel, start: Floats, held: int = -1) -> tuple[Floats, float]:
    """Return the maximum within the bounds, one parameter held at its start if asked, and its height."""
    from scipy.optimize import minimize

    _, scores = model.scores(start)
    squares = (scores**2 * model.weights[:, None]).sum(axis=0)
    scale = 1 / np.sqrt(np.maximum(squares, 1e-6))  # about one standard error
    bounds = model.bounds.copy()
    if held >= 0:
        bounds[held] = start[held]

    def downhill(x: Floats) -> tuple[float, Floats]:
        height, gradient = model.total(np.clip(x * scale, *bounds.T))
        return -height, -gradient * scale

    options = {"ftol": 1e-12, "gtol": 1e-4, "maxiter": 200}
    limits = bounds / scale[:, None]
    found = minimize(downhill, start / scale, jac=True, method="L-BFGS-B", bounds=limits, options=options)
    return np.clip(found.x * scale, *bounds.T), -float(found.fun)


def profile_interval(model: ContactModel, fitted: Fitted, k: int, level: float) -> tuple[float, float]:
    """Return the values of a parameter that a likelihood-ratio test at 1 - `level` keeps.

    An end that the test never reaches is the bound: where the data could come from victims who are all
    alike, the interval of heterogeneity begins at its least value.
    """
    from scipy.special import ndtri

    z = float(ndtri(0.5 + level / 2))
    low = _profile_end(model, fitted, k, -z)
    return low, _profile_end(model, fitted, k, z)


def _profile_end(model: ContactModel, fitted: Fitted, k: int, z: float) -> float:
    """Find where the signed root of twice the loss of likelihood is z; it is nearly linear: secants."""
    centre, bound = float(fitted.most_likely[k]), model.bounds[k]
    end = float(bound[0] if z < 0 else bound[1])
    spread = float(fitted.se[k]) or abs(end - centre)
    known_x, known_root, start = centre, 0.0, fitted.most_likely
    x, limit = centre + z * spread, None
    for _ in range(_MOST_STEPS):
        x = min(max(x, float(bound[0])), float(bound[1]))
        if limit is not None and (x - limit) * z >= 0:  # stay short of what is known to be beyond
            x = (known_x + limit) / 2
        start = start.copy()
        start[k] = x
        start, height = maximise(model, start, held=k)
        root = np.sign(z) * np.sqrt(max(2 * (fitted.loglik - height), 0.0))
        if abs(root - z) < _TOLERANCE or (x == end and abs(root) < abs(z)):
            break
        if abs(root) > abs(z):
            limit = x
        slope = (root - known_root) / (x - known_x) if x != known_x else 0.0
        if abs(root) <= abs(z):
            known_x, known_root = x, root
        x = x + (z - root) / slope if slope > 0 else (x + end) / 2
    return x
