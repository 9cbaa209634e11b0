"""Ctrl-C, and a request to end, stop a command within two seconds and say how to resume."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

MESSAGE = "Stopped: what was finished is kept whole; the same command resumes. [VM272]"
_ENDING = (signal.SIGINT, signal.SIGTERM)
_GRACE_SECONDS = 0.8  # for threads to end by themselves
_OFFSET = 128  # what is added to the number of a signal for the exit status

#: Exit statuses of a command that was stopped.
STATUSES = tuple(_OFFSET + number for number in _ENDING)


@contextmanager
def stoppable() -> Iterator[None]:
    """Stop what is done inside when asked to; at once when asked twice.

    Threads in compiled code end when their task does. Who asked does not wait for them: files are written
    whole or not at all, so the process may end anywhere. A watching thread is woken by the signal itself,
    even while the main thread is in compiled code.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heeded = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _stop) for number in heeded}
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    former = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reading,), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
        os.close(writing)  # which ends the watching thread, unless it counts down already
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(_OFFSET + number)


def _watch(reading: int) -> None:
    """Wait for a signal, then end the process: after the time of grace, or at the second signal."""
    asked: list[int] = []
    end: float | None = None
    while len(asked) < 2:
        left = None if end is None else max(0.0, end - time.monotonic())
        if not select.select([reading], [], [], left)[0]:
            break
        numbers = os.read(reading, 16)
        if not numbers:
            _leave_quietly(reading, asked, end)
            return
        asked += [number for number in numbers if number in _ENDING]
        end = time.monotonic() + _GRACE_SECONDS if asked and end is None else end
    leave(_OFFSET + asked[0])


def leave(status: int) -> None:
    """Say that the command was stopped, and end the process without waiting for its threads."""
    sys.stdout.flush()
    print(MESSAGE, file=sys.stderr, flush=True)
    os._exit(status)


def _leave_quietly(reading: int, asked: list[int], end: float | None) -> None:
    """End with the command, which has said itself that it was stopped; do not wait long for its threads."""
    os.close(reading)
    if end is not None:
        time.sleep(max(0.0, end - time.monotonic()))
        os._exit(_OFFSET + asked[0])
