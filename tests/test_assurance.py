"""A run is a draft on every page until it is signed off, and again after any change."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pandas as pd
import pytest
from command_line import run as command

from victimsmodel.appraisal.compare import compare_options, incremental
from victimsmodel.appraisal.outcomes import measures_by_run
from victimsmodel.appraisal.replications import simulate
from victimsmodel.assuring import (
    assurance_of,
    refresh_pages,
    sign,
    start_entries,
    write_assurance,
)
from victimsmodel.batches import write_index
from victimsmodel.demand.victims import estimate_demand
from victimsmodel.errors import InputError
from victimsmodel.files import file_hash
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.inputs.qa_entries import QaEntries
from victimsmodel.kept_runs import marked_manifest, open_kept_run, origin_of, stale_reasons
from victimsmodel.kept_tables import write_table
from victimsmodel.profiles import PROFILES
from victimsmodel.reporting import tables as reported
from victimsmodel.reporting.assurance.basis import Basis
from victimsmodel.reporting.assurance.logs import assumptions_log
from victimsmodel.reporting.assurance.sign_off import is_same_person
from victimsmodel.reporting.assurance.stress import SECTIONS, stress_sheet
from victimsmodel.reporting.handouts import write_handouts
from victimsmodel.reporting.marks import DRAFT
from victimsmodel.runs import _template_hashes, evaluate
from victimsmodel.stages import run_key

PARAMETERS = Path(__file__).resolve().parents[1] / "parameters"
SMALL = {"demand.victims_per_year": "2100", "staff.contact_officer.fte": "0.25"}
SIGNERS = {"analyst": "Ann Analyst", "assurer": "Ben Assurer"}
SUNSET = "2099-12-31"
HEADS = ("oddHeader", "firstHeader", "evenHeader")


def tables_of(scenario):
    """Return the tables without which there is no report, of two draws."""
    result = simulate(scenario, ["business_as_usual", "phone_first"], n_draws=2, n_replications=1)
    runs = measures_by_run(result, scenario)
    comparison = compare_options(result, scenario, runs=runs)
    return {
        "demand_summary": reported.demand_summary(estimate_demand(scenario, n_draws=10)),
        "funnel_summary": reported.counts_summary(result.funnel, "stage"),
        "exits_summary": reported.counts_summary(result.exits, "exit"),
        "waits_summary": reported.waits_summary(result.waits),
        "staff_use": reported.staff_use(result),
        "costs_summary": reported.costs_summary(result, scenario),
        "comparison": comparison,
        "incremental": incremental(comparison),
        "group_coverage": reported.group_coverage(result),
        "assumptions": reported.assumptions(scenario).head(30),
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return a folder with parameters and a finished run, as an evaluation leaves them."""
    home = tmp_path_factory.mktemp("project")
    shutil.copytree(PARAMETERS, home / "parameters")
    file = home / "parameters" / "west-midlands.yaml"
    scenario = load_scenario(file, SMALL)
    key = run_key(scenario, "tiny", 1)
    folder = home / "outputs" / f"{scenario.name}-{key[:12]}"
    for name, table in tables_of(scenario).items():
        write_table(table, folder, name)
    manifest = {
        "run_id": key[:12], "key": key, "scenario": scenario.name, "scenario_file": file.name,
        **origin_of(file, SMALL, scenario, folder), "templates": _template_hashes(), "overrides": SMALL,
        "profile": "tiny", "seed": 1, "n_draws": PROFILES["tiny"].n_draws,
        "n_replications": PROFILES["tiny"].n_replications, "created": "2026-11-22T12:00:00+00:00",
        "version": "0.1.0", "python": "3.11.7", "libraries": {"numpy": "2.4.6"}, "assurance": None,
        "timings_seconds": {"pathway": 1.5}, "agreement": {"largest_z": 3.2, "n": 1920, "limit": 5.0},
    }  # fmt: skip
    write_handouts(folder, scenario, manifest)
    manifest["word"] = file_hash(folder / "report.docx")
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".docx"]
    manifest["files"] = {path.relative_to(folder).as_posix(): file_hash(path) for path in paths}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="module")
def signed_project(project, tmp_path_factory):
    """Return the same, signed off."""
    home = tmp_path_factory.mktemp("signed")
    shutil.copytree(project.parents[1], home, dirs_exist_ok=True)
    folder = home / "outputs" / project.name
    sign(folder, SUNSET, checked=["Followed one month by hand"], **SIGNERS)
    return folder


