"""Appraisal rules as dated data: discount rates, optimism bias, price base, WELLBY; one file an edition."""

from __future__ import annotations

import datetime
import itertools
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.messages import validation_problems
from victimsmodel.inputs.quantities import Frozen
from victimsmodel.inputs.strict_yaml import plain, read_yaml

EDITIONS_FOLDER = Path(__file__).with_name("editions")
#: Editions that come with the package, the latest last.
EDITIONS = ("green-book-2022", "green-book-2026")
STANDARD = "standard"

#: Read on a page of the United Kingdom government; in another named source; carried over and not confirmed.
Status = Literal["verified", "secondary", "unverified"]
_D = TypeVar("_D", bound=Frozen)


class Fact(Frozen):
    """How far something is confirmed, and where."""

    status: Status
    address: str = Field(min_length=1)
    note: str = ""


class PriceBase(Fact):
    """In which prices costs and benefits are stated."""

    text: str


class Band(Frozen):
    """A rate that holds from a year on; year 0 is the present."""

    from_year: int = Field(ge=0)
    rate: float = Field(ge=0, lt=1)


class DiscountRate(Fact):
    """Real rates by year, for one kind of effect."""

    title: str
    bands: Annotated[tuple[Band, ...], Field(strict=False, min_length=1)]
    last_year: int | None = Field(default=None, ge=1)  # the schedule is stated up to this year

    @model_validator(mode="after")
    def _check(self) -> Self:
        starts = [band.from_year for band in self.bands]
        if starts[0] != 0 or any(a >= b for a, b in itertools.pairwise(starts)):
            allowed = "must start with year 0 and go forward"
            problem = {"field": "bands", "value": "", "allowed": allowed, "code": "VM170", "hint": ""}
            raise PydanticCustomError("rules", "invalid rules", {"problems": [problem]})
        return self


class Uplift(Frozen):
    """Optimism bias of one kind of project, as a share of the early estimate."""

    title: str
    applies_to: Literal["capital cost", "operating cost"]
    upper: float = Field(ge=0)  # nothing done about the risks
    lower: float = Field(ge=0)  # risks managed


class OptimismBias(Fact):
    """Guidance values by kind of project."""

    categories: dict[str, Uplift]


class Wellby(Fact):
    """Value of one point of life satisfaction for one person for one year, GBP."""

    central: float = Field(gt=0)
    low: float = Field(gt=0)
    high: float = Field(gt=0)
    price_year: str = Field(pattern=r"^\d{4}$|^\d{4}/\d{2}$")


class Rules(Frozen):
    """One edition of the rules of appraisal."""

    name: str
    edition: str
    publisher: str
    published: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")
    address: str
    publication: Fact
    price_base: PriceBase
    discount_rates: dict[str, DiscountRate]
    optimism_bias: OptimismBias
    wellby: Wellby
    note: str = ""

    @property
    def label(self) -> str:
        """The edition as every table prints it."""
        day = datetime.date.fromisoformat(self.published)
        return f"{self.publisher}, {self.edition}, {day.day} {day:%B %Y}"


def load_rules(edition: str | Path = EDITIONS[-1]) -> Rules:
    """Load an edition of the appraisal rules.

    Parameters
    ----------
    edition : str or Path
        One of `EDITIONS`, or a YAML file of the same form.

    Raises
    ------
    InputError
        For an unknown edition, and with everything that is wrong with a file.
    """
    if Path(edition).suffix in (".yaml", ".yml"):
        return read_dated(Path(edition), Rules)
    if edition not in EDITIONS:
        allowed = f"must be {' or '.join(EDITIONS)}, or a YAML file"
        hint = did_you_mean(str(edition), EDITIONS)
        raise input_error("rules", allowed, "VM170", field="edition", value=str(edition), hint=hint)
    return read_dated(EDITIONS_FOLDER / f"{edition}.yaml", Rules)


