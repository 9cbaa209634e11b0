"""Kernels for notebooks, forked from one process that has imported the libraries already.

Starting a kernel and importing the libraries costs about three seconds of processor time a notebook.
Here a *nursery*, a process of its own with a single thread, imports them once; each kernel is a fork of
it, and shares nothing else with its siblings. The nursery ends when its pipe closes, and its kernels
with it, however the evaluation ended. Systems that cannot fork start their kernels as Jupyter does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from victimsmodel.processes import is_running

#: What notebooks import, heaviest first; imported by the nursery.
_PRELOADED = ("pandas", "IPython.display", "matplotlib.backends.backend_svg")
_BACKEND = "module://matplotlib_inline.backend_inline"  # what a kernel sets, too late for a fork
_POLL_SECONDS = 0.02
_PR_SET_PDEATHSIG = 1  # prctl(2)


class ForkedProcess:
    """A kernel that the nursery has forked, as jupyter_client handles the processes that it starts."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """Return None while the process lives, else 0: only its parent, the nursery, knows how it ended."""
        return None if is_running(self.pid) else 0

    def wait(self) -> int:
        """Wait until the process has ended."""
        while self.poll() is None:
            time.sleep(_POLL_SECONDS)
        return 0

    def send_signal(self, number: int) -> None:
        """Send a signal, if the process still lives."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process."""
        self.send_signal(signal.SIGKILL)


class Nursery:
    """The process that kernels are forked from.

    Parameters
    ----------
    uses : collection of str, optional
        Names of the package that its notebooks use, whose modules it imports; the kernel alone unless stated.
    """

    def __init__(self, uses: Collection[str] = ()) -> None:
        command = [sys.executable, "-W", "ignore::DeprecationWarning", "-m", __name__, *uses]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._turn = threading.Lock()
        self._forked: list[ForkedProcess] = []

    def fork(self, arguments: list[str], env: Mapping[str, str], cwd: str | None) -> ForkedProcess:
        """Start a kernel.

        Parameters
        ----------
        arguments : list of str
            Of the kernel's command line, after the module.
        env : mapping
            Its whole environment.
        cwd : str or None
            The folder it works in.
        """
        request = json.dumps({"arguments": arguments, "env": dict(env), "cwd": cwd})
        with self._turn:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(request + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
            if not answer:
                raise ChildProcessError("the process that kernels are forked from has ended")
            forked = ForkedProcess(int(answer))
            self._forked.append(forked)
        return forked

    def close(self) -> None:
        """End the nursery once it is idle."""
        self._process.communicate()

    def stop(self) -> None:
        """End the nursery and all its kernels at once."""
        self._process.kill()
        for forked in self._forked:
            forked.kill()


@contextmanager
def nursery(uses: Collection[str] = ()) -> Iterator[Nursery | None]:
    """Hold a nursery open, or nothing where processes cannot be forked."""
    if not hasattr(os, "fork"):
        yield None
        return
    held = Nursery(uses)
    try:
        yield held
    finally:
        held.close()


def manager_class(held: Nursery) -> type:
    """Return the class of kernel managers whose kernels are forked from a nursery."""
    from jupyter_client.manager import AsyncKernelManager

    class ForkingKernelManager(AsyncKernelManager):
        async def _async_launch_kernel(self, kernel_cmd: list[str], **kw: Any) -> None:
            provisioner: Any = self.provisioner
            arguments = kernel_cmd[kernel_cmd.index("-f") :]
            provisioner.process = held.fork(arguments, kw["env"], kw.get("cwd"))
            provisioner.pid = provisioner.pgid = provisioner.process.pid
            self._reconcile_connection_info(provisioner.connection_info)

    return ForkingKernelManager


def _serve() -> None:
    """Import the libraries, then fork a kernel for each line of the standard input."""
    _end_with_parent()  # also while it imports
    os.environ.setdefault("MPLBACKEND", _BACKEND)
    _preload(sys.argv[1:])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started the nursery closes its pipe
    signal.signal(signal.SIGCHLD, _bury)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what kernels print to their terminal is no answer
    for line in sys.stdin:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            answers.close()
            _become_kernel(request)
        print(pid, file=answers, flush=True)
    os._exit(0)  # nothing to tidy up: taking the libraries down would take a second


def _bury(number: int, frame: object) -> None:
    """Take note of kernels that have ended, so that they vanish from the table of processes."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _preload(uses: Collection[str]) -> None:
    """Import what kernels use; and what notebooks use, if it is known."""
    from importlib import import_module

    import_module("ipykernel.kernelapp")
    if not uses:
        return
    for name in _PRELOADED:
        import_module(name)
    package = import_module(__package__)
    for name in sorted({*package.__all__} & {*uses}):  # importing the module that each stands in
        getattr(package, name)
    _prepare_compiled()


def _prepare_compiled() -> None:
    """Load what numba needs before it can load the first compiled function: half a second a kernel."""
    from numba.core.registry import cpu_target

    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()


def _end_with_parent() -> None:
    """Have the system end this process at once when its parent does, where the system can.

    A kernel itself looks once a second, and could write a file meanwhile of a run that goes on already.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


def _listen_nowhere() -> None:
    """Keep a kernel from opening a port for what processes print that fork from it; none do."""
    from ipykernel import kernelapp
    from ipykernel.iostream import IOPubThread

    class Deaf(IOPubThread):
        def __init__(self, socket: Any, pipe: bool = False, session: Any = False) -> None:
            super().__init__(socket, pipe=False, session=session)  # type: ignore[no-untyped-call]

    setattr(kernelapp, "IOPubThread", Deaf)  # noqa: B010 - which mypy takes for no name of the module


def _become_kernel(request: Mapping[str, Any]) -> None:
    """Be a kernel until it is shut down."""
    nursery_pid = os.getppid()
    _end_with_parent()
    os.setsid()  # signals reach the kernel and what it starts, not the nursery
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.environ.clear()
    os.environ.update(request["env"], JPY_PARENT_PID=str(nursery_pid))
    if request["cwd"]:
        os.chdir(request["cwd"])
    from ipykernel.kernelapp import IPKernelApp

    _listen_nowhere()
    app = IPKernelApp.instance(parent_handle=nursery_pid)
    app.initialize(request["arguments"])
    app.start()
    os._exit(0)


if __name__ == "__main__":
    _serve()
