"""What --set says: new values by dotted field name."""

from __future__ import annotations

from victimsmodel.errors import input_error


def overrides_in(texts: list[str] | None) -> dict[str, str]:
    """Return the values that KEY=VALUE texts state, by key."""
    found: dict[str, str] = {}
    for text in texts or []:
        key, separator, value = text.partition("=")
        if not separator or not key:
            raise input_error("--set", "must be KEY=VALUE", "VM008", value=text)
        found[key.strip()] = value.strip()
    return found
