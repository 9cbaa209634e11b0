"""The report says what the tables say, in words that people use, and asks nothing of the outside."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from late_tables import late_tables
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from victimsmodel.appraisal.compare import EFFECT, compare_options, incremental, incremental_draws
from victimsmodel.appraisal.costs import COST_LINES
from victimsmodel.appraisal.levers import rank_levers
from victimsmodel.appraisal.outcomes import MEASURES, measures_by_run
from victimsmodel.appraisal.overview import appraisal_tables, cost_tables, funding_tables
from victimsmodel.appraisal.replications import simulate
from victimsmodel.appraisal.thorough import too_few
from victimsmodel.demand.overview import forecast_tables, origin_tables
from victimsmodel.demand.victims import estimate_demand
from victimsmodel.errors import CannotWriteError, InputError, InvariantError
from victimsmodel.files import csv_text
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.quantities import estimates_in
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.inputs.service import CHANNELS
from victimsmodel.pathway.calibrate import calibrate
from victimsmodel.pathway.service_comparison import compare_services
from victimsmodel.records import EXITS, STAGES, TASKS, WAITS
from victimsmodel.reporting import figures, pictures, tables, words
from victimsmodel.reporting.content import (
    capacity,
    change,
    decision,
    explained,
    levers,
    plans,
    recommendation,
    summary,
)
from victimsmodel.reporting.content.build import build_document
from victimsmodel.reporting.content.claims import Claim, say
from victimsmodel.reporting.content.closing import LIMITS
from victimsmodel.reporting.content.evidence import Evidence
from victimsmodel.reporting.content.exhibits import Shown, exhibit
from victimsmodel.reporting.content.first_fix import first_fix
from victimsmodel.reporting.content.model import (
    Bullets,
    Cell,
    Cited,
    Document,
    Exhibit,
    Sentence,
    pieces,
    plain,
)
from victimsmodel.reporting.content.scale import cautious, draws_needed
from victimsmodel.reporting.content.tabulated import Col, long_table
from victimsmodel.reporting.decision_figures import decision_figures, plan_figures
from victimsmodel.reporting.drawings import inlined, title_of
from victimsmodel.reporting.figures_areas import plot_areas
from victimsmodel.reporting.figures_calibration import (
    plot_calibrated_fit,
    plot_calibrated_inputs,
    plot_hold_out,
)
from victimsmodel.reporting.figures_evidence import plot_services
from victimsmodel.reporting.figures_forecast import plot_forecast
from victimsmodel.reporting.figures_levers import plot_levers, plot_waterfall
from victimsmodel.reporting.figures_plan import plot_standards_curve
from victimsmodel.reporting.findings import note_in_words, standard_in_words
from victimsmodel.reporting.formats import FORMATS
from victimsmodel.reporting.index_page import run_row
from victimsmodel.reporting.palette import option_colours
from victimsmodel.reporting.pdf import write_pdf
from victimsmodel.reporting.readable_calibration import calibration_findings
from victimsmodel.reporting.report import render_report, run_document, write_report
from victimsmodel.reporting.waterfall_words import widest

_SCENARIO = Path(__file__).resolve().parents[1] / "parameters" / "west-midlands.yaml"
_SOURCE = "Source: simulation of 4 draws × 2 years; intervals are 90% intervals of the mean."
_PLACES = ("data-cell", "data-share", "data-count", "data-stated")
_VOID = {"meta", "link", "br", "img", "input", "hr", "path", "use", "rect", "col"}


class Element(NamedTuple):
    tag: str
    attributes: dict[str, str]
    text: str


class Page(HTMLParser):
    """Elements with their text, the text that a reader sees, and of that what stands in no cited element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.visible: list[str] = []
        self.uncited: list[str] = []
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            self.elements.append(Element(tag, attributes, ""))
        else:
            self._open.append((tag, attributes, []))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        opened, attributes, text = self._open.pop()
        assert opened == tag, f"<{opened}> is closed by </{tag}>"
        self.elements.append(Element(tag, attributes, "".join(text)))

    def handle_data(self, data: str) -> None:
        for _, _, text in self._open:
            text.append(data)
        if not {"style", "svg"} & {tag for tag, _, _ in self._open}:
            self.visible.append(data)
            if not any(set(attributes) & set(_PLACES) for _, attributes, _ in self._open):
                self.uncited.append(data)

    def with_attribute(self, name: str) -> list[Element]:
        return [element for element in self.elements if name in element.attributes]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario(_SCENARIO)


@pytest.fixture(scope="module")
def made(scenario: Scenario) -> dict[str, pd.DataFrame]:
    result = simulate(scenario, n_draws=4, n_replications=2)
    runs = measures_by_run(result, scenario)
    comparison = compare_options(result, scenario, runs=runs)
    demand = estimate_demand(scenario, n_draws=50)
    services = compare_services({"West Midlands, modelled": 0.9}, published="West Midlands")
    calibration = calibrate(scenario, n_draws=300, capacity_years=8)
    return {
        "services": services.table,
        "services_words": pd.DataFrame({"sentence": services.sentences}),
        "calibration_fit": calibration.fit,
        "calibration_inputs": calibration.inputs.assign(verdict="moved"),  # so few draws show none
        "calibration_words": pd.DataFrame({"sentence": calibration_findings(calibration)}),
        "levers": rank_levers(scenario, 2),
        **origin_tables(scenario, demand, seed=1),
        **forecast_tables(scenario, n_paths=200, seed=1),
        "demand_summary": tables.demand_summary(demand),
        "funnel_summary": tables.counts_summary(result.funnel, "stage"),
        "exits_summary": tables.counts_summary(result.exits, "exit"),
        "waits_summary": tables.waits_summary(result.waits),
        "staff_use": tables.staff_use(result),
        "costs_summary": tables.costs_summary(result, scenario),
        "comparison": comparison,
        "incremental": incremental(comparison),
        "group_coverage": tables.group_coverage(result),
        "assumptions": tables.assumptions(scenario),
        "daily": result.daily,
        "attempts_summary": tables.attempts_summary(result),
        "incremental_draws": incremental_draws(runs),
        **cost_tables(result, scenario, runs),
        **appraisal_tables(result, scenario, runs),
        **funding_tables(scenario, demand),
        **too_few(4),
        **late_tables(),
    }


_TABLE_OF = {
    "demand": "demand_summary",
    "funnel": "funnel_summary",
    "exits": "exits_summary",
    "waits": "waits_summary",
    "staff_use": "staff_use",
    "backlog": "daily",
    "costs": "costs_summary",
    "cost_effectiveness": "incremental_draws",
    "coverage": "group_coverage",
}


#: Figures of a decision have tests of their own.
_FIGURES = (
    *(*_TABLE_OF, "areas", "forecast", "services", "calibration_fit", "calibration_inputs", "levers"),
    *("hold_out", "waterfall", "plan_average", "plan_grants"),
)


@pytest.fixture(scope="module")
def drawn(made, scenario):
    with plt.rc_context({"figure.max_open_warning": 0}):
        found = _drawn(made, scenario)
    for figure in found.values():
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # the layout is settled
    yield found
    for figure in found.values():
        plt.close(figure)


