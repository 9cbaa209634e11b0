"""HTML and SVG as an intruder reads them: tables, words, attributes, scripts, comments and points."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from html import unescape
from io import StringIO

import pandas as pd

from victimsmodel.disclosure.found import Found, FoundPicture, FoundTable, FoundText, distinct
from victimsmodel.disclosure.plain_files import inlined_json, of_json_text
from victimsmodel.disclosure.points import drawn_values

_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_PARAGRAPH_ENDS = re.compile(
    r"</(p|li|td|th|div|text|tspan|h\d|summary|option|title|desc|dc:title)>|<br ?/?>", re.IGNORECASE
)
_OPENING = re.compile(r"<[a-zA-Z][\w:.-]*((?:\s+[\w:.-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))?)+)\s*/?>")
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))")
_SPOKEN = frozenset(["title", "alt", "aria-label", "aria-description", "content", "summary", "placeholder"])
_PICTURE = re.compile(r"data:image/(png|jpeg|jpg|gif|webp);base64,([A-Za-z0-9+/=\s]+)")
_INNER_SVG = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=\s]+)")
_NUMERIC = re.compile(r"-?\d[\d,.]*")


def of_markup(text: str, name: str) -> Iterator[Found]:
    """Yield all that a page or a drawing holds, seen or not."""
    if "<table" in text:
        yield from _tables(_UNSEEN.sub("", text), name)
    yield FoundText(name, _lines(text))
    yield FoundText(name, tuple(_bare(found) for found in _COMMENT.findall(text)))
    yield from _attributes(text, name)
    for settings, script in _SCRIPT.findall(text):
        if "json" in settings.lower():
            try:
                yield from of_json_text(unescape(script), name)
                continue
            except ValueError:
                pass
        yield from inlined_json(script, name)
    for kind, code in _PICTURE.findall(text):
        yield FoundPicture(f"{name}, picture ({kind})", hashlib.sha256(_bytes(code)).hexdigest())
    for code in _INNER_SVG.findall(text):
        yield from of_markup(_bytes(code).decode("utf-8", "replace"), name)
    if "<svg" in text:
        yield from (FoundTable(name, table) for table in drawn_values(text))


def _bytes(code: str) -> bytes:
    try:
        return base64.b64decode(code, validate=False)
    except (ValueError, binascii.Error):
        return b""


def _tables(text: str, name: str) -> Iterator[FoundTable]:
    try:
        tables = pd.read_html(StringIO(text), flavor="lxml", keep_default_na=False, displayed_only=False)
    except ValueError:  # a word like a tag, and no table
        return
    for table in tables:
        flat = table.copy()
        heads = [" ".join(map(str, n)) if isinstance(n, tuple) else str(n) for n in table.columns]
        flat.columns = pd.Index(distinct(heads))
        yield FoundTable(name, flat)


def _lines(markup: str) -> tuple[str, ...]:
    seen = _PARAGRAPH_ENDS.sub("\n", _COMMENT.sub("", _UNSEEN.sub("", markup)))
    return tuple(line for line in (_bare(line) for line in seen.splitlines()) if line)


def _bare(markup: str) -> str:
    return unescape(_SPACE.sub(" ", _TAG.sub("", markup))).strip()


def _attributes(text: str, name: str) -> Iterator[Found]:
    """Yield what attributes say in words, and those of data as tables: one for each set of names."""
    spoken: list[str] = []
    rows: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for opening in _OPENING.findall(_UNSEEN.sub("", text)):
        found = {key.lower(): unescape("".join(values)) for key, *values in _ATTRIBUTE.findall(opening)}
        spoken += [value for key, value in found.items() if key in _SPOKEN]
        data = {key[5:]: value for key, value in found.items() if key.startswith("data-")}
        if any(_NUMERIC.fullmatch(value) for value in data.values()):
            rows[tuple(sorted(data))].append(data)
    yield FoundText(name, tuple(spoken))
    yield from (FoundTable(name, pd.DataFrame(group, dtype=object)) for group in rows.values())
