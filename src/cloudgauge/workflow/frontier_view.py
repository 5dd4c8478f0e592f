"""Latency against cost as a table: the frontier first, no price apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

from cloudgauge.model.quantity import format_byte_count
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.report.html import to_html
from cloudgauge.report.render import to_markdown
from cloudgauge.workflow.choosing_regions_words import quantile_text
from cloudgauge.workflow.costing_lines import plain
from cloudgauge.workflow.standing_notes import open_end

if TYPE_CHECKING:
    from cloudgauge.analysis.frontier_points import Beaten
    from cloudgauge.analysis.metric import Metric
    from cloudgauge.model.price import Money
    from cloudgauge.report.figure import Figure
    from cloudgauge.stats.summary import Estimate
    from cloudgauge.workflow.choosing_regions_prices import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A region with latency and cost.

    Attributes:
        latency: In ms; its interval holds for all regions at once.
        month: What it costs.
        per_gigabyte: 10^9 bytes to the Internet, on the mean over the workload's
            volume; None without such traffic.
        per_million_requests: Of the size that `Frontier.answer_bytes` says.
        rate: Of downloads from there, in Mbit/s; None where none was measured.
    """

    region_id: str
    latency: Estimate
    month: Month
    per_gigabyte: Money | None
    per_million_requests: Money | None
    rate: Estimate | None
    beaten: Beaten


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """A region that is held against no other, and why."""

    region_id: str
    latency: Estimate | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Frontier:
    """Latency against cost; in a notebook it shows itself as tables.

    Attributes:
        points: Those on the frontier first, fastest first.
        apart: Without a price, or without a latency.
        weights: Of the vantages, their sum 1.
        answer_bytes: How large each of a million answers is.
    """

    metric: Metric
    quantile: float
    workload: str
    currency: str
    weights: dict[str, float]
    answer_bytes: int
    points: tuple[Point, ...]
    apart: tuple[Apart, ...] = ()
    doubts: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """Ids of those that nothing beats, fastest first."""
        return tuple(one.region_id for one in self.points if one.beaten.is_on_frontier)

    def document(self) -> Document:
        """As tables: the frontier and what it beats, then what has no price."""
        apart = _apart(self)
        return Document(
            kind="frontier",
            title=_title(self),
            tables=(_table(self), *((apart,) if apart.rows else ())),
            notes=(*self.doubts, *_notes(self)),
            provenance=self.provenance,
        )

    def plot(self) -> Figure:
        """Draw latency against cost, with intervals and the frontier.

        Raises:
            MachineError: The extra ``report`` is not installed.
        """
        # It draws what this module holds, so it stands above it.
        from cloudgauge.workflow.frontier_plot import plot_frontier  # noqa: PLC0415  see above

        return plot_frontier(self)

    def __str__(self) -> str:
        return to_markdown(self.document())

    def __repr__(self) -> str:
        return f"<Frontier: {_title(self)}>"

    def _repr_html_(self) -> str:
        return to_html(self.document())


def _title(found: Frontier) -> str:
    what = f"{found.metric.value} {quantile_text(found.quantile)}"
    count = len(found.points)
    noun = "region" if count == 1 else "regions"
    return (
        f"{len(found.regions)} of {count} {noun} are beaten by none in {what} and the "
        f"cost of {found.workload}"
    )


def _table(found: Frontier) -> Table:
    name = quantile_text(found.quantile)
    key = name.replace(".", "_")
    ms, money, rate = Scale.MILLISECONDS, Scale.MONEY, Scale.MEGABITS_PER_S
    has_rate = any(one.rate for one in found.points)
    columns = (
        Column(name="region", label="region"),
        Column(name="on_frontier", label="unbeaten"),
        Column(name=f"{key}_ms", label=name, scale=ms),
        Column(name=f"{key}_low_ms", label="low", scale=ms),
        Column(name=f"{key}_high_ms", label="high", scale=ms),
        Column(name="cost_a_month", label="a month", scale=money),
        Column(name="currency", label="currency"),
        Column(name="beaten_by", label="beaten by"),
        Column(name="surely_by", label="beyond noise by"),
        Column(name="per_gb", label="a GB", scale=money),
        Column(name="per_million_requests", label="1M requests", scale=money),
        Column(name="rate_mbit_per_s", label="rate", scale=rate),
        Column(name="rate_low_mbit_per_s", label="rate low", scale=rate),
        Column(name="rate_high_mbit_per_s", label="rate high", scale=rate),
        Column(name="priced", label="prices of"),
    )
    # Where nothing was downloaded there is no column of rates.
    kept = [has_rate or "rate" not in column.name for column in columns]
    return Table(
        name="frontier",
        title="",
        columns=tuple(compress(columns, kept)),
        rows=tuple(tuple(compress(_row(one), kept)) for one in found.points),
    )


def _row(one: Point) -> tuple[Cell, ...]:
    each, million = one.per_gigabyte, one.per_million_requests
    return (
        one.region_id,
        one.beaten.is_on_frontier,
        *_ends(one.latency),
        plain(one.month.all.amount),
        one.month.all.currency,
        _first(one.beaten.by),
        _first(one.beaten.surely_by),
        plain(each.amount) if each else None,
        plain(million.amount) if million else None,
        *_ends(one.rate),
        one.month.dated or None,
    )


def _first(names: tuple[str, ...]) -> str | None:
    if not names:
        return None
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more}"


def _ends(estimate: Estimate | None) -> tuple[float | None, ...]:
    if estimate is None:
        return (None, None, None)
    ends = (estimate.point, estimate.low, estimate.high)
    return tuple(open_end(end) for end in ends)


def _apart(found: Frontier) -> Table:
    name = quantile_text(found.quantile)
    key = name.replace(".", "_")
    return Table(
        name="held_against_none",
        title="no price, or no latency: held against none",
        columns=(
            Column(name="region", label="region"),
            Column(name=f"{key}_ms", label=name, scale=Scale.MILLISECONDS),
            Column(name=f"{key}_low_ms", label="low", scale=Scale.MILLISECONDS),
            Column(name=f"{key}_high_ms", label="high", scale=Scale.MILLISECONDS),
            Column(name="why", label="why"),
        ),
        rows=tuple(
            (one.region_id, *_ends(one.latency), one.why) for one in found.apart
        ),
    )


def _notes(found: Frontier) -> Iterator[str]:
    open_to_doubt = [
        one.region_id
        for one in found.points
        if one.beaten.by and not one.beaten.surely_by
    ]
    if open_to_doubt:
        yield (
            f"beaten only within the noise: {', '.join(open_to_doubt[:5])}"
            f"{f' and {len(open_to_doubt) - 5} more' if len(open_to_doubt) > 5 else ''}"
        )
    yield (
        "beaten by: at most as slow and at most as dear, and better in one of the two; "
        "beyond noise: its interval ends below where this one begins, for all regions "
        "at once with 95 %"
    )
    if len(found.weights) > 1:
        shares = ", ".join(f"{name} {w:.3g}" for name, w in found.weights.items())
        yield f"latency: the mean over these vantages and no others, weighed {shares}"
    if any(one.rate for one in found.points):
        yield "rate: the settled rate of downloads, the median of all of them"
    if any(one.per_gigabyte for one in found.points):
        yield (
            f"a GB (10^9 bytes) to the Internet on the mean of {found.workload}'s "
            f"volume; 1M requests: a million answers of "
            f"{format_byte_count(found.answer_bytes)} each"
        )
