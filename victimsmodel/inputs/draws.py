"""Samples of the uncertain inputs: from estimates to the numbers that one draw uses."""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from victimsmodel.errors import input_error
from victimsmodel.inputs.estimates_file import correlated
from victimsmodel.inputs.posterior_file import estimate_digest, posterior_points
from victimsmodel.inputs.quantities import Estimate, estimates_in
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.service import Service

_MOST_SEED = 2**63 - 1
_MOST_DRAWS = 1_000_000
_MIDDLE = 0.5  # cumulative probability of a median

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


def input_digests(scenario: Scenario) -> dict[str, str]:
    """Return a digest of what is believed about each uncertain input, by its dotted name."""
    digests = {name: estimate_digest(estimate) for name, estimate in uncertain_inputs(scenario).items()}
    demand = scenario.demand
    if demand.projection is not None and demand.history is not None:
        text = demand.projection.model_dump_json() + demand.history.model_dump_json()
        digests[PROJECTION_POINT] = hashlib.sha256(text.encode()).hexdigest()[:8]
    return digests


def draw_points(scenario: Scenario, n_draws: int, seed: int) -> Points:
    """Return a Latin hypercube over the uncertain inputs, with the correlation of estimates made together.

    A single draw puts every input at its median, so that it shows the central case. Inputs that the
    scenario's ``posterior`` holds are drawn from it, jointly; the others stay a Latin hypercube.

    Returns
    -------
    dict of str to ndarray, shape (n_draws,)
        Cumulative probabilities strictly between 0 and 1.
    """
    if not is_whole(n_draws) or not 1 <= n_draws <= _MOST_DRAWS:
        allowed = f"must be {'' if is_whole(n_draws) else 'an integer '}from 1 to {_MOST_DRAWS:,}"
        raise input_error("draws", allowed, "VM267", field="n_draws", value=str(n_draws))
    check_seed(seed)
    names = [*uncertain_inputs(scenario), *([PROJECTION_POINT] if scenario.demand.projection else [])]
    if n_draws == 1:
        points = {name: np.array([_MIDDLE]) for name in names}
    else:
        points = {name: stratified_points(seed, name, n_draws) for name in names}
        points = correlated(points, scenario.estimates)
    if scenario.posterior is None:
        return points
    return points | posterior_points(scenario.posterior, n_draws, seed)


def values_of(model: Any, points: Points, prefix: str = "") -> Any:
    """Return the description with every estimate replaced by its sampled numbers.

    Descriptions become plain namespaces with the same fields; estimates become arrays of shape
    (n_draws,); choices stay as they are, and so do descriptions that can hold nothing else.
    """
    if isinstance(model, Estimate):
        at = points[prefix]
        return _median(model).copy() if at.size == 1 and at[0] == _MIDDLE else model.quantile(at)
    if isinstance(model, BaseModel) and not _can_hold_estimates(type(model)):
        return model
    if isinstance(model, BaseModel):
        fields = type(model).model_fields
        children = {name: values_of(getattr(model, name), points, _join(prefix, name)) for name in fields}
        return SimpleNamespace(**children)
    if isinstance(model, dict):
        return {name: values_of(child, points, _join(prefix, name)) for name, child in model.items()}
    if isinstance(model, (list, tuple)):
        return [values_of(child, points, _join(prefix, str(i))) for i, child in enumerate(model)]
    return model


@lru_cache(maxsize=4096)
def _median(estimate: Estimate) -> NDArray[np.float64]:
    """Return the median of an estimate, shape (1,): the central case asks for the same ones often."""
    return estimate.quantile(np.array([_MIDDLE]))


@cache
def _can_hold_estimates(kind: Any) -> bool:
    """Return whether a type can hold an estimate; histories of thousands of rows cannot."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields: list[Any] = [field.annotation for field in kind.model_fields.values()]
        return kind is Estimate or any(_can_hold_estimates(each) for each in fields)
    return any(_can_hold_estimates(each) for each in get_args(kind))


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


def is_whole(number: object) -> bool:
    """Say whether something is an integer, of Python or of numpy; true and false are none."""
    return isinstance(number, (int, np.integer)) and not isinstance(number, bool)


def check_seed(seed: int) -> None:
    """Refuse a seed that random numbers cannot be keyed by."""
    if not is_whole(seed) or not 0 <= seed <= _MOST_SEED:
        allowed = "must be an integer from 0 to 2^63 - 1"
        raise input_error("simulate", allowed, "VM031", field="seed", value=str(seed))
