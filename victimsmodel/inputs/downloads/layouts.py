"""The official layouts: which columns a file must have, under which names they are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from textwrap import shorten
from typing import NamedTuple

from victimsmodel.errors import InputError, input_error
from victimsmodel.inputs.downloads.quoting import other_separator
from victimsmodel.inputs.finding import closest


class Column(NamedTuple):
    """A column by our name, its official name and the names of other years."""

    name: str
    official: str
    variants: tuple[str, ...] = ()
    is_required: bool = True


class Layout(NamedTuple):
    """A kind of file by its columns."""

    title: str  # ends the sentence "this file is ..."
    columns: tuple[Column, ...]

    @property
    def required(self) -> tuple[str, ...]:
        """Official names of the columns without which a file is not of this kind."""
        return tuple(column.official for column in self.columns if column.is_required)


class Match(NamedTuple):
    """How a header fits a layout."""

    positions: dict[str, int]  # by our name
    missing: tuple[str, ...]  # official names
    repeated: tuple[str, ...]  # headings that stand twice


_YEAR = Column("financial_year", "Financial Year", ("fin year", "year"))
_QUARTER = Column("financial_quarter", "Financial Quarter", ("fin quarter", "quarter", "qtr"), False)
_FORCE = Column("force", "Force Name", ("police force", "force", "police force area"))
_CSP = Column("csp", "CSP Name", ("community safety partnership", "csp"))
_OFFENCE = (
    Column("offence", "Offence Description", ("offence",)),
    Column("offence_group", "Offence Group", ("group",)),
    Column("offence_subgroup", "Offence Subgroup", ("offence sub group", "offence sub-group", "subgroup")),
    Column("offence_code", "Offence Code", ("code", "ho offence code")),
)
_OFFENCES = Column(
    "offences",
    "Number of Offences",
    ("offence count", "offences", "number of offences recorded", "total", "total number of offences"),
)

FORCE_TABLE = Layout(
    "a Home Office police recorded crime table by police force area",
    (_YEAR, _QUARTER, _FORCE, *_OFFENCE, _OFFENCES),
)
CSP_TABLE = Layout(
    "a Home Office police recorded crime table by Community Safety Partnership",
    (_YEAR, _QUARTER, _FORCE, _CSP, *_OFFENCE, _OFFENCES),
)
ONS_CSP_TABLE = Layout(
    "the ONS table C2 of recorded crime by Community Safety Partnership in tidy form",
    (
        Column("year_ending", "year_ending"),
        Column("level", "level"),
        Column("force", "pfa_name", ("police force area name",)),
        Column("csp", "csp_name", ("community safety partnership name",)),
        Column("la_code", "la_code", ("local authority code",), False),
        Column("offence", "offence"),
        Column("offences", "offences"),
    ),
)
STREET_FILE = Layout(
    "a data.police.uk street-level file",
    tuple(
        Column(name.lower().replace(" ", "_"), name)
        for name in (
            *("Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location"),
            *("LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context"),
        )
    ),
)
_LA = (
    Column("la_code", "la_code", ("code", "ladcode", "lad code", "lad21cd", "lad23cd", "area codes")),
    Column("la_name", "la_name", ("name", "laname", "ladname", "lad21nm", "lad23nm", "area names")),
)
POPULATION = Layout(
    "the ONS mid-year population by local authority in tidy form",
    (
        *_LA,
        Column("year", "year"),
        Column("population", "population", ("all ages", "persons")),
        Column("pfa_code", "pfa_code", (), False),
        Column("force", "pfa_name", (), False),
    ),
)
POPULATION_MYE2 = Layout(
    "the ONS mid-year population as published (sheet MYE2)",
    (
        Column("la_code", "Code"),
        Column("la_name", "Name"),
        Column("geography", "Geography", ("geography1",)),
        Column("population", "All ages"),
    ),
)
DEPRIVATION = Layout(
    "the Indices of Multiple Deprivation by local authority",
    (
        *_LA,
        Column("score", "Score", ("imd average score", "imd - average score")),
        Column("share_most_deprived", "Proportion", ("imd - proportion of lsoas in most deprived 10%",)),
        Column("extent", "Extent", ("imd - extent",), False),
    ),
)
AREA_LOOKUP = Layout(
    "the look-up from local authority to police force area",
    (
        Column("la_code", "lad21cd", ("la_code", "lad23cd", "lad22cd", "lad20cd", "lad19cd")),
        Column("pfa_code", "pfa21cd", ("pfa_code", "pfa23cd", "pfa22cd", "pfa20cd", "pfa19cd")),
        Column("force", "pfa21nm", ("pfa_name", "pfa23nm", "pfa22nm", "pfa20nm", "pfa19nm")),
    ),
)
#: Columns that hold numbers, by our names.
NUMBERS = frozenset(("offences", "population", "score", "share_most_deprived", "extent"))
#: The fuller ones first: a table by Community Safety Partnership has all columns of one by force.
LAYOUTS = (
    *(CSP_TABLE, FORCE_TABLE, ONS_CSP_TABLE, STREET_FILE),
    *(POPULATION, POPULATION_MYE2, DEPRIVATION, AREA_LOOKUP),
)

_VALUE = re.compile(r"[-+]?\d[\d.,/: -]*")  # a number, a date or a time
_LONG_NUMBER = re.compile(r"\S*(?<!\d)(?!(?:19|20)\d\d(?!\d))\d{3,}\S*")  # and the word around it; not a year
_MOST_SHOWN = 100  # characters of what is no header
_NOTE_MARK = re.compile(r"\[[^\]]*\]|\(note[^)]*\)|[*†¹²³]+$")


def normalised(heading: str) -> str:
    """Return a heading without case, underscores, repeated spaces and marks of footnotes."""
    return " ".join(_NOTE_MARK.sub(" ", heading).replace("_", " ").casefold().split())


def match(layout: Layout, header: Sequence[str]) -> Match:
    """Say which heading is which column of a layout; an official name goes before a variant."""
    return _match(layout, header, [normalised(heading) for heading in header])


def _match(layout: Layout, header: Sequence[str], found: list[str]) -> Match:
    """Match a header whose headings were normalised."""
    positions: dict[str, int] = {}
    missing: list[str] = []
    repeated: list[str] = []
    for column in layout.columns:
        name = next((name for name in _known(column) if name in found), "")
        if name:
            positions[column.name] = found.index(name)
            repeated += [header[found.index(name)]] * (found.count(name) > 1)
        elif column.is_required:
            missing.append(column.official)
    return Match(positions, tuple(missing), tuple(repeated))


@cache
def _known(column: Column) -> list[str]:
    """Return the headings that a column may have."""
    return [normalised(name) for name in (column.official, column.name, *column.variants)]


def best_layout(layouts: Iterable[Layout], header: Sequence[str]) -> Layout | None:
    """Return the layout that a header fits completely, the fuller one if there are several."""
    found = [normalised(heading) for heading in header]
    fitting = [layout for layout in layouts if not _match(layout, header, found).missing]
    return max(fitting, key=lambda layout: len(layout.required), default=None)


def holds_values(header: Sequence[str]) -> bool:
    """Say whether numbers or dates stand where the names of columns should."""
    return any(_VALUE.fullmatch(cell) for cell in header)


def headings_shown(header: Sequence[str]) -> str:
    """Return the headings that were found, for a message; those of a row of values are not repeated.

    Where the header is missing, the first row stands in its place, with ids of victims perhaps.
    """
    if holds_values(header):
        return "values in place of names"
    shown = [_LONG_NUMBER.sub("...", heading) for heading in header if heading]
    return ", ".join(shown)[:400] or "nothing"


def _unlike(layout: Layout, header: Sequence[str]) -> float:
    """Say how much of a layout a header lacks, as a share."""
    return len(match(layout, header).missing) / len(layout.required)


def misfit(where: str, header: Sequence[str], wanted: Sequence[Layout]) -> InputError:
    """Return the error for a header that fits none of the layouts asked for."""
    other = best_layout(LAYOUTS, header)
    titles = " or ".join(layout.title for layout in wanted)
    if other is not None and other not in wanted:
        return input_error(where, f"is {other.title}, not {titles}", "VM073")
    shown = headings_shown(header)
    if not any(match(layout, header).positions for layout in wanted):
        expected = f"{wanted[0].title} has: {', '.join(wanted[0].required)}"
        shown = shorten(shown, _MOST_SHOWN, placeholder=" ...")
        allowed = f"has no column of a table that is read here (found: {shown}); must be {titles}; {expected}"
        hint = other_separator(header[0]) if len(header) == 1 else ""
        return input_error(where, allowed, "VM072", hint=hint)
    nearest = min(wanted, key=lambda layout: _unlike(layout, header))
    missing = match(nearest, header).missing
    unused = [
        heading for i, heading in enumerate(header) if i not in match(nearest, header).positions.values()
    ]
    near = {name: closest(normalised(name), [normalised(h) for h in unused if h]) for name in missing}
    hints = [
        f"Is '{next(h for h in unused if normalised(h) == found)}' the column {name}?"
        for name, found in near.items()
        if found
    ]
    allowed = f"has no column {', '.join(missing)}; found: {shown}; {nearest.title} has: "
    return input_error(where, allowed + ", ".join(nearest.required), "VM072", hint=" ".join(hints))
