"""Facts of workers elsewhere: the same bytes, poisoned years; here they are threads, spoken to as others."""

from contextlib import contextmanager

import local_cluster
import numpy as np
import pytest
from command_line import run
from local_cluster import N_DRAWS, SEED, small_pieces, small_plans
from small_evaluation import SCENARIO, SMALL
from test_same_bytes import N_REPLICATIONS, OPTIONS, as_bytes

import victimsmodel as vm
from victimsmodel.appraisal.points import central_points, measure_at
from victimsmodel.errors import InvariantError, PoisonError
from victimsmodel.parquet import parquet_bytes
from victimsmodel.pathway.agreement import engine_agreement
from victimsmodel.pathway.pieces import Piece, computed_by, others
from victimsmodel.pathway.simulate import run_piece
from victimsmodel.sweeps import sweep

STANDARD = ["enhanced first_attempt 2 working days 60%"]
FIELD = "staff.contact_officer.fte"


@pytest.fixture(scope="module")
def scenario():
    return vm.load_scenario(SCENARIO, SMALL)


@pytest.fixture(scope="module")
def workers():
    with local_cluster.threads(2) as cluster:
        yield cluster.scheduler_address


def too_small(piece):
    """Return a piece with memory for somewhat fewer victims than come in some years, and which these are."""
    for fewer in range(0, 5_000, 50):
        groups = piece.plan.groups.copy()
        groups["opening_cases"][0] -= fewer
        changed = piece._replace(plan=piece.plan._replace(groups=groups))
        failing = [single.replications.start for single in changed.singles() if fails(single)]
        if failing:
            return changed, failing
    raise AssertionError("every year fits")


def fails(piece):
    try:
        run_piece(piece)
    except InvariantError:
        return True
    return False


@contextmanager
def poisoned(is_poison):
    """Let whoever computes meet pieces that are too small, where `is_poison` says so."""
    compute = others()
    with computed_by(lambda pieces: compute(too_small(p)[0] if is_poison(p) else p for p in pieces)):
        yield


def test_tables_are_those_of_threads_byte_for_byte(workers, scenario):
    expected = vm.simulate(scenario, OPTIONS, N_DRAWS, N_REPLICATIONS, SEED)
    told = []
    with vm.on_cluster(workers) as differing:
        given = {"on_progress": lambda done, total: told.append((done, total))}
        found = vm.simulate(scenario, OPTIONS, N_DRAWS, N_REPLICATIONS, SEED, **given)
    assert as_bytes(found) == as_bytes(expected)
    assert len(differing) == 0
    assert told[-1] == (len(OPTIONS) * N_DRAWS * N_REPLICATIONS,) * 2
    assert others() is None  # threads again


def test_results_come_in_order_whatever_the_number_of_years_in_a_piece(workers):
    pieces = [
        Piece("today", small_plans()[draw], SEED, range(start, start + 1 + start % 3), draw)
        for draw in range(N_DRAWS)
        for start in range(12)
    ]
    with vm.on_cluster(workers):
        found = list(others()(pieces))
    for piece, counters in zip(pieces, found, strict=True):
        for one, same in zip(counters, run_piece(piece), strict=True):
            np.testing.assert_array_equal(one, same)


def test_sensitivity_and_agreement_are_the_same_on_workers(workers, scenario):
    points = {**central_points(scenario, 2), "demand.victims_per_year": np.array([0.1, 0.9])}
    points = {name: values for name, values in points.items() if name in central_points(scenario, 1)}

    def computed():
        given = {"n_replications": 2, "seed": SEED}
        values = measure_at(scenario, OPTIONS, points, "supported_in_need", **given)
        return values.tobytes(), parquet_bytes(engine_agreement(scenario, 3, SEED, OPTIONS))

    asked = []
    with vm.on_cluster(workers):
        compute = others()

        def noted(pieces):
            pieces = list(pieces)
            asked.extend(piece.names for piece in pieces)
            return compute(pieces)

        with computed_by(noted):
            there = computed()
    assert there == computed()
    assert asked[1] == f"option business_as_usual, point 1, replications 0 to 1, seed {SEED}"
    assert len(asked) == 2 * len(OPTIONS) + len(OPTIONS)


