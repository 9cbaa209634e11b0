"""Elements of WordprocessingML, written short."""

from __future__ import annotations

from functools import cache
from typing import Any

from docx.oxml.ns import nsmap, qn
from docx.oxml.parser import oxml_parser

#: An element of the file; lxml has no types that python-docx passes on.
Element = Any

_WORD = {"w": nsmap["w"]}


def w(tag: str, *children: Element | None, **attributes: str | int) -> Element:
    """Return an element of Word's main namespace with children and attributes; `None` is passed over."""
    stated = {_clark(name): str(value) for name, value in attributes.items()}
    made = oxml_parser.makeelement(_clark(tag), stated, _WORD)
    for child in children:
        if child is not None:
            made.append(child)
    return made


@cache
def _clark(name: str) -> str:
    return str(qn(f"w:{name}"))


def text_of(text: str) -> Element:
    """Return the element that holds text, with its spaces kept."""
    made = w("t")
    made.text = text
    if text != text.strip() or "  " in text:
        made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return made


def run(*children: Element, style: str = "") -> Element:
    """Return a run of text in a character style, by its identifier."""
    look = w("rPr", w("rStyle", val=style)) if style else None
    return w("r", look, *children)


def paragraph(style: str, *children: Element) -> Element:
    """Return a paragraph in a style, by its identifier."""
    return w("p", w("pPr", w("pStyle", val=style)), *children)
