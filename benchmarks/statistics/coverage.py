"""How often intervals at 95 % hold, and how wide they are beside other ways."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.statistics import rivals
from benchmarks.statistics.noise import NOISES, QUEUEING, Floats, Noise
from benchmarks.statistics.rivals import CONFIDENCE, Ends, Interval
from cloudgauge.analysis.pooling import pooled_pairs
from cloudgauge.stats.bootstrap import Resampling, block_length, hierarchical
from cloudgauge.stats.compare import paired_shift
from cloudgauge.stats.pairs import all_pairs
from cloudgauge.stats.summary import Estimate, round_interval

SHIFT_MS = 2.5
# Levels of five vantages, and whose users they stand for.
LEVELS_MS = (0.0, 20.0, 60.0, 110.0, 180.0)
WEIGHTS = (0.4, 0.25, 0.2, 0.1, 0.05)
ROUNDS_EACH = 60
# What varies at each of them.
SOURCES = (*NOISES, NOISES[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How an interval fared.

    Attributes:
        question: What is estimated.
        noise: Under which noise.
        method: How the interval is made.
        ours: Whether the toolkit makes it.
        held: Share of the intervals that held the truth.
        width: Median width, in ms.
        replicates: How many were tried.
        is_judged: Whether a goal is set for it.
    """

    question: str
    noise: str
    method: str
    ours: bool
    held: float
    width: float
    replicates: int
    is_judged: bool

    @property
    def is_valid(self) -> bool:
        """Whether it held as often as it says, less three standard errors."""
        error = math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / self.replicates)
        return self.held >= CONFIDENCE - 3 * error


def _ends(estimate: Estimate) -> Ends:
    return estimate.low, estimate.high


def _sides(values: Floats) -> tuple[Floats, Floats]:
    """Two targets of these differences; minus infinity is a timeout of the first."""
    below = np.isneginf(values)
    return np.where(below, np.inf, 0.0), np.where(below, 0.0, values)


def _every_pair(values: Floats, _: np.random.Generator) -> Ends:
    return _ends(all_pairs(np.column_stack(_sides(values))).estimate(0, 1))


def _paired(values: Floats, _: np.random.Generator) -> Ends:
    return _ends(paired_shift(*_sides(values)))


def _rounds(values: Floats, _: np.random.Generator) -> Ends:
    return _ends(round_interval(values, np.arange(len(values))))


