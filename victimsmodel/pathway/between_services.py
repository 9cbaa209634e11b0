"""How much services differ: the hierarchical beta-binomial model, integrated on a grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Floats = NDArray[np.float64]

_LOG_CONCENTRATION = np.arange(-6.0, 16.0, 0.15)  # from services that are nothing alike to clones
_MEAN_POINTS = 101  # for each concentration, over _SPREAD standard deviations to either side
_SPREAD = 9.0
_GOLDEN = (5**0.5 - 1) / 2
_NEGLIGIBLE = 1e-8  # of the largest weight
_ROOT_TOLERANCE = 1e-7  # of a log-odds
_FIRST_REACH = 0.1  # of a bracket around a quantile, log-odds


class Prior(NamedTuple):
    """What is believed before the data: two Beta densities, which may be improper.

    The mean over services has Jeffreys' prior. The intra-class correlation ``rho``, the share of the
    variance of a single outcome that lies between services, has mean 0.1 and a 95th percentile of
    0.28: at a mean of a half, a standard deviation between services of 16 and 27 percentage points.
    That is weak and an assumption; its tail of near-identical services is that of the
    uniform-shrinkage prior (Christiansen and Morris 1997, J. Am. Stat. Assoc. 92, 618-632).
    """

    mean: tuple[float, float] = (0.5, 0.5)
    rho: tuple[float, float] = (1.0, 9.0)


class Between(NamedTuple):
    """Posterior of mean and concentration over services: weighted points, each shape (n_points,)."""

    mean: _Floats
    concentration: _Floats  # in cases: what the other services are worth to one of them; 1 / rho - 1
    weight: _Floats  # sums to 1

    @property
    def sd(self) -> _Floats:
        """The standard deviation between services at each point, shape (n_points,)."""
        return np.sqrt(self.mean * (1 - self.mean) / (1 + self.concentration))

    def quantile(self, of: _Floats, probability: float) -> float:
        """Return a quantile of a function of the points, shape (n_points,)."""
        order = np.argsort(of)
        middle = np.cumsum(self.weight[order]) - self.weight[order] / 2
        return float(np.interp(probability, middle, of[order]))

    def borrowed_share(self, trials: int) -> float:
        """Return the weight of the mean over services in the share of one with these own cases."""
        return float(self.weight @ (self.concentration / (self.concentration + trials)))


class Mixture(NamedTuple):
    """A mixture of Beta distributions: the share of one service, given all data."""

    a: _Floats
    b: _Floats
    weight: _Floats

    def cdf(self, x: float) -> float:
        """Return the probability that the share is at most `x`."""
        from scipy.special import betainc

        return float(self.weight @ betainc(self.a, self.b, x))

    def quantile(self, probability: float, floor: float) -> float:
        """Return a quantile, not nearer to 0 or 1 than `floor`."""
        from scipy.optimize import brentq
        from scipy.special import expit, logit

        def above(z: float) -> float:
            return self.cdf(float(expit(z))) - probability

        if above(logit(floor)) >= 0:
            return floor
        if above(-logit(floor)) <= 0:
            return 1 - floor
        low, high = self._around(probability, float(-logit(floor)), above)
        return float(expit(brentq(above, low, high, xtol=_ROOT_TOLERANCE)))

    def _around(
        self, probability: float, edge: float, above: Callable[[float], float]
    ) -> tuple[float, float]:
        """Return log-odds on both sides of a quantile, near that of one Beta with the same moments.

        Each look at the mixture is a sum over all points: from a near bracket the root takes a third of them.
        """
        from scipy.special import betaincinv, logit

        mean, cases = self.moments[0], self.cases
        start = float(
            logit(np.clip(betaincinv(mean * cases, (1 - mean) * cases, probability), 1e-12, 1 - 1e-12))
        )
        start, reach = min(max(start, -edge), edge), _FIRST_REACH
        side = -1.0 if above(start) > 0 else 1.0
        while True:
            end = min(max(start + side * reach, -edge), edge)
            if above(end) * side >= 0:
                return min(start, end), max(start, end)
            start, reach = end, 3 * reach

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and variance."""
        total = self.a + self.b
        mean = self.a / total
        centre = float(self.weight @ mean)
        within = self.weight @ (mean * (1 - mean) / (total + 1))
        return centre, float(within + self.weight @ (mean - centre) ** 2)

    @property
    def cases(self) -> float:
        """The cases that a single Beta distribution with these moments is worth: a + b.

        References
        ----------
        Morita, Thall and Mueller (2008), Biometrics 64, 595-602: effective sample size of a prior.
        """
        mean, variance = self.moments
        return mean * (1 - mean) / variance - 1


