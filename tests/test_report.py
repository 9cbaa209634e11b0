"""The report says what the tables say, in words that people use, and asks nothing of the outside."""

import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from victimsmodel.appraisal.compare import EFFECT, compare_options, incremental
from victimsmodel.appraisal.costs import COST_LINES
from victimsmodel.appraisal.levers import rank_levers
from victimsmodel.appraisal.outcomes import MEASURES, measures_by_run
from victimsmodel.appraisal.replications import simulate
from victimsmodel.demand.overview import forecast_tables, origin_tables
from victimsmodel.demand.victims import estimate_demand
from victimsmodel.errors import CannotWriteError
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.quantities import estimates_in
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.inputs.service import CHANNELS
from victimsmodel.pathway.calibrate import calibrate
from victimsmodel.pathway.service_comparison import compare_services
from victimsmodel.records import EXITS, STAGES, TASKS, WAITS
from victimsmodel.reporting import figures, tables, words
from victimsmodel.reporting.figures_areas import plot_areas
from victimsmodel.reporting.figures_calibration import plot_calibrated_fit
from victimsmodel.reporting.figures_evidence import plot_services
from victimsmodel.reporting.figures_forecast import plot_forecast
from victimsmodel.reporting.figures_levers import plot_levers
from victimsmodel.reporting.findings import against_grant
from victimsmodel.reporting.formats import FORMATS
from victimsmodel.reporting.palette import option_colours
from victimsmodel.reporting.readable_calibration import calibration_findings
from victimsmodel.reporting.report import (
    FIGURES,
    LIMITS,
    OPTIONAL_TABLES,
    TABLES,
    inline_svg,
    render_report,
    write_report,
)

_SCENARIO = Path(__file__).resolve().parents[1] / "parameters" / "west-midlands.yaml"
_SOURCE = "Source: simulation of 4 draws × 2 years; intervals are 90% intervals of the mean."
_VOID = {"meta", "link", "br", "img", "input", "hr", "path", "use", "rect", "col"}


class Element(NamedTuple):
    tag: str
    attributes: dict[str, str]
    text: str


