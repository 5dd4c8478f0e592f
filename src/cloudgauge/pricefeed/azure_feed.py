"""Azure's retail prices: queries, and pages to their end. No credential."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from cloudgauge.pricefeed.answer import AnswerError
from cloudgauge.pricefeed.azure import parse_items, parse_page
from cloudgauge.pricefeed.fetching import Ask
from cloudgauge.pricefeed.question import Fetched, Question, joined

_MOST_PAGES = 1000
_VERSION = "2023-01-01-preview"
_DEFAULT_PORTS = {"https": 443, "http": 80}
# A filter may name so many regions before its URL becomes too long for some.
_MOST_REGIONS = 20


def fetch_azure(question: Question) -> Fetched:
    """Fetch traffic to the Internet and machines, page after page.

    Raises:
        AnswerError: A page did not come whole, or points to another host.
        ConfigError: The host refuses the request.
    """
    parts = []
    for clause in _clauses(question):
        url = (
            f"{question.hosts.azure}/api/retail/prices?api-version={_VERSION}"
            f"&$filter={quote(clause)}"
        )
        source = question.source(url)
        parts.append(parse_items(_items(question, url), source, question.wanted))
    return joined(parts)


def _clauses(question: Question) -> Iterator[str]:
    where = ""
    if question.named and len(question.wanted.regions) <= _MOST_REGIONS:
        names = " or ".join(
            f"armRegionName eq '{code}'" for code in question.wanted.regions
        )
        where = f" and ({names})"
    consumption = "priceType eq 'Consumption'"
    yield f"serviceName eq 'Bandwidth' and {consumption}{where}"
    for sku in question.wanted.machines:
        machine = f"serviceName eq 'Virtual Machines' and armSkuName eq '{sku}'"
        yield f"{machine} and {consumption}{where}"


def _items(question: Question, first: str) -> Iterator[Mapping[str, Any]]:
    url, asked = first, set[str]()
    while True:
        if url in asked or len(asked) == _MOST_PAGES:
            msg = f"{first}: its pages do not come to an end"
            raise AnswerError(msg)
        asked.add(url)
        question.fetcher.tell(f"reading page {len(asked)} of {first}")
        items, link = parse_page(question.fetcher.body(Ask(url=url)), url)
        yield from items
        if link is None:
            return
        if _host(link) != _host(first):
            msg = f"{url}: its next page is on another host, which is not followed"
            raise AnswerError(msg)
        url = link


def _host(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "", None, None
    return parts.scheme, parts.hostname, port
