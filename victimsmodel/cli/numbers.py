"""Numbers on the command line: written as in a scenario, and refused in the same words."""

from __future__ import annotations

import re
from collections.abc import Callable

from victimsmodel.errors import InputError, input_error

_LONGEST_SHOWN = 40
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,29})")


def whole(
    option: str, allowed: str = "must be an integer, such as 1", within: range | None = None
) -> Callable[[str | int], int]:
    """Return what reads the integer of an option, from a range if one is given; a default is one already.

    Raises
    ------
    InputError
        VM269, when it reads.
    """

    def read(text: str | int) -> int:
        if isinstance(text, int) or (_WHOLE.fullmatch(text) and (within is None or int(text) in within)):
            return int(text)
        raise _refused(option, text, allowed)

    return read


def decimal(option: str, is_percentage: bool = False) -> Callable[[str | float], float]:
    """Return what reads the number of an option, whose sign of per cent may stand if it is a percentage.

    Raises
    ------
    InputError
        VM269, when it reads.
    """

    def read(text: str | float) -> float:
        if isinstance(text, (int, float)):
            return text
        from victimsmodel.inputs.strict_yaml import read_scalar

        number = read_scalar(text.strip().removesuffix("%") if is_percentage else text.strip())
        if isinstance(number, (int, float)) and not isinstance(number, bool):
            return float(number)
        raise _refused(option, text, "must be a finite number, such as 0.8 or 1385000")

    return read


def _refused(option: str, text: str, allowed: str) -> InputError:
    from victimsmodel.inputs.messages import number_hint
    from victimsmodel.inputs.strict_yaml import Rejected, read_scalar

    read = read_scalar(text)
    allowed = read.allowed if isinstance(read, Rejected) else allowed
    shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
    hint = "" if isinstance(read, (int, float)) else number_hint(text)
    return input_error(option, allowed, "VM269", field=option.lstrip("-"), value=shown, hint=hint)
