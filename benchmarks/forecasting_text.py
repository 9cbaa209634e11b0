"""The words and tables of docs/forecasting.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

_NAMES = {
    "forecast": "**This forecast**",
    "seasonal_naive": "Seasonal naive",
    "plain_ets": "Plain ETS (statsmodels, form by AICc)",
    "A,N,N": "- plain ETS(A,N,N)",
    "A,N,A": "- plain ETS(A,N,A)",
    "A,Ad,A": "- plain ETS(A,Ad,A)",
    "ets_level": "Candidate ETS(A,N,A)",
    "ets_trend": "Candidate ETS(A,Ad,A), damping 0.85",
    "unobserved_components": "Candidate unobserved components",
    "sarimax": "Candidate SARIMAX (1,0,0)(0,1,1)4",
    "equal_weights": "Candidates with equal weights, without seasonal naive",
    "single_best": "The candidate with the least past error alone",
}
_HOW = """# Forecasting offences

Written by `make backtest` (`benchmarks/backtest.py`) from {source}: {n_forces} forces, {n_types} crime
types, {first} to {last}. Every number here comes from that command; it ends with status 1 when a promise
below does not hold.

## How a forecast is made

1. **Series.** Offences of one force by crime type and quarter. The models see logarithms (of the count
   plus a half). Quarters without counts stay missing: the financial year 2015/16, and what the reader
   treats as missing. The four quarters of restrictions (2020Q2 to 2021Q1) each have an effect of their
   own, which is the same as leaving them out, once the series goes on after them. Level shifts that are
   given are estimated inside every model and last; they are not carried on as a trend.
2. **Candidates.** Seasonal naive; ETS with additive errors and seasons, without and with a damped trend;
   unobserved components (a moving level and seasons); SARIMAX (1,0,0)(0,1,1)4. Series are short: orders
   are fixed, parameters lie on a small grid whose points are averaged by their likelihood, first slopes
   and seasons have tight priors. statsmodels states the models; one filter runs over all series that
   miss the same quarters. All treat missing quarters as the state-space models that they are.
3. **Combination.** At each past origin every candidate forecasts four quarters from what was known then.
   Candidates with more than 1.25 times the error of the best one are left out, the others are weighted
   by the inverse square of their errors of the last twelve origins; half of a candidate's record is that
   of the force's other crime types. One candidate alone is taken where its error was a fifth below the
   combination's.
4. **Spread.** The models' own standard deviation, in which errors lose half their weight in two years
   and 6 % (and Poisson chance) is believed with the weight of eight quarters. It is then widened by what
   forecasts missed by: one factor at 80 % and one at 95 %, by distance, never below one. Histories of
   at most four years of counts have larger factors of their own.
5. **Paths.** Shocks of a quarter are correlated between crime types as past one-step errors were, and go
   on into later quarters as the models say. The total is the sum of crime types in every path. Growth
   and policy shifts multiply the paths.
"""
_SHORT = """
## Where it falls short

- No model here sees a change of recording practice or a lockdown coming. Origins whose targets hold the
  first restrictions (June to December 2019) are missed by up to four standard deviations; the lines
  "origins before 2020" and "origins from 2020" above include them.
- Errors of one quarter have one cause in all forces: {n_origins} origins of {n_forces} forces are not
  {product} independent outcomes. Coverage by origin, above, shows how far apart quarters lie.
- The factors of short histories come from {n_short} origins up to March 2017 and one episode: recording grew
  everywhere. They are stated in the package, so that at those origins they knew what was to come; leaving
  out the force itself ("other forces") changes little, for all forces missed together. They are a
  measure of how wrong a short history can be, not a proof that the next one will be covered.
- Coverage differs by crime type: public order and hate, and domestic burglary are covered less than they
  should be, criminal damage and sexual offences more. The widening is the same for all.
- Intervals of the total hold a little less than those of crime types, most of all at 95 %: changes of
  recording push several crime types in one direction.
- Weights by past error are worth little here: candidates with equal weights, seasonal naive left out, were as
  good. Weights are kept because they leave out what fails for a force; one candidate alone was worse.
- Beyond two years there are few origins that do not overlap, and most targets lie in or after the
  pandemic. What is shown for years 3 to 5 is one episode seen from many forces.
- The candidates, their grids, the weight of the prior and the limits of the combination were settled
  with this file in sight; the choices are few and the results move little with them, but there is no
  second file.
- Fraud is not in the file (it is recorded nationally): a scenario states it otherwise.
- Forecasts of a handful of offences a quarter (City of London, robbery and burglary) are chance; the
  forecast says so in its remarks.
"""


class Found(NamedTuple):
    """What was measured."""

    source: str
    wide: pd.DataFrame
    accuracy: pd.DataFrame
    coverage: pd.DataFrame
    parts: dict[str, pd.DataFrame]
    distance: pd.DataFrame
    priors: pd.DataFrame
    widening: pd.DataFrame
    short: pd.DataFrame
    growth: pd.Series


def covered(table: pd.DataFrame, widening: str, period: str, what: str, level: float) -> float:
    """Return one share of the coverage table; NaN where there is none."""
    kept = (table["widening"] == widening) & (table["period"] == period) & (table["what"] == what)
    rows = table.loc[kept & (table["level"] == level), "covered"]
    return float(rows.iloc[0]) if len(rows) else float("nan")


def page(found: Found) -> str:
    """Return the page."""
    forces = found.wide.columns.get_level_values(0).unique()
    types = found.wide.columns.get_level_values(1).unique()
    n_origins = found.parts["origin"]["origin"].nunique()
    how = _HOW.format(
        source=f"`{found.source}`",
        n_forces=len(forces),
        n_types=len(types),
        first=found.wide.index[0],
        last=found.wide.index[-1],
    )
    short = _SHORT.format(
        n_origins=n_origins,
        n_short=int((found.parts["origin"]["origin"].drop_duplicates() <= "2017Q1").sum()),
        n_forces=len(forces),
        product=f"{n_origins * len(forces):,}",
    )
    sections = [
        _accuracy(found),
        _coverage(found),
        _parts(found),
        _distance(found),
        _widening(found),
        _growth(found),
    ]
    return how + "".join(sections) + short


def _table(heads: list[str], rows: Iterable[Iterable[str]]) -> str:
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, rule, *rows)) + "\n"


def _share(x: float) -> str:
    return "" if x != x else f"{100 * x:.1f}"


def _accuracy(found: Found) -> str:
    names = [name for name in _NAMES if name in found.accuracy.index]
    columns = ["median, before", "mean, before", "median, after", "mean, after"]
    rows = [[_NAMES[n], *(f"{found.accuracy.loc[n, c]:.3f}" for c in columns)] for n in names]
    n_before, n_after = (int(found.accuracy[f"n, {p}"].iloc[0]) for p in ("before", "after"))
    return f"""
