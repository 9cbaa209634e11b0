"""The sampled numbers of a service with every price in the prices of one year."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from victimsmodel.appraisal.prices import Deflators, load_deflators, to_price_year, without_deflator
from victimsmodel.appraisal.rules import load_rules
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import Points, values_of
from victimsmodel.inputs.quantities import MONEY, Estimate, estimates_in
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.inputs.stated_place import Stated
from victimsmodel.pathway.plan_staff import pay_of_post


def priced_service(scenario: Scenario, option: str, points: Points) -> Any:
    """Return the numbers of an option's service by draw, prices in those of the scenario.

    A price that names no year of its own is one of ``scenario.price_year``.

    Parameters
    ----------
    scenario : Scenario
    option : str
    points : dict of str to ndarray, shape (n_draws,)

    Returns
    -------
    namespace
        As `values_of`.

    Raises
    ------
    InputError
        VM173 if a price names a year that the deflators lack.
    """
    service = scenario.options[option].service
    values = values_of(service, points)
    for path, factor in _factors(service, scenario).items():
        _scale(values, path.split("."), factor)
    return values


def central_pay(scenario: Scenario, option: str) -> dict[str, float]:
    """Return what a full-time post of each role costs a year with every input at its median, GBP."""
    service = scenario.options[option].service
    points = {name: np.array([0.5]) for name in estimates_in(service)}
    roles = priced_service(scenario, option, points).staff
    return {name: float(pay_of_post(role)[0]) for name, role in roles.items()}


def price_factor(from_year: str, to_year: str, scenario: Scenario) -> float:
    """Return what amounts of one year are multiplied by for prices of another."""
    if from_year == to_year:
        return 1.0
    return float(to_price_year(1.0, from_year, to_year, _deflators(_approximates(scenario))))


def check_prices(scenario: Scenario, stated: Stated | None = None) -> None:
    """Refuse prices of years that cannot be converted, before anything is simulated.

    Parameters
    ----------
    scenario : Scenario
    stated : Stated, optional
        What the scenario was loaded from: the message then names file and line.

    Raises
    ------
    InputError
        VM173, for every field whose year the deflators lack.
    """
    values = _deflators(_approximates(scenario)).values
    problems = {
        field: without_deflator(*_place(scenario, field, stated), year, values)
        for one, other in _conversions(scenario)
        for field, year in (one, other)
        if one.year != other.year and year not in values
    }
    if problems:
        raise InputError(problems.values())


def _place(scenario: Scenario, field: str, stated: Stated | None) -> tuple[str, str]:
    return (stated.place(field) if stated is not None else None) or (scenario.name, field)


class _PriceYear(NamedTuple):
    """A price year, and the field that states it."""

    field: str
    year: str


def _conversions(scenario: Scenario) -> Iterator[tuple[_PriceYear, _PriceYear]]:
    """Yield every pair of years between which a run of the scenario converts prices."""
    own = _PriceYear("price_year", scenario.price_year)
    seen: dict[str, Estimate] = {}
    for kind, found in (("options", scenario.options), ("levers", scenario.levers)):
        for name, described in found.items():
            for path, estimate in estimates_in(described).items():
                if not _is_of_another_year(estimate, own.year) or seen.get(path) == estimate:
                    continue
                is_own = name == BUSINESS_AS_USUAL
                seen |= {path: estimate} if is_own else {}
                place = path.replace("service.", "" if is_own else "changes.", 1)
                field = place if is_own else f"{kind}.{name}.{place}"
                yield _PriceYear(f"{field}.price_year", str(estimate.price_year)), own
    if scenario.appraisal is None:
        return
    stated = scenario.appraisal
    base = _PriceYear("appraisal.price_base", stated.price_base)
    yield own, base
    if stated.support_value is not None and "outcomes" in stated.benefits:
        given = stated.support_value.price_year or own.year
        yield _PriceYear("appraisal.support_value.price_year", given), base
    if "wellby" in stated.benefits:
        yield _PriceYear("appraisal.edition", load_rules(stated.edition).wellby.price_year), base


def _factors(service: Any, scenario: Scenario) -> dict[str, float]:
    """Return the factor of every price that is stated in another year than the scenario's."""
    return {
        path: price_factor(str(estimate.price_year), scenario.price_year, scenario)
        for path, estimate in estimates_in(service).items()
        if _is_of_another_year(estimate, scenario.price_year)
    }


def _is_of_another_year(estimate: Estimate, year: str) -> bool:
    return estimate.unit in MONEY and estimate.price_year not in (None, year)


def _approximates(scenario: Scenario) -> bool:
    return scenario.appraisal is not None and scenario.appraisal.approximate_financial_years


@cache
def _deflators(approximate: bool) -> Deflators:
    published = load_deflators()
    return published.with_financial_years() if approximate else published


def _scale(values: Any, path: list[str], factor: float) -> None:
    """Multiply one number of nested namespaces and mappings in place."""
    for part in path[:-1]:
        values = values[part] if isinstance(values, dict) else getattr(values, part)
    if isinstance(values, dict):
        values[path[-1]] = values[path[-1]] * factor
    else:
        setattr(values, path[-1], getattr(values, path[-1]) * factor)
