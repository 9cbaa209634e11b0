"""Figures as pictures, with the text that a screen reader says."""

from __future__ import annotations

from pathlib import Path

from docx.image.exceptions import UnrecognizedImageError
from docx.oxml.shape import CT_Inline
from docx.parts.document import DocumentPart
from docx.shared import Twips

from victimsmodel.errors import input_error
from victimsmodel.reporting.content.model import Exhibit
from victimsmodel.reporting.word.markup import Element, run

_HIGHEST = 0.72  # share of the height of the text that a picture takes at most: its caption stays with it


class Pictures:
    """Makes pictures of the figures of a run folder.

    Parameters
    ----------
    part : docx.parts.document.DocumentPart
        Keeps the pictures.
    folder : Path
        Holds ``<name of the exhibit>.png``.
    """

    def __init__(self, part: DocumentPart, folder: Path) -> None:
        self._part = part
        self._folder = folder

    def picture(self, exhibit: Exhibit, width: int, height: int) -> Element:
        """Return a picture as a run, as large as fits the text's width and height in twips.

        Raises
        ------
        InputError
            If its file is missing or no picture.
        """
        path = self._folder / f"{exhibit.name}.png"
        try:
            relation, image = self._part.get_or_add_image(str(path))
        except FileNotFoundError:
            hint = "Evaluate the scenario again."
            raise input_error(
                str(path), "is missing, so that Word cannot show it", "VM282", hint=hint
            ) from None
        except (OSError, UnrecognizedImageError):
            raise input_error(str(path), "is no picture that can be read", "VM283") from None
        across = min(width, _HIGHEST * height * image.px_width / image.px_height)
        down = across * image.px_height / image.px_width
        inline = CT_Inline.new_pic_inline(
            exhibit.number, relation, path.name, Twips(round(across)), Twips(round(down))
        )
        inline.docPr.set("name", f"Figure {exhibit.number}")
        inline.docPr.set("descr", exhibit.alt)
        inline.graphic.graphicData.pic.nvPicPr.cNvPr.set("descr", exhibit.alt)
        made = run()
        made.add_drawing(inline)
        return made
