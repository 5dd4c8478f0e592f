"""Made-up values of every kind of picture, and every picture drawn of them."""

import math
import random
from functools import cache

from cloudgauge.report.figure import Figure
from cloudgauge.report.figures.ecdf import ecdf
from cloudgauge.report.figures.frontier_scatter import CostPoint, frontier_scatter
from cloudgauge.report.figures.heat_map import heat_map
from cloudgauge.report.figures.pair_matrix import pair_matrix
from cloudgauge.report.figures.rank_intervals import rank_intervals
from cloudgauge.report.figures.series import series
from cloudgauge.report.figures.shift_intervals import shift_intervals
from cloudgauge.report.figures.strips import strips
from cloudgauge.report.figures.throughput_bars import throughput_bars
from cloudgauge.report.figures.values import (
    Block,
    Change,
    Course,
    Distribution,
    HeatCell,
    MapPoint,
    PairCell,
    Quantile,
    Shift,
    Standing,
    Throughput,
    VantagePoint,
)
from cloudgauge.report.figures.world_map import world_map
from cloudgauge.stats.summary import Estimate, quantile_interval
from cloudgauge.stats.verdict import Verdict

PROVIDERS = ("alibaba", "aws", "azure", "gcp", "huawei", "tencent")
HOSTILE = "<script>alert(1)</script>\x1b[31m\u202eevil \" ' & </svg>"
KINDS = (
    "ecdf",
    "strips",
    "series",
    "heat-map",
    "rank-intervals",
    "shift-intervals",
    "pair-matrix",
    "world-map",
    "throughput-bars",
    "frontier",
)
_START_NS = 1_790_000_000 * 10**9
_ROUND_NS = 60 * 10**9


def estimate(
    point: float, low: float | None = None, high: float | None = None
) -> Estimate:
    """An estimate; by default 5 % wide on both sides."""
    return Estimate(
        point=point,
        low=0.95 * point if low is None else low,
        high=1.05 * point if high is None else high,
        confidence=0.95,
        n=20,
    )


ENDLESS = estimate(30.0, -math.inf, math.inf)


def label(at: int) -> str:
    return f"{PROVIDERS[at % 6]}/region-{at}"


def distribution(at: int, *, rounds: int = 40, name: str | None = None) -> Distribution:
    rng = random.Random(at)
    middle = 5.0 * (at + 1)
    values = tuple(rng.gauss(middle, 0.05 * middle) for _ in range(rounds))
    return Distribution(
        label=name or label(at),
        provider=PROVIDERS[at % 6],
        values=values,
        quantiles=tuple(
            Quantile(p=p, estimate=quantile_interval(values, p)) for p in (0.5, 0.95)
        ),
        attempts=rounds,
    )


def silent(name: str = "huawei/silent") -> Distribution:
    """A region that never answered."""
    return Distribution(
        label=name, provider="huawei", values=(), quantiles=(), failed=12, attempts=12
    )


def course(at: int, *, rounds: int = 40, name: str | None = None) -> Course:
    """Steps up by half; its third round is missing, one is endless."""
    half = rounds // 2
    medians: list[float | None] = [
        (10.0 + at) * (1.5 if one >= half else 1.0) for one in range(rounds)
    ]
    medians[2:4] = [None, math.inf]
    times = tuple(_START_NS + one * _ROUND_NS for one in range(rounds))
    return Course(
        label=name or label(at),
        provider=PROVIDERS[at % 6],
        times_ns=times,
        medians=tuple(medians),
        blocks=(
            Block(begin_ns=times[0], end_ns=times[half], estimate=estimate(10.0 + at)),
            Block(begin_ns=times[half], end_ns=times[-1], estimate=ENDLESS),
        ),
        changes=(Change(at_ns=times[half], before=10.0 + at, after=15.0 + 1.5 * at),),
    )


