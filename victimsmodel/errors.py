"""The exceptions a user can meet, their codes and exit statuses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input, in the words a user needs to mend it.

    Parameters
    ----------
    where : str
        File and line (``parameters/x.yaml:14``), or the command-line option, that holds the value.
    field : str
        Dotted name of the field as it is written there; empty when the whole file is meant.
    value : str
        The value found, as text; empty when there is none.
    allowed : str
        What is allowed, as a phrase that follows a colon.
    code : str
        Stable code such as ``VM012``.
    hint : str
        The likely intention as a sentence; empty when there is none.
    """

    where: str
    field: str
    value: str
    allowed: str
    code: str
    hint: str = ""

    def __str__(self) -> str:
        subject = f"{self.field} = {self.value}" if self.field and self.value else self.field
        parts = [part for part in (self.where, subject, self.allowed) if part]
        hint = f" {self.hint}" if self.hint else ""
        return visible(": ".join(parts) + f".{hint} [{self.code}]")


def visible(text: str) -> str:
    """Return a message in one line: what cannot be seen, or would move a terminal, as its escape."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


class VictimsModelError(Exception):
    """Base of all errors that are meant for a user; ``exit_status`` is what the command returns."""

    exit_status = 2

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows instead of a traceback: the message, with the place meant there."""
        return [re.sub(r"^--set: ", "overrides: ", line) for line in str(self).splitlines()]


class InputError(VictimsModelError):
    """Bad input: every problem that was found, one line each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class PrivacyError(InputError):
    """A file that may hold personal data is refused; no value of it is ever repeated."""

    exit_status = 77


class NotAssuredError(InputError):
    """A run is not signed off, or its sign-off no longer holds, where that is required."""

    exit_status = 3


class DisclosedError(InputError):
    """An audit found counts of people that are too small to be shown."""

    exit_status = 78


class InvariantError(VictimsModelError):
    """A guarantee of the model broke; this is a fault of the package, not of the input."""

    exit_status = 4


class PoisonError(InvariantError):
    """Some simulated years could not be computed by the workers; all others were."""

    def __init__(self, failures: Iterable[object], n_pieces: int) -> None:
        self.failures, self.n_pieces = tuple(failures), n_pieces
        named = "".join(f"\n  {failure}" for failure in self.failures)
        super().__init__(
            f"{len(self.failures)} simulated years cannot be computed; the rest of {n_pieces} pieces is done "
            f"[VM214]:{named}"
        )

    def of(self, where: str) -> PoisonError:
        """Return the same with where it was in front of each year."""
        return PoisonError([f"{where}: {failure}" for failure in self.failures], self.n_pieces)


class CannotWriteError(VictimsModelError):
    """The output folder cannot be written to."""

    exit_status = 73


class BusyError(VictimsModelError):
    """Something that is needed is in use by another program."""

    exit_status = 75


class DiskFullError(CannotWriteError):
    """The disk has no room for what is to be written."""

    exit_status = 74


def input_error(
    where: str, allowed: str, code: str, *, field: str = "", value: str = "", hint: str = ""
) -> InputError:
    """Return an `InputError` that holds a single problem."""
    return InputError([Problem(where, field, value, allowed, code, hint)])
