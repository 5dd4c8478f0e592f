"""Courses over time as the rows that their picture is drawn from."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.report.escape import printable
from cloudgauge.report.figures.extent import Extent, estimate_text, number_text, short
from cloudgauge.report.figures.values import Change, Course, Measure
from cloudgauge.report.figures.vega import Row, Rows

_MOST_POINTS = 240


def course_extent(shown: Sequence[Course]) -> Extent | None:
    """What holds levels, and rounds and intervals but for the few that are far out."""
    held = [
        number
        for one in shown
        for number in (
            *(block.estimate.point for block in one.blocks),
            *(
                level
                for change in one.changes
                for level in (change.before, change.after)
            ),
        )
    ]
    lines = [[value for _, value in _dots(one)] for one in shown]
    ends = [
        end
        for one in shown
        for block in one.blocks
        for end in (block.estimate.low, block.estimate.high)
    ]
    return Extent.robust(held, lines, ends)


def course_tables(
    shown: Sequence[Course], names: dict[str, str], extent: Extent, measure: Measure
) -> dict[str, Rows]:
    """The tables of the picture's layers.

    Args:
        shown: At least one course.
        names: What to call each, by its label.
        extent: What ends beyond it are clipped to.
        measure: What the medians are.
    """
    blocks = [
        row for one in shown for row in _blocks(one, names[one.label], extent, measure)
    ]
    return {
        "blocks": blocks,
        "rounds": [_rounds(one, names[one.label], extent) for one in shown],
        "outliers": [
            row for one in shown for row in _outliers(one, names[one.label], extent)
        ],
        "endless": [
            {"row": names[one.label], "v": short(extent.high), "t": endless_times(one)}
            for one in shown
            if endless_times(one)
        ],
        "changes": [
            {
                "row": names[one.label],
                "label": printable(one.label),
                "t": change.at_ns // NS_PER_MS,
                "text": change_text(change, measure),
            }
            for one in shown
            for change in one.changes
        ],
    }


def _dots(one: Course) -> list[tuple[int, float]]:
    """Of a long course the medians of as many neighbours as one dot stands for."""
    known = [
        (at, median)
        for at, median in zip(one.times_ns, one.medians, strict=True)
        if median is not None and math.isfinite(median)
    ]
    return [_middle(group) for group in _grouped(known)]


def _rounds(one: Course, name: str, extent: Extent) -> Row:
    dots = [dot for dot in _dots(one) if not extent.is_beyond(dot[1])]
    return {
        "row": name,
        "t": [at // NS_PER_MS for at, _ in dots],
        "v": [short(median) for _, median in dots],
    }


def outliers(one: Course, extent: Extent) -> list[tuple[int, float]]:
    """Dots that the picture has no room for: when, and how much."""
    return [dot for dot in _dots(one) if extent.is_beyond(dot[1])]


def _outliers(one: Course, name: str, extent: Extent) -> Iterator[Row]:
    for at, median in outliers(one, extent):
        yield {
            "row": name,
            "label": printable(one.label),
            "t": at // NS_PER_MS,
            "v": extent.clip(median),
            "is_high": median > extent.high,
            "number": number_text(median),
        }


def _grouped(
    known: Sequence[tuple[int, float]],
) -> Iterator[Sequence[tuple[int, float]]]:
    size = rounds_per_dot(len(known))
    for at in range(0, len(known), size):
        yield known[at : at + size]


def rounds_per_dot(count: int) -> int:
    """How many rounds of so many a dot stands for."""
    return -(-count // _MOST_POINTS)


def _middle(group: Sequence[tuple[int, float]]) -> tuple[int, float]:
    """The round of the median; of an even number the lower one of the two."""
    ordered = sorted(group, key=lambda one: one[1])
    return ordered[(len(ordered) - 1) // 2]


def endless_times(one: Course) -> list[int]:
    """When rounds timed out, milliseconds since 1970."""
    return [
        at // NS_PER_MS
        for at, median in zip(one.times_ns, one.medians, strict=True)
        if median is not None and math.isinf(median)
    ]


def _blocks(one: Course, name: str, extent: Extent, measure: Measure) -> list[Row]:
    return [
        {
            "row": name,
            "label": printable(one.label),
            "begin": block.begin_ns // NS_PER_MS,
            "end": block.end_ns // NS_PER_MS,
            "middle": (block.begin_ns + block.end_ns) // (2 * NS_PER_MS),
            "beyond_low": extent.is_beyond(block.estimate.low),
            "beyond_high": extent.is_beyond(block.estimate.high),
            "low": extent.clip(block.estimate.low),
            "v": extent.clip(block.estimate.point),
            "high": extent.clip(block.estimate.high),
            "text": estimate_text(block.estimate, measure.unit),
        }
        for block in one.blocks
    ]


def change_text(change: Change, measure: Measure) -> str:
    """Such as ``from 20.1 to 26.2 ms at 2026-11-22 14:00:00 UTC``."""
    at = datetime.fromtimestamp(change.at_ns // NS_PER_S, tz=UTC)
    return (
        f"from {number_text(change.before)} to {number_text(change.after)} "
        f"{measure.unit} at {at:%Y-%m-%d %H:%M:%S} UTC"
    )
