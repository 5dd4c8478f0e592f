"""Empirical distributions: for each number, the share of rounds that were no longer."""

import math
from collections.abc import Sequence

from cloudgauge.report.escape import printable
from cloudgauge.report.figure import Figure, Spec
from cloudgauge.report.figures.extent import (
    Extent,
    estimate_numbers,
    estimate_text,
    short,
    thinned,
)
from cloudgauge.report.figures.order import by_median
from cloudgauge.report.figures.values import CONNECT, Distribution, Measure
from cloudgauge.report.figures.vega import (
    Row,
    alt,
    arrows,
    count_text,
    drawn,
    left_out,
    looks,
    shown_labels,
    table,
    tooltips,
    unchecked,
    value_axis,
)
from cloudgauge.report.themes import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
)

_MOST_CURVES = 8
_MOST_POINTS = 200
_HEIGHT_PX = 280
# Of the axis, from one curve's bar to the next one's: eight fit about 95 %.
_ASIDE = 0.0135
_ENDLESS = "datum.beyond_low || datum.beyond_high"
_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY, GREY, BLUE)
_SHAPES = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "triangle-left",
    "triangle-right",
)
_DASHES = ([1, 0], [6, 2], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3], [10, 3], [3, 1])


def ecdf(found: Sequence[Distribution], *, measure: Measure = CONNECT) -> Figure:
    """Step curves, one a region, p50 and p95 with their intervals.

    Args:
        found: Of any number; the eight with the best medians are drawn.
        measure: What the values are.
    """
    title = f"How {measure.name} is distributed"
    known = by_median([one for one in found if _finite(one)], measure)
    shown = known[:_MOST_CURVES]
    extent = Extent.of(
        number
        for one in shown
        for number in (
            *one.values,
            *estimate_numbers(quantile.estimate for quantile in one.quantiles),
        )
    )
    if extent is None:
        why = f"Nothing answered, so there is no {measure.name} to draw."
        return Figure(name="ecdf", title=title, caption=why, summary=why, why_not=why)
    caption = _caption(found, known, shown)
    return Figure(
        name="ecdf",
        title=title,
        caption=caption,
        summary=f"{caption} {_in_words(shown, measure)}",
        spec=_spec(shown, extent, measure),
    )


def _finite(one: Distribution) -> list[float]:
    return [value for value in one.values if math.isfinite(value)]


@unchecked
def _spec(shown: Sequence[Distribution], extent: Extent, measure: Measure) -> Spec:
    names = shown_labels(one.label for one in shown)
    count, used = len(names), list(names.values())
    colour, shape = looks("row", used, _COLOURS[:count], _SHAPES[:count])
    y = _upright("share")
    # By number, not by name: else it would be in the legend of the marks.
    dashes = alt.Scale(domain=list(range(count)), range=_DASHES[:count])
    dash = alt.StrokeDash("dash:N", scale=dashes, legend=None)
    curves = (
        table("curves")
        .transform_flatten(["v", "share"])
        .mark_line(interpolate="step-after", strokeWidth=1.6, clip=True)
        .encode(
            x=value_axis("v", extent, measure.heading),
            y=y,
            color=colour,
            strokeDash=dash,
            detail=alt.Detail("row:N"),
        )
    )
    return drawn(
        [curves, *_quantile_marks(extent, measure, (colour, shape), y)],
        {
            "curves": [
                {**_curve(one, extent), "row": names[one.label], "dash": at}
                for at, one in enumerate(shown)
            ],
            "marks": [
                row
                for at, one in enumerate(shown)
                for row in _marks(
                    one,
                    {"row": names[one.label], "aside": (at - (count - 1) / 2) * _ASIDE},
                    extent,
                    measure,
                )
            ],
        },
        height_px=_HEIGHT_PX,
    )


def _upright(field: str) -> "alt.Y":
    return alt.Y(
        f"{field}:Q",
        title="share of rounds, %",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", tickCount=5),
    )


