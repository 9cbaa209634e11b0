import csv
import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from victimsmodel.demand.areas import ALL, NO_VENUE, area_rates, need_by_area, offences_by_area
from victimsmodel.errors import InputError
from victimsmodel.inputs.area_tables import Area, Areas
from victimsmodel.inputs.crime import CrimeData, load_recorded_crime
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.outlines import read_boundaries
from victimsmodel.reporting.figures_areas import plot_areas
from victimsmodel.reporting.pictures import figure_title, svg_text

OUTLINES = "boundaries.geojson"
PARAMETERS = Path(__file__).resolve().parents[1] / "parameters"
TABLE = """area,title,la_code,residents,imd_score,imd_most_deprived_tenth,venues
north,North,E1,200000,38.1,0.41,4
middle,Middle,E2,100000,25.6,0.14,1
south,South,E3,50000,24.1,0.11,0
"""
WEIGHTS = {"north": 60.0, "middle": 30.0, "south": 10.0}


def square(x, y):
    return [[x, y], [x + 0.2, y], [x + 0.2, y + 0.1], [x, y + 0.1], [x, y]]


@pytest.fixture
def areas():
    rows = csv.DictReader(TABLE.splitlines())
    table = [Area.model_validate(row, strict=False) for row in rows]
    return Areas(sources=("assumption",), table=tuple(table)).frame()


@pytest.fixture
def shapes(tmp_path):
    geometry = {
        "north": {"type": "Polygon", "coordinates": [square(-2, 52.5)]},
        "middle": {"type": "Polygon", "coordinates": [square(-2, 52.4)]},
        "south": {"type": "MultiPolygon", "coordinates": [[square(-2, 52.3)], [square(-1.7, 52.3)]]},
    }
    features = [{"type": "Feature", "properties": {"area": a}, "geometry": g} for a, g in geometry.items()]
    path = tmp_path / "boundaries.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return read_boundaries(path)


# Need by area


def test_victims_are_spread_by_the_weights_and_add_up(areas):
    in_need = np.linspace(20_000, 40_000, 201)
    found = need_by_area(in_need, WEIGHTS, areas).set_index("area")
    assert found["in_need"].sum() == pytest.approx(30_000)
    assert found["share"].sum() == pytest.approx(1)
    assert found.loc["north", "in_need"] == pytest.approx(18_000)
    assert found.loc["north", "per_1000"] == pytest.approx(90)
    assert found.loc["south", "per_1000"] == pytest.approx(60)
    assert (found["in_need_low"] < found["in_need"]).all()
    assert found["in_need_high"].sum() == pytest.approx(39_000)


def test_victims_in_need_per_venue_and_no_venue_is_said_and_never_divided_by(areas):
    found = need_by_area(np.full(10, 30_000.0), WEIGHTS, areas).set_index("area")
    assert found.loc["north", "per_venue"] == pytest.approx(18_000 / 4)
    assert found.loc["middle", "per_venue"] == pytest.approx(9_000)
    assert found.loc["south", ["per_venue_low", "per_venue", "per_venue_high"]].isna().all()
    assert found["venue_note"].to_dict() == {"north": "", "middle": "", "south": NO_VENUE}


def test_areas_that_differ_are_refused(areas):
    with pytest.raises(InputError, match=r"boroughs\.values = middle, north.*VM088"):
        need_by_area(np.ones(3), {"north": 1.0, "middle": 1.0}, areas)


# Rates


def test_rates_count_offences_against_people_only():
    offences = pd.DataFrame(
        {
            "area": ["north", "north", "north", "south", "unassigned"],
            "offence": ["Homicide", "Violence with injury", "Shoplifting", "Homicide", "Homicide"],
            "offences": [2, 98, 500, 50, 50],
        }
    )
    found = area_rates(offences, pd.Series({"north": 200_000, "south": 50_000})).set_index(
        ["area", "crime_type"]
    )
    assert found.loc[("north", "violence"), "offences"] == 100
    assert found.loc[("north", ALL), "offences"] == 100
    assert found.loc[("north", ALL), "per_1000"] == pytest.approx(0.5)
    assert found.loc[("south", "violence"), "share"] == pytest.approx(0.25)
    assert np.isnan(found.loc[("unassigned", ALL), "per_1000"])


