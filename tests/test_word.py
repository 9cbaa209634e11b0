"""The Word file says what the document says, in styles, and with all that Word and a screen reader need."""

import dataclasses
import hashlib
import re
import zipfile
from datetime import datetime
from pathlib import Path

import docx
import matplotlib.image
import numpy as np
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from typer.testing import CliRunner

from victimsmodel.cli import app
from victimsmodel.errors import InputError
from victimsmodel.reporting.content.exhibits import numbered
from victimsmodel.reporting.content.model import (
    Bracketed,
    Bullets,
    Card,
    Cell,
    Cited,
    Column,
    Document,
    Exhibit,
    Facts,
    Heading,
    Judged,
    KeyFigure,
    KeyFigures,
    Link,
    Marked,
    Paragraph,
    Row,
    RowGroup,
    Section,
    Sentence,
    Strong,
    Table,
    plain,
)
from victimsmodel.reporting.word.assembly import DATA_TITLE
from victimsmodel.reporting.word.fields import HOW_TO_UPDATE
from victimsmodel.reporting.word.widths import column_widths, is_wide
from victimsmodel.reporting.word.writing import write_word

_MANIFEST = {"run_id": "0123456789ab", "created": "2026-11-22T09:30:00+00:00"}
_CELL = Cell("funnel_summary", "victims", (("option", "phone"),))
_HEADINGS = {"Heading 1": 1, "Heading 2": 2, "Heading 3": 3}


def _number(text, low="1", high="9"):
    return (Cited(text, _CELL, "count"), " ", Bracketed((f"{low} to {high}",)))


def _table(n_rows=3):
    rows = tuple(
        Row((f"Row {i}",), (_number(f"{1000 + i:,}"), (f"note {i}",)), "#d55e00") for i in range(n_rows)
    )
    columns = (Column("Victims"), Column("Remark", is_number=False))
    return Table("Option", columns, (RowGroup("First", rows[:1]), RowGroup("", rows[1:])))


def _wide_table():
    columns = (
        Column("Value"),
        *(Column(name, is_number=False) for name in ("Unit", "Source", "Quality", "Note")),
    )
    texts = (
        (Marked("Assumption"),),
        (Link(("A source",), "https://example.org/a?b=1&c=2"),),
        ("B",),
        ("no figure",),
    )
    return Table("Input", columns, (RowGroup("", (Row(("Need",), (_number("20%"), *texts)),)),))


def _exhibit(name, kind, data):
    return Exhibit(
        name=name,
        kind=kind,
        number=0,
        caption=f"What {name} shows",
        alt=f'What {name} shows. Row 0: 1,000 <of> & "all"' if kind == "figure" else "",
        inputs=("3 draws.",),
        run_id="0123456789ab",
        data=data,
        csv="tables/funnel_summary.csv",
        note=("A note.",) if kind == "figure" else (),
    )


@pytest.fixture(scope="module")
def document() -> Document:
    claim = Sentence("best", (_CELL,), (Strong(("Phone first",)), " supports ", *_number("1,000"), "."))
    judged = Judged("very likely", _CELL, 20)
    summary = (
        Paragraph((claim, " It is ", judged, " to cost less & <more>."), "lead"),
        KeyFigures(tuple(KeyFigure(f"Label {i}", (f"£{i}",), _number(f"{i}")) for i in range(5))),
        Bullets((("One.",), ("Two ", Strong(("strong",)), "."))),
        Paragraph(("Small print.",), "note"),
    )
    methods = (
        Card("Phone first", "#0072b2", ("Everyone is called.",)),
        _exhibit("funnel", "figure", _table()),
        Heading("Within"),
        Card("Text first", "#d55e00", ("Everyone gets a text.",)),
        _exhibit("comparison", "table", _table(30)),
        Facts((("Likely", ("at least 66%",)), ("Draw", ("One set of values.",)))),
        _exhibit("exits", "figure", _table(2)),
    )
    inputs = (
        Paragraph(("All inputs.",)),
        Heading("One by one"),
        _exhibit("inputs", "table", _wide_table()),
        Paragraph(("No others.",)),
    )
    sections = numbered(
        (
            Section("summary", "Summary", "Summary", summary),
            Section("methods", "Contact methodologies compared", "Methods", methods),
            Section("inputs", "Assumptions", "Assumptions", inputs),
            Section("end", "Method", "Method", (Paragraph(("The end.",)),)),
        )
    )
    facts = (("Area", ("Kent",)), ("Date", ("22 November 2026",)), ("Run", ("0123456789ab",)))
    return Document("Evaluation", "Services in Kent", facts, sections, "Services in Kent. Run 0123456789ab.")


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "figures").mkdir()
    for i, name in enumerate(("funnel", "exits")):
        matplotlib.image.imsave(folder / "figures" / f"{name}.png", np.full((60 + 900 * i, 100, 3), 0.5))
    return folder


