"""Who is left out: coverage by crime type, priority and borough."""

from __future__ import annotations

from victimsmodel.reporting import words
from victimsmodel.reporting.content.claims import Claim, Slots, say
from victimsmodel.reporting.content.evidence import Evidence, cell
from victimsmodel.reporting.content.exhibits import Shown, exhibits
from victimsmodel.reporting.content.model import (
    Bracketed,
    Column,
    Inline,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    Text,
)
from victimsmodel.reporting.content.tabulated import crime_title
from victimsmodel.reporting.findings import extreme_groups


def _least(e: Evidence) -> tuple[str, str]:
    return extreme_groups(e.tables["group_coverage"], e.base)


def _gap(e: Evidence) -> Slots:
    least, most = _least(e)
    titles = {group.name: words.in_sentence(group.title) for group in e.scenario.groups}

    def at(option: str, group: str) -> Inline:
        return e.cited(cell("group_coverage", "coverage", option=option, group=group), "share")

    return {
        "base": e.quoted(e.base),
        "best": e.quoted(e.best),
        "least": titles[least],
        "most": titles[most],
        "least_share": at(e.base, least),
        "most_share": at(e.base, most),
        "least_best": at(e.best, least),
        "most_best": at(e.best, most),
    }


def _is_known(e: Evidence) -> bool:
    return bool(_least(e)[0])


def _gains(e: Evidence) -> bool:
    least, _ = _least(e)
    if not least:
        return False
    base, best = (e.value("group_coverage", "coverage", option=o, group=least) for o in (e.base, e.best))
    return best > base


#: Who is reached least, and whether the best option changes that.
LEFT_OUT = (
    Claim(
        "left_out",
        "Under {base} those least often supported are victims of {least} priority: {least_share} of those in "
        "need; most often supported are {most} priority, {most_share}.",
        _gap,
        lambda e: e.best == e.base and _is_known(e),
    ),
    Claim(
        "left_out_gains",
        "Under {base} those least often supported are victims of {least} priority: {least_share} of those in "
        "need, against {most_share} of {most} priority. Under {best} it is {least_best} and {most_best}.",
        _gap,
        _gains,
    ),
    Claim(
        "left_out_stays",
        "Under {base} those least often supported are victims of {least} priority: {least_share} of those in "
        "need, against {most_share} of {most} priority. {best} does not mend that: {least_best} and "
        "{most_best}.",
        _gap,
        _is_known,
    ),
)


def _coverage(e: Evidence) -> Table:
    """Return coverage by crime type and priority, for every option."""
    groups = []
    for priority in ("enhanced", "standard"):
        rows = []
        for group in (g for g in e.scenario.groups if g.priority == priority):
            cells: list[Text] = [
                (e.number("group_coverage", "count", "in_need", option=e.base, group=group.name),)
            ]
            for option in e.options:
                at = {"option": option, "group": group.name}
                ends = e.range("group_coverage", "share", "low", "high", **at)
                cells.append((e.number("group_coverage", "share", "coverage", **at), " ", Bracketed(ends)))
            rows.append(Row((crime_title(e, group.crime_type),), tuple(cells)))
        groups.append(RowGroup(f"{words.PRIORITY_TITLES[priority]} priority", tuple(rows)))
    heads = (Column("In need"), *(Column(e.title(o)) for o in e.options))
    return Table("Crime type", heads, tuple(groups))


def _equity(e: Evidence) -> Table:
    """Return coverage by priority and borough for every option."""
    groups = []
    frame = e.tables["equity"]
    for kind, heading in (("priority", "By priority"), ("borough", "By borough")):
        names = dict.fromkeys(frame[frame["kind"].astype(str) == kind]["name"].astype(str))
        rows = []
        for name in names:
            at = {"kind": kind, "name": name}
            cells = tuple((e.number("equity", "share1", "coverage", option=o, **at),) for o in e.options)
            rows.append(Row((_place(e, kind, name),), cells))
        if rows:
            groups.append(RowGroup(heading, tuple(rows)))
    return Table("Victims", tuple(Column(e.title(o)) for o in e.options), tuple(groups))


def _place(e: Evidence, kind: str, name: str) -> str:
    if kind == "priority":
        return words.PRIORITY_TITLES[name]
    areas = e.scenario.demand.areas
    found = {} if areas is None else getattr(areas, "boroughs", {})
    return str(getattr(found.get(name), "title", words.sentence_case(name.replace("_", " "))))


COVERAGE = (
    Shown(
        "group_coverage",
        "Share of victims in need who are supported, by crime type, priority and option",
        _coverage,
        "coverage",
        ("demand.enhanced_need_odds_ratio",),
    ),
    Shown(
        "equity",
        "Who is reached, of those referred, and who is supported, of those in need",
        _equity,
        "equity",
    ),
)


def left_out(e: Evidence) -> Section:
    """Return the section on who is left out."""
    text = (
        "Coverage is the share of all victims in need, referred or not, who are supported. ",
        *say(LEFT_OUT, e),
    )
    return Section(
        "coverage", "Who is left out", "Who is left out", (Paragraph(text), *exhibits(e, COVERAGE))
    )
