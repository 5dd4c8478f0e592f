"""The page in a real browser: one of them, headless, over all tests of a file.

It is opened as a reader opens it, from the disk, with a policy that lets nothing in.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from cloudgauge.workflow.reporting import ReportRequest, write_report
from cloudgauge.workflow.results import load
from tests.integration.page.opened import DESK, Watched
from tests.report.pages import two_hostile_sets

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_LIMIT_MS = 60_000


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    browser_path = shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(browser_path).is_file():
        pytest.skip("there is no chromium here to look at the page with")
    folder = tmp_path_factory.mktemp("page")
    path = folder / "report.html"
    sets = load(two_hostile_sets(folder / "sets"))
    write_report(sets, ReportRequest(path=path), tell=lambda _: None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=list(_ARGUMENTS)
        )
        page = browser.new_page()
        page.set_default_timeout(_LIMIT_MS)
        watched = Watched(page=page, path=path)
        page.route("**/*", watched.let_through)
        page.on("console", watched.hear)
        page.on("pageerror", watched.fail)
        yield watched
        browser.close()


@pytest.fixture
def page(watched: Watched) -> Iterator[Page]:
    """The page as it is when it was just opened; it may complain of nothing."""
    watched.page.set_viewport_size({"width": DESK, "height": 900})
    watched.page.emulate_media(color_scheme="light")
    watched.page.goto("about:blank")
    watched.page.goto(watched.url)
    yield watched.page
    assert watched.complaints == []
    assert watched.asked_for == []
