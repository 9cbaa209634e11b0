"""A small count of people is found in whatever file it stands, and a clean folder has none."""

import base64
import gzip
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure
from typer.testing import CliRunner

import victimsmodel as vm
from victimsmodel.cli import app
from victimsmodel.disclosure import folder_tables
from victimsmodel.errors import DisclosedError
from victimsmodel.files import file_hash

TABLE = pd.DataFrame({"borough": ["Dudley", "Walsall"], "victims": [4, 40]})
CSV = b"borough,victims\nDudley,4\nWalsall,40\n"
HIDDEN = "<table><tr><th>borough<th>victims<tr><td>Dudley<td>[c]<tr><td>Walsall<td>40</table>"


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished run in small: output of the model with small counts, released counts, a figure."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "tables").mkdir()
    (folder / "figures").mkdir()
    funnel = pd.DataFrame({"option": ["a", "b"], "stage": ["supported"] * 2, "victims": [3, 5]})
    funnel.to_csv(folder / "tables" / "funnel.csv", index=False)
    funnel.to_parquet(folder / "tables" / "funnel.parquet")
    (folder / "report.html").write_text(f"<p>1 of 5 options costs less.</p>{funnel.to_html(index=False)}")
    for kind in ("svg", "png"):
        (folder / "figures" / f"funnel.{kind}").write_bytes(drawn([3, 9], kind))
    files = {p.relative_to(folder).as_posix(): file_hash(p) for p in folder.rglob("*") if p.is_file()}
    (folder / "manifest.json").write_text(json.dumps({"files": files, "n_draws": 4}))
    (folder / "handed-on.csv").write_text("borough,victims\nDudley,[c]\nWalsall,40\nSolihull,25\n")
    return folder


def drawn(victims: list[float], kind: str = "svg") -> bytes:
    figure = Figure()
    ax = figure.subplots()
    ax.scatter(range(len(victims)), victims)
    ax.set(ylim=(0, 50), ylabel="Victims")
    stream = io.BytesIO()
    with rc_context({"svg.hashsalt": "1"}):
        figure.savefig(stream, format=kind)
    return stream.getvalue()