@pytest.fixture(scope="module")
def written(document, run_folder) -> Path:
    return write_word(document, run_folder, _MANIFEST)


@pytest.fixture(scope="module")
def word(written):
    return docx.Document(str(written))


def _said_in_cell(text):
    """Return what a cell says: what stands in brackets elsewhere stands on a line of its own."""
    pieces = (f" {plain(p.parts)} " if isinstance(p, Bracketed) else plain((p,)) for p in text)
    return "".join(pieces).split()


def _said_in_table(table):
    head = [[table.head, *(column.title for column in table.columns)]]
    rows = []
    for group in table.groups:
        rows += [[group.title]] if group.title else []
        rows += [[row.title, *row.cells] for row in group.rows]
    return [
        [[*part.split()] if isinstance(part, str) else _said_in_cell(part) for part in row]
        for row in head + rows
    ]


def _rests(exhibit):
    note = plain(exhibit.note) + " " if exhibit.note else ""
    inputs = plain(exhibit.inputs) + " " if exhibit.inputs else ""
    return f"{note}{inputs}Run {exhibit.run_id}. Data: funnel summary.csv."


def _said(document):
    """Yield all that a document says, in order: text of paragraphs, and tables as lists of rows of words."""
    yield document.kind
    yield document.title
    yield from (f"{name}\t{plain(text)}" for name, text in document.facts)
    yield "Contents"
    for section in document.sections:
        yield section.title
        for block in section.blocks:
            if isinstance(block, Heading):
                yield block.title
            elif isinstance(block, Card) and section.name == "methods" and block.title == "Phone first":
                yield block.title  # not below another heading
    yield from (DATA_TITLE, HOW_TO_UPDATE)
    for section in document.sections:
        yield section.title
        for block in section.blocks:
            yield from _said_in_block(block)
    yield DATA_TITLE
    for exhibit in document.exhibits:
        if exhibit.kind == "figure":
            yield f"Data behind figure {exhibit.number}. {exhibit.caption}"
            yield _said_in_table(exhibit.data)
            yield f"Run {exhibit.run_id}. Data: funnel summary.csv."


def _said_in_block(block):
    if isinstance(block, Paragraph):
        yield plain(block.text)
    elif isinstance(block, Heading):
        yield block.title
    elif isinstance(block, Bullets):
        yield from map(plain, block.items)
    elif isinstance(block, KeyFigures):
        yield [[[*f"{k.label} {plain(k.figure)} {plain(k.more)}".split()] for k in block.items]]
    elif isinstance(block, Card):
        yield from (block.title, plain(block.text))
    elif isinstance(block, Facts):
        yield from (f"{name}\t{plain(text)}" for name, text in block.items)
    elif block.kind == "figure":
        yield from (f"Figure {block.number}. {block.caption}.", _rests(block))
    else:
        yield f"Table {block.number}. {block.caption}"
        yield _said_in_table(block.data)
        yield _rests(block)


def _text(element):
    """Return the text of an element with its tabs and line ends, without the instructions of fields."""
    kinds = {qn("w:t"): None, qn("w:tab"): "\t", qn("w:br"): "\n"}
    parts = (part for part in element.iter(*kinds) if part.getparent().tag == qn("w:r"))
    return "".join(part.text if kinds[part.tag] is None else kinds[part.tag] for part in parts)


def _read(word):
    """Yield all that a Word file says, in order."""
    for element in word.element.body.iter(qn("w:p"), qn("w:tbl")):
        if element.tag == qn("w:tbl"):
            yield [
                [[*" ".join(map(_text, cell.iter(qn("w:p")))).split()] for cell in row.iter(qn("w:tc"))]
                for row in element.iter(qn("w:tr"))
            ]
        elif not any(parent.tag == qn("w:tc") for parent in element.iterancestors()) and _text(element):
            yield _text(element)


def test_the_word_file_says_what_the_document_says_in_the_same_order(word, document):
    assert list(_read(word)) == list(_said(document))


