"""Latency and price together: regions that nothing beats, and what beats others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cloudgauge.analysis.frontier_points import beaten_regions, region_estimates
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.serving import UserGroup
from cloudgauge.errors import ConfigError, NothingUsable
from cloudgauge.stats.summary import Estimate
from cloudgauge.workflow.choosing_regions import doubts_of
from cloudgauge.workflow.choosing_regions_prices import Month, Prices
from cloudgauge.workflow.frontier_view import Apart, Frontier, Point
from cloudgauge.workflow.question import DEFAULT_QUESTION, Question
from cloudgauge.workflow.results import Results
from cloudgauge.workflow.set_view import provenance_of
from cloudgauge.workflow.vantage_rounds import (
    VantageRounds,
    measured_targets,
    vantage_rounds,
)

_METRIC = "--metric"
_NO_LATENCY = "not answered from every vantage that counts"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    groups: tuple[UserGroup, ...]
    regions: tuple[str, ...]


def frontier(
    results: Results,
    prices: Prices,
    *,
    regions: str | Sequence[str] = "*",
    question: Question = DEFAULT_QUESTION,
    quantile: float = 0.5,
) -> Frontier:
    """Hold latency against what a month costs, region by region.

    Args:
        results: Of any number of vantages: over several, the mean by their weights.
        prices: Of a workload.
        regions: Ids of regions or targets; ``*`` and ``?`` match as in file names.
        question: By which metric, and what each vantage weighs.
        quantile: Of a vantage's times, such as 0.5 or 0.95.

    Raises:
        ConfigError: No such region, a metric that is no time, or weights that do not
            fit.
        StoreError: A set cannot be read, or they do not fit together.
        NothingUsable: There is no value of the metric.
    """
    if question.metric.is_rate:
        problem = "want a time to hold against cost, such as connect, not a rate"
        raise ConfigError(_METRIC, problem)
    places = vantage_rounds(results.sets, question.metric, question.allowed)
    weights = question.weights_of([place.vantage for place in places])
    patterns = [regions] if isinstance(regions, str) else list(regions)
    measured = _measured(places, weights, patterns)
    latencies = region_estimates(measured.groups, measured.regions, quantile)
    months = {one: prices.month(one) for one in measured.regions}
    rates = _rates(results, question, weights, measured.regions)
    points = list(_points(prices, latencies, months, rates))
    points.sort(key=lambda one: (not one.beaten.is_on_frontier, one.latency.point))
    return Frontier(
        metric=question.metric,
        quantile=quantile,
        workload=prices.workload.name,
        currency=prices.currency,
        weights=weights,
        answer_bytes=prices.answer_bytes,
        points=tuple(points),
        apart=tuple(_apart(latencies, months)),
        doubts=doubts_of(results.sets, places),
        provenance=(
            *(provenance_of(result) for result in results.sets),
            *prices.provenance(),
        ),
    )


def _points(
    prices: Prices,
    latencies: Mapping[str, Estimate],
    months: Mapping[str, Month | str],
    rates: Mapping[str, Estimate],
) -> Iterator[Point]:
    known = {
        one: month
        for one, month in months.items()
        if isinstance(month, Month) and one in latencies
    }
    costs = {one: float(month.all.amount) for one, month in known.items()}
    beaten = beaten_regions(latencies, costs)
    for one, month in known.items():
        each = prices.per_gigabyte(one, month)
        yield Point(
            region_id=one,
            latency=latencies[one],
            month=month,
            per_gigabyte=each,
            per_million_requests=each and prices.per_million_requests(each),
            rate=rates.get(one),
            beaten=beaten[one],
        )


def _apart(
    latencies: Mapping[str, Estimate], months: Mapping[str, Month | str]
) -> Iterator[Apart]:
    """Those without a price first, then those without a latency."""
    for one, month in months.items():
        if isinstance(month, str):
            yield Apart(region_id=one, latency=latencies.get(one), why=month)
    for one, month in months.items():
        if isinstance(month, Month) and one not in latencies:
            yield Apart(region_id=one, latency=None, why=_NO_LATENCY)


def _measured(
    places: Sequence[VantageRounds],
    weights: Mapping[str, float],
    patterns: Sequence[str],
) -> _Measured:
    wanted = {
        target_id
        for pattern in patterns
        for target_id in measured_targets(places, pattern, "--region")
    }
    groups = []
    regions: set[str] = set()
    for place in places:
        region_of = {
            line.target_id: place.targets[line.target_id].region.region_id
            for line in place.rounds.lines
            if line.target_id in wanted
        }
        lines = [one for one in place.rounds.lines if one.target_id in wanted]
        regions.update(region_of.values())
        groups.append(
            UserGroup(
                name=place.vantage,
                weight=weights.get(place.vantage, 0.0),
                rounds=place.rounds.some(lines),
                region_of=region_of,
            )
        )
    return _Measured(groups=tuple(groups), regions=tuple(sorted(regions)))


def _rates(
    results: Results,
    question: Question,
    weights: Mapping[str, float],
    regions: Sequence[str],
) -> dict[str, Estimate]:
    """The settled rates of downloads, if there are any."""
    try:
        places = vantage_rounds(results.sets, Metric.THROUGHPUT, question.allowed)
    except NothingUsable:
        return {}
    if not any(weights.get(place.vantage) for place in places):
        # Downloads from elsewhere than latency: there nobody said how many users are.
        weights = {place.vantage: 1.0 for place in places}
    measured = _measured(places, weights, ["*"])
    return region_estimates(measured.groups, regions, 0.5)
