"""Victims who never pass the police: how many, and who of them could come by themselves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.demand.persons import CrimeDraws, CrimeVictims, need_by_type
from victimsmodel.demand.victims import shifted_to_mean
from victimsmodel.inputs.quantities import TAIL

_QUANTILES = (TAIL, 0.5, 1 - TAIL)


class SelfReferral(NamedTuple):
    """Persons a year by draw and crime type, shape (n_draws, n_crime_types)."""

    crime_types: tuple[str, ...]
    unreported: NDArray[np.float64]
    in_need: NDArray[np.float64]
    with_agency: NDArray[np.float64]  # in need and in touch with a specialist agency
    self_referred: NDArray[np.float64]


def self_referral(drawn: CrimeDraws) -> SelfReferral:
    """Return the victims who never reported, and who of them would come to the service.

    Agencies know some of the recorded victims in need; if 80 % of an agency's clients never reported,
    it has four of them for each whom the police recorded, and never more than there are. Both ways
    of coming rest on stated uptakes. These victims are no part of the recorded ones.
    """
    described, victims, found = drawn.described, drawn.victims, drawn.found.unreported
    recorded_need = need_by_type(drawn.demand, drawn.points, victims.crime_types, victims.recorded)
    in_need = victims.unreported * _need(victims, recorded_need, found.need)
    has_agency = np.array([name in described.unreported.agencies.crime_types for name in victims.crime_types])
    odds = found.agencies.never_reported / (1 - found.agencies.never_reported)
    clients = victims.recorded * recorded_need * (found.agencies.known_share * odds)[:, None]
    with_agency = np.minimum(clients * has_agency, in_need)
    by_agency = with_agency * found.uptake_by_agency[:, None]
    alone = (in_need - with_agency) * found.uptake_alone[:, None]
    return SelfReferral(victims.crime_types, victims.unreported, in_need, with_agency, by_agency + alone)


def _need(
    victims: CrimeVictims, recorded_need: NDArray[np.float64], mean: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Shift need by crime type so that over those who never reported it averages to its own mean."""
    mix = victims.unreported / victims.unreported.sum(axis=-1, keepdims=True)
    return shifted_to_mean(recorded_need / (1 - recorded_need), mix, mean)


def beyond_police(drawn: CrimeDraws) -> pd.DataFrame:
    """Return the victims who never pass the police, by crime type and in total.

    Parameters
    ----------
    drawn : CrimeDraws

    Returns
    -------
    DataFrame
        Columns crime_type ("all" for the total), stream ("unrecorded": the police know, but recorded
        no incident; "unreported"; "unreported_in_need"; "with_agency"; "self_referred"), low, value,
        high (persons a year: 5th percentile, median, 95th). "unreported_in_need" is part of
        "unreported", the last two are parts of it in turn; none is part of the recorded victims.

    Notes
    -----
    Reporting rates are those of the Crime Survey's own incidents. Recorded crime is wider (victims
    under 16, harassment and communications, firms' vehicles), so that the numbers tend to be too high.
    """
    found = self_referral(drawn)
    streams = {
        "unrecorded": drawn.victims.unrecorded,
        "unreported": found.unreported,
        "unreported_in_need": found.in_need,
        "with_agency": found.with_agency,
        "self_referred": found.self_referred,
    }
    rows = []
    for stream, persons in streams.items():
        columns = np.column_stack([persons, persons.sum(axis=-1)])
        low, value, high = np.quantile(columns, _QUANTILES, axis=0)
        for t, crime_type in enumerate((*found.crime_types, "all")):
            rows.append((crime_type, stream, low[t], value[t], high[t]))
    return pd.DataFrame(rows, columns=["crime_type", "stream", "low", "value", "high"])


def survey_check(drawn: CrimeDraws) -> pd.DataFrame:
    """Return the incidents that reporting rates imply beside those that a survey of victims counts.

    Recorded offences over the shares reported and recorded are all incidents. Where a survey finds
    far fewer, recorded crime is wider than what the survey asks about, and the unreported are too
    many; where it finds far more, too few.

    Returns
    -------
    DataFrame
        Columns crime_type, implied_low, implied, implied_high, survey, ratio (implied to survey); no rows
        if the scenario states no survey.
    """
    columns = ["crime_type", "implied_low", "implied", "implied_high", "survey", "ratio"]
    survey = drawn.described.unreported.survey_incidents
    if survey is None:
        return pd.DataFrame(columns=columns)
    victims, found = drawn.victims, drawn.found
    rows = []
    for t, name in enumerate(victims.crime_types):
        if name in survey.values:
            incidents = victims.offences[:, t] / (found.reported[name] * found.recorded[name])
            implied = np.quantile(incidents, _QUANTILES)
            rows.append((name, *implied, survey.values[name], implied[1] / survey.values[name]))
    return pd.DataFrame(rows, columns=columns)
