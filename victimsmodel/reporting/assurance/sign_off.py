"""The sign-off of a run: who, when, until when, and the hashes of what it was given for."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from victimsmodel.files import file_hash
from victimsmodel.inputs.fields import IsoDate, Label
from victimsmodel.inputs.qa_entries import QA, entries_path
from victimsmodel.inputs.quantities import Frozen
from victimsmodel.reporting.marks import DRAFT, Mark
from victimsmodel.sealed import opened_text, sealed_text

_FILE = "sign-off.json"
_Texts = Annotated[tuple[str, ...], Field(strict=False)]


class SignOff(Frozen):
    """A statement that an assurer has checked a run, and the hashes of what was checked."""

    analyst: Label
    assurer: Label
    signed: IsoDate
    sunset: IsoDate  # the last day on which it holds
    checked: _Texts = ()  # in the assurer's words
    open_points: _Texts = ()  # what the logs lacked when it was given
    run: str  # hash of scenario, profile, seed and code
    code: str  # SHA-256 of the package
    tables: dict[str, str]  # SHA-256 of each file of tables, by its name
    entries: str  # SHA-256 of what people wrote down; empty if there was nothing

    @property
    def mark(self) -> Mark:
        """What pages say while it holds."""
        until = in_words(self.sunset)
        text = f"Assured by {self.assurer} on {in_words(self.signed)}; analyst: {self.analyst}."
        left = f" {len(self.open_points)} points were left open." if self.open_points else ""
        return Mark(f"Assured until {until}", f"{text} Holds until {until}.{left}", is_draft=False)


class Found(NamedTuple):
    """The sign-off that stands in a run folder, and why it does not hold; there may be none."""

    sign_off: SignOff | None
    reasons: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether there is a sign-off and nothing speaks against it."""
        return self.sign_off is not None and not self.reasons

    @property
    def mark(self) -> Mark:
        """What pages say."""
        return self.sign_off.mark if self.sign_off is not None and self.holds else DRAFT


def find_sign_off(run_folder: Path, manifest: Mapping[str, Any], today: date) -> Found:
    """Return the sign-off of a run, and why it does not hold any more.

    Parameters
    ----------
    run_folder : Path
    manifest : mapping
        key, code, inputs.
    today : date

    Returns
    -------
    Found
        Reasons are phrases: nobody signed, the file was edited, the run or a table is another than was
        signed, what people wrote down has changed, the sunset date has passed.
    """
    path = run_folder / QA / _FILE
    if not path.exists():
        return Found(None, ("nobody has signed it off",))
    try:
        kept = opened_text(path.read_text("utf-8"))
    except (OSError, ValueError):
        return Found(None, (f"{QA}/{_FILE} cannot be read, or was edited by hand",))
    found = SignOff.model_validate_json(json.dumps(kept))
    return Found(found, tuple(_against(found, run_folder, manifest, today)))


def sign_off_bytes(sign_off: SignOff) -> bytes:
    """Return a sign-off as its file holds it."""
    return sealed_text(sign_off.model_dump(mode="json")).encode()


def sign_off_path(run_folder: Path) -> Path:
    """Return where the sign-off of a run stands."""
    return run_folder / QA / _FILE


def table_hashes(run_folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every table of a run folder, by the name of its file."""
    paths = sorted(path for path in (run_folder / "tables").glob("[!.]*") if path.is_file())
    return {path.name: file_hash(path) for path in paths}


def entries_hash(run_folder: Path, manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what people wrote down for a run's scenario; empty if they wrote nothing."""
    path = entries_path(run_folder, manifest)
    return file_hash(path) if path is not None and path.is_file() else ""


def after_handouts(run_folder: Path, found: Found) -> dict[str, Any]:
    """Return what the manifest says of the pages just written: the sign-off they name, the Word file.

    By ``word`` one sees whether someone has edited that file since.
    """
    return {"assurance": as_told(found), "word": file_hash(run_folder / "report.docx")}


def as_told(found: Found) -> dict[str, str] | None:
    """Return the sign-off that the pages name, for readers of the manifest; nobody relies on it."""
    kept = found.sign_off if found.holds else None
    named = ("analyst", "assurer", "signed", "sunset")
    return None if kept is None else {name: str(getattr(kept, name)) for name in named}


def is_same_person(first: str, second: str) -> bool:
    """Whether two names are the same but for capitals, accents' coding, spaces and points."""
    return _letters(first) == _letters(second)


def in_words(day: date) -> str:
    """Return a date as it is read, such as 30 November 2027."""
    return f"{day.day} {day:%B %Y}"


def _letters(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", name).casefold() if char.isalnum())


def _against(found: SignOff, run_folder: Path, manifest: Mapping[str, Any], today: date) -> list[str]:
    """Return why a sign-off does not hold for a run folder as it stands."""
    reasons = []
    if found.run != manifest.get("key"):
        reasons.append("the sign-off was given for another run")
    elif found.code != manifest.get("code"):
        reasons.append("the sign-off was given for other code")
    now = table_hashes(run_folder)
    changed = sorted(name for name in found.tables.keys() | now if found.tables.get(name) != now.get(name))
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        reasons.append(f"tables are not as they were signed: {', '.join(changed[:3])}{more}")
    if found.entries != entries_hash(run_folder, manifest):
        reasons.append("what people wrote down for the logs has changed since")
    if today > found.sunset:
        reasons.append(f"its sunset date, {in_words(found.sunset)}, has passed")
    return reasons
