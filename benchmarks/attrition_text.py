"""The page on the study of estimates from contact logs."""

from __future__ import annotations

from typing import Any

import pandas as pd

MOST_Z = 2.0
COVERED = (0.93, 0.97)
_CHANCE_OF_Z = 0.0455  # of a normal deviate beyond 2
_MOST_MISSES_P = 0.01


def failures(found: pd.DataFrame) -> list[str]:
    """Return every estimate and size that misses the bar."""
    lines = []
    for row in found.itertuples():
        if abs(row.z) > MOST_Z:
            what = f"{row.name}, {row.victims:,} victims"
            lines.append(f"{what}: bias {row.bias:+.4f} is {row.z:+.1f} standard errors")
        if not COVERED[0] <= row.coverage <= COVERED[1]:
            lines.append(f"{row.name}, {row.victims:,} victims: intervals cover {row.coverage:.1%}")
    return lines


def _misses_by_chance(found: pd.DataFrame) -> tuple[float, float]:
    """Return how many misses of each kind are expected of unbiased estimates with exact intervals."""
    from scipy.stats import binom

    n = found["n_sets"]
    inside = binom.cdf((COVERED[1] * n + 1e-9).astype(int), n, 0.95) - binom.cdf(
        (COVERED[0] * n - 1e-9).astype(int), n, 0.95
    )
    return _CHANCE_OF_Z * len(found), float((1 - inside).sum())


def is_beyond_chance(found: pd.DataFrame) -> bool:
    """Whether more estimates miss the bar than chance lets miss it in one of a hundred studies."""
    from scipy.stats import poisson

    bias = int((found["z"].abs() > MOST_Z).sum())
    cover = int((~found["coverage"].between(*COVERED)).sum())
    expected = _misses_by_chance(found)
    return any(
        poisson.sf(seen - 1, mean) < _MOST_MISSES_P
        for seen, mean in zip((bias, cover), expected, strict=True)
    )


def page(found: pd.DataFrame, phone: Any, two: Any, hazard: Any, n_sets: int, seconds: float) -> str:
    """Return the page."""
    bias, cover = _misses_by_chance(found)
    missed = failures(found)
    lines = [
        "# Estimates from contact logs, beside the truth",
        "",
        "Written by `make study` (`benchmarks/attrition_study.py`); do not edit. The logs are drawn from",
        f"known numbers: {n_sets} logs of each kind and size; {seconds:.0f} s of processor time.",
        "",
        f"- **Calls alone**: up to {len(phone.plan)} calls, first-call reach {phone.reach['phone']},",
        f"  heterogeneity {phone.heterogeneity['phone']}.",
        f"- **Two channels**: calls and texts in turn, reach {two.reach['phone']} and {two.reach['text']},",
        f"  one reachability behind both, replies after {two.reply_days:g} days in the mean; a reply that",
        "  would come after a contact by phone is never seen.",
        f"- **Regression**: log-odds with effects of channel ({hazard.text}), attempt, evening",
        f"  ({hazard.evening}), ten days ({hazard.per_ten_days}) and group ({hazard.enhanced}).",
        "",
        f"The bar: bias within {MOST_Z:g} Monte Carlo standard errors, and 95 % intervals that cover in",
        f"{COVERED[0]:.0%} to {COVERED[1]:.0%} of logs. Of {len(found)} unbiased estimates with exact",
        f"intervals chance alone would let {bias:.1f} miss the first and {cover:.1f} the second. *Naive* is",
        "contacts by attempts (no heterogeneity; the mean of the delays seen).",
        "",
        "| estimate | victims | truth | bias | standard errors | naive bias | 95 % interval covers |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found.itertuples():
        naive = "" if pd.isna(row.naive_bias) else f"{row.naive_bias:+.4f}"
        lines.append(
            f"| {row.name} | {row.victims:,} | {row.truth:.3f} | {row.bias:+.4f} | {row.z:+.2f} | {naive} | "
            f"{row.coverage:.1%} |"
        )
    lines += [
        "",
        "Missed:" if missed else "No estimate misses the bar.",
        *[f"- {line}" for line in missed],
        "",
    ]
    return "\n".join(lines)
