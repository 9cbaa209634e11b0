"""A running explorer for tests: the server in a thread, and requests as a browser would send them."""

import asyncio
import http.client
import json
import threading
from contextlib import contextmanager

from tornado.httpserver import HTTPServer

from victimsmodel.explorer.running import listening
from victimsmodel.explorer.server import MOST_BYTES, Session, application


@contextmanager
def serving(workshop, folder):
    """Yield the session of a server that runs in another thread."""
    started, session = threading.Event(), Session(workshop, folder)
    loops = []

    async def run():
        listener = listening(None)
        session.port = listener.getsockname()[1]
        server = HTTPServer(application(session), max_body_size=MOST_BYTES)
        server.add_socket(listener)
        ended = asyncio.Event()
        loops.append((asyncio.get_running_loop(), ended))
        started.set()
        await ended.wait()
        session.close()
        server.stop()
        await server.close_all_connections()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    started.wait(10)
    try:
        yield session
    finally:
        loop, ended = loops[0]
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)


def request(session, method, path, body=None, **changed):
    """Send a request with the cookie and origin of the page, unless they are changed; None leaves one out."""
    host = f"127.0.0.1:{session.port}"
    headers = {"Host": host, "Cookie": f"{session.cookie}={session.token}"}
    if method == "POST":
        headers |= {"Origin": f"http://{host}", "Content-Type": "application/json"}
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    connection = http.client.HTTPConnection("127.0.0.1", session.port, timeout=20)
    text = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        if value is not None:
            connection.putheader(name, value)
    if text is not None:
        connection.putheader("Content-Length", str(len(text)))
    connection.endheaders(text)
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return found


def answered(session, path, body):
    """Return the status and the JSON answer of a POST."""
    status, _, text = request(session, "POST", path, body)
    return status, json.loads(text)
