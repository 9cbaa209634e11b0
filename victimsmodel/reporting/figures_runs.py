"""The figure of two runs side by side: how far each option's results lie apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.reporting.formats import FORMATS, about
from victimsmodel.reporting.palette import INK, QUIET, option_colours
from victimsmodel.reporting.style import legend_below, name_rows, panels, present, short_title, styled
from victimsmodel.reporting.words import option_in_sentence, sentence_case

#: Measure, heading and format of each panel.
_PANELS = (
    ("supported_in_need", "Victims in need supported", "count_signed"),
    ("coverage", "Coverage, percentage points", "points"),
    ("total_cost", "Cost of the year, £ thousand", "thousands"),
)
_SURE = ("clear", "on average")


@styled
def plot_run_differences(results: pd.DataFrame, scenario: Scenario, source: str) -> Figure:
    """Draw the difference between two runs for every option, with 90 % intervals.

    Parameters
    ----------
    results : DataFrame
        From `run_differences`.
    scenario : Scenario
        Of the first run, for titles and colours.
    source : str
        What stands under the figure.

    Returns
    -------
    Figure
    """
    options = present(results, scenario)
    found = results.astype({"option": str}).set_index(["measure", "option"])
    figure, axes = panels(1, 3, 0.42 * len(options) + 1.7, _title(found, options, scenario), source)
    for i, (ax, (measure, heading, style)) in enumerate(zip(axes[0], _PANELS, strict=True)):
        _draw(ax, found.loc[measure], options, scenario)
        ax.set_title(heading)
        ax.xaxis.set_major_locator(MaxNLocator(4))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _, style=style: _tick(float(x), style)))
        titles = [short_title(scenario.options[name].title, 22) for name in options]
        name_rows(ax, titles if i == 0 else [""] * len(options))
        ax.set_xlabel("B less A")
    interval = results["interval"].iloc[0]
    what = (
        "90% interval over the draws" if interval == "paired" else "90% interval of the averages' difference"
    )
    marks = [
        Line2D([], [], color=INK, lw=2, marker="o", ms=6, label=f"Difference and {what}"),
        Line2D([], [], color=INK, lw=2, marker="o", ms=6, mfc="white", label="Within chance"),
    ]
    legend_below(figure, marks, 2)
    return figure


def _tick(x: float, style: str) -> str:
    return FORMATS["count_signed"](x / 1000) if style == "thousands" else FORMATS[style](x)


def _draw(ax: Axes, rows: pd.DataFrame, options: list[str], scenario: Scenario) -> None:
    colours = option_colours(scenario)
    ax.axvline(0, color=QUIET, lw=1)
    for place, name in enumerate(options):
        row, colour = rows.loc[name], colours[name]
        if np.isfinite(row["low"]):
            ax.plot([row["low"], row["high"]], [place, place], color=colour, lw=2, solid_capstyle="butt")
        face = colour if row["verdict"] in _SURE else "white"
        ax.plot(row["difference"], place, "o", ms=6, mfc=face, mec=colour, mew=1.5)


def _title(found: pd.DataFrame, options: list[str], scenario: Scenario) -> str:
    """State the largest difference in what is bought that is more than chance."""
    effects = found.loc["supported_in_need"].loc[options]
    real = effects[effects["verdict"].isin(_SURE)]
    if (effects["verdict"] == "identical").all():
        return "A and B support the same number of victims in need"
    if real.empty:
        return "A and B do not differ by more than chance in the victims in need they support"
    name = str(real["difference"].abs().idxmax())
    gap = float(real.loc[name, "difference"])
    option = sentence_case(option_in_sentence(name, scenario))
    verb = "more" if gap > 0 else "fewer"
    return f"{option} supports {about(abs(gap))} {verb} victims in need in B than in A"
