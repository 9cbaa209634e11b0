"""The range that a description allows at a place, so that a message shows all of it."""

from __future__ import annotations

import math
import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from victimsmodel.inputs.fields import MOST_COUNT


def allowed_range(loc: tuple[str | int, ...], root: type[BaseModel]) -> str:
    """Return the range of a number as a phrase, such as "from 1 to 500"; empty where there is none."""
    ends: dict[str, Any] = {}
    for mark in _marks_at(loc, root):
        for kind, name in ((Ge, "ge"), (Gt, "gt"), (Le, "le"), (Lt, "lt")):
            if isinstance(mark, kind):
                ends[name] = getattr(mark, name)
    ends = {name: _written(end) for name, end in ends.items()}
    if "ge" in ends and "le" in ends:
        return f"from {ends['ge']} to {ends['le']}"
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    return " and ".join(f"{words[name]} {ends[name]}" for name in words if name in ends)


def _written(end: float) -> str:
    return f"2^{math.log2(end):.0f}" if end == MOST_COUNT else f"{end:g}"


def _marks_at(loc: tuple[str | int, ...], root: type[BaseModel]) -> Iterator[Any]:
    annotation: Any = root
    marks: list[Any] = []
    for part in loc:
        annotation, _ = _bare(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = annotation.model_fields.get(str(part))
            if field is None:
                return
            annotation, marks = field.annotation, list(field.metadata)
        elif get_origin(annotation) in (dict, list, tuple):
            annotation, marks = [a for a in get_args(annotation) if a is not Ellipsis][-1], []
        else:
            return
    yield from marks
    yield from _bare(annotation)[1]


def _bare(annotation: Any) -> tuple[Any, list[Any]]:
    """Strip `Annotated` and `| None` from a type; return it with what was stated there."""
    marks: list[Any] = []
    while True:
        if hasattr(annotation, "__metadata__"):
            for mark in annotation.__metadata__:
                marks += mark.metadata if isinstance(mark, FieldInfo) else [mark]
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation, marks
