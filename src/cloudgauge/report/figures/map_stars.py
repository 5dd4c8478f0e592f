"""The vantages of a map: a star each, and its name where it has room."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cloudgauge.report.escape import printable
from cloudgauge.report.figures.map_view import (
    ABOUT_STAR,
    Degrees,
    Side,
    View,
    name_sides,
)
from cloudgauge.report.figures.values import VantagePoint
from cloudgauge.report.figures.vega import Row, alt, table, tooltips

_STAR = (
    "M0,-1L0.24,-0.32L0.95,-0.31L0.38,0.12L0.59,0.81L0,0.4L-0.59,0.81L-0.38,0.12"
    "L-0.95,-0.31L-0.24,-0.32Z"
)
_PLACE = {
    "longitude": alt.Longitude("longitude:Q"),
    "latitude": alt.Latitude("latitude:Q"),
}
# Beyond the marks about a star: they stand further out on a wider map.
_OUT = f"({ABOUT_STAR} * width + 10)"
_SIDES: Mapping[Side, Mapping[str, Any]] = {
    "above": {"dy": alt.ExprRef(f"-{_OUT}")},
    "below": {"dy": alt.ExprRef(_OUT)},
    "right": {"dx": alt.ExprRef(_OUT), "align": "left"},
    "left": {"dx": alt.ExprRef(f"-{_OUT}"), "align": "right"},
}


def placed(vantages: Sequence[VantagePoint]) -> list[tuple[VantagePoint, Degrees]]:
    """Those of which somebody said where they are."""
    return [
        (one, (one.longitude_deg, one.latitude_deg))
        for one in vantages
        if one.longitude_deg is not None and one.latitude_deg is not None
    ]


def star_rows(known: Sequence[tuple[VantagePoint, Degrees]], view: View) -> list[Row]:
    """A row a star, with the side on which its name stands.

    Args:
        known: As of `placed`.
        view: What of the world is shown.
    """
    names = [printable(one.name) for one, _ in known]
    sides = name_sides([where for _, where in known], names, view)
    return [
        {
            "name": name,
            "city": printable(one.city),
            "longitude": longitude,
            "latitude": latitude,
            "side": side,
        }
        for (one, (longitude, latitude)), name, side in zip(
            known, names, sides, strict=True
        )
    ]


def star_marks() -> "alt.Chart":
    """Hollow and beneath: regions of the same city are seen through it."""
    chart: alt.Chart = (
        table("vantages")
        .mark_point(shape=_STAR, filled=False, size=260, opacity=1, style="cg-star")
        .encode(**_PLACE, tooltip=tooltips(name="vantage", city="city"))
    )
    return chart


def star_names(sides: Collection[str]) -> "list[alt.Chart]":
    """Names with the ground's colour about them, on those sides that are taken."""
    return [
        table("vantages")
        .transform_filter(f"datum.side == '{side}'")
        .mark_text(style=style, fontSize=11, baseline="middle", **put)
        .encode(**_PLACE, text=alt.Text("name:N"))
        for side, put in _SIDES.items()
        if side in sides
        for style in ("cg-halo", "cg-words")
    ]
