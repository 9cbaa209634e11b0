"""The page of the explorer in a browser: move, see, save, reload; nothing leaves the machine."""

import re
from pathlib import Path

import pytest
from explorer_server import serving

from victimsmodel.explorer.running import open_workshop
from victimsmodel.explorer.work import exact_values
from victimsmodel.inputs.loading import load_scenario
from victimsmodel.reporting.formats import FORMATS

CHROMIUM = Path("/usr/bin/chromium")
FILE = Path("parameters/west-midlands.yaml").resolve()
SMALL = {"demand.victims_per_year": 12000, "staff.contact_officer.fte": 2, "staff.caseworker.fte": 0.5}
REACH, NEED = "contact.channels.phone.reach", "demand.need"
OFFICERS = "staff.contact_officer.fte"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    workshop = open_workshop(FILE, SMALL, [REACH, NEED], 1, Path("outputs/none"))
    with serving(workshop, tmp_path_factory.mktemp("saved")) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def page(browser, session):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, page.asked, page.broken = context.new_page(), [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.broken.append(str(error)))
    page.on("console", lambda message: page.broken.append(message.text) if "Policy" in message.text else None)
    page.goto(f"http://127.0.0.1:{session.port}/?token={session.token}")
    _settled(page)
    yield page
    own = re.compile(rf"http://127\.0\.0\.1:{session.port}/")
    assert [url for url in page.asked if not own.match(url)] == []
    assert page.broken == []
    context.close()


def _settled(page, older="none"):
    """Wait for exact and simulated numbers of settings newer than some; return which."""
    page.wait_for_selector(f"body[data-exact]:not([data-exact='{older}'])")
    newest = page.locator("body").get_attribute("data-exact")
    page.wait_for_selector(f"body[data-simulated^='{newest}:']")
    return newest


def _cell(page, row, option, engine):
    return page.locator(f"td[data-row='{row}'][data-option='{option}'] .x-{engine} b").inner_text()


def _pressed(page, name, key, times):
    """Press a key on a slider and wait for the numbers that follow."""
    before = page.locator("body").get_attribute("data-exact")
    page.locator(f"[id='{name}']").focus()
    for _ in range(times):
        page.keyboard.press(key)
    page.wait_for_timeout(50)
    return _settled(page, before)


@pytest.mark.long
def test_an_endless_queue_is_told_beside_the_results_and_ends_with_more_staff(browser, tmp_path):
    patient = {**SMALL, "contact.patience_working_days": 250}
    workshop = open_workshop(FILE, patient, [REACH], 1, Path("outputs/none"))
    with serving(workshop, tmp_path) as running:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"http://127.0.0.1:{running.port}/?token={running.token}")
        page.wait_for_selector("body[data-refused]")
        told = page.locator("#words-simulated")
        assert "would wait ever longer under" in told.inner_text()
        assert "nobody leaves that queue (rho = " in told.inner_text()
        assert _cell(page, "supported_in_need", "phone_first", "s") == "–"
        assert _cell(page, "supported_in_need", "phone_first", "e") != "–"
        page.locator(f"[data-name='{OFFICERS}'] .x-number input").fill("6")
        page.keyboard.press("Enter")
        page.wait_for_selector("body[data-simulated]")
        assert told.inner_text().startswith("With the staff in post: ")
        assert _cell(page, "supported_in_need", "phone_first", "s") not in "–…"
        page.close()


def test_a_slider_moves_the_numbers_and_a_saved_file_has_them(page, session):
    assert "token" not in page.url
    before = [_cell(page, "supported_in_need", "phone_first", engine) for engine in "es"]
    _pressed(page, REACH, "ArrowRight", 6)
    page.wait_for_selector("body:not(.is-waiting)")
    assert page.locator(f"[id='{REACH}']").get_attribute("aria-valuetext") == "48%"
    after = [_cell(page, "supported_in_need", "phone_first", engine) for engine in "es"]
    assert after[0] != before[0]
    page.click("#show-changes")
    rows = page.locator(".x-changes tbody tr").all_inner_texts()
    assert rows == ["Reach of a first call\t42%\t48%"]

    page.click("#save")
    page.fill("#saving-name", "../outside")
    page.click("#saving-form button[type=submit]")
    page.wait_for_selector("#saving-problem:has-text('VM243')")
    page.fill("#saving-name", "from-the-page")
    page.click("#saving-form button[type=submit]")
    page.wait_for_selector("#saving-done:has-text('victimsmodel evaluate from-the-page.yaml')")
    found = exact_values(load_scenario(session.folder / "from-the-page.yaml"))
    assert FORMATS["count"](found["phone_first"]["supported_in_need"][0]) == after[0]
    page.click("#saving-form button[type=submit]")
    page.wait_for_selector("#saving-problem:has-text('VM244')")
    page.click("#saving-close")

    page.reload()
    _settled(page)
    assert page.locator(f"[id='{REACH}']").get_attribute("aria-valuetext") == "48%"
    assert _cell(page, "supported_in_need", "phone_first", "e") == after[0]
    older = page.locator("body").get_attribute("data-exact")
    page.click("#reset")
    _settled(page, older)
    assert _cell(page, "supported_in_need", "phone_first", "e") == before[0]


@pytest.mark.long
def test_a_value_out_of_range_is_refused_beside_its_input_and_the_numbers_stay(page):
    before = _cell(page, "supported_in_need", "phone_first", "e")
    for typed, words in (("31", "must be from 20% to 30%"), ("120", "VM012"), ("many", "must be from 20%")):
        page.fill(f"[data-name='{NEED}'] .x-number input", typed)
        page.keyboard.press("Tab")
        page.wait_for_selector(f"[data-name='{NEED}'] .x-problem:has-text('{words}')")
    assert _cell(page, "supported_in_need", "phone_first", "e") == before


def _typed(page, name, text):
    page.fill(f"[data-name='{name}'] .x-number input", text)
    page.keyboard.press("Tab")


def test_a_typed_number_is_shown_as_it_was_taken_and_every_bad_one_is_marked(page):
    _typed(page, NEED, "24.1234")
    page.wait_for_selector(f"[data-name='{NEED}'].is-changed")
    assert page.input_value(f"[data-name='{NEED}'] .x-number input") == "24.1234"
    for name, text in ((NEED, "2,5"), (REACH, "many")):
        _typed(page, name, text)
    said = ((NEED, "Decimals stand behind a point"), (REACH, "Reach of a first call = many: must be"))
    for name, words in said:
        page.wait_for_selector(f"[data-name='{name}'] .x-problem:visible:has-text('{words}')")
        assert page.get_attribute(f"[data-name='{name}'] .x-number input", "aria-invalid") == "true"


@pytest.mark.long
def test_what_the_address_says_is_text_and_never_markup(page, session):
    page.goto(f"http://127.0.0.1:{session.port}/#{NEED}=%3Cimg+src%3Dx%3E&other=1")
    page.reload()
    page.wait_for_selector(f"[data-name='{NEED}'] .x-problem:visible")
    assert page.locator(".x-body img").count() == 0


@pytest.mark.long
def test_the_page_has_no_serious_fault_of_accessibility_and_fits_a_phone(browser, session):
    from axe_playwright_python.sync_playwright import Axe

    for width in (1280, 390):
        context = browser.new_context(viewport={"width": width, "height": 844}, bypass_csp=True)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{session.port}/?token={session.token}")
        _settled(page)
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()
