"""Finished runs as they stand in their folders: what they were made from, and whether that still holds."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from victimsmodel.disclosure.stated_counts import shown_scenario
from victimsmodel.errors import input_error
from victimsmodel.files import file_hash, is_unchanged, write_whole
from victimsmodel.inputs.made_from import files_read
from victimsmodel.inputs.scenario import Scenario
from victimsmodel.origins import code_hash
from victimsmodel.parquet import read_parquet
from victimsmodel.reporting.assurance.sign_off import Found, find_sign_off
from victimsmodel.reporting.marks import marked
from victimsmodel.sealed import is_broken

MANIFEST = "manifest.json"
_SCENARIO = "scenario.json"
_CONTENT = ("tables/", "figures/")  # what documents are made from, beside the scenario
_NAMED = 3  # files that a message names
_AGAIN = "Evaluate its scenario again."


class KeptRun:
    """A finished run: its folder, its manifest, and its tables as they are asked for.

    Parameters
    ----------
    folder : Path
    manifest : mapping
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest

    @property
    def run_id(self) -> str:
        """The first 12 hexadecimal digits of the hash of all inputs."""
        return str(self.manifest["run_id"])

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario that the run was made with, in full.

        Raises
        ------
        InputError
            If the run kept none, or one that this version cannot read.
        """
        try:
            return Scenario.model_validate_json((self.folder / _SCENARIO).read_bytes())
        except FileNotFoundError:
            allowed = f"holds no {_SCENARIO}: an earlier version made it"
        except (OSError, ValidationError, ValueError):
            allowed = f"holds a {_SCENARIO} that this version cannot read"
        raise input_error(str(self.folder), allowed, "VM232", hint=_AGAIN)

    def table(self, name: str) -> pd.DataFrame:
        """Return one of its tables.

        Raises
        ------
        InputError
            If the run has no such table, or it cannot be read.
        """
        path = self.folder / "tables" / f"{name}.parquet"
        try:
            return read_parquet(path)
        except FileNotFoundError:
            allowed = f"holds no table {name}: it is not whole, or an earlier version made it"
        except (OSError, ValueError):
            allowed = f"holds a table {name} that cannot be read"
        raise input_error(str(self.folder), allowed, "VM233", hint=_AGAIN)


def open_kept_run(folder: str | Path) -> KeptRun:
    """Open the folder of a finished run.

    Parameters
    ----------
    folder : str or Path
        ``outputs/<scenario>-<12 hex>``, or a file in it such as its report.

    Raises
    ------
    InputError
        If it does not exist, or holds no finished run.
    """
    path = Path(folder)
    path = path.parent if path.is_file() else path
    if not path.is_dir():
        raise input_error(str(folder), "does not exist", "VM230", hint=_nearby(path))
    try:
        manifest = json.loads((path / MANIFEST).read_text("utf-8"))
        return KeptRun(path, {**manifest, "run_id": manifest["run_id"], "key": manifest["key"]})
    except FileNotFoundError:
        allowed = f"is no finished run: it holds no {MANIFEST}"
        hint = "Evaluating its scenario again resumes it." if (path / "tables").is_dir() else _nearby(path)
    except (OSError, ValueError, KeyError, TypeError):
        allowed, hint = f"holds a {MANIFEST} that cannot be read", _AGAIN
    raise input_error(str(folder), allowed, "VM231", hint=hint)


def kept_runs(folder: str | Path) -> list[KeptRun]:
    """Return the finished runs in a folder, the newest first; what is no finished run is passed over.

    Raises
    ------
    InputError
        If the folder does not exist.
    """
    path = Path(folder)
    if not path.is_dir():
        raise input_error(str(folder), "does not exist", "VM230")
    found = [open_kept_run(manifest.parent) for manifest in path.glob(f"*/{MANIFEST}") if _is_run(manifest)]
    return sorted(found, key=lambda run: str(run.manifest.get("created", "")), reverse=True)


def origin_of(
    scenario_file: Path, overrides: Mapping[str, object], scenario: Scenario, folder: Path
) -> dict[str, Any]:
    """Keep the scenario, small unpublished counts hidden; return what the manifest says of its origin.

    Returns
    -------
    dict
        ``inputs``: SHA-256 of every file that the scenario was made from, by its path from the run
        folder; ``code``: SHA-256 of the package.
    """
    write_whole(folder / _SCENARIO, (shown_scenario(scenario).model_dump_json(indent=1) + "\n").encode())
    home = folder.resolve()
    files = files_read(scenario_file, overrides)
    return {
        "inputs": {Path(os.path.relpath(path, home)).as_posix(): file_hash(path) for path in files},
        "code": code_hash(),
    }


def stale_reasons(run: KeptRun) -> list[str]:
    """Return why a run no longer says what its inputs would say today; empty if it still does.

    Returns
    -------
    list of str
        A phrase for each file that has changed or is gone, for the package if its code is another,
        and for result files that are not as the run wrote them.
    """
    reasons = []
    for name, stated in run.manifest.get("inputs", {}).items():
        path = run.folder / name
        if not path.is_file():
            reasons.append(f"{Path(name).name} is no longer where it was")
        elif file_hash(path) != stated:
            reasons.append(f"{Path(name).name} has changed since")
    code = run.manifest.get("code")
    if code is None:
        reasons.append("an earlier version made it, which did not note all that it was made from")
    elif code != code_hash():
        reasons.append("the package has changed since")
    if not is_unchanged(run.folder, run.manifest.get("files", {})):
        reasons.append("files of the run itself were changed or removed")
    if (run.folder / MANIFEST).is_file() and is_broken((run.folder / MANIFEST).read_text("utf-8")):
        reasons.append(f"its {MANIFEST} was changed by hand")
    return reasons


def check_content(run: KeptRun) -> None:
    """Refuse a run whose tables, figures or scenario are not as it wrote them.

    Raises
    ------
    InputError
        With code VM236, naming the files.
    """
    stated = {
        name: digest
        for name, digest in run.manifest.get("files", {}).items()
        if name.startswith(_CONTENT) or name == _SCENARIO
    }
    changed = [name for name, digest in stated.items() if not is_unchanged(run.folder, {name: digest})]
    if (run.folder / MANIFEST).is_file() and is_broken((run.folder / MANIFEST).read_text("utf-8")):
        changed.append(MANIFEST)
    if changed:
        more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        allowed = f"is not as the run wrote it: {', '.join(changed[:_NAMED])}{more} changed or removed since"
        raise input_error(str(run.folder), allowed, "VM236", hint=_AGAIN)


def found_sign_off(run: KeptRun, today: date | None = None) -> Found:
    """Return the sign-off of a run, and why it does not hold: also because the run is stale."""
    found = find_sign_off(run.folder, run.manifest, today or datetime.now(UTC).date())
    return Found(found.sign_off, (*found.reasons, *stale_reasons(run)))


def marked_manifest(run: KeptRun, today: date | None = None) -> dict[str, object]:
    """Return the manifest of a run for whoever writes pages: they say DRAFT unless its sign-off holds."""
    return marked(run.manifest, found_sign_off(run, today).mark)


def _is_run(manifest: Path) -> bool:
    try:
        found = json.loads(manifest.read_text("utf-8"))
        return isinstance(found, dict) and {"run_id", "key"} <= found.keys()
    except (OSError, ValueError):
        return False


def _nearby(path: Path) -> str:
    """Name the finished runs that may have been meant."""
    for folder in (path, path.parent):
        names = [each.parent.name for each in sorted(folder.glob(f"*/{MANIFEST}"))] if folder.is_dir() else []
        if names:
            return f"Finished runs in {folder}: {', '.join(names)}."
    return ""
