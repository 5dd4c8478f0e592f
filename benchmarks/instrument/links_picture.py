"""Shaped links as a picture: what was told over what was there, download by download.

``python -m benchmarks.instrument.links_picture RESULTS.json FILE.svg``
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.instrument.shaped.links import MOST_ERROR
from benchmarks.instrument.svg import GREEN, VERMILION, head, label, line

# Narrow, so that its text can be read on a telephone.
_WIDTH = 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 168, 24, 72, 56
_ROW_HEIGHT = 20
_LEAST, _MOST = 0.85, 1.1
_STEPS = (0.85, 0.9, 0.95, 1.0, 1.05, 1.1)
_OWN, _PEER = "cloudgauge, settled", "iperf3, mean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One download.

    Attributes:
        link: Such as ``10 Mbit/s, 20 ms``.
        streams: Connections.
        own: Ours over the link's goodput; None where it did not settle.
        peer: The peer's over its own; None where it gave no answer.
    """

    link: str
    streams: int
    own: float | None
    peer: float | None


def told_of(results: dict[str, Any]) -> tuple[Told, ...]:
    """The downloads over shaped links in the results, in their order."""
    return tuple(
        Told(
            link=f"{row['Mbit/s']:g} Mbit/s, {row['RTT ms']:g} ms",
            streams=row["streams"],
            own=row["over goodput"],
            peer=row["iperf3 over goodput"],
        )
        for row in results["details"].get("links", ())
    )


def svg_of(told: Sequence[Told]) -> str:
    """Draw the downloads one below the other, the goal as a band.

    Raises:
        ValueError: There is none.
    """
    if not told:
        msg = "no shaped links were measured; run the part `links`"
        raise ValueError(msg)
    foot = _TOP + _ROW_HEIGHT * len(told)
    parts = [
        head(_WIDTH, foot + _BOTTOM, "Told rate over goodput of shaped links"),
        label(8, 20, "told rate over what the link leaves for bodies", "start"),
        *_own_mark(20, 38),
        label(32, 42, _OWN, "start"),
        *_peer_mark(190, 38),
        label(202, 42, _PEER, "start"),
        label(_LEFT - 10, _TOP - 6, "streams", "end"),
        _band(foot),
    ]
    for step in _STEPS:
        parts.append(line("grid", _x(step), _TOP, _x(step), foot))
        parts.append(label(_x(step), foot + 18, f"{step:g}", "middle"))
    band = f"grey band: within {MOST_ERROR:.0%}; iperf3 against plain TCP's goodput"
    parts.append(label(_WIDTH / 2, foot + 42, band, "middle"))
    before = ""
    for number, one in enumerate(told):
        y = _TOP + _ROW_HEIGHT * (number + 0.5)
        if one.link != before:
            parts.append(label(8, y + 4, one.link, "start"))
            parts.append(line("grid", 8, y - 10, _x(_MOST), y - 10))
        before = one.link
        parts.append(label(_LEFT - 10, y + 4, str(one.streams), "end"))
        # Ours on top, where the two fall together.
        parts += _marks(one.peer, y, is_own=False)
        parts += _marks(one.own, y, is_own=True)
    return "\n".join([*parts, "</svg>", ""])


def _marks(ratio: float | None, y: float, *, is_own: bool) -> Iterator[str]:
    """A mark, or words at the edge for what cannot be shown to scale."""
    if ratio is None:
        if is_own:
            yield label(_x(_LEAST) + 4, y + 4, "not settled", "start")
        return
    draw = _own_mark if is_own else _peer_mark
    inside = min(max(ratio, _LEAST), _MOST)
    yield from draw(_x(inside), y)
    if inside > ratio:
        yield label(_x(inside) + 9, y + 4, f"← {ratio:.2f}", "start")
    elif inside < ratio:
        yield label(_x(inside) - 9, y + 4, f"{ratio:.2f} →", "end")


def _own_mark(x: float, y: float) -> Iterator[str]:
    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{GREEN}"/>'


def _peer_mark(x: float, y: float) -> Iterator[str]:
    # Hollow and another shape, for grey print.
    corners = ((0, -6), (6, 0), (0, 6), (-6, 0))
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    yield (
        f'<polygon points="{points}" fill="none" stroke="{VERMILION}" '
        'stroke-width="1.8"/>'
    )


def _band(foot: float) -> str:
    left, right = _x(1 - MOST_ERROR), _x(1 + MOST_ERROR)
    return (
        f'<rect class="band" x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" '
        f'height="{foot - _TOP}"/>'
    )


def _x(ratio: float) -> float:
    share = (ratio - _LEAST) / (_MOST - _LEAST)
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * share


def main(arguments: list[str]) -> int:
    """Draw the picture of a result file; the exit code."""
    source, target = map(Path, arguments)
    results = json.loads(source.read_text(encoding="utf-8"))
    target.write_text(svg_of(told_of(results)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
