"""Take the picture of a report for the README: report_picture.py REPORT.html, into docs/images/report.png.

Needs the browser Chromium; playwright is in the lock.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

TARGET = Path(__file__).resolve().parents[1] / "docs" / "images" / "report.png"
WIDTH, HEIGHT = 1280, 940  # of the window, in pixels: the layout of a desk
SCALE = 1.0
COLOURS = 48  # enough for text and flat areas

report = Path(sys.argv[1]).resolve()
with sync_playwright() as driver:
    browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    size = {"width": WIDTH, "height": HEIGHT}
    page = browser.new_page(viewport=size, device_scale_factor=SCALE)
    page.goto(report.as_uri())
    picture = Image.open(io.BytesIO(page.screenshot()))
    browser.close()
TARGET.parent.mkdir(exist_ok=True)
picture.convert("RGB").quantize(COLOURS).save(TARGET, optimize=True)
print(f"{TARGET}: {TARGET.stat().st_size / 1000:.0f} kB")