def test_headings_captions_and_lists_have_the_styles_of_word(word):
    outline = [(p.style.name, p.text) for p in word.paragraphs if p.style.name in _HEADINGS]
    assert outline == [
        ("Heading 1", "Summary"),
        ("Heading 1", "Contact methodologies compared"),
        ("Heading 2", "Phone first"),
        ("Heading 2", "Within"),
        ("Heading 3", "Text first"),
        ("Heading 1", "Assumptions"),
        ("Heading 2", "One by one"),
        ("Heading 1", "Method"),
        ("Heading 1", DATA_TITLE),
    ]
    styles = {p.text: p.style.name for p in word.paragraphs}
    assert styles["Services in Kent"] == "Title"
    assert styles["One."] == styles["Two strong."] == "List Bullet"
    assert sum(p.style.name == "Caption" for p in word.paragraphs) == 6
    bullets = word.styles["List Bullet"].element
    assert bullets.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None
    marked = {run.style.name: run.text for p in word.paragraphs for run in p.runs}
    assert marked["Judgement"] == "very likely"
    used = {
        e.get(qn("w:val"))
        for tag in ("pStyle", "rStyle", "tblStyle")
        for e in word.element.iter(qn(f"w:{tag}"))
    }
    referring = word.styles.element.iter(qn("w:basedOn"), qn("w:next"), qn("w:link"))
    used |= {element.get(qn("w:val")) for element in referring}
    assert used <= {style.style_id for style in word.styles}


def test_exhibits_are_counted_by_fields_that_show_the_numbers_of_the_document(word, document):
    shown = []
    for caption in (p for p in word.paragraphs if p.style.name == "Caption"):
        found = re.match(r" SEQ (Figure|Table) \\\* ARABIC ", "".join(_instructions(caption._p)))
        if found:
            shown.append((found[1].lower(), caption.text))
    told = [(e.kind, f"{e.kind.capitalize()} {e.number}. {e.caption}") for e in document.exhibits]
    assert [(kind, text.rstrip(".")) for kind, text in shown] == told


def _instructions(element):
    return [found.text for found in element.iter(qn("w:instrText"))]


def test_contents_lead_to_the_headings_and_are_updated_when_word_opens_the_file(word):
    assert _instructions(word.element.body)[0] == r' TOC \o "1-2" \h \z \u '
    anchors = [e.get(qn("w:anchor")) for e in word.element.iter(qn("w:hyperlink")) if e.get(qn("w:anchor"))]
    marks = [e.get(qn("w:name")) for e in word.element.iter(qn("w:bookmarkStart"))]
    assert anchors == marks
    assert len(marks) == 8
    assert word.settings.element.find(qn("w:updateFields")).get(qn("w:val")) == "true"
    for kind in ("begin", "separate", "end"):
        found = [e for e in word.element.iter(qn("w:fldChar")) if e.get(qn("w:fldCharType")) == kind]
        assert len(found) == len(_instructions(word.element.body))


def test_every_picture_says_what_the_document_says_of_it_and_fits_its_page(word, document):
    alts = [exhibit.alt for exhibit in document.exhibits if exhibit.kind == "figure"]
    assert [shape._inline.docPr.get("descr") for shape in word.inline_shapes] == alts
    for shape, (height, width) in zip(word.inline_shapes, ((60, 100), (960, 100)), strict=True):
        assert shape.width.mm <= 210 - 44 + 0.1
        assert shape.height.mm <= 0.73 * (297 - 48)
        assert shape.height / shape.width == pytest.approx(height / width, rel=0.001)


def test_tables_repeat_their_head_keep_rows_whole_and_set_numbers_to_the_right(word):
    tables = [table for table in word.tables if table.style.name == "Report Table"]
    assert len(tables) == 4
    for table in tables:
        rows = table._tbl.tr_lst
        assert [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows] == [
            True,
            *[False] * (len(rows) - 1),
        ]
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
        assert table.cell(0, 1).paragraphs[0].style.name == "Table Head Number"
        assert table.cell(len(rows) - 1, 1).paragraphs[0].style.name == "Table Number"
        assert table.cell(len(rows) - 1, 2).paragraphs[0].style.name == "Table Text"
    number = word.styles["Table Number"].element
    assert number.find(f"{qn('w:pPr')}/{qn('w:jc')}").get(qn("w:val")) == "right"


def test_only_a_wide_table_and_the_heading_right_before_it_stand_on_a_page_on_its_side(word):
    texts, on_side = [], []
    for element in word.element.body:
        texts += [element.text] if element.tag == qn("w:p") else ["a table"]
        if element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
            on_side.append(texts)
            texts = []
    assert on_side[0][-1] == "All inputs."
    assert on_side[1][0] == "One by one"
    assert on_side[1][2] == "a table"
    assert len(on_side[1]) == 4  # with its caption and the line below it
    assert texts[0] == "No others."


