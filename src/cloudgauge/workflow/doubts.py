"""What a reader of a result set must not miss, as sentences."""

from collections.abc import Iterator, Sequence

from cloudgauge.analysis.series import WordCount
from cloudgauge.analysis.summary import SeriesSummary
from cloudgauge.model.run import RunInfo, RunOutcome
from cloudgauge.model.sample import ClockKind
from cloudgauge.store.resultset import ResultSet

_NAMED = 3


def doubts_of(result: ResultSet, series: Sequence[SeriesSummary]) -> tuple[str, ...]:
    """Doubts about a set, the weightiest first."""
    run = result.manifest.run
    return (
        *_of_network(run),
        *ending_doubts(result.manifest.outcome),
        *_of_coverage(result, series),
        *_of_clocks(series),
        *_of_path(series),
    )


def ending_doubts(outcome: RunOutcome | None) -> Iterator[str]:
    """Say that, and why, a run did not go to its end."""
    if outcome is None:
        yield "still being measured: this is what it has so far"
    elif not outcome.complete:
        detail = f" ({outcome.detail})" if outcome.detail else ""
        yield f"incomplete: {outcome.stop_reason.value}{detail}"


def words_text(words: Sequence[WordCount]) -> str:
    """Counts of words as people read them: ``reset 3, refused 1``."""
    return ", ".join(f"{item.word} {item.count}" for item in words)


def _of_network(run: RunInfo) -> Iterator[str]:
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


def _of_coverage(result: ResultSet, series: Sequence[SeriesSummary]) -> Iterator[str]:
    plan = result.manifest.plan
    missing = plan.series_count - len(series)
    if missing:
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


def _of_path(series: Sequence[SeriesSummary]) -> Iterator[str]:
    resent = sum(item.syn_retransmitted for item in series)
    if resent:
        visits = sum(item.visits for item in series)
        yield (
            f"{resent:,} of {visits:,} visits had to send their SYN again: they are "
            "not in the connect figures"
        )


def _named(ids: Sequence[str]) -> str:
    if not ids:
        return ""
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f": {', '.join(ids[:_NAMED])}{more}"
