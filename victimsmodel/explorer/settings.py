"""From settings of the sliders to a scenario: quickly, and the same as if a file stated them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.explorer.sliders import Slider, moved_to, slider_of
from victimsmodel.inputs.consistency import service_findings
from victimsmodel.inputs.draws import draw_points, uncertain_inputs
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.quantities import TAIL, Estimate
from victimsmodel.inputs.scenario import ASSUMPTION, BUSINESS_AS_USUAL, Scenario

Settings = Mapping[str, float]

NOTE = "Set in a workshop (victimsmodel explore)."
_COMMA = re.compile(r"\d,\d")
_ROUNDING = 1e-9  # of a range: ends are printed and typed with fewer digits than they have
_CUTS, _PARTS = 10, 64  # of the range in which a cumulative probability is sought: to its last digit


class Place(NamedTuple):
    """Where a scenario states an input, or takes it from business as usual."""

    option: str  # empty: the scenario itself, which is business as usual
    states: bool  # a number of its own, rather than that of business as usual (times what it says)


class Change(NamedTuple):
    """A new number at one place."""

    place: Place
    field: str  # dotted, within the scenario or the option's service
    value: Estimate | float


@dataclass(frozen=True)
class Explored:
    """A scenario that is explored, and what can be moved in it."""

    path: Path
    overrides: Mapping[str, object]
    scenario: Scenario  # as it is loaded; without a posterior, whose medians are held instead
    sliders: tuple[Slider, ...]
    places: Mapping[str, tuple[Place, ...]]  # by input
    held: Settings  # calibrated inputs at their medians

    @property
    def by_name(self) -> dict[str, Slider]:
        """The sliders by the names of their inputs."""
        return {slider.name: slider for slider in self.sliders}


def explored(path: Path, overrides: Mapping[str, object], names: tuple[str, ...]) -> Explored:
    """Return a scenario with sliders for some inputs.

    Parameters
    ----------
    path : Path
    overrides : mapping
        As for `load_scenario`.
    names : tuple of str
        From `movable_inputs`.

    Raises
    ------
    InputError
    """
    scenario = load_scenario(path, overrides)
    calibrated: tuple[str, ...] = ()
    held: dict[str, float] = {}
    if scenario.posterior is not None:
        calibrated = scenario.posterior.inputs
        points, estimates = draw_points(scenario, 1, 1), uncertain_inputs(scenario)
        held = {name: float(estimates[name].quantile(points[name])[0]) for name in calibrated}
        overrides = {**overrides, "posterior": None}
        scenario = load_scenario(path, overrides)
    scenario = scenario.model_copy(update={"levers": {}})  # no page shows them
    sliders = tuple(slider_of(scenario, name) for name in names)
    sliders = tuple(moved_to(one, held[one.name]) if one.name in held else one for one in sliders)
    places = _places(path, overrides, scenario, (*dict.fromkeys((*names, *calibrated)),))
    return Explored(path, overrides, scenario, sliders, places, held)


def _places(
    path: Path, overrides: Mapping[str, object], scenario: Scenario, names: tuple[str, ...]
) -> dict[str, tuple[Place, ...]]:
    """Find out who follows business as usual: all its numbers are moved once, and the options looked at."""
    probes = {
        name: next(x for x in slider_of(scenario, name).values if x != slider_of(scenario, name).original)
        for name in names
        if _at(scenario, "", name) is not None
    }
    probed = load_scenario(path, {**overrides, **probes})
    found: dict[str, tuple[Place, ...]] = {}
    for name in names:
        own = [Place("", True)] if name in probes else []
        for option in scenario.options:
            before, after = (_at(one, option, name) for one in (scenario, probed))
            if before is not None and (option != BUSINESS_AS_USUAL or name not in probes):
                own.append(Place(option, before == after))
            elif before is not None:
                own.append(Place(option, False))
        found[name] = tuple(own)
    return found


def _found(model: Any, name: str) -> Estimate | float | None:
    """Return the number at a dotted name of a description, if there is one."""
    for part in name.split("."):
        model = model.get(part) if isinstance(model, dict) else getattr(model, part, None)
    return model if isinstance(model, (Estimate, int, float)) else None


def _at(scenario: Scenario, option: str, name: str) -> Estimate | float | None:
    """Return the number of an input in an option's service, or in the scenario itself."""
    return _found(scenario.options[option].service if option else scenario, name)


