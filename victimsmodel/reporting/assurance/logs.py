"""The logs that the AQuA Book asks for: assumptions, decisions, data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from victimsmodel.inputs.qa_entries import Entry
from victimsmodel.reporting import words
from victimsmodel.reporting.assurance.basis import ASKED, Basis, entry_name
from victimsmodel.reporting.assurance.effects import effects_of, why_unknown
from victimsmodel.reporting.findings import note_in_words

#: What the letters of the evidence's quality say of its reliability.
_QUALITY = {
    "A": "A: measured in this area and service",
    "B": "B: measured in a like service",
    "C": "C: published, but derived, old or small",
    "D": "D: another setting, recalled or assumed",
}
_HASH = 12


def assumptions_log(basis: Basis) -> pd.DataFrame:
    """Return every uncertain input, those that matter most for the choice first.

    Returns
    -------
    DataFrame
        Columns name (in people's entries), value, low, high (5th and 95th percentile), unit, source,
        evidence (found, borrowed, none), then `ASKED`. `reliability` is a person's judgement, or else the
        quality of the evidence.
    """
    effects, unknown = effects_of(basis.tables, basis.scenario), why_unknown(basis.tables)
    sizes, rows = [], []
    for row in basis.tables["assumptions"].itertuples():
        name, option = str(row.input), str(row.option)
        own = entry_name(name, option)
        stated = basis.entries.assumptions
        entry = stated.get(own, stated.get(name, Entry()))
        effect = effects.get(name)
        title = words.input_title(name, basis.scenario)
        source = basis.scenario.sources.get(str(row.source_key))
        known = {
            "what": title if own == name else f"{title} ({basis.scenario.options[option].title})",
            "effect": unknown or (effect.text if effect else "Not varied."),
            "reliability": _QUALITY.get(str(row.quality), ""),
            "when": "" if source is None else source.year,
            "why": note_in_words(str(row.note), basis.scenario),
        }
        evidence = "none" if row.is_assumption else "borrowed" if row.is_borrowed else "found"
        numbers = {"value": row.value, "low": row.low, "high": row.high, "unit": row.unit}
        rows.append(
            {"name": own, **numbers, "source": row.source, "evidence": evidence}
            | basis.answered(entry, **known)
        )
        sizes.append(effect.size if effect else 0.0)
    order = sorted(range(len(rows)), key=lambda i: -sizes[i])
    columns = ["name", "value", "low", "high", "unit", "source", "evidence", *ASKED]
    return pd.DataFrame([rows[i] for i in order], columns=columns)


def decisions_log(basis: Basis) -> pd.DataFrame:
    """Return what was decided: by the scenario and the command, then what people added.

    Returns
    -------
    DataFrame
        Columns name, then `ASKED`.
    """
    rows = []
    stated = dict(basis.entries.decisions)
    for name, what, why, when in _decided(basis):
        entry = stated.pop(name, Entry())
        rows.append({"name": name, **basis.answered(entry, what=what, why=why, when=when)})
    rows += [{"name": name, **basis.answered(entry)} for name, entry in stated.items()]
    return pd.DataFrame(rows, columns=["name", *ASKED])


def data_log(basis: Basis) -> pd.DataFrame:
    """Return every file that the run was made from, and every source that a number of it names.

    Returns
    -------
    DataFrame
        Columns name, kind (file, source), version (first digits of the SHA-256; year), address,
        rests_on_it (uncertain inputs), then `ASKED`.
    """
    rows = []
    for path, digest in basis.manifest.get("inputs", {}).items():
        name = Path(path).name
        entry = basis.entries.data.get(name, Entry())
        place = {"name": name, "kind": "file", "version": str(digest)[:_HASH], "address": path}
        rows.append({**place, **basis.answered(entry, what=f"Input file {name}")})
    table = basis.tables["assumptions"]
    used = Counter(table["source_key"].astype(str))
    worst = table.groupby(table["source_key"].astype(str))["quality"].max().to_dict()  # D is the last letter
    for key, source in basis.scenario.sources.items():
        entry = basis.entries.data.get(key, Entry())
        if used[key] or key in basis.entries.data:
            known = {"what": source.title, "when": source.year, "why": source.note}
            reliability = _QUALITY.get(str(worst.get(key)), "")
            answered = basis.answered(entry, **known, reliability=reliability)
            place = {"name": key, "kind": "source", "version": source.year, "address": source.address}
            rows.append({**place, "rests_on_it": used[key], **answered})
    columns = ["name", "kind", "version", "address", "rests_on_it", *ASKED]
    return pd.DataFrame(rows, columns=columns).astype({"rests_on_it": "Int64"})


def decided(basis: Basis) -> list[str]:
    """Return the names of the decisions that a run shows."""
    return [name for name, *_ in _decided(basis)]


def _decided(basis: Basis) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, what was decided, why and when, as far as the run tells."""
    scenario, manifest = basis.scenario, basis.manifest
    period = scenario.period
    yield "area_and_period", f"{scenario.area.name}, {period.start} to {period.end}", "", ""
    titles = "; ".join(option.title for option in scenario.options.values())
    yield "options", f"Compared are: {titles}", "", ""
    yield "against", f"The others are compared with: {scenario.options[scenario.against].title}", "", ""
    source = scenario.sources.get(scenario.grant_source)
    why = scenario.grant_source if source is None else f"{source.title} ({source.year})"
    yield "grant", f"Grant of £{scenario.grant_gbp:,.0f}", why, ""
    yield "price_year", f"Prices of {scenario.price_year}", "", ""
    one = scenario.standards
    limits = f"first attempt {one.first_attempt_days}, contact {one.contact_days}, support {one.support_days}"
    yield "standards", f"Standards in calendar days: {limits}", "", ""
    if scenario.appraisal is not None:
        found = scenario.appraisal
        what = (
            f"Rules of appraisal: {found.edition}, {found.years} years, {found.discount_rate} discount rate"
        )
        yield "appraisal", what, "", ""
        central = f"£{found.thresholds.central:,.0f}"
        yield (
            "threshold",
            f"A further victim in need supported is worth {central} in single answers",
            found.thresholds.note,
            "",
        )
    around = f"{period.warm_up_days} days before and {period.run_out_days} after the period are simulated"
    yield "warm_up", f"{around}, and only those referred in it are counted", "", ""
    if scenario.posterior is not None:
        n_inputs, n_totals = len(scenario.posterior.inputs), len(scenario.observed)
        yield (
            "calibration",
            f"{n_inputs} inputs are drawn as calibrated to {n_totals} observed totals",
            "",
            "",
        )
    size = f"{manifest['n_draws']:,} draws of the inputs, {manifest['n_replications']} years each"
    yield "profile", f"Profile {manifest['profile']}, seed {manifest['seed']}: {size}", "", basis.made_on
    for key, value in manifest.get("overrides", {}).items():
        yield f"set.{key}", f"{key} = {value}, instead of what the scenario states", "", basis.made_on