def _drawn(made, scenario):
    found = {
        name: getattr(figures, f"plot_{name}")(made[table], scenario, _SOURCE)
        for name, table in _TABLE_OF.items()
    }
    found["areas"] = plot_areas(made["areas"], scenario.demand.areas.shapes(), _SOURCE)
    found["forecast"] = plot_forecast(made, scenario, _SOURCE)
    found["services"] = plot_services(made["services"], _SOURCE)
    found["calibration_fit"] = plot_calibrated_fit(made["calibration_fit"], _SOURCE)
    found["calibration_inputs"] = plot_calibrated_inputs(made["calibration_inputs"], scenario, _SOURCE)
    found["levers"] = plot_levers(made["levers"], _SOURCE)
    found["hold_out"] = plot_hold_out(made["hold_out"], _SOURCE)
    found["waterfall"] = plot_waterfall(widest(made["waterfall"]), scenario, _SOURCE)
    found["plan_average"] = plot_standards_curve(
        made["plan_curve"], made["plan_staff"], 0.8, scenario, _SOURCE
    )
    found |= plan_figures(made, scenario, _SOURCE, "grants")
    return found | decision_figures(made, scenario, _SOURCE)


@pytest.fixture(scope="module")
def manifest() -> dict[str, object]:
    return {
        "run_id": "west-midlands-0123456789ab",
        "scenario": "west-midlands",
        "profile": "quick",
        "seed": 1,
        "n_draws": 4,
        "n_replications": 2,
        "created": "2026-11-22T09:30:00+00:00",
        "version": "0.1.0",
        "agreement": {"largest_z": 3.21, "n": 1920, "limit": 5.0},
        "changed": "Changed for this run: grant: £800,000 instead of £948,920.",
    }


