"""A table of texts that shows every one of them whole."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import pandas as pd

_NUMBER = r"[+\N{MINUS SIGN}-]?£?\d|\N{EN DASH}?$"  # or a dash for none
_LEFT = '<td style="text-align: left">'


class TextTable(pd.DataFrame):
    """A DataFrame that a notebook shows without cutting sentences off or leaving rows out."""

    @property
    def _constructor(self) -> type[TextTable]:
        return TextTable

    def _repr_html_(self) -> str | None:
        if list(self.columns) == [""]:  # sentences: paragraphs, not cells
            return "".join(f"<p>{escape(str(text))}</p>" for text in self[""])
        with pd.option_context("display.max_colwidth", None, "display.max_rows", None):
            shown: Any = super()._repr_html_()
        return None if shown is None else self._with_texts_left(str(shown))

    def _with_texts_left(self, html: str) -> str:
        """Set the columns of texts to the left; those in which every cell is a number stay to the right."""
        cells = (self.iloc[:, i].astype(str) for i in range(self.shape[1]))
        is_text = [not column.str.match(_NUMBER).all() for column in cells]

        def row(found: re.Match[str]) -> str:
            left = iter(is_text)
            return re.sub("<td>", lambda _: _LEFT if next(left, False) else "<td>", found[0])

        return re.sub(r"<tr.*?</tr>", row, html, flags=re.DOTALL)
