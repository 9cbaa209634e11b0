"""A project folder for another area: its own volumes from official data, everything else borrowed."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from victimsmodel.disk import cannot_write
from victimsmodel.errors import CannotWriteError, input_error
from victimsmodel.executor import notebook_paths
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.from_crime import FromCrime
from victimsmodel.inputs.history import LEAST_QUARTERS
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.messages import shown, slug_hint
from victimsmodel.inputs.scenario import RESERVED_NAMES, SLUG_PATTERN
from victimsmodel.inputs.shipped import parameter_file
from victimsmodel.inputs.strict_yaml import plain, read_yaml

_NATIONAL, _SOURCES = "national.yaml", "sources.yaml"
_DATA_KEY = "recorded_crime_data"
_N_DRAWS = 10_000
_SEED = 1
#: What a victim stands for in the West Midlands of 2019/20: staff in post and grant of the scenario there.
_VICTIMS, _GRANT = 168_000, 948_920
_FTE = {"contact_officer": 20.0, "caseworker": 4.0, "volunteer": 5.0}
_FRAUD_REPORTS, _RESIDENTS = 35_964, 2_916_458  # 2018-19; ONS mid-2018, West Midlands police force area


class Project(NamedTuple):
    """What was made."""

    folder: Path
    scenario: Path
    force: str
    year: str
    findings: int


def new_project(
    name: str,
    force: str,
    data: str | Path,
    *,
    folder: str | Path | None = None,
    year: str | None = None,
    population: str | Path | None = None,
) -> Project:
    """Write a working scenario for a police force area, its notebooks and a README.

    Parameters
    ----------
    name : str
        Lower-case letters, digits and hyphens; names the folder and the files.
    force : str
        Police force area, as the Home Office spells it.
    data : str or Path
        Home Office police recorded crime open data, police force area tables by quarter.
    folder : str or Path, optional
        To be made; ``name`` in the current folder by default.
    year : str, optional
        Financial year such as 2022/23; the last complete one by default.
    population : str or Path, optional
        ONS mid-year estimates; the package's own figures for mid-2020 by default.

    Returns
    -------
    Project

    Raises
    ------
    InputError
        For a name, force, year or file that cannot be used; nothing is written.
    CannotWriteError
        If the folder cannot be made, is not empty or is a file.
    """
    if not re.fullmatch(SLUG_PATTERN, name):
        allowed = "must be lower-case letters, digits and hyphens, a letter first, at most 60"
        raise input_error("new", allowed, "VM062", field="NAME", value=shown(name), hint=slug_hint(name))
    if name in RESERVED_NAMES:
        raise input_error("new", "is the name of a device on Windows", "VM261", field="NAME", value=name)
    target = Path(name) if folder is None else Path(folder)
    if target.exists() and not target.is_dir():
        raise CannotWriteError(f"{target}: is a file; name a folder to make [VM042]")
    _refuse_twin(target)
    if target.exists() and any(target.iterdir()):
        raise CannotWriteError(f"{target}: exists already and is not empty [VM042]")
    area = _area(force, Path(data), year, population)
    texts = _texts(name, Path(data), area)
    _write(target, f"{name}.yaml", texts)
    return Project(target, target / f"{name}.yaml", area["force"], area["year"], len(area["quality"]))


def _refuse_twin(target: Path) -> None:
    """Refuse a folder whose name differs from one beside it in case alone."""
    beside = target.parent.iterdir() if target.parent.is_dir() else ()
    for other in beside:
        if other.name != target.name and other.name.casefold() == target.name.casefold():
            allowed = f"differs from {other.name} in case alone; many systems take them for one"
            raise input_error(str(target), allowed, "VM270", hint="Choose another name.")


def _area(force: str, data: Path, year: str | None, population: str | Path | None) -> dict[str, Any]:
    """Return everything that the data say about an area."""
    from victimsmodel.demand.persons import PREFIX, victims_from_crime
    from victimsmodel.demand.recorded import (
        force_counts,
        quarterly_counts,
        require_every_subgroup,
        year_counts,
    )
    from victimsmodel.demand.season import monthly_profile
    from victimsmodel.demand.shifts import level_shifts
    from victimsmodel.inputs.crime import load_recorded_crime
    from victimsmodel.inputs.draws import stratified_points
    from victimsmodel.inputs.official.forces import force_of
    from victimsmodel.inputs.population import residents
    from victimsmodel.inputs.quantities import TAIL, estimates_in

    crime = load_recorded_crime(data)
    if "quarter" not in crime.offences:
        allowed = "must be a table by quarter (this one is by year)"
        raise input_error(str(data), allowed, "VM086", field="--data")
    force = force_of(force)
    own = crime.offences[crime.offences["force"] == force]
    if own.empty:
        known = sorted(crime.offences["force"].unique())
        hint = did_you_mean(force, known)
        raise input_error(str(data), "is not in this file", "VM063", field="--force", value=force, hint=hint)
    require_every_subgroup(crime)
    counts = quarterly_counts(crime)
    chosen, quarters = _year(force_counts(crime, force), year)
    history = _history(counts[counts["force"] == force])
    fewest = int(history.notna().sum().min())
    if fewest < LEAST_QUARTERS:
        allowed = f"must count every crime type in {LEAST_QUARTERS} or more quarters (found: {fewest})"
        raise input_error(str(data), allowed, "VM090", field="--force", value=force)
    counts_of_year = year_counts(crime, force, quarters[0])
    people = residents(force, population)
    counted = _counted(counts_of_year)
    without = [name for name in history if name not in counted["people"]]
    if without:
        allowed = f"counts no {', '.join(without)} in {chosen}; choose another --year"
        raise input_error(str(data), allowed, "VM064", field="--force", value=force)
    national = plain(read_yaml(parameter_file(_NATIONAL)))["demand"]
    fraud_reports = round(_FRAUD_REPORTS / _RESIDENTS * people.residents)
    described = FromCrime.model_validate(_described(national["from_crime"], chosen, counted, fraud_reports))
    points = {key: stratified_points(_SEED, key, _N_DRAWS) for key in estimates_in(described, PREFIX)}
    victims = victims_from_crime(described, points)
    total = victims.recorded.sum(axis=-1) + victims.elsewhere
    low, middle, high = (_rounded(x) for x in np.quantile(total, (TAIL, 0.5, 1 - TAIL)))
    quality = crime.quality[crime.quality["force"].isin(["", force])]
    return {
        "force": force,
        "year": chosen,
        "start": quarters[0].start_time.date(),
        "end": quarters[-1].end_time.date(),
        "population": people.residents,
        "population_source": people.source,
        "recorded": int(counts_of_year["offences"].sum()),
        "counted": counted,
        "fraud_reports": fraud_reports,
        "victims": (low, middle, high),
        "mix": {
            crime_type: max(round(float(np.median(column))), 1)
            for crime_type, column in zip(victims.crime_types, victims.recorded.T, strict=True)
        },
        "season": monthly_profile(history.sum(axis=1, min_count=len(history.columns)), _season(national)),
        "history": history,
        "quality": quality,
        "shifts": level_shifts(counts, force).astype({"quarter": str}).to_dict("records"),
        "grant": round(_GRANT * middle / _VICTIMS / 100) * 100,
        "staff": {role: max(round(fte * middle / _VICTIMS, 1), 0.2) for role, fte in _FTE.items()},
        "n_findings": len(quality),
        "next_year": _first_year_after(history.index[-1]),
    }


def _history(counts: pd.DataFrame) -> pd.DataFrame:
    """Return a force's offences against people up to the last quarter of which anything is known."""
    wide = counts.pivot(index="quarter", columns="crime_type", values="offences")
    wide = wide.where(wide >= 0)  # corrections that outweigh a quarter leave nothing to forecast from
    return wide.loc[: wide.dropna(how="all").index[-1]]


