"""Quantiles of many result sets as a table, and what to beware of."""

from collections.abc import Iterator, Sequence

from cloudgauge.analysis.engine_ends import QuantileCell
from cloudgauge.analysis.engine_query import MOST_BLOCKS, By, Query, rounds_of
from cloudgauge.analysis.engine_words import clock_of, quantile_cells_of, quantile_name
from cloudgauge.analysis.metric import Metric
from cloudgauge.model.coverage import full_quarters, is_burst
from cloudgauge.report.document import Cell, Column, Document, Scale, Table
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.standing_notes import beyond_column, burst_note, sets_doubts

_INTERVALS = (
    "low and high: 95 % by rounds, so that rounds which depend on one another do not "
    "pass for many, - where too few bound an end; each interval holds by itself, not "
    "all of them at once"
)
_QUANTILES = (
    "quantiles are of all samples of a cell together, interpolated between order "
    "statistics; timeouts are in them, as longer than all else: > says how long was "
    "waited where they reach one; other failures are in none"
)
_ROUGH = (
    "known to 1 %: counted in bins of that width, and intervals reach to the edges of "
    "theirs"
)
_CONTROLS = "the second series of A/A controls are left out; ask by replica to see them"
# A campaign has thousands of sets: who wants them all has load(...).sets.
_NAMED = 20
_LABELS = {By.TARGET: "target", By.HOUR: "hour (UTC)", By.DAY: "day (UTC)"}
_NAMES = {By.TARGET: "target_id", By.RUN: "run_id"}


def quantiles_document(
    query: Query,
    cells: Sequence[QuantileCell],
    sets: Sequence[ResultSet],
    *,
    exact: bool,
) -> Document:
    """Cells as a table, in the order of their keys, caveats first."""
    return Document(
        kind="quantiles",
        title=_title(query, cells, sets),
        tables=(
            Table(
                name="quantiles",
                title="",
                columns=tuple(_columns(query)),
                rows=tuple(_row(cell) for cell in cells),
            ),
        ),
        notes=(
            *sets_doubts(sets),
            *_mixed(query, cells, sets),
            *burst_note(_bursts(sets)),
            *(() if exact else (_ROUGH,)),
            _QUANTILES,
            _INTERVALS,
            *_blocks(sets),
            *((_CONTROLS,) if _has_controls(query, sets) else ()),
        ),
        provenance=tuple(_provenance(sets)),
    )


def _title(
    query: Query, cells: Sequence[QuantileCell], sets: Sequence[ResultSet]
) -> str:
    vantages = {result.manifest.run.vantage.name for result in sets}
    samples = sum(cell.samples for cell in cells)
    by = f" by {', '.join(query.by)}" if query.by else ""
    return (
        f"{query.metric.value}{by}: {_count(len(cells), 'cell')} of {samples:,} "
        f"samples in {_count(len(sets), 'result set')} from "
        f"{_count(len(vantages), 'vantage')}"
    )


def _columns(query: Query) -> Iterator[Column]:
    for one in query.by:
        name = _NAMES.get(one, one.value)
        yield Column(name=name, label=_LABELS.get(one, one.value))
    for share in query.shares:
        name = quantile_name(share)
        for end, label in (("", ""), ("_low", " low"), ("_high", " high")):
            yield _ms(f"{name}{end}", f"{name}{label}")
            yield beyond_column(f"{name}{end}", f"{name}{label}")
    for name, label in (
        ("n", "n"),
        ("timed_out", "timed out"),
        ("failed", "failed"),
        ("visits", "visits"),
        ("samples", "samples"),
        ("syn_retransmitted", "SYN again"),
        ("rounds", "rounds"),
    ):
        yield Column(name=name, label=label, scale=Scale.COUNT)
    yield _ms("min", "min")
    yield Column(name="clock", label="clock")
    for share in query.shares:
        name = quantile_name(share)
        yield Column(name=f"{name}_n_eff", label=f"{name} n eff", scale=Scale.COUNT)


