"""How pictures look: colours and shapes of providers, and themes for paper and dark.

Colours are those of Okabe and Ito (Color Universal Design, 2008), which readers of any
colour vision tell apart; each provider has a shape as well, for grey.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from cloudgauge.report.escape import printable

Theme = Literal["light", "dark", "either"]

ORANGE, SKY, GREEN, BLUE, VERMILION, PURPLE, GREY = (
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#8A8A8A",
)
PROVIDER_MARKS: Mapping[str, tuple[str, str]] = {
    "alibaba": (VERMILION, "triangle-up"),
    "aws": (ORANGE, "square"),
    "azure": (BLUE, "diamond"),
    "gcp": (GREEN, "circle"),
    "huawei": (PURPLE, "triangle-down"),
    "tencent": (SKY, "cross"),
}
"""Colour and shape of each provider of the catalogue."""

_OTHER = (GREY, "triangle-right")
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"


def provider_marks(providers: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Colour and shape of the providers of a picture, by name, as in ids of regions."""
    return {
        printable(one): PROVIDER_MARKS.get(one, _OTHER)
        for one in sorted(set(providers))
    }


def _words(ink: str) -> dict[str, Any]:
    return {
        "labelColor": ink,
        "titleColor": ink,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
    }


def _theme(ink: str, faint: str, background: str | None, land: str) -> dict[str, Any]:
    # Of the ground's colour; where that is not known there is none.
    halo = background or "transparent"
    return {
        "background": background,
        "font": FONT,
        "view": {"stroke": None},
        "title": {"color": ink, "fontSize": 13},
        "axis": _words(ink)
        | {
            "domainColor": faint,
            "tickColor": faint,
            "gridColor": faint,
            "gridOpacity": 0.35,
            "titlePadding": 6,
        },
        "legend": _words(ink) | {"symbolStrokeWidth": 1.5},
        # Names of our own: those of marks have defaults that win over ours.
        "style": {
            "cg-ink": {"color": ink, "fill": ink, "stroke": ink},
            "cg-line": {"color": ink, "stroke": ink},
            "cg-faint": {"color": faint, "stroke": faint},
            "cg-outlined": {"stroke": ink, "strokeWidth": 0.7},
            "cg-words": {"color": ink, "fill": ink},
            "cg-land": {"color": land, "fill": land, "stroke": None},
            "cg-sea": {"color": faint, "stroke": faint, "strokeOpacity": 0.5},
            "cg-arc": {"color": ink, "stroke": ink, "strokeOpacity": 0.22},
            "cg-halo": {"color": halo, "fill": halo, "stroke": halo, "strokeWidth": 3},
            "cg-star": {"color": VERMILION, "stroke": VERMILION, "strokeWidth": 1.6},
            "cg-band": {"color": ink, "fill": ink, "fillOpacity": 0.1},
        },
    }


THEMES: Mapping[Theme, Mapping[str, Any]] = {
    "light": _theme("#1F2328", "#9AA0A6", "#FFFFFF", "#E1E4E8"),
    "dark": _theme("#E6EDF3", "#6E7681", "#0D1117", "#30363D"),
    # Where it is not known what it is shown on: contrast of 4 on white and on black.
    "either": _theme("#7A7A7A", "#8F8F8F", None, "#8A8A8A44"),
}
"""Configurations of Vega-Lite; a page hands one over when it embeds a specification."""
