"""Sentences and tables that a notebook shows one below the other."""

from __future__ import annotations

import re
from html import escape

from victimsmodel.reporting.text_table import TextTable


class Sentences(tuple[str, ...]):
    """Sentences in order; what stands between backquotes is a command to type."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return one sentence a line."""
        return "\n".join(self)

    def _repr_html_(self) -> str:
        typed = (re.sub("`(.+?)`", r"<code>\1</code>", escape(text)) for text in self)
        return "".join(f"<p>{text}</p>" for text in typed)


class TextTables(tuple[TextTable, ...]):
    """Tables of texts in order."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the tables, an empty line between them."""
        return "\n\n".join(table.to_string() for table in self)

    def _repr_html_(self) -> str:
        return "<br>".join(table._repr_html_() or "" for table in self)
