"""Whatever stands in a file, readers end in a result or in an error that is meant for the user, and soon."""

import io
import random
import resource
import tempfile
import time
import zipfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import victimsmodel as vm
from victimsmodel.errors import VictimsModelError
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.returns.mapping_text import mapping_text
from victimsmodel.inputs.strict_yaml import plain, read_yaml
from victimsmodel.inputs.workbook.reading import read_workbook

PARAMETERS = Path(__file__).resolve().parents[1] / "parameters"
WORDS = "null true no .nan -.inf 1e400 010 25% 1,385,000 0x1F 12:30 2026-02-30 -1 1.5 !!int <<"
TOKENS = [
    *"-:,[]{}&*!|>'\"%@`#?~=+\\\t\x00\ufeff\u2028\u00a0\ud7ff",
    *WORDS.split(),
    "9" * 300, "a: b", "- -", "\n", "\n\n", "  ", "[" * 30, "<5", "NA", "=1+1", "Total", "46113", "''",
]  # fmt: skip
SECONDS = 1.0
MEGABYTES = 200

CRIME = (
    "Financial Year,Financial Quarter,Force Name,Offence Description,Offence Group,Offence Subgroup,"
    "Offence Code,Number of Offences\n2019/20,1,Kent,Burglary,Theft,Domestic,28,5\n"
    '2019/20,2,Kent,Burglary,Theft,Domestic,28,[x]\n2019/20,1,Essex,Arson,Damage,Arson,56,"1,007"\n'
)
LOG = (
    "victim_id,channel,date,outcome,group,minutes,reply_date\n7,phone,2026-04-01,no answer,a,2,\n"
    "7,phone,03/04/2026,reached,a,12,\n8,letter,2026-04-02,replied,b,,2026-04-09\n"
)
RETURN = "Quarter,New referrals,Contacted,Supported\n" + "".join(
    f"Q{i} 2017/18,{100 + 10 * i},{50 + i},{20 + i}\n" for i in range(1, 5)
)


def mutated(text, chance):
    """Return a text with a few of its words, lines or characters dropped, repeated, moved or replaced."""
    for _ in range(chance.randint(1, 4)):
        unit = chance.choice(["\n", " ", ",", ""])
        parts = text.split(unit) if unit else list(text)
        i = chance.randrange(len(parts)) if parts else 0
        match chance.randrange(5):
            case 0:
                parts[i : i + chance.randint(1, 3)] = []
            case 1:
                parts[i:i] = parts[i : i + chance.randint(1, 3)]
            case 2:
                parts[i : i + 1] = [chance.choice(TOKENS)]
            case 3:
                parts.insert(i, chance.choice(TOKENS))
            case _:
                chance.shuffle(parts[i : i + 4])
                parts[i : i + 2] = reversed(parts[i : i + 2])
        text = unit.join(parts)
    return text


def spoilt(content, chance):
    """Return bytes with some of them flipped, cut off or repeated."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        i = chance.randrange(len(data) or 1)
        match chance.randrange(3):
            case 0:
                data[i : i + 1] = bytes([chance.randrange(256)])
            case 1:
                data[i : i + chance.randint(1, 50)] = b""
            case _:
                data[i:i] = data[i : i + chance.randint(1, 50)]
    return bytes(data)


def encoded(text, chance):
    """Return text as bytes, mostly in UTF-8 and now and then spoilt."""
    codec = chance.choice(["utf-8"] * 8 + ["utf-16", "cp1252", "utf-8-sig"])
    content = text.encode(codec, errors="replace")
    return spoilt(content, chance) if chance.random() < 0.1 else content


def book_of(text):
    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append([int(cell) if cell.isdigit() else cell or None for cell in line.split(",")])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


INPUT_BOOK = "west-midlands-2015.yaml"


@cache
def books():
    """Return the workbooks that are spoilt, by name; made when they are first asked for."""
    made = {name: book_of(text) for name, text in {"crime": CRIME, "log": LOG, "return": RETURN}.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = vm.write_input_workbook(PARAMETERS / INPUT_BOOK, Path(folder) / "inputs.xlsx")
        return made | {"inputs": path.read_bytes()}


def repacked(content, chance):
    """Return a workbook of which one part is spoilt, lost or doubled."""
    parts = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    name = chance.choice([*parts, "xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"])
    match chance.randrange(4):
        case 0:
            del parts[name]
        case 1:
            parts[name] = spoilt(parts[name], chance)
        case _:
            parts[name] = mutated(parts[name].decode(), chance).encode(errors="replace")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for each, part in parts.items():
            archive.writestr(each, part)
    return stream.getvalue()


def workbook_bytes(name, chance):
    content = books()[name]
    return spoilt(content, chance) if chance.random() < 0.3 else repacked(content, chance)


SCENARIO = (PARAMETERS / "west-midlands-2015.yaml").read_text()
NATIONAL = (PARAMETERS / "national.yaml").read_text()


def scenario_text(chance):
    """Return a scenario that extends a shipped one, a shipped one, or text at random."""
    kind = chance.random()
    if kind < 0.7:
        return mutated(SCENARIO, chance)
    if kind < 0.9:
        lines = NATIONAL.splitlines()
        start = chance.randrange(len(lines))
        return mutated("\n".join(lines[start : start + 60]), chance)
    return " ".join(chance.choices(TOKENS, k=chance.randint(0, 40)))


def _returned(path):
    mapping = path.with_suffix(".map.yaml")
    mapping.write_text(mapping_text(vm.propose_mapping(path)), encoding="utf-8")
    return vm.load_returns(path, mapping)


def _loaded_inputs(path):
    return vm.load_input_workbook(path, path.with_name(INPUT_BOOK), accept_changed=True)


def _mapped(path):
    """Read the whole return by a mapping that is not its own."""
    path.with_name("r.csv").write_text(RETURN)
    return vm.load_returns(path.with_name("r.csv"), path)


MAPPING = """labels:
  New referrals: {stage: referred, unit: case}
  Contacted: {stage: contacted, unit: case}
  Supported: {stage: supported, unit: case}
