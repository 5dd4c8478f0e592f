"""Which part of the world a map shows, and where on it names and marks have room."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from cloudgauge.report.figures.extent import short

Degrees = tuple[float, float]
"""Longitude and latitude."""
Side = Literal["above", "below", "right", "left"]

ABOUT_STAR = 0.016
"""Least radius of the ring of marks about a star, as a share of the width."""

# The polynomial of the Equal Earth projection (Šavrič, Patterson, Jenny 2018).
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M = math.sqrt(3) / 2
_WORLD_WIDTH = 2 * math.pi / (_M * _A1)
_WORLD_ASPECT = 0.49
# Wider than this, the rest of the world tells where it is.
_WIDEST_DEG = 150.0
_MARGIN = 0.14
_LEAST_WIDTH = 0.6
_LEAST_ASPECT, _MOST_ASPECT = 0.45, 0.7
# Marks nearer than this stand on a ring, and from one to the next on it; as shares of
# the width.
_SAME, _STEP = 0.008, 0.017
# Of a name and of the star beside it, as shares of a phone's width.
_LETTER, _LINE, _STAR = 0.0185, 0.036, 0.026
# What is cut off cannot be read at all.
_CUT = 4.0
_SIDES: tuple[Side, ...] = ("above", "below", "right", "left")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A part of the world, in units of the projection.

    Attributes:
        middle_deg: The longitude that is upright.
        left: Of what is shown, rightwards from *middle_deg*.
        top: Upwards from the equator.
        width: Of what is shown.
        aspect: Height over width.
        is_world: All of it.
    """

    middle_deg: float
    left: float
    top: float
    width: float
    aspect: float
    is_world: bool

    def place(self, where: Degrees) -> tuple[float, float]:
        """Rightwards and downwards from the corner, as shares of the width."""
        x, y = _projected(where, self.middle_deg)
        return (x - self.left) / self.width, (self.top - y) / self.width

    def projection(self) -> Mapping[str, Any]:
        """For Vega-Lite; it scales with what the map is put into."""
        if self.is_world:
            return {"type": "equalEarth"}
        height = self.width * self.aspect
        scale = f"min(width / {self.width:.5f}, height / {height:.5f})"
        x, y = self.left + self.width / 2, self.top - height / 2
        return {
            "type": "equalEarth",
            "rotate": [-self.middle_deg, 0, 0],
            "scale": {"expr": scale},
            "translate": {
                "expr": f"[width / 2 - {x:.5f} * {scale}, "
                f"height / 2 + {y:.5f} * {scale}]"
            },
        }


_WORLD = View(
    middle_deg=0.0,
    left=-_WORLD_WIDTH / 2,
    top=_WORLD_WIDTH * _WORLD_ASPECT / 2,
    width=_WORLD_WIDTH,
    aspect=_WORLD_ASPECT,
    is_world=True,
)


def view_of(places: Sequence[Degrees]) -> View:
    """The part of the world that holds all places with a margin, or all of it.

    Args:
        places: At least one.
    """
    begin, span = _shortest_span(sorted({longitude for longitude, _ in places}))
    if span > _WIDEST_DEG:
        return _WORLD
    middle = (begin + span / 2 + 180) % 360 - 180
    found = [_projected(where, middle) for where in places]
    xs, ys = [x for x, _ in found], [y for _, y in found]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    width = max(wide * (1 + 2 * _MARGIN), _LEAST_WIDTH)
    height = max(high * (1 + 2 * _MARGIN), width * _LEAST_ASPECT)
    width = max(width, height / _MOST_ASPECT)
    return View(
        middle_deg=round(middle, 3),
        left=(max(xs) + min(xs) - width) / 2,
        top=(max(ys) + min(ys) + height) / 2,
        width=width,
        aspect=round(height / width, 3),
        is_world=False,
    )


