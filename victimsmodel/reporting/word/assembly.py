"""The whole document in its order: cover, contents, sections, data behind the figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from docx.document import Document as WordFile
from docx.oxml.ns import qn

from victimsmodel.reporting.content.model import Document, Heading
from victimsmodel.reporting.word.blocks import Blocks
from victimsmodel.reporting.word.fields import bookmarked, contents
from victimsmodel.reporting.word.inline import Inlines
from victimsmodel.reporting.word.markup import Element, w
from victimsmodel.reporting.word.paper import Paper, close
from victimsmodel.reporting.word.pictures import Pictures
from victimsmodel.reporting.word.styles import Styles

DATA_TITLE = "Data behind the figures"

_LEVELS = (1, 2)  # of the headings in the contents


def assemble(file: WordFile, document: Document, styles: Styles, figures: Path) -> None:
    """Fill a Word file with a document.

    Parameters
    ----------
    file : docx.document.Document
        Empty but for its last section's paper.
    document : Document
    styles : Styles
    figures : Path
        Folder with ``<name of the exhibit>.png``.
    """
    paper, inlines = Paper(file), Inlines(file.part, styles)
    blocks = Blocks(styles, inlines, Pictures(file.part, figures))
    body = file.element.body
    last = body.find(qn("w:sectPr"))
    flow: list[Element] = []
    is_wide, n_closed = False, 0
    for element, is_wide_now in _flow(document, blocks, paper):
        if is_wide_now != is_wide:
            close(flow[-1], paper.end(is_wide, is_first=not n_closed))
            is_wide, n_closed = is_wide_now, n_closed + 1
        flow.append(element)
    flow[0].pPr.append(w("pageBreakBefore"))
    entries = _bookmark(flow, styles)
    for element in (*_cover(document, blocks), contents(entries, styles), *flow):
        last.addprevious(element)
    body.replace(last, paper.end(is_wide, is_first=not n_closed))


def _cover(document: Document, blocks: Blocks) -> list[Element]:
    made = [blocks.said("Subtitle", (document.kind,)), blocks.said("Title", (document.title,))]
    made += [blocks.said("Lead", document.changed)] if document.changed else []
    return [*made, *(blocks.fact(name, text) for name, text in document.facts)]


def _flow(document: Document, blocks: Blocks, paper: Paper) -> Iterator[tuple[Element, bool]]:
    """Yield every element of the sections, and whether it stands on a page on its side."""
    for section in document.sections:
        on_side = paper.on_side(section)
        yield blocks.said("Heading 1", (section.title,)), 0 in on_side
        is_below_heading = False
        for i, block in enumerate(section.blocks):
            is_wide = i in on_side
            for element in blocks.elements(block, paper.room(is_wide), is_below_heading):
                yield element, is_wide
            is_below_heading = is_below_heading or isinstance(block, Heading)
    figures = [exhibit for exhibit in document.exhibits if exhibit.kind == "figure" and exhibit.data]
    if figures:
        yield blocks.said("Heading 1", (DATA_TITLE,)), False
    for exhibit in figures:
        for element in blocks.data_behind(exhibit, paper.room(is_wide=False)):
            yield element, False


def _bookmark(flow: list[Element], styles: Styles) -> list[tuple[int, str, str]]:
    """Put a bookmark around each heading; return level, title and bookmark of each."""
    levels = {styles[f"Heading {level}"]: level for level in _LEVELS}
    entries: list[tuple[int, str, str]] = []
    for element in flow:
        level = levels.get(element.style) if element.tag == qn("w:p") else None
        if level:
            name = f"_Toc{len(entries) + 1:09}"
            entries.append((level, element.text, name))
            for part in bookmarked(len(entries), name, *element.r_lst):
                element.append(part)
    return entries
