"""A downloaded file as bytes: what kind it is, unpacked, and its text in one encoding."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path
from typing import NamedTuple

from victimsmodel.errors import input_error

#: Beyond this a table is refused rather than read into memory; the largest official table is 150 MB.
MOST_BYTES = 600_000_000

_UTF16 = {b"\xff\xfe": "UTF-16 (little-endian)", b"\xfe\xff": "UTF-16 (big-endian)"}
#: Beyond letters, what people type in cp1252; other signs show that the guess is wrong.
_TYPED_IN_CP1252 = frozenset("£€§©®°±²³¼½¾·«»–—‘’“”…• ×ºª´¨")
_QUOTE_INSIDE_WORD = re.compile(r"[^\W\d_][“”«»•][^\W\d_]")
_REFUSED = {
    b"\xd0\xcf\x11\xe0": "is an old .xls workbook or one with a password; save it as .xlsx without password",
    b"%PDF": "is a PDF, not a table; download the .csv, .xlsx or .ods file",
    b"7z\xbc\xaf": "is a 7z archive; unpack it first",
}


class TextFile(NamedTuple):
    """Text of a delimited file, as UTF-8 without byte-order mark."""

    content: bytes
    encoding: str  # as found


def read_bytes(path: Path) -> bytes:
    """Return the content of a regular file, unpacked if it is gzip.

    Raises
    ------
    InputError
        If it is missing, no regular file, empty, too large, damaged or of a kind that holds no table.
    """
    where = str(path)
    if not path.is_file():
        found = "is a folder, not a file" if path.is_dir() else "does not exist or is no regular file"
        raise input_error(where, found, "VM070")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise input_error(where, f"is larger than {MOST_BYTES // 10**6} MB; split it by year", "VM070")
        content = path.read_bytes()
        if content.startswith(b"\x1f\x8b"):
            with gzip.open(path) as stream:
                content = stream.read(MOST_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise input_error(where, "is a damaged gzip file; download it again", "VM070") from None
    except OSError as error:
        raise input_error(where, f"cannot be read: {error.strerror}", "VM070") from None
    if len(content) > MOST_BYTES:
        raise input_error(where, f"unpacks to more than {MOST_BYTES // 10**6} MB; split it by year", "VM070")
    if not content.strip():
        raise input_error(where, "is empty", "VM076")
    for start, found in _REFUSED.items():
        if content.startswith(start):
            raise input_error(where, found, "VM070")
    if content[:200].lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise input_error(where, "is a web page, not a table; download the file behind the link", "VM070")
    return content


def decoded(path: Path, content: bytes) -> TextFile:
    """Return the text of a file whatever of the usual encodings it is in.

    UTF-8 (with or without byte-order mark) and UTF-16 are certain; what is neither is taken for cp1252 if
    every character is one that is typed in it, and refused otherwise.
    """
    content, encoding = _as_utf8(str(path), content)
    if b"\x00" in content:
        allowed = f"is no text: it holds a NUL character (byte {content.index(bytes(1))})"
        raise input_error(str(path), allowed, "VM071", hint="Save it as CSV UTF-8.")
    if b"\n" not in content:  # lines end as on an old Macintosh
        content = content.replace(b"\r", b"\n")
    return TextFile(content, encoding)


def _as_utf8(where: str, content: bytes) -> tuple[bytes, str]:
    encoding = _UTF16.get(content[:2]) or _utf16_without_mark(content)
    if encoding:
        codec = "utf-16-le" if "little" in encoding else "utf-16-be"
        try:
            return content.decode(codec).removeprefix("\ufeff").encode(), encoding
        except UnicodeDecodeError as error:
            allowed = f"looks like {encoding} but breaks at byte {error.start}"
            raise input_error(where, allowed, "VM071", hint="Save it as CSV UTF-8.") from None
    try:
        marked = content.startswith(b"\xef\xbb\xbf")
        content = content.removeprefix(b"\xef\xbb\xbf")
        content.decode()
        return content, "UTF-8 with mark" if marked else "UTF-8"
    except UnicodeDecodeError as error:
        start = error.start
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        start, text = error.start, ""
    signs = {c for c in set(text) if not c.isascii() and not c.isalpha()} - _TYPED_IN_CP1252
    if not text or signs or _QUOTE_INSIDE_WORD.search(text):
        allowed = f"is neither UTF-8 nor UTF-16 nor cp1252 (byte {start}: {content[start : start + 1].hex()})"
        raise input_error(where, allowed, "VM071", hint="Save it as CSV UTF-8.")
    return text.encode(), "cp1252"


def _utf16_without_mark(content: bytes) -> str:
    """Guess from where the NUL bytes of plain letters stand."""
    head = content[:2000]
    if head.count(0) < len(head) // 3:
        return ""
    return "UTF-16 (little-endian)" if head[1::2].count(0) > head[::2].count(0) else "UTF-16 (big-endian)"