def copied(folder, home):
    shutil.copytree(folder.parents[1], home / "p")
    return home / "p" / "outputs" / folder.name


@pytest.fixture
def run(project, tmp_path):
    return copied(project, tmp_path)


@pytest.fixture
def signed(signed_project, tmp_path):
    return copied(signed_project, tmp_path)


def entries_of(run):
    return run.parents[1] / "parameters" / "west-midlands.qa.yaml"


def pages_that_say(run, word):
    """Return, by file, how many of its kinds of page say a word, and how many there are."""
    html = (run / "report.html").read_text()
    band = re.search(r'<aside class="band".*?</aside>', html)[0]
    margin = re.search(r'@page \{ @top-left \{ content: "(.*?)"', html)[1]
    sections = docx.Document(str(run / "report.docx")).sections
    heads = [section.header for section in sections]
    heads += [s.first_page_header for s in sections if s.different_first_page_header_footer]
    texts = ["\n".join(p.text for p in head.paragraphs) for head in heads]
    book = openpyxl.load_workbook(run / "workbook.xlsx")
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    above = [sheet.oddHeader.center.text or "" for sheet in sheets]
    first = [str(sheets[0]["A2"].value)]
    assert not any(sheet.HeaderFooter.differentFirst for sheet in sheets)
    found = {"html": [band, margin], "word": texts, "sheets": above, "front": first}
    return {name: (sum(word in text for text in said), len(said)) for name, said in found.items()}


# ------------------------------------------------------------------------------------------------
# DRAFT on every page, until it is signed off


def test_every_page_of_a_run_that_nobody_signed_says_draft(project):
    found = pages_that_say(project, "DRAFT: not signed off")
    assert all(said == n for said, n in found.values()), found
    assert found["word"][1] >= 3  # pages upright and on their side, and the cover
    assert found["sheets"][1] > 10
    # in print: the margin of every page, and across it for browsers that know no margins
    assert '.draft::after { content: "DRAFT"; position: fixed;' in (project / "report.html").read_text()


def test_no_page_says_draft_once_the_run_is_signed_off(signed_project):
    found = pages_that_say(signed_project, "DRAFT")
    assert all(said == 0 for said, _ in found.values()), found
    assert all(said == n for said, n in pages_that_say(signed_project, "ssured").values())
    text = (signed_project / "report.html").read_text()
    assert '<body class="assured">' in text
    assert "analyst: Ann Analyst. Holds until 31 December 2099." in text
    assert assurance_of(signed_project).is_assured
    assert stale_reasons(open_kept_run(signed_project)) == []
    told = json.loads((signed_project / "manifest.json").read_text())["assurance"]
    assert told["assurer"] == "Ben Assurer"


def test_one_changed_cell_brings_draft_back(signed):
    path = signed / "tables" / "comparison.parquet"
    table = pd.read_parquet(path)
    table.loc[0, "estimate"] += 1
    table.to_parquet(path, index=False, compression="zstd")
    found = write_assurance(signed)
    assert not found.is_assured
    assert found.found.reasons[0] == "tables are not as they were signed: comparison.parquet"
    said = pages_that_say(signed, "DRAFT")
    assert all(n_said == n for n_said, n in said.values()), said


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