def test_pages_are_a4_and_lie_on_their_side_only_for_a_wide_table(word):
    sections = list(word.sections)
    assert [s.page_width > s.page_height for s in sections] == [False, True, False]
    assert {round(min(s.page_width, s.page_height).mm) for s in sections} == {210}
    assert [s.different_first_page_header_footer for s in sections] == [True, False, False]
    across = [s.page_width - s.left_margin - s.right_margin for s in sections]
    widths = [sum(int(c.get(qn("w:w"))) for c in t._tbl.iter(qn("w:gridCol"))) * 635 for t in word.tables]
    assert all(width <= across[place == 2] for place, width in enumerate(widths))


def test_every_page_but_the_cover_names_the_run_and_counts(word):
    for section in word.sections:
        assert section.header.paragraphs[0].text == "Services in Kent. Run 0123456789ab."
        footer = section.footer.paragraphs[0]
        assert _instructions(footer._p) == [" PAGE ", " NUMPAGES "]
        assert footer.text == "Page 1 of 1"
    cover = word.sections[0].first_page_header.paragraphs
    assert [p.text for p in cover] == ["DRAFT: not signed off. Do not decide on it."]


def test_links_lead_to_sources_and_to_the_files_of_the_run(word):
    targets = {r.target_ref for r in word.part.rels.values() if r.is_external}
    assert targets == {"https://example.org/a?b=1&c=2", "tables/funnel_summary.csv"}


def test_properties_are_those_of_the_run_and_the_language_is_british(word):
    told = word.core_properties
    assert (told.title, told.author, told.comments) == ("Services in Kent", "", "")
    assert told.created.replace(tzinfo=None) == datetime(2026, 11, 22, 9, 30)
    languages = {e.get(qn("w:val")) for e in word.styles.element.iter(qn("w:lang"))}
    assert languages == {"en-GB"}


def test_the_same_document_gives_the_same_bytes(document, run_folder, written, tmp_path):
    again = write_word(document, run_folder, _MANIFEST, target=tmp_path / "again.docx")
    assert hashlib.sha256(again.read_bytes()).digest() == hashlib.sha256(written.read_bytes()).digest()
    with zipfile.ZipFile(written) as parts:
        assert {part.date_time for part in parts.infolist()} == {(2026, 11, 22, 9, 30, 0)}


def test_a_run_without_a_proper_time_is_dated_at_the_earliest(document, run_folder, tmp_path):
    made = write_word(document, run_folder, {"created": "yesterday"}, target=tmp_path / "a.docx")
    assert docx.Document(str(made)).core_properties.created.year == 1980


@pytest.fixture
def template(tmp_path):
    """Return a template with a brand: A5, its own heading by another identifier, a header, some text."""
    file = docx.Document()
    file.add_paragraph("Text of the template")
    heading = file.styles["Heading 1"]
    heading.font.name = "Courier New"
    for element in file.styles.element.iter():
        for name, value in element.attrib.items():
            if value == "Heading1":
                element.set(name, "berschrift1")
    section = file.sections[0]
    section.page_width, section.page_height = Mm(148), Mm(210)
    section.header.paragraphs[0].text = "A brand"
    path = tmp_path / "brand.docx"
    file.save(str(path))
    return path


def test_a_template_with_other_headers_on_even_and_first_pages_says_draft_on_them_too(
    document, run_folder, template
):
    file = docx.Document(str(template))
    file.settings.odd_and_even_pages_header_footer = True
    file.sections[0].different_first_page_header_footer = True
    file.save(str(template))
    word = docx.Document(str(write_word(document, run_folder, _MANIFEST, template=template)))
    first = word.sections[0]
    heads = [section.even_page_header for section in word.sections] + [first.first_page_header]
    assert all(head.paragraphs[-1].text.startswith("DRAFT: not signed off") for head in heads)


