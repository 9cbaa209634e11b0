"""A whole evaluation whose titles, notes and sources are markup and formulas: all of it is shown as text."""

import csv
import json
import re
import shutil
from html.parser import HTMLParser

import openpyxl
import pytest
from desk import PARAMETERS

import victimsmodel as vm

SCENARIO = """
extends: west-midlands.yaml
name: hostile
title: '<img src=x onerror=alert(1)>'
area: {name: '<script>alert(2)</script>', police_force: West Midlands}
demand:
  crime_types:
    violence: {title: '=HYPERLINK("http://x.example","go")'}
    robbery: {title: '<b onmouseover=alert(3)>rob</b>'}
  need: {value: 0.25, low: 0.2, high: 0.3, unit: probability, source: hostile_source,
         note: '<iframe src=javascript:alert(4)></iframe>'}
  streams:
    self: {title: '-1+1', entry: contacted,
           victims_per_year: {value: 300, low: 200, high: 450, unit: victims/year, source: assumption,
                              note: '![x](javascript:alert(5))'},
           need: {value: 0.6, low: 0.45, high: 0.74, unit: probability, source: assumption}}
staff:
  contact_officer: {title: '@SUM(A1)'}
  caseworker: {title: '<img src=x onerror=alert(6)>'}
  volunteer: {title: '+cmd|calc'}
contact: {methods: {three_calls: {title: '[x](javascript:alert(7))'}}}
options:
  phone_first: {title: '=1+1', summary: '<svg onload=alert(8)>'}
  text_then_call: {title: '<img src=x onerror=alert(9)>', summary: '[link](javascript:alert(10))'}
  consent_at_report: {title: '</title></script><script>alert(11)</script>'}
levers: {two_officers: {title: '"><img src=x onerror=alert(12)>', note: '=cmd()'}}
"""
SOURCE = """
hostile_source: {title: '<img src=x onerror=alert(13)>', year: '=1+2', note: '@SUM(1)'}
"""
SMALL = {"demand.victims_per_year": 8400, "staff.contact_officer.fte": 1.5, "staff.caseworker.fte": 0.25,
         "staff.volunteer.fte": 0.25}  # fmt: skip
FORMULA = re.compile(r"[=+@\-\t]")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*(e[-+]?\d+)?|inf|nan)", re.IGNORECASE)


class Live(HTMLParser):
    """Collects what a browser would run or load because a text was taken for markup."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name.startswith("on") or re.match(r"\s*javascript:", value or "", re.IGNORECASE):
                self.found.append((tag, name, value))
            if (name, value) == ("src", "x"):
                self.found.append((tag, name, value))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    files = folder / "files"
    shutil.copytree(PARAMETERS, files)
    (files / "hostile.yaml").write_text(SCENARIO)
    (files / "sources.yaml").write_text((PARAMETERS / "sources.yaml").read_text() + SOURCE)
    return vm.evaluate(files / "hostile.yaml", overrides=SMALL, profile="tiny", out=folder / "out").folder


def shown(run):
    """Yield every text that a browser would draw: pages, figures, and what notebooks show."""
    for path in (*run.rglob("*.html"), *run.rglob("*.svg")):
        yield path.name, path.read_text()
    for path in run.rglob("*.ipynb"):
        for cell in json.loads(path.read_text())["cells"]:
            for output in cell.get("outputs", []):
                for kind in ("text/html", "image/svg+xml", "text/markdown"):
                    yield f"{path.name} {kind}", "".join(output.get("data", {}).get(kind, ""))


@pytest.mark.long
def test_no_text_of_a_scenario_becomes_markup(run):
    assert {name: Live(text).found for name, text in shown(run) if Live(text).found} == {}
    assert not any("<script>alert(" in text for _, text in shown(run))
    assert not any("](javascript:" in text for name, text in shown(run) if name.endswith("text/markdown"))
    assert "&lt;img src=x onerror=alert(1)&gt;" in (run / "report.html").read_text()


@pytest.mark.long
def test_no_text_of_a_scenario_becomes_a_formula(run):
    for sheet in openpyxl.load_workbook(run / "workbook.xlsx"):
        for row in sheet.iter_rows():
            for cell in row:
                is_formula = cell.data_type == "f"
                assert not (is_formula and re.search("HYPERLINK|cmd|SUM\\(A1|=1\\+1|=-1", str(cell.value)))
                assert "javascript:" not in str(cell.hyperlink and cell.hyperlink.target)
    for path in run.rglob("*.csv"):
        with path.open(newline="", encoding="utf-8-sig") as stream:
            for cell in (cell for row in csv.reader(stream) for cell in row):
                assert not FORMULA.match(cell) or NUMBER.fullmatch(cell), path.name
