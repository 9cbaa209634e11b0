"""Figure of published services: attrition of those fed in the same way, and where areas lie."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from victimsmodel.inputs.evidence import REGIME_PHRASES
from victimsmodel.reporting.palette import INK
from victimsmodel.reporting.style import legend_below, name_rows, panels, styled, tint

_SERVICE, _AVERAGE, _ANOTHER = INK, "#14506e", "#8fbcd1"
_AREAS = ("#d55e00", "#009e73", "#cc79a7", "#e69f00")  # Okabe and Ito (2008)
_DASHES = ((0, (4, 2)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)), "solid")
_ROW, _AROUND = 0.34, 0.36  # inches
_OUTSIDE = 1.55  # inches: title, legend, axis label, source
_BAND = 0.52  # of a row


@styled
def plot_services(table: pd.DataFrame, source: str = "") -> Figure:
    """Draw attrition by service, one panel a way of referral, with the areas compared as lines.

    Parameters
    ----------
    table : DataFrame
        That of `compare_services`.
    source : str
        What stands under the figure, after a note on how to read it.

    Returns
    -------
    Figure
    """
    regimes = list(dict.fromkeys(table["regime"]))
    rows = [int(((table["regime"] == r) & (table["kind"] != "area")).sum()) for r in regimes]
    ratios = [n * _ROW + _AROUND for n in rows]
    line = (
        "Dot: a service, with the 90 % interval that its number of referrals leaves open. Diamond: mean of "
        "the services, with its 90 % interval. Bar: where nine in ten other such services would be expected. "
        f"{source or _sources(table)}"
    )
    figure, axes = panels(
        len(regimes),
        1,
        sum(ratios) + _OUTSIDE,
        _title(table),
        line,
        sharex=True,
        gridspec_kw={"height_ratios": ratios},
    )
    areas = list(dict.fromkeys(table.loc[table["kind"] == "area", "name"]))
    for ax, regime in zip(axes[:, 0], regimes, strict=True):
        own = table[table["regime"] == regime]
        _panel(ax, own, areas)
        name_rows(ax, _labels(own))
        ax.set_title(f"Services {REGIME_PHRASES[regime]}")
    axes[0, 0].set_xlim(0, 100)
    axes[-1, 0].set_xlabel("Referrals that do not end in support, per cent")
    legend_below(figure, _legend(table, areas), columns=3)
    return figure


def _panel(ax: Axes, table: pd.DataFrame, areas: list[str]) -> None:
    """Draw the services of one way of referral and what they lead to expect, and the areas."""
    for y, row in enumerate(_shown(table).itertuples()):
        low, middle, high = (100 * x for x in (row.low, row.attrition, row.high))
        if row.kind == "new_area":
            ax.barh(y, high - low, left=low, height=_BAND, color=_ANOTHER, linewidth=0)
            ax.plot([middle, middle], [y - _BAND / 2, y + _BAND / 2], color="white", linewidth=1.6)
            continue
        is_mean = row.kind == "pooled"
        colour = _AVERAGE if is_mean else _SERVICE
        ax.plot([low, high], [y, y], color=colour, linewidth=1.5)
        ax.plot(middle, y, marker="D" if is_mean else "o", color=colour, markersize=6 if is_mean else 5)
    for i, name in enumerate(areas):
        found = table[(table["kind"] == "area") & (table["name"] == name)]
        if not len(found):
            continue  # fed in another way
        row = found.iloc[0]
        colour, dashes = _AREAS[i % len(_AREAS)], _DASHES[i % len(_DASHES)]
        if pd.notna(row["low"]):
            ax.axvspan(100 * row["low"], 100 * row["high"], color=tint(colour, 0.18), linewidth=0, zorder=0)
        ax.axvline(100 * row["attrition"], color=colour, linestyle=dashes, linewidth=1.4, zorder=1.5)


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a panel: services, highest attrition first, then what they lead to expect."""
    services = table[table["kind"] == "service"].sort_values("attrition", ascending=False)
    return pd.concat([services, table[table["kind"].isin(("pooled", "new_area"))]])


def _labels(table: pd.DataFrame) -> list[str]:
    """Return the names of a panel's rows, services with their counts."""
    labels = []
    for row in _shown(table).itertuples():
        text = str(row.name)
        if row.kind == "service":
            text += f"\n{row.supported:,.0f} of {row.referred:,.0f} supported"
        labels.append(text)
    return labels


def _legend(table: pd.DataFrame, areas: list[str]) -> list[Line2D | Patch]:
    shaded = set(table.loc[(table["kind"] == "area") & table["low"].notna(), "name"])
    names = [f"{name} (shaded: 90% interval)" if name in shaded else name for name in areas]
    return [
        Line2D([], [], color=_SERVICE, marker="o", markersize=5, label="Service, 90% interval"),
        Line2D([], [], color=_AVERAGE, marker="D", markersize=6, label="Mean, 90% interval"),
        Patch(color=_ANOTHER, linewidth=0, label="Another such service, 90% range"),
        *(
            Line2D([], [], color=_AREAS[i % len(_AREAS)], linestyle=_DASHES[i % len(_DASHES)], label=name)
            for i, name in enumerate(names)
        ),
    ]


def _sources(table: pd.DataFrame) -> str:
    keys = dict.fromkeys(", ".join(table.loc[table["kind"] == "service", "source"]).split(", "))
    return f"Sources, as named in the register: {', '.join(keys)}."


def _title(table: pd.DataFrame) -> str:
    """State where the first area lies among services fed as it is, and how few they are."""
    areas = table[table["kind"] == "area"]
    if not len(areas):
        return "Attrition of published services, by way of referral"
    first = areas[areas["name"] == areas["name"].iloc[0]]
    n = table[table["kind"] == "service"].groupby("regime").size()
    places = ", ".join(
        f"{row.position} for services {REGIME_PHRASES[row.regime]} ({n[row.regime]} published)"
        for row in first.itertuples()
    )
    lost = f"{100 * first['attrition'].iloc[0]:.0f} %"
    return f"{first['name'].iloc[0]}: losing {lost} of referrals is {places}"
