"""Throughput and latency under load of a series: figures over its transfers.

A transfer is one value: its settled rate, its idle and its loaded round trips. What
stands here is made of those values, so ten thousand bins of one afternoon do not pass
for ten thousand measurements.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from cloudgauge.analysis.bottleneck import bottleneck_caveats
from cloudgauge.analysis.series import WordCount
from cloudgauge.analysis.transfers import RoundTrips, Transfer
from cloudgauge.model.calibration import Calibration
from cloudgauge.stats.caveat import Caveat, Weight
from cloudgauge.stats.settling import SAME_LEVEL

_MS_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate over transfers, bytes of bodies a second.

    Attributes:
        point: The median of the settled ones; None unless at least half of those
            that did not fail have settled.
        low: The lowest that a transfer came to: its settled rate, or the lowest
            level of one that did not settle; None where nothing is known.
        high: Likewise the highest.
    """

    point: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderLoad:
    """Round trips beside transfers; medians over them, milliseconds.

    Attributes:
        n: Transfers with idle and loaded round trips: those that `added_p50_ms`
            is made of.
        idle_p50_ms: Median of the transfers' own medians.
        added_p50_ms: Median of what a transfer's loaded p50 is above its idle p50.
        added_p95_ms: Likewise of its p95.
        per_minute: Round trips a minute under load, one after the other:
            60,000 over the median of the loaded p50s.
    """

    n: int
    idle_p50_ms: float | None
    loaded_p50_ms: float | None
    added_p50_ms: float | None
    added_p95_ms: float | None
    per_minute: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSummary:
    """What the transfers of one target, family and number of streams came to.

    Attributes:
        tests: Transfers, failed ones too.
        settled: Those with a settled rate.
        failures: By kind, commonest first.
        body_bytes: That were moved, by failed ones too.
        caveats: Weightiest first.
    """

    target_id: str
    family: str
    streams: int
    tests: int
    settled: int
    failures: tuple[WordCount, ...]
    body_bytes: int
    rate: Rate
    under_load: UnderLoad
    caveats: tuple[Caveat, ...]


def summarise_transfers(
    transfers: Sequence[Transfer], calibration: Calibration | None
) -> tuple[TransferSummary, ...]:
    """Figures of every series of transfers, by target, family and streams.

    Args:
        transfers: Of one set, in any order.
        calibration: Of the machine that measured, or None.
    """

    def series(one: Transfer) -> tuple[str, str, int]:
        return one.target_id, one.family, one.streams

    grouped = groupby(sorted(transfers, key=series), key=series)
    return tuple(_summary(tuple(group), calibration) for _, group in grouped)


def _summary(
    group: Sequence[Transfer], calibration: Calibration | None
) -> TransferSummary:
    first = group[0]
    rate = _rate(group)
    caveats = (*_caveats(group), *bottleneck_caveats(group, calibration))
    failed = Counter(one.failure for one in group if one.failure is not None)
    return TransferSummary(
        target_id=first.target_id,
        family=first.family,
        streams=first.streams,
        tests=len(group),
        settled=len(_points(group)),
        failures=tuple(
            WordCount(word=word, count=count)
            for word, count in sorted(failed.items(), key=lambda item: (-item[1], item))
        ),
        body_bytes=sum(one.body_bytes for one in group),
        rate=rate,
        under_load=_under_load(group),
        caveats=tuple(sorted(caveats, key=lambda caveat: -caveat.weight)),
    )


def _points(group: Sequence[Transfer]) -> list[float]:
    return [
        one.settled.point
        for one in group
        if one.settled is not None and one.settled.point is not None
    ]


def _rate(group: Sequence[Transfer]) -> Rate:
    points = _points(group)
    ended = [one.settled for one in group if one.settled is not None]
    unsettled = [one for one in ended if not one.is_settled]
    lows = [*points, *(one.low for one in unsettled if one.low is not None)]
    highs = [*points, *(one.high for one in unsettled if one.high is not None)]
    # The few that settled among many that did not are the ones that had luck.
    has_point = bool(points) and 2 * len(points) >= len(ended)
    return Rate(
        point=float(np.median(points)) if has_point else None,
        low=min(lows, default=None),
        high=max(highs, default=None),
    )


def _under_load(group: Sequence[Transfer]) -> UnderLoad:
    loaded_p50 = _median(one.loaded.p50_ms for one in group)
    return UnderLoad(
        n=sum(bool(one.idle.n and one.loaded.n) for one in group),
        idle_p50_ms=_median(one.idle.p50_ms for one in group),
        loaded_p50_ms=loaded_p50,
        added_p50_ms=_median(
            _added(one.idle.p50_ms, one.loaded.p50_ms) for one in group
        ),
        added_p95_ms=_median(
            _added(one.idle.p95_ms, one.loaded.p95_ms) for one in group
        ),
        per_minute=None if loaded_p50 is None else _MS_PER_MINUTE / loaded_p50,
    )


def _added(idle_ms: float | None, loaded_ms: float | None) -> float | None:
    return None if idle_ms is None or loaded_ms is None else loaded_ms - idle_ms


def _median(values: Iterator[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


def _caveats(group: Sequence[Transfer]) -> Iterator[Caveat]:
    yield from _of_settling(group)
    points = _points(group)
    if points:
        middle = float(np.median(points))
        if max(abs(point - middle) for point in points) > SAME_LEVEL * middle:
            yield Caveat(
                name="tests differ",
                text=(
                    f"its {len(points)} settled tests went from "
                    f"{_mbit(min(points))} to {_mbit(max(points))} Mbit/s: a link that "
                    "is shared or let a burst through has no one rate"
                ),
            )
    yield from _of_round_trips([one.loaded for one in group], "under load")
    yield from _of_round_trips([one.idle for one in group], "before it")


def _of_settling(group: Sequence[Transfer]) -> Iterator[Caveat]:
    """Say how many did not settle, and of what the first of them died."""
    ended = [one.settled for one in group if one.settled is not None]
    unsettled = [one for one in ended if not one.is_settled]
    if unsettled:
        caveat = unsettled[0].caveats[0]
        others = f"{len(unsettled)} of {len(ended)} tests did not settle"
        last = unsettled[0].last
        at = "" if last is None else f", at {_mbit(last)} Mbit/s in the end"
        yield Caveat(name=caveat.name, text=f"{others}: {caveat.text}{at}")


def _of_round_trips(trips: Sequence[RoundTrips], when: str) -> Iterator[Caveat]:
    failed = sum(one.failed for one in trips)
    count = sum(one.n for one in trips)
    if failed:
        yield Caveat(
            name="unanswered",
            text=(
                f"{failed} of {failed + count} small requests {when} were not "
                "answered: they are in none of its round trips"
            ),
        )
    unstamped = sum(one.unstamped for one in trips)
    if unstamped:
        yield Caveat(
            name="user clock",
            text=(
                f"{unstamped} of {count} small requests {when} were timed by the "
                "program: its own work is in them"
            ),
            weight=Weight.NOTE,
        )


def _mbit(bytes_per_s: float) -> str:
    mbit_per_s = bytes_per_s * 8 / 1e6
    # Nobody reads 1.84e+03.
    return f"{mbit_per_s:,.0f}" if mbit_per_s >= 1_000 else f"{mbit_per_s:.3g}"
