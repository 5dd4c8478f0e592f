"""Regions on a map of the world, coloured by latency, with arcs from the vantages."""

import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from cloudgauge.report.escape import printable
from cloudgauge.report.figure import Figure, Spec
from cloudgauge.report.figures.extent import (
    Extent,
    estimate_text,
    short,
)
from cloudgauge.report.figures.map_stars import (
    placed,
    star_marks,
    star_names,
    star_rows,
)
from cloudgauge.report.figures.map_view import (
    Degrees,
    View,
    fanned,
    view_of,
)
from cloudgauge.report.figures.values import (
    CONNECT,
    MapPoint,
    Measure,
    VantagePoint,
    region_anchor,
)
from cloudgauge.report.figures.vega import (
    TICK_TEXT,
    Row,
    Rows,
    alt,
    count_text,
    drawn,
    packed,
    provider_text,
    table,
    tooltips,
    top_legend,
    unchecked,
    unpacked,
    value_scale,
)
from cloudgauge.report.themes import GREY, provider_marks

_WIDTH_PX = 490
_NAMED = 5


def world_map(
    points: Sequence[MapPoint],
    vantages: Sequence[VantagePoint],
    *,
    measure: Measure = CONNECT,
    links: bool = True,
) -> Figure:
    """The world with its regions; each has the colour of its best vantage.

    Args:
        points: One a region and vantage.
        vantages: That are in *points*.
        measure: What the colours are.
        links: A region leads to its row in the page, `region_anchor`.
    """
    title = f"{measure.name.capitalize()} on the map"
    best = _best(points, measure)
    if not best:
        what = "Nothing answered" if points else f"No {measure.name} was measured"
        why = f"{what}, so there is no map of it."
        return Figure(
            name="world-map", title=title, caption=why, summary=why, why_not=why
        )
    stars = [where for _, where in placed(vantages)]
    view = view_of([*(_where(one) for one in best), *stars])
    caption = _caption(points, best, vantages, measure)
    return Figure(
        name="world-map",
        title=title,
        caption=caption,
        summary=f"{caption} {_in_words(best, measure)}",
        spec=_spec(best, vantages, measure, view, links=links),
        aspect=view.aspect,
    )


def _best(points: Sequence[MapPoint], measure: Measure) -> list[MapPoint]:
    """Of each region the vantage that sees it best, the worst regions first."""
    sign = -1.0 if measure.more_is_better else 1.0
    found: dict[str, MapPoint] = {}
    for one in points:
        if one.p50 is None or math.isinf(one.p50.point):
            continue
        other = found.get(one.label)
        known = other.p50 if other else None
        if known is None or sign * one.p50.point < sign * known.point:
            found[one.label] = one
    # What is drawn last lies on top.
    return sorted(
        found.values(), key=lambda one: -sign * one.p50.point if one.p50 else 0
    )


@unchecked
def _spec(
    best: Sequence[MapPoint],
    vantages: Sequence[VantagePoint],
    measure: Measure,
    view: View,
    *,
    links: bool,
) -> Spec:
    known = placed(vantages)
    places = fanned([_where(one) for one in best], view, [spot for _, spot in known])
    rows = [
        _row(one, where, measure, links=links)
        for one, where in zip(best, places, strict=True)
    ]
    stars = star_rows(known, view)
    layers = [
        *_ground(view),
        table("arcs").mark_geoshape(
            style="cg-arc", filled=False, strokeWidth=0.8, clip=not view.is_world
        ),
        star_marks(),
        _regions(rows, best, measure),
        *star_names(sides={one["side"] for one in stars}),
    ]
    return drawn(
        layers,
        {
            "land": _land(),
            "arcs": _arcs(best, vantages),
            "rows": packed(rows),
            "vantages": stars,
        },
        height_px=round(_WIDTH_PX * view.aspect),
        projection=alt.Projection(**view.projection()),
    )


def _ground(view: View) -> "list[alt.Chart]":
    """Land, and the edge of the world where it is seen."""
    land = alt.TopoDataFormat(type="topojson", feature="land")
    shape = alt.Chart(alt.NamedData(name="land", format=land)).mark_geoshape(
        style="cg-land", clip=not view.is_world
    )
    if not view.is_world:
        return [shape]
    edge = alt.Chart(alt.SphereGenerator(sphere=True)).mark_geoshape(
        style="cg-sea", filled=False
    )
    return [edge, shape]


