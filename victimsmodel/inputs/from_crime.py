"""What leads from a year's recorded crime to victims: described, not computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.inputs.fields import Label, Name
from victimsmodel.inputs.quantities import Frozen, Observed, Probability, VictimsPerYear


class FraudReports(Frozen):
    """Fraud, which a national body records and no police force."""

    crime_type: Name
    reports: Observed
    person_share: Probability  # of reports, that concern a person


class Elsewhere(Frozen):
    """Victims of the area whose crimes another police force records."""

    title: Label
    victims_per_year: VictimsPerYear


class Agencies(Frozen):
    """Specialist agencies whose clients often never reported the crime."""

    crime_types: tuple[Name, ...] = Field(min_length=1, strict=False)
    known_share: Probability  # of recorded victims in need of these crime types, that are clients too
    never_reported: Probability  # of the agencies' clients


class Unreported(Frozen):
    """Victims whom the police never hear of, and how they could still come."""

    need: Probability
    agencies: Agencies
    uptake_by_agency: Probability  # of those in need who are in touch with an agency
    uptake_alone: Probability  # of the others in need
    survey_incidents: Observed | None = None  # a year by crime type, from a survey: a check, never used


class FromCrime(Frozen):
    """Recorded crime of one year, and the rates that turn offences into different victims."""

    year: Label
    stated_counts: str = ""  # what demand.victims_per_year counts, where it is no count of persons
    people: Observed  # recorded offences by crime type
    business: Observed  # recorded offences against businesses only
    society: Observed  # recorded offences that have no victim who could be referred
    not_persons: dict[Name, Probability]  # of a crime type's offences: against organisations, or nobody
    fraud: FraudReports
    repeats: dict[Name, Probability]  # of victims, that have two or more incidents of the type in the year
    again: Probability  # after the second incident, each further one follows with this chance
    reported: dict[Name, Probability]  # of incidents, that the police came to know of
    recorded: dict[Name, Probability]  # of incidents that the police know of, that they record
    elsewhere: dict[Name, Elsewhere] = {}
    unreported: Unreported

    @model_validator(mode="after")
    def _check(self) -> Self:
        for field in ("repeats", "reported", "recorded"):
            _must_name(field, getattr(self, field), self.crime_types, all_of_them=True)
        _must_name("not_persons", self.not_persons, self.people.values)
        _must_name("unreported.agencies.crime_types", self.unreported.agencies.crime_types, self.crime_types)
        if self.unreported.survey_incidents is not None:
            field = "unreported.survey_incidents.values"
            _must_name(field, self.unreported.survey_incidents.values, self.crime_types)
        if self.fraud.crime_type in self.people.values:
            raise _problem("fraud.crime_type", self.fraud.crime_type, "is in people already")
        return self

    @property
    def crime_types(self) -> tuple[str, ...]:
        """Crime types of offences against people, fraud last."""
        return (*self.people.values, self.fraud.crime_type)


class Need(Frozen):
    """One kind of need, and how many of those in need have it."""

    title: Label
    share: Probability


class Needs(Frozen):
    """What those in need, need; a person may have several, so that shares need not sum to one."""

    categories: dict[Name, Need] = Field(min_length=1)
    priorities: dict[Name, Need] = {}


def _must_name(field: str, found: Iterable[str], known: Iterable[str], all_of_them: bool = False) -> None:
    names, allowed = set(found), set(known)
    if names - allowed:
        surplus = ", ".join(sorted(names - allowed))
        raise _problem(field, surplus, f"is not a crime type here (known: {', '.join(known)})")
    if all_of_them and allowed - names:
        raise _problem(field, "", f"lacks {', '.join(sorted(allowed - names))}")


def _problem(field: str, value: str, allowed: str) -> PydanticCustomError:
    problem = {"field": field, "value": value, "allowed": allowed, "code": "VM087", "hint": ""}
    return PydanticCustomError("description", "invalid description", {"problems": [problem]})
