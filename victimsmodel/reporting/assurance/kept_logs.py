"""Logs as files of a run folder, written again only over what nobody has edited."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from victimsmodel.errors import InputError, Problem
from victimsmodel.files import file_hash, write_whole

_WRITTEN = ".written.json"  # hashes of the logs as they were written, to notice edits
_CODE = "VM277"


def keep_logs(folder: Path, texts: Mapping[str, str]) -> None:
    """Write logs into a folder; refuse if someone edited one where it stands.

    Raises
    ------
    InputError
        VM277, naming each edited log; nothing is written.
    """
    stamp = folder / _WRITTEN
    try:
        before = dict(json.loads(stamp.read_text("utf-8")))
    except (OSError, ValueError):
        before = {}
    edited = [
        name
        for name, kept in before.items()
        if name in texts and (folder / name).is_file() and file_hash(folder / name) != kept
    ]
    if edited:
        hint = "Write it in <scenario>.qa.yaml beside the scenario, where it stays; remove this file."
        raise InputError(
            Problem(str(folder / name), "", "", "was edited, and would be overwritten", _CODE, hint)
            for name in edited
        )
    for name, text in texts.items():
        write_whole(folder / name, text.encode())
    kept = {name: file_hash(folder / name) for name in texts}
    write_whole(stamp, (json.dumps(kept, indent=1) + "\n").encode())
