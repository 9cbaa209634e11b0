"""Readers of cases fail without showing one: not in a message, nor in what a traceback holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from victimsmodel.errors import InvariantError, VictimsModelError

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
    """Return the file and line in which an error arose, of this package if it arose there."""
    place, trace = "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if not place or "victimsmodel" in name:
            place = f"{Path(name).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
