"""Rounds made of numbers, so that a test says only what matters to it."""

from collections.abc import Mapping, Sequence

import numpy as np

from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.rounds import Attempts, Line, Rounds
from cloudgauge.model.quantity import NS_PER_S

# 2026-01-15T00:00:00Z, and as long between two rounds by default: four a day.
MIDNIGHT_NS = 1_768_435_200 * NS_PER_S
HOUR_NS = 3_600 * NS_PER_S


def line(region: str, *, replica: int = 0, streams: int = 0) -> Line:
    """A line of object storage over IPv4."""
    return Line(
        target_id=f"{region}:object-storage",
        family="ipv4",
        replica=replica,
        streams=streams,
    )


def rounds_with(
    values: Mapping[Line, Sequence[float]],
    *,
    metric: Metric = Metric.CONNECT,
    every_ns: int = HOUR_NS,
    attempts: Mapping[Line, Attempts] | None = None,
) -> Rounds:
    """One value a line and round, an hour between the rounds."""
    lines = tuple(sorted(values))
    matrix = np.array([values[one] for one in lines], dtype=np.float64).T
    given = attempts or {}
    return Rounds(
        metric=metric,
        lines=lines,
        runs=np.zeros(len(matrix), dtype=np.int64),
        wall_ns=MIDNIGHT_NS + every_ns * np.arange(len(matrix)),
        values=matrix,
        attempts=tuple(
            given.get(
                one,
                Attempts(
                    made=len(matrix),
                    answered=int(np.isfinite(matrix[:, at]).sum()),
                    timed_out=int(np.isinf(matrix[:, at]).sum()),
                    clocks=frozenset({"kernel"}),
                    protocols=frozenset({"TLSv1.3", "HTTP/1.1"}),
                ),
            )
            for at, one in enumerate(lines)
        ),
    )


def noise(count: int, *, at: float, seed: int, spread: float = 1.0) -> list[float]:
    """So many values about *at*, the same for a seed."""
    drawn = np.random.default_rng(seed).normal(at, spread, count)
    return [float(value) for value in drawn]
