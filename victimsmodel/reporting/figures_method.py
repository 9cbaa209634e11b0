"""Figure of a contact methodology: its attempts in time, what they take, and what each one adds."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.pathway.method import MethodCurve, method_curve
from victimsmodel.reporting.formats import about, pounds, share
from victimsmodel.reporting.method_panels import (
    Method,
    draw_added,
    draw_lanes,
    draw_parts,
    draw_reach,
    is_wide,
    made,
)
from victimsmodel.reporting.palette import METHOD_COLOURS
from victimsmodel.reporting.style import panels, short_title, styled

_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth"),
    *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
)
_MOST_GROUPS = 24
_AROUND = 2.75  # inches: title, headings, labels of axes, source line
_ABOVE_HEADS = 19  # points from the axes to their title, over the heads of columns
_FINE_DPI = 300
_EDGE_INCHES = 0.14
_NOTE = (
    "Exact expected values, every input at its median, staff ample. Referrals are those that pass screening: "
    "exclusions and victims unsafe to contact are left out. Contact includes replies that come later. Costs "
    "are of attempts: productive staff time and charges, without the needs assessment."
)


@styled
def plot_method(
    scenario: Scenario, option: str = BUSINESS_AS_USUAL, group: str | None = None, source: str = ""
) -> Figure:
    """Draw how an option contacts victims: attempts in time, reach, staff time, cost, and what each adds.

    From the top: the share of referrals contacted by day, exact; the attempts on the same axis of
    days; staff minutes and cost per referral, by attempt; the contacts that each attempt adds per
    100 referrals, by group, with the cost of each. All of it is per referral that passes screening,
    with every input at its median.

    Parameters
    ----------
    scenario : Scenario
    option : str
        A key of ``scenario.options``.
    group : str, optional
        Name of a group. By default every contact method of the option is drawn (the four with the
        most referrals if there are more) and every group (the 24 with the most referrals).
    source : str
        What stands under the figure, before a note on how it is computed; by default the scenario.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        For an unknown option or group.
    """
    curve = method_curve(scenario, option, group)
    methods = _methods(curve)
    n_methods, n_rows = len(methods), sum(len(method.groups) + 1 for method in methods)
    row = 0.155 if is_wide(methods) else 0.27
    heights = [1.35, max(0.5, 0.4 * n_methods), 0.19 * n_methods + 0.45, row * n_rows]
    line = f"{source or f'Source: victimsmodel, {scenario.title}.'} {_NOTE}"
    title = _title(methods, group is not None)
    figure, axes = panels(4, 1, sum(heights) + _AROUND, title, line, gridspec_kw={"height_ratios": heights})
    reach, lanes, bars, added = axes[:, 0]
    draw_reach(reach, methods)
    of_most = _of_most(n_methods, curve.groups["method"].nunique(), "methods")
    heading = f"{scenario.options[option].title}: referrals contacted by day, after screening {of_most}"
    reach.set_title(short_title(heading, 78, 2))
    lanes.sharex(reach)
    draw_lanes(lanes, methods)
    left, right = bars.get_subplotspec().subgridspec(1, 2)
    bars.remove()
    draw_parts(figure.add_subplot(left), methods, "staff_minutes")
    draw_parts(figure.add_subplot(right), methods, "cost_gbp")
    draw_added(added, methods, curve)
    of_most = _of_most(n_rows - n_methods, len(curve.groups), "groups")
    added.set_title(
        "In bold: contacts that each attempt adds per 100 referrals, and the cost of each\n"
        f"By group: contacts with victims in need, and the cost of each\n{of_most}".rstrip(),
        pad=_ABOVE_HEADS,
    )
    _settle(figure)
    return figure


def _settle(figure: Figure) -> None:
    """Lay the figure out once, to the same places on every call and at every resolution.

    Letters are up to 6 % wider or narrower at the resolution of a screen than at this one, for
    which the edges leave room; and the solver's places differ from call to call in the last digits.
    """
    layout: Any = figure.get_layout_engine()
    shown = figure.dpi
    layout.set(w_pad=_EDGE_INCHES)
    figure.set_dpi(_FINE_DPI)
    layout.execute(figure)  # lays out without drawing
    figure.set_dpi(shown)
    figure.set_layout_engine("none")
    for ax in figure.axes:
        ax.set_position(tuple(np.round(ax.get_position().bounds, 6)))


def _of_most(n_shown: int, n_all: int, noun: str) -> str:
    """Say that only some are shown."""
    return "" if n_shown == n_all else f"({n_shown} of {n_all} {noun}, of most referrals)"


def _methods(curve: MethodCurve) -> list[Method]:
    """Return the methods to draw, those that reach most first."""
    groups = curve.groups.sort_values("need", ascending=False, kind="stable")
    totals = groups.groupby("method")["referrals_per_year"].sum().nlargest(len(METHOD_COLOURS))
    reach = groups.groupby("method")["reach"].max()[totals.index].sort_values(ascending=False, kind="stable")
    kept = groups["referrals_per_year"].nlargest(_MOST_GROUPS).index
    methods = []
    for i, name in enumerate(reach.index):
        own = groups[groups["method"] == name]
        largest = own.loc[own["referrals_per_year"].idxmax()]
        attempts, days = (t[t["group"] == largest["group"]] for t in (curve.attempts, curve.days))
        letter = "ABCD"[i] if len(reach) > 1 else ""
        who = f"{len(own)} {'group' if len(own) == 1 else 'groups'}"
        methods.append(
            Method(
                name=f"{letter}  {largest['method_title']}".strip(),
                letter=letter,
                colour=METHOD_COLOURS[i],
                who=f"{who}, {about(own['referrals_per_year'].sum())} referrals a year",
                groups=own[own.index.isin(kept) | (own["group"] == largest["group"])],
                largest=largest,
                attempts=made(attempts),
                days=days,
            )
        )
    return methods


def _title(methods: list[Method], is_one_group: bool) -> str:
    """State the reach and cost of a contact: of two methods, or of the first attempt and the last."""
    most, least = methods[0].largest, methods[-1].largest
    start = f"{most['title']}: “" if is_one_group else "“"
    start += f"{most['method_title']}” reaches {share(most['reach'])} of referrals"
    if len(methods) > 1:
        end = f"“{least['method_title']}” {share(least['reach'])} at {pounds(least['cost_per_contact_gbp'])}"
        return f"{start} at {pounds(most['cost_per_contact_gbp'])} a contact, {end}"
    attempts = methods[0].attempts[methods[0].attempts["contacts_per_100"] > 0]
    if len(attempts) < 2:
        return start + (f" at {pounds(most['cost_per_contact_gbp'])} a contact" if len(attempts) else "")
    first, last = attempts.iloc[0], attempts.iloc[-1]
    costs = [
        f"{pounds(one['cost_per_contact_gbp'])} by the {_ORDINALS[one['attempt'] - 1]}"
        for one in (first, last)
    ]
    return f"{start}; a contact costs {costs[0]} attempt, {costs[1]}"
