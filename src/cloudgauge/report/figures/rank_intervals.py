"""Places that regions may hold, as bars, with the letters of ties."""

import math
from collections.abc import Sequence

from cloudgauge.report.escape import printable
from cloudgauge.report.figure import Figure, Spec
from cloudgauge.report.figures.extent import Extent, estimate_text
from cloudgauge.report.figures.values import CONNECT, Measure, Standing
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
)

_ROW_PX = 18
_LETTERS = 8
_LETTER_PX, _INSIDE_PX = 7, 180


def rank_intervals(found: Sequence[Standing], *, measure: Measure = CONNECT) -> Figure:
    """One row a region with a bar over the places that it may hold.

    Args:
        found: In the order of the ranking; those that were never seen are left out.
        measure: By what they are ranked.
    """
    title = f"Places by {measure.name}"
    seen = [one for one in found if one.low_rank is not None]
    if len(seen) < 2:
        what = "One region has" if seen else "No region has"
        why = f"{what} a value, so there is nothing to rank."
        return Figure(
            name="rank-intervals", title=title, caption=why, summary=why, why_not=why
        )
    shown = seen[:MOST_ROWS]
    caption = _caption(found, seen, shown)
    return Figure(
        name="rank-intervals",
        title=title,
        caption=caption,
        summary=f"{caption} {_in_words(shown)}",
        spec=_spec(shown, seen, measure),
    )


@unchecked
def _spec(
    shown: Sequence[Standing], seen: Sequence[Standing], measure: Measure
) -> Spec:
    names = shown_labels(one.label for one in shown)
    heading = f"place by {measure.name}, 1 is best of {len(seen):,}"
    first, place, last = (
        _places_axis(f, heading, shown) for f in ("from", "place", "to")
    )
    y = row_axis(list(names.values()))
    colour, shape = provider_looks(one.provider for one in shown)
    tips = tooltips(
        label="region",
        places="places it may hold",
        letters="ties",
        text=f"p50 {measure.name}",
        rounds="rounds",
    )
    layers = [
        table("rows")
        .mark_bar(height={"band": 0.55}, opacity=0.75)
        .encode(x=first, x2=alt.X2("to"), y=y, color=colour, tooltip=tips),
        table("rows")
        .mark_point(filled=True, size=60, opacity=1, style="cg-outlined")
        .encode(x=place, y=y, color=colour, shape=shape, tooltip=tips),
        table("rows")
        .mark_text(style="cg-words", align="left", dx=5)
        .encode(x=last, y=y, text=alt.Text("short:N")),
    ]
    places = _point_places(seen, measure)[: len(shown)]
    rows = [
        _row(at, one, names[one.label], measure)
        for at, one in zip(places, shown, strict=True)
    ]
    return drawn(layers, {"rows": rows}, height_px=_ROW_PX * max(len(shown), 2))


def _places_axis(field: str, heading: str, shown: Sequence[Standing]) -> "alt.X":
    """Whole places only, the first one always."""
    most = max(one.high_rank or 0 for one in shown)
    # The letters stand behind the bars, in what is left of a phone's width.
    letters = max(min(len(one.letters), _LETTERS) for one in shown)
    taken = (letters * _LETTER_PX + 8) / _INSIDE_PX
    room = (most + 0.2) * taken / (1 - taken)
    ticks = [at for at in Extent(low=1, high=most).ticks() if at == int(at) and at > 0]
    return alt.X(
        f"{field}:Q",
        title=heading,
        scale=alt.Scale(domain=[0.4, most + 0.6 + room], nice=False, zero=False),
        axis=alt.Axis(values=sorted({1, *ticks}), format="d"),
    )


def _point_places(seen: Sequence[Standing], measure: Measure) -> list[int]:
    """The place of each by its point alone; without one, after those that have one."""
    sign = -1.0 if measure.more_is_better else 1.0
    points = [sign * one.p50.point if one.p50 else math.inf for one in seen]
    order = sorted(range(len(seen)), key=points.__getitem__)
    places = dict(zip(order, range(1, len(order) + 1), strict=True))
    return [places[at] for at in range(len(seen))]


def _row(at: int, one: Standing, name: str, measure: Measure) -> Row:
    low, high = one.low_rank or 0, one.high_rank or 0
    long = len(one.letters) > _LETTERS
    return {
        "row": name,
        "label": printable(one.label),
        "provider": provider_text(one.provider),
        "from": low - 0.4,
        "to": high + 0.4,
        "place": min(max(at, low), high),
        "places": _places(one),
        "letters": one.letters,
        "short": f"{one.letters[: _LETTERS - 1]}…" if long else one.letters,
        "text": estimate_text(one.p50, measure.unit),
        "rounds": one.rounds,
    }


def _places(one: Standing) -> str:
    if one.low_rank == one.high_rank:
        return str(one.low_rank)
    return f"{one.low_rank} to {one.high_rank}"


def _caption(
    found: Sequence[Standing], seen: Sequence[Standing], shown: Sequence[Standing]
) -> str:
    text = (
        f"The places that {count_text(len(shown), 'region')} may hold, all at once "
        "with 95 %; the mark is the place by p50 alone. Two that share a letter are "
        "not shown to differ."
    )
    if len(seen) < len(found):
        text += f" {count_text(len(found) - len(seen), 'region')} never answered."
    return text + left_out(len(seen), len(shown), "best")


def _in_words(shown: Sequence[Standing]) -> str:
    return (
        "; ".join(
            f"{printable(one.label)} {_places(one)} ({one.letters or 'no ties'})"
            for one in shown
        )
        + "."
    )
