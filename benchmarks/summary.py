"""The outputs that engines are compared on, under one set of names, and their differences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from people import Tally

from victimsmodel.pathway.arrays import MOST_WAIT_DAYS, Output, Plan
from victimsmodel.records import EXITS, STAGES, WAITS

Summary = dict[str, float]
_WHO = ("all", "in need")
_PRIORITIES = ("enhanced", "standard")


def of_output(plan: Plan, out: Output) -> Summary:
    """Return the summary of a replication by the kernel.

    Parameters
    ----------
    plan : Plan
    out : Output

    Returns
    -------
    dict of str to float
        Stage counts, exits, attempts, mean waits in calendar days and utilisations.
    """
    found: Summary = {}
    groups, priority = out.groups, plan.groups["priority"]
    for names, table, title in ((STAGES, "funnel", "stage"), (EXITS, "exits", "exit")):
        total = groups[table].sum(axis=0)
        for w, who in enumerate(_WHO):
            found |= {f"{title} {n}, {who}": float(v) for n, v in zip(names, total[w], strict=True)}
    made, reached = groups["attempts"].sum(axis=(0, 1))
    found |= {"attempts made": float(made), "attempts reached": float(reached)}
    days = np.arange(MOST_WAIT_DAYS + 1)
    for p, name in enumerate(_PRIORITIES):
        waits = groups["waits"][priority == p].sum(axis=0)
        for w, wait in enumerate(WAITS):
            found[f"wait {wait}, {name}"] = _mean(float(waits[w] @ days), float(waits[w].sum()))
    minutes = out.pools["minutes"].sum(axis=1)[: len(plan.roles)]
    return found | _utilisations(plan, minutes)


def of_tally(plan: Plan, tally: Tally) -> Summary:
    """Return the summary of a year by a twin; the open cases are what is left.

    Parameters
    ----------
    plan : Plan
    tally : Tally

    Returns
    -------
    dict of str to float
    """
    found: Summary = {}
    exits = {name: list(both) for name, both in tally.exits.items()}
    for w, who in enumerate(_WHO):
        exits["open"][w] = tally.stages["referred"][w] - sum(both[w] for both in tally.exits.values())
        found |= {f"stage {n}, {who}": float(v[w]) for n, v in tally.stages.items()}
        found |= {f"exit {n}, {who}": float(v[w]) for n, v in exits.items()}
    found |= {"attempts made": float(tally.attempts[0]), "attempts reached": float(tally.attempts[1])}
    for p, name in enumerate(_PRIORITIES):
        for wait in WAITS:
            victims, days = tally.waits[wait][p]
            found[f"wait {wait}, {name}"] = _mean(days, victims)
    return found | _utilisations(plan, np.asarray(tally.minutes))


def _utilisations(plan: Plan, minutes: np.ndarray) -> Summary:
    """Return minutes used of those available on the booked days, by role."""
    first, last = (int(plan.numbers[name][0]) for name in ("first_booked_day", "last_booked_day"))
    available = (plan.staff[first:last] * plan.roles["minutes"]).sum(axis=0)
    return {f"utilisation of role {r}": float(minutes[r] / available[r]) for r in range(len(available))}


def _mean(total: float, n: float) -> float:
    return total / n if n else 0.0


class Difference:
    """How far two engines are apart in one output.

    Both are replications of one model, so that their variance is estimated from all of them together:
    a standard error from a few replications of a slow engine alone is not to be trusted.
    """

    def __init__(self, name: str, a: Sequence[float], b: Sequence[float]) -> None:
        self.name, self.a, self.b = name, float(np.mean(a)), float(np.mean(b))
        squares = np.var(a) * len(a) + np.var(b) * len(b)
        self.error = float(np.sqrt(squares / (len(a) + len(b) - 2) * (1 / len(a) + 1 / len(b))))
        apart = abs(self.a - self.b)
        self.z = 0.0 if apart == 0 else apart / self.error if self.error else float("inf")


def differences(a: Sequence[Summary], b: Sequence[Summary]) -> list[Difference]:
    """Return the differences of two sets of independent replications, output by output.

    Parameters
    ----------
    a, b : sequence of Summary
        At least two of each.

    Returns
    -------
    list of Difference
        In the order of the outputs of `a`; those that `b` lacks are left out.
    """
    return [Difference(name, [s[name] for s in a], [s[name] for s in b]) for name in a[0] if name in b[0]]
