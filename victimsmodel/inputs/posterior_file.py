"""Draws of the inputs given observed totals: a table beside the scenario that all engines draw from."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from victimsmodel.errors import input_error
from victimsmodel.inputs.finding import Finding
from victimsmodel.inputs.observed import ObservedTotal
from victimsmodel.inputs.quantities import Estimate, Frozen
from victimsmodel.inputs.strict_yaml import Node

#: The column that says to how many totals the rows were calibrated.
OBSERVED = "observed"
_SEAL = "row"  # the last column counts the rows; its heading holds a digest of all the others

_DIGITS = 6
_MOST_BYTES = 2_000_000
_LEAST_ROWS = 20
_EDGE = 10.0**-_DIGITS  # the least number above nought that so many digits can write
_RERUN = "Run victimsmodel calibrate with --set posterior=null and --out again, or leave posterior out."


class Posterior(Frozen):
    """Joint draws of inputs given observed totals, read from the table that a scenario names.

    A column holds cumulative probabilities under the stated estimate. Its heading is the dotted name
    of the input, ``#`` and a digest of the numbers of that estimate, so that a posterior is never used
    with another prior than its own.
    """

    file: str
    columns: dict[str, str] = Field(description="Numbers in the order of the rows, with blanks between.")

    def probabilities(self) -> dict[str, NDArray[np.float64]]:
        """Return the cumulative probabilities of each calibrated input, by its dotted name."""
        return {
            heading.partition("#")[0]: np.array(text.split(), dtype=np.float64)
            for heading, text in self.columns.items()
            if not heading.startswith(f"{OBSERVED}#")
        }

    @property
    def inputs(self) -> tuple[str, ...]:
        """The dotted names of the calibrated inputs."""
        return tuple(h.partition("#")[0] for h in self.columns if not h.startswith(f"{OBSERVED}#"))


def posterior_points(posterior: Posterior, n_draws: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Return draws of the calibrated inputs, each a whole row of the table.

    One row is taken at random from each of `n_draws` equal stretches of the table, whose rows stand in
    the order of the strongest direction of the posterior; beyond the length of the table, all rows are
    taken equally often first. A single draw takes the median of each input, the central case; together
    these medians need not be a likely combination.
    """
    columns = posterior.probabilities()
    if n_draws == 1:
        return {name: np.array([np.median(column)]) for name, column in columns.items()}
    n_rows = next(iter(columns.values())).size
    rows = chosen_rows(n_rows, n_draws, seed)
    return {name: column[rows] for name, column in columns.items()}


def chosen_rows(n_rows: int, n_draws: int, seed: int) -> NDArray[np.int64]:
    """Return the rows that `n_draws` draws take, each stretch of the table equally often, shuffled."""
    generator = np.random.Generator(np.random.Philox(key=[seed, n_rows]))
    whole, rest = divmod(n_draws, n_rows)
    strata = (np.arange(rest) + generator.random(rest)) * n_rows / max(rest, 1)
    rows = np.concatenate([np.tile(np.arange(n_rows), whole), strata.astype(np.int64)])
    return np.asarray(generator.permutation(rows))


def estimate_digest(estimate: Estimate) -> str:
    """Return a digest of the numbers and unit of an estimate; its source and note change nothing."""
    fields = ("unit", "value", "low", "high", "events", "trials")
    return _digest(":".join(str(getattr(estimate, name)) for name in fields))


def observed_digest(observed: Iterable[ObservedTotal]) -> str:
    """Return a digest of the numbers of observed totals."""
    words = {"period", "source", "definition", "note"}
    return _digest("\n".join(row.model_dump_json(exclude=words) for row in observed))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def posterior_columns(
    columns: Mapping[str, NDArray[np.float64]],
    digests: Mapping[str, str],
    observed: Sequence[ObservedTotal],
) -> dict[str, str]:
    """Return draws as the columns of a `Posterior`: headings with digests, numbers with six digits."""
    n_rows = next(iter(columns.values())).size
    found = {f"{OBSERVED}#{observed_digest(observed)}": " ".join([str(len(observed))] * n_rows)}
    for name, column in columns.items():
        inside = np.clip(column, _EDGE, 1 - _EDGE)
        found[f"{name}#{digests[name]}"] = " ".join(f"{x:.{_DIGITS}f}" for x in inside)
    return found