CHANGES = {
    "a cell of a CSV": (
        lambda run: edit(run / "tables" / "comparison.csv", "business_as_usual", "Business_as_usual"),
        "tables are not as they were signed: comparison.csv",
    ),
    "a table more": (
        lambda run: (run / "tables" / "more.csv").write_text("a\n1\n"),
        "tables are not as they were signed: more.csv",
    ),
    "the scenario": (
        lambda run: edit(run.parents[1] / "parameters" / "west-midlands.yaml", "fte: 20", "fte: 21"),
        "west-midlands.yaml has changed since",
    ),
    "a source": (
        lambda run: edit(run.parents[1] / "parameters" / "sources.yaml", "2018", "2017"),
        "sources.yaml has changed since",
    ),
    "the page": (
        lambda run: edit(run / "report.html", "Summary", "summary"),
        "files of the run itself were changed or removed",
    ),
    "the entries": (
        lambda run: entries_of(run).write_text("purpose: Another\n"),
        "what people wrote down for the logs has changed since",
    ),
    "the sign-off": (
        lambda run: edit(run / "qa" / "sign-off.json", "Ben Assurer", "Ann Assurer"),
        "qa/sign-off.json cannot be read, or was edited by hand",
    ),
    "the sign-off, broken": (
        lambda run: (run / "qa" / "sign-off.json").write_text("[]"),
        "qa/sign-off.json cannot be read, or was edited by hand",
    ),
    "no sign-off": (lambda run: (run / "qa" / "sign-off.json").unlink(), "nobody has signed it off"),
    "the run": (
        lambda run: edit(run / "manifest.json", '"key": "', '"key": "f'),
        "the sign-off was given for another run",
    ),
    "what the run says of itself": (
        lambda run: edit(run / "manifest.json", '"seed": 1', '"seed": 2'),
        "its manifest.json was changed by hand",
    ),
    "the code": (
        lambda run: edit(run / "manifest.json", '"code": "', '"code": "f'),
        "the package has changed since",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_sign_off_is_void_after_any_change(signed, name):
    change, reason = CHANGES[name]
    assert assurance_of(signed).is_assured
    change(signed)
    found = assurance_of(signed)
    assert not found.is_assured
    assert reason in found.found.reasons
    assert marked_manifest(found.run)["mark"] == DRAFT  # what `word` writes


def test_a_sign_off_holds_up_to_its_sunset_date(signed_project):
    assert assurance_of(signed_project, date(2099, 12, 31)).is_assured
    found = assurance_of(signed_project, date(2100, 1, 1))
    assert found.found.reasons == ("its sunset date, 31 December 2099, has passed",)


def test_the_list_of_runs_says_which_are_signed_off(signed_project, project):
    for folder, band in ((signed_project, "Assured by"), (project, "DRAFT: not signed off")):
        text = write_index(folder.parent).read_text()
        assert band in re.search(r'<aside class="band".*?</aside>', text)[0]
        (folder.parent / "index.html").unlink()


def test_a_manifest_as_it_is_read_never_vouches_for_a_run(signed_project):
    kept = open_kept_run(signed_project)
    page = Path(signed_project.parent / "again")
    shutil.copytree(signed_project, page)
    write_handouts(page, kept.scenario, {**kept.manifest, "mark": {"is_draft": False}}, keeps_word=True)
    assert "DRAFT: not signed off" in (page / "report.html").read_text()
    shutil.rmtree(page)


def test_a_sign_off_that_was_cut_short_is_completed_by_the_next_command(signed, project):
    shutil.copy(project / "report.html", signed / "report.html")  # killed after the sign-off was written
    shutil.copy(project / "manifest.json", signed / "manifest.json")
    (signed / "workbook.xlsx").unlink()
    assert not assurance_of(signed).is_assured
    assert write_assurance(signed).is_assured
    assert assurance_of(signed).is_assured
    assert all(said == 0 for said, _ in pages_that_say(signed, "DRAFT").values())


def test_a_word_file_that_someone_edited_is_left_alone(run):
    path = run / "report.docx"
    path.write_bytes(path.read_bytes() + b" ")
    before = path.read_bytes()
    found = sign(run, SUNSET, **SIGNERS)
    assert found.notes == (
        "report.docx was edited and is left as it is; victimsmodel word RUN writes it anew.",
    )
    assert path.read_bytes() == before
    assert found.is_assured


@pytest.mark.long
def test_every_page_of_a_pdf_says_draft(run):
    pytest.importorskip("weasyprint", reason="WeasyPrint is not installed", exc_type=ImportError)
    import subprocess

    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    from victimsmodel.reporting.pdf import write_pdf

    path = write_pdf(run)
    text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
    pages = text.split("\f")[:-1]
    assert len(pages) > 5
    assert all("DRAFT: not signed off" in page for page in pages)


def test_pages_of_a_run_whose_sign_off_ended_are_drafts_before_they_are_printed(signed):
    (signed / "qa" / "sign-off.json").unlink()
    refresh_pages(signed)  # what `pdf` does first
    assert all(said == n for said, n in pages_that_say(signed, "DRAFT").values())
    assert stale_reasons(open_kept_run(signed)) == []


@pytest.mark.long
def test_an_evaluation_made_again_is_assured_if_its_tables_are_the_same_and_a_draft_if_not(tmp_path):
    shutil.copytree(PARAMETERS, tmp_path / "parameters")
    file, out = tmp_path / "parameters" / "west-midlands.yaml", tmp_path / "outputs"
    given = {"overrides": SMALL, "profile": "tiny", "out": out}
    folder = evaluate(file, **given).folder
    assert all(said == n for said, n in pages_that_say(folder, "DRAFT").values())
    sign(folder, SUNSET, **SIGNERS)
    assert not evaluate(file, **given).is_new
    (folder / "report.html").unlink()
    again = evaluate(file, **given)
    assert again.is_new
    assert assurance_of(folder).is_assured
    assert all(said == 0 for said, _ in pages_that_say(folder, "DRAFT").values())
    entries_of(folder).write_text("purpose: Another\n")
    assert evaluate(file, **given).is_new
    assert all(said == n for said, n in pages_that_say(folder, "DRAFT").values())


# ------------------------------------------------------------------------------------------------
# Who signs, and when


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Ann Smith", "ann  SMITH", True),
        ("A. B. Smith", "AB Smith", True),
        ("Zoe\u0308 Li", "Zo\u00eb Li", True),
        ("Ann Smith", "Anne Smith", False),
    ],
)
def test_one_person_is_told_from_another_by_the_letters_of_the_name(first, second, same):
    assert is_same_person(first, second) is same


