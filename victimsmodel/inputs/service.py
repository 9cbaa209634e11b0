"""A service as it could be run: who is referred, contacted how, supported by whom, at what cost."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from victimsmodel.inputs.fields import IsoDate, Label, Name
from victimsmodel.inputs.quantities import (
    Correlation,
    Days,
    Frozen,
    Minutes,
    OddsRatio,
    Pounds,
    PoundsPerYear,
    Probability,
    Sessions,
)
from victimsmodel.inputs.worth import Costs, Outcomes

Channel = Literal["phone", "text", "letter", "email", "visit"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Kind = Literal["call_back", "assessment", "casework", "practical", "specialist", "first_attempt", "attempt"]
#: How many days sooner something counts as due than it is; `always`: before all that has no such lead.
Lead = Annotated[float, Field(ge=0, le=365)] | Literal["always"]

CHANNELS: tuple[Channel, ...] = ("phone", "text", "letter", "email", "visit")
#: Channels in which a success is known at once; the others are answered after some days.
SPOKEN_CHANNELS: tuple[Channel, ...] = ("phone", "visit")
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


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
    reach_by_window: dict[Name, Probability] = {}  # where evidence has it; else the window's odds ratio
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
    stop_after_attempts: int | None = Field(default=None, ge=1, le=12)  # those without details not counted
    stop_after_days: int | None = Field(default=None, ge=0, le=365)  # calendar days since referral
    fallback: Channel | None = None  # information is sent in this channel when nobody was reached


class Contact(Frozen):
    """Channels, methods, and which method each group gets."""

    channels: dict[Channel, ChannelInputs]
    windows: dict[Name, OddsRatio] = {}
    fade_days: Days
    methods: dict[Name, ContactMethod]
    assigned: dict[Name, Name]  # by group, crime type, priority or `default`; the most specific one holds
    masked_channels: dict[Name, Annotated[tuple[Channel, ...], Field(strict=False)]] = {}
    patience_working_days: int = Field(ge=1, le=250)
    after_patience: Literal["close", "retry", "other_channel"] = "close"


class Agreement(Frozen):
    """A probability that differs with need."""

    in_need: Probability
    not_in_need: Probability


class Consent(Frozen):
    """Who agrees to a needs assessment: those spoken to, and those who replied to a message."""

    spoken: Agreement
    replied: Agreement
    by_channel: dict[Channel, Agreement] = {}  # where a channel differs


class Booking(Frozen):
    """An assessment at an appointed time, to which a victim may not come."""

    after_working_days: int = Field(ge=1, le=60)
    not_attended: Probability
    minutes_missed: Minutes  # staff time lost when the victim does not come
    rebookings: int = Field(ge=0, le=5)  # further appointments offered


class Assessment(Frozen):
    """The needs assessment: on the same call, or as a call of its own after a reply."""

    role: Name
    same_call: bool
    minutes: Minutes
    sensitivity: Probability
    specificity: Probability
    booked: Booking | None = None  # for those not assessed on the call that reached them


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


class SpecialistService(Frozen):
    """A service with places of its own, outside this grant unless they have a cost."""

    title: Label
    share: Probability  # of referrals to specialist services
    places_per_year: int | None = Field(default=None, ge=0, le=1_000_000)  # None: without limit
    cost_per_place: Pounds | None = None  # paid whether used or not; None: outside this grant


class Specialist(Frozen):
    """Referral on to a specialist service, whose own capacity lies outside this grant."""

    role: Name
    minutes: Minutes
    services: dict[Name, SpecialistService] = Field(default={}, max_length=8)


class Support(Frozen):
    """What happens to victims whose need is recognised."""

    accepted: Agreement
    casework_share: Probability
    specialist_share: Probability
    practical: Practical
    casework: Casework
    specialist: Specialist


class Role(Frozen):
    """A pool of staff or volunteers."""

    title: Label
    fte: float = Field(ge=0, le=1_000)
    fte_from: dict[IsoDate, Annotated[float, Field(ge=0, le=1_000)]] = {}  # full-time workers from a date on
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1, strict=False)] = WEEKDAYS[:5]
    works_bank_holidays: bool = False
    helps: dict[Name, Annotated[tuple[Kind, ...], Field(min_length=1, strict=False)]] = Field(
        default={}, max_length=4
    )  # kinds of another role's work that this one may do when it has none of its own
    hours_per_week: float = Field(gt=0, le=60)
    shrinkage: Probability
    occupancy: Probability
    cost_per_fte: PoundsPerYear  # all that a post costs; the salary alone where on_cost or overhead follow
    on_cost: Probability | None = None  # share of the salary: employer's contributions
    overhead: Probability | None = None  # share of salary and on-costs
    volunteer: bool = False  # gives time unpaid; cost_per_fte is then expenses and coordination
    value_per_hour: Pounds | None = None  # of a volunteer's time; never part of the cost of the grant
    caseload_cap: int | None = Field(default=None, ge=1, le=500)


class WorkOrder(Frozen):
    """Who goes first when staff are short: days by which something counts as due sooner than it is.

    With a number, work ages: standard work that fell due that many days earlier goes before enhanced.
    """

    enhanced: Lead = "always"  # victims of enhanced priority
    call_back: Lead = "always"  # those who replied to a message
    assessment: Lead = 0.0  # a booked appointment
    casework: Lead = 0.0
    practical: Lead = 0.0
    specialist: Lead = 0.0
    first_attempt: Lead = 0.0
    attempt: Lead = 0.0  # after the first


class Service(Frozen):
    """Everything an option may change."""

    referral: Referral
    screening: Screening
    contact: Contact
    consent: Consent
    assessment: Assessment
    support: Support
    outcomes: Outcomes
    staff: dict[Name, Role] = Field(min_length=1, max_length=12)
    work_order: WorkOrder = WorkOrder()
    costs: Costs
