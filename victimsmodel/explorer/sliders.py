"""Sliders: what each input is called, how far it moves, in which steps, and how it is printed."""

from __future__ import annotations

import math
from typing import NamedTuple

from victimsmodel.inputs.draws import uncertain_inputs
from victimsmodel.inputs.explored import staff_inputs
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.words import input_title, role_title

_POSITIONS = 40  # about so many on a slider
_DIGITS = 9  # of a position: what is beyond is rounding
_FTE_STEP = 0.5
_LEAST_FTE_SPAN = 4.0  # also a role with hardly anybody can be tried with some

#: Unit of an estimate -> multiplier, what stands before and behind it when it is printed.
_SHOWN = {
    "probability": (100, "", "%"),
    "correlation": (1, "", ""),
    "odds ratio": (1, "", " times the odds"),
    "minutes": (1, "", " minutes"),
    "days": (1, "", " days"),
    "victims/year": (1, "", " a year"),
    "victims": (1, "", " victims"),
    "sessions": (1, "", " sessions"),
    "GBP": (1, "£", ""),
    "GBP/year": (1, "£", " a year"),
    "points": (1, "", " points"),
    "years": (1, "", " years"),
}
_FTE_SHOWN = (1, "", " full-time")


class Slider(NamedTuple):
    """One input that can be moved."""

    name: str  # dotted, as the command line's --set takes it
    title: str
    original: float
    values: tuple[float, ...]  # positions of the slider; the original is one of them
    low: float
    high: float
    scale: float  # printed number = scale x value
    prefix: str
    suffix: str
    decimals: int

    def text(self, value: float) -> str:
        """Return a value as it is printed, with its unit."""
        number = f"{value * self.scale:,.{self.decimals}f}"
        trimmed = number.rstrip("0").rstrip(".") if "." in number else number
        return f"{self.prefix}{trimmed}{self.suffix}"

    @property
    def limits(self) -> str:
        """The range as it is printed: words of the unit stand once."""
        low, high = self.text(self.low), self.text(self.high)
        return f"{low.removesuffix(self.suffix) if self.suffix.startswith(' ') else low} to {high}"


def slider_of(scenario: Scenario, name: str) -> Slider:
    """Return the slider of a movable input; its range is the 5th to 95th percentile of an estimate."""
    if name in staff_inputs(scenario):
        return _staff_slider(scenario, name)
    estimate = uncertain_inputs(scenario)[name]
    low, high = estimate.interval
    return _slider(name, input_title(name, scenario), estimate.median, (low, high), _SHOWN[estimate.unit])


def moved_to(slider: Slider, original: float) -> Slider:
    """Return a slider that starts elsewhere, as where an input was calibrated."""
    inside = min(max(original, slider.low), slider.high)
    shown = slider.scale, slider.prefix, slider.suffix
    return _slider(slider.name, slider.title, inside, (slider.low, slider.high), shown)


def _staff_slider(scenario: Scenario, name: str) -> Slider:
    role = name.split(".")[1]
    fte = scenario.staff[role].fte
    high = math.ceil(max(2 * fte, fte + _LEAST_FTE_SPAN))
    title = f"{role_title(role, scenario)} in post"
    positions = tuple(i * _FTE_STEP for i in range(int(high / _FTE_STEP) + 1))
    found = _slider(name, title, fte, (0.0, float(high)), _FTE_SHOWN)
    values = tuple(sorted({*positions, fte}))
    return found._replace(values=values, decimals=max(found.decimals, 1))


def _slider(
    name: str, title: str, original: float, limits: tuple[float, float], shown: tuple[float, str, str]
) -> Slider:
    low, high = (_rounded(x) for x in limits)
    step = _round_step((high - low) / _POSITIONS)
    first, last = math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6)
    grid = {_rounded(i * step) for i in range(first, last + 1)}
    start = _rounded(original)
    values = tuple(sorted({min(max(x, low), high) for x in grid} | {start}))
    scale, prefix, suffix = shown
    decimals = max(0, -math.floor(math.log10(step * scale) + 1e-9))
    exact = next((d for d in range(decimals, decimals + 2) if _is_exact(start * scale, d)), decimals + 1)
    return Slider(name, title, start, values, min(low, start), max(high, start), scale, prefix, suffix, exact)


def _is_exact(x: float, decimals: int) -> bool:
    return math.isclose(x, round(x, decimals), rel_tol=1e-7)


def _round_step(width: float) -> float:
    """Return the nearest of 1, 2 and 5 times a power of ten that is not below a width."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= width * (1 - 1e-9))


def _rounded(x: float) -> float:
    return float(f"{x:.{_DIGITS}g}")