@pytest.fixture(scope="module")
def run_folder(made, drawn, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "tables").mkdir()
    (folder / "figures").mkdir()
    for name, table in made.items():
        table.to_parquet(folder / "tables" / f"{name}.parquet")
        (folder / "tables" / f"{name}.csv").write_text(csv_text(table, "%.10g"), encoding="utf-8")
    for name, figure in drawn.items():
        (folder / "figures" / f"{name}.svg").write_text(pictures.svg_text(figure), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def html(run_folder, scenario, manifest) -> str:
    return write_report(run_folder, scenario, manifest).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


@pytest.fixture(scope="module")
def document(run_folder, scenario, manifest) -> Document:
    return run_document(run_folder, scenario, manifest)


@pytest.fixture(scope="module")
def look_up(run_folder) -> Callable[[str], Any]:
    """Return a function that finds what stands in a cell, in the files of the run folder."""
    frames: dict[str, pd.DataFrame] = {}
    rows: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
    columns: dict[tuple[str, str], list[Any]] = {}

    def found(place: str) -> Any:
        table, row, column = place.split("|")
        keys, values = zip(*(part.split("=", 1) for part in row.split(";")), strict=True)
        if table not in frames:
            frames[table] = pd.read_parquet(run_folder / "tables" / f"{table}.parquet")
            frames[table]["#"] = range(len(frames[table]))
        if (table, *keys) not in rows:
            named = list(zip(*(frames[table][key].astype(str) for key in keys), strict=True))
            assert len(set(named)) == len(named), place
            rows[table, *keys] = {names: i for i, names in enumerate(named)}
        if (table, column) not in columns:
            columns[table, column] = frames[table][column].tolist()
        return columns[table, column][rows[table, *keys][values]]

    return found


#: Tables without which there is no report.
_NEEDED = (
    *("demand_summary", "funnel_summary", "exits_summary", "waits_summary", "staff_use"),
    *("costs_summary", "comparison", "incremental", "group_coverage", "assumptions"),
)


def _shown(value: Any, style: str, scenario: Scenario) -> str:
    if style == "text":
        return words.typeset(str(value).strip())
    if style == "standard":
        return standard_in_words(str(value))
    return note_in_words(str(value), scenario) if style == "note" else FORMATS[style](float(value))


def test_every_number_and_text_of_a_table_is_printed_as_it_stands_there(page, look_up, scenario):
    cited = [e for e in page.with_attribute("data-cell") if "data-as" in e.attributes]
    assert len(cited) > 1_500
    for _, at, text in cited:
        assert text == _shown(look_up(at["data-cell"]), at["data-as"], scenario), at


def test_every_share_count_and_stated_number_is_printed_as_it_follows(
    page, look_up, run_folder, scenario, manifest
):
    assert len(page.with_attribute("data-share")) >= 50
    for _, at, text in page.with_attribute("data-share"):
        part, whole = (look_up(place) for place in at["data-share"].split("/"))
        assert text == FORMATS[at["data-as"]](part / whole), at
    for _, at, text in page.with_attribute("data-count"):
        table, condition = at["data-count"].split("|")
        frame = pd.read_parquet(run_folder / "tables" / f"{table}.parquet")
        column, value = condition.split("=", 1)
        rows = len(frame) if not column else int((frame[column].astype(str) == value).sum())
        assert text == FORMATS[at["data-as"]](rows), at
    for _, at, text in page.with_attribute("data-stated"):
        document, name = at["data-stated"].split("|")
        found: Any = manifest if document == "manifest" else scenario
        for part in name.split("."):
            found = found[part] if isinstance(found, dict) else getattr(found, part)
        assert text == _shown(found, at["data-as"], scenario), at


def test_what_was_changed_for_the_run_stands_under_the_title(html, manifest):
    under = html.partition("</h1>")[2].partition("<dl>")[0]
    assert re.sub(r"<.*?>", "", under).strip() == manifest["changed"]


def test_the_posts_of_every_role_stand_in_the_section_on_capacity(document, scenario):
    (section,) = (section for section in document.sections if section.name == "capacity")
    (found,) = (b for b in section.blocks if isinstance(b, Exhibit) and b.name == "table-staff_posts")
    posts = [plain(row.cells[0]) for row in found.data.rows]
    assert posts == [f"{role.fte:.1f}" for role in scenario.staff.values()]


def test_every_judgement_follows_from_its_probability_and_draws(page, look_up):
    judged = page.with_attribute("data-draws")
    assert len(judged) > 20
    for _, at, text in judged:
        probability = cautious(look_up(at["data-cell"]), int(at["data-draws"]))
        assert text == words.certainty(probability), at


#: Numbers that are no results: numbering, the level of intervals, limits of the scale, names of files.
_STRUCTURE = (
    r"(?:figure|table) \d+(?:\.|$|\b)",
    r"90% interval",
    r"80% interval",
    r"\d+ rows?",
    r"(?:at least|at most) \d+%|between 33% and 66%",
    r"(?:at least \d+ of|at most \d+ of|all(?: of)?|none of) \d+ draws",
    r"Per 1,000 residents",
    r"Mastrandrea and others, 2010",
)


def test_no_number_on_the_page_stands_outside_a_cell_of_the_run(page, scenario, manifest, made):
    names = [option.title for option in scenario.options.values()]
    names += [crime.title for crime in scenario.demand.crime_types.values()]
    names += [words.input_title(name, scenario) for name in made["assumptions"]["input"]]
    allowed = [words.typeset(scenario.title), "22 November 2026", str(manifest["run_id"]), *names]
    forms = dict.fromkeys(form for name in allowed for form in (name, words.in_sentence(name)))
    checked = 0
    for text in page.uncited:
        left = " ".join(text.split())
        for form in forms:
            left = left.replace(form, "")
        for pattern in _STRUCTURE:
            left = re.sub(pattern, "", left, flags=re.IGNORECASE)
        assert not re.search(r"\d", left), text
        checked += bool(left)
    assert checked > 300


def test_every_claim_was_read_from_cells_that_stand_in_the_run(document, look_up):
    found = []
    for section in document.sections:
        for block in section.blocks:
            texts = [getattr(block, "text", ()), *getattr(block, "items", ())]
            found += [p for t in texts if isinstance(t, tuple) for p in t if isinstance(p, Sentence)]
    assert len(found) > 25
    for sentence in found:
        for place in sentence.cells:
            look_up(str(place))
        numbers = re.search(r"\d", plain(sentence.parts))
        known = (
            sentence.cells
            or re.search("draws|inputs", plain(sentence.parts))
            or sentence.claim == "engines_agree"
        )
        assert not numbers or known, sentence.claim


def test_every_exhibit_names_a_csv_that_holds_the_cells_it_shows(document, run_folder, page):
    assert len(document.exhibits) > 35
    numbers = {"figure": 0, "table": 0}
    csvs = {}
    for shown in document.exhibits:
        numbers[shown.kind] += 1
        assert shown.number == numbers[shown.kind]
        assert shown.run_id == "west-midlands-0123456789ab"
        assert shown.caption
        assert shown.data is not None
        assert shown.data.rows
        assert (run_folder / shown.csv).is_file()
        csvs.setdefault(shown.csv, pd.read_csv(run_folder / shown.csv))
        if shown.kind == "figure":
            assert plain(shown.data.rows[0].title) in shown.alt
    parquet = pd.read_parquet(run_folder / "tables" / "costs_summary.parquet")
    assert csvs["tables/costs_summary.csv"]["cost_gbp"].tolist() == pytest.approx(
        parquet["cost_gbp"].tolist()
    )
    links = {e.attributes["href"] for e in page.with_attribute("href")}
    assert set(csvs) <= links


def test_the_file_behind_every_exhibit_holds_the_numbers_that_are_printed(document, run_folder):
    checked = 0
    for shown in document.exhibits:
        table = pd.read_parquet((run_folder / shown.csv).with_suffix(".parquet"))
        kept = pd.read_csv(run_folder / shown.csv)
        assert list(kept.columns) == list(table.columns), shown.csv
        for name in table.select_dtypes("number").columns:
            found, expected = (frame[name].to_numpy(float) for frame in (kept, table))
            np.testing.assert_allclose(found, expected, rtol=1e-9, err_msg=f"{shown.csv}, {name}")
            checked += len(table)
        cited = [p for row in shown.data.rows for text in row.cells for p in pieces(text)]
        places = [p.place for p in cited if isinstance(p, Cited) and isinstance(p.place, Cell)]
        if shown.csv != "tables/incremental.csv":  # how sure its verdicts are stands in the comparison
            assert {f"tables/{p.table}.csv" for p in places if p.table in _BEHIND} <= {shown.csv}
    assert checked > 10_000


#: Tables behind the figures on what was kept back, changes, plans, funding and pay.
_BEHIND = (
    *("hold_out", "waterfall", "plan_curve", "plan_frontier", "funding_table"),
    "activity_costs",
)


def test_every_figure_that_was_drawn_is_shown_with_the_data_behind_it(document, drawn):
    shown = {exhibit.name: exhibit for exhibit in document.exhibits if exhibit.kind == "figure"}
    assert set(shown) == set(drawn)
    behind = {name: Path(shown[name].csv).stem for name in shown}
    assert behind["plan_average"] == "plan_curve"
    assert behind["plan_grants"] == "plan_frontier"
    assert "Published figure, kept back: supported of referred, 2017/18" in shown["hold_out"].alt
    assert "Who is referred: Victims in need supported a year +1,220" in shown["waterfall"].alt
    titles = [plain(row.title) for row in shown["plan_average"].data.rows]
    assert titles[0] == "90% of enhanced victims attempted within 2 working days"
    groups = next(each for each in document.exhibits if "activity_costs" in each.csv).data.groups
    assert len({group.title for group in groups}) == len(groups) > 1
    for group in groups:
        assert len({plain(row.title) for row in group.rows}) == len(group.rows)


def test_inputs_whose_effect_nobody_computed_have_no_column_for_it(made, scenario, manifest):
    held = {name: made[name] for name in _NEEDED}
    section = build_document(held, scenario, manifest).sections[-2]
    assert "was not computed in this quick run; the full profile computes it" in plain(section.blocks[0].text)
    tables = [block.data for block in section.blocks if isinstance(block, Exhibit)]
    assert tables
    assert all("Effect" not in [c.title for c in table.columns] for table in tables)


def test_the_funnel_of_every_option_and_every_input_are_printed(page, scenario, made):
    printed = {e.attributes["data-cell"] for e in page.with_attribute("data-cell")}
    for option in scenario.options:
        for stage in ("referred", "attempted", "contacted", "consented", "assessed", "accepted", "supported"):
            for who in ("all", "in_need"):
                assert f"funnel_summary|option={option};stage={stage};who={who}|victims" in printed
    for row in made["assumptions"].itertuples():
        assert f"assumptions|input={row.input};option={row.option}|value" in printed


def test_the_lead_names_the_option_that_supports_most_victims_in_need(page, made, scenario):
    effects = made["comparison"].query(f"measure == '{EFFECT}'").set_index("option")["estimate"]
    best = scenario.options[str(effects.idxmax())].title
    lead = next(e.text for e in page.elements if e.attributes.get("class") == "lead")
    assert f"{best} supports the most victims in need" in " ".join(lead.split())


def test_nothing_is_requested_from_outside(page, html):
    for element in page.elements:
        for name in ("src", "href", "xlink:href", "srcset", "data", "action", "poster"):
            value = element.attributes.get(name, "")
            assert element.tag == "a" or value.startswith("#") or not value, (element.tag, value)
    assert not re.search(r"@import|@font-face|<script|<link|<iframe", html)
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", html))


def test_identifiers_are_unique_and_every_link_within_the_page_has_a_target(page):
    names = [element.attributes["id"] for element in page.with_attribute("id")]
    assert len(names) == len(set(names))
    targets = {
        e.attributes["href"][1:] for e in page.with_attribute("href") if e.attributes["href"][:1] == "#"
    }
    assert targets <= set(names)


def test_no_raw_name_is_visible(page, scenario):
    text = " ".join(page.visible)
    raw = {*scenario.options, *(m.name for m in MEASURES), *STAGES, *EXITS, *WAITS, *TASKS, *COST_LINES}
    raw |= {*scenario.demand.crime_types, *(group.name for group in scenario.groups), *scenario.sources}
    raw |= {
        *estimates_in(scenario.demand, "demand"),
        *estimates_in(scenario.options[BUSINESS_AS_USUAL].service),
    }
    telling = [name for name in raw if "_" in name or "." in name]
    assert len(telling) > 100
    assert [name for name in telling if re.search(rf"\b{re.escape(name)}\b", text)] == []
    assert not re.search(r"\b[a-z]+_[a-z_]+\b", text)


def test_markup_in_a_title_is_escaped(made, manifest, scenario):
    evil = "<script>alert(1)</script> & <b>bold</b>"
    options = {
        name: option.model_copy(update={"title": evil, "summary": evil})
        for name, option in scenario.options.items()
    }
    changed = scenario.model_copy(update={"options": options})
    figure = figures.plot_costs(made["costs_summary"], changed, evil)
    held = {name: made[name] for name in _NEEDED}
    html = render_report(held, {"costs": pictures.svg_text(figure)}, changed, manifest)
    plt.close(figure)
    assert "<script" not in html
    assert "<b>bold" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;bold&lt;/b&gt;" in html


def test_the_page_has_the_marks_that_assistive_software_needs(page, html, drawn):
    assert next(e for e in page.elements if e.tag == "html").attributes["lang"] == "en-GB"
    assert [e.tag for e in page.elements if e.tag in ("h1", "main", "nav")].count("h1") == 1
    cells = [e for e in page.elements if e.tag == "th"]
    assert all(e.attributes.get("scope") in ("col", "row", "colgroup", "rowgroup") for e in cells)
    assert sum(e.tag == "caption" for e in page.elements) == sum(e.tag == "table" for e in page.elements)
    drawings = [e for e in page.elements if e.tag == "svg" and "aria-hidden" not in e.attributes]
    assert len(drawings) == len(drawn)
    assert all(e.attributes["role"] == "img" and len(e.attributes["aria-label"]) > 40 for e in drawings)
    assert 'class="skip"' in html


def test_limits_checks_and_cover_are_printed(page):
    text = " ".join(" ".join(page.visible).split())
    for limit in LIMITS:
        assert limit in text
    assert "Over 1,920 comparisons the largest difference is 3.2 standard errors;" in text
    assert "22 November 2026" in text
    assert "west-midlands-0123456789ab" in text


def test_the_report_is_the_same_for_the_same_tables_and_small(run_folder, scenario, manifest, html):
    again = write_report(run_folder, scenario, manifest)
    assert again == run_folder / "report.html"
    assert again.read_text(encoding="utf-8") == html
    assert len(html.encode()) < 3_000_000
    assert sorted(path.name for path in run_folder.iterdir()) == ["figures", "report.html", "tables"]


def test_a_report_that_cannot_be_written_leaves_nothing_behind(run_folder, scenario, manifest, tmp_path):
    for name in ("tables", "figures"):
        (tmp_path / name).symlink_to(run_folder / name)
    (tmp_path / "report.html").mkdir()
    with pytest.raises(CannotWriteError, match=r"report\.html: cannot be written"):
        write_report(tmp_path, scenario, manifest)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures", "report.html", "tables"]


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (1.0, "almost certain"),
        (0.99, "almost certain"),
        (0.9899, "very likely"),
        (0.90, "very likely"),
        (0.8999, "likely"),
        (0.66, "likely"),
        (0.6599, "about as likely as not"),
        (0.3301, "about as likely as not"),
        (0.33, "unlikely"),
        (0.1001, "unlikely"),
        (0.10, "very unlikely"),
        (0.0101, "very unlikely"),
        (0.01, "extremely unlikely"),
        (0.0, "extremely unlikely"),
    ],
)
def test_the_verbal_scale_changes_at_its_stated_boundaries(probability, expected):
    assert words.certainty(probability) == expected