def test_of_a_table_by_quarter_the_last_year_is_taken():
    quarters = pd.period_range("2022Q1", "2023Q2", freq="Q-DEC")
    rows = pd.DataFrame({"quarter": quarters, "offences": 10 ** np.arange(6)}).assign(
        force="Kent",
        csp="Ashford",
        offence_group="",
        offence_subgroup="Homicide",
        offence_code="1",
        offence="",
    )
    crime = CrimeData(rows, pd.DataFrame(), "small.csv", rows.head(0))
    found = area_rates(offences_by_area(crime, "Kent"), pd.Series({"ashford": 1_111_000}))
    assert found.set_index("crime_type")["offences"].to_dict() == {"violence": 111_100, ALL: 111_100}
    assert found["per_1000"].tolist() == [100, 100]


@pytest.mark.shared_data
def test_boroughs_of_the_west_midlands_add_up_to_the_force(shared_data):
    crime = load_recorded_crime(shared_data / "csp-recorded-crime-ye-june-2025.csv.gz")
    offences = offences_by_area(crime, "West Midlands")
    totals = offences.groupby("area")["offences"].sum()
    assert totals["birmingham"] == 135_101
    assert totals.sum() == 303_343
    people = pd.read_csv(shared_data / "population-mid-year-by-la-2001-2020.csv")
    people = people[people["year"] == 2020].assign(area=people["la_name"].str.lower())
    rates = area_rates(offences, people.set_index("area")["population"]).set_index(["area", "crime_type"])
    # residential burglary in Birmingham, ONS table C2; 1,140,525 residents
    assert rates.loc[("birmingham", "domestic_burglary"), "offences"] == 5_287
    assert rates.loc[("birmingham", "domestic_burglary"), "per_1000"] == pytest.approx(5_287 / 1_140.525)
    assert rates.xs(ALL, level="crime_type")["share"].sum() == pytest.approx(1)


@pytest.mark.shared_data
def test_a_force_without_partnerships_is_an_error(shared_data):
    crime = load_recorded_crime(shared_data / "csp-recorded-crime-ye-june-2025.csv.gz")
    with pytest.raises(InputError, match=r"Atlantis.*VM088"):
        offences_by_area(crime, "Atlantis")


# Files


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("residents,", "people,", r"boroughs.csv:2: demand.areas.table\[0\].residents: is missing"),
        (",1141816,", ",0,", r"boroughs.csv:2: demand.areas.table\[0\].residents = 0: must be at least 1"),
        (
            "0.4131,4",
            "0.4131,many",
            r"boroughs.csv:2: demand.areas.table\[0\].venues = many: must be an integer",
        ),
        ("0.4131,4", "41.31%,4", r"table\[0\].imd_most_deprived_tenth = 41.31%: .* Write 0.4131"),
        ("coventry,Coventry", "birmingham,Coventry", "birmingham: is named twice"),
        (
            "coventry,Coventry",
            "coventri,Coventry",
            "coventry: is not an area of the table",
        ),
        ("0.4131,4", "0.4131", "boroughs.csv:2: .* must have 7 cells"),
    ],
)
def test_a_wrong_area_table_is_an_error_that_says_where_and_what(tmp_path, before, after, words):
    shutil.copytree(PARAMETERS, tmp_path / "parameters")
    path = tmp_path / "parameters" / "west-midlands" / "boroughs.csv"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InputError, match=words):
        load_scenario(tmp_path / "parameters" / "west-midlands.yaml")


@pytest.mark.parametrize(
    "text", ["", "{}", '{"features": [{"properties": {}}]}', '{"features": [1]}', "[" * 100_000]
)
def test_boundaries_that_are_none_are_an_error(tmp_path, text):
    path = tmp_path / "boundaries.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="VM088"):
        read_boundaries(path)


def test_a_ring_of_two_points_is_an_error(tmp_path):
    geometry = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}
    path = tmp_path / "boundaries.geojson"
    path.write_text(
        json.dumps({"features": [{"properties": {"area": "a"}, "geometry": geometry}]}), encoding="utf-8"
    )
    with pytest.raises(InputError, match="four points"):
        read_boundaries(path)


