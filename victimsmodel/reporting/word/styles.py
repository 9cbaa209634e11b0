"""Styles by their names: those of a template where it has them, the report's own otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from docx.document import Document as WordFile
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from victimsmodel.reporting.word.bullets import bullet_numbering
from victimsmodel.reporting.word.markup import Element, w

_KEPT = frozenset({"normal table", "no list"})
_REFERRING = ("w:basedOn", "w:next", "w:link")
_LANGUAGE = "en-GB"


class Styles:
    """The identifiers that a Word file gives the styles of the report.

    Parameters
    ----------
    ids : dict of str to str
        Identifier by the style's name in small letters, for in a template both may differ from the usual.
    """

    def __init__(self, ids: dict[str, str]) -> None:
        self._ids = ids

    def __getitem__(self, name: str) -> str:
        return self._ids[name.lower()]


def fit_styles(file: WordFile, is_branded: bool) -> Styles:
    """Give a Word file the report's styles and its language, and return their identifiers.

    Parameters
    ----------
    file : docx.document.Document
    is_branded : bool
        Whether it is a template of the user's, whose own styles stay as they are; otherwise all are
        those of the report, and tables have no others.
    """
    root = file.styles.element
    own = parse_xml(files("victimsmodel.reporting").joinpath("templates", "word-styles.xml").read_bytes())
    needs_bullets = not is_branded or "list bullet" not in {_name(style) for style in _styles(root)}
    numbering = bullet_numbering(file) if needs_bullets else None
    if not is_branded:
        _clear(root, {_name(style) for style in _styles(own)})
    ids = {_name(style): style.get(qn("w:styleId")) for style in _styles(root)}
    taken = set(ids.values())
    renamed: dict[str, str] = {}
    added = []
    for style in list(_styles(own)):
        name, given = _name(style), style.get(qn("w:styleId"))
        if name not in ids:
            ids[name] = given if given not in taken else f"{given}Report"
            style.set(qn("w:styleId"), ids[name])
            if is_branded:
                style.attrib.pop(qn("w:default"), None)
            added.append(style)
        renamed[given] = ids[name]
    for style in added:
        for tag in _REFERRING:
            for found in style.findall(qn(tag)):
                found.set(qn("w:val"), renamed[found.get(qn("w:val"))])
        if _name(style) == "list bullet" and numbering is not None:
            style.find(qn("w:pPr")).insert(0, numbering)
        root.append(style)
    _speak(root)
    return Styles(ids)


def _styles(root: Element) -> Iterator[Element]:
    return iter(root.findall(qn("w:style")))


def _name(style: Element) -> str:
    return str(style.find(qn("w:name")).get(qn("w:val"))).lower()


def _clear(root: Element, own: set[str]) -> None:
    """Remove the styles that the report has its own of, and every table style, and what was theirs."""
    for style in list(_styles(root)):
        kind, name = style.get(qn("w:type")), _name(style)
        if (name not in _KEPT and (name in own or kind == "table")) or name in own:
            root.remove(style)


def _speak(root: Element) -> None:
    """State the language of all text."""
    look = root.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    if look is None:
        look = root.get_or_add_docDefaults().get_or_add_rPrDefault().get_or_add_rPr()
    for found in look.findall(qn("w:lang")):
        look.remove(found)
    look.append(w("lang", val=_LANGUAGE, eastAsia=_LANGUAGE, bidi="ar-SA"))
