"""Intervals of the users' mean over five vantages that are taken as they are.

Each vantage has its own level and its own way to vary; its users count as often as
they are many.
"""

import numpy as np

from benchmarks.statistics import rivals
from benchmarks.statistics.asking import (
    CONFIDENCE,
    OURS,
    Ends,
    Outcome,
    outcomes_of,
)
from benchmarks.statistics.noise import NOISES, Floats
from cloudgauge.analysis.pooling import pooled_pairs
from cloudgauge.stats.bootstrap import Resampling, block_length, hierarchical
from cloudgauge.stats.pairs import all_pairs
from cloudgauge.stats.summary import Estimate

LEVELS_MS = np.array([0.0, 20.0, 60.0, 110.0, 180.0])
WEIGHTS = (0.4, 0.25, 0.2, 0.1, 0.05)
# What varies at each of them.
SOURCES = (*NOISES, NOISES[0])
SHIFT_MS = 2.5
SERIES = "each of its own kind"


def cover_vantages(
    rounds: int, seed: int, replicates: int
) -> tuple[tuple[Outcome, ...], ...]:
    """Ask for the users' median and the users' shift, in our ways and in others."""
    rng = np.random.default_rng(seed)
    medians = np.array([noise.median_ms for noise in SOURCES]) + LEVELS_MS
    truths = {"median": float(np.average(medians, weights=WEIGHTS)), "shift": SHIFT_MS}
    return tuple(
        outcomes_of(
            (f"users' {name}, 5 vantages", SERIES, truths[name]),
            [ask(rng, rounds) for _ in range(replicates)],
            rounds=rounds,
        )
        for name, ask in (("median", _ask_median), ("shift", _ask_shift))
    )


def _ask_median(rng: np.random.Generator, rounds: int) -> dict[str, Ends]:
    each = [
        level + noise.alone_ms(rng, rounds)
        for level, noise in zip(LEVELS_MS, SOURCES, strict=True)
    ]
    return {OURS: _hierarchy(each, rng)} | _others(each, rng)


def _ask_shift(rng: np.random.Generator, rounds: int) -> dict[str, Ends]:
    cells = [
        noise.rounds_ms(rng, rounds, np.array([level, level + SHIFT_MS]))
        for level, noise in zip(LEVELS_MS, SOURCES, strict=True)
    ]
    pooled = pooled_pairs([all_pairs(part) for part in cells], WEIGHTS)
    known = [part[np.isfinite(part).any(axis=1)] for part in cells]
    each = [part[:, 1] - part[:, 0] for part in known]
    return {OURS: _ends(pooled.estimate(0, 1))} | _others(each, rng)


def _hierarchy(each: list[Floats], rng: np.random.Generator) -> Ends:
    vantages = np.repeat(np.arange(len(each)), list(map(len, each)))
    how = Resampling(
        weights=WEIGHTS, block=max(map(block_length, each)), resamples=rivals.RESAMPLES
    )
    levels = (vantages, np.arange(len(vantages)))
    return _ends(hierarchical(np.concatenate(each), levels, rng=rng, how=how))


def _others(each: list[Floats], rng: np.random.Generator) -> dict[str, Ends]:
    medians = np.array([np.median(one) for one in each])
    low, high = np.array([rivals.long_blocks(one, rng) for one in each]).T
    reach = np.sqrt(np.average((high - low) ** 2, weights=np.square(WEIGHTS)))
    reach *= np.sqrt(np.square(WEIGHTS).sum()) / 2
    middle = float(np.average(medians, weights=WEIGHTS))
    return {
        "all values as one": rivals.bootstrap(np.concatenate(each), rng),
        "Student on five": rivals.student(medians),
        "blocks at each, squares added": (middle - reach, middle + reach),
    }


def _ends(estimate: Estimate) -> Ends:
    if estimate.confidence != CONFIDENCE:
        msg = f"want a level of {CONFIDENCE}, got {estimate.confidence}"
        raise ValueError(msg)
    return estimate.low, estimate.high
