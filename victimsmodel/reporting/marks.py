"""What every page of a run says of its assurance: DRAFT, unless a sign-off holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_KEY = "mark"


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


def marked(manifest: Mapping[str, object], mark: Mark) -> dict[str, object]:
    """Return a manifest whose pages bear a mark."""
    return {**manifest, _KEY: mark}
