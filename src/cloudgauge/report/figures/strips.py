"""Rows of regions: what each round saw as dots, p50 with its interval over them."""

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
    MOST_ROWS,
    Row,
    alt,
    arrows,
    count_text,
    drawn,
    left_out,
    provider_looks,
    provider_text,
    row_axis,
    shown_labels,
    table,
    tooltips,
    unchecked,
    value_axis,
)

_MOST_DOTS = 60
# With more rows dots are a smear: intervals alone are drawn.
_MOST_DOTTED = 24
_ROW_PX, _NARROW_ROW_PX = 24, 15
# A low-discrepancy walk: neighbours in rank are far apart in height.
_GOLDEN = 0.6180339887498949
_LEVELS = 10


def strips(found: Sequence[Distribution], *, measure: Measure = CONNECT) -> Figure:
    """One row a region, best median on top; of many the best forty.

    Args:
        found: Of any number; those without values have an empty row that says so.
        measure: What the values are.
    """
    title = f"{measure.name.capitalize()} by region"
    shown = by_median(found, measure)[:MOST_ROWS]
    dotted = len(shown) <= _MOST_DOTTED
    extent = Extent.of(_numbers(shown, dotted=dotted))
    if extent is None:
        why = f"Nothing answered, so there is no {measure.name} to draw."
        return Figure(name="strips", title=title, caption=why, summary=why, why_not=why)
    caption = _caption(shown, dotted=dotted) + left_out(
        len(found), len(shown), "best by p50"
    )
    return Figure(
        name="strips",
        title=title,
        caption=caption,
        summary=f"{caption} {_in_words(shown, measure)}",
        spec=_spec(shown, extent, measure, dotted=dotted),
    )


def _numbers(shown: Sequence[Distribution], *, dotted: bool) -> list[float]:
    marks = [
        number
        for one in shown
        for number in estimate_numbers(q.estimate for q in one.quantiles)
    ]
    return marks + [v for one in shown for v in one.values] if dotted else marks


@unchecked
def _spec(
    shown: Sequence[Distribution], extent: Extent, measure: Measure, *, dotted: bool
) -> Spec:
    names = shown_labels(one.label for one in shown)
    y = row_axis(list(names.values()))
    rows = [_row(one, names[one.label], extent, measure) for one in shown]
    layers = [*_tails(extent, measure, y), *_middles(shown, extent, measure, y)]
    tables = {
        "tails": [row for one in shown for row in _tail(one, names[one.label], extent)],
        "rows": [row for row in rows if row["v"] is not None],
        "silent": [row for row in rows if row["v"] is None],
    }
    if dotted:
        layers.insert(0, _dotted(shown, extent, measure, y))
        tables["dots"] = [_dots(one, names[one.label]) for one in shown]
    step = _ROW_PX if dotted else _NARROW_ROW_PX
    return drawn(layers, tables, height_px=step * max(len(shown), 2))


def _dotted(
    shown: Sequence[Distribution], extent: Extent, measure: Measure, y: "alt.Y"
) -> "alt.Chart":
    """What single rounds saw, scattered up and down so that they lie side by side."""
    colour, _ = provider_looks(one.provider for one in shown)
    chart: alt.Chart = (
        table("dots")
        .transform_flatten(["v", "j"])
        .mark_circle(size=9, opacity=0.4, clip=True)
        .encode(
            x=value_axis("v", extent, measure.heading),
            y=y,
            yOffset=alt.YOffset("j:Q", scale=alt.Scale(domain=[-2, _LEVELS + 1])),
            color=colour,
        )
    )
    return chart


def _tails(extent: Extent, measure: Measure, y: "alt.Y") -> "list[alt.Chart]":
    """p95 with its interval."""
    low, x = (value_axis(field, extent, measure.heading) for field in ("low", "v"))
    return [
        table("tails")
        .mark_rule(style="cg-line", opacity=0.55, strokeDash=[2, 2])
        .encode(x=low, x2=alt.X2("high"), y=y),
        table("tails").mark_tick(style="cg-ink", thickness=1.5).encode(x=x, y=y),
    ]


