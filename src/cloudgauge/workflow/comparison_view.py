"""What was compared, as tables: verdicts, caveats, A/A controls at the foot."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cloudgauge.analysis.across import Across
from cloudgauge.analysis.comparison import Comparison
from cloudgauge.analysis.controls import Controls
from cloudgauge.analysis.metric import Metric
from cloudgauge.analysis.sides import endless
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.report.figure import Figure
from cloudgauge.report.html import to_html
from cloudgauge.report.render import to_markdown
from cloudgauge.stats.caveat import Caveat, Weight
from cloudgauge.stats.summary import Estimate
from cloudgauge.workflow.question import Question
from cloudgauge.workflow.standing_notes import (
    beyond_column,
    burst_note,
    controls_note,
    open_end,
    short_names,
    unit_of,
)
from cloudgauge.workflow.told_once import Wording, told_once

_ALL = "all"
_WORDING = Wording(answers=frozenset({"vantage", "verdict", "agreement"}))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Comparisons:
    """Everything that was compared at once; in a notebook it shows itself as tables.

    Attributes:
        rows: One a pair of sides and vantage, corrected for their number.
        together: One a pair over all vantages; none with one vantage.
        across: What the vantages say together; none with one vantage.
        controls: How often A/A controls of the same sets differ.
        is_before_after: Each row is a region in two sets, not two regions in the same.
        weights: Of the vantages, their sum 1.
        left_out: What was asked for and is in no row, a sentence for each reason.
        without_all: Why some pairs have no row over all vantages, a sentence each.
        doubts: About the sets themselves.
        provenance: Where the figures come from, one line a set.
    """

    question: Question
    rows: tuple[Comparison, ...]
    together: tuple[Comparison, ...]
    across: tuple[Across, ...]
    controls: Controls
    is_before_after: bool
    weights: Mapping[str, float] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    without_all: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()

    def document(self) -> Document:
        """As tables, caveats first, A/A controls at the foot."""
        across = (_across_table(self.across),) if self.across else ()
        return Document(
            kind="compare",
            title=_title(self),
            tables=(_table(self), *across),
            notes=tuple(_notes(self)),
            provenance=self.provenance,
        )

    def plot(self) -> Figure:
        """Draw the shifts with their intervals, margins and verdicts.

        Raises:
            MachineError: The extra ``report`` is not installed.
        """
        # It draws what this module holds, so it stands above it.
        from cloudgauge.workflow.plotting import (  # noqa: PLC0415  see above
            plot_comparisons,
        )

        return plot_comparisons(self)

    def __str__(self) -> str:
        return to_markdown(self.document())

    def __repr__(self) -> str:
        return f"<Comparisons: {self.document().title}>"

    def _repr_html_(self) -> str:
        return to_html(told_once(self.document(), _WORDING))


def _title(found: Comparisons) -> str:
    metric = found.question.metric.value
    vantages = len({row.vantage for row in found.rows})
    places = "1 vantage" if vantages == 1 else f"{vantages} vantages"
    what = (
        "after against before"
        if found.is_before_after
        else f"held against {found.rows[0].baseline}"
    )
    burst = ", a burst" if any(row.is_burst for row in found.rows) else ""
    return f"{metric}, {what}, {places}{burst}"


def _table(found: Comparisons) -> Table:
    unit, scale = unit_of(found.question.metric)
    names = short_names(row.candidate for row in found.rows)
    over_all = {_key(one): one for one in found.together}
    last = {_key(row): row for row in found.rows}
    rows: list[tuple[Cell, ...]] = []
    for row in found.rows:
        key = _key(row)
        rows.append(_row(row, row.vantage, names))
        if row is last[key] and key in over_all:
            rows.append(_row(over_all[key], _ALL, names))
    return Table(
        name="comparisons",
        title="",
        columns=(
            Column(name="region", label="region"),
            Column(name="vantage", label="vantage"),
            Column(name="verdict", label="verdict"),
            Column(name=f"shift_{unit}", label="shift", scale=scale),
            Column(name=f"shift_low_{unit}", label="low", scale=scale),
            Column(name=f"shift_high_{unit}", label="high", scale=scale),
            Column(name="shift_share", label="shift", scale=Scale.RATIO),
            Column(name="shift_share_low", label="low", scale=Scale.RATIO),
            Column(name="shift_share_high", label="high", scale=Scale.RATIO),
            Column(name="faster", label="P(better)", scale=Scale.RATIO),
            Column(name="p_adjusted", label="p adj", scale=Scale.PROBABILITY),
            Column(name="rounds", label="rounds", scale=Scale.COUNT),
            *_p50_columns(found.question.metric),
            Column(name=f"margin_{unit}", label="margin", scale=scale),
            Column(name="failures", label="failures"),
            Column(name="series", label="series"),
            Column(name="target", label="target"),
            Column(name="baseline", label="baseline"),
            Column(name="p", label="p alone", scale=Scale.PROBABILITY),
            Column(name="paired", label="paired"),
            Column(name="burst", label="burst"),
        ),
        rows=tuple(rows),
    )


def _key(row: Comparison) -> tuple[str, str, str]:
    return row.baseline, row.candidate, row.series


def _p50_columns(metric: Metric) -> Iterator[Column]:
    """The medians, and what each is beyond where timeouts reach it."""
    unit, scale = unit_of(metric)
    for name, label in (("baseline_p50", "baseline p50"), ("p50", "p50")):
        yield Column(name=f"{name}_{unit}", label=label, scale=scale)
        if not metric.is_rate:
            yield beyond_column(name, label)


def _p50_cells(row: Comparison) -> Iterator[Cell]:
    sides = (row.baseline_p50, row.candidate_p50)
    for estimate, limit in zip(sides, row.limits, strict=True):
        yield _point(estimate)
        if not row.metric.is_rate:
            yield limit if endless(estimate)[0] else None


def _row(row: Comparison, vantage: str, names: Mapping[str, str]) -> tuple[Cell, ...]:
    ends = _ends(row.shift)
    return (
        names[row.candidate],
        vantage,
        row.verdict.value,
        *ends,
        *(None if end is None else row.share(end) for end in ends),
        row.faster,
        row.p_adjusted,
        row.rounds,
        *_p50_cells(row),
        row.margin,
        _failures(row),
        row.series,
        row.candidate,
        row.baseline,
        row.p_value,
        row.is_paired,
        row.is_burst,
    )


def _ends(estimate: Estimate | None) -> tuple[float | None, ...]:
    if estimate is None:
        return (None, None, None)
    ends = (estimate.point, estimate.low, estimate.high)
    return tuple(open_end(end) for end in ends)


def _point(estimate: Estimate | None) -> float | None:
    return None if estimate is None else open_end(estimate.point)


def _failures(row: Comparison) -> str | None:
    sides = (row.failed_baseline, row.failed_candidate)
    if not any(side.failed for side in sides):
        return None
    return " / ".join(f"{side.failed} of {side.made}" for side in sides)


def _across_table(across: Sequence[Across]) -> Table:
    names = short_names(one.candidate for one in across)
    return Table(
        name="vantages",
        title="What holds at every vantage",
        columns=(
            Column(name="region", label="region"),
            Column(name="agreement", label="conclusion"),
            Column(name="better", label="better at"),
            Column(name="worse", label="worse at"),
            Column(name="equivalent", label="equivalent at"),
            Column(name="undecided", label="undecided at"),
            Column(name="series", label="series"),
            Column(name="target", label="target"),
        ),
        rows=tuple(
            (
                names[one.candidate],
                one.agreement.value,
                *(
                    ", ".join(names) or None
                    for names in (one.better, one.worse, one.same, one.undecided)
                ),
                one.series,
                one.candidate,
            )
            for one in across
        ),
    )


def _notes(found: Comparisons) -> Iterator[str]:
    yield from found.doubts
    yield from burst_note(row.is_burst for row in found.rows)
    yield from _caveats((*found.rows, *found.together))
    yield from _differing(found)
    if found.together:
        shares = ", ".join(
            f"{name} {weight:.3g}" for name, weight in found.weights.items()
        )
        yield (
            f'vantage "{_ALL}": the mean over these vantages and no others, weighed '
            f"{shares}"
        )
    yield from found.left_out
    yield from found.without_all
    yield from _how_to_read(found)
    yield controls_note(found.controls)


def _caveats(rows: Sequence[Comparison]) -> Iterator[str]:
    """Each kind of caveat once, with the first that has it, the weightiest first."""
    held: dict[tuple[Weight, str], list[tuple[Comparison, Caveat]]] = {}
    for row in rows:
        for caveat in row.caveats:
            held.setdefault((caveat.weight, caveat.name), []).append((row, caveat))
    for kind in sorted(held, key=lambda kind: -kind[0]):
        those = held[kind]
        row, caveat = those[0]
        if len(those) == len(rows) and len({one.text for _, one in those}) == 1:
            yield caveat.text
            continue
        more = f", and {len(those) - 1} more" if len(those) > 1 else ""
        yield f"{caveat.text} ({row.candidate} from {row.vantage or _ALL}{more})"


def _differing(found: Comparisons) -> Iterator[str]:
    seen: dict[str, list[Comparison]] = {}
    for row in found.rows:
        for text in row.also_differs:
            seen.setdefault(text, []).append(row)
    for text, rows in seen.items():
        which = sorted({row.candidate for row in rows})
        everywhere = len(which) == len({row.candidate for row in found.rows})
        where = "" if everywhere else f" ({', '.join(which)})"
        yield f"also differs: {text}{where}"


def _how_to_read(found: Comparisons) -> Iterator[str]:
    sides = "after minus before" if found.is_before_after else "target minus baseline"
    margin = found.question.margin_used
    unit = found.question.metric.unit
    least = f"{margin.least:g} {unit}" if margin.least else ""
    share = f"{100 * margin.share:g} % of the baseline" if margin.share else ""
    words = " or ".join(word for word in (least, share) if word) or "0"
    yield (
        f"shift: {sides}, Hodges-Lehmann with a 95 % interval; equivalent: surely "
        f"within {words}; differs: surely not 0, after Holm's correction for "
        f"{len(found.rows) + len(found.together)}; undecided: neither is shown"
    )
