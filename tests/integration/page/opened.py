"""A page that is open in a browser, and where in it is what."""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Route, expect

PHONE, DESK = 390, 1280


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
