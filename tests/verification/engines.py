"""Run the kernel and the reference on the same keys, and say where they differ."""

from __future__ import annotations

from typing import Any, NamedTuple

import keyed
import numpy as np
import reference
from numpy.typing import NDArray
from reference_books import EXIT_EVENTS, STAGE_EVENTS, Found

from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.pathway.arrays import Output, Plan
from victimsmodel.pathway.kernel import DONE, run_year
from victimsmodel.pathway.memory import new_output, new_workspace
from victimsmodel.pathway.plan import build_plans
from victimsmodel.pathway.queues import cleared
from victimsmodel.records import EVENTS

#: Sums of many minutes, added in the same order.
_MINUTES_TOLERANCE = 1e-6
_MOST_EVENTS = 400_000


class Twins(NamedTuple):
    """What the two engines found."""

    kernel: Output
    reference: Found


def plan_of(scenario: Scenario, option: str = "business_as_usual", *, ample_staff: bool = False) -> Plan:
    """Return a copy of a plan at the medians: its arrays may be changed."""
    plan = build_plans(scenario, option, draw_points(scenario, 1, 0), ample_staff=ample_staff)[0]
    return Plan(*(array.copy() for array in plan))


def run_kernel(plan: Plan, seed: int = 1, replication: int = 0, log_share: float = 0.0) -> Output:
    """Run the kernel once; the log is cut to what was written."""
    own = plan._replace(numbers=plan.numbers.copy())
    own.numbers["log_share"] = log_share
    out = new_output(own, _MOST_EVENTS if log_share > 0 else 0)
    key = np.uint64(keyed.replication_key(seed, replication))
    assert run_year(own, key, cleared(new_workspace(own)), out) == DONE
    n_logged = int(out.header["n_logged"][0])
    assert log_share == 0 or n_logged <= _MOST_EVENTS
    return out._replace(log=out.log[:n_logged])


def run_both(plan: Plan, seed: int = 1, replication: int = 0, log_share: float = 1.0) -> Twins:
    """Run both engines with the same key."""
    found = reference.run_year(plan, keyed.replication_key(seed, replication), log_share)
    return Twins(run_kernel(plan, seed, replication, log_share), found)


def assert_same(twins: Twins) -> None:
    """Check every counter, and the log event for event."""
    differences = [
        f"{part}.{name}: {_first_difference(ours[name], other[name])}"
        for part in ("groups", "pools", "days")
        for ours, other in [(getattr(twins.kernel, part), getattr(twins.reference, part))]
        for name in ours.dtype.names
        if not _are_equal(ours[name], other[name])
    ]
    assert not differences, "\n".join(differences)
    _assert_same_log(twins.kernel.log, twins.reference.log)


def _are_equal(ours: NDArray[Any], other: NDArray[Any]) -> bool:
    if ours.dtype.kind == "f":
        return bool(np.allclose(ours, other, rtol=0, atol=_MINUTES_TOLERANCE))
    return bool(np.array_equal(ours, other))


def _first_difference(ours: NDArray[Any], other: NDArray[Any]) -> str:
    places = np.argwhere(ours != other)
    place = tuple(places[0])
    return f"{len(places)} differ; at {place} kernel {ours[place]}, reference {other[place]}"


def _assert_same_log(ours: NDArray[Any], other: NDArray[Any]) -> None:
    """Compare victim by victim, in the order in which things happened to each."""
    ours, other = (log[np.argsort(log["key"], kind="stable")] for log in (ours, other))
    assert ours.size == other.size
    is_same = np.ones(ours.size, bool)
    for name in ("key", "arrival", "source", "event", "pool", "channel"):
        is_same &= ours[name] == other[name]
    is_same &= np.abs(ours["minutes"] - other["minutes"]) < 1e-9
    # the kernel puts on record later that someone stopped waiting for support
    is_late = left_support_queue(other) & (ours["step"] >= other["step"])
    is_same &= (ours["step"] == other["step"]) | is_late
    if not is_same.all():
        key = other["key"][np.flatnonzero(~is_same)[0]]
        raise AssertionError(f"kernel:\n{story(ours, key)}\nreference:\n{story(other, key)}")


def left_support_queue(log: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which entries tell that a victim who had accepted support gave up waiting for it."""
    accepted = np.unique(log["key"][log["event"] == STAGE_EVENTS["accepted"]])
    return (log["event"] == EXIT_EVENTS["reneged"]) & np.isin(log["key"], accepted)


def story(log: NDArray[Any], key: int) -> str:
    """Return what happened to one victim, a line for each event."""
    own = log[log["key"] == key]
    return "\n".join(
        f"  step {e['step']:5d} {EVENTS[e['event']]:16s} pool {e['pool']:2d} channel {e['channel']:2d} "
        f"{e['minutes']:.6f} min"
        for e in own
    )
