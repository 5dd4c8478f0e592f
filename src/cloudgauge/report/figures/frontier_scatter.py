"""Latency against cost: regions with intervals, and the line of the unbeaten."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cloudgauge.report.escape import printable
from cloudgauge.report.figure import Figure, Spec
from cloudgauge.report.figures.extent import Extent, estimate_numbers, estimate_text
from cloudgauge.report.figures.vega import (
    TICK_TEXT,
    Row,
    alt,
    arrows,
    count_text,
    drawn,
    provider_looks,
    provider_text,
    shown_labels,
    table,
    tooltips,
    unchecked,
    value_axis,
    value_scale,
)
from cloudgauge.stats.summary import Estimate

_HEIGHT_PX = 360
_NAME = "frontier"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPoint:
    """A region.

    Attributes:
        label: As it is shown; a text from strangers.
        provider: Its name in the catalogue, such as ``aws``.
        latency: In ms; its point is finite.
        cost: A month.
        beaten_by: The fastest of those that beat it; "" on the frontier.
        is_sure: Whether some of them do so beyond the noise.
    """

    label: str
    provider: str
    latency: Estimate
    cost: float
    beaten_by: str
    is_sure: bool


def frontier_scatter(
    found: Sequence[CostPoint], *, latency_name: str, currency: str
) -> Figure:
    """One mark a region; those that nothing beats are named and joined by a line.

    Args:
        found: All in one currency.
        latency_name: Such as ``connect p50``.
        currency: Of the cost, such as ``USD``.
    """
    title = f"{latency_name} against cost"
    across = Extent.of(estimate_numbers(one.latency for one in found))
    upright = Extent.of(one.cost for one in found)
    if across is None or upright is None:
        why = "No region has both a latency and a price, so there is nothing to draw."
        return Figure(name=_NAME, title=title, caption=why, summary=why, why_not=why)
    caption = _caption(found)
    headings = f"{latency_name}, ms", f"a month, {currency}"
    return Figure(
        name=_NAME,
        title=title,
        caption=caption,
        summary=f"{caption} {_in_words(found, currency)}",
        spec=_spec(found, (across, upright), headings),
    )


@unchecked
def _spec(
    found: Sequence[CostPoint],
    extents: tuple[Extent, Extent],
    headings: tuple[str, str],
) -> Spec:
    across, upright = extents
    low, x, high = (value_axis(f, across, headings[0]) for f in ("low", "v", "high"))
    y = _cost_axis(upright, headings[1])
    colour, shape = provider_looks(one.provider for one in found)
    names = shown_labels(one.label for one in found)
    rows = [_row(one, names[one.label], across) for one in found]
    tips = tooltips(
        label="region", text="latency", cost_text="a month", standing="standing"
    )
    layers = [
        table("line")
        .mark_line(interpolate="step-after", style="cg-line", strokeDash=[4, 3])
        .encode(x=x, y=y, order=alt.Order("v:Q")),
        table("rows").mark_rule(style="cg-line").encode(x=low, x2="high", y=y),
        *arrows("rows", (low, high), y),
        table("rows")
        .mark_point(filled=True, style="cg-outlined")
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=shape,
            size=alt.Size("size:Q", scale=None),
            opacity=alt.Opacity("opacity:Q", scale=None),
            tooltip=tips,
        ),
        table("line")
        .mark_text(style="cg-words", align="left", dx=8, dy=-8)
        .encode(x=x, y=y, text=alt.Text("number:N")),
    ]
    line = _numbered(found, names, across)
    return drawn(layers, {"rows": rows, "line": line}, height_px=_HEIGHT_PX)


def _numbered(
    found: Sequence[CostPoint], names: Mapping[str, str], across: Extent
) -> list[Row]:
    """Names would lie over one another: numbers do not, and the caption has names."""
    return [
        {**_row(one, names[one.label], across), "number": str(number)}
        for number, one in enumerate(_unbeaten(found), start=1)
    ]


def _cost_axis(extent: Extent, title: str) -> "alt.Y":
    return alt.Y(
        "cost:Q",
        title=f"{title} (log scale)" if extent.is_log else title,
        scale=value_scale(extent),
        axis=alt.Axis(values=extent.ticks(), labelExpr=TICK_TEXT),
    )


def _unbeaten(found: Sequence[CostPoint]) -> list[CostPoint]:
    """Those on the line, fastest first."""
    some = [one for one in found if not one.beaten_by]
    return sorted(some, key=lambda one: one.latency.point)


def _row(one: CostPoint, name: str, extent: Extent) -> Row:
    on, ends = not one.beaten_by, one.latency
    return {
        "row": name,
        "label": printable(one.label),
        "provider": provider_text(one.provider),
        "v": extent.clip(ends.point),
        "low": extent.clip(ends.low),
        "high": extent.clip(ends.high),
        "beyond_low": math.isinf(ends.low),
        "beyond_high": math.isinf(ends.high),
        "cost": float(f"{one.cost:.6g}"),
        "cost_text": f"{one.cost:,.2f}",
        "text": estimate_text(ends, "ms"),
        "standing": _standing(one),
        "on": on,
        "size": 90 if on else 40,
        "opacity": 1 if on else 0.6,
    }


def _standing(one: CostPoint) -> str:
    if not one.beaten_by:
        return "beaten by none"
    noise = "" if one.is_sure else ", within the noise"
    return f"beaten by {printable(one.beaten_by)}{noise}"


def _caption(found: Sequence[CostPoint]) -> str:
    named = ", ".join(
        f"{number} {printable(one.label)}"
        for number, one in enumerate(_unbeaten(found), start=1)
    )
    text = (
        f"{count_text(len(found), 'region')}. On the dashed line, beaten by none: "
        f"{named}; "
        "all others have one that is at most as slow and at most as dear. Bars: "
        "intervals that hold for all at once with 95 %."
    )
    if any(not one.latency.is_bounded for one in found):
        text += " An arrow: so few rounds do not bound that end."
    return text


def _in_words(found: Sequence[CostPoint], currency: str) -> str:
    return (
        "; ".join(
            f"{printable(one.label)} {estimate_text(one.latency, 'ms')}, "
            f"{one.cost:,.2f} {currency}, {_standing(one)}"
            for one in found
        )
        + "."
    )
