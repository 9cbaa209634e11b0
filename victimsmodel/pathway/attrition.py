"""Attrition learnt from a contact log: every estimate that the log can give, ready for a scenario."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from victimsmodel.disclosure.observed_counts import content_hash
from victimsmodel.files import write_whole
from victimsmodel.inputs.contact_log import ContactLog
from victimsmodel.inputs.disclosure_rule import DisclosureRule
from victimsmodel.inputs.estimates_file import estimates_text, known_units
from victimsmodel.inputs.people_table import PeopleTable
from victimsmodel.inputs.quality.findings import Finding, as_table
from victimsmodel.inputs.quantities import FEASIBLE_EDGE, UNIT_INTERVAL, Estimate, bound, unbound
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.contact_fit import ContactFit, fit_contact_log
from victimsmodel.pathway.hazard import Link
from victimsmodel.pathway.log_shares import Row, agreement_rows, minutes_rows, reply_table
from victimsmodel.pathway.reach_hazard import Reach, estimate_reach

_WIDTH = 100  # characters of a printed line
_LEAST_WIDTH = 1e-4  # of an interval, on the unbounded scale: files hold six digits
_Z90 = 1.6448536269514722
_IGNORABLE = (
    "Who is attempted again may depend on what came before (no further attempt after a contact, a number of "
    "attempts, a safety rule), not on reachability itself: such rules need no model of their own."
)


@dataclass(frozen=True, repr=False)
class AttritionEstimates:
    """What a contact log says: estimates with their covariance, regression, delays, findings.

    ``table``: name (dotted, as a scenario has it), unit, value, se, low, high (90 %, as scenarios state
    ranges), low_95, high_95, naive (contacts by attempts, without regard to repetition), n_victims,
    n_attempts, is_input, note. ``covariance``: of those estimated together, on the unbounded scale (log-odds
    of probabilities and correlations, logarithm of all else). ``replies``: as of `reply_table`. ``reach``:
    the hazard. Tables with counts are computed with, and neither written nor shown: `released_attrition`
    gives those that may be.
    """

    table: pd.DataFrame
    covariance: pd.DataFrame
    correlation: pd.DataFrame
    replies: pd.DataFrame
    reach: Reach
    findings: pd.DataFrame
    source: str
    data: str = ""  # by which the log is told from others in the ledger, whatever the order of its rows

    def __repr__(self) -> str:
        """Show the estimates with their intervals as they may leave, and what the log cannot tell."""
        from victimsmodel.pathway.released_attrition import released_attrition

        table = released_attrition(self).table
        ends = zip(table["low"], table["high"], strict=True)
        shown = pd.DataFrame(
            {
                "unit": table["unit"].to_numpy(),
                "value": [_printed(x, "[c]") for x in table["value"]],
                "90 % interval": [f"{_printed(a, '[c]')} to {_printed(b, '[c]')}" for a, b in ends],
                "plain share": [_printed(x, "") for x in table["naive"]],
                "attempts": ["[c]" if pd.isna(n) else f"{n:.0f}" for n in table["n_attempts"]],
            },
            index=list(table["name"]),
        )
        told = [
            textwrap.fill(f"{row.severity}: {row.detail}", _WIDTH, subsequent_indent="  ")
            for row in self.findings.itertuples()
        ]
        title = f"Estimates from the contact log {self.source}"
        return "\n".join([title, shown.to_string(), *told])

    def estimates(self, source: str = "contact_log") -> dict[str, Estimate]:
        """Return the estimates that a scenario can take, by dotted name."""
        rows = self.table[self.table["is_input"]].itertuples(index=False)
        return {str(row.name): _estimate(row, source) for row in rows}

    def write_estimates(
        self, path: str | Path, scenario: Scenario | None = None, source: str = "contact_log"
    ) -> list[str]:
        """Write a file that a scenario takes by ``estimates: FILE``.

        Parameters
        ----------
        path : str or Path
        scenario : Scenario, optional
            Whose estimates alone are written: a log may hold a channel or time of day that it lacks.
        source : str
            Key in the sources register under which the log will stand.

        Returns
        -------
        list of str
            Names left out.
        """
        found = self.estimates(source)
        known = set(found) if scenario is None else set(known_units(scenario.model_dump(mode="json")))
        kept = {name: estimate for name, estimate in found.items() if name in known}
        names = [name for name in self.correlation.index if name in kept]
        about = {
            "key": source,
            "title": self.source,
            "year": "",
            "note": "Estimated by victimsmodel from attempts; no victim can be told from it.",
        }
        matrix = self.correlation.loc[names, names].to_numpy(np.float64)
        write_whole(Path(path), estimates_text(kept, about, names, matrix).encode())
        return sorted(set(found) - set(kept))


def estimate_attrition(
    log: ContactLog, *, link: Link = "logit", fade_days: float | None = None
) -> AttritionEstimates:
    """Estimate reach, heterogeneity, fading, replies, consent, acceptance and minutes from a contact log.

    Parameters
    ----------
    log : ContactLog
    link : {"logit", "cloglog"}
        Of the regression of outcomes.
    fade_days : float, optional
        What reach fades by, where it should not be estimated.

    Returns
    -------
    AttritionEstimates
        Estimates of reach are those of the first attempt on the day of the crime, of a victim of mean
        reachability: what a scenario states.
    """
    contact = fit_contact_log(log, fade_days)
    reach = estimate_reach(log, link)
    rows = [*contact.rows, *agreement_rows(log.attempts), *minutes_rows(log.attempts)]
    findings = [*contact.findings, *reach.findings, Finding("note", "stopping", detail=_IGNORABLE)]
    table = pd.DataFrame(rows, columns=Row._fields)
    findings = [finding._replace(rows=DisclosureRule().shown(finding.rows)) for finding in findings]
    return AttritionEstimates(
        table=PeopleTable(table),
        covariance=_covariance(contact, table),
        correlation=_frame(contact.correlation, contact.names),
        replies=PeopleTable(reply_table(log.attempts)),
        reach=reach,
        findings=pd.concat([log.findings, as_table(findings)], ignore_index=True),
        source=log.source,
        data=_data_of(log),
    )


def _data_of(log: ContactLog) -> str:
    """Return the hash of a log's rows in any order, and under any numbers of victims."""
    rows = pd.DataFrame(log.attempts).drop(columns="victim").astype({"group": "str", "channel": "str"})
    hashes = pd.util.hash_pandas_object(rows, index=False).to_numpy(np.uint64)
    return content_hash(np.sort(hashes).tobytes())


