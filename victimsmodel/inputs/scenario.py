"""The frozen scenario: area, demand, contact, support, staff, costs and the options to compare."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.inputs.quantities import (
    Correlation,
    Days,
    Frozen,
    Minutes,
    Observed,
    OddsRatio,
    Pounds,
    PoundsPerYear,
    Probability,
    Sessions,
    VictimsPerYear,
)

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
SLUG_PATTERN = r"^[a-z][a-z0-9-]{0,59}$"
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Channel = Literal["phone", "text", "letter", "email", "visit"]
Priority = Literal["enhanced", "standard"]

CHANNELS: tuple[Channel, ...] = ("phone", "text", "letter", "email", "visit")
#: Channels in which a success is known at once; the others are answered after some days.
SPOKEN_CHANNELS: tuple[Channel, ...] = ("phone", "visit")
PRIORITIES: tuple[Priority, ...] = ("enhanced", "standard")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BUSINESS_AS_USUAL = "business_as_usual"


def _iso_date(text: object) -> object:
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else _no_date()
    except ValueError:
        return _no_date()


def _no_date() -> date:
    raise PydanticCustomError("iso_date", "must be an ISO date that exists, YYYY-MM-DD")


IsoDate = Annotated[date, BeforeValidator(_iso_date)]


class Group(NamedTuple):
    """A kind of victim that parameters may differ by: crime type x priority."""

    name: str
    crime_type: str
    priority: Priority
    title: str


class Period(Frozen):
    """The year that is evaluated, and the days simulated before and after it."""

    start: IsoDate
    end: IsoDate
    warm_up_days: int = Field(ge=0, le=730)
    run_out_days: int = Field(ge=0, le=1095)
    steps_per_day: int = Field(ge=1, le=48)

    @model_validator(mode="after")
    def _check(self) -> Self:
        days = (self.end - self.start).days + 1
        if not 1 <= days <= 3 * 366:
            message = f"must be after start ({self.start}) and at most three years later"
            raise _problem("end", str(self.end), message, "VM015")
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


class Demand(Frozen):
    """How many victims, who they are, when they come and how many need support."""

    victims_per_year: VictimsPerYear
    need: Probability
    enhanced_need_odds_ratio: OddsRatio
    recorded_offences: Observed
    monthly_profile: Observed
    crime_types: dict[Name, CrimeType] = Field(min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        _same_names("recorded_offences.values", self.recorded_offences.values, self.crime_types)
        _same_names("monthly_profile.values", self.monthly_profile.values, MONTHS)
        return self


class NeedsFlag(Frozen):
    """The police's own needs assessment as a filter of who is referred."""

    sensitivity: Probability
    specificity: Probability


class ConsentAtReport(Frozen):
    """Consent taken when the crime is reported: who says yes; only they are referred."""

    in_need: Probability
    not_in_need: Probability


class Referral(Frozen):
    """Who reaches the service: transferred details, optionally only flagged or consenting victims."""

    transferred: Probability
    flag: NeedsFlag | None = None
    consent_at_report: ConsentAtReport | None = None


class Screening(Frozen):
    """What removes a referral before the first attempt."""

    excluded: Probability
    unsafe: Probability
    unsafe_by_group: dict[Name, Probability] = {}
    missing_details: dict[Channel, Probability]


class ChannelInputs(Frozen):
    """What an attempt in one channel achieves and takes."""

    reach: Probability  # first attempt, mean over victims, on the day of the crime
    heterogeneity: Correlation  # intra-class correlation of success between attempts at one victim
    reply_days: Days | None = None  # mean days until a reply; channels that are not spoken
    minutes_reached: Minutes | None = None  # staff time when the victim is reached; spoken channels
    minutes_attempt: Minutes | None = None  # staff time when not reached, or to send a message
    unit_cost: Pounds | None = None  # postage or message charge of one attempt


class Attempt(Frozen):
    """One try at reaching a victim in one channel."""

    channel: Channel
    after_working_days: int = Field(ge=0, le=60)  # since the previous attempt; the first: since referral
    role: Name | None = None  # None: sent automatically, costs no staff time
    window: Name | None = None  # time of day, a key of contact.windows


class ContactMethod(Frozen):
    """An ordered list of attempts; the case is closed when the last has found no answer."""

    title: Label
    attempts: tuple[Attempt, ...] = Field(min_length=1, max_length=12, strict=False)


class Contact(Frozen):
    """Channels, methods, and which method each group gets."""

    channels: dict[Channel, ChannelInputs]
    windows: dict[Name, OddsRatio] = {}
    fade_days: Days
    methods: dict[Name, ContactMethod]
    assigned: dict[Name, Name]  # by group, crime type or priority; the most specific one holds
    masked_channels: dict[Name, Annotated[tuple[Channel, ...], Field(strict=False)]] = {}
    patience_working_days: int = Field(ge=1, le=250)


