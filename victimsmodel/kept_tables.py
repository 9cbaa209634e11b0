"""The tables of a stage as files of a run folder: Parquet to read back, CSV for whoever opens them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from victimsmodel.files import csv_text, file_hash, is_unchanged, write_whole
from victimsmodel.inputs.people_table import refuse_people

_MOST_CSV_ROWS = 200_000


def keep_tables(tables: Mapping[str, pd.DataFrame], folder: Path, stage: str, key: str) -> None:
    """Write the tables of a stage into a run folder, then the stamp by which they are found again.

    Parameters
    ----------
    tables : mapping of str to DataFrame
    folder : Path
        The run folder.
    stage : str
    key : str
        Hash of all that the tables depend on.

    Raises
    ------
    PrivacyError
        VM284 if one of them holds counts of people that were not released.
    """
    for name, table in tables.items():  # before anything is written
        refuse_people(table, name)
    written = [path for name, table in tables.items() for path in write_table(table, folder, name)]
    files = {path.name: file_hash(path) for path in written}
    stamp = json.dumps({"key": key, "tables": list(tables), "files": files})
    write_whole(folder / "tables" / f".{stage}.json", stamp.encode())


def kept_tables(run_folder: Path, stage: str, key: str) -> dict[str, pd.DataFrame] | None:
    """Return the tables of a stage if they stand in the run folder as they were written under this key."""
    folder = run_folder / "tables"
    try:
        stamp = json.loads((folder / f".{stage}.json").read_text())
        if stamp["key"] != key or not is_unchanged(folder, stamp["files"]):
            return None
        return {name: pd.read_parquet(folder / f"{name}.parquet") for name in stamp["tables"]}
    except (OSError, ValueError, KeyError):
        return None


def write_table(table: pd.DataFrame, folder: Path, name: str) -> list[Path]:
    """Write a table as Parquet, and as CSV unless it is very long; return the files."""
    target = folder / "tables" / f"{name}.parquet"
    write_whole(target, table.to_parquet(index=False, compression="zstd"))
    if len(table) > _MOST_CSV_ROWS:
        return [target]
    text = csv_text(table, "%.10g")
    write_whole(target.with_suffix(".csv"), text.encode())
    return [target, target.with_suffix(".csv")]
