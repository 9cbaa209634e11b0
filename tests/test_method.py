"""What each attempt of a contact method does, against closed forms; and the figure of it."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.special import beta as beta_function

import victimsmodel as vm
from victimsmodel.errors import InputError
from victimsmodel.inputs.draws import draw_points
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.quantities import Estimate
from victimsmodel.inputs.scenario import Surge
from victimsmodel.inputs.service import Attempt, ContactMethod
from victimsmodel.pathway.arrays import MOST_ATTEMPTS, N_CELLS
from victimsmodel.pathway.cells import beta_cells
from victimsmodel.pathway.expected import expected_pathway
from victimsmodel.pathway.method import method_curve
from victimsmodel.pathway.method_chances import reach_after
from victimsmodel.pathway.plan import build_plans
from victimsmodel.reporting import pictures
from victimsmodel.reporting.palette import CHANNEL_MARKERS

SCENARIO = "parameters/west-midlands.yaml"
SIX_CALLS = np.array([0.25, 0.20, 0.15, 0.05, 0.03, 0.02])
GROUP = "robbery_enhanced"


@pytest.fixture(scope="module")
def scenario():
    return load_scenario(SCENARIO)


@pytest.fixture(scope="module")
def plans(scenario):
    return build_plans(scenario, "needs_flagged", draw_points(scenario, 1, 1), ample_staff=True)


def fixed(value, unit):
    year = "2019/20" if unit == "GBP" else None
    return Estimate(unit=unit, source="assumption", value=value, low=value, high=value, price_year=year)


def with_method(scenario, attempts, option="needs_flagged", **changes):
    """Return the scenario in which everybody gets the same attempts; phone changed as stated."""
    chosen = scenario.options[option]
    method = ContactMethod(title="As tested", attempts=tuple(attempts))
    contact = chosen.service.contact
    phone = contact.channels["phone"].model_copy(update=changes)
    contact = contact.model_copy(
        update={
            "methods": {"tested": method},
            "assigned": {"default": "tested"},
            "channels": {**contact.channels, "phone": phone},
            "fade_days": fixed(1e12, "days"),
        }
    )
    missing = {**chosen.service.screening.missing_details, "phone": fixed(1e-12, "probability")}
    screening = chosen.service.screening.model_copy(update={"missing_details": missing})
    service = chosen.service.model_copy(update={"contact": contact, "screening": screening})
    options = {**scenario.options, option: chosen.model_copy(update={"service": service})}
    return scenario.model_copy(update={"options": options})


def call(gap=1, window=None):
    return Attempt(channel="phone", after_working_days=gap, role="contact_officer", window=window)


def reach_of_calls(plans, tables):
    """Return reach after 0, 1, 2 ... calls, one a working day, details always known."""
    n = len(tables)
    groups, numbers, changed = plans.groups.copy(), plans.numbers.copy(), plans.tables.copy()
    groups["n_attempts"], groups["gap"], groups["channel"] = n, 1, 0
    groups["table"][..., :n] = np.arange(n)
    changed["reach"][0, :n] = tables
    numbers["missing"], numbers["fade_days"] = 0.0, 1e12
    return reach_after(replace(plans, groups=groups, numbers=numbers, tables=changed))[0][0]


def test_six_calls_without_heterogeneity_add_what_the_product_says(plans):
    reach = reach_of_calls(plans, [np.full(N_CELLS, p) for p in SIX_CALLS])
    still_open = np.concatenate([[1.0], np.cumprod(1 - SIX_CALLS)])
    assert reach[6] == pytest.approx(0.5394343, abs=5e-8)
    assert np.diff(reach)[:6] == pytest.approx(SIX_CALLS * still_open[:6], rel=1e-12)
    assert reach[6:] == pytest.approx(np.full(MOST_ATTEMPTS - 5, reach[6]), rel=1e-15)
    assert still_open[:6].sum() == pytest.approx(3.814465, abs=5e-7)


def test_calls_of_a_scenario_take_the_minutes_and_pounds_of_the_closed_form(scenario):
    windows = {f"call_{n + 1}": fixed(float(p), "probability") for n, p in enumerate(SIX_CALLS)}
    changed = with_method(
        scenario,
        [call(window=name) for name in windows],
        reach_by_window=windows,
        heterogeneity=fixed(1e-9, "correlation"),
        minutes_reached=fixed(11.0, "minutes"),
        minutes_attempt=fixed(2.5, "minutes"),
        unit_cost=fixed(0.1, "GBP"),
    )
    curve = method_curve(changed, "needs_flagged", GROUP)
    found, whole = curve.attempts, curve.groups.iloc[0]
    made = np.concatenate([[1.0], np.cumprod(1 - SIX_CALLS)[:-1]])
    minutes = made * (SIX_CALLS * 11 + (1 - SIX_CALLS) * 2.5)
    officer = scenario.options["needs_flagged"].service.staff["contact_officer"]
    productive = 37.5 * 365.25 / 7 * 60 * (1 - officer.shrinkage.value) * officer.occupancy.value
    cost = minutes * officer.cost_per_fte.value / productive + made * 0.1
    # the last table is a Beta distribution with next to no spread: its mean is kept to rounding
    assert found["made"].to_numpy() == pytest.approx(made, rel=1e-6)
    assert found["success"].to_numpy() == pytest.approx(SIX_CALLS, rel=1e-6)
    assert found["contacts_per_100"].to_numpy() == pytest.approx(100 * made * SIX_CALLS, rel=1e-6)
    assert found["staff_minutes"].to_numpy() == pytest.approx(minutes, rel=1e-6)
    assert found["cost_gbp"].to_numpy() == pytest.approx(cost, rel=1e-6)
    assert found["cost_per_contact_gbp"].to_numpy() == pytest.approx(cost / (made * SIX_CALLS), rel=1e-6)
    assert whole["attempts"] == pytest.approx(3.814465, rel=1e-6)
    assert whole["reach"] == pytest.approx(0.5394343, rel=1e-6)
    assert whole["cost_gbp"] == pytest.approx(cost.sum(), rel=1e-6)


def test_what_calls_add_follows_the_beta_geometric(plans):
    mean, total = 0.35, 4.0  # a + b = 4
    a, b = mean * total, (1 - mean) * total
    reach = reach_of_calls(plans, [beta_cells(mean, 1 / (total + 1))] * 3)
    survival = np.array([beta_function(a, b + n) / beta_function(a, b) for n in range(4)])
    assert np.diff(reach)[:3] == pytest.approx(-np.diff(survival), rel=1e-3)  # cells are a grid of 256


def test_what_attempts_add_sums_to_the_reach_of_the_method(scenario):
    for option in scenario.options:
        curve = method_curve(scenario, option)
        added = curve.attempts.groupby("group")["contacts_per_100"].sum() / 100
        whole = curve.groups.set_index("group")["reach"]
        assert added[whole.index].to_numpy() == pytest.approx(whole.to_numpy(), rel=1e-12)
        assert (curve.attempts["contacts_per_100"] > 0).all()
        last = curve.days.groupby("group")["reach"].max()
        assert (last <= whole[last.index] + 1e-12).all()
        assert last.to_numpy() == pytest.approx(
            whole[last.index].to_numpy(), rel=1e-3
        )  # replies after day 60


def test_an_attempt_adds_what_a_service_without_it_would_lack(scenario):
    attempts = [
        Attempt(channel="text", after_working_days=0),
        call(2),
        Attempt(channel="letter", after_working_days=1),
        call(3, "evening"),
    ]
    reach = [method_curve(with_method(scenario, attempts[: n + 1]), "needs_flagged", GROUP) for n in range(4)]
    whole = [float(curve.groups["reach"].iloc[0]) for curve in reach]
    cost = [float(curve.groups["cost_gbp"].iloc[0]) for curve in reach]
    found = reach[-1].attempts
    assert found["reach"].to_numpy() == pytest.approx(whole, rel=1e-12)
    assert found["contacts_per_100"].to_numpy()[1:] == pytest.approx(100 * np.diff(whole), rel=1e-9)
    assert found["cost_gbp"].to_numpy()[1:] == pytest.approx(np.diff(cost), rel=1e-9)


def test_contacts_and_minutes_are_those_of_the_exact_pathway(scenario):
    for option in scenario.options:
        curve, exact = method_curve(scenario, option), expected_pathway(scenario, option)
        funnel = exact.funnel[(exact.funnel["stage"] == "contacted")]
        contacted = funnel.groupby("who", observed=True)["victims"].sum()
        groups = curve.groups.set_index("group")
        assert (groups["referrals_per_year"] * groups["reach"]).sum() == pytest.approx(contacted["all"])
        people = curve.attempts["group"].map(groups["referrals_per_year"])
        in_need = (people * curve.attempts["contacts_in_need_per_100"]).sum() / 100
        assert in_need == pytest.approx(contacted["in_need"])
        spent = exact.activity[exact.activity["measure"] == "minutes_attempt"]["amount"].sum()
        assert (people * curve.attempts["staff_minutes"]).sum() == pytest.approx(spent)


def test_groups_that_come_by_several_ways_are_averaged_by_their_number(scenario):
    victims = fixed(5000.0, "victims")
    surge = Surge(title="Attack", start="2019-06-03", days=1, victims=victims, crime_type="robbery")
    demand = scenario.demand.model_copy(update={"surges": {"attack": surge}})
    scenario = scenario.model_copy(update={"demand": demand})
    curve, exact = method_curve(scenario), expected_pathway(scenario)
    rows = (exact.funnel["stage"] == "contacted") & (exact.funnel["who"] == "all")
    contacted = exact.funnel[rows].set_index("group")["victims"]
    own = curve.groups.set_index("group").loc[GROUP]
    assert own["referrals_per_year"] * own["reach"] == pytest.approx(contacted[GROUP])


def test_days_are_calendar_days_and_stop_rules_hold(scenario):
    found = method_curve(scenario, "needs_flagged", GROUP).attempts
    days = found["calendar_day"].to_numpy()
    assert 0 < days[0] < 1  # the same day, or after a weekend
    gaps = found["after_working_days"].to_numpy()[1:]
    assert (np.diff(days) > gaps).all()
    assert (np.diff(days) < 2 * gaps).all()
    stopped = load_scenario(SCENARIO, {"contact.methods.five_calls.stop_after_days": 0})
    found = method_curve(stopped, "needs_flagged", GROUP).attempts
    assert found["made"].to_numpy()[1:] == pytest.approx(np.zeros(4), abs=0)
    assert found["calendar_day"].isna().tolist() == [False, True, True, True, True]
    assert found["cost_per_contact_gbp"].isna().tolist() == [False, True, True, True, True]


def test_draws_give_ranges_and_one_draw_gives_none(scenario):
    one = method_curve(scenario, group=GROUP).attempts
    many = method_curve(scenario, group=GROUP, n_draws=40).attempts
    assert not [name for name in one if name.endswith(("_low", "_high"))]
    for name in ("success", "reach", "staff_minutes", "contacts_per_100", "cost_per_contact_gbp"):
        rows = many[many["role"].notna()] if name == "staff_minutes" else many
        assert (rows[f"{name}_low"] < rows[name]).all()
        assert (rows[f"{name}_high"] > rows[name]).all()
    assert many["contacts_per_100"].sum() / 100 == pytest.approx(many["reach"].iloc[-1])
    again = method_curve(scenario, group=GROUP, n_draws=40).attempts
    assert again.equals(many)


@pytest.fixture(
    scope="module",
    params=["business_as_usual", "phone_first", "text_then_call", "needs_flagged", "one group"],
)
def drawn(request, scenario):
    names = ("business_as_usual", GROUP) if request.param == "one group" else (request.param, None)
    figure = vm.plot_method(scenario, *names, source="Source: a test.")
    figure.draw_without_rendering()
    yield figure, method_curve(scenario, *names)
    plt.close(figure)


def shown_texts(figure):
    """Return every text of a figure that is seen, the source line and the finding among them."""
    found = list(figure.texts)
    for ax in figure.axes:
        found += [*ax.texts, ax._left_title, ax.xaxis.label, ax.yaxis.label]
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if low <= tick.get_loc() <= high:  # others are not drawn
                    found += [tick.label1, tick.label2]
    return [text for text in found if text.get_text() and text.get_visible()]


def test_the_figure_has_a_finding_labels_and_its_source(drawn):
    figure, curve = drawn
    finding = pictures.figure_title(figure)
    best = curve.groups.sort_values("reach").iloc[-1]
    assert f"“{best['method_title']}” reaches {100 * best['reach']:.0f}% of referrals" in finding
    assert "£" in finding
    source = " ".join(figure.texts[-1].get_text().split())
    assert source.startswith("Source: a test. Exact expected values")
    assert "those that pass screening" in source
    reach, lanes, added, minutes, cost = figure.axes
    assert reach.get_ylabel() == "Contacted (%)"
    assert "Calendar days since the referral" in lanes.get_xlabel()
    assert minutes.get_xlabel().startswith("Staff minutes per referral")
    assert cost.get_xlabel().startswith("Cost per referral (£)")
    assert "per 100 referrals" in added.get_title(loc="left")
    assert not any("_" in text.get_text() for text in shown_texts(figure))


def test_every_attempt_is_marked_on_its_day_in_the_shape_of_its_channel(drawn):
    figure, curve = drawn
    marks = [line for line in figure.axes[1].lines if line.get_marker() not in ("None", None, "")]
    found = sorted((round(float(m.get_xdata()[0]), 6), m.get_marker()) for m in marks)
    largest = curve.groups.sort_values("referrals_per_year").groupby("method").last()["group"]
    own = curve.attempts[curve.attempts["group"].isin(largest)]
    expected = [(round(a.calendar_day, 6), CHANNEL_MARKERS[a.channel]) for a in own.itertuples()]
    assert found == sorted(expected)
    numbers = [text.get_text() for text in figure.axes[1].texts]
    assert sorted(n for n in numbers if n.isdigit()) == sorted(str(n) for n in own["attempt"])
    assert numbers.count("evening") == own["window"].notna().sum()


def test_every_group_has_a_row_with_what_each_attempt_adds(drawn):
    figure, curve = drawn
    added = figure.axes[2]
    rows = [label.get_text().rstrip("ABCD ") for label in added.get_yticklabels()]
    if len(curve.groups) > 1:
        assert sorted(row for row in rows if row != "All contacts") == sorted(curve.groups["title"])
    else:
        assert rows == ["All contacts", "With victims in need"]
    cells = [text.get_text() for text in added.texts]
    for one in curve.attempts.itertuples():
        digits = 2 if one.contacts_in_need_per_100 < 0.095 else 1
        assert any(c.startswith(f"{one.contacts_in_need_per_100:.{digits}f}  £") for c in cells)
        digits = 2 if one.contacts_per_100 < 0.095 else 1
        assert any(c.startswith(f"{one.contacts_per_100:.{digits}f}  £") for c in cells)


#: Resolutions, at which letters are not equally wide; two of them in `make test-long` alone.
_DPI = [72, 110, 150, 200, *(pytest.param(dpi, marks=pytest.mark.long) for dpi in (90, 130))]


@pytest.mark.parametrize("dpi", _DPI)
def test_no_text_of_the_figure_leaves_the_page_or_meets_another(drawn, dpi):
    figure, _ = drawn
    figure.set_dpi(dpi)
    figure.draw_without_rendering()
    boxes = [(text.get_text(), text.get_window_extent()) for text in shown_texts(figure)]
    edge = figure.bbox
    for words, box in boxes:
        assert box.x0 >= edge.x0 - 1, words
        assert box.x1 <= edge.x1 + 1, words
        assert box.y0 >= edge.y0 - 1, words
        assert box.y1 <= edge.y1 + 1, words
    low, high = (np.array([getattr(box, corner) for _, box in boxes]) for corner in ("min", "max"))
    width, height = np.moveaxis(np.minimum(high[:, None], high) - np.maximum(low[:, None], low), 2, 0)
    meets = np.triu((width > 1) & (height > dpi / 36), k=1)  # boxes hold room below letters
    assert [(boxes[i][0], boxes[j][0]) for i, j in np.argwhere(meets)] == []


def test_a_method_of_twelve_attempts_and_one_that_is_never_begun_are_drawn(scenario):
    attempts = [call(0, "evening"), *(call(1, "evening") for _ in range(11))]
    never = with_method(scenario, [call(5)])
    method = never.options["needs_flagged"].service.contact.methods["tested"]
    stopped = method.model_copy(update={"stop_after_days": 0})
    never.options["needs_flagged"].service.contact.methods["tested"] = stopped
    for changed, words in ((with_method(scenario, attempts), "twelfth"), (never, "reaches 0%")):
        figure = vm.plot_method(changed, "needs_flagged")
        figure.draw_without_rendering()
        assert words in pictures.figure_title(figure)
        plt.close(figure)


def test_the_figure_is_the_same_each_time_and_leaves_settings_alone(scenario):
    before, texts = dict(plt.rcParams), []
    for _ in range(2):
        figure = vm.plot_method(scenario)
        texts.append(pictures.svg_text(figure))
        plt.close(figure)
    assert texts[0] == texts[1]
    assert dict(plt.rcParams) == before


@pytest.mark.parametrize("ask", [vm.method_curve, vm.plot_method])
def test_unknown_names_are_refused_with_what_was_probably_meant(scenario, ask):
    with pytest.raises(InputError) as caught:
        ask(scenario, "phone_frist")
    known = "business_as_usual, phone_first, text_then_call, needs_flagged, consent_at_report"
    message = f"is not an option of west-midlands (known: {known}). Did you mean phone_first? [VM030]"
    assert str(caught.value) == f"option: phone_frist: {message}"
    with pytest.raises(InputError) as caught:
        ask(scenario, "phone_first", "robery_enhanced")
    message = "is not a group of west-midlands. Did you mean robbery_enhanced? [VM030]"
    assert str(caught.value) == f"group: robery_enhanced: {message}"


def test_numbers_out_of_range_are_refused(scenario):
    with pytest.raises(InputError) as caught:
        method_curve(scenario, n_draws=0)
    assert str(caught.value) == "method_curve: n_draws = 0: must be at least 1. [VM031]"
    with pytest.raises(InputError, match="seed"):
        method_curve(scenario, seed=-1)