def posterior_text(posterior: Posterior) -> str:
    """Return a posterior as the text of a CSV file; the last column's heading seals all others."""
    rows = list(zip(*(column.split() for column in posterior.columns.values()), strict=True))
    sealed = f"{_SEAL}#{_seal(posterior.columns, rows)}"
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*posterior.columns, sealed])
    writer.writerows([*row, number] for number, row in enumerate(rows, start=1))
    return out.getvalue()


def _seal(header: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    return _digest("\n".join(",".join(row) for row in (list(header), *rows)))


def is_posterior(path: Path) -> bool:
    """Say whether a file begins as one that `posterior_text` makes, and so may be written anew."""
    with path.open("rb") as stream:
        return (
            stream.read(len(OBSERVED) + 4).removeprefix(b"\xef\xbb\xbf").startswith(f"{OBSERVED}#".encode())
        )


def read_posterior(path: Path, field: str) -> Node:
    """Read the table of draws that a scenario names.

    Raises
    ------
    InputError
        For a file that `write_posterior` did not write.
    """
    label = str(path)
    hint = "Write it anew with victimsmodel calibrate --out."
    if path.stat().st_size > _MOST_BYTES:
        raise input_error(label, "must be at most 2 MB", "VM141", field=field, hint=hint)
    try:
        header, *rows = csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), strict=True)
        sealed = header.pop() if header[-1].startswith(f"{_SEAL}#") else ""
        numbers = [row.pop() for row in rows] if sealed else []
        values = np.array(rows, dtype=np.float64)
    except (UnicodeDecodeError, csv.Error, ValueError, IndexError):
        allowed = "must be a CSV table of numbers below one line of names"
        raise input_error(label, allowed, "VM141", field=field, hint=hint) from None
    is_named = len(set(header)) == len(header) > 1 and all("#" in name for name in header)
    if not is_named or not header[0].startswith(f"{OBSERVED}#"):
        allowed = f"must begin with the columns that calibrate writes, {OBSERVED} and the names of inputs"
        raise input_error(f"{label}:1", allowed, "VM141", field=field, hint=hint)
    if values.shape != (len(rows), len(header)) or len(rows) < _LEAST_ROWS:
        raise input_error(label, f"must have {_LEAST_ROWS} or more rows", "VM141", field=field, hint=hint)
    outside = np.argwhere(~((values[:, 1:] > 0) & (values[:, 1:] < 1)))
    if outside.size:
        line, column = outside[0] + [2, 1]
        allowed = "must be a probability from 0 to 1 (exclusive)"
        name, value = header[column].partition("#")[0], rows[line - 2][column]
        raise input_error(f"{label}:{line}", allowed, "VM141", field=name, value=value, hint=hint)
    counted = [str(number) for number in range(1, len(rows) + 1)]
    if sealed != f"{_SEAL}#{_seal(header, rows)}" or numbers != counted:
        allowed = "is not as calibrate wrote it: numbers were changed, or rows or columns are missing"
        raise input_error(label, allowed, "VM141", field=field, hint=hint)
    texts = {
        name: Node(" ".join(cells), label)
        for name, cells in zip(header, zip(*rows, strict=True), strict=True)
    }
    columns = Node(dict(texts), label, f"{field}.columns")
    return Node({"file": Node(path.name, label, field), "columns": columns}, label, field)


def posterior_findings(
    posterior: Posterior, digests: Mapping[str, str], observed: Sequence[ObservedTotal]
) -> Iterator[Finding]:
    """Yield a finding where a posterior was made for other estimates or other observed totals."""
    changed, gone = [], []
    for heading in posterior.columns:
        name, _, digest = heading.partition("#")
        if name == OBSERVED:
            if observed and digest != observed_digest(observed):
                changed.append("the observed totals")
        elif name not in digests:
            gone.append(name)
        elif digest != digests[name]:
            changed.append(name)
    if changed or gone:
        parts = [f"{_listed(changed)} changed since"] if changed else []
        parts += [f"{_listed(gone)} is no longer an input"] if gone else []
        allowed = f"was calibrated with other numbers: {' and '.join(parts)}"
        yield Finding(("posterior",), posterior.file, allowed, "VM142", _RERUN)


def _listed(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
