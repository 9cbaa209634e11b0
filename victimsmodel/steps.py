"""Steps of a run: what each was made from, what it wrote, and why it has to be made again.

A step is the tables of a stage or an executed notebook. Its *record*, a small file beside what it wrote,
names what it was made from and every file, all by SHA-256. A step stands if its record says what would be
said today and its files are what they were; nothing else decides whether something is made again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from victimsmodel.files import file_hash, write_whole
from victimsmodel.sealed import opened_text, sealed_text

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """One step of a run.

    Parameters
    ----------
    title : str
        As a user reads it, such as ``stage value``.
    folder : Path
        The run folder.
    record : str
        Path of its record in the run folder.
    made_from : mapping
        All that its files depend on, as SHA-256 or text, by words that "changed" can follow.
    """

    title: str
    folder: Path
    record: str
    made_from: Mapping[str, str]

    def keep(self, files: Mapping[str, str]) -> None:
        """Note the files that were written, by path in the run folder with their SHA-256.

        The files have to be on the disk already.
        """
        said = {"made_from": dict(self.made_from), "files": dict(files)}
        write_whole(self.folder / self.record, sealed_text(said).encode())

    def noted(self) -> dict[str, str] | None:
        """Return the files that were noted when it was last made, from whatever; None if none were."""
        try:
            return self._said()[1]
        except (OSError, ValueError, KeyError):
            return None

    def contents(self) -> dict[str, bytes] | None:
        """Return what its files hold if it stands, else None; say why if it stood once."""
        found, why = self._looked_at()
        if why:
            _LOG.info("%s is made again: %s", self.title, why)
        return found

    def stands(self) -> bool:
        """Whether nothing has to be made again."""
        return self._looked_at()[0] is not None

    def _said(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return what the record says: what the step was made from, and its files."""
        said = opened_text((self.folder / self.record).read_text("utf-8"))
        if not all(is_inside(name) for name in said["files"]):
            raise ValueError("names files outside the run folder")
        return said["made_from"], said["files"]

    def _looked_at(self) -> tuple[dict[str, bytes] | None, str]:
        """Return what its files hold, or None and why it does not stand; no reason if it never did."""
        try:
            before, files = self._said()
        except FileNotFoundError:
            return None, ""
        except (OSError, ValueError, KeyError):
            return None, f"{self.record} was changed by hand or damaged"
        others = [name for name, value in self.made_from.items() if before.get(name) != value]
        others += [name for name in before if name not in self.made_from]
        if others:
            return None, f"{' and '.join(others)} changed"
        return self._read(files)

    def _read(self, files: Mapping[str, str]) -> tuple[dict[str, bytes] | None, str]:
        found = {}
        for name, stated in files.items():
            try:
                found[name] = (self.folder / name).read_bytes()
            except OSError:
                return None, f"{name} is gone"
            if hashlib.sha256(found[name]).hexdigest() != stated:
                return None, f"{name} was changed by hand or damaged"
        return found, ""


def hashes(folder: Path, names: list[str]) -> dict[str, str]:
    """Return the SHA-256 of files of a folder, by name."""
    return {name: file_hash(folder / name) for name in names}


def is_inside(name: str) -> bool:
    """Whether a path stays in the folder that it is told from."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts
