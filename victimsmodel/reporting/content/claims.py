"""Sentences that can be printed only while the results say so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from victimsmodel.errors import InvariantError
from victimsmodel.reporting.content.evidence import NONE, Evidence
from victimsmodel.reporting.content.model import Cell, Cited, Inline, Judged, Quotient, Sentence, Text, pieces

_SLOT = re.compile(r"\{(\w+)\}")

Slots = Mapping[str, Inline | Text]


def _always(evidence: Evidence) -> bool:
    return True


@dataclass(frozen=True)
class Claim:
    """A sentence, the cells that fill it and the condition under which it may be said.

    Parameters
    ----------
    name : str
        Unique among claims.
    sentence : str
        A template with ``{slots}``. It holds no digit: numbers come from cells only.
    slots : callable
        Returns what fills the template.
    holds : callable
        Whether the results bear the sentence out.
    needs : tuple of str
        Tables without which it cannot be told.
    of_nobody : bool
        Whether it may be said of years in which nobody is referred: of costs, evidence or the run itself.

    Raises
    ------
    ValueError
        If the template holds a digit.
    """

    name: str
    sentence: str
    slots: Callable[[Evidence], Slots]
    holds: Callable[[Evidence], bool] = _always
    needs: tuple[str, ...] = ()
    of_nobody: bool = False

    def __post_init__(self) -> None:
        if re.search(r"\d", _SLOT.sub("", self.sentence)):
            raise ValueError(f"claim {self.name}: its numbers must come from cells: {self.sentence}")

    def is_borne_out(self, evidence: Evidence) -> bool:
        """Whether the tables are there, the condition holds and no number of it is missing."""
        if evidence.is_of_nobody and not self.of_nobody:
            return False
        if not (evidence.has(*self.needs) and self.holds(evidence)):
            return False
        return NONE not in pieces(_filled(self.sentence, self.slots(evidence)))

    def said(self, evidence: Evidence) -> Sentence:
        """Return the sentence with its numbers, and every cell that it was read from.

        Raises
        ------
        InvariantError
            If the results do not bear it out.
        """
        with evidence.reading() as cells:
            if not self.is_borne_out(evidence):
                raise InvariantError(f"claim {self.name}: the results do not bear it out [VM216]")
            slots = self.slots(evidence)
            parts = _filled(self.sentence, slots)
        return Sentence(self.name, tuple(dict.fromkeys([*cells, *_cells(parts)])), parts)


def say(claims: Iterable[Claim], evidence: Evidence) -> Text:
    """Return the first of several claims that holds, or nothing."""
    for claim in claims:
        if claim.is_borne_out(evidence):
            return (claim.said(evidence),)
    return ()


def say_all(claims: Iterable[Claim], evidence: Evidence) -> Text:
    """Return every claim that holds, one after the other."""
    said = [claim.said(evidence) for claim in claims if claim.is_borne_out(evidence)]
    return tuple(piece for sentence in said for piece in (sentence, " "))[:-1]


def _filled(template: str, slots: Slots) -> Text:
    parts: list[Inline] = []
    for i, piece in enumerate(_SLOT.split(template)):
        found: Inline | Text = slots[piece] if i % 2 else piece
        parts.extend(found if isinstance(found, tuple) else (found,))
    first = parts[0] if parts else ""
    if isinstance(first, str) and first:
        parts[0] = first[:1].upper() + first[1:]
    elif isinstance(first, str) and len(parts) > 1 and isinstance(parts[1], str):
        parts[1] = parts[1][:1].upper() + parts[1][1:]
    return tuple(part for part in parts if part != "")


def _cells(parts: Text) -> list[Cell]:
    """Return the cells of the numbers and judgements within a text."""
    found: list[Cell] = []
    for piece in pieces(parts):
        if isinstance(piece, Judged):
            found.append(piece.cell)
        elif isinstance(piece, Cited) and isinstance(piece.place, Cell):
            found.append(piece.place)
        elif isinstance(piece, Cited) and isinstance(piece.place, Quotient):
            found += [piece.place.part, piece.place.whole]
    return found