def _shortest_span(longitudes: Sequence[float]) -> tuple[float, float]:
    """Where the shortest arc begins that holds all of them, and how long it is."""
    around = [*longitudes, longitudes[0] + 360]
    gaps = [(b - a, at) for at, (a, b) in enumerate(pairwise(around))]
    widest, at = max(gaps)
    return around[at + 1], 360 - widest


def _projected(where: Degrees, middle_deg: float) -> tuple[float, float]:
    longitude, latitude = where
    around = math.radians((longitude - middle_deg + 180) % 360 - 180)
    at = math.asin(_M * math.sin(math.radians(latitude)))
    square = at * at
    sixth = square**3
    slope = _A1 + 3 * _A2 * square + sixth * (7 * _A3 + 9 * _A4 * square)
    x = around * math.cos(at) / (_M * slope)
    return x, at * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))


def fanned(
    places: Sequence[Degrees], view: View, stars: Sequence[Degrees] = ()
) -> list[Degrees]:
    """Where to draw marks: those of one city side by side about it.

    Args:
        places: Where they are.
        view: What is shown.
        stars: That must be seen between them.
    """
    groups: list[list[int]] = []
    for at, where in enumerate(places):
        near = (one for one in groups if _apart(places[one[0]], where, view) < _SAME)
        group = next(near, None)
        if group is None:
            groups.append([at])
        else:
            group.append(at)
    drawn = list(places)
    for group in groups:
        if len(group) > 1:
            middle = places[group[0]]
            has_star = any(_apart(middle, star, view) < _SAME for star in stars)
            ring = _ring(middle, len(group), view, least=ABOUT_STAR * has_star)
            for at, where in zip(group, ring, strict=True):
                drawn[at] = where
    return drawn


def _apart(one: Degrees, other: Degrees, view: View) -> float:
    return math.dist(view.place(one), view.place(other))


def _ring(middle: Degrees, count: int, view: View, *, least: float) -> list[Degrees]:
    longitude, latitude = middle
    # More marks want a wider ring.
    radius = max(_STEP / 2 / math.sin(math.pi / count), least) * view.width
    upright = math.degrees(radius / (_M * _A1))
    across = math.degrees(radius * _M * _A1) / max(
        math.cos(math.radians(latitude)), 0.2
    )
    # None at the top, where a name may stand.
    turns = [2 * math.pi * (at + 0.5) / count for at in range(count)]
    return [
        (
            short(longitude + across * math.sin(turn)),
            short(latitude + upright * math.cos(turn)),
        )
        for turn in turns
    ]


def name_sides(
    places: Sequence[Degrees], names: Sequence[str], view: View
) -> list[Side]:
    """On which side of its star each name stands, so that few lie on one another."""
    stars = [view.place(where) for where in places]
    taken = [
        (x - _STAR / 2, y - _STAR / 2, x + _STAR / 2, y + _STAR / 2) for x, y in stars
    ]
    chosen: list[Side] = []
    for (x, y), name in zip(stars, names, strict=True):
        boxes = {side: _box(x, y, len(name) * _LETTER, side) for side in _SIDES}
        side = min(
            _SIDES,
            key=lambda one: (
                sum(_overlap(boxes[one], box) for box in taken) + _outside(boxes[one])
            ),
        )
        taken.append(boxes[side])
        chosen.append(side)
    return chosen


Box = tuple[float, float, float, float]


def _box(x: float, y: float, long: float, side: Side) -> Box:
    """Left, top, right, bottom."""
    match side:
        case "above":
            return x - long / 2, y - _STAR - _LINE, x + long / 2, y - _STAR
        case "below":
            return x - long / 2, y + _STAR, x + long / 2, y + _STAR + _LINE
        case "right":
            return x + _STAR, y - _LINE / 2, x + _STAR + long, y + _LINE / 2
        case "left":
            return x - _STAR - long, y - _LINE / 2, x - _STAR, y + _LINE / 2


def _overlap(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(high, 0.0)


def _outside(box: Box) -> float:
    """How much of it is beyond the left or right edge."""
    return (max(-box[0], 0.0) + max(box[2] - 1, 0.0)) * _LINE * _CUT
