"""The server of the page: this machine only, one analyst, nothing without the token."""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import tornado.web
from tornado.ioloop import IOLoop

from victimsmodel.errors import CannotWriteError, InputError, VictimsModelError, input_error
from victimsmodel.explorer.memory import give_back
from victimsmodel.explorer.page import STATIC, page_html, static_file
from victimsmodel.explorer.saving import save_scenario
from victimsmodel.explorer.settings import checked, titled, with_settings
from victimsmodel.explorer.work import LOOKS, Shown, Workshop
from victimsmodel.inputs.scenario import Scenario

MOST_BYTES = 20_000  # of a request
_MOST_SETTINGS = 100
_WAIT_SECONDS = 20.0  # for simulated years, before the page asks again

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_REFUSED = (
    "403: open the whole address that victimsmodel explore printed in the terminal, with its token.\n"
    "The page answers on this machine only, to the person who started it.\n"
)


class Session:
    """What the server keeps: the workshop, who may see it, and the newest simulated numbers."""

    def __init__(self, workshop: Workshop, folder: Path) -> None:
        self.workshop, self.folder = workshop, folder
        self.token = secrets.token_urlsafe(32)
        self.port = 0  # known when the server listens
        self.exact_pool = ThreadPoolExecutor(1, "exact")
        self.simulation_pool = ThreadPoolExecutor(1, "simulation")
        self.pending: tuple[int, Scenario] | None = None  # to be simulated once the page asks for it
        self.simulated: tuple[int, int, Shown] | None = None  # serial, years, numbers
        self.failure: tuple[int, str] | None = None
        self.news = asyncio.Event()

    @property
    def cookie(self) -> str:
        """Name of the cookie: ports of one machine share their cookies."""
        return f"victimsmodel_{self.port}"

    def hosts(self) -> tuple[str, ...]:
        """Return the names under which a browser may ask for the page."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    def told(self) -> None:
        """Wake those who wait for news."""
        self.news.set()
        self.news = asyncio.Event()

    def newer(self) -> int:
        """Return the number of settings that have just come; who waits for older ones waits no longer."""
        serial = self.workshop.began()
        self.told()  # else their requests would take up all connections of a browser
        return serial

    def start_simulation(self, scenario: Scenario, serial: int) -> None:
        """Simulate in a thread; the event loop is told at each look."""
        loop = IOLoop.current()

        def keep(years: int, shown: Shown) -> None:
            self.simulated = serial, years, shown
            loop.add_callback(self.told)

        def work() -> None:
            try:
                if self.workshop.simulated(scenario, serial, keep):
                    give_back()  # nobody waits for numbers now
            except VictimsModelError as error:
                self.failure = serial, str(error)
                loop.add_callback(self.told)

        self.simulation_pool.submit(work)

    def start_pending(self, serial: int) -> None:
        """Simulate the settings of a serial, unless that has begun; none that a moving slider passes."""
        if self.pending is not None and self.pending[0] == serial:
            _, scenario = self.pending
            self.pending = None
            self.start_simulation(scenario, serial)

    def warm_up(self) -> None:
        """Load the compiled simulation before anybody asks for it, while the page is opened."""
        self.start_simulation(with_settings(self.workshop.explored, {}), self.workshop.began())

    def close(self) -> None:
        """Let the threads end: what they do becomes stale."""
        self.workshop.began()
        for pool in (self.exact_pool, self.simulation_pool):
            pool.shutdown(wait=False, cancel_futures=True)


class Guarded(tornado.web.RequestHandler):
    """A handler that answers only the analyst: host, token and, for changes, origin are looked at."""

    session: Session

    def initialize(self, session: Session) -> None:
        """Keep the session that the application hands to every handler."""
        self.session = session

    def set_default_headers(self) -> None:
        """Say that nothing of another site may be loaded, and nothing be kept."""
        self.clear_header("Server")
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Refuse what a page of another site, or another user of this machine, could have sent."""
        host = self.request.headers.get("Host", "")
        if host not in self.session.hosts():  # a name that an attacker's server gives this address
            raise tornado.web.HTTPError(403)
        given = self.get_cookie(self.session.cookie) or ""
        if not self._is_token(given) and not self._has_token_in_address():
            raise tornado.web.HTTPError(403)
        if self.request.method == "POST":
            if self.request.headers.get("Origin") != f"http://{host}" or not self._is_token(given):
                raise tornado.web.HTTPError(403)
            if self.request.headers.get("Content-Type", "").partition(";")[0] != "application/json":
                raise tornado.web.HTTPError(415)

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self.session.token.encode())

    def _has_token_in_address(self) -> bool:
        is_page = self.request.method == "GET" and self.request.path == "/"
        return is_page and self._is_token(self.get_query_argument("token", ""))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer in plain text, without a word about the program."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(_REFUSED if status_code == 403 else f"{status_code}\n")

    def asked(self) -> dict[str, Any]:
        """Return the JSON object of a request."""
        try:
            found = json.loads(self.request.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise input_error("", "must be a JSON object", "VM247", field="request")
        return found

    def moved(self, asked: dict[str, Any]) -> dict[str, float]:
        """Return the settings of a request, checked."""
        found = asked.get("settings", {})
        if not isinstance(found, dict) or len(found) > _MOST_SETTINGS:
            allowed = f"must be an object of at most {_MOST_SETTINGS} values"
            raise input_error("", allowed, "VM247", field="settings")
        return checked(self.session.workshop.explored, found)

    async def answer(self, work: Awaitable[dict[str, Any]]) -> None:
        """Answer with what the work gives, or with its problems and status 400."""
        try:
            self.finish(await work)
        except (InputError, CannotWriteError) as error:
            self.set_status(400)
            self.finish(self._told(error))

    def _told(self, error: InputError | CannotWriteError) -> dict[str, Any]:
        """Return each problem under the title that its input has on the page, and where it belongs."""
        if isinstance(error, CannotWriteError):
            return {"problems": str(error).splitlines(), "fields": []}
        told = [str(titled(self.session.workshop.explored, problem)) for problem in error.problems]
        return {"problems": told, "fields": [problem.field for problem in error.problems]}


class Page(Guarded):
    """The page itself; a token in the address becomes a cookie and leaves the address."""

    def get(self) -> None:
        """Answer with the page, or send the browser to it with a cookie."""
        if self.get_query_argument("token", ""):
            self.set_cookie(
                self.session.cookie, self.session.token, httponly=True, samesite="Strict", path="/"
            )
            self.redirect("/", status=303)
            return
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page_html(self.session.workshop, self.session.folder))