@pytest.mark.parametrize(
    ("style", "value", "expected"),
    [
        ("count", 149_950.74, "149,950"),
        ("count", 282.4, "282"),
        ("count_signed", -6_829.02, "−6,830"),
        ("count_signed", 0.2, "0"),
        ("about", 168_171.0, "168,000"),
        ("about", 549.0, "550"),
        ("about", 42.4, "42"),
        ("share", 0.2028, "20%"),
        ("share", 0.0193, "1.9%"),
        ("share", 0.0996, "10%"),
        ("share1", 0.8997, "90.0%"),
        ("points", -0.2587, "−25.9"),
        ("pounds", 84.511, "£84.51"),
        ("pounds", 949_538.2, "£949,500"),
        ("pounds_signed", -29_344.0, "−£29,300"),
        ("pounds_about", 920_763.4, "£921,000"),
        ("probability", 1.0, "over 99%"),
        ("probability", 0.975, "98%"),
        ("in_ten", 0.8997, "about 9\N{NO-BREAK SPACE}in\N{NO-BREAK SPACE}10"),
        ("in_ten", 0.885, "nearly 9\N{NO-BREAK SPACE}in\N{NO-BREAK SPACE}10"),
        ("in_ten", 0.64, "more than 6\N{NO-BREAK SPACE}in\N{NO-BREAK SPACE}10"),
        ("plain", 0.045, "0.045"),
        ("plain", 60.0, "60"),
    ],
)
def test_numbers_are_rounded_as_people_say_them(style, value, expected):
    assert FORMATS[style](value) == expected


def test_every_name_that_a_table_can_hold_has_a_title(scenario, made):
    assert set(words.STAGE_TITLES) == set(STAGES)
    assert set(words.EXIT_TITLES) == set(EXITS)
    assert set(words.WAIT_TITLES) == set(WAITS)
    assert set(words.TASK_TITLES) == set(TASKS)
    assert set(words.COST_LINE_TITLES) == {*COST_LINES, "total"}
    assert set(words.CHANNEL_TITLES) == set(CHANNELS)
    assert set(made["assumptions"]["unit"]) <= set(words.UNIT_TITLES)
    assert set(made["incremental"]["verdict"]) <= set(words.VERDICT_SENTENCES)


def test_every_input_of_the_scenario_has_a_phrase_of_its_own(scenario, made):
    titles = {name: words.input_title(name, scenario) for name in made["assumptions"]["input"]}
    assert titles["contact.channels.phone.reach"] == "Reach of a first call"
    assert titles["screening.missing_details.email"] == "Referrals without usable details for an e-mail"
    assert len(set(titles.values())) == len(titles)
    assert all("_" not in title and "{" not in title and title[0].isupper() for title in titles.values())


def test_an_input_without_a_phrase_gets_the_words_of_its_name(scenario):
    assert words.input_title("support.group_work.session_minutes", scenario) == "Group work, session minutes"


@pytest.mark.parametrize("name", _FIGURES)
def test_every_figure_has_axis_labels_a_finding_and_its_source(drawn, name):
    figure = drawn[name]
    assert isinstance(figure, Figure)
    assert len(pictures.figure_title(figure)) > 30
    assert _SOURCE in " ".join(text.get_text().replace("\n", " ") for text in figure.texts)
    axes = [ax for ax in figure.axes if ax.axison]
    assert axes or name == "areas"
    if name == "areas":
        return  # a map
    assert any(ax.get_xlabel() for ax in axes)
    rows = [ax for ax in axes if ax.get_subplotspec().is_first_col()]
    assert all(ax.get_ylabel() or len(ax.get_yticklabels()) for ax in rows)
    seen = " ".join(text.get_text() for ax in axes for text in (*ax.get_xticklabels(), *ax.get_yticklabels()))
    assert "_" not in seen + pictures.figure_title(figure)


