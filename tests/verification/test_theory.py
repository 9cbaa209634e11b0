"""Closed forms to the printed digit, and the kernel in the corner where they hold."""

import pytest
import theory
from report import (
    clocks,
    comparisons,
    contact_rows,
    queue_rows,
    several_server_cases,
    single_server_cases,
)

_SHORT = 0.012  # of the replications that `make verify` runs
_CASES = (*single_server_cases(), *several_server_cases())


@pytest.mark.parametrize(
    ("found", "printed"),
    [
        (theory.wait_with_servers(1, 0.8), "4.0"),
        (theory.erlang_c(3, 2.4), ".647191"),
        (theory.wait_with_servers(3, 2.4), "1.078652"),
        (theory.wait_with_servers(10, 9.0), ".668732"),
        (theory.wait_with_any_service(0.8, 1.0, 0.0), "2.0"),
        (theory.wait_with_any_service(0.7, 1.0, 1.5), "3.791667"),
        (theory.erlang_b(5, 4.0), ".199067"),
        (theory.erlang_a(8, 10.0, 1.0, 2.0).waits, ".869794"),
        (theory.erlang_a(8, 10.0, 1.0, 2.0).abandons, ".227218"),
        (theory.erlang_a(8, 10.0, 1.0, 2.0).wait, ".454437"),
        (theory.waits_with_priorities(1, (0.3, 0.5))[0], "1.142857"),
        (theory.waits_with_priorities(1, (0.3, 0.5))[1], "5.714286"),
        (theory.waits_with_priorities(3, (0.8, 1.6))[0], ".294178"),
        (theory.waits_with_priorities(3, (0.8, 1.6))[1], "1.470889"),
        (theory.contact((0.25, 0.20, 0.15, 0.05, 0.03, 0.02)).reach, ".5394343"),
        (theory.contact((0.25, 0.20, 0.15, 0.05, 0.03, 0.02)).attempts, "3.814465"),
    ],
)
def test_a_closed_form_gives_the_printed_digits(found, printed):
    assert found == pytest.approx(float(printed), abs=0.5001 * 10.0 ** -len(printed.split(".")[1]))


def test_mmc_with_one_server_and_one_class_is_the_general_queue():
    known = theory.wait_with_any_service(0.8, 1.0, 1.0)
    assert theory.wait_with_servers(1, 0.8) == pytest.approx(known, rel=1e-12)
    assert theory.waits_with_priorities(1, (0.8,))[0] == pytest.approx(known, rel=1e-12)


def test_endless_patience_gives_erlang_c():
    patient = theory.erlang_a(3, 2.4, 1.0, 1e4)
    assert patient.wait == pytest.approx(theory.wait_with_servers(3, 2.4), rel=2e-3)
    assert patient.waits == pytest.approx(theory.erlang_c(3, 2.4), rel=2e-3)


def test_beta_geometric_falls_as_the_share_not_yet_reached_does():
    """Mean 0.35 and a + b = 4: three calls succeed with 0.35, 0.28 and 7/30 of those not yet reached."""
    known = theory.contact((1.4 / 4, 1.4 / 5, 1.4 / 6))
    assert theory.beta_geometric(0.35, 0.2, 3) == pytest.approx(known, rel=1e-12)


def test_exponential_cells_keep_the_mean_and_nearly_all_of_the_second_moment():
    cells = theory.exponential_cells()
    assert theory.mean_of_cells(cells) == pytest.approx(1.0, rel=1e-12)
    assert theory.mean_of_cells(cells, 2) == pytest.approx(2.0, rel=2e-4)


@pytest.mark.parametrize("case", _CASES, ids=[case.name for case in _CASES])
def test_the_kernel_agrees_with_a_queue_of_theory(case):
    for row in queue_rows(case, _SHORT):
        assert abs(row.errors) <= theory.MOST_ERRORS, row


def test_the_kernel_agrees_with_theory_of_contact():
    for row in contact_rows(_SHORT):
        assert row.agrees, row


@pytest.mark.long
@pytest.mark.parametrize("compared", list(comparisons()), ids=lambda compared: compared.title)
def test_finer_steps_come_nearer_to_continuous_time(compared):
    """The error of the mean wait shrinks from one step a day to sixteen, to nearly nothing."""
    found = {name: values[:, 0] for name, values in clocks(compared).items()}
    truth = found["continuous"]
    off = {name: found[name] - truth for name in ("1", "16")}
    error = off["16"].std(ddof=1) / len(truth) ** 0.5
    assert abs(off["16"].mean()) <= 0.005 * truth.mean() + 5 * error
    assert abs(off["16"].mean()) <= abs(off["1"].mean()) + 5 * error