def checked(found: Explored, settings: Mapping[str, object]) -> dict[str, float]:
    """Return settings as numbers, without those that are as they were.

    Raises
    ------
    InputError
        Every problem at once. A value that the scenario itself would refuse is refused in its words.
    """
    sliders, problems, good = found.by_name, list[Problem](), dict[str, float]()
    for name, value in settings.items():
        slider = sliders.get(name)
        if slider is None:
            problems.append(Problem("", str(name)[:80], "", "is not an input of this page", "VM242"))
        elif (number := _number(value)) is None or not _is_within(slider, number):
            problems += _refusals(found, slider, value)
        elif not math.isclose(number, slider.original, rel_tol=1e-9):
            good[name] = number
    if problems:
        raise InputError(problems)
    return good


def _is_within(slider: Slider, number: float) -> bool:
    margin = _ROUNDING * (slider.high - slider.low)
    return slider.low - margin <= number <= slider.high + margin


def _number(value: object) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None  # type: ignore[arg-type]


def _refusals(found: Explored, slider: Slider, value: object) -> list[Problem]:
    """Return what the scenario says about a value, or that it lies outside the slider's range."""
    first = found.places[slider.name][0]
    key = f"options.{first.option}.changes.{slider.name}" if first.option else slider.name
    try:
        if _number(value) is not None:
            load_scenario(found.path, {**found.overrides, key: value})
    except InputError as error:
        return [replace(problem, where="") for problem in error.problems]
    allowed = f"must be from {slider.limits} on this page"
    hint = "The range is that of the scenario."
    if isinstance(value, str) and _COMMA.search(value):
        hint = "Decimals stand behind a point, as in 1.5; a comma before each three digits of thousands."
    return [Problem("", slider.name, str(value)[:40], allowed, "VM241", hint)]


def titled(found: Explored, problem: Problem) -> Problem:
    """Return a problem of an input of the page under the title that it has there."""
    inner = re.sub(r"^options\.[^.]+\.changes\.", "", problem.field)
    own = (one for one in found.sliders if f"{inner}.".startswith(f"{one.name}."))
    slider = next(own, None)
    return problem if slider is None else replace(problem, field=slider.title)


def with_settings(found: Explored, settings: Settings) -> Scenario:
    """Return the scenario with inputs moved: the same as when it is loaded from a file that states them.

    Raises
    ------
    InputError
        If the numbers do not go together.
    """
    scenario = found.scenario
    for change in changes(found, settings):
        parts = change.field.split(".")
        where = ["options", change.place.option, "service", *parts] if change.place.option else parts
        scenario = _replaced(scenario, where, change.value)
    for name, option in scenario.options.items():
        for finding in service_findings(option.service, scenario.groups):
            field = ".".join(map(str, finding.path))
            raise input_error(name, finding.allowed, finding.code, field=field, value=finding.value)
    return scenario


def changes(found: Explored, settings: Settings) -> Iterator[Change]:
    """Yield the new number of every place that a setting reaches.

    An option that states a number of its own moves to the same quantile, as it does in every draw of an
    evaluation; staff that an option states itself are its own choice and stay.
    """
    for name, value in {**found.held, **settings}.items():
        places = found.places[name]
        first = places[0]
        before = _at(found.scenario, first.option, name)
        if not isinstance(before, Estimate):
            yield from (
                Change(place, name, value) for place in places if not place.option or not place.states
            )
            continue
        probability = _probability(before, value)
        for place in places:
            own = _at(found.scenario, place.option, name)
            assert isinstance(own, Estimate)
            moved = value if place == first or not place.states else float(own.quantile(probability))
            yield Change(place, name, _fixed(own, moved, multiplied=not place.states))


def _fixed(own: Estimate, value: float, multiplied: bool) -> Estimate:
    """Return an estimate without uncertainty; one that multiplies business as usual goes on doing so."""
    return Estimate(
        unit=own.unit,
        source=ASSUMPTION,
        value=value,
        low=value,
        high=value,
        note=NOTE,
        price_year=own.price_year,
        times=own.times if multiplied else None,
        times_odds=own.times_odds if multiplied else None,
    )


def _probability(estimate: Estimate, value: float) -> float:
    """Return the cumulative probability of a value, by cutting the range in parts again and again."""
    low, high = TAIL / 10, 1 - TAIL / 10
    for _ in range(_CUTS):
        edges = np.linspace(low, high, _PARTS + 1)
        below = int(np.searchsorted(estimate.quantile(edges[1:-1]), value))
        low, high = float(edges[below]), float(edges[below + 1])
    return (low + high) / 2


def _replaced(model: Any, parts: list[str], value: Estimate | float) -> Any:
    """Return a description with one number replaced; nothing else is copied."""
    if not parts:
        return value
    name, rest = parts[0], parts[1:]
    if isinstance(model, dict):
        return {**model, name: _replaced(model[name], rest, value)}
    return model.model_copy(update={name: _replaced(getattr(model, name), rest, value)})
