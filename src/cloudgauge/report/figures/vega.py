"""What all pictures are put together with: Altair, labels, rows, arrows, the whole."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cloudgauge.report.escape import printable
from cloudgauge.report.extra import missing_extra
from cloudgauge.report.figure import Spec
from cloudgauge.report.figures.extent import Extent
from cloudgauge.report.themes import provider_marks

try:
    import altair as alt
    from altair.utils.schemapi import debug_mode
except ModuleNotFoundError as exc:
    raise missing_extra(exc) from exc

__all__ = [
    "BETWEEN",
    "MOST_ROWS",
    "TICK_TEXT",
    "Row",
    "Rows",
    "alt",
    "arrows",
    "count_text",
    "drawn",
    "left_out",
    "looks",
    "packed",
    "provider_looks",
    "provider_text",
    "row_axis",
    "shown_labels",
    "table",
    "tooltips",
    "top_legend",
    "unchecked",
    "unpacked",
    "value_axis",
    "value_scale",
]

MOST_ROWS = 40
"""What a screen shows; more is left out, and said."""

BETWEEN = " · "
"""Between a region and the vantage that saw it, in a label."""

TICK_TEXT = "format(datum.value, ',~r')"
"""How a number on an axis is written; the axis' own way turns 10 into 1e+1."""

unchecked = debug_mode(arg=False)
"""Builds what it decorates without a look at the schema for each axis and scale."""

_LONGEST = 31
_LEAST_VANTAGE = 11
_LABEL_PX = 200

Row = Mapping[str, Any]
Rows = Sequence[Row]


def table(name: str) -> "alt.Chart":
    """A chart of one of the tables that `drawn` is given."""
    return alt.Chart(alt.NamedData(name=name))


def drawn(
    layers: Sequence["alt.Chart"],
    tables: Mapping[str, Rows | Row],
    *,
    height_px: float,
    **properties: Any,
) -> Spec:
    """One specification of several layers, as wide as what it is put into.

    It is not checked against the schema of Vega-Lite here, which takes a fifth of a
    second a picture: tests check each kind. The rows are put in afterwards.

    Args:
        layers: Lowest first.
        tables: By the names that the layers use.
        height_px: Of the inside.
        properties: Of the layered chart.
    """
    # Altair's own way to put layers together copies each of them five times over.
    whole = alt.LayerChart().properties(
        width="container",
        height=height_px,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        **properties,
    )
    spec = whole.to_dict(validate=False)
    context = {"top_level": False}
    spec["layer"] = [one.to_dict(validate=False, context=context) for one in layers]
    # Widths and colours are for who shows it to say.
    del spec["config"]
    spec["datasets"] = {**spec.get("datasets", {}), **tables}
    return spec


def shown_labels(labels: Iterable[str]) -> dict[str, str]:
    """What to write on an axis for each label: printable, short, no two alike."""
    shown: dict[str, str] = {}
    taken: set[str] = set()
    for label in dict.fromkeys(labels):
        text = _shortened(printable(label))
        made, number = text, 1
        while made in taken:
            number += 1
            made = f"{text} ({number})"
        taken.add(made)
        shown[label] = made
    return shown


def _shortened(text: str) -> str:
    """Without its middle; of a region and its vantage, both without theirs."""
    if len(text) <= _LONGEST:
        return text
    region, between, vantage = text.rpartition(BETWEEN)
    room = _LONGEST - len(between)
    if not between:
        return _without_middle(text, _LONGEST)
    kept = _without_middle(vantage, max(room - len(region), _LEAST_VANTAGE))
    return f"{_without_middle(region, room - len(kept))}{between}{kept}"


def _without_middle(text: str, most: int) -> str:
    """Both ends: regions of one name differ in their last letters."""
    if len(text) <= most:
        return text
    end = (most - 1) // 2
    return f"{text[: most - 1 - end]}…{text[-end:]}"


def row_axis(labels: Sequence[str]) -> "alt.Y":
    """The rows of a picture, first on top."""
    return alt.Y(
        "row:N",
        title=None,
        scale=alt.Scale(type="band", domain=list(labels), paddingInner=0.15),
        axis=alt.Axis(
            labelLimit=_LABEL_PX,
            # Room for an arrow at the end of the other axis.
            labelPadding=9,
            ticks=False,
            domain=False,
            grid=False,
        ),
    )


