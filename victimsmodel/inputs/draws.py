"""Samples of the uncertain inputs: from estimates to the numbers that one draw uses."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from victimsmodel.errors import input_error
from victimsmodel.inputs.quantities import Estimate, estimates_in
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.service import Service

_MOST_SEED = 2**63 - 1

#: Name of the draw that chooses the sample path of a projection.
PROJECTION_POINT = "demand.projection"

#: Cumulative probability of every uncertain input, by its dotted name; shape (n_draws,).
Points = dict[str, NDArray[np.float64]]


def uncertain_inputs(scenario: Scenario) -> dict[str, Estimate]:
    """Return the estimates of a scenario by name, each once however many options share it.

    An option that states its own estimate for a field shares the field's name: the two move
    together, as two calls to the same people do.
    """
    found: dict[str, Estimate] = {}
    for option in scenario.options.values():
        found.update(estimates_in(option.service))
    found.update(estimates_in(scenario.demand, "demand"))
    found.update(estimates_in(scenario.appraisal, "appraisal"))
    found.update(estimates_in(_own_service(scenario)))
    return found


def _own_service(scenario: Scenario) -> Service:
    return Service.model_construct(**{name: getattr(scenario, name) for name in Service.model_fields})


def draw_points(scenario: Scenario, n_draws: int, seed: int) -> Points:
    """Return a Latin hypercube over the uncertain inputs.

    A single draw puts every input at its median, so that it shows the central case.

    Returns
    -------
    dict of str to ndarray, shape (n_draws,)
        Cumulative probabilities strictly between 0 and 1.
    """
    names = [*uncertain_inputs(scenario), *([PROJECTION_POINT] if scenario.demand.projection else [])]
    if n_draws == 1:
        return {name: np.array([0.5]) for name in names}
    return {name: stratified_points(seed, name, n_draws) for name in names}


def values_of(model: Any, points: Points, prefix: str = "") -> Any:
    """Return the description with every estimate replaced by its sampled numbers.

    Descriptions become plain namespaces with the same fields; estimates become arrays of shape
    (n_draws,); choices stay as they are.
    """
    if isinstance(model, Estimate):
        return model.quantile(points[prefix])
    if isinstance(model, BaseModel):
        fields = type(model).model_fields
        children = {name: values_of(getattr(model, name), points, _join(prefix, name)) for name in fields}
        return SimpleNamespace(**children)
    if isinstance(model, dict):
        return {name: values_of(child, points, _join(prefix, name)) for name, child in model.items()}
    if isinstance(model, (list, tuple)):
        return [values_of(child, points, _join(prefix, str(i))) for i, child in enumerate(model)]
    return model


def _join(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def stratified_points(seed: int, name: str, n_points: int) -> NDArray[np.float64]:
    """Return one Latin hypercube column: a random point in each of `n_points` equal strata.

    The column depends on the seed and the name alone, so that adding or dropping another input
    leaves it as it was (McKay, Beckman and Conover 1979, Technometrics 21, 239-245).
    """
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))
    strata = generator.permutation(n_points)
    points = (strata + generator.random(n_points)) / n_points
    return np.clip(points, 1e-9, 1 - 1e-9)


def check_seed(seed: int) -> None:
    """Refuse a seed that random numbers cannot be keyed by."""
    if not 0 <= seed <= _MOST_SEED:
        allowed = "must be an integer from 0 to 2^63 - 1"
        raise input_error("simulate", allowed, "VM031", field="seed", value=str(seed))
