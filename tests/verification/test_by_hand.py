"""A week whose every event is worked out by hand."""

import numpy as np
import pytest
from engines import assert_same, run_both, run_kernel
from tiny_plan import CASEWORKER, HOLIDAY, OFFICER, PHONE, ROOM, TEXT, Week, tiny_week

from victimsmodel.pathway.arrays import RETRY
from victimsmodel.records import EVENTS, EXITS, STAGES, TASKS, WAITS

NOBODY = -1
CALL_BACK_STANDARD, FIRST_ATTEMPT_ENHANCED, ATTEMPT_STANDARD = 1, 10, 13  # queue classes


@pytest.fixture(scope="module")
def week() -> Week:
    return tiny_week()


def plain(*steps_and_names):
    """Return events without a pool, channel or minutes."""
    return [(step, name, NOBODY, NOBODY, 0.0) for step, names in steps_and_names for name in names.split()]


def told(log, key):
    return [
        (int(e["step"]), EVENTS[e["event"]], int(e["pool"]), int(e["channel"]), float(e["minutes"]))
        for e in log[log["key"] == key]
    ]


def casework(step):
    return (step, "casework", CASEWORKER, NOBODY, 15.0)


def assessment(step):
    return (step, "assessment", OFFICER, NOBODY, 25.0)


# The first enhanced victim. Step 0: called on the day, 10 minutes, and assessed on the same call, 25
# more: 5 more than the 30 of the step, which the officer pays back in step 1. The place was not given
# before the call, so it is given in step 1, where the caseworker has 20 minutes: a session of 15. The
# next one is a working day later, step 2, and is the last.
FIRST = [
    *plain((0, "victims in_need referred attempted")),
    (0, "attempt", OFFICER, PHONE, 10.0),
    *plain((0, "contacted consented")),
    assessment(0),
    *plain((0, "assessed need_recognised accepted"), (1, "place_given")),
    casework(1),
    *plain((1, "supported")),
    casework(2),
    *plain((2, "completed improved closed_completed")),
]

# The second waits for the officer until step 1: 30 - 5 = 25 minutes are left then, enough to begin.
# The place is taken until step 2, when places had been given already: it is free in step 3. The next
# working day after day 1 is day 3, since day 2 is a holiday: step 6.
SECOND = [
    *plain((0, "victims in_need referred"), (1, "attempted")),
    (1, "attempt", OFFICER, PHONE, 10.0),
    *plain((1, "contacted consented")),
    assessment(1),
    *plain((1, "assessed need_recognised accepted"), (3, "place_given")),
    casework(3),
    *plain((3, "supported")),
    casework(6),
    *plain((6, "completed improved closed_completed")),
]

# The standard victim gets a text in step 0 and answers it on day 2, step 4. Meanwhile the call falls
# due on day 1, step 2: 30 - 10 = 20 minutes are left, a vain call takes 4. It was the last attempt, but
# the case stays open for the reply. Nobody works on day 2; the call back is made in step 6.
# The place of the second victim is free in step 7; the next session is on day 4, step 8.
THIRD = [
    *plain((0, "victims in_need referred attempted")),
    (0, "attempt", NOBODY, TEXT, 0.0),
    (2, "attempt", OFFICER, PHONE, 4.0),
    (4, "replied", NOBODY, TEXT, 0.0),
    *plain((4, "contacted consented")),
    assessment(6),
    *plain((6, "assessed need_recognised accepted"), (7, "place_given")),
    casework(7),
    *plain((7, "supported")),
    casework(8),
    *plain((8, "completed improved closed_completed")),
]


def test_every_event_of_the_week_is_as_worked_out_by_hand(week):
    log = run_kernel(week.plan, replication=week.replication, log_share=1.0).log
    assert [told(log, key) for key in week.keys] == [FIRST, SECOND, THIRD]
    assert log.size == len(FIRST) + len(SECOND) + len(THIRD)


def test_every_count_of_victims_in_the_week_is_as_worked_out_by_hand(week):
    groups = run_kernel(week.plan, replication=week.replication).groups
    assert (groups["funnel"] == np.array([2, 1])[:, None, None]).all()  # all of them, at every stage
    assert groups["exits"][:, 0, EXITS.index("completed")].tolist() == [2, 1]
    assert groups["exits"].sum() == 2 * 3
    waited = {(g, WAITS[w], d): int(n) for (g, w, d), n in np.ndenumerate(groups["waits"]) if n}
    assert waited == {
        (0, "first_attempt", 0): 2,
        (0, "contact", 0): 2,
        (0, "support", 0): 1,
        (0, "support", 1): 1,  # the second: accepted on day 0, first session on day 1
        (1, "first_attempt", 0): 1,
        (1, "contact", 2): 1,
        (1, "support", 0): 1,  # accepted and first session on day 3
    }
    assert groups["attempts"][0, 0].tolist() == [2, 2]
    assert groups["attempts"][1, :2].tolist() == [[1, 1], [1, 0]]


