"""A file of estimates made from data: laid over a scenario, and drawn with their correlation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from victimsmodel.errors import Problem, input_error
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.quantities import Estimate, Frozen
from victimsmodel.inputs.service import CHANNELS
from victimsmodel.inputs.strict_yaml import Node, read_yaml

OVERRIDE = "--set"
_KEYS = ("source", "estimates", "correlation")
#: Where estimates stand; options state their own.
_PARTS = (
    "demand",
    "referral",
    "screening",
    "contact",
    "consent",
    "assessment",
    "support",
    "outcomes",
    "staff",
    "costs",
)
_OPTIONAL = {
    "reply_days": "days",
    "minutes_reached": "minutes",
    "minutes_attempt": "minutes",
    "unit_cost": "GBP",
}
_LOG_WINDOWS = ("contact.windows.evening", "contact.windows.weekend")
_LEAVE_OUT = "Write the file with write_estimates(path, scenario), which leaves it out."
_SYMMETRIC = 1e-6
_LEAST_EIGENVALUE = -1e-6
_MOST_LISTED = 10

Matrix = NDArray[np.float64]
_Row = Annotated[tuple[Annotated[float, Field(ge=-1, le=1)], ...], Field(strict=False)]


class LinkedEstimates(Frozen):
    """Estimates that were made together: which of them move together, and how."""

    file: str
    names: Annotated[tuple[str, ...], Field(strict=False)] = ()
    matrix: Annotated[tuple[_Row, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        n = len(self.names)
        if len(self.matrix) != n or any(len(row) != n for row in self.matrix):
            raise _problem("matrix", f"must have {n} rows and columns, one for each name")
        found = np.array(self.matrix, dtype=np.float64).reshape(n, n)
        if n and (
            np.abs(found - found.T).max() > _SYMMETRIC or np.abs(np.diag(found) - 1).max() > _SYMMETRIC
        ):
            raise _problem("matrix", "must be symmetric, with 1 on its diagonal")
        if n and float(np.linalg.eigvalsh(found)[0]) < _LEAST_EIGENVALUE:
            allowed = "must be a correlation matrix: no combination may have a variance below 0"
            raise _problem("matrix", allowed)
        return self


def _problem(field: str, allowed: str) -> PydanticCustomError:
    problem = {"field": field, "value": "", "allowed": allowed, "code": "VM132", "hint": ""}
    return PydanticCustomError("description", "invalid description", {"problems": [problem]})


def with_estimates(root: Node, path: Path, known: Mapping[str, str], problems: list[Problem]) -> Node:
    """Return a scenario's tree with the estimates of a file laid over it.

    What a command-line override states stays: it is the more deliberate of the two.

    Parameters
    ----------
    root : Node
        Of the scenario, its sources register read, options not yet completed.
    path : Path
    known : mapping of str to str
        Unit of every estimate of the scenario, by its dotted name.
    problems : list of Problem
        Takes what is wrong.
    """
    file = read_yaml(path, problems)
    assert isinstance(file.value, dict)
    for name, child in file.value.items():
        if name not in _KEYS:
            allowed = f"is not a known key (known: {', '.join(_KEYS)})"
            problems.append(Problem(child.where, name, "", allowed, "VM131", did_you_mean(name, _KEYS)))
    stated = file.value.get("estimates")
    if stated is None or not isinstance(stated.value, dict) or not stated.value:
        raise input_error(
            file.where, "must state estimates by their dotted names", "VM131", field="estimates"
        )
    for name, child in stated.value.items():
        wrong = _wrong(name, child, known)
        if wrong is not None:
            problems.append(wrong)
        else:
            root = _replaced(root, name.split("."), child, name)
    linked = _linked(file, path, stated.value, problems)
    assert isinstance(root.value, dict)
    children = {**root.value, "estimates": linked}
    source, register = file.value.get("source"), root.value.get("sources")
    if source is not None and isinstance(source.value, dict):
        entry = dict(source.value)
        key = entry.pop("key", None)
        if key is None or register is None or not isinstance(register.value, dict):
            problems.append(Problem(source.where, "source.key", "", "is missing", "VM131"))
        else:
            entries = {**register.value, str(key.value): Node(entry, source.where, source.field)}
            children["sources"] = Node(entries, register.where, register.field)
    return Node(children, root.where, root.field)


def _wrong(name: str, child: Node, known: Mapping[str, str]) -> Problem | None:
    if name not in known:
        if part := _absent_part(name, known):
            allowed = f"is of a {part} that this scenario lacks"
            return Problem(child.where, name, "", allowed, "VM130", _LEAVE_OUT)
        hint = did_you_mean(name, known)
        listed = "" if hint or len(known) > _MOST_LISTED else f" (known: {', '.join(known)})"
        return Problem(child.where, name, "", f"is not an estimate of this scenario{listed}", "VM130", hint)
    unit = child.value.get("unit") if isinstance(child.value, dict) else None
    if unit is not None and unit.value != known[name]:
        return Problem(unit.where, f"{name}.unit", str(unit.value), f"must be {known[name]}", "VM131")
    return None


def _absent_part(name: str, known: Mapping[str, str]) -> str:
    """Return "window" or "channel" where a name is well formed but of one that the scenario lacks."""
    if name in _LOG_WINDOWS:
        return "window"
    parts = name.split(".")
    if parts[:2] != ["contact", "channels"] or len(parts) != 4 or parts[2] not in CHANNELS:
        return ""
    channels = [other.split(".") for other in known if other.startswith("contact.channels.")]
    present, fields = {other[2] for other in channels}, {other[-1] for other in channels}
    return "channel" if parts[2] not in present and parts[3] in fields else ""


def _replaced(node: Node, parts: Sequence[str], new: Node, field: str) -> Node:
    """Put an estimate in its place, unless an override stands there."""
    if not parts:
        return node if _is_overridden(node) else _renamed(new, field)
    children = dict(node.value) if isinstance(node.value, dict) else {}
    child = children.get(parts[0], Node({} if parts[1:] else None, node.where, field))
    children[parts[0]] = _replaced(child, parts[1:], new, field)
    return Node(children, node.where, node.field)


def _is_overridden(node: Node) -> bool:
    if node.where == OVERRIDE:
        return True
    return isinstance(node.value, dict) and any(map(_is_overridden, node.value.values()))


def _renamed(node: Node, field: str) -> Node:
    """Return an estimate whose fields are called as in the scenario, where the file says."""
    if not isinstance(node.value, dict):
        return Node(node.value, node.where, field)
    children = {name: _renamed(child, f"{field}.{name}") for name, child in node.value.items()}
    return Node(dict(children), node.where, field)


def _linked(file: Node, path: Path, stated: Mapping[str, Node], problems: list[Problem]) -> Node:
    assert isinstance(file.value, dict)
    correlation = file.value.get("correlation")
    fields = {"file": Node(path.name, file.where, "estimates.file")}
    if correlation is not None and isinstance(correlation.value, dict):
        fields |= correlation.value
        names = correlation.value.get("names")
        for name in names.value if names is not None and isinstance(names.value, list) else []:
            if str(name.value) not in stated:
                allowed = "is not among the estimates of this file"
                hint = did_you_mean(str(name.value), stated)
                problems.append(Problem(name.where, name.field, str(name.value), allowed, "VM130", hint))
    return Node(fields, correlation.where if correlation is not None else file.where, "correlation")


def correlated(
    points: Mapping[str, NDArray[np.float64]], linked: LinkedEstimates | None
) -> dict[str, NDArray[np.float64]]:
    """Return points reordered so that linked estimates move together: a Gaussian copula by ranks.

    Every column keeps its own values, so that its strata stay filled, one point each; only their order
    changes. Names that the scenario does not draw are passed over.

    References
    ----------
    Iman and Conover (1982), Communications in Statistics B 11, 311-334.
    """
    from scipy.special import ndtri

    result = dict(points)
    names = [] if linked is None else [name for name in linked.names if name in points]
    if linked is None or len(names) < 2:
        return result
    index = [linked.names.index(name) for name in names]
    target = np.array(linked.matrix)[np.ix_(index, index)]
    scores = np.column_stack([ndtri(points[name]) for name in names])
    n_draws = len(scores)
    if n_draws > 2 * len(names):  # what the scores are correlated by chance is taken away first
        scores = np.linalg.solve(np.linalg.cholesky(np.corrcoef(scores, rowvar=False)), scores.T).T
    moved = scores @ _root(target).T
    for k, name in enumerate(names):
        ranks = np.argsort(np.argsort(moved[:, k], kind="stable"), kind="stable")
        result[name] = np.sort(points[name])[ranks]
    return result


def linked_root(linked: LinkedEstimates | None, names: Sequence[str]) -> Matrix:
    """Return what independent normal scores are multiplied by to move together as stated.

    Parameters
    ----------
    linked : LinkedEstimates, optional
    names : sequence of str
        Of the scores; those that are not linked stay as they are.

    Returns
    -------
    ndarray, shape (n_names, n_names)
        Lower triangular among the linked names, in their order; the identity without any.
    """
    root = np.eye(len(names))
    own = [] if linked is None else [name for name in linked.names if name in set(names)]
    if linked is not None and own:
        index = [linked.names.index(name) for name in own]
        place = [names.index(name) for name in own]
        root[np.ix_(place, place)] = _root(np.array(linked.matrix)[np.ix_(index, index)])
    return root


def _root(matrix: Matrix) -> Matrix:
    """Return a lower-triangular root, also where some estimates are one and the same."""
    n = len(matrix)
    root = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            rest = matrix[i, j] - root[i, :j] @ root[j, :j]
            if i == j:
                root[i, i] = np.sqrt(max(rest, 0.0))
            elif root[j, j] > 1e-8:
                root[i, j] = rest / root[j, j]
    return root


def estimates_text(
    estimates: Mapping[str, Estimate], source: Mapping[str, str], names: Sequence[str], matrix: Matrix
) -> str:
    """Return the text of a file of estimates, which `load_scenario` reads by ``estimates: FILE``."""
    import yaml

    stated: dict[str, Any] = {
        name: estimate.model_dump(exclude_none=True, exclude_defaults=True)
        for name, estimate in estimates.items()
    }
    rows = [[round(float(x), 6) for x in row] for row in matrix]
    content = {
        "source": dict(source),
        "estimates": stated,
        "correlation": {"names": list(names), "matrix": rows},
    }
    head = "# Estimates from data, for a scenario that names this file: `estimates: FILE`.\n"
    return head + yaml.safe_dump(
        content, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None
    )


def known_units(root: Any) -> dict[str, str]:
    """Return the unit of every estimate of a plain tree; of a channel's, those too that it lacks."""
    channels = root.get("contact", {}).get("channels", {}) if isinstance(root.get("contact"), dict) else {}
    found: dict[str, str] = {
        f"contact.channels.{channel}.{field}": unit
        for channel in (channels if isinstance(channels, dict) else {})
        for field, unit in _OPTIONAL.items()
    }

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            if "unit" in value and "source" in value and isinstance(value["unit"], str):
                found[path] = value["unit"]
                return
            for name, child in value.items():
                if path or name in _PARTS:
                    walk(child, f"{path}.{name}" if path else name)

    walk(root, "")
    return found
