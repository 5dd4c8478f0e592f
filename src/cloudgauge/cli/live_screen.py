"""Figures of a run as the lines of a terminal, however small it is."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from cloudgauge.model.quantity import NS_PER_S, format_byte_count, format_duration
from cloudgauge.report.escape import printable
from cloudgauge.workflow.live_figures import Figures, Median, Row

BOLD, DIM, RED = "1", "2", "31"
# Two lists stand beside one another from here on.
_WIDE = 118
# A terminal of fewer rows has none for a hint.
_TALL = 12
_NAME = 26
_BAR = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line and how it looks.

    Attributes:
        style: What SGR calls it; "" for plain.
    """

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A terminal's size, at least one column and one row."""

    columns: int
    rows: int


_HINT = Line(text="Ctrl-C keeps what is measured", style=DIM)


def screen_lines(figures: Figures, elapsed_s: float, room: Room) -> list[Line]:
    """Everything that fits, what matters most first and always.

    Returns:
        Fewer lines than the terminal has rows, each shorter than it is wide.
    """
    most = max(room.rows - 1, 1)
    hint = [_HINT] if room.rows >= _TALL else []
    lines = _head(figures, elapsed_s)
    left = most - len(lines) - len(hint)
    if figures.providers and left > 1:
        lines += _providers(figures.providers)[:left]
        left = most - len(lines) - len(hint)
    lines += [*_lists(figures, room.columns, left), *hint]
    width = max(room.columns - 1, 1)
    return [Line(text=cut(line.text, width), style=line.style) for line in lines[:most]]


def cut(text: str, width: int) -> str:
    """As much of a text as *width* columns hold, harmless to a terminal."""
    text = printable(text)
    if text.isascii():
        return text[:width]
    used = 0
    for at, character in enumerate(text):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > width:
            return text[:at]
    return text


def _head(figures: Figures, elapsed_s: float) -> list[Line]:
    plan = figures.plan
    done, planned = _done(figures)
    share = min(done / planned, 1.0) if planned else 0.0
    filled = math.floor(_BAR * share)
    left_s = max(0, round(plan.duration_s - elapsed_s))
    left = format_duration(left_s * NS_PER_S) if left_s else "0s"
    now = min(figures.rounds_done + 1, plan.rounds)
    bar = f"[{'#' * filled}{'-' * (_BAR - filled)}]"
    where = f"round {now} of {plan.rounds}{' left' if plan.held else ''}"
    first = f"{share:4.0%}  {left} left  {where}  {bar}  {plan.name}"
    counts = []
    if plan.visits:
        counts.append(f"{figures.visits:,} of {plan.visits:,} visits")
    if plan.transfers:
        counts.append(f"{figures.transfers:,} of {plan.transfers:,} transfers")
    counts.append(f"{figures.failed:,} failed")
    if figures.skipped:
        counts.append(f"{figures.skipped:,} skipped")
    if plan.held:
        counts.append(f"{plan.held:,} held before")
    counts.append(f"{format_byte_count(figures.received_bytes)} received")
    lines = [
        Line(text=first, style=BOLD),
        Line(text="  ".join((*counts, *_money(figures)))),
    ]
    if figures.pouring is not None:
        lines.append(Line(text=_pouring(figures)))
    return lines


def _done(figures: Figures) -> tuple[int, int]:
    plan = figures.plan
    done = figures.visits + figures.transfers + figures.skipped
    return done, plan.visits + plan.transfers


def _money(figures: Figures) -> list[str]:
    """What the transfers would have cost whoever pays, at list prices."""
    parts = [
        f"{amount.quantize(Decimal('0.01'), rounding=ROUND_CEILING):,} {currency}"
        for currency, amount in figures.spent
    ]
    if figures.unpriced_bytes:
        parts.append(f"no price for {format_byte_count(figures.unpriced_bytes)}")
    return parts