period: 2017/18
"""

#: What is read: the ending of the file, its bytes by chance, and the reader.
READERS = {
    "yaml": ("yaml", lambda chance: encoded(scenario_text(chance), chance), lambda p: plain(read_yaml(p))),
    "scenario": ("yaml", lambda chance: encoded(scenario_text(chance), chance), load_scenario),
    "mapping": ("yaml", lambda chance: encoded(mutated(MAPPING, chance), chance), _mapped),
    "crime csv": ("csv", lambda chance: encoded(mutated(CRIME, chance), chance), vm.load_recorded_crime),
    "log csv": ("csv", lambda chance: encoded(mutated(LOG, chance), chance), vm.load_contact_log),
    "return csv": ("csv", lambda chance: encoded(mutated(RETURN, chance), chance), _returned),
    "crime xlsx": ("xlsx", lambda chance: workbook_bytes("crime", chance), vm.load_recorded_crime),
    "log xlsx": ("xlsx", lambda chance: workbook_bytes("log", chance), vm.load_contact_log),
    "return xlsx": ("xlsx", lambda chance: workbook_bytes("return", chance), _returned),
    "input workbook": ("xlsx", lambda chance: workbook_bytes("inputs", chance), read_workbook),
    "changed inputs": ("xlsx", lambda chance: workbook_bytes("inputs", chance), _loaded_inputs),
}

#: Inputs a reader in `make test`: 2,000 in all, few of those that are slow.
FEW = {
    "yaml": 1300, "scenario": 30, "mapping": 120, "crime csv": 150, "log csv": 200, "return csv": 40,
    "crime xlsx": 60, "log xlsx": 60, "return xlsx": 20, "input workbook": 12, "changed inputs": 8,
}  # fmt: skip
MANY = 50  # times as many in `make test-long`: 100,000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("fuzz")
    for file in PARAMETERS.rglob("*"):
        if file.is_file():
            target = made / file.relative_to(PARAMETERS)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    return made


def ends_well(folder, name, seed):
    """Read one input; the time that it took. Anything but an error for the user escapes."""
    ending, bytes_of, read = READERS[name]
    path = folder / f"x.{ending}"
    path.write_bytes(bytes_of(random.Random(f"{name}:{seed}")))
    start = time.process_time()
    with suppress(VictimsModelError):
        read(path)
    return time.process_time() - start


def warm(folder, name):
    """Load what is loaded on first use, which is no part of a reader's time."""
    for seed in range(-9, 0):
        ends_well(folder, name, seed)


def _memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("name", READERS)
def test_any_file_is_read_or_refused_within_a_second(folder, name):
    warm(folder, name)
    before = _memory()

    @settings(
        max_examples=FEW[name], deadline=None, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    @given(seed=st.integers(0, 2**63))
    def check(seed):
        assert ends_well(folder, name, seed) < SECONDS

    check()
    assert _memory() - before < MEGABYTES


@pytest.mark.long
@pytest.mark.parametrize("name", READERS)
def test_many_files_are_read_or_refused_within_a_second(folder, name):
    warm(folder, name)
    before = _memory()
    for seed in range(MANY * FEW[name]):
        assert ends_well(folder, name, seed) < SECONDS, seed
    assert _memory() - before < MEGABYTES
