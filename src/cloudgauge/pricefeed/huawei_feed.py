"""Huawei's signed calls: a project for each region, then its prices. Needs a key."""

from collections.abc import Iterator, Mapping

from cloudgauge.errors import ConfigError
from cloudgauge.model.tariff import Tariff
from cloudgauge.pricefeed.answer import (
    Machine,
    Refused,
    Skip,
    Skips,
    listed,
    read_json,
    text_of,
)
from cloudgauge.pricefeed.fetching import Ask
from cloudgauge.pricefeed.huawei import TRAFFIC, parse_ratings, ratings_body
from cloudgauge.pricefeed.question import Fetched, Question, joined
from cloudgauge.pricefeed.signing import sign_huawei

_Part = tuple[tuple[Tariff, ...], tuple[Skip, ...]]
_NOT_SOLD = ("CBC.6006", "CBC.6074")


def fetch_huawei(question: Question) -> Fetched:
    """Fetch machines and traffic of each wanted region that the account may enter.

    Raises:
        AnswerError: An answer did not come whole.
        ConfigError: The key is refused.
    """
    url = f"{question.hosts.huawei_iam}/v3/projects"
    answer = read_json(_signed(question, Ask(url=url)), url)
    project_of = {
        text_of(one, "name"): text_of(one, "id")
        for one in listed(answer.get("projects"), url, "projects")
    }
    wanted: dict[str, Machine | str] = dict(question.wanted.machines)
    wanted[TRAFFIC] = TRAFFIC
    skips = Skips()
    parts: list[_Part] = []
    for code, region_id in question.wanted.regions.items():
        if not project_of.get(code):
            skips.add("is a region in which the account has no project", region_id)
            continue
        question.fetcher.tell(f"asking for prices of {region_id}")
        parts += _prices(question, code, project_of[code], wanted)
    return joined([*parts, ((), skips.told())])


def _prices(
    question: Question, code: str, project: str, wanted: Mapping[str, Machine | str]
) -> Iterator[_Part]:
    """Ask for all at once; where one is not sold there, in halves."""
    region_id = question.wanted.regions[code]
    url = f"{question.hosts.huawei_bss}/v2/bills/ratings/on-demand-resources"
    try:
        body = _signed(question, Ask(url=url, body=ratings_body(project, code, wanted)))
    except Refused as exc:
        if exc.code not in _NOT_SOLD:
            raise
        names = list(wanted)
        if len(names) == 1:
            skip = Skip(
                reason="is not sold there",
                count=1,
                example=f"{names[0]} in {region_id}",
            )
            yield (), (skip,)
            return
        for half in (names[: len(names) // 2], names[len(names) // 2 :]):
            fewer = {name: wanted[name] for name in half}
            yield from _prices(question, code, project, fewer)
        return
    yield parse_ratings(
        body, question.source(url), region_id, wanted, question.hosts.currency
    )


def _signed(question: Question, ask: Ask) -> bytes:
    key = question.key
    if key is None:
        where = "--provider huawei"
        raise ConfigError(where, "list prices need an access key here")
    now = question.fetcher.waiting.today
    return question.fetcher.body(ask, sign=lambda one: sign_huawei(one, key, at=now()))
