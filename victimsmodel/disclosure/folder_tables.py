"""Every table and every text of a folder, as an intruder would read it."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pandas as pd

from victimsmodel.disclosure.found import Found, FoundPicture, FoundTable, FoundText, UnreadFile
from victimsmodel.disclosure.markup import of_markup
from victimsmodel.disclosure.office import of_parts, of_word, of_workbook
from victimsmodel.disclosure.plain_files import decoded, of_csv, of_json, of_json_text, of_text, of_yaml

NO_PDF_READER = "no program pdftotext (poppler) on this machine"
MOST_BYTES = 400_000_000  # of a file, in a folder or an archive
_DEEPEST = 4  # archives in archives
_SECONDS = 120  # for one PDF


def contents_of(path: Path, name: str) -> Iterator[Found]:
    """Yield the tables, texts and pictures of a file; what cannot be read is said.

    Parameters
    ----------
    path : Path
    name : str
        What the file is called in findings.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            yield UnreadFile(name, f"larger than {MOST_BYTES // 10**6} MB")
            return
        data = path.read_bytes()
    except OSError:
        yield UnreadFile(name, "cannot be opened")
        return
    yield from contents(data, path.name, name)


def contents(data: bytes, called: str, name: str, depth: int = 0) -> Iterator[Found]:
    """Yield what stands in the bytes of a file, by the end of its name; unknown ends are read as text."""
    if not data:
        return
    suffix = PurePosixPath(called).suffix.lower()
    try:
        if suffix in (".zip", ".gz"):
            yield from _archive(data, called, name, depth)
        else:
            yield from _READERS.get(suffix, _unknown)(data, name)
    except Exception:  # whatever a reader says of a damaged file: it was not read, and is named
        yield UnreadFile(name)


def _archive(data: bytes, called: str, name: str, depth: int) -> Iterator[Found]:
    if depth >= _DEEPEST:
        yield UnreadFile(name, "an archive too deep in archives")
        return
    if called.lower().endswith(".gz"):
        with gzip.open(io.BytesIO(data)) as packed:
            yield from contents(packed.read(MOST_BYTES), called[:-3], name, depth + 1)
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.infolist():
            where = f"{name}, {part.filename}"
            if part.flag_bits & 1 or part.file_size > MOST_BYTES:
                yield UnreadFile(where, "encrypted or too large")
            elif not part.is_dir():
                yield from contents(archive.read(part), part.filename, where, depth + 1)


def _parquet(data: bytes, name: str) -> Iterator[Found]:
    yield FoundTable(name, pd.read_parquet(io.BytesIO(data)))


def _feather(data: bytes, name: str) -> Iterator[Found]:
    yield FoundTable(name, pd.read_feather(io.BytesIO(data)))


def _notebook(data: bytes, name: str) -> Iterator[Found]:
    """Yield what cells say, their code too, and every form of their outputs."""
    import base64
    import json

    for cell in json.loads(decoded(data))["cells"]:
        source = "".join(cell.get("source", ""))
        reader = of_markup if cell.get("cell_type") == "markdown" and "<" in source else of_text
        yield from reader(source, name)
        attached = [kept for files in cell.get("attachments", {}).values() for kept in files.items()]
        for output in cell.get("outputs", ()):
            yield from of_text("".join(output.get("text", "")), name)
            yield from of_text("\n".join(output.get("traceback", ())), name)
            attached += output.get("data", {}).items()
        for kind, found in attached:
            if kind.startswith("image/") and kind != "image/svg+xml":
                content = hashlib.sha256(base64.b64decode("".join(found))).hexdigest()
                yield FoundPicture(f"{name}, picture ({kind[6:]})", content)
            elif not isinstance(found, (str, list)) or "json" in kind:
                yield from of_json(found, name)
            else:
                yield from (of_markup if "html" in kind or "svg" in kind else of_text)("".join(found), name)


def _pdf(data: bytes, name: str) -> Iterator[Found]:
    program = shutil.which("pdftotext")
    if program is None:
        yield UnreadFile(name, NO_PDF_READER)
        return
    try:
        done = subprocess.run(
            [program, "-layout", "-enc", "UTF-8", "-", "-"], input=data, capture_output=True, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        yield UnreadFile(name, "takes too long")
        return
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode or not text.strip():
        yield UnreadFile(name, "no text in it, or encrypted")
        return
    yield from of_text(text, name)
    yield FoundText(name, (" ".join(text.split()),))  # sentences that run over lines


def _picture(data: bytes, name: str) -> Iterator[Found]:
    yield FoundPicture(name, hashlib.sha256(data).hexdigest())


def _unknown(data: bytes, name: str) -> Iterator[Found]:
    if zipfile.is_zipfile(io.BytesIO(data)):
        yield from of_parts(data, name)
    else:
        yield from of_text(decoded(data), name)


def _of_words(reader: Callable[[str, str], Iterator[Found]]) -> Callable[[bytes, str], Iterator[Found]]:
    return lambda data, name: reader(decoded(data), name)


_READERS: dict[str, Callable[[bytes, str], Iterator[Found]]] = {
    ".parquet": _parquet,
    ".feather": _feather,
    **dict.fromkeys((".csv", ".tsv"), _of_words(of_csv)),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".ods"), of_workbook),
    **dict.fromkeys((".html", ".htm", ".svg", ".xml", ".xhtml"), _of_words(of_markup)),
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".geojson"), _of_words(of_json_text)),
    **dict.fromkeys((".yaml", ".yml"), _of_words(of_yaml)),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".tiff", ".bmp"), _picture),
    ".ipynb": _notebook,
    ".docx": of_word,
    ".pdf": _pdf,
}