def test_everything_that_stands_against_a_sign_off_is_told_at_once_and_nothing_is_written(run):
    before = {path: file_hash(path) for path in run.rglob("*") if path.is_file()}
    edit(run.parents[1] / "parameters" / "sources.yaml", "2018", "2017")
    done = command(
        run.parents[1], "qa", run, "--sign", "--analyst", "A Smith", "--assurer", "a. smith", "--sunset",
        "2026-01-31",
    )  # fmt: skip
    today = date.today().isoformat()
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"{run}: cannot be signed off: sources.yaml has changed since. Evaluate its scenario again. [VM278]",
        "victimsmodel qa: --assurer = a. smith: must be another person than the analyst. [VM278]",
        f"victimsmodel qa: --sunset = 2026-01-31: must be after today, {today}. [VM278]",
    ]
    assert {path: file_hash(path) for path in run.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"analyst": ""}, "--analyst: is missing: who did the analysis, and who assures it"),
        ({"assurer": " "}, "--assurer: is missing: who did the analysis, and who assures it"),
        ({"assurer": "Ben\nAssurer"}, "--assurer: must be one line of visible characters"),
        ({"sunset": "30/11/2027"}, "--sunset = 30/11/2027: must be an ISO date that exists"),
        ({"sunset": "2027-02-30"}, "--sunset = 2027-02-30: must be an ISO date that exists"),
    ],
)
def test_a_sign_off_names_two_people_and_a_date(project, changes, message):
    with pytest.raises(InputError) as error:
        sign(project, **{"sunset": SUNSET, **SIGNERS, **changes})
    assert message in str(error.value)
    assert str(error.value).endswith("[VM278]")
    assert not (project / "qa" / "sign-off.json").exists()


def test_commands_that_do_not_go_together_are_refused(project):
    done = command(project, "qa", ".", "--check", "--sign")
    assert done.stderr == (
        "victimsmodel qa: --check, --start, --sign: can only be used one at a time. [VM278]\n"
    )
    done = command(project, "qa", ".", "--analyst", "A")
    assert done.returncode == 2
    assert "belong to a sign-off. Add --sign to sign the run off. [VM278]" in done.stderr


def test_what_requires_assurance_ends_with_status_3_until_there_is_one(project, signed_project):
    done = command(project, "qa", ".", "--check")
    assert done.returncode == 3
    assert done.stderr == ".: is not assured: nobody has signed it off. [VM279]\n"
    assert command(signed_project, "qa", ".", "--check").returncode == 0
    asked = ["evaluate", "parameters/west-midlands.yaml", "--require-assured", "--profile", "tiny"]
    asked += [word for name, value in SMALL.items() for word in ("--set", f"{name}={value}")]
    home = signed_project.parents[1]
    done = command(home, *asked)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing has changed since this evaluation was made." in done.stdout
    done = command(home, *asked, "--seed", "2", "--out", "other")
    assert done.returncode == 3
    assert "is not assured: there is no finished run of these inputs, with this code. [VM279]" in done.stderr
    assert not (home / "other").exists()