def standing(at: int, *, of: int, name: str | None = None) -> Standing:
    return Standing(
        label=name or label(at),
        provider=PROVIDERS[at % 6],
        low_rank=max(at, 1),
        high_rank=min(at + 2, of),
        letters="abcdefghijklmnop"[at // 2 : at // 2 + 2],
        p50=estimate(5.0 + at),
        rounds=20,
    )


def map_point(at: int, vantage: str, *, name: str | None = None) -> MapPoint:
    rng = random.Random(at)
    return MapPoint(
        region_id=label(at),
        label=name or label(at),
        provider=PROVIDERS[at % 6],
        city="Somewhere",
        latitude_deg=rng.uniform(-50, 60),
        longitude_deg=rng.uniform(-179, 179),
        vantage=vantage,
        p50=estimate(5.0 + at + 100 * (vantage == "lab")),
    )


SINGAPORE = VantagePoint(
    name="singapore", latitude_deg=1.35, longitude_deg=103.82, city="Singapore"
)
NOWHERE = VantagePoint(name="lab", latitude_deg=None, longitude_deg=None)


def throughput(point: float | None, low: float, high: float) -> Throughput:
    return Throughput(
        label="aws/ap-southeast-1",
        provider="aws",
        streams=1 if point else 8,
        point=point,
        low=low,
        high=high,
        tests=3,
        settled=3 if point else 1,
    )


SETTLED = throughput(240, 200, 260)
UNSETTLED = throughput(None, 9, 48)
NO_TARGET = Throughput(
    label="azure/southeastasia",
    provider="azure",
    streams=None,
    point=None,
    low=None,
    high=None,
)


def shift(at: int, verdict: Verdict, *, name: str | None = None) -> Shift:
    found = ENDLESS if at == 3 else estimate(4.0 * (at + 1))
    return Shift(
        label=name or label(at),
        provider=PROVIDERS[at % 6],
        vantage="singapore",
        shift=found,
        margin=2.0,
        verdict=verdict,
        rounds=20,
    )


def cost_point(
    at: int, *, cost: float, name: str | None = None, beaten_by: str = ""
) -> CostPoint:
    return CostPoint(
        label=name or label(at),
        provider=PROVIDERS[at % 6],
        latency=ENDLESS if at == 2 else estimate(10.0 * (at + 1)),
        cost=cost,
        beaten_by=beaten_by,
        is_sure=at % 2 == 1,
    )


@cache
def drawings(name: str | None = None) -> dict[str, Figure]:
    """Every kind of picture once, drawn of a few regions.

    Args:
        name: Of the first region; None for its own.
    """
    few = [distribution(0, name=name), *(distribution(at) for at in range(1, 5))]
    names = [name or label(0), label(1), label(2)]
    pairs = [
        PairCell(row=names[0], column=names[1], verdict=Verdict.EQUIVALENT),
        PairCell(row=names[0], column=names[2], verdict=Verdict.DIFFERS),
        PairCell(row=names[1], column=names[2], verdict=Verdict.UNDECIDED),
    ]
    cells = [
        HeatCell(vantage=vantage, label=one, provider="aws", p50=p50)
        for vantage in ("singapore", "lab")
        for one, p50 in zip(names, (estimate(12.0), ENDLESS, None), strict=True)
    ]
    points = [
        map_point(0, "singapore", name=name),
        *(map_point(at, one) for at in range(1, 4) for one in ("singapore", "lab")),
    ]
    figures = (
        ecdf(few),
        strips([*few, silent()]),
        series([course(0, name=name), course(1)]),
        heat_map(cells),
        rank_intervals(
            [standing(0, of=5, name=name), *(standing(at, of=5) for at in range(1, 5))]
        ),
        shift_intervals(
            [
                shift(at, verdict, name=None if at else name)
                for at, verdict in enumerate((*Verdict, Verdict.UNDECIDED))
            ],
            baseline=name or "aws/ap-southeast-1",
        ),
        pair_matrix(names, pairs),
        world_map(points, [SINGAPORE, NOWHERE]),
        throughput_bars(
            [throughput(240, 200, 260), throughput(None, 9, 48), NO_TARGET]
        ),
        frontier_scatter(
            [
                cost_point(0, cost=900, name=name),
                cost_point(1, cost=500),
                cost_point(2, cost=950, beaten_by=name or label(0)),
            ],
            latency_name="connect p50",
            currency="USD",
        ),
    )
    return {figure.name: figure for figure in figures}
