"""The page in a real browser: one of them, headless, over all tests of this file.

It is opened as a reader opens it, from the disk, with a policy that lets nothing in.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import (
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Route,
    expect,
    sync_playwright,
)

from cloudgauge.workflow.reporting import ReportRequest, write_report
from cloudgauge.workflow.results import load
from tests.report.pages import MARKS_AS_TEXT, MARKUP, two_hostile_sets

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
_PHONE, _DESK = 390, 1280


@dataclass(kw_only=True)
class Watched:
    """A page, and what it should not have done."""

    page: Page
    path: Path
    asked_for: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.path.as_uri()

    def let_through(self, route: Route) -> None:
        if route.request.url.partition("#")[0] == self.url:
            route.continue_()
            return
        self.asked_for.append(route.request.url)
        route.abort()

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def fail(self, error: Error) -> None:
        self.complaints.append(str(error))


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
    watched.page.set_viewport_size({"width": _DESK, "height": 900})
    watched.page.emulate_media(color_scheme="light")
    watched.page.goto("about:blank")
    watched.page.goto(watched.url)
    yield watched.page
    assert watched.complaints == []
    assert watched.asked_for == []


def ranking(page: Page) -> Locator:
    return page.locator("table[data-landing]:visible")


def shown_names(table: Locator) -> list[str]:
    names = table.locator("tbody tr:visible th").all_inner_texts()
    return [name.split()[0] for name in names]


def cells(table: Locator, head: str) -> list[str]:
    heads = table.locator("thead th").all_inner_texts()
    at = next(place for place, text in enumerate(heads) if text.startswith(head))
    rows = table.locator("tbody tr").all()
    return [row.locator("th, td").nth(at).inner_text() for row in rows]


def open_map(page: Page) -> Locator:
    chart = page.locator(".map:visible")
    chart.scroll_into_view_if_needed()
    expect(chart.locator("path[role=button]").first).to_be_attached()
    return chart


def test_a_click_sorts_a_table_and_another_one_turns_it_round(page: Page) -> None:
    table = ranking(page)
    head = table.get_by_role("columnheader", name="p50")
    for order in ("ascending", "descending"):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", order)
        numbers = [float(text) for text in cells(table, "p50")]
        assert numbers == sorted(numbers, reverse=order == "descending")
    assert len(numbers) == 12


def test_the_keyboard_sorts_a_table_too_and_what_lacks_comes_last(page: Page) -> None:
    table = ranking(page)
    head = table.get_by_role("columnheader", name="behind", exact=False).first
    head.get_by_role("button").focus()
    for order in ("ascending", "descending"):
        page.keyboard.press("Enter")
        expect(head).to_have_attribute("aria-sort", order)
        assert cells(table, "behind")[-1] == "-"


def test_search_and_filters_leave_the_rows_that_fit_and_count_them(page: Page) -> None:
    box = page.locator(".table:visible", has=ranking(page))
    box.get_by_label("Search").fill("AWS place-2")
    expect(box.locator("output")).to_have_text("1 of 12 rows")
    assert shown_names(ranking(page)) == ["aws/place-2"]
    box.get_by_label("Search").fill("")
    box.get_by_label("Provider").select_option("gcp")
    assert sorted(shown_names(ranking(page))) == ["gcp/place-1", "gcp/place-2"]
    box.get_by_label("Area").select_option("europe")
    expect(box.locator("output")).to_have_text("1 of 12 rows")
    box.get_by_label("Provider").select_option("")
    box.get_by_label("Area").select_option("")
    expect(box.locator("output")).to_have_text("12 rows")


def test_a_region_leads_from_the_map_to_its_row_and_back_by_mouse_and_keys(
    page: Page,
) -> None:
    mark = open_map(page).locator("path[role=button]").first
    mark.click(force=True)
    row = ranking(page).locator("tr.here")
    expect(row).to_have_count(1)
    expect(row).to_be_in_viewport()
    row.get_by_role("button", name="map").click()
    focused = page.locator(".map path:focus")
    expect(focused).to_have_count(1)
    name = row.locator("th").inner_text().split()[0]
    assert name in (focused.get_attribute("aria-label") or "")
    page.keyboard.press("ArrowRight")
    other = page.locator(".map path:focus").get_attribute("aria-label") or ""
    assert name not in other
    page.keyboard.press("Enter")
    assert row.locator("th").inner_text().split()[0] in other


def test_a_row_that_is_filtered_away_comes_back_when_the_map_leads_to_it(
    page: Page,
) -> None:
    box = page.locator(".table:visible", has=ranking(page))
    box.get_by_label("Search").fill("nowhere")
    expect(box.locator("output")).to_have_text("0 of 12 rows")
    open_map(page).locator("path[role=button]").first.click(force=True)
    expect(page.locator("table[data-landing]:visible tr.here")).to_be_in_viewport()


def test_dark_is_what_the_system_says_until_the_reader_says_otherwise(
    page: Page,
) -> None:
    button = page.get_by_role("button", name="Dark")
    chart = open_map(page)
    light = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    expect(chart).to_have_attribute("data-drawn", _starting("light"))
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(chart).to_have_attribute("data-drawn", _starting("dark"))
    dark = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(13, 17, 23)")
    page.emulate_media(color_scheme="dark")
    page.reload()
    expect(page.locator(".map:visible")).to_have_attribute(
        "data-drawn", _starting("dark")
    )
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def _starting(word: str) -> re.Pattern[str]:
    return re.compile(f"^{word} ")


def test_another_vantage_has_other_tables_pictures_and_words(page: Page) -> None:
    choice = page.locator("#vantage")
    assert choice.locator("option").all_inner_texts() == [
        "all vantages",
        "here",
        "there",
    ]
    best = {}
    for name in ("here", "there"):
        choice.select_option(name)
        expect(page.locator("#answer p:visible").first).to_contain_text(f"From {name}")
        best[name] = shown_names(ranking(page))[0]
    assert best == {"here": "alibaba/place-1", "there": "tencent/place-2"}


def test_every_picture_is_drawn_with_words_for_who_does_not_see_it(page: Page) -> None:
    page.locator("#vantage").select_option("here")
    for chart in page.locator("[data-chart]:visible").all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg")).to_be_visible()
        assert len(chart.get_attribute("aria-label") or "") > 40
    assert page.locator("[data-chart]:visible").count() > 5


@pytest.mark.parametrize("width", [_DESK, _PHONE])
def test_no_width_makes_the_whole_page_scroll_sideways(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.reload()
    for chart in page.locator("[data-chart]:visible").all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg")).to_be_visible()
    widths = page.evaluate(
        "() => [document.documentElement.scrollWidth, window.innerWidth]"
    )
    assert widths == [width, width]


def test_a_map_is_as_high_as_its_width_wants(page: Page) -> None:
    heights = []
    for width in (_PHONE, _DESK):
        page.set_viewport_size({"width": width, "height": 800})
        page.reload()
        box = open_map(page).locator("svg").bounding_box()
        assert box is not None
        heights.append(box["height"])
    assert 250 < heights[0] < 400
    assert 500 < heights[1] < 760


def test_hostile_names_are_text(page: Page) -> None:
    expect(page).to_have_title(MARKUP)
    expect(page.locator("h1")).to_have_text(MARKUP)
    assert page.locator("img").count() == 0
    cities = cells(ranking(page), "city")
    assert set(cities) == {MARKUP, MARKS_AS_TEXT}


def test_whatever_can_be_used_has_a_name_and_every_head_a_scope(page: Page) -> None:
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, a, [tabindex]")]
          .filter((one) => !["PRE", "MAIN"].includes(one.tagName))
          .filter((one) => !(one.textContent.trim() || one.getAttribute("aria-label")
            || one.labels?.[0]?.textContent.trim()
            || document.getElementById(one.getAttribute("aria-labelledby"))))
          .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    assert page.locator("th:not([scope])").count() == 0
    doubled = page.evaluate(
        """() => { const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
          return ids.filter((id, at) => ids.indexOf(id) !== at); }"""
    )
    assert doubled == []
    assert page.locator("html").get_attribute("lang") == "en"
    for landmark in ("banner", "main", "navigation", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1


def test_words_can_be_read_on_their_ground_in_both_themes(page: Page) -> None:
    for _ in range(2):
        pairs = page.evaluate(
            """() => [...document.querySelectorAll("p,a,dt,dd,td,th,button,summary,li")]
              .filter((one) => one.offsetParent)
              .map((one) => {
                const clear = (e) =>
                  getComputedStyle(e).backgroundColor.endsWith(", 0)");
                let ground = one;
                while (ground.parentElement && clear(ground))
                  ground = ground.parentElement;
                const below = getComputedStyle(ground).backgroundColor;
                return `${getComputedStyle(one).color}|${below}`; })"""
        )
        for pair in set(pairs):
            ink, ground = (_luminance(colour) for colour in pair.split("|"))
            high, low = max(ink, ground), min(ink, ground)
            assert (high + 0.05) / (low + 0.05) >= 4.5, pair
        page.get_by_role("button", name="Dark").click()


def _luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_link_to_a_region_opens_the_page_at_its_row(watched: Watched) -> None:
    watched.page.goto("about:blank")
    watched.page.goto(f"{watched.url}#region-gcp-place-2")
    row = watched.page.locator("tr.here")
    expect(row).to_be_in_viewport()
    assert row.locator("th").inner_text().split()[0] == "gcp/place-2"
    assert watched.asked_for == []
