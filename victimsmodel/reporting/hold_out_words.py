"""Totals that were kept back, in words: a table and two sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from victimsmodel.pathway.kept_back import AFTER_YEAR, LEVEL, NEXT, PUBLISHED
from victimsmodel.reporting.formats import about, count, share1
from victimsmodel.reporting.words import sentence_case, typeset

#: What a row of `kept_back` is, by its kind.
KINDS = {
    PUBLISHED: "Published figure, kept back",
    NEXT: "Next quarter, before any return",
    AFTER_YEAR: "Next quarter, after four of a return",
}


def readable_hold_out(table: pd.DataFrame) -> pd.DataFrame:
    """Return what was kept back beside what was foretold of it, as text.

    Parameters
    ----------
    table : DataFrame
        From `kept_back`.
    """
    rows = []
    for row in table.to_dict("records"):
        show = share1 if row["is_share"] else count
        is_published = row["kind"] == PUBLISHED
        held = f"{row['covered']:.0%} ± {row['standard_error']:.0%} of {row['n_returns']:,.0f}"
        rows.append(
            {
                "Foretold (90% interval)": f"{show(row['median'])} ({span(row)})",
                "Observed": show(row["observed"]) if is_published else "not published",
                "Within the interval": ("yes" if row["is_within"] else "no")
                if is_published
                else held
                if row["kind"] == AFTER_YEAR
                else "",
            }
        )
    names = [f"{KINDS[row.kind]}: {total_name(row.observation)}" for row in table.itertuples()]
    return pd.DataFrame(rows, index=pd.Index(names, name="Kept back"))


def hold_out_sentences(table: pd.DataFrame) -> list[str]:
    """Return what keeping totals back showed, in two sentences: published ones, and a next quarter."""
    told = [typeset(sentence_case(text)) for text in (_published(table), _next_quarter(table))]
    return told


def span(row: Any) -> str:
    """Return the ends of an interval of a row."""
    show = share1 if row["is_share"] else count
    return f"{show(row['low'])} to {show(row['high'])}"


def total_name(observation: str) -> str:
    """Return the name of a total without its period, which a next quarter does not have."""
    return observation.partition(",")[0]


def _published(table: pd.DataFrame) -> str:
    rows = table[table["kind"] == PUBLISHED].to_dict("records")
    within = [row for row in rows if row["is_within"]]
    if len(rows) > 1:
        told = f"Each of {len(rows)} published totals was kept back in turn: {len(within)} of them lie within"
        return f"{told} the 90% interval that the stated inputs and the others foretell."
    row = rows[0]
    show = share1 if row["is_share"] else count
    lies = "lies within" if within else "lies outside"
    return (
        f"kept back, the one published figure ({row['observation']}: {show(row['observed'])}) {lies} the 90% "
        f"interval that the stated inputs foretell without it, {span(row)}"
    ) + "."


def _next_quarter(table: pd.DataFrame) -> str:
    rows = table[table["kind"] == AFTER_YEAR]
    n, error = int(rows["n_returns"].iloc[0]), rows["standard_error"].iloc[0]
    least, most = rows["covered"].min(), rows["covered"].max()
    shares = f"{least:.0%}" if round(least, 2) == round(most, 2) else f"{least:.0%} to {most:.0%}"
    sizes = rows["trials"].dropna()
    size = f" of about {about(sizes.iloc[0])} victims a quarter" if len(sizes) else ""
    return (
        f"no quarters of this service are published, so that invented returns{size} stand in, drawn from the "
        f"calibrated inputs: calibrated to four quarters, the {LEVEL:.0%} interval held the fifth in "
        f"{shares} of {n:,} (standard error {error:.0%}). That shows whether intervals keep their promise; "
        "whether the service behaves like the model only its own return can show."
    )