def read_dated(path: Path, model: type[_D]) -> _D:
    """Read one file of dated data, with every problem at its line."""
    problems: list[Problem] = []
    root = read_yaml(path, problems)
    try:
        found = model.model_validate(plain(root))
    except ValidationError as error:
        raise InputError([*problems, *validation_problems(error, root, model)]) from None
    if problems:
        raise InputError(problems)
    return found


def discount_factors(years: ArrayLike, rules: Rules, rate: str = STANDARD) -> NDArray[np.float64]:
    """Return the present value of one pound in each year.

    The rate of year k applies to the step from year k - 1 to k, so that factors fall without a jump
    where the rate changes.

    Parameters
    ----------
    years : array_like of int
        Whole years from now, 0 or more, any shape.
    rules : Rules
    rate : str
        A key of ``rules.discount_rates``: standard, health, reduced or health_reduced.

    Returns
    -------
    ndarray
        Same shape; 1 in year 0.

    Raises
    ------
    InputError
        For a rate that the edition does not state, or does not state for so late a year.
    ValueError
        For years that are negative or not whole.

    References
    ----------
    HM Treasury, The Green Book (2022), annex A6: declining long-term discount rate.
    """
    asked = np.asarray(years)
    whole = asked.astype(np.int64)
    if asked.size == 0:
        return np.ones(asked.shape)
    if (whole != asked).any() or (whole < 0).any():
        raise ValueError("years must be whole numbers, 0 or more")
    if rate not in rules.discount_rates:
        known = list(rules.discount_rates)
        allowed = f"is not a discount rate of {rules.edition} (known: {', '.join(known)})"
        raise input_error(
            rules.name, allowed, "VM171", field="rate", value=rate, hint=did_you_mean(rate, known)
        )
    schedule, last = rules.discount_rates[rate], int(whole.max())
    if schedule.last_year is not None and last > schedule.last_year:
        allowed = f"is stated up to year {schedule.last_year} only, and year {last} was asked for"
        raise input_error(rules.name, allowed, "VM171", field=rate)
    starts = np.array([band.from_year for band in schedule.bands])
    rates = np.array([band.rate for band in schedule.bands])
    steps = np.arange(1, last + 1)
    yearly = rates[np.searchsorted(starts, steps, side="right") - 1]
    factors: NDArray[np.float64] = np.concatenate([[1.0], 1 / np.cumprod(1 + yearly)])
    return factors[whole]


def optimism_bias(
    costs: ArrayLike, rules: Rules, category: str, mitigation: float = 0.0
) -> NDArray[np.float64]:
    """Return costs with the uplift for optimism of an edition.

    Parameters
    ----------
    costs : array_like
        GBP, any shape.
    rules : Rules
    category : str
        A key of ``rules.optimism_bias.categories``.
    mitigation : float
        Share of the upper-bound uplift that managing risks has taken away, 0 to 1; with full mitigation
        no less than the lower bound remains.

    Returns
    -------
    ndarray
        ``costs * (1 + max(upper * (1 - mitigation), lower))``.

    References
    ----------
    Mott MacDonald (2002), Review of Large Public Procurement in the UK; HM Treasury, supplementary Green
    Book guidance: optimism bias.
    """
    known = rules.optimism_bias.categories
    if category not in known:
        allowed, hint = f"is not a category (known: {', '.join(known)})", did_you_mean(category, known)
        raise input_error(rules.name, allowed, "VM172", field="category", value=category, hint=hint)
    if not 0 <= mitigation <= 1:
        allowed = "must be a share from 0 to 1"
        raise input_error(rules.name, allowed, "VM172", field="mitigation", value=f"{mitigation:g}")
    bias = known[category]
    return np.asarray(costs, dtype=np.float64) * (1 + max(bias.upper * (1 - mitigation), bias.lower))


def with_rules(table: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return a table with the edition in a last column ``rules`` and in its attributes."""
    found = table.assign(rules=rules.label)
    found.attrs["rules"] = rules.label
    return found
