"""Fields, which Word works out for itself: contents, numbers of exhibits, pages."""

from __future__ import annotations

from collections.abc import Sequence

from victimsmodel.reporting.word.markup import Element, paragraph, run, text_of, w
from victimsmodel.reporting.word.styles import Styles

#: What stands below the entries until the field is updated.
HOW_TO_UPDATE = "To add page numbers, and after changes: click here, press F9, and choose the entire table."

_CONTENTS = r'TOC \o "1-2" \h \z \u'


def field(instruction: str, shown: str, style: str = "") -> list[Element]:
    """Return the runs of a field with what it shows until it is updated."""
    return [*_open(instruction), run(text_of(shown), style=style), _mark("end")]


def contents(entries: Sequence[tuple[int, str, str]], styles: Styles) -> Element:
    """Return the contents as a control with an update button: a field that holds its entries already.

    Parameters
    ----------
    entries : sequence of (int, str, str)
        Level from 1, title, bookmark.
    styles : Styles
    """
    lines = []
    for level, title, bookmark in entries:
        link = w("hyperlink", run(text_of(title)), anchor=bookmark, history=1)
        lines.append(paragraph(styles[f"toc {level}"], link))
    first = lines[0]
    for place, part in enumerate(_open(_CONTENTS), start=1):
        first.insert(place, part)
    lines.append(paragraph(styles["Note"], run(text_of(HOW_TO_UPDATE)), _mark("end")))
    gallery = w("docPartObj", w("docPartGallery", val="Table of Contents"), w("docPartUnique"))
    title = paragraph(styles["TOC Heading"], run(text_of("Contents")))
    title.pPr.append(w("pageBreakBefore"))  # whatever a template's style says
    return w("sdt", w("sdtPr", gallery), w("sdtContent", title, *lines))


def bookmarked(identifier: int, name: str, *runs: Element) -> list[Element]:
    """Return runs with a bookmark around them."""
    return [w("bookmarkStart", id=identifier, name=name), *runs, w("bookmarkEnd", id=identifier)]


def page_of_pages() -> list[Element]:
    """Return the runs of "Page 1 of 9"."""
    middle = run(text_of(" of "))
    return [run(text_of("Page ")), *field("PAGE", "1"), middle, *field("NUMPAGES", "1")]


def _open(instruction: str) -> list[Element]:
    said = w("instrText")
    said.text = f" {instruction} "
    said.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return [_mark("begin"), run(said), _mark("separate")]


def _mark(kind: str) -> Element:
    return run(w("fldChar", fldCharType=kind))