def test_every_count_of_work_in_the_week_is_as_worked_out_by_hand(week):
    out = run_kernel(week.plan, replication=week.replication)
    pools, days = out.pools, out.days
    minutes = {name: pools["minutes"][:, t].tolist() for t, name in enumerate(TASKS)}
    assert minutes["attempt"] == [10 + 10 + 4, 0, 0]
    assert minutes["assessment"] == [3 * 25, 0, 0]
    assert minutes["casework"] == [0, 6 * 15, 0]
    assert days["used"][:, OFFICER].tolist() == [70, 4, 0, 25, 0]
    assert days["used"][:, CASEWORKER].tolist() == [15, 30, 0, 30, 15]
    # the second waits for the officer in step 0, the third in steps 4 and 5
    assert pools["waited"][OFFICER].nonzero()[0].tolist() == [CALL_BACK_STANDARD, FIRST_ATTEMPT_ENHANCED]
    assert pools["served"][OFFICER, FIRST_ATTEMPT_ENHANCED] == 2
    assert pools["at_once"][OFFICER, FIRST_ATTEMPT_ENHANCED] == 1
    assert pools["at_once"][OFFICER, ATTEMPT_STANDARD] == 1
    # for a place: the first in step 0, the second in steps 1 and 2, the third in step 6
    assert pools["area"].tolist() == pools["waited"].sum(axis=1).tolist() == [1 + 2, 0, 4]
    assert pools["left"].tolist() == pools["left_waited"].tolist() == [0, 0, 0]
    assert days["open_cases"].tolist() == [1, 1, 1, 1, 0]
    # after day 0 the second waits for a place, after day 2 the third for the call back
    backlog = days["backlog"][:, [OFFICER, CASEWORKER, ROOM]]
    assert backlog.tolist() == [[0, 0, 1], [0, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_the_reference_tells_the_same_week(week):
    twins = run_both(week.plan, replication=week.replication)
    assert_same(twins)
    assert [told(twins.reference.log, key) for key in week.keys] == [FIRST, SECOND, THIRD]


def without_officer_until(week, day):
    """Return the week with the officer away until a day, and calls that are tried again after a day."""
    plan = week.plan._replace(
        numbers=week.plan.numbers.copy(), staff=week.plan.staff.copy(), groups=week.plan.groups.copy()
    )
    plan.staff[:day, OFFICER] = 0.0
    plan.numbers["patience_working_days"], plan.numbers["after_patience"] = 1, RETRY
    return plan


def test_a_call_that_waited_too_long_is_tried_once_more(week):
    # Both calls fall due in step 0; patience ends after a working day, in step 2. They are tried again a
    # working day later, on day 3, step 6, when the officer is back. The call back to the third victim
    # has been due since step 4 and leaves 30 - 25 = 5 minutes for the first, whose 35 take all of step 7
    # too. On day 4, step 8, the patience of the second has ended again.
    log = run_kernel(without_officer_until(week, 3), replication=week.replication, log_share=1.0).log
    first, second, _ = (told(log, key) for key in week.keys)
    assert [step for step, name, *_ in first if name == "attempt"] == [6]
    assert second == plain((0, "victims in_need referred"), (8, "closed_reneged"))


def test_no_call_is_tried_again_after_the_last_day_for_attempts(week):
    # Patience ends on day 1; the next working day is day 3, after the last day for attempts, day 2.
    plan = without_officer_until(week, 3)
    plan.groups["stop_days"] = HOLIDAY
    log = run_kernel(plan, replication=week.replication, log_share=1.0).log
    for key in week.keys[:2]:
        assert told(log, key) == plain((0, "victims in_need referred"), (2, "closed_reneged"))


def test_a_victim_who_left_is_counted_as_left_though_the_queue_never_came_so_far(week):
    # No caseload places are given at all; patience for casework ends after the step of joining.
    plan = week.plan._replace(numbers=week.plan.numbers.copy(), days=week.plan.days.copy())
    plan.days["slots"], plan.numbers["patience_days"] = 0, 1e-300
    out = run_kernel(plan, replication=week.replication)
    assert out.groups["exits"][:, 0, EXITS.index("reneged")].tolist() == [2, 1]
    assert out.groups["funnel"][:, 0, STAGES.index("accepted")].tolist() == [2, 1]
    assert out.pools["left"][ROOM] == out.pools["left_waited"][ROOM] == 3
