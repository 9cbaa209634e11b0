"""The page and the files it loads."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from victimsmodel.explorer.sliders import Slider
from victimsmodel.explorer.work import LOOKS, Workshop
from victimsmodel.reporting.palette import option_colours

if TYPE_CHECKING:
    from jinja2 import Template

_HERE = Path(__file__).parent
_REPORT_CSS = _HERE.parent / "reporting" / "templates" / "report.css"  # its colours and fonts

#: Files that the page loads, and their types.
STATIC = {
    "report.css": "text/css; charset=utf-8",
    "explorer.css": "text/css; charset=utf-8",
    "explorer.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_PANELS = {
    "funnel": ("Victims on the way to support", "Number in the year, by stage."),
    "waits": (
        "Waits against the standards",
        "Share of victims served within the standard, in calendar days.",
    ),
    "staff": (
        "Staff use",
        "Unlimited staff: the work that would come, as a share of the time that staff in post can give. "
        "Simulated: the share of that time that is used. The mark is all of it.",
    ),
    "cost": ("Cost", "Of the year, in prices of {price_year}. The mark is the grant of {grant}."),
}


def static_file(name: str) -> bytes | None:
    """Return a file that the page loads; None for any other name."""
    if name not in STATIC:
        return None
    return (_REPORT_CSS if name == "report.css" else _HERE / "static" / name).read_bytes()


def page_html(workshop: Workshop, folder: Path) -> str:
    """Return the page with the original's exact numbers.

    Parameters
    ----------
    workshop : Workshop
    folder : Path
        Where scenarios are saved; the page says so.
    """
    scenario = workshop.explored.scenario
    words = {"price_year": scenario.price_year, "grant": f"£{scenario.grant_gbp:,.0f}"}
    panels = [
        {
            "name": name,
            "title": title,
            "note": note.format(**words),
            "rows": [row for row in workshop.rows if row.panel == name],
        }
        for name, (title, note) in _PANELS.items()
    ]
    return _template().render(
        scenario=scenario,
        sliders=workshop.explored.sliders,
        staff=[one for one in workshop.explored.sliders if one.name.startswith("staff.")],
        others=[one for one in workshop.explored.sliders if not one.name.startswith("staff.")],
        notes=_notes(workshop),
        why=workshop.why,
        panels=panels,
        folder=str(folder),
        start=_start(workshop),
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("victimsmodel.explorer"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("explorer.html.j2")


def _start(workshop: Workshop) -> dict[str, Any]:
    """Return what the script needs to know."""
    scenario = workshop.explored.scenario
    colours = option_colours(scenario)
    shown = workshop.unmoved
    return {
        "scenario": scenario.name,
        "options": [
            {"name": o, "title": scenario.options[o].title, "colour": colours[o]} for o in scenario.options
        ],
        "sliders": [_slider(one) for one in workshop.explored.sliders],
        "rows": [row._asdict() for row in workshop.rows],
        "numbers": shown.numbers,
        "words": shown.words,
        "most_years": LOOKS[-1],
    }


def _slider(one: Slider) -> dict[str, Any]:
    fields = one._asdict()
    return {**fields, "text": one.text(one.original)}


def _notes(workshop: Workshop) -> dict[str, str]:
    """Return what must be said beside a slider: which options have a number of their own."""
    scenario, notes = workshop.explored.scenario, dict[str, str]()
    for name, places in workshop.explored.places.items():
        own = [scenario.options[place.option].title for place in places if place.option and place.states]
        if not own:
            continue
        only = len(own) == len(places)
        verb = "keeps its own" if name.endswith(".fte") else "has its own number, which moves along"
        notes[name] = f"Only for: {', '.join(own)}." if only else f"{', '.join(own)}: {verb}."
    for name, role in scenario.staff.items():
        if role.fte_from:
            first = min(role.fte_from)
            notes[f"staff.{name}.fte"] = f"Until {first:%d %B %Y}; from then on as the scenario states."
    return notes
