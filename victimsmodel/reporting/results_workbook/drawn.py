"""How each chart is drawn: series, colours, axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from victimsmodel.appraisal.costs import COST_LINES
from victimsmodel.inputs.scenario import PRIORITIES
from victimsmodel.reporting.palette import (
    COST_COLOURS,
    INK,
    METHOD_COLOURS,
    PRIORITY_COLOURS,
    QUIET,
    RULE,
    option_colours,
)
from victimsmodel.reporting.results_workbook.sheets import Book, Placed
from victimsmodel.reporting.words import COST_LINE_TITLES, PRIORITY_TITLES, option_in_sentence, role_title

_SHARES, _WHOLE, _POUNDS = "0%", "#,##0", "£#,##0"
#: Hidden sheet that holds the lengths of error bars.
BARS = "Bars of charts"
_FIRST_STAGE, _LAST_STAGE = "referred", "supported"


class Bars:
    """Lengths of error bars, which charts take from cells: mean to low and mean to high."""

    def __init__(self, page: Any) -> None:
        self._page, self._column = page, 0
        page.hide()

    def of(self, numbers: Any) -> dict[str, Any]:
        """Return error bars from rows of mean, low and high, whose lengths are written down.

        A length is no number of the run folder: it is the difference of two that stand in the sheets.
        """
        from xlsxwriter.utility import xl_col_to_name

        ends = []
        for lengths in (numbers[:, 2] - numbers[:, 0], numbers[:, 0] - numbers[:, 1]):
            for at, length in enumerate(lengths):
                self._page.write_number(at, self._column, max(0.0, float(length)))
            column = xl_col_to_name(self._column, True)
            ends.append(f"='{BARS}'!{column}$1:{column}${len(lengths)}")
            self._column += 1
        line = {"color": INK, "width": 0.75}
        return {"type": "custom", "plus_values": ends[0], "minus_values": ends[1], "line": line}


def draw_funnel(book: Book, placed: Placed, bars: Bars) -> Any:
    """Draw how many of all referrals come how far, a column an option."""
    chart = book.workbook.add_chart({"type": "column"})
    own = placed.rows[placed.rows["who"] == "all"]
    stages = list(own["stage"])
    between = own.index[stages.index(_FIRST_STAGE) : stages.index(_LAST_STAGE) + 1]
    for option, colour in _options(book, placed):
        series = _series(placed, between, "stage", f"victims, {option}", _title(book, option), colour)
        numbers = placed.rows.loc[between, [f"{each}, {option}" for each in ("victims", "low", "high")]]
        chart.add_series({**series, "gap": 60, "y_error_bars": bars.of(numbers.to_numpy(float))})
    chart.set_x_axis(axis(""))
    highs = [name for name in placed.columns if name.startswith("high, ")]
    most = _above(placed.rows.loc[between, highs].to_numpy(float).max())
    chart.set_y_axis(axis("Victims a year", _WHOLE, min=0, max=most))
    chart.set_legend(legend())
    return chart


def draw_coverage(book: Book, placed: Placed, bars: Bars) -> Any:
    """Draw coverage by group, a bar each for today's service and the option that covers most."""
    chart = book.workbook.add_chart({"type": "bar"})
    options = placed.rows["option"].astype(str)
    base = book.scenario.against
    means = placed.rows["coverage"].groupby(options).mean()
    others = means.drop(base, errors="ignore").dropna()
    shown = {base, base if others.empty else str(others.idxmax())}
    for option, colour in _options(book, placed):
        if option not in shown:  # a bar for every option and group could not be read
            continue
        where = placed.rows.index[options == option]
        series = _series(placed, where, "group", "coverage", _title(book, option), colour)
        numbers = placed.rows.loc[where, ["coverage", "low", "high"]].to_numpy(float)
        chart.add_series({**series, "gap": 45, "x_error_bars": bars.of(numbers)})
    chart.set_x_axis(
        axis(
            "Victims in need who are supported, with 90% interval",
            _SHARES,
            min=0,
            max=_above(placed.rows["high"].max()),
        )
    )
    chart.set_y_axis(axis("", reverse=True, crossing="max"))
    chart.set_legend(legend())
    return chart


