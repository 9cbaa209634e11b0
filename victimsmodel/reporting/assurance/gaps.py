"""What the logs of a run still lack."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from victimsmodel.reporting.assurance.basis import Basis
from victimsmodel.reporting.assurance.effects import why_unknown

_MOST_NAMED = 3


def open_points(basis: Basis, logs: dict[str, pd.DataFrame]) -> list[str]:
    """Return what is missing from the logs, one sentence each.

    Parameters
    ----------
    basis : Basis
    logs : dict of str to DataFrame
        assumptions, decisions, data, qa.
    """
    return [*_of_the_whole(basis), *_of_assumptions(basis, logs["assumptions"]), *_of_others(logs)]


def _of_the_whole(basis: Basis) -> Iterator[str]:
    if not basis.entries.purpose:
        yield "purpose: what the analysis is for, and which decision it serves, is not said"
    roles = basis.entries.roles
    named = {"commissioner": roles.commissioner, "analyst": basis.analyst, "assurer": roles.assurer}
    missing = [name for name, who in named.items() if not who]
    if basis.sign_off is not None:
        missing = [name for name in missing if name != "assurer"]
    if missing:
        yield f"roles: no {', no '.join(missing)} is named"
    if not basis.entries.checks and not (basis.sign_off and basis.sign_off.checked):
        yield "checks: no check by a person is written down"


def _of_assumptions(basis: Basis, log: pd.DataFrame) -> Iterator[str]:
    if unknown := why_unknown(basis.tables):
        reason = unknown.partition(": ")[2] or "the run has no sensitivity analysis"
        yield f"assumptions: their effect on the result is not known ({reason.rstrip('.')})"
    bare = log[log["evidence"] == "none"]
    for column in ("why", "when"):
        if line := _blank(bare, column):
            yield f"assumptions: of {len(bare)} without evidence, {line}"
    stated = basis.entries.assumptions
    clear = log[log["effect"].str.startswith("Explains") & log["reliability"].str.startswith("D")]
    unjudged = [name for name in clear["name"] if name not in stated or stated[name].reliability is None]
    if unjudged:
        yield (
            f"assumptions: {len(unjudged)} matter for the choice and rest on weak evidence, and nobody has "
            f"judged how reliable they are ({_first(unjudged)})"
        )


def _of_others(logs: dict[str, pd.DataFrame]) -> Iterator[str]:
    for name, columns in (("decisions", ("why", "when")), ("data", ("reliability", "when"))):
        for column in columns:
            if line := _blank(logs[name], column):
                yield f"{name}: of {len(logs[name])}, {line}"


def _blank(log: pd.DataFrame, column: str) -> str:
    names = list(log.loc[log[column] == "", "name"])
    return f"{len(names)} do not say {column} ({_first(names)})" if names else ""


def _first(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
