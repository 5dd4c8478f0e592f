"""The knee as a picture: error against offered load, a line for each prober.

``python -m benchmarks.instrument.picture RESULTS.json FILE.svg``
"""

import json
import math
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.instrument.svg import (
    BLUE,
    GREEN,
    GREY,
    PURPLE,
    VERMILION,
    head,
    label,
    line,
)

_COLD = re.compile(r"200 targets, (\d+) visits/s, 0 warm")
_READINGS = {
    "cloudgauge": "first byte",
    "blackbox_exporter": "first byte",
    "shared httpx client": "first byte",
    "httping": "whole request",
}
# Dashes for grey print.
_STYLES = {
    "cloudgauge": (GREEN, ""),
    "blackbox_exporter": (VERMILION, "6 3"),
    "shared httpx client": (BLUE, "2 3"),
    "httping": (PURPLE, "8 3 2 3"),
}
_WIDTH, _HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 150, 44, 52
_GOAL_MS = 3.0

_LINE_HEIGHT = 16

Points = dict[str, list[tuple[int, float]]]


def points_of(results: dict[str, Any]) -> Points:
    """For each prober, offered cold visits a second and the p99 error, ms.

    Where a load was offered more than once, the worst counts.
    """
    points: dict[str, dict[int, float]] = defaultdict(dict)
    for side in results["sides"]:
        load = _COLD.fullmatch(side["load"])
        error = side["error_ms"]
        if load and error and _READINGS.get(side["prober"]) == side["reading"]:
            found, rate = points[side["prober"]], int(load[1])
            found[rate] = max(error["p99"], found.get(rate, 0.0))
    return {name: sorted(found.items()) for name, found in points.items()}


def svg_of(points: Points, caption: str) -> str:
    """Draw the points on a linear and a logarithmic axis.

    Raises:
        ValueError: There is no point.
    """
    if not points:
        msg = "no cold visits were measured; run the part `cold`"
        raise ValueError(msg)
    loads = sorted({load for found in points.values() for load, _ in found})
    errors = [error for found in points.values() for _, error in found]
    low = math.floor(math.log10(min(errors)))
    high = math.ceil(math.log10(max(*errors, _GOAL_MS)))

    def x(load: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * load / loads[-1]

    def y(error_ms: float) -> float:
        share = (math.log10(error_ms) - low) / (high - low)
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share

    parts = [
        head(_WIDTH, _HEIGHT, "p99 error against offered load"),
        label(_LEFT, 22, "p99 error of a prober, ms (log scale)", "start"),
    ]
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(line("grid", x(0), at, x(loads[-1]), at))
        parts.append(label(_LEFT - 8, at + 4, f"{10.0**power:g}", "end"))
    foot = _HEIGHT - _BOTTOM + 18
    parts += [label(x(load), foot, str(load), "middle") for load in loads]
    parts.append(line("goal", x(0), y(_GOAL_MS), x(loads[-1]), y(_GOAL_MS)))
    parts.append(label(x(0) + 4, y(_GOAL_MS) - 5, f"{_GOAL_MS:g} ms", "start"))
    middle = (x(0) + x(loads[-1])) / 2
    parts.append(label(middle, _HEIGHT - 16, caption, "middle"))
    curves = {
        name: [(x(load), y(error)) for load, error in found]
        for name, found in points.items()
    }
    for name, places in curves.items():
        parts += _curve(name, places)
    parts += _names({name: places[-1] for name, places in curves.items()})
    return "\n".join([*parts, "</svg>", ""])


def _curve(name: str, places: list[tuple[float, float]]) -> list[str]:
    colour, dash = _STYLES.get(name, (GREY, ""))
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
    dots = [
        f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.5" fill="{colour}"/>'
        for px, py in places
    ]
    return [
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" '
        f'stroke-dasharray="{dash}"/>',
        *dots,
    ]


def _names(ends: dict[str, tuple[float, float]]) -> list[str]:
    """A name at the end of each line, none upon another."""
    labels = []
    free_y: dict[float, float] = defaultdict(float)
    for name, (end_x, end_y) in sorted(ends.items(), key=lambda item: item[1][1]):
        at_y = max(end_y + 4, free_y[end_x])
        labels.append(label(end_x + 9, at_y, name, "start"))
        free_y[end_x] = at_y + _LINE_HEIGHT
    return labels


def main(arguments: list[str]) -> int:
    """Draw the picture of a result file; the exit code."""
    source, target = map(Path, arguments)
    results = json.loads(source.read_text(encoding="utf-8"))
    caption = "cold HTTPS visits a second, offered to 200 targets"
    target.write_text(svg_of(points_of(results), caption), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
