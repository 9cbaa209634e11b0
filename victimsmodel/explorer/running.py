"""From the command to the page: choose inputs, warm up, listen, open the browser, end cleanly."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from victimsmodel.errors import BusyError
from victimsmodel.explorer.choosing import chosen_inputs
from victimsmodel.explorer.memory import forget_compiler, settle
from victimsmodel.explorer.settings import explored
from victimsmodel.explorer.work import Workshop
from victimsmodel.inputs.draws import check_seed
from victimsmodel.inputs.loading import load_scenario

ADDRESS = "127.0.0.1"


def open_workshop(
    path: Path, overrides: Mapping[str, object], inputs: Iterable[str], seed: int, outputs: Path
) -> Workshop:
    """Return the workshop of a scenario: inputs chosen, the original's exact numbers computed.

    Parameters
    ----------
    path : Path
    overrides : mapping
        As for `load_scenario`.
    inputs : iterable of str
        Names; empty: the scenario's own, a run's, or a ranking.
    seed : int
    outputs : Path
        Where run folders may stand.
    """
    check_seed(seed)
    forget_compiler()  # what starting it took, before the compiled functions are loaded through it
    chosen = chosen_inputs(load_scenario(path, overrides), inputs, outputs)
    forget_compiler()
    return Workshop(explored(path, overrides, chosen.names), seed, chosen.why)


def listening(port: int | None) -> socket.socket:
    """Return a socket that listens on this machine alone; any free port unless one is asked for.

    Raises
    ------
    BusyError
        VM246 if the port is in use.
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((ADDRESS, port or 0))
        found.listen(64)
    except OSError as error:
        found.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        what = "is in use" if error.errno == errno.EADDRINUSE else "may not be used by you"
        raise BusyError(f"--port = {port}: {what}; name another, or none for any free one [VM246]") from None
    found.setblocking(False)
    return found


def serve(workshop: Workshop, port: int | None, folder: Path, announce: Callable[[str], None]) -> None:
    """Serve the page until interrupted.

    Parameters
    ----------
    workshop : Workshop
    port : int, optional
        Any free one unless stated.
    folder : Path
        Where scenarios are saved.
    announce : callable
        Called with the address of the page once it can be opened.
    """
    asyncio.run(_serve(workshop, listening(port), folder, announce))


async def _serve(
    workshop: Workshop, listener: socket.socket, folder: Path, announce: Callable[[str], None]
) -> None:
    from tornado.httpserver import HTTPServer

    from victimsmodel.explorer.server import MOST_BYTES, Session, application

    session = Session(workshop, folder)
    session.port = listener.getsockname()[1]
    server = HTTPServer(application(session), max_body_size=MOST_BYTES, max_header_size=MOST_BYTES)
    server.add_socket(listener)
    ended = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # on Windows Ctrl-C raises KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(ending, ended.set)
    settle()  # what choosing and loading took
    session.warm_up()
    announce(f"http://{ADDRESS}:{session.port}/?token={session.token}")
    try:
        await ended.wait()
    finally:
        session.close()
        server.stop()
        await server.close_all_connections()


def open_browser(address: str) -> None:
    """Open the page in the user's browser, if there is one, without waiting for it."""
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
