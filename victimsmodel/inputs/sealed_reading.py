"""Readers of cases fail without showing one: not in a message, nor in what a traceback holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from traceback import extract_tb
from typing import ParamSpec, TypeVar

from victimsmodel.errors import InvariantError, VictimsModelError

_PACKAGE = Path(__file__).resolve().parents[1]
_P = ParamSpec("_P")
_T = TypeVar("_T")


def sealed_reading(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """Return a reader whose errors carry no frames, for those hold the cells that were read.

    A crash report that shows variables would repeat them, and the message of an unforeseen error often
    repeats a value: it becomes an `InvariantError` that names its kind and place alone.
    """

    @wraps(read)
    def reading(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return read(*args, **kwargs)
        except (VictimsModelError, OSError, MemoryError, KeyboardInterrupt, SystemExit) as error:
            found: BaseException = error
        except Exception as error:
            what = f"a fault of the package ({type(error).__name__} in {_place(error)})"
            found = InvariantError(f"{read.__name__}: {what}; nothing of the file is repeated [VM305]")
        found.__context__ = found.__cause__ = None
        raise found.with_traceback(None)

    return reading


def _place(error: BaseException) -> str:
    """Return the file and line in which an error arose, the last one of this package if there is one."""
    places = [(Path(frame.filename), frame.lineno) for frame in extract_tb(error.__traceback__)[1:]]
    own = [place for place in places if place[0].is_relative_to(_PACKAGE)]
    file, line = (own or places)[-1]
    return f"{file.name}:{line}"
