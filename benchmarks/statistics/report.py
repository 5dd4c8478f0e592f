"""What was found as a page of tables, each goal judged."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.instrument.machine import describe_machine
from benchmarks.statistics import noise, series
from benchmarks.statistics.alarms import SHORT, Alarms
from benchmarks.statistics.anytime import LOOKS, Excluded
from benchmarks.statistics.asking import WIDEST, Outcome, best_width, least_coverage
from benchmarks.statistics.size import GOAL_BYTES, GOAL_S, Reading
from benchmarks.statistics.speed import Speed

# A tail without variance on a floor that is as sharp as no path's: the density of
# differences is without bound at 0, and a median far better than means of two.
SHARP = ("heavy tail", "heavy tail, AR(1) 0.7")
# By which power is judged as well; fewer leave how rounds depend in doubt.
MANY_ROUNDS = 300
INDEPENDENT_ONLY = ("p50 with a limit",)
MOST_PER_TEST = 0.07
MOST_PER_FAMILY = 0.05
LEAST_POWER = 0.8
MOST_EVER = 0.05
RANK_S = 10.0
PAIRS_S = 30.0
TIMES_FASTER = 20.0
SHIFT_S = 0.5
# Plans spread rounds over the hours. Of rounds in a row that depend on one another what
# is found is judged apart, and of 10 or 20 only shown: of so few nobody sees how much.
IN_A_ROW = noise.CORRELATED.name
SERIES_IN_A_ROW = (series.CORRELATED.name, series.HEAVY_CORRELATED.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What all simulations found."""

    outcomes: tuple[tuple[Outcome, ...], ...]
    alarms: tuple[Alarms, ...]
    excluded: tuple[Excluded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What was timed, on this machine."""

    simulated_s: float
    speed: Speed
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One wanted figure and what was found."""

    what: str
    found: str
    wanted: str
    is_met: bool


def to_markdown(results: Results, times: Times) -> str:
    """The whole page."""
    parts = (
        "# How far the statistics hold\n",
        "`python -m benchmarks.statistics` on "
        f"{describe_machine()}; simulations {times.simulated_s:.0f} s. What is drawn, "
        "and by which seeds, stands in `noise.py`, `series.py` and `__main__.py`.\n",
        _table(
            ("goal", "found", "wanted", ""),
            [
                (goal.what, goal.found, goal.wanted, "met" if goal.is_met else "MISSED")
                for goal in goals(results, times)
            ],
        ),
        *_interval_parts(results.outcomes),
        *_alarm_parts(results.alarms),
        *_anytime_parts(results.excluded),
    )
    return "\n".join(parts)


def goals(results: Results, times: Times) -> Iterator[Goal]:
    """Judge each figure that is wanted."""
    yield from _interval_goals(results.outcomes)
    yield from _alarm_goals(results)
    yield from _speed_goals(times.speed)
    yield from map(_reading_goal, times.readings)


def _reading_goal(one: Reading) -> Goal:
    return Goal(
        what=f"`{one.name}` of {one.samples:,} samples",
        found=f"{one.wall_s:.1f} s, {one.peak_bytes / 1024**2:,.0f} MiB",
        wanted=f"{GOAL_S:.0f} s, {GOAL_BYTES / 1024**2:,.0f} MiB",
        is_met=one.keeps_its_goal,
    )


def _speed_goals(speed: Speed) -> Iterator[Goal]:
    yield Goal(
        what=f"rank of {speed.targets} targets x {speed.rounds:,} rounds",
        found=f"{speed.rank_s:.1f} s",
        wanted=f"{RANK_S:.0f} s",
        is_met=speed.rank_s <= RANK_S,
    )
    yield Goal(
        what=f"all {speed.pairs:,} pairs, of {speed.reduced_to or 'all'} means each",
        found=f"{speed.pairs_s:.1f} s",
        wanted=f"{PAIRS_S:.0f} s",
        is_met=speed.pairs_s <= PAIRS_S,
    )
    yield Goal(
        what=f"beside a loop over scipy: {speed.loop_s:.0f} s, "
        f"from {speed.looped} of the pairs",
        found=f"{speed.times_faster:.0f} times faster",
        wanted=f"{TIMES_FASTER:.0f} times",
        is_met=speed.times_faster >= TIMES_FASTER,
    )
    yield Goal(
        what=f"shift of {speed.shifted:,} x {speed.shifted:,} values without pairs",
        found=f"{speed.shift_s:.2f} s",
        wanted=f"{SHIFT_S} s",
        is_met=speed.shift_s <= SHIFT_S,
    )


def _alarm_goals(results: Results) -> Iterator[Goal]:
    spread = [row for row in results.alarms if row.noise != IN_A_ROW]
    in_a_row = [row for row in results.alarms if row.noise == IN_A_ROW]
    groups = (
        ("", [row for row in spread if row.rounds not in SHORT]),
        (" of 10 or 20 rounds", [row for row in spread if row.rounds in SHORT]),
        (" of rounds in a row", [row for row in in_a_row if row.rounds not in SHORT]),
    )
    for of, rows in groups:
        if rows:
            yield from _false_alarms(of, rows)
    many = [row for row in results.alarms if row.rounds == MANY_ROUNDS]
    power = min(row.power for row in many)
    yield Goal(
        what="shift of 5 % found at 300 rounds, at worst",
        found=f"{power:.1%}",
        wanted=f"{LEAST_POWER:.0%}",
        is_met=power >= LEAST_POWER,
    )
    equal = [row for row in results.excluded if not row.world.shift_ms]
    yield _rate_goal(
        f"equal targets ever excluded in {LOOKS} looks, at worst",
        [(row.ever, row.replicates) for row in equal],
        MOST_EVER,
    )


def _false_alarms(of: str, rows: Sequence[Alarms]) -> Iterator[Goal]:
    pairs = [(row.pair, row.replicates) for row in rows]
    yield _rate_goal(
        f"pairs of equal targets{of} with p < 0.05, at worst", pairs, MOST_PER_TEST
    )
    for name, found in (
        ("Holm", [(row.by_holm, row.replicates) for row in rows]),
        ("rank sets", [(row.by_ranks, row.replicates) for row in rows]),
    ):
        what = f"families of equal targets{of} with any difference, {name}, at worst"
        yield _rate_goal(what, found, MOST_PER_FAMILY)


def _rate_goal(what: str, found: Sequence[tuple[float, int]], most: float) -> Goal:
    """Judge rates of so many replicates, each as far as so many tell."""
    worst, replicates = max(found)
    return Goal(
        what=what,
        found=f"{worst:.1%} of {replicates}",
        wanted=f"{most:.0%}, and 3 standard errors",
        is_met=all(
            rate <= most + 3 * math.sqrt(most * (1 - most) / count)
            for rate, count in found
        ),
    )


def _interval_goals(outcomes: Sequence[tuple[Outcome, ...]]) -> Iterator[Goal]:
    judged = [found for found in outcomes if _is_judged(found[0])]
    for of, some in (
        ("", [x for x in judged if x[0].series not in SERIES_IN_A_ROW]),
        (" of rounds in a row", [x for x in judged if x[0].series in SERIES_IN_A_ROW]),
    ):
        if not some:
            continue
        worst = min((found[0] for found in some), key=lambda one: one.coverage)
        yield Goal(
            what=f"share of 95 % intervals{of} that hold, at worst",
            found=f"{worst.coverage:.1%} ({_name(worst)})",
            wanted=f"{least_coverage(worst.replicates):.1%}",
            is_met=all(found[0].is_valid for found in some),
        )
    soft = [found for found in judged if found[0].series not in SHARP]
    groups = {
        f" of {MANY_ROUNDS} rounds": [x for x in soft if x[0].rounds == MANY_ROUNDS],
        " of fewer": [x for x in soft if x[0].rounds < MANY_ROUNDS],
        ", heavy tail on a sharp floor": [x for x in judged if x[0].series in SHARP],
    }
    for of, some in groups.items():
        widest = max(some, key=_ratio)
        yield Goal(
            what=f"width to that of the best valid way, at worst{of}",
            found=f"{_ratio(widest):.2f} ({_name(widest[0])})",
            wanted=f"{WIDEST}",
            is_met=_ratio(widest) <= WIDEST,
        )


def _is_judged(ours: Outcome) -> bool:
    """Survival curves take values for independent, and say so."""
    return ours.question not in INDEPENDENT_ONLY or "AR" not in ours.series


def _name(ours: Outcome) -> str:
    return f"{ours.question}, {ours.series}, {ours.rounds} rounds"


def _ratio(found: tuple[Outcome, ...]) -> float:
    best = best_width(found)
    # Two endless intervals are as wide as each other.
    return found[0].width / best if math.isfinite(best) else 1.0


def _interval_parts(outcomes: Sequence[tuple[Outcome, ...]]) -> Iterator[str]:
    yield "\n## Intervals at 95 %\n"
    yield (
        f"{outcomes[0][0].replicates} replicates each. A way is valid where it holds "
        "the truth in 95 % less three standard errors; widths are medians; endless are "
        "intervals that lack an end. Ours is "
        "**cloudgauge**, the others are given by their coverage and width.\n"
    )
    yield _table(
        (
            *("question", "series", "rounds", "holds", "width", "to the best"),
            *("endless", "other ways"),
        ),
        [
            (
                *(ours.question, ours.series, str(ours.rounds)),
                *(f"{ours.coverage:.1%}", f"{ours.width:.3g}"),
                f"{_ratio((ours, *others)):.2f}",
                f"{ours.endless:.1%}" if ours.endless else "",
                "; ".join(map(_other, others)),
            )
            for ours, *others in outcomes
        ],
    )


def _other(one: Outcome) -> str:
    valid = "" if one.is_valid else ", not valid"
    return f"{one.way} {one.coverage:.1%} {one.width:.3g}{valid}"


def _alarm_parts(rows: tuple[Alarms, ...]) -> Iterator[str]:
    yield "\n## False alarms and power\n"
    yield (
        "All targets are equal; then the last one is made 5 % slower. Families are all "
        "pairs of the targets. Of 10 and 20 rounds one after another that depend on "
        "each other the figures are shown and not judged: so few do not show how far "
        "they do.\n"
    )
    yield _table(
        (
            *("noise", "targets x rounds", "replicates", "p < 0.05"),
            *("any, Holm", "any, rank sets", "5 % found"),
            *("after Holm", "by rank sets"),
        ),
        [
            (
                *(row.noise, f"{row.targets} x {row.rounds}", str(row.replicates)),
                *(f"{row.pair:.1%}", f"{row.by_holm:.1%}", f"{row.by_ranks:.1%}"),
                f"{row.power:.1%}",
                *(f"{row.power_holm:.1%}", f"{row.power_ranks:.1%}"),
            )
            for row in rows
        ],
    )


def _anytime_parts(rows: tuple[Excluded, ...]) -> Iterator[str]:
    yield "\n## Looking after every round\n"
    yield (
        f"{LOOKS} looks; the noise has a correlation of 0.7 from one value to the next "
        "and a deviation of 5 %.\n"
    )
    yield _table(
        ("world", "replicates", "ever excluded", "at round (median)"),
        [
            (
                *(row.world.name, str(row.replicates), f"{row.ever:.1%}"),
                "" if row.median_round is None else f"{row.median_round:.0f}",
            )
            for row in rows
        ],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
