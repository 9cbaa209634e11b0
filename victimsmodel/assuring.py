"""Assurance of finished runs: logs, sign-off, and pages that say DRAFT for as long as it does not hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from victimsmodel.errors import NotAssuredError, Problem, input_error
from victimsmodel.files import csv_text, write_whole
from victimsmodel.inputs.qa_entries import QA, QaEntries, entries_path, load_qa_entries
from victimsmodel.kept_runs import MANIFEST, KeptRun, found_sign_off, open_kept_run, stale_reasons
from victimsmodel.locks import only_run
from victimsmodel.reporting.assurance.basis import Basis, known_names
from victimsmodel.reporting.assurance.checks import qa_log
from victimsmodel.reporting.assurance.gaps import open_points
from victimsmodel.reporting.assurance.kept_logs import keep_logs
from victimsmodel.reporting.assurance.logs import assumptions_log, data_log, decided, decisions_log
from victimsmodel.reporting.assurance.pages import PAGES, say_how_it_stands, write_pages
from victimsmodel.reporting.assurance.sign_off import (
    Found,
    SignOff,
    entries_hash,
    find_sign_off,
    sign_off_bytes,
    sign_off_path,
    table_hashes,
)
from victimsmodel.reporting.assurance.signing import checked_sign_off
from victimsmodel.reporting.assurance.skeleton import skeleton
from victimsmodel.reporting.assurance.stress import item_numbers, stress_sheet
from victimsmodel.reporting.content.build import read_tables
from victimsmodel.sealed import sealed_text

STRESS = "stress-des.md"
_CODE, _ENTRIES = "VM279", "VM277"


class Assurance(NamedTuple):
    """How a run stands."""

    run: KeptRun
    found: Found  # its sign-off and what speaks against it, staleness included
    open_points: tuple[str, ...] = ()
    logs: Mapping[str, int] = {}  # rows of each log that was written
    entries: Path | None = None  # where people write; None if it is not known
    notes: tuple[str, ...] = ()  # what was left as it is

    @property
    def is_assured(self) -> bool:
        """Whether a sign-off holds."""
        return self.found.holds


def assurance_of(folder: str | Path, today: date | None = None) -> Assurance:
    """Return how a run stands; nothing is written.

    Parameters
    ----------
    folder : str or Path
        Of a finished run.
    today : date, optional

    Raises
    ------
    InputError
        If it is no finished run.
    """
    run = open_kept_run(folder)
    return Assurance(run, found_sign_off(run, today))


def require_assured(folders: Sequence[str | Path], today: date | None = None) -> None:
    """Refuse unless a sign-off holds for each of some runs.

    Raises
    ------
    NotAssuredError
        VM279, exit status 3, with every reason.
    """
    problems = []
    for folder in folders:
        if not (Path(folder) / MANIFEST).is_file():
            reasons: tuple[str, ...] = ("there is no finished run of these inputs, with this code",)
        else:
            reasons = assurance_of(folder, today).found.reasons
        problems += [Problem(str(folder), "", "", f"is not assured: {why}", _CODE) for why in reasons]
    if problems:
        raise NotAssuredError(problems)


def write_assurance(folder: str | Path, today: date | None = None) -> Assurance:
    """Write the logs of a run, and its pages anew if they do not say how it stands.

    Parameters
    ----------
    folder : str or Path
        Of a finished run. Logs go into its folder ``qa``: assumptions.csv, decisions.csv, data.csv, qa.csv,
        stress-des.md; what people wrote in ``<scenario>.qa.yaml`` beside the scenario is taken in.
    today : date, optional

    Returns
    -------
    Assurance

    Raises
    ------
    InputError
        For a folder that is no finished run; for entries that cannot be used; if a log was edited by hand.
    BusyError
        If the run is being made.
    CannotWriteError
        If a file cannot be written.
    """
    run = open_kept_run(folder)
    with only_run(run.folder):
        return _written(run, today)


def refresh_pages(folder: str | Path, today: date | None = None) -> None:
    """Write the pages of a run anew if they do not say how it stands."""
    run = open_kept_run(folder)
    with only_run(run.folder):
        _with_pages(run, _results_found(run, _changes(run), today))


def start_entries(folder: str | Path) -> Path:
    """Write ``<scenario>.qa.yaml`` beside a run's scenario, to be filled in; one that stands there stays.

    Raises
    ------
    InputError
        VM277 if there is one already, or the scenario is not where it was.
    """
    run = open_kept_run(folder)
    path = entries_path(run.folder, run.manifest)
    if path is None or not path.parent.is_dir():
        raise input_error(str(folder), "was made from a scenario that is no longer where it was", _ENTRIES)
    if path.exists():
        raise input_error(str(path.resolve()), "stands there already", _ENTRIES, hint="Fill it in.")
    write_whole(path.resolve(), skeleton(_logs(_basis(run, None), ())).encode())
    return path.resolve()


def sign(
    folder: str | Path,
    sunset: str | date,
    *,
    analyst: str | None = None,
    assurer: str | None = None,
    checked: Sequence[str] = (),
    today: date | None = None,
) -> Assurance:
    """Sign a run off: it holds until the sunset date or until anything changes; pages lose the word DRAFT.

    Parameters
    ----------
    folder : str or Path
        Of a finished run.
    sunset : str or date
        The last day on which it holds, YYYY-MM-DD.
    analyst, assurer : str, optional
        Two people; as in the entries unless given.
    checked : sequence of str
        What the assurer checked.
    today : date, optional

    Returns
    -------
    Assurance

    Raises
    ------
    InputError
        VM278 with everything that stands against it: names, date, a run that is no longer as it was made.
    """
    run = open_kept_run(folder)
    with only_run(run.folder):
        basis = _basis(run, None)
        changes = _changes(run)
        roles = basis.entries.roles
        stated = {
            "analyst": analyst or roles.analyst or "",
            "assurer": assurer or roles.assurer or "",
            "signed": (today or _today()).isoformat(),
            "sunset": str(sunset),
            "checked": list(checked),
            "run": run.manifest["key"],
            "code": run.manifest.get("code", ""),
            "tables": table_hashes(run.folder),
            "entries": entries_hash(run.folder, run.manifest),
        }
        sign_off = checked_sign_off(stated, changes, run.folder)
        signed = Basis(basis.tables, basis.scenario, basis.manifest, basis.entries, sign_off)
        lacking = open_points(signed, _logs(signed, changes))
        sign_off = sign_off.model_copy(update={"open_points": tuple(lacking)})
        write_whole(sign_off_path(run.folder), sign_off_bytes(sign_off))
        return _written(run, today)


def _today() -> date:
    return datetime.now(UTC).date()


def _results_found(run: KeptRun, changes: Sequence[str], today: date | None) -> Found:
    """Return the sign-off and what speaks against it, but for pages that can be written again."""
    found = find_sign_off(run.folder, run.manifest, today or _today())
    return Found(found.sign_off, (*found.reasons, *changes))


def _changes(run: KeptRun) -> list[str]:
    """Return what is not as the run left it, apart from pages that can be written again from its tables."""
    files = {name: kept for name, kept in run.manifest.get("files", {}).items() if name not in PAGES}
    return stale_reasons(KeptRun(run.folder, {**run.manifest, "files": files}))


def _basis(run: KeptRun, sign_off: SignOff | None) -> Basis:
    """Return what the logs of a run are made from."""
    try:
        tables = read_tables(run.folder)
    except (OSError, ValueError):
        tables = {path.stem: run.table(path.stem) for path in (run.folder / "tables").glob("*.parquet")}
    tables["assumptions"] = tables["assumptions"] if "assumptions" in tables else run.table("assumptions")
    basis = Basis(tables, run.scenario, run.manifest, QaEntries(), sign_off)
    path = entries_path(run.folder, run.manifest)
    if path is None or not path.exists():
        return basis
    entries = load_qa_entries(path, known_names(basis, item_numbers(), decided(basis)))
    return Basis(basis.tables, basis.scenario, basis.manifest, entries, sign_off)


def _logs(basis: Basis, changes: Sequence[str]) -> dict[str, Any]:
    return {
        "assumptions": assumptions_log(basis),
        "decisions": decisions_log(basis),
        "data": data_log(basis),
        "qa": qa_log(basis, changes),
    }


def _written(run: KeptRun, today: date | None) -> Assurance:
    """Write logs and, where they do not say how the run stands, its pages."""
    changes = _changes(run)
    found = _results_found(run, changes, today)
    basis = _basis(run, found.sign_off if found.holds else None)
    logs = _logs(basis, changes)
    texts = {f"{name}.csv": csv_text(log, "%.10g") for name, log in logs.items()}
    texts[STRESS] = stress_sheet(basis, found.mark)
    keep_logs(run.folder / QA, texts)
    manifest, notes = _with_pages(run, found)
    return Assurance(
        KeptRun(run.folder, manifest),
        found,
        tuple(open_points(basis, logs)),
        {name: len(log) for name, log in logs.items()},
        entries_path(run.folder, run.manifest),
        tuple(notes),
    )


def _with_pages(run: KeptRun, found: Found) -> tuple[dict[str, Any], list[str]]:
    """Return the manifest of a run whose pages say how it stands; they are written again if they did not."""
    if say_how_it_stands(run.folder, run.manifest, found):
        return dict(run.manifest), []
    manifest, notes = write_pages(run.folder, run.scenario, run.manifest, found)
    write_whole(run.folder / MANIFEST, sealed_text(manifest).encode())
    return manifest, notes
