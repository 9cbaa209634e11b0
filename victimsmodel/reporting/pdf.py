"""The report as a PDF, made from the page by WeasyPrint."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from victimsmodel.errors import input_error
from victimsmodel.files import write_whole

_DATA = re.compile(r'<details class="data">.*?</details>', re.DOTALL)
_DRAWING = re.compile(
    r'(<div class="chart" data-figure="([^"]+)"[^>]*>)<svg [^>]*aria-label="([^"]*)".*?</svg></div>',
    re.DOTALL,
)
_HOW = (
    "Install it with: pip install 'victimsmodel[pdf]'; on Debian also "
    "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0."
)


def write_pdf(run_folder: Path) -> Path:
    """Write ``report.pdf`` beside the ``report.html`` of a run folder, whole or not at all.

    Parameters
    ----------
    run_folder : Path

    Returns
    -------
    Path
        The PDF.

    Raises
    ------
    InputError
        If the folder holds no report, or WeasyPrint or one of its system libraries is missing.
    CannotWriteError
        If the file cannot be written.
    """
    source = run_folder / "report.html"
    if not source.is_file():
        hint = "Make one with: victimsmodel evaluate SCENARIO."
        raise input_error(str(run_folder), "holds no report.html", "VM217", hint=hint)
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:  # OSError: a system library is missing
        reason = str(error).splitlines()[0]
        raise input_error(
            "victimsmodel pdf", f"WeasyPrint cannot be used ({reason})", "VM218", hint=_HOW
        ) from None
    for name in ("weasyprint", "fontTools"):  # what they do not know of the page's style is no news
        logging.getLogger(name).setLevel(logging.ERROR)
    html = _printable(source.read_text("utf-8"), run_folder)
    target = run_folder / "report.pdf"
    made = HTML(string=html, base_url=f"{run_folder.resolve()}/").write_pdf(pdf_variant="pdf/ua-1")
    write_whole(target, made)
    return target


def _printable(html: str, run_folder: Path) -> str:
    """Return the page with what is folded open, the data behind figures left out, and pictures for drawings.

    WeasyPrint takes half a minute for the drawings of a report, and a moment for pictures of them.
    """

    def picture(found: re.Match[str]) -> str:
        path = run_folder / "figures" / f"{found[2]}.png"
        if not path.is_file():
            raise input_error(str(path), "is missing, so that the figure cannot be printed", "VM219")
        return f'{found[1]}<img src="figures/{path.name}" alt="{found[3]}"></div>'

    html = _DATA.sub("", html).replace('<details class="fold"', '<details open class="fold"')
    return _DRAWING.sub(picture, html)
