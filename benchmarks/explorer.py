"""How quickly the page of a workshop answers, and what it takes: the figures of docs/explorer.md.

Run it with ``python benchmarks/explorer.py [SCENARIO]``; it needs Chromium, and starts the command as a
user does.
"""

from __future__ import annotations

import itertools
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

_CHROMIUM = "/usr/bin/chromium"
_MOVES = 12
_STEPS = 12
_SLIDER = ".x-control >> nth=5 >> input[type=range]"  # the first three are staff


def main() -> None:
    """Start the command, move a slider, print the times."""
    scenario = Path(sys.argv[1] if len(sys.argv) > 1 else "parameters/west-midlands.yaml").resolve()
    command = [sys.executable, "-m", "victimsmodel", "explore", str(scenario), "--no-browser"]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        server = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            address = server.stdout.readline().removeprefix("Open ").strip()
            print(f"command to address: {time.perf_counter() - started:.1f} s")
            _measure(address, server.pid)
        finally:
            server.terminate()
            server.wait(10)
    _processor_time(scenario)


def _measure(address: str, pid: int) -> None:
    load = os.getloadavg()[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        outside: list[str] = []
        page.on("request", lambda request: _keep_outside(request.url, address, outside))
        ready = []
        for _ in range(3):
            start = time.perf_counter()
            page.goto(address)
            page.wait_for_selector("body[data-ready]")
            ready.append(time.perf_counter() - start)
        _await_simulated(page)
        exact, simulated = [], []
        for _ in range(_MOVES):
            before = page.evaluate("document.body.dataset.exact")
            page.locator(_SLIDER).focus()
            times = page.evaluate(_TIMED, before)
            exact.append(times[0])
            simulated.append(times[1])
        held = [page.evaluate(_HELD, _STEPS) for _ in range(_MOVES // 2) if _settled(page)]
        browser.close()
    middle = statistics.median
    print(f"page with exact numbers: {middle(ready):.2f} s (median of {len(ready)}, most {max(ready):.2f})")
    print(f"slider to exact numbers: {middle(exact):.0f} ms (median of {_MOVES}, most {max(exact):.0f})")
    print(f"slider to simulated numbers: {middle(simulated):.0f} ms (most {max(simulated):.0f})")
    print(f"{_STEPS} positions in a row, last to exact numbers: {middle(held):.0f} ms (most {max(held):.0f})")
    print(f"memory of the server: {_memory(pid)}")
    print(f"requests that left the machine: {len(outside)}")
    print(f"load of the machine: {load:.1f} on {os.cpu_count()} processors")


def _processor_time(scenario: Path) -> None:
    """Print what the numbers cost by themselves, which other programs on the machine lengthen less."""
    from victimsmodel.explorer.running import open_workshop
    from victimsmodel.explorer.work import LOOKS, Years

    workshop = open_workshop(scenario, {}, [], 1, Path("outputs"))

    def simulate() -> None:
        years = Years(workshop.explored.scenario, 1)
        for _ in range(LOOKS[0]):
            years.run(lambda: None)
        years.values()

    slider = workshop.explored.sliders[5]  # the one that the page's times are of
    positions = itertools.cycle(slider.values)

    simulate()  # loads the compiled kernel
    for what, work in (
        ("exact numbers", lambda: workshop.exact({slider.name: next(positions)})),
        (f"{LOOKS[0]} simulated years", simulate),
    ):
        times = []
        for _ in range(_MOVES // 2):
            start = time.process_time()
            work()
            times.append(time.process_time() - start)
        middle, least = 1000 * statistics.median(times), 1000 * min(times)
        print(f"processor time of {what}: {middle:.0f} ms (least {least:.0f})")


#: Move the focused slider by one, and wait in the page itself: from the event to the numbers, in ms.
_TIMED = """async (before) => {
  const slider = document.activeElement, start = performance.now(), body = document.body.dataset;
  slider.value = Number(slider.value) + 1;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  const until = (test) => new Promise((done) => {
    const look = () => (test() ? done(performance.now() - start) : setTimeout(look, 2));
    look();
  });
  const exact = await until(() => body.exact !== before);
  return [exact, await until(() => (body.simulated || "").startsWith(body.exact + ":"))];
}"""


#: Move the focused slider by so many positions, one each 40 ms, and wait from the last until it has numbers.
_HELD = """async (steps) => {
  const slider = document.activeElement, before = document.body.dataset.exact;
  const step = Number(slider.value) > slider.max / 2 ? -1 : 1;
  for (let i = 0; i < steps; i++) {
    await new Promise((done) => setTimeout(done, 40));
    slider.value = Number(slider.value) + step;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const start = performance.now();
  while (document.body.dataset.exact === before) await new Promise((done) => setTimeout(done, 2));
  return performance.now() - start;
}"""


def _settled(page: Page) -> bool:
    _await_simulated(page)
    page.locator(_SLIDER).focus()
    return True


def _await_simulated(page: Page) -> None:
    shown = page.wait_for_selector("body[data-exact]")
    assert shown is not None
    page.wait_for_selector(f"body[data-simulated^='{shown.get_attribute('data-exact')}:']")


def _keep_outside(url: str, address: str, outside: list[str]) -> None:
    if not url.startswith(address.partition("?")[0]):
        outside.append(url)


def _memory(pid: int) -> str:
    """Return what the server has in memory now and had at most, and its part that is shared with no file."""
    status = Path(f"/proc/{pid}/status").read_text()
    now, most, own = (
        int(re.findall(rf"{name}:\s+(\d+)", status)[0]) // 1024 for name in ("VmRSS", "VmHWM", "RssAnon")
    )
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    shared = int(re.findall(r"\nPss:\s+(\d+)", rollup)[0]) // 1024
    return (
        f"{now} MB now, {most} MB at most (resident); now {own} MB of it not mapped from files; "
        f"{shared} MB where what several processes share counts in parts"
    )


if __name__ == "__main__":
    main()
