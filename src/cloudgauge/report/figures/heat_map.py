"""Vantages across, regions down: p50 in each cell and as its colour."""

import math
from collections.abc import Sequence

from cloudgauge.report.escape import printable
from cloudgauge.report.figure import Figure, Spec
from cloudgauge.report.figures.extent import (
    Extent,
    estimate_text,
    number_text,
    short,
)
from cloudgauge.report.figures.values import CONNECT, HeatCell, Measure
from cloudgauge.report.figures.vega import (
    MOST_ROWS,
    TICK_TEXT,
    Row,
    alt,
    count_text,
    drawn,
    left_out,
    row_axis,
    shown_labels,
    table,
    tooltips,
    unchecked,
    value_scale,
)
from cloudgauge.stats.summary import Estimate

_ROW_PX = 30
_MOST_VANTAGES = 8
# Where cividis is so light that black is read better than white.
_LIGHT_FROM = 0.47
# Of a cell, below which its second line does not fit.
_SECOND_LINE_PX = 58
# Of a name's letter, and of a phone's screen beside the names of regions.
_LETTER_PX, _INSIDE_PX = 6.5, 230


def heat_map(found: Sequence[HeatCell], *, measure: Measure = CONNECT) -> Figure:
    """One row a region, one column a vantage; best region on top.

    Args:
        found: One a region and vantage; what was not measured is an empty cell.
        measure: What the cells are.
    """
    title = f"{measure.name.capitalize()} by vantage and region"
    order = _regions(found, measure)
    regions, vantages = order[:MOST_ROWS], sorted({one.vantage for one in found})
    shown = [
        one
        for one in found
        if one.label in regions and one.vantage in vantages[:_MOST_VANTAGES]
    ]
    extent = Extent.of(one.p50.point for one in shown if one.p50)
    if extent is None:
        why = f"Nothing answered, so there is no {measure.name} to draw."
        return Figure(
            name="heat-map", title=title, caption=why, summary=why, why_not=why
        )
    caption = _caption(shown, regions, vantages) + left_out(
        len(order), len(regions), "best by their mean p50"
    )
    return Figure(
        name="heat-map",
        title=title,
        caption=caption,
        summary=f"{caption} {_in_words(shown, regions, measure)}",
        spec=_spec(shown, (regions, vantages[:_MOST_VANTAGES]), extent, measure),
    )


def _regions(found: Sequence[HeatCell], measure: Measure) -> list[str]:
    """Labels by the mean of what the vantages see; what none sees last."""
    sign = -1.0 if measure.more_is_better else 1.0
    by_label: dict[str, list[float]] = {}
    for one in found:
        points = by_label.setdefault(one.label, [])
        if one.p50 and math.isfinite(one.p50.point):
            points.append(one.p50.point)

    def place(label: str) -> tuple[bool, float, str]:
        points = by_label[label]
        return not points, sign * sum(points) / max(len(points), 1), label

    return sorted(by_label, key=place)


@unchecked
def _spec(
    shown: Sequence[HeatCell],
    order: tuple[list[str], list[str]],
    extent: Extent,
    measure: Measure,
) -> Spec:
    regions, vantages = order
    rows, columns = shown_labels(regions), shown_labels(vantages)
    place = {"x": _columns(list(columns.values())), "y": row_axis(list(rows.values()))}
    tips = tooltips(
        **{"label": "region", "from": "vantage", "text": f"p50 {measure.name}"},
        failures="failed",
    )
    inks = alt.Scale(domain=["light", "dark"], range=["#FFFFFF", "#000000"])
    ink = alt.Color("ink:N", scale=inks, legend=None)
    cells = [_cell(one, rows, columns, extent, measure) for one in shown]
    fits = _fits(cells, len(columns))
    layers = [
        table("cells")
        .mark_rect()
        .encode(**place, color=_colour(extent, measure), tooltip=tips),
        table("cells")
        .mark_text(fontSize=12, dy=alt.ExprRef(f"-5 * ({fits})"))
        .encode(**place, text=alt.Text("p50:N"), color=ink),
        table("cells")
        .mark_text(fontSize=9, dy=8, opacity=alt.ExprRef(fits))
        .encode(**place, text=alt.Text("ends:N"), color=ink),
        table("silent")
        .mark_text(style="cg-words", fontStyle="italic")
        .encode(**place, text=alt.Text("p50:N"), tooltip=tips),
    ]
    return drawn(
        layers,
        {
            "cells": [cell for cell in cells if "v" in cell],
            "silent": [cell for cell in cells if "v" not in cell],
        },
        height_px=_ROW_PX * max(len(regions), 2),
        resolve=alt.Resolve(scale=alt.LegendResolveMap(color="independent")),
    )


