"""The document as a page: every number keeps its place as an attribute."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from victimsmodel.reporting.content.model import (
    Block,
    Bracketed,
    Cited,
    Count,
    Document,
    Inline,
    Judged,
    Link,
    Marked,
    Quotient,
    Sentence,
    Stated,
    Strong,
    Text,
)
from victimsmodel.reporting.drawings import inlined

_PACKAGE = "victimsmodel.reporting"


def page(document: Document, figures: Mapping[str, str]) -> str:
    """Return a document as one HTML file that asks nothing of the outside.

    Parameters
    ----------
    document : Document
        From `content.build.build_document`.
    figures : mapping of str to str
        SVG text by name of the figure; those that the document shows are drawn.
    """
    shown = {exhibit.name: exhibit.alt for exhibit in document.exhibits if exhibit.kind == "figure"}
    drawings = inlined({name: figures[name] for name in shown}, shown)
    template = _environment().get_template("report.html.j2")
    style = files(_PACKAGE).joinpath("templates", "report.css").read_text("utf-8")
    return template.render(document=document, drawings=drawings, css=Markup(style)).lstrip()


@cache
def _environment() -> Environment:
    """Return what compiles the templates, which it does once."""
    made = Environment(
        loader=PackageLoader(_PACKAGE, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"text": as_html, "cell": partial(as_html, in_table=True), "kind": _kind}
    return made


def as_html(text: Text, in_table: bool = False) -> Markup:
    """Return text as HTML; in a table, what stands in brackets elsewhere stands small below."""
    return Markup("").join(_piece(piece, in_table) for piece in text)


def _kind(block: Block) -> str:
    return type(block).__name__


def _piece(piece: Inline, in_table: bool) -> Markup:
    if isinstance(piece, str):
        return escape(piece)
    if isinstance(piece, Cited):
        return _cited(piece)
    if isinstance(piece, Judged):
        kept = Markup('<span class="sure" data-cell="{}" data-draws="{}">{}</span>')
        return kept.format(str(piece.cell), piece.n_draws, piece.text)
    if isinstance(piece, Marked):
        return Markup('<span class="mark">{}</span>').format(piece.text)
    inside = as_html(piece.parts, in_table)
    if isinstance(piece, Bracketed):
        return Markup("<small>{}</small>" if in_table else "({})").format(inside)
    if isinstance(piece, Strong):
        return Markup("<b>{}</b>").format(inside)
    if isinstance(piece, Sentence):
        return Markup('<span data-claim="{}">{}</span>').format(piece.claim, inside)
    assert isinstance(piece, Link)
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(piece.address, inside)


def _cited(piece: Cited) -> Markup:
    place, style = piece.place, piece.style
    name = {Quotient: "share", Count: "count", Stated: "stated"}.get(type(place), "cell")
    look = "t" if style in ("text", "note", "standard") else "n"
    attributes = f'class="{look}" data-{name}="{escape(str(place))}" data-as="{escape(style)}"'
    return Markup(f"<span {attributes}>{escape(piece.text)}</span>")  # a page has thousands
