"""Attacks on suppression and on the ledger that are unlike the random tables of the other tests."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import victimsmodel as vm
from victimsmodel.errors import PrivacyError

EXACT = vm.DisclosureRule(round_to=1)
DEFAULT = vm.DisclosureRule()


def counts(
    rows: dict[str, list[object]], data: str = "d", where: tuple[str, ...] = (), **more: object
) -> vm.ObservedCounts:
    """Return counts n by the other columns; `where`: the periods that were counted."""
    dimensions = tuple(name for name in rows if name != "n")
    limits = {"period": where} if where else {}
    return vm.ObservedCounts("t", data, pd.DataFrame(rows), dimensions, ("n",), where=limits, **more)  # type: ignore[arg-type]


def audited(folder: Path, table: pd.DataFrame, rule: vm.DisclosureRule) -> tuple[object, ...]:
    vm.marked(table).to_csv(folder / "t.csv", index=False)
    return vm.audit(folder, rule).found


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        ([5, 0, 0, 5], [True, False, False, True]),  # one cell is the total
        ([50, 0, 0, 50], [False] * 4),
        ([1, 1, 1, 3], [True] * 4),
        ([7] * 10 + [70], [True] * 11),  # a total at its upper bound would tell every cell
        ([1] * 10 + [10], [True] * 11),  # and so would one at its lower bound
    ],
)
def test_totals_that_leave_one_table_only_are_hidden(
    numbers: list[int], hidden: list[bool], tmp_path: Path
) -> None:
    names = [*"abcdefghij"[: len(numbers) - 1], "all"]
    table = vm.release(counts({"area": names, "n": numbers}, totals={"area": "all"}), EXACT)
    assert table["n"].isna().tolist() == hidden
    assert not audited(tmp_path, table, EXACT)


def test_a_table_of_no_rows_stays_one() -> None:
    empty = counts({"area": [], "n": []})
    assert len(vm.release(empty)) == 0


def test_a_hierarchy_whose_other_branches_are_known_to_be_empty_is_protected() -> None:
    rows = {
        "region": ["West"] * 3 + ["East"] * 3,
        "borough": ["A", "B", "all", "C", "D", "all"],
        "n": [3, 40, 43, 30, 50, 80],
    }
    table = vm.release(counts(rows, totals={"borough": "all"}), EXACT)
    assert table["n"].isna().tolist() == [True, True, False, False, False, False]


def test_a_total_in_a_table_of_another_breakdown_gives_nothing_away() -> None:
    areas = counts({"area": ["A", "B", "C"], "n": [40, 57, 3]})
    region = counts({"region": ["West"], "n": [100]})
    found = vm.release_together({"areas": areas, "region": region}, EXACT)
    assert found["areas"]["n"].isna().sum() + found["region"]["n"].isna().sum() >= 2


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_tables_of_three_dimensions_are_not_recovered(seed: int, tmp_path: Path) -> None:
    grid = np.random.default_rng(seed).negative_binomial(0.7, 0.07, (3, 2, 2))
    labels = [[*names, "all"] for names in ("abc", "xy", "mf")]
    padded = grid
    for axis in range(3):
        padded = np.concatenate([padded, padded.sum(axis=axis, keepdims=True)], axis=axis)
    index = pd.MultiIndex.from_product(labels, names=["area", "kind", "sex"])
    table = pd.DataFrame({"n": padded.ravel()}, index=index).reset_index()
    for rule in (DEFAULT, EXACT):
        rows = {str(name): list(column) for name, column in table.items()}
        shown = vm.release(counts(rows, totals=dict.fromkeys(("area", "kind", "sex"), "all")), rule)
        assert not audited(tmp_path, shown, rule)


def released(folder: Path, *steps: tuple[vm.ObservedCounts, vm.DisclosureRule]) -> list[bool]:
    """Return which of several releases were let through."""
    passed = []
    for i, (table, rule) in enumerate(steps):
        try:
            vm.release(table, rule, ledger=folder, name=f"run {i}")
            passed.append(True)
        except PrivacyError as error:
            passed.append("[VM285]" not in str(error))
    return passed


def of(periods: str, n: int) -> vm.ObservedCounts:
    return counts({"kind": ["u"], "n": [n]}, where=tuple(periods.split()))


def kinds(*numbers: int) -> vm.ObservedCounts:
    return counts({"kind": list("uvw"[: len(numbers)]), "n": list(numbers)})


OPEN = vm.DisclosureRule(smallest_shown=1, round_to=1)
LOW = vm.DisclosureRule(smallest_shown=3, round_to=1)


@pytest.mark.parametrize(
    ("steps", "passed"),
    [
        ([(of("Q1 Q2", 100), DEFAULT), (of("Q1 Q2 Q3", 103), DEFAULT)], [True, False]),
        (
            [(of("Q1 Q2", 100), EXACT), (of("Q3", 50), EXACT), (of("Q1 Q2 Q3 Q4", 153), EXACT)],
            [True, True, False],
        ),
        (
            [(of("Q1 Q2", 100), EXACT), (of("Q2 Q3", 60), EXACT), (of("Q1 Q2 Q3", 153), EXACT)],
            [True, True, False],
        ),
        (
            [(of("Q1 Q2", 100), EXACT), (of("Q2 Q3", 60), EXACT), (of("Q1 Q2 Q3", 123), EXACT)],
            [True, True, True],
        ),
        ([(kinds(3, 57), DEFAULT), (kinds(3, 57), LOW)], [True, False]),
        ([(kinds(3, 57), DEFAULT), (kinds(3, 57), OPEN)], [True, False]),
        ([(kinds(30, 57), DEFAULT), (kinds(30, 57), OPEN)], [True, True]),  # nothing in it is small
        (
            [
                (counts({"kind": [*"uvw", "all"], "n": [3, 9, 57, 69]}, totals={"kind": "all"}), EXACT),
                (counts({"kind": ["v", "w"], "n": [9, 57]}), EXACT),  # of fewer kinds: 9 was hidden for 3
            ],
            [True, False],
        ),
    ],
)  # fmt: skip
def test_releases_that_give_people_away_together_are_refused(
    steps: list[tuple[vm.ObservedCounts, vm.DisclosureRule]], passed: list[bool], tmp_path: Path
) -> None:
    assert released(tmp_path, *steps) == passed


def test_parts_of_the_data_in_one_release_are_compared_too() -> None:
    tables = {"all": kinds(60), "some": counts({"kind": ["u"], "n": [57]}, where=("Q1", "Q2"))}
    with pytest.raises(PrivacyError, match=r"one table with another would give away .*\[VM285\]"):
        vm.release_together(tables, EXACT)
