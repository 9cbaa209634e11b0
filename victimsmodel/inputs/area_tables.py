"""The areas of a police force: residents, deprivation, outreach venues and outlines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.errors import input_error
from victimsmodel.inputs.fields import Label, Name
from victimsmodel.inputs.quantities import Frozen

if TYPE_CHECKING:
    import pandas as pd

_CODE = "VM088"
_MOST_BYTES = 5_000_000  # those of a police force are a twentieth of it
_ALLOWED = "must be a GeoJSON feature collection of polygons with a property area"
_LEAST_POINTS = 4  # of a ring: a triangle, closed

#: Rings of longitude and latitude by area; the first and last point of a ring are the same.
Boundaries = dict[str, list[NDArray[np.float64]]]
_Point = Annotated[tuple[float, float], Field(strict=False)]
_Ring = Annotated[tuple[_Point, ...], Field(strict=False)]


class Area(Frozen):
    """One borough or district."""

    area: Name  # as in demand.boroughs
    title: Label
    la_code: str
    residents: int = Field(ge=1)
    imd_score: float = Field(ge=0)  # Index of Multiple Deprivation, average score
    imd_most_deprived_tenth: float = Field(ge=0, le=1)  # share of neighbourhoods
    venues: int = Field(ge=0)  # where outreach takes place


class Areas(Frozen):
    """All areas of the force, and their outlines for a map."""

    sources: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    table: Annotated[tuple[Area, ...], Field(strict=False, min_length=1)]
    boundaries: dict[Name, Annotated[tuple[_Ring, ...], Field(strict=False)]] = {}

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [row.area for row in self.table]
        for number, name in enumerate(names):
            if name in names[:number]:
                raise _problem(f"table.{number}.area", name, "is named twice")
        for name in self.boundaries:
            if name not in names:
                raise _problem("boundaries", name, f"is not an area of the table ({', '.join(names)})")
        return self

    def frame(self) -> pd.DataFrame:
        """Return the table, indexed by area."""
        import pandas as pd

        return pd.DataFrame([row.model_dump() for row in self.table]).set_index("area")

    def shapes(self) -> Boundaries:
        """Return the outlines as arrays of longitude and latitude."""
        return {name: [np.array(ring) for ring in rings] for name, rings in self.boundaries.items()}


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
        With code VM088 for a file that is something else.
    """
    return outlines_of(boundaries_text(path), str(path))


def boundaries_text(path: Path | str) -> str:
    """Return the text of a file of outlines."""
    source = Path(path)
    try:
        if (size := source.stat().st_size) > _MOST_BYTES:
            allowed = f"is {size:,} bytes; at most {_MOST_BYTES:,} are allowed"
            raise input_error(str(path), allowed, _CODE, hint="Use generalised boundaries.")
        return source.read_text(encoding="utf-8")
    except OSError as error:
        raise input_error(str(path), "must be a GeoJSON file", _CODE, hint=str(error)) from error
    except ValueError as error:  # no UTF-8
        raise input_error(str(path), _ALLOWED, _CODE, hint=f"{type(error).__name__}: {error}") from error


def outlines_of(text: str, label: str) -> Boundaries:
    """Return the outlines that a text states; errors name its file by the label."""
    try:
        features = json.loads(text)["features"]
        return {str(f["properties"]["area"]): _rings(f["geometry"]) for f in features}
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise input_error(label, _ALLOWED, _CODE, hint=f"{type(error).__name__}: {error}") from error


def _rings(geometry: dict[str, object]) -> list[NDArray[np.float64]]:
    coordinates = geometry["coordinates"]
    polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}[str(geometry["type"])]
    assert isinstance(polygons, list)
    rings = [np.asarray(polygon[0], dtype=np.float64) for polygon in polygons]
    if not all(ring.ndim == 2 and ring.shape[1] == 2 and len(ring) >= _LEAST_POINTS for ring in rings):
        raise ValueError("a ring has four points or more, each of longitude and latitude")
    if not all(np.isfinite(ring).all() for ring in rings):
        raise ValueError("longitude and latitude are finite numbers")
    return rings


def _problem(field: str, value: str, allowed: str) -> PydanticCustomError:
    problem = {"field": field, "value": value, "allowed": allowed, "code": _CODE, "hint": ""}
    return PydanticCustomError("areas", "invalid areas", {"problems": [problem]})