def _row(cell: QuantileCell) -> tuple[Cell, ...]:
    found = [quantile_cells_of(cell, one) for one in cell.quantiles]
    sizes = [None if one[-1] is None else round(one[-1]) for one in found]
    return (
        *cell.key,
        *(figure for one in found for figure in one[:-1]),
        cell.n,
        cell.timed_out,
        cell.failed,
        cell.visits,
        cell.samples,
        cell.resent,
        cell.rounds,
        cell.min_ms,
        clock_of(cell),
        *sizes,
    )


def _ms(name: str, label: str) -> Column:
    return Column(name=f"{name}_ms", label=label, scale=Scale.MILLISECONDS)


def _mixed(
    query: Query, cells: Sequence[QuantileCell], sets: Sequence[ResultSet]
) -> Iterator[str]:
    """What stands together in a cell although it is not compared elsewhere."""
    if By.FAMILY not in query.by:
        families = {one for each in sets for one in each.manifest.plan.probe.families}
        if len(families) > 1:
            yield "IPv4 and IPv6 are in the same cells: ask by family to part them"
    both = sum(clock_of(cell) == "both" for cell in cells)
    if both:
        yield (
            f"{_count(both, 'cell')} with values by the kernel's clock and by the "
            "program's, whose own delays are in them: ask by run to part them"
        )
    if query.metric is Metric.FIRST_BYTE and By.RUN not in query.by:
        warm = {
            each.manifest.plan.probe.warm_requests > 0
            and not each.manifest.run.imported
            for each in sets
        }
        if len(warm) > 1:
            yield (
                "first bytes of warm requests and, where there are none, of first ones "
                "are in the same cells: ask by run to part them"
            )
    if query.metric is not Metric.CONNECT and By.TARGET not in query.by:
        services = {target.endpoint.service for each in sets for target in each.targets}
        if len(services) > 1:
            yield (
                f"{_count(len(services), 'class of service', 'classes of service')} in "
                "the same cells: ask by target to part them"
            )


def _bursts(sets: Sequence[ResultSet]) -> Iterator[bool]:
    """Whether the rounds of each vantage are a burst, by when they were to begin."""
    starts: dict[str, list[int]] = {}
    for result in sets:
        run, pacing = result.manifest.run, result.manifest.plan.pacing
        ended = result.manifest.outcome
        for at in range(rounds_of(result)):
            begins_ns = run.started_wall_ns + at * pacing.round_ns
            if ended is not None and begins_ns > ended.ended_wall_ns:
                break
            starts.setdefault(run.vantage.name, []).append(begins_ns)
    for walls in starts.values():
        yield is_burst(full_quarters(walls))


def _blocks(sets: Sequence[ResultSet]) -> Iterator[str]:
    rounds: dict[str, int] = {}
    for result in sets:
        name = result.manifest.run.vantage.name
        rounds[name] = rounds.get(name, 0) + rounds_of(result)
    if any(many > MOST_BLOCKS for many in rounds.values()):
        yield (
            f"where a vantage has more than {MOST_BLOCKS:,} rounds, several that "
            "follow one another count as one in the intervals"
        )


def _has_controls(query: Query, sets: Sequence[ResultSet]) -> bool:
    return By.REPLICA not in query.by and any(
        each.manifest.plan.controls for each in sets
    )


def _provenance(sets: Sequence[ResultSet]) -> Iterator[str]:
    for result in sets[:_NAMED]:
        run, plan = result.manifest.run, result.manifest.plan
        yield (
            f"{result.folder}: run {run.run_id}, plan {plan.name} {run.plan_hash[:8]}, "
            f"cloudgauge {run.tool_version}"
        )
    if len(sets) > _NAMED:
        yield f"and {_count(len(sets) - _NAMED, 'result set')} more"


def _count(number: int, noun: str, nouns: str = "") -> str:
    if number == 1:
        return f"{number:,} {noun}"
    return f"{number:,} {nouns or noun + 's'}"