def test_an_area_with_two_outlines_and_one_without_are_named(desk):
    message = desk.refused_with(
        OUTLINES, lambda text: text.replace(b'"area":"coventry"', b'"area":"birmingham"')
    )
    start = "west-midlands/boundaries.geojson: demand.areas.boundaries"
    assert message.splitlines() == [
        f"{start}.birmingham: must have one outline, and is the area of features 1, 2. "
        "Parts of one area are a MultiPolygon. [VM088]",
        f"{start}.coventry: is missing: each area has an outline. [VM088]",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda text: text.replace(b"[-1.788,52.588]", b"[407000,287000]"),
            ", feature 1: {}: has a point outside longitude -180 to 180 and latitude -90 to 90. Coordinates "
            "must be longitude and latitude (WGS 84, EPSG:4326), not metres of a national grid. [VM088]",
        ),
        (
            lambda text: text.replace(b"-1.788,52.588", b"NaN,52.588"),
            ", feature 1: {}: has a point that is not longitude and latitude, two finite numbers. [VM088]",
        ),
        (
            lambda text: text.replace(b"52.588", b"5" * 5000),
            ": {}: holds a number with too many digits. [VM088]",
        ),
        (
            lambda text: text.replace(b'"features"', b'"feature"'),
            ": {}: must be a GeoJSON feature collection: a list of features, each the outline of an area. "
            "[VM088]",
        ),
        (
            lambda text: text.replace(b'"geometry":{', b'"geometry":null,"x":{', 1),
            ", feature 1: {}: must be a Polygon or MultiPolygon. [VM088]",
        ),
        (
            lambda text: text.replace(b'{"area":"birmingham"}', b"null"),
            ", feature 1: {}: must have a property area, the name of an area. [VM088]",
        ),
        (
            lambda text: b"{",
            ":1: {}: must be GeoJSON, and is no JSON from column 2 on. Is the file cut short? [VM088]",
        ),
        (lambda text: b"[" * 10**6, ": {}: must be GeoJSON, and is nested too deeply. [VM088]"),
        (
            lambda text: text.decode().encode("utf-16"),
            ":1: {}: must be UTF-8 text; byte 0 is not. It may be UTF-16: save it as UTF-8. [VM002]",
        ),
        (
            lambda text: text.replace(b"coventry", b"m\xf4n"),
            ":1: {}: must be UTF-8 text; byte 7805 is not. It may be cp1252: save it as UTF-8. [VM002]",
        ),
    ],
)
def test_damaged_boundaries_are_told_once_and_in_plain_words(desk, change, said):
    message = desk.refused_with(OUTLINES, change)
    assert message == "west-midlands/boundaries.geojson" + said.format("demand.areas.boundaries")


# The map


def test_the_map_names_every_area_with_its_values_and_venues(areas, shapes):
    figure = plot_areas(need_by_area(np.full(10, 30_000.0), WEIGHTS, areas), shapes, "Made up.")
    need, deprivation = figure.axes
    assert {t.get_text() for t in need.texts} == {"North\n90.0", "Middle\n90.0", "South\n60.0", "4", "1", "0"}
    assert {t.get_text() for t in deprivation.texts} == {"North\n38.1", "Middle\n25.6", "South\n24.1"}
    assert len(need.collections[0].get_paths()) == 4
    assert figure_title(figure).endswith("South, with 3,000, has no venue")
    text = svg_text(figure)
    assert ET.fromstring(text).tag.endswith("svg")
    plt.close(figure)


def test_names_stand_inside_their_areas(areas, shapes):
    figure = plot_areas(need_by_area(np.full(10, 30_000.0), WEIGHTS, areas), shapes, "Made up.")
    for text in figure.axes[1].texts:
        x, y = text.get_position()
        (x0, y0), (x1, y1) = next(
            (ring.min(0), ring.max(0))
            for ring in shapes[text.get_text().split("\n")[0].lower()]
            if ring[:, 0].min() <= x <= ring[:, 0].max()
        )
        assert x0 < x < x1
        assert y0 < y < y1
    plt.close(figure)


def test_the_same_table_draws_the_same_picture(areas, shapes):
    table = need_by_area(np.full(10, 30_000.0), WEIGHTS, areas)
    pictures = []
    for _ in range(2):
        figure = plot_areas(table, shapes, "Made up.")
        pictures.append(svg_text(figure))
        plt.close(figure)
    assert pictures[0] == pictures[1]
