"""What was unusual about a history and its forecast, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from victimsmodel.demand.candidates import CANDIDATES
from victimsmodel.demand.combination import Origin, Panel
from victimsmodel.demand.series import Break

_FEW_ORIGINS = 8  # two years of them
_SMALL = 20.0  # offences a quarter, below which chance matters more than the model


def remarks_on(history: pd.DataFrame, panel: Panel, last: Origin, breaks: Sequence[Break]) -> tuple[str, ...]:
    """Return what a reader of the forecast should know.

    Parameters
    ----------
    history : DataFrame
        Counts, one column for each crime type, indexed by quarter.
    panel : Panel
        The same as the models saw it.
    last : Origin
        The forecast from its end.
    breaks : sequence of Break

    Returns
    -------
    tuple of str
    """
    series = (one for i, name in enumerate(history) for one in _on_series(history[name], i, panel, last))
    return (*_on_quarters(history, panel), *series, *_on_breaks(history, panel, breaks))


def on_backtest(table: pd.DataFrame) -> tuple[str, ...]:
    """Return what a reader should know of how far the intervals were tested on the history itself.

    Parameters
    ----------
    table : DataFrame
        As from `victimsmodel.demand.backtest.backtest`.

    Returns
    -------
    tuple of str
    """
    n_origins = table["origin"].nunique()
    if n_origins >= _FEW_ORIGINS:
        return ()
    if not n_origins:
        return (
            "The history is too short to forecast any of its own quarters: how often its intervals hold "
            "could not be checked. They are widened by what forecasts of all 43 forces missed by.",
        )
    dates = "1 past date" if n_origins == 1 else f"{n_origins} past dates"
    return (
        f"The history is short: it could be forecast from {dates} only, too few to say how often its "
        "intervals hold. They are widened by what forecasts of all 43 forces missed by.",
    )


def _on_quarters(history: pd.DataFrame, panel: Panel) -> Iterator[str]:
    empty = pd.PeriodIndex(history.index)[~panel.observed.any(axis=1)]
    if len(empty):
        yield f"{len(empty)} quarters without any counts were left missing: {', '.join(map(str, empty))}."
    if panel.pulses.any():
        if panel.pulses[-1]:
            yield "The history ends within the pandemic's restrictions: its last quarters count as they are."
        else:
            yield "The quarters of the pandemic's restrictions, 2020Q2 to 2021Q1, were taken out."


def _on_series(counts: pd.Series, i: int, panel: Panel, last: Origin) -> Iterator[str]:
    gaps = int((~panel.observed[:, i]).sum() - (~panel.observed.any(axis=1)).sum())
    negative = int((counts < 0).sum())
    if gaps:
        quarters = "1 more quarter was" if gaps == 1 else f"{gaps} more quarters were"
        yield f"{counts.name}: {quarters} missing" + (f", {negative} of them negative." if negative else ".")
    if float(counts.mean()) < _SMALL:
        yield f"{counts.name}: fewer than {_SMALL:.0f} offences a quarter; mostly chance."
    if last.weights[:, i].max() == 1.0:
        best = list(CANDIDATES.values())[int(last.weights[:, i].argmax())]
        yield f"{counts.name}: {best} alone, for it was clearly better than a combination."


def _on_breaks(history: pd.DataFrame, panel: Panel, breaks: Sequence[Break]) -> Iterator[str]:
    for one in breaks:
        observed = panel.observed[:, list(history).index(one.crime_type)]
        n_before = int((pd.PeriodIndex(history.index) < one.quarter).sum())
        if not (observed[:n_before].any() and observed[n_before:].any()):
            yield f"{one.crime_type}: the level shift of {one.quarter} lies outside the counts: not used."