def _where(one: MapPoint) -> Degrees:
    return one.longitude_deg, one.latitude_deg


def _regions(rows: Rows, best: Sequence[MapPoint], measure: Measure) -> "alt.Chart":
    marks = provider_marks(one.provider for one in best)
    legend = top_legend(3, symbolFillColor=GREY, symbolStrokeColor=GREY)
    chart: alt.Chart = (
        unpacked("rows", rows)
        .mark_point(filled=True, size=48, opacity=1, style="cg-outlined")
        .encode(
            longitude=alt.Longitude("longitude:Q"),
            latitude=alt.Latitude("latitude:Q"),
            # What a screen reader says; numbers are in the table that it leads to.
            description=alt.Description("label:N"),
            href=alt.Href("href:N") if "href" in rows[0] else alt.Undefined,
            color=_colour([row["v"] for row in rows], measure),
            shape=alt.Shape(
                "provider:N",
                scale=alt.Scale(
                    domain=list(marks), range=[shape for _, shape in marks.values()]
                ),
                legend=legend,
            ),
            tooltip=tooltips(
                label="region", city="city", text=f"p50 {measure.name}", vantage="from"
            ),
        )
    )
    return chart


def _colour(points: Sequence[float], measure: Measure) -> "alt.Color":
    extent = Extent.of(points) or Extent(low=0, high=1)
    return alt.Color(
        "v:Q",
        scale=value_scale(extent, scheme="cividis"),
        legend=alt.Legend(
            title=f"p50 {measure.heading}",
            orient="bottom",
            direction="horizontal",
            gradientLength=220,
            gradientThickness=10,
            values=extent.sparse_ticks(),
            labelExpr=TICK_TEXT,
        ),
    )


def _row(one: MapPoint, where: Degrees, measure: Measure, *, links: bool) -> Row:
    return {
        "label": printable(one.label),
        "city": printable(one.city),
        "provider": provider_text(one.provider),
        "vantage": printable(one.vantage),
        "longitude": where[0],
        "latitude": where[1],
        "v": short(one.p50.point) if one.p50 else None,
        "text": estimate_text(one.p50, measure.unit),
        **({"href": f"#{region_anchor(one.region_id)}"} if links else {}),
    }


def _arcs(best: Sequence[MapPoint], vantages: Sequence[VantagePoint]) -> list[Row]:
    """From each vantage to the regions that it sees best, the shortest way round."""
    made: list[Row] = []
    for vantage, start in placed(vantages):
        ends = [_where(one) for one in best if one.vantage == vantage.name]
        lines = [[start, end] for end in ends if end != start]
        shape = {"type": "MultiLineString", "coordinates": lines}
        made.append({"type": "Feature", "geometry": shape})
    return made


@cache
def _land() -> Mapping[str, Any]:
    """Natural Earth at 1:110,000,000, as TopoJSON."""
    place = files("cloudgauge.report") / "data" / "land-110m.json"
    found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return found


def _caption(
    points: Sequence[MapPoint],
    best: Sequence[MapPoint],
    vantages: Sequence[VantagePoint],
    measure: Measure,
) -> str:
    regions = count_text(len(best), "region")
    if len(vantages) > 1:
        text = (
            f"p50 {measure.name} of {regions}, each from the one of "
            f"{len(vantages)} vantages (stars) that sees it best, with an arc from it."
        )
    else:
        text = f"p50 {measure.name} of {regions}, with arcs from the vantage (star)."
    if len({one.city for one in best}) < len(best):
        text += " Marks of one city stand side by side about it."
    text += " Intervals are in the table."
    lost = [printable(one.name) for one in vantages if one.latitude_deg is None]
    if lost:
        text += (
            f" Nobody said where {', '.join(lost)} is, so it has no star and no arcs."
        )
    silent = {one.label for one in points} - {one.label for one in best}
    if silent:
        text += f" {count_text(len(silent), 'region')} never answered: not drawn."
    return text


def _in_words(best: Sequence[MapPoint], measure: Measure) -> str:
    """The best few: the table has them all."""
    named = [
        f"{printable(one.label)} {estimate_text(one.p50, measure.unit)} from "
        f"{printable(one.vantage)}"
        for one in reversed(best)
    ]
    more = f"; and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f"Best: {'; '.join(named[:_NAMED])}{more}."
