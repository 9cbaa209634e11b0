"""The documentation: what it shows runs and prints what it says; it names every code, function and figure."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

import victimsmodel as vm

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "victimsmodel"
PAGES = ("consultant", "analyst", "developer")
#: What a new user has, as far as commands of the pages need it.
CLONE = ("victimsmodel", "notebooks", "parameters", "examples", "tools", "Makefile", "requirements.lock")
#: Whole evaluations are run in the tiny profile here; the pages show the quick one.
TINY = {"make evaluate": "PROFILE=tiny", "victimsmodel evaluate": "--profile tiny"}
#: Words of what takes longer than a few seconds: run by the long tests only.
SLOW = (
    "evaluate",
    "simulate",
    "sweep",
    "levers",
    "plan",
    "calibrate",
    "method_curve",
    '"demand")',
    '"value")',
)
FENCE = re.compile(r"^```(\{code-block\} )?(\w+)\n(?::caption: (\S+)\n\n)?(.*?)^```$", re.M | re.S)
LOADED = re.compile(r"""<(?:script|img|iframe)[^>]+src="(?:https?:)?//|<link[^>]+href="(?:https?:)?//""")
DRAWN = re.compile(r'<figure class="drawn"><img src="([^"]+)" alt="([^"]+)"')


class Block(NamedTuple):
    """A fenced block of a page: a file to write, commands, or Python; and what is printed."""

    kind: str
    caption: str
    text: str
    line: int


def blocks_of(page):
    text = (DOCS / f"{page}.md").read_text()
    return [
        Block(found[2], found[3] or "", found[4], text[: found.start()].count("\n") + 1)
        for found in FENCE.finditer(text)
    ]


def steps_of(page):
    """Return what is done in order: (line, code, shown output or None); files are code that writes them."""
    blocks = blocks_of(page)
    steps = []
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        if block.caption:
            code = f"from pathlib import Path\nPath({block.caption!r}).write_text({block.text!r})"
            steps.append((block.line, code, ""))
        elif block.kind == "console":
            for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                steps.append((block.line, f"$ {command}", shown))
        elif block.kind == "python":
            shown = (
                following.text if following and (following.kind, following.caption) == ("text", "") else None
            )
            steps.append((block.line, block.text, shown))
    return steps


def is_slow(code):
    return any(word in code for word in SLOW)


def as_run(code):
    """Return a command of a page as it is run here."""
    for start, tiny in TINY.items():
        code = f"{code} {tiny}" if code.startswith(f"$ {start}") else code
    return code


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """Return a folder as a clone has it after `make setup`, with the environment that runs these tests."""
    folder = tmp_path_factory.mktemp("clone") / "victimsmodel"
    folder.mkdir()
    for name in CLONE:
        whole = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        whole(ROOT / name, folder / name)
    environment = folder / ".venv"
    environment.mkdir()
    for name in ("bin", "lib", "include", "pyvenv.cfg"):
        (environment / name).symlink_to(Path(sys.prefix) / name)
    (environment / ".ready").touch()  # newer than the lock: nothing is set up again
    return folder


@pytest.fixture(scope="module")
def surroundings(clone):
    path = f"{clone / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(clone), "COLUMNS": "200"}


def printed(code, folder, surroundings):
    """Run a command, or Python, in a folder; return all that it printed."""
    run = as_run(code)
    command = ["sh", "-c", run[2:]] if run.startswith("$ ") else [sys.executable, "-c", run]
    done = subprocess.run(
        command, cwd=folder, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    is_refusal = bool(re.search(r"\[VM\d{3}\]$", done.stdout.strip()))
    assert done.returncode == 0 or is_refusal, f"{run}\n{done.stdout}"
    return done.stdout


def same(shown, found):
    """Tell whether what was printed is what a page shows; an ellipsis stands for anything."""
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(shown, found, options)


def follow(page, clone, surroundings, is_wanted):
    followed = 0
    for line, code, shown in steps_of(page):
        if not is_wanted(code):
            continue
        found = printed(code, clone, surroundings)
        if shown is not None and code.startswith("$ "):
            shown = shown or found  # nothing is said about what it prints
        assert shown in (None, "") or same(shown, found), f"{page}.md:{line}\n{code}\n{found}"
        followed += 1
    return followed


# ------------------------------------------------------------------------------------------------
# The ways in


@pytest.mark.parametrize("page", PAGES)
def test_what_is_quick_in_a_way_in_runs_and_prints_what_the_page_shows(page, clone, surroundings):
    assert follow(page, clone, surroundings, lambda code: not is_slow(code)) >= 2


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES)
def test_a_way_in_runs_from_its_first_line_to_its_last(page, clone, surroundings):
    (clone / "mapping.yaml").unlink(missing_ok=True)  # the quick test made it: it is never overwritten
    assert follow(page, clone, surroundings, lambda code: True) == len(steps_of(page))


