"""Closed forms of queues and of repeated contact, service times as the kernel has them, and estimates.

Rates are per unit of time; waits are in the same unit, in the queue, and averaged over all who arrive.

References
----------
Erlang (1917), Solution of some problems in the theory of probabilities of significance in automatic
telephone exchanges. Pollaczek (1930) and Khinchine (1932), by Kleinrock (1975), Queueing Systems I, 5.6.
Cobham (1954), Priority assignment in waiting line problems, Operations Research 2, 70-76.
Kella and Yechiali (1985), Waiting times in the non-preemptive priority M/M/c queue, Stochastic Models
1, 257-262. Garnett, Mandelbaum and Reiman (2002), Designing a call center with impatient customers,
M&SOM 4, 208-227. Potthoff and Whittinghill (1966) and Fader and Hardie (2007) on the Beta-geometric.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln

from victimsmodel.pathway.arrays import N_CELLS, N_TAILS, Floats

#: Differences from theory that are let pass.
MOST_ERRORS, MOST_PER_CENT = 5.0, 0.5


class Estimate(NamedTuple):
    """A mean over replications and its standard error."""

    value: float
    error: float


class Row(NamedTuple):
    """A line of the table."""

    case: str
    quantity: str
    theory: float
    kernel: Estimate
    how: str

    @property
    def errors(self) -> float:
        """Difference in standard errors."""
        return (self.kernel.value - self.theory) / self.kernel.error

    @property
    def per_cent(self) -> float:
        """Difference in per cent of the closed form."""
        return 100 * (self.kernel.value / self.theory - 1)

    @property
    def agrees(self) -> bool:
        """Whether both differences are within their limits."""
        return abs(self.errors) <= MOST_ERRORS and abs(self.per_cent) <= MOST_PER_CENT


class Abandonment(NamedTuple):
    """Long-run measures of a queue whose customers are impatient."""

    waits: float  # probability of finding every server busy
    abandons: float  # probability
    wait: float  # mean, of those who abandon too


class Contact(NamedTuple):
    """What a list of attempts achieves, per victim."""

    reach: float
    attempts: float


def erlang_b(servers: int, load: float) -> float:
    """Return the share of arrivals that M/G/c/c turns away, by the stable recursion."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Return the probability that an arrival waits in M/M/c."""
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def wait_with_servers(servers: int, arrivals: float, service: float = 1.0) -> float:
    """Return the mean wait in M/M/c."""
    load = arrivals * service
    return erlang_c(servers, load) * service / (servers - load)


def wait_with_any_service(arrivals: float, service: float, cv: float) -> float:
    """Return the mean wait in M/G/1 (Pollaczek and Khinchine); `cv` of the service time."""
    load = arrivals * service
    return load * service * (1 + cv**2) / (2 * (1 - load))


def waits_with_priorities(servers: int, arrivals: ArrayLike, service: float = 1.0) -> Floats:
    """Return the mean wait of each class in M/M/c; the first class goes first, nobody is interrupted.

    One server: Cobham (1954), equation 3. Several: Kella and Yechiali (1985).
    """
    loads = np.asarray(arrivals, np.float64) * service / servers
    above = 1 - np.concatenate([[0.0], loads.cumsum()])
    until_free = erlang_c(servers, float(loads.sum()) * servers) * service / servers
    return until_free / (above[:-1] * above[1:])


def erlang_a(servers: int, arrivals: float, service: float, patience: float) -> Abandonment:
    """Return the measures of M/M/c with exponential patience (means `service`, `patience`).

    Sums over the birth-death chain of the number present (Garnett and others 2002, section 2).
    """
    n = np.arange(1, servers + int(50 * (1 + arrivals * patience)) + 200)
    leaving = np.minimum(n, servers) / service + np.maximum(n - servers, 0) / patience
    log_weight = np.concatenate([[0.0], np.cumsum(np.log(arrivals / leaving))])
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    queue = weight[servers:] @ np.arange(weight.size - servers)
    return Abandonment(weight[servers:].sum(), queue / patience / arrivals, queue / arrivals)


def contact(chances: ArrayLike) -> Contact:
    """Return reach and attempts when attempts succeed independently and end with the first success."""
    missed = np.cumprod(1 - np.asarray(chances, np.float64))
    return Contact(1 - missed[-1], 1 + missed[:-1].sum())


def beta_geometric(mean: float, correlation: float, attempts: int) -> Contact:
    """Return reach and attempts when each victim's chance is drawn once from a Beta distribution.

    None of n attempts succeeds with probability B(a, b + n) / B(a, b).
    """
    total = 1 / correlation - 1
    a, b = mean * total, (1 - mean) * total
    missed = np.exp(betaln(a, b + np.arange(attempts + 1)) - betaln(a, b))
    return Contact(1 - missed[-1], missed[:-1].sum())


def exponential_cells() -> Floats:
    """Return the mean of each cell of an exponential distribution of mean 1, (N_TAILS, N_CELLS).

    Each further row divides the last cell of the row before, as in `lognormal_cells`.
    """
    rows = []
    for tail in range(N_TAILS):
        above = (1 - np.arange(N_CELLS + 1) / N_CELLS) * N_CELLS**-tail
        log_above = np.log(np.maximum(above, 1e-300))
        rows.append(-np.diff(above * (1 - log_above)) * N_CELLS ** (tail + 1))
    return np.array(rows)


def whole_step_cells(mean: float) -> Floats:
    """Return exponential service times of a mean in steps, rounded up to whole steps."""
    rows = []
    for tail in range(N_TAILS):
        above = (1 - (np.arange(N_CELLS) + 0.5) / N_CELLS) * N_CELLS**-tail
        rows.append(np.ceil(-mean * np.log(above)))
    return np.array(rows)


def mean_of_cells(cells: Floats, power: int = 1) -> float:
    """Return the mean of a tabulated distribution, or of a power of it."""
    own = np.array([row[:-1].sum() for row in cells**power])
    return float(own @ float(N_CELLS) ** -np.arange(1, N_TAILS + 1)) + float(
        cells[-1, -1] ** power * float(N_CELLS) ** -N_TAILS
    )


def controlled(values: Floats, controls: Floats) -> Estimate:
    """Return the mean of values where their controls, of mean zero, are zero."""
    scale = controls.std(axis=0)
    design = np.column_stack([np.ones(len(values)), controls[:, scale > 0] / scale[scale > 0]])
    inverse = np.linalg.inv(design.T @ design)
    fitted = inverse @ design.T @ values
    rest = values - design @ fitted
    variance = rest @ rest / (len(values) - design.shape[1]) * inverse[0, 0]
    return Estimate(float(fitted[0]), float(variance**0.5))


def extrapolated(coarse: Estimate, fine: Estimate) -> Estimate:
    """Return the limit of steps of no length, from steps of h and h / 2 (Richardson)."""
    return Estimate(2 * fine.value - coarse.value, (4 * fine.error**2 + coarse.error**2) ** 0.5)