def _middles(
    shown: Sequence[Distribution], extent: Extent, measure: Measure, y: "alt.Y"
) -> "list[alt.Chart]":
    """p50 with its interval, and a word where there is none."""
    colour, shape = provider_looks(one.provider for one in shown)
    low, x, high = (
        value_axis(field, extent, measure.heading) for field in ("low", "v", "high")
    )
    tips = tooltips(
        label="region",
        text=f"p50 {measure.name}",
        tail="p95",
        rounds="rounds",
        failures="failed",
    )
    return [
        table("rows")
        .mark_rule(style="cg-line")
        .encode(
            x=low,
            x2=alt.X2("high"),
            y=y,
            strokeWidth=alt.StrokeWidth("width:Q", scale=None),
        ),
        *arrows("rows", (low, high), y),
        table("rows")
        .mark_point(filled=True, size=70, opacity=1, style="cg-outlined")
        .encode(x=x, y=y, color=colour, shape=shape, tooltip=tips),
        table("silent")
        .mark_text(style="cg-words", align="left", dx=4, fontStyle="italic")
        .encode(x=alt.value(0), y=y, text=alt.Text("text:N")),
    ]


def _dots(one: Distribution, name: str) -> Row:
    ordered = sorted(value for value in one.values if math.isfinite(value))
    places = thinned(ordered, _MOST_DOTS)
    return {
        "row": name,
        "provider": provider_text(one.provider),
        "v": [short(ordered[place]) for place in places],
        "j": [int(at * _GOLDEN % 1 * _LEVELS) for at in range(len(places))],
    }


def _row(one: Distribution, name: str, extent: Extent, measure: Measure) -> Row:
    middle, tail = one.at(0.5), one.at(0.95)
    failures = f"{one.failed:,} of {one.attempts:,}"
    row = {
        "row": name,
        "label": printable(one.label),
        "provider": provider_text(one.provider),
        "failures": failures,
        "rounds": len(one.values),
        "tail": estimate_text(tail, measure.unit),
    }
    if middle is None:
        return {**row, "v": None, "text": f"no value: {failures} failed"}
    return {
        **row,
        "v": extent.clip(middle.point),
        "low": extent.clip(middle.low),
        "high": extent.clip(middle.high),
        # What bounds little must not be what is seen first.
        "width": 2.5 if middle.is_bounded else 1,
        "beyond_low": math.isinf(middle.low),
        "beyond_high": math.isinf(middle.high),
        "text": estimate_text(middle, measure.unit),
    }


def _tail(one: Distribution, name: str, extent: Extent) -> list[Row]:
    tail = one.at(0.95)
    if tail is None:
        return []
    ends = tail.low, tail.point, tail.high
    low, point, high = (extent.clip(end) for end in ends)
    return [{"row": name, "v": point, "low": low, "high": high}]


def _caption(shown: Sequence[Distribution], *, dotted: bool) -> str:
    rounds = sorted({len(one.values) for one in shown})
    of = f"{rounds[0]:,}" if len(rounds) == 1 else f"{rounds[0]:,} to {rounds[-1]:,}"
    text = (
        f"{count_text(len(shown), 'region')}, {of} rounds each; mark: p50, thick bar: "
        "its 95 % interval by rounds; tick and dotted bar: p95 and its interval."
    )
    if dotted:
        text += " Dots: what single rounds saw"
        many = any(len(one.values) > _MOST_DOTS for one in shown)
        text += f", {_MOST_DOTS} of them, evenly by rank." if many else "."
    if any(not q.estimate.is_bounded for one in shown for q in one.quantiles):
        text += " An arrow, or a bar to the edge: so few rounds do not bound that end."
    endless = sum(math.isinf(value) for one in shown for value in one.values)
    if endless:
        text += f" {count_text(endless, 'round')} timed out: longer than all, no dots."
    return text


def _in_words(shown: Sequence[Distribution], measure: Measure) -> str:
    return (
        "; ".join(
            f"{printable(one.label)} {estimate_text(one.at(0.5), measure.unit)}"
            for one in shown
        )
        + "."
    )
