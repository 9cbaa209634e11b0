"""Outlines of the areas of a scenario, from GeoJSON, with what is wrong with them in plain words."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.text_file import read_text

CODE = "VM088"
_MOST_BYTES = 5_000_000  # those of a police force are a twentieth of it
_LEAST_POINTS = 4  # of a ring: a triangle, closed
_POINT = "has a point that is not longitude and latitude, two finite numbers"
_DEGREES = "has a point outside longitude -180 to 180 and latitude -90 to 90"
_WGS_84 = "Coordinates must be longitude and latitude (WGS 84, EPSG:4326), not metres of a national grid."
_POLYGONS = "must be a Polygon or MultiPolygon"

#: Rings of longitude and latitude by area; the first and last point of a ring are the same.
Boundaries = dict[str, list[NDArray[np.float64]]]


def read_boundaries(path: Path | str) -> Boundaries:
    """Read the outlines of areas from a GeoJSON file in longitude and latitude.

    Parameters
    ----------
    path : Path or str
        Feature collection; each feature has a property ``area`` and is a Polygon or MultiPolygon.

    Returns
    -------
    dict of str to list of ndarray, shape (n_points, 2)
        Outer rings by area.

    Raises
    ------
    InputError
        With code VM001 or VM002 for a file that is no text, VM088 for one that is something else.
    """
    shapes, problems = outlines_of(boundaries_text(path), str(path))
    if problems:
        raise InputError(problems)
    return shapes


def boundaries_text(path: Path | str) -> str:
    """Return the text of a file of outlines."""
    source = Path(path)
    if source.is_file() and (size := source.stat().st_size) > _MOST_BYTES:
        allowed = f"is {size:,} bytes; at most {_MOST_BYTES:,} are allowed"
        raise input_error(str(path), allowed, CODE, hint="Use generalised boundaries.")
    return read_text(source, _MOST_BYTES)


def outlines_of(text: str, label: str, field: str = "") -> tuple[Boundaries, tuple[Problem, ...]]:
    """Return the outlines that a text states, and the areas that stand in it more than once.

    Raises
    ------
    InputError
        If it is something else; the label names its file and the field what is read.
    """
    features = _features(text, label)
    found: dict[str, list[int]] = {}
    shapes: Boundaries = {}
    for number, feature in enumerate(features, start=1):
        try:
            area, shape = _area(feature), _rings(feature)
        except ValueError as error:
            hint = _WGS_84 if str(error) == _DEGREES else ""
            raise input_error(f"{label}, feature {number}", str(error), CODE, hint=hint) from None
        found.setdefault(area, []).append(number)
        shapes.setdefault(area, shape)
    problems = []
    for area, numbers in found.items():
        if len(numbers) > 1:
            allowed = f"must have one outline, and is the area of features {', '.join(map(str, numbers))}"
            name = f"{field}.{area}" if field else area
            problems.append(Problem(label, name, "", allowed, CODE, "Parts of one area are a MultiPolygon."))
    return shapes, tuple(problems)


def _features(text: str, label: str) -> list[object]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        hint = "Is the file cut short?" if error.pos >= len(text.rstrip()) else ""
        allowed = f"must be GeoJSON, and is no JSON from column {error.colno} on"
        raise input_error(f"{label}:{error.lineno}", allowed, CODE, hint=hint) from None
    except RecursionError:
        raise input_error(label, "must be GeoJSON, and is nested too deeply", CODE) from None
    except ValueError:  # Python reads whole numbers of at most some thousand digits
        raise input_error(label, "holds a number with too many digits", CODE) from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        allowed = "must be a GeoJSON feature collection: a list of features, each the outline of an area"
        raise input_error(label, allowed, CODE)
    return features


def _area(feature: object) -> str:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    area = properties.get("area") if isinstance(properties, dict) else None
    if not isinstance(area, str) or not area:
        raise ValueError("must have a property area, the name of an area")
    return area


def _rings(feature: object) -> list[NDArray[np.float64]]:
    """Return the outer rings of a feature; ValueError with what is wrong with them."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
        raise ValueError(_POLYGONS)
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        raise ValueError(f"{_POLYGONS}, with coordinates")
    if not all(isinstance(polygon, list) and polygon for polygon in polygons):
        raise ValueError(f"{_POLYGONS}, each polygon a list of rings")
    return [_ring(polygon[0]) for polygon in polygons]


def _ring(points: object) -> NDArray[np.float64]:
    if not isinstance(points, list) or len(points) < _LEAST_POINTS:
        raise ValueError("has a ring that is no list of four points or more")
    if not all(_is_point(point) for point in points):
        raise ValueError(_POINT)
    if not all(_is_in_degrees(point) for point in points):
        raise ValueError(_DEGREES)
    return np.asarray(points, dtype=np.float64)


def _is_point(point: object) -> bool:
    if not isinstance(point, list) or len(point) != 2:
        return False
    return all(isinstance(x, int | float) and not isinstance(x, bool) and _is_finite(x) for x in point)


def _is_finite(number: float) -> bool:
    return isinstance(number, int) or math.isfinite(number)  # a whole number may be beyond floating point


def _is_in_degrees(point: Sequence[float]) -> bool:
    return -180 <= point[0] <= 180 and -90 <= point[1] <= 90
