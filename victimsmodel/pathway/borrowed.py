"""What was borrowed from published figures: the distributions, the numbers to use, and the words."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from victimsmodel.inputs.evidence import REGIME_PHRASES, definition_words, quantity_words
from victimsmodel.inputs.quantities import TAIL, Estimate
from victimsmodel.pathway.between_services import Between, Mixture, share_of_one

if TYPE_CHECKING:
    import pandas as pd

#: Half a case either way: Jeffreys' prior of a share.
JEFFREYS = 0.5
#: Shares are not told apart from 0 or 1 below this: a Beta density may run far beyond any use.
FLOOR = 1e-6
_WIDTH = 100  # characters of a printed line
_LEAST_SHOWN = 0.0005
_CONFLICT = 0.025  # either tail of what the evidence allows, beyond which own cases contradict it


@dataclass(frozen=True, repr=False)
class Borrowed:
    """What published figures say about a share; intervals are 90 % intervals.

    Parameters
    ----------
    quantity, definition, regime : str
        What was pooled: figures of one definition and one referral regime only.
    rows : DataFrame
        The figures used, as `load_evidence` returns them.
    alone : DataFrame
        Indexed by service: events, trials, share, low, high (Beta posterior under Jeffreys' prior).
    between : Between
        Mean and concentration over services.
    pooled : Estimate
        Mean over services.
    between_sd : Estimate
        Standard deviation between services, as a share.
    new_area : Estimate
        Share of an area that is not among the services.
    predictive, posterior : Mixture
        Distributions behind `new_area` and `own`; `posterior` is `predictive` without own cases.
    own_cases : tuple of int or None
        Events and trials of the area itself.
    own_twice : str
        The published service whose counts the own ones are; empty for none.
    own : Estimate or None
        Share of the area given its cases and the published figures.
    effective_cases : float
        What the published figures are worth in cases of the area's own: those of the Beta
        distribution with the moments of `predictive`, or with own cases
        ``trials * borrowed_share / (1 - borrowed_share)``.
    borrowed_share : float
        Weight of the mean over services in the share of the area, ``k / (k + trials)`` averaged over
        the posterior of the concentration ``k``; 1 without own cases.
    """

    quantity: str
    definition: str
    regime: str
    rows: pd.DataFrame
    alone: pd.DataFrame
    between: Between
    pooled: Estimate
    between_sd: Estimate
    new_area: Estimate
    predictive: Mixture
    posterior: Mixture
    own_cases: tuple[int, int] | None
    own_twice: str
    own: Estimate | None
    effective_cases: float
    borrowed_share: float

    @cached_property
    def services(self) -> pd.DataFrame:
        """What is known of each service: `alone`, and shrunk_low, shrunk, shrunk_high, given the others.

        A single service has no others, and its own posterior stands.
        """
        columns: dict[str, list[float]] = {}
        for name, alone, p in (
            ("shrunk_low", "low", TAIL),
            ("shrunk", "", 0.5),
            ("shrunk_high", "high", 1 - TAIL),
        ):
            columns[name] = [
                share_of_one(self.between, int(row.events), int(row.trials)).quantile(p, FLOOR)
                if len(self.alone) > 1
                else float(getattr(row, alone))
                if alone
                else _jeffreys_median(int(row.events), int(row.trials))
                for row in self.alone.itertuples()
            ]
        return self.alone.assign(**columns)

    def __repr__(self) -> str:
        """Show the sentence, the services and the line for a scenario."""
        shown = self.alone.assign(
            share=[_percent(x) for x in self.alone["share"]],
            interval=[
                f"{_percent(a)} to {_percent(b)}"
                for a, b in zip(self.alone["low"], self.alone["high"], strict=True)
            ],
        ).drop(columns=["low", "high"])
        shown = shown.rename(columns={"interval": "90 % interval"})
        sources = ", ".join(dict.fromkeys(self.rows["source"]))
        parts = (
            textwrap.fill(self.sentence, _WIDTH),
            shown.rename_axis(None).to_string(),
            f"Sources: {sources}; quality {self.rows['quality'].max()} at worst.",
            f"In a scenario: {self.to_yaml()}",
        )
        return "\n".join(parts)

    def service(self, name: str) -> Estimate:
        """Return the share of one of the services from its own cases alone: Beta(x + 1/2, n - x + 1/2)."""
        row = self.alone.loc[name]
        source = str(self.rows.loc[self.rows["service"] == name, "source"].iloc[0])
        return Estimate(
            unit="probability", source=source, events=int(row["events"]), trials=int(row["trials"])
        )

    @property
    def contradicts(self) -> bool:
        """Whether the own share lies where the published figures leave 2.5 % or less."""
        if self.own_cases is None:
            return False
        events, trials = self.own_cases
        below = self.predictive.cdf((events + JEFFREYS) / (trials + 2 * JEFFREYS))
        return not _CONFLICT < below < 1 - _CONFLICT

    def to_yaml(self) -> str:
        """Return the estimate in one line, to be pasted into a scenario."""
        chosen = self.own or self.new_area
        stated = chosen.model_dump(exclude_defaults=True)
        return "{" + ", ".join(f"{key}: {_scalar(value)}" for key, value in stated.items()) + "}"

    @property
    def sentence(self) -> str:
        """What was borrowed, in words."""
        n = len(self.alone)
        counted = f" (counted: {definition_words(self.definition)})" if self.definition else ""
        who = f"{n} {'service' if n == 1 else 'services'} {REGIME_PHRASES[self.regime]}"
        text = f"Share of {quantity_words(self.quantity)}{counted}, from {who}: "
        text += f"on average {_range(self.pooled)}, in a new area {_range(self.new_area)}."
        if self.own_cases is None or self.own is None:
            cases = max(1, round(self.effective_cases))
            return (
                f"{text} For it this is worth about {cases:,} {'case' if cases == 1 else 'cases'} of its own."
            )
        events, trials = self.own_cases
        text += f" With its own {events:,} of {trials:,}, {_range(self.own)};"
        text += f" {_percent(self.borrowed_share)} of the weight is borrowed."
        if self.contradicts:
            text += " The own cases contradict the published figures."
        if self.own_twice:
            text += (
                f" They are the very counts of {self.own_twice}, one of these services: if they are the same"
            )
            text += " cases, they count twice here; leave that service out of the evidence."
        return text


def _jeffreys_median(events: int, trials: int) -> float:
    from scipy.special import betaincinv

    return float(betaincinv(events + JEFFREYS, trials - events + JEFFREYS, 0.5))


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, str) and not value.isidentifier() else str(value)


def _range(estimate: Estimate) -> str:
    low, high = estimate.interval
    return f"{_percent(estimate.median)} ({_percent(low)} to {_percent(high)})"


def _percent(x: float) -> str:
    if not _LEAST_SHOWN <= x <= 1 - _LEAST_SHOWN:
        return "under 0.1 %" if x < _LEAST_SHOWN else "over 99.9 %"
    return f"{100 * x:.0f} %" if 0.0995 <= x < 0.995 else f"{100 * x:.1f} %"
