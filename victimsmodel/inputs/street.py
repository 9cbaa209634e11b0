"""Street-level crime from data.police.uk, added up by month, area and type without holding it in memory."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.errors import input_error
from victimsmodel.inputs.downloads.layouts import STREET_FILE
from victimsmodel.inputs.official.street_files import StreetFile, street_files
from victimsmodel.inputs.quality.findings import as_table
from victimsmodel.inputs.quality.street import street_findings

#: For DuckDB. With Python, pandas and the result, a process stays below 1 GB.
MEMORY = "500MB"

_AREAS = {"lsoa": ("lsoa_code", "lsoa_name"), "local_authority": ("local_authority",)}
_LSOA_SUFFIX = 5  # characters, such as " 005C"


class StreetCrime(NamedTuple):
    """Crimes by month, area and type, and what is wrong with the files.

    ``crimes``: month (Period, M), lsoa_code and lsoa_name or local_authority (empty: no location),
    crime_type, crimes (int64); texts are categories. ``quality``: one row a finding, as of recorded crime.
    """

    crimes: pd.DataFrame
    quality: pd.DataFrame
    source: str


def load_street_crime(
    folder: str | Path,
    by: Literal["lsoa", "local_authority"] = "lsoa",
    lookup: pd.DataFrame | None = None,
    *,
    threads: int = 2,
) -> StreetCrime:
    """Add up a street-level archive by month, area and type of crime.

    Parameters
    ----------
    folder : path
        As the archive is unpacked: ``YYYY-MM/YYYY-MM-force-street.csv``, gzip too.
    by : {"lsoa", "local_authority"}
        Areas. The name of a local authority is that of the LSOA without its last five characters.
    lookup : DataFrame, optional
        With ``lsoa_code`` and ``local_authority``: names the local authority instead, for instance after
        boundaries changed. LSOAs that it does not know keep the name within their own.
    threads : int
        For reading.

    Returns
    -------
    StreetCrime
        Anti-social behaviour is no crime; it keeps its own type.

    Raises
    ------
    InputError
        If there is no such file, a file has other columns, or a row cannot be read.
    """
    if by not in _AREAS:
        raise input_error("by", "must be lsoa or local_authority", "VM080", value=str(by))
    files = street_files(Path(folder))
    by_file, by_area = _counted(files, threads)
    findings = street_findings(files, by_file, by_area)
    keys = ["month", *_AREAS[by], "crime_type"]
    if by == "local_authority":
        by_area["local_authority"] = _local_authority(by_area, lookup)
    crimes = by_area.groupby(keys, as_index=False, observed=True, sort=True)["crimes"].sum()
    crimes["month"] = pd.PeriodIndex(crimes["month"].astype(str), freq="M")
    months = sorted({file.month for file in files})
    source = f"{folder}: {len(files)} street files, {months[0]} to {months[-1]}"
    return StreetCrime(crimes, as_table(findings), source)


class _Counted(NamedTuple):
    """Rows counted in two ways."""

    by_file: pd.DataFrame  # file (number), month, has_lsoa, crimes
    by_area: pd.DataFrame  # month, lsoa_code, lsoa_name, crime_type (categories), crimes


def _counted(files: Sequence[StreetFile], threads: int) -> _Counted:
    """Count month after month, to bound the memory; texts are kept once, as categories."""
    file_number = {str(file.path): i for i, file in enumerate(files)}
    names: dict[str, dict[str, int]] = {
        name: {} for name in ("month", "lsoa_code", "lsoa_name", "crime_type")
    }
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in (*names, "crimes")}
    by_file = []
    for chunk in _monthly(files, threads):
        of_files = chunk["file"].notna()
        by_file.append(chunk.loc[of_files, ["file", "month", "has_lsoa", "crimes"]])
        chunk = chunk[~of_files]
        parts["crimes"].append(chunk["crimes"].to_numpy(dtype=np.int32))
        for name, known in names.items():
            codes, texts = pd.factorize(chunk[name])
            new = np.array([known.setdefault(text, len(known)) for text in texts], dtype=np.int32)
            parts[name].append(new[codes])
    _refuse_months(files, names["month"])
    table = {name: _category(np.concatenate(parts[name]), known) for name, known in names.items()}
    crimes = np.concatenate(parts["crimes"]).astype(np.int64)
    counts = pd.concat(by_file, ignore_index=True)
    counts["file"] = counts["file"].map(file_number).astype(np.int64)
    return _Counted(counts.astype({"has_lsoa": bool}), pd.DataFrame({**table, "crimes": crimes}))


def _category(codes: NDArray[np.int32], known: dict[str, int]) -> pd.Categorical:
    """Return texts numbered in the order in which they came as categories in the order of the alphabet."""
    ordered = sorted(known)
    rank = {text: i for i, text in enumerate(ordered)}
    new = np.array([rank[text] for text in known], dtype=np.int32)
    return pd.Categorical.from_codes(new[codes], categories=pd.Index(ordered, dtype=object))


def _refuse_months(files: Sequence[StreetFile], months: Iterable[str]) -> None:
    odd = [month for month in months if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month)]
    if odd:
        where, value = str(files[0].path.parent.parent), odd[0] or "(empty)"
        allowed = "must be a month such as 2017-07 in every row"
        raise input_error(where, allowed, "VM078", field="Month", value=value)


def _monthly(files: Sequence[StreetFile], threads: int) -> Iterator[pd.DataFrame]:
    """Yield the counts of each month's files: rows with a file, then rows without one by area."""
    import duckdb

    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in STREET_FILE.required)
    area = ('"Month"', '"LSOA code"', '"LSOA name"', '"Crime type"')
    names = ("month", "lsoa_code", "lsoa_name", "crime_type")
    texts = ", ".join(f"coalesce({column}, '') AS {name}" for column, name in zip(area, names, strict=True))
    query = f"""
        SELECT filename AS file, "LSOA code" IS NOT NULL AS has_lsoa, {texts}, count(*) AS crimes
        FROM read_csv($files, columns = {{{columns}}}, header = true, auto_detect = false, delim = ',',
            quote = '"', escape = '"', filename = true, null_padding = false, ignore_errors = false)
        GROUP BY GROUPING SETS ((filename, "Month", "LSOA code" IS NOT NULL), ({", ".join(area)}))
    """
    with (
        tempfile.TemporaryDirectory(prefix="victimsmodel-street-") as scratch,
        duckdb.connect(config=_settings(threads, scratch)) as connection,
    ):
        folders = sorted({str(file.path.parent) for file in files})
        connection.execute("SET allowed_directories = $folders", {"folders": [*folders, scratch]})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        for month in sorted({file.month for file in files}):
            paths = [str(file.path) for file in files if file.month == month]
            try:
                yield connection.execute(query, {"files": paths}).df()
            except duckdb.Error as error:
                raise _unreadable(paths, str(error)) from None


