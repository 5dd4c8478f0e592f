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
    quantiles = tuple(
        _rough_quantile(cell, share, _rough_surety(series, 2 * at))
        for at, share in enumerate(shares)
    )
    return filled(key, cell, quantiles, sum(len(one.sizes) for one in series))


def _rough_surety(series: Sequence[Series], at: int) -> Surety:
    """How sure a quantile is, by those at the edges of its bin: the least sure."""
    count = sum(int(one.sizes.sum()) for one in series)
    found = Surety(
        count=count,
        effective=count,
        unlike=count,
        in_rounds=False,
        rounds=sum(len(one.sizes) for one in series),
    )
    for place in (at, at + 1):
        level = sum(int(one.below[place].sum()) for one in series) / count
        if 0 < level < 1:
            strata = [
                Stratum(
                    sizes=one.sizes.astype(np.float64),
                    below=one.below[place : place + 1].astype(np.float64),
                )
                for one in series
            ]
            (edge,) = sureties(strata, (level,), CONFIDENCE)
            found = min(found, edge, key=lambda one: one.effective)
    return found


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
