"""Monitoring returns: layouts never seen before, what is found in them, attrition and questions.

Every return here is made up for these tests.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import victimsmodel as vm
from victimsmodel.errors import InputError
from victimsmodel.inputs.returns.mapping_text import mapping_text

STAGES = ("referred", "attempted", "contacted", "assessed", "supported")
NAMES = ("New referrals", "Contact attempted", "Contacted", "Needs assessments", "Supported")
COUNTS = {
    "Q1": (12001, 9003, 3100, 1500, 1200),
    "Q2": (11020, 8204, 2900, 1404, 1101),
    "Q3": (12402, 9305, 3206, 1610, 1207),
    "Q4": (11803, 8807, 3001, 1502, 1190),
}
MONTHS = {"Q1": "Apr-Jun 2017", "Q2": "Jul-Sep 2017", "Q3": "Oct-Dec 2017", "Q4": "Jan-Mar 2018"}
Rows = list[list[Any]]


def wide() -> Rows:
    return [["Quarter", *NAMES]] + [[f"{q} 2017/18", *COUNTS[q]] for q in COUNTS]


def wide_with_titles_and_total() -> Rows:
    total = [f"{sum(column):,}" for column in zip(*COUNTS.values(), strict=True)]
    rows = [[q, *(f"{n:,}" for n in COUNTS[q])] for q in COUNTS]
    return [
        ["Victim Care Service (made up)"],
        ["Monitoring return 2017/18"],
        [],
        ["", *NAMES],
        *rows,
        ["Total", *total],
        [],
        ["Source: case management system, run 12/07/2018"],
    ]


def periods_across() -> Rows:
    rows = [["Indicator", *(MONTHS[q] for q in COUNTS), "Total"]]
    for i, name in enumerate(NAMES):
        values = [COUNTS[q][i] for q in COUNTS]
        rows.append([name, *values, sum(values)])
    return [*rows, ["% contacted", "34%", "35%", "34%", "34%", ""]]


def long() -> Rows:
    rows = [["Year", "Quarter", "Measure", "Number"]]
    return rows + [
        ["2017/18", q[1], name, n] for q in COUNTS for name, n in zip(NAMES, COUNTS[q], strict=True)
    ]


def long_with_dates() -> Rows:
    starts = {"Q1": "2017-04-01", "Q2": "2017-07-01", "Q3": "2017-10-01", "Q4": "2018-01-01"}
    rows = [["date", "stage", "n", "definition"]]
    return rows + [
        [starts[q], name, n, "as agreed"] for q in COUNTS for name, n in zip(NAMES, COUNTS[q], strict=True)
    ]


def quarter_ends() -> Rows:
    ends = {"Q1": "30/06/2017", "Q2": "30/09/2017", "Q3": "31/12/2017", "Q4": "31/03/2018"}
    return [["Quarter ending", *NAMES]] + [[ends[q], *COUNTS[q]] for q in COUNTS]


def stacked_blocks() -> Rows:
    rows: Rows = []
    for q in COUNTS:
        rows += [[f"Quarter {q[1]} 2017/18"], ["Measure", "Number"]]
        rows += [[name, n] for name, n in zip(NAMES, COUNTS[q], strict=True)] + [[]]
    return rows


def two_heading_rows() -> Rows:
    """Borough by quarter by stage, with a total row; parts add up to the counts."""
    top = ["Borough", *(cell for q in COUNTS for cell in (f"{q} 2017/18", "", "", "", ""))]
    return [
        top,
        ["", *(NAMES * 4)],
        ["Coventry", *(n // 3 for q in COUNTS for n in COUNTS[q])],
        ["Dudley", *(n - n // 3 for q in COUNTS for n in COUNTS[q])],
        ["Total", *(n for q in COUNTS for n in COUNTS[q])],
    ]


def boroughs_without_total() -> Rows:
    rows: Rows = [["Period", "Borough", *NAMES]]
    for q in COUNTS:
        rows += [
            [f"{q} 2017-18", "Coventry", *(n // 3 for n in COUNTS[q])],
            ["", "Dudley", *(n - n // 3 for n in COUNTS[q])],
        ]
    return rows


def months() -> Rows:
    names = ("Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar")
    rows: Rows = [["Month", *NAMES]]
    for i, name in enumerate(names):
        counts = COUNTS[f"Q{i // 3 + 1}"]
        part = [n // 3 + (i % 3 < n % 3) for n in counts]
        rows.append([f"{name}-{17 if i < 9 else 18}", *part])
    return rows


def year_to_date() -> Rows:
    rows: Rows = [["Quarter", *(f"{name} (YTD)" for name in NAMES)]]
    running = np.cumsum([COUNTS[q] for q in COUNTS], axis=0)
    return rows + [[f"{q} 2017/18", *map(int, row)] for q, row in zip(COUNTS, running, strict=True)]


def periods_in_labels() -> Rows:
    heading = [f"{name} {q} 17/18" for name in NAMES for q in COUNTS]
    return [heading, [COUNTS[q][i] for i in range(len(NAMES)) for q in COUNTS]]


def numbered_indicators_with_targets() -> Rows:
    rows: Rows = [
        ["KPI ref", "Indicator", *(x for q in COUNTS for x in (f"{q} 2017/18 Actual", f"{q} 2017/18 Target"))]
    ]
    for i, name in enumerate(NAMES):
        rows.append([f"1.{i + 1}", name, *(x for q in COUNTS for x in (COUNTS[q][i], 10000))])
    return rows


def calendar_years_with_months() -> Rows:
    """The number of a quarter and its months together settle the year that the number is of."""
    spans = {
        "Q1": "Q1 (Apr-Jun) 2017",
        "Q2": "Q2 (Jul-Sep) 2017",
        "Q3": "Q3 (Oct-Dec) 2017",
        "Q4": "Q4 (Jan-Mar) 2018",
    }
    return [["", *NAMES]] + [[spans[q], *COUNTS[q]] for q in COUNTS]


LAYOUTS: tuple[Callable[[], Rows], ...] = (
    *(wide, wide_with_titles_and_total, periods_across, long, long_with_dates, quarter_ends, stacked_blocks),
    *(two_heading_rows, boroughs_without_total, months, year_to_date, periods_in_labels),
    *(numbered_indicators_with_targets, calendar_years_with_months),
)


def write_csv(path: Path, rows: Rows, separator: str = ",") -> Path:
    import csv

    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, delimiter=separator).writerows(rows)
    return path


def write_xlsx(path: Path, sheets: dict[str, Rows]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def load(file: Path) -> Any:
    """Propose a mapping, and load the return by it as it stands."""
    mapping = file.with_suffix(".yaml")
    mapping.write_text(mapping_text(vm.propose_mapping(file)), encoding="utf-8")
    return vm.load_returns(file, mapping)


def wide_counts(returns: Any) -> dict[str, tuple[float, ...]]:
    table = returns.counts.pivot(index="period", columns="stage", values="value")[list(STAGES)]
    return {str(period): tuple(row) for period, row in zip(table.index, table.to_numpy(), strict=True)}


EXPECTED = {f"2017/18 {q}": tuple(map(float, counts)) for q, counts in COUNTS.items()}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_every_layout_is_read_to_the_same_counts(layout: Callable[[], Rows], tmp_path: Path) -> None:
    returns = load(write_csv(tmp_path / "return.csv", layout()))
    assert wide_counts(returns) == EXPECTED
    assert not (returns.findings["severity"] == "error").any()


@pytest.mark.parametrize("layout", LAYOUTS[:6], ids=lambda layout: layout.__name__)
def test_a_workbook_is_read_like_a_text_file(layout: Callable[[], Rows], tmp_path: Path) -> None:
    cover = [["Quarterly return"], ["Prepared for the commissioner"]]
    returns = load(write_xlsx(tmp_path / "return.xlsx", {"Cover": cover, "Data": layout()}))
    assert wide_counts(returns) == EXPECTED


def test_a_sheet_a_quarter_takes_its_period_from_the_sheet(tmp_path: Path) -> None:
    sheets = {
        f"{q} 2017-18": [["Measure", "Total"], *map(list, zip(NAMES, COUNTS[q], strict=True))] for q in COUNTS
    }
    assert wide_counts(load(write_xlsx(tmp_path / "return.xlsx", sheets))) == EXPECTED


def test_a_semicolon_separates_as_well(tmp_path: Path) -> None:
    assert wide_counts(load(write_csv(tmp_path / "return.csv", wide(), ";"))) == EXPECTED
