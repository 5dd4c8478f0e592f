"""Rates of downloads with the range of their tests; what did not settle is hollow."""

from collections.abc import Sequence

from cloudgauge.report.escape import printable
from cloudgauge.report.figure import Figure, Spec
from cloudgauge.report.figures.extent import Extent, number_text, short
from cloudgauge.report.figures.values import Throughput
from cloudgauge.report.figures.vega import (
    MOST_ROWS,
    Row,
    alt,
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

_ROW_PX = 24
_HEADING = "settled rate, Mbit/s"


def throughput_bars(found: Sequence[Throughput]) -> Figure:
    """One row a region and number of streams, fastest on top.

    Args:
        found: Of any number; those without a throughput target have a row that says so.
    """
    title = "Throughput by region"
    ordered = sorted(found, key=_place)
    shown = ordered[:MOST_ROWS]
    if not any(one.high is not None for one in shown):
        why = "No download came to a rate, so there is no throughput to draw."
        return Figure(
            name="throughput-bars", title=title, caption=why, summary=why, why_not=why
        )
    caption = _caption(shown) + left_out(len(ordered), len(shown), "fastest")
    return Figure(
        name="throughput-bars",
        title=title,
        caption=caption,
        summary=f"{caption} {'; '.join(_in_words(one) for one in shown)}.",
        spec=_spec(shown),
    )


def _place(one: Throughput) -> tuple[bool, float, str, int]:
    at = one.low if one.point is None else one.point
    return at is None, -(at or 0.0), one.label, one.streams or 0


def _label(one: Throughput) -> str:
    if one.streams is None:
        return one.label
    return f"{one.label} ×{one.streams}"  # noqa: RUF001  a times sign is meant


@unchecked
def _spec(shown: Sequence[Throughput]) -> Spec:
    names = shown_labels(_label(one) for one in shown)
    extent = Extent(low=0.0, high=max(map(_reach, shown)) or 1.0)
    x, y = value_axis("v", extent, _HEADING), row_axis(list(names.values()))
    words = (
        table("words")
        .mark_text(style="cg-words", align="left", dx=5, fontStyle="italic")
        .encode(x=x, y=y, text=alt.Text("text:N"))
    )
    *bars, mark = _bars(shown, x, y)
    rows = [_row(one, names[_label(one)]) for one in shown if one.high is not None]
    return drawn(
        [*bars, *_ranges(extent, y), mark, words],
        {"rows": rows, "words": [_words(one, names[_label(one)]) for one in shown]},
        height_px=_ROW_PX * max(len(shown), 2),
    )


def _reach(one: Throughput) -> float:
    """How far a row goes; what did not settle has words behind its bar."""
    return (one.high or 0.0) * (1.55 if one.point is None else 1.08)


def _bars(shown: Sequence[Throughput], x: "alt.X", y: "alt.Y") -> "list[alt.Chart]":
    """From 0: full where a rate settled, hollow to the highest test where not."""
    colour, shape = provider_looks(one.provider for one in shown)
    tips = tooltips(label="region", streams="streams", text="rate", tests="settled")
    place = {"x": x, "x2": alt.X2Datum(0), "y": y, "color": colour, "tooltip": tips}
    return [
        table("rows")
        .transform_filter("datum.settled")
        .mark_bar(height={"band": 0.6}, opacity=0.8)
        .encode(**place),
        table("rows")
        .transform_filter("!datum.settled")
        .mark_bar(height={"band": 0.6}, filled=False, strokeDash=[4, 3])
        .encode(**place),
        # In grey a mark tells what settled, and whose it is.
        table("rows")
        .transform_filter("datum.settled")
        .mark_point(filled=True, size=60, opacity=1, style="cg-outlined")
        .encode(x=x, y=y, color=colour, shape=shape),
    ]


def _ranges(extent: Extent, y: "alt.Y") -> "list[alt.Chart]":
    low, high = (value_axis(field, extent, _HEADING) for field in ("low", "high"))
    rule = table("rows").mark_rule(style="cg-line", strokeWidth=2)
    ends = table("rows").mark_tick(style="cg-ink", thickness=2, height=9, opacity=1)
    return [
        rule.encode(x=low, x2=alt.X2("high"), y=y),
        *(ends.encode(x=end, y=y) for end in (low, high)),
    ]


def _row(one: Throughput, name: str) -> Row:
    high = one.high or 0.0
    return {
        "row": name,
        "label": printable(one.label),
        "provider": provider_text(one.provider),
        "streams": one.streams,
        # Of what did not settle the range is known, and drawn hollow.
        "v": short(high if one.point is None else one.point),
        "low": short(high if one.low is None else one.low),
        "high": short(high),
        "settled": one.point is not None,
        "text": _rate_text(one),
        "tests": f"{one.settled} of {one.tests}",
    }


def _words(one: Throughput, name: str) -> Row:
    if one.streams is None:
        said, at = "no throughput target", 0.0
    elif one.high is None:
        said, at = "failed", 0.0
    elif one.point is None:
        said, at = "not settled", one.high
    else:
        said, at = "", 0.0
    return {"row": name, "v": short(at), "text": said}


def _rate_text(one: Throughput) -> str:
    if one.low is None or one.high is None:
        return "no rate"
    ends = f"{number_text(one.low)} to {number_text(one.high)}"
    if one.point is None:
        return f"not settled, {ends} Mbit/s"
    return f"{number_text(one.point)} Mbit/s ({ends})"


def _caption(shown: Sequence[Throughput]) -> str:
    text = (
        f"{count_text(len(shown), 'row')}, each a region and its number of streams; "
        "bar and mark: median of the settled rates, line: from the lowest to the "
        "highest test."
    )
    if any(one.point is None and one.high is not None for one in shown):
        text += (
            " Hollow, without a mark: too few tests settled, so only the range is "
            "known."
        )
    if any(one.streams is None for one in shown):
        text += " No throughput target: nothing to download is known there."
    return text


def _in_words(one: Throughput) -> str:
    said = "no throughput target" if one.streams is None else _rate_text(one)
    return f"{printable(_label(one))} {said}"
