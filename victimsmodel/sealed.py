"""JSON that carries its own SHA-256, so that a change by hand or by chance shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_SEAL = "sha256"  # of all else that the text says


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def sealed_text(said: Mapping[str, Any]) -> str:
    """Return JSON that carries the SHA-256 of all else that it says; an earlier seal is replaced."""
    unsealed = {name: value for name, value in said.items() if name != _SEAL}
    return json.dumps({**unsealed, _SEAL: _seal(unsealed)}, indent=1) + "\n"


def is_broken(text: str) -> bool:
    """Say whether JSON carries a seal that is not its own; what carries none is not broken.

    Raises
    ------
    ValueError
        If it is no JSON.
    """
    said = json.loads(text)
    stated = said.pop(_SEAL, None) if isinstance(said, dict) else None
    return stated is not None and stated != _seal(said)


def opened_text(text: str) -> dict[str, Any]:
    """Return what sealed JSON says.

    Raises
    ------
    ValueError
        If it is not what was sealed.
    """
    said: dict[str, Any] = json.loads(text)
    stated = said.pop(_SEAL, None) if isinstance(said, dict) else None
    if stated is None or stated != _seal(said):
        raise ValueError("is not what was sealed")
    return said


def _seal(said: Mapping[str, Any]) -> str:
    return text_hash(json.dumps(said))
