"""Text files that people wrote: opened with care, told apart by their bytes."""

from __future__ import annotations

import os
import re
from pathlib import Path

from victimsmodel.errors import input_error

MAX_BYTES = 1_000_000
#: What YAML does not allow in a file, so that the line can be named (its reader does not).
CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_text(path: Path, most_bytes: int = MAX_BYTES) -> str:
    """Return the text of a regular UTF-8 file of a sane size, without what YAML does not allow.

    Raises
    ------
    InputError
        VM001 or VM002, with the byte that is wrong and a guess at the encoding.
    """
    label = str(path)
    try:
        if not path.exists():
            raise input_error(label, "does not exist", "VM001")
        if not path.is_file():
            raise input_error(label, "must be a regular file", "VM001")
        size = path.stat().st_size
        raw = b"" if size > most_bytes else _bytes(path, most_bytes)
        if max(size, len(raw)) > most_bytes:
            stated = f"{size:,}" if size > most_bytes else f"more than {most_bytes:,}"
            raise input_error(label, f"is {stated} bytes; at most {most_bytes:,} are allowed", "VM001")
    except OSError as error:  # no permission, name too long, a share that is gone
        raise input_error(label, f"cannot be read: {error.strerror}", "VM001") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"{label}:{raw[: error.start].count(10) + 1}"  # 10 is the line feed
        allowed = f"must be UTF-8 text; byte {error.start} is not"
        raise input_error(where, allowed, "VM002", hint=_encoding_hint(raw)) from None
    control = CONTROL.search(text)
    if control:
        where = f"{label}:{text[: control.start()].count(chr(10)) + 1}"
        number = ord(control.group())
        noun = f"control character (U+{number:04X})" if number else "NUL byte"
        at = len(text[: control.start()].encode()) + 3 * raw.startswith(b"\xef\xbb\xbf")
        hint = _encoding_hint(raw) if not number and raw.count(0) * 4 >= len(raw) else ""
        raise input_error(where, f"must not hold a {noun} (byte {at})", "VM002", hint=hint)
    return text


def _bytes(path: Path, most_bytes: int) -> bytes:
    """Return the bytes up to one too many, without waiting: what /proc calls a file may never end."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb", buffering=0) as stream:
        parts = []
        left = most_bytes + 1
        while left > 0 and (part := stream.read(left)):
            parts.append(part)
            left -= len(part)
    return b"".join(parts)


def _encoding_hint(raw: bytes) -> str:
    """Guess what a file that is no UTF-8 text is."""
    if raw[:2] == b"PK" or raw[:2] == b"\x1f\x8b" or raw[:4] == b"\xd0\xcf\x11\xe0":
        return "It may be a workbook or an archive, not text."
    if raw[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        guess = "UTF-32"
    else:
        is_wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff") or raw.count(0) * 4 >= len(raw)
        guess = "UTF-16" if is_wide else "cp1252"
    return f"It may be {guess}: save it as UTF-8."
