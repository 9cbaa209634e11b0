"""The cascade with both denominators: what is left of all referrals, and of all victims in need."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.figures_pathway import FUNNEL_STAGES
from victimsmodel.reporting.formats import share
from victimsmodel.reporting.palette import option_colours
from victimsmodel.reporting.style import legend_below, name_rows, panels, present, styled
from victimsmodel.reporting.words import STAGE_TITLES, option_in_sentence, sentence_case

_SPREAD = 0.68  # of the height of a row, over which the options of a stage stand


@styled
def plot_cascade(funnel_summary: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw the share that reaches each stage, of all referrals and of all victims in need, by option.

    The first denominator is what a provider sees; the second counts victims in need who were never
    referred, so that an option which refers fewer victims cannot look better by it alone.

    Parameters
    ----------
    funnel_summary : DataFrame
        From `tables.counts_summary` of the funnel: option, stage, who, victims.
    scenario : Scenario
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    options = present(funnel_summary, scenario)
    victims = (
        funnel_summary.astype({"option": str, "stage": str, "who": str})
        .set_index(["option", "who", "stage"])["victims"]
        .astype(float)
        .sort_index()
    )
    of_referred = {name: victims[name, "all"] / victims[name, "all", "referred"] for name in options}
    of_need = {name: victims[name, "in_need"] / victims[name, "in_need", "in_need"] for name in options}
    title = _title(of_referred, of_need, scenario)
    figure, axes = panels(1, 2, 0.64 * len(FUNNEL_STAGES) + 1.6, title, source, sharey=True)
    for ax, shares, heading in (
        (axes[0, 0], of_referred, "Of all referrals"),
        (axes[0, 1], of_need, "Of all victims in need, referred or not"),
    ):
        _draw(ax, shares, options, scenario)
        ax.set_title(heading)
        ax.set_xlabel("Share that reaches the stage (%)")
    name_rows(axes[0, 0], [STAGE_TITLES[stage] for stage in FUNNEL_STAGES])
    colours = option_colours(scenario)
    marks = [
        Line2D([], [], color=colours[name], marker="o", lw=1.2, label=scenario.options[name].title)
        for name in options
    ]
    legend_below(figure, marks, 3)
    return figure


def _draw(ax: Axes, shares: dict[str, pd.Series], options: list[str], scenario: Scenario) -> None:
    colours = option_colours(scenario)
    for i, name in enumerate(options):
        shift = _SPREAD * (i / max(len(options) - 1, 1) - 0.5) if len(options) > 1 else 0.0
        places = [row + shift for row in range(len(FUNNEL_STAGES))]
        values = [float(shares[name][stage]) for stage in FUNNEL_STAGES]
        ax.hlines(places, 0, values, color=colours[name], lw=1.2, alpha=0.55)
        ax.plot(values, places, "o", color=colours[name], ms=4.5)
        ax.annotate(
            share(values[-1]), (values[-1], places[-1]), (5, 0), textcoords="offset points", va="center",
            fontsize=6,
        )  # fmt: skip
    ax.set_xlim(0, 1.04)
    ax.xaxis.set_major_formatter(PercentFormatter(1))


def _title(of_referred: dict[str, pd.Series], of_need: dict[str, pd.Series], scenario: Scenario) -> str:
    """State which option does best by each denominator; they may disagree."""
    best = max(of_referred, key=lambda name: float(of_referred[name]["supported"]))
    real = max(of_need, key=lambda name: float(of_need[name]["supported"]))
    part, whole = share(of_referred[best]["supported"]), share(of_need[real]["supported"])
    first = sentence_case(option_in_sentence(best, scenario))
    if best == real:
        return f"{first} supports most by both counts: {part} of its referrals, {whole} of victims in need"
    rival = option_in_sentence(real, scenario)
    return f"{first} supports most of its referrals ({part}), {rival} most of all victims in need ({whole})"
