"""What a reader of a result set must not miss, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cloudgauge.analysis.series import WordCount
from cloudgauge.analysis.summary import SeriesSummary
from cloudgauge.analysis.throughput import TransferSummary
from cloudgauge.model.quantity import NS_PER_S
from cloudgauge.model.run import Decision, Imported, RunInfo, RunOutcome, StopReason
from cloudgauge.model.sample import ClockKind
from cloudgauge.stats.caveat import Caveat
from cloudgauge.store.resultset import ResultSet
from cloudgauge.workflow.looks import conclusion

if TYPE_CHECKING:
    # It loads scipy, which who only opens sets has no use for.
    from cloudgauge.workflow.set_figures import SetFigures

_NAMED = 3
_TO_THE_END = (StopReason.DECIDED, StopReason.FINISHED)
_FEW_TESTS = 3


def doubts_of(figures: SetFigures) -> tuple[str, ...]:
    """Doubts about a set, the weightiest first."""
    manifest = figures.result.manifest
    return (
        *network_doubts(manifest.run),
        *part_notes(manifest.run),
        *ending_doubts(manifest.outcome),
        *_of_coverage(figures.result, figures.series),
        *_of_transfers(figures),
        *(caveat.text for caveat in figures.credibility),
        *_of_clocks(figures.series),
        *_of_rates(figures.transfers),
    )


def part_notes(run: RunInfo) -> Iterator[str]:
    """Say that a set is a part of a longer run, and which."""
    part = run.part
    if part is None:
        return
    last = part.first_round + part.rounds
    rounds = (
        f"round {last}"
        if part.rounds == 1
        else (f"rounds {part.first_round + 1} to {last}")
    )
    what = f"what earlier parts lack of {rounds}" if part.is_rest else rounds
    yield f"part {part.number + 1} of campaign {part.campaign[:8]}: {what}"


def ending_doubts(outcome: RunOutcome | None) -> Iterator[str]:
    """Say that, and why, a run did not go to its end."""
    if outcome is None:
        yield "still being measured: this is what it has so far"
    elif outcome.decision is not None and outcome.stop_reason in _TO_THE_END:
        yield from _of_decision(outcome, outcome.decision)
    elif not outcome.complete:
        detail = f" ({outcome.detail})" if outcome.detail else ""
        yield f"incomplete: {outcome.stop_reason.value}{detail}"


def _of_decision(outcome: RunOutcome, decision: Decision) -> Iterator[str]:
    left = [one.target_id for one in decision.departures]
    when = "a snapshot: " if decision.snapshot else ""
    yield (
        f"measured until decided, {when}{len(left)} series were shown to be worse than "
        f"the best and left, {outcome.skipped:,} slots were skipped, at "
        f"{decision.looks:,} looks{_named(left)}"
    )
    yield from conclusion(decision)
    if left:
        yield (
            "of what left, the rounds are those in which it looked worse: that it is "
            "worse is sure, by how much is less so than its interval says"
        )


def words_text(words: Sequence[WordCount]) -> str:
    """Counts of words as people read them: ``reset 3, refused 1``."""
    return ", ".join(f"{item.word} {item.count}" for item in words)


def network_doubts(run: RunInfo) -> Iterator[str]:
    """Say whose measurement of which network it is, if not ours of the real one."""
    if run.imported is not None:
        yield from _of_import(run.imported)
    if run.simulation is not None:
        limits = f"; {run.simulation.limits}" if run.simulation.limits else ""
        yield (
            f"simulated network ({run.simulation.means}, scenario "
            f"{run.simulation.scenario}): says nothing of the real regions{limits}"
        )
    if run.hosts_file:
        yield "names were pointed at addresses of the user's own"
    if run.private_allowed:
        yield "private addresses were allowed as targets"
    yield from redaction_doubts(run)


def redaction_doubts(run: RunInfo) -> Iterator[str]:
    """Say that a set is a copy for sharing, and what was taken out of it."""
    made = run.redacted
    if made is not None:
        at = datetime.fromtimestamp(made.redacted_wall_ns // NS_PER_S, tz=UTC)
        yield (
            f"redacted: a copy for sharing, made {at:%Y-%m-%d} by cloudgauge "
            f"{made.tool_version}; taken out or made coarser: {', '.join(made.fields)}"
        )


def _of_import(imported: Imported) -> Iterator[str]:
    yield (
        f"imported: {imported.measured}, as {imported.source or 'a frame'} has it; "
        "cloudgauge did not measure it"
    )
    if not imported.rounds_given:
        yield (
            "unpaired: the source names no rounds, so values of two targets were not "
            "taken side by side"
        )
    yield "no schedule: when each value was due is not known, so there is no lateness"
    yield (
        "paths: by which addresses and ports they went is not known, so all values of "
        "a target may be of one path; others can differ by more than an interval says"
    )


def _of_coverage(result: ResultSet, series: Sequence[SeriesSummary]) -> Iterator[str]:
    plan, part = result.manifest.plan, result.manifest.run.part
    missing = plan.series_count - len(series)
    # What a part makes up for need not be of every series.
    if missing and not (part is not None and part.is_rest):
        seen = {item.target_id for item in series}
        unseen = [t.target_id for t in plan.targets if t.target_id not in seen]
        yield f"{missing} of {plan.series_count} series have no sample{_named(unseen)}"
    silent = [item.target_id for item in series if not item.answered]
    if silent:
        yield f"{len(silent)} of {len(series)} series never answered{_named(silent)}"


def _of_clocks(series: Sequence[SeriesSummary]) -> Iterator[str]:
    counts = {kind.value: 0 for kind in ClockKind}
    for item in series:
        for clock in item.clocks:
            counts[clock.word] += clock.count
    total = sum(counts.values())
    if counts[ClockKind.USER]:
        yield (
            f"{counts[ClockKind.USER]:,} of {total:,} first-byte times were read by "
            "the program: the event loop's queue is in them"
        )
    if counts[ClockKind.KERNEL_BOUND]:
        yield (
            f"{counts[ClockKind.KERNEL_BOUND]:,} of {total:,} first-byte times are "
            "upper bounds"
        )
    steps = sum(item.wall_stepped for item in series)
    if steps:
        yield f"the wall clock stepped during {steps:,} exchanges"


def _of_transfers(figures: SetFigures) -> Iterator[str]:
    """Say which transfers that were planned are not in the set."""
    manifest = figures.result.manifest
    plan, part = manifest.plan, manifest.run.part
    if part is not None and part.is_rest:
        return
    planned = plan.transfers_per_round * manifest.planned_rounds
    tests = sum(item.tests for item in figures.transfers)
    if tests < planned:
        seen = {item.target_id for item in figures.transfers}
        unseen = [t.target_id for t in plan.objects if t.target_id not in seen]
        yield f"{planned - tests} of {planned} transfers have no sample{_named(unseen)}"


def _of_rates(transfers: Sequence[TransferSummary]) -> Iterator[str]:
    """Each kind of caveat of rates once, with the first that has it."""
    found: dict[str, list[tuple[TransferSummary, Caveat]]] = {}
    for item in transfers:
        for caveat in item.caveats:
            found.setdefault(caveat.name, []).append((item, caveat))
    for held in sorted(found.values(), key=lambda held: -held[0][1].weight):
        item, caveat = held[0]
        more = f" (and {len(held) - 1} more)" if len(held) > 1 else ""
        streams = "1 stream" if item.streams == 1 else f"{item.streams} streams"
        yield (f"{caveat.name}: {item.target_id} over {streams}{more}: {caveat.text}")
    few = sum(0 < item.settled < _FEW_TESTS for item in transfers)
    if few:
        yield (
            f"{few} of {len(transfers)} rates are of one or two tests: of single tests "
            "between the same two places, days apart, a third differ by more than 20 %"
        )


def _named(ids: Sequence[str]) -> str:
    if not ids:
        return ""
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f": {', '.join(ids[:_NAMED])}{more}"
