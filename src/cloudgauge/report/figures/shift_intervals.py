"""By how much regions differ from a baseline, with the margin and the verdict."""

import math
from collections.abc import Sequence

from cloudgauge.report.escape import printable
from cloudgauge.report.figure import Figure, Spec
from cloudgauge.report.figures.extent import (
    Extent,
    estimate_numbers,
    estimate_text,
    number_text,
)
from cloudgauge.report.figures.values import CONNECT, Measure, Shift
from cloudgauge.report.figures.vega import (
    BETWEEN,
    MOST_ROWS,
    Row,
    alt,
    arrows,
    count_text,
    drawn,
    left_out,
    row_axis,
    shown_labels,
    table,
    tooltips,
    unchecked,
    value_axis,
)
from cloudgauge.report.figures.verdicts import look_of, verdict_scales

_ROW_PX = 24


def shift_intervals(
    found: Sequence[Shift], *, baseline: str, measure: Measure = CONNECT
) -> Figure:
    """One row a region and vantage: shift, interval, margin and verdict.

    Args:
        found: In the order in which they are to stand.
        baseline: What they are held against, such as a region or ``before``.
        measure: What is compared.
    """
    title = f"{measure.name.capitalize()} against {printable(baseline)}"
    known = [one for one in found if one.shift is not None]
    if not known:
        why = "Nothing could be compared: no round has a value of both."
        return Figure(
            name="shift-intervals", title=title, caption=why, summary=why, why_not=why
        )
    shown = known[:MOST_ROWS]
    caption = _caption(shown, baseline, measure) + left_out(
        len(known), len(shown), "first"
    )
    if len(known) < len(found):
        caption += f" {len(found) - len(known)} could not be compared: not drawn."
    return Figure(
        name="shift-intervals",
        title=title,
        caption=caption,
        summary=f"{caption} {_in_words(shown, measure)}",
        spec=_spec(shown, measure),
    )


def _label(one: Shift, shown: Sequence[Shift]) -> str:
    alone = len({other.vantage for other in shown}) == 1
    return one.label if alone else f"{one.label}{BETWEEN}{one.vantage or 'all'}"


@unchecked
def _spec(shown: Sequence[Shift], measure: Measure) -> Spec:
    labels = [_label(one, shown) for one in shown]
    names = shown_labels(labels)
    extent = Extent.about_zero(
        [
            *estimate_numbers(one.shift for one in shown),
            *(side * one.margin for one in shown for side in (-1, 1)),
        ]
    )
    y = row_axis(list(names.values()))
    rows = [
        _row(one, names[label], extent, measure)
        for one, label in zip(shown, labels, strict=True)
    ]
    return drawn(
        _layers(extent, measure, y),
        {"rows": rows, "zero": [{"v": 0}]},
        height_px=_ROW_PX * max(len(rows), 2),
    )


def _layers(extent: Extent, measure: Measure, y: "alt.Y") -> "list[alt.Chart]":
    better = "above" if measure.more_is_better else "below"
    heading = f"shift, {measure.unit} ({better} 0: better)"
    low, x, high, inner = (
        value_axis(field, extent, heading) for field in ("low", "v", "high", "inner")
    )
    colour, shape = verdict_scales()
    tips = tooltips(
        label="region",
        **{"from": "vantage"},
        text="shift",
        word="verdict",
        margin="margin",
        rounds="rounds",
    )
    return [
        table("rows")
        .mark_bar(style="cg-band", height={"band": 1.15})
        .encode(x=inner, x2=alt.X2("outer"), y=y),
        table("zero").mark_rule(style="cg-line").encode(x=x),
        table("rows")
        .mark_rule(strokeWidth=2.5)
        .encode(x=low, x2=alt.X2("high"), y=y, color=colour),
        *arrows("rows", (low, high), y),
        table("rows")
        .mark_point(filled=True, size=80, opacity=1, style="cg-outlined")
        .encode(x=x, y=y, color=colour, shape=shape, tooltip=tips),
    ]


def _row(one: Shift, name: str, extent: Extent, measure: Measure) -> Row:
    shift = one.shift
    ends = (shift.low, shift.point, shift.high) if shift else (0.0, 0.0, 0.0)
    sign = -1 if measure.more_is_better else 1
    return {
        "row": name,
        "label": printable(one.label),
        "from": printable(one.vantage) or "all",
        "word": look_of(one.verdict, is_better=sign * ends[1] < 0).word,
        "low": extent.clip(ends[0]),
        "v": extent.clip(ends[1]),
        "high": extent.clip(ends[2]),
        "beyond_low": math.isinf(ends[0]),
        "beyond_high": math.isinf(ends[2]),
        "inner": extent.clip(-one.margin),
        "outer": extent.clip(one.margin),
        "text": estimate_text(shift, measure.unit),
        "margin": f"± {number_text(one.margin)} {measure.unit}",
        "rounds": one.rounds,
    }


def _caption(shown: Sequence[Shift], baseline: str, measure: Measure) -> str:
    text = (
        f"By how much {measure.name} differs from {printable(baseline)}, "
        f"{count_text(len(shown), 'comparison')}; bars: 95 % intervals; grey: the "
        "margin within which a difference does not matter. Verdicts are corrected for "
        "their number, intervals are not."
    )
    if any(one.shift and not one.shift.is_bounded for one in shown):
        text += " An arrow: so few rounds do not bound that end."
    return text


def _in_words(shown: Sequence[Shift], measure: Measure) -> str:
    return (
        "; ".join(
            f"{printable(_label(one, shown))} {one.verdict.value}, "
            f"{estimate_text(one.shift, measure.unit)}"
            for one in shown
        )
        + "."
    )
