"""How the page looks: pictures, widths, names, words on their ground."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.integration.page.opened import DESK, PHONE, cells, open_map, ranking
from tests.report.pages import MARKS_AS_TEXT, MARKUP


def test_every_picture_is_drawn_with_words_for_who_does_not_see_it(page: Page) -> None:
    page.locator("#vantage").select_option("here")
    for chart in page.locator("[data-chart]:visible").all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg")).to_be_visible()
        assert len(chart.get_attribute("aria-label") or "") > 40
    assert page.locator("[data-chart]:visible").count() > 5


@pytest.mark.parametrize("width", [DESK, PHONE])
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
    for width in (PHONE, DESK):
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
