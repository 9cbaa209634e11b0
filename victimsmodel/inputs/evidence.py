"""The evidence library: published contact and attrition figures of services, one row a figure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.fields import Count, CountOfAny, Label, Name
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.messages import validation_problems
from victimsmodel.inputs.quantities import Frozen
from victimsmodel.inputs.scenario import ADDRESS_PATTERN
from victimsmodel.inputs.shipped import parameter_file
from victimsmodel.inputs.strict_yaml import Node, plain
from victimsmodel.inputs.table_files import read_table

if TYPE_CHECKING:
    import pandas as pd

_FILE = "evidence/published.csv"
_ROWS = "figures"
_EARLIEST, _LATEST = 1970, 2100

#: How the police's victims come to a service; design 4.2, and consent asked before any referral.
Regime = Literal["automatic_transfer", "needs_flagged", "opt_in", "self_or_agency", "unclear"]
#: What counts as contact, and as support; blank where a figure involves neither.
ContactDefinition = Literal["", "spoken", "replied", "offered", "attempted", "recalled", "unclear"]
SupportDefinition = Literal["", "enhanced", "any_help", "open_cases", "offered", "unclear"]

#: The quantities of the shipped library in words; a library of one's own may hold others.
QUANTITIES: Mapping[str, str] = MappingProxyType(
    {
        "excluded": "referrals out of scope or duplicate",
        "details_missing": "referrals without usable contact details",
        "unsafe": "referrals unsafe to contact",
        "unsuitable": "referrals unsuitable for contact",
        "consent": "victims referred when consent is asked first",
        "consent_missing": "referrals without consent to contact",
        "valid_of_referred": "valid referrals",
        "self_referred": "referrals by the victims themselves",
        "referred_of_crimes": "crimes referred",
        "attempted_of_referred": "referrals with an attempt at contact",
        "first_channel.phone": "first attempts by phone",
        "first_channel.text": "first attempts by text message",
        "first_channel.letter": "first attempts by letter",
        "repeat_calls": "phoned victims who needed two calls or more",
        "reach.phone": "phoned victims reached, after repeated calls",
        "reach.text": "text messages answered",
        "reach.letter": "letters answered",
        "unreached.phone": "phoned victims not reached",
        "contacted_of_attempted": "attempted victims contacted",
        "contacted_of_referred": "referred victims contacted",
        "contacted_of_known_incidents": "incidents known to the police with contact recalled",
        "declined_of_contacted": "contacted victims who declined",
        "moved_of_contacted": "contacted victims who had moved away",
        "information_of_contacted": "contacted victims sent information only",
        "equipment_of_contacted": "contacted victims sent safety equipment only",
        "enhanced_offered_of_contacted": "contacted victims offered enhanced support",
        "supported_of_contacted": "contacted victims supported",
        "supported_of_assessed": "assessed victims supported",
        "supported_of_referred": "referred victims supported",
        "supported_of_crimes": "crimes whose victims were supported",
    }
)

#: To follow "services" in a sentence.
REGIME_PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "automatic_transfer": "fed by automatic transfer",
        "needs_flagged": "fed by needs-flagged referrals",
        "opt_in": "fed by victims who agreed to be referred",
        "self_or_agency": "fed by the victims themselves or by agencies",
        "unclear": "whose way of referral is not known",
    }
)
DEFINITION_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "spoken": "spoken to",
        "replied": "replied",
        "offered": "offered help",
        "attempted": "attempt made",
        "recalled": "contact recalled in a survey",
        "unclear": "not defined",
        "enhanced": "support beyond information",
        "any_help": "any help",
        "open_cases": "cases open on a day",
    }
)


def quantity_words(quantity: str) -> str:
    """Return a quantity in words: its own, or its name's."""
    return QUANTITIES.get(quantity, quantity.replace("_", " ").replace(".", ", "))


def definition_words(definition: str) -> str:
    """Return a definition, or two with a slash between, in words."""
    return ", ".join(DEFINITION_TITLES[part] for part in definition.split("/") if part)


class Figure(Frozen):
    """One published figure: so many of so many, with what was counted and where it stands."""

    source: Name
    title: Label
    address: Annotated[str, StringConstraints(pattern=ADDRESS_PATTERN)]
    area: Label
    service: Label  # the same service has the same name in every row
    period: Label
    year: int = Field(ge=_EARLIEST, le=_LATEST)  # in which the period starts
    quantity: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)?$")
    stage: Name
    parent_stage: str
    numerator: Count
    denominator: CountOfAny | None  # None: a volume, not a share
    contact_definition: ContactDefinition
    support_definition: SupportDefinition
    regime: Regime
    quality: Literal["A", "B", "C", "D"]
    counted: Literal["printed", "rounded", "derived", "index"]
    pool: Literal["yes", "no"]  # no: index numbers, volumes, stocks, overlapping periods
    note: str

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.denominator is None:
            if self.pool == "yes":
                raise _problem("pool", self.pool, "must be no where the denominator is missing")
            return self
        if self.numerator > self.denominator:
            raise _problem("numerator", str(self.numerator), f"must be at most {self.denominator}")
        if not self.parent_stage:
            raise _problem("parent_stage", "", "must name what the denominator counts")
        if self.counted == "index" and self.pool == "yes":
            raise _problem("pool", self.pool, "must be no for index numbers, which are not counts")
        return self


