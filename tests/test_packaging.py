"""Facts of the repository: three lists of packages agree, layers are complete, modules stay short."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "victimsmodel"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()
MOST_LINES = 320

#: name==version [; marker] and the hashes that stand below it
PIN = re.compile(
    r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ; ([^\\\n]+?))? \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE
)


def specifiers(texts):
    """Return the allowed versions by normalised name."""
    found = [Requirement(text) for text in texts]
    assert not any(requirement.marker or requirement.url or requirement.extras for requirement in found)
    by_name = {canonicalize_name(requirement.name): requirement.specifier for requirement in found}
    assert len(by_name) == len(found)
    return by_name


def required():
    extras = PROJECT["project"]["optional-dependencies"]
    assert list(extras) == ["dev", "cluster", "pdf"]
    return specifiers(
        [*PROJECT["project"]["dependencies"], *(text for extra in extras.values() for text in extra)]
    )


NOT_ON_CONDA_FORGE = ["axe-playwright-python", "playwright"]  # both named otherwise there, or not at all


def conda_lines():
    """What conda installs, and what it leaves to pip."""
    lines = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    (pip,) = [line["pip"] for line in lines if isinstance(line, dict)]
    return [line for line in lines if isinstance(line, str)], pip


def test_conda_and_pip_users_get_the_same_packages():
    conda, pip = conda_lines()
    found = specifiers([*conda, *pip[:-1]])
    python, _ = found.pop("python"), found.pop("pip")
    assert found == required()
    assert python == SpecifierSet(PROJECT["project"]["requires-python"])


def test_conda_leaves_to_pip_the_package_itself_and_what_it_does_not_have():
    _, pip = conda_lines()
    assert sorted(specifiers(pip[:-1])) == NOT_ON_CONDA_FORGE
    assert pip[-1] == "-e ."


def test_the_lock_pins_every_requirement_to_an_allowed_version():
    pins = {}
    for name, version, _, _ in PIN.findall(LOCK):
        pins.setdefault(canonicalize_name(name), []).append(Version(version))
    for name, allowed in required().items():
        assert pins.get(name), f"{name} is not in requirements.lock"
        assert all(version in allowed for version in pins[name]), (name, allowed, pins[name])


def test_every_pin_of_the_lock_has_a_hash_and_every_line_belongs_to_one():
    pins = PIN.findall(LOCK)
    assert len(pins) > len(required())
    for name, _, _, hashes in pins:
        lines = [line.strip(" \\") for line in hashes.splitlines()]
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in lines), name
    remainder = [
        line for line in PIN.sub("", LOCK).splitlines() if line.strip() and not line.startswith("    #")
    ]
    assert remainder == []


def test_a_package_is_pinned_more_than_once_only_for_different_environments():
    markers = {}
    for name, _, marker, _ in PIN.findall(LOCK):
        markers.setdefault(canonicalize_name(name), []).append(marker)
    for name, found in markers.items():
        assert len(set(found)) == len(found), name
        assert len(found) == 1 or all(found), name
        assert all(Marker(marker) for marker in found if marker)


def test_the_lock_names_no_address():
    for word in ("://", "index-url", "find-links", "file:", " @ "):
        assert word not in LOCK


def test_modules_stay_short():
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_the_layers_name_every_module_of_the_package():
    (contract,) = PROJECT["tool"]["importlinter"]["contracts"]
    named = [name.strip() for layer in contract["layers"] for name in layer.split("|")]
    modules = {f"victimsmodel.{path.stem}" for path in PACKAGE.glob("*.py")} - {"victimsmodel.__init__"}
    packages = {f"victimsmodel.{path.parent.name}" for path in PACKAGE.glob("*/__init__.py")}
    assert sorted(named) == sorted(modules | packages)


@pytest.mark.parametrize("command", ["make evaluate", "make test"])
def test_the_readme_shows_how_to_evaluate_and_how_to_test(command):
    target = command.removeprefix("make ")
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert command in (ROOT / "README.md").read_text()
