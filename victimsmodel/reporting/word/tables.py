"""Tables of the document as Word's tables: head repeated on every page, rows whole, numbers to the right."""

from __future__ import annotations

from collections.abc import Sequence

from victimsmodel.reporting.content.model import KeyFigures, Row, Table, Text
from victimsmodel.reporting.word.inline import Inlines
from victimsmodel.reporting.word.markup import Element, paragraph, run, text_of, w
from victimsmodel.reporting.word.styles import Styles
from victimsmodel.reporting.word.widths import column_widths

_SHORT = 10  # rows of a table that is not broken over pages
_TILES = 5  # key figures beside each other


class Tables:
    """Makes tables.

    Parameters
    ----------
    inlines : Inlines
    styles : Styles
    """

    def __init__(self, inlines: Inlines, styles: Styles) -> None:
        self._inlines = inlines
        self._styles = styles

    def table(self, table: Table, caption: str, available: int) -> Element:
        """Return a table with its head, as wide as there is room in twips."""
        widths = column_widths(table, available)
        made = _table(self._styles["Report Table"], widths, caption, has_head=True)
        made.append(self._head(table, widths))
        last = table.rows[-1]
        is_short = len(table.rows) <= _SHORT
        for group in table.groups:
            if group.title:
                made.append(self._group(group.title, widths))
            for row in group.rows:
                made.append(self._row(row, table, widths, is_kept=is_short or row is last))
        return made

    def key_figures(self, figures: KeyFigures, available: int) -> Element:
        """Return key figures as tiles beside each other."""
        across = min(len(figures.items), _TILES)
        widths = [available // across] * across
        made = _table(self._styles["Key Figure Table"], widths, "", has_head=False)
        for start in range(0, len(figures.items), across):
            cells = []
            for width, item in zip(widths, figures.items[start : start + across], strict=False):
                parts: list[tuple[str, Text]] = [
                    ("Key Figure Label", (item.label,)),
                    ("Key Figure", item.figure),
                    ("Key Figure Note", item.more),
                ]
                shown = [self._said(style, text) for style, text in parts]
                cells.append(_cell(width, *shown))
            cells += [_cell(width, w("p")) for width in widths[len(cells) :]]
            made.append(w("tr", w("trPr", w("cantSplit")), *cells))
        return made

    def _head(self, table: Table, widths: Sequence[int]) -> Element:
        titles = [(table.head, False), *((column.title, column.is_number) for column in table.columns)]
        cells = []
        for width, (title, is_number) in zip(widths, titles, strict=True):
            style = self._styles["Table Head Number" if is_number else "Table Head"]
            cells.append(_cell(width, paragraph(style, run(text_of(title)))))
        return w("tr", w("trPr", w("cantSplit"), w("tblHeader")), *cells)

    def _group(self, title: str, widths: Sequence[int]) -> Element:
        across = paragraph(self._styles["Table Group"], run(text_of(title)))
        look = w("tcPr", w("tcW", w=sum(widths), type="dxa"), w("gridSpan", val=len(widths)))
        return w("tr", w("trPr", w("cantSplit")), w("tc", look, across))

    def _row(self, row: Row, table: Table, widths: Sequence[int], is_kept: bool) -> Element:
        cells: list[Element] = []
        texts = [(row.title, False)]
        texts += [(cell, c.is_number) for cell, c in zip(row.cells, table.columns, strict=True)]
        for width, (text, is_number) in zip(widths, texts, strict=True):
            said = self._said("Table Number" if is_number else "Table Text", text, in_table=True)
            if is_kept:
                said[0].append(w("keepNext"))
            cells.append(_cell(width, said, colour=row.colour if not cells else ""))
        return w("tr", w("trPr", w("cantSplit")), *cells)

    def _said(self, style: str, text: Text, in_table: bool = False) -> Element:
        return paragraph(self._styles[style], *self._inlines.runs(text, in_table=in_table))


def _table(style: str, widths: Sequence[int], caption: str, has_head: bool) -> Element:
    look = w(
        "tblPr",
        w("tblStyle", val=style),
        w("tblW", w=sum(widths), type="dxa"),
        w("tblLayout", type="fixed"),
        w("tblLook", val="0420" if has_head else "0400", firstRow=int(has_head), noVBand=1),
        w("tblCaption", val=caption) if caption else None,
    )
    return w("tbl", look, w("tblGrid", *(w("gridCol", w=width) for width in widths)))


def _cell(width: int, *paragraphs: Element, colour: str = "") -> Element:
    """Return a cell; a colour, which is that of the same thing in figures, stands at its left."""
    edge = w("left", val="single", sz=32, space=0, color=colour.lstrip("#")) if colour else None
    borders = w("tcBorders", edge) if colour else None
    return w("tc", w("tcPr", w("tcW", w=width, type="dxa"), borders), *paragraphs)
