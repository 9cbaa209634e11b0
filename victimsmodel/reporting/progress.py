"""How far a stage is, for who runs a notebook in JupyterLab; nothing in executed copies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape

from victimsmodel.pathway.results import Progress

_SESSION = "JPY_SESSION_NAME"  # what Jupyter's server tells the kernels of people; papermill and nbval do not
_SECONDS = 0.2  # between two looks
_BAR = '<progress style="width: 40ex; vertical-align: middle"{value}></progress>'


@contextmanager
def progress_bar(stage: str, given: Progress | None = None) -> Iterator[Progress | None]:
    """Hold a bar below the cell that asks for a stage, until its tables stand.

    Parameters
    ----------
    stage : str
    given : callable, optional
        Told instead, where the caller has its own.

    Yields
    ------
    callable or None
        To be told the runs that are finished, and all runs; None where nobody watches.
    """
    if given is not None or not _is_watched():
        yield given
        return
    from IPython.display import HTML, display

    title, last = escape(stage.replace("_", " ")), time.monotonic()
    shown = display(HTML(f"Computing {title} {_BAR.format(value='')}"), display_id=True)

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS:
            last = time.monotonic()
            bar = _BAR.format(value=f' max="{total}" value="{done}"')
            shown.update(HTML(f"Computing {title} {bar} {done:,} of {total:,} runs"))

    try:
        yield show
    finally:
        shown.update(HTML(""))


def _is_watched() -> bool:
    if _SESSION not in os.environ:
        return False
    from IPython import get_ipython

    return get_ipython() is not None
