"""A grid of inputs: every combination simulated, one tidy table, one picture; resumed where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from victimsmodel.errors import InputError, PoisonError, Problem, input_error
from victimsmodel.files import csv_text, write_whole
from victimsmodel.inputs.draws import check_seed
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.quantities import TAIL
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.inputs.stated_place import Stated
from victimsmodel.origins import code_hash
from victimsmodel.parquet import parquet_bytes, read_parquet
from victimsmodel.steps import Step, hashes
from victimsmodel.versions import version_text

_MOST_CELLS = 1_000
_MOST_PROBLEMS = 20
#: Called with what is done and how many cells there are.
Report = Callable[[str, int, int], None]


class Cell(NamedTuple):
    """One combination of values, and the scenario that it gives."""

    values: dict[str, str]
    scenario: Scenario


class Sweep(NamedTuple):
    """What a sweep found, and where it is kept."""

    table: pd.DataFrame
    folder: Path
    n_resumed: int  # cells that had been computed before


def sweep(
    scenario: str | Path,
    vary: Mapping[str, Sequence[str]],
    *,
    options: Iterable[str] | None = None,
    overrides: Mapping[str, object] | None = None,
    n_draws: int = 20,
    n_replications: int = 2,
    seed: int = 1,
    out: str | Path = "outputs",
    report: Report | None = None,
) -> Sweep:
    """Simulate every combination of the values given, and return one tidy table.

    All combinations are checked before the first one is simulated. Each is kept as soon as it is
    computed, under a name made of all that it depends on: a sweep that was stopped, or one with more
    values, computes only what is missing.

    Parameters
    ----------
    scenario : str or Path
    vary : mapping of str to sequence of str
        Values to try by dotted field name, as after ``--set``.
    options : iterable of str, optional
        All by default.
    overrides : mapping, optional
        Changes that hold in every combination.
    n_draws, n_replications, seed : int
    out : str or Path
        Where the folder of the sweep is made.
    report : callable, optional

    Returns
    -------
    Sweep
        ``table`` has a column for each varied field, then option, measure, unit, estimate (mean over
        draws), low and high (90 % interval of the mean).

    Raises
    ------
    InputError
        For a field or value that the scenario does not allow, all at once; VM180 for a grid that is
        empty or larger than 1,000 combinations, or an input that ``overrides`` state too.
    PoisonError
        VM214, once the other combinations are kept, if workers cannot compute some years.
    """
    from victimsmodel.pathway.simulate import checked_options
    from victimsmodel.pathway.sizes import check_sizes

    check_sizes(n_draws, n_replications, seed)
    check_seed(seed)
    chosen = list(checked_options(load_scenario(scenario, overrides), options))
    cells = _cells(scenario, vary, overrides or {}, chosen)
    keys = [_key(cell.scenario, chosen, n_draws, n_replications, seed) for cell in cells]
    folder = Path(out) / f"sweep-{cells[0].scenario.name}-{_hash(keys)[:12]}"
    kept = Path(out) / ".sweep-cells"
    frames, n_resumed, poisoned = [], 0, list[PoisonError]()
    for i, (cell, key) in enumerate(zip(cells, keys, strict=True)):
        path = kept / f"{key}.parquet"
        found = _read(path)
        if found is None:
            try:
                found = _computed(cell.scenario, chosen, n_draws, n_replications, seed)
            except PoisonError as error:
                poisoned.append(error.of(", ".join(f"{name} = {text}" for name, text in cell.values.items())))
                continue
            _keep(path, found)
        else:
            n_resumed += 1
        frames.append(_numbered(cell.values, found))
        if report is not None:
            report("sweep", i + 1, len(cells))
    if poisoned:  # the other combinations are kept
        failures = [failure for error in poisoned for failure in error.failures]
        raise PoisonError(failures, sum(error.n_pieces for error in poisoned))
    table = pd.concat(frames, ignore_index=True)
    write_whole(folder / "sweep.parquet", parquet_bytes(table))
    write_whole(folder / "sweep.csv", csv_text(table, "%.10g").encode())
    return Sweep(table, folder, n_resumed)


def check_measure(measure: str, scenario: Scenario) -> None:
    """Refuse to draw what is no measure of a scenario."""
    from victimsmodel.appraisal.outcomes import measures_of

    known = [each.name for each in measures_of(scenario)]
    if measure not in known:
        hint = did_you_mean(measure, known)
        allowed = f"is not a measure (known: {', '.join(known)})"
        raise input_error("--measure", allowed, "VM180", field=measure, hint=hint)


def write_picture(made: Sweep, vary: Sequence[str], measure: str, scenario: Scenario, how: str) -> None:
    """Write the picture of a sweep beside its table, as ``sweep.svg`` and ``sweep.png``.

    Parameters
    ----------
    made : Sweep
    vary : sequence of str
        The fields that were varied.
    measure : str
    scenario : Scenario
        As it was loaded, nothing varied.
    how : str
        How it was simulated, for the line below the picture.
    """
    from victimsmodel.reporting.figures_sweep import plot_sweep
    from victimsmodel.reporting.pictures import pictures

    intervals = " Intervals: 90 % intervals of the mean." if len(vary) == 1 else ""
    source = f"Source: victimsmodel, {scenario.title}; {how}.{intervals}"
    drawn = pictures(plot_sweep(made.table, vary, measure, scenario, source))
    write_whole(made.folder / "sweep.svg", drawn.svg)
    write_whole(made.folder / "sweep.png", drawn.png)


def _cells(
    scenario: str | Path,
    vary: Mapping[str, Sequence[str]],
    overrides: Mapping[str, object],
    options: Sequence[str],
) -> list[Cell]:
    from victimsmodel.pathway.growth import check_growth

    n_cells = 1
    for values in vary.values():
        n_cells *= len(values)
    if not vary or not 1 <= n_cells <= _MOST_CELLS:
        allowed = f"must give 1 to {_MOST_CELLS:,} combinations (these give {n_cells if vary else 0:,})"
        raise input_error("--vary", allowed, "VM180")
    if twice := [name for name in vary if name in overrides]:
        allowed = "is varied too, so that this value would never be read"
        raise InputError([Problem("--set", name, str(overrides[name]), allowed, "VM180") for name in twice])
    for name, values in vary.items():
        if len({_number(value) for value in values}) < len(values):
            raise input_error("--vary", "must name each value only once", "VM180", field=name)
    cells, problems = [], list[Problem]()
    for values in product(*vary.values()):
        own = dict(zip(vary, values, strict=True))
        try:
            loaded = load_scenario(scenario, {**overrides, **own})
            check_growth(loaded, options, Stated(scenario, {**overrides, **own}))
            cells.append(Cell(own, loaded))
        except InputError as error:
            told = [_of_vary(problem, own) for problem in error.problems]
            problems += [problem for problem in told if problem not in problems]
        if len(problems) > _MOST_PROBLEMS:  # each may take half a second to find
            allowed = f"has more than {_MOST_PROBLEMS} problems; what comes after these was not looked at"
            problems.append(Problem("--vary", "", "", allowed, "VM180"))
            break
    if problems:
        raise InputError(problems)
    return cells


def _of_vary(problem: Problem, varied: Mapping[str, str]) -> Problem:
    """Return a problem of a value that is tried, with the option that names it as its place."""
    is_tried = any(problem.field == name or problem.field.startswith(f"{name}.") for name in varied)
    return replace(problem, where="--vary") if is_tried and problem.where == "--set" else problem


def _computed(
    scenario: Scenario, options: Sequence[str], n_draws: int, n_replications: int, seed: int
) -> pd.DataFrame:
    from victimsmodel.appraisal.outcomes import MEASURES, measures_by_run
    from victimsmodel.appraisal.replications import simulate

    result = simulate(scenario, options, n_draws, n_replications, seed)
    by_draw = measures_by_run(result, scenario).groupby(["option", "draw"], observed=True).mean()
    units = {measure.name: measure.unit for measure in MEASURES}
    tidy = by_draw.rename_axis(columns="measure").stack().groupby(["option", "measure"], observed=True)
    table = pd.DataFrame(
        {"estimate": tidy.mean(), "low": tidy.quantile(TAIL), "high": tidy.quantile(1 - TAIL)}
    ).reset_index()
    table.insert(2, "unit", table["measure"].map(units))
    return table.astype({"option": "str", "measure": "str", "unit": "str"})


def _numbered(values: Mapping[str, str], table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the varied values in front, as numbers where they are."""
    frame = table.copy()
    for place, (name, text) in enumerate(values.items()):
        frame.insert(place, name, _number(text))
    return frame


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _key(scenario: Scenario, options: Sequence[str], *numbers: int) -> str:
    return _hash(
        [code_hash(), version_text(), scenario.model_dump_json(), json.dumps([list(options), numbers])]
    )


def _hash(texts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def _step(path: Path) -> Step:
    return Step(f"combination {path.stem[:12]}", path.parent, f"{path.stem}.json", {"it": path.stem})


def _keep(path: Path, table: pd.DataFrame) -> None:
    write_whole(path, parquet_bytes(table))
    _step(path).keep(hashes(path.parent, [path.name]))


def _read(path: Path) -> pd.DataFrame | None:
    """Return a table that was kept; None if there is none, or it is not what was kept."""
    contents = _step(path).contents()
    return None if contents is None else read_parquet(contents[path.name])