def test_a_year_that_cannot_be_computed_is_named_and_the_rest_is_done(workers):
    whole, poison = small_pieces(6)
    poison, failing = too_small(poison)
    assert len(failing) < 6
    with vm.on_cluster(workers):
        given = others()([whole, poison, *small_pieces(2)])
        np.testing.assert_array_equal(next(given).funnel, run_piece(whole).funnel)
        with pytest.raises(PoisonError) as caught:
            next(given)
    message = str(caught.value)
    assert message.startswith(
        f"{len(failing)} simulated years cannot be computed; the rest of 4 pieces is done"
    )
    names = [failure.names for failure in caught.value.failures]
    assert names == [f"option today, draw 1, replication {r}, seed {SEED}" for r in failing]
    assert "InvariantError: more victims arrived than their mean allows" in message
    assert caught.value.exit_status == 4


def test_the_other_combinations_of_a_poisoned_sweep_are_kept(workers, tmp_path):
    given = {"overrides": {name: value for name, value in SMALL.items() if name != FIELD}, "out": tmp_path}
    given |= {"options": ["business_as_usual"], "n_draws": 2, "n_replications": 2, "seed": SEED}
    fields = {FIELD: ["1", "2", "3"]}
    fte = []  # of the combination that is computed

    def is_poison(piece):
        staff = piece.plan.staff.sum()
        fte.append(staff) if staff not in fte else None
        return fte.index(staff) == 2 and piece.draw == 1  # two plans of the first combination stand before

    with vm.on_cluster(workers), poisoned(is_poison), pytest.raises(PoisonError) as caught:
        sweep(SCENARIO, fields, **given)
    named = {str(failure).split(", replication")[0] for failure in caught.value.failures}
    assert len(named) == 1
    assert named.pop().endswith(", draw 1")
    assert sweep(SCENARIO, fields, **given).n_resumed == 2


def test_a_poisoned_plan_names_the_year(workers, scenario):
    with (
        vm.on_cluster(workers),
        poisoned(lambda piece: piece.draw == 3),
        pytest.raises(PoisonError) as caught,
    ):
        vm.plan_for_standards(scenario, STANDARD, seed=SEED)
    (failure,) = caught.value.failures
    assert failure.names == f"option business_as_usual, draw 3, replication 0, seed {SEED}"
    assert f"the rest of {caught.value.n_pieces} pieces is done" in str(caught.value)
    assert caught.value.n_pieces > 3


@pytest.mark.long
def test_a_sweep_is_the_same_on_workers_and_resumes(workers, tmp_path):
    vary = {FIELD: ["1", "2"]}
    given = {"options": ["business_as_usual"], "n_draws": 1, "n_replications": 1}
    given["overrides"] = {name: value for name, value in SMALL.items() if name not in vary}
    here = sweep(SCENARIO, vary, out=tmp_path / "here", **given)
    with vm.on_cluster(workers):
        there = sweep(SCENARIO, vary, out=tmp_path / "there", **given)
    assert parquet_bytes(there.table) == parquet_bytes(here.table)
    assert there.folder.name == here.folder.name
    assert sweep(SCENARIO, vary, out=tmp_path / "there", **given).n_resumed == 2


@pytest.mark.long
def test_plans_are_the_same_on_workers(workers, scenario):
    here = vm.plan_for_standards(scenario, STANDARD)
    with vm.on_cluster(workers):
        there = vm.plan_for_standards(scenario, STANDARD)
    for name in ("staff", "standards", "summary", "curve"):
        assert parquet_bytes(getattr(there, name)) == parquet_bytes(getattr(here, name)), name


def test_commands_take_an_address_or_a_number_of_threads(workers, tmp_path):
    overrides = [part for name, value in SMALL.items() for part in ("--set", f"{name}={value}")]
    command = ["simulate", SCENARIO, "--option", "business_as_usual", "--json", *overrides]
    here = run(tmp_path, *command)
    for options in (("--cluster", workers), ("--jobs", "2")):
        there = run(tmp_path, *command, *options)
        assert there.returncode == 0, there.stderr
        assert there.stdout == here.stdout
