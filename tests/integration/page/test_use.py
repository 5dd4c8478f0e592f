"""What a reader does with the page: sorts, searches, follows, switches."""

import re

from playwright.sync_api import Page, expect

from tests.integration.page.opened import Watched, cells, open_map, ranking, shown_names


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


def test_a_link_to_a_region_opens_the_page_at_its_row(watched: Watched) -> None:
    watched.page.goto("about:blank")
    watched.page.goto(f"{watched.url}#region-gcp-place-2")
    row = watched.page.locator("tr.here")
    expect(row).to_be_in_viewport()
    assert row.locator("th").inner_text().split()[0] == "gcp/place-2"
    assert watched.asked_for == []