def workbook(change: Callable[[object, object], None]) -> bytes:
    """Return a workbook of released counts with something beside them."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("Shown")
    for row, cells in enumerate((("borough", "victims"), ("Dudley", "[c]"), ("Walsall", 40))):
        sheet.write_row(row, 0, cells)
    change(book, sheet)
    book.close()
    return stream.getvalue()


def hidden_sheet(book: Any, sheet: Any) -> None:
    other = book.add_worksheet("Data")
    other.very_hidden()
    for row, cells in enumerate((("borough", "victims"), ("Dudley", 4), ("Walsall", 40))):
        other.write_row(row, 0, cells)


def chart_cache(book: Any, sheet: Any) -> None:
    """Chart numbers that no cell shows any more: the cache keeps them."""
    chart = book.add_chart({"type": "column"})
    data = {"name": "victims", "categories": "=Shown!$A$2:$A$3", "values": "=Shown!$B$2:$B$3"}
    chart.add_series({**data, "categories_data": ["Dudley", "Walsall"], "values_data": [4, 40]})
    sheet.insert_chart("D2", chart)


def word(change: Callable[[object], None]) -> bytes:
    from docx import Document

    document, stream = Document(), io.BytesIO()
    document.add_paragraph("Counts of people are rounded.")
    change(document)
    document.save(stream)
    return stream.getvalue()


def word_table(document: Any) -> None:
    table = document.add_table(2, 2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ("area", "victims", "A", "4"), strict=True
    ):
        cell.text = text


def notebook(**cell: object) -> bytes:
    return json.dumps({"cells": [{"cell_type": "code", "source": [], "outputs": [], **cell}]}).encode()


def zipped(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def parquet() -> bytes:
    return TABLE.to_parquet()


def pdf() -> bytes:
    """Return a page with a table of two rows, text alone."""
    figure = Figure()
    for i, (name, count) in enumerate([("borough", "victims"), ("Dudley", "4"), ("Walsall", "40")]):
        figure.text(0.1, 0.9 - i / 20, name)
        figure.text(0.5, 0.9 - i / 20, count)
    stream = io.BytesIO()
    figure.savefig(stream, format="pdf")
    return stream.getvalue()


PLANTED: dict[str, Callable[[], bytes]] = {
    "csv": lambda: CSV,
    "semicolons.csv": lambda: b"Return of the service;\n;\nborough;victims\nDudley;4\nWalsall;40\n",
    "utf-16.csv": lambda: CSV.decode().encode("utf-16"),
    "tsv": lambda: CSV.replace(b",", b"\t"),
    "t.csv.gz": lambda: gzip.compress(CSV),
    "parquet": parquet,
    "json": lambda: TABLE.to_json(orient="records").encode(),
    "split.json": lambda: TABLE.to_json(orient="split").encode(),
    "columns.json": lambda: json.dumps({"shown": {"data": TABLE.to_dict("list")}}).encode(),
    "one.json": lambda: b'{"borough": "Dudley", "victims": 4}',
    "jsonl": lambda: TABLE.to_json(orient="records", lines=True).encode(),
    "yaml": lambda: b"boroughs:\n  - {name: Dudley, victims: 4}\n",
    "log": lambda: b"DEBUG victims=4 borough=Dudley\n",
    "md": lambda: b"| borough | victims |\n|---|---:|\n| Dudley | 4 |\n| Walsall | 40 |\n",
    "txt": lambda: f"Counts\n\n{TABLE}\n".encode(),
    "no-ending": lambda: b"Support was given to 4 of 31 victims.",
    "pdf": pdf,
    "svg": lambda: b"<svg><title>Support</title><desc>4 victims in Dudley</desc></svg>",
    "points.svg": lambda: drawn([4, 40]),
    "html": lambda: TABLE.to_html(index=False).encode(),
    "data.html": lambda: HIDDEN.replace("<td>[c]", '<td data-victims="4" data-area="Dudley">[c]').encode(),
    "label.html": lambda: HIDDEN.replace("<td>[c]", '<td title="4 victims">[c]').encode(),
    "script.html": lambda: f"{HIDDEN}<script>var d = {TABLE.to_json(orient='records')};</script>".encode(),
    "json.html": lambda: f'<script type="application/json">{TABLE.to_json()}</script>'.encode(),
    "fold.html": lambda: b"<details><summary>More</summary>Dudley: 4 victims</details>",
    "unseen.html": lambda: f'<div style="display:none">{TABLE.to_html(index=False)}</div>'.encode(),
    "comment.html": lambda: f"{HIDDEN}<!-- 4 victims in Dudley -->".encode(),
    "inner.html": lambda: b'<img src="data:image/svg+xml;base64,'
    + base64.b64encode(b"<svg><text>4 victims</text></svg>") + b'">',
    "sheet.xlsx": lambda: workbook(hidden_sheet),
    "chart.xlsx": lambda: workbook(chart_cache),
    "comment.xlsx": lambda: workbook(lambda book, sheet: sheet.write_comment("B2", "4 victims")),
    "name.xlsx": lambda: workbook(lambda book, sheet: book.define_name("victims_in_Dudley", "=4")),
    "header.xlsx": lambda: workbook(lambda book, sheet: sheet.set_header("&L4 victims in Dudley")),
    "property.xlsx": lambda: workbook(lambda book, sheet: book.set_custom_property("victims", 4)),
    "paragraph.docx": lambda: word(lambda d: d.add_paragraph("Of these, 4 victims were not reached.")),
    "runs.docx": lambda: word(lambda d: d.add_paragraph("4 vic").add_run("tims")),
    "table.docx": lambda: word(word_table),
    "footer.docx": lambda: word(lambda d: setattr(d.sections[0].footer.paragraphs[0], "text", "4 victims")),
    "comments.docx": lambda: word(lambda d: d.add_comment(d.paragraphs[0].runs, text="4 victims")),
    "source.ipynb": lambda: notebook(source=["victims = 4\n"]),
    "markdown.ipynb": lambda: notebook(cell_type="markdown", source=["Dudley has 4 victims."]),
    "stream.ipynb": lambda: notebook(outputs=[{"text": [f"{TABLE}\n"]}]),
    "plain.ipynb": lambda: notebook(outputs=[{"data": {"text/plain": [str(TABLE)], "text/html": [HIDDEN]}}]),
    "html.ipynb": lambda: notebook(outputs=[{"data": {"text/html": [TABLE.to_html()]}}]),
    "traceback.ipynb": lambda: notebook(outputs=[{"traceback": ["ValueError: 4 victims"]}]),
    "svg.ipynb": lambda: notebook(outputs=[{"data": {"image/svg+xml": ["<svg><desc>4 men</desc></svg>"]}}]),
    "zip": lambda: zipped("deep/t.csv", CSV),
    "zips.zip": lambda: zipped("inner.zip", zipped("t.xlsx", workbook(hidden_sheet))),
}  # fmt: skip


def test_a_clean_run_has_no_small_count_and_is_read_whole(clean: Path) -> None:
    found = vm.audit(clean)
    assert not found.found
    assert not found.unread
    assert found.tables > 4
    assert found.pictures == 1
    result = CliRunner().invoke(app, ["audit", str(clean)])
    assert result.exit_code == 0, result.output


def test_runs_beside_each_other_are_read_as_each_by_itself(clean: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        shutil.copytree(clean, tmp_path / name)
    both, alone = vm.audit(tmp_path), vm.audit(clean)
    assert not both.found
    assert both.modelled == 2 * alone.modelled > 0


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_small_count_is_found_in_every_format(clean: Path, tmp_path: Path, name: str) -> None:
    if name == "pdf" and shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    run = tmp_path / "run"
    shutil.copytree(clean, run)
    planted = run / "more" / (name if "." in name or "-" in name else f"planted.{name}")
    planted.parent.mkdir()
    planted.write_bytes(PLANTED[name]())
    found = vm.audit(run).found
    assert found
    assert {item.file.split(",")[0] for item in found} == {f"more/{planted.name}"}


def test_a_changed_file_of_the_run_is_read_as_anybody_s(clean: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(clean, run)
    (run / "tables" / "funnel.csv").write_text("borough,victims\nDudley,4\n")
    assert [item.file for item in vm.audit(run).found] == ["tables/funnel.csv"]


def test_observed_counts_are_found_in_files_that_the_package_wrote_too(clean: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(clean, run)
    leak = run / "tables" / "calibration_fit.csv"
    leak.write_text("observation,events,victims\nSupported,4,3\n")
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["files"]["tables/calibration_fit.csv"] = file_hash(leak)
    (run / "manifest.json").write_text(json.dumps(manifest))
    assert [(item.file, item.where) for item in vm.audit(run).found] == [
        ("tables/calibration_fit.csv", "events, Supported")
    ]


def test_a_number_that_is_rounded_in_one_format_and_exact_in_another_is_attacked_with_both(
    tmp_path: Path,
) -> None:
    (tmp_path / "t.csv").write_text("borough,victims\nDudley,[c]\nWalsall,40\nSolihull,25\nTotal,70\n")
    assert not vm.audit(tmp_path).found
    exact = pd.DataFrame({"borough": ["Walsall", "Solihull", "Total"], "victims": [41, 23, 67]})
    exact.to_excel(tmp_path / "t.xlsx", index=False)
    (found,) = vm.audit(tmp_path).found
    assert found.how == "can be computed"


@pytest.mark.parametrize(
    ("name", "content"),
    {
        "deep.json": b"[" * 100_000,
        "broken.gz": gzip.compress(b"borough,victims\n" * 99, mtime=0)[:12] + b"\xff" * 40,
        "long.csv": b"x" * 200_000,
        "strange.zip": zipped("a.csv", b"a").replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\xff"),
    }.items(),
)
def test_what_no_reader_reads_is_named_and_ends_no_audit(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    assert [item.file for item in vm.audit(tmp_path).unread] == [name]


def test_logs_of_quality_assurance_count_inputs_and_not_people_until_they_are_edited(tmp_path: Path) -> None:
    from victimsmodel.reporting.assurance.kept_logs import keep_logs

    keep_logs(tmp_path / "qa", {"data.csv": "name,rests_on_it\nDurham 2014,3\nGwent 2021,40\n"})
    assert not vm.audit(tmp_path).found
    with (tmp_path / "qa" / "data.csv").open("a") as log:
        log.write("Dudley,2\n")
    assert {found.file for found in vm.audit(tmp_path).found} == {"qa/data.csv"}


def test_no_file_is_read_that_is_larger_than_any_output(tmp_path: Path) -> None:
    with (tmp_path / "big.csv").open("wb") as stream:
        stream.truncate(5 * 10**9)
    os.mkfifo(tmp_path / "pipe.csv")
    (item,) = vm.audit(tmp_path).unread
    assert (item.file, item.why) == ("big.csv", "larger than 400 MB")


def test_a_picture_alone_and_a_damaged_file_fail_the_audit(clean: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(clean, run)
    (run / "figures" / "mine.png").write_bytes(drawn([4, 40], "png"))
    (run / "broken.xlsx").write_bytes(b"\x00\x01")
    assert {item.file for item in vm.audit(run).unread} == {"figures/mine.png", "broken.xlsx"}
    result = CliRunner().invoke(app, ["audit", str(run)])
    assert isinstance(result.exception, DisclosedError)
    assert "[VM310]" in str(result.exception)


def test_a_pdf_is_named_where_nothing_can_read_it(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    shutil.copytree(clean, run)
    (run / "report.pdf").write_bytes(pdf())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert folder_tables.shutil.which("pdftotext") is None
    result = CliRunner().invoke(app, ["audit", str(run)])
    assert result.exit_code == 0
    assert "PDFs were not read (no program pdftotext" in result.output
