"""Counts of people leave by one door; what leaves gives no small count away."""

import json
import re
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike, NDArray
from typer.testing import CliRunner

import victimsmodel as vm
from victimsmodel.cli import app
from victimsmodel.errors import DisclosedError, PrivacyError
from victimsmodel.files import csv_text
from victimsmodel.kept_tables import keep_tables

RULE = vm.DisclosureRule()
EXACT = vm.DisclosureRule(round_to=1)


def counted(
    numbers: ArrayLike,
    *,
    totals: bool = True,
    data: str = "d",
    where: dict[str, tuple[str, ...]] | None = None,
) -> vm.ObservedCounts:
    """Return a table of rows A, B, ... by columns x, y, ... with its margins."""
    grid = np.asarray(numbers)
    rows = [(r, c, int(grid[i, j])) for i, r, j, c in cells_of(grid)]
    if totals:
        rows += [(r, "all", int(grid[i].sum())) for i, r in enumerate("ABCDEFG"[: len(grid)])]
        rows += [("all", c, int(grid[:, j].sum())) for j, c in enumerate("uvwxyz"[: grid.shape[1]])]
        rows.append(("all", "all", int(grid.sum())))
    return vm.ObservedCounts(
        about="made.csv",
        data=data,
        exact=pd.DataFrame(rows, columns=["area", "kind", "victims"]),
        dimensions=("area", "kind"),
        counts=("victims",),
        totals={"area": "all", "kind": "all"} if totals else {},
        where=where or {},
    )


def cells_of(grid: NDArray[np.int64]) -> list[tuple[int, str, int, str]]:
    return [
        (i, r, j, c)
        for (i, r), (j, c) in product(enumerate("ABCDEFG"[: len(grid)]), enumerate("uvwxyz"[: grid.shape[1]]))
    ]


def shown(numbers: ArrayLike, rule: vm.DisclosureRule) -> list[list[object]]:
    table = vm.marked(vm.release(counted(numbers), rule))
    return table.pivot(index="area", columns="kind", values="victims")[["u", "v", "all"]].values.tolist()


# Rule


@pytest.mark.parametrize(("count", "is_shown"), [(0, 0), (8, 10), (12, 10), (13, 15), (17, 15), (18, 20)])
def test_counts_are_rounded_to_the_nearest_five(count: int, is_shown: int) -> None:
    assert RULE.rounded(count) == is_shown
    low, high = RULE.range_of(is_shown)
    assert low <= count <= high


def test_every_count_lies_in_the_range_of_what_is_shown() -> None:
    for base, smallest in product(range(1, 12), range(6, 12)):
        rule = vm.DisclosureRule(smallest_shown=smallest, round_to=base)
        for count in (n for n in range(60) if not rule.is_unsafe(n)):
            low, high = rule.range_of(rule.rounded(count))
            assert low <= count <= high
            same = [n for n in range(90) if not rule.is_unsafe(n) and rule.rounded(n) == rule.rounded(count)]
            assert (low, high) == (min(same), max(same))


# Suppression


def test_a_small_cell_of_a_table_of_two_by_two_hides_the_other_three_and_no_total() -> None:
    hidden = "[c]"
    assert shown([[3, 20], [15, 40]], EXACT) == [
        [hidden, hidden, 23],
        [hidden, hidden, 55],
        [18, 60, 78],
    ]


def test_rounding_alone_keeps_a_small_cell_where_it_can_still_be_anything_from_one_to_seven() -> None:
    assert shown([[3, 20], [15, 40]], RULE) == [["[c]", 20, 25], [15, 40, 55], [20, 60, 80]]


def test_rounding_does_not_suffice_where_total_and_rest_leave_two_values() -> None:
    # 7 + 11 = 18 would be shown as [c] + 10 = 20: from 18 - 12 = 6 to 7 at most
    table = vm.ObservedCounts(
        about="t", data="d", exact=pd.DataFrame({"kind": ["u", "v", "all"], "n": [7, 11, 18]}),
        dimensions=("kind",), counts=("n",), totals={"kind": "all"},
    )  # fmt: skip
    assert vm.release(table)["n"].isna().tolist() == [True, True, False]


def test_a_table_of_three_by_three_hides_one_more_in_the_row_the_column_and_the_corner() -> None:
    table = vm.release(counted([[3, 20, 33], [15, 40, 17], [22, 28, 41]]), EXACT)
    hidden = table[table["victims"].isna()]
    assert len(hidden) == 4
    assert hidden["area"].nunique() == hidden["kind"].nunique() == 2
    assert "all" not in {*hidden["area"], *hidden["kind"]}