@pytest.mark.parametrize("name", _FIGURES)
def test_no_text_of_a_figure_leaves_the_page(drawn, name):
    figure = drawn[name]
    edge = figure.bbox
    texts = [*figure.texts, figure._suptitle]
    for ax in figure.axes:
        if ax.axison:
            texts += [ax.title, ax._left_title, ax.xaxis.label, ax.yaxis.label, *ax.get_yticklabels()]
    for text in texts:
        if text.get_text() and text.get_visible():
            box = text.get_window_extent()
            assert box.x0 >= edge.x0 - 1, text.get_text()
            assert box.x1 <= edge.x1 + 1, text.get_text()
            assert box.y0 >= edge.y0 - 1, text.get_text()
            assert box.y1 <= edge.y1 + 1, text.get_text()


def test_a_figure_has_the_same_bytes_each_time(made, scenario):
    texts = []
    for _ in range(2):
        figure = figures.plot_costs(made["costs_summary"], scenario, _SOURCE)
        texts.append(pictures.svg_text(figure))
        plt.close(figure)
    assert texts[0] == texts[1]


def test_figures_leave_the_settings_of_the_caller_alone(made, scenario):
    before = dict(plt.rcParams)
    plt.close(figures.plot_exits(made["exits_summary"], scenario, _SOURCE))
    assert dict(plt.rcParams) == before


def test_figures_of_one_option_are_drawn(made, scenario):
    for name, table in _TABLE_OF.items():
        option = "phone_first" if name == "cost_effectiveness" else BUSINESS_AS_USUAL
        frame = made[table]
        own = frame if "option" not in frame else frame[frame["option"].astype(str) == option]
        figure = getattr(figures, f"plot_{name}")(own, scenario, _SOURCE)
        figure.draw_without_rendering()
        plt.close(figure)


def test_drawings_share_their_letters_and_keep_their_other_names_apart():
    outline = '<path id="Sans-41" d="M 64 0 \nL 128 64 \nz" transform="scale(0.015625)"/>'
    letter = '<use xlink:href="#Sans-41" transform="translate(10.5 0)"/>'
    svg = '<?xml version="1.0"?><svg xmlns="u" width="9pt" viewBox="0 0 1 1"><title>So &lt;it&gt; is</title>'
    svg += f'<!-- gone --><g id="idle"><defs>{outline}</defs>{letter}{letter}</g>'
    svg += '<clipPath id="b"/><g clip-path="url(#b)"><path d="M 1.23456 2"/></g></svg>'
    made = inlined({"c": svg, "d": svg}, {"c": "Costs & more", "d": "Days"})
    assert title_of(svg) == "So <it> is"
    expected = '<svg viewBox="0 0 1 1" role="img" aria-label="Costs &amp; more"><g>'
    expected += '<use href="#l0" x="10.5"/><use href="#l0" x="10.5"/></g>'
    expected += '<clipPath id="d0-0"/><g clip-path="url(#d0-0)"><path d="M1.23 2"/></g></svg>'
    assert made.by_name["c"] == expected
    assert made.by_name["d"] == expected.replace("d0-0", "d1-0").replace("Costs &amp; more", "Days")
    assert str(made.letters).count("<path") == 1


def test_letters_keep_the_size_at_which_names_were_set_flush():
    svg = '<svg><g transform="translate(1.23456 2) scale(0.085 -0.085)"><path d="M 1 1"/></g></svg>'
    assert 'transform="translate(1.23 2) scale(0.085 -0.085)"' in inlined({"s": svg}, {"s": "S"}).by_name["s"]


def test_a_drawing_loses_what_shows_nothing_and_says_once_what_its_marks_share():
    svg = '<svg><g id="Sans-3"><defs><path id="Sans-3" transform="scale(0.015625)"/><path id="m" d="M 0 0 '
    svg += 'L 1 1 L 2.5 -3 L -4 5 Q 1 2 3 4 L 5 6 z"/></defs>'
    svg += '<use xlink:href="#Sans-3" transform="translate(5 0)"/>'
    mark = '<use xlink:href="#m" x="{}" y="2" style="fill: {}"/>'
    svg += "".join(mark.format(*at) for at in ((1, "red"), (3, "red"), (4, "blue"))) + "</g></svg>"
    expected = '<svg role="img" aria-label="S"><g><defs><path id="d0-0" d="M0 0L1 1 2.5-3-4 5Q1 2 3 4L5 6z"/>'
    expected += (
        '</defs><g style="fill: red"><use href="#d0-0" x="1" y="2"/><use href="#d0-0" x="3" y="2"/></g>'
    )
    expected += '<use href="#d0-0" x="4" y="2" style="fill: blue"/></g></svg>'
    assert inlined({"s": svg}, {"s": "S"}).by_name["s"] == expected


def test_importing_the_report_does_not_import_matplotlib():
    code = "import sys, victimsmodel.reporting.report; "
    code += "sys.exit(bool({'matplotlib', 'weasyprint'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


#: Machado, Oliveira and Fernandes (2009), table 1, severity 1.0: what is seen of linear RGB.
_SEEN = {
    "by most people": np.eye(3),
    "without red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "without green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
_XYZ = np.array([[0.41246, 0.35758, 0.18044], [0.21267, 0.71515, 0.07218], [0.01933, 0.11919, 0.95030]])


@pytest.mark.parametrize("seen", _SEEN)
def test_colours_of_options_are_told_apart(scenario, seen):
    rgb = np.array([to_rgb(colour) for colour in option_colours(scenario).values()])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(linear @ _SEEN[seen].T, 0, 1) @ _XYZ.T / _XYZ.sum(axis=1)
    x, y, z = np.cbrt(xyz).T
    lab = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)
    gaps = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    assert gaps[~np.eye(len(lab), dtype=bool)].min() > 15  # CIE76; just noticeable is 2.3


def _moved(made, manifest, scenario, *changes, n_draws: int = 500) -> Evidence:
    """Return the evidence of a run in which some cells hold other values."""
    changed = dict(made)
    for table, where, column, value in changes:
        frame = changed[table].copy()
        rows = np.logical_and.reduce([frame[key].astype(str) == name for key, name in where.items()])
        assert rows.any(), (table, where)
        frame[column] = np.where(rows, value, frame[column])
        changed[table] = frame
    return Evidence(changed, scenario, {**manifest, "n_draws": n_draws})


def _best_is(option: str, estimate: float = 99_000.0) -> tuple[Any, ...]:
    return ("comparison", {"option": option, "measure": EFFECT}, "estimate", estimate)


def _better(option: str, measure: str, probability: float) -> tuple[Any, ...]:
    return ("comparison", {"option": option, "measure": measure}, "probability_better", probability)


@pytest.mark.parametrize(
    ("probability", "n_draws", "expected"),
    [
        (1.0, 500, "almost certain"),
        (1.0, 20, "very likely"),
        (1.0, 3, "likely"),
        (0.95, 500, "very likely"),
        (0.95, 20, "likely"),
        (0.7, 500, "likely"),
        (0.7, 20, "about as likely as not"),
        (0.5, 20, "about as likely as not"),
        (0.05, 20, "unlikely"),
        (0.0, 500, "extremely unlikely"),
        (1.0, 0, "about as likely as not"),
    ],
)
def test_few_draws_weaken_the_words_of_a_probability(probability, n_draws, expected):
    assert words.certainty(cautious(probability, n_draws)) == expected