def draw_waits(book: Book, placed: Placed, bars: Bars) -> Any:
    """Draw first attempts within the standard, a column a priority."""
    chart = book.workbook.add_chart({"type": "column"})
    rows = placed.rows.astype({"wait": str, "priority": str})
    for priority in PRIORITIES:
        where = rows.index[(rows["wait"] == "first_attempt") & (rows["priority"] == priority)]
        name = f"{PRIORITY_TITLES[priority]} priority"
        series = _series(placed, where, "option", "within_standard", name, PRIORITY_COLOURS[priority])
        numbers = rows.loc[where, ["within_standard", "low", "high"]].to_numpy(float)
        chart.add_series({**series, "gap": 80, "y_error_bars": bars.of(numbers)})
    days = book.scenario.standards.first_attempt_days
    chart.set_x_axis(axis(""))
    chart.set_y_axis(axis(f"First attempt within {days} days", _SHARES, min=0, max=1))
    chart.set_legend(legend())
    return chart


def draw_staff(book: Book, placed: Placed, bars: Bars) -> Any:
    """Draw the part of staff time that is used, a column a role."""
    chart = book.workbook.add_chart({"type": "column"})
    roles = placed.rows["role"].astype(str)
    for i, role in enumerate(roles.unique()):
        where = placed.rows.index[roles == role]
        colour = METHOD_COLOURS[i % len(METHOD_COLOURS)]
        series = _series(placed, where, "option", "utilisation", role_title(role, book.scenario), colour)
        numbers = placed.rows.loc[where, ["utilisation", "low", "high"]].to_numpy(float)
        chart.add_series({**series, "gap": 80, "y_error_bars": bars.of(numbers)})
    chart.set_x_axis(axis(""))
    chart.set_y_axis(
        axis("Hours worked of hours available", _SHARES, min=0, max=_above(placed.rows["high"].max()))
    )
    chart.set_legend(legend())
    return chart


def draw_costs(book: Book, placed: Placed, bars: Bars) -> Any:
    """Draw the cost of the year by line, stacked, with the total's interval and the grant."""
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    lines = placed.rows["line"].astype(str)
    for line in COST_LINES:
        where = placed.rows.index[lines == line]
        series = _series(placed, where, "option", "cost_gbp", COST_LINE_TITLES[line], COST_COLOURS[line])
        chart.add_series({**series, "gap": 80})
    over = book.workbook.add_chart({"type": "line"})
    where = placed.rows.index[lines == "grant"]
    grant = _series(placed, where, "option", "cost_gbp", "Grant", INK)
    over.add_series({**grant, "line": {"color": INK, "width": 1.75, "dash_type": "dash"}})
    where = placed.rows.index[lines == "total"]
    total = _series(placed, where, "option", "cost_gbp", "Total, with 90% interval", INK)
    marker = {"type": "diamond", "size": 6, "fill": {"color": INK}, "border": {"color": INK}}
    lengths = bars.of(placed.rows.loc[where, ["cost_gbp", "low", "high"]].to_numpy(float))
    over.add_series({**total, "line": {"none": True}, "marker": marker, "y_error_bars": lengths})
    chart.combine(over)
    chart.set_x_axis(axis(""))
    chart.set_y_axis(
        axis(
            f"Cost of the year, {book.scenario.price_year} prices",
            _POUNDS,
            min=0,
            max=_above(placed.rows["high"].max()),
        )
    )
    chart.set_legend(legend())
    return chart


def draw_increments(book: Book, placed: Placed, bars: Bars) -> Any:
    """Draw additional cost against additional victims in need supported, a mark an option."""
    chart = book.workbook.add_chart({"type": "scatter"})
    options = placed.rows["option"].astype(str)
    for option, colour in _options(book, placed):
        where = placed.rows.index[options == option]
        series = _series(
            placed, where, "incremental_effect", "incremental_cost", _title(book, option), colour
        )
        marker = {"type": "circle", "size": 9, "fill": series["fill"], "border": series["fill"]}
        chart.add_series({**series, "marker": marker})
    base = option_in_sentence(book.scenario.against, book.scenario)
    low = {"label_position": "low"}
    chart.set_x_axis(axis(f"Additional victims in need supported, against {base}", "+#,##0;-#,##0;0", **low))
    chart.set_y_axis(axis("Additional cost of the year", "+£#,##0;-£#,##0;£0", **low))
    chart.set_legend(legend())
    return chart


def draw_best_buy(book: Book, placed: Placed, bars: Bars) -> Any:
    """Draw the probability of being the best buy, a line an option."""
    chart = book.workbook.add_chart({"type": "scatter", "subtype": "straight"})
    options = placed.rows["option"].astype(str)
    for option, colour in _options(book, placed):
        where = placed.rows.index[options == option]
        series = _series(placed, where, "threshold", "probability_best", _title(book, option), colour)
        chart.add_series({**series, "line": {"color": colour, "width": 2}})
    most = float(placed.rows["threshold"].max())
    chart.set_x_axis(axis("Value of a victim in need supported", _POUNDS, min=0, max=most))
    chart.set_y_axis(axis("Probability of being the best buy", _SHARES, min=0, max=1))
    chart.set_legend(legend())
    return chart