def test_a_table_without_small_counts_loses_none() -> None:
    assert vm.release(counted([[8, 20], [15, 40]]))["victims"].notna().all()


def test_zeros_tell_of_nobody_and_are_shown() -> None:
    table = vm.release(counted([[0, 20], [15, 40]]))
    assert table["victims"].notna().all()
    assert table["victims"].iloc[0] == 0


def test_rates_are_those_of_the_rounded_counts() -> None:
    exact = pd.DataFrame({"area": ["A", "B", "C"], "supported": [13, 3, 0], "referred": [41, 52, 30]})
    exact["rate"] = exact["supported"] / exact["referred"]
    table = vm.release(
        vm.ObservedCounts(
            about="t", data="d", exact=exact, dimensions=("area",), counts=("supported", "referred"),
            rates=(vm.Rate("rate", "supported", "referred"),),
        )
    )  # fmt: skip
    assert table["rate"].tolist()[0] == pytest.approx(15 / 40)
    assert pd.isna(table["rate"].iloc[1])
    assert table["rate"].tolist()[2] == 0


def test_those_who_are_not_in_a_part_are_protected_too() -> None:
    exact = pd.DataFrame({"area": ["A"], "supported": [38], "referred": [41]})  # 3 were not supported
    counts = vm.ObservedCounts(
        about="t", data="d", exact=exact, dimensions=("area",), counts=("supported", "referred"),
        parts=(("supported", "referred"),),
    )  # fmt: skip
    assert vm.release(counts, EXACT)[["supported", "referred"]].isna().any(axis=None)


def test_tables_of_one_run_do_not_give_each_other_away() -> None:
    # the total of areas is that of ages: 3 = 100 - 40 - 57, though neither table shows a total
    areas = pd.DataFrame({"area": ["A", "B", "C"], "n": [40, 57, 3]})
    ages = pd.DataFrame({"age": ["young", "old"], "n": [30, 70]})
    tables = {
        name: vm.ObservedCounts(about=name, data="d", exact=t, dimensions=(name,), counts=("n",))
        for name, t in (("area", areas), ("age", ages))
    }
    found = vm.release_together(tables, EXACT)
    assert found["area"]["n"].isna().sum() + found["age"]["n"].isna().sum() >= 2


def possible(grid: NDArray[np.int64], table: pd.DataFrame, rule: vm.DisclosureRule) -> NDArray[np.int64]:
    """Return every table of two by two that agrees with what is shown, by trying all: a second attack."""
    known = table.set_index(["area", "kind"])["victims"]
    cells = [known[r, c] for _, r, _, c in cells_of(grid)]
    most = int(grid.max()) + 8
    ends = [(0, most) if pd.isna(n) else rule.range_of(int(n)) for n in cells]
    a, b, c, d = np.meshgrid(*(np.arange(low, high + 1) for low, high in ends), indexing="ij")
    sums = {("A", "all"): a + b, ("B", "all"): c + d, ("all", "u"): a + c, ("all", "v"): b + d}
    agrees = np.ones(a.shape, np.bool_)
    for key, x in {**sums, ("all", "all"): a + b + c + d}.items():
        if not pd.isna(known[key]):
            low, high = rule.range_of(int(known[key]))
            agrees &= (x >= low) & (x <= high)
    return np.stack([x[agrees] for x in (a, b, c, d)], axis=-1)


@pytest.mark.parametrize(
    "numbers", [[[3, 9], [12, 8]], [[1, 10], [9, 2]], [[7, 11], [0, 16]], [[2, 0], [0, 9]]]
)
def test_trying_every_table_leaves_several_values_for_each_small_count(numbers: list[list[int]]) -> None:
    grid = np.array(numbers)
    left = possible(grid, vm.release(counted(grid), EXACT), EXACT)
    for column, count in zip(left.T, grid.ravel(), strict=True):
        assert count in column
        if EXACT.is_unsafe(count):
            assert len(np.unique(column)) >= EXACT.least_values


# Random tables


def random_table(seed: int) -> vm.ObservedCounts:
    """Return a table of 2 to 5 by 2 to 4 with many small counts, with totals or without."""
    rng = np.random.default_rng([seed, 20261122])
    size = (rng.integers(2, 6), rng.integers(2, 5))
    return counted(rng.negative_binomial(0.7, 0.05, size), totals=bool(rng.random() < 0.8), data=str(seed))


