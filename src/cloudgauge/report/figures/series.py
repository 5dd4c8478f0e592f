"""Round medians over time, with intervals by the hour and where they changed."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.report.escape import printable
from cloudgauge.report.figure import Figure, Spec
from cloudgauge.report.figures.extent import Extent, number_text
from cloudgauge.report.figures.series_rows import (
    change_text,
    course_extent,
    course_tables,
    endless_times,
    outliers,
    rounds_per_dot,
)
from cloudgauge.report.figures.values import CONNECT, Course, Measure
from cloudgauge.report.figures.vega import (
    TICK_TEXT,
    alt,
    count_text,
    drawn,
    left_out,
    looks,
    shown_labels,
    table,
    tooltips,
    unchecked,
    value_scale,
)
from cloudgauge.report.themes import BLUE, GREEN, ORANGE, PURPLE, VERMILION

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION)
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")
_MOST_COURSES = len(_COLOURS)
_FEW_DOTS = 60
_HEIGHT_PX = 280
_LONG_NS = 36 * 3600 * NS_PER_S
_SHORT_NS = 600 * NS_PER_S
_HOUR, _SECOND, _DAY = (
    f"utcFormat(datum.value, '{form}')" for form in ("%H:%M", "%H:%M:%S", "%d %b")
)
# A day's name once, where it begins.
_DAY_OR_HOUR = f"utchours(datum.value) ? {_HOUR} : {_DAY}"


def series(found: Sequence[Course], *, measure: Measure = CONNECT) -> Figure:
    """One course a region: a dot a round, a band a block, a rule where it changed.

    Args:
        found: In the order of their importance; the first five are drawn.
        measure: What the medians are.
    """
    title = f"{measure.name.capitalize()} over time"
    known = [one for one in found if any(map(_is_known, one.medians))]
    shown = known[:_MOST_COURSES]
    extent = course_extent(shown)
    if extent is None:
        why = f"Nothing answered, so there is no {measure.name} to draw."
        return Figure(name="series", title=title, caption=why, summary=why, why_not=why)
    caption = _caption(shown, extent, measure) + left_out(
        len(known), len(shown), "first"
    )
    return Figure(
        name="series",
        title=title,
        caption=caption,
        summary=f"{caption} {_in_words(shown, measure)}",
        spec=_spec(shown, extent, measure),
    )


def _is_known(median: float | None) -> bool:
    return median is not None and math.isfinite(median)


@unchecked
def _spec(shown: Sequence[Course], extent: Extent, measure: Measure) -> Spec:
    names = shown_labels(one.label for one in shown)
    used, count = list(names.values()), len(names)
    colour, shape = looks("row", used, _COLOURS[:count], _SHAPES[:count])
    layers = [
        *_bands(shown, extent, measure, colour),
        table("changes")
        .mark_rule(strokeDash=[5, 3], strokeWidth=1.5)
        .encode(
            x=_time("t", shown),
            color=colour,
            tooltip=tooltips(label="region", text="lasting change"),
        ),
        table("rounds")
        .transform_flatten(["t", "v"])
        .mark_point(filled=True, size=_dot_size(shown), opacity=0.65)
        .encode(
            x=_time("t", shown),
            y=_upright("v", extent, measure),
            color=colour,
            shape=shape,
        ),
        *_outliers(shown, extent, measure, colour),
        table("endless")
        .transform_flatten(["t"])
        .mark_point(shape="triangle-up", filled=False, size=40, opacity=1)
        .encode(x=_time("t", shown), y=_upright("v", extent, measure), color=colour),
    ]
    return drawn(
        layers, course_tables(shown, names, extent, measure), height_px=_HEIGHT_PX
    )


def _outliers(
    shown: Sequence[Course], extent: Extent, measure: Measure, colour: "alt.Color"
) -> "list[alt.Chart]":
    """Full triangles at the edge that they are beyond; timeouts have hollow ones."""
    tips = tooltips(label="region", number=measure.heading)
    return [
        table("outliers")
        .transform_filter(test)
        .mark_point(shape=f"triangle-{way}", filled=True, size=42, opacity=0.9)
        .encode(
            x=_time("t", shown),
            y=_upright("v", extent, measure),
            color=colour,
            tooltip=tips,
        )
        for test, way in (("datum.is_high", "up"), ("!datum.is_high", "down"))
    ]


def _bands(
    shown: Sequence[Course], extent: Extent, measure: Measure, colour: "alt.Color"
) -> "list[alt.Chart]":
    """Intervals of blocks; one without a bound is a line to the edge, no band."""
    tips = tooltips(label="region", text=f"median, {measure.heading}")
    y = _upright("v", extent, measure)
    low, high = (_upright(field, extent, measure) for field in ("low", "high"))
    beyond = table("blocks").transform_filter("datum.beyond_low || datum.beyond_high")
    return [
        table("blocks")
        .transform_filter("!datum.beyond_low && !datum.beyond_high")
        .mark_rect(opacity=0.22)
        .encode(
            x=_time("begin", shown),
            x2=alt.X2("end"),
            y=low,
            y2=alt.Y2("high"),
            color=colour,
            tooltip=tips,
        ),
        beyond.mark_rule(strokeDash=[2, 2], opacity=0.7).encode(
            x=_time("middle", shown),
            y=low,
            y2=alt.Y2("high"),
            color=colour,
            tooltip=tips,
        ),
        *(
            table("blocks")
            .transform_filter(f"datum.beyond_{side}")
            .mark_point(shape=f"triangle-{way}", filled=True, size=38, opacity=1)
            .encode(x=_time("middle", shown), y=end, color=colour)
            for side, way, end in (("low", "down", low), ("high", "up", high))
        ),
        table("blocks")
        .mark_rule(strokeWidth=2, opacity=1)
        .encode(
            x=_time("begin", shown), x2=alt.X2("end"), y=y, color=colour, tooltip=tips
        ),
    ]


def _dot_size(shown: Sequence[Course]) -> int:
    """Few dots can be seen better."""
    return 14 if max(len(one.medians) for one in shown) > _FEW_DOTS else 30


def _time(field: str, shown: Sequence[Course]) -> "alt.X":
    begin_ns = min(one.times_ns[0] for one in shown)
    span_ns = max(one.times_ns[-1] for one in shown) - begin_ns
    day = datetime.fromtimestamp(begin_ns // NS_PER_S, tz=UTC)
    if span_ns > _LONG_NS:
        title = "day and hour, UTC"
        text = _DAY_OR_HOUR
    else:
        title = f"time since {day:%d %b %Y}, UTC"
        text = _HOUR if span_ns > _SHORT_NS else _SECOND
    return alt.X(
        f"{field}:T",
        title=title,
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(labelExpr=text, labelOverlap=True, grid=False, tickCount=5),
    )


def _upright(field: str, extent: Extent, measure: Measure) -> "alt.Y":
    heading = f"{measure.heading} (log scale)" if extent.is_log else measure.heading
    return alt.Y(
        f"{field}:Q",
        title=heading,
        scale=value_scale(extent),
        axis=alt.Axis(values=extent.ticks(), labelExpr=TICK_TEXT),
    )


def _caption(shown: Sequence[Course], extent: Extent, measure: Measure) -> str:
    text = (
        f"{count_text(len(shown), 'region')} over time; dots: rounds, lines: medians "
        "of blocks of rounds, bands: their 95 % intervals."
    )
    most = max(len(one.medians) for one in shown)
    if rounds_per_dot(most) > 1:
        text += f" A dot is the median of up to {rounds_per_dot(most)} rounds."
    changes = sum(len(one.changes) for one in shown)
    if changes:
        text += f" Broken rules: {count_text(changes, 'lasting change')}."
    blocks = [block.estimate for one in shown for block in one.blocks]
    if any(not one.is_bounded for one in blocks):
        text += " An arrow: so few rounds do not bound that end."
    ends = [end for one in blocks for end in (one.low, one.high) if math.isfinite(end)]
    if any(map(extent.is_beyond, ends)):
        text += " An arrow may also be an end beyond the edge."
    far = [median for one in shown for _, median in outliers(one, extent)]
    if far:
        text += (
            f" Full triangles at the edge: {count_text(len(far), 'dot')} beyond it, "
            f"{_range(far)} {measure.unit}."
        )
    endless = sum(len(endless_times(one)) for one in shown)
    if endless:
        text += (
            f" Hollow triangles at the top: {count_text(endless, 'round')} timed out."
        )
    return text


def _range(numbers: Sequence[float]) -> str:
    ends = dict.fromkeys(number_text(pick(numbers)) for pick in (min, max))
    return " to ".join(ends)


def _in_words(shown: Sequence[Course], measure: Measure) -> str:
    parts = []
    for one in shown:
        known = [median for median in one.medians if _is_known(median)]
        numbers = [median for median in known if median is not None]
        changes = ", ".join(change_text(change, measure) for change in one.changes)
        parts.append(
            f"{printable(one.label)} between {number_text(min(numbers))} and "
            f"{number_text(max(numbers))} {measure.unit}, "
            f"{changes or 'no lasting change'}"
        )
    return "; ".join(parts) + "."
