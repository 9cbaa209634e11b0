"""The tables of a stage as files of a run folder: Parquet to read back, CSV for whoever opens them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pandas as pd

from victimsmodel.files import csv_text, write_whole
from victimsmodel.inputs.people_table import refuse_people
from victimsmodel.parquet import parquet_bytes, read_parquet
from victimsmodel.steps import Step, hashes

_MOST_CSV_ROWS = 200_000
_FOLDER, _PARQUET = "tables", ".parquet"


def stage_step(folder: Path, stage: str, made_from: Mapping[str, str]) -> Step:
    """Return the step that makes the tables of a stage."""
    return Step(f"stage {stage}", folder, f"{_FOLDER}/.{stage}.json", made_from)


def keep_tables(
    tables: Mapping[str, pd.DataFrame], folder: Path, stage: str, made_from: Mapping[str, str]
) -> None:
    """Write the tables of a stage into a run folder, then the record by which they are found again.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    folder : Path
        The run folder.
    stage : str
    made_from : mapping
        All that the tables depend on, as for `Step`.

    Raises
    ------
    PrivacyError
        VM284 if one of them holds counts of people that were not released.
    """
    for name, table in tables.items():  # before anything is written
        refuse_people(table, name)
    written = [path for name, table in tables.items() for path in write_table(table, folder, name)]
    names = [path.relative_to(folder).as_posix() for path in written]
    stage_step(folder, stage, made_from).keep(hashes(folder, names))


def kept_tables(run_folder: Path, stage: str, made_from: Mapping[str, str]) -> dict[str, pd.DataFrame] | None:
    """Return the tables of a stage if they stand in the run folder as they were written, from the same."""
    contents = stage_step(run_folder, stage, made_from).contents()
    if contents is None:
        return None
    paths = {PurePosixPath(name): content for name, content in contents.items()}
    return {path.stem: read_parquet(paths[path]) for path in paths if path.suffix == _PARQUET}


def write_table(table: pd.DataFrame, folder: Path, name: str) -> list[Path]:
    """Write a table as Parquet, and as CSV unless it is very long; return the files."""
    target = folder / _FOLDER / f"{name}{_PARQUET}"
    write_whole(target, parquet_bytes(table))
    if len(table) > _MOST_CSV_ROWS:
        return [target]
    text = csv_text(table, "%.10g")
    write_whole(target.with_suffix(".csv"), text.encode())
    return [target, target.with_suffix(".csv")]