def assert_nothing_leaks(folder: Path, seeds: range) -> None:
    hidden = 0
    for seed in seeds:
        rule = (RULE, EXACT)[seed % 2]
        table = vm.release(random_table(seed), rule)
        path = folder / f"{seed}" / "table.csv"
        path.parent.mkdir(parents=True)
        path.write_text(csv_text(vm.marked(table)))
        hidden += int(table["victims"].isna().sum())
        found = vm.audit(path.parent, rule)
        assert not found.found, (seed, found.found)
    assert hidden > len(seeds)  # the tables were not harmless


def test_no_small_count_is_stated_or_computed_of_random_tables(tmp_path: Path) -> None:
    assert_nothing_leaks(tmp_path, range(12))


@pytest.mark.long
def test_no_small_count_is_stated_or_computed_of_a_thousand_random_tables(tmp_path: Path) -> None:
    assert_nothing_leaks(tmp_path, range(1_000))


def test_the_attack_recovers_what_only_primary_suppression_hides(tmp_path: Path) -> None:
    recovered = 0
    for seed in range(8):
        table = random_table(seed).exact
        small = table["victims"].between(1, 7)
        table["victims"] = table["victims"].astype(object).mask(small, "[c]")
        (tmp_path / f"{seed}").mkdir()
        (tmp_path / f"{seed}" / "t.csv").write_text(csv_text(table))
        recovered += bool(vm.audit(tmp_path / f"{seed}", EXACT).found)
    assert recovered > 2


# Ledger


def filtered(grid: NDArray[np.int64], areas: str, data: str) -> vm.ObservedCounts:
    """Return the counts by kind of some areas alone."""
    rows = ["ABCDEFG".index(area) for area in areas]
    exact = pd.DataFrame({"kind": list("uvwxyz"[: grid.shape[1]]), "victims": grid[rows].sum(axis=0)})
    where = {} if len(areas) == len(grid) else {"area": tuple(areas)}
    return vm.ObservedCounts(
        about="made.csv", data=data, exact=exact, dimensions=("kind",), counts=("victims",), where=where
    )


@pytest.mark.parametrize("n_pairs", [10, pytest.param(200, marks=pytest.mark.long)])
def test_pairs_that_differ_by_a_small_count_are_refused(tmp_path: Path, n_pairs: int) -> None:
    rng = np.random.default_rng(8)
    for i in range(n_pairs):
        grid = rng.integers(20, 400, (3, 2))
        grid[2, rng.integers(2)] = rng.integers(1, 8)
        first, second = [("ABC", "AB"), ("AB", "ABC")][i % 2]
        folder = tmp_path / str(i)
        vm.release(filtered(grid, first, str(i)), ledger=folder, name="first.csv")
        before = (folder / "disclosure-ledger.jsonl").read_bytes()
        with pytest.raises(PrivacyError, match=r"^second.csv: .* earlier release first.csv .* \[VM285\]"):
            vm.release(filtered(grid, second, str(i)), ledger=folder, name="second.csv")
        assert (folder / "disclosure-ledger.jsonl").read_bytes() == before


