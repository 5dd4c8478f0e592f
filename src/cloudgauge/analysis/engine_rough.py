"""Quantiles to 1 %, from histograms alone: nothing is fetched but counts.

A quantile is the middle of its bin, and its interval reaches to the outer edges of the
bins of its ends. How sure it is follows from the rounds' shares below both edges of its
bin, of which the less sure one is taken.
"""

import math
from collections.abc import Sequence

import numpy as np

from cloudgauge.analysis.engine_bins import edges_ns, middle_ms
from cloudgauge.analysis.engine_ends import (
    CellQuantile,
    QuantileCell,
    filled,
    middles,
    ms_of,
    nothing,
)
from cloudgauge.analysis.engine_merge import Cell, Series
from cloudgauge.analysis.engine_query import CONFIDENCE, CellKey
from cloudgauge.analysis.engine_rows import LONGER, Integers
from cloudgauge.stats.strata import Stratum, Surety, sureties


def rough_bounds(cell: Cell, shares: Sequence[float]) -> Integers:
    """As `bounds_at`, at both edges of the bins that quantiles are in."""
    found = []
    for share in shares:
        place = _bin_of(cell, middles(cell.known + cell.longer, share)[0])
        low, high = _edges(place)
        found += [(min(low + 1, LONGER), -1), (min(high + 1, LONGER), -1)]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def rough_cell(
    key: CellKey,
    cell: Cell,
    shares: Sequence[float],
    series: Sequence[Series] | None,
) -> QuantileCell:
    """The figures of a cell as far as its histogram tells them."""
    if series is None:
        return filled(key, cell, tuple(nothing(share) for share in shares), 0)
    sure = _rough_sureties(series, len(shares))
    quantiles = tuple(
        _rough_quantile(cell, share, one)
        for share, one in zip(shares, sure, strict=True)
    )
    return filled(key, cell, quantiles, sure[0].rounds)


def _rough_sureties(series: Sequence[Series], many: int) -> list[Surety]:
    """How sure quantiles are, by those at the edges of their bins: the less sure."""
    count = sum(int(one.sizes.sum()) for one in series)
    below = sum(one.below.sum(axis=1) for one in series)
    levels = np.asarray(below / count)
    inside = (levels > 0) & (levels < 1)
    strata = [
        Stratum(
            sizes=one.sizes.astype(np.float64),
            below=one.below[inside].astype(np.float64),
        )
        for one in series
    ]
    edges = iter(sureties(strata, levels[inside].tolist(), CONFIDENCE))
    # Where all values are in one bin, nothing more can be told of them.
    surest = Surety(
        count=count,
        effective=count,
        unlike=count,
        in_rounds=False,
        rounds=sum(len(one.sizes) for one in series),
    )
    each = [next(edges) if told else surest for told in inside.tolist()]
    return [
        min(each[2 * at : 2 * at + 2], key=lambda one: one.effective)
        for at in range(many)
    ]


def _rough_quantile(cell: Cell, share: float, sure: Surety) -> CellQuantile:
    place = _bin_of(cell, middles(sure.count, share)[0])
    low, high = sure.ranks(share, CONFIDENCE)
    point = math.inf if place is None else middle_ms(place)
    return CellQuantile(
        share=share,
        point_ms=point,
        low_ms=_edge_ms(_bin_of(cell, low - 1), 0) if low else None,
        high_ms=_edge_ms(_bin_of(cell, high - 1), 1) if high else None,
        effective=sure.effective,
    )


def _bin_of(cell: Cell, rank: int) -> int | None:
    """The place of the bin that holds a rank, from 0; None beyond all bins."""
    passed = 0
    for place in sorted(cell.held):
        passed += cell.held[place]
        if rank < passed:
            return place
    return None


def _edges(place: int | None) -> tuple[int, int]:
    if place is None:
        return LONGER - 1, LONGER
    edges = edges_ns()
    return int(edges[place - 1]) if place else -1, int(edges[place])


def _edge_ms(place: int | None, end: int) -> float:
    return math.inf if place is None else ms_of(max(_edges(place)[end], 0))
