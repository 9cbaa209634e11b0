"""The numbering of list bullets: the file's own, or one that is added to a template that has none."""

from __future__ import annotations

from docx.document import Document as WordFile
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.parts.numbering import NumberingPart

from victimsmodel.reporting.word.markup import Element, w

_INDENT = 357  # twips from the bullet to its text


def bullet_numbering(file: WordFile) -> Element:
    """Return what gives a style bullets: that of the file's own list bullets if it has them."""
    for style in file.styles.element.findall(qn("w:style")):
        found = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if str(style.find(qn("w:name")).get(qn("w:val"))).lower() == "list bullet" and found is not None:
            return found
    numbering = _numbering(file)
    list_id = _next_id(numbering, "abstractNum", "abstractNumId")
    number_id = _next_id(numbering, "num", "numId")
    indent = w("pPr", w("ind", left=_INDENT, hanging=_INDENT))
    how = (w("start", val=1), w("numFmt", val="bullet"), w("lvlText", val="•"), w("lvlJc", val="left"))
    level = w("lvl", *how, indent, ilvl=0)
    made = w("abstractNum", w("multiLevelType", val="singleLevel"), level, abstractNumId=list_id)
    first = numbering.find(qn("w:num"))
    if first is None:
        numbering.append(made)
    else:
        first.addprevious(made)  # the standard puts lists before the numbers that use them
    numbering.append(w("num", w("abstractNumId", val=list_id), numId=number_id))
    return w("numPr", w("numId", val=number_id))


def _numbering(file: WordFile) -> Element:
    """Return the file's numbering, which is made where there is none."""
    part = file.part
    try:
        return part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element
    except KeyError:
        root = parse_xml(f"<w:numbering {nsdecls('w')}/>")
        name = PackURI("/word/numbering.xml")
        made = NumberingPart(name, CONTENT_TYPE.WML_NUMBERING, root, part.package)
        part.relate_to(made, RELATIONSHIP_TYPE.NUMBERING)
        return root


def _next_id(numbering: Element, tag: str, name: str) -> int:
    taken = [int(found.get(qn(f"w:{name}"))) for found in numbering.findall(qn(f"w:{tag}"))]
    return max(taken, default=0) + 1