OURS_OF_SHIFTS: Mapping[str, Interval] = {
    "every pair (`all_pairs`)": _every_pair,
    "two targets (`paired_shift`)": _paired,
}
OURS_OF_MEDIANS: Mapping[str, Interval] = {"rounds (`round_interval`)": _rounds}
RIVALS: Mapping[str, Interval] = {
    "Student on the mean": rivals.student,
    "order statistics": rivals.order_statistics,
    "plain bootstrap": rivals.bootstrap,
    "block bootstrap, n^(1/3)": rivals.blocks,
    "block bootstrap, 2 root n": rivals.long_blocks,
    "ten batch medians, Student": rivals.batches,
}
RIVALS_OF_SHIFTS: Mapping[str, Interval] = {
    **RIVALS,
    "signed ranks, independent": rivals.signed_ranks,
    "signed ranks, cosines": rivals.cosines,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is estimated, of which values, and by whom."""

    name: str
    ours: Mapping[str, Interval]
    rivals: Mapping[str, Interval]
    values: Callable[[Noise, np.random.Generator], Floats]
    truth: Callable[[Noise], float]


def _differences(rounds: int) -> Callable[[Noise, np.random.Generator], Floats]:
    def values(noise: Noise, rng: np.random.Generator) -> Floats:
        cells = noise.rounds_ms(rng, rounds, np.array([0.0, SHIFT_MS]))
        known = np.isfinite(cells).any(axis=1)
        return np.asarray(cells[known, 1] - cells[known, 0])

    return values


def _alone(rounds: int) -> Callable[[Noise, np.random.Generator], Floats]:
    return lambda noise, rng: noise.alone_ms(rng, rounds)


def _questions() -> tuple[Question, ...]:
    found = []
    for rounds in (60, 300):
        found.append(
            Question(
                name=f"shift of a pair, {rounds} rounds",
                ours=OURS_OF_SHIFTS,
                rivals=RIVALS_OF_SHIFTS,
                values=_differences(rounds),
                truth=lambda _: SHIFT_MS,
            )
        )
        found.append(
            Question(
                name=f"median of a target, {rounds} rounds",
                ours=OURS_OF_MEDIANS,
                rivals=RIVALS,
                values=_alone(rounds),
                truth=lambda noise: noise.median_ms,
            )
        )
    return tuple(found)


QUESTIONS = _questions()


def cover(place: int, noise: Noise, seed: int, replicates: int) -> tuple[Coverage, ...]:
    """Try every method of a question, by its place, on the same replicates."""
    question = QUESTIONS[place]
    rng = np.random.default_rng(seed)
    methods = {**question.ours, **question.rivals}
    ends = np.empty((replicates, len(methods), 2))
    for at in range(replicates):
        values = question.values(noise, rng)
        ends[at] = [method(values, rng) for method in methods.values()]
    truth = question.truth(noise)
    return tuple(
        _coverage(
            ends[:, column],
            truth,
            (question.name, noise.name, name, name in question.ours),
        )
        for column, name in enumerate(methods)
    )


def cover_vantages(seed: int, replicates: int) -> tuple[Coverage, ...]:
    """Try intervals of the users' mean over five vantages, each with its own noise."""
    rng = np.random.default_rng(seed)
    medians = np.array([noise.median_ms for noise in SOURCES]) + LEVELS_MS
    found = []
    for name, of in (("median", _medians_alone), ("shift", _shifts)):
        truth = (
            SHIFT_MS if name == "shift" else float(np.average(medians, weights=WEIGHTS))
        )
        ends = np.array([list(of(rng).values()) for _ in range(replicates)])
        question = f"users' {name} over 5 vantages, {ROUNDS_EACH} rounds each"
        found += [
            _coverage(
                ends[:, place], truth, (question, "one of each", method, not place)
            )
            for place, method in enumerate(of(rng))
        ]
    return tuple(found)


def _medians_alone(rng: np.random.Generator) -> dict[str, Ends]:
    each = [
        level + noise.alone_ms(rng, ROUNDS_EACH)
        for level, noise in zip(LEVELS_MS, SOURCES, strict=True)
    ]
    return {"rounds drawn again (`hierarchical`)": _hierarchy(each, rng)} | _of_all(
        each, rng
    )


def _shifts(rng: np.random.Generator) -> dict[str, Ends]:
    cells = [
        noise.rounds_ms(rng, ROUNDS_EACH, np.array([level, level + SHIFT_MS]))
        for level, noise in zip(LEVELS_MS, SOURCES, strict=True)
    ]
    pooled = pooled_pairs([all_pairs(part) for part in cells], WEIGHTS)
    known = [part[np.isfinite(part).any(axis=1)] for part in cells]
    each = [part[:, 1] - part[:, 0] for part in known]
    return {
        "vantages joined (`pooled_pairs`)": _ends(pooled.estimate(0, 1)),
        "rounds drawn again (`hierarchical`)": _hierarchy(
            [np.clip(one, -1e3, 1e3) for one in each], rng
        ),
    } | _of_all(each, rng)


def _hierarchy(each: list[Floats], rng: np.random.Generator) -> Ends:
    vantages = np.repeat(np.arange(len(each)), list(map(len, each)))
    how = Resampling(
        weights=WEIGHTS, block=max(map(block_length, each)), resamples=rivals.RESAMPLES
    )
    levels = (vantages, np.arange(len(vantages)))
    return _ends(hierarchical(np.concatenate(each), levels, rng=rng, how=how))


def _of_all(each: list[Floats], rng: np.random.Generator) -> dict[str, Ends]:
    return {
        "all values as one, plain bootstrap": rivals.bootstrap(
            np.concatenate(each), rng
        ),
        "Student on five": rivals.student(np.array([np.median(x) for x in each]), rng),
    }


def _coverage(ends: Floats, truth: float, of: tuple[str, str, str, bool]) -> Coverage:
    question, noise, method, ours = of
    held = (ends[:, 0] <= truth) & (truth <= ends[:, 1])
    widths = ends[:, 1] - ends[:, 0]
    return Coverage(
        question=question,
        noise=noise,
        method=method,
        ours=ours,
        held=float(held.mean()),
        width=float(np.median(np.where(np.isnan(widths), np.inf, widths))),
        replicates=len(ends),
        is_judged=ours and noise != QUEUEING.name,
    )
