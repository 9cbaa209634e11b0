"""Equations as MathML, made when the pages are built: browsers draw it without JavaScript or web fonts."""

from typing import Any

from docutils.nodes import Element, SkipNode
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx


def _inline(translator: Any, node: Element) -> None:
    translator.body.append(tex2mathml(node.astext()))
    raise SkipNode


def _block(translator: Any, node: Element) -> None:
    translator.body.append(tex2mathml(node.astext(), as_block=True))
    raise SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer that conf.py names."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