def _settings(threads: int, scratch: str) -> dict[str, Any]:
    """Return settings of DuckDB: bounded memory, and nothing from the network."""
    return {
        "memory_limit": MEMORY,
        "threads": threads,
        "temp_directory": scratch,
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }


def _unreadable(paths: list[str], message: str) -> Exception:
    """Return what DuckDB says about a row, with file and row only."""
    where = next((path for path in paths if path in message), paths[0])
    line = re.search(r"CSV Error on Line: (\d+)", message)
    lines = [text.strip() for text in message.splitlines() if text.strip()]
    cause = next((text for text in lines if "Error" not in text and "Line" not in text), lines[0])
    return input_error(f"{where}, row {line[1]}" if line else where, f"cannot be read: {cause}", "VM080")


def _local_authority(counted: pd.DataFrame, lookup: pd.DataFrame | None) -> pd.Categorical:
    """Return the name of the local authority of every row."""
    names = [str(name)[:-_LSOA_SUFFIX] for name in counted["lsoa_name"].cat.categories]
    by_name = np.asarray(names, dtype=object)[counted["lsoa_name"].cat.codes]
    if lookup is None:
        return pd.Categorical(by_name)
    missing = {"lsoa_code", "local_authority"} - set(lookup.columns)
    if missing:
        raise input_error("lookup", f"has no column {', '.join(sorted(missing))}", "VM080")
    known = lookup.drop_duplicates("lsoa_code").set_index("lsoa_code")["local_authority"]
    found = known.reindex(counted["lsoa_code"].cat.categories).to_numpy(dtype=object)
    by_code = found[counted["lsoa_code"].cat.codes]
    return pd.Categorical(np.where(pd.isna(by_code), by_name, by_code))
