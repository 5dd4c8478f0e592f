"""Take the README's picture of the page: of a notebook's set, in headless Chromium.

From the repository's top::

    .venv/bin/python notebooks/making/screenshot.py
"""

import shutil
import tempfile
from base64 import b64encode
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from cloudgauge.workflow.reporting import ReportRequest, write_report
from cloudgauge.workflow.results import load

NOTEBOOKS = Path(__file__).parents[1]
SET = NOTEBOOKS / "data" / "private-first-look"
PICTURE = NOTEBOOKS / "pictures" / "report.png"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--no-first-run")
HEIGHT_PX, DESK_PX, PHONE_PX = 960, 880, 390
BETWEEN_PX = 12


def main() -> None:
    """The map on a desk by day, the ranking on a phone by night."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "report.html"
        write_report(load(SET), ReportRequest(path=path), tell=lambda _: None)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(ARGUMENTS)
        )
        desk = seen(browser, path, width_px=DESK_PX, theme="light", part="map")
        phone = seen(browser, path, width_px=PHONE_PX, theme="dark", part="ranking")
        PICTURE.write_bytes(beside(browser, desk, phone))
        browser.close()


def seen(
    browser: Browser, path: Path, *, width_px: int, theme: str, part: str
) -> bytes:
    """What a screen shows of a part of the page."""
    page = browser.new_page(viewport={"width": width_px, "height": HEIGHT_PX})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{path.as_uri()}#{part}")
    # All of them: what is drawn later would move what is seen.
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-chart]')]"
        ".filter((one) => one.offsetParent).every((one) => one.dataset.drawn)"
    )
    page.locator(f"#{part}").evaluate("(one) => one.scrollIntoView()")
    picture: bytes = page.screenshot()
    page.close()
    return picture


def beside(browser: Browser, *pictures: bytes) -> bytes:
    """Pictures of one height as one."""
    width_px = DESK_PX + BETWEEN_PX + PHONE_PX
    page = browser.new_page(viewport={"width": width_px, "height": HEIGHT_PX})
    images = "".join(
        f'<img src="data:image/png;base64,{b64encode(one).decode()}">'
        for one in pictures
    )
    page.set_content(
        '<body style="margin:0;display:flex;background:#8a8a8a;'
        f'gap:{BETWEEN_PX}px">{images}</body>'
    )
    picture: bytes = page.screenshot()
    return picture


if __name__ == "__main__":
    main()
