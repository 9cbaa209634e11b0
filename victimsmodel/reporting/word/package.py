"""The file around the text: its template, headers and footers, properties, and bytes that repeat."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import docx
from docx.document import Document as WordFile
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from victimsmodel.errors import input_error
from victimsmodel.reporting.content.model import Document
from victimsmodel.reporting.marks import Mark
from victimsmodel.reporting.word.fields import page_of_pages
from victimsmodel.reporting.word.markup import Element, paragraph, run, text_of, w
from victimsmodel.reporting.word.paper import set_a4
from victimsmodel.reporting.word.styles import Styles

_WORD_2013 = 15  # the newest mode of layout that there is; older ones open "in compatibility mode"
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)  # of a file within a ZIP file


def open_file(template: Path | None) -> WordFile:
    """Return an empty Word file: A4, or with the paper, headers, footers and styles of a template.

    Raises
    ------
    InputError
        If the template does not exist or is no Word document.
    """
    if template is None:
        file = docx.Document()
        set_a4(file)
        _drop_thumbnail(file)
    else:
        file = _open_template(template)
    body = file.element.body
    for element in list(body):
        if element.tag != qn("w:sectPr"):
            body.remove(element)
    return file


def _open_template(template: Path) -> WordFile:
    where = "victimsmodel word"
    if not template.is_file():
        raise input_error(where, "does not exist", "VM280", field="--template", value=str(template))
    try:
        return docx.Document(str(template))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, SyntaxError):
        hint = "Save it in Word as Word Document (.docx)."
        raise input_error(
            where, "is no Word document", "VM281", field="--template", value=str(template), hint=hint
        ) from None


def _drop_thumbnail(file: WordFile) -> None:
    """Remove the picture of a page that the default file of python-docx brings."""
    relations = file.part.package.rels
    for name in [key for key, found in relations.items() if found.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del relations[name]


def dress(file: WordFile, document: Document, styles: Styles) -> None:
    """Give every page but the cover its header and footer, unless a template has its own."""
    section = file.sections[-1]
    for part, name, runs in (
        (section.header, "Header", [run(text_of(document.foot))]),
        (section.footer, "Footer", page_of_pages()),
    ):
        if part.is_linked_to_previous:
            part.is_linked_to_previous = False
            for found in list(part._element):
                part._element.remove(found)
            part._element.append(paragraph(styles[name], *runs))
            section.different_first_page_header_footer = True
    _mark_pages(file, document.mark, styles)


def _mark_pages(file: WordFile, mark: Mark, styles: Styles) -> None:
    """Say in the header of every page, the cover's too, whether it is a draft."""
    section = file.sections[-1]
    headers = [(section.header, mark.short)]
    if section.different_first_page_header_footer:
        headers.append((section.first_page_header, mark.text))
    if file.settings.odd_and_even_pages_header_footer:
        headers.append((section.even_page_header, mark.short))
    style = styles["Draft" if mark.is_draft else "Assured"]
    for header, text in headers:
        if header.is_linked_to_previous:
            header.is_linked_to_previous = False  # which gives it an empty paragraph
            for found in list(header._element):
                header._element.remove(found)
        header._element.append(paragraph(style, run(text_of(text))))


def describe(file: WordFile, document: Document, manifest: Mapping[str, object]) -> None:
    """State the properties of a file, and that Word works out its fields when it opens it."""
    moment = created(manifest)
    told = file.core_properties
    told.title, told.subject, told.keywords = (
        document.title,
        document.kind,
        f"run {manifest.get('run_id', '')}",
    )
    told.author = told.last_modified_by = told.comments = told.category = ""
    told.language = "en-GB"
    told.created = told.modified = moment
    told.revision = 1
    _update_fields(file.settings.element)


def created(manifest: Mapping[str, object]) -> datetime:
    """Return when a run was made, or the earliest time that a file in a ZIP file can have."""
    try:
        moment = datetime.fromisoformat(str(manifest.get("created", "")))
    except ValueError:
        return _EARLIEST
    return max(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC), _EARLIEST)


def file_bytes(file: WordFile, moment: datetime) -> bytes:
    """Return a Word file as bytes in which every part has the same time, so that they repeat."""
    saved, made = BytesIO(), BytesIO()
    file.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, moment.timetuple()[:6])
            is_packed = name.endswith((".png", ".jpeg", ".jpg"))
            part.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(name))
    return made.getvalue()


def _update_fields(settings: Element) -> None:
    for found in settings.findall(qn("w:updateFields")):
        settings.remove(found)
    for found in settings.iter(qn("w:compatSetting")):
        if found.get(qn("w:name")) == "compatibilityMode":
            found.set(qn("w:val"), str(max(_WORD_2013, int(found.get(qn("w:val"))))))
    update = w("updateFields", val="true")
    later = next((found for found in settings if found.tag in _AFTER_UPDATE), None)
    if later is None:
        settings.append(update)
    else:
        later.addprevious(update)


#: What follows `updateFields` in a file's settings (ISO/IEC 29500-1, CT_Settings).
_AFTER_UPDATE = frozenset(
    qn(name)
    for name in (
        *("w:hdrShapeDefaults", "w:footnotePr", "w:endnotePr", "w:compat", "w:docVars", "w:rsids"),
        *("m:mathPr", "w:attachedSchema", "w:themeFontLang", "w:clrSchemeMapping"),
        *("w:doNotIncludeSubdocsInStats", "w:doNotAutoCompressPictures", "w:forceUpgrade", "w:captions"),
        *("w:readModeInkLockDown", "w:smartTagType", "w:shapeDefaults", "w:doNotEmbedSmartTags"),
        *("w:decimalSymbol", "w:listSeparator"),
    )
)
