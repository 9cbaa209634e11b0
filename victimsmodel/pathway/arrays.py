"""The typed arrays that both engines read and the kernel fills: the contract between them.

Index conventions: groups as in ``Scenario.groups``; channels, stages, exits, waits, tasks and kinds as
in their tuples; pools are the roles of the scenario in order, then the waiting rooms (one for a
caseload place, one for each specialist service); need is 1 for victims in need, else 0; ``who`` is 0
for all victims and 1 for those in need. A queue class is ``2 * kind + priority``.

What belongs together stands in one record, and records in few arrays: a record passes between
compiled functions as one pointer, an array as seven values, and compile time grows with their number.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from victimsmodel.records import EXITS, KINDS, STAGES, TASKS, WAITS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Records = Any  # an array of records: their fields are known to the compiler, not to the type checker
Record = Any

#: Cells of a tabulated quantile function: a uniform number picks one.
N_CELLS = 256
#: Tables of handling times: each one divides the last cell of the one before.
N_TAILS = 3
#: Longest reply and wait that is told apart, in days.
MOST_REPLY_DAYS = 60
MOST_WAIT_DAYS = 120
#: Sizes that a scenario must keep to.
MOST_ATTEMPTS, MOST_ROLES, MOST_TABLES, MOST_SERVICES, MOST_HELPS = 12, 12, 16, 8, 4
N_CHANNELS = 5
N_CLASSES = 2 * len(KINDS)
MOST_POOLS = MOST_ROLES + 1 + MOST_SERVICES
#: Pool number of an attempt that is sent automatically.
AUTOMATIC = -1
#: A step, day or number that is never reached.
NEVER = 2**30

#: What is due to a victim: a kind of work, a reply that will come, or nothing.
CALL_BACK, ASSESSMENT, SESSION, PRACTICAL, SPECIALIST, FIRST_ATTEMPT, ATTEMPT = range(len(KINDS))
REPLY, ENDED = len(KINDS), len(KINDS) + 1

#: Where a victim enters the pathway.
ENTER_REPORTED, ENTER_REFERRED, ENTER_CONTACTED, ENTER_CONSENTED, ENTER_ACCEPTED = range(5)

#: What follows when an attempt has waited too long for staff.
CLOSE, RETRY, OTHER_CHANNEL = range(3)

_F, _I, _I4 = np.float64, np.int64, np.int32

NUMBERS = np.dtype(
    [
        ("epoch_day", _I),  # days from 1970-01-01 to day 0
        ("n_days", _I),
        ("first_day", _I),  # the counted victims arrive from here ...
        ("last_day", _I),  # ... to the day before this one
        ("first_booked_day", _I),  # staff time is booked from here ...
        ("last_booked_day", _I),  # ... to the day before this one
        ("steps", _I),  # steps of a day
        ("working_waits", _I, (len(WAITS),)),  # 1: this wait is counted in working days
        ("n_roles", _I),
        ("log_share", _F),  # of victims whose story is written down
        ("handicap", _I, (N_CLASSES,)),  # steps by which a queue class comes after its due date
        ("referred", _F, (2,)),  # by need; so are the next three
        ("recognised", _F, (2,)),
        ("accepted", _F, (2,)),
        ("consent", _F, (2, N_CHANNELS)),
        ("consent_at_report", _I),  # 1: those who were reported have given it already
        ("excluded", _F),
        ("missing", _F, (N_CHANNELS,)),  # details
        ("minutes_reached", _F, (N_CHANNELS,)),
        ("minutes_attempt", _F, (N_CHANNELS,)),
        ("spoken", _I, (N_CHANNELS,)),
        ("fade_days", _F),
        ("patience_working_days", _I),
        ("after_patience", _I),  # CLOSE, RETRY or OTHER_CHANNEL
        ("assessment_pool", _I),
        ("assessment_minutes", _F),
        ("same_call", _I),
        ("booked_gap", _I),  # working days to a booked assessment; 0: not booked
        ("not_attended", _F),
        ("minutes_missed", _F),
        ("rebookings", _I),
        ("casework_share", _F),
        ("specialist_share", _F),
        ("practical_pool", _I),
        ("practical_minutes", _F),
        ("specialist_pool", _I),
        ("specialist_minutes", _F),
        ("n_services", _I),  # specialist services with places of their own
        ("service_share", _F, (MOST_SERVICES,)),  # cumulative
        ("service_places", _F, (MOST_SERVICES,)),  # a day; below 0: without limit
        ("casework_pool", _I),
        ("casework_minutes", _F),
        ("casework_interval", _I),  # working days
        ("withdrawal", _F),
        ("patience_days", _F),
        ("improved", _F),
    ]
)
TABLES = np.dtype(
    [
        ("service_time", _F, (N_TAILS, N_CELLS)),  # relative to the mean
        ("sessions", _I, (N_CELLS,)),
        ("reach", _F, (MOST_TABLES, N_CELLS)),  # success on the day of the crime by cell of reachability
        ("reply", _F, (N_CHANNELS, MOST_REPLY_DAYS + 1)),  # cumulative probability of a reply by day
    ]
)
GROUPS = np.dtype(
    [
        ("unsafe", _F),
        ("priority", _I),
        ("opening_cases", _I),  # open when the simulation starts
        ("n_attempts", _I),
        ("stop_attempts", _I),  # no more than this many are made
        ("stop_days", _I),  # none falls due later than this after referral
        ("fallback", _I),  # channel in which information is sent at the end, or -1
        ("channel", _I, (MOST_ATTEMPTS,)),
        ("gap", _I, (MOST_ATTEMPTS,)),  # working days since the attempt before
        ("pool", _I, (MOST_ATTEMPTS,)),
        ("table", _I, (MOST_ATTEMPTS,)),
    ]
)
SOURCES = np.dtype(
    [
        ("group", _I),
        ("profile", _I),
        ("entry", _I),
        ("opening", _I),  # waiting for their first attempt when the simulation starts
        ("opening_days", _I),  # so long already
        ("per_day", _F),  # victims, where the profile is 1
        ("need", _F),
    ]
)
ROLES = np.dtype(
    [
        ("minutes", _F),  # of productive time of a full-time worker on a day that is worked
        ("first_worker", _I),
        ("n_helps", _I),
        ("help_pool", _I, (MOST_HELPS,)),
        ("help_kinds", _I, (MOST_HELPS,)),  # a bit for each queue class
    ]
)
DAYS = np.dtype([("working_index", _I), ("working_day", _I), ("slots", _I)])

VICTIM = np.dtype(
    [
        ("key", np.uint64),
        ("arrival", _I4),
        ("due", _I4),  # step at which what is due fell due
        ("leave", _I4),  # step at which patience ends
        ("reply", _I4),  # step at which the earliest reply will come
        ("accepted", _I4),  # day
        ("next", _I4),
        ("twin", _I4),  # of a reply: who sent it
        ("group", np.int16),
        ("source", np.int16),
        ("need", np.int8),
        ("counted", np.int8),
        ("state", np.int8),
        ("attempt", np.int8),  # next attempt, or sessions held
        ("made", np.int8),  # attempts
        ("tries", np.int8),  # attempts tried again for lack of staff, at most one; or appointments missed
        ("channel", np.int8),  # of contact
        ("available", np.int8),  # a bit for each channel with details
        ("has_consented", np.int8),  # before contact
        ("is_queued", np.int8),
        ("is_logged", np.int8),
    ],
    align=True,
)
STEP = np.dtype([("head", _I4), ("tail", _I4), ("leaving", _I4, (MOST_POOLS,))])
POOL = np.dtype(
    [
        ("head", _I4, (N_CLASSES,)),
        ("tail", _I4, (N_CLASSES,)),
        ("best", _I),  # class that goes first, or -1: to be found
        ("limit", _I),  # due date of the second best
        ("length", _I),
        ("places", _F),  # of a waiting room: taken (casework), or still to be given (services)
    ]
)
GROUP_COUNTS = np.dtype(
    [
        ("funnel", _I, (2, len(STAGES))),  # who, stage
        ("exits", _I, (2, len(EXITS))),  # who, exit
        ("waits", _I, (len(WAITS), MOST_WAIT_DAYS + 1)),  # victims by days waited
        ("attempts", _I, (MOST_ATTEMPTS, 2)),  # made, reached
        ("informed", _I),  # in the fallback channel
    ]
)
POOL_COUNTS = np.dtype(
    [
        ("minutes", _F, (len(TASKS),)),  # worked on the booked days, for whomever
        ("served", _I, (N_CLASSES,)),  # taken from the queue
        ("at_once", _I, (N_CLASSES,)),  # of them in the step in which they fell due
        ("waited", _I, (N_CLASSES,)),  # steps that all of them waited
        ("left", _I),  # without being served
        ("left_waited", _I),  # steps that those waited, and those who wait at the end
        ("area", _I),  # sum over steps of the number waiting at the end of the step
    ]
)
DAY_COUNTS = np.dtype(
    [
        ("used", _F, (MOST_ROLES,)),  # minutes worked
        ("backlog", _I, (MOST_POOLS,)),  # pieces of work, and victims in waiting rooms, at the end of the day
        ("open_cases", _I),
    ]
)
LOG = np.dtype(
    [
        ("key", np.uint64),
        ("step", _I4),
        ("arrival", _I4),
        ("source", np.int16),
        ("event", np.int16),  # index of EVENTS
        ("pool", np.int16),  # who did it, or -1
        ("channel", np.int16),  # or -1
        ("minutes", _F),
    ]
)
HEADER = np.dtype(
    [
        ("step", _I),
        ("n_steps", _I),
        ("n_pools", _I),
        ("n_victims", _I),
        ("most_victims", _I),
        ("n_logged", _I),
        ("most_logged", _I),
    ]
)


class Plan(NamedTuple):
    """One option in one draw, as numbers."""

    numbers: Records  # (1,) NUMBERS
    tables: Records  # (1,) TABLES
    groups: Records  # (n_groups,) GROUPS
    sources: Records  # (n_sources,) SOURCES
    roles: Records  # (n_roles,) ROLES
    days: Records  # (n_days + margin,) DAYS; working_day k stands in element k
    profile: Floats  # (n_days, n_profiles) arrivals relative to `per_day`
    staff: Floats  # (n_days, n_roles) full-time workers on that day


class Workspace(NamedTuple):
    """Memory of one thread: a record for each victim and reply, and the lists that link them."""

    victims: Records  # (n_victims_max,) VICTIM
    calendar: Records  # (n_steps,) STEP
    pools: Records  # (n_pools,) POOL
    workers: Floats  # (n_workers,) minutes left in the step; below 0: an overrun


class Output(NamedTuple):
    """What a replication counts; only victims who arrive from `first_day` to `last_day`."""

    groups: Records  # (n_groups,) GROUP_COUNTS
    pools: Records  # (n_pools,) POOL_COUNTS
    days: Records  # (n_days,) DAY_COUNTS
    log: Records  # (n_events_max,) LOG
    header: Records  # (1,) HEADER


class World(NamedTuple):
    """What the parts of the kernel read and change: vectors of records, a pointer each."""

    numbers: Record
    tables: Record
    groups: Records
    days: Records
    victims: Records
    calendar: Records
    pools: Records
    group_counts: Records
    pool_counts: Records
    log: Records
    header: Record