# ------------------------------------------------------------------------------------------------
# Logs


ENTRIES = """\
purpose: Which contact methodology to commission from April
roles:
  commissioner: Office of the Commissioner
  analyst: Ann Analyst
  assurer: Ben Assurer
assumptions:
  demand.need:
    reliability: medium
    when: 2026-10-01
    why: "=HYPERLINK(1)"
    who: Ann Analyst
    signed_off_by: Steering group
decisions:
  against:
    why: The contract in force
  two_years:
    what: Two years of data were used
data:
  sources.yaml:
    reliability: high
checks:
  - what: Followed twenty referrals
    result: all agree
    when: 2026-10-02
    who: Ben Assurer
stress:
  "5.4": Run on a laptop
"""


def log_of(run, name):
    return pd.read_csv(run / "qa" / f"{name}.csv", keep_default_na=False, dtype=str)


def test_the_logs_hold_every_input_and_what_people_wrote_through_every_run(run):
    entries_of(run).write_text(ENTRIES)
    for _ in range(2):  # written again, they are the same
        found = write_assurance(run)
        log = log_of(run, "assumptions").set_index("name")
        need = log.loc["demand.need"]
        assert len(log) == 30
        assert (need["reliability"], need["when"], need["who"]) == ("medium", "2026-10-01", "Ann Analyst")
        assert need["signed_off_by"] == "Steering group"
        assert need["why"] == "'=HYPERLINK(1)"  # never a formula
        assert log.loc["demand.crime_types.violence.need", "reliability"].startswith("D: another")
        assert (log["who"] == "Ann Analyst").all()
    decisions = log_of(run, "decisions").set_index("name")
    assert decisions.loc["against", "why"] == "The contract in force"
    assert decisions.loc["two_years", "what"] == "Two years of data were used"
    assert decisions.loc["set.demand.victims_per_year", "what"].startswith("demand.victims_per_year = 2100")
    assert decisions.loc["grant", "what"] == "Grant of £948,920"
    data = log_of(run, "data").set_index("name")
    assert data.loc["sources.yaml", "reliability"] == "high"
    assert data.loc["sources.yaml", "version"] == file_hash(PARAMETERS / "sources.yaml")[:12]
    checks = log_of(run, "qa")
    assert "largest of 1,920 differences: 3.2 standard errors; 5 are allowed" in set(checks["result"])
    assert checks.iloc[-1]["what"] == "Followed twenty referrals"
    assert not any(point.startswith(("purpose", "roles", "checks")) for point in found.open_points)
    assert "*Added:* Run on a laptop" in (run / "qa" / "stress-des.md").read_text()


def test_the_effect_of_an_input_is_that_of_the_sensitivity_run(project):
    kept = open_kept_run(project)
    pair = {"option": "phone_first", "against": "business_as_usual"}
    tables = {
        "assumptions": kept.table("assumptions"),
        "ranked_inputs": pd.DataFrame(
            [
                {**pair, "input": "demand.need", "index": 0.42, "is_clear": True},
                {**pair, "input": "demand.victims_per_year", "index": 0.01, "is_clear": False},
            ]
        ),
        "switching": pd.DataFrame(
            [
                {**pair, "input": "demand.need", "switches_at": 0.22, "better": "above",
                 "probability_past": 0.12, "is_clear": True}
            ]
        ),
        "tornado": pd.DataFrame(
            [{**pair, "input": "demand.need", "at_low": 100.0, "at_high": 900.0, "central": 500.0}]
        ),
    }  # fmt: skip
    log = assumptions_log(Basis(tables, kept.scenario, kept.manifest, QaEntries()))
    assert log["name"].iloc[0] == "demand.need"  # what matters most comes first
    effects = log.set_index("name")["effect"]
    assert effects["demand.need"] == (
        "Explains 42% of the uncertainty in which is better, “Phone first” or business as usual. Alone, from "
        "its 5th to its 95th percentile, it moves the further victims in need whom “Phone first” supports, "
        "compared with business as usual, from 100 to 900 (middle: 500). Only above 22.0% is “Phone first” "
        "better than business as usual; 12% of draws are past it."
    )
    assert effects["demand.victims_per_year"] == "No clear effect on the choice was found."
    assert effects["demand.enhanced_need_odds_ratio"] == "Not varied."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "assumptions:\n  demand.nead:\n    why: x\n",
            "2: assumptions.demand.nead: is not an input of this run. Did you mean demand.need? [VM277]",
        ),
        (
            "decisions:\n  agianst:\n    why: x\n",
            "2: decisions.agianst.what: must say what was decided: it is no decision that the run shows. "
            "Did you mean against? [VM277]",
        ),
        (
            "data:\n  source.yaml:\n    why: x\n",
            "2: data.source.yaml: is neither a source nor an input file of this run. "
            "Did you mean sources.yaml? [VM277]",
        ),
        (
            'stress:\n  "9.9": x\n',
            "2: stress.9.9: is not the number of an item. [VM277]",
        ),
        (
            "assumptions:\n  demand.need:\n    reliability: good\n",
            "3: assumptions.demand.need.reliability = good: must be 'high', 'medium' or 'low'. [VM019]",
        ),
        (
            "role:\n  analyst: A\n",
            "1: role: is not a known key (known: purpose, roles, assumptions, decisions, data, checks, "
            "stress). Did you mean roles? [VM017]",
        ),
    ],
)
def test_entries_that_nothing_reads_are_refused_by_line(run, text, message):
    entries_of(run).write_text(text)
    with pytest.raises(InputError) as error:
        write_assurance(run)
    assert str(error.value) == f"{run / '../../parameters/west-midlands.qa.yaml'}:{message}"
    assert not (run / "qa").exists()


