"""Who waits, how long, and which staff are busy."""

from __future__ import annotations

import math

from victimsmodel.inputs.scenario import method_of
from victimsmodel.records import TASKS, WAITS
from victimsmodel.reporting import words
from victimsmodel.reporting.content.claims import Claim, Slots, say
from victimsmodel.reporting.content.evidence import NONE, Evidence
from victimsmodel.reporting.content.exhibits import Shown, exhibits
from victimsmodel.reporting.content.model import (
    Block,
    Bracketed,
    Column,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Table,
    Text,
)
from victimsmodel.reporting.content.plans import staffing

#: Use of productive time above which work piles up.
_BUSY = 0.95


def roles(e: Evidence) -> list[str]:
    """Return the roles of the staff."""
    return list(dict.fromkeys(e.tables["staff_use"]["role"].astype(str)))


def _use(e: Evidence, option: str, role: str) -> float:
    return e.value("staff_use", "utilisation", option=option, role=role)


def _busiest(e: Evidence) -> str:
    own = [role for role in roles(e) if e.has_row("staff_use", option=e.best, role=role)]
    return max(own, key=lambda role: _use(e, e.best, role))


def _bottleneck(e: Evidence) -> Slots:
    role = _busiest(e)
    return {
        "role": words.in_sentence(words.role_title(role, e.scenario)),
        "best": e.quoted(e.best),
        "use": e.number("staff_use", "share", "utilisation", option=e.best, role=role),
        "wait": e.number(
            "waits_summary",
            "share",
            "within_standard",
            option=e.best,
            priority="all",
            wait=WAITS[0],
        ),
        "days": e.stated("standards.first_attempt_days", "count"),
    }


#: Which staff hold the service back.
BOTTLENECK = (
    Claim(
        "bottleneck",
        "Staff time is the limit: under {best} the {role} use {use} of their productive time, so that work "
        "piles up, and {wait} of the victims who are attempted are attempted within {days} days.",
        _bottleneck,
        lambda e: _use(e, e.best, _busiest(e)) >= _BUSY,
        ("staff_use", "waits_summary"),
    ),
    Claim(
        "no_bottleneck",
        "The staff in post suffice: under {best} the busiest, the {role}, use {use} of their productive "
        "time.",
        _bottleneck,
        needs=("staff_use", "waits_summary"),
    ),
)


def _waits(e: Evidence) -> Table:
    """Return the share within each standard and the median wait, by option and priority."""
    heads: list[Column] = []
    for wait in WAITS:
        heads += [Column(f"{words.WAIT_TITLES[wait]}: within standard"), Column("Median days")]
    groups = []
    for option in e.options:
        rows = []
        for priority in ("enhanced", "standard"):
            cells: list[Text] = []
            for wait in WAITS:
                at = {"option": option, "priority": priority, "wait": wait}
                ends = e.range("waits_summary", "share", "low", "high", **at)
                cells.append(
                    (e.number("waits_summary", "share", "within_standard", **at), " ", Bracketed(ends))
                )
                cells.append((e.number("waits_summary", "days", "median_days", **at),))
            rows.append(Row((words.PRIORITY_TITLES[priority],), tuple(cells)))
        groups.append(RowGroup(e.title(option), tuple(rows)))
    return Table("Option and priority", tuple(heads), tuple(groups))


def _staff(e: Evidence) -> Table:
    """Return hours by task and the use of productive time, by role and option."""
    tasks = [task for task in TASKS if f"hours_{task}" in e.tables["staff_use"].columns]
    groups = []
    for role in roles(e):
        rows = []
        for option in (o for o in e.options if e.has_row("staff_use", option=o, role=role)):
            at = {"option": option, "role": role}
            hours = [(e.number("staff_use", "count", f"hours_{task}", **at),) for task in tasks]
            hours.append((e.number("staff_use", "count", "hours_available", **at),))
            ends = e.range("staff_use", "share", "low", "high", **at)
            used: Text = (e.number("staff_use", "share", "utilisation", **at), " ", Bracketed(ends))
            rows.append(Row((e.title(option),), (*hours, used), e.colours[option]))
        groups.append(RowGroup(words.role_title(role, e.scenario), tuple(rows)))
    heads = [*(words.TASK_TITLES[task] for task in tasks), "Hours available", "Time used"]
    return Table("Role and option", tuple(Column(head) for head in heads), tuple(groups))


def _is_automatic(e: Evidence, option: str, priority: str) -> bool:
    """Whether the first attempt at every victim of a priority is sent without staff."""
    contact = e.scenario.options[option].service.contact
    own = [group for group in e.scenario.groups if group.priority == priority]
    return all(contact.methods[method_of(contact, group)].attempts[0].role is None for group in own)


def _in_time(e: Evidence, priority: str) -> float:
    return e.value("waits_summary", "within_standard", option=e.base, priority=priority, wait=WAITS[0])


def _first_attempts(e: Evidence) -> Slots:
    at = {"option": e.base, "wait": WAITS[0]}
    return {
        "base": e.quoted(e.base),
        "standard": e.number("waits_summary", "share", "within_standard", priority="standard", **at),
        "enhanced": e.number("waits_summary", "share", "within_standard", priority="enhanced", **at),
        "days": e.stated("standards.first_attempt_days", "count"),
    }


#: Why victims of standard priority may be attempted sooner than those of enhanced.
AUTOMATIC = Claim(
    "standard_attempted_automatically",
    "Under {base} {standard} of standard victims are attempted within {days} days, but {enhanced} of "
    "enhanced ones: the first attempt at standard victims is a message that is sent without staff, such as a "
    "text or a letter, while calls to enhanced victims wait for staff.",
    _first_attempts,
    lambda e: (
        _is_automatic(e, e.base, "standard")
        and not _is_automatic(e, e.base, "enhanced")
        and _in_time(e, "standard") > _in_time(e, "enhanced")
    ),
    ("waits_summary",),
)


