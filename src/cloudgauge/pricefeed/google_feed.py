"""Google's billing catalogue: all pages of Compute Engine. Needs an API key."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from cloudgauge.pricefeed.answer import AnswerError
from cloudgauge.pricefeed.fetching import MIB, Ask
from cloudgauge.pricefeed.google import parse_page, parse_skus
from cloudgauge.pricefeed.question import Fetched, Question, joined

_COMPUTE_ENGINE = "6F81-5844-456A"
_PAGE_SIZE = 5000
_MOST_PAGES = 100
_PAGE_LIMIT_BYTES = 128 * MIB


def fetch_google(question: Question) -> Fetched:
    """Fetch traffic and machines.

    Raises:
        AnswerError: A page did not come whole.
        ConfigError: The key is refused.
    """
    first = (
        f"{question.hosts.google}/v1/services/{_COMPUTE_ENGINE}/skus"
        f"?currencyCode=USD&pageSize={_PAGE_SIZE}"
    )
    skus: list[Mapping[str, Any]] = []
    token, tokens = "", set[str]()
    while True:
        url = f"{first}&pageToken={quote(token, safe='')}" if token else first
        question.fetcher.tell(f"reading page {len(tokens) + 1} of {first}")
        body = question.fetcher.body(
            Ask(url=url, limit_bytes=_PAGE_LIMIT_BYTES),
            sign=lambda ask: _with_key(ask, question),
        )
        page, token = parse_page(body, url)
        skus += page
        if not token:
            break
        if token in tokens or len(tokens) == _MOST_PAGES:
            msg = f"{first}: its pages do not come to an end"
            raise AnswerError(msg)
        tokens.add(token)
    return joined([parse_skus(skus, question.source(first), question.wanted)])


def _with_key(ask: Ask, question: Question) -> Ask:
    """Put the key into a header, since a URL is shown in messages."""
    secret = question.key.secret if question.key else ""
    return replace(ask, headers={"X-Goog-Api-Key": secret})