class _Library(Frozen):
    figures: Annotated[tuple[Figure, ...], Field(strict=False)]


COLUMNS = tuple(Figure.model_fields)
_TEXT = tuple(name for name in COLUMNS if name not in ("year", "numerator", "denominator"))


def load_evidence(path: Path | str | None = None) -> pd.DataFrame:
    """Return the published figures that come with the package, and those of a file below them.

    Parameters
    ----------
    path : Path or str, optional
        CSV file with the same columns (``parameters/evidence/README.md`` says what each means).

    Returns
    -------
    DataFrame
        One row a figure, in the columns of `COLUMNS`; ``definition``, what was counted, as contact
        and support definition with a slash between; ``file`` and ``line``.

    Raises
    ------
    InputError
        With every problem of the file: place, column, value and what is allowed (VM100 for columns,
        VM101 for numbers that contradict each other, VM102 for a figure that stands twice).
    """
    import pandas as pd

    shipped = _read(parameter_file(_FILE))
    if path is None:
        return shipped
    return pd.concat([shipped, _read(Path(path), shipped)], ignore_index=True)


def _read(path: Path, others: pd.DataFrame | None = None) -> pd.DataFrame:
    import pandas as pd

    if not path.is_file():
        raise input_error(str(path), "does not exist", "VM001")
    problems: list[Problem] = []
    table = read_table(path, _ROWS, problems)
    root = Node({_ROWS: _as_text(table)}, str(path))
    _refuse_columns(table, str(path))
    try:
        figures = _Library.model_validate(plain(root)).figures
    except ValidationError as error:
        unread = {problem.field for problem in problems}
        found = [p for p in validation_problems(error, root) if p.field not in unread]
        raise InputError([*problems, *found]) from None
    if problems:
        raise InputError(problems)
    frame = pd.DataFrame([figure.model_dump() for figure in figures], columns=list(COLUMNS))
    frame[["numerator", "denominator"]] = frame[["numerator", "denominator"]].astype("Int64")
    parts = frame[["contact_definition", "support_definition"]].to_numpy(dtype=object)
    frame["definition"] = ["/".join(part for part in row if part) for row in parts]
    frame["file"] = path.name
    frame["line"] = range(2, len(frame) + 2)
    _refuse_repeats(frame, str(path), others)
    return frame


def _refuse_columns(table: Node, where: str) -> None:
    """Refuse a file with other columns than those of the library."""
    assert isinstance(table.value, list)
    if not table.value:
        raise input_error(where, "must hold a figure below its header", "VM100")
    first = table.value[0].value
    assert isinstance(first, dict)
    missing = [name for name in COLUMNS if name not in first]
    extra = [name for name in first if name not in COLUMNS]
    listed = f"must be one of the columns {', '.join(COLUMNS)}"
    problems = [Problem(f"{where}:1", name, "", "is a column that is missing", "VM100") for name in missing]
    problems += [
        Problem(f"{where}:1", name, "", listed, "VM100", did_you_mean(name, missing)) for name in extra
    ]
    if problems:
        raise InputError(problems)


def _as_text(table: Node) -> Node:
    """Read empty cells and numbers of text columns as text: a period may be called 2015."""
    assert isinstance(table.value, list)
    rows = []
    for row in table.value:
        assert isinstance(row.value, dict)
        cells = {
            name: Node("" if cell.value is None else str(cell.value), cell.where, cell.field)
            if name in _TEXT
            else cell
            for name, cell in row.value.items()
        }
        rows.append(Node(cells, row.where, row.field))
    return Node(list(rows), table.where, table.field)


def _refuse_repeats(frame: pd.DataFrame, where: str, others: pd.DataFrame | None) -> None:
    """Refuse a figure that stands in the file, or in the shipped one, already: it would count twice."""
    import pandas as pd

    key = ["source", "service", "period", "quantity", "stage", "parent_stage", "definition"]
    both = frame if others is None else pd.concat([others, frame], ignore_index=True)
    first = both[~both.duplicated(key)].set_index(key)[["file", "line"]]
    problems = []
    for row in both[both.duplicated(key)].itertuples():
        at = first.loc[tuple(getattr(row, name) for name in key)]
        allowed = f"stands in {at['file']}, line {at['line']}, already"
        problems.append(Problem(f"{where}:{row.line}", "quantity", str(row.quantity), allowed, "VM102"))
    if problems:
        raise InputError(problems)


def _problem(field: str, value: str, allowed: str) -> PydanticCustomError:
    problem = {"field": field, "value": value, "allowed": allowed, "code": "VM101", "hint": ""}
    return PydanticCustomError("evidence", "invalid figure", {"problems": [problem]})
