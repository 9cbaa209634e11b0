"""Native charts of the main results, drawn from the cells of the sheets beside them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from victimsmodel.reporting.palette import INK, RULE
from victimsmodel.reporting.results_workbook.declared import COMPARED, SECTIONS
from victimsmodel.reporting.results_workbook.drawn import (
    BARS,
    Bars,
    draw_best_buy,
    draw_costs,
    draw_coverage,
    draw_demand,
    draw_forecast,
    draw_funnel,
    draw_increments,
    draw_staff,
    draw_waits,
)
from victimsmodel.reporting.results_workbook.sheets import FRONT, Book, Placed, head_pages
from victimsmodel.reporting.spreadsheet.page import print_landscape

CHARTS = "Charts"
_FIRST_ROW, _ROWS_EACH, _COLUMNS_EACH = 4, 20, 10  # 20 pixels a row, 64 a column
_WIDTH, _HEIGHT, _GAP = 624, 384, 16
_SCALE = 62  # per cent, of charts on paper
_TITLE_BYTES = 20_000  # a figure's title stands at its beginning


class Drawn(NamedTuple):
    """One chart: the figure whose finding is its title, the sheet that it draws, and how."""

    figure: str
    sheet: str
    caption: str
    draw: Callable[[Book, Placed, Bars], Any]
    is_tall: bool = False


_DRAWN = (
    Drawn("funnel", "Funnel", "Victims who come so far, all referrals", draw_funnel),
    Drawn("coverage", "Coverage", "Victims in need supported, by group: now, at best", draw_coverage, True),
    Drawn("waits", "Waits", "First attempts within the standard", draw_waits),
    Drawn("staff_use", "Staff use", "Part of staff time that is used", draw_staff),
    Drawn("costs", "Costs", "Cost of the year against the grant", draw_costs),
    Drawn("cost_effectiveness", "Increments", "Additional cost and victims supported", draw_increments),
    Drawn("acceptability", "Best buy", "Probability of being the best buy", draw_best_buy),
    Drawn("demand", "Demand", "Victims in need by crime type", draw_demand),
    Drawn("forecast", "Forecast", "Recorded offences against people", draw_forecast),
)


def write_charts(book: Book, page: Any, figures: Path) -> None:
    """Write the charts, two side by side.

    Parameters
    ----------
    book : Book
        After its sheets were written.
    page : xlsxwriter worksheet
    figures : Path
        Folder of the run's figures.
    """
    page.hide_gridlines(2)
    page.set_tab_color(SECTIONS[COMPARED])
    page.write_string(0, 0, CHARTS, book.formats.named("title"))
    lead = "Drawn from the sheets of this workbook; they can be changed and copied. "
    lead += "Thin bars: 90% intervals of the mean."
    page.write_string(1, 0, lead)
    page.write_url(2, 0, f"internal:'{FRONT}'!A1", book.formats.named("link"), "Back to the first sheet")
    drawn = [one for one in _DRAWN if one.sheet in book.placed]
    bars = Bars(book.workbook.add_worksheet(BARS))
    heights = [0, 0]  # of the two columns, in charts
    for one in drawn:
        chart = one.draw(book, book.placed[one.sheet], bars)
        title = finding(figures / f"{one.figure}.svg") or one.caption
        _dress(chart, title, 2 if one.is_tall else 1)
        side = heights.index(min(heights))
        at = (_FIRST_ROW + _ROWS_EACH * heights[side], _COLUMNS_EACH * side)
        heights[side] += 2 if one.is_tall else 1
        told = f"{one.caption}. {title}. The numbers stand in the sheet {one.sheet}."
        page.insert_chart(*at, chart, {"y_offset": 6, "description": told, "object_position": 2})
    rows = max(heights)
    page.set_h_pagebreaks([_FIRST_ROW + _ROWS_EACH * i for i in range(2, rows, 2)])
    page.print_area(0, 0, _FIRST_ROW + _ROWS_EACH * rows, 2 * _COLUMNS_EACH)
    head_pages(book, page)
    page.set_footer("&L&9&A&R&9Page &P of &N")
    print_landscape(page)
    page.set_print_scale(_SCALE)  # instead of fitting pages, with which page breaks would not count


def finding(figure: Path) -> str:
    """Return the finding that a figure states as its title; empty if there is no such figure."""
    if not figure.is_file():
        return ""
    with figure.open(encoding="utf-8") as stream:
        found = re.search(r"<title>(.*?)</title>", stream.read(_TITLE_BYTES), re.DOTALL)
    return html.unescape(" ".join(found[1].split())) if found else ""


def _dress(chart: Any, title: str, rows: int) -> None:
    looks: Mapping[str, Any] = {"name": "Calibri", "color": INK}
    chart.set_title({"name": title, "overlay": False, "name_font": {**looks, "size": 11, "bold": True}})
    chart.set_size({"width": _WIDTH, "height": (_HEIGHT + _GAP) * rows - _GAP})
    chart.set_chartarea({"border": {"color": RULE}})
    chart.set_plotarea({"border": {"none": True}})
    chart.show_blanks_as("gap")
