"""A table of texts that shows every one of them whole."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd


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
        return None if shown is None else str(shown)