def _posts(e: Evidence) -> Table:
    """Return full-time posts by option, once where all options have the same, and what a post costs."""
    known = roles(e)
    posts = {option: [_stated_posts(e, option, role) for role in known] for option in e.options}
    is_same = all(own == posts[e.base] for own in posts.values())
    shown = (e.base,) if is_same else e.options
    rows = []
    for role in known:
        cells: list[Text] = [_post_cell(e, option, role) for option in shown]
        cells.append(_pay(e, role))
        own = e.has_row("staff_use", option=e.base, role=role)
        hours = e.number("staff_use", "count", "hours_available", option=e.base, role=role) if own else NONE
        rows.append(Row((words.role_title(role, e.scenario),), (*cells, (hours,))))
    heads = ["Full-time posts, all options"] if is_same else [f"Posts: {e.title(o)}" for o in shown]
    base = words.in_sentence(e.title(e.base))
    heads += ["Cost of a post a year", f"Hours available a year, {base}"]
    return Table("Role", tuple(Column(head) for head in heads), (RowGroup("", tuple(rows)),))


def _stated_posts(e: Evidence, option: str, role: str) -> float | None:
    own = e.scenario.options[option].service.staff.get(role)
    return None if own is None else own.fte


def _post_cell(e: Evidence, option: str, role: str) -> Text:
    fte = _stated_posts(e, option, role)
    if fte is None:
        return (NONE,)
    style = "decimal1" if math.isclose(fte, round(fte, 1)) else "decimal2"
    return (e.stated(f"options.{option}.service.staff.{role}.fte", style),)


def _pay(e: Evidence, role: str) -> Text:
    name = f"staff.{role}.cost_per_fte"
    for option in e.options:
        at = {"input": name, "option": option}
        if e.has_row("assumptions", **at):
            ends = e.range("assumptions", "pounds", "low", "high", **at)
            return (e.number("assumptions", "pounds", "value", **at), " ", Bracketed(ends))
    return (NONE,)


def _backlog(e: Evidence) -> Table:
    """Return victims who wait for an assessment on some days of the year, by option."""
    role = e.scenario.assessment.role
    days = sorted(e.tables["daily"]["day"].unique())
    rows = []
    for day in days[:: max(-(-len(days) // 12), 1)]:
        cells: list[Text] = []
        at = {"day": str(day), "role": role, "measure": "backlog"}
        for option in e.options:
            row = {"option": option, **at}
            ends = e.range("daily", "count", "low", "high", **row)
            cells.append((e.number("daily", "count", "mean", **row), " ", Bracketed(ends)))
        rows.append(Row((e.number("daily", "count", "day", option=e.base, **at),), tuple(cells)))
    return Table(
        "Day of the year", tuple(Column(e.title(o)) for o in e.options), (RowGroup("", tuple(rows)),)
    )


def _standards(e: Evidence) -> Text:
    """Return what is measured, and the standard of each wait."""
    found: Text = ("Waits are in calendar days: ",)
    for i, wait in enumerate(WAITS):
        stated = e.stated(f"standards.{wait}_days", "count")
        end = "; " if i < len(WAITS) - 1 else "."
        title = words.in_sentence(words.WAIT_TITLES[wait])
        found = (*found, f"{title}, {words.WAIT_MEANINGS[wait]} (standard: ", stated, f" days){end}")
    return found


def _roles(e: Evidence) -> Text:
    """Return how much of their time the staff of each role use."""
    found: Text = ()
    for role in roles(e):
        told = [o for o in dict.fromkeys((e.base, e.best)) if e.has_row("staff_use", option=o, role=role)]
        uses: Text = ()
        for option in told:
            use = e.number("staff_use", "share", "utilisation", option=option, role=role)
            uses = (*uses, *((" and ",) if uses else ()), use, f" under {e.quoted(option)}")
        if uses:
            title = words.role_title(role, e.scenario)
            found = (*found, f"{title} use ", *uses, " of their productive time. ")
    return found


#: The order in which they stand.
CAPACITY = (
    Shown(
        "waits_summary",
        "Victims served within each standard, by option and priority",
        _waits,
        "waits",
    ),
    Shown(
        "staff_use",
        "Staff in post: full-time posts, what a post costs a year, and the hours available",
        _posts,
        "staff_posts",  # a table: no figure has this name
        needs=("assumptions",),
        is_simulated=False,
    ),
    Shown(
        "staff_use",
        "Hours worked and hours available a year, by role and option",
        _staff,
        "staff_use",
        ("assessment.minutes",),
    ),
    Shown(
        "daily",
        "Victims waiting over the year, by option",
        _backlog,
        "backlog",
        note=lambda e: (
            "The table of data shows some of the days; the file holds every day, role and measure.",
        ),
    ),
)


def capacity(e: Evidence) -> Section:
    """Return the section on waits and staff."""
    meaning = (
        "Productive time is paid time less leave, sickness, training and the share that cannot be spent on "
        "cases. As it is used up, work piles up."
    )
    blocks: tuple[Block, ...] = (
        Paragraph((*say(BOTTLENECK, e),)),
        Paragraph((*_standards(e), " ", *say([AUTOMATIC], e))),
        Paragraph((*_roles(e), meaning)),
        *exhibits(e, CAPACITY),
        *staffing(e),
    )
    return Section("capacity", "Capacity: who waits, and which staff are busy", "Capacity and waits", blocks)