def test_caution_never_takes_a_probability_past_a_half_and_vanishes_with_many_draws():
    for probability in np.linspace(0, 1, 41):
        for n_draws in (1, 5, 20, 500):
            found = cautious(probability, n_draws)
            assert (found - 0.5) * (probability - 0.5) >= 0
            assert abs(found - 0.5) <= abs(probability - 0.5) + 1e-12
        assert cautious(probability, 10**9) == pytest.approx(probability, abs=1e-4)


@pytest.mark.parametrize(
    ("probability", "n_draws", "expected"),
    [
        (1.0, 500, "It is almost certain (100% of 500 draws) to support more"),
        (0.95, 500, "It is very likely (95% of 500 draws) to support more"),
        (0.95, 20, "It is likely (19 of 20 draws) to support more"),
        (0.60, 500, "not settled: it is about as likely as not (60% of 500 draws) to support more"),
        (0.20, 500, "not settled: it is unlikely (20% of 500 draws) to support more"),
    ],
)
def test_the_answer_weakens_with_its_evidence(made, manifest, scenario, probability, n_draws, expected):
    changes = (_best_is("phone_first"), _better("phone_first", EFFECT, probability))
    evidence = _moved(made, manifest, scenario, *changes, n_draws=n_draws)
    told = plain(say(summary.MOST_SUPPORTED, evidence))
    assert "Phone first supports the most victims in need" in told
    assert expected in told


@pytest.mark.parametrize(("probability", "n_draws"), [(1.0, 3), (0.95, 20), (0.95, 500), (0.5, 20)])
def test_a_list_of_runs_is_as_sure_as_the_report_that_it_links_to(
    made, manifest, scenario, probability, n_draws
):
    changes = (_best_is("phone_first"), _better("phone_first", EFFECT, probability))
    evidence = _moved(made, manifest, scenario, *changes, n_draws=n_draws)
    listed = run_row(scenario, evidence.manifest, evidence.tables["comparison"]).certainty
    assert listed.endswith("to support more than business as usual")
    assert listed in plain(say(summary.MOST_SUPPORTED, evidence))


def test_where_business_as_usual_is_best_the_report_says_so_and_recommends_to_stay(made, manifest, scenario):
    evidence = _moved(made, manifest, scenario, _best_is(BUSINESS_AS_USUAL))
    expected = "No option supports more victims in need than business as usual, which supports 99,000 a year."
    assert plain(say(summary.MOST_SUPPORTED, evidence)) == expected
    assert "stay with business as usual" in plain(say(recommendation.IF_GRANT, evidence))


def test_a_claim_that_the_results_do_not_bear_out_cannot_be_printed(made, manifest, scenario):
    evidence = _moved(made, manifest, scenario, _best_is(BUSINESS_AS_USUAL))
    refused = r"claim one_supports_most: the results do not bear it out \[VM216\]"
    with pytest.raises(InvariantError, match=refused):
        summary.MOST_SUPPORTED[1].said(evidence)
    absent = Evidence({k: v for k, v in made.items() if k != "levers"}, scenario, manifest)
    with pytest.raises(InvariantError, match="claim first_lever"):
        levers.FIRST_LEVER[0].said(absent)
    assert say(levers.FIRST_LEVER, absent) == ()


def test_a_claim_holds_no_number_of_its_own():
    with pytest.raises(ValueError, match="its numbers must come from cells"):
        Claim("free", "Attrition is 90 % in {area}.", lambda e: {})


@pytest.mark.parametrize(
    ("mean", "low", "high", "expected"),
    [
        (0.80, 0.70, 0.90, "over the whole range of what it may cost"),
        (1.20, 1.10, 1.30, "does not pay for"),
        (0.95, 0.80, 1.10, "pays for .*, but it may not"),
        (1.05, 0.90, 1.20, "costs more than the grant of .*, but it may stay within it"),
    ],
)
def test_a_cost_is_put_against_the_grant_with_its_interval(
    made, manifest, scenario, mean, low, high, expected
):
    grant, own = scenario.grant_gbp, {"option": "phone_first", "measure": "total_cost"}
    ends = zip(("estimate", "low", "high"), (mean, low, high), strict=True)
    changes = [("comparison", own, column, share * grant) for column, share in ends]
    evidence = _moved(made, manifest, scenario, _best_is("phone_first"), *changes)
    assert re.search(expected, plain(say(summary.AGAINST_GRANT, evidence)))


@pytest.mark.parametrize(
    ("chosen", "probability", "expected"),
    [
        ("phone_first", 0.95, r"the answer is the same: .* Phone first is very likely \(95% of 500 draws\)"),
        ("phone_first", 0.50, r"the case is weaker: .* only about as likely as not \(50% of 500 draws\)"),
        ("needs_flagged", 0.50, "the answer is another: .* Needs flagged by the police is the best buy"),
    ],
)
def test_the_choice_by_full_cost_is_told_beside_that_by_grant(
    made, manifest, scenario, chosen, probability, expected
):
    at = str(float(scenario.appraisal.thresholds.central))
    own = {"option": chosen, "threshold": at}
    evidence = _moved(
        made,
        manifest,
        scenario,
        _best_is("phone_first"),
        ("decision_curves", {"threshold": at}, "is_chosen", False),
        ("decision_curves", own, "is_chosen", True),
        ("decision_curves", own, "probability_best", probability),
    )
    assert re.search(expected, plain(say(decision.BY_FULL_COST, evidence)))


def test_where_no_cost_outside_the_grant_is_stated_the_report_does_not_claim_that_all_costs_count(
    made, manifest, scenario
):
    values = made["present_values"]
    grant = values[values["item"].astype(str) == "grant_cost"].assign(item="full_cost")
    only = pd.concat([values[values["item"].astype(str) != "full_cost"], grant], ignore_index=True)
    evidence = Evidence({**made, "present_values": only}, scenario, manifest)
    told = plain(say(decision.BY_FULL_COST, evidence))
    assert "Counting every cost" not in told
    assert "The scenario states no cost outside the grant" in told
    assert plain(say(recommendation.IF_FULL, evidence)).startswith("Over the years of the contract: choose")


def test_where_the_choice_turns_is_told_and_advised_under_that_condition(made, manifest, scenario):
    curves = made["decision_curves"]
    low, options = curves["threshold"] <= 75, curves["option"].astype(str)
    is_chosen = (low & (options == "phone_first")) | (~low & (options == "consent_at_report"))
    once = Evidence({**made, "decision_curves": curves.assign(is_chosen=is_chosen)}, scenario, manifest)
    told = plain(say(decision.TURNS, once))
    assert "up to £75, “Phone first” is the best buy by full cost; from £100 on, it is “Consent" in told
    advice = plain(say(recommendation.IF_FULL, once))
    assert "choose “Phone first” if a further victim in need supported is worth £75 or less" in advice
    constant = {**made, "decision_curves": curves.assign(is_chosen=options == "phone_first")}
    never = plain(say(decision.TURNS, Evidence(constant, scenario, manifest)))
    assert never.startswith("By full cost “Phone first” is the best buy at every worth")


