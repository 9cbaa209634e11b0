"""Commands that write files: a project to start from, the schema, the report as a PDF or a Word file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from victimsmodel.errors import input_error

_HEAD = 1_000  # bytes in which a JSON Schema says what it is


def new(
    name: Annotated[str, typer.Argument(help="Names the folder and the scenario.", show_default=False)],
    force: Annotated[str, typer.Option(help="Police force area, for example Kent.")],
    data: Annotated[Path, typer.Option(help="Home Office police recorded crime, by force and quarter.")],
    year: Annotated[
        str | None, typer.Option(help="Financial year such as 2022/23; the last complete one unless stated.")
    ] = None,
    population: Annotated[
        Path | None, typer.Option(help="ONS mid-year estimates; mid-2020 unless stated.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The folder to make; NAME unless stated.")] = None,
) -> None:
    """Write a working scenario for another police force area, with notebooks and a README."""
    from victimsmodel.project import new_project

    made = new_project(name, force, data, folder=out, year=year, population=population)
    typer.echo(f"{made.scenario}: {made.force}, {made.year}; {made.findings} findings on the data.")
    typer.echo(f"Next: victimsmodel check {made.scenario}; victimsmodel evaluate {made.scenario}")


def schema(
    out: Annotated[Path | None, typer.Option(help="Write the JSON Schema here.")] = None,
    check: Annotated[Path | None, typer.Option(help="Fail unless this file is up to date.")] = None,
) -> None:
    """Print, write or check the JSON Schema with which editors complete scenario files."""
    from victimsmodel.inputs.schema import schema_text

    text = schema_text()
    if check is not None:
        if not check.is_file() or check.read_bytes() != text.encode():
            hint = "Run victimsmodel schema --out with this name."
            raise input_error(str(check), "is not the schema of this version", "VM060", hint=hint)
    elif out is not None:
        from victimsmodel.files import refuse_other_file, write_whole

        refuse_other_file(out, ".json", _is_schema(out), "It holds no schema: name another.")
        write_whole(out, text.encode())
    else:
        typer.echo(text, nl=False)


def _is_schema(path: Path) -> bool:
    """Say whether a file is a JSON Schema, and so one that may be written anew."""
    return path.is_file() and b'"$schema"' in path.read_bytes()[:_HEAD]


def pdf(
    run_folder: Annotated[Path, typer.Argument(help="A run folder with a report.", show_default=False)],
) -> None:
    """Write report.pdf beside the report of a run folder; needs the extra `pdf`."""
    from victimsmodel.kept_runs import MANIFEST, check_content, open_kept_run
    from victimsmodel.reporting.pdf import write_pdf

    if (run_folder / MANIFEST).is_file():
        from victimsmodel.assuring import refresh_pages

        check_content(open_kept_run(run_folder))
        refresh_pages(run_folder)  # a page from before a sign-off ended would be printed as it is
    typer.echo(str(write_pdf(run_folder)))


def word(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", show_default=False)],
    template: Annotated[
        Path | None, typer.Option(help="A Word document (.docx) whose styles, paper and headers are taken.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write; report.docx in the run, report-TEMPLATE.docx with a template."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the file if it exists.")] = False,
) -> None:
    """Write the report of a run as a Word file, to be edited and branded."""
    from victimsmodel.files import refuse_other_file
    from victimsmodel.kept_runs import check_content, marked_manifest, open_kept_run
    from victimsmodel.reporting.report import run_document
    from victimsmodel.reporting.word.writing import write_word

    if out is not None:  # somebody may have edited it
        refuse_other_file(out, ".docx", replace, "Name another, or add --replace.")
    kept = open_kept_run(run)
    check_content(kept)
    manifest = marked_manifest(kept)
    document = run_document(kept.folder, kept.scenario, manifest)
    typer.echo(str(write_word(document, kept.folder, manifest, template=template, target=out)))
