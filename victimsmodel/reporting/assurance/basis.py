"""What the logs and the STRESS sheet of a run are made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from victimsmodel.inputs.qa_entries import Check, Entry, QaEntries
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.reporting.assurance.sign_off import SignOff, in_words

#: What the AQuA Book asks of every entry, in the order of the columns.
ASKED = ("what", "effect", "reliability", "when", "why", "who", "signed_off_by")


@dataclass(frozen=True)
class Basis:
    """A run, what people wrote down for it, and its sign-off if it holds."""

    tables: Mapping[str, pd.DataFrame]
    scenario: Scenario
    manifest: Mapping[str, Any]
    entries: QaEntries = field(default_factory=QaEntries)
    sign_off: SignOff | None = None

    @property
    def analyst(self) -> str:
        """Who did the analysis, if it is known."""
        return self.sign_off.analyst if self.sign_off else self.entries.roles.analyst or ""

    @property
    def assurer(self) -> str:
        """Who signed it off, while that holds."""
        return "" if self.sign_off is None else f"{self.sign_off.assurer}, {self.sign_off.signed}"

    @property
    def made_on(self) -> str:
        """Day of the run, as ISO writes it."""
        return str(self.manifest.get("created", ""))[:10]

    def answered(self, entry: Entry, **known: str) -> dict[str, str]:
        """Return what is asked of every entry: as someone wrote it, or else as the run knows it."""
        usual = {"who": self.analyst, "signed_off_by": self.assurer, **known}
        stated = {name: getattr(entry, name) for name in ASKED}
        return {name: str(stated[name] or usual.get(name, "")) for name in ASKED}


def known_names(basis: Basis, items: Iterable[str], decisions: Iterable[str]) -> dict[str, list[str]]:
    """Return the names that people may use in each part of their entries."""
    inputs: list[str] = []
    for row in basis.tables["assumptions"].itertuples():
        inputs += [entry_name(str(row.input), str(row.option)), str(row.input)]
    files = [Path(name).name for name in basis.manifest.get("inputs", {})]
    return {
        "assumptions": list(dict.fromkeys(inputs)),
        "decisions": list(decisions),
        "data": [*basis.scenario.sources, *files],
        "stress": list(items),
    }


def entry_name(name: str, option: str) -> str:
    """Return the name of an input in people's entries: that of another option begins with it."""
    return name if option == BUSINESS_AS_USUAL else f"options.{option}.{name}"


def check_row(check: Check) -> dict[str, str]:
    """Return a check that someone made as a row of the log."""
    when = "" if check.when is None else str(check.when)
    return {"check": "by hand", "what": check.what, "result": check.result, "when": when, "who": check.who}


def signed_row(sign_off: SignOff, checked: str) -> dict[str, str]:
    """Return what the assurer checked before signing as a row of the log."""
    result = f"signed off, holds until {in_words(sign_off.sunset)}"
    return {
        "check": "sign-off",
        "what": checked,
        "result": result,
        "when": str(sign_off.signed),
        "who": sign_off.assurer,
    }