class Agreement(Frozen):
    """A probability that differs with need."""

    in_need: Probability
    not_in_need: Probability


class Consent(Frozen):
    """Who agrees to a needs assessment: those spoken to, and those who replied to a message."""

    spoken: Agreement
    replied: Agreement


class Assessment(Frozen):
    """The needs assessment: on the same call, or as a call of its own after a reply."""

    role: Name
    same_call: bool
    minutes: Minutes
    sensitivity: Probability
    specificity: Probability


class Practical(Frozen):
    """Short practical support: one piece of work."""

    role: Name
    minutes: Minutes


class Casework(Frozen):
    """In-depth support by a named worker: sessions at intervals until the case completes."""

    role: Name
    sessions: Sessions
    session_dispersion: float = Field(gt=0, le=50)  # k of the negative binomial; choice
    minutes: Minutes
    interval_working_days: int = Field(ge=1, le=60)
    withdrawal: Probability  # after each session but the last
    patience_days: Days  # mean of the exponential time an accepted victim waits before leaving


class Specialist(Frozen):
    """Referral on to a specialist service, whose own capacity lies outside this grant."""

    role: Name
    minutes: Minutes


class Support(Frozen):
    """What happens to victims whose need is recognised."""

    accepted: Agreement
    casework_share: Probability
    specialist_share: Probability
    practical: Practical
    casework: Casework
    specialist: Specialist


class Outcomes(Frozen):
    """What support achieves."""

    improved: Probability  # of completed cases
    attributable: Probability  # share of the improved who would not have improved anyway


class Role(Frozen):
    """A pool of staff or volunteers."""

    title: Label
    fte: float = Field(ge=0, le=10_000)
    hours_per_week: float = Field(gt=0, le=60)
    shrinkage: Probability
    occupancy: Probability
    cost_per_fte: PoundsPerYear
    caseload_cap: int | None = Field(default=None, ge=1, le=500)


class Costs(Frozen):
    """What the service costs beyond its staff."""

    fixed: PoundsPerYear
    practical_case: Pounds
    casework_case: Pounds


class Standards(Frozen):
    """Service standards, in calendar days, against which waits are counted."""

    first_attempt_days: int = Field(ge=0, le=365)
    contact_days: int = Field(ge=0, le=365)
    support_days: int = Field(ge=0, le=365)


class Service(Frozen):
    """Everything an option may change."""

    referral: Referral
    screening: Screening
    contact: Contact
    consent: Consent
    assessment: Assessment
    support: Support
    outcomes: Outcomes
    staff: dict[Name, Role] = Field(min_length=1)
    costs: Costs


class Option(Frozen):
    """Something the commissioner could choose: a service, as a difference from business as usual."""

    title: Label
    summary: str
    service: Service


class Source(Frozen):
    """An entry of the sources register."""

    title: Label
    year: str
    address: str = ""
    note: str = ""


class Area(Frozen):
    """Where the service works."""

    name: Label
    police_force: Label


class Scenario(Service):
    """A state of the world and the options to compare in it."""

    name: Slug
    title: Label
    area: Area
    period: Period
    demand: Demand
    grant_gbp: float = Field(gt=0)
    grant_source: str
    price_year: str = Field(pattern=r"^\d{4}/\d{2}$")
    standards: Standards
    options: dict[Name, Option]
    sources: dict[str, Source]

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Every group: crime types in the order of the file, enhanced before standard."""
        return tuple(
            Group(f"{key}_{priority}", key, priority, f"{crime_type.title}, {priority}")
            for key, crime_type in self.demand.crime_types.items()
            for priority in PRIORITIES
        )


def method_of(contact: Contact, group: Group) -> str:
    """Return the name of the contact method that a group gets.

    An entry of ``contact.assigned`` for the group itself goes before one for its crime type, then
    its priority.
    """
    return next(
        contact.assigned[key]
        for key in (group.name, group.crime_type, group.priority)
        if key in contact.assigned
    )


def _same_names(field: str, found: Iterable[str], expected: Iterable[str]) -> None:
    found_names, expected_names = set(found), set(expected)
    if found_names != expected_names:
        missing = ", ".join(sorted(expected_names - found_names))
        surplus = ", ".join(sorted(found_names - expected_names))
        parts = [f"lacks {missing}"] if missing else []
        parts += [f"has {surplus} too many"] if surplus else []
        raise _problem(field, "", " and ".join(parts), "VM016")


def _problem(field: str, value: str, allowed: str, code: str) -> PydanticCustomError:
    problem = {"field": field, "value": value, "allowed": allowed, "code": code, "hint": ""}
    return PydanticCustomError("description", "invalid description", {"problems": [problem]})