def _pouring(figures: Figures) -> str:
    pouring = figures.pouring
    if pouring is None:
        return ""
    name = f"{_region(pouring.name)} x{pouring.streams}"
    if not pouring.poured_s:
        return f"{name}  idle round trips"
    rate = 8 * pouring.body_bytes / pouring.poured_s / 10**6
    most_s = figures.plan.transfer_s
    return f"{name}  {rate:.1f} Mbit/s  {pouring.poured_s:.0f} of {most_s:.0f} s"


def _providers(rows: Sequence[Row]) -> list[Line]:
    head = f"{'provider':<9} {'connect p50':>11}  {'95 % interval':<16} {'lost':>6}"
    lines = [Line(text=f"{head} {'visits':>8}", style=DIM)]
    for row in rows:
        point, interval = _texts(row.median)
        lost = f"{row.failed / row.visits:.1%}" if row.visits else "-"
        lines.append(
            Line(
                text=f"{row.name:<9} {point:>11}  {interval:<16} {lost:>6} "
                f"{row.visits:>8,}",
                style=RED if row.failed == row.visits else "",
            )
        )
    return lines


def _texts(median: Median | None) -> tuple[str, str]:
    if median is None:
        return "no answer", ""
    if math.isinf(median.point):
        return "timed out", ""
    point = f"{median.point:.1f} ms"
    if median.low is None or median.high is None:
        return point, "too few yet"
    high = "timed out" if math.isinf(median.high) else f"{median.high:.1f}"
    return point, f"{median.low:.1f} to {high}"


def _lists(figures: Figures, columns: int, left: int) -> list[Line]:
    """The failing and the slowest targets, in what room is left."""
    failing = [_failing(row) for row in figures.failing]
    slowest = [_slow(row) for row in figures.slowest]
    # A heading without a row says nothing.
    if left < 2 or not (failing or slowest):
        return []
    if columns >= _WIDE and failing and slowest:
        return _beside(failing, slowest, columns // 2, left)
    room = left - 1
    if failing and slowest:
        # Who fails comes first, and leaves the slowest a third if there is room.
        room = max(left - min(len(slowest) + 1, left // 3) - 1, 1)
    lines = _list("failing", failing, room, RED)
    left -= len(lines)
    return lines + (_list("slowest", slowest, left - 1, "") if left > 1 else [])


def _list(title: str, rows: Sequence[str], room: int, style: str) -> list[Line]:
    if not rows:
        return []
    lines = [Line(text=_title(title, len(rows), room), style=DIM)]
    return lines + [Line(text=row, style=style) for row in rows[:room]]


def _title(title: str, count: int, room: int) -> str:
    more = f" ({room} of {count})" if count > room else ""
    return f"{title}{more}"


def _beside(
    left_rows: Sequence[str], right_rows: Sequence[str], width: int, left: int
) -> list[Line]:
    room = left - 1
    titles = [
        _title(name, len(rows), room)
        for name, rows in (("failing", left_rows), ("slowest", right_rows))
    ]
    lines = [Line(text=f"{titles[0]:<{width}}{titles[1]}", style=DIM)]
    for at in range(min(room, max(len(left_rows), len(right_rows)))):
        one = cut(left_rows[at], width - 2) if at < len(left_rows) else ""
        other = right_rows[at] if at < len(right_rows) else ""
        lines.append(Line(text=f"{one:<{width}}{other}"))
    return lines


def _failing(row: Row) -> str:
    share = f"{row.failed} of {row.visits}"
    return f"{_region(row.name):<{_NAME}} {share:>9}  {row.last_failure}"


def _slow(row: Row) -> str:
    point, interval = _texts(row.median)
    count = 0 if row.median is None else row.median.n
    return f"{_region(row.name):<{_NAME}} {point:>9}  {interval:<16}  n {count:,}"


def _region(target_id: str) -> str:
    return target_id.partition(":")[0]
