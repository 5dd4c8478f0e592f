"""How often intervals of many sets hold the truth, by the functions that make them."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.statistics.asking import least_coverage
from benchmarks.statistics.series import (
    CORRELATED,
    HEAVY,
    HEAVY_CORRELATED,
    INDEPENDENT,
    SPREAD,
    TIMING_OUT,
    Series,
)
from cloudgauge.analysis.engine_bins import edges_ns
from cloudgauge.analysis.engine_ends import (
    QuantileCell,
    bounds_at,
    cell_of,
    end_ranks_of,
    point_ranks,
    surety_of,
)
from cloudgauge.analysis.engine_merge import Cell
from cloudgauge.analysis.engine_merge import Series as Blocks
from cloudgauge.analysis.engine_query import MOST_BLOCKS
from cloudgauge.analysis.engine_rows import LONGER, Integers, SmallIntegers

KINDS = (INDEPENDENT, CORRELATED, SPREAD, HEAVY, HEAVY_CORRELATED, TIMING_OUT)
SHARES = (0.5, 0.95, 0.99)
_NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """How often one quantile's interval held.

    Attributes:
        rounds: Of a replicate, with *each* values.
        holds: Share of intervals that hold the truth.
        open: Share of intervals without one of their ends; those hold.
    """

    kind: str
    rounds: int
    each: int
    share: float
    replicates: int
    holds: float
    open: float

    @property
    def is_valid(self) -> bool:
        """Whether it is at least 95 %, less three standard errors."""
        return self.holds >= least_coverage(self.replicates)


def cover(
    kind: Series, *, rounds: int, each: int, replicates: int, seed: int
) -> tuple[Covered, ...]:
    """Draw rounds of a known distribution, and look whether intervals hold."""
    rng = np.random.default_rng(seed)
    held = np.zeros(len(SHARES))
    lacking = np.zeros(len(SHARES))
    for _ in range(replicates):
        cell = answered(kind.rounds_ms(rng, rounds, each))
        for at, found in enumerate(cell.quantiles):
            truth_ms = _truth_ms(kind, found.share)
            low = -math.inf if found.low_ms is None else found.low_ms
            high = math.inf if found.high_ms is None else found.high_ms
            held[at] += low <= truth_ms <= high
            lacking[at] += found.low_ms is None or found.high_ms is None
    return tuple(
        Covered(
            kind=kind.name,
            rounds=rounds,
            each=each,
            share=share,
            replicates=replicates,
            holds=float(held[at]) / replicates,
            open=float(lacking[at]) / replicates,
        )
        for at, share in enumerate(SHARES)
    )


def _truth_ms(kind: Series, share: float) -> float:
    """The quantile; infinite where so many time out."""
    return kind.quantile_ms(share) if share < 1 - kind.lost else math.inf


def answered(
    values_ms: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> QuantileCell:
    """The figures of one cell that has these values, shape (rounds, each)."""
    known = np.where(np.isinf(values_ms), 0, values_ms)
    values = np.where(
        np.isinf(values_ms), LONGER, np.round(known * _NS_PER_MS).astype(np.int64)
    )
    ordered = np.sort(values, axis=None)
    cell = _cell_of(ordered)
    by_rank = {rank: int(ordered[rank]) for rank in point_ranks(cell, SHARES)}
    bounds = bounds_at(cell, SHARES, by_rank)
    sure = surety_of((_blocks(values, bounds),), SHARES)
    by_rank |= {rank: int(ordered[rank]) for rank in end_ranks_of(sure, SHARES)}
    return cell_of((), cell, SHARES, by_rank, sure)


def _cell_of(ordered: Integers) -> Cell:
    known = ordered[ordered != LONGER]
    places, counts = np.unique(np.searchsorted(edges_ns(), known), return_counts=True)
    return Cell(
        longer=len(ordered) - len(known),
        least_ns=int(ordered[0]),
        limit_ns=10**10,
        held=dict(zip(places.tolist(), counts.tolist(), strict=True)),
    )


def _counted(blocks: Integers, mask: NDArray[np.bool_]) -> SmallIntegers:
    return np.bincount(blocks, mask).astype(np.int32)


def _blocks(values: Integers, bounds: Integers) -> Blocks:
    width = -(-len(values) // MOST_BLOCKS)
    blocks = np.repeat(np.arange(len(values)) // width, values.shape[1])
    flat = values.reshape(-1)
    return Blocks(
        sizes=np.bincount(blocks).astype(np.int32),
        below=np.stack([_counted(blocks, flat < low) for low, _ in bounds]),
        equal=np.stack([_counted(blocks, flat == at) for _, at in bounds]),
    )
