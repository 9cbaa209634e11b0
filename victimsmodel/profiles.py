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
    is_thorough: bool = False  # also what needs further simulation: tornado and Sobol indices


PROFILES = {
    "tiny": Profile(3, 2, 200, 20, 1, 200, 8),
    "quick": Profile(20, 2, 1_000, 20, 4, 1_000, 8),
    "full": Profile(1_000, 2, 10_000, 40, 100, 4_000, 32, is_thorough=True),
}