def _fits(cells: Sequence[Row], columns: int) -> str:
    """Whether there is a second line to write, and room for it."""
    if not any(cell.get("ends") for cell in cells):
        return "0"
    return f"width / {columns} > {_SECOND_LINE_PX} ? 1 : 0"


def _columns(names: Sequence[str]) -> "alt.X":
    # Names stand upright where on a phone they would not fit side by side.
    wide = max(map(len, names)) * _LETTER_PX < _INSIDE_PX / len(names)
    return alt.X(
        "vantage:N",
        title="p50 seen from",
        scale=alt.Scale(type="band", domain=list(names), paddingInner=0.04),
        axis=alt.Axis(
            orient="top",
            labelAngle=0 if wide else -90,
            labelLimit=110,
            ticks=False,
            domain=False,
        ),
    )


def _colour(extent: Extent, measure: Measure) -> "alt.Color":
    return alt.Color(
        "v:Q",
        scale=value_scale(extent, scheme="cividis"),
        legend=alt.Legend(
            title=f"p50 {measure.heading}",
            orient="bottom",
            direction="horizontal",
            gradientLength=200,
            gradientThickness=10,
            values=extent.sparse_ticks(),
            labelExpr=TICK_TEXT,
        ),
    )


def _cell(
    one: HeatCell,
    rows: dict[str, str],
    columns: dict[str, str],
    extent: Extent,
    measure: Measure,
) -> Row:
    cell = {
        "row": rows[one.label],
        "vantage": columns[one.vantage],
        "label": printable(one.label),
        "from": printable(one.vantage),
        "text": estimate_text(one.p50, measure.unit),
        "failures": f"{one.failed:,} of {one.attempts:,}",
    }
    if one.p50 is None or not _is_known(one.p50):
        return {**cell, "p50": "timed out" if one.p50 else "failed"}
    return {
        **cell,
        "v": short(one.p50.point),
        "p50": number_text(one.p50.point),
        "ends": _ends(one.p50),
        "ink": "dark" if extent.share(one.p50.point) > _LIGHT_FROM else "light",
    }


def _is_known(p50: Estimate) -> bool:
    return math.isfinite(p50.point)


def _ends(p50: Estimate) -> str:
    """The interval; nothing where it has no end at all: the caption says so."""
    if math.isinf(p50.low) and math.isinf(p50.high):
        return ""
    return f"{_end(p50.low, '<')} to {_end(p50.high, '>')}"


def _end(number: float, arrow: str) -> str:
    return arrow if math.isinf(number) else number_text(number)


def _caption(
    shown: Sequence[HeatCell], regions: Sequence[str], vantages: Sequence[str]
) -> str:
    text = (
        f"{count_text(len(regions), 'region')} from "
        f"{count_text(min(len(vantages), _MOST_VANTAGES), 'vantage')}; in each cell "
        "p50"
    )
    ends = [_ends(one.p50) for one in shown if one.p50 and _is_known(one.p50)]
    if any(ends):
        text += ", and below it, where there is room, its 95 % interval by rounds."
    else:
        text += "; its 95 % interval by rounds has no end: they are too few."
    if any(sign in one for one in ends for sign in "<>"):
        text += " < or > in place of an end: so few rounds do not bound it."
    if any(ends) and not all(ends):
        text += " No interval: so few rounds bound neither of its ends."
    if any(one.p50 is None for one in shown):
        text += ' "failed": never answered.'
    if len(vantages) > _MOST_VANTAGES:
        text += f" Left out: {len(vantages) - _MOST_VANTAGES} vantages, by name."
    return text


def _in_words(
    shown: Sequence[HeatCell], regions: Sequence[str], measure: Measure
) -> str:
    place = {label: at for at, label in enumerate(regions)}
    ordered = sorted(shown, key=lambda one: (place[one.label], one.vantage))
    return (
        "; ".join(
            f"{printable(one.label)} from {printable(one.vantage)} "
            f"{estimate_text(one.p50, measure.unit)}"
            for one in ordered
        )
        + "."
    )