def between_services(events: ArrayLike, trials: ArrayLike, prior: Prior | None = None) -> Between:
    """Return the posterior of the mean share over services, and of how much services differ.

    Service ``j`` has the share ``theta_j ~ Beta(m k, (1 - m) k)`` and ``events_j ~
    Binomial(trials_j, theta_j)``; mean ``m`` and concentration ``k = 1 / rho - 1`` are both uncertain.
    The shares are integrated out exactly, ``m`` and ``k`` by the trapezium rule in ``arcsin(sqrt(m))``,
    where Jeffreys' prior is flat, and ``log(k)``. For each ``k`` the points lie where the data put the
    mean, so that 259,000 cases are resolved as well as 13.

    Parameters
    ----------
    events, trials : array_like, shape (n_services,)
        Whole numbers, ``0 <= events <= trials``.
    prior : Prior, optional
        Weakly informative if not given.

    Returns
    -------
    Between

    References
    ----------
    Gelman and others (2013), Bayesian Data Analysis, 3rd edition, section 5.3, equation 5.8.
    """
    from scipy.special import betaln

    prior = prior or Prior()
    y = np.asarray(events, dtype=np.float64)
    n = np.asarray(trials, dtype=np.float64)
    k = np.exp(_LOG_CONCENTRATION)[:, None]
    angle, step = _angles(y, n, k)
    m = np.sin(angle) ** 2
    with np.errstate(divide="ignore"):  # rho rounds to 1 or m to 0 only where nothing is left of the weight
        log_weight = (
            np.log(step)
            + (2 * prior.mean[0] - 1) * np.log(np.sin(angle))
            + (2 * prior.mean[1] - 1) * np.log(np.cos(angle))
            - prior.rho[0] * np.log1p(k)  # rho = 1 / (1 + k)
            + prior.rho[1] * (np.log(k) - np.log1p(k))
        )
    a, b = m * k, (1 - m) * k
    for events_j, trials_j in zip(y, n, strict=True):
        log_weight = log_weight + betaln(a + events_j, b + trials_j - events_j) - betaln(a, b)
    weight = np.exp(log_weight - log_weight.max())
    kept = weight > _NEGLIGIBLE
    total = weight[kept].sum()
    return Between(m[kept], np.broadcast_to(k, m.shape)[kept], weight[kept] / total)


def _angles(y: _Floats, n: _Floats, k: _Floats) -> tuple[_Floats, _Floats]:
    """Return ``arcsin(sqrt(m))`` at which to evaluate for each concentration, and their distance.

    The variance of an angle is a quarter of 1/n + 1/(k + 1) (Anscombe 1948, Biometrika 35, 246-254).
    """
    found = np.arcsin(np.sqrt((y + 0.375) / (n + 0.75)))
    precision = 4 / (1 / (n + 0.75) + 1 / (k + 1))
    whole = precision.sum(axis=1, keepdims=True)
    centre = (precision * found).sum(axis=1, keepdims=True) / whole
    reach = _SPREAD / np.sqrt(whole)
    low = np.maximum(centre - reach, 0.0)
    high = np.minimum(centre + reach, np.pi / 2)
    step = (high - low) / _MEAN_POINTS
    # Each row starts elsewhere in its first cell, so that together they leave no gaps in the mean.
    offset = (0.5 + _GOLDEN * np.arange(len(k))[:, None]) % 1
    return low + step * (np.arange(_MEAN_POINTS) + offset), step


def share_of_one(between: Between, events: int = 0, trials: int = 0) -> Mixture:
    """Return the share of one service with these cases of its own, none for a new area.

    The cases must be among those that `between` was computed from.
    """
    k = between.concentration
    a, b = between.mean * k + events, (1 - between.mean) * k + trials - events
    return Mixture(a, b, between.weight)