def value_axis(field: str, extent: Extent, title: str) -> "alt.X":
    """Numbers from left to right; the title says if the axis is logarithmic."""
    return alt.X(
        f"{field}:Q",
        title=f"{title} (log scale)" if extent.is_log else title,
        scale=value_scale(extent),
        axis=alt.Axis(values=extent.ticks(), labelExpr=TICK_TEXT, labelOverlap=True),
    )


def value_scale(extent: Extent, **properties: Any) -> "alt.Scale":
    """The scale of `value_axis`, for an upright axis and for colours too."""
    return alt.Scale(
        type="log" if extent.is_log else "linear",
        domain=[extent.low, extent.high],
        nice=False,
        zero=False,
        **properties,
    )


def arrows(
    rows: str,
    axes: tuple["alt.X", "alt.X"],
    y: "alt.Y",
    colour: "alt.Color | None" = None,
) -> list["alt.Chart"]:
    """Triangles at the ends of the axis, for rows that are ``beyond`` one of them.

    Args:
        rows: Name of their table.
        axes: Of the lower and the upper end.
        y: The rows.
        colour: None: that of the text.
    """
    low, high = axes
    style = "cg-ink" if colour is None else alt.Undefined
    used = alt.Undefined if colour is None else colour
    sides = (
        ("beyond_low", "triangle-left", low),
        ("beyond_high", "triangle-right", high),
    )
    return [
        table(rows)
        .transform_filter(f"datum.{beyond}")
        .mark_point(shape=shape, filled=True, size=38, opacity=1, style=style)
        .encode(x=x, y=y, color=used)
        for beyond, shape, x in sides
    ]


def top_legend(columns: int = 2, **properties: Any) -> "alt.Legend":
    """A legend above; two columns beside a gutter of labels are what a phone holds."""
    return alt.Legend(
        title=None,
        orient="top",
        direction="horizontal",
        columns=columns,
        symbolOpacity=1,
        **properties,
    )


def packed(rows: Rows) -> Rows:
    """All rows as one with lists, a third of the text; `unpacked` undoes it.

    Args:
        rows: At least one, all with the same fields.
    """
    return [{field: [row[field] for row in rows] for field in rows[0]}]


def unpacked(name: str, rows: Rows) -> "alt.Chart":
    """A chart of a table that was `packed`."""
    chart: alt.Chart = table(name).transform_flatten(list(rows[0]))
    return chart


def looks(
    field: str,
    names: Sequence[str],
    colours: Sequence[str],
    shapes: Sequence[str],
    legend: "alt.Legend | None" = None,
) -> tuple["alt.Color", "alt.Shape"]:
    """A colour and a shape for each name, in one legend."""
    shown = legend or top_legend()
    return (
        alt.Color(
            f"{field}:N",
            scale=alt.Scale(domain=list(names), range=list(colours)),
            legend=shown,
        ),
        alt.Shape(
            f"{field}:N",
            scale=alt.Scale(domain=list(names), range=list(shapes)),
            legend=shown,
        ),
    )


def tooltips(**titles: str) -> list["alt.Tooltip"]:
    """What is said of a mark: fields of its row, by what to call them."""
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def provider_looks(providers: Iterable[str]) -> tuple["alt.Color", "alt.Shape"]:
    """Colour and shape of each provider, in one legend."""
    marks = provider_marks(providers)
    colours, shapes = zip(*marks.values(), strict=True)
    return looks("provider", list(marks), colours, shapes)


def provider_text(provider: str) -> str:
    """As it stands in the legend."""
    return printable(provider)


def left_out(count: int, shown: int, what: str) -> str:
    """Say that not everything is drawn; "" if it is."""
    if count <= shown:
        return ""
    return f" Drawn are the {shown} {what} of {count:,}; the others are in the table."


def count_text(count: int, noun: str) -> str:
    """Such as ``1 region`` or ``24 regions``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
