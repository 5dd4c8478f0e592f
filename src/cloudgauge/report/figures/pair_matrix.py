"""All pairs of regions: who is better, who is as good, and where nobody can tell."""

from collections import Counter
from collections.abc import Mapping, Sequence

from cloudgauge.report.escape import printable
from cloudgauge.report.figure import Figure, Spec
from cloudgauge.report.figures.values import CONNECT, Measure, PairCell
from cloudgauge.report.figures.vega import (
    Row,
    alt,
    count_text,
    drawn,
    left_out,
    shown_labels,
    table,
    tooltips,
    unchecked,
)
from cloudgauge.report.figures.verdicts import (
    LOOKS,
    SAME,
    look_of,
    verdict_scales,
)
from cloudgauge.stats.verdict import Verdict

_MOST = 30
_FEW = 12
_ROW_PX, _NARROW_ROW_PX = 26, 15


def pair_matrix(
    labels: Sequence[str], found: Sequence[PairCell], *, measure: Measure = CONNECT
) -> Figure:
    """Rows and columns of the same regions; a cell is the row against the column.

    Args:
        labels: In the order of the ranking; the first thirty are drawn.
        found: One a pair, whichever of the two is its row; the other is filled in.
        measure: What is compared.
    """
    title = f"All pairs by {measure.name}"
    if len(labels) < 2 or not found:
        why = "Fewer than two regions have a value, so there are no pairs."
        return Figure(
            name="pair-matrix", title=title, caption=why, summary=why, why_not=why
        )
    shown = list(labels[:_MOST])
    cells = _both_ways(found, shown)
    words = Counter(look_of(c.verdict, is_better=True).word for c in cells)
    pairs = {word: count // 2 for word, count in words.items()}
    same = pairs.get(SAME.word, 0)
    # Not every question asks who is equivalent.
    equivalent = f"{same} are equivalent, " if same else ""
    caption = (
        f"Each row held against each column, {count_text(len(shown), 'region')}: the "
        f"one is better in {pairs.get('better', 0)} of {sum(pairs.values())} pairs, "
        f"{equivalent}{pairs.get('undecided', 0)} undecided, all at once with 95 %. "
        "Undecided: not shown to differ, which is less than to be equivalent. Columns "
        "have the numbers of the rows." + left_out(len(labels), len(shown), "first")
    )
    return Figure(
        name="pair-matrix",
        title=title,
        caption=caption,
        summary=f"{caption} {_in_words(cells, shown)}",
        spec=_spec(shown, cells),
    )


def _both_ways(found: Sequence[PairCell], shown: Sequence[str]) -> list[PairCell]:
    here = set(shown)
    kept = [one for one in found if one.row in here and one.column in here]
    turned = [
        PairCell(
            row=one.column,
            column=one.row,
            verdict=one.verdict,
            row_is_better=not one.row_is_better,
        )
        for one in kept
    ]
    by_place = {(one.row, one.column): one for one in (*turned, *kept)}
    return list(by_place.values())


@unchecked
def _spec(shown: Sequence[str], cells: Sequence[PairCell]) -> Spec:
    names = shown_labels(shown)
    numbers = {label: str(at) for at, label in enumerate(shown, start=1)}
    rows = {label: f"{numbers[label]}  {names[label]}" for label in shown}
    few = len(shown) <= _FEW
    y = alt.Y(
        "row:N",
        title=None,
        scale=alt.Scale(type="band", domain=list(rows.values()), padding=0),
        axis=alt.Axis(labelLimit=205, ticks=False, domain=False, grid=True),
    )
    x = alt.X(
        "column:N",
        title="held against region number",
        scale=alt.Scale(type="band", domain=list(numbers.values()), padding=0),
        axis=alt.Axis(
            orient="top", labelAngle=0, ticks=False, domain=False, labelOverlap=True
        ),
    )
    known = {one.verdict for one in cells}
    colour, shape = verdict_scales(
        [look for look in LOOKS if look is not SAME or Verdict.EQUIVALENT in known]
    )
    tips = tooltips(label="region", word="is", other="held against")
    backs = _cells().mark_rect(opacity=0.22).encode(x=x, y=y, color=colour)
    signs = (
        _cells()
        .mark_point(filled=True, size=60 if few else 22, opacity=1)
        .encode(x=x, y=y, color=colour, shape=shape, tooltip=tips)
    )
    made = [_row(label, rows[label], cells, numbers) for label in shown]
    others: list[Row] = [
        {"column": numbers[label], "other": printable(label)} for label in shown
    ]
    step = _ROW_PX if few else _NARROW_ROW_PX
    return drawn(
        [backs, signs], {"cells": made, "others": others}, height_px=step * len(shown)
    )


def _cells() -> "alt.Chart":
    """A row of the table holds a row of the matrix: a tenth of the text."""
    named = alt.LookupData(
        data=alt.NamedData(name="others"), key="column", fields=["other"]
    )
    chart: alt.Chart = (
        table("cells")
        .transform_flatten(["column", "word"])
        .transform_lookup(lookup="column", from_=named)
    )
    return chart


def _row(
    label: str, name: str, cells: Sequence[PairCell], numbers: Mapping[str, str]
) -> Row:
    mine = [one for one in cells if one.row == label]
    return {
        "row": name,
        "label": printable(label),
        "column": [numbers[one.column] for one in mine],
        "word": [
            look_of(one.verdict, is_better=one.row_is_better).word for one in mine
        ],
    }


def _in_words(cells: Sequence[PairCell], shown: Sequence[str]) -> str:
    parts = []
    for label in shown:
        words = Counter(
            look_of(one.verdict, is_better=one.row_is_better).word
            for one in cells
            if one.row == label
        )
        said = ", ".join(f"{word} {count}" for word, count in sorted(words.items()))
        parts.append(f"{printable(label)}: {said or 'no pair'}")
    return "; ".join(parts) + "."
