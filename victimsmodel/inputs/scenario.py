"""The frozen scenario: area, period, demand, standards and the options to compare."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from victimsmodel.inputs.appraisal import Appraisal
from victimsmodel.inputs.area_tables import Areas
from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.inputs.estimates_file import LinkedEstimates
from victimsmodel.inputs.fields import FinancialYear, IsoDate, Label, Name, problem_at
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.from_crime import FromCrime, Needs
from victimsmodel.inputs.funding_lines import FundingLine
from victimsmodel.inputs.history import History
from victimsmodel.inputs.incidents import IncidentRate, MajorIncident
from victimsmodel.inputs.levers import Lever
from victimsmodel.inputs.look_alike import meant
from victimsmodel.inputs.observed import Observations
from victimsmodel.inputs.plans import Plans
from victimsmodel.inputs.posterior_file import Posterior
from victimsmodel.inputs.projection import Projection
from victimsmodel.inputs.quantities import (
    Frozen,
    Observed,
    OddsRatio,
    Probability,
    Victims,
    VictimsPerYear,
)
from victimsmodel.inputs.service import Contact, Service

SLUG_PATTERN = r"^[a-z][a-z0-9-]{0,59}$"
#: Names that some file systems keep for devices.
RESERVED_NAMES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(1, 10))}
)


def _not_reserved(name: str) -> str:
    if name in RESERVED_NAMES:
        allowed = "is the name of a device on Windows; no file can have it"
        raise problem_at("", name, allowed, "VM261", f"Did you mean {name}-area?")
    return name


Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN), AfterValidator(_not_reserved)]
Priority = Literal["enhanced", "standard"]

PRIORITIES: tuple[Priority, ...] = ("enhanced", "standard")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BUSINESS_AS_USUAL = "business_as_usual"
DEFAULT = "default"


class Group(NamedTuple):
    """A kind of victim that parameters may differ by: crime type x priority."""

    name: str
    crime_type: str
    priority: Priority
    title: str


#: Of what is evaluated; bank holidays and prices are not known far from now.
_FIRST_YEAR, _LAST_YEAR = 1950, 2100


class Period(Frozen):
    """The year that is evaluated, and the days simulated before and after it."""

    start: IsoDate
    end: IsoDate
    warm_up_days: int = Field(ge=0, le=730)
    run_out_days: int = Field(ge=0, le=1095)
    steps_per_day: int = Field(ge=1, le=48)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not _FIRST_YEAR <= self.start.year < _LAST_YEAR:
            allowed = f"must lie between {_FIRST_YEAR} and {_LAST_YEAR}"
            raise problem_at("start", str(self.start), allowed, "VM015")
        days = (self.end - self.start).days + 1
        if not 2 <= days <= 3 * 366:
            message = f"must be after start ({self.start}) and at most three years later"
            raise problem_at("end", str(self.end), message, "VM015")
        return self

    @property
    def days(self) -> int:
        """Number of days from start to end, both included."""
        return (self.end - self.start).days + 1

    @property
    def years(self) -> float:
        """Length in years; a leap year counts as one."""
        after = self.end + timedelta(days=1)
        same_day = (after.month, after.day) == (self.start.month, self.start.day)
        return float(after.year - self.start.year) if same_day else self.days / 365.25


class CrimeType(Frozen):
    """One kind of crime: who counts as enhanced priority, and how many victims need support."""

    title: Label
    enhanced_share: Probability
    need: Probability


class Stream(Frozen):
    """Victims who come by another way than the police."""

    title: Label
    victims_per_year: VictimsPerYear
    entry: Literal["referred", "contacted", "consented", "accepted"]  # stage at which they enter
    need: Probability
    crime_types: Observed | None = None  # their mix; that of recorded offences by default


class Surge(Frozen):
    """Victims on top of the usual ones for some days, as after a major incident."""

    title: Label
    start: IsoDate
    days: int = Field(ge=1, le=366)
    victims: Victims
    crime_type: Name


class Opening(Frozen):
    """What the service has in hand when the simulation starts; those victims are not counted."""

    waiting: int = Field(default=0, ge=0, le=1_000_000)  # for their first attempt
    waited_days: int = Field(default=0, ge=0, le=365)  # so long already
    open_cases: int = Field(default=0, ge=0, le=1_000_000)


class Demand(Frozen):
    """How many victims, who they are, when they come and how many need support."""

    victims_per_year: VictimsPerYear
    need: Probability
    enhanced_need_odds_ratio: OddsRatio
    recorded_offences: Observed
    monthly_profile: Observed
    crime_types: dict[Name, CrimeType] = Field(min_length=1, max_length=100)
    boroughs: Observed | None = None  # offences or victims by borough
    history: History | None = None  # what a forecast starts from
    projection: Projection | None = None  # the evaluated year follows the forecast
    from_crime: FromCrime | None = None  # what leads from recorded crime to victims
    needs: Needs | None = None  # what those in need, need
    areas: Areas | None = None  # residents, deprivation and venues by borough
    streams: dict[Name, Stream] = {}
    surges: dict[Name, Surge] = {}
    incidents: dict[Name, MajorIncident] = {}
    incident_rate: IncidentRate | None = None  # for planning; not simulated

    @model_validator(mode="after")
    def _check(self) -> Self:
        _same_names("recorded_offences.values", self.recorded_offences.values, self.crime_types)
        _same_names("monthly_profile.values", self.monthly_profile.values, MONTHS)
        for name, stream in self.streams.items():
            if stream.crime_types is not None:
                field = f"streams.{name}.crime_types.values"
                _same_names(field, stream.crime_types.values, self.crime_types)
        for name, surge in self.surges.items():
            if surge.crime_type not in self.crime_types:
                allowed = f"is not a crime type (known: {', '.join(self.crime_types)})"
                raise problem_at(f"surges.{name}.crime_type", surge.crime_type, allowed, "VM021")
        for name, incident in self.incidents.items():
            for crime_type in incident.crime_types.values:
                if crime_type not in self.crime_types:
                    allowed = f"is not a crime type (known: {', '.join(self.crime_types)})"
                    field = f"incidents.{name}.crime_types.values"
                    raise problem_at(field, crime_type, allowed, "VM089")
        if self.areas is not None and self.boroughs is not None:
            names = (row.area for row in self.areas.table)
            _same_names("boroughs.values", self.boroughs.values, names)
        if self.history is not None:
            stated = {f"history.offences.{name}": name for name in self.history.crime_types}
            for number, shift in enumerate(self.history.level_shifts):
                stated[f"history.level_shifts.{number}.crime_type"] = shift.crime_type
            for field, crime_type in stated.items():
                if crime_type not in self.crime_types:
                    allowed = f"is not a crime type (known: {', '.join(self.crime_types)})"
                    hint = f"Did you mean {near}?" if (near := meant(crime_type, self.crime_types)) else ""
                    value = "" if field.endswith(crime_type) else crime_type
                    raise problem_at(field, value, allowed, "VM021", hint)
        return self


class Standards(Frozen):
    """Service standards, in calendar days, against which waits are counted."""

    first_attempt_days: int = Field(ge=0, le=119)
    contact_days: int = Field(ge=0, le=119)
    support_days: int = Field(ge=0, le=119)


class Option(Frozen):
    """Something the commissioner could choose: a service, as a difference from business as usual."""

    title: Label
    summary: str
    #: Share of the service that runs the new way from a date on; before the first date, none of it does.
    introduction: dict[IsoDate, Annotated[float, Field(ge=0, le=1)]] = {}
    service: Service


#: What stands in place of a source where no evidence was found.
ASSUMPTION = "assumption"

ADDRESS_PATTERN = r"^(https?://[^\s<>\"']+)?$"


class Source(Frozen):
    """An entry of the sources register."""

    title: Label
    year: str
    address: Annotated[str, StringConstraints(pattern=ADDRESS_PATTERN)] = ""
    note: str = ""
    published: bool | None = Field(
        default=None, description="Whether its counts may be shown as they are; if it has an address, else."
    )

    @property
    def is_published(self) -> bool:
        """Whether counts from here are public already; those of others leave by the rule alone."""
        return bool(self.address) if self.published is None else self.published


class Area(Frozen):
    """Where the service works."""

    name: Label
    police_force: Label
    population: int | None = Field(default=None, ge=1)
    population_source: str = ""


class Scenario(Service):
    """A state of the world and the options to compare in it."""

    name: Slug
    title: Label
    area: Area
    period: Period
    demand: Demand
    grant_gbp: float = Field(gt=0)
    grant_source: str
    price_year: FinancialYear
    standards: Standards
    opening: Opening = Opening()
    disclosure: DisclosureRule = DisclosureRule()  # what of unpublished counts of people is shown
    allow_growth: bool = False  # run although a queue that nobody leaves grows without end
    against: Name = BUSINESS_AS_USUAL  # the option that differences are taken from
    appraisal: Appraisal | None = None
    plans: Plans | None = None  # what staff and grants are planned for
    funding: Annotated[tuple[FundingLine, ...], Field(strict=False)] = ()  # as it was printed, over the years
    options: dict[Name, Option]
    levers: dict[Name, Lever] = Field(default={}, max_length=40)  # what could be mended first
    sources: dict[str, Source]
    explore: Annotated[
        tuple[str, ...], Field(strict=False, max_length=20)
    ] = ()  # inputs that a workshop moves
    observed: Observations = ()  # totals that business as usual should reproduce
    posterior: Posterior | None = None  # draws of the inputs that were calibrated to them
    estimates: LinkedEstimates | None = None  # made together, from a file that the scenario names

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Every group: crime types in the order of the file, enhanced before standard."""
        return tuple(
            Group(f"{key}_{priority}", key, priority, f"{crime_type.title}, {priority}")
            for key, crime_type in self.demand.crime_types.items()
            for priority in PRIORITIES
        )

    @property
    def known_sources(self) -> tuple[str, ...]:
        """What may stand as a source: a key of the register, or that it is an assumption."""
        return (*self.sources, ASSUMPTION)


def method_of(contact: Contact, group: Group) -> str:
    """Return the name of the contact method that a group gets.

    An entry of ``contact.assigned`` for the group itself goes before one for its crime type, then
    its priority, then ``default``.
    """
    return next(contact.assigned[key] for key in keys_of(group) if key in contact.assigned)


def keys_of(group: Group) -> tuple[str, ...]:
    """Return the names under which something may be stated for a group, the most specific first."""
    return group.name, group.crime_type, group.priority, DEFAULT


def _same_names(field: str, names: Iterable[str], expected: Iterable[str]) -> None:
    found = list(names)
    found_names, expected_names = set(found), set(expected)
    if found_names != expected_names:
        missing = ", ".join(sorted(expected_names - found_names))
        surplus = ", ".join(sorted(found_names - expected_names))
        parts = [f"lacks {missing}"] if missing else []
        parts += [f"has {surplus} too many"] if surplus else []
        one = next((name for name in found if name not in expected_names), "")
        close = did_you_mean(one, expected_names - found_names) if one else ""
        raise problem_at(f"{field}.{one}".rstrip("."), "", " and ".join(parts), "VM016", close)
