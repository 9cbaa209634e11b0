"""What every page of a run says of its assurance: DRAFT, unless a sign-off holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_KEY = "mark"
_NAMED = 3


@dataclass(frozen=True)
class Mark:
    """What pages say of the assurance of a run.

    Parameters
    ----------
    short : str
        For the margin of a page; no text of users.
    text : str
        For where there is room.
    is_draft : bool
    """

    short: str
    text: str
    is_draft: bool


DRAFT = Mark("DRAFT: not signed off", "DRAFT: not signed off. Do not decide on it.", is_draft=True)


def mark_of(manifest: Mapping[str, object]) -> Mark:
    """Return the mark of a run: `DRAFT` unless `marked` put another there.

    A manifest as it was read from its file never holds one, whatever stands in it: whoever forgets to look
    at the sign-off gets a draft.
    """
    found = manifest.get(_KEY)
    return found if isinstance(found, Mark) else DRAFT


def joint_mark(marks: Mapping[str, Mark]) -> Mark:
    """Return what a page on several runs says of them: DRAFT where one of them is a draft.

    Parameters
    ----------
    marks : mapping of str to Mark
        By what each run is called on the page.
    """
    drafts = [name for name, mark in marks.items() if mark.is_draft]
    if marks and not drafts:
        text = " ".join(f"{name}: {mark.text}" for name, mark in marks.items())
        return Mark("Assured", text, is_draft=False)
    if len(drafts) == len(marks):
        return DRAFT if len(marks) <= 1 else Mark(DRAFT.short, _said("no run is"), is_draft=True)
    are = "is" if len(drafts) == 1 else "are"
    named = ", ".join(drafts) if len(drafts) <= _NAMED else f"{len(drafts)} of {len(marks)} runs"
    return Mark(DRAFT.short, _said(f"{named} {are} not"), is_draft=True)


def _said(who: str) -> str:
    return f"DRAFT: {who} signed off. Do not decide on it."


def marked(manifest: Mapping[str, object], mark: Mark) -> dict[str, object]:
    """Return a manifest whose pages bear a mark."""
    return {**manifest, _KEY: mark}