class Static(Guarded):
    """Styles and script of the page."""

    def get(self, name: str) -> None:
        """Answer with a file of `STATIC`."""
        found = static_file(name)
        if found is None:
            raise tornado.web.HTTPError(404)
        self.set_header("Content-Type", STATIC[name])
        self.finish(found)


class Exact(Guarded):
    """Exact numbers of some settings; older ones are no longer simulated."""

    async def post(self) -> None:
        """Answer with exact numbers."""
        await self.answer(self._numbers())

    async def _numbers(self) -> dict[str, Any]:
        session = self.session
        settings = self.moved(self.asked())
        serial = session.newer()
        work = IOLoop.current().run_in_executor(session.exact_pool, session.workshop.exact, settings)
        scenario, shown = await work
        if session.workshop.is_stale(serial):
            return {"stale": True}
        session.pending = serial, scenario
        return {"serial": serial, "numbers": shown.numbers, "words": shown.words}


class Simulated(Guarded):
    """Simulated numbers of a request's serial, once there are more years than the page has."""

    async def post(self) -> None:
        """Answer with simulated numbers, as soon as there are newer ones."""
        await self.answer(self._numbers())

    async def _numbers(self) -> dict[str, Any]:
        asked, session = self.asked(), self.session
        serial, years = asked.get("serial"), asked.get("years")
        if not isinstance(serial, int) or not isinstance(years, int):
            raise input_error("", "must name serial and years", "VM247", field="request")
        session.start_pending(serial)
        end = IOLoop.current().time() + _WAIT_SECONDS
        while not session.workshop.is_stale(serial):
            if session.failure is not None and session.failure[0] == serial:
                return {"problems": [session.failure[1]]}
            known = session.simulated
            if known is not None and known[0] == serial and known[1] > years:
                shown, is_last = known[2], known[1] >= LOOKS[-1]
                return {"years": known[1], "numbers": shown.numbers, "words": shown.words, "last": is_last}
            left = end - IOLoop.current().time()
            if left <= 0:
                return {"years": years}
            try:
                await asyncio.wait_for(session.news.wait(), left)
            except TimeoutError:
                continue
        return {"stale": True}


class Save(Guarded):
    """The settings as a scenario file."""

    async def post(self) -> None:
        """Answer with the name of the file."""
        await self.answer(self._saved())

    async def _saved(self) -> dict[str, Any]:
        asked, session = self.asked(), self.session
        settings = self.moved(asked)
        explored, replace = session.workshop.explored, asked.get("replace") is True
        path = await IOLoop.current().run_in_executor(
            session.exact_pool, save_scenario, explored, settings, asked.get("name"), session.folder, replace
        )
        return {
            "file": path.name,
            "folder": str(path.parent),
            "command": f"victimsmodel evaluate {path.name}",
        }


def application(session: Session) -> tornado.web.Application:
    """Return the application of a session."""
    own = {"session": session}
    return tornado.web.Application(
        [
            ("/", Page, own),
            (r"/static/([a-z.]+)", Static, own),
            ("/api/exact", Exact, own),
            ("/api/simulated", Simulated, own),
            ("/api/save", Save, own),
        ],
        default_handler_class=Guarded,
        default_handler_args=own,
        log_function=lambda handler: None,
    )
