"""How much an evaluation computes: the profiles by name."""

from __future__ import annotations

from typing import NamedTuple


class Profile(NamedTuple):
    """How much is computed."""

    n_draws: int
    n_replications: int
    n_demand_draws: int
    n_agreement_replications: int
    n_lever_draws: int
    n_calibration_draws: int
    n_calibration_years: int
    n_kept_back: int  # invented returns whose last quarter is kept back
    n_waterfall_draws: int  # one: every input at its median
    n_waterfall_parts: int  # of an option; more are taken together
    is_thorough: bool = False  # also what needs further simulation: tornado and Sobol indices


PROFILES = {
    "tiny": Profile(3, 2, 200, 20, 1, 200, 8, 20, 1, 3),
    "quick": Profile(20, 2, 1_000, 20, 4, 1_000, 8, 100, 1, 3),
    "full": Profile(1_000, 2, 10_000, 40, 100, 4_000, 32, 1_000, 20, 7, is_thorough=True),
}