def test_a_template_keeps_its_styles_paper_and_header_and_loses_its_text(document, run_folder, template):
    made = write_word(document, run_folder, _MANIFEST, template=template)
    assert made == run_folder / "report-brand.docx"
    word = docx.Document(str(made))
    assert list(_read(word)) == list(_said(document))
    first = next(p for p in word.paragraphs if p.text == "Summary")
    assert (first.style.style_id, first.style.font.name) == ("berschrift1", "Courier New")
    assert {round(min(s.page_width, s.page_height).mm) for s in word.sections} == {148}
    assert [p.text for p in word.sections[0].header.paragraphs] == ["A brand", "DRAFT: not signed off"]
    captions = [p for p in word.paragraphs if p.style.name == "Caption"]
    assert all(p.paragraph_format.keep_with_next for p in captions)
    title = next(p for p in word.element.iter(qn("w:p")) if _text(p) == "Contents")
    assert title.pPr.find(qn("w:pageBreakBefore")) is not None
    assert _instructions(word.sections[0].footer.paragraphs[0]._p) == [" PAGE ", " NUMPAGES "]
    assert word.styles["Report Table"].style_id == "ReportTable"
    identifiers = [style.style_id for style in word.styles]
    assert len(identifiers) == len(set(identifiers))
    known = set(identifiers)
    based = {e.get(qn("w:val")) for e in word.styles.element.iter(qn("w:basedOn"), qn("w:next"))}
    assert based <= known


def test_a_template_without_list_bullets_or_numbering_gets_them(document, run_folder, tmp_path):
    file = docx.Document()
    for style in list(file.styles):
        if style.name.startswith("List"):
            style.delete()
    for name in [key for key, r in file.part.rels.items() if r.reltype.endswith("/numbering")]:
        del file.part.rels[name]
    template = tmp_path / "plain.docx"
    file.save(str(template))
    made = write_word(document, run_folder, _MANIFEST, template=template, target=tmp_path / "a.docx")
    word = docx.Document(str(made))
    number = word.styles["List Bullet"].element.find(f".//{qn('w:numId')}").get(qn("w:val"))
    numbering = word.part.numbering_part.element
    lists = {e.get(qn("w:numId")): e.find(qn("w:abstractNumId")).get(qn("w:val")) for e in numbering.num_lst}
    kinds = {e.get(qn("w:abstractNumId")): e for e in numbering.findall(qn("w:abstractNum"))}
    assert kinds[lists[number]].find(f".//{qn('w:numFmt')}").get(qn("w:val")) == "bullet"


def test_a_template_that_is_none_and_pictures_that_are_none_are_refused(document, run_folder, tmp_path):
    text = tmp_path / "brand.docx"
    with pytest.raises(InputError, match=r"--template = .*brand.docx: does not exist. \[VM280\]"):
        write_word(document, run_folder, _MANIFEST, template=text)
    text.write_text("not a Word file")
    with pytest.raises(InputError, match=r"is no Word document. Save it in Word .*\[VM281\]"):
        write_word(document, run_folder, _MANIFEST, template=text)
    with zipfile.ZipFile(text, "w") as other:
        other.writestr("a.txt", "a")
    with pytest.raises(InputError, match=r"\[VM281\]"):
        write_word(document, run_folder, _MANIFEST, template=text)
    with pytest.raises(InputError, match=r"funnel.png: is missing.*\[VM282\]"):
        write_word(document, tmp_path, _MANIFEST)
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "funnel.png").write_text("no picture")
    with pytest.raises(InputError, match=r"funnel.png: is no picture that can be read. \[VM283\]"):
        write_word(document, tmp_path, _MANIFEST)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["brand.docx", "figures"]


def test_the_command_needs_a_finished_run(tmp_path):
    result = CliRunner().invoke(app, ["word", str(tmp_path)])
    assert isinstance(result.exception, InputError)
    assert "VM231" in str(result.exception)


def test_a_document_without_figures_has_no_annex(document, run_folder, tmp_path):
    short = dataclasses.replace(document, sections=document.sections[:1])
    word = docx.Document(str(write_word(short, run_folder, _MANIFEST, target=tmp_path / "a.docx")))
    assert DATA_TITLE not in {p.text for p in word.paragraphs}
    assert len(word.sections) == 1


@pytest.mark.parametrize("available", [3_000, 6_000, 9_411, 30_000])
@pytest.mark.parametrize("table", [_table(), _wide_table()])
def test_columns_fill_the_width_exactly_and_each_has_some(table, available):
    widths = column_widths(table, available)
    assert sum(widths) == available
    assert min(widths) > 0


def test_numbers_with_their_intervals_stay_on_one_line_where_there_is_room():
    row = Row(("Phone first",), (_number("£940,000", "£907,100", "£971,200"), ("word " * 60,)))
    columns = (Column("Cost"), Column("Remark", is_number=False))
    numbers = Table("Option", columns, (RowGroup("", (row,)),))
    _, cost, remark = column_widths(numbers, 9_411)
    assert cost > len("£907,100 to £971,200") * 0.147 * 567  # 7.5 points, digits of 0.556 em
    assert remark > cost
    assert not is_wide(numbers, 9_411)
    assert is_wide(_wide_table(), 9_411)
    assert is_wide(numbers, 1_500)