@pytest.mark.long
def test_an_evaluation_makes_every_file_that_the_consultant_is_promised(clone, surroundings):
    done = printed("$ make evaluate SCENARIO=examples/kent/kent.yaml", clone, surroundings)
    folder = clone / Path(re.search(r"^Report: (.+)$", done, re.MULTILINE)[1]).parent
    promised = re.findall(r"^\| `([\w./]+)` \|", (DOCS / "consultant.md").read_text(), re.MULTILINE)
    assert len(promised) >= 5
    assert [name for name in promised if not (folder / name).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_what_python_prints_on_a_page_is_shown_with_its_numbers(page):
    blocks = blocks_of(page)
    for block, following in pairwise(blocks):
        if block.kind == "python" and following.kind == "text":
            assert not re.search(r"(^|\s)\.\.\.%?\s", following.text), f"{page}.md:{following.line}"


def test_every_target_of_make_that_pages_name_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in [ROOT / "README.md", *DOCS.glob("*.md")]:
        named = set(re.findall(r"`make ([a-z-]+)[ `]", path.read_text()))
        assert named <= targets, path.name


# ------------------------------------------------------------------------------------------------
# Nothing is left out


def codes_in(text):
    return set(re.findall(r"\bVM\d{3}\b", text))


def test_every_code_of_an_error_has_a_line_and_every_line_a_code():
    used = {code for path in PACKAGE.rglob("*.py") for code in codes_in(path.read_text())}
    lines = re.findall(r"^\| (VM\d{3}) \| (.+) \| (.+) \|$", (DOCS / "errors.md").read_text(), re.MULTILINE)
    described = [code for code, *_ in lines]
    assert sorted(described) == sorted(used)
    assert len(described) == len(set(described))
    assert all(meaning.endswith(".") and mend.endswith(".") for _, meaning, mend in lines)


def test_codes_that_pages_name_exist():
    known = codes_in((DOCS / "errors.md").read_text())
    for path in DOCS.glob("*.md"):
        if path.name != "decisions.md":  # it also tells of codes that went
            assert codes_in(path.read_text()) <= known, path.name


def test_every_public_name_stands_on_one_page_of_functions():
    pages = [path.read_text() for path in (DOCS / "api").glob("*.rst")]
    homes = [
        home for text in pages for line in re.findall(r"public-names:: (.+)", text) for home in line.split()
    ]
    for name, home in vm._HOMES.items():
        assert sum(f"{home}.".startswith(f"{one}.") for one in homes) == 1, name


def test_every_figure_stands_in_the_gallery_or_is_named_as_not_drawn():
    gallery = (DOCS / "gallery.md").read_text()
    assert [name for name in vm.__all__ if name.startswith("plot_") and f"vm.{name}" not in gallery] == []


def test_the_picture_of_the_readme_is_small():
    (picture,) = re.findall(r"!\[.+\]\((docs/images/.+\.png)\)", (ROOT / "README.md").read_text())
    assert (ROOT / picture).stat().st_size < 150_000


def test_the_readme_fits_a_screen_and_its_links_lead_somewhere():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 50
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / link).exists(), link


# ------------------------------------------------------------------------------------------------
# The built pages


def build(target, *options):
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    command += ["-d", str(target / "doctrees"), *options, str(DOCS), str(target / "html")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target / "html"


@pytest.mark.long
def test_the_pages_build_without_a_warning_and_ask_nothing_of_the_network(tmp_path):
    html = build(tmp_path)
    drawn = DRAWN.findall((html / "gallery.html").read_text())
    assert len(drawn) >= 25
    assert all((html / src).is_file() and len(alt) > 40 for src, alt in drawn)
    for page in html.rglob("*.html"):
        assert not LOADED.search(page.read_text()), page.name
    for sheet in html.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", sheet.read_text()), sheet.name


@pytest.mark.long
def test_search_works_from_a_folder(tmp_path):
    playwright = pytest.importorskip("playwright.sync_api")
    browser_path = shutil.which("chromium")
    if browser_path is None:
        pytest.skip("no chromium on this machine")
    html = build(tmp_path, "-D", "draw_figures=0")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page()
        asked, errors = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{(html / 'search.html').as_uri()}?q=heterogeneity")
        page.wait_for_selector("#search-results li")
        results = page.inner_text("#search-results")
        browser.close()
    assert "The model as built" in results
    assert errors == []
    assert all(url.startswith(("file:", "data:")) for url in asked)