def _quantile_marks(
    extent: Extent, measure: Measure, used: "tuple[alt.Color, alt.Shape]", y: "alt.Y"
) -> "list[alt.Chart]":
    """p50 and p95 with their intervals."""
    colour, shape = used
    low, x, high = (
        value_axis(field, extent, measure.heading) for field in ("low", "v", "high")
    )
    tips = tooltips(label="region", quantile="quantile", text=measure.heading)
    beside = _upright("beside")
    return [
        *(
            table("marks")
            .transform_filter(test)
            .mark_rule(strokeWidth=width, opacity=0.7)
            .encode(x=low, x2=alt.X2("high:Q"), y=beside, color=colour)
            # What bounds little must not be what is seen first.
            for test, width in ((_ENDLESS, 1), (f"!({_ENDLESS})", 3))
        ),
        *arrows("marks", (low, high), beside, colour),
        table("marks")
        .mark_point(filled=True, size=60, opacity=1, style="cg-outlined")
        .encode(x=x, y=y, color=colour, shape=shape, tooltip=tips),
    ]


def _curve(one: Distribution, extent: Extent) -> Row:
    """Where the curve steps; every rank next to a quantile that is shown is there."""
    ordered = sorted(one.values)
    count = len(ordered)
    places = set(thinned(ordered, _MOST_POINTS - 4 * len(one.quantiles)))
    for quantile in one.quantiles:
        at = math.ceil(quantile.p * count) - 1
        places.update(place for place in (at - 1, at, at + 1) if 0 <= place < count)
    kept = [place for place in sorted(places) if math.isfinite(ordered[place])]
    values = [short(ordered[place]) for place in kept]
    shares = [short((place + 1) / count) for place in kept]
    # It comes up from nothing, and goes on level to the end.
    return {
        "v": [values[0], *values, short(extent.high)],
        "share": [0, *shares, shares[-1]],
    }


def _marks(
    one: Distribution, place: Row, extent: Extent, measure: Measure
) -> list[Row]:
    return [
        {
            "row": place["row"],
            # Bars to the edge of several curves at one height would be one bar.
            "beside": short(
                quantile.p + (0 if quantile.estimate.is_bounded else place["aside"])
            ),
            "label": printable(one.label),
            "quantile": f"p{100 * quantile.p:g}",
            "share": quantile.p,
            "v": extent.clip(quantile.estimate.point),
            "low": extent.clip(quantile.estimate.low),
            "high": extent.clip(quantile.estimate.high),
            "beyond_low": math.isinf(quantile.estimate.low),
            "beyond_high": math.isinf(quantile.estimate.high),
            "text": estimate_text(quantile.estimate, measure.unit),
        }
        for quantile in one.quantiles
    ]


def _caption(
    found: Sequence[Distribution],
    known: Sequence[Distribution],
    shown: Sequence[Distribution],
) -> str:
    rounds = sorted({len(one.values) for one in shown})
    of = f"{rounds[0]:,}" if len(rounds) == 1 else f"{rounds[0]:,} to {rounds[-1]:,}"
    text = (
        f"Share of rounds at or below each number, {count_text(len(shown), 'region')}, "
        f"{of} rounds each; points: p50 and p95, bars: their 95 % intervals by rounds."
    )
    if any(len(one.values) > _MOST_POINTS for one in shown):
        text += f" Curves are drawn through at most {_MOST_POINTS} points each."
    if any(math.isinf(value) for one in shown for value in one.values):
        text += " A curve that ends below 100 % had timeouts: they are longer than all."
    if any(not q.estimate.is_bounded for one in shown for q in one.quantiles):
        text += (
            " A thin bar with an arrow: so few rounds do not bound that end; such bars "
            "lie a little above one another."
        )
    silent = len(found) - len(known)
    if silent:
        text += f" {count_text(silent, 'region')} never answered."
    return text + left_out(len(known), len(shown), "best by p50")


def _in_words(shown: Sequence[Distribution], measure: Measure) -> str:
    parts = [
        f"{printable(one.label)}: "
        + ", ".join(
            f"p{100 * q.p:g} {estimate_text(q.estimate, measure.unit)}"
            for q in one.quantiles
        )
        for one in shown
    ]
    return "; ".join(parts) + "."
