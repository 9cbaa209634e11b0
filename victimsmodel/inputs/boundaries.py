"""Outlines of areas, from GeoJSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from victimsmodel.errors import input_error
from victimsmodel.inputs.downloads.raw_files import read_bytes
from victimsmodel.inputs.sealed_reading import sealed_reading

_MOST_BYTES = 100_000_000  # generalised boundaries have a tenth of it


class Boundary(NamedTuple):
    """Outline of one area, in degrees."""

    code: str
    name: str
    #: Each ring has shape (n_points, 2), longitude and latitude; holes are rings too.
    rings: tuple[NDArray[np.float64], ...]
    area_km2: float  # as stated in the file, NaN where it is not


@sealed_reading
def load_boundaries(path: str | Path) -> tuple[Boundary, ...]:
    """Load outlines of areas from GeoJSON in degrees (EPSG:4326).

    Raises
    ------
    InputError
        If it is no collection of polygons with a code and a name, or the coordinates are no degrees.
    """
    content = read_bytes(Path(path))
    if len(content) > _MOST_BYTES:
        raise input_error(
            str(path), f"is larger than {_MOST_BYTES // 10**6} MB; use generalised boundaries", "VM081"
        )
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise input_error(str(path), "is no GeoJSON", "VM081") from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or not features:
        raise input_error(str(path), "must be a GeoJSON FeatureCollection with at least one feature", "VM081")
    return tuple(_boundary(f"{path}, feature {i}", feature) for i, feature in enumerate(features, 1))


def _boundary(where: str, feature: Any) -> Boundary:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or not isinstance(geometry, dict):
        raise input_error(where, "must have properties and geometry", "VM081")
    code, name = (_property(where, properties, ending) for ending in ("cd", "nm"))
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise input_error(where, "must be a Polygon or MultiPolygon", "VM081", value=str(kind), field="type")
    polygons: Any = [coordinates] if kind == "Polygon" else coordinates
    try:
        rings = tuple(np.array(ring, dtype=np.float64)[:, :2] for polygon in polygons for ring in polygon)
        longitude, latitude = np.concatenate(rings).T
    except (TypeError, ValueError, IndexError):
        raise input_error(where, "has coordinates that are no rings of points", "VM081") from None
    if not ((np.abs(longitude) <= 180) & (np.abs(latitude) <= 90)).all():
        hint = "Download the version in EPSG:4326 (WGS 84)."
        raise input_error(where, "has coordinates that are no degrees", "VM081", hint=hint)
    area = properties.get("area_km2")
    return Boundary(code, name, rings, float(area) if isinstance(area, (int, float)) else float("nan"))


def _property(where: str, properties: dict[str, Any], ending: str) -> str:
    """Return the code or the name of an area: ``la_code`` or as ONS names it, such as ``LAD25CD``."""
    own = "la_code" if ending == "cd" else "la_name"
    for key, value in properties.items():
        if key == own or re.fullmatch(rf"lad\d\d{ending}", key.casefold()):
            return str(value)
    found = ", ".join(properties)
    raise input_error(where, f"has no property {own} or LAD25{ending.upper()}; found: {found}", "VM081")
