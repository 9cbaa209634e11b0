"""A folder with the shipped scenarios, in which inputs are spoilt and commands refused."""

import hashlib
import re
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from command_line import run

import victimsmodel as vm
from victimsmodel.errors import InputError
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.returns.mapping_text import mapping_text

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

    def check(self, item, request):
        """Run what checks an item of a list, with the fixtures that it asks for by name."""
        asked = item.__code__.co_varnames[1 : item.__code__.co_argcount]
        item(self, **{name: request.getfixturevalue(name) for name in asked})

    def raises(self, function, *arguments, error=InputError, **named):
        """Return the message of a call that is refused, with all files left as they were."""
        before = tree(self.folder)
        with pytest.raises(error) as caught:
            function(*arguments, **named)
        assert tree(self.folder) == before
        assert caught.value.exit_status == error.exit_status
        return str(caught.value).replace(f"{self.folder}/", "")

    def refused_with(self, name, change):
        """Return what is said of the West Midlands while a file beside it is changed."""
        path = self.folder / "west-midlands" / name
        content = path.read_bytes()
        path.write_bytes(change(content))
        try:
            return self.raises(load_scenario, self.folder / "west-midlands.yaml")
        finally:
            path.write_bytes(content)


# Official crime data, returns and contact logs, by their rows


CRIME = (
    "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,"
    "Offence Code,Number of Offences\n"
)
LOG = "victim_id,channel,date,outcome,group\n"
RETURN = "Quarter,New referrals,Contacted,Supported\n"
QUARTERS = [f"Q{i} 2017/18,{100 + 10 * i},{50 + i},{20 + i}\n" for i in range(1, 5)]


def offences(count, force="Kent", code="28", quarter=1):
    return f"2019/20,{quarter},{force},Burglary,Theft,Domestic,{code},{count}\n"


def crime(desk, *rows, error=True):
    path = desk.file(CRIME + "".join(rows))
    return desk.raises(vm.load_recorded_crime, path) if error else vm.load_recorded_crime(path)


def log(desk, *rows, error=InputError, header=LOG):
    path = desk.file(header + "".join(f"{row}\n" for row in rows))
    return desk.raises(vm.load_contact_log, path, error=error) if error else vm.load_contact_log(path)


def returned(desk, text=None, path=None, **stated):
    """Read a return by the mapping that is proposed for it, and what else is stated in it."""
    return by_its_mapping(desk, path or desk.file(text), **stated)


def by_its_mapping(desk, path, **stated):
    mapping = desk.mapping
    lines = [f"{name}: {value}\n" for name, value in stated.items()]
    mapping.write_text("".join(lines) + mapping_text(vm.propose_mapping(path)))
    return vm.load_returns(path, mapping)


def workbook(desk, change=None, name="b.xlsx", rows=()):
    book = openpyxl.Workbook()
    for cells in rows or [row.strip().split(",") for row in (RETURN, *QUARTERS)]:
        book.active.append([int(cell) if cell.isdigit() else cell for cell in cells])
    if change:
        change(book.active)
    book.save(desk.folder / name)
    return desk.folder / name


def repacked(path, name, change):
    """Copy a workbook with its parts changed: by name, to new content."""
    target = path.with_name(name)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change.get(part, lambda same: same)(old.read(part)))
        for part in change.keys() - set(old.namelist()):
            new.writestr(part, change[part](b""))
    return target
