"""What the page computes: exact numbers at once, simulated years until newer settings come."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from victimsmodel.errors import InputError, Problem
from victimsmodel.explorer.measures import Row, measured, rows_of
from victimsmodel.explorer.remembered import lean, same_arrivals
from victimsmodel.explorer.settings import Explored, Settings, with_settings
from victimsmodel.inputs.draws import Points, draw_points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import Floats, Plan
from victimsmodel.pathway.expected import expected_counters
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.results import Counters, joined
from victimsmodel.reporting.formats import FORMATS
from victimsmodel.reporting.growth_words import growing_sentences

#: Simulated years after which the page is told the numbers; the last is the most.
LOOKS = (4, 8, 16, 32)
_FIRST_LOOK_SECONDS = 0.8  # a larger scenario is shown after three
_CONFIDENCE = 0.95

#: Numbers as the page takes them: option -> measure -> value, text, ...
Numbers = dict[str, dict[str, dict[str, Any]]]
Values = Mapping[str, Mapping[str, Floats]]

_FORMATS = {"count": FORMATS["count"], "share": FORMATS["share1"], "pounds": FORMATS["pounds"]}
_CHANGES = {
    "count": FORMATS["count_signed"],
    "share": lambda x: f"{FORMATS['points'](x)} pts",
    "pounds": FORMATS["pounds_signed"],
}


#: What options are compared on in a sentence.
BEST = "supported_in_need"


_NOT_SIMULATED = (
    "So nothing is simulated with these settings: what it showed would depend on the length of the year "
    "alone. Add staff, or state allow_growth: true in the scenario"
)


class Shown(NamedTuple):
    """Numbers for the page, and the sentence that sums them up."""

    numbers: Numbers
    words: str


class StaleError(Exception):
    """Newer settings have come."""


class Workshop:
    """The computing behind one page; what is shown belongs to the settings that came last."""

    def __init__(self, explored: Explored, seed: int, why: str = "") -> None:
        self.explored = explored
        self.seed = seed
        self.why = why  # these inputs and no others
        self.rows = rows_of(explored.scenario)
        self._medians = draw_points(lean(explored.scenario), 1, 1)
        self.original = exact_values(with_settings(explored, {}))
        self.unmoved = self.exact({})[1]
        self._serial = 0
        self._lock = threading.Lock()

    def began(self) -> int:
        """Return the number of the newest settings, which are about to come."""
        with self._lock:
            self._serial += 1
            return self._serial

    def is_stale(self, serial: int) -> bool:
        """Return whether newer settings than these have come."""
        return serial != self._serial

    def exact(self, settings: Settings) -> tuple[Scenario, Shown]:
        """Return the scenario of some settings and what is shown of it without queues.

        Raises
        ------
        InputError
            If the settings do not go together.
        """
        scenario = with_settings(self.explored, settings)
        values = exact_values(scenario, self._medians)
        return scenario, Shown(self._exact_numbers(values), f"Unlimited staff: {self._best(values)}")

    def simulated(self, scenario: Scenario, serial: int, tell: Callable[[int, Shown], None]) -> bool:
        """Simulate years and tell what they say at each look; return whether none are left to do.

        It stops once settings are stale: at the next option, as newer exact numbers want the processor.

        Raises
        ------
        InputError
            VM290 if a queue that nobody leaves would grow without end, unless the scenario allows that.
        """
        start = time.monotonic()
        growing = growing_sentences(scenario)
        if growing and not scenario.allow_growth:
            raise InputError([Problem("", "", "", " ".join((*growing, _NOT_SIMULATED)), "VM290")])
        try:
            for years in self._years(scenario, lambda: self._refuse_stale(serial)):
                is_late = years.n == 3 and time.monotonic() - start > _FIRST_LOOK_SECONDS
                if years.n in LOOKS or is_late:
                    values = years.values()
                    words = " ".join((*growing, f"With the staff in post: {self._best(values)}"))
                    tell(years.n, Shown(self._mean_numbers(values), words))
        except StaleError:
            return False
        return True

    def _years(self, scenario: Scenario, check: Callable[[], None]) -> Iterator[Years]:
        return simulated_years(scenario, self.seed, LOOKS[-1], check, self._medians)

    def _refuse_stale(self, serial: int) -> None:
        if self.is_stale(serial):
            raise StaleError

    def _best(self, values: Values) -> str:
        """Say which option supports most victims in need, and whether chance leaves that open."""
        if not any(own["referred"].any() for own in values.values()):
            return "nobody is referred, so that shares and costs per victim do not exist."
        means = {option: float(own[BEST].mean()) for option, own in values.items()}
        first, *others = sorted(means, key=lambda option: -means[option])
        titles = {name: option.title for name, option in self.explored.scenario.options.items()}
        words = f"{titles[first]} supports most victims in need ({FORMATS['count'](means[first])})"
        if not others:
            return f"{FORMATS['count'](means[first])} victims in need are supported."
        gap = values[first][BEST] - values[others[0]][BEST]
        if gap.size > 1 and gap.mean() <= half_width(gap):
            return f"{words}, but chance leaves {titles[others[0]]} as good."
        return f"{words}, {FORMATS['count'](float(gap.mean()))} more than {titles[others[0]]}."

    def _exact_numbers(self, values: Values) -> Numbers:
        found: Numbers = {}
        for option, own in values.items():
            found[option] = {}
            for row in self.rows:
                if row.name not in own or not np.isfinite(own[row.name][0]):
                    continue
                cell = _cell(row, float(own[row.name][0]))
                before = float(self.original[option][row.name][0])
                if not math.isclose(cell["value"], before, rel_tol=1e-9, abs_tol=1e-8):
                    cell |= {"before": before, "change": _CHANGES[row.form](cell["value"] - before)}
                found[option][row.name] = cell
        return found

    def _mean_numbers(self, values: Values) -> Numbers:
        found: Numbers = {}
        for option, own in values.items():
            found[option] = {}
            for row in self.rows:
                if row.name in own and np.isfinite(own[row.name]).all():
                    sample = own[row.name]
                    cell = _cell(row, float(sample.mean()))
                    found[option][row.name] = cell | {"range": _range(row, half_width(sample))}
        return found


def _cell(row: Row, value: float) -> dict[str, Any]:
    return {"value": value, "text": _FORMATS[row.form](value)}


def _range(row: Row, half: float) -> str:
    return f"± {_FORMATS[row.form](half)}"


def half_width(sample: Floats) -> float:
    """Return the half-width of the 95 % interval of the mean of some years (Student's t)."""
    from scipy.special import stdtrit

    n = sample.size
    return float(stdtrit(n - 1, (1 + _CONFIDENCE) / 2) * sample.std(ddof=1) / np.sqrt(n))


def exact_values(scenario: Scenario, points: Points | None = None) -> Values:
    """Return the measures of every option with ample staff, every input at its median.

    Medians that stand already, of the same inputs, may be given.
    """
    used = lean(scenario)
    points = draw_points(used, 1, 1) if points is None else points
    found = {}
    for option in used.options:
        plans = build_plans(used, option, points, ample_staff=True, coming=same_arrivals)
        counters = expected_counters(plans)
        found[option] = measured(used, option, counters, points)
    return found


class Years:
    """Simulated years of every option, one after the other, on the same victims."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        check: Callable[[], None] = lambda: None,
        points: Points | None = None,
    ) -> None:
        self._scenario, self._seed = lean(scenario), seed
        self._points = draw_points(self._scenario, 1, seed) if points is None else points
        options, self._plans = self._scenario.options, dict[str, Plan]()
        for option in options:
            check()
            plans = build_plans(self._scenario, option, self._points, coming=same_arrivals)
            self._plans[option] = plans[0]
        self._counters: dict[str, list[Counters]] = {option: [] for option in options}
        self.n = 0

    def run(self, check: Callable[[], None]) -> None:
        """Simulate one more year: the one that `simulate` would with the same seed."""
        from victimsmodel.pathway.simulate import run_replications  # loads the compiled kernel

        for option, plan in self._plans.items():
            check()
            one = run_replications(plan, self._seed, range(self.n, self.n + 1))
            waits = None if one.waits is None else one.waits.sum(axis=1, keepdims=True)  # over groups
            self._counters[option].append(one._replace(waits=waits, daily=None, cases=None))
        self.n += 1

    def values(self) -> Values:
        """Return the measures of every option, by year."""
        found = {}
        for option, years in self._counters.items():
            every = joined(years)
            one_draw = Counters._make(None if field is None else field[None] for field in every)
            found[option] = measured(self._scenario, option, one_draw, self._points)
        return found


def simulated_years(
    scenario: Scenario,
    seed: int,
    n_years: int,
    check: Callable[[], None] = lambda: None,
    points: Points | None = None,
) -> Iterator[Years]:
    """Yield simulated years after each further one.

    `check` is called before each option of each year, and may raise to stop. Medians that stand already,
    of the same inputs, may be given.
    """
    years = Years(scenario, seed, check, points)
    for _ in range(n_years):
        years.run(check)
        yield years