def test_the_bottleneck_is_named_only_while_staff_are_busy(made, manifest, scenario):
    busy = _moved(made, manifest, scenario, ("staff_use", {"role": "volunteer"}, "utilisation", 0.99))
    assert "Staff time is the limit" in plain(say(capacity.BOTTLENECK, busy))
    idle = [("staff_use", {"role": role}, "utilisation", 0.5) for role in set(made["staff_use"]["role"])]
    told = plain(say(capacity.BOTTLENECK, _moved(made, manifest, scenario, *idle)))
    assert "The staff in post suffice" in told


def test_the_first_lever_is_called_first_only_while_others_are_far(made, manifest, scenario):
    first = {"lever": str(made["levers"]["lever"].iloc[0])}
    gains = [("levers", first, column, 100.0) for column in ("extra", "low")]
    far = [*gains, ("levers", first, "probability_best", 1.0), ("levers", first, "n_draws", 1_000)]
    once = [*gains, ("levers", first, "n_draws", 1)]
    told = plain(say(levers.FIRST_LEVER, _moved(made, manifest, scenario, *once)))
    assert "with every input at its middle value" in told
    told = plain(say(levers.FIRST_LEVER, _moved(made, manifest, scenario, *far)))
    assert "would add most" in told
    assert told.endswith("It is almost certain (100% of 1,000 draws) to be the best first fix.")
    near = [*gains, ("levers", first, "probability_best", 0.5)]
    assert "others come close" in plain(say(levers.FIRST_LEVER, _moved(made, manifest, scenario, *near)))
    none = _moved(made, manifest, scenario, ("levers", first, "low", -1.0))
    assert "No lever clearly supports more" in plain(say(levers.FIRST_LEVER, none))


def _fix(made, manifest, scenario, cost, base_cost, probability=1.0, n_draws=1_000, remark=""):
    """Return what is advised on the first fix, given its cost and that of the service of today."""
    first = {"lever": str(made["levers"]["lever"].iloc[0])}
    stated = {"extra": 100.0, "low": 50.0, "high": 150.0, "probability_best": probability, "n_draws": n_draws}
    stated |= {"remark": remark, "cost": cost, "cost_low": cost, "cost_high": cost}
    stated |= {"cost_per_extra": 91.0, "cost_per_extra_low": 64.0, "cost_per_extra_high": np.inf}
    changes = [("levers", first, name, value) for name, value in stated.items()]
    own = ("comparison", {"option": BUSINESS_AS_USUAL, "measure": "total_cost"}, "estimate", base_cost)
    return plain(first_fix(_moved(made, manifest, scenario, *changes, own, _best_is("phone_first"))))


def test_the_first_fix_is_advised_with_its_cost_and_only_for_the_service_it_was_simulated_under(
    made, manifest, scenario
):
    grant = scenario.grant_gbp
    paid = _fix(made, manifest, scenario, 1_000.0, grant - 5_000)
    assert paid.startswith("If business as usual stays, try first the single fix that adds most on average:")
    assert "pays for that beside" in paid
    assert "for each further victim £91 (£64 to no limit)" in paid
    assert "almost certain (100% of 1,000 draws) to be the best of the single fixes" in paid
    assert paid.endswith(
        "would add to “Phone first” was not computed: every fix was simulated under business as usual only."
    )
    beyond = _fix(made, manifest, scenario, 9_000.0, grant - 5_000)
    assert beyond.startswith("If business as usual stays and more money is found")
    assert "does not pay for all of it" in beyond
    over = _fix(made, manifest, scenario, 9_000.0, grant + 5_000, probability=0.75, n_draws=4)
    assert "more than the grant of" in over
    assert "about as likely as not (3 of 4 draws)" in over
    unknown = _fix(made, manifest, scenario, np.nan, grant, remark="cost unknown")
    assert unknown.startswith("If business as usual stays, ask what")
    assert "Its cost is not known." in unknown


def test_parts_of_an_option_have_no_interval_where_only_middle_values_were_simulated(
    made, manifest, scenario
):
    one = {**made, "waterfall": made["waterfall"].assign(n_draws=1)}
    evidence = Evidence(one, scenario, manifest)
    told = plain(say(explained.EXPLAINED, evidence))
    assert "With every input at its middle value" in told
    assert "elsewhere in this report the numbers are" in told
    assert not re.search(r"\(.* to .*\)|draws\)", told)
    (shown,) = exhibit(evidence, explained.WATERFALL)
    assert not any(" to " in plain(cell) for row in shown.data.rows for cell in row.cells)
    several = plain(
        say(
            explained.EXPLAINED,
            Evidence({**one, "waterfall": one["waterfall"].assign(n_draws=8)}, scenario, manifest),
        )
    )
    assert "over 8 draws of the inputs" in several


@pytest.mark.parametrize(("n_draws", "needed"), [(3, 3), (20, 16), (199, 139), (100_000, 66_150)])
def test_the_scale_says_of_how_many_draws_something_must_hold_to_be_likely(n_draws, needed):
    found = draws_needed(words.LIKELY, n_draws)
    assert found == pytest.approx(needed, abs=1)
    assert words.certainty(cautious(found / n_draws, n_draws)) == "likely"
    assert words.certainty(cautious((found - 1) / n_draws, n_draws)) == "about as likely as not"


def test_why_standard_victims_are_attempted_sooner_is_said_only_where_a_message_is_sent_to_them(
    made, manifest, scenario
):
    def told(standard: float) -> str:
        at = {"option": BUSINESS_AS_USUAL, "wait": WAITS[0], "priority": "standard"}
        changes = [("waits_summary", at, "within_standard", standard)]
        changes.append(("waits_summary", {**at, "priority": "enhanced"}, "within_standard", 0.5))
        return plain(say([capacity.AUTOMATIC], _moved(made, manifest, scenario, *changes)))

    assert "a message that is sent without staff" in told(0.9)
    assert told(0.4) == ""


def test_what_is_the_same_by_every_way_to_count_costs_is_shown_once(made, manifest, scenario):
    table = made["decision_by_cost_basis"].astype({"basis": str})
    first = table[table["basis"] == "running"]
    alike = pd.concat([first.assign(basis=name) for name in ("running", "grant_cost", "full_cost")])
    evidence = Evidence({**made, "decision_by_cost_basis": alike}, scenario, manifest)
    (shown,) = plans.basis(evidence)
    assert len(shown.data.groups) == 1
    assert shown.data.groups[0].title.endswith("the same by: full cost, with what others bear")


def test_a_run_without_the_optional_tables_has_a_report_that_shows_what_there_is(made, scenario, manifest):
    bare = scenario.model_copy(update={"appraisal": None, "funding": ()})
    held = {name: made[name] for name in _NEEDED}
    assert {shown.kind for shown in build_document(held, bare, manifest).exhibits} == {"table"}
    assert "The scenario states no appraisal" in render_report(held, {}, bare, manifest)


