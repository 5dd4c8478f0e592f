"""Round medians over time, with intervals by the hour and where they changed."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from cloudgauge.model.quantity import NS_PER_MS, NS_PER_S
from cloudgauge.report.escape import printable
from cloudgauge.report.figure import Figure, Spec
from cloudgauge.report.figures.extent import (
    Extent,
    estimate_numbers,
    estimate_text,
    number_text,
    short,
)
from cloudgauge.report.figures.values import CONNECT, Change, Course, Measure
from cloudgauge.report.figures.vega import (
    TICK_TEXT,
    Row,
    Rows,
    alt,
    count_text,
    drawn,
    left_out,
    shown_labels,
    table,
    top_legend,
    value_scale,
)
from cloudgauge.report.themes import BLUE, GREEN, ORANGE, PURPLE, VERMILION

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION)
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")
_MOST_COURSES = len(_COLOURS)
_MOST_POINTS = 240
_HEIGHT_PX = 280
_LONG_NS = 36 * 3600 * NS_PER_S
_SHORT_NS = 600 * NS_PER_S


def series(found: Sequence[Course], *, measure: Measure = CONNECT) -> Figure:
    """One course a region: a dot a round, a band a block, a rule where it changed.

    Args:
        found: In the order of their importance; the first five are drawn.
        measure: What the medians are.
    """
    title = f"{measure.name.capitalize()} over time"
    known = [one for one in found if any(map(_is_known, one.medians))]
    shown = known[:_MOST_COURSES]
    extent = Extent.of(
        number
        for one in shown
        for number in (
            *(median for median in one.medians if median is not None),
            *estimate_numbers(block.estimate for block in one.blocks),
        )
    )
    if extent is None:
        why = f"Nothing answered, so there is no {measure.name} to draw."
        return Figure(name="series", title=title, caption=why, summary=why, why_not=why)
    caption = _caption(shown) + left_out(len(known), len(shown), "first")
    return Figure(
        name="series",
        title=title,
        caption=caption,
        summary=f"{caption} {_in_words(shown, measure)}",
        spec=_spec(shown, extent, measure),
    )


def _is_known(median: float | None) -> bool:
    return median is not None and math.isfinite(median)


def _spec(shown: Sequence[Course], extent: Extent, measure: Measure) -> Spec:
    names = shown_labels(one.label for one in shown)
    used = list(names.values())
    legend = top_legend("width < 500 ? 2 : 3", symbolFillColor=None)
    colour = alt.Color(
        "row:N",
        scale=alt.Scale(domain=used, range=_COLOURS[: len(used)]),
        legend=legend,
    )
    shape = alt.Shape(
        "row:N", scale=alt.Scale(domain=used, range=_SHAPES[: len(used)]), legend=legend
    )
    tips = [
        alt.Tooltip("label:N", title="region"),
        alt.Tooltip("text:N", title=measure.heading),
    ]
    y = _upright("v", extent, measure)
    bands = (
        table("blocks")
        .mark_rect(opacity=0.22)
        .encode(
            x=_time("begin", shown),
            x2="end",
            y=_upright("low", extent, measure),
            y2="high",
            color=colour,
            tooltip=tips,
        )
    )
    middles = (
        table("blocks")
        .mark_rule(strokeWidth=2, opacity=1)
        .encode(x=_time("begin", shown), x2="end", y=y, color=colour)
    )
    dots = (
        table("rounds")
        .transform_flatten(["t", "v"])
        .mark_point(filled=True, size=14, opacity=0.65)
        .encode(x=_time("t", shown), y=y, color=colour, shape=shape)
    )
    endless = (
        table("endless")
        .transform_flatten(["t"])
        .mark_point(shape="triangle-up", filled=False, size=40, opacity=1)
        .encode(x=_time("t", shown), y=y, color=colour)
    )
    changes = (
        table("changes")
        .mark_rule(strokeDash=[5, 3], strokeWidth=1.5)
        .encode(x=_time("t", shown), color=colour, tooltip=tips)
    )
    tables: dict[str, Rows] = {
        "blocks": [
            row
            for one in shown
            for row in _blocks(one, names[one.label], extent, measure)
        ],
        "rounds": [_rounds(one, names[one.label]) for one in shown],
        "endless": [
            {"row": names[one.label], "v": short(extent.high), "t": _endless(one)}
            for one in shown
            if _endless(one)
        ],
        "changes": [
            {
                "row": names[one.label],
                "label": printable(one.label),
                "t": change.at_ns // NS_PER_MS,
                "text": _change_text(change, measure),
            }
            for one in shown
            for change in one.changes
        ],
    }
    return drawn([bands, changes, dots, middles, endless], tables, height_px=_HEIGHT_PX)


def _time(field: str, shown: Sequence[Course]) -> "alt.X":
    begin_ns = min(one.times_ns[0] for one in shown)
    span_ns = max(one.times_ns[-1] for one in shown) - begin_ns
    day = datetime.fromtimestamp(begin_ns // NS_PER_S, tz=UTC)
    if span_ns > _LONG_NS:
        title, text = "day, UTC", "%d %b"
    else:
        title = f"time since {day:%d %b %Y}, UTC"
        text = "%H:%M" if span_ns > _SHORT_NS else "%H:%M:%S"
    return alt.X(
        f"{field}:T",
        title=title,
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(format=text, labelOverlap=True, grid=False, tickCount=5),
    )


def _upright(field: str, extent: Extent, measure: Measure) -> "alt.Y":
    heading = f"{measure.heading} (log scale)" if extent.is_log else measure.heading
    return alt.Y(
        f"{field}:Q",
        title=heading,
        scale=value_scale(extent),
        axis=alt.Axis(values=extent.ticks(), labelExpr=TICK_TEXT),
    )


def _rounds(one: Course, name: str) -> Row:
    """Of a long course the medians of as many neighbours as one dot stands for."""
    known = [
        (at, median)
        for at, median in zip(one.times_ns, one.medians, strict=True)
        if median is not None and math.isfinite(median)
    ]
    dots = [_middle(group) for group in _grouped(known)]
    return {
        "row": name,
        "t": [at // NS_PER_MS for at, _ in dots],
        "v": [short(median) for _, median in dots],
    }


def _grouped(
    known: Sequence[tuple[int, float]],
) -> Iterator[Sequence[tuple[int, float]]]:
    size = _per_dot(len(known))
    for at in range(0, len(known), size):
        yield known[at : at + size]


def _per_dot(count: int) -> int:
    return -(-count // _MOST_POINTS)


def _middle(group: Sequence[tuple[int, float]]) -> tuple[int, float]:
    """The round of the median; of an even number the lower one of the two."""
    ordered = sorted(group, key=lambda one: one[1])
    return ordered[(len(ordered) - 1) // 2]


def _endless(one: Course) -> list[int]:
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
            "low": extent.clip(block.estimate.low),
            "v": extent.clip(block.estimate.point),
            "high": extent.clip(block.estimate.high),
            "text": estimate_text(block.estimate, measure.unit),
        }
        for block in one.blocks
    ]


def _caption(shown: Sequence[Course]) -> str:
    text = (
        f"{count_text(len(shown), 'region')} over time; dots: rounds, lines: medians "
        "of blocks of rounds, bands: their 95 % intervals."
    )
    most = max(len(one.medians) for one in shown)
    if _per_dot(most) > 1:
        text += f" A dot is the median of up to {_per_dot(most)} rounds."
    changes = sum(len(one.changes) for one in shown)
    if changes:
        text += f" Broken rules: {count_text(changes, 'lasting change')}."
    if any(not b.estimate.is_bounded for one in shown for b in one.blocks):
        text += " A band to the edge: so few rounds do not bound that end."
    endless = sum(len(_endless(one)) for one in shown)
    if endless:
        text += f" Triangles at the top: {count_text(endless, 'round')} timed out."
    return text


def _change_text(change: Change, measure: Measure) -> str:
    at = datetime.fromtimestamp(change.at_ns // NS_PER_S, tz=UTC)
    return (
        f"from {number_text(change.before)} to {number_text(change.after)} "
        f"{measure.unit} at {at:%Y-%m-%d %H:%M:%S} UTC"
    )


def _in_words(shown: Sequence[Course], measure: Measure) -> str:
    parts = []
    for one in shown:
        known = [median for median in one.medians if _is_known(median)]
        numbers = [median for median in known if median is not None]
        changes = ", ".join(_change_text(change, measure) for change in one.changes)
        parts.append(
            f"{printable(one.label)} between {number_text(min(numbers))} and "
            f"{number_text(max(numbers))} {measure.unit}, "
            f"{changes or 'no lasting change'}"
        )
    return "; ".join(parts) + "."
