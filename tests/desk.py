"""A folder with the shipped scenarios, in which inputs are spoilt and commands refused."""

import hashlib
import re
import shutil
from pathlib import Path

import pytest
from command_line import run

from victimsmodel.errors import InputError

PARAMETERS = Path(__file__).resolve().parents[1] / "parameters"
BASE = (PARAMETERS / "west-midlands.yaml").read_text()


def tree(folder):
    """Return the SHA-256 of every regular file below a folder, and the names of all else."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        if path.is_file() and path.stat().st_size < 10**8
        else "other"
        for path in folder.rglob("*")
    }


class Desk:
    """A folder with the shipped scenarios, in which inputs are spoilt and commands refused."""

    def __init__(self, folder):
        self.folder = folder / "files"
        self.mapping = folder / "m.yaml"
        shutil.copytree(PARAMETERS, self.folder)

    def file(self, content, name="x.csv"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def edited(self, *changes, name="x.yaml"):
        text = BASE
        for pattern, replacement in changes:
            text, n = re.subn(pattern, lambda _, r=replacement: r, text, count=1, flags=re.MULTILINE)
            assert n == 1, pattern
        return self.file(text, name)

    def refused(self, *arguments, status=2):
        """Return what a refused command says, with all files left as they were."""
        before = tree(self.folder)
        ran = run(self.folder, *map(str, arguments))
        assert ran.returncode == status, ran.stderr or ran.stdout
        assert tree(self.folder) == before
        return ran.stderr.strip().splitlines()

    def checked(self, content, name="x.yaml"):
        self.file(content, name)
        (line,) = self.refused("check", name)
        return line

    def raises(self, function, *arguments, error=InputError, **named):
        """Return the message of a call that is refused, with all files left as they were."""
        before = tree(self.folder)
        with pytest.raises(error) as caught:
            function(*arguments, **named)
        assert tree(self.folder) == before
        assert caught.value.exit_status == error.exit_status
        return str(caught.value).replace(f"{self.folder}/", "")