def _year(counts: pd.DataFrame, year: str | None) -> tuple[str, list[pd.Period]]:
    """Return a financial year, the last complete one unless stated, and its quarters.

    A quarter in which anything has no count, or one that is treated as missing, is not complete.
    """
    found = set(counts.dropna().index)
    if not found:
        never = ", ".join(counts.columns[counts.isna().all()].map(": ".join)) or "everything"
        allowed = f"has no quarter in which all offences of the force are known (never: {never})"
        raise input_error("new", allowed, "VM064", field="--data")
    complete = []
    for first in range(min(found).year, max(found).year + 1):
        quarters = list(pd.period_range(f"{first}Q2", periods=4, freq="Q-DEC"))
        if found.issuperset(quarters):
            complete.append((f"{first}/{(first + 1) % 100:02}", quarters))
    if not complete:
        raise input_error("new", "must hold the four quarters of a financial year", "VM064", field="--data")
    years = dict(complete)
    chosen = complete[-1][0] if year is None else year
    if chosen not in years:
        allowed = f"must be a complete financial year of the data ({', '.join(years)})"
        raise input_error("new", allowed, "VM064", field="--year", value=chosen)
    return chosen, years[chosen]


def _first_year_after(last: pd.Period) -> str:
    """Return the first financial year of which no quarter is known."""
    first = last.year if last.quarter == 1 else last.year + 1
    return f"{first}/{(first + 1) % 100:02}"


def _counted(counts: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Return the year's offences by kind of victim and name; what was corrected to nothing is left out."""
    some = counts[counts["offences"] > 0]
    return {
        kind: dict(zip(own["name"], own["offences"].astype(int).tolist(), strict=True))
        for kind, own in some.groupby("victim", sort=False)
    }


def _described(
    national: dict[str, Any], year: str, counted: dict[str, dict[str, int]], fraud_reports: int
) -> dict[str, Any]:
    """Return the description of the steps: the area's counts laid over the national rates."""
    own = {kind: {"unit": "offences", "source": _DATA_KEY, "values": counted[kind]} for kind in counted}
    reports = {"unit": "reports", "source": "fraud_wm_2019", "values": {"fraud": fraud_reports}}
    return {**national, **own, "year": year, "fraud": {**national["fraud"], "reports": reports}}


def _season(national: dict[str, Any]) -> dict[str, float]:
    return {str(month): float(ratio) for month, ratio in national["monthly_profile"]["values"].items()}


def _rounded(value: float) -> int:
    """Return a number of victims with three digits: more would claim too much."""
    return int(float(f"{value:.3g}"))


def _texts(name: str, data: Path, area: dict[str, Any]) -> dict[str, bytes]:
    """Return the content of every file of the project but the notebooks."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("victimsmodel", "project_files")
    templates = Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True)
    given = {**area, "name": name, "data": data.name}
    entry = (
        f"\n{_DATA_KEY}:\n"
        f'  title: "Home Office, police recorded crime open data, police force area tables ({data.name})"\n'
        f'  year: "{area["year"]}"\n  note: "Open Government Licence v3.0."\n'
    )
    return {
        f"{name}.yaml": templates.get_template("scenario.yaml.j2").render(given).encode(),
        f"{name}-forecast.yaml": templates.get_template("forecast.yaml.j2").render(given).encode(),
        "README.md": templates.get_template("README.md.j2").render(given).encode(),
        f"{name}-offences.csv": area["history"].to_csv(float_format="%.0f", lineterminator="\n").encode(),
        f"{name}-quality.csv": area["quality"].to_csv(index=False, lineterminator="\n").encode(),
        _NATIONAL: parameter_file(_NATIONAL).read_bytes().partition(b"\n")[2],  # its schema stays behind
        _SOURCES: parameter_file(_SOURCES).read_bytes() + entry.encode(),
    }


def _write(target: Path, scenario: str, texts: dict[str, bytes]) -> None:
    """Write the folder so that it appears whole or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as made:
            folder = Path(made) / target.name
            (folder / "notebooks").mkdir(parents=True)
            for file, content in texts.items():
                (folder / file).write_bytes(content)
            for notebook in notebook_paths():
                text = notebook.read_text(encoding="utf-8")
                own = text.replace("../parameters/west-midlands.yaml", f"../{scenario}")
                (folder / "notebooks" / notebook.name).write_text(own, encoding="utf-8")
            for file in texts:  # what cannot be evaluated is not handed out
                if file.startswith(scenario.removesuffix(".yaml")) and file.endswith(".yaml"):
                    load_scenario(folder / file)
            if target.exists():
                target.rmdir()  # it is empty
            shutil.move(folder, target)
    except OSError as error:
        raise cannot_write(target, error) from None