def test_a_log_that_someone_edited_is_not_overwritten(run):
    write_assurance(run)
    path = run / "qa" / "assumptions.csv"
    path.write_text(path.read_text() + "mine\n")
    with pytest.raises(InputError) as error:
        write_assurance(run)
    assert str(error.value) == (
        f"{path}: was edited, and would be overwritten. Write it in <scenario>.qa.yaml beside the scenario, "
        "where it stays; remove this file. [VM277]"
    )
    assert path.read_text().endswith("mine\n")


def test_a_file_of_entries_is_begun_once_and_can_be_read_as_it_is(run):
    path = start_entries(run)
    assert path == entries_of(run).resolve()
    before = write_assurance(run).open_points
    assert any(point.startswith("purpose") for point in before)
    with pytest.raises(InputError, match=r"stands there already. Fill it in. \[VM277\]$"):
        start_entries(run)


# ------------------------------------------------------------------------------------------------
# STRESS


def test_every_item_of_the_stress_sheet_is_filled_in_from_the_run(project):
    kept = open_kept_run(project)
    basis = Basis({"assumptions": kept.table("assumptions")}, kept.scenario, kept.manifest)
    text = stress_sheet(basis, DRAFT)
    parts = re.split(r"^### (\S+) (.+)$", text, flags=re.MULTILINE)
    numbers, answers = parts[1::3], parts[3::3]
    assert numbers == [
        *("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5"),
        *("3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1"),
    ]  # Monks and others (2019), STRESS-DES
    assert len(numbers) == sum(map(len, SECTIONS.values()))
    said = {
        number: answer.partition("\n## ")[0].strip() for number, answer in zip(numbers, answers, strict=True)
    }
    assert all(len(answer) > 30 for answer in said.values())
    assert "£948,920" in said["1.1"]
    assert "Phone first: contact" in said["2.3"]
    assert "0.25 posts of 37.5 hours" in said["2.5.3"]
    assert "staff.contact\\_officer.fte = 0.25" in said["3.2"]
    assert "366 days, 2019-04-01 to 2020-03-31" in said["4.2"]
    assert "3 draws of the uncertain inputs, 2 replications" in said["4.3"]
    assert "numpy 2.4.6" in said["5.1"]
    assert kept.manifest["code"] in said["6.1"]


def test_signs_of_markup_in_a_title_stay_text_in_the_stress_sheet(project):
    kept = open_kept_run(project)
    scenario = kept.scenario.model_copy(update={"title": "<img src=x> [a](b) `c` *d*"})
    basis = Basis({"assumptions": kept.table("assumptions")}, scenario, kept.manifest)
    first = stress_sheet(basis, DRAFT).splitlines()[0]
    assert first == "# STRESS-DES: \\<img src=x\\> \\[a\\](b) \\`c\\` \\*d\\*"
