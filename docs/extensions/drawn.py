"""The directive ``drawn``: Python that makes a figure, shown with the figure that it made.

The blocks of a page share their names, as the cells of a notebook do. A block that leaves a ``figure``
has it drawn below, with an alternative text from the figure itself: its title, which says the
finding, and what its axes count. Nothing that is drawn is kept in git.
"""

import hashlib
import html
import os
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_ROOT = Path(__file__).resolve().parents[2]


class Drawn(SphinxDirective):
    """Run the content; show it, and the figure that it leaves."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the code and the figure."""
        code = "\n".join(self.content)
        shown = nodes.literal_block(code, code, language="python")
        if not self.config.draw_figures:
            return [shown]
        names: dict[str, Any] = self.env.temp_data.setdefault("drawn_names", {})
        names.pop("figure", None)
        _run(code, names, f"{self.get_source_info()[0]}:{self.lineno}")
        return [shown, self._picture(code, names["figure"])] if "figure" in names else [shown]

    def _picture(self, code: str, figure: Any) -> nodes.raw:
        import matplotlib.pyplot as plt

        from victimsmodel.reporting.pictures import svg_text

        folder = Path(self.env.app.outdir) / "_images"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"drawn-{hashlib.sha256(code.encode()).hexdigest()[:12]}.svg"
        (folder / name).write_text(svg_text(figure), encoding="utf-8")
        text = html.escape(alternative_text(figure))
        plt.close(figure)
        above = "../" * self.env.docname.count("/")
        tag = f'<figure class="drawn"><img src="{above}_images/{name}" alt="{text}"></figure>'
        return nodes.raw("", tag, format="html")


def _run(code: str, names: dict[str, Any], where: str) -> None:
    """Execute a block at the root of the repository, where the commands of the documentation run too."""
    before = Path.cwd()
    os.chdir(_ROOT)
    try:
        exec(compile(code, where, "exec"), names)
    finally:
        os.chdir(before)


def alternative_text(figure: Any) -> str:
    """Return what a figure says, for those who do not see it."""
    from victimsmodel.reporting.pictures import figure_title

    found = []
    for axes in figure.axes:
        labels = [" ".join(text.split()) for text in (axes.get_title(), axes.get_xlabel(), axes.get_ylabel())]
        found += [label for label in labels if label and label not in found]
    counted = f" The chart shows: {'; '.join(found)}." if found else ""
    return figure_title(figure).rstrip(".") + "." + counted


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive and the switch with which tests leave figures out."""
    app.add_config_value("draw_figures", True, "env", bool)
    app.add_directive("drawn", Drawn)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