@pytest.fixture(scope="module")
def searched() -> dict[str, pd.DataFrame]:
    """Return tables of the stage `sensitivity` as a run with many draws makes them."""
    own = {"option": "phone_first", "against": BUSINESS_AS_USUAL}
    reach, need = "contact.channels.phone.reach", "demand.need"
    ranked = [
        {**own, "input": reach, "index": 0.4, "standard_error": 0.05, "is_clear": True, "direction": 1},
        {**own, "input": need, "index": 0.01, "standard_error": 0.02, "is_clear": False, "direction": 0},
    ]
    turned = {"switches_at": 0.31, "better": "above", "probability_past": 0.15, "is_clear": True}
    failing = {"fails_in_region": 0.8, "fails_anywhere": 0.3, "share_of_failures": 0.5, "n_draws": 250}
    known = {"value": [90_000.0, 300_000.0], "standard_error": [9_000.0, 0.0]}
    swing = {"central": [100.0], "at_low": [20.0], "at_high": [180.0]}
    return {
        "ranked_inputs": pd.DataFrame(ranked),
        "switching": pd.DataFrame([{**own, "input": reach, **turned}]),
        "information": pd.DataFrame({"known": [reach, "everything"], "inputs": [reach, ""], **known}),
        "discovery": pd.DataFrame(
            [{"option": "phone_first", "input": reach, "side": "below", "limit": 0.3, **failing}]
        ),
        "tornado": pd.DataFrame({"input": [reach], **swing}),
        "sobol": pd.DataFrame({"input": [reach], "first": [0.5], "total": [0.7]}),
        "sensitivity_notes": pd.DataFrame({"topic": [], "note": []}, dtype=str),
    }


def _change(made, searched, scenario, manifest) -> tuple[str, list[str]]:
    section = change.change(Evidence({**made, **searched}, scenario, manifest))
    bullets = [plain(item) for b in section.blocks if isinstance(b, Bullets) for item in b.items]
    return " ".join(bullets), [b.csv for b in section.blocks if isinstance(b, Exhibit)]


def test_with_many_draws_the_report_names_what_the_choice_hangs_on(made, searched, scenario, manifest):
    told, shown = _change(made, searched, scenario, manifest)
    assert "the first most of all: reach of a first call." in told
    assert "fails to be the best buy in 80% of draws, instead of 30%, where reach of a first call" in told
    names = ("ranked_inputs", "information", "switching", "tornado", "sobol")
    assert shown == [f"tables/{name}.csv" for name in names]


def test_what_no_evidence_bears_out_is_not_said_to_matter(made, searched, scenario, manifest):
    changed = {
        **searched,
        "ranked_inputs": searched["ranked_inputs"].assign(is_clear=False),
        "switching": searched["switching"].assign(is_clear=False),
        "discovery": searched["discovery"].assign(fails_in_region=0.2),
    }
    told, shown = _change(made, changed, scenario, manifest)
    assert "No single input clearly moves the choice" in told
    assert "fails to be" not in told
    assert shown == ["tables/information.csv", "tables/tornado.csv", "tables/sobol.csv"]


def test_a_table_of_a_later_stage_becomes_an_exhibit_by_one_declaration(made, scenario, manifest):
    later = pd.DataFrame({"option": [BUSINESS_AS_USUAL], "fte": [12.5]})
    columns = [Col("Posts", "fte", "decimal1")]
    shown = Shown(
        "plan_posts",
        "Staff for the standards",
        lambda e: long_table(e, "plan_posts", "option", columns, head="Option"),
    )
    assert exhibit(Evidence(made, scenario, manifest), shown) == ()
    (found,) = exhibit(Evidence({**made, "plan_posts": later}, scenario, manifest), shown)
    assert found.csv == "tables/plan_posts.csv"
    assert plain(found.data.rows[0].cells[0]) == "12.5"


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


class _Seen(NamedTuple):
    serious: list[tuple[str, str]]  # findings of axe: rule, first element
    phone_width: int
    requested: list[str]


def _seen(path: Path, opened: str) -> _Seen:
    """Return what axe-core finds on a page, how wide it is on a phone and what it asks for."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    requested: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": 1280, "height": 900})
        view.on("request", lambda request: requested.append(request.url))
        view.goto(path.as_uri())
        view.evaluate(f"document.querySelectorAll('{opened}').forEach(each => each.open = true)")
        found = axe.Axe().run(view).response["violations"]
        view.set_viewport_size({"width": 360, "height": 740})
        width = view.evaluate("document.documentElement.scrollWidth")
        browser.close()
    bad = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")]
    return _Seen(bad, width, requested)


_NEEDS_CHROMIUM = pytest.mark.skipif(
    _chromium() is None, reason="no Chromium on this machine (set CHROMIUM to its path)"
)


@_NEEDS_CHROMIUM
def test_a_short_page_is_accessible_fits_a_phone_and_asks_nothing_of_the_outside(
    made, drawn, scenario, manifest, tmp_path
):
    held = {name: made[name] for name in _NEEDED}
    held["assumptions"] = held["assumptions"].head(5)
    drawing = {"costs": pictures.svg_text(drawn["costs"])}
    page = tmp_path / "report.html"
    page.write_text(render_report(held, drawing, scenario, manifest), encoding="utf-8")
    assert _seen(page, "details.data") == _Seen([], 360, [page.as_uri()])


@pytest.mark.long
@_NEEDS_CHROMIUM
def test_the_whole_page_with_all_folds_open_is_accessible_and_fits_a_phone(run_folder, html):
    page = run_folder / "report.html"
    assert _seen(page, "details") == _Seen([], 360, [page.as_uri()])


def test_a_pdf_of_no_report_or_without_weasyprint_says_what_to_do(run_folder, html, tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"holds no report.html.* victimsmodel evaluate SCENARIO. \[VM217\]"):
        write_pdf(tmp_path)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(InputError, match=r"pip install 'victimsmodel\[pdf\]'.*libpango.*\[VM218\]"):
        write_pdf(run_folder)
    assert not (run_folder / "report.pdf").exists()


@pytest.mark.long
def test_the_pdf_has_every_figure_and_needs_their_pictures(run_folder, html, drawn, tmp_path):
    pytest.importorskip("weasyprint", reason="WeasyPrint is not installed", exc_type=ImportError)
    shutil.copy(run_folder / "report.html", tmp_path)
    with pytest.raises(InputError, match=r"\.png: is missing.*\[VM219\]"):
        write_pdf(tmp_path)
    (tmp_path / "figures").mkdir()
    for name, figure in drawn.items():
        figure.savefig(tmp_path / "figures" / f"{name}.png", dpi=50)
    made = write_pdf(tmp_path).read_bytes()
    assert made.startswith(b"%PDF")
    assert made.count(b"/Subtype /Image") >= len(drawn)


def test_a_place_that_differs_in_its_last_bit_gives_the_same_drawing():
    def drawn(nudge):
        figure, axes = plt.subplots(layout="constrained")
        axes.plot([0, 1], [0, 1])
        figure.canvas.draw()
        figure.set_layout_engine("none")
        place = axes.get_position().bounds
        axes.set_position([nudge(x) for x in place])
        made = pictures.pictures(figure)
        plt.close(figure)
        return made

    assert drawn(lambda x: x) == drawn(lambda x: np.nextafter(x, 1))