## Accuracy, four quarters ahead

Mean absolute error over the four quarters, in units of the mean change from the year before up to the
origin (MASE; Hyndman and Koehler 2006, doi 10.1016/j.ijforecast.2006.03.001), over forces, crime types
and origins. 2017Q1 is the first origin with four years of counts. Before: origins 2017Q1 to 2019Q1,
whose targets end by 2020Q1 ({n_before:,} cases). After:
origins from 2020Q1 ({n_after:,} cases), shown, not promised. Promised: the median before is below
seasonal naive's and below plain ETS's.

{_table(["model", *columns], rows)}
Seasonal naive repeats the same quarter of the year before (of two years before where that is missing).
Plain ETS is statsmodels' ETSModel on the same logarithms, by maximum likelihood for each series, gaps
filled on a straight line between the same quarters of the years around them.
"""


def _coverage(found: Found) -> str:
    table, rows = found.coverage, []
    for key, part in table.groupby(["widening", "period", "what"], sort=False):
        shares = part.set_index("level")["covered"]
        rows.append([*key, *(_share(shares[level]) for level in (0.5, 0.8, 0.95)), f"{part['n'].iloc[0]:,}"])
    return f"""
## Coverage of intervals, one to four quarters ahead

Per cent of outcomes inside. "Errors before the origin": what the package does, with the widening that
was known at each origin, no later quarter seen; origins with at most four years of counts (to 2017Q1) use
the factors of short histories below. "Other forces": the widening that all other forces need
over the same origins (it knows the period, not the force). "None": the models' own intervals. Promised,
over crime types, all forces and all origins before 2020: 76 to 84 and 92 to 98 per cent.

{_table(["widening", "origins", "what", "50 %", "80 %", "95 %", "outcomes"], rows)}"""


def _parts(found: Found) -> str:
    text = "\n## Coverage in parts\n\nOrigins before 2020, errors before the origin.\n"
    for by, title in (("crime_type", "crime type"), ("step", "quarters ahead"), ("origin", "origin")):
        rows = []
        for key, part in found.parts[by].groupby(by, sort=False):
            shares = part.set_index("level")["covered"]
            rows.append([str(key), *(_share(shares[level]) for level in (0.5, 0.8, 0.95))])
        text += "\n" + _table([title, "50 %", "80 %", "95 %"], rows)
    return text


def _distance(found: Found) -> str:
    rows = []
    for (what, year), part in found.distance.groupby(["what", "year"], sort=False):
        shares = part.set_index("level")["covered"]
        rows.append(
            [
                what,
                str(year),
                *(_share(shares[level]) for level in (0.5, 0.8, 0.95)),
                f"{part['n'].iloc[0]:,}",
            ]
        )
    return f"""
## Coverage by year ahead, up to five years

All origins from 2017Q1, pandemic included, each with the widening known at the origin. Shown, not
promised.

{_table(["what", "year", "50 %", "80 %", "95 %", "outcomes"], rows)}"""


def _widening(found: Found) -> str:
    both = zip(found.widening.iterrows(), found.short.iterrows(), strict=True)
    rows = [
        [str(int(r["step"])), *(f"{x:.2f}" for x in (r["80"], r["95"], s["80"], s["95"]))]
        for (_, r), (_, s) in both
    ]
    priors = [[f"{r['n_prior']:.0f}", _share(r["80"]), _share(r["95"])] for _, r in found.priors.iterrows()]
    return f"""
## Widening

What a forecast from the end of the file uses (`DEFAULT_WIDENING`): factors on the models' own standard
deviation that past errors ask for, all forces and origins with three years of counts, pandemic included.
From the fifth quarter on one factor holds for a year; a factor never falls with distance. A force whose
own errors ask for more gets more (against a prior of 40 origins). Beside it `SHORT_WIDENING`: what
origins with at most four years of counts needed (against a prior of one origin).

{_table(["quarters ahead, from", "80 %", "95 %", "short, 80 %", "short, 95 %"], rows)}
A prior worth 16 origins says that the models' own intervals are right. With another weight, coverage of
crime types over origins 2017Q1 to 2019Q1 (without a force's own widening, or that of short histories)
would have been:

{_table(["origins' worth", "80 %", "95 %"], priors)}"""


def _growth(found: Found) -> str:
    low, middle, high = (f"{100 * x:+.1f}" for x in found.growth)
    return f"""
## Growth scenarios

Low and high are two points a year below and above the forecast. They are a choice; for a measure: from
the year ending March 2019 to that ending March 2023 the growth a year of forces' offences of these types
had the quartiles {low}, {middle} and {high} %.
"""