def draw_demand(book: Book, placed: Placed, bars: Bars) -> Any:
    """Draw victims in need by crime type."""
    chart = book.workbook.add_chart({"type": "bar"})
    rows = placed.rows.astype({"priority": str, "crime_type": str})
    where = rows.index[(rows["priority"] == "all") & (rows["crime_type"] != "all")]
    series = _series(placed, where, "crime_type", "in_need", "Victims in need", PRIORITY_COLOURS["enhanced"])
    numbers = rows.loc[where, ["in_need", "in_need_low", "in_need_high"]].to_numpy(float)
    chart.add_series({**series, "gap": 50, "x_error_bars": bars.of(numbers)})
    chart.set_x_axis(
        axis("Victims in need a year, with 90% interval", _WHOLE, min=0, max=_above(numbers.max()))
    )
    chart.set_y_axis(axis("", reverse=True, crossing="max"))
    chart.set_legend({"none": True})
    return chart


def draw_forecast(book: Book, placed: Placed, bars: Bars) -> Any:
    """Draw recorded offences of all crime types, and the forecast with its intervals."""
    chart = book.workbook.add_chart({"type": "line"})
    where = placed.rows.index[placed.rows["crime_type"].astype(str) == "total"]
    looks = (
        ("observed", "Recorded", {"color": INK, "width": 2.25}),
        ("median", "Forecast (median)", {"color": PRIORITY_COLOURS["enhanced"], "width": 2.25}),
        ("low_80", "80% interval", {"color": "#0072b2", "width": 1.25, "dash_type": "dash"}),
        ("high_80", "80% interval: high", {"color": "#0072b2", "width": 1.25, "dash_type": "dash"}),
        ("low_95", "95% interval", {"color": QUIET, "width": 1, "dash_type": "round_dot"}),
        ("high_95", "95% interval: high", {"color": QUIET, "width": 1, "dash_type": "round_dot"}),
    )
    for raw, name, line in looks:
        chart.add_series({**_series(placed, where, "year", raw, name, INK), "line": line})
    chart.set_x_axis(axis(""))
    chart.set_y_axis(axis("Offences a financial year", _WHOLE, min=0))
    chart.set_legend(legend(3, 5))
    return chart


def axis(name: str, shape: str = "", **more: Any) -> dict[str, Any]:
    """Return an axis with its unit in words."""
    font = {"name": "Calibri", "size": 9, "color": INK}
    looks: dict[str, Any] = {"num_font": dict(font), "line": {"color": QUIET}, **more}
    if name:
        looks |= {"name": name, "name_font": {**font, "bold": False}}
    if shape:
        looks |= {"num_format": shape, "major_gridlines": {"visible": True, "line": {"color": RULE}}}
    return looks


def _series(
    placed: Placed, where: Sequence[int] | pd.Index[int], labels: str, raw: str, name: str, colour: str
) -> dict[str, Any]:
    """Return a series over rows that stand below each other."""
    first, last = placed.first_row + int(where[0]), placed.first_row + int(where[-1])
    sheet = placed.sheet.name
    places = {each: placed.columns.index(each) for each in (labels, raw)}
    return {
        "name": name,
        "categories": [sheet, first, places[labels], last, places[labels]],
        "values": [sheet, first, places[raw], last, places[raw]],
        "fill": {"color": colour},
        "border": {"none": True},
    }


def legend(*deleted: int) -> dict[str, Any]:
    """Return a legend below the chart, without some of the series."""
    font = {"name": "Calibri", "size": 9, "color": INK}
    return {"position": "bottom", "font": font, "delete_series": list(deleted)}


def _above(most: float) -> float:
    """Return where an axis ends that holds a number: the next fifth of its power of ten; 1 for nothing."""
    if not most > 0:
        return 1.0
    step = 10.0 ** math.floor(math.log10(most)) / 5
    return round(math.ceil(most / step - 1e-6) * step, 10)


def _options(book: Book, placed: Placed) -> list[tuple[str, str]]:
    """Return the options that a sheet shows, with their colours."""
    if placed.sheet.is_wide:
        found = {each.option for each in placed.fields}
    else:
        found = set(placed.rows["option"].astype(str))
    return [(name, colour) for name, colour in option_colours(book.scenario).items() if name in found]


def _title(book: Book, option: str) -> str:
    return book.scenario.options[option].title
