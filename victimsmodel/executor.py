"""Notebooks through papermill: only declared parameters, and never half a notebook."""

from __future__ import annotations

import ast
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from victimsmodel.errors import (
    CannotWriteError,
    DiskFullError,
    InvariantError,
    VictimsModelError,
    input_error,
)
from victimsmodel.files import part_of, write_whole
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.kernels import Nursery, manager_class

#: A value that papermill can write into a notebook as a literal without loss.
Literal = str | int | float | bool | None | list[Any] | dict[str, Any]

_PACKAGE = Path(__file__).parent
_KERNEL = "python3"
_CELL_TIMEOUT_SECONDS = 3 * 60 * 60
_FAILED_SUFFIX = ".FAILED.ipynb"
_ASKS_FOR_STAGE = re.compile(r"""vm\.stage_tables\(run, ["'](\w+)["']""")
_USES_NAME = re.compile(r"\bvm\.([A-Za-z]\w*)")


def notebook_paths() -> list[Path]:
    """Return the notebooks of an evaluation, in order."""
    packaged = _PACKAGE / "notebooks"
    folder = packaged if packaged.is_dir() else _PACKAGE.parent / "notebooks"
    return sorted(folder.glob("[0-9]_*.ipynb"))


def declared_parameters(notebook: Path) -> list[str]:
    """Return the names that the parameters cell of a notebook assigns.

    Raises
    ------
    InputError
        Unless exactly one cell is tagged ``parameters``, and holds code. Papermill puts the values
        below the first such cell, prose included, and another one below would undo them.
    """
    cells = [cell for cell in _read(notebook)["cells"] if "parameters" in cell["metadata"].get("tags", [])]
    kinds = [cell["cell_type"] for cell in cells]
    if kinds != ["code"]:
        allowed = f"must have one cell tagged 'parameters', of code (found: {', '.join(kinds) or 'none'})"
        raise input_error(str(notebook), allowed, "VM050", hint="Without it the values passed are ignored.")
    names: list[str] = []
    try:
        body = ast.parse(cells[0]["source"]).body
    except (SyntaxError, ValueError):
        raise input_error(str(notebook), "has a cell of parameters that is no Python", "VM050") from None
    for statement in body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names.append(statement.target.id)
        elif isinstance(statement, ast.Assign):
            names += [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return names


def check_parameters(notebook: Path, parameters: Mapping[str, Literal]) -> None:
    """Refuse parameters that a notebook does not declare, or that are not plain literals."""
    declared = declared_parameters(notebook)
    for name, value in parameters.items():
        if name not in declared:
            allowed = f"is not a parameter of this notebook (declared: {', '.join(declared)})"
            hint = did_you_mean(name, declared)
            raise input_error(str(notebook), allowed, "VM051", field=name, hint=hint)
        if not _is_literal(value):
            allowed = "must be text, a finite number, true, false, null, or a list or mapping of these"
            raise input_error(str(notebook), allowed, "VM052", field=name, value=type(value).__name__)


def _is_literal(value: object) -> bool:
    if isinstance(value, float):
        return value == value and abs(value) != float("inf")
    if isinstance(value, list):
        return all(_is_literal(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_literal(item) for key, item in value.items())
    return value is None or isinstance(value, (str, int, bool))


def parameterised(notebook: Path, target: Path, parameters: Mapping[str, Literal]) -> Path:
    """Write a copy of a notebook with its parameters set, not executed."""
    check_parameters(notebook, parameters)
    _papermill().execute_notebook(
        str(notebook), str(target), dict(parameters), prepare_only=True, progress_bar=False
    )
    return target


def used_stages(notebook: Path) -> list[str]:
    """Return the stages whose tables a notebook asks for, in the order in which it does."""
    return list(dict.fromkeys(_ASKS_FOR_STAGE.findall(_code(notebook))))


def used_names(notebook: Path) -> set[str]:
    """Return the names of the package that a notebook uses."""
    return set(_USES_NAME.findall(_code(notebook)))


def _code(notebook: Path) -> str:
    return "\n".join(cell["source"] for cell in _read(notebook)["cells"] if cell["cell_type"] == "code")


def run_notebook(
    notebook: Path, target: Path, parameters: Mapping[str, Literal], held: Nursery | None = None
) -> Path:
    """Execute a notebook; it appears under its final name only when every cell has run.

    Parameters
    ----------
    notebook : Path
    target : Path
        Where the executed copy is written.
    parameters : mapping
        New values of names that the notebook declares.
    held : Nursery, optional
        What its kernel is forked from; started as Jupyter does it unless given.

    Raises
    ------
    InputError
        For parameters that the notebook does not declare.
    InvariantError
        If a cell fails; what was executed is kept as ``*.FAILED.ipynb``.
    """
    check_parameters(notebook, parameters)
    papermill = _papermill()
    target.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(target, ".ipynb")  # papermill takes no other ending
    failed = target.with_name(target.stem + _FAILED_SUFFIX)
    failed.unlink(missing_ok=True)
    sockets = tempfile.mkdtemp(prefix="vm-")  # short: socket paths are limited to about 100 bytes
    try:
        papermill.execute_notebook(
            str(notebook),
            str(part),
            dict(parameters),
            kernel_name=_KERNEL,
            progress_bar=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            extra_arguments=["--log-level=CRITICAL"],  # a kernel that is stopped need not say so
            execution_timeout=_CELL_TIMEOUT_SECONDS,
            config=_private_transport(sockets),
            **({"kernel_manager_class": manager_class(held)} if held else {}),
        )
        _check_complete(part)
        write_whole(target, part.read_bytes())
    except CannotWriteError:
        raise
    except Exception as error:
        if part.exists():
            part.replace(failed)
        raise _failure(error, notebook, failed) from error
    finally:
        _close_event_loop()
        part.unlink(missing_ok=True)
        shutil.rmtree(sockets, ignore_errors=True)
    return target


def _failure(error: Exception, notebook: Path, failed: Path) -> VictimsModelError:
    """Return the error of a notebook: what was wrong with the disk keeps its exit status."""
    for kind in (DiskFullError, CannotWriteError):
        if getattr(error, "ename", "") == kind.__name__:
            return kind(str(getattr(error, "evalue", "")))
    return InvariantError(f"{notebook.name} failed: {_last_line(error)}; see {failed}")


def _close_event_loop() -> None:
    """Close the loop that the kernel's client opened in this thread; nobody else would."""
    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    if not loop.is_running():  # inside a notebook it is the notebook's own
        loop.close()


def _last_line(error: Exception) -> str:
    """Return the last line of an error's text, without terminal colours."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


def _check_complete(notebook: Path) -> None:
    """Refuse a notebook that stopped early: `sys.exit(0)` in a cell passes for success otherwise."""
    for number, cell in enumerate(_read(notebook)["cells"]):
        if cell["cell_type"] == "code" and cell["source"].strip() and cell["execution_count"] is None:
            raise InvariantError(f"cell {number} did not run")


def _read(notebook: Path) -> Any:
    _spare_grammar()
    import nbformat

    if not notebook.is_file():
        raise input_error(str(notebook), "does not exist", "VM001")
    try:
        found = nbformat.read(notebook, as_version=4)
        nbformat.validate(found)
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError, nbformat.ValidationError):
        raise input_error(str(notebook), "is no notebook, or a damaged one", "VM050") from None
    return found


def _private_transport(folder: str) -> Any:
    """Return a configuration that talks to kernels through files of this user, not through ports."""
    from traitlets.config import Config

    return Config({"KernelManager": {"transport": "ipc", "ip": str(Path(folder) / "k")}})


def _papermill() -> Any:
    _spare_grammar()
    import papermill

    return papermill


def _spare_grammar() -> None:
    """Keep jsonschema, which nbformat imports, from building a large grammar: two seconds.

    It is of an address format that notebooks do not use, and is left out where an optional module is
    absent (python-jsonschema/jsonschema issue 1428).
    """
    modules: dict[str, Any] = sys.modules
    modules.setdefault("rfc3987_syntax", None)
