"""What became of regions over time: blocks with intervals, and lasting changes."""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median

from cloudgauge.analysis.rounds import Line, Rounds
from cloudgauge.analysis.sides import median_of
from cloudgauge.report.figures.values import Block, Change, Course
from cloudgauge.stats.changepoint import change_points
from cloudgauge.stats.summary import FEW_ROUNDS, round_interval
from cloudgauge.workflow.picture_values import Lines, line_labels, provider_of
from cloudgauge.workflow.vantage_rounds import VantageRounds

_MOST_BLOCKS = 24
# One that is missing must not leave a block without an interval.
_BLOCK_ROUNDS = FEW_ROUNDS + 2
# What changes less lasts as well, but moves nobody.
_LEAST_CHANGE = 0.05


def courses_of(lines: Lines) -> list[Course]:
    """What became of lines over time, in the order of their medians."""
    found = []
    for (place, line), label in zip(lines, line_labels(lines), strict=True):
        middle = median_of(place.rounds, line)
        if middle is None:
            continue
        sign = place.rounds.metric.sign
        found.append((sign * middle.point, label, _course(place.rounds, line, label)))
    return [course for _, _, course in sorted(found, key=lambda one: one[:2])]


def has_changed(line: tuple[VantageRounds, Line]) -> bool:
    """Whether a line changed for good at some time."""
    place, one = line
    return any(_changes(place.rounds, one))


def _course(rounds: Rounds, line: Line, label: str) -> Course:
    values, times = rounds.of(line).tolist(), rounds.wall_ns.tolist()
    runs = rounds.runs.tolist()
    return Course(
        label=label,
        provider=provider_of(line.target_id),
        times_ns=tuple(times),
        medians=tuple(None if math.isnan(value) else value for value in values),
        blocks=tuple(
            block
            for _, group in groupby(range(len(values)), key=runs.__getitem__)
            for block in _blocks(list(group), values, times)
        ),
        changes=tuple(_changes(rounds, line)),
    )


def _blocks(
    places: Sequence[int], values: Sequence[float], times: Sequence[int]
) -> Iterator[Block]:
    """Rounds of one run in blocks of equal length, enough for an interval each."""
    count = max(min(_MOST_BLOCKS, len(places) // _BLOCK_ROUNDS), 1)
    for at in range(count):
        begin, end = (len(places) * one // count for one in (at, at + 1))
        known = [one for one in places[begin:end] if not math.isnan(values[one])]
        if known:
            yield Block(
                begin_ns=times[places[begin]],
                # A block lasts until the next one begins.
                end_ns=times[places[min(end, len(places) - 1)]],
                estimate=round_interval([values[one] for one in known], known),
            )


def _changes(rounds: Rounds, line: Line) -> Iterator[Change]:
    values = rounds.of(line)
    known = abs(values) < math.inf
    finite, times = values[known], rounds.wall_ns[known].tolist()
    starts = change_points(finite, least=FEW_ROUNDS)
    ends = (0, *starts, len(times))
    middles = [median(finite[begin:end].tolist()) for begin, end in pairwise(ends)]
    for at, before, after in zip(starts, middles, middles[1:], strict=False):
        if abs(after - before) >= _LEAST_CHANGE * abs(before):
            yield Change(at_ns=times[at], before=before, after=after)
