"""Counts that can be read off a drawing: places of points and bars, by the ticks of their axis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
import pandas as pd

_NUMBER = re.compile(r"[-\N{MINUS SIGN}]?\d[\d,]*(\.\d+)?")
_POINT = re.compile(r"[ML] (-?[\d.]+) (-?[\d.]+)")
_NEAR = 0.03  # of a person: what is drawn lies on a whole number
_STRAIGHT = 1e-3  # of the range of an axis; a log scale is left to the eye
_MOST_POINTS = 2_000


class _Axis(NamedTuple):
    label: str
    slope: float
    start: float

    def values(self, places: list[float]) -> list[float]:
        return [self.slope * place + self.start for place in places]


def drawn_values(text: str) -> Iterator[pd.DataFrame]:
    """Yield the whole numbers at which points and bars stand, of drawings by matplotlib.

    A table for each axis whose ticks are evenly spaced numbers; its column is named as the axis.
    """
    start, end = text.find("<svg"), text.rfind("</svg>")
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    try:
        root = ElementTree.fromstring(text[start : end + 6], parser)
    except ElementTree.ParseError:
        return
    for axes in (node for node in root.iter() if str(node.get("id", "")).startswith("axes_")):
        found = list(_places(axes))[:_MOST_POINTS]
        for side in (0, 1):
            axis = _axis(axes, side)
            if axis is None or not found:
                continue
            values = np.array(axis.values([place[side] for place in found]))
            whole = np.round(values)
            on = (np.abs(values - whole) < _NEAR) & (whole >= 0)
            if on.any():
                yield pd.DataFrame({axis.label: whole[on].astype(int).astype(str)}).drop_duplicates()


def _axis(axes: ElementTree.Element, side: int) -> _Axis | None:
    """Return the scale of an axis from its ticks, None if they are no even numbers."""
    node = next((x for x in axes if x.get("id") == f"matplotlib.axis_{_number_of(axes, side)}"), None)
    if node is None:
        return None
    ticks, label = list[tuple[float, float]](), ""
    for part in node:
        words = [(x.text or "").strip() for x in part.iter() if not isinstance(x.tag, str)]
        words += [(x.text or "").strip() for x in part.iter() if str(x.tag).endswith("}text")]
        name = str(part.get("id", ""))
        if name.startswith(("xtick", "ytick")):
            place = next(_uses(part), None) or next(_corners(part), None)
            if words and place is not None and _NUMBER.fullmatch(words[0]):
                number = float(words[0].replace(",", "").replace("\N{MINUS SIGN}", "-"))
                ticks.append((place[side], number))
        elif words:
            label = " ".join(words)
    if len({number for _, number in ticks}) < 2 or "%" in label:
        return None
    places, numbers = np.array(ticks).T
    slope, start = np.polyfit(places, numbers, 1)
    off = np.abs(slope * places + start - numbers).max()
    return _Axis(label, float(slope), float(start)) if off < _STRAIGHT * np.ptp(numbers) else None


def _number_of(axes: ElementTree.Element, side: int) -> int:
    """Return the number of the first or second axis of a panel: they are numbered through a figure."""
    names = [str(x.get("id", "")) for x in axes]
    numbers = sorted(int(n.rpartition("_")[2]) for n in names if n.startswith("matplotlib.axis_"))
    return numbers[side] if len(numbers) > side else -1


def _places(axes: ElementTree.Element) -> Iterator[tuple[float, float]]:
    """Yield where points, corners of lines and of bars stand, axes and frames left out."""
    for part in axes:
        if str(part.get("id", "")).startswith(("matplotlib.axis", "text", "legend")):
            continue
        yield from _uses(part)
        if any(x.get("clip-path") for x in part.iter()):
            yield from _corners(part)


def _uses(part: ElementTree.Element) -> Iterator[tuple[float, float]]:
    for node in part.iter():
        if str(node.tag).endswith("}use") and node.get("x") is not None:
            yield float(node.get("x", "0")), float(node.get("y", "0"))


def _corners(part: ElementTree.Element) -> Iterator[tuple[float, float]]:
    for node in part.iter():
        if str(node.tag).endswith("}path") and node.get("clip-path"):
            for x, y in _POINT.findall(node.get("d", "")):
                yield float(x), float(y)