def test_pairs_that_differ_by_enough_and_the_same_release_again_pass(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    for i in range(3):
        grid = rng.integers(20, 400, (3, 2))
        for areas in ("ABC", "AB", "ABC", "C"):
            vm.release(filtered(grid, areas, str(i)), ledger=tmp_path, name=areas)
    assert len((tmp_path / "disclosure-ledger.jsonl").read_text().splitlines()) == 9


def test_one_count_that_is_counted_otherwise_later_is_refused(tmp_path: Path) -> None:
    vm.release(filtered(np.array([[40, 50]]), "A", "d"), ledger=tmp_path, name="one")
    with pytest.raises(PrivacyError, match="earlier release one"):
        vm.release(filtered(np.array([[43, 50]]), "A", "d"), ledger=tmp_path, name="two")
    vm.release(filtered(np.array([[43, 50]]), "A", "other data"), ledger=tmp_path, name="two")


def test_another_breakdown_that_gives_an_earlier_one_away_is_refused(tmp_path: Path) -> None:
    kinds = pd.DataFrame({"kind": ["u", "v"], "victims": [3, 57]})
    vm.release(
        vm.ObservedCounts(about="a", data="d", exact=kinds, dimensions=("kind",), counts=("victims",)),
        EXACT, ledger=tmp_path, name="by kind",
    )  # fmt: skip
    ages = pd.DataFrame({"age": ["young", "old"], "victims": [30, 30]})  # 60 in all: 60 - 57 = 3
    with pytest.raises(PrivacyError, match="earlier release by kind"):
        vm.release(
            vm.ObservedCounts(about="a", data="d", exact=ages, dimensions=("age",), counts=("victims",)),
            EXACT, ledger=tmp_path, name="by age",
        )  # fmt: skip


def test_the_ledger_holds_no_hidden_count_and_no_key_of_its_codes(tmp_path: Path) -> None:
    vm.release(counted([[3, 20], [15, 40]], data="secret"), ledger=tmp_path, name="r")
    (line,) = (tmp_path / "disclosure-ledger.jsonl").read_text().splitlines()
    entry = json.loads(line)
    assert "secret" not in line
    assert {row[3] for row in entry["cells"]} == {"c", 15, 20, 25, 40, 55, 60, 80}


def test_a_ledger_that_cannot_be_read_refuses(tmp_path: Path) -> None:
    (tmp_path / "disclosure-ledger.jsonl").write_text("{")
    with pytest.raises(PrivacyError, match=r"cannot be read.*\[VM287\]"):
        vm.release(counted([[30, 20], [15, 40]]), ledger=tmp_path)


# Door


def test_unreleased_counts_are_neither_written_nor_shown(tmp_path: Path) -> None:
    from victimsmodel.cli.shared import print_table

    counts = counted([[3, 20], [15, 40]])
    assert "3" not in repr(counts)
    doors = (
        csv_text,
        lambda table: print_table(table, "t"),
        lambda table: keep_tables({"t": table}, tmp_path, "s", "k"),
    )
    for leak in doors:
        with pytest.raises(PrivacyError, match=r"made.csv: .*\[VM284\]"):
            leak(counts)
    assert not list(tmp_path.iterdir())


# Returns, scenarios, folders

MAPPING = """labels_in: columns
cumulative: false
basis: activity
labels:
  Referred: {stage: referred, unit: victim}
  Contacted: {stage: contacted, unit: victim}
  Supported: {stage: supported, unit: victim}
"""


def write_return(folder: Path, supported: int = 3) -> tuple[Path, Path]:
    """Write a return with a small count in its second quarter, and its mapping."""
    file, mapping = folder / "return.csv", folder / "map.yaml"
    rows = f"2018/19 Q1,412,203,61\n2018/19 Q2,397,188,{supported}\n2018/19 Q3,431,217,58\n"
    file.write_text("Quarter,Referred,Contacted,Supported\n" + rows)
    mapping.write_text(MAPPING)
    return file, mapping


def test_a_return_is_estimated_exactly_and_neither_written_nor_drawn_so(tmp_path: Path) -> None:
    from victimsmodel.reporting.returns_text import return_files, return_lines

    returns = vm.load_returns(*write_return(tmp_path))
    table = vm.attrition_definitions(returns)
    first = table[(table["definition"] == "referral_to_support") & (table["period"] == "2018/19 Q2")]
    assert first["value"].item() == 1 - 3 / 397
    for leak in (
        lambda: returns.counts.to_csv(),
        lambda: csv_text(table),
        lambda: return_files(returns),
        lambda: list(return_lines(returns)),
        lambda: vm.plot_attrition_definitions(table, ""),
    ):
        with pytest.raises(PrivacyError, match=r"\[VM284\]"):
            leak()
    assert "397" not in repr(returns.counts) + returns.counts._repr_html_()


def test_no_file_of_a_released_return_gives_its_small_count_away(tmp_path: Path) -> None:
    file, mapping = write_return(tmp_path)
    out = tmp_path / "handed-on"
    result = CliRunner().invoke(app, ["returns", str(file), "--mapping", str(mapping), "--out", str(out)])
    assert result.exit_code == 0, result.output
    printed = result.output.replace(str(tmp_path), "")
    said = "\n".join([printed, *(path.read_text() for path in out.iterdir())])
    for exact in ("412", "203", "397", "188", "431", "217", "61", "58"):
        assert not re.search(rf"(?<!\d){exact}(?!\d)", said), exact
    assert f"{3 / 397:.4f}" not in said
    audited = CliRunner().invoke(app, ["audit", str(out)])
    assert audited.exit_code == 0, audited.output
    counts = pd.read_csv(out / "counts.csv").set_index(["period", "stage"])
    assert counts.loc[("2018/19 Q1", "supported"), "value"] == 60
    assert counts.loc[("2018/19 Q2", "supported"), "state"] == "suppressed"
    assert (tmp_path / "disclosure-ledger.jsonl").is_file()


def test_the_same_return_under_another_name_and_in_another_order_is_the_same_data(tmp_path: Path) -> None:
    file, mapping = write_return(tmp_path)
    head, *rows = file.read_text().splitlines()
    other = tmp_path / "renamed.csv"
    other.write_text("\n".join([head, *reversed(rows)]) + "\n")
    one, two = (vm.load_returns(path, mapping) for path in (file, other))
    vm.released_returns(one, ledger=tmp_path, name="one")
    vm.released_returns(two, ledger=tmp_path, name="two")
    lines = (tmp_path / "disclosure-ledger.jsonl").read_text().splitlines()
    assert len({line.split('"data": "')[1][:32] for line in lines}) == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", b"area,victims\nNorth,4\nSouth,40\n"),
        ("t.html", b"<table><tr><th>area<th>victims<tr><td>North<td>4<tr><td>South<td>40</table>"),
        ("t.svg", b"<svg><text>4 victims</text></svg>"),
        ("t.md", b"Support was given to 4 of 31."),
        (
            "t.ipynb",
            b'{"cells": [{"outputs": [{"data": {"text/html": ["<table><tr><th>area<th>victims<tr><td>N<td>4'
            b'<tr><td>S<td>40</table>"]}}]}]}',
        ),
    ],
)
def test_a_small_count_is_found_in_every_kind_of_file_and_not_repeated(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    result = CliRunner().invoke(app, ["audit", str(tmp_path)])
    assert isinstance(result.exception, DisclosedError)
    assert result.exception.exit_status == 78
    assert name in result.output
    assert "4" not in str(vm.audit(tmp_path).found[0][1:])


def test_small_counts_are_found_in_parquet_workbooks_and_word(tmp_path: Path) -> None:
    from docx import Document

    table = pd.DataFrame({"area": ["North", "South"], "victims": [4, 40]})
    table.to_parquet(tmp_path / "t.parquet")
    table.to_excel(tmp_path / "t.xlsx", index=False)
    document = Document()
    document.add_paragraph("Of these, 4 victims were not reached.")
    document.save(str(tmp_path / "t.docx"))
    assert {found.file for found in vm.audit(tmp_path).found} == {
        *("t.parquet", "t.xlsx, Sheet1", "t.docx, word/document.xml"),
    }


def test_a_hidden_count_beside_its_total_is_computed_also_across_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("area,victims\nNorth,[c]\nSouth,40\n")
    assert not vm.audit(tmp_path).found
    (tmp_path / "b.csv").write_text("area,victims\nNorth,[c]\nSouth,40\nTotal,44\n")
    (found,) = vm.audit(tmp_path).found
    assert found.how == "can be computed"


def test_unpublished_small_counts_of_a_scenario_are_not_kept_in_its_run() -> None:
    from victimsmodel.disclosure.stated_counts import shown_scenario, shown_total
    from victimsmodel.inputs.observed import ObservedTotal

    scenario = vm.load_scenario(Path(__file__).parents[1] / "parameters" / "west-midlands.yaml")
    assert shown_scenario(scenario) == scenario  # published figures and assumptions stay as they are
    said = {"stage": "supported", "of": "referred", "definition": "ours", "events": 3, "trials": 397}
    row = ObservedTotal(source="health_check_2018", **said)  # no address: not published
    mine = scenario.model_copy(update={"observed": (row,)})
    assert shown_scenario(mine).observed == ()
    total = shown_total(row, mine)
    assert (total.low, total.high) == (1 / 395, 7 / 395)
    source = scenario.sources["health_check_2018"].model_copy(update={"published": True})
    public = mine.model_copy(update={"sources": {**scenario.sources, "health_check_2018": source}})
    assert shown_total(row, public).value == 3 / 397
    assert shown_scenario(public).observed == (row,)


@pytest.mark.long
def test_no_file_of_a_run_states_the_small_count_that_it_was_calibrated_to(tmp_path: Path) -> None:
    west_midlands = Path(__file__).parents[1] / "parameters" / "west-midlands.yaml"
    (tmp_path / "mine.yaml").write_text(
        f"extends: {west_midlands}\n"
        "observed:\n"
        "  - {stage: supported, of: referred, events: 3, trials: 397, period: 2018/19 Q2,\n"
        "     source: health_check_2018, definition: as our provider counts}\n"
    )
    folder = vm.evaluate(tmp_path / "mine.yaml", profile="tiny", out=tmp_path / "out").folder
    share = re.compile(r"0\.00755\d*|(?<![\d.])0\.8%|\b3 of 397\b|\"(events\": 3|trials\": 397)\b")
    for path in folder.rglob("*"):
        if path.suffix in (".csv", ".json", ".ipynb"):
            assert not share.search(path.read_text()), path
    assert (folder / "tables" / "calibration_fit.csv").is_file()
    assert not vm.audit(folder).found
    (folder / "tables" / "more.csv").write_text("borough,victims\nDudley,3\nWalsall,40\n")
    assert [found.file for found in vm.audit(folder).found] == ["tables/more.csv"]
