"""From ranks to figures: quantiles of a cell, and the ends of their intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cloudgauge.analysis.engine_bins import NS_PER_MS
from cloudgauge.analysis.engine_merge import Cell, Series
from cloudgauge.analysis.engine_query import CONFIDENCE, CellKey
from cloudgauge.analysis.engine_rows import COUNTED, LONGER, Integers
from cloudgauge.stats.strata import Stratum, Surety, sureties


@dataclass(frozen=True, slots=True, kw_only=True)
class CellQuantile:
    """A quantile with its interval, milliseconds.

    Attributes:
        share: Which, in (0, 1).
        point_ms: Infinite where timeouts reach it, as the ends of the interval; None
            without a value.
        low_ms: None where the values bound nothing below,
        high_ms: and above.
        effective: As many independent values would say as much about it.
    """

    share: float
    point_ms: float | None
    low_ms: float | None
    high_ms: float | None
    effective: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileCell:
    """The figures of one cell.

    Attributes:
        visits: Visits with at least one sample.
        samples: Exchanges, failed ones too.
        failed: Exchanges that failed, timeouts too.
        resent: Visits whose SYN was sent again.
        n: Values that are known; `timed_out` more are only known to be longer.
        by_kernel: How many of the n are by the kernel's clock.
        rounds: Blocks that the intervals are made of.
        min_ms: Least value; None where none is known.
        limit_ms: How long was waited at least; None where none timed out.
    """

    key: CellKey
    visits: int
    samples: int
    failed: int
    resent: int
    n: int
    timed_out: int
    by_kernel: int
    rounds: int
    min_ms: float | None
    limit_ms: float | None
    quantiles: tuple[CellQuantile, ...]


def point_ranks(cell: Cell, shares: Sequence[float]) -> set[int]:
    """The ranks, from 0, that quantiles are made of."""
    count = cell.known + cell.longer
    if not count:
        return set()
    found = set()
    for share in shares:
        below, above, _ = _places(count, share)
        first, second = middles(count, share)
        found |= {below, above, first, first if second is None else second}
    return found


def bounds_at(cell: Cell, shares: Sequence[float], values: dict[int, int]) -> Integers:
    """Below what and equal to what values are counted, shape (quantiles, 2)."""
    count = cell.known + cell.longer
    if not count:
        return np.full((len(shares), 2), -1, dtype=np.int64)
    return np.array([_bounds(count, share, values) for share in shares], np.int64)


def _bounds(count: int, share: float, values: dict[int, int]) -> tuple[int, int]:
    first, second = middles(count, share)
    if second is None or values[first] == values[second]:
        return values[first], values[first]
    # Midway between two: all up to the first are below, and none is equal. What is
    # beyond the first is beyond all that is known where the second is.
    return values[second], LONGER if values[second] == LONGER else -1


def surety_of(series: Sequence[Series], shares: Sequence[float]) -> tuple[Surety, ...]:
    """How sure the quantiles of a cell are, by its rounds."""
    count = sum(int(one.sizes.sum()) for one in series)
    below = sum(one.below.sum(axis=1) for one in series)
    equal = sum(one.equal.sum(axis=1) for one in series)
    wanted = np.array(shares) - below / count
    parts = np.divide(wanted * count, equal, out=np.zeros(len(shares)), where=equal > 0)
    strata = [
        Stratum(
            sizes=one.sizes.astype(np.float64),
            below=one.below + parts[:, None] * one.equal,
        )
        for one in series
    ]
    return sureties(strata, shares, CONFIDENCE)


def end_ranks_of(sure: Sequence[Surety], shares: Sequence[float]) -> set[int]:
    """The ranks, from 0, that the ends of intervals are."""
    found = set()
    for one, share in zip(sure, shares, strict=True):
        ranks = one.ranks(share, CONFIDENCE)
        found |= {rank - 1 for rank in ranks if rank}
        if not all(ranks) and one.stretch > 1:
            found |= {rank - 1 for rank in one.loose_ranks(share, CONFIDENCE) if rank}
    return found


def cell_of(
    key: CellKey,
    cell: Cell,
    shares: Sequence[float],
    values: dict[int, int],
    sure: Sequence[Surety] | None,
) -> QuantileCell:
    """The figures of a cell by the values of its ranks."""
    if sure is None:
        return filled(key, cell, tuple(nothing(share) for share in shares), 0)
    quantiles = tuple(
        _quantile(share, values, one) for share, one in zip(shares, sure, strict=True)
    )
    return filled(key, cell, quantiles, sure[0].rounds)


def _quantile(share: float, values: dict[int, int], sure: Surety) -> CellQuantile:
    below, above, part = _places(sure.count, share)
    lower, upper = ms_of(values[below]), ms_of(values[above])
    # As all figures: a quantile that needs what is only known to be longer is so too.
    point = math.inf if math.isinf(upper) else lower + (upper - lower) * part
    middle = _middle(sure.count, share, values)
    low, high = _ends(sure.ranks(share, CONFIDENCE), middle, values)
    if (low is None or high is None) and sure.stretch > 1 and math.isfinite(middle):
        loose = _ends(sure.loose_ranks(share, CONFIDENCE), middle, values)
        if low is None and loose[0] is not None:
            low = middle - sure.stretch * (middle - loose[0])
        if high is None and loose[1] is not None:
            high = middle + sure.stretch * (loose[1] - middle)
    return CellQuantile(
        share=share,
        point_ms=point,
        low_ms=None if low is None else min(low, point),
        high_ms=None if high is None else max(high, point),
        effective=sure.effective,
    )


def _ends(
    ranks: tuple[int, int], middle: float, values: dict[int, int]
) -> tuple[float | None, float | None]:
    low, high = ranks
    return (
        min(ms_of(values[low - 1]), middle) if low else None,
        max(ms_of(values[high - 1]), middle) if high else None,
    )


def _middle(count: int, share: float, values: dict[int, int]) -> float:
    """The quantile midway between two where either would do, as of intervals."""
    first, second = middles(count, share)
    lower = ms_of(values[first])
    if second is None:
        return lower
    upper = ms_of(values[second])
    return upper if math.isinf(upper) else lower + (upper - lower) / 2


def _places(count: int, share: float) -> tuple[int, int, float]:
    """Between which two ranks a quantile is interpolated, and how far."""
    place = (count - 1) * share
    below = math.floor(place)
    return below, math.ceil(place), place - below


def middles(count: int, share: float) -> tuple[int, int | None]:
    """The rank of a quantile, and of another that would do as well."""
    # A share such as 0.07 is not exact, and 0.07 times 100 is above 7.
    rank = round(share * count, 6)
    at = math.ceil(rank)
    return max(at, 1) - 1, at if rank == at and 1 <= at < count else None


def ms_of(value_ns: int) -> float:
    """Milliseconds; infinite for what is only known to be longer."""
    return math.inf if value_ns == LONGER else value_ns / NS_PER_MS


def nothing(share: float) -> CellQuantile:
    """A quantile of no value."""
    return CellQuantile(
        share=share, point_ms=None, low_ms=None, high_ms=None, effective=None
    )


def filled(
    key: CellKey, cell: Cell, quantiles: tuple[CellQuantile, ...], rounds: int
) -> QuantileCell:
    """A cell's counts beside its quantiles."""
    counts = dict(zip(COUNTED, cell.counts.tolist(), strict=True))
    return QuantileCell(
        key=key,
        visits=counts["visits"],
        samples=counts["samples"],
        failed=counts["failed"],
        resent=counts["resent"],
        n=cell.known,
        timed_out=cell.longer,
        by_kernel=counts["by_kernel"],
        rounds=rounds,
        min_ms=None if cell.least_ns == LONGER else cell.least_ns / NS_PER_MS,
        limit_ms=None if cell.limit_ns is None else cell.limit_ns / NS_PER_MS,
        quantiles=quantiles,
    )
