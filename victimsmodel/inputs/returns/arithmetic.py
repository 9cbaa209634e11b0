"""What the numbers say for or against a proposed mapping: steps that shrink, parts that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from victimsmodel.inputs.returns.periods import Span

#: Counts of a label by period, without those that are missing.
Series = Mapping[Span, float]

_MOST_PARTS = 12  # labels among which a total is looked for
_LEAST_SHARE = 0.75  # of the periods in which parts must add up


class Order(NamedTuple):
    """In how many periods a later step has at most the count of an earlier one."""

    kept: int
    broken: int


def order_of(earlier: Series, later: Series) -> Order:
    """Compare two labels in the periods that have both, where not both are zero."""
    both = [(earlier[span], later[span]) for span in earlier if span in later]
    both = [(first, second) for first, second in both if first or second]
    kept = sum(second <= first for first, second in both)
    return Order(kept, len(both) - kept)


def parts_of(total: str, series: Mapping[str, Series], names: Sequence[str]) -> tuple[str, ...]:
    """Return labels whose counts add up to those of another one, in two or more periods.

    They may fail to in a quarter of the periods, so that a wrong total is still known for one. Two labels or
    more are looked for among `names`; empty if no such labels, or if several choices do equally well.
    """
    spans = [span for span in series[total] if all(span in series[name] for name in names)]
    others = [name for name in names if name != total and any(series[name].get(span) for span in spans)]
    if len(spans) < 2 or len(others) > _MOST_PARTS or not any(series[total].get(span) for span in spans):
        return ()
    hits = {
        chosen: sum(sum(series[name][span] for name in chosen) == series[total][span] for span in spans)
        for size in range(2, len(others) + 1)
        for chosen in combinations(others, size)
    }
    most = max(hits.values(), default=0)
    found = [chosen for chosen, n_hits in hits.items() if n_hits == most]
    return found[0] if len(found) == 1 and most >= max(2, _LEAST_SHARE * len(spans)) else ()