def _printed(x: float, hidden: str) -> str:
    return hidden if pd.isna(x) else f"{x:.3g}"


def _plain_share(row: Any) -> str:
    """Return contacts by attempts from rounded counts; nothing where one is small."""
    rule, trials = DisclosureRule(), int(row.n_attempts)
    events = round(row.naive * trials)
    if any(rule.is_unsafe(n) for n in (events, trials, trials - events)):
        return ""
    return f"plain share {min(rule.rounded(events) / rule.rounded(trials), 1):.3g}"


def _frame(matrix: Any, names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(matrix, index=names, columns=names)


def _covariance(contact: ContactFit, table: pd.DataFrame) -> pd.DataFrame:
    """Scale the correlations by the widths of the intervals, on the unbounded scale."""
    rows = table.set_index("name").loc[contact.names]
    bounded = rows["unit"].isin(list(UNIT_INTERVAL)).to_numpy()
    ends = zip(rows["low"], rows["high"], bounded, strict=True)
    spread = np.array([(unbound(high, b) - unbound(low, b)) / (2 * _Z90) for low, high, b in ends])
    return _frame(contact.correlation * np.outer(spread, spread), contact.names)


def _estimate(row: Any, source: str) -> Estimate:
    """Return a row as an estimate; a median that its form cannot hold moves to the nearest that it can.

    What did not vary at all (minutes that are always 2) is a fixed number.
    """
    bounded = row.unit in UNIT_INTERVAL
    low, value, high = (unbound(float(x), bounded) for x in (row.low, row.value, row.high))
    is_fixed = high - low < _LEAST_WIDTH
    if not is_fixed:
        share = min(max((value - low) / (high - low), FEASIBLE_EDGE + 1e-3), 1 - FEASIBLE_EDGE - 1e-3)
        value = low + share * (high - low)
    value = bound(value, bounded)
    said = DisclosureRule().said
    parts = [f"{said(row.n_attempts)} attempts at {said(row.n_victims)} victims"]
    plain = _plain_share(row) if math.isfinite(row.naive) and row.unit == "probability" else ""
    note = "; ".join(part for part in (*parts, plain, row.note) if part)
    ends = (value, value) if is_fixed else (row.low, row.high)
    value, low, high = (float(f"{x:.6g}") for x in (value, *ends))
    return Estimate(unit=row.unit, source=source, note=note, value=value, low=low, high=high)
