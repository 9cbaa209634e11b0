"""The log of quality assurance: what the program checked in a run, and what people did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from victimsmodel.reporting.assurance.basis import Basis, check_row, signed_row
from victimsmodel.reporting.formats import FORMATS

_COLUMNS = ["check", "what", "result", "when", "who"]
_LEVEL = 0.9  # of the forecast's intervals that are looked at


def qa_log(basis: Basis, changes: Sequence[str]) -> pd.DataFrame:
    """Return the checks of a run: by the program, by people, by the assurer who signed.

    Parameters
    ----------
    basis : Basis
    changes : sequence of str
        What is no longer as the run left it.

    Returns
    -------
    DataFrame
        Columns check (a short name; ``by hand``; ``sign-off``), what, result, when, who.
    """
    rows = []
    for name, what, result in (*_by_the_program(basis), _unchanged(changes)):
        version = f"victimsmodel {basis.manifest.get('version', '')}".strip()
        rows.append({"check": name, "what": what, "result": result, "when": basis.made_on, "who": version})
    rows += [check_row(check) for check in basis.entries.checks]
    if basis.sign_off is not None:
        said = basis.sign_off.checked or ("What was checked is not said.",)
        rows += [signed_row(basis.sign_off, checked) for checked in said]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _unchanged(changes: Sequence[str]) -> tuple[str, str, str]:
    what = "The files of the run, its inputs and the package are as they were when it was made"
    return "unchanged", what, "yes" if not changes else "no: " + "; ".join(changes)


def _by_the_program(basis: Basis) -> Iterator[tuple[str, str, str]]:
    yield "inputs", "Every field of the scenario is known, has a unit, a range and a source", "yes"
    what = "In every simulated year each referral is in exactly one place"
    yield "conservation", what, "yes: a run in which it is not is refused"
    if "agreement" in basis.manifest:
        found = basis.manifest["agreement"]
        largest, limit = f"{found['largest_z']:.1f}", f"{found['limit']:g}"
        result = f"largest of {found['n']:,} differences: {largest} standard errors; {limit} are allowed"
        yield "two engines", "Simulation and an exact method agree where staff are unlimited", result
    tables = basis.tables
    if "data_quality" in tables:
        kinds = tables["data_quality"]["severity"].astype(str).value_counts().sort_index()
        counts = ", ".join(f"{n} {kind}" for kind, n in kinds.items()) or "nothing found"
        yield "data quality", "Official data were looked through for gaps, breaks and errors", counts
    if "funding_checks" in tables:
        agrees = tables["funding_checks"]["agrees"].dropna()
        result = f"{int(agrees.sum())} of {len(agrees)} that can be checked do"
        yield "funding", "Published tables of funding add up", result
    yield from _past(basis)


def _past(basis: Basis) -> Iterator[tuple[str, str, str]]:
    """Yield checks against what was observed."""
    tables = basis.tables
    if "calibration_fit" in tables:
        fit = tables["calibration_fit"]
        inside = fit["observed"].between(fit["posterior_low"], fit["posterior_high"])
        result = f"{int(inside.sum())} of {len(fit)} observed totals lie in the interval after calibration"
        yield "calibration", "The model reproduces what was observed", result
    if "hold_out" in tables:
        kept = tables["hold_out"]["is_within"].dropna()
        if len(kept):
            result = f"{int(kept.astype(bool).sum())} of {len(kept)} lie within the interval foretold"
            yield "held out", "Published totals that were kept back are foretold", result
    if "forecast_coverage" in tables:
        own = tables["forecast_coverage"]
        own = own[(own["level"] - _LEVEL).abs() < 1e-9]
        if own["n"].sum() > 0:
            share = float((own["covered"] * own["n"]).sum() / own["n"].sum())
            result = f"{FORMATS['percent'](share)} of {int(own['n'].sum())} past quarters"
            yield "forecast", "90% intervals of the forecast, started in the past, held what came", result