class Page(HTMLParser):
    """Elements with their text, and the text that a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.visible: list[str] = []
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

    def with_attribute(self, name: str) -> list[Element]:
        return [element for element in self.elements if name in element.attributes]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario(_SCENARIO)


@pytest.fixture(scope="module")
def made(scenario: Scenario) -> dict[str, pd.DataFrame]:
    result = simulate(scenario, n_draws=4, n_replications=2)
    comparison = compare_options(result, scenario)
    by_draw = measures_by_run(result, scenario).groupby(["option", "draw"]).mean()[["total_cost", EFFECT]]
    difference = by_draw - by_draw.xs(BUSINESS_AS_USUAL, level="option")
    names = {"total_cost": "incremental_cost", EFFECT: "incremental_effect"}
    demand = estimate_demand(scenario, n_draws=50)
    services = compare_services({"West Midlands, modelled": 0.9}, published="West Midlands")
    calibration = calibrate(scenario, n_draws=300, capacity_years=8)
    return {
        "services": services.table,
        "services_words": pd.DataFrame({"sentence": services.sentences}),
        "calibration_fit": calibration.fit,
        "calibration_words": pd.DataFrame({"sentence": calibration_findings(calibration)}),
        "levers": rank_levers(scenario, 2).assign(n_draws=2),
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
        "draws": difference.rename(columns=names).drop(BUSINESS_AS_USUAL, level="option").reset_index(),
    }


_TABLE_OF = {
    "demand": "demand_summary",
    "funnel": "funnel_summary",
    "exits": "exits_summary",
    "waits": "waits_summary",
    "staff_use": "staff_use",
    "backlog": "daily",
    "costs": "costs_summary",
    "cost_effectiveness": "draws",
    "coverage": "group_coverage",
}


@pytest.fixture(scope="module")
def drawn(made, scenario):
    found = {
        name: getattr(figures, f"plot_{name}")(made[table], scenario, _SOURCE)
        for name, table in _TABLE_OF.items()
    }
    found["areas"] = plot_areas(made["areas"], scenario.demand.areas.shapes(), _SOURCE)
    found["forecast"] = plot_forecast(made, scenario, _SOURCE)
    found["services"] = plot_services(made["services"], _SOURCE)
    found["calibration_fit"] = plot_calibrated_fit(made["calibration_fit"], _SOURCE)
    found["levers"] = plot_levers(made["levers"], _SOURCE)
    yield found
    for figure in found.values():
        plt.close(figure)


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
    }


@pytest.fixture(scope="module")
def run_folder(made, drawn, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "tables").mkdir()
    (folder / "figures").mkdir()
    for name in (*TABLES, *OPTIONAL_TABLES):
        made[name].to_parquet(folder / "tables" / f"{name}.parquet")
    for name, figure in drawn.items():
        (folder / "figures" / f"{name}.svg").write_text(figures.svg_text(figure), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def html(run_folder, scenario, manifest) -> str:
    return write_report(run_folder, scenario, manifest).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


@pytest.fixture(scope="module")
def look_up(run_folder) -> Callable[[str, str, str], float]:
    """Return a function that finds a number in the files of the run folder."""
    kept: dict[tuple[str, ...], pd.DataFrame] = {}

    def found(table: str, row: str, column: str) -> float:
        keys, values = zip(*(part.split("=", 1) for part in row.split(";")), strict=True)
        if (table, *keys) not in kept:
            frame = pd.read_parquet(run_folder / "tables" / f"{table}.parquet")
            kept[table, *keys] = frame.astype(dict.fromkeys(keys, str)).set_index(list(keys)).sort_index()
        own = kept[table, *keys].loc[[values if len(values) > 1 else values[0]], column]
        assert len(own) == 1, f"{table}: {row}"
        return float(own.iloc[0])

    return found


def test_every_number_stands_in_its_table_and_is_printed_as_formatted(page, look_up):
    numbers = page.with_attribute("data-table")
    assert len(numbers) >= 150
    for _, at, text in numbers:
        value = look_up(at["data-table"], at["data-row"], at["data-column"])
        assert float(at["data-value"]) == value, at
        assert text == FORMATS[at["data-format"]](value), at


def test_every_share_is_the_quotient_of_two_numbers_of_the_tables(page, look_up):
    shares = page.with_attribute("data-part")
    assert len(shares) >= 50
    for _, at, text in shares:
        ends = []
        for name in ("data-part", "data-whole"):
            table, row, column = at[name].split("|")
            ends.append(look_up(table, row, column))
        assert float(at["data-value"]) == ends[0] / ends[1], at
        assert text == FORMATS[at["data-format"]](ends[0] / ends[1]), at


def test_the_funnel_of_every_option_and_every_input_are_printed(page, scenario, made):
    printed = {
        (e.attributes["data-table"], e.attributes["data-row"]) for e in page.with_attribute("data-table")
    }
    for option in scenario.options:
        for stage in ("referred", "attempted", "contacted", "consented", "assessed", "accepted", "supported"):
            for who in ("all", "in_need"):
                assert ("funnel_summary", f"option={option};stage={stage};who={who}") in printed
    for row in made["assumptions"].itertuples():
        assert ("assumptions", f"input={row.input};option={row.option}") in printed


def test_the_headline_names_the_option_that_supports_most_victims_in_need(page, made, scenario):
    effects = made["comparison"].query("measure == @EFFECT").set_index("option")["estimate"]
    best = scenario.options[str(effects.idxmax())].title
    lead = next(e.text for e in page.elements if e.attributes.get("class") == "lead")
    assert " ".join(lead.split()).startswith(f"{best} supports the most victims in need")


def test_a_report_in_which_business_as_usual_is_best_says_so(made, scenario, manifest):
    comparison = made["comparison"].copy()
    is_base = (comparison["option"] == BUSINESS_AS_USUAL) & (comparison["measure"] == EFFECT)
    comparison.loc[is_base, "estimate"] = 99_000.0
    html = render_report({**made, "comparison": comparison}, {}, scenario, manifest)
    lead = next(e.text for e in Page(html).elements if e.attributes.get("class") == "lead")
    start = "No option supports more victims in need than business as usual, which supports 99,000 a year"
    assert " ".join(lead.split()).startswith(start)


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
    html = render_report(made, {"costs": figures.svg_text(figure)}, changed, manifest)
    plt.close(figure)
    assert "<script" not in html
    assert "<b>bold" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;bold&lt;/b&gt;" in html


def test_the_page_has_the_marks_that_assistive_software_needs(page, html):
    assert next(e for e in page.elements if e.tag == "html").attributes["lang"] == "en-GB"
    assert [e.tag for e in page.elements if e.tag in ("h1", "main", "nav")].count("h1") == 1
    cells = [e for e in page.elements if e.tag == "th"]
    assert all(e.attributes.get("scope") in ("col", "row", "colgroup", "rowgroup") for e in cells)
    assert sum(e.tag == "caption" for e in page.elements) == sum(e.tag == "table" for e in page.elements)
    drawings = [e for e in page.elements if e.tag == "svg"]
    assert len(drawings) == len(FIGURES)
    assert all(e.attributes["role"] == "img" and len(e.attributes["aria-label"]) > 40 for e in drawings)
    assert 'class="skip"' in html


def test_limits_checks_and_cover_are_printed(page):
    text = " ".join(" ".join(page.visible).split())
    for limit in LIMITS:
        assert limit in text
    assert "Over 1,920 comparisons the largest difference is 3.2 standard errors " in text
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


@pytest.mark.parametrize(
    ("cost", "low", "high", "expected"),
    [
        (80.0, 70.0, 90.0, "within the grant, as is its whole 90% interval"),
        (120.0, 110.0, 130.0, "above the grant, as is its whole 90% interval"),
        (95.0, 80.0, 110.0, "below the grant on average, but its 90% interval also reaches above it"),
        (105.0, 90.0, 120.0, "above the grant on average, but its 90% interval also reaches below it"),
    ],
)
def test_a_cost_is_put_against_the_grant_with_its_interval(cost, low, high, expected):
    assert against_grant(cost, low, high, 100.0) == expected


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


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_axis_labels_a_finding_and_its_source(drawn, name):
    figure = drawn[name]
    assert isinstance(figure, Figure)
    assert len(figures.figure_title(figure)) > 30
    assert _SOURCE in " ".join(text.get_text().replace("\n", " ") for text in figure.texts)
    axes = [ax for ax in figure.axes if ax.axison]
    assert axes or name == "areas"
    if name == "areas":
        return  # a map
    assert any(ax.get_xlabel() for ax in axes)
    rows = [ax for ax in axes if ax.get_subplotspec().is_first_col()]
    assert all(ax.get_ylabel() or len(ax.get_yticklabels()) for ax in rows)
    seen = " ".join(text.get_text() for ax in axes for text in (*ax.get_xticklabels(), *ax.get_yticklabels()))
    assert "_" not in seen + figures.figure_title(figure)


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_of_a_figure_leaves_the_page(drawn, name):
    figure = drawn[name]
    figure.draw_without_rendering()
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
        texts.append(figures.svg_text(figure))
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


def test_identifiers_of_an_inlined_drawing_get_its_prefix():
    svg = '<?xml version="1.0"?><svg xmlns="u" width="9pt" viewBox="0 0 1 1"><title>So &lt;it&gt; is</title>'
    svg += '<!-- gone --><defs><path id="a"/></defs><use xlink:href="#a"/><g clip-path="url(#b)"/></svg>'
    expected = '<svg viewBox="0 0 1 1" role="img" aria-label="Costs. So &lt;it&gt; is.">'
    expected += '<defs><path id="c-a"/></defs><use href="#c-a"/><g clip-path="url(#c-b)"/></svg>'
    assert inline_svg(svg, "c", "Costs") == expected


def test_importing_the_report_does_not_import_matplotlib():
    code = "import sys, victimsmodel.reporting.report; sys.exit('matplotlib' in sys.modules)"
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
